//! What the mouse can be used on, of the whole screen: each part lists its own areas.

use super::{footer, overlays::menu, pods::table};
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::{Model, layout};
use crate::keys::Mode;

/// The areas in the order in which they are drawn: what lies over another one comes later. To add some, a part has a
/// function `hotspots` beside its `render`, made from the same places, and a line here.
pub fn hotspots(model: &Model) -> Vec<Hotspot> {
    let Some(areas) = layout::areas(model.size) else {
        return vec![];
    };
    let mut spots = Vec::new();
    if model.shows(Mode::Table) {
        spots.extend(table::hotspots(model, areas.table));
    }
    // What is open has the mouse for itself: a click beside it does not reach the view.
    if model.mode() != Mode::Table {
        spots.push(Hotspot::new(areas.body, ClickTarget::Cover));
    }
    if model.mode() == Mode::Sort {
        spots.extend(menu::hotspots(model, areas.body));
    }
    spots.extend(footer::hotspots(model, areas.footer));
    spots
}
