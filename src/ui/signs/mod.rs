//! Sign, word and role of every state: never colour alone.

mod table;

use std::borrow::Cow;

pub use table::{
    ABSENT, ASCENDING, BAR, BAR_FULL, BAR_HALF, BAR_OVER, BAR_TRACK, BROKEN, BUSY, CURSOR, DESCENDING,
    DIFFERS, DONE, DOUBT, FAILED, FELL, FINE, GONE, HEARTBEAT, MARKED, MORE_LEFT, MORE_RIGHT, OFF, PENDING,
    RISK, ROSE, SCROLL_HERE, SCROLL_HERE_MARK, SCROLL_MARK, SCROLL_TRACK, SignSet, UNLIMITED, USAGE,
    is_state,
};

use super::theme::Role;
use crate::fleet::fields::PodText;
use crate::fleet::news::ChangeMark;
use crate::fleet::overview::NamespaceState;
use crate::fleet::past::StandingNow;
use crate::fleet::raw::List;
use crate::fleet::risk::{BAD_SCORE, HIGH_SCORE, Reason};
use crate::fleet::text::RemoteText;
use crate::fleet::usage::{Pressure, Usage};
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod};

/// A state in the form that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a> {
    /// One cell, or empty.
    pub sign: &'static str,
    /// The word.
    pub word: &'a str,
    /// Its meaning.
    pub role: Role,
}

fn shown<'a>(sign: &'static str, word: &'a str, role: Role) -> Shown<'a> {
    Shown { sign, word, role }
}

impl Shown<'_> {
    /// Sign and word.
    pub fn text(&self) -> String {
        if self.sign.is_empty() {
            self.word.to_owned()
        } else {
            format!("{} {}", self.sign, self.word)
        }
    }
}

/// A value that was in the answer but could not be read.
pub const UNREADABLE: &str = DOUBT;

/// A pod's status.
pub fn status(field: &Field<Status>) -> Shown<'_> {
    match field {
        Field::Absent => shown("", ABSENT, Role::Muted),
        Field::Unreadable => shown(UNREADABLE, "unreadable", Role::Doubt),
        Field::Value(status) => match status {
            Status::Running => shown(FINE, status.shown(), Role::Text),
            Status::Pending => shown(PENDING, status.shown(), Role::Warn),
            Status::Succeeded => shown(DONE, status.shown(), Role::Muted),
            Status::Failed => shown(FAILED, status.shown(), Role::Bad),
            Status::Unknown => shown(DOUBT, status.shown(), Role::Doubt),
            Status::Other(_) => shown(DOUBT, status.shown(), Role::Doubt),
        },
    }
}

/// The state of a namespace; it is only green if it is known to be clean.
pub fn namespace_state(state: NamespaceState) -> Shown<'static> {
    let (sign, role) = match state {
        NamespaceState::Risk => (RISK, Role::Bad),
        NamespaceState::Broken => (BROKEN, Role::Bad),
        NamespaceState::Failed => (FAILED, Role::Bad),
        NamespaceState::Unknown | NamespaceState::Doubtful => (DOUBT, Role::Doubt),
        NamespaceState::NearLimit => (USAGE, Role::Bad),
        NamespaceState::Pending => (PENDING, Role::Warn),
        NamespaceState::Off => (OFF, Role::Warn),
        NamespaceState::NotScanned => (OFF, Role::Doubt),
        NamespaceState::Scanning => (BUSY, Role::Busy),
        NamespaceState::NotCovered => (ABSENT, Role::Muted),
        NamespaceState::Clean => (FINE, Role::Good),
    };
    shown(sign, state.word(), role)
}

/// In place of the status of a pod that vanished.
pub fn gone() -> Shown<'static> {
    shown(GONE, "gone", Role::Gone)
}

