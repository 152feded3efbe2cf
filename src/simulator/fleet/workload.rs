//! The workloads that own the pods.
//!
//! Owns the layout of a cluster: its slots come in blocks, a block is divided into workloads, and the
//! replicas of a workload are neighbours. The layout of a block does not depend on other blocks, so a pod in
//! the middle of two million costs as little as the first. Two pieces with the same name and namespace are
//! one workload.

use super::cluster::Cluster;
use super::key::{SeedKey, Topic, nth};
use super::names::{self, AGENTS, CHORES, COMPONENTS, SERVERLESS, SERVERLESS_CHORES, STORES, SYSTEM};

/// The number of slots that are laid out together.
const BLOCK: u64 = 32;

/// The numbers of replicas that a piece can have.
const SIZES: [u64; 14] = [1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 8, 10];

/// The kind of controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkloadKind {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
}

/// Some replicas of one controller, in neighbouring slots.
#[derive(Debug)]
pub(super) struct Workload {
    /// The same for all pieces of one workload.
    pub(super) key: SeedKey,
    pub(super) kind: WorkloadKind,
    /// Whether it is one of the cluster's own workloads.
    pub(super) system: bool,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The first of its slots in the cluster.
    pub(super) first: u64,
    pub(super) replicas: u64,
}

/// A range of a block that belongs to one workload; its names are not computed yet.
#[derive(Clone, Copy)]
struct Piece {
    key: SeedKey,
    block: u64,
    number: u64,
    first: u64,
    replicas: u64,
}

impl Workload {
    /// All workloads of a cluster, in the order of their slots.
    pub(super) fn all(cluster: &Cluster) -> impl Iterator<Item = Self> {
        (0..cluster.pods.div_ceil(BLOCK))
            .flat_map(|block| pieces(cluster, block))
            .map(|piece| piece.spell_out(cluster))
    }

    /// The workload that a slot of a cluster belongs to.
    pub(super) fn holding(cluster: &Cluster, slot: u64) -> Option<Self> {
        pieces(cluster, slot / BLOCK)
            .find(|piece| slot < piece.first + piece.replicas)
            .map(|piece| piece.spell_out(cluster))
    }
}

/// Divides a block into pieces.
fn pieces(cluster: &Cluster, block: u64) -> impl Iterator<Item = Piece> {
    let block_key = cluster.key.child(Topic::Block, block);
    let end = (block * BLOCK + BLOCK).min(cluster.pods);
    let mut first = block * BLOCK;
    (0..).map_while(move |number| {
        let key = block_key.child(Topic::Workload, number);
        let replicas = key.pick(Topic::Size, &SIZES).min(end - first);
        let piece = Piece {
            key,
            block,
            number,
            first,
            replicas,
        };
        first += replicas;
        (replicas > 0).then_some(piece)
    })
}

impl Piece {
    fn spell_out(self, cluster: &Cluster) -> Workload {
        if cluster.serverless {
            self.serverless(cluster)
        } else {
            self.on_nodes(cluster)
        }
    }

    fn on_nodes(self, cluster: &Cluster) -> Workload {
        // At most one piece of a block has state, so that its block can number it.
        if self.number == 1 {
            return self.stateful(cluster);
        }
        match self.key.below(Topic::WorkloadKind, 1000) {
            0..660 => self.deployment(cluster),
            660..735 => self.fixed(cluster, WorkloadKind::Deployment, &SYSTEM),
            735..975 => self.fixed(cluster, WorkloadKind::DaemonSet, &AGENTS),
            _ => self.job(cluster),
        }
    }

    fn deployment(self, cluster: &Cluster) -> Workload {
        let (programs, namespace) = self.team(cluster);
        let program = self.key.pick(Topic::Workload, &programs);
        let name = format!("{program}-{}", self.key.pick(Topic::Component, &COMPONENTS));
        self.called(cluster, WorkloadKind::Deployment, namespace, name)
    }

    fn job(self, cluster: &Cluster) -> Workload {
        let (programs, namespace) = self.team(cluster);
        let program = self.key.pick(Topic::Workload, &programs);
        let name = format!("{program}-{}", self.key.pick(Topic::Chore, &CHORES));
        self.called(cluster, WorkloadKind::Job, namespace, name)
    }

    /// The pods of a StatefulSet are numbered from 0, so no two pieces may have the same name: the block's
    /// number selects program and store, and a shard once all pairs are in use.
    fn stateful(self, cluster: &Cluster) -> Workload {
        let (programs, namespace) = self.team(cluster);
        let kinds = (programs.len() * STORES.len()) as u64;
        let (shard, kind) = (
            self.block / kinds,
            (self.block * 7 + cluster.key.of(Topic::WorkloadKind) % kinds) % kinds,
        );
        let program = nth(&programs, kind);
        let store = nth(&STORES, kind / programs.len() as u64);
        let name = if shard == 0 {
            format!("{program}-{store}")
        } else {
            format!("{program}-{store}-s{shard}")
        };
        self.called(cluster, WorkloadKind::StatefulSet, namespace, name)
    }

    fn serverless(self, cluster: &Cluster) -> Workload {
        if self.key.chance(Topic::WorkloadKind, 150) {
            self.fixed(cluster, WorkloadKind::Job, &SERVERLESS_CHORES)
        } else {
            self.fixed(cluster, WorkloadKind::Deployment, &SERVERLESS)
        }
    }

    fn fixed(
        self,
        cluster: &Cluster,
        kind: WorkloadKind,
        table: &[(&'static str, &'static str)],
    ) -> Workload {
        let (namespace, name) = self.key.pick(Topic::Component, table);
        let workload = self.called(cluster, kind, namespace.to_owned(), name.to_owned());
        Workload {
            system: !cluster.serverless,
            ..workload
        }
    }

    fn team(self, cluster: &Cluster) -> ([&'static str; 4], String) {
        let hosted = self.key.below(Topic::Namespace, cluster.hosted_namespaces());
        let first = cluster.key.below(Topic::Namespace, cluster.namespaces);
        names::team_namespace((first + hosted) % cluster.namespaces)
    }

    fn called(self, cluster: &Cluster, kind: WorkloadKind, namespace: String, name: String) -> Workload {
        let key = cluster.key.named(&namespace).named(&name);
        Workload {
            key,
            kind,
            system: false,
            namespace,
            name,
            first: self.first,
            replicas: self.replicas,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workloads_of_a_cluster_cover_each_slot_once() {
        for cluster in Cluster::fleet(SeedKey::root(7), 10_000) {
            let mut next = 0;
            for workload in Workload::all(&cluster) {
                assert_eq!(workload.first, next);
                next += workload.replicas;
            }
            assert_eq!(next, cluster.pods);
        }
    }

    #[test]
    fn a_slot_finds_its_workload() {
        let fleet = Cluster::fleet(SeedKey::root(7), 1071);
        for cluster in &fleet {
            for workload in Workload::all(cluster) {
                for slot in workload.first..workload.first + workload.replicas {
                    let found = Workload::holding(cluster, slot).unwrap();
                    assert_eq!((found.key, found.first), (workload.key, workload.first));
                }
            }
        }
    }
}
