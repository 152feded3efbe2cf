//! What an alert can be about.
//!
//! Owns the conditions that a rule can name, the findings that belong to each, and their words.

use serde::{Deserialize, Serialize};

/// What a rule waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertCondition {
    /// HSS finds a risk in a pod.
    Risk,
    /// A pod's protection breaks, or is switched off.
    Protection,
    /// A pod fails.
    Failed,
    /// A pod uses as much of its CPU or memory limit as the rule's threshold says, or more.
    Usage,
    /// The same of its CPU limit only.
    Cpu,
    /// The same of its memory limit only.
    Memory,
    /// A pod is gone.
    Vanished,
    /// HSS's own list gets older than `list_old_after` allows.
    OldList,
    /// HSS cannot be asked.
    Unreachable,
    /// HSS says something of the security of fewer pods than before.
    Coverage,
}

impl AlertCondition {
    /// Every condition.
    pub const ALL: [Self; 10] = [
        Self::Risk,
        Self::Protection,
        Self::Failed,
        Self::Usage,
        Self::Cpu,
        Self::Memory,
        Self::Vanished,
        Self::OldList,
        Self::Unreachable,
        Self::Coverage,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Risk => "risk",
            Self::Protection => "protection",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Vanished => "vanished",
            Self::OldList => "old-list",
            Self::Unreachable => "unreachable",
            Self::Coverage => "coverage",
        }
    }

    /// The condition with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whether a rule on this waits for `finding`.
    pub fn includes(self, finding: AlertFinding) -> bool {
        match (self, finding) {
            (Self::Usage, AlertFinding::Cpu | AlertFinding::Memory) => true,
            _ => finding.condition() == self,
        }
    }

    /// Whether it has a threshold.
    pub const fn is_of_usage(self) -> bool {
        matches!(self, Self::Usage | Self::Cpu | Self::Memory)
    }

    /// Whether it is about single pods, so that a filter of pods means something.
    pub const fn is_of_pods(self) -> bool {
        !matches!(self, Self::OldList | Self::Unreachable | Self::Coverage)
    }
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertFinding {
    /// HSS found a risk.
    Risk,
    /// Protection is broken or off.
    Protection,
    /// The pod failed.
    Failed,
    /// CPU at the threshold or more.
    Cpu,
    /// Memory at the threshold or more.
    Memory,
    /// The pod is gone.
    Vanished,
    /// HSS's list is old.
    OldList,
    /// HSS cannot be asked.
    Unreachable,
    /// Coverage fell.
    Coverage,
}

impl AlertFinding {
    /// Every finding.
    pub const ALL: [Self; 9] = [
        Self::Risk,
        Self::Protection,
        Self::Failed,
        Self::Cpu,
        Self::Memory,
        Self::Vanished,
        Self::OldList,
        Self::Unreachable,
        Self::Coverage,
    ];

    /// The condition that is about nothing else.
    pub const fn condition(self) -> AlertCondition {
        match self {
            Self::Risk => AlertCondition::Risk,
            Self::Protection => AlertCondition::Protection,
            Self::Failed => AlertCondition::Failed,
            Self::Cpu => AlertCondition::Cpu,
            Self::Memory => AlertCondition::Memory,
            Self::Vanished => AlertCondition::Vanished,
            Self::OldList => AlertCondition::OldList,
            Self::Unreachable => AlertCondition::Unreachable,
            Self::Coverage => AlertCondition::Coverage,
        }
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        self.condition().name()
    }

    /// The words for one finding, and for several.
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Risk => ["new risk", "new risks"],
            Self::Protection => ["pod lost protection", "pods lost protection"],
            Self::Failed => ["pod failed", "pods failed"],
            Self::Cpu => ["pod high on CPU", "pods high on CPU"],
            Self::Memory => ["pod high on memory", "pods high on memory"],
            Self::Vanished => ["pod gone", "pods gone"],
            Self::OldList => ["HSS's list is old"; 2],
            Self::Unreachable => ["HSS cannot be reached"; 2],
            Self::Coverage => ["coverage fell"; 2],
        }
    }

    /// Whether it is an event without an end of its own: it is over as soon as it began.
    pub const fn is_momentary(self) -> bool {
        matches!(self, Self::Vanished)
    }
}
