//! Counts over a fleet.
//!
//! Owns the counts for the line above the table. Each count also says how many pods it is based on.

use std::iter::Sum;
use std::ops::{AddAssign, SubAssign};

use super::pod::Pod;
use super::usage::Pressure;
use super::words::{Detection, Protection, Status};

/// Counts over some pods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// The pods counted.
    pub pods: usize,
    /// `Running`
    pub running: usize,
    /// `Pending`
    pub pending: usize,
    /// `Failed`
    pub failed: usize,
    /// `Unknown`, an undocumented word, or no word.
    pub unknown: usize,
    /// `Succeeded`
    pub succeeded: usize,
    /// A risk was found.
    pub risk: usize,
    /// Protection is on but does not work.
    pub exception: usize,
    /// Not protected.
    pub unprotected: usize,
    /// CPU at or above 90 % of its limit.
    pub cpu_critical: usize,
    /// Memory at or above 90 % of its limit.
    pub memory_critical: usize,
    /// Pods with a known scan result: [`Summary::risk`] counts among these.
    pub detection_told: usize,
    /// Pods with a known protection status.
    pub protection_told: usize,
    /// Pods with a known scan result or protection status.
    pub security_told: usize,
    /// Pods with known CPU usage.
    pub cpu_told: usize,
    /// Pods with known memory usage.
    pub memory_told: usize,
}

impl Summary {
    /// Counts `pods`.
    pub fn of<'a>(pods: impl IntoIterator<Item = &'a Pod>) -> Self {
        let mut summary = Self::default();
        for pod in pods {
            summary.add(pod);
        }
        summary
    }

    fn add(&mut self, pod: &Pod) {
        self.pods += 1;
        match pod.status().value() {
            Some(Status::Running) => self.running += 1,
            Some(Status::Pending) => self.pending += 1,
            Some(Status::Failed) => self.failed += 1,
            Some(Status::Succeeded) => self.succeeded += 1,
            Some(Status::Unknown | Status::Other(_)) | None => self.unknown += 1,
        }
        self.risk += usize::from(pod.detection().value().is_some_and(Detection::is_risk));
        self.exception += usize::from(pod.protection().value() == Some(&Protection::Exception));
        self.unprotected += usize::from(pod.protection().value() == Some(&Protection::Closed));
        self.cpu_critical += usize::from(pod.cpu_usage().pressure() == Pressure::Critical);
        self.memory_critical += usize::from(pod.memory_usage().pressure() == Pressure::Critical);
        self.detection_told += usize::from(pod.detection().value().is_some());
        self.protection_told += usize::from(pod.protection().value().is_some());
        self.security_told +=
            usize::from(pod.detection().value().is_some() || pod.protection().value().is_some());
        self.cpu_told += usize::from(pod.cpu_usage().is_told());
        self.memory_told += usize::from(pod.memory_usage().is_told());
    }
}

/// Runs the same code on every count.
macro_rules! each_count {
    ($summary:ident, $other:ident, $operator:tt) => {
        $summary.pods $operator $other.pods;
        $summary.running $operator $other.running;
        $summary.pending $operator $other.pending;
        $summary.failed $operator $other.failed;
        $summary.unknown $operator $other.unknown;
        $summary.succeeded $operator $other.succeeded;
        $summary.risk $operator $other.risk;
        $summary.exception $operator $other.exception;
        $summary.unprotected $operator $other.unprotected;
        $summary.cpu_critical $operator $other.cpu_critical;
        $summary.memory_critical $operator $other.memory_critical;
        $summary.detection_told $operator $other.detection_told;
        $summary.protection_told $operator $other.protection_told;
        $summary.security_told $operator $other.security_told;
        $summary.cpu_told $operator $other.cpu_told;
        $summary.memory_told $operator $other.memory_told;
    };
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        each_count!(self, other, +=);
    }
}

impl SubAssign for Summary {
    /// Subtracts the counts of pods that are all included in this summary.
    fn sub_assign(&mut self, other: Self) {
        each_count!(self, other, -=);
    }
}

impl Sum for Summary {
    fn sum<I: Iterator<Item = Self>>(summaries: I) -> Self {
        summaries.fold(Self::default(), |mut sum, summary| {
            sum += summary;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    #[test]
    fn every_pod_is_counted_once_by_status() {
        let pods = [
            node("a").build(),
            node("b")
                .status("Failed")
                .usage("95m", "100m", "95Mi", "100Mi")
                .build(),
            node("c").status("Evicted").build(),
            serverless("d").security("closed", "risk").build(),
            serverless("e")
                .status("Succeeded")
                .security("protection_exception", "clean")
                .build(),
        ];
        let summary = Summary::of(&pods);
        let by_status =
            summary.running + summary.pending + summary.failed + summary.unknown + summary.succeeded;
        assert_eq!((summary.pods, by_status), (5, 5));
        assert_eq!(
            (
                summary.running,
                summary.failed,
                summary.unknown,
                summary.succeeded
            ),
            (2, 1, 1, 1)
        );
        assert_eq!((summary.risk, summary.exception, summary.unprotected), (1, 1, 1));
        assert_eq!((summary.cpu_critical, summary.memory_critical), (1, 1));
        assert_eq!((summary.detection_told, summary.protection_told), (2, 2));
        assert_eq!((summary.cpu_told, summary.memory_told), (1, 1));
    }
}
