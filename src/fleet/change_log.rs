//! The changes as an operator reads them: by snapshot, the newest first, and in each the worst first.
//!
//! Owns the grouping and the order of changes, and the course of each finding: whether it was resolved, and
//! how often it came back. Every change is in exactly one group. Must not: filter by typed text, or know who
//! read what.

mod episodes;
mod scans;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;
use jiff::{SignedDuration, Timestamp};

use super::changes::{Change, ChangeId, ChangeKind, Changes, Recorded};
use super::field::Field;
use super::pod::{Pod, PodKey, ServerlessRecord};
use super::quantity::Measure;
use super::risk::{PROBLEM_SCORE, Reason};
use super::score_shift;
use super::text::RemoteText;

pub use episodes::{FindingEpisode, episodes};
pub use scans::whole_scans;

/// The course of a finding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FindingStory {
    /// What the change brought, if that is worth attention.
    pub brought: Option<Reason>,
    /// What the change ended, if that was worth attention.
    pub ended: Option<Reason>,
    /// How it ended, as far as later changes tell; `None` while it is open.
    pub end: Option<FindingEnd>,
    /// How often the pod had the same finding before and lost it again: the number of times it regressed.
    pub comebacks: u32,
    /// For a change that ended a finding: how long the finding lasted, if both ends have a date.
    pub lasted: Option<SignedDuration>,
}

/// How a finding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingEnd {
    /// The pod is well again, since the snapshot of this date.
    Resolved(Option<Timestamp>),
    /// The pod vanished before the snapshot of this date.
    PodGone(Option<Timestamp>),
}

/// A change and what follows from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedChange {
    /// Its number in [`Changes`].
    pub number: i64,
    /// Its id.
    pub id: ChangeId,
    /// By how much it makes the pod worse; below zero if it makes it better.
    pub gravity: i32,
    /// The finding that it brought, and the course of that.
    pub story: FindingStory,
}

impl LoggedChange {
    /// Whether it began or ended a problem.
    pub fn is_of_problem(&self) -> bool {
        let story = &self.story;
        let mut both = [story.brought, story.ended].into_iter().flatten();
        both.any(|reason| reason.weight() >= PROBLEM_SCORE)
    }

    /// Whether HSS found a risk in it.
    pub fn found_risk(&self) -> bool {
        self.story.brought == Some(Reason::DetectionRisk)
    }
}

/// The changes that one snapshot of HSS brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeGroup {
    /// The date of the snapshot; `None` where HSS gave none.
    pub snapshot: Option<Timestamp>,
    /// When we first saw it, by our own clock; `None` in a record of an older build.
    pub noticed: Option<Timestamp>,
    /// Its changes among all of the log.
    pub changes: Range<usize>,
}

/// All changes in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeLog {
    changes: Vec<LoggedChange>,
    groups: Vec<ChangeGroup>,
}

impl ChangeLog {
    /// The log of `changes`.
    pub fn of(changes: &Changes) -> Self {
        let stories = stories(changes);
        let mut entries: Vec<(GroupKey, Recorded<'_>, FindingStory)> = changes
            .recorded()
            .zip(stories)
            .map(|(recorded, story)| (GroupKey::of(recorded.change), recorded, story))
            .collect();
        entries.sort_by_cached_key(|(group, recorded, _)| {
            (Reverse(*group), order(recorded.change), recorded.number)
        });
        let groups = entries.chunk_by(|one, other| one.0 == other.0);
        let mut log = Self::default();
        for entries in groups {
            let start = log.changes.len();
            log.changes
                .extend(entries.iter().map(|(_, recorded, story)| LoggedChange {
                    number: recorded.number,
                    id: recorded.id,
                    gravity: gravity(recorded.change),
                    story: *story,
                }));
            let noticed = entries
                .iter()
                .filter_map(|(_, recorded, _)| recorded.change.noticed)
                .min();
            log.groups.push(ChangeGroup {
                snapshot: entries.first().and_then(|(_, recorded, _)| recorded.change.after),
                noticed,
                changes: start..log.changes.len(),
            });
        }
        log
    }

    /// The changes that pass, in the same order, without empty groups.
    #[must_use]
    pub fn filtered(&self, passes: impl Fn(&LoggedChange) -> bool) -> Self {
        let mut log = Self::default();
        for group in &self.groups {
            let start = log.changes.len();
            log.changes
                .extend(self.of_group(group).iter().filter(|change| passes(change)));
            if log.changes.len() > start {
                log.groups.push(ChangeGroup {
                    changes: start..log.changes.len(),
                    ..group.clone()
                });
            }
        }
        log
    }

    /// The same with one change of each pod in a group, the first; and the others of that pod by the id of the first one.
    pub fn by_pod<'a>(
        &self,
        pod_of: impl Fn(&LoggedChange) -> Option<&'a PodKey>,
    ) -> (Self, HashMap<ChangeId, Vec<LoggedChange>>) {
        let mut others: HashMap<ChangeId, Vec<LoggedChange>> = HashMap::new();
        let mut log = Self::default();
        for group in &self.groups {
            let start = log.changes.len();
            let mut firsts: HashMap<&PodKey, ChangeId, RandomState> = HashMap::default();
            for logged in self.of_group(group) {
                match pod_of(logged).map(|pod| *firsts.entry(pod).or_insert(logged.id)) {
                    Some(first) if first != logged.id => others.entry(first).or_default().push(*logged),
                    _ => log.changes.push(*logged),
                }
            }
            log.groups.push(ChangeGroup {
                changes: start..log.changes.len(),
                ..group.clone()
            });
        }
        (log, others)
    }