/// Whether HSS protects it.
pub fn protection(field: &Field<Protection>) -> Shown<'_> {
    match field {
        Field::Absent => shown("", ABSENT, Role::Muted),
        Field::Unreadable => shown(UNREADABLE, "unreadable", Role::Doubt),
        Field::Value(protection) => match protection {
            Protection::Opened => shown(FINE, protection.shown(), Role::Good),
            Protection::Closed => shown(OFF, protection.shown(), Role::Warn),
            Protection::Exception => shown(BROKEN, protection.shown(), Role::Bad),
            Protection::Other(word) => shown(DOUBT, word.shown(), Role::Doubt),
        },
    }
}

/// What HSS found.
pub fn detection(field: &Field<Detection>) -> Shown<'_> {
    match field {
        Field::Absent => shown("", ABSENT, Role::Muted),
        Field::Unreadable => shown(UNREADABLE, "unreadable", Role::Doubt),
        Field::Value(detection) => match detection {
            Detection::Clean => shown(FINE, detection.shown(), Role::Good),
            Detection::Risk | Detection::Rescanning => shown(RISK, detection.shown(), Role::Bad),
            Detection::Scanning => shown(BUSY, detection.shown(), Role::Busy),
            Detection::Undetected => shown(OFF, detection.shown(), Role::Doubt),
            Detection::Other(word) => shown(DOUBT, word.shown(), Role::Doubt),
        },
    }
}

/// The lists that a pod is in, as the filter calls them.
pub fn lists(pod: &Pod) -> &'static str {
    match (&pod.node, &pod.serverless) {
        (Some(_), Some(_)) => "node, serverless",
        (Some(_), None) => List::Node.word(),
        (None, _) => List::Serverless.word(),
    }
}

/// The meaning of a usage.
pub fn usage(usage: Usage) -> Role {
    match usage.pressure() {
        Pressure::Critical => Role::Bad,
        Pressure::Warn => Role::Warn,
        Pressure::Calm => Role::Good,
        Pressure::Unknown if usage == Usage::Unreadable => Role::Doubt,
        Pressure::Unknown => Role::Muted,
    }
}

/// A usage in words, short.
pub fn usage_word(usage: Usage) -> Cow<'static, str> {
    match usage {
        Usage::Percent(percent) if percent > 999 => ">999%".into(),
        Usage::Percent(percent) => format!("{percent}%").into(),
        Usage::NoLimit => "no limit".into(),
        Usage::NotReported => "n/a".into(),
        Usage::Unreadable => UNREADABLE.into(),
    }
}

/// A risk score and its meaning. No risk is shown as 0, because that is known.
pub fn risk(score: u32) -> (String, Role) {
    let role = match score {
        BAD_SCORE.. => Role::Bad,
        HIGH_SCORE..BAD_SCORE => Role::Warn,
        0..HIGH_SCORE => Role::Muted,
    };
    (score.to_string(), role)
}

/// The sign and meaning of a reason: those of its state, so that a sign means the same everywhere.
pub fn reason(reason: Reason) -> (&'static str, Role) {
    match reason {
        Reason::DetectionRisk => (RISK, Role::Bad),
        Reason::Failed => (FAILED, Role::Bad),
        Reason::ProtectionException => (BROKEN, Role::Bad),
        Reason::StatusUnknown => (DOUBT, Role::Doubt),
        // As in the titles of the columns: percent of a limit.
        Reason::MemoryCritical | Reason::CpuCritical => (USAGE, Role::Bad),
        Reason::MemoryWarn | Reason::CpuWarn => (USAGE, Role::Warn),
        Reason::Pending => (PENDING, Role::Warn),
        Reason::ProtectionClosed => (OFF, Role::Warn),
        Reason::Undetected => (OFF, Role::Doubt),
        Reason::Unreadable => (DOUBT, Role::Doubt),
        Reason::NoMemoryLimit => (UNLIMITED, Role::Muted),
    }
}

/// What changed on a pod: in one cell, in three, and the meaning.
pub fn change_mark(mark: ChangeMark) -> (&'static str, &'static str, Role) {
    match mark {
        ChangeMark::NewRisk => ("N", "NEW", Role::Busy),
        ChangeMark::Rose => (ROSE, ROSE, Role::Warn),
        ChangeMark::Fell => (FELL, FELL, Role::Good),
        ChangeMark::Muted => ("M", "mut", Role::Muted),
        ChangeMark::Acknowledged => (DONE, "ack", Role::Good),
    }
}

