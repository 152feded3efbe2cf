//! Title, counts and bar.
//!
//! ```text
//! hss-top  0a1b… · cn-north-4 · all_granted_eps      ● FRESH  snapshot 14m old · asked 12s ago · next 48s · calls 4/5 ●
//! 12,310 pods  ● 11,902 running  ◐ 214 pending  ✗ 96 failed   ▲ 7 risk  ‼ 3 exception   CPU≥90 12  MEM≥90 31
//! ns:payments  / pay risk                                                        5 of 12,310 · page 1/1 · 1–5 of 5
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use super::format::{clock, count, fit, head, seconds_since, short_age};
use super::layout::Areas;
use super::signs;
use super::theme::{Role, Theme};
use crate::app::{Mode, Model};
use crate::sync::State;

/// Draws all three lines.
pub fn render(model: &Model, theme: &Theme, areas: &Areas, buffer: &mut Buffer) {
    title(model, theme, areas.title, buffer);
    if let Some(area) = areas.counts {
        counts(model, theme, usize::from(area.width)).render(area, buffer);
    }
    bar(model, theme, areas.bar, buffer);
}

fn title(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let name = source_line(model, theme, 0).width() + 1;
    let right = [Detail::Full, Detail::Medium, Detail::Short]
        .into_iter()
        .map(|detail| state_line(model, theme, detail))
        .find(|line| line.width() + name <= width)
        .unwrap_or_else(|| state_line(model, theme, Detail::Word));
    let room = width.saturating_sub(right.width() + 2);
    let left = source_line(model, theme, room);
    let right_width = u16::try_from(right.width()).unwrap_or(area.width).min(area.width);
    left.render(
        Rect {
            width: area.width - right_width,
            ..area
        },
        buffer,
    );
    right.render(
        Rect {
            x: area.right() - right_width,
            width: right_width,
            ..area
        },
        buffer,
    );
}

fn source_line<'a>(model: &Model, theme: &Theme, room: usize) -> Line<'a> {
    let source = &model.source;
    let mut spans = vec![Span::styled(" hss-top", theme.style(Role::Title))];
    if source.demo {
        spans.push(Span::styled(" DEMO", theme.style(Role::Warn)));
    }
    if source.plain_text {
        spans.push(Span::styled(" PLAIN HTTP", theme.style(Role::Bad)));
    }
    let used: usize = spans.iter().map(|span| span.content.width()).sum();
    let project = match model.project() {
        "" => "finding the project…",
        project => project,
    };
    let names = [
        source.place.as_str(),
        project,
        source.enterprise_project.as_str(),
        source.signed_in_by.as_str(),
    ];
    let mut room = room.saturating_sub(used);
    for (at, name) in names.into_iter().filter(|name| !name.is_empty()).enumerate() {
        let separator = if at == 0 { "  " } else { " · " };
        let limit = if at == 1 {
            12.max(room.saturating_sub(24))
        } else {
            32
        };
        let name = fit(crate::fleet::RemoteText::name(name).shown(), limit);
        let needed = separator.width() + name.width();
        if needed > room {
            break;
        }
        room -= needed;
        spans.push(Span::styled(separator, theme.style(Role::Muted)));
        spans.push(Span::raw(name));
    }
    Line::from(spans)
}

/// How much of the state there is room for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    Word,
    Short,
    Medium,
    Full,
}

fn state_line<'a>(model: &Model, theme: &Theme, detail: Detail) -> Line<'a> {
    let (status, now) = (&model.status, model.now);
    let state = status.state(now);
    let (sign, role) = signs::state(state);
    let muted = theme.style(Role::Muted);
    let mut spans = vec![Span::styled(
        format!("{sign} {}", state_text(state, model)),
        theme.style(role),
    )];
    let mut part = |text: String, wanted: Detail| {
        if detail >= wanted {
            let separator = if spans.len() == 1 { "  " } else { " · " };
            spans.push(Span::styled(separator, muted));
            spans.push(Span::styled(text, theme.style(Role::Text)));
        }
    };
    let ago = |at: jiff::Timestamp| short_age(seconds_since(at, now));
    if let (State::Loading { .. }, Some(pace)) = (state, status.pace) {
        part(format!("{}/min", count(pace)), Detail::Full);
    }
    if let (State::Loading { .. }, Some(done_at)) = (state, status.done_at) {
        part(
            format!("{} left", short_age(seconds_since(now, done_at))),
            Detail::Medium,
        );
    }
    if status.moved && matches!(state, State::Loading { .. } | State::Partial { .. }) {
        part("the list moved".to_owned(), Detail::Full);
    }
    // The snapshot is dated by the service's clock, all else by ours.
    let skew = status.skew.unwrap_or_default();
    let service_now = now.checked_add(skew).unwrap_or(now);
    let of_service = |at: jiff::Timestamp| short_age(seconds_since(at, service_now));
    let snapshot = status
        .snapshot_at
        .map_or_else(|| "unknown".to_owned(), of_service);
    let asked = status.asked_at.map_or_else(|| "never".to_owned(), ago);
    if detail == Detail::Short {
        part(format!("snap {snapshot}"), Detail::Short);
        part(format!("ask {asked}"), Detail::Short);
    } else {
        let old = if status.snapshot_at.is_some() { " old" } else { "" };
        let back = if status.asked_at.is_some() { " ago" } else { "" };
        part(format!("snapshot {snapshot}{old}"), Detail::Medium);
        part(format!("asked {asked}{back}"), Detail::Medium);
    }
    if let Some(next) = status.next_at {
        part(
            format!("next {}", short_age(seconds_since(now, next))),
            Detail::Full,
        );
    }
    part(
        format!("calls {}/{}", status.calls_left, status.calls_limit),
        Detail::Medium,
    );
    let heart = if model.beat.is_multiple_of(2) {
        " ● "
    } else {
        " ○ "
    };
    spans.push(Span::styled(heart, muted));
    Line::from(spans)
}

