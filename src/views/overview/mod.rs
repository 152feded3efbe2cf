//! The overview: which namespaces need attention, the worst first.
//!
//! ```text
//!  prod-north-4a ▲‼–––––○––  prod-pay ✗––––  cci-burst-1 ▲▲‼○–                      1 cell = 1 namespace
//!    WORST▼      CLUSTER      NAMESPACE  PODS  SECURITY KNOWN   OFF  BROKEN  NOT SCANNED  RISK  FAILED
//!  ▌ ▲ risk      cci-burst-1  burst-web    14   14  ━━━━━━━━━━    2       1            2     2       0
//!    ✗ failed    prod-pay     payments    118  not covered        –       –            –     –       1
//! ```

mod columns;
mod strip;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use super::header;
use super::pods::table::nothing;
use super::room::{SortChoice, ViewRoom};
use crate::app::Model;
use crate::app::hotspots::Hotspot;
use crate::app::layout::{Areas, MARGIN};
use crate::collector::{Extent, SyncState};
use crate::fleet::overview::OverviewColumn;
use crate::ui::format::count;
use crate::ui::{Role, Theme};

/// Below this width only the numbers and the row fit beside the tabs.
const NARROW: u16 = 110;

/// The namespaces.
pub(super) const ROOM: ViewRoom = ViewRoom {
    draw,
    hotspots,
    restrictions: header::restrictions,
    place,
    orders,
    keys_title: "Keys of the overview",
};

fn draw(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    let places = model.overview_areas(areas);
    let Some(overview) = model.overview() else {
        let text = Line::styled("counting the namespaces", theme.style(Role::Muted));
        return text.render(indented(areas.body), buffer);
    };
    if overview.is_empty() {
        return nothing(model, theme, areas.body, buffer);
    }
    strip::render(model, overview, theme, (places.strip, areas.body.height), buffer);
    table::render(model, overview, theme, places.table, buffer);
}

fn hotspots(model: &Model, areas: &Areas) -> Vec<Hotspot> {
    let places = model.overview_areas(areas);
    let Some(overview) = model.overview().filter(|overview| !overview.is_empty()) else {
        return vec![];
    };
    let mut spots = strip::hotspots(overview, (places.strip, areas.body.height));
    spots.extend(table::hotspots(model, overview, places.table));
    spots
}

fn indented(area: Rect) -> Rect {
    Rect {
        x: area.x + MARGIN,
        width: area.width.saturating_sub(MARGIN),
        ..area
    }
}

/// The number of counted pods, and the cursor's position.
fn place(model: &Model) -> Vec<String> {
    let Some(overview) = model.overview() else {
        return Vec::new();
    };
    let counted = count(overview.total().summary.pods);
    let words = if model.size.width < NARROW {
        ""
    } else {
        "computed over "
    };
    let known = model.view.summary.pods;
    let over = match model.status.extent() {
        // How far the sweep is, the state word says.
        _ if matches!(model.state(), SyncState::Loading { total: Some(_), .. }) => {
            let of = if overview.total().summary.pods == known {
                String::new()
            } else {
                format!(" of {}", count(known))
            };
            format!("{counted}{of} pods so far")
        }
        Extent::Short(Some(total)) if total > known as u64 => format!("{counted} of {} pods", count(total)),
        Extent::Short(None) => format!("{counted} of ? pods"),
        Extent::Whole | Extent::Short(Some(_)) => format!("{counted} of {} pods", count(known)),
    };
    // Where there is little room, that nothing is left out is not worth it: the counts above have the number.
    let is_all = counted == count(known) && model.status.extent() == Extent::Whole;
    let mut parts = if is_all && words.is_empty() && !overview.is_empty() {
        vec![]
    } else {
        vec![format!("{words}{over}")]
    };
    if !overview.is_empty() {
        let row = model.namespaces.cursor + 1;
        parts.push(format!("row {} of {}", count(row), count(overview.len())));
    }
    parts
}

fn orders(model: &Model) -> Vec<SortChoice> {
    let sort = model.namespaces.sort;
    let choice =
        |column: &OverviewColumn| (column.name(), (*column == sort.column).then_some(sort.descending));
    OverviewColumn::ALL.iter().map(choice).collect()
}
