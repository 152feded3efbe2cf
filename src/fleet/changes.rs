//! What changed, pod by pod.
//!
//! Owns the kinds of changes and the newest [`KEPT`] of them. A change lies between two snapshots of HSS; a
//! more exact time is unknown. Must not: report a pod as new because its part of the fleet was never swept
//! before.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::field::Field;
use super::pod::{CommonFields, Pod, PodKey};
use super::quantity::{Measure, Quantity};
use super::text::RemoteText;
use super::usage::{Pressure, Usage};
use super::words::{Detection, Protection, Status};

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
    /// The differences in `after`. Only values from the same list are compared: a record of the other list
    /// that joins or leaves the pod is not a change of the pod.
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
        let cpu = answers(before, after, |common| &common.cpu);
        let memory = answers(before, after, |common| &common.memory);
        let cpu_limit = answers(before, after, |common| &common.cpu_limit);
        let memory_limit = answers(before, after, |common| &common.memory_limit);
        let crossed = crossed(cpu, cpu_limit).map(|(from, to)| Self::CpuThreshold(from, to));
        kinds.extend(crossed);
        let crossed = self::crossed(memory, memory_limit).map(|(from, to)| Self::MemoryThreshold(from, to));
        kinds.extend(crossed);
        for (measure, limits) in [(Measure::Cpu, cpu_limit), (Measure::Memory, memory_limit)] {
            let differ = limits.filter(|(from, to)| from != to);
            kinds.extend(differ.map(|(from, to)| Self::LimitChanged(measure, from.clone(), to.clone())));
        }
        kinds
    }
}

/// A field before and after.
type Both<'a, T> = (&'a Field<T>, &'a Field<T>);

/// The values of a common field before and after, if both come from the same list.
fn answers<'a, T>(
    before: &'a Pod,
    after: &'a Pod,
    of: impl Fn(&CommonFields) -> &Field<T>,
) -> Option<Both<'a, T>> {
    let says = |common: &CommonFields| !of(common).is_absent();
    let answering = |pod: &Pod| {
        let mut commons = pod.commons().into_iter();
        commons.position(|common| common.is_some_and(says))
    };
    let list = match (answering(before), answering(after)) {
        (Some(then), Some(now)) if then != now => return None,
        (then, now) => then.or(now)?,
    };
    let said = |pod: &'a Pod| pod.commons().into_iter().nth(list)?.map(&of);
    Some((said(before)?, said(after)?))
}

/// The threshold that was crossed, from and to.
fn crossed(used: Option<Both<Quantity>>, limit: Option<Both<Quantity>>) -> Option<(Pressure, Pressure)> {
    let (used, limit) = (used?, limit?);
    let (from, to) = (
        Usage::of(used.0, limit.0).pressure(),
        Usage::of(used.1, limit.1).pressure(),
    );
    (from != to && from.max(to) >= Pressure::Warn).then_some((from, to))
}

/// The newest changes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    kept: Arc<VecDeque<Arc<Change>>>,
    total: u64,
}

impl Changes {
    /// The changes in the list, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.kept.iter().map(Arc::as_ref)
    }

    /// The number of changes so far, including those that were dropped.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The changes that came after there were `seen` of them, oldest first, each with its number. Those of an earlier run have
    /// none.
    pub fn numbered_since(&self, seen: u64) -> impl Iterator<Item = (u64, &Change)> {
        let counted = usize::try_from(self.total)
            .unwrap_or(usize::MAX)
            .min(self.kept.len());
        let first = self.total.saturating_sub(counted as u64);
        let skipped = usize::try_from(seen.saturating_sub(first)).unwrap_or(usize::MAX);
        let restored = self.kept.len() - counted;
        let newer = self.kept.iter().skip(restored.saturating_add(skipped));
        (first.max(seen)..).zip(newer.map(Arc::as_ref))
    }

    /// Adds the changes of an earlier run, oldest first, before all others. They do not count as new.
    pub(super) fn restore(&mut self, changes: Vec<Change>) {
        let kept = Arc::make_mut(&mut self.kept);
        for change in changes.into_iter().rev().take(KEPT.saturating_sub(kept.len())) {
            kept.push_front(Arc::new(change));
        }
    }

    /// Adds a change.
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
    use crate::fleet::pod::NodeRecord;

    #[test]
    fn every_difference_is_a_change() {
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
    fn a_record_that_joins_or_leaves_is_not_a_change_of_the_pod() {
        let on_node = node("a").status("Pending").usage("1m", "100m", "", "").build();
        let alone = serverless("a").usage("95m", "100m", "", "").build();
        let both = |node: &Pod, serverless: &Pod| Pod {
            serverless: serverless.serverless.clone(),
            ..node.clone()
        };
        let twin = both(&on_node, &alone);
        for (before, after) in [
            (&on_node, &twin),
            (&twin, &on_node),
            (&alone, &twin),
            (&twin, &alone),
        ] {
            assert_eq!(ChangeKind::between(before, after), []);
        }
        let at_risk = serverless("a").security("opened", "risk").build();
        let kinds = ChangeKind::between(&twin, &both(&on_node, &at_risk));
        assert!(matches!(kinds.as_slice(), [ChangeKind::Detection(..)]));
        // The node record has priority; a field that it lacks in both comes from the serverless record.
        let silent = Pod::on_node(NodeRecord::default());
        let failed = serverless("a").status("Failed").build();
        let kinds = ChangeKind::between(&both(&silent, &alone), &both(&silent, &failed));
        assert!(matches!(kinds.first(), Some(ChangeKind::Status(..))));
        assert_eq!(
            ChangeKind::between(&both(&silent, &alone), &both(&on_node, &alone)),
            []
        );
    }

    #[test]
    fn usage_changes_only_at_a_threshold() {
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
    fn the_oldest_are_dropped_first_and_still_counted() {
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
