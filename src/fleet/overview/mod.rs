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
mod order;
mod state;
#[cfg(test)]
mod tests;
mod totals;

pub use order::{OverviewColumn, OverviewSort};
pub use state::NamespaceState;
pub use totals::PodTotals;

use std::ops::AddAssign;

use super::field::Field;
use super::snapshot::Fleet;
use super::store::mask::Mask;
use super::summary::Summary;
use super::text::RemoteText;

/// The identity of a namespace: its cluster's name and its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamespaceKey {
    /// The cluster.
    pub cluster: Field<RemoteText>,
    /// The namespace.
    pub namespace: Field<RemoteText>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// The namespaces of a cluster, as places in [`Overview::rows`], by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterRows {
    /// The cluster, as it may be shown.
    pub cluster: Field<RemoteText>,
    /// The places of its namespaces.
    pub rows: Vec<usize>,
}

/// All namespaces of a view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// The namespaces, in order.
    pub rows: Vec<NamespaceRow>,
    /// The clusters by name: their order does not change with the counts.
    pub clusters: Vec<ClusterRows>,
    /// The counts over all rows.
    pub total: GroupCounts,
}

impl Overview {
    /// Counts the rows of `masks`, one for each chunk of `fleet`.
    pub(super) fn of(fleet: &Fleet, masks: &[Mask], sort: OverviewSort) -> Self {
        let mut rows = count::by_namespace(fleet, masks);
        rows.sort_by(|a, b| sort.compare(a, b));
        let mut total = GroupCounts::default();
        for row in &rows {
            total += row.counts;
        }
        Self {
            clusters: clusters(&rows),
            rows,
            total,
        }
    }

    /// The same with the names that `fleet` may show.
    #[must_use]
    pub(super) fn shown_of(&self, fleet: &Fleet) -> Self {
        let mut rows = self.rows.clone();
        for row in &mut rows {
            row.shown = fleet.shown_namespace(&row.key);
        }
        Self {
            clusters: clusters(&rows),
            rows,
            total: self.total,
        }
    }

    /// The place of a namespace.
    pub fn position(&self, key: &NamespaceKey) -> Option<usize> {
        self.rows.iter().position(|row| row.key == *key)
    }
}

/// The places of `rows` by cluster, both by name.
fn clusters(rows: &[NamespaceRow]) -> Vec<ClusterRows> {
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by(|a, b| {
        let key = |at: &usize| rows.get(*at).map(|row| &row.key);
        key(a).cmp(&key(b))
    });
    let mut clusters: Vec<ClusterRows> = Vec::new();
    let mut before = None;
    for place in places {
        let Some(row) = rows.get(place) else { continue };
        match clusters.last_mut().filter(|_| before == Some(&row.key.cluster)) {
            Some(last) => last.rows.push(place),
            None => clusters.push(ClusterRows {
                cluster: row.shown.cluster.clone(),
                rows: vec![place],
            }),
        }
        before = Some(&row.key.cluster);
    }
    clusters
}
