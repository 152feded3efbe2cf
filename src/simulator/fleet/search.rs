//! Finding the pods that a caller asks for.
//!
//! Owns the meaning of the filters, and how a window is cut out of the pods that pass them. A search computes
//! no more of a pod than the filters need: clusters are taken or skipped as one, namespaces per workload, and
//! only a filter on the pod's name has to generate names. It stores only the window, and stops early once its
//! result is no longer needed.

use std::ops::Range;

use super::cluster::Cluster;
use super::tenant::Tenant;
use super::workload::Workload;
use super::{ServerlessPlace, SimulatedFleet};
use crate::simulator::searches::SearchStop;
use crate::simulator::snapshot::Snapshot;

/// What a pod has to match. A name matches if it contains the text; the empty text matches every name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The enterprise project that the pod's cluster belongs to; `None` for any.
    pub enterprise_project: Option<&'static str>,
    /// Text in the cluster's name.
    pub cluster: String,
    /// Text in the namespace's name.
    pub namespace: String,
    /// Text in the pod's name.
    pub pod: String,
}

impl Filter {
    /// Whether all pods match, so that none has to be examined.
    pub fn takes_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all pods of a cluster match or none does, so that no pod's name or namespace has to be
    /// examined.
    pub fn takes_whole_clusters(&self) -> bool {
        self.namespace.is_empty() && self.pod.is_empty()
    }

    fn takes_cluster(&self, cluster: &Cluster) -> bool {
        self.enterprise_project
            .is_none_or(|project| project == cluster.enterprise_project)
            && cluster.name.contains(&self.cluster)
    }

    fn takes_workload(&self, workload: &Workload) -> bool {
        workload.namespace.contains(&self.namespace)
    }

    /// `name` is a buffer that is reused.
    fn takes_pod(&self, tenant: &Tenant<'_>, name: &mut String) -> bool {
        name.clear();
        tenant.write_name(name);
        name.contains(&self.pod)
    }
}

/// Counts the matching places and stores those in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWindow {
    offset: u64,
    limit: u64,
    /// The number of matching places, in the window or not.
    pub total: u64,
    /// The places in the window, in order.
    pub places: Vec<u64>,
}

/// What is searched for, where, and until when.
#[derive(Clone, Copy, Debug)]
pub struct RunningSearch<'a> {
    /// What the pods have to match.
    pub filter: &'a Filter,
    /// The snapshot that is searched.
    pub snapshot: &'a Snapshot,
    /// Ends the search early; the result is then invalid.
    pub stop: &'a SearchStop,
}

impl SearchWindow {
    /// A window of `limit` places that starts at `offset`.
    pub fn new(offset: u64, limit: u64) -> Self {
        Self {
            offset,
            limit,
            total: 0,
            places: Vec::new(),
        }
    }

    fn take(&mut self, run: Range<u64>) {
        let skipped = self.offset.saturating_sub(self.total);
        let room = self.limit.saturating_sub(self.places.len() as u64);
        self.total += run.end.saturating_sub(run.start);
        let from = run.start.saturating_add(skipped).min(run.end);
        self.places.extend(from..run.end.min(from.saturating_add(room)));
    }
}

impl SimulatedFleet {
    /// Searches the pods on nodes; a place is a pod's index.
    pub fn search_nodes(&self, search: RunningSearch<'_>, window: &mut SearchWindow) {
        for cluster in &self.clusters {
            search_cluster(cluster, search, cluster.first, window);
        }
    }

    /// Searches the serverless pods; a place is a pod's index plus `base`.
    pub fn search_serverless(&self, search: RunningSearch<'_>, base: u64, window: &mut SearchWindow) {
        if search.filter.takes_all() {
            window.take(base..base + self.mirrored);
        } else {
            self.search_mirrored(search, base, window);
        }
        for cluster in &self.serverless_clusters {
            search_cluster(cluster, search, base + self.mirrored + cluster.first, window);
        }
    }

