//! What happens to the pods from one generation to the next.
//!
//! Owns the scenario. Each slot has a permanent profile: most pods are steady; a few crash, climb, starve or
//! lose contact again and again. A troubled slot repeats its trouble in cycles whose length and phase are its
//! own, so any generation can be computed without the ones before it, and generation 0 is in the middle of
//! the cycles. Knows no names, no times and no millicores.

use serde::Serialize;

use super::key::{SeedKey, Topic};
use super::workload::{Workload, WorkloadKind};
use crate::simulator::snapshot::DEPTH;

/// The shortest and the longest cycle, in generations. The creation time of a pod comes from the snapshots
/// that are still remembered, so the longest cycle must not reach further back than these.
const SHORTEST: u64 = 20;
const LONGEST: u64 = 36;
const _: () = assert!(
    LONGEST + 2 <= DEPTH,
    "the longest cycle must fit into the remembered snapshots"
);

/// A pod's phase, by its name in Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Status {
    /// Not placed or not started yet.
    Pending,
    /// Running.
    Running,
    /// Finished, as a job does.
    Succeeded,
    /// Failed.
    Failed,
    /// Its node does not respond.
    Unknown,
}

/// Whether the service protects a serverless pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtectStatus {
    /// Not protected.
    Closed,
    /// Protected.
    Opened,
    /// Protection is on but does not work.
    ProtectionException,
}

/// What the service found in a serverless pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DetectResult {
    /// Never scanned.
    Undetected,
    /// The scan found nothing.
    Clean,
    /// The scan found a risk.
    Risk,
    /// A scan is running.
    Scanning,
}

/// The state of a slot's scenario in one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PodLife {
    /// The number of this pod among the slot's pods.
    pub(super) incarnation: u64,
    /// The number of the template that the pod was made from.
    pub(super) template: u64,
    pub(super) birth: Birth,
    pub(super) status: Status,
    /// The least usage of the pod, in thousandths of its limit; 0 for a pod without strain.
    pub(super) strain: u64,
}

/// When a pod was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Birth {
    /// Before the first snapshot; nothing has happened to it since.
    LongAgo,
    /// This number of generations ago.
    Ago(u64),
}

/// Where a slot is in its cycle.
#[derive(Clone, Copy)]
struct Cycle {
    turn: u64,
    beat: u64,
    length: u64,
}

impl Cycle {
    fn at(key: SeedKey, generation: u64) -> Self {
        let length = SHORTEST + key.below(Topic::Length, LONGEST - SHORTEST + 1);
        let time = generation.saturating_add(key.below(Topic::Phase, length));
        Self {
            turn: time / length,
            beat: time % length,
            length,
        }
    }

    fn rest(self) -> u64 {
        self.length - self.beat
    }
}

impl PodLife {
    /// The scenario of one slot of a workload.
    pub(super) fn at(workload: &Workload, slot: u64, key: SeedKey, generation: u64) -> Self {
        if workload.kind == WorkloadKind::Job {
            return Self::of_job(key, generation);
        }
        if workload.kind == WorkloadKind::Deployment && workload.key.chance(Topic::Casting, 40) {
            return Self::rolling(workload, slot, generation);
        }
        let steady = Self {
            incarnation: 0,
            template: 0,
            birth: Birth::LongAgo,
            status: Status::Running,
            strain: 0,
        };
        let casting = key.below(Topic::Casting, 1000);
        if casting >= 150 {
            return steady;
        }
        let cycle = Cycle::at(key, generation);
        match casting {
            0..38 => Self::crashing(cycle),
            38..60 => Self {
                status: starving(cycle),
                ..steady
            },
            60..66 => Self {
                status: losing_touch(cycle),
                ..steady
            },
            _ => Self {
                strain: climb(key, cycle),
                ..steady
            },
        }
    }

    /// Starts, works, fails, stays down for some generations, and is replaced.
    fn crashing(cycle: Cycle) -> Self {
        let status = match (cycle.beat, cycle.rest()) {
            (0, _) => Status::Pending,
            (_, 1..=5) => Status::Failed,
            _ => Status::Running,
        };
        Self {
            incarnation: cycle.turn,
            template: 0,
            birth: Birth::Ago(cycle.beat),
            status,
            strain: 0,
        }
    }

    /// Once per cycle the workload moves to a new template, one replica in each generation.
    fn rolling(workload: &Workload, slot: u64, generation: u64) -> Self {
        let cycle = Cycle::at(workload.key, generation);
        let turn = slot.saturating_sub(workload.first) % cycle.length;
        let (template, ago) = if cycle.beat >= turn {
            (cycle.turn + 1, cycle.beat - turn)
        } else {
            (cycle.turn, cycle.beat + cycle.length - turn)
        };
        let status = if ago == 0 {
            Status::Pending
        } else {
            Status::Running
        };
        Self {
            incarnation: template,
            template,
            birth: Birth::Ago(ago),
            status,
            strain: 0,
        }
    }

