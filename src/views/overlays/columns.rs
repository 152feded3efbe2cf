//! The choice of the table's columns.
//!
//! ```text
//! ╭ columns ──────────────────────╮
//! │ [x] risk       Risk           │
//! │ [x] pod        Pod         40 │   40 cells, as somebody wants it
//! │ [ ] region     Region         │
//! ╰───────────────────────────────╯
//! ```
//!
//! It is at the right edge, beside the table, which shows the choice at once.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::columns::ColumnChooser;
use crate::app::columns::chooser::ChooserRow;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::fleet::fields::PodColumn;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// Cells of the box.
const WIDTH: u16 = 44;
/// Cells of a column's name, and of the space behind it.
const NAME: usize = 16;
/// Cells of a width at the end of a line.
const CELLS: usize = 4;

/// The list with its edge, and within it.
fn places(chooser: &ColumnChooser, area: Rect) -> [Rect; 2] {
    let rows = u16::try_from(chooser.rows().len()).unwrap_or(u16::MAX);
    let (width, height) = (WIDTH.min(area.width), rows.saturating_add(2).min(area.height));
    let place = Rect {
        x: area.right() - width,
        width,
        height,
        ..area
    };
    [place, Block::bordered().inner(place)]
}

/// The visible lines, including the one of the keys, each with its number and its place.
fn lines(chooser: &ColumnChooser, inner: Rect) -> impl Iterator<Item = (usize, ChooserRow, Rect)> + '_ {
    let top = (chooser.at() + 1).saturating_sub(usize::from(inner.height));
    let rows = chooser.rows().iter().copied().enumerate().skip(top);
    rows.zip(inner.rows()).map(|((at, row), line)| (at, row, line))
}

/// Draws the list at the right edge of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let Some(chooser) = model.focus.columns() else {
        return;
    };
    let [place, inner] = places(chooser, area);
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" columns ", theme.style(Role::Title)));
    block.render(place, buffer);
    for (at, row, line) in lines(chooser, inner) {
        draw(row, theme, line, buffer);
        if at == chooser.at() {
            theme.select(line, buffer);
        }
    }
}

/// A click on a line shows or hides its column.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let Some(chooser) = model.focus.columns() else {
        return vec![];
    };
    let [place, inner] = places(chooser, area);
    let rows = lines(chooser, inner).map(|(at, _, line)| Hotspot::new(line, ClickTarget::Choice(at)));
    [Hotspot::new(place, ClickTarget::Cover)]
        .into_iter()
        .chain(rows)
        .collect()
}

fn draw(row: ChooserRow, theme: &Theme, line: Rect, buffer: &mut Buffer) {
    let column = row.chosen.column;
    let (mark, role) = if row.is_shown {
        ("[x]", Role::Text)
    } else {
        ("[ ]", Role::Muted)
    };
    let mut slot = Slot::new(buffer, line.x, line.y, line.width.into());
    slot.skip(1);
    slot.left(mark, theme.style(role));
    slot.skip(1);
    slot.part(NAME).left(column.name(), theme.style(role));
    let label = match column {
        PodColumn::Shown(field) => field.row().label,
        PodColumn::Sent(_) => "as HSS sent it",
    };
    let room = slot.width().saturating_sub(CELLS);
    slot.part(room).left(label, theme.style(Role::Muted));
    slot.skip(1);
    if let Some(cells) = row.chosen.cells {
        slot.left(&cells.to_string(), theme.style(Role::Label));
    }
}
