//! The changes of single pods.
//!
//! Owns the kinds of changes and the newest [`KEPT`] of them. A change lies between two snapshots of HSS; a
//! more exact time is unknown. Must not: report a pod as new because its part of the fleet was never swept
//! before.

mod answers;
mod change_id;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::field::Field;
use super::pod::{CommonFields, NodeRecord, Pod, PodKey};
use super::quantity::{Measure, Quantity};
use super::risk::Reason;
use super::text::RemoteText;
use super::usage::{Pressure, Usage};
use super::words::{Detection, Protection, Status};

use answers::answers;
pub use change_id::ChangeId;

/// The largest number of changes in the list; the oldest are dropped first.
pub const KEPT: usize = 10_000;

/// One change of one pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The pod.
    pub pod: PodKey,
    /// Its name.
    pub name: Field<RemoteText>,
    /// Its namespace.
    pub namespace: Field<RemoteText>,
    /// Its cluster.
    pub cluster: Field<RemoteText>,
    /// What changed.
    pub kind: ChangeKind,
    /// The date of the last snapshot that is known without the change, as HSS states it.
    pub before: Option<Timestamp>,
    /// The date of the first snapshot with the change.
    pub after: Option<Timestamp>,
    /// When the change was first seen, by our own clock; `None` if an older build recorded it.
    pub noticed: Option<Timestamp>,
    /// The pod's risk scores.
    pub scores: ScoreShift,
    /// The heaviest reason of the score of a pod that appeared or vanished, which no other change tells.
    pub found: Option<Reason>,
    /// The usage on both sides of a threshold.
    pub used: UsedShift,
}

/// Usage in percent of the limit on both sides of a snapshot, where it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsedShift {
    /// Without the change.
    pub before: Option<u32>,
    /// With it.
    pub after: Option<u32>,
}

/// The risk scores of a pod on both sides of a snapshot, with everything else that changed in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScoreShift {
    /// Before the change; `None` if the pod did not exist, or the score was not recorded.
    pub before: Option<u32>,
    /// After the change; `None` if the pod is gone, or the score was not recorded.
    pub after: Option<u32>,
}

impl Change {
    /// A change of `pod` without dates and scores.
    pub fn of(pod: &Pod, kind: ChangeKind) -> Self {
        Self {
            pod: pod.key.clone(),
            name: pod.name().clone(),
            namespace: pod.namespace().clone(),
            cluster: pod.cluster().clone(),
            kind,
            before: None,
            after: None,
            noticed: None,
            scores: ScoreShift::default(),
            found: None,
            used: UsedShift::default(),
        }
    }

    /// The pod as far as the change alone describes it.
    pub fn pod_then(&self) -> Pod {
        let common = CommonFields {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            cluster: self.cluster.clone(),
            ..CommonFields::default()
        };
        let record = NodeRecord {
            common,
            ..NodeRecord::default()
        };
        Pod {
            key: self.pod.clone(),
            ..Pod::on_node(record)
        }
    }

    /// When it was first seen by our own clock, or else the date of its snapshot.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.noticed.or(self.after)
    }
}

/// The kinds of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new, or it had vanished and came back.
    Appeared,
    /// A complete sweep did not see it.
    Vanished,
    /// The status word, from and to.
    Status(Field<Status>, Field<Status>),
    /// The protection word, from and to.
    Protection(Field<Protection>, Field<Protection>),
    /// The detection word, from and to.
    Detection(Field<Detection>, Field<Detection>),
    /// CPU crossed a threshold, from and to.
    CpuThreshold(Pressure, Pressure),
    /// Memory crossed a threshold, from and to.
    MemoryThreshold(Pressure, Pressure),
    /// A limit, from and to.
    LimitChanged(Measure, Field<Quantity>, Field<Quantity>),
}

