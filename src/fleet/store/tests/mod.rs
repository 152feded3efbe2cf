//! The promises of the store, and a comparison with the simplest possible store.

mod reference;
mod reported;
mod sweep_kinds;

use super::chunk::CHUNK_ROWS;
use super::*;
use crate::fleet::Field;
use crate::fleet::changes::ChangeKind;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::text::RemoteText;
use crate::fleet::words::Status;
use proptest::prelude::*;

fn nodes(names: &[&str]) -> Records {
    Records {
        node: names.iter().map(|name| node(name).node_record()).collect(),
        serverless: vec![],
    }
}

fn names(store: &Store) -> Vec<String> {
    let fleet = store.snapshot();
    let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
    alive
        .filter_map(|row| fleet.pod(row)?.name().value().map(|name| name.raw().to_owned()))
        .collect()
}

fn first(store: &Store) -> Pod {
    store.snapshot().pod(0).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_760_000_000).unwrap()
}

fn started() -> Store {
    let mut store = Store::default();
    store.begin_sweep(SweepKind::Fleet);
    store
}

#[test]
fn a_page_adds_and_updates_pods_and_counts_new_ones() {
    let mut store = started();
    assert_eq!(store.merge(Some(SweepKind::Fleet), nodes(&["a", "b"])), 2);
    assert_eq!(store.merge(Some(SweepKind::Fleet), nodes(&["b", "c"])), 1);
    let failed = Records {
        node: vec![node("a").status("Failed").node_record()],
        serverless: vec![],
    };
    assert_eq!(store.merge(Some(SweepKind::Fleet), failed), 0);
    assert_eq!(names(&store), ["a", "b", "c"]);
    assert_eq!(first(&store).status().value(), Some(&Status::Failed));
}

#[test]
fn a_serverless_record_belongs_to_the_later_of_two_pods_of_its_name_in_whichever_rows_they_are() {
    const EARLIER: i64 = 1_759_000_000_000;
    for created in [[EARLIER, EARLIER + 1000], [EARLIER + 1000, EARLIER]] {
        let mut store = started();
        let record = |(id, at): (&str, i64)| node("db").id(id).created_ms(at).node_record();
        let page = Records {
            node: ["one", "two"].into_iter().zip(created).map(record).collect(),
            serverless: vec![serverless("db").serverless_record()],
        };
        assert_eq!(store.merge(Some(SweepKind::Fleet), page), 3);
        let fleet = store.snapshot();
        let pods: Vec<Pod> = fleet.pods().collect();
        let (later, earlier): (Vec<&Pod>, Vec<&Pod>) = pods.iter().partition(|pod| {
            pod.created()
                .value()
                .is_some_and(|at| at.as_millisecond() > EARLIER)
        });
        assert!(
            later[0].serverless.is_some() && earlier[0].serverless.is_none(),
            "{created:?}"
        );
    }
}

#[test]
fn a_snapshot_does_not_change_afterwards() {
    let mut store = started();
    store.merge(Some(SweepKind::Fleet), nodes(&["a"]));
    let before = store.snapshot();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![node("a").status("Failed").node_record()],
            serverless: vec![],
        },
    );
    assert_eq!(before.pod(0).unwrap().status().value(), Some(&Status::Running));
}

#[test]
fn both_lists_become_one_list_of_pods_in_either_order() {
    let node_record = || node("burst-0").node_record();
    let serverless_record = || {
        serverless("burst-0")
            .security("opened", "risk")
            .serverless_record()
    };
    let pages = [
        vec![Records {
            node: vec![node_record()],
            serverless: vec![serverless_record()],
        }],
        vec![
            Records {
                node: vec![],
                serverless: vec![serverless_record()],
            },
            Records {
                node: vec![node_record()],
                serverless: vec![],
            },
        ],
    ];
    for order in pages {
        let mut store = started();
        let new: usize = order
            .into_iter()
            .map(|page| store.merge(Some(SweepKind::Fleet), page))
            .sum();
        assert_eq!(new, 2, "both records count");
        let fleet = store.snapshot();
        assert_eq!(fleet.len(), 1);
        assert!(fleet.pod(0).unwrap().node.is_some() && fleet.pod(0).unwrap().serverless.is_some());
        assert_eq!(
            fleet.pod(0).unwrap().id().value().map(RemoteText::raw),
            Some("burst-0")
        );
    }
}

