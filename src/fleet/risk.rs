//! The risk score: one explainable number per pod.
//!
//! Owns the weights, in one table, and the reasons for a score. The score is the sum of the weights of the
//! reasons that apply, at most [`MAX_SCORE`]. Must not: count unknown values as good or as bad; they have a
//! small weight of their own.

use super::field::Field;
use super::pod::Pod;
use super::usage::{Pressure, Usage};
use super::words::{Detection, Protection, Status};

/// The highest score.
pub const MAX_SCORE: u32 = 99;
/// From this score on, a pod is bad: HSS found a risk in it, or other reasons weigh as much.
pub const BAD_SCORE: u32 = 60;
/// From this score on, a pod is highlighted.
pub const HIGH_SCORE: u32 = 30;

/// A reason why a pod needs attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// HSS found a risk.
    DetectionRisk,
    /// The pod failed.
    Failed,
    /// Protection is on but does not work.
    ProtectionException,
    /// The status is unknown or an undocumented word.
    StatusUnknown,
    /// Memory at or above 90 % of its limit: the kernel kills the pod at 100 %.
    MemoryCritical,
    /// CPU at or above 90 % of its limit: the kernel throttles the pod.
    CpuCritical,
    /// The pod is pending.
    Pending,
    /// HSS does not protect it.
    ProtectionClosed,
    /// Memory at or above 70 % of its limit.
    MemoryWarn,
    /// CPU at or above 70 % of its limit.
    CpuWarn,
    /// A security word is undocumented, or a field is unreadable.
    Unreadable,
    /// It is serverless and has not been scanned yet.
    Undetected,
    /// It runs without a memory limit.
    NoMemoryLimit,
}

/// The weight of each reason, and its name on the screen. A risk that HSS found counts more than a failed
/// pod, even one that is neither protected nor scanned, because jobs fail every day.
const WEIGHTS: [(Reason, u32, &str); 13] = [
    (Reason::DetectionRisk, 60, "risk found"),
    (Reason::ProtectionException, 40, "protection broken"),
    (Reason::Failed, 35, "failed"),
    (Reason::StatusUnknown, 30, "status unknown"),
    (Reason::MemoryCritical, 30, "memory at 90 % or more"),
    (Reason::CpuCritical, 30, "CPU at 90 % or more"),
    (Reason::Pending, 20, "pending"),
    (Reason::ProtectionClosed, 20, "protection off"),
    (Reason::MemoryWarn, 10, "memory at 70 % or more"),
    (Reason::CpuWarn, 8, "CPU at 70 % or more"),
    (Reason::Unreadable, 5, "unreadable field"),
    (Reason::Undetected, 3, "not scanned"),
    (Reason::NoMemoryLimit, 1, "no memory limit"),
];

impl Reason {
    fn entry(self) -> (u32, &'static str) {
        WEIGHTS
            .iter()
            .find(|(reason, ..)| *reason == self)
            .map_or((0, ""), |(_, weight, label)| (*weight, *label))
    }

    /// Its share of the score.
    pub fn weight(self) -> u32 {
        self.entry().0
    }

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DetectionRisk => "risk",
            Self::ProtectionException => "broken",
            Self::Failed => "failed",
            Self::StatusUnknown => "unknown",
            Self::MemoryCritical => "memory-critical",
            Self::CpuCritical => "cpu-critical",
            Self::Pending => "pending",
            Self::ProtectionClosed => "off",
            Self::MemoryWarn => "memory-high",
            Self::CpuWarn => "cpu-high",
            Self::Unreadable => "unreadable",
            Self::Undetected => "not-scanned",
            Self::NoMemoryLimit => "no-memory-limit",
        }
    }

    /// The reason with this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut reasons = WEIGHTS.iter().map(|(reason, ..)| *reason);
        reasons.find(|reason| reason.name() == name)
    }

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        self.entry().1
    }
}

/// The values of a pod that its risk depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct RiskInputs<'a> {
    pub(super) status: &'a Field<Status>,
    pub(super) protection: &'a Field<Protection>,
    pub(super) detection: &'a Field<Detection>,
    pub(super) cpu: Usage,
    pub(super) memory: Usage,
}

impl<'a> RiskInputs<'a> {
    /// Those of `pod`.
    pub(super) fn of(pod: &'a Pod) -> Self {
        Self {
            status: pod.status(),
            protection: pod.protection(),
            detection: pod.detection(),
            cpu: pod.cpu_usage(),
            memory: pod.memory_usage(),
        }
    }

    /// The score of a pod with these values.
    pub(super) fn score(self) -> u32 {
        let weights = WEIGHTS.iter().filter(|(reason, ..)| self.have(*reason));
        weights.map(|(_, weight, _)| weight).sum::<u32>().min(MAX_SCORE)
    }
}

/// The reasons that apply to `pod`, the largest weight first.
pub fn reasons(pod: &Pod) -> Vec<Reason> {
    let signs = RiskInputs::of(pod);
    WEIGHTS
        .iter()
        .map(|(reason, ..)| *reason)
        .filter(|reason| signs.have(*reason))
        .collect()
}

/// The heaviest reason that applies to `pod`.
pub fn main_reason(pod: &Pod) -> Option<Reason> {
    let signs = RiskInputs::of(pod);
    let mut reasons = WEIGHTS.iter().map(|(reason, ..)| *reason);
    reasons.find(|reason| signs.have(*reason))
}

