//! The order of the fleet.
//!
//! Owns the columns that pods can be sorted by. Pods that have no value in a column come last, in either
//! direction; pods that are equal in it keep a fixed order by cluster, namespace and name, so that nothing jumps. A
//! column's other direction is its first one read backwards, equals included, so that to reverse is to sort nothing;
//! only pods without value stay as they are.
//! [`Sort::compare`] is the reference; [`order`](super::order) does the same with whole columns.
//! Must not: know titles or widths.

use std::cmp::{Ordering, Reverse};

use super::pod::Pod;
use super::risk;
use super::words::Status;

/// What pods are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// The risk score.
    Risk,
    /// The namespace's name.
    Namespace,
    /// The pod's name.
    Name,
    /// The status word.
    Status,
    /// The protection word.
    Protection,
    /// The detection word.
    Detection,
    /// CPU used, in percent of its limit.
    Cpu,
    /// Memory used, in percent of its limit.
    Memory,
    /// How old it is.
    Age,
    /// The cluster's name.
    Cluster,
    /// The node's name.
    Node,
}

/// A column and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The column.
    pub key: SortKey,
    /// Whether from the largest to the smallest.
    pub descending: bool,
}

impl SortKey {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::Risk,
        Self::Namespace,
        Self::Name,
        Self::Status,
        Self::Protection,
        Self::Detection,
        Self::Cpu,
        Self::Memory,
        Self::Age,
        Self::Cluster,
        Self::Node,
    ];

    /// The column's name, as a command takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Namespace => "namespace",
            Self::Name => "name",
            Self::Status => "status",
            Self::Protection => "protect",
            Self::Detection => "detect",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Age => "age",
            Self::Cluster => "cluster",
            Self::Node => "node",
        }
    }

    /// The direction that an operator means when choosing this column: what is worst comes first.
    pub fn first_direction(self) -> Sort {
        let descending = match self {
            Self::Risk | Self::Cpu | Self::Memory => true,
            Self::Namespace
            | Self::Name
            | Self::Status
            | Self::Protection
            | Self::Detection
            | Self::Age
            | Self::Cluster
            | Self::Node => false,
        };
        Sort {
            key: self,
            descending,
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        SortKey::Risk.first_direction()
    }
}

impl Sort {
    /// The same column the other way round.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            descending: !self.descending,
            ..self
        }
    }

    /// Whether this is the first direction read backwards.
    pub fn is_backwards(self) -> bool {
        self != self.key.first_direction()
    }

    /// Whether equals of this pod are read backwards too: it has a value.
    pub fn reads_backwards(self, pod: &Pod) -> bool {
        self.is_backwards() && self.by_key(pod, pod).1
    }

    /// Orders two pods.
    pub fn compare(self, a: &Pod, b: &Pod) -> Ordering {
        let (by_key, valued) = self.by_key(a, b);
        let fixed = fixed(a).cmp(&fixed(b));
        by_key.then(if valued && self.is_backwards() {
            fixed.reverse()
        } else {
            fixed
        })
    }

    /// Orders two pods by the column alone, and says whether both have a value.
    fn by_key(self, a: &Pod, b: &Pod) -> (Ordering, bool) {
        match self.key {
            SortKey::Risk => self.directed(Some(risk::score(a)), Some(risk::score(b))),
            SortKey::Namespace => self.directed(a.namespace().value(), b.namespace().value()),
            SortKey::Name => self.directed(a.name().value(), b.name().value()),
            SortKey::Status => self.directed(
                a.status().value().map(Status::shown),
                b.status().value().map(Status::shown),
            ),
            SortKey::Protection => self.directed(a.protection().value(), b.protection().value()),
            SortKey::Detection => self.directed(a.detection().value(), b.detection().value()),
            SortKey::Cpu => self.directed(a.cpu_usage().percent(), b.cpu_usage().percent()),
            SortKey::Memory => self.directed(a.memory_usage().percent(), b.memory_usage().percent()),
            // The youngest has the latest date.
            SortKey::Age => self.directed(
                a.created().value().copied().map(Reverse),
                b.created().value().copied().map(Reverse),
            ),
            SortKey::Cluster => self.directed(a.cluster().value(), b.cluster().value()),
            SortKey::Node => self.directed(a.node_name().value(), b.node_name().value()),
        }
    }

    fn directed<T: Ord>(self, a: Option<T>, b: Option<T>) -> (Ordering, bool) {
        match (a, b) {
            (None, None) => (Ordering::Equal, false),
            (None, Some(_)) => (Ordering::Greater, false),
            (Some(_), None) => (Ordering::Less, false),
            (Some(a), Some(b)) if self.descending => (b.cmp(&a), true),
            (Some(a), Some(b)) => (a.cmp(&b), true),
        }
    }
}

/// The order of equals.
fn fixed(pod: &Pod) -> impl Ord + '_ {
    (pod.cluster(), pod.namespace(), pod.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{PodFixture, node, serverless};

    fn order(sort: Sort, pods: Vec<PodFixture>) -> Vec<String> {
        let mut pods: Vec<Pod> = pods.into_iter().map(PodFixture::build).collect();
        pods.sort_by(|a, b| sort.compare(a, b));
        pods.iter()
            .filter_map(|pod| pod.name().value().map(|name| name.raw().to_owned()))
            .collect()
    }

    fn estate() -> Vec<PodFixture> {
        vec![
            node("calm")
                .usage("1m", "100m", "1Gi", "10Gi")
                .created_ms(1_700_000_000_000),
            node("hot")
                .usage("95m", "100m", "900Mi", "10Gi")
                .created_ms(1_600_000_000_000),
            node("bare"),
            serverless("risky")
                .security("opened", "risk")
                .created_ms(1_750_000_000_000),
        ]
    }

    #[test]
    fn the_worst_comes_first_by_default() {
        assert_eq!(order(Sort::default(), estate()), ["risky", "hot", "bare", "calm"]);
    }

    #[test]
    fn memory_is_sorted_as_a_number_and_the_unknown_is_last_both_ways() {
        let sort = SortKey::Memory.first_direction();
        assert_eq!(order(sort, estate()), ["calm", "hot", "bare", "risky"]);
        assert_eq!(order(sort.reversed(), estate()), ["hot", "calm", "bare", "risky"]);
    }

    #[test]
    fn the_other_direction_is_the_first_read_backwards_but_for_pods_without_value() {
        let estate = || {
            vec![
                node("b"),
                node("a"),
                node("hot-b").usage("95m", "100m", "", ""),
                node("hot-a").usage("95m", "100m", "", ""),
            ]
        };
        let sort = SortKey::Cpu.first_direction();
        assert_eq!(order(sort, estate()), ["hot-a", "hot-b", "a", "b"]);
        assert_eq!(order(sort.reversed(), estate()), ["hot-b", "hot-a", "a", "b"]);
    }

    #[test]
    fn age_ascending_is_youngest_first() {
        assert_eq!(
            order(SortKey::Age.first_direction(), estate()),
            ["risky", "calm", "hot", "bare"]
        );
    }
}
