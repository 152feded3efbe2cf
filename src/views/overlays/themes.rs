//! The list of themes. The screen behind it shows the selected one.
//!
//! ```text
//!  ╭ theme ──────────────────────────────────╮
//!  │   auto                                  │
//!  │ ▌ dark                 ● on  ▲ risk     │
//!  │   light                                 │
//!  │                                         │
//!  │ calm colours on a dark background       │
//!  ╰─────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget as _};

use crate::app::Model;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::fleet::RemoteText;
use crate::ui::format::fit;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// Cells of the box. A theme's name has 40 at most.
const WIDTH: u16 = 56;
/// Lines of the box without a theme: its edges, a sentence about the theme, and a blank line.
const OTHER_LINES: u16 = 4;
/// Samples of the roles, with words of the table.
const SAMPLE: [(&str, &str, Role); 4] = [
    (signs::RISK, "risk", Role::Bad),
    (signs::OFF, "off", Role::Warn),
    (signs::FINE, "on", Role::Good),
    (signs::DOUBT, "odd", Role::Doubt),
];

/// Draws the list at the right of the body, so that the table behind it is visible.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let themes = &model.themes;
    let place = place(model, area);
    super::clear(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Role::Rule))
        .title(Line::styled(" theme ", theme.style(Role::Title)));
    let inner = block.inner(place);
    block.render(place, buffer);
    let chosen = themes.place();
    for (at, name, row) in rows(model, inner) {
        if at == chosen {
            let sign = Span::styled(format!(" {} ", signs::CURSOR), theme.style(Role::Accent));
            let name = Span::styled(name.to_owned(), theme.style(Role::Text));
            Line::from(vec![sign, name]).render(row, buffer);
            sample(theme).right_aligned().render(row, buffer);
            theme.select(row, buffer);
        } else {
            Line::styled(format!("   {name}"), theme.style(Role::Text)).render(row, buffer);
        }
    }
    let about = RemoteText::message(themes.about(chosen));
    let about = fit(&format!(" {}", about.shown()), usize::from(inner.width));
    let bottom = Rect {
        y: inner.bottom().saturating_sub(1),
        height: 1.min(inner.height),
        ..inner
    };
    Line::styled(about, theme.style(Role::Muted)).render(bottom, buffer);
}

/// A click on a theme looks at it, a second one takes it.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let inner = place(model, area).inner(Margin::new(1, 1));
    rows(model, inner)
        .map(|(at, _, row)| Hotspot::new(row, ClickTarget::Choice(at)))
        .collect()
}

/// The box at the right of the body.
fn place(model: &Model, area: Rect) -> Rect {
    let rows = u16::try_from(model.themes.names().count()).unwrap_or(u16::MAX);
    let (width, height) = (
        WIDTH.min(area.width),
        rows.saturating_add(OTHER_LINES).min(area.height),
    );
    Rect {
        x: area.right().saturating_sub(width),
        y: area.bottom().saturating_sub(height),
        width,
        height,
    }
}

/// The themes that there is room for, the chosen one among them: the place of each in the list, its name, and its line.
fn rows(model: &Model, inner: Rect) -> impl Iterator<Item = (usize, &str, Rect)> {
    let list = Rect {
        height: inner.height.saturating_sub(2),
        ..inner
    };
    let top = (model.themes.place() + 1).saturating_sub(usize::from(list.height));
    let names = model.themes.names().enumerate().skip(top);
    names.zip(list.rows()).map(|((at, name), row)| (at, name, row))
}

/// The most important roles in their present look.
fn sample(theme: &Theme) -> Line<'static> {
    let words = SAMPLE.map(|(sign, word, role)| Span::styled(format!("{sign} {word}  "), theme.style(role)));
    Line::from(words.to_vec())
}
