//! The line above the body: what keeps pods from the list, and where in the list the cursor is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use crate::app::Model;
use crate::fleet::RemoteText;
use crate::keys::Mode;
use crate::ui::format::{count, head};
use crate::ui::{Role, Theme};

/// Draws the line.
pub(super) fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if model.shows(Mode::Health) {
        Line::styled(" Health", theme.style(Role::Title)).render(area, buffer);
        return;
    }
    let width = usize::from(area.width);
    let left = restrictions(model, theme);
    // The place in the list gets shorter before it takes the left half's room.
    let wanted = left.width().min(width / 2);
    let mut right = place(model);
    while right.len() > 1 && wanted + place_width(&right) >= width {
        right.pop();
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

/// Where in the list the cursor is, what matters most first.
fn place(model: &Model) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some((page, pages, first, last)) = model.page() {
        let rows = count(model.view.len());
        let marks = Some(model.marks.len()).filter(|marks| *marks > 0);
        let marks = marks.map(|marks| format!("{} marked", count(marks)));
        if let Some(row) = model.row_beyond() {
            parts.push(format!("your pod is row {} of {rows}", count(row)));
        } else {
            parts.push(format!("page {page}/{pages}"));
            parts.extend(marks);
            parts.push(format!("{}–{} of {rows}", count(first), count(last)));
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

/// The cells of the parts with what is between and behind them.
fn place_width(parts: &[String]) -> usize {
    let parts = parts.iter().map(|part| part.width() + 3);
    parts.sum::<usize>().saturating_sub(2)
}

/// What keeps pods from the list: scope, problems only, filter.
fn restrictions<'a>(model: &Model, theme: &Theme) -> Line<'a> {
    let mut left = vec![Span::raw(" ")];
    for (name, value) in model.request.scope.terms() {
        let value = RemoteText::name(value);
        left.push(Span::styled(
            format!("{name}:{} ", value.shown()),
            theme.style(Role::Label),
        ));
    }
    if model.request.problems {
        left.push(Span::styled("problems ", theme.style(Role::Warn)));
    }
    if !model.request.filter.is_empty() {
        let in_force = model.request.filter.to_string();
        let typed = match (model.mode(), &model.filter_error) {
            (Mode::Filter, None) => model.prompt.text(),
            (Mode::Filter, Some(_)) => &in_force,
            _ => &model.filter_text,
        };
        let typed = RemoteText::name(typed);
        left.push(Span::styled(
            format!("/ {}", typed.shown()),
            theme.style(Role::Label),
        ));
    }
    if left.len() == 1 {
        left.push(Span::styled("Pods", theme.style(Role::Title)));
    }
    Line::from(left)
}

/// The line in at most so many cells; a longer one loses its end.
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