/// The score of `pod`: 0 (no reason applies) to [`MAX_SCORE`].
pub fn score(pod: &Pod) -> u32 {
    RiskInputs::of(pod).score()
}

/// From this score on a pod is a problem: it is pending or not protected, or as much speaks against it. Usage that is only
/// high, a scan that is missing and a missing limit are not a problem each.
pub const PROBLEM_SCORE: u32 = 20;

/// Whether a pod with this score is a problem.
pub fn is_problem_score(score: u64) -> bool {
    score >= u64::from(PROBLEM_SCORE)
}

/// Whether `pod` is a problem.
pub fn is_problem(pod: &Pod) -> bool {
    is_problem_score(score(pod).into())
}

impl RiskInputs<'_> {
    /// Whether this reason applies.
    pub(super) fn have(self, reason: Reason) -> bool {
        let status = self.status.value();
        match reason {
            Reason::DetectionRisk => self.detection.value().is_some_and(Detection::is_risk),
            Reason::Failed => matches!(status, Some(Status::Failed)),
            Reason::ProtectionException => self.protection.value() == Some(&Protection::Exception),
            Reason::StatusUnknown => matches!(status, Some(Status::Unknown | Status::Other(_))),
            Reason::MemoryCritical => self.memory.pressure() == Pressure::Critical,
            Reason::CpuCritical => self.cpu.pressure() == Pressure::Critical,
            Reason::Pending => matches!(status, Some(Status::Pending)),
            Reason::ProtectionClosed => self.protection.value() == Some(&Protection::Closed),
            Reason::MemoryWarn => self.memory.pressure() == Pressure::Warn,
            Reason::CpuWarn => self.cpu.pressure() == Pressure::Warn,
            Reason::Unreadable => {
                matches!(self.status, Field::Unreadable)
                    || matches!(
                        self.protection,
                        Field::Unreadable | Field::Value(Protection::Other(_))
                    )
                    || matches!(
                        self.detection,
                        Field::Unreadable | Field::Value(Detection::Other(_))
                    )
                    || self.cpu == Usage::Unreadable
                    || self.memory == Usage::Unreadable
            }
            Reason::Undetected => self.detection.value() == Some(&Detection::Undetected),
            Reason::NoMemoryLimit => {
                let ended = matches!(status, Some(Status::Succeeded | Status::Failed));
                !ended && self.memory == Usage::NoLimit
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    #[test]
    fn a_pod_without_reasons_has_score_zero() {
        let pod = node("web-0").usage("100m", "1", "100Mi", "1Gi").build();
        assert_eq!((score(&pod), reasons(&pod)), (0, vec![]));
    }

    #[test]
    fn the_score_is_the_sum_of_its_reasons() {
        let pod = serverless("settle-1")
            .usage("100m", "1", "950Mi", "1Gi")
            .security("opened", "risk")
            .build();
        assert_eq!(reasons(&pod), [Reason::DetectionRisk, Reason::MemoryCritical]);
        assert_eq!(score(&pod), 90);
        let worst = serverless("settle-2")
            .status("Failed")
            .security("protection_exception", "risk")
            .build();
        assert_eq!(score(&worst), MAX_SCORE);
    }

    #[test]
    fn unknown_words_never_count_as_good() {
        assert_eq!(
            reasons(&node("a").status("Evicted").build()),
            [Reason::StatusUnknown]
        );
        assert_eq!(
            reasons(&serverless("b").security("half", "maybe").build()),
            [Reason::Unreadable]
        );
        assert_eq!(
            reasons(&node("c").usage("12%", "1", "", "").build()),
            [Reason::Unreadable]
        );
    }

    #[test]
    fn what_is_only_high_or_not_scanned_or_without_a_limit_is_not_a_problem() {
        for pod in [
            node("a").usage("", "", "1Gi", "").build(),
            node("a").build(),
            serverless("a").security("opened", "undetected").build(),
            node("a").usage("70m", "100m", "70Mi", "100Mi").build(),
        ] {
            assert!(!is_problem(&pod), "{pod:?}");
        }
        let lightest = WEIGHTS.iter().rfind(|(_, weight, _)| *weight >= PROBLEM_SCORE);
        assert_eq!(
            lightest.map(|(reason, ..)| *reason),
            Some(Reason::ProtectionClosed)
        );
    }

    #[test]
    fn thresholds_count_once() {
        assert_eq!(
            reasons(&node("a").usage("700m", "1", "", "").build()),
            [Reason::CpuWarn]
        );
        assert_eq!(
            reasons(&node("a").usage("900m", "1", "", "").build()),
            [Reason::CpuCritical]
        );
        assert_eq!(
            reasons(&node("a").usage("", "", "1Gi", "").build()),
            [Reason::NoMemoryLimit]
        );
        assert_eq!(
            reasons(&node("a").status("Succeeded").usage("", "", "1Gi", "").build()),
            []
        );
    }

    #[test]
    fn every_reason_has_a_weight_and_the_table_is_sorted() {
        for (reason, ..) in WEIGHTS {
            assert_eq!(Reason::named(reason.name()), Some(reason));
        }
        assert!(WEIGHTS.is_sorted_by(|a, b| a.1 >= b.1));
        assert!(
            WEIGHTS
                .iter()
                .all(|(_, weight, label)| *weight > 0 && !label.is_empty())
        );
    }
}
