//! The heading of the pod table: the titles of the visible columns, and signs for more columns.
//!
//! ```text
//!    RISK▼ POD                     ‹STATUS    PROTECT  DETECT             ›
//! ```
//!
//! A column is a field; its title comes from the table of fields, its place from [`app::columns`](crate::app::columns). Must
//! not: draw a value; that is the work of [`cells`](super::cells).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::columns::ArrangedColumns;
use crate::app::layout::MARGIN;
use crate::fleet::fields::{FieldKind, PodColumn, PodField};
use crate::fleet::sort::Sort;
use crate::ui::format::{left, right, width};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::theme::{Role, Theme};

/// From this width on, the column of the score has room for `NEW`.
pub const MARKED_RISK: usize = 9;
/// Cells of the change, and of the space before it.
pub const MARK: usize = 4;
/// From this width on, a usage has a bar after its number.
pub const WITH_BAR: usize = 9;

/// Draws the heading into the first line of `area`.
pub fn heading(arranged: &ArrangedColumns, sort: Sort, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for placed in &arranged.columns {
        let role = if is_sorted(placed.column, sort) {
            Role::Title
        } else {
            Role::Label
        };
        let mut slot = Slot::new(buffer, at(area, placed.x), area.y, placed.cells);
        slot.left(&title(placed.column, sort, placed.cells), theme.style(role));
    }
    let style = theme.style(Role::Key);
    if arranged.left > 0 {
        // In the gap before the first scrolled column.
        let scrolled = arranged.columns.get(arranged.staying);
        let x = scrolled.map_or(area.x, |placed| at(area, placed.x));
        Slot::new(buffer, x.saturating_sub(1), area.y, 1).left(signs::MORE_LEFT, style);
    }
    if arranged.right > 0 {
        Slot::new(buffer, area.right().saturating_sub(1), area.y, 1).left(signs::MORE_RIGHT, style);
    }
}

/// The place on the screen of a place among the columns.
pub fn at(area: Rect, x: usize) -> u16 {
    let x = u16::try_from(x).unwrap_or(u16::MAX);
    area.x.saturating_add(MARGIN).saturating_add(x)
}

fn is_sorted(column: PodColumn, sort: Sort) -> bool {
    column.field() == sort.key.sorted_by()
}

/// The title in exactly `cells`, with an arrow if the table is sorted by it; it is aligned like the values.
fn title(column: PodColumn, sort: Sort, cells: usize) -> String {
    let arrow = match (is_sorted(column, sort), sort.descending) {
        (false, _) => "",
        (true, true) => signs::DESCENDING,
        (true, false) => signs::ASCENDING,
    };
    let room = cells.saturating_sub(width(arrow));
    let long = column.title();
    let shorter = column.field().row().short_title;
    let title = if long.len() > room && !shorter.is_empty() {
        shorter
    } else {
        long
    };
    let title = format!("{}{arrow}", title.get(..room).unwrap_or(title));
    match (column, column.field().kind()) {
        // Above the number, which is before the bar.
        (PodColumn::Shown(PodField::CpuPercent | PodField::MemoryPercent), _) if cells >= WITH_BAR => {
            left(&title, cells)
        }
        // Above the score, which is before the change.
        (PodColumn::Shown(PodField::Risk), _) if cells >= MARKED_RISK => {
            left(&right(&title, cells - MARK), cells)
        }
        (PodColumn::Shown(_), FieldKind::Number(_)) => right(&title, cells),
        (PodColumn::Sent(_), _) | (_, FieldKind::Text(_)) => left(&title, cells),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stands_where_its_values_stand_and_never_loses_its_arrow() {
        let by = |field: PodField| field.first_direction();
        for (field, sort, cells, shown) in [
            (PodField::MemoryPercent, PodField::Risk, 4, " MEM"),
            (PodField::MemoryPercent, PodField::MemoryPercent, 4, "MEM▼"),
            (PodField::MemoryPercent, PodField::MemoryPercent, 9, "MEMORY▼  "),
            (PodField::CpuPercent, PodField::Risk, 14, "CPU           "),
            (PodField::Namespace, PodField::Namespace, 9, "NAMESPAC△"),
            (PodField::Namespace, PodField::Name, 12, "NAMESPACE   "),
            (PodField::Risk, PodField::Risk, 5, "RISK▼"),
            (PodField::Risk, PodField::Age, 9, " RISK    "),
            (PodField::Age, PodField::Risk, 5, "  AGE"),
        ] {
            assert_eq!(title(PodColumn::Shown(field), by(sort), cells), shown);
        }
        let created = title(PodColumn::Sent(PodField::Age), by(PodField::Age), 19);
        assert_eq!(created, "CREATED△           ");
    }
}
