//! The operators' decisions about changes: acknowledgements and mutes.
//!
//! Owns which changes a mute covers, and when it ends. A muted pod that gets worse than it was comes back,
//! whatever its mute says. Must not: read a clock, or know where decisions are saved.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, ChangeId, ChangeKind, Changes};
use super::field::Field;
use super::past::until::until;
use super::pod::{Pod, PodKey};
use super::query::eval::matches;
use super::query::{Query, Unit};
use super::score_shift;
use super::text::RemoteText;

/// The longest time for which something can be muted, in seconds; there is `worse`.
const LONGEST: i64 = 400 * 24 * 3600;

/// An acknowledgement: somebody has taken note of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Who: 1 to 256 characters.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The pod.
    pub pod: PodKey,
    /// The finding's name: 1 to 256 characters. For a change it is the change's id.
    pub finding: String,
    /// Until when it applies, later than `at`; `None` as long as the finding lasts.
    pub until: Option<Timestamp>,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
}

/// A mute: somebody hides the changes of some pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mute {
    /// Who: 1 to 256 characters.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Which pods.
    pub target: MuteTarget,
    /// Until when.
    pub end: MuteEnd,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
}

/// Which pods are muted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MuteTarget {
    /// One pod, and its names.
    Pod {
        /// The pod.
        key: PodKey,
        /// Its name.
        name: RemoteText,
        /// Its namespace.
        namespace: RemoteText,
        /// Its cluster.
        cluster: RemoteText,
    },
    /// All pods of a namespace of a cluster.
    Namespace {
        /// The namespace.
        namespace: RemoteText,
        /// The cluster.
        cluster: RemoteText,
    },
    /// The pods that pass a filter, as typed after `/`: 1 to 4096 characters.
    Filter(String),
}

/// When a mute ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MuteEnd {
    /// For each pod, when the pod changes.
    Changed,
    /// At this time, which is later than that of the mute.
    At(Timestamp),
    /// When the pod gets worse, as all mutes, or when it is undone.
    Never,
}

/// All decisions, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// The acknowledgements, including undone ones.
    pub acknowledgements: Vec<Acknowledgement>,
    /// The mutes, including ended ones.
    pub mutes: Vec<Mute>,
}

impl Decisions {
    /// Of `others`, those that are missing here and hold, and those that are undone there but not here.
    pub fn missing(&self, others: &Self) -> (Self, Self) {
        let (mut new, mut undone) = (Self::default(), Self::default());
        for row in &others.acknowledgements {
            let known = self.acknowledgements.iter().find(|known| known.is_same(row));
            match known {
                None if row.undone.is_none() => new.acknowledgements.push(row.clone()),
                Some(known) if known.undone.is_none() && row.undone.is_some() => {
                    undone.acknowledgements.push(row.clone());
                }
                _ => {}
            }
        }
        for row in &others.mutes {
            let known = self.mutes.iter().find(|known| known.is_same(row));
            match known {
                None if row.undone.is_none() => new.mutes.push(row.clone()),
                Some(known) if known.undone.is_none() && row.undone.is_some() => {
                    undone.mutes.push(row.clone());
                }
                _ => {}
            }
        }
        (new, undone)
    }
}

impl Acknowledgement {
    /// The acknowledged change, if the finding is a change.
    pub fn change(&self) -> Option<ChangeId> {
        ChangeId::read(&self.finding)
    }

    /// Whether it applies at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.undone.is_none() && self.until.is_none_or(|until| now < until)
    }

    /// Whether both are the same one, undone or not. A time that was saved or sent has lost what is finer
    /// than a millisecond.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_of_same_act(other) && self.pod.as_str() == other.pod.as_str() && self.finding == other.finding
    }

    /// Whether both were made with one key: by one person, at one time.
    pub fn is_of_same_act(&self, other: &Self) -> bool {
        self.who == other.who && is_same_time(self.at, other.at)
    }
}

/// Whether two times are the same as far as they are saved: in milliseconds. A decision of this run has a finer one than the
/// same decision read from the file.
fn is_same_time(one: Timestamp, other: Timestamp) -> bool {
    one.as_millisecond() == other.as_millisecond()
}

impl Mute {
    /// Whether it was not undone and its time has not passed.
    pub fn holds(&self, now: Timestamp) -> bool {
        let is_past = matches!(self.end, MuteEnd::At(end) if end <= now);
        self.undone.is_none() && !is_past
    }

    /// Whether both are the same one, undone or not.
    pub fn is_same(&self, other: &Self) -> bool {
        self.who == other.who && is_same_time(self.at, other.at) && self.target.is_same(&other.target)
    }
}

impl MuteEnd {
    /// Until when, in words; `at` says a time.
    pub fn words(self, at: impl Fn(Timestamp) -> String) -> String {
        match self {
            Self::Changed => "until it changes".to_owned(),
            Self::At(end) => format!("until {} unless worse", at(end)),
            Self::Never => "until it gets worse".to_owned(),
        }
    }
}

impl MuteEnd {
    /// Reads what is typed: `changed`, `worse`, a time from a minute to 400 days such as `2h`, or a moment ahead such as
    /// `18:00`, `friday 08:00` or `2026-12-31`.
    pub fn read(word: &str, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        match word {
            "changed" => return Some(Self::Changed),
            "worse" | "forever" | "ever" => return Some(Self::Never),
            _ => {}
        }
        let seconds = Unit::Age
            .read(word)
            .and_then(|seconds| i64::try_from(seconds).ok());
        let end = match seconds {
            Some(seconds @ 60..=LONGEST) => now.checked_add(SignedDuration::from_secs(seconds)).ok()?,
            Some(_) => return None,
            None => until(word, now, zone)?,
        };
        Some(Self::At(end))
    }
}

