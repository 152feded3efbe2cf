//! The facts about the program, its calls and its list, one per line.
//!
//! ```text
//!  ● FRESH     all pods are loaded, as of HSS's list of 2025-08-15 09:16:15
//!  Next call   in 48s, at 09:31:03: the list is checked every 1m
//!
//!  Calls       4 of 5 left in this minute; 1,234 made since the start, 12 failed
//!  …
//!  Memory      28.5Mi, peak 31.2Mi                 ▁▂▃▃▃▃▃▃▃▃
//! ```
//!
//! Every fact has a rank. If they do not all fit, the least important ones are left out, and the others keep their order.

mod alerts;
mod costs;

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _};

use crate::app::Model;
use crate::app::health_view::story::StateStory;
use crate::collector::SyncState;
use crate::fleet::RemoteText;
use crate::fleet::changes::KEPT;
use crate::fleet::list_age::ListCurrency;
use crate::hss::exchange::API_VERSION;
use crate::log::LogTrouble;
use crate::state::database::migrations::VERSION;
use crate::ui::format::{AHEAD, age, bytes, count, date, elapsed, left, seconds_since, wrapped};
use crate::ui::moment::moment;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::header::{meaning, pods};

/// Cells of a name, a blank before it included.
const LABEL: usize = 13;
/// From this height on, groups of facts have a blank line between them, and each figure of the program has
/// its own line.
const ROOMY: u16 = 20;
/// HSS collects its clusters once a day.
const RENEWED_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// A line that can be drawn.
#[derive(Default)]
struct Fact {
    /// `None` for the state word, which takes the place of a label.
    label: Option<&'static str>,
    text: String,
    role: Role,
    /// After the text: the earlier values.
    trend: String,
    /// The fact with the lowest rank is left out last.
    rank: u8,
}

/// The lines, while they are collected.
struct FactLines {
    lines: Vec<Fact>,
    /// Cells for a text.
    room: usize,
    is_roomy: bool,
}

impl FactLines {
    /// Adds a fact. If it is too long, it continues on the next line.
    fn add(&mut self, rank: u8, label: &'static str, text: &str, role: Role) {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        for (label, line) in labels.zip(wrapped(text, self.room)) {
            let text = line.to_owned();
            self.lines.push(Fact {
                label: Some(label),
                text,
                role,
                rank,
                ..Fact::default()
            });
        }
    }

    /// Adds a blank line between two groups, where there is room.
    fn part(&mut self) {
        if self.is_roomy {
            self.lines.push(Fact {
                label: Some(""),
                rank: 8,
                ..Fact::default()
            });
        }
    }
}

/// Draws the facts.
pub(super) fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width).saturating_sub(LABEL + 1);
    let facts = facts(model, room, area.height >= ROOMY);
    let shown = fitting(&facts.lines, area.height.into());
    let lines: Vec<Line<'_>> = shown.into_iter().map(|fact| line(model, fact, theme)).collect();
    Paragraph::new(lines).render(area, buffer);
}

fn line<'a>(model: &Model, fact: &Fact, theme: &Theme) -> Line<'a> {
    let (sign, state_role) = meaning(model.state());
    let state = || format!("{sign} {}", model.state().word());
    let role = if fact.label.is_some() {
        Role::Label
    } else {
        state_role
    };
    let label = fact.label.map_or_else(state, str::to_owned);
    Line::from(vec![
        Span::styled(format!(" {}", left(&label, LABEL - 1)), theme.style(role)),
        Span::styled(fact.text.clone(), theme.style(fact.role)),
        Span::styled(fact.trend.clone(), theme.style(Role::Muted)),
    ])
}

/// As many facts as fit. Those with the highest rank are left out first, and among equals the last one.
fn fitting(facts: &[Fact], room: usize) -> Vec<&Fact> {
    let mut kept: Vec<&Fact> = facts.iter().collect();
    while kept.len() > room {
        let ranked = kept.iter().enumerate().max_by_key(|(at, fact)| (fact.rank, *at));
        let Some((place, _)) = ranked else { break };
        kept.remove(place);
    }
    kept
}