/// What marks a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowMark {
    /// What changed of the pod lately.
    Lately(ChangeMark),
    /// The later state of the pod since the moment that the table shows.
    Since(StandingNow),
}

/// The mark of a row: in one cell, in three, and what that means.
pub fn row_mark(mark: RowMark) -> (&'static str, &'static str, Role) {
    match mark {
        RowMark::Lately(mark) => change_mark(mark),
        RowMark::Since(StandingNow::Same) => (" ", " ", Role::Muted),
        RowMark::Since(StandingNow::Worse) => (ROSE, ROSE, Role::Warn),
        RowMark::Since(StandingNow::Better) => (FELL, FELL, Role::Good),
        RowMark::Since(StandingNow::Differs) => (DIFFERS, DIFFERS, Role::Busy),
        RowMark::Since(StandingNow::Gone) => (GONE, GONE, Role::Muted),
    }
}

/// A pod's name; one that is not valid in Kubernetes is marked.
pub fn name(field: &Field<RemoteText>) -> (Cow<'_, str>, Role) {
    marked_unless(field, RemoteText::is_kubernetes_name)
}

/// A namespace's name; one that is not valid in Kubernetes is marked.
pub fn namespace(field: &Field<RemoteText>) -> (Cow<'_, str>, Role) {
    marked_unless(field, RemoteText::is_kubernetes_label)
}

/// The value of a text field, with the sign of a state.
pub fn text_field(text: PodText, pod: &Pod) -> (Cow<'_, str>, Role) {
    let state = |shown: Shown<'_>| (shown.text().into(), shown.role);
    match text {
        PodText::Name => name(pod.name()),
        PodText::Namespace => namespace(pod.namespace()),
        PodText::Status => state(status(pod.status())),
        PodText::Protection => state(protection(pod.protection())),
        PodText::Detection => state(detection(pod.detection())),
        PodText::Kind => (lists(pod).into(), Role::Text),
        other => self::text(other.of(pod).own().unwrap_or(&Field::Absent)),
    }
}

/// Any other text, in any script; one that had to be escaped or cut is marked.
pub fn text(field: &Field<RemoteText>) -> (Cow<'_, str>, Role) {
    marked_unless(field, |text| !text.is_altered())
}

fn marked_unless(field: &Field<RemoteText>, is_good: impl Fn(&RemoteText) -> bool) -> (Cow<'_, str>, Role) {
    match field {
        Field::Absent => (ABSENT.into(), Role::Muted),
        Field::Unreadable => (UNREADABLE.into(), Role::Doubt),
        Field::Value(text) if is_good(text) => (text.shown().into(), Role::Text),
        Field::Value(text) => (format!("{DOUBT} {}", text.shown()).into(), Role::Doubt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_can_have_is_marked() {
        fn shown(of: fn(&Field<RemoteText>) -> (Cow<'_, str>, Role), raw: &str) -> (String, Role) {
            let field = RemoteText::name(raw).into();
            let (text, role) = of(&field);
            (text.into_owned(), role)
        }
        assert_eq!(shown(name, "web-0.a"), ("web-0.a".to_owned(), Role::Text));
        assert_eq!(shown(name, "Web"), ("? Web".to_owned(), Role::Doubt));
        assert_eq!(
            shown(namespace, "kube-system"),
            ("kube-system".to_owned(), Role::Text)
        );
        assert_eq!(shown(namespace, "a.b"), ("? a.b".to_owned(), Role::Doubt));
        assert_eq!(shown(text, "生产集群 1"), ("生产集群 1".to_owned(), Role::Text));
        assert_eq!(
            shown(text, "a\u{202e}b"),
            ("? a\\u{202e}b".to_owned(), Role::Doubt)
        );
    }
}
