//! The table of namespaces. A count over no pods is unknown and not zero.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::columns::{FittedColumns, SHORT_STATE, count_cells, fitting, is_left, title};
use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::layout::{EDGE, MARGIN};
use crate::fleet::fields::PodText;
use crate::fleet::overview::{NamespaceRow, Overview, OverviewColumn};
use crate::keys::Action;
use crate::ui::format::count;
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::{Role, Theme};
use crate::views::scroll_bar::{self, BarMark};

/// Cells of the bar of known pods.
const BAR: usize = 10;

/// Draws heading and rows.
pub(super) fn render(model: &Model, overview: &Overview, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let columns = columns(model, area);
    heading(model, &columns, theme, area, buffer);
    let largest = overview.largest();
    let is_current = model.state().is_current();
    let rows = (model.namespaces.top..).map_while(|at| Some((at, overview.row(at)?)));
    for (y, (at, row)) in (area.top() + 1..area.bottom()).zip(rows) {
        for (column, cells, x) in placed(&columns, area) {
            cell(column, &row, largest, Slot::new(buffer, x, y, cells), theme);
        }
        let place = Rect { y, height: 1, ..area };
        if !is_current {
            // Its problems may be over.
            let style = theme.style(Role::Gone).fg(Color::Reset);
            buffer.set_style(place, style.remove_modifier(Modifier::BOLD | Modifier::REVERSED));
        }
        if at == model.namespaces.cursor {
            Slot::new(buffer, area.x, y, 1).left(signs::CURSOR, theme.style(Role::Accent));
            theme.select(place, buffer);
        }
    }
    scroll_bar::render(
        model.scrolled_namespaces(),
        |_| BarMark::default(),
        theme,
        below(area),
        buffer,
    );
}

/// The rows below the heading.
fn below(area: Rect) -> Rect {
    Rect {
        y: area.y + 1,
        height: area.height.saturating_sub(1),
        ..area
    }
}

/// A click on a heading sorts by it, one on a row selects it, and the scroll bar can be dragged.
pub(super) fn hotspots(model: &Model, overview: &Overview, area: Rect) -> Vec<Hotspot> {
    let line = |x, y, width| Rect::new(x, y, width, 1);
    let columns = columns(model, area);
    let headings = placed(&columns, area).map(|(column, cells, x)| {
        let cells = u16::try_from(cells).unwrap_or(area.width);
        Hotspot::new(
            line(x, area.y, cells),
            ClickTarget::Do(Action::SortNamespaces(column)),
        )
    });
    let rows = (model.namespaces.top..overview.len()).zip(area.y + 1..area.bottom());
    let rows = rows.map(|(row, y)| Hotspot::new(line(area.x, y, area.width), ClickTarget::Row(row)));
    let bar = scroll_bar::hotspot(model.scrolled_namespaces(), below(area));
    headings.chain(rows).chain(bar).collect()
}

/// The columns that fit.
fn columns(model: &Model, area: Rect) -> FittedColumns {
    let longest = |column| model.view.fleet.longest(column).unwrap_or_default();
    let width = usize::from(area.width.saturating_sub(MARGIN + EDGE));
    fitting(width, longest(PodText::Cluster), longest(PodText::Namespace))
}

/// Each column, its cells, and where it begins on the screen.
fn placed(columns: &FittedColumns, area: Rect) -> impl Iterator<Item = (OverviewColumn, usize, u16)> {
    let mut x = area.x + MARGIN;
    columns.widths.iter().map(move |(column, cells)| {
        let at = x;
        x = x.saturating_add(u16::try_from(cells + columns.gap).unwrap_or(u16::MAX));
        (*column, *cells, at)
    })
}

fn heading(model: &Model, columns: &FittedColumns, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let sort = model.view.request.overview.unwrap_or(model.namespaces.sort);
    let arrow = if sort.descending {
        signs::DESCENDING
    } else {
        signs::ASCENDING
    };
    for (column, cells, x) in placed(columns, area) {
        let is_sorted = column == sort.column;
        let role = if is_sorted { Role::Title } else { Role::Label };
        let title = title(column, cells);
        let cells = count_cells(column, cells);
        let mut text = title.to_owned();
        // The arrow may be in the gap, so that the title stays complete and above the last digit.
        let width = cells + usize::from(is_sorted && title.len() + 1 > cells);
        if is_sorted {
            text.push_str(arrow);
        }
        let mut slot = Slot::new(buffer, x, area.y, width);
        if is_left(column, cells) {
            slot.left(&text, theme.style(role));
        } else {
            slot.right(&text, theme.style(role));
        }
    }
}