fn state_text(state: State, model: &Model) -> String {
    let now = model.now;
    let word = state.word();
    match state {
        State::Loading {
            met,
            total: Some(total),
        } => format!("{word} {} of {}", count(met), count(total)),
        State::Loading { met: 0, total: None } => word.to_owned(),
        State::Loading { met, total: None } => format!("{word} {}", count(met)),
        State::Partial { met, total } => format!("{word} {} of {}", count(met), count(total)),
        State::Stale(Some(since)) => format!("{word} {}", short_age(seconds_since(since, now))),
        State::Throttled(Some(until)) => format!("{word} until {}", clock(until, &model.zone)),
        State::Fresh
        | State::Stale(None)
        | State::Throttled(None)
        | State::Auth
        | State::Offline
        | State::Denied => word.to_owned(),
    }
}

fn counts<'a>(model: &Model, theme: &Theme, width: usize) -> Line<'a> {
    let summary = &model.view.summary;
    let noun = if summary.pods == 1 { "pod" } else { "pods" };
    // Sign, number, what it counts, what it means, and whether it is shown when it is zero.
    let items = [
        ("●", summary.running, "running", Role::Good, true),
        ("◐", summary.pending, "pending", Role::Warn, true),
        ("✗", summary.failed, "failed", Role::Bad, true),
        ("?", summary.unknown, "unknown", Role::Doubt, false),
        ("▲", summary.risk, "risk", Role::Bad, true),
        ("‼", summary.exception, "exception", Role::Bad, false),
        ("", summary.cpu_critical, "CPU≥90", Role::Bad, true),
        ("", summary.memory_critical, "MEM≥90", Role::Bad, true),
        ("○", summary.unprotected, "unprotected", Role::Warn, false),
        ("✓", summary.succeeded, "done", Role::Muted, false),
    ];
    let mut line = Line::from(Span::raw(format!(" {} {noun}", count(summary.pods))));
    for (sign, number, word, role, always) in items {
        if number == 0 && !always {
            continue;
        }
        let role = if number == 0 { Role::Muted } else { role };
        let text = if sign.is_empty() {
            format!("  {word} {}", count(number))
        } else {
            format!("  {sign} {} {word}", count(number))
        };
        if line.width() + text.width() > width {
            break;
        }
        line.push_span(Span::styled(text, theme.style(role)));
    }
    let changes = model.new_changes();
    let text = format!("  Δ {}", count(changes));
    if changes > 0 && line.width() + text.width() <= width {
        line.push_span(Span::styled(text, theme.style(Role::Busy)));
    }
    line
}

fn bar(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
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
        parts.push(format!("page {page}/{pages}"));
        parts.push(format!(
            "{}–{} of {}",
            count(first),
            count(last),
            count(model.view.len())
        ));
        if model.view.gone() > 0 {
            parts.push(format!("{} gone", count(model.view.gone())));
        }
        let wish = &model.view.wish;
        if wish.problems || !wish.filter.is_empty() {
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
    for (name, value) in model.wish.scope.terms() {
        let value = crate::fleet::RemoteText::name(value);
        left.push(Span::styled(
            format!("{name}:{} ", value.shown()),
            theme.style(Role::Label),
        ));
    }
    if model.wish.problems {
        left.push(Span::styled("problems ", theme.style(Role::Warn)));
    }
    if !model.wish.filter.is_empty() {
        let in_force = model.wish.filter.to_string();
        let typed = match (model.mode, &model.filter_error) {
            (Mode::Filter, None) => model.prompt.text(),
            (Mode::Filter, Some(_)) => &in_force,
            _ => &model.filter_text,
        };
        let typed = crate::fleet::RemoteText::name(typed);
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
