//! The columns, held against the plainest store.

use super::super::chunk::Col;
use super::super::plain::Plain;
use super::*;
use crate::fleet::fixture::{node_records, pods, serverless_records};
use crate::fleet::risk;
use crate::fleet::summary::Summary;
use proptest::prelude::*;

/// One page of a pass; ids decide names, as they do in a cluster.
fn page() -> impl Strategy<Value = Records> {
    let node = node_records().prop_map(|mut record| {
        if let Field::Value(id) = &record.id {
            record.common.name = Field::Value(id.clone());
            record.common.namespace = Field::Absent;
            record.common.cluster = Field::Absent;
        }
        record
    });
    let serverless = (serverless_records(), any::<bool>()).prop_map(|(mut record, joins)| {
        if joins {
            record.common.namespace = Field::Absent;
            record.common.cluster = Field::Absent;
        }
        record
    });
    let lists = (
        prop::collection::vec(node, 0..5),
        prop::collection::vec(serverless, 0..5),
    );
    lists.prop_map(|(node, serverless)| Records { node, serverless })
}

fn sorted(pods: impl IntoIterator<Item = Pod>) -> Vec<Pod> {
    let mut pods: Vec<Pod> = pods.into_iter().collect();
    pods.sort_by_key(|pod| format!("{pod:?}"));
    pods
}

proptest! {
    /// Nothing is lost on the way into the columns and out of them.
    #[test]
    fn a_pod_comes_back_to_the_letter(pods in prop::collection::vec(pods(), 1..6)) {
        let mut store = Store::default();
        for pod in &pods {
            store.add(pod);
        }
        let fleet = store.snapshot();
        for pod in &pods {
            let row = fleet.row_of(&pod.key, None).unwrap();
            prop_assert_eq!(&fleet.pod(row).unwrap().key, &pod.key);
        }
        prop_assert_eq!(fleet.pods().collect::<Vec<_>>(), pods);
    }

    /// Any passes over any pages, complete or not: the same pods, the same count of news, and counts that are true.
    #[test]
    fn columns_keep_what_the_plainest_store_keeps(
        passes in prop::collection::vec((prop::collection::vec(page(), 0..4), any::<bool>()), 1..5),
    ) {
        let (mut store, mut plain) = (Store::default(), Plain::default());
        for (number, (pages, complete)) in (0..).zip(passes) {
            store.begin_pass(Lane::Fleet);
            plain.begin_pass();
            for page in pages {
                prop_assert_eq!(store.merge(Some(Lane::Fleet), page.clone()), plain.merge(page));
            }
            if complete {
                let at = now() + SignedDuration::from_mins(number * 6);
                prop_assert_eq!(store.end_pass(Lane::Fleet, &Scope::default(), at), plain.end_pass(&Scope::default()));
            }
            let fleet = store.snapshot();
            let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
            let alive: Vec<Pod> = alive.filter_map(|row| fleet.pod(row)).collect();
            prop_assert_eq!(fleet.summary(), Summary::of(&alive));
            for row in fleet.rows() {
                let ((chunk, at), pod) = (fleet.at(row).unwrap(), fleet.pod(row).unwrap());
                let follows = [Col::CpuUsage, Col::MemoryUsage].map(|col| code::usage(chunk.code(col, at)));
                prop_assert_eq!(follows, [pod.cpu_usage(), pod.memory_usage()]);
                prop_assert_eq!(chunk.code(Col::Risk, at), u64::from(risk::score(&pod)));
            }
            let by_cluster: Summary = fleet.counts().by_cluster().iter().copied().sum();
            prop_assert_eq!(by_cluster, fleet.summary());
            prop_assert_eq!(sorted(alive), sorted(plain.pods()));
        }
    }
}
