//! How current the list is: the right half of the title, with state, ages, countdown and calls.
//!
//! There are two ages: that of HSS's own list, and that of the last check. Yesterday's list is not current,
//! even if it was checked a second ago.

use std::time::Duration;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::state_word;
use super::trim::Trim;
use crate::app::Model;
use crate::collector::SyncState;
use crate::fleet::list_age::ListCurrency;
use crate::ui::format::{
    AHEAD, CORRECTED, clock, count, countdown, elapsed, seconds_since, short_age, ticking_age,
};
use crate::ui::{Role, Theme, signs};

/// State, ages and calls. A ticking number has the width of its widest usual text, so that nothing else
/// moves.
pub(super) fn state_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    // The form of an age, and its usual width: `1m47s`, or `59s`.
    let (told, cells): (fn(i64) -> String, usize) = if trim.keeps(Trim::Unit) {
        (ticking_age, 5)
    } else {
        (short_age, 3)
    };
    let (status, now) = (&model.status, model.now);
    let state = model.state();
    let is_loading = matches!(state, SyncState::Loading { .. });
    let (sign, role, mut word) = state_word::shown(model);
    let muted = theme.style(Role::Muted);
    if let Some(until) = status
        .waits_until(now)
        .filter(|_| !matches!(state, SyncState::Throttled(_)))
    {
        word = format!("{word}, waits until {}", clock(until, &model.zone));
    }
    // The number of records seen grows up to the total.
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
    let mut part_in = |text: String, widest: usize, name: Trim, role: Role| {
        if trim.keeps(name) {
            let separator = if spans.len() == 2 { "  " } else { " · " };
            // Blanks that keep a place are before the number, where they look like those of a column.
            let room = " ".repeat(widest.saturating_sub(text.width()));
            let number = text.find(|letter: char| letter.is_ascii_digit()).unwrap_or(0);
            let (words, number) = text.split_at_checked(number).unwrap_or(("", &text));
            spans.push(Span::styled(separator, muted));
            spans.push(Span::styled(format!("{words}{room}{number}"), theme.style(role)));
        }
    };
    let ago = |at: jiff::Timestamp| elapsed(at, now, CORRECTED).map(told);
    if is_loading && let Some(pace) = status.pace {
        let widest = "100,000/min".len();
        part_in(format!("{}/min", count(pace)), widest, Trim::Pace, Role::Text);
    }
    if is_loading && let Some(done_at) = status.done_at {
        // An expired estimate was too short.
        let left = Some(seconds_since(now, done_at)).filter(|left| *left > 0);
        let left = left.map_or_else(|| "?".to_owned(), told);
        let widest = cells + " left".len();
        part_in(format!("{left} left"), widest, Trim::Left, Role::Text);
    }
    if status.moved
        && matches!(
            state,
            SyncState::Loading { .. } | SyncState::Partial { .. } | SyncState::Fresh | SyncState::Recorded
        )
    {
        let moved = "list changed during the sweep".to_owned();
        part_in(moved, 0, Trim::Moved, Role::Text);
    }
    // The snapshot has the service's time, everything else ours.
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
    let hangs = status
        .asking_since
        .and_then(|since| elapsed(since, now, CORRECTED));
    let list = match &snapshot {
        Some(list) => format!("list {list}{old}"),
        None => "list age unknown".to_owned(),
    };
    let role = match model.list_currency() {
        ListCurrency::Current => Role::Text,
        ListCurrency::Aging => Role::Warn,
        ListCurrency::Old => Role::Bad,
    };
    // In its first hour what is beside it keeps its place, from seconds to minutes; later it changes rarely.
    let in_seconds = status.snapshot_at.and_then(|at| elapsed(at, service_now, AHEAD));
    let widest = match in_seconds {
        Some(0..3600) => "list 59m".len() + old.len(),
        _ => 0,
    };
    part_in(list, widest, Trim::Snapshot, role);
    let mut part = |text, widest, name| part_in(text, widest, name, Role::Text);
    let checked = match asked {
        Some(asked) => format!("checked {asked}{back}"),
        None if status.asked_at.is_some() => "last check unknown".to_owned(),
        None if status.problem.is_some() => "check failed".to_owned(),
        None => "never checked".to_owned(),
    };
    part(
        checked,
        "checked ".len() + cells.min(widest_countdown(status.interval)) + back.len(),
        // A hanging call has priority.
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
    } else if model.source.recorded_at.is_none() {
        // A recording has no newer list to wait for.
        let next = status.next_at.map_or(0, |next| seconds_since(now, next));
        let widest = "next ".len() + widest_countdown(status.interval);
        part(format!("next {}", countdown(next)), widest, Trim::Next);
    }
    let behind = if trim.keeps(Trim::Words) { " left" } else { "" };
    let noun = if status.calls_left == 1 { "call" } else { "calls" };
    // While nothing is loaded, how old the list is matters more.
    let goes = if is_loading { Trim::Calls } else { Trim::Asked };
    // Before the collector begins, the limit is unknown.
    if model.source.recorded_at.is_some() {
        // Nobody counts the calls of a recording.
    } else if status.through.is_some() {
        part("collector".to_owned(), "collector".len(), Trim::Calls);
    } else if status.is_collector_away() {
        part("collector away".to_owned(), "collector".len(), Trim::Calls);
    } else if status.calls_left.max(status.calls_limit) > 0 {
        part(
            format!("{} {noun}{behind}", count(status.calls_left)),
            count(status.calls_limit).len() + " calls".len() + behind.len(),
            goes,
        );
    }
    let [even, odd] = signs::HEARTBEAT;
    let heart = if model.beat.is_multiple_of(2) { even } else { odd };
    spans.push(Span::styled(format!(" {heart} "), muted));
    Line::from(spans)
}

/// The usual width of the time to the next call, or since the last one, at this interval.
fn widest_countdown(interval: Duration) -> usize {
    match interval.as_secs() {
        ..=60 => 3,
        61..600 => 5,
        _ => 6,
    }
}
