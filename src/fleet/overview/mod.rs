//! The overview: the pods of a view counted by cluster and namespace, in an order.
//!
//! ```text
//!   WORST      CLUSTER       NAMESPACE   PODS  KNOWN  OFF  BROKEN  NOT SCANNED  RISK  FAILED
//!   ▲ risk     cci-burst-1   burst-web     14     14    2       1            2     2       0
//!   ✗ failed   prod-north-4a checkout     132      0    –       –            –     –       3
//! ```
//!
//! Owns the state of a namespace and the order of namespaces. The counts are over the rows of a
//! [`View`](super::View) without gone pods, so the rows sum up to the counts of the same filter. Three states
//! differ: pods without security fields are *not covered*, pods that HSS has not scanned yet are *not
//! scanned*, and only scanned pods without a finding are *clean*. Must not: read a pod's name.

mod count;
mod groups;
mod order;
mod packed_counts;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod totals;

pub use order::{OverviewColumn, OverviewSort};
pub use state::NamespaceState;
pub use totals::PodTotals;

use std::ops::{AddAssign, Range};
use std::sync::{Arc, OnceLock};

use super::field::Field;
use super::snapshot::Fleet;
use super::store::chunk::Col;
use super::store::dictionary::ABSENT;
use super::store::encoding::Interner;
use super::store::mask::Mask;
use super::summary::Summary;
use super::text::RemoteText;
use groups::CountedGroups;

/// The identity of a namespace: its cluster's name and its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamespaceKey {
    /// The cluster.
    pub cluster: Field<RemoteText>,
    /// The namespace.
    pub namespace: Field<RemoteText>,
}

impl NamespaceKey {
    /// The one whose cluster and namespace have these codes.
    fn of(words: &Interner, [cluster, namespace]: [u64; 2]) -> Self {
        let name = |col, code| match words.of(col).get(code) {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(word) => Field::Value(RemoteText::name(word)),
        };
        Self {
            cluster: name(Col::Cluster, cluster),
            namespace: name(Col::Namespace, namespace),
        }
    }
}

/// Counts over some pods: those of the header, and those that only an overview needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupCounts {
    /// The counts of the header.
    pub summary: Summary,
    /// CPU or memory at or above 90 % of its limit.
    pub near_limit: usize,
    /// Pods with known usage of CPU or memory: [`GroupCounts::near_limit`] counts among these.
    pub usage_told: usize,
    /// Pods that have not ended and have no memory limit.
    pub no_limit: usize,
    /// Protection is on.
    pub protected: usize,
    /// Not scanned yet.
    pub not_scanned: usize,
    /// Being scanned.
    pub scanning: usize,
    /// Scanned, and clean.
    pub clean: usize,
    /// A security field is unreadable or an undocumented word.
    pub doubtful: usize,
}

impl AddAssign for GroupCounts {
    fn add_assign(&mut self, other: Self) {
        self.summary += other.summary;
        self.near_limit += other.near_limit;
        self.usage_told += other.usage_told;
        self.no_limit += other.no_limit;
        self.protected += other.protected;
        self.not_scanned += other.not_scanned;
        self.scanning += other.scanning;
        self.clean += other.clean;
        self.doubtful += other.doubtful;
    }
}

/// One namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NamespaceRow {
    /// Which.
    pub key: NamespaceKey,
    /// The same with the names that may be shown.
    pub shown: NamespaceKey,
    /// The counts over its pods.
    pub counts: GroupCounts,
}

impl NamespaceRow {
    /// The worst known state of its pods.
    pub fn state(&self) -> NamespaceState {
        NamespaceState::of(&self.counts)
    }
}

/// A cluster of an overview, and its namespaces by name: their order does not change with the counts.
#[derive(Debug, Clone)]
pub struct ClusterCells<'a> {
    overview: &'a Overview,
    numbers: Range<u32>,
}

impl ClusterCells<'_> {
    /// The cluster, as it may be shown.
    pub fn cluster(&self) -> Field<RemoteText> {
        self.overview.shown(self.numbers.start).cluster
    }

    /// How many namespaces it has.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it has no namespace.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The worst known state of each namespace.
    pub fn states(&self) -> impl Iterator<Item = NamespaceState> {
        let groups = &self.overview.groups;
        self.numbers
            .clone()
            .map(|number| NamespaceState::of(&groups.counts(number)))
    }

    /// The place of each namespace among the rows.
    pub fn places(&self) -> impl Iterator<Item = usize> {
        let overview = self.overview;
        // Looking for one in order is fast.
        let order = overview.order();
        let place = |number| {
            let is_before = |other: &u32| overview.groups.compare(overview.sort, *other, number).is_lt();
            order.partition_point(is_before)
        };
        self.numbers.clone().map(place)
    }

    /// Which of its namespaces is in this row.
    pub fn cell_of(&self, row: usize) -> Option<usize> {
        let number = self.overview.number(row)?;
        let at = number.checked_sub(self.numbers.start)?;
        self.numbers.contains(&number).then_some(at as usize)
    }
}

