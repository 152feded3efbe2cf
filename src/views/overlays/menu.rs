//! The menu of columns to sort by.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::fleet::fields::IN_TABLE;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let rows = u16::try_from(IN_TABLE.len()).unwrap_or(u16::MAX);
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
    let sort = model.sort();
    for ((at, key), y) in IN_TABLE
        .iter()
        .copied()
        .enumerate()
        .skip(top)
        .zip(inner.top()..inner.bottom())
    {
        let arrow = match (key == sort.key, sort.descending) {
            (true, true) => signs::DESCENDING,
            (true, false) => signs::ASCENDING,
            (false, _) => "",
        };
        let place = Rect {
            y,
            height: 1,
            ..inner
        };
        let text = format!(" {} {arrow}", key.name());
        Line::styled(text, theme.style(Role::Text)).render(place, buffer);
        if at == model.sort_choice {
            theme.select(place, buffer);
        }
    }
}
