//! The state of a namespace: the worst of its pods, and never better than the data proves.

use super::GroupCounts;

/// The state of a namespace, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamespaceState {
    /// HSS found a risk in a pod.
    Risk,
    /// The protection of a pod is on but does not work.
    Broken,
    /// A pod failed.
    Failed,
    /// The status of a pod is unknown.
    Unknown,
    /// A pod uses 90 % of a limit or more.
    NearLimit,
    /// A pod waits.
    Pending,
    /// A pod is not protected.
    Off,
    /// A security field of a pod is unreadable, or an undocumented word.
    Doubtful,
    /// A pod was not scanned yet.
    NotScanned,
    /// A pod is being scanned.
    Scanning,
    /// A pod has no security data, so it is not known to be clean.
    NotCovered,
    /// Every pod is protected and clean.
    Clean,
}

impl NamespaceState {
    /// The worst state in these counts.
    pub fn of(counts: &GroupCounts) -> Self {
        let summary = &counts.summary;
        let worst = [
            (summary.risk, Self::Risk),
            (summary.exception, Self::Broken),
            (summary.failed, Self::Failed),
            (summary.unknown, Self::Unknown),
            (counts.near_limit, Self::NearLimit),
            (summary.pending, Self::Pending),
            (summary.unprotected, Self::Off),
            (counts.doubtful, Self::Doubtful),
            (counts.not_scanned, Self::NotScanned),
            (counts.scanning, Self::Scanning),
        ];
        let worst = worst.into_iter().find(|(pods, _)| *pods > 0);
        worst.map_or_else(|| Self::of_calm(counts), |(_, state)| state)
    }

    /// Without a problem: clean only if every pod is known to be clean.
    fn of_calm(counts: &GroupCounts) -> Self {
        let pods = counts.summary.pods;
        if pods > 0 && counts.clean == pods && counts.protected == pods {
            Self::Clean
        } else {
            Self::NotCovered
        }
    }

    /// Its word on the screen and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Broken => "broken",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NearLimit => "near limit",
            Self::Pending => "pending",
            Self::Off => "off",
            Self::Doubtful => "unclear",
            Self::NotScanned => "not scanned",
            Self::Scanning => "scanning",
            Self::NotCovered => "not covered",
            Self::Clean => "clean",
        }
    }

    /// The same in at most seven letters.
    pub const fn short_word(self) -> &'static str {
        match self {
            Self::NearLimit => "limit",
            Self::NotScanned => "no scan",
            Self::Scanning => "in scan",
            Self::NotCovered => "no data",
            _ => self.word(),
        }
    }
}
