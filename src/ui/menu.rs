//! The menu of columns to sort by.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear};

use super::theme::{Role, Theme};
use crate::app::Model;
use crate::fleet::sort::SortKey;

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame) {
    let rows = u16::try_from(SortKey::ALL.len()).unwrap_or(u16::MAX);
    let (width, height) = (24.min(area.width), (rows + 2).min(area.height));
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" sort by ", theme.style(Role::Title)));
    let inner = block.inner(place);
    frame.render_widget(block, place);
    let top = (model.sort_choice + 1).saturating_sub(usize::from(inner.height));
    let sort = model.sort();
    for ((at, key), y) in SortKey::ALL
        .into_iter()
        .enumerate()
        .skip(top)
        .zip(inner.top()..inner.bottom())
    {
        let arrow = match (key == sort.key, sort.descending) {
            (true, true) => " ▼",
            (true, false) => " ▲",
            (false, _) => "",
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
        frame.render_widget(Line::raw(format!(" {}{arrow}", key.name())), place);
        frame.buffer_mut().set_style(place, theme.style(role));
    }
}
