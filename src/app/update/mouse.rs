//! The effects of the mouse: the wheel moves, and a click has the meaning of its area.
//!
//! The places in a report come from the terminal and may be anywhere; a click on nothing does nothing.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::keys::act;
use super::travel::travel;
use super::view;
use crate::app::effect::Effect;
use crate::app::hotspots::{ClickTarget, Hotspot, hit};
use crate::app::model::Model;
use crate::keys::Mode;
use crate::keys::Motion;
use crate::keys::{Action, ColumnEdit};

/// Rows or lines of one notch of the wheel.
const NOTCH: u16 = 3;

pub(super) fn take_mouse(model: &mut Model, mouse: MouseEvent) -> Vec<Effect> {
    // With a modifier it belongs to the terminal or has no meaning.
    if !mouse.modifiers.is_empty() || !model.pointer.is_on {
        return vec![];
    }
    let at = Position::new(mouse.column, mouse.row);
    match mouse.kind {
        MouseEventKind::ScrollUp => wheel(model, Motion::Up),
        MouseEventKind::ScrollDown => wheel(model, Motion::Down),
        MouseEventKind::Down(MouseButton::Left) => click(model, at),
        MouseEventKind::Down(MouseButton::Right) => right_click(model, at),
        MouseEventKind::Drag(MouseButton::Left) => drag(model, at),
        MouseEventKind::Up(_) => {
            model.pointer.release();
            vec![]
        }
        MouseEventKind::Down(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => vec![],
    }
}

fn wheel(model: &mut Model, motion: Motion) -> Vec<Effect> {
    match model.mode() {
        Mode::Table | Mode::Overview | Mode::Health | Mode::Changes | Mode::Help | Mode::Compare => {
            let notch = (0..NOTCH).flat_map(|_| travel(model, motion));
            notch.last().into_iter().collect()
        }
        Mode::Sort | Mode::Columns | Mode::Themes | Mode::RowMenu | Mode::Views => travel(model, motion),
        // The keys go to the next pod; the wheel stays with this one.
        Mode::Detail => {
            let (from, last) = (model.detail.scroll, (model.last_scroll)(model));
            let to = match motion {
                Motion::Up => from.min(last).saturating_sub(NOTCH),
                _ => from.saturating_add(NOTCH),
            };
            model.detail.scroll = to.min(last);
            vec![]
        }
        Mode::Filter | Mode::Command | Mode::HelpSearch | Mode::Export | Mode::Confirm | Mode::Mute => vec![],
    }
}

/// The target at this place of the screen.
fn spot(model: &Model, at: Position) -> Option<Hotspot> {
    hit(&(model.hotspots)(model), at)
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(Hotspot { area, target }) = spot(model, at) else {
        model.pointer.forget();
        return vec![];
    };
    match target {
        ClickTarget::Do(action) => act(model, action),
        ClickTarget::Row(row) => {
            let is_second = model.pointer.click(model.beat, at);
            let effects = view::of(model.focus.view()).select(model, row);
            if is_second {
                return act(model, Action::OpenDetail);
            }
            effects
        }
        ClickTarget::Choice(choice) => {
            if model.mode() == Mode::Columns {
                model.columns.chooser.go(choice);
                return act(model, Action::Column(ColumnEdit::Toggle));
            }
            match model.mode() {
                Mode::RowMenu => model.row_menu.choice = choice,
                Mode::Views => model.saved_views.choice = choice,
                _ => model.sort_choice = choice,
            }
            act(model, Action::Choose)
        }
        ClickTarget::ScrollBar => {
            model.pointer.grab(area);
            drag(model, at)
        }
        ClickTarget::Cover => vec![],
    }
}

/// Opens the menu of the pod under the pointer.
fn right_click(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(ClickTarget::Row(row)) = spot(model, at).map(|spot| spot.target) else {
        return vec![];
    };
    let mut effects = view::of(model.focus.view()).select(model, row);
    effects.extend(act(model, Action::OpenRowMenu));
    effects
}

/// Scrolls to where the held scroll bar is dragged; the pointer may leave the bar meanwhile.
fn drag(model: &mut Model, at: Position) -> Vec<Effect> {
    let Some(bar) = model.pointer.held() else {
        return vec![];
    };
    let view = model.focus.view();
    if model.mode() == view.mode() {
        let last = view::of(view).rows(model).saturating_sub(1);
        return view::of(view).select(model, share(bar, at.y, last));
    }
    let last = (model.last_scroll)(model);
    let to = u16::try_from(share(bar, at.y, last.into())).unwrap_or(last);
    match model.mode() {
        Mode::Detail => model.detail.scroll = to,
        _ => model.scroll = to,
    }
    vec![]
}

/// The place among `0..=last` that a row of a scroll bar stands for: its first row is 0, its last one is `last`.
fn share(bar: Rect, y: u16, last: usize) -> usize {
    let rows = usize::from(bar.height.saturating_sub(1)).max(1);
    let row = usize::from(y.saturating_sub(bar.y)).min(rows);
    // A list has at most some millions of rows.
    last * row / rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_scroll_bar_are_both_ends_of_the_list() {
        let bar = Rect::new(79, 3, 1, 20);
        assert_eq!(
            [0, 3, 13, 22, 99].map(|y| share(bar, y, 1000)),
            [0, 0, 526, 1000, 1000]
        );
        assert_eq!(share(Rect::new(0, 0, 1, 1), 5, 10), 10, "a bar of one row");
    }
}
