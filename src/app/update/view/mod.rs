//! What each view does with a key, the mouse, the time and a new size: one implementation a view, one list of them.
//!
//! What means the same in every view is done by [`keys`](super::keys); a view is asked first. Must not: know a view by its kind
//! anywhere but in [`of`].

mod changes;
mod health;
mod overview;
mod pods;

use std::ops::Range;

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::scroll::ScrolledRows;
use crate::keys::{Action, Motion, ViewKind};

/// What a view does of its own.
pub(super) trait ViewUpdate {
    /// Does what `action` means in this view alone; `None` where it means the same everywhere. The view is asked whatever lies on
    /// it.
    fn act(&self, _model: &mut Model, _action: Action) -> Option<Vec<Effect>> {
        None
    }

    /// Takes the text of the prompt as it is typed, where the view has a filter of its own; `None` where the filter is that of
    /// the pods.
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

    /// Selects a row of its list, where it was clicked on. Which rows are where is said by the view's `hotspots`.
    fn select(&self, _model: &mut Model, _row: usize) -> Vec<Effect> {
        vec![]
    }

    /// Does what Esc means where nothing lies on the view: it leads back to the pods.
    fn back(&self, model: &mut Model) -> Vec<Effect> {
        model.focus.close();
        vec![]
    }

    /// Takes a new size, which is in the model.
    fn resize(&self, _model: &mut Model) {}

    /// How many orders its menu has.
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

/// Takes away what restricts the list or covers the last line, one thing at a time; `None` where nothing is to be taken away.
fn cleared(model: &mut Model) -> Option<Vec<Effect>> {
    if model.notice.take().is_some() {
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
    None
}
