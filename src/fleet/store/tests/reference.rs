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

/// What a pass finds of three pods, each entry on a page of its own and twice, in any order. Each is of the list of nodes (anew
/// under its name, or the one of the pass before) or not, and of the serverless list or not.
fn pages_of_three() -> impl Strategy<Value = Vec<(usize, Entry)>> {
    let pod = prop_oneof![
        Just(vec![]),
        Just(vec![Entry::Old]),
        Just(vec![Entry::Anew]),
        Just(vec![Entry::Serverless]),
        Just(vec![Entry::Old, Entry::Serverless]),
        Just(vec![Entry::Anew, Entry::Serverless]),
    ];
    let entries = prop::array::uniform3(pod).prop_map(|pods| {
        let entries = pods.into_iter().enumerate();
        let entries = entries.flat_map(|(name, entries)| entries.into_iter().map(move |entry| (name, entry)));
        entries.flat_map(|entry| [entry; 2]).collect::<Vec<_>>()
    });
    entries.prop_shuffle()
}

/// What may come next while both lanes are under way.
#[derive(Debug, Clone)]
enum Step {
    Begin(Lane),
    Page(Lane, Records),
    End(Lane, Scope),
}

impl Step {
    fn lane(&self) -> Lane {
        match self {
            Self::Begin(lane) | Self::Page(lane, _) | Self::End(lane, _) => *lane,
        }
    }
}

fn step(lane: impl Strategy<Value = Lane> + Clone) -> impl Strategy<Value = Step> {
    let scope = prop_oneof![
        Just(Scope::default()),
        // No other namespace contains it, so that no page proves anything of the filter.
        Just(Scope {
            namespace: Some("Pay".into()),
            ..Scope::default()
        }),
    ];
    prop_oneof![
        1 => lane.clone().prop_map(Step::Begin),
        3 => (lane.clone(), page()).prop_map(|(lane, page)| Step::Page(lane, page)),
        1 => (lane, scope).prop_map(|(lane, scope)| Step::End(lane, scope)),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Old,
    Anew,
    Serverless,
}

proptest! {
    /// A pod that is created anew under its name is one pod, with the serverless record that it has.
    #[test]
    fn a_pod_created_anew_is_counted_once(passes in prop::collection::vec(pages_of_three(), 1..6)) {
        let (mut store, mut plain) = (Store::default(), Plain::default());
        let mut created = [0; 3];
        for (number, pages) in (0..).zip(passes) {
            store.begin_pass(Lane::Fleet);
            plain.begin_pass(Lane::Fleet);
            for (name, times) in created.iter_mut().enumerate() {
                // One that is away, or in the serverless list alone, is another one when it comes back.
                *times += i32::from(!pages.contains(&(name, Entry::Old)));
            }
            for (name, entry) in &pages {
                let (times, name) = (created[*name], format!("db-{name}"));
                let mut page = Records::default();
                if *entry == Entry::Serverless {
                    page.serverless.push(serverless(&name).serverless_record());
                } else {
                    page.node.push(node(&name).id(&format!("{name}-{times}")).node_record());
                }
                prop_assert_eq!(store.merge(Some(Lane::Fleet), page.clone()), plain.merge(Lane::Fleet, page));
            }
            let at = now() + SignedDuration::from_mins(number * 3);
            prop_assert_eq!(store.end_pass(Lane::Fleet, &Scope::default(), at), plain.end_pass(Lane::Fleet, &Scope::default()));
            let fleet = store.snapshot();
            let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
            let alive: Vec<Pod> = alive.filter_map(|row| fleet.pod(row)).collect();
            for name in 0..3 {
                let has = |entries: &[Entry]| pages.iter().any(|(at, entry)| *at == name && entries.contains(entry));
                let (on_node, is_serverless) = (has(&[Entry::Old, Entry::Anew]), has(&[Entry::Serverless]));
                let text = RemoteText::name(&format!("db-{name}"));
                let found = alive.iter().filter(|pod| *pod.name() == Field::Value(text.clone()));
                let found: Vec<_> = found.map(|pod| (pod.node.is_some(), pod.serverless.is_some())).collect();
                let expected = (on_node || is_serverless).then_some((on_node, is_serverless));
                prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
            }
            prop_assert_eq!(fleet.summary(), Summary::of(&alive));
            prop_assert_eq!(sorted(alive), sorted(plain.pods()));
        }
    }

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

    /// Any passes of both lanes over any pages, complete or not: the same pods, the same count of news, and counts that are
    /// true.
    #[test]
    fn columns_keep_what_the_plainest_store_keeps(
        steps in prop_oneof![
            prop::collection::vec(step(Just(Lane::Fleet)), 1..16),
            prop::collection::vec(step(prop_oneof![Just(Lane::Fleet), Just(Lane::Part)]), 1..16),
        ],
    ) {
        let (mut store, mut plain) = (Store::default(), Plain::default());
        let is_of_one_lane = steps.iter().all(|step| step.lane() == Lane::Fleet);
        for (number, step) in (0..).zip(steps) {
            match step {
                Step::Begin(lane) => {
                    store.begin_pass(lane);
                    plain.begin_pass(lane);
                }
                Step::Page(lane, page) => {
                    let news = (store.merge(Some(lane), page.clone()), plain.merge(lane, page));
                    // The plainest store forgets what one lane met of a pod that is gone for the other.
                    if is_of_one_lane || store.gone == 0 && store.vacant.is_empty() {
                        prop_assert_eq!(news.0, news.1);
                    }
                }
                Step::End(lane, scope) => {
                    let at = now() + SignedDuration::from_mins(number * 6);
                    prop_assert_eq!(store.end_pass(lane, &scope, at), plain.end_pass(lane, &scope));
                }
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
