//! Whether a pod is as a finding says.

use super::condition::AlertFinding;
use crate::fleet::usage::{Pressure, Usage};
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod};

pub(super) fn is_risk(word: &Field<Detection>) -> bool {
    word.value() == Some(&Detection::Risk)
}

pub(super) fn is_unprotected(word: &Field<Protection>) -> bool {
    matches!(word.value(), Some(Protection::Exception | Protection::Closed))
}

pub(super) fn has_failed(word: &Field<Status>) -> bool {
    word.value() == Some(&Status::Failed)
}

/// Whether a pod is so.
pub(super) fn has(pod: &Pod, finding: AlertFinding) -> bool {
    match finding {
        AlertFinding::Risk => is_risk(pod.detection()),
        AlertFinding::Protection => is_unprotected(pod.protection()),
        AlertFinding::Failed => has_failed(pod.status()),
        AlertFinding::Cpu => pod.cpu_usage().pressure() == Pressure::Critical,
        AlertFinding::Memory => pod.memory_usage().pressure() == Pressure::Critical,
        AlertFinding::Vanished
        | AlertFinding::OldList
        | AlertFinding::Unreachable
        | AlertFinding::Coverage => false,
    }
}

/// Whether a pod that was so is so still: usage is below its threshold again only a little further down.
pub(super) fn still_has(pod: &Pod, finding: AlertFinding) -> bool {
    let is_high = |usage: Usage| usage.pressure_after(Pressure::Critical) == Pressure::Critical;
    match finding {
        AlertFinding::Cpu => is_high(pod.cpu_usage()),
        AlertFinding::Memory => is_high(pod.memory_usage()),
        _ => has(pod, finding),
    }
}
