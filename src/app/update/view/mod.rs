//! The effects of keys, the mouse, the time and a new size on each view: one implementation per view, in one
//! list.
//!
//! [`keys`](super::keys) handles what means the same in every view; the view is asked first. Must not:
//! distinguish views by their kind outside of [`of`].

mod changes;
mod health;
mod overview;
mod pods;

use crate::app::effect::Effect;
use crate::app::model::Model;
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

    /// The number of rows in its list.
    fn rows(&self, _model: &Model) -> usize {
        0
    }

    /// Selects a row of its list after a click or a drag of the scroll bar. The view's `hotspots` know the
    /// places of the rows.
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

/// Removes one restriction of the list, or the notice in the last line; `None` if there is nothing to remove.
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