impl ChangeKind {
    /// Its name in files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Vanished => "vanished",
            Self::Status(..) => "status",
            Self::Protection(..) => "protection",
            Self::Detection(..) => "detection",
            Self::CpuThreshold(..) => "cpu",
            Self::MemoryThreshold(..) => "memory",
            Self::LimitChanged(Measure::Cpu, ..) => "cpu limit",
            Self::LimitChanged(Measure::Memory, ..) => "memory limit",
        }
    }

    /// The values before and after as files have them: the API's words, or the word of a [`Pressure`].
    pub fn sides(&self) -> [Field<&str>; 2] {
        match self {
            Self::Appeared | Self::Vanished => [Field::Absent, Field::Absent],
            Self::Status(from, to) => [from, to].map(|side| side.part(Status::raw)),
            Self::Protection(from, to) => [from, to].map(|side| side.part(Protection::raw)),
            Self::Detection(from, to) => [from, to].map(|side| side.part(Detection::raw)),
            Self::CpuThreshold(from, to) | Self::MemoryThreshold(from, to) => {
                [from, to].map(|side| Field::Value(side.word()))
            }
            Self::LimitChanged(_, from, to) => [from, to].map(|side| side.part(|limit| limit.text.raw())),
        }
    }

    /// The differences in `after`. Only values from the same list are compared: a record of the other list
    /// that joins or leaves the pod is not a change of the pod. Thresholds are apart, in [`Self::crossed`].
    pub fn between(before: &Pod, after: &Pod) -> Vec<Self> {
        let mut kinds = Vec::new();
        if let Some((from, to)) = answers(before, after, |common| &common.status)
            && from != to
        {
            kinds.push(Self::Status(from.clone(), to.clone()));
        }
        if let (Some(before), Some(after)) = (&before.serverless, &after.serverless) {
            if before.protection != after.protection {
                kinds.push(Self::Protection(
                    before.protection.clone(),
                    after.protection.clone(),
                ));
            }
            if before.detection != after.detection {
                kinds.push(Self::Detection(before.detection.clone(), after.detection.clone()));
            }
        }
        let cpu_limit = answers(before, after, |common| &common.cpu_limit);
        let memory_limit = answers(before, after, |common| &common.memory_limit);
        for (measure, limits) in [(Measure::Cpu, cpu_limit), (Measure::Memory, memory_limit)] {
            let differ = limits.filter(|(from, to)| from != to);
            kinds.extend(differ.map(|(from, to)| Self::LimitChanged(measure, from.clone(), to.clone())));
        }
        kinds
    }

    /// The threshold of a measure that the pod crossed since `told`, which is what was said of it last, if that was said.
    pub fn crossed(measure: Measure, before: &Pod, after: &Pod, told: Option<Pressure>) -> Option<Self> {
        let (used, limit) = match measure {
            Measure::Cpu => (
                answers(before, after, |common| &common.cpu)?,
                answers(before, after, |common| &common.cpu_limit)?,
            ),
            Measure::Memory => (
                answers(before, after, |common| &common.memory)?,
                answers(before, after, |common| &common.memory_limit)?,
            ),
        };
        let from = told.unwrap_or_else(|| Usage::of(used.0, limit.0).pressure());
        let to = Usage::of(used.1, limit.1).pressure_after(from);
        let is_crossed = from != to && from.max(to) >= Pressure::Warn;
        is_crossed.then_some(match measure {
            Measure::Cpu => Self::CpuThreshold(from, to),
            Measure::Memory => Self::MemoryThreshold(from, to),
        })
    }

    /// The measure whose threshold was crossed, and to what.
    pub const fn pressure(&self) -> Option<(Measure, Pressure)> {
        match self {
            Self::CpuThreshold(_, to) => Some((Measure::Cpu, *to)),
            Self::MemoryThreshold(_, to) => Some((Measure::Memory, *to)),
            _ => None,
        }
    }
}

/// A change in the list.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// Its place: changes of this run count from 0, and those of earlier runs backwards from -1. It stays the same while
    /// the program runs.
    pub number: i64,
    /// Its id, which is the same in every run.
    pub id: ChangeId,
    /// The change.
    pub change: &'a Change,
    /// Where the pod was in the store when it was recorded: a hint for [`Fleet::row_of`](super::Fleet::row_of).
    pub row: Option<u32>,
}

/// A change in the list, with what is found out about it once.
#[derive(Debug, Clone)]
struct ChangeEntry {
    id: ChangeId,
    change: Arc<Change>,
    row: Option<u32>,
}

/// The newest changes, each once. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    kept: Arc<VecDeque<ChangeEntry>>,
    /// The ids of the changes in the list.
    ids: Arc<HashSet<ChangeId>>,
    total: u64,
}

impl Changes {
    /// Whether these are the same changes, compared without looking at them: `false` means that some may have come, of this
    /// run or of an earlier one.
    pub fn is(&self, other: &Self) -> bool {
        self.total == other.total && Arc::ptr_eq(&self.kept, &other.kept)
    }

