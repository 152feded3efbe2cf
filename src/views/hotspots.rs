//! What the mouse can be used on, of the whole screen: each part lists its own areas.

use super::footer;
use super::overlays::{columns, menu, row_menu, themes};
use super::room;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::{Model, tabs};
use crate::keys::{Action, Mode};

/// The areas in the order in which they are drawn: what lies over another one comes later. To add some, a part has a
/// function `hotspots` beside its `render`, made from the same places: a view names it in its room ([`super::room`]), an overlay
/// has a line here.
pub fn hotspots(model: &Model) -> Vec<Hotspot> {
    let Some(areas) = model.areas() else {
        return vec![];
    };
    let view = model.focus.view();
    let mut spots = (room::of(view).hotspots)(model, &areas);
    // What is open has the mouse for itself: a click beside it does not reach the view.
    if model.mode() != view.mode() {
        spots.push(Hotspot::new(areas.body, ClickTarget::Cover));
    }
    if [view.mode(), Mode::Detail].contains(&model.mode()) {
        let tabs = tabs::of(model, areas.bar).into_iter();
        spots.extend(tabs.map(|tab| Hotspot::new(tab.place, ClickTarget::Do(Action::Show(tab.view)))));
    }
    if model.mode() == Mode::Sort {
        spots.extend(menu::hotspots(model, areas.body));
    }
    if model.mode() == Mode::RowMenu {
        spots.extend(row_menu::hotspots(model, areas.body));
    }
    if model.mode() == Mode::Themes {
        spots.extend(themes::hotspots(model, areas.body));
    }
    if model.mode() == Mode::Columns {
        spots.extend(columns::hotspots(model, areas.body));
    }
    spots.extend(footer::hotspots(model, areas.footer));
    spots
}
