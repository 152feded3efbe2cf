//! The pod that holds a slot in one generation.
//!
//! Owns a pod's identity: its name, id, address and creation time follow from the slot and from its number
//! among the slot's pods. Other modules decide what a page shows of it.

use std::fmt::Write as _;

use super::cluster::Cluster;
use super::key::{SeedKey, Topic};
use super::names;
use super::scenario::{Birth, PodLife};
use super::workload::{Workload, WorkloadKind};
use crate::simulator::snapshot::Snapshot;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Typical ages of workloads; the age of a workload is 0.5 to 1.5 times one of these.
const AGES: [u64; 12] = [
    20 * MINUTE,
    2 * HOUR,
    9 * HOUR,
    DAY,
    3 * DAY,
    6 * DAY,
    12 * DAY,
    25 * DAY,
    50 * DAY,
    90 * DAY,
    150 * DAY,
    240 * DAY,
];

/// The pod that holds a slot.
#[derive(Clone, Copy)]
pub(super) struct Tenant<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) workload: &'a Workload,
    pub(super) snapshot: &'a Snapshot,
    pub(super) slot: u64,
    pub(super) key: SeedKey,
    pub(super) life: PodLife,
}

impl<'a> Tenant<'a> {
    pub(super) fn of(
        cluster: &'a Cluster,
        workload: &'a Workload,
        slot: u64,
        snapshot: &'a Snapshot,
    ) -> Self {
        let key = cluster.key.child(Topic::Slot, slot);
        let life = PodLife::at(workload, slot, key, snapshot.generation());
        Self {
            cluster,
            workload,
            snapshot,
            slot,
            key,
            life,
        }
    }

    /// The id is constant for the pod's lifetime, and no other pod has it.
    pub(super) fn id(&self) -> String {
        names::pod_uuid(self.key.child(Topic::Identity, self.life.incarnation))
    }

    /// Appends the pod's name: unique in its cluster and namespace.
    pub(super) fn write_name(&self, out: &mut String) {
        out.push_str(&self.workload.name);
        out.push('-');
        match self.workload.kind {
            WorkloadKind::StatefulSet => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{}", self.slot - self.workload.first);
                return;
            }
            WorkloadKind::DaemonSet => {}
            WorkloadKind::Deployment => {
                names::write_template_hash(out, self.workload.key.child(Topic::Hash, self.life.template));
                out.push('-');
            }
            WorkloadKind::Job => {
                let _ = write!(out, "{}-", self.create_time() / 60_000);
            }
        }
        // No two pods of a cluster have the same number, and each cluster starts at a different one.
        let start = self.cluster.key.below(Topic::Hash, 1 << 23);
        let earlier = self.life.incarnation.wrapping_mul(self.cluster.pods);
        names::write_tail(out, start.wrapping_add(earlier).wrapping_add(self.slot));
    }

    /// The pod's name.
    pub(super) fn name(&self) -> String {
        let mut name = String::new();
        self.write_name(&mut name);
        name
    }

    /// In milliseconds of the epoch, rounded to a second. A pod that the scenario creates is created between
    /// the first snapshot that shows it and the snapshot before.
    pub(super) fn create_time(&self) -> i64 {
        let exact = match self.life.birth {
            Birth::LongAgo => {
                let before = i64::try_from(self.age_at_origin()).unwrap_or(0);
                self.snapshot.origin().saturating_sub(before)
            }
            Birth::Ago(generations) => {
                let shown = self.snapshot.when(generations);
                let gap = shown
                    .saturating_sub(self.snapshot.when(generations + 1))
                    .min(90_000);
                let birth = self.key.child(Topic::Birth, self.life.incarnation);
                let before = birth.below(Topic::Birth, u64::try_from(gap).unwrap_or(0));
                shown.saturating_sub(i64::try_from(before).unwrap_or(0))
            }
        };
        exact - exact.rem_euclid(1000)
    }

    /// Most replicas are as old as their workload; a few were moved later.
    fn age_at_origin(&self) -> u64 {
        let workload = self.workload.key;
        let scale = workload.pick(Topic::Age, &AGES);
        let age = scale / 2 + workload.below(Topic::Birth, scale);
        if self.key.chance(Topic::Placement, 250) {
            MINUTE + self.key.below(Topic::Age, age)
        } else {
            age.saturating_sub(self.key.below(Topic::Age, 40_000))
        }
    }

    /// The pod's address in its cluster.
    pub(super) fn ip(&self) -> String {
        self.cluster.pod_ip(self.slot, self.life.incarnation)
    }
}