    fn search_mirrored(&self, search: RunningSearch<'_>, base: u64, window: &mut SearchWindow) {
        let RunningSearch {
            filter,
            snapshot,
            stop,
        } = search;
        let mut name = String::new();
        for index in (0..self.mirrored).take_while(|_| !stop.is_set()) {
            let Some(ServerlessPlace { cluster, slot }) = self.serverless_place(index) else {
                continue;
            };
            if !filter.takes_cluster(cluster) {
                continue;
            }
            let takes = filter.takes_whole_clusters()
                || Workload::holding(cluster, slot).is_some_and(|workload| {
                    let tenant = || Tenant::of(cluster, &workload, slot, snapshot);
                    filter.takes_workload(&workload) && filter.takes_pod(&tenant(), &mut name)
                });
            if takes {
                window.take(base + index..base + index + 1);
            }
        }
    }
}

/// Searches one cluster whose first pod has the place `first`.
fn search_cluster(cluster: &Cluster, search: RunningSearch<'_>, first: u64, window: &mut SearchWindow) {
    let RunningSearch {
        filter,
        snapshot,
        stop,
    } = search;
    if !filter.takes_cluster(cluster) {
        return;
    }
    if filter.takes_whole_clusters() {
        window.take(first..first + cluster.pods);
        return;
    }
    let mut name = String::new();
    let workloads = Workload::all(cluster).take_while(|_| !stop.is_set());
    for workload in workloads.filter(|workload| filter.takes_workload(workload)) {
        let slots = workload.first..workload.first + workload.replicas;
        if filter.pod.is_empty() || workload.name.contains(&filter.pod) {
            window.take(first + slots.start..first + slots.end);
            continue;
        }
        for slot in slots {
            if filter.takes_pod(&Tenant::of(cluster, &workload, slot, snapshot), &mut name) {
                window.take(first + slot..first + slot + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_stores_its_places_and_counts_the_others() {
        let mut window = SearchWindow::new(3, 4);
        window.take(10..12);
        window.take(20..23);
        window.take(30..40);
        assert_eq!((window.total, window.places), (15, vec![21, 22, 30, 31]));
    }

    #[test]
    fn a_search_finds_the_same_pods_as_a_check_of_each_pod() {
        let fleet = SimulatedFleet::new(7, 3000, 200, 20);
        let snapshot = Snapshot::first(1_764_000_000_000);
        for (pod, namespace, cluster) in [
            ("api", "", ""),
            ("", "pay", "prod"),
            ("-2", "kube", ""),
            ("x", "s", "east"),
            ("", "", "cci"),
        ] {
            let filter = Filter {
                enterprise_project: None,
                cluster: cluster.into(),
                namespace: namespace.into(),
                pod: pod.into(),
            };
            let fits =
                |p: &str, n: &str, c: &str| p.contains(pod) && n.contains(namespace) && c.contains(cluster);
            let search = RunningSearch {
                filter: &filter,
                snapshot: &snapshot,
                stop: &SearchStop::default(),
            };
            let mut window = SearchWindow::new(0, 5000);
            fleet.search_nodes(search, &mut window);
            let expected: Vec<u64> = (0..3000)
                .filter(|&index| {
                    let it = fleet.node_pod(index, &snapshot).unwrap();
                    fits(&it.pod_name, &it.namespace_name, &it.cluster_name)
                })
                .collect();
            assert_eq!(window.places, expected);
            let mut window = SearchWindow::new(0, 5000);
            fleet.search_serverless(search, 0, &mut window);
            let expected: Vec<u64> = (0..200)
                .filter(|&index| {
                    let it = fleet.serverless_pod(index, &snapshot).unwrap();
                    fits(&it.pod_name, &it.namespace_name, &it.cluster_name)
                })
                .collect();
            assert_eq!(window.places, expected);
        }
    }
}
