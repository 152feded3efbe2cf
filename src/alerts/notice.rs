//! What is told: one notice for all alerts of a rule that are due together.
//!
//! Owns its sentence. Names in it come from strangers, so all of them pass through [`RemoteText`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::AlertFinding;
use super::rule::{AlertSeverity, AlertWay};
use crate::fleet::{PodKey, RemoteText};

/// Why it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// Something began.
    Firing,
    /// Something that was put away got worse.
    Worse,
    /// Something is over.
    Resolved,
    /// What happened while nobody looked, or in quiet hours.
    Summary,
    /// `hss-top alerts test`.
    Test,
}

impl NoticeKind {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Worse => "worse",
            Self::Resolved => "resolved",
            Self::Summary => "summary",
            Self::Test => "test",
        }
    }
}

/// An alert as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAlert {
    /// The rule.
    pub rule: String,
    /// What was found.
    pub finding: AlertFinding,
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// The pod's key, or nothing for the source as a whole.
    pub pod: String,
    /// The pod's name, as it may be shown.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its cluster.
    pub cluster: String,
    /// What changed, from what to what.
    pub words: String,
    /// The change's id, where a change brought it.
    pub change: Option<String>,
    /// When it began.
    pub began: Timestamp,
    /// When it was noticed here.
    pub seen: Timestamp,
    /// When it ended, if it did.
    pub ended: Option<Timestamp>,
}

/// What holds an alert back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    /// It has not lasted long enough.
    Young,
    /// Its rule told something just before: the next notice has all that happens until then.
    Merge,
    /// The quiet hours of its rule.
    Quiet,
    /// A mute.
    Mute,
    /// The sweep after a gap: the summary comes when it is over.
    Gap,
}

impl HoldReason {
    /// In words, behind a time where there is one.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Young => "if it lasts",
            Self::Merge => "with others",
            Self::Quiet => "quiet hours",
            Self::Mute => "muted",
            Self::Gap => "after the sweep",
        }
    }
}

/// An alert that is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldAlert {
    /// Why.
    pub why: HoldReason,
    /// When it will be sent if nothing else happens; `None` if no time decides.
    pub until: Option<Timestamp>,
}

/// An alert as an operator looks it up: whether it lasts, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAlert {
    /// The alert.
    pub alert: ToldAlert,
    /// The key of its pod; an empty one for the source as a whole.
    pub key: PodKey,
    /// The ways by which it was sent; none if it was not, because it is held back or somebody knew of it.
    pub told_by: Vec<AlertWay>,
    /// Those of these ways that do not take it yet: it waits there.
    pub waits_by: Vec<AlertWay>,
    /// Why it was not sent yet, and when it will be.
    pub held: Option<HeldAlert>,
    /// Whether somebody took note of it.
    pub is_acknowledged: bool,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertNotice {
    /// The rule's name; `summary` for several rules.
    pub rule: String,
    /// Why it is told.
    pub kind: NoticeKind,
    /// The most urgent of its alerts.
    pub severity: AlertSeverity,
    /// The ways to take.
    pub via: Vec<AlertWay>,
    /// The programs of [`AlertWay::Command`].
    pub commands: Vec<Vec<String>>,
    /// When.
    pub at: Timestamp,
    /// What happened between these two times; for a summary.
    pub between: Option<(Timestamp, Timestamp)>,
    /// The alerts: those that began, or for [`NoticeKind::Resolved`] those that ended.
    pub alerts: Vec<ToldAlert>,
    /// Those that are too many to be followed one by one.
    pub more: usize,
}

impl AlertNotice {
    /// How many alerts it is about.
    pub fn count(&self) -> usize {
        self.alerts.len() + self.more
    }

    /// What it says, without names: `3 new risks, 1 pod failed`.
    pub fn counts(&self) -> String {
        let of = |finding: &AlertFinding| {
            self.alerts
                .iter()
                .filter(|alert| alert.finding == *finding)
                .count()
        };
        let mut parts: Vec<String> = AlertFinding::ALL
            .iter()
            .filter_map(|finding| {
                let [one, many] = finding.words();
                Some(match of(finding) {
                    0 => return None,
                    _ if !finding.condition().is_of_pods() => one.to_owned(),
                    1 => format!("1 {one}"),
                    count => format!("{count} {many}"),
                })
            })
            .collect();
        if self.more > 0 {
            parts.push(format!("{} more", self.more));
        }
        let parts = parts.join(", ");
        match self.kind {
            NoticeKind::Resolved => format!("over: {parts}"),
            NoticeKind::Worse => format!("worse: {parts}"),
            NoticeKind::Summary if self.between.is_some() => format!("while not watched: {parts}"),
            NoticeKind::Summary => format!("in quiet hours: {parts}"),
            NoticeKind::Test => format!("test: {parts}"),
            NoticeKind::Firing => parts,
        }
    }

    /// What it says, with the first names: `2 new risks: settle-1, settle-2`.
    pub fn sentence(&self) -> String {
        const NAMES: usize = 3;
        let counts = self.counts();
        let pods = self.alerts.iter().filter(|alert| !alert.name.is_empty());
        let names: Vec<String> = pods
            .clone()
            .take(NAMES)
            .map(|alert| RemoteText::name(&alert.name).shown().to_owned())
            .collect();
        let others = if pods.count() > NAMES { ", …" } else { "" };
        let words = self.alerts.first().filter(|alert| alert.name.is_empty());
        match (names.as_slice(), words) {
            ([], Some(alert)) if !alert.words.is_empty() => format!("{counts}: {}", alert.words),
            ([], _) => counts,
            (names, _) => format!("{counts}: {}{others}", names.join(", ")),
        }
    }
}
