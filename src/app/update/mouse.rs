//! What the mouse does to the model: the wheel moves, a click shows a view or goes to what the view has there.
//!
//! The places in a report come from the terminal and may be anywhere; one where nothing is means nothing.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::travel::travel;
use super::view;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::{layout, tabs};
use crate::keys::Mode;
use crate::keys::Motion;

/// Rows or lines of one notch of the wheel.
const NOTCH: u16 = 3;

pub(super) fn take_mouse(model: &mut Model, mouse: MouseEvent) -> Vec<Effect> {
    // With a modifier held it is the terminal's business, or nobody's.
    if !mouse.modifiers.is_empty() {
        return vec![];
    }
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(model, Motion::Up),
        MouseEventKind::ScrollDown => wheel(model, Motion::Down),
        MouseEventKind::Down(MouseButton::Left) => click(model, (mouse.column, mouse.row).into()),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => vec![],
    }
}

fn wheel(model: &mut Model, motion: Motion) -> Vec<Effect> {
    match model.mode() {
        Mode::Table | Mode::Overview | Mode::Health | Mode::Help => {
            let notch = (0..NOTCH).flat_map(|_| travel(model, motion));
            notch.last().into_iter().collect()
        }
        Mode::Sort => travel(model, motion),
        // The keys go to the next pod; the wheel stays with this one.
        Mode::Detail => {
            let to = match motion {
                Motion::Up => model.scroll.saturating_sub(NOTCH),
                _ => model.scroll.saturating_add(NOTCH),
            };
            model.scroll = to.min((model.last_scroll)(model));
            vec![]
        }
        Mode::Filter | Mode::Command | Mode::Export | Mode::Confirm => vec![],
    }
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(areas) = layout::areas(model.size) else {
        return vec![];
    };
    let view = model.focus.view();
    if model.mode() != view.mode() && model.mode() != Mode::Detail {
        return vec![];
    }
    if areas.bar.contains(at) {
        let clicked = tabs::of(model, areas.bar)
            .into_iter()
            .find(|tab| tab.place.contains(at));
        if let Some(tab) = clicked {
            model.focus.show(tab.view);
        }
        return vec![];
    }
    if model.mode() == Mode::Detail {
        return vec![];
    }
    view::of(view).click(model, at, &areas)
}
