//! What is worth a line of the report: findings of the shift, findings from before, and the pods nearest to their limits.

use jiff::Timestamp;

use super::ShiftReport;
use super::safe::{code, field, plain};
use crate::fleet::change_log::{ChangeLog, FindingEnd};
use crate::fleet::changes::{Change, ChangeId, ChangeKind};
use crate::fleet::decisions::{Mute, MuteEnd, MuteTarget};
use crate::fleet::news::since_when;
use crate::fleet::risk::{self, Reason};
use crate::fleet::usage::WARN_PERCENT;
use crate::fleet::{Field, Fleet, Pod, RemoteText};

/// The least weight of a reason that is worth a line: what only deserves a look is in the dashboard.
const LEAST_WEIGHT: u32 = 20;
/// How many of the pods nearest to their limits are listed.
const MOST_USED: usize = 20;

/// A finding that came or went in the shift.
#[derive(Debug, Clone)]
pub(super) struct ShiftFinding {
    /// The change that brought it, or ended it where that was not seen.
    pub id: ChangeId,
    /// What it is.
    pub what: &'static str,
    /// Whether it came in the shift.
    pub is_new: bool,
    /// Since when there is one, if that was seen.
    pub since: Option<Timestamp>,
    /// How it ended, if it did.
    pub end: Option<ShiftEnd>,
    /// How often there was the same before.
    pub comebacks: u32,
    /// The score with it.
    pub score: Option<u32>,
    place: [Field<RemoteText>; 3],
}

/// How a finding of the shift ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShiftEnd {
    /// The date of the first snapshot without it.
    pub at: Option<Timestamp>,
    /// In words.
    pub how: &'static str,
}

/// A finding from before the shift.
#[derive(Debug, Clone)]
pub(super) struct OpenFinding {
    /// The pod.
    pub pod: Pod,
    /// What it is.
    pub what: &'static str,
    /// Since when, if that was seen.
    pub since: Option<Timestamp>,
    /// The pod's score.
    pub score: u32,
}

/// A pod near a limit.
#[derive(Debug, Clone)]
pub(super) struct UsedPod {
    /// The pod.
    pub pod: Pod,
    /// Percent of the limit.
    pub percent: u32,
    /// Of which limit.
    pub of: &'static str,
}

impl ShiftFinding {
    /// Pod, namespace and cluster.
    pub fn fields(&self) -> &[Field<RemoteText>; 3] {
        &self.place
    }

    /// Pod, namespace and cluster as cells.
    pub fn place(&self) -> [String; 3] {
        let [pod, namespace, cluster] = &self.place;
        [field(pod), field(namespace), field(cluster)]
    }
}

/// Pod, namespace and cluster as cells.
pub(super) fn place_of(pod: &Pod) -> [String; 3] {
    [field(pod.name()), field(pod.namespace()), field(pod.cluster())]
}

/// Pod, namespace and cluster of a change, as they may be shown.
fn place_of_change(fleet: &Fleet, change: &Change) -> [Field<RemoteText>; 3] {
    let Change {
        name,
        namespace,
        cluster,
        ..
    } = fleet.shown_change(change);
    [name, namespace, cluster]
}

/// The findings that came or went in the shift, the worst first in each snapshot, the newest first.
pub(super) fn of_shift(report: &ShiftReport) -> Vec<ShiftFinding> {
    let changes = report.fleet.changes();
    let is_within = |at: Option<Timestamp>| at.is_some_and(|at| at >= report.from && at <= report.to);
    let log = ChangeLog::of(changes);
    let logged = log.changes().iter().filter_map(|logged| {
        let change = changes.numbered(logged.number)?;
        let place = place_of_change(&report.fleet, change);
        let reason = logged
            .story
            .brought
            .filter(|reason| reason.weight() >= LEAST_WEIGHT)?;
        let end = logged.story.end.map(|end| match end {
            FindingEnd::Resolved(at) => ShiftEnd { at, how: "resolved" },
            FindingEnd::PodGone(at) => ShiftEnd { at, how: "pod gone" },
        });
        let is_new = is_within(change.seen_at());
        // One from before that ended after the shift, or before it, is not of this shift.
        let ended_within = end.is_some_and(|end| is_within(end.at));
        (is_new || ended_within).then_some(ShiftFinding {
            id: logged.id,
            what: reason.label(),
            is_new,
            since: change.after,
            end,
            comebacks: logged.story.comebacks,
            score: change.scores.after,
            place,
        })
    });
    let appeared = log.changes().iter().filter_map(|logged| {
        let change = changes.numbered(logged.number)?;
        appeared_badly(change)
            .filter(|_| is_within(change.seen_at()))
            .map(|score| ShiftFinding {
                id: logged.id,
                what: "new pod that needs attention",
                is_new: true,
                since: change.after,
                end: gone_since(report, change),
                comebacks: 0,
                score: Some(score),
                place: place_of_change(&report.fleet, change),
            })
    });
    let mut all: Vec<ShiftFinding> = logged.chain(appeared).collect();
    all.sort_by_key(|finding| std::cmp::Reverse(finding.since));
    all
}