#[test]
fn equal_names_in_two_clusters_stay_two() {
    let mut store = started();
    let twin = |cluster: &str| node("web-0").id(cluster).within(cluster, "n").node_record();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![twin("a"), twin("b")],
            serverless: vec![],
        },
    );
    assert_eq!(store.snapshot().len(), 2);
    let burst = serverless("web-0").within("b", "n").serverless_record();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![],
            serverless: vec![burst],
        },
    );
    let fleet = store.snapshot();
    assert_eq!(fleet.len(), 2);
    assert!(fleet.pod(0).unwrap().serverless.is_none() && fleet.pod(1).unwrap().serverless.is_some());
}

#[test]
fn only_a_complete_sweep_makes_pods_vanish() {
    let mut store = started();
    store.merge(Some(SweepKind::Fleet), nodes(&["a", "b"]));
    store.begin_sweep(SweepKind::Fleet);
    store.merge(Some(SweepKind::Fleet), nodes(&["b"]));
    assert_eq!(names(&store), ["a", "b"]);
    assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), now()), 1);
    assert_eq!(names(&store), ["b"]);
    assert_eq!(
        store.merge(Some(SweepKind::Fleet), nodes(&["b", "c"])),
        1,
        "the index still holds"
    );
}

#[test]
fn a_pod_that_leaves_one_list_stays_in_the_other() {
    let mut store = started();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![node("x").node_record()],
            serverless: vec![serverless("x").serverless_record()],
        },
    );
    store.begin_sweep(SweepKind::Fleet);
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![],
            serverless: vec![serverless("x").serverless_record()],
        },
    );
    assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), now()), 0);
    assert!(first(&store).node.is_none());
    store.begin_sweep(SweepKind::Fleet);
    assert_eq!(
        store.merge(
            Some(SweepKind::Fleet),
            Records {
                node: vec![node("x").node_record()],
                serverless: vec![]
            }
        ),
        1
    );
    assert_eq!(store.snapshot().len(), 1);
}

#[test]
fn a_pod_created_anew_under_its_name_takes_its_serverless_record_over() {
    let page = |id: Option<&str>, is_serverless: bool| Records {
        node: id
            .map(|id| node("db-0").id(id).node_record())
            .into_iter()
            .collect(),
        serverless: is_serverless
            .then(|| serverless("db-0").serverless_record())
            .into_iter()
            .collect(),
    };
    let orders = [
        vec![page(Some("B"), true)],
        vec![page(Some("B"), false), page(None, true)],
        vec![page(None, true), page(Some("B"), false)],
        vec![page(None, true), page(Some("B"), false), page(None, true)],
    ];
    for (number, order) in orders.into_iter().enumerate() {
        let mut store = started();
        store.merge(Some(SweepKind::Fleet), page(Some("A"), true));
        assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), now()), 0);
        for gone in [1, 0] {
            store.begin_sweep(SweepKind::Fleet);
            for page in order.clone() {
                store.merge(Some(SweepKind::Fleet), page);
            }
            assert_eq!(
                store.end_sweep(SweepKind::Fleet, &Scope::default(), now()),
                gone,
                "{number}"
            );
            let fleet = store.snapshot();
            assert_eq!((fleet.len(), fleet.gone()), (1, 1), "{number}");
            let pod = fleet.pod(1).unwrap();
            assert_eq!(pod.id().value().map(RemoteText::raw), Some("B"), "{number}");
            assert!(pod.serverless.is_some(), "{number}");
        }
        let fleet = store.snapshot();
        let vanished = fleet
            .changes()
            .iter()
            .filter(|change| change.kind == ChangeKind::Vanished);
        let ids: Vec<_> = vanished.map(|change| change.pod.id_or_name()).collect();
        assert_eq!(ids, [Ok("A")], "{number}");
    }
}

