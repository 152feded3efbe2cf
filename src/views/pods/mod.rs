//! The pods view: the table, and the detail of the pod under the cursor.

pub mod cells;
pub mod columns;
pub mod detail;
pub mod table;

use ratatui::buffer::Buffer;

use super::header;
use super::room::{SortChoice, ViewRoom};
use crate::app::Model;
use crate::app::layout::Areas;
use crate::collector::Extent;
use crate::fleet::fields::{IN_TABLE, PodField};
use crate::keys::Mode;
use crate::ui::format::count;
use crate::ui::{Theme, signs};

/// The pods.
pub(super) const ROOM: ViewRoom = ViewRoom {
    draw,
    hotspots: |model, areas| table::hotspots(model, areas.table),
    restrictions: header::restrictions,
    place,
    orders,
    keys_title: "Keys of the table",
};

fn draw(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    if model.shows(Mode::Detail) {
        return detail::render(model, theme, areas.body, true, buffer);
    }
    table::render(model, theme, areas.table, buffer);
    if let Some(side) = areas.detail {
        detail::render(model, theme, side, false, buffer);
        if !model.state().is_current() {
            theme.dim(side, buffer, signs::is_state);
        }
    }
}

fn orders(model: &Model) -> Vec<SortChoice> {
    let sort = model.sort();
    let choice = |field: &PodField| (field.name(), (*field == sort.key).then_some(sort.descending));
    IN_TABLE.iter().map(choice).collect()
}

/// The cursor's position, the most important part first.
fn place(model: &Model) -> Vec<String> {
    let mut parts = Vec::new();
    // The pod in the detail has no row.
    if !model.view.is_empty() && model.absent_pod().is_none() {
        let rows = count(model.view.len());
        let marks = Some(model.pods.marks.len()).filter(|marks| *marks > 0);
        let marks = marks.map(|marks| format!("{} marked", count(marks)));
        if let Some(row) = model.row_beyond() {
            parts.push(format!("your pod is row {} of {rows}", count(row)));
        } else {
            // Until all pods are there, another may be worse than all that are.
            let is_growing =
                model.time.is_live() && model.status.loading && model.status.extent() != Extent::Whole;
            let so_far = if is_growing { " so far" } else { "" };
            parts.push(format!("row {} of {rows}{so_far}", count(model.pods.cursor + 1)));
            parts.extend(marks);
            if is_growing {
                parts.push("sorted among these".to_owned());
            }
        }
        if model.view.gone() > 0 {
            parts.push(format!("{} gone", count(model.view.gone())));
        }
        let request = &model.view.request;
        if request.problems || !request.filter.is_empty() {
            parts.push(format!("filtered from {}", count(model.view.summary.pods)));
        }
    }
    parts
}