/// The score of a pod that appeared with a finding: no change says which.
fn appeared_badly(change: &Change) -> Option<u32> {
    let score = change
        .scores
        .after
        .filter(|_| change.kind == ChangeKind::Appeared)?;
    (score >= LEAST_WEIGHT).then_some(score)
}

/// How the finding of a pod that appeared with it ended, as far as the pod tells.
fn gone_since(report: &ShiftReport, change: &Change) -> Option<ShiftEnd> {
    let row = report.fleet.row_of(&change.pod, None);
    let is_listed = row.is_some_and(|row| report.fleet.gone_since(row).is_none());
    (!is_listed).then(|| {
        let of_pod = |other: &&Change| other.pod == change.pod && other.kind == ChangeKind::Vanished;
        ShiftEnd {
            at: report
                .fleet
                .changes()
                .iter()
                .rev()
                .find(of_pod)
                .and_then(|other| other.after),
            how: "pod gone",
        }
    })
}

/// The findings that began before the shift, or nobody knows when, the highest scores first.
pub(super) fn still_open(report: &ShiftReport) -> Vec<OpenFinding> {
    let fleet = &report.fleet;
    let listed = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
    let mut open: Vec<OpenFinding> = listed
        .filter_map(|row| fleet.pod(row))
        .filter_map(|pod| {
            let reason = worst(&pod)?;
            let since = since_when(fleet.changes(), &pod.key, reason);
            let is_of_shift = since.is_some_and(|since| since >= report.from);
            (!is_of_shift).then(|| OpenFinding {
                what: reason.label(),
                since,
                score: risk::score(&pod),
                pod,
            })
        })
        .collect();
    open.sort_by(|one, other| {
        let key = |open: &OpenFinding| (std::cmp::Reverse(open.score), open.since);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.pod.key.cmp(&other.pod.key))
    });
    open
}

fn worst(pod: &Pod) -> Option<Reason> {
    let reason = risk::reasons(pod).into_iter().next()?;
    (reason.weight() >= LEAST_WEIGHT).then_some(reason)
}

/// The pods nearest to a limit, or beyond it.
pub(super) fn worst_used(report: &ShiftReport) -> Vec<UsedPod> {
    let fleet = &report.fleet;
    let listed = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
    let mut used: Vec<UsedPod> = listed
        .filter_map(|row| fleet.pod(row))
        .flat_map(|pod| {
            let both = [(pod.memory_usage(), "memory"), (pod.cpu_usage(), "CPU")];
            both.into_iter().filter_map(move |(usage, of)| {
                let percent = usage.percent().filter(|percent| *percent >= WARN_PERCENT)?;
                let pod = pod.clone();
                Some(UsedPod { pod, percent, of })
            })
        })
        .collect();
    used.sort_by(|one, other| {
        let key = |used: &UsedPod| std::cmp::Reverse(used.percent);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.pod.key.cmp(&other.pod.key))
    });
    used.truncate(MOST_USED);
    used
}

/// What is muted, and until when.
pub(super) fn mute_words(fleet: &Fleet, mute: &Mute, at: impl Fn(Timestamp) -> String) -> (String, String) {
    let what = match &fleet.shown_target(&mute.target) {
        MuteTarget::Pod { name, namespace, .. } => {
            format!("pod {} in {}", code(name.raw()), code(namespace.raw()))
        }
        MuteTarget::Namespace { namespace, cluster } => {
            format!("namespace {} of {}", code(namespace.raw()), code(cluster.raw()))
        }
        MuteTarget::Filter(filter) => format!("filter {}", plain(filter)),
    };
    let until = match mute.end {
        MuteEnd::Changed => "until it changes".to_owned(),
        MuteEnd::At(end) => at(end),
        MuteEnd::Never => "for ever".to_owned(),
    };
    (what, until)
}
