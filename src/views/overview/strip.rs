//! The strip of cells above the table: one cell per namespace, with its worst state as sign and colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::overview::strip::{LEGEND, most_lines, shown, strip};
use crate::fleet::overview::Overview;
use crate::ui::format::{count, fit};
use crate::ui::signs;
use crate::ui::slot::Slot;
use crate::ui::{Role, Theme};

/// Draws the strip in a body of this height.
pub(super) fn render(
    model: &Model,
    overview: &Overview,
    theme: &Theme,
    (area, body): (Rect, u16),
    buffer: &mut Buffer,
) {
    let strip = strip(overview, area.width, most_lines(body));
    let is_current = model.state().is_current();
    // Where the last line ends.
    let mut end = 0;
    for place in &strip.clusters {
        let Some(cluster) = overview.cluster(place.cluster) else {
            continue;
        };
        let (x, y) = (area.x + place.x, area.y + place.line);
        let name = fit(shown(&cluster.cluster()), place.name.into());
        Slot::new(buffer, x, y, place.name.into()).left(&name, theme.style(Role::Label));
        let mut slot = Slot::new(
            buffer,
            area.x + place.first_cell(),
            y,
            usize::from(area.width.saturating_sub(place.first_cell())),
        );
        let cursor = cluster.cell_of(model.namespaces.cursor);
        for (at, state) in cluster.states().take(place.cells).enumerate() {
            let state = signs::namespace_state(state);
            let mut style = theme.style(state.role);
            if !is_current {
                style = theme.style(Role::Gone).fg(Color::Reset);
            }
            if cursor == Some(at) {
                let weight = Modifier::BOLD | Modifier::DIM;
                style = theme.style(Role::Selected).remove_modifier(weight);
            }
            slot.fill(state.sign, 1, style);
        }
        let left = cluster.len() - place.cells.min(cluster.len());
        if left > 0 {
            slot.left(&format!("+{}", count(left)), theme.style(Role::Muted));
        }
        if place.line + 1 == strip.lines {
            end = usize::from(area.width).saturating_sub(slot.width());
        }
    }
    let note = if strip.left_out > 0 {
        format!(" +{} clusters ", count(strip.left_out))
    } else {
        LEGEND.to_owned()
    };
    let width = note.chars().count();
    let has_room = end + 2 + width <= usize::from(area.width);
    if strip.lines > 0 && (has_room || strip.left_out > 0) {
        let x = area.right() - u16::try_from(width).unwrap_or(0).min(area.width);
        Slot::new(buffer, x, area.y + strip.lines - 1, width).left(&note, theme.style(Role::Muted));
    }
}

/// A click on a cell selects its namespace.
pub(super) fn hotspots(overview: &Overview, (area, body): (Rect, u16)) -> Vec<Hotspot> {
    let strip = strip(overview, area.width, most_lines(body));
    let cells = strip.clusters.into_iter().flat_map(|place| {
        let cluster = overview.cluster(place.cluster);
        let rows = cluster.map_or(vec![], |cluster| cluster.places().take(place.cells).collect());
        let cells = (area.x + place.first_cell()..).zip(rows);
        cells.map(move |(x, row)| {
            let cell = Rect::new(x, area.y + place.line, 1, 1);
            Hotspot::new(cell, ClickTarget::Row(row))
        })
    });
    cells.collect()
}