    /// Runs for two generations, then stays finished until the next run.
    fn of_job(key: SeedKey, generation: u64) -> Self {
        let cycle = Cycle::at(key, generation);
        let run = key.child(Topic::Outcome, cycle.turn);
        let status = match cycle.beat {
            0..2 => Status::Running,
            _ if run.chance(Topic::Outcome, 60) => Status::Failed,
            _ => Status::Succeeded,
        };
        Self {
            incarnation: cycle.turn,
            template: 0,
            birth: Birth::Ago(cycle.beat),
            status,
            strain: 0,
        }
    }
}

/// Waits most of the time for space on a node.
fn starving(cycle: Cycle) -> Status {
    if cycle.beat * 5 < cycle.length * 3 {
        Status::Pending
    } else {
        Status::Running
    }
}

/// Its node does not answer for a third of the time.
fn losing_touch(cycle: Cycle) -> Status {
    if cycle.beat * 3 < cycle.length {
        Status::Unknown
    } else {
        Status::Running
    }
}

/// Rises to a peak in the middle of the cycle and falls again.
fn climb(key: SeedKey, cycle: Cycle) -> u64 {
    let burst = if key.chance(Topic::Burst, 60) { 150 } else { 0 };
    let peak = 760 + key.below(Topic::Level, 240) + burst;
    let height = cycle.beat.min(cycle.rest());
    (peak * 2 * height / cycle.length).min(peak)
}

/// The protection and the scan result of the serverless pod at an index. Profiles and phases are assigned in
/// turn, so that even a small fleet shows every case from the start.
pub(super) fn protection(place: u64, generation: u64) -> (ProtectStatus, DetectResult) {
    let beat = generation.wrapping_add(place.wrapping_mul(7)) % 24;
    match place % 20 {
        0 | 9 => (ProtectStatus::Closed, DetectResult::Undetected),
        4 => (ProtectStatus::Opened, DetectResult::Undetected),
        2 | 8 | 14 if beat < 12 => (ProtectStatus::ProtectionException, DetectResult::Clean),
        5 | 11 | 17 => (
            ProtectStatus::Opened,
            match beat {
                0..3 | 12..15 => DetectResult::Scanning,
                3..12 => DetectResult::Risk,
                _ => DetectResult::Clean,
            },
        ),
        _ => (ProtectStatus::Opened, DetectResult::Clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::fleet::cluster::Cluster;

    fn slots() -> Vec<(Workload, u64, SeedKey)> {
        let cluster = Cluster::fleet(SeedKey::root(7), 4000).into_iter().next().unwrap();
        Workload::all(&cluster)
            .flat_map(|workload| workload.first..workload.first + workload.replicas)
            .map(|slot| {
                let key = cluster.key.child(Topic::Slot, slot);
                (Workload::holding(&cluster, slot).unwrap(), slot, key)
            })
            .collect()
    }

    #[test]
    fn a_creation_time_stays_the_same_until_the_pod_is_replaced() {
        for (workload, slot, key) in slots() {
            for generation in 0..120 {
                let now = PodLife::at(&workload, slot, key, generation);
                let next = PodLife::at(&workload, slot, key, generation + 1);
                match (now.birth, next.birth) {
                    (Birth::Ago(ago), Birth::Ago(later)) if now.incarnation == next.incarnation => {
                        assert_eq!(later, ago + 1);
                    }
                    (Birth::Ago(_), Birth::Ago(later)) => assert_eq!(later, 0),
                    (now, next) => assert_eq!(now, next),
                }
            }
        }
    }

    #[test]
    fn a_failed_pod_is_followed_by_a_new_one() {
        let mut crashes = 0;
        for (workload, slot, key) in slots()
            .into_iter()
            .filter(|(workload, ..)| workload.kind != WorkloadKind::Job)
        {
            for generation in 0..80 {
                let now = PodLife::at(&workload, slot, key, generation);
                let next = PodLife::at(&workload, slot, key, generation + 1);
                if now.status == Status::Failed && next.status != Status::Failed {
                    crashes += 1;
                    assert_eq!(
                        (next.status, next.incarnation),
                        (Status::Pending, now.incarnation + 1)
                    );
                }
            }
        }
        assert!(crashes > 20, "{crashes}");
    }

    #[test]
    fn a_risk_is_found_by_a_scan_and_goes_away() {
        let told: Vec<DetectResult> = (0..72).map(|generation| protection(5, generation).1).collect();
        let steps: Vec<_> = told.windows(2).filter(|step| step[0] != step[1]).collect();
        assert!(steps.contains(&&[DetectResult::Scanning, DetectResult::Risk][..]));
        assert!(steps.contains(&&[DetectResult::Scanning, DetectResult::Clean][..]));
    }
}
