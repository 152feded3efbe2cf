//! What happens to the pods from one generation to the next.
//!
//! Owns the scenario. Each slot has a profile for good: most pods are steady, a few crash, climb, starve or lose
//! touch again and again. A troubled slot goes through its trouble in cycles of a length and a phase of its own, so
//! any generation can be told without telling those before it, and generation 0 is in the middle of things.
//! Knows nothing of names, times or numbers of millicores.

use serde::Serialize;

use super::key::{SeedKey, Topic};
use super::workload::{Workload, WorkloadKind};
use crate::simulator::snapshot::DEPTH;

/// The shortest and the longest cycle, in generations. What is born in a cycle is dated by the snapshots
/// that are still remembered, so the longest must not reach behind them.
const SHORTEST: u64 = 20;
const LONGEST: u64 = 36;
const _: () = assert!(LONGEST + 2 <= DEPTH, "a birth must not be forgotten");

/// A pod's phase, by its name in Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Status {
    /// Not placed or not started yet.
    Pending,
    /// At work.
    Running,
    /// Done, as a job is.
    Succeeded,
    /// Ended with an error.
    Failed,
    /// Out of touch.
    Unknown,
}

/// Whether the service guards a serverless pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProtectStatus {
    /// Not guarded.
    Closed,
    /// Guarded.
    Opened,
    /// Meant to be guarded, but something is in the way.
    ProtectionException,
}

/// What the service found in a serverless pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DetectResult {
    /// Never looked.
    Undetected,
    /// Nothing.
    Clean,
    /// Something.
    Risk,
    /// Looking right now.
    Scanning,
}

/// Where the scenario of a slot stands in one generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PodLife {
    /// Which of the slot's pods this is.
    pub(super) incarnation: u64,
    /// Which template the pod was made from.
    pub(super) template: u64,
    pub(super) birth: Birth,
    pub(super) status: Status,
    /// How much of its limit the pod needs at least, in thousandths; 0 for one that is at ease.
    pub(super) strain: u64,
}

/// When a pod came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Birth {
    /// Before the first snapshot, and nothing happened to it since.
    LongAgo,
    /// So many generations ago.
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

    /// Once in a cycle the whole workload moves to a new template, one replica in each generation.
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

    /// Runs for two generations, then lies about until the next run.
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

/// Waits for room on a node for most of the time.
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

/// Up to a peak in the middle of the cycle and down again.
fn climb(key: SeedKey, cycle: Cycle) -> u64 {
    let burst = if key.chance(Topic::Burst, 60) { 150 } else { 0 };
    let peak = 760 + key.below(Topic::Level, 240) + burst;
    let height = cycle.beat.min(cycle.rest());
    (peak * 2 * height / cycle.length).min(peak)
}

/// How the service looks at the serverless pod at a place. The parts and their cues are given out in turn, so that
/// even a few pods show everything from the start.
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
    fn a_birth_stays_where_it_was_until_the_next_one() {
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
