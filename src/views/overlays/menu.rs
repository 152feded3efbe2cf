//! The menu of columns to sort by.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::room::{self, SortChoice};

/// Draws the menu in the middle of the body.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let place = place(model, area);
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" sort by ", theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    let chosen = model.focus.sort().map(|menu| menu.choice);
    for (at, (name, descending), y) in rows(model, inner) {
        let arrow = match descending {
            Some(true) => signs::DESCENDING,
            Some(false) => signs::ASCENDING,
            None => "",
        };
        let place = Rect {
            y,
            height: 1,
            ..inner
        };
        let text = format!(" {name} {arrow}");
        Line::styled(text, theme.style(Role::Text)).render(place, buffer);
        if Some(at) == chosen {
            theme.select(place, buffer);
        }
    }
}

/// A click on a row chooses it.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let inner = place(model, area).inner(Margin::new(1, 1));
    let rows = rows(model, inner);
    let spot = |(at, _, y)| {
        Hotspot::new(
            Rect {
                y,
                height: 1,
                ..inner
            },
            ClickTarget::Choice(at),
        )
    };
    rows.map(spot).collect()
}

/// The menu in the middle of the body.
fn place(model: &Model, area: Rect) -> Rect {
    let rows = u16::try_from(choices(model).len()).unwrap_or(u16::MAX);
    let (width, height) = (24.min(area.width), rows.saturating_add(2).min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The visible rows, including the selected one: the place of each in the list and on the screen.
fn rows(model: &Model, inner: Rect) -> impl Iterator<Item = (usize, SortChoice, u16)> {
    let chosen = model.focus.sort().map_or(0, |menu| menu.choice);
    let top = (chosen + 1).saturating_sub(usize::from(inner.height));
    let rows = choices(model).into_iter().enumerate().skip(top);
    rows.zip(inner.top()..inner.bottom())
        .map(|((at, choice), y)| (at, choice, y))
}

/// The orders of the underlying view.
fn choices(model: &Model) -> Vec<SortChoice> {
    (room::of(model.focus.view()).orders)(model)
}
