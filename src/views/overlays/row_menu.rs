//! The menu of one pod.
//!
//! ```text
//! ╭ payment-api-667894bc4-nz5xj ───────────────────╮
//! │ copy name             payment-api-667894bc4-n… │
//! │ copy IP               10.0.3.17                │
//! │ …                                              │
//! │ only this namespace   payments                 │
//! │ …                                              │
//! │ mark                                           │
//! ╰────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::row_menu::{MenuItem, MenuRow, RowMenu};
use crate::ui::format::{fit, left};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of a row's action.
const LABEL: usize = 22;
/// The widest box, in cells.
const WIDEST: u16 = 64;

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Some(menu) = model.focus.row_menu() else {
        return;
    };
    let place = place(menu, area);
    super::clear(place, buffer);
    let title = fit(&menu.title, usize::from(place.width).saturating_sub(6));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(format!(" {title} "), theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    for (at, row, line) in rows(menu, inner) {
        let mut slot = Slot::new(buffer, line.x, line.y, usize::from(line.width));
        slot.skip(1);
        slot.left(&left(&row.label, LABEL), theme.style(Role::Text));
        let room = slot.width().saturating_sub(1);
        slot.part(room).left(&row.value, theme.style(Role::Muted));
        if at == menu.choice {
            theme.select(line, buffer);
        }
    }
}

/// A click on a row carries it out.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let Some(menu) = model.focus.row_menu() else {
        return vec![];
    };
    let inner = place(menu, area).inner(Margin::new(1, 1));
    let rows = rows(menu, inner);
    rows.map(|(at, _, line)| Hotspot::new(line, ClickTarget::Choice(at)))
        .collect()
}

/// The menu in the middle of the body.
fn place(menu: &RowMenu, area: Rect) -> Rect {
    let rows = u16::try_from(lines(&menu.rows).len()).unwrap_or(u16::MAX);
    let (width, height) = (WIDEST.min(area.width), rows.saturating_add(2).min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The visible rows, including the selected one, each with its number and its line on the screen.
fn rows(menu: &RowMenu, inner: Rect) -> impl Iterator<Item = (usize, &MenuRow, Rect)> {
    let lines = lines(&menu.rows);
    let chosen = lines.iter().position(|line| *line == Some(menu.choice));
    let top = (chosen.unwrap_or(0) + 1).saturating_sub(usize::from(inner.height));
    let shown = lines.into_iter().skip(top).zip(inner.rows());
    shown.filter_map(|(line, place)| Some((line?, menu.rows.get(line?)?, place)))
}

/// The lines of the menu: its rows, with a blank line between copies, filters and other actions.
fn lines(rows: &[MenuRow]) -> Vec<Option<usize>> {
    let group = |row: &MenuRow| match row.item {
        MenuItem::Copy(_) => 0,
        MenuItem::Filter(_) => 1,
        MenuItem::Mark | MenuItem::Compare | MenuItem::Detail => 2,
    };
    let mut lines = Vec::new();
    let mut before = None;
    for (at, row) in rows.iter().enumerate() {
        if before.is_some_and(|before| before != group(row)) {
            lines.push(None);
        }
        lines.push(Some(at));
        before = Some(group(row));
    }
    lines
}