fn cell(column: OverviewColumn, row: &NamespaceRow, largest: usize, mut slot: Slot<'_>, theme: &Theme) {
    let width = slot.width();
    match column {
        OverviewColumn::Worst => {
            let state = signs::namespace_state(row.state());
            let text = match width {
                0..SHORT_STATE => state.sign.to_owned(),
                _ if state.text().chars().count() <= width => state.text(),
                _ => format!("{} {}", state.sign, row.state().short_word()),
            };
            slot.left(&text, theme.style(state.role));
        }
        OverviewColumn::Cluster => name(signs::text(&row.shown.cluster), slot, theme),
        OverviewColumn::Namespace => name(signs::namespace(&row.shown.namespace), slot, theme),
        OverviewColumn::Known if width >= 14 => known(row, slot, theme),
        OverviewColumn::Pods => {
            let pods = row.counts.summary.pods;
            let cells = count_cells(column, width);
            let text = short_count(pods, cells);
            slot.part(cells).right(&text, theme.style(Role::Text));
            // Nothing is left in a narrow column.
            slot.skip(2);
            bar(pods, largest, slot, theme);
        }
        _ => counted(column, row, slot, theme),
    }
}

fn name((text, role): (Cow<'_, str>, Role), mut slot: Slot<'_>, theme: &Theme) {
    slot.left(&text, theme.style(role));
}

/// The count, and the number of pods with known data if these are not all.
fn counted(column: OverviewColumn, row: &NamespaceRow, mut slot: Slot<'_>, theme: &Theme) {
    let cells = count_cells(column, slot.width());
    let mut place = slot.part(cells);
    let Some((number, among)) = column.counted(&row.counts).filter(|(_, among)| *among > 0) else {
        return place.right(signs::ABSENT, theme.style(Role::Muted));
    };
    let role = if number == 0 { Role::Muted } else { role(column) };
    place.right(&short_count(number, cells), theme.style(role));
    if slot.width() > 0 && among < row.counts.summary.pods {
        slot.left(&format!("/{}", count(among)), theme.style(Role::Muted));
    }
}

/// A count in at most this many cells: one that is too long has no comma, or is in thousands or millions. A number
/// without its middle would be another number.
fn short_count(number: usize, cells: usize) -> String {
    let forms = [
        count(number),
        number.to_string(),
        format!("{}k", number / 1000),
        format!("{}M", number / 1_000_000),
    ];
    let fitting = forms.iter().find(|form| form.len() <= cells);
    fitting.cloned().unwrap_or_else(|| signs::ABSENT.to_owned())
}

/// The meaning of a count that is not zero.
fn role(column: OverviewColumn) -> Role {
    match column {
        OverviewColumn::Broken
        | OverviewColumn::Risk
        | OverviewColumn::Failed
        | OverviewColumn::NearLimit => Role::Bad,
        OverviewColumn::Off => Role::Warn,
        OverviewColumn::NotScanned => Role::Doubt,
        OverviewColumn::Worst
        | OverviewColumn::Cluster
        | OverviewColumn::Namespace
        | OverviewColumn::Pods
        | OverviewColumn::Known
        | OverviewColumn::NoLimit => Role::Text,
    }
}

/// The number of pods with security data: a number with a bar, or the words `not covered`.
fn known(row: &NamespaceRow, mut slot: Slot<'_>, theme: &Theme) {
    let (known, pods) = (row.counts.summary.security_told, row.counts.summary.pods);
    if known == 0 {
        return slot.left("not covered", theme.style(Role::Muted));
    }
    slot.part(7).right(&count(known), theme.style(Role::Text));
    slot.skip(2);
    bar(known, pods, slot.part(BAR), theme);
}

/// A number as a part of another one: at least one cell of a number that is not zero.
fn bar(number: usize, of: usize, mut slot: Slot<'_>, theme: &Theme) {
    let cells = slot.width();
    let full = (number * cells).checked_div(of).unwrap_or(0);
    let full = full.clamp(usize::from(number > 0).min(cells), cells);
    slot.fill(signs::BAR_FULL, full, theme.style(Role::Text));
    slot.fill(signs::BAR_TRACK, cells - full, theme.style(Role::Muted));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_never_another_number() {
        assert_eq!(short_count(1_234, 5), "1,234");
        assert_eq!(short_count(1_234, 4), "1234");
        assert_eq!(short_count(12_345, 5), "12345");
        assert_eq!(short_count(12_345, 4), "12k");
        assert_eq!(short_count(2_345_678, 4), "2M");
        assert_eq!(short_count(999, 3), "999");
    }
}
