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
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::row_menu::{MenuItem, MenuRow};
use crate::ui::format::{fit, left};
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of what a row does.
const LABEL: usize = 22;
/// The widest box, in cells.
const WIDEST: u16 = 64;

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let menu = &model.row_menu;
    let lines = lines(&menu.rows);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let width = WIDEST.min(area.width);
    let height = rows.saturating_add(2).min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    super::clear(place, buffer);
    let title = fit(&menu.title, usize::from(width).saturating_sub(6));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(format!(" {title} "), theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    let chosen = lines.iter().position(|line| *line == Some(menu.choice));
    let top = (chosen.unwrap_or(0) + 1).saturating_sub(usize::from(inner.height));
    for (line, y) in lines.iter().skip(top).zip(inner.top()..inner.bottom()) {
        let Some(row) = line.and_then(|at| menu.rows.get(at)) else {
            continue;
        };
        let mut slot = Slot::new(buffer, inner.x, y, usize::from(inner.width));
        slot.skip(1);
        slot.left(&left(&row.label, LABEL), theme.style(Role::Text));
        let room = slot.width().saturating_sub(1);
        slot.part(room).left(&row.value, theme.style(Role::Muted));
        if *line == Some(menu.choice) {
            let place = Rect {
                y,
                height: 1,
                ..inner
            };
            buffer.set_style(place, theme.style(Role::Selected));
        }
    }
}

/// The lines of the menu: its rows, with a blank line between what copies, what filters and what else there is.
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
