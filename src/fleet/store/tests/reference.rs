//! Compares the columns with the simplest possible store.

use super::super::chunk::Col;
use super::super::reference::ReferenceStore;
use super::*;
use crate::fleet::fixture::{node_records, pods, serverless_records};
use crate::fleet::risk;
use crate::fleet::summary::Summary;
use proptest::prelude::*;

/// One page of a sweep; equal names have equal ids, as in a cluster.
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

/// What a sweep finds of three pods, each entry on a page of its own and twice, in any order. Each entry is a
/// node record (of a pod created anew under its name, or of the one in the sweep before) or a serverless
/// record.
fn pages_of_three() -> impl Strategy<Value = Vec<(usize, ReferenceEntry)>> {
    let pod = prop_oneof![
        Just(vec![]),
        Just(vec![ReferenceEntry::Old]),
        Just(vec![ReferenceEntry::Anew]),
        Just(vec![ReferenceEntry::Serverless]),
        Just(vec![ReferenceEntry::Old, ReferenceEntry::Serverless]),
        Just(vec![ReferenceEntry::Anew, ReferenceEntry::Serverless]),
    ];
    let entries = prop::array::uniform3(pod).prop_map(|pods| {
        let entries = pods.into_iter().enumerate();
        let entries = entries.flat_map(|(name, entries)| entries.into_iter().map(move |entry| (name, entry)));
        entries.flat_map(|entry| [entry; 2]).collect::<Vec<_>>()
    });
    entries.prop_shuffle()
}

/// What may happen next while both kinds of sweep are running.
#[derive(Debug, Clone)]
enum Step {
    Begin(SweepKind),
    Page(SweepKind, Records),
    End(SweepKind, Scope),
}

impl Step {
    fn kind(&self) -> SweepKind {
        match self {
            Self::Begin(kind) | Self::Page(kind, _) | Self::End(kind, _) => *kind,
        }
    }
}

fn step(kind: impl Strategy<Value = SweepKind> + Clone) -> impl Strategy<Value = Step> {
    let scope = prop_oneof![
        Just(Scope::default()),
        // No other namespace contains this text, so no page proves anything about the filter.
        Just(Scope {
            namespace: Some("Pay".into()),
            ..Scope::default()
        }),
    ];
    prop_oneof![
        1 => kind.clone().prop_map(Step::Begin),
        3 => (kind.clone(), page()).prop_map(|(kind, page)| Step::Page(kind, page)),
        1 => (kind, scope).prop_map(|(kind, scope)| Step::End(kind, scope)),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReferenceEntry {
    Old,
    Anew,
    Serverless,
}

proptest! {
    /// A pod that is created anew under its name is one pod with its serverless record.
    #[test]
    fn a_pod_created_anew_is_counted_once(sweeps in prop::collection::vec(pages_of_three(), 1..6)) {
        let (mut store, mut plain) = (Store::default(), ReferenceStore::default());
        let mut created = [0; 3];
        for (number, pages) in (0..).zip(sweeps) {
            store.begin_sweep(SweepKind::Fleet);
            plain.begin_sweep(SweepKind::Fleet);
            for (name, times) in created.iter_mut().enumerate() {
                // A pod that was absent, or only in the serverless list, is another pod when it comes back.
                *times += i32::from(!pages.contains(&(name, ReferenceEntry::Old)));
            }
            for (name, entry) in &pages {
                let (times, name) = (created[*name], format!("db-{name}"));
                let mut page = Records::default();
                if *entry == ReferenceEntry::Serverless {
                    page.serverless.push(serverless(&name).serverless_record());
                } else {
                    page.node.push(node(&name).id(&format!("{name}-{times}")).node_record());
                }
                prop_assert_eq!(store.merge(Some(SweepKind::Fleet), page.clone()), plain.merge(SweepKind::Fleet, page));
            }
            let at = now() + SignedDuration::from_mins(number * 3);
            prop_assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), at), plain.end_sweep(SweepKind::Fleet, &Scope::default()));
            let fleet = store.snapshot();
            let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
            let alive: Vec<Pod> = alive.filter_map(|row| fleet.pod(row)).collect();
            for name in 0..3 {
                let has = |entries: &[ReferenceEntry]| pages.iter().any(|(at, entry)| *at == name && entries.contains(entry));
                let (on_node, is_serverless) = (has(&[ReferenceEntry::Old, ReferenceEntry::Anew]), has(&[ReferenceEntry::Serverless]));
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

    /// Encoding and decoding lose nothing.
    #[test]
    fn a_pod_is_restored_exactly(pods in prop::collection::vec(pods(), 1..6)) {
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

    /// Any sweeps of both kinds over any pages, complete or not: the same pods, the same number of new
    /// entries, and correct counts.
    #[test]
    fn columns_hold_the_same_as_the_simplest_store(
        steps in prop_oneof![
            prop::collection::vec(step(Just(SweepKind::Fleet)), 1..16),
            prop::collection::vec(step(prop_oneof![Just(SweepKind::Fleet), Just(SweepKind::Part)]), 1..16),
        ],
    ) {
        let (mut store, mut plain) = (Store::default(), ReferenceStore::default());
        let is_of_one_lane = steps.iter().all(|step| step.kind() == SweepKind::Fleet);
        for (number, step) in (0..).zip(steps) {
            match step {
                Step::Begin(kind) => {
                    store.begin_sweep(kind);
                    plain.begin_sweep(kind);
                }
                Step::Page(kind, page) => {
                    let nothing_is_gone = store.gone == 0 && store.vacant.is_empty();
                    let new = (store.merge(Some(kind), page.clone()), plain.merge(kind, page));
                    // In the simplest store, a sweep of the other kind forgets what one kind has seen of a
                    // gone pod.
                    if is_of_one_lane || nothing_is_gone {
                        prop_assert_eq!(new.0, new.1);
                    }
                }
                Step::End(kind, scope) => {
                    let at = now() + SignedDuration::from_mins(number * 6);
                    prop_assert_eq!(store.end_sweep(kind, &scope, at), plain.end_sweep(kind, &scope));
                }
            }
            let fleet = store.snapshot();
            let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
            let alive: Vec<Pod> = alive.filter_map(|row| fleet.pod(row)).collect();
            prop_assert_eq!(fleet.summary(), Summary::of(&alive));
            for row in fleet.rows() {
                let ((chunk, at), pod) = (fleet.at(row).unwrap(), fleet.pod(row).unwrap());
                let follows = [Col::CpuUsage, Col::MemoryUsage].map(|col| encoding::usage(chunk.code(col, at)));
                prop_assert_eq!(follows, [pod.cpu_usage(), pod.memory_usage()]);
                prop_assert_eq!(chunk.code(Col::Risk, at), u64::from(risk::score(&pod)));
            }
            let by_cluster: Summary = fleet.counts().by_cluster().iter().copied().sum();
            prop_assert_eq!(by_cluster, fleet.summary());
            prop_assert_eq!(sorted(alive), sorted(plain.pods()));
        }
    }
}
