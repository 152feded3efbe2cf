//! The columns of the overview, and the orders by them.

use super::GroupCounts;
#[cfg(test)]
use {super::NamespaceRow, std::cmp::Ordering};

/// A column of the overview.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverviewColumn {
    /// The worst state of a pod.
    Worst,
    /// The cluster's name.
    Cluster,
    /// The namespace's name.
    Namespace,
    /// How many pods.
    Pods,
    /// How many have security data.
    Known,
    /// Not protected.
    Off,
    /// Protection does not work.
    Broken,
    /// Not scanned yet.
    NotScanned,
    /// Risk found.
    Risk,
    /// Failed.
    Failed,
    /// CPU or memory at or above 90 % of its limit.
    NearLimit,
    /// Without a memory limit.
    NoLimit,
}

impl OverviewColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 12] = [
        Self::Worst,
        Self::Cluster,
        Self::Namespace,
        Self::Pods,
        Self::Known,
        Self::Off,
        Self::Broken,
        Self::NotScanned,
        Self::Risk,
        Self::Failed,
        Self::NearLimit,
        Self::NoLimit,
    ];

    /// Its name in the menu of orders.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worst => "worst",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
            Self::Pods => "pods",
            Self::Known => "security known",
            Self::Off => "off",
            Self::Broken => "broken",
            Self::NotScanned => "not scanned",
            Self::Risk => "risk",
            Self::Failed => "failed",
            Self::NearLimit => "90 % or more",
            Self::NoLimit => "no limit",
        }
    }

    /// The count in the column, and the number of pods with known data; `None` for a column of words.
    pub fn counted(self, counts: &GroupCounts) -> Option<(usize, usize)> {
        let summary = &counts.summary;
        Some(match self {
            Self::Worst | Self::Cluster | Self::Namespace => return None,
            Self::Pods => (summary.pods, summary.pods),
            Self::Known => (summary.security_told, summary.pods),
            Self::Off => (summary.unprotected, summary.protection_told),
            Self::Broken => (summary.exception, summary.protection_told),
            Self::NotScanned => (counts.not_scanned, summary.detection_told),
            Self::Risk => (summary.risk, summary.detection_told),
            Self::Failed => (summary.failed, summary.pods),
            Self::NearLimit => (counts.near_limit, counts.usage_told),
            Self::NoLimit => (counts.no_limit, summary.memory_told),
        })
    }

    /// The first direction of this column: names in alphabetical order, everything else from the most.
    pub const fn first_direction(self) -> OverviewSort {
        OverviewSort {
            column: self,
            descending: !matches!(self, Self::Cluster | Self::Namespace),
        }
    }
}

/// An order of namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverviewSort {
    /// By what.
    pub column: OverviewColumn,
    /// Whether the most or the worst comes first.
    pub descending: bool,
}

impl Default for OverviewSort {
    /// The worst first.
    fn default() -> Self {
        OverviewColumn::Worst.first_direction()
    }
}

impl OverviewSort {
    /// The opposite direction.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            descending: !self.descending,
            ..self
        }
    }

    /// Compares two namespaces by their names and counts: what [`super::groups`] does with numbers.
    #[cfg(test)]
    pub(super) fn compare(self, a: &NamespaceRow, b: &NamespaceRow) -> Ordering {
        let by_column = match self.column {
            OverviewColumn::Worst => badness(a).cmp(&badness(b)),
            OverviewColumn::Cluster => a.key.cluster.cmp(&b.key.cluster),
            OverviewColumn::Namespace => a.key.namespace.cmp(&b.key.namespace),
            column => column.counted(&a.counts).cmp(&column.counted(&b.counts)),
        };
        let by_column = if self.descending {
            by_column.reverse()
        } else {
            by_column
        };
        by_column.then_with(|| a.key.cmp(&b.key))
    }
}

/// How bad it is: how many pods are in each state, the worst state first.
#[cfg(test)]
fn badness(row: &NamespaceRow) -> [usize; 11] {
    let (summary, counts) = (&row.counts.summary, &row.counts);
    [
        summary.risk,
        summary.exception,
        summary.failed,
        summary.unknown,
        counts.near_limit,
        summary.pending,
        summary.unprotected,
        counts.doubtful,
        counts.not_scanned,
        counts.scanning,
        counts.no_limit,
    ]
}