fn facts(model: &Model, room: usize, is_roomy: bool) -> FactLines {
    let mut facts = FactLines {
        lines: Vec::new(),
        room,
        is_roomy,
    };
    story(model, &mut facts);
    facts.part();
    calls(model, &mut facts);
    list(model, &mut facts);
    kept(model, &mut facts);
    alerts::add(model, &mut facts);
    facts.part();
    costs::add(model, &mut facts);
    facts.part();
    places(model, &mut facts);
    facts
}

fn story(model: &Model, facts: &mut FactLines) {
    let story = StateStory::of(model);
    let mut lines = wrapped(&story.why, facts.room).into_iter();
    facts.lines.push(Fact {
        label: None,
        text: lines.next().unwrap_or_default().to_owned(),
        ..Fact::default()
    });
    for line in lines {
        facts.add(0, "", line, Role::Text);
    }
    facts.add(0, "Next call", &story.next, Role::Text);
    if let Some(problem) = &model.status.problem {
        // Whole: what a support engineer asks for is at its end.
        let text = masked(model, &problem.error.to_string());
        facts.add(1, "Problem", text.shown(), Role::Bad);
    }
    if let Some(trouble) = &model.status.sign_in_trouble {
        let text = masked(model, trouble);
        let text = format!(
            "{} the refusal could not be remembered: {}",
            signs::RISK,
            text.shown()
        );
        facts.add(1, "", &text, Role::Warn);
    }
}

fn calls(model: &Model, facts: &mut FactLines) {
    let status = &model.status;
    let others = match status.calls_of_others {
        0 => String::new(),
        others => format!(", {others} spent by {}", status.others.words()),
    };
    let counted = match status.through {
        None if model.source.recorded_at.is_some() => "no limit: the recording answers".to_owned(),
        None if status.calls_limit == 0 => "limit not known yet".to_owned(),
        None if status.is_collector_away() => "the collector does not answer".to_owned(),
        None => format!(
            "{} of {} left in this minute{others}",
            status.calls_left, status.calls_limit
        ),
        Some(collector) => format!("no limit: a collector answers, its state is {}", collector.word()),
    };
    let text = format!(
        "{counted}; {} made since the start, {} failed",
        count(status.calls_made),
        count(status.calls_failed)
    );
    facts.add(2, "Calls", &text, Role::Text);
    if let Some(trouble) = &status.calls_trouble {
        let text = masked(model, trouble);
        facts.add(2, "", &format!("{} {}", signs::RISK, text.shown()), Role::Warn);
    }
    let met = count(status.met);
    let text = match status.total {
        _ if status.loading => {
            let of = status
                .total
                .map_or_else(String::new, |total| format!(" of {}", count(total)));
            let whose = if status.is_scope_current {
                ", of the pods outside this scope too"
            } else {
                ""
            };
            format!("running: {met}{of} records{whose}")
        }
        Some(total) if !status.complete => format!("the last one saw {met} of {} records", count(total)),
        Some(total) => format!("the last one saw all {} records", count(total)),
        None => "none has ended yet".to_owned(),
    };
    let moved = if status.moved {
        "; the list changed during it"
    } else {
        ""
    };
    facts.add(3, "Sweep", &format!("{text}{moved}"), Role::Text);
}

fn list(model: &Model, facts: &mut FactLines) {
    let status = &model.status;
    let now = status.service_time(model.now);
    let Some(at) = status.snapshot_at else {
        let is_loaded = status.whole || status.asked_at.is_some();
        let text = if is_loaded {
            "HSS's list has no date"
        } else {
            "not loaded yet"
        };
        facts.add(3, "List", text, Role::Muted);
        return;
    };
    let old =
        elapsed(at, now, AHEAD).map_or_else(|| "in the future".to_owned(), |it| format!("{} old", age(it)));
    let expected = at.checked_add(RENEWED_EVERY).unwrap_or(at);
    let late = seconds_since(expected, now);
    let next = if late > 0 {
        format!("it was due {} ago", age(late))
    } else {
        format!("due by {}", moment(expected, model.now, &model.zone))
    };
    let text = format!(
        "{old}, from {}; HSS renews it daily, {next}",
        moment(at, model.now, &model.zone)
    );
    let role = match model.list_currency() {
        ListCurrency::Current => Role::Text,
        ListCurrency::Aging => Role::Warn,
        ListCurrency::Old => Role::Bad,
    };
    facts.add(3, "List", &text, role);
}

