//! The screen as a function of the model: a room for each view and each overlay.
//!
//! [`draw`] paints the whole screen; one small file per visible thing, with its picture in its doc comment.
//! Reads the model and nothing else: no clock, no I/O, no state between frames. The places come from
//! [`app::layout`](crate::app::layout), because keys and clicks need them too; the widgets are in
//! [`ui`](crate::ui).

pub mod alert_banner;
pub mod banner;
pub mod changes;
pub mod compare;
pub mod footer;
pub mod header;
pub mod health;
pub mod hotspots;
pub mod kiosk;
pub mod overlays;
pub mod overview;
pub mod pods;
pub mod render;
pub mod room;
pub mod scroll_bar;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use crate::app::hotspots::Drawn;
use crate::app::{Model, layout};
use crate::keys::Mode;
use crate::ui::format::wrapped;
use crate::ui::{Role, Theme};
use overlays::{alerts, columns, confirm, help, menu, mute, row_menu, saved_views, themes};
use pods::detail;

/// Facts about the screen that keys and mouse need.
pub const DRAWN: Drawn = Drawn {
    last_scroll,
    hotspots: hotspots::hotspots,
    help_matches: help::matches,
    record_matches: detail::record_matches,
};

/// Draws everything on a blank buffer, with the signs that the terminal can show.
pub fn draw(model: &Model, theme: &Theme, buffer: &mut Buffer) {
    if model.kiosk.is_on() {
        kiosk::draw(model, theme, buffer, |views| draw_whole(model, theme, views));
    } else {
        draw_whole(model, theme, buffer);
    }
    theme.signs().adapt(buffer);
    theme.paint(buffer);
    if model.kiosk.is_dim(model.now) {
        kiosk::dim(buffer);
    }
}

/// How far the text in front can be scrolled, in lines: the help, or a detail that fills the body.
pub fn last_scroll(model: &Model) -> u16 {
    match model.mode() {
        Mode::Help | Mode::HelpSearch => help::last_scroll(model),
        Mode::Detail => detail::last_scroll(model),
        Mode::Compare => compare::last_scroll(model),
        Mode::Table
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Decisions
        | Mode::Mute
        | Mode::Filter
        | Mode::Command
        | Mode::Sort
        | Mode::Themes
        | Mode::Columns
        | Mode::Export
        | Mode::RowMenu
        | Mode::Views
        | Mode::Alerts
        | Mode::Confirm => 0,
    }
}

fn draw_whole(model: &Model, theme: &Theme, buffer: &mut Buffer) {
    let Some(areas) = model.areas_on(buffer.area.as_size()) else {
        let text = format!(
            "too small: {}x{} needed",
            layout::SMALLEST.width,
            layout::SMALLEST.height
        );
        // Whether the pods are current is shown on any screen.
        let text = wrapped(&text, usize::from(buffer.area.width).max(1));
        let text = text
            .into_iter()
            .map(|part| Line::styled(part, theme.style(Role::Warn)));
        let lines = [header::state(model, theme)].into_iter().chain(text);
        let rows: Vec<Rect> = buffer.area.rows().collect();
        for (line, row) in lines.zip(rows) {
            line.render(row, buffer);
        }
        return;
    };
    header::render(model, theme, &areas, buffer);
    if let Some(area) = areas.banner {
        banner::render(model, theme, area, buffer);
    }
    (room::of(model.focus.view()).draw)(model, theme, &areas, buffer);
    match model.mode() {
        Mode::Help | Mode::HelpSearch => help::render(model, theme, areas.body, buffer),
        Mode::Confirm => confirm::render(model, theme, areas.body, buffer),
        Mode::Sort => menu::render(model, theme, areas.body, buffer),
        Mode::Themes => themes::render(model, theme, areas.body, buffer),
        Mode::RowMenu => row_menu::render(model, theme, areas.body, buffer),
        Mode::Views => saved_views::render(model, theme, areas.body, buffer),
        Mode::Alerts => alerts::render(model, theme, areas.body, buffer),
        Mode::Mute => mute::render(model, theme, areas.body, buffer),
        Mode::Compare => compare::render(model, theme, areas.body, buffer),
        Mode::Columns => columns::render(model, theme, areas.body, buffer),
        Mode::Table
        | Mode::Detail
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Decisions
        | Mode::Filter
        | Mode::Command
        | Mode::Export => {}
    }
    if let Some(area) = areas.alerts {
        footer::render_alerts(model, theme, area, buffer);
    }
    footer::render(model, theme, areas.footer, buffer);
}
