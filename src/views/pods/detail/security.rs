//! Protection and scan in words: what HSS says, what it means, and what to do about it.
//!
//! ```text
//!  Protection ‼ broken (protection_exception)
//!             It is switched on and does not work: nothing watches this pod. Look at …
//!  Scan       ▲ risk
//!             HSS found something. Its alarms are in HSS's console …
//! ```
//!
//! The words are those of the closed lists of [`fleet::words`](crate::fleet::words); each has its meaning here, and a test
//! sees to it. HSS says neither of pods on nodes, so these have one line that says that.

use ratatui::text::{Line, Span};

use super::PodFacts;
use super::fields::{label_span, with_raw};
use crate::fleet::Field;
use crate::fleet::fields::PodField;
use crate::fleet::words::{Detection, Protection};
use crate::ui::signs;
use crate::ui::theme::Role;

/// What is said of a word that is in no list.
const UNDOCUMENTED: &str = "HSS does not document this word: it counts neither as good nor as bad.";
/// What is said where the field is missing in the answer.
const SILENT: &str = "HSS says nothing of it for this pod.";
/// What is said where there was no text in the answer.
const UNREADABLE: &str = "HSS sent something that is no text.";

/// The two states, each with what it means.
pub fn lines(facts: PodFacts<'_>) -> Vec<Line<'_>> {
    let pod = facts.pod;
    if pod.serverless.is_none() {
        return short(facts);
    }
    let meaning = |text: &'static str| {
        Line::from(vec![
            label_span("", facts.theme),
            Span::styled(text, facts.theme.style(Role::Muted)),
        ])
    };
    let mut lines = short(facts);
    let after_scan = meaning(of(pod.detection(), detection_means));
    let after_protection = meaning(of(pod.protection(), protection_means));
    lines.insert(1, after_protection);
    lines.push(after_scan);
    lines
}

/// The two states alone; for a pod on a node, that HSS says none.
pub fn short(facts: PodFacts<'_>) -> Vec<Line<'_>> {
    let PodFacts { pod, theme, .. } = facts;
    if pod.serverless.is_none() {
        let words = "HSS tells it of serverless pods only";
        return vec![Line::from(vec![
            label_span("Security", theme),
            Span::styled(words, theme.style(Role::Muted)),
        ])];
    }
    let line = |field: PodField, (text, role): (String, Role)| {
        Line::from(vec![
            label_span(field.row().label, theme),
            Span::styled(text, theme.style(role)),
        ])
    };
    let protection = with_raw(
        &signs::protection(pod.protection()),
        pod.protection().value().map(Protection::raw),
    );
    let detection = with_raw(
        &signs::detection(pod.detection()),
        pod.detection().value().map(Detection::sent),
    );
    vec![
        line(PodField::Protection, protection),
        line(PodField::Detection, detection),
    ]
}

fn of<T>(field: &Field<T>, means: impl Fn(&T) -> &'static str) -> &'static str {
    match field {
        Field::Absent => SILENT,
        Field::Unreadable => UNREADABLE,
        Field::Value(word) => means(word),
    }
}

fn protection_means(word: &Protection) -> &'static str {
    match word {
        Protection::Opened => "HSS watches this pod. Nothing to do.",
        Protection::Closed => {
            "HSS does not watch this pod, so an attack on it raises no alarm. Switch its protection on in HSS's console."
        }
        Protection::Exception => {
            "Protection is switched on and does not work: take the pod for unprotected. Look in HSS's console why; then \
             :sync and see whether it is on again."
        }
        Protection::Other(_) => UNDOCUMENTED,
    }
}

fn detection_means(word: &Detection) -> &'static str {
    match word {
        Detection::Clean => "The last scan found nothing. Nothing to do.",
        Detection::Risk => {
            "HSS found a risk in this pod. What it is stands with its alarms in HSS's console; handle them there, then \
             :sync."
        }
        Detection::Rescanning => {
            "An earlier scan found a risk, and a new scan is under way. The risk counts until that scan says clean."
        }
        Detection::Scanning => "A scan is under way; its result comes with one of the next lists.",
        Detection::Undetected => {
            "It was never scanned, so it is not known to be clean. Start a scan in HSS's console."
        }
        Detection::Other(_) => UNDOCUMENTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::text::RemoteText;
    use crate::fleet::words::ListedWord;

    #[test]
    fn every_word_of_the_lists_has_a_meaning_of_its_own_and_others_count_for_nothing() {
        let mut seen = Vec::new();
        for ListedWord { raw, .. } in Protection::LISTED {
            seen.push(protection_means(&Protection::read(raw)));
        }
        for ListedWord { raw, .. } in Detection::LISTED {
            seen.push(detection_means(&Detection::read(raw)));
        }
        for (at, means) in seen.iter().enumerate() {
            assert!(!means.is_empty() && *means != UNDOCUMENTED);
            assert!(!seen.iter().skip(at + 1).any(|other| other == means), "{means}");
        }
        assert_eq!(protection_means(&Protection::read("half")), UNDOCUMENTED);
        assert_eq!(of(&RemoteText::name("x").into(), |_: &RemoteText| "a"), "a");
        assert_eq!(of(&Field::<Detection>::Absent, detection_means), SILENT);
        assert_eq!(of(&Field::<Detection>::Unreadable, detection_means), UNREADABLE);
    }
}
