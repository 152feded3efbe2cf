//! The screen as a function of the model: a room for each view, and what lies on it.
//!
//! [`draw`] paints the whole screen; one small file per visible thing, with its picture in its doc comment. Reads
//! the model and nothing else: no clock, no I/O, nothing kept between frames. The places come from
//! [`app::layout`](crate::app::layout), because keys and clicks need them too; the widgets are in [`ui`](crate::ui).

pub mod changes;
pub mod compare;
pub mod footer;
pub mod header;
pub mod health;
pub mod hotspots;
pub mod overlays;
pub mod overview;
pub mod pods;
pub mod render;
pub mod room;
pub mod scroll_bar;

use ratatui::buffer::Buffer;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use crate::app::hotspots::Drawn;
use crate::app::{Model, layout};
use crate::keys::Mode;
use crate::ui::{Role, Theme};
use overlays::{columns, confirm, help, menu, row_menu, themes};
use pods::detail;

/// What keys and mouse need to know about the screen.
pub const DRAWN: Drawn = Drawn {
    last_scroll,
    hotspots: hotspots::hotspots,
    record_matches: detail::record_matches,
};

/// Draws everything on a blank buffer, in the signs that the terminal can show.
pub fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer) {
    draw_whole(model, theme, buffer);
    theme.signs().adapt(buffer);
    theme.paint(buffer);
}

/// How far the text in front can be scrolled, in lines: that of the help, or of a detail that has the whole body.
pub fn last_scroll(model: &Model) -> u16 {
    match model.mode() {
        Mode::Help => help::last_scroll(model),
        Mode::Detail => detail::last_scroll(model),
        Mode::Compare => compare::last_scroll(model),
        Mode::Table
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Mute
        | Mode::Filter
        | Mode::Command
        | Mode::Sort
        | Mode::Themes
        | Mode::Columns
        | Mode::Export
        | Mode::RowMenu
        | Mode::Confirm => 0,
    }
}

fn draw_whole(model: &Model, theme: &Theme, buffer: &mut Buffer) {
    let Some(areas) = layout::areas_beside(buffer.area.as_size(), model.table_cells()) else {
        let text = format!(
            "too small: {}x{} needed",
            layout::SMALLEST.width,
            layout::SMALLEST.height
        );
        // Whatever does not fit, whether the pods are current does.
        let lines = [
            header::state(model, theme),
            Line::styled(text, theme.style(Role::Warn)),
        ];
        for (line, row) in lines.into_iter().zip(buffer.area.rows()) {
            line.render(row, buffer);
        }
        return;
    };
    header::render(model, theme, &areas, buffer);
    (room::of(model.focus.view()).draw)(model, theme, &areas, buffer);
    match model.mode() {
        Mode::Help => help::render(model, theme, areas.body, buffer),
        Mode::Confirm => confirm::render(model, theme, areas.body, buffer),
        Mode::Sort => menu::render(model, theme, areas.body, buffer),
        Mode::Themes => themes::render(model, theme, areas.body, buffer),
        Mode::RowMenu => row_menu::render(model, theme, areas.body, buffer),
        Mode::Compare => compare::render(model, theme, areas.body, buffer),
        Mode::Columns => columns::render(model, theme, areas.body, buffer),
        Mode::Table
        | Mode::Detail
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Mute
        | Mode::Filter
        | Mode::Command
        | Mode::Export => {}
    }
    footer::render(model, theme, areas.footer, buffer);
}
