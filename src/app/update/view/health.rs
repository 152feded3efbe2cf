//! The view of the health: a list of the last calls with a cursor.

use super::ViewUpdate;
use crate::app::effect::Effect;
use crate::app::health_view::HealthAreas;
use crate::app::model::Model;
use crate::app::scroll::ScrolledRows;
use crate::app::update::travel::stepped;
use crate::keys::{Action, Motion};

/// The view [`ViewKind::Health`](crate::keys::ViewKind::Health).
pub(super) struct HealthUpdate;

impl ViewUpdate for HealthUpdate {
    fn act(&self, model: &mut Model, action: Action) -> Option<Vec<Effect>> {
        match action {
            Action::CopyRequestId => Some(model.copy_request_id()),
            _ => None,
        }
    }

    fn travel(&self, model: &mut Model, motion: Motion) -> Vec<Effect> {
        let screen = model
            .areas()
            .map_or(1, |areas| HealthAreas::of(areas.body).rows());
        let place = stepped(model.call_cursor(), motion, model.calls().len(), screen.max(1));
        self.select(model, place)
    }

    fn scrolled(&self, model: &Model) -> Option<ScrolledRows> {
        model.scrolled_calls()
    }

    fn scroll_to(&self, model: &mut Model, top: usize) -> Vec<Effect> {
        model.scroll_calls(top);
        vec![]
    }

    fn select(&self, model: &mut Model, row: usize) -> Vec<Effect> {
        model.select_call(row);
        vec![]
    }
}