#[test]
fn a_sweep_over_a_scope_removes_only_pods_that_surely_belong_to_it() {
    let mut store = started();
    let pod = |name: &str, namespace: &str| node(name).within("c", namespace).node_record();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![pod("a", "pay"), pod("b", "payments"), pod("c", "search")],
            serverless: vec![],
        },
    );
    store.begin_sweep(SweepKind::Fleet);
    let scope = Scope {
        namespace: Some("pay".into()),
        ..Scope::default()
    };
    assert_eq!(store.end_sweep(SweepKind::Fleet, &scope, now()), 1);
    assert_eq!(
        names(&store),
        ["b", "c"],
        "an exact match is gone; a partial match may be missing in the answer"
    );
}

proptest! {
    /// Any sequence of sweeps over any subsets: no row is duplicated, and a complete sweep leaves exactly its
    /// own pods.
    #[test]
    fn no_row_is_lost_or_duplicated(sweeps in prop::collection::vec(
        prop::collection::vec((0_u8..12, any::<bool>()), 0..30), 1..6)
    ) {
        let mut store = Store::default();
        for sweep in sweeps {
            store.begin_sweep(SweepKind::Fleet);
            for (number, on_node) in &sweep {
                let name = format!("p{number}");
                store.merge(Some(SweepKind::Fleet), if *on_node {
                    nodes(&[&name])
                } else {
                    Records { node: vec![], serverless: vec![serverless(&name).serverless_record()] }
                });
            }
            store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
            let mut expected: Vec<String> = sweep.iter().map(|(number, _)| format!("p{number}")).collect();
            expected.sort();
            expected.dedup();
            let mut found = names(&store);
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_pod_that_vanished_is_remembered_for_ten_minutes_and_may_come_back() {
    let mut store = started();
    store.merge(Some(SweepKind::Fleet), nodes(&["a", "b", "c"]));
    store.begin_sweep(SweepKind::Fleet);
    store.merge(Some(SweepKind::Fleet), nodes(&["b"]));
    assert_eq!(store.end_sweep(SweepKind::Fleet, &Scope::default(), now()), 2);
    let fleet = store.snapshot();
    assert_eq!((fleet.len(), fleet.gone(), fleet.rows().count()), (1, 2, 3));
    assert_eq!(fleet.gone_since(0), Some(now()));
    let minutes = |count: i64| now() + SignedDuration::from_mins(count);
    store.begin_sweep(SweepKind::Fleet);
    assert_eq!(store.merge(Some(SweepKind::Fleet), nodes(&["b", "c"])), 2);
    assert_eq!(
        store.end_sweep(SweepKind::Fleet, &Scope::default(), minutes(5)),
        0
    );
    assert_eq!(store.snapshot().gone_since(2), None, "c is present again");
    assert_eq!(store.next_forget(), Some(minutes(10)));
    assert_eq!((store.forget(minutes(9)), store.forget(minutes(10))), (0, 1));
    assert_eq!((store.snapshot().rows().count(), store.next_forget()), (2, None));
    store.merge(Some(SweepKind::Fleet), nodes(&["d"]));
    assert_eq!(names(&store), ["d", "b", "c"], "a new pod gets the vacant row");
}

#[test]
fn a_store_that_is_half_vacant_is_rebuilt() {
    let many: Vec<String> = (0..3 * CHUNK_ROWS).map(|at| format!("p{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut store = started();
    store.merge(Some(SweepKind::Fleet), nodes(&many));
    let before = store.bytes();
    store.begin_sweep(SweepKind::Fleet);
    store.merge(Some(SweepKind::Fleet), nodes(&["p7", "p9999"]));
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    assert_eq!(store.forget(now() + REMEMBERED), many.len() - 2);
    assert!(store.bytes() < before / 4);
    assert_eq!(names(&store), ["p7", "p9999"]);
    assert_eq!(
        store.merge(Some(SweepKind::Fleet), nodes(&["p9999", "q"])),
        1,
        "what this sweep has seen is still known"
    );
    assert_eq!(store.snapshot().summary().pods, 3);
}
