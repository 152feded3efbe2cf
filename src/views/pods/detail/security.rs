//! Protection and scan in words: HSS's state, its meaning, and what to do about it.
//!
//! ```text
//!  Protection ‼ broken (protection_exception)
//!             It is switched on but does not work: treat the pod as unprotected. …
//!  Scan       ▲ risk
//!             HSS found a risk in this pod. Its alarms in HSS's console …
//! ```
//!
//! The words are those of the closed lists of [`fleet::words`](crate::fleet::words); each has its meaning
//! here, which a test checks. HSS reports neither for pods on nodes, so these have a single line that says
//! so.

use ratatui::text::{Line, Span};

use super::fields::{label_span, with_raw};
use super::{DetailFacts, NOT_SAVED};
use crate::fleet::Field;
use crate::fleet::fields::PodField;
use crate::fleet::words::{Detection, Protection};
use crate::ui::signs;
use crate::ui::theme::Role;

/// The text for an undocumented word.
const UNDOCUMENTED: &str = "HSS does not document this word: it counts neither as good nor as bad.";
/// The text for a field that is missing in the answer.
const SILENT: &str = "HSS does not report it for this pod.";
/// The text for a value that is not a text.
const UNREADABLE: &str = "HSS sent something that is not text.";

/// The two states with their meanings.
pub fn lines(facts: DetailFacts<'_>) -> Vec<Line<'_>> {
    let pod = facts.pod;
    // What a state means now is no advice about a pod that is gone and little known.
    if pod.serverless.is_none() || facts.is_told() {
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

/// The two states alone; for a pod on a node, the line that says that HSS reports none.
pub fn short(facts: DetailFacts<'_>) -> Vec<Line<'_>> {
    let DetailFacts { pod, theme, .. } = facts;
    if pod.serverless.is_none() {
        let words = if facts.is_told() {
            NOT_SAVED
        } else {
            "reported for serverless pods only"
        };
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
    let or_unknown = |shown: (String, Role), is_absent: bool| {
        if is_absent && facts.is_told() {
            (NOT_SAVED.to_owned(), Role::Muted)
        } else {
            shown
        }
    };
    vec![
        line(
            PodField::Protection,
            or_unknown(protection, pod.protection().is_absent()),
        ),
        line(
            PodField::Detection,
            or_unknown(detection, pod.detection().is_absent()),
        ),
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
        Protection::Opened => "HSS watches this pod.",
        Protection::Closed => {
            "HSS does not watch this pod, so an attack on it raises no alarm. Switch its protection on in HSS's console."
        }
        Protection::Exception => {
            "Protection is switched on but does not work: treat the pod as unprotected. HSS's console says why; \
             after the repair, :sync shows whether it is on again."
        }
        Protection::Other(_) => UNDOCUMENTED,
    }
}

fn detection_means(word: &Detection) -> &'static str {
    match word {
        Detection::Clean => "The last scan found nothing.",
        Detection::Risk => {
            "HSS found a risk in this pod. Its alarms in HSS's console say what it is; handle them there, then :sync."
        }
        Detection::Rescanning => {
            "An earlier scan found a risk, and a new scan is running. The risk counts until that scan finds the pod clean."
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
