//! The simulated pods, generated on demand.
//!
//! Owns the fleet that the simulator shows. Every pod is computed from the seed, its index and the snapshot,
//! and none is stored: a fleet of two million pods needs as much memory as one of a thousand and is ready at
//! once. Pure: no clock, no I/O, no HTTP.
//!
//! ```text
//! index ─► cluster ─► slot ─► workload ─┐
//!                             scenario ────┴─► tenant ─► NodePod | ServerlessPod
//! ```
//!
//! A *slot* is a position in a cluster that always holds one pod. The scenario decides which pod that is, the
//! slot's *tenant*: pods crash and are replaced, workloads roll out, jobs run again.

mod cluster;
mod key;
mod names;
mod pod;
mod resources;
mod scenario;
mod search;
mod tenant;
mod workload;

pub use cluster::ENTERPRISE_PROJECTS;
pub use pod::{NodePod, Resources, ServerlessPod};
pub use scenario::{DetectResult, ProtectStatus, Status};
pub use search::{Filter, RunningSearch, SearchWindow};

use cluster::Cluster;
use key::SeedKey;
use tenant::Tenant;
use workload::Workload;

use super::settings::MOST_PODS;
use super::snapshot::Snapshot;

/// All clusters and, by computation, all pods.
#[derive(Debug)]
pub struct SimulatedFleet {
    pods: u64,
    serverless: u64,
    mirrored: u64,
    clusters: Vec<Cluster>,
    serverless_clusters: Vec<Cluster>,
}

/// Where a serverless pod comes from: a cluster without nodes or, for a mirrored pod, the cluster of the pod
/// on a node that has the same name.
struct ServerlessPlace<'a> {
    cluster: &'a Cluster,
    slot: u64,
}

impl SimulatedFleet {
    /// A fleet of `pods` pods on nodes and `serverless` serverless ones; the first `mirrored` of these have
    /// the names of pods on nodes.
    pub fn new(seed: u64, pods: u64, serverless: u64, mirrored: u64) -> Self {
        let (pods, serverless) = (pods.min(MOST_PODS), serverless.min(MOST_PODS));
        let mirrored = mirrored.min(pods).min(serverless);
        let root = SeedKey::root(seed);
        Self {
            pods,
            serverless,
            mirrored,
            clusters: Cluster::fleet(root, pods),
            serverless_clusters: Cluster::serverless_fleet(root, serverless - mirrored),
        }
    }

    /// How many pods run on nodes.
    pub fn pods(&self) -> u64 {
        self.pods
    }

    /// How many pods run without a node.
    pub fn serverless(&self) -> u64 {
        self.serverless
    }

    /// The pod on a node at `index`, as the snapshot shows it.
    pub fn node_pod(&self, index: u64, snapshot: &Snapshot) -> Option<NodePod> {
        let cluster = Cluster::of(&self.clusters, index)?;
        let slot = index - cluster.first;
        let workload = Workload::holding(cluster, slot)?;
        Some(NodePod::of(&Tenant::of(cluster, &workload, slot, snapshot)))
    }

    /// The serverless pod at `index`, as the snapshot shows it.
    pub fn serverless_pod(&self, index: u64, snapshot: &Snapshot) -> Option<ServerlessPod> {
        let ServerlessPlace { cluster, slot } = self.serverless_place(index)?;
        let workload = Workload::holding(cluster, slot)?;
        Some(ServerlessPod::of(&Tenant::of(cluster, &workload, slot, snapshot)))
    }

    fn serverless_place(&self, index: u64) -> Option<ServerlessPlace<'_>> {
        let (fleet, index) = if index < self.mirrored {
            (&self.clusters, index * (self.pods / self.mirrored))
        } else {
            (&self.serverless_clusters, index - self.mirrored)
        };
        let cluster = Cluster::of(fleet, index)?;
        Some(ServerlessPlace {
            cluster,
            slot: index - cluster.first,
        })
    }
}

#[cfg(test)]
mod tests;