    /// The groups, the newest first.
    pub fn groups(&self) -> &[ChangeGroup] {
        &self.groups
    }

    /// The changes in their order.
    pub fn changes(&self) -> &[LoggedChange] {
        &self.changes
    }

    /// The changes of a group.
    pub fn of_group(&self, group: &ChangeGroup) -> &[LoggedChange] {
        self.changes.get(group.changes.clone()).unwrap_or_default()
    }
}

impl ChangeGroup {
    /// When we first saw it, or else its date.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.noticed.or(self.snapshot)
    }
}

/// The snapshot of a change; one without a date is identified by the time when we saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey(Option<Timestamp>, bool);

impl GroupKey {
    fn of(change: &Change) -> Self {
        Self(change.seen_by_snapshot(), change.after.is_some())
    }
}

impl Change {
    /// The date of its snapshot, or else the time when we saw it.
    pub fn seen_by_snapshot(&self) -> Option<Timestamp> {
        self.after.or(self.noticed)
    }
}

/// Changes for the worse come first, the worst at the top; then neutral ones; then improvements.
type ChangeOrder = (u8, i32, &'static str, String, String, String);

fn order(change: &Change) -> ChangeOrder {
    let gravity = gravity(change);
    let (class, rank) = match gravity {
        1.. => (0, -gravity),
        0 => (1, 0),
        _ => (2, gravity),
    };
    let raw = |field: &Field<RemoteText>| field.value().map_or("", RemoteText::raw).to_owned();
    let (cluster, namespace, name) = (raw(&change.cluster), raw(&change.namespace), raw(&change.name));
    (class, rank, change.kind.name(), cluster, namespace, name)
}

/// By how much a change makes its pod worse.
pub fn gravity(change: &Change) -> i32 {
    match change.kind {
        ChangeKind::Appeared => change
            .scores
            .after
            .map_or(0, |score| i32::try_from(score).unwrap_or(i32::MAX)),
        _ => score_shift::shift(&change.kind),
    }
}

/// The story of each change, in the order of the changes.
fn stories(changes: &Changes) -> Vec<FindingStory> {
    let mut stories = vec![FindingStory::default(); changes.recorded().len()];
    let dates: Vec<Option<Timestamp>> = changes.iter().map(|change| change.after).collect();
    let date = |at: usize| dates.get(at).copied().flatten();
    // The heaviest of one pod first, so that a change tells of the heaviest that it brought or ended.
    for episode in episodes(changes) {
        let brought_by = episode.begin.filter(|_| episode.is_seen_to_begin);
        if let Some(story) = brought_by.and_then(|at| stories.get_mut(at))
            && story.brought.is_none()
        {
            story.brought = Some(episode.reason);
            story.comebacks = episode.comebacks;
            story.end = episode.end.map(|(_, end)| end);
        }
        let since = episode.begin.and_then(date);
        if let Some((at, FindingEnd::Resolved(until))) = episode.end
            && let Some(story) = stories.get_mut(at)
        {
            if story
                .ended
                .is_some_and(|known| known.weight() >= episode.reason.weight())
            {
                continue;
            }
            story.ended = Some(episode.reason);
            if let (Some(since), Some(until)) = (since, until) {
                story.lasted = Some(until.duration_since(since));
            }
            if story.brought.is_none() {
                story.comebacks = episode.comebacks;
            }
        }
    }
    stories
}

/// The last data of the wanted pods according to their changes, for pods that are no longer listed.
pub fn last_records<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    is_wanted: impl Fn(&PodKey) -> bool,
) -> HashMap<PodKey, Pod, RandomState> {
    let mut pods: HashMap<PodKey, Pod, RandomState> = HashMap::default();
    for change in changes.into_iter().filter(|change| is_wanted(&change.pod)) {
        let pod = pods
            .entry(change.pod.clone())
            .or_insert_with(|| change.pod_then());
        apply(pod, &change.kind);
    }
    pods
}

fn apply(pod: &mut Pod, kind: &ChangeKind) {
    if matches!(kind, ChangeKind::Protection(..) | ChangeKind::Detection(..)) && pod.serverless.is_none() {
        let common = pod.node.take().map(|node| node.common).unwrap_or_default();
        pod.serverless = Some(ServerlessRecord {
            common,
            ..ServerlessRecord::default()
        });
    }
    if let Some(serverless) = &mut pod.serverless {
        match kind {
            ChangeKind::Protection(_, to) => serverless.protection.clone_from(to),
            ChangeKind::Detection(_, to) => serverless.detection.clone_from(to),
            _ => {}
        }
    }
    let node = pod.node.as_mut().map(|node| &mut node.common);
    let common = node.or(pod.serverless.as_mut().map(|serverless| &mut serverless.common));
    let Some(common) = common else { return };
    match kind {
        ChangeKind::Status(_, to) => common.status.clone_from(to),
        ChangeKind::LimitChanged(Measure::Cpu, _, to) => common.cpu_limit.clone_from(to),
        ChangeKind::LimitChanged(Measure::Memory, _, to) => common.memory_limit.clone_from(to),
        _ => {}
    }
}

#[cfg(test)]
pub(crate) mod month;
#[cfg(test)]
mod tests;
