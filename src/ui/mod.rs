//! The screen as a function of the model.
//!
//! [`draw`] paints the whole screen; one small file per visible thing, with its picture in its doc comment. Reads
//! the model and nothing else: no clock, no I/O, nothing kept between frames.

pub mod columns;
pub mod detail;
pub mod footer;
pub mod format;
pub mod gauge;
pub mod header;
pub mod health;
pub mod help;
pub mod layout;
pub mod menu;
pub mod signs;
pub mod table;
pub mod theme;

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::app::{Mode, Model};
pub use theme::{Palette, Role, Theme};

/// Draws everything.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    let Some(areas) = layout::areas(area.as_size()) else {
        let text = format!(
            "too small: {}x{} needed",
            layout::SMALLEST.width,
            layout::SMALLEST.height
        );
        frame.render_widget(Paragraph::new(Line::styled(text, theme.style(Role::Warn))), area);
        return;
    };
    header::render(model, theme, &areas, frame);
    if model.shows(Mode::Health) {
        health::render(model, theme, areas.body, frame);
    } else if model.shows(Mode::Detail) {
        detail::render(model, theme, areas.body, true, frame);
    } else {
        table::render(model, theme, areas.table, frame);
        if let Some(side) = areas.detail {
            detail::render(model, theme, side, false, frame);
        }
    }
    match model.mode {
        Mode::Help => help::render(model, theme, areas.body, frame),
        Mode::Sort => menu::render(model, theme, areas.body, frame),
        Mode::Table | Mode::Detail | Mode::Health | Mode::Filter | Mode::Command | Mode::Export => {}
    }
    footer::render(model, theme, areas.footer, frame);
}
