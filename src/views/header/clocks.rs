//! How current the list is: the right half of the title, with state, ages, countdown and calls.

use std::time::Duration;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::state_word;
use super::trim::Trim;
use crate::app::Model;
use crate::collector::SyncState;
use crate::ui::format::{
    AHEAD, CORRECTED, UNKNOWN, clock, count, countdown, elapsed, seconds_since, short_age, ticking_age,
};
use crate::ui::{Role, Theme, signs};

/// State, ages and calls. What ticks has the width of its widest usual text, so that nothing else moves with it.
pub(super) fn state_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    // How an age is told, and its cells as they mostly are: `1m47s`, or `59s`.
    let (told, cells): (fn(i64) -> String, usize) = if trim.keeps(Trim::Unit) {
        (ticking_age, 5)
    } else {
        (short_age, 3)
    };
    let (status, now) = (&model.status, model.now);
    let state = model.state();
    let is_loading = matches!(state, SyncState::Loading { .. });
    let (sign, role) = state_word::meaning(state);
    let muted = theme.style(Role::Muted);
    let mut word = state_word::text(state, model);
    if let Some(until) = status
        .waits_until(now)
        .filter(|_| !matches!(state, SyncState::Throttled(_)))
    {
        word = format!("{word}, waits until {}", clock(until, &model.zone));
    }
    // The records that were met become as many as there are.
    let room = match state {
        SyncState::Loading {
            met,
            total: Some(total),
        } => count(total.max(met)).len() - count(met).len(),
        _ => 0,
    };
    let mut spans = vec![
        Span::styled(format!("{sign} {word}"), theme.style(role)),
        Span::raw(" ".repeat(room)),
    ];
    let mut part = |text: String, widest: usize, name: Trim| {
        if trim.keeps(name) {
            let separator = if spans.len() == 2 { "  " } else { " · " };
            let room = widest.saturating_sub(text.width());
            spans.push(Span::styled(format!("{separator}{}", " ".repeat(room)), muted));
            spans.push(Span::styled(text, theme.style(Role::Text)));
        }
    };
    let ago = |at: jiff::Timestamp| elapsed(at, now, CORRECTED).map(told);
    if is_loading && let Some(pace) = status.pace {
        part(format!("{}/min", count(pace)), "100,000/min".len(), Trim::Pace);
    }
    if is_loading && let Some(done_at) = status.done_at {
        // An estimate that is over was too short.
        let left = Some(seconds_since(now, done_at)).filter(|left| *left > 0);
        let left = left.map_or_else(|| "?".to_owned(), told);
        part(format!("{left} left"), cells + " left".len(), Trim::Left);
    }
    if status.moved
        && matches!(
            state,
            SyncState::Loading { .. } | SyncState::Partial { .. } | SyncState::Fresh
        )
    {
        part("list changed during the sweep".to_owned(), 0, Trim::Moved);
    }
    // The snapshot is dated by the service's clock, all else by ours.
    let service_now = status.service_time(now);
    let of_service = |at: jiff::Timestamp| elapsed(at, service_now, AHEAD).map(told);
    let snapshot = status.snapshot_at.and_then(of_service);
    let asked = status.asked_at.and_then(ago);
    let behind = |known: bool, word: &'static str| {
        let is_shown = known && trim.keeps(Trim::Behind);
        if is_shown { word } else { "" }
    };
    let (old, back) = (
        behind(snapshot.is_some(), " old"),
        behind(asked.is_some(), " ago"),
    );
    let (before, verb) = if trim.keeps(Trim::Words) {
        ("snapshot ", "asked ")
    } else {
        ("snap ", "ask ")
    };
    let snapshot = snapshot.unwrap_or_else(|| UNKNOWN.to_owned());
    let never = if status.asked_at.is_some() {
        UNKNOWN
    } else {
        "never"
    };
    let asked = asked.unwrap_or_else(|| never.to_owned());
    part(
        format!("{before}{snapshot}{old}"),
        before.len() + cells + old.len(),
        Trim::Snapshot,
    );
    let hangs = status
        .asking_since
        .and_then(|since| elapsed(since, now, CORRECTED));
    part(
        format!("{verb}{asked}{back}"),
        verb.len() + cells.min(widest_countdown(status.interval)) + back.len(),
        // A call that hangs is worth more.
        if is_loading || hangs.is_some() {
            Trim::Next
        } else {
            Trim::Asked
        },
    );
    if let Some(hangs) = hangs {
        let verb = if trim.keeps(Trim::Words) {
            "asking for"
        } else {
            "asking"
        };
        part(
            format!("{verb} {}", ticking_age(hangs)),
            verb.len() + 4,
            Trim::Asked,
        );
    } else {
        let next = status.next_at.map_or(0, |next| seconds_since(now, next));
        let widest = "next ".len() + widest_countdown(status.interval);
        part(format!("next {}", countdown(next)), widest, Trim::Next);
    }
    let [left, limit] = [status.calls_left, status.calls_limit].map(|calls| calls.to_string());
    part(
        format!("calls {left}/{limit}"),
        "calls /".len() + 2 * limit.len(),
        Trim::Calls,
    );
    let [even, odd] = signs::HEARTBEAT;
    let heart = if model.beat.is_multiple_of(2) { even } else { odd };
    spans.push(Span::styled(format!(" {heart} "), muted));
    Line::from(spans)
}

/// The cells of the time to the next call, or since the last one, as they mostly are where a call is made this often.
fn widest_countdown(interval: Duration) -> usize {
    match interval.as_secs() {
        ..=60 => 3,
        61..600 => 5,
        _ => 6,
    }
}
