//! The events of the pod, the newest first.
//!
//! ```text
//!  21:59        ▲ scan: clean → risk  after 21:44 · seen 22:01
//!  20:31        % memory below 70 % → 90 % or more
//!  Nov 28 09:14   created
//! ```
//!
//! A change happened between two of HSS's lists; it has the date of the later one, followed by that of the
//! earlier one, and by the time when we saw it if that was later. Without room for these two, the last goes first: a line
//! that is continued reads like another event.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::fields::{label_span, moment};
use super::{DetailFacts, LABEL};
use crate::app::Model;
use crate::fleet::changes::Change;
use crate::ui::change_words::change_words;
use crate::ui::format::{left, width};
use crate::ui::theme::Role;

/// The most lines, because a pod that crashes all the time has thousands of events.
const MOST: usize = 200;

/// An event.
struct StoryEvent {
    at: Option<Timestamp>,
    words: String,
    role: Role,
    /// When HSS had not seen it yet, and when we did.
    asides: Vec<String>,
}

/// The story, line by line, below its heading, in this many cells.
pub fn lines(facts: DetailFacts<'_>, room: usize) -> Vec<Line<'_>> {
    let theme = facts.theme;
    let mut events: Vec<StoryEvent> = changes(facts).collect();
    if let Some(at) = facts.pod.created().value().copied() {
        events.push(StoryEvent {
            at: Some(at),
            words: "  created".to_owned(),
            role: Role::Text,
            asides: Vec::new(),
        });
    }
    // An event without a date is as new as the one before it.
    events.sort_by(|one, other| match (one.at, other.at) {
        (Some(one), Some(other)) => other.cmp(&one),
        _ => std::cmp::Ordering::Equal,
    });
    if events.is_empty() {
        let nothing = "nothing has happened since hss-top first saw it";
        return vec![Line::from(vec![
            label_span("Timeline", theme),
            Span::styled(nothing, theme.style(Role::Muted)),
        ])];
    }
    let heading = Line::from(label_span("Timeline", theme));
    events.truncate(MOST);
    let dates: Vec<String> = events
        .iter()
        .map(|event| event.at.map_or_else(String::new, |at| moment(at, facts.model)))
        .collect();
    // As wide as the widest, so that what happened stands in one column.
    let cells = dates
        .iter()
        .map(|date| width(date))
        .max()
        .unwrap_or(0)
        .max(LABEL - 1);
    let line = |(event, date): (StoryEvent, String)| {
        // The last cell stays blank: text at the edge looks cut.
        let free = room.saturating_sub(cells + 3 + width(&event.words));
        let aside = fitting(event.asides, free);
        Line::from(vec![
            Span::styled(format!(" {} ", left(&date, cells)), theme.style(Role::Muted)),
            Span::styled(event.words, theme.style(event.role)),
            Span::styled(aside, theme.style(Role::Muted)),
        ])
    };
    [heading]
        .into_iter()
        .chain(events.into_iter().zip(dates).map(line))
        .collect()
}

/// The changes of this pod, the newest first.
fn changes(facts: DetailFacts<'_>) -> impl Iterator<Item = StoryEvent> + '_ {
    let DetailFacts { model, pod, .. } = facts;
    let of_pod = model.detail_fleet().changes().iter().rev();
    let of_pod = of_pod.filter(move |change| change.pod == pod.key);
    of_pod.take(MOST).map(move |change| {
        let (sign, words, role) = change_words(&change.kind);
        StoryEvent {
            at: change.after.or(change.before),
            words: format!("{sign} {words}"),
            role,
            asides: asides(change, model),
        }
    })
}

/// Other facts about its time.
fn asides(change: &Change, model: &Model) -> Vec<String> {
    let dated = change.after.or(change.before).map(|at| moment(at, model));
    // Times less than a minute apart look equal, so only one is shown.
    let other = |at: Option<Timestamp>| {
        let words = at.map(|at| moment(at, model));
        words.filter(|words| dated.as_ref() != Some(words))
    };
    let before = other(change.before).map(|at| format!("after {at}"));
    let seen = other(change.noticed).map(|at| format!("seen {at}"));
    before.into_iter().chain(seen).collect()
}

/// As many of the asides as fit into this many cells.
fn fitting(mut asides: Vec<String>, cells: usize) -> String {
    while !asides.is_empty() {
        let text = format!("  {}", asides.join(" · "));
        if width(&text) <= cells {
            return text;
        }
        asides.pop();
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_room_beside_an_event_is_left_out_as_a_whole() {
        let asides = || vec!["after 15:47".to_owned(), "seen 16:19".to_owned()];
        assert_eq!(fitting(asides(), 26), "  after 15:47 · seen 16:19");
        assert_eq!(fitting(asides(), 25), "  after 15:47");
        assert_eq!(fitting(asides(), 12), "");
    }
}
