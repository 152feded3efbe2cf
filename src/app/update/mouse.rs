//! What the mouse does to the model: the wheel moves, a click selects a row.
//!
//! The places in a report come from the terminal and may be anywhere; one that is not on a row means nothing.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::lacking;
use super::travel::travel;
use crate::app::effect::Effect;
use crate::app::layout;
use crate::app::model::Model;
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
        Mode::Table | Mode::Help => (0..NOTCH).for_each(|_| travel(model, motion)),
        Mode::Sort | Mode::Themes => travel(model, motion),
        // The keys go to the next pod; the wheel stays with this one.
        Mode::Detail => {
            let to = match motion {
                Motion::Up => model.scroll.saturating_sub(NOTCH),
                _ => model.scroll.saturating_add(NOTCH),
            };
            model.scroll = to.min((model.last_scroll)(model));
        }
        Mode::Filter | Mode::Command | Mode::Export | Mode::Health | Mode::Confirm => return vec![],
    }
    lacking(model)
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(areas) = layout::areas(model.size).filter(|_| model.mode() == Mode::Table) else {
        return vec![];
    };
    // The first line is the heading.
    let rows = Rect {
        y: areas.table.y.saturating_add(1),
        height: areas.table.height.saturating_sub(1),
        ..areas.table
    };
    let row = model.top + usize::from(at.y.saturating_sub(rows.y));
    if !rows.contains(at) || row >= model.view.len() {
        return vec![];
    }
    model.select(row);
    lacking(model)
}
