//! The menu of columns to sort by.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::room;

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let choices = (room::of(model.focus.view()).orders)(model);
    let rows = u16::try_from(choices.len()).unwrap_or(u16::MAX);
    let (width, height) = (24.min(area.width), (rows + 2).min(area.height));
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" sort by ", theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    let top = (model.sort_choice + 1).saturating_sub(usize::from(inner.height));
    let shown = choices.into_iter().enumerate().skip(top);
    for ((at, (name, descending)), y) in shown.zip(inner.top()..inner.bottom()) {
        let arrow = match descending {
            Some(true) => signs::DESCENDING,
            Some(false) => signs::ASCENDING,
            None => "",
        };
        let role = if at == model.sort_choice {
            Role::Selected
        } else {
            Role::Text
        };
        let place = Rect {
            y,
            height: 1,
            ..inner
        };
        Line::raw(format!(" {name} {arrow}")).render(place, buffer);
        buffer.set_style(place, theme.style(role));
    }
}
