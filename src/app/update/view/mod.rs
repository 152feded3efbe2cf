//! The effects of keys, the mouse, the time and a new size on each view: one implementation per view, in one
//! list.
//!
//! [`keys`](super::keys) handles what means the same in every view; the view is asked first. Must not:
//! distinguish views by their kind outside of [`of`].

mod changes;
mod health;
mod overview;
mod pods;

use std::ops::Range;

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::scroll::ScrolledRows;
use crate::keys::{Action, Motion, ViewKind};

/// The effects on one view.
pub(super) trait ViewUpdate {
    /// Handles an action with a meaning of its own in this view; `None` if the action means the same
    /// everywhere. The view is asked whatever overlays it has.
    fn act(&self, _model: &mut Model, _action: Action) -> Option<Vec<Effect>> {
        None
    }

    /// Takes the text of the prompt while it is typed, if the view has its own filter; `None` if the filter
    /// is the one of the pods.
    fn typed(&self, _model: &mut Model) -> Option<Vec<Effect>> {
        None
    }

    /// Moves the cursor, or the text.
    fn travel(&self, _model: &mut Model, _motion: Motion) -> Vec<Effect> {
        vec![]
    }

    /// Which part of its list is on the screen; `None` where that is all, or where it has none.
    fn scrolled(&self, _model: &Model) -> Option<ScrolledRows> {
        None
    }

    /// Puts this row of its list first on the screen, where its scroll bar was dragged to. The cursor comes along.
    fn scroll_to(&self, _model: &mut Model, _top: usize) -> Vec<Effect> {
        vec![]
    }

    /// The first of these rows of its list that its scroll bar marks.
    fn marked(&self, _model: &Model, _rows: Range<usize>) -> Option<usize> {
        None
    }

    /// Selects a row of its list after a click. The view's `hotspots` know the places of the rows.
    fn select(&self, _model: &mut Model, _row: usize) -> Vec<Effect> {
        vec![]
    }

    /// Handles Esc if the view has no overlay: it returns to the pods.
    fn back(&self, model: &mut Model) -> Vec<Effect> {
        model.focus.close();
        vec![]
    }

    /// Takes a new size, which is in the model.
    fn resize(&self, _model: &mut Model) {}

    /// The number of orders in its menu.
    fn sort_choices(&self) -> usize {
        0
    }

    /// Takes the time of day, which is in the model.
    fn tick(&self, _model: &mut Model) -> Vec<Effect> {
        vec![]
    }
}

/// The view of this kind.
pub(super) fn of(view: ViewKind) -> &'static dyn ViewUpdate {
    match view {
        ViewKind::Pods => &pods::PodsUpdate,
        ViewKind::Overview => &overview::OverviewUpdate,
        ViewKind::Changes => &changes::ChangesUpdate,
        ViewKind::Health => &health::HealthUpdate,
    }
}

/// Removes one restriction of the list, or the notice in the last line; `None` if there is nothing to remove. What was told by
/// itself may not have been read yet, so it goes alone; the answer to an earlier key goes with the restriction.
fn cleared(model: &mut Model) -> Option<Vec<Effect>> {
    let notice = model.notice.take();
    if notice.as_ref().is_some_and(|notice| !notice.is_answer) {
        return Some(vec![]);
    }
    if !model.filter_text.is_empty() {
        model.clear_filter();
        return Some(vec![Effect::View]);
    }
    if model.request.problems {
        model.request.problems = false;
        return Some(vec![Effect::View]);
    }
    notice.map(|_| vec![])
}
