//! What changed, pod by pod.
//!
//! Owns the kinds of changes and the newest [`KEPT`] of them. A change says between which two of HSS's own pictures
//! it happened: nobody knows more exactly. Must not: take what was never seen before for news.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::field::Field;
use super::pod::{Pod, PodKey};
use super::quantity::{Measure, Quantity};
use super::text::RemoteText;
use super::usage::Pressure;
use super::words::{Detection, Protection, Status};

/// How many changes are kept; the oldest go first.
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
    /// The last snapshot without the change, as HSS dated it.
    pub before: Option<Timestamp>,
    /// The first snapshot with it.
    pub after: Option<Timestamp>,
}

/// What can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there, or had vanished.
    Appeared,
    /// A complete sweep did not meet it.
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
    /// What it may use, from and to.
    LimitChanged(Measure, Field<Quantity>, Field<Quantity>),
}

impl ChangeKind {
    /// What is different in `after`.
    pub fn between(before: &Pod, after: &Pod) -> Vec<Self> {
        let mut kinds = Vec::new();
        let mut differ = |differs: bool, kind: &dyn Fn() -> Self| {
            if differs {
                kinds.push(kind());
            }
        };
        differ(before.status() != after.status(), &|| {
            Self::Status(before.status().clone(), after.status().clone())
        });
        differ(before.protection() != after.protection(), &|| {
            Self::Protection(before.protection().clone(), after.protection().clone())
        });
        differ(before.detection() != after.detection(), &|| {
            Self::Detection(before.detection().clone(), after.detection().clone())
        });
        let crosses = |from: Pressure, to: Pressure| from != to && from.max(to) >= Pressure::Warn;
        let (from, to) = (before.cpu_usage().pressure(), after.cpu_usage().pressure());
        differ(crosses(from, to), &|| Self::CpuThreshold(from, to));
        let (from, to) = (before.memory_usage().pressure(), after.memory_usage().pressure());
        differ(crosses(from, to), &|| Self::MemoryThreshold(from, to));
        for (measure, from, to) in [
            (Measure::Cpu, before.cpu_limit(), after.cpu_limit()),
            (Measure::Memory, before.memory_limit(), after.memory_limit()),
        ] {
            differ(from != to, &|| {
                Self::LimitChanged(measure, from.clone(), to.clone())
            });
        }
        kinds
    }
}

/// The newest changes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    kept: Arc<VecDeque<Arc<Change>>>,
    total: u64,
}

impl Changes {
    /// The changes that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.kept.iter().map(Arc::as_ref)
    }

    /// How many there ever were.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Adds one of an earlier run: it is no news.
    pub(super) fn restore(&mut self, change: Change) {
        self.push(change);
        self.total -= 1;
    }

    /// Adds one.
    pub(super) fn push(&mut self, change: Change) {
        let kept = Arc::make_mut(&mut self.kept);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::new(change));
        self.total += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    #[test]
    fn what_differs_is_a_change() {
        let before = serverless("a").usage("1m", "100m", "1Mi", "1Gi").build();
        assert_eq!(ChangeKind::between(&before, &before), []);
        let after = serverless("a")
            .status("Failed")
            .security("closed", "risk")
            .usage("95m", "100m", "2Mi", "2Gi")
            .build();
        let kinds = ChangeKind::between(&before, &after);
        assert!(matches!(
            kinds.as_slice(),
            [
                ChangeKind::Status(_, Field::Value(Status::Failed)),
                ChangeKind::Protection(..),
                ChangeKind::Detection(..),
                ChangeKind::CpuThreshold(Pressure::Calm, Pressure::Critical),
                ChangeKind::LimitChanged(Measure::Memory, ..),
            ]
        ));
    }

    #[test]
    fn only_a_threshold_counts_and_not_every_percent() {
        let at = |percent: u32| node("a").usage(&format!("{percent}m"), "100m", "", "").build();
        assert_eq!(ChangeKind::between(&at(10), &at(69)), []);
        assert_eq!(
            ChangeKind::between(&node("a").build(), &at(69)).len(),
            1,
            "only the limit"
        );
        assert_eq!(ChangeKind::between(&at(89), &at(90)).len(), 1);
        assert_eq!(ChangeKind::between(&at(70), &at(10)).len(), 1);
    }

    #[test]
    fn the_oldest_go_first_and_are_still_counted() {
        let mut changes = Changes::default();
        let pod = node("a").build();
        for second in 0..=KEPT {
            changes.push(Change {
                pod: pod.key.clone(),
                name: pod.name().clone(),
                namespace: pod.namespace().clone(),
                cluster: pod.cluster().clone(),
                kind: ChangeKind::Appeared,
                before: None,
                after: Timestamp::from_second(i64::try_from(second).unwrap()).ok(),
            });
        }
        assert_eq!((changes.iter().count(), changes.total()), (KEPT, KEPT as u64 + 1));
        assert_eq!(changes.iter().next().unwrap().after.unwrap().as_second(), 1);
    }
}
