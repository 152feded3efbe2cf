//! What a change of one field does to the score of a pod.
//!
//! Owns the score before and after a [change](super::changes), and which reasons it adds or removes. Must not: look at other
//! changes of the pod, except to find the one that brought a reason.

use super::changes::{Change, ChangeKind, Changes};
use super::field::Field;
use super::pod::PodKey;
use super::risk::{Reason, RiskInputs};
use super::usage::{CRITICAL_PERCENT, Pressure, Usage, WARN_PERCENT};

/// The change that gave `pod` this reason; `None` if hss-top did not see it.
pub fn since_which<'a>(changes: &'a Changes, pod: &PodKey, reason: Reason) -> Option<&'a Change> {
    let newest_first = changes.iter().rev().filter(|change| change.pod == *pod);
    for change in newest_first {
        match change.kind {
            ChangeKind::Vanished => return None,
            ChangeKind::Appeared => return Some(change),
            _ => {}
        }
        if let Some(is_so) = brings(&change.kind, reason) {
            return Some(change).filter(|_| is_so);
        }
    }
    None
}

/// Whether a change adds a reason of the score or removes it; `None` if it does neither.
pub(super) fn brings(kind: &ChangeKind, reason: Reason) -> Option<bool> {
    let is_about = match reason {
        Reason::DetectionRisk | Reason::Undetected => matches!(kind, ChangeKind::Detection(..)),
        Reason::ProtectionException | Reason::ProtectionClosed => matches!(kind, ChangeKind::Protection(..)),
        Reason::Failed | Reason::Pending | Reason::StatusUnknown => matches!(kind, ChangeKind::Status(..)),
        Reason::MemoryCritical | Reason::MemoryWarn => matches!(kind, ChangeKind::MemoryThreshold(..)),
        Reason::CpuCritical | Reason::CpuWarn => matches!(kind, ChangeKind::CpuThreshold(..)),
        // More than one field may be the cause.
        Reason::Unreadable | Reason::NoMemoryLimit => false,
    };
    let [before, after] = inputs(kind)?;
    match (before.have(reason), after.have(reason)) {
        (true, true) => None,
        (_, has) => is_about.then_some(has),
    }
}

/// By how much a change alone raises the score.
pub(super) fn shift(kind: &ChangeKind) -> i32 {
    let score = |inputs: RiskInputs<'_>| i32::try_from(inputs.score()).unwrap_or(i32::MAX);
    inputs(kind).map_or(0, |[before, after]| score(after) - score(before))
}

/// The inputs of the score before and after a change of one field.
pub(super) fn inputs(kind: &ChangeKind) -> Option<[RiskInputs<'_>; 2]> {
    const NOTHING: RiskInputs<'static> = RiskInputs {
        status: &Field::Absent,
        protection: &Field::Absent,
        detection: &Field::Absent,
        cpu: Usage::NotReported,
        memory: Usage::NotReported,
    };
    let usage = |pressure: Pressure| match pressure {
        Pressure::Unknown => Usage::NotReported,
        Pressure::Calm => Usage::Percent(0),
        Pressure::Warn => Usage::Percent(WARN_PERCENT),
        Pressure::Critical => Usage::Percent(CRITICAL_PERCENT),
    };
    Some(match kind {
        ChangeKind::Status(from, to) => [from, to].map(|status| RiskInputs { status, ..NOTHING }),
        ChangeKind::Protection(from, to) => [from, to].map(|protection| RiskInputs {
            protection,
            ..NOTHING
        }),
        ChangeKind::Detection(from, to) => [from, to].map(|detection| RiskInputs { detection, ..NOTHING }),
        ChangeKind::CpuThreshold(from, to) => [from, to].map(|pressure| RiskInputs {
            cpu: usage(*pressure),
            ..NOTHING
        }),
        ChangeKind::MemoryThreshold(from, to) => [from, to].map(|pressure| RiskInputs {
            memory: usage(*pressure),
            ..NOTHING
        }),
        ChangeKind::Appeared | ChangeKind::Vanished | ChangeKind::LimitChanged(..) => return None,
    })
}
