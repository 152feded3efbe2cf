//! The line above the body: the tabs, the restrictions of the list, and the cursor's position.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::app::tabs::{self, Tab};
use crate::fleet::RemoteText;
use crate::keys::Mode;
use crate::ui::format::head;
use crate::ui::{Role, Theme};
use crate::views::room;

/// Draws the line.
pub(super) fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let tabs = tabs::of(model, area);
    let shown = model.focus.view();
    for tab in &tabs {
        draw_tab(tab, tab.view == shown, theme, buffer);
    }
    let used = tabs.last().map_or(area.x, |tab| tab.place.right());
    let area = Rect {
        x: used,
        width: area.right() - used,
        ..area
    };
    let room = room::of(shown);
    let width = usize::from(area.width);
    let left = (room.restrictions)(model, theme);
    // The position gets shorter before it takes room from the left half.
    let wanted = left.width().min(width * 2 / 3);
    let mut right = (room.place)(model);
    while right.len() > 1 && wanted + place_width(&right) >= width {
        right.pop();
    }
    // A number that is cut is another number.
    if place_width(&right) > width {
        right.clear();
    }
    let right = Line::styled(format!("{} ", right.join(" · ")), theme.style(Role::Muted));
    let room = width.saturating_sub(right.width() + 1);
    cut(left, room).render(area, buffer);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    right.render(
        Rect {
            x: area.right() - right_width,
            width: right_width,
            ..area
        },
        buffer,
    );
}

/// Draws a tab; the current one like a selected row, so that it is visible without colours too.
fn draw_tab(tab: &Tab, is_shown: bool, theme: &Theme, buffer: &mut Buffer) {
    let title = if tab.key.is_empty() || tab.title.is_empty() {
        tab.title.to_owned()
    } else {
        format!(" {}", tab.title)
    };
    let (key, words) = if is_shown {
        (Role::Title, Role::Title)
    } else {
        (Role::Key, Role::Muted)
    };
    let news = if tab.news.is_empty() {
        String::new()
    } else {
        format!(" {}", tab.news)
    };
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled(tab.key.clone(), theme.style(key)),
        Span::styled(title, theme.style(words)),
        Span::styled(news, theme.style(Role::Busy)),
    ]);
    line.render(tab.place, buffer);
    if is_shown {
        buffer.set_style(
            tab.place,
            theme.style(Role::Title).patch(theme.style(Role::Selected)),
        );
    }
}

/// The cells of the parts with their gaps.
fn place_width(parts: &[String]) -> usize {
    let parts = parts.iter().map(|part| part.width() + 3);
    parts.sum::<usize>().saturating_sub(2)
}

/// The scope: `cluster:prod ns:pay `.
pub fn scope(model: &Model, theme: &Theme) -> impl Iterator<Item = Span<'static>> {
    let style = theme.style(Role::Label);
    model.shown_scope().into_iter().map(move |(name, value)| {
        let value = RemoteText::name(&value);
        Span::styled(format!("{name}:{} ", value.shown()), style)
    })
}

/// The restrictions of the list: scope, problems only, filter.
pub fn restrictions(model: &Model, theme: &Theme) -> Line<'static> {
    let mut left = vec![Span::raw(" ")];
    left.extend(scope(model, theme));
    if model.request.problems {
        left.push(Span::styled("problems ", theme.style(Role::Warn)));
    }
    if !model.request.filter.is_empty() {
        let typed = match (model.mode(), model.filter_fault()) {
            (Mode::Filter, None) if model.detail.search.is_typed() => &model.filter_text,
            (Mode::Filter, None) => model.typed_text(),
            (Mode::Filter, Some(fault)) => &fault.kept,
            _ => &model.filter_text,
        };
        let typed = model.masking.filter(typed);
        let typed = RemoteText::name(&typed);
        left.push(Span::styled(
            format!("/ {}", typed.shown()),
            theme.style(Role::Label),
        ));
    }
    Line::from(left)
}

/// The line in at most this many cells; a longer one loses its end.
fn cut(line: Line<'_>, width: usize) -> Line<'_> {
    let mut room = width;
    let mut kept = Line::default();
    for span in line.spans {
        let (style, cells) = (span.style, span.width());
        if cells > room {
            kept.push_span(Span::styled(head(&span.content, room), style));
            break;
        }
        room -= cells;
        kept.push_span(span);
    }
    kept
}
