//! The areas of the whole screen that react to the mouse: each part lists its own.

use super::footer;
use super::overlays::{alerts, columns, menu, mute, row_menu, saved_views, themes};
use super::room;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::{Model, tabs};
use crate::keys::{Action, Mode};

/// The areas in the order of drawing: one on top of another comes later. To add some, a part has a function
/// `hotspots` next to its `render`, made from the same places: a view names it in its room ([`super::room`]),
/// an overlay has a line here.
pub fn hotspots(model: &Model) -> Vec<Hotspot> {
    let Some(areas) = model.areas() else {
        return vec![];
    };
    let view = model.focus.view();
    let mut spots = (room::of(view).hotspots)(model, &areas);
    // An open overlay has the mouse to itself: a click beside it does not reach the view.
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
    if model.mode() == Mode::Views {
        spots.extend(saved_views::hotspots(model, areas.body));
    }
    if model.mode() == Mode::Alerts {
        spots.extend(alerts::hotspots(model, areas.body));
    }
    if model.mode() == Mode::Mute {
        spots.extend(mute::hotspots(model, areas.body));
    }
    if model.mode() == Mode::Columns {
        spots.extend(columns::hotspots(model, areas.body));
    }
    if let Some(area) = areas.alerts {
        spots.extend(footer::alert_hotspots(model, area));
    }
    spots.extend(footer::hotspots(model, areas.footer));
    spots
}