/// How many rows are put in order at once; the others when they are asked for.
const FIRST_ROWS: usize = 256;
/// The number of rows that are put in order at once if there are no more.
const FEW_ROWS: usize = 4096;

/// All namespaces of a view, in an order. Cheap to clone: names and rows are made when they are asked for.
#[derive(Debug, Clone)]
pub struct Overview {
    fleet: Fleet,
    groups: Arc<CountedGroups>,
    sort: OverviewSort,
    /// The numbers of the first rows.
    first: Arc<[u32]>,
    /// The numbers of all rows, once anybody asked for more than the first.
    order: Arc<OnceLock<Vec<u32>>>,
    /// The most pods of a namespace, once anybody asked.
    largest: Arc<OnceLock<usize>>,
    /// The clusters, the worst first, once anybody asked.
    worst_clusters: Arc<OnceLock<Vec<usize>>>,
}

impl Overview {
    /// Counts the rows of `masks`, one for each chunk of `fleet`.
    pub(super) fn of(fleet: &Fleet, masks: &[Mask], sort: OverviewSort) -> Self {
        let groups = count::by_namespace(fleet, masks);
        let rows = if groups.len() <= FEW_ROWS {
            FEW_ROWS
        } else {
            FIRST_ROWS
        };
        Self {
            fleet: fleet.clone(),
            first: groups.first(sort, rows).into(),
            groups: Arc::new(groups),
            sort,
            order: Arc::default(),
            largest: Arc::default(),
            worst_clusters: Arc::default(),
        }
    }

    /// The same with the names that `fleet` may show.
    #[must_use]
    pub(super) fn shown_of(&self, fleet: &Fleet) -> Self {
        Self {
            fleet: fleet.clone(),
            ..self.clone()
        }
    }

    /// Puts all rows in order, so that nobody waits for it later.
    pub(super) fn sort_all(&self) {
        self.order();
    }

    fn order(&self) -> &[u32] {
        if self.first.len() == self.groups.len() {
            return &self.first;
        }
        self.order.get_or_init(|| self.groups.sorted(self.sort))
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The counts over all rows.
    pub fn total(&self) -> GroupCounts {
        self.groups.total()
    }

    /// The most pods of a namespace.
    pub fn largest(&self) -> usize {
        let numbers = 0..u32::try_from(self.len()).unwrap_or(u32::MAX);
        let pods = numbers.map(|number| self.groups.counts(number).summary.pods);
        *self.largest.get_or_init(|| pods.max().unwrap_or_default())
    }

    /// The row at this place.
    pub fn row(&self, place: usize) -> Option<NamespaceRow> {
        let number = self.number(place)?;
        let key = self.key(number);
        Some(NamespaceRow {
            shown: self.fleet.shown_namespace(&key),
            key,
            counts: self.groups.counts(number),
        })
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = NamespaceRow> {
        (0..self.len()).map(|place| {
            // Each place below the number of rows has a row.
            self.row(place).unwrap_or_default()
        })
    }

    /// The place of a namespace.
    pub fn position(&self, key: &NamespaceKey) -> Option<usize> {
        let code = |col, name: &Field<RemoteText>| {
            let words = self.fleet.words().of(col);
            let mut codes = (0..).zip(words.table(|word| word == name.part(RemoteText::raw)));
            codes.find(|(_, is_it)| *is_it).map(|(code, _)| code)
        };
        let codes = [
            code(Col::Cluster, &key.cluster)?,
            code(Col::Namespace, &key.namespace)?,
        ];
        // It need not wait until all are in order.
        Some(self.groups.before(self.sort, self.groups.number(codes)?))
    }

    /// The clusters by name.
    pub fn clusters(&self) -> impl ExactSizeIterator<Item = ClusterCells<'_>> {
        self.groups.clusters().iter().map(|numbers| ClusterCells {
            overview: self,
            numbers: numbers.clone(),
        })
    }

    /// The places of all clusters, the worst first: by their worst namespace, and by how many namespaces are in that state.
    pub fn worst_clusters(&self) -> &[usize] {
        self.worst_clusters.get_or_init(|| {
            let rank = |cluster: ClusterCells<'_>| {
                let worst = cluster.states().min();
                let many = cluster.states().filter(|state| Some(*state) == worst).count();
                (worst, std::cmp::Reverse(many))
            };
            let mut ranked: Vec<_> = self.clusters().map(rank).zip(0..).collect();
            ranked.sort_unstable();
            ranked.into_iter().map(|(_, place)| place).collect()
        })
    }

    /// A cluster by its place among the clusters.
    pub fn cluster(&self, at: usize) -> Option<ClusterCells<'_>> {
        self.clusters().nth(at)
    }

    fn number(&self, place: usize) -> Option<u32> {
        let first = self.first.get(place);
        first.or_else(|| self.order().get(place)).copied()
    }

    fn key(&self, number: u32) -> NamespaceKey {
        let codes = self.groups.codes(number).unwrap_or([ABSENT; 2]);
        NamespaceKey::of(self.fleet.words(), codes)
    }

    fn shown(&self, number: u32) -> NamespaceKey {
        self.fleet.shown_namespace(&self.key(number))
    }
}