impl MuteTarget {
    /// The pod of a change.
    pub fn pod_of(change: &Change) -> Self {
        Self::Pod {
            key: change.pod.clone(),
            name: text(&change.name),
            namespace: text(&change.namespace),
            cluster: text(&change.cluster),
        }
    }

    /// The namespace of the pod of a change.
    pub fn namespace_of(change: &Change) -> Self {
        Self::Namespace {
            namespace: text(&change.namespace),
            cluster: text(&change.cluster),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pod { key, .. }, Self::Pod { key: other, .. }) => key.as_str() == other.as_str(),
            _ => self == other,
        }
    }
}

fn text(field: &Field<RemoteText>) -> RemoteText {
    field.value().cloned().unwrap_or_else(|| RemoteText::name(""))
}

/// A mute, prepared for checks of many changes and pods.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cover {
    Pod(PodKey),
    Namespace(RemoteText, RemoteText),
    Filter(Query),
}

impl Cover {
    /// `None` if the filter cannot be read: it covers nothing.
    fn of(target: &MuteTarget) -> Option<Self> {
        Some(match target {
            MuteTarget::Pod { key, .. } => Self::Pod(key.clone()),
            MuteTarget::Namespace { namespace, cluster } => {
                Self::Namespace(namespace.clone(), cluster.clone())
            }
            MuteTarget::Filter(filter) => Self::Filter(Query::parse(filter).ok()?),
        })
    }

    fn covers(&self, change: &Change, now: Timestamp) -> bool {
        match self {
            Self::Pod(key) => key.as_str() == change.pod.as_str(),
            Self::Namespace(namespace, cluster) => {
                is_text(&change.namespace, namespace) && is_text(&change.cluster, cluster)
            }
            Self::Filter(query) => matches(query, &change.pod_then(), now),
        }
    }

    fn covers_pod(&self, pod: &Pod, now: Timestamp) -> bool {
        match self {
            Self::Pod(key) => key.as_str() == pod.key.as_str(),
            Self::Namespace(namespace, cluster) => {
                is_text(pod.namespace(), namespace) && is_text(pod.cluster(), cluster)
            }
            Self::Filter(query) => matches(query, pod, now),
        }
    }
}

fn is_text(field: &Field<RemoteText>, wanted: &RemoteText) -> bool {
    field.value().map_or("", RemoteText::raw) == wanted.raw()
}

/// What is muted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MutedChanges {
    /// The ids of the changes.
    pub ids: HashSet<ChangeId>,
    /// For each mute the number of its pods: a pod that changed or got worse is not muted any more.
    pub pods: Vec<usize>,
    holding: Vec<HoldingMute>,
}

/// An active mute, and the pods for which it has ended nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
struct HoldingMute {
    mute: Mute,
    cover: Cover,
    over: HashSet<String>,
}

impl MutedChanges {
    /// The active mute of `pod`, which has its names; the first one of several.
    pub fn of_pod(&self, pod: &Pod, now: Timestamp) -> Option<&Mute> {
        let covers = |holding: &&HoldingMute| {
            holding.cover.covers_pod(pod, now) && !holding.over.contains(pod.key.as_str())
        };
        self.holding.iter().find(covers).map(|holding| &holding.mute)
    }
}

/// The state of one pod under one mute.
#[derive(Default)]
struct MutedPod {
    /// Its score when it was muted.
    score: Option<u32>,
    is_over: bool,
    changes: Vec<ChangeId>,
}

/// The changes that `mutes` cover at `now`.
pub fn muted(changes: &Changes, mutes: &[Mute], now: Timestamp) -> MutedChanges {
    let holding = mutes.iter().enumerate().filter(|(_, mute)| mute.holds(now));
    let holding = holding.filter_map(|(at, mute)| Some((at, mute, Cover::of(&mute.target)?)));
    let holding: Vec<(usize, &Mute, Cover)> = holding.collect();
    let mut covered = MutedChanges {
        pods: vec![0; mutes.len()],
        ..MutedChanges::default()
    };
    if holding.is_empty() {
        return covered;
    }
    let mut pods: HashMap<(usize, &str), MutedPod> = HashMap::new();
    for recorded in changes.recorded() {
        let change = recorded.change;
        for (at, mute, cover) in &holding {
            if !cover.covers(change, now) {
                continue;
            }
            let pod = pods.entry((*at, change.pod.as_str())).or_default();
            pod.changes.push(recorded.id);
            if change.seen_at().is_some_and(|seen| seen > mute.at) {
                let score = *pod.score.get_or_insert(change.scores.before.unwrap_or(0));
                pod.is_over |= mute.end == MuteEnd::Changed || is_worse(change, score);
            }
        }
    }
    let (over, pods): (Vec<_>, Vec<_>) = pods.into_iter().partition(|(_, pod)| pod.is_over);
    covered.holding = holding
        .iter()
        .map(|(at, mute, cover)| HoldingMute {
            mute: (*mute).clone(),
            cover: cover.clone(),
            over: over
                .iter()
                .filter(|((of, _), _)| of == at)
                .map(|((_, pod), _)| (*pod).to_owned())
                .collect(),
        })
        .collect();
    for ((at, _), pod) in pods {
        if let Some(count) = covered.pods.get_mut(at) {
            *count += 1;
        }
        covered.ids.extend(pod.changes);
    }
    covered
}

/// Whether a change makes its pod worse than this score.
fn is_worse(change: &Change, score: u32) -> bool {
    match change.scores.after {
        Some(after) => after > score,
        None => change.kind != ChangeKind::Vanished && score_shift::shift(&change.kind) > 0,
    }
}

#[cfg(test)]
mod tests;