fn kept(model: &Model, facts: &mut FactLines) {
    let known = if model.request.scope.is_whole() {
        pods(model)
    } else {
        format!("{} looked at, {}", pods(model), count(model.fleet.len()))
    };
    let changes = count(model.fleet.changes().iter().count());
    let text = format!("{known} known, {changes} of at most {} changes kept", count(KEPT));
    facts.add(5, "Pods", &text, Role::Text);
    let since = model.changes.book.watched.first().map(|span| span.from);
    let size = model.health.vitals().and_then(|vitals| vitals.state_bytes);
    let size = size.map_or_else(String::new, |size| format!("; {} on disk", bytes(size)));
    let (text, role) = match since {
        Some(since) => {
            let back = age(seconds_since(since, model.now));
            let since = moment(since, model.now, &model.zone);
            (format!("goes back {back}, to {since}{size}"), Role::Text)
        }
        None if model.places.state.is_some() => (format!("nothing is saved yet{size}"), Role::Muted),
        None => ("nothing is saved between runs".to_owned(), Role::Muted),
    };
    facts.add(5, "History", &text, role);
}

fn places(model: &Model, facts: &mut FactLines) {
    let status = &model.status;
    let source = model.shown_source().signed_in_by;
    let source = RemoteText::message(&source);
    let end = match status.credential_end {
        Some(end) if end > model.now => {
            let left = age(seconds_since(model.now, end));
            format!("valid for {left}, until {}", moment(end, model.now, &model.zone))
        }
        Some(end) => format!("ended {}", moment(end, model.now, &model.zone)),
        None => "expiry unknown".to_owned(),
    };
    let text = match (source.shown(), status.credential_end) {
        ("", None) => "none".to_owned(),
        ("", Some(_)) => end,
        (source, _) => format!("{source}; {end}"),
    };
    // It is what is to be looked at.
    let rank = if matches!(model.state(), SyncState::Auth | SyncState::Denied) {
        1
    } else {
        6
    };
    facts.add(rank, "Credential", &text, Role::Text);
    let log_trouble = model
        .log_trouble
        .as_ref()
        .map(|trouble| log_words(model, trouble));
    for (label, path, trouble, none) in [
        (
            "State",
            &model.places.state,
            &status.state_trouble,
            "no file; nothing is saved between runs",
        ),
        (
            "Log",
            &model.places.log,
            &log_trouble,
            "none; --log-file FILE writes one",
        ),
    ] {
        match (path, trouble) {
            (_, Some(trouble)) => {
                let text = masked(model, trouble);
                facts.add(2, label, &format!("{} {}", signs::RISK, text.shown()), Role::Warn);
            }
            (Some(path), None) => facts.add(6, label, masked(model, path).shown(), Role::Text),
            (None, None) => facts.add(6, label, none, Role::Muted),
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    facts.add(
        6,
        "hss-top",
        &format!("{version}, {}", costs::up(model)),
        Role::Text,
    );
    let formats = format!("HSS's API {API_VERSION}, state file format {VERSION}");
    facts.add(7, "Versions", &formats, Role::Text);
    match &model.zone_trouble {
        Some(trouble) => facts.add(2, "Time zone", masked(model, trouble).shown(), Role::Warn),
        None => facts.add(7, "Time zone", &zone(model, model.now), Role::Text),
    }
}

fn log_words(model: &Model, trouble: &LogTrouble) -> String {
    let path = model.places.log.as_deref().unwrap_or_default();
    format!("{}: {} ({path})", trouble.mark(), trouble.why())
}

/// The zone's name, and by how much its clocks differ from UTC now.
fn zone(model: &Model, now: Timestamp) -> String {
    let shown = date(now, &model.zone);
    let offset = shown.rsplit_once(' ').map_or("", |(_, offset)| offset);
    match model.zone.iana_name() {
        Some(name) => format!("{name}, {offset}"),
        None => offset.to_owned(),
    }
}

/// A sentence from outside, as it may be shown.
fn masked(model: &Model, text: &str) -> RemoteText {
    RemoteText::message(&model.masking.sentence(text))
}

#[cfg(test)]
mod tests;
