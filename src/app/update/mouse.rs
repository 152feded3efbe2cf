//! The effects of the mouse: the wheel moves, and a click has the meaning of its area.
//!
//! The places in a report come from the terminal and may be anywhere; a click on nothing does nothing.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::keys::act;
use super::travel::travel;
use super::view;
use crate::app::effect::Effect;
use crate::app::hotspots::{ClickTarget, HeldBar, Hotspot, hit};
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
    let Some(at) = model.place_in_views(Position::new(mouse.column, mouse.row)) else {
        return vec![];
    };
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
        Mode::Table
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Decisions
        | Mode::Help
        | Mode::Compare => {
            let notch = (0..NOTCH).flat_map(|_| travel(model, motion));
            notch.last().into_iter().collect()
        }
        Mode::Sort | Mode::Columns | Mode::Themes | Mode::RowMenu | Mode::Views | Mode::Alerts => {
            travel(model, motion)
        }
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
    let takes_notice = matches!(target, ClickTarget::Do(Action::Back | Action::CloseOrQuit));
    model.answering(takes_notice, |model| click_on(model, target, area, at))
}

fn click_on(model: &mut Model, target: ClickTarget, area: Rect, at: Position) -> Vec<Effect> {
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
                if let Some(chooser) = model.focus.columns_mut() {
                    chooser.go(choice);
                }
                return act(model, Action::Column(ColumnEdit::Toggle));
            }
            match model.mode() {
                Mode::RowMenu => {
                    if let Some(menu) = model.focus.row_menu_mut() {
                        menu.choice = choice;
                    }
                }
                // The first click looks at a theme, the second takes it.
                Mode::Themes if model.themes.place() != choice => {
                    model.themes.look_at(choice);
                    return vec![];
                }
                Mode::Themes => {}
                Mode::Views => model.saved_views.choice = choice,
                Mode::Alerts => {
                    if let Some(menu) = model.focus.alerts_mut() {
                        menu.choice = choice;
                    }
                }
                _ => {
                    if let Some(menu) = model.focus.sort_mut() {
                        menu.choice = choice;
                    }
                }
            }
            act(model, Action::Choose)
        }
        ClickTarget::ScrollBar => grab(model, area, at),
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

/// A press on a scroll bar. On the thumb it begins a drag; on a mark it goes to that mark; elsewhere it moves the thumb to the
/// pointer.
fn grab(model: &mut Model, area: Rect, at: Position) -> Vec<Effect> {
    let view = view::of(model.focus.view());
    let Some(scrolled) = view.scrolled(model) else {
        return vec![];
    };
    let line = usize::from(at.y.saturating_sub(area.y));
    let thumb = scrolled.thumb();
    if thumb.contains(&line) {
        let line = line - thumb.start;
        model.pointer.grab(HeldBar { area, line });
        return vec![];
    }
    model.pointer.grab(HeldBar {
        area,
        line: thumb.len() / 2,
    });
    match view.marked(model, scrolled.rows_of(line)) {
        Some(row) => view.select(model, row),
        None => drag(model, at),
    }
}

/// Scrolls so that the held thumb is under the pointer, which may leave the bar meanwhile.
fn drag(model: &mut Model, at: Position) -> Vec<Effect> {
    let view = view::of(model.focus.view());
    let (Some(HeldBar { area, line }), Some(scrolled)) = (model.pointer.held(), view.scrolled(model)) else {
        return vec![];
    };
    let start = usize::from(at.y.saturating_sub(area.y)).saturating_sub(line);
    view.scroll_to(model, scrolled.top_at(start))
}
