//! A page of pods.
//!
//! Owns how the two lists share a window, which the settings decide, and the body of a page. Pure: the same
//! query on the same snapshot gives the same page.

use serde::Serialize;

use super::fleet::{NodePod, RunningSearch, SearchWindow, ServerlessPod, SimulatedFleet};
use super::query::ListQuery;
use super::searches::SearchStop;
use super::settings::ListMode;
use super::snapshot::Snapshot;

/// The body of a page. An empty list of serverless pods is omitted.
#[derive(Debug, Serialize)]
pub(super) struct PageAnswer {
    total_num: u64,
    last_update_time: i64,
    data_list: Vec<NodePod>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pod_info_list: Vec<ServerlessPod>,
}

impl PageAnswer {
    /// Builds a page. The page is invalid if `stop` is set before the search is done.
    pub(super) fn of(
        fleet: &SimulatedFleet,
        snapshot: &Snapshot,
        query: &ListQuery,
        lists: ListMode,
        stop: &SearchStop,
    ) -> Self {
        let search = RunningSearch {
            filter: &query.filter,
            snapshot,
            stop,
        };
        match lists {
            ListMode::Joined => Self::joined(fleet, search, query),
            ListMode::Parallel => Self::parallel(fleet, search, query),
        }
    }

    /// The serverless pods follow the pods on nodes.
    fn joined(fleet: &SimulatedFleet, search: RunningSearch<'_>, query: &ListQuery) -> Self {
        let mut window = SearchWindow::new(query.offset, query.limit);
        fleet.search_nodes(search, &mut window);
        fleet.search_serverless(search, fleet.pods(), &mut window);
        let behind = window.places.partition_point(|place| *place < fleet.pods());
        let (nodes, serverless) = window.places.split_at(behind);
        let serverless: Vec<u64> = serverless.iter().map(|place| place - fleet.pods()).collect();
        Self::spell_out(fleet, search.snapshot, window.total, nodes, &serverless)
    }

    fn parallel(fleet: &SimulatedFleet, search: RunningSearch<'_>, query: &ListQuery) -> Self {
        let mut nodes = SearchWindow::new(query.offset, query.limit);
        let mut serverless = nodes.clone();
        fleet.search_nodes(search, &mut nodes);
        fleet.search_serverless(search, 0, &mut serverless);
        Self::spell_out(
            fleet,
            search.snapshot,
            nodes.total,
            &nodes.places,
            &serverless.places,
        )
    }

    fn spell_out(
        fleet: &SimulatedFleet,
        snapshot: &Snapshot,
        total_num: u64,
        nodes: &[u64],
        serverless: &[u64],
    ) -> Self {
        Self {
            total_num,
            last_update_time: snapshot.taken_at(),
            data_list: nodes
                .iter()
                .filter_map(|index| fleet.node_pod(*index, snapshot))
                .collect(),
            pod_info_list: serverless
                .iter()
                .filter_map(|index| fleet.serverless_pod(*index, snapshot))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::fleet::Filter;
    use super::*;

    /// All pages up to the first empty one.
    fn sweep(fleet: &SimulatedFleet, lists: ListMode, limit: u64) -> Vec<PageAnswer> {
        let snapshot = Snapshot::first(1_764_000_000_000);
        (0..1000)
            .map(|number| ListQuery {
                offset: number * limit,
                limit,
                filter: Filter::default(),
            })
            .map(|query| PageAnswer::of(fleet, &snapshot, &query, lists, &SearchStop::default()))
            .take_while(|page| !page.data_list.is_empty() || !page.pod_info_list.is_empty())
            .collect()
    }

    #[test]
    fn a_sweep_visits_each_pod_once_in_both_modes() {
        let fleet = SimulatedFleet::new(7, 1071, 340, 30);
        for (lists, total, pages) in [(ListMode::Joined, 1411, 15), (ListMode::Parallel, 1071, 11)] {
            let walked = sweep(&fleet, lists, 100);
            assert_eq!(walked.len(), pages);
            assert!(walked.iter().all(|page| page.total_num == total));
            let ids: Vec<&String> = walked
                .iter()
                .flat_map(|page| &page.data_list)
                .map(|pod| &pod.id)
                .collect();
            assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 1071);
            assert_eq!(ids.len(), 1071);
            let keys: Vec<_> = walked
                .iter()
                .flat_map(|page| &page.pod_info_list)
                .map(|pod| (&pod.cluster_name, &pod.namespace_name, &pod.pod_name))
                .collect();
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 340);
            assert_eq!(keys.len(), 340);
        }
    }

    #[test]
    fn a_page_at_the_boundary_has_both_lists_and_later_pages_only_the_second() {
        let fleet = SimulatedFleet::new(7, 105, 40, 0);
        let snapshot = Snapshot::first(1_764_000_000_000);
        let page = |offset| {
            let query = ListQuery {
                offset,
                limit: 10,
                filter: Filter::default(),
            };
            serde_json::to_value(PageAnswer::of(
                &fleet,
                &snapshot,
                &query,
                ListMode::Joined,
                &SearchStop::default(),
            ))
            .unwrap()
        };
        let lengths = |page: serde_json::Value| {
            (
                page["data_list"].as_array().map(Vec::len),
                page["pod_info_list"].as_array().map(Vec::len),
            )
        };
        assert_eq!(lengths(page(0)), (Some(10), None));
        assert_eq!(lengths(page(100)), (Some(5), Some(5)));
        assert_eq!(lengths(page(110)), (Some(0), Some(10)));
        assert_eq!(lengths(page(1000)), (Some(0), None));
    }
}