    /// The changes in the list, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.kept.iter().map(|entry| entry.change.as_ref())
    }

    /// The same with numbers and ids.
    pub fn recorded(&self) -> impl DoubleEndedIterator<Item = Recorded<'_>> + ExactSizeIterator {
        let first = self.first_number();
        self.kept.iter().enumerate().map(move |(at, entry)| Recorded {
            number: first.saturating_add_unsigned(at as u64),
            id: entry.id,
            change: &entry.change,
            row: entry.row,
        })
    }

    /// The change with this number, if it is still in the list.
    pub fn numbered(&self, number: i64) -> Option<&Change> {
        let at = number.checked_sub(self.first_number())?;
        let entry = self.kept.get(usize::try_from(at).ok()?)?;
        Some(&entry.change)
    }

    fn first_number(&self) -> i64 {
        let total = i64::try_from(self.total).unwrap_or(i64::MAX);
        total.saturating_sub_unsigned(self.kept.len() as u64)
    }

    /// The number of changes of this run, including those that were dropped.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Those of the changes that a snapshot until `at` has, as those of an earlier run.
    pub(super) fn until(&self, at: Timestamp) -> Self {
        let is_seen = |change: &Change| change.after.is_some_and(|after| after <= at);
        let kept: VecDeque<_> = self
            .kept
            .iter()
            .filter(|entry| is_seen(&entry.change))
            .map(|entry| ChangeEntry {
                // The pods of then are in another store.
                row: None,
                ..entry.clone()
            })
            .collect();
        Self {
            ids: Arc::new(kept.iter().map(|entry| entry.id).collect()),
            kept: Arc::new(kept),
            total: 0,
        }
    }

    /// Adds the changes of an earlier run, oldest first, before all others.
    pub(super) fn restore(&mut self, changes: Vec<Change>) {
        let (kept, ids) = (Arc::make_mut(&mut self.kept), Arc::make_mut(&mut self.ids));
        for change in changes.into_iter().rev() {
            if kept.len() == KEPT {
                break;
            }
            let id = ChangeId::of(&change);
            if ids.insert(id) {
                let change = Arc::new(change);
                kept.push_front(ChangeEntry {
                    id,
                    change,
                    row: None,
                });
            }
        }
    }

    /// Adds changes of earlier times that somebody else recorded, oldest first: each before the first one of an
    /// earlier run whose snapshot is newer. Those of this run keep their numbers.
    pub(super) fn add_earlier(&mut self, changes: Vec<Change>) {
        let own = usize::try_from(self.total).unwrap_or(usize::MAX);
        let (kept, ids) = (Arc::make_mut(&mut self.kept), Arc::make_mut(&mut self.ids));
        let earlier = kept.len().saturating_sub(own);
        let of_this_run = kept.split_off(earlier);
        for change in changes {
            let id = ChangeId::of(&change);
            if ids.insert(id) {
                kept.push_back(ChangeEntry {
                    id,
                    change: Arc::new(change),
                    row: None,
                });
            }
        }
        // The sort is stable, so what is of one snapshot stays in its order.
        kept.make_contiguous()
            .sort_by_key(|entry| entry.change.seen_by_snapshot());
        kept.extend(of_this_run);
        let too_many = kept.len().saturating_sub(KEPT);
        for entry in kept.drain(..too_many) {
            ids.remove(&entry.id);
        }
    }

    /// Adds a change from nowhere in the store.
    #[cfg(test)]
    pub(super) fn push(&mut self, change: Change) {
        self.record(change, None);
    }

    /// Adds a change, unless it is in the list: a snapshot has one state of each pod, so what leads to the same state of the
    /// same snapshot is the same change.
    pub(super) fn record(&mut self, change: Change, row: Option<u32>) {
        let id = ChangeId::of(&change);
        let ids = Arc::make_mut(&mut self.ids);
        // Without a date nothing shows whether two snapshots are the same.
        if !ids.insert(id) && change.after.is_some() {
            return;
        }
        let kept = Arc::make_mut(&mut self.kept);
        if kept.len() == KEPT
            && let Some(dropped) = kept.pop_front()
        {
            ids.remove(&dropped.id);
        }
        let change = Arc::new(change);
        kept.push_back(ChangeEntry { id, change, row });
        self.total += 1;
    }
}

#[cfg(test)]
mod tests;
