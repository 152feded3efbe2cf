//! Which changes of pods are reported, and which are not.

use super::*;
use crate::fleet::ViewRequest;
use crate::fleet::fields::PodField;
use crate::fleet::order::Orders;
use crate::fleet::view::{Unsorted, View};

fn at(second: i64) -> Timestamp {
    now() + SignedDuration::from_secs(second)
}

fn with_status(names: &[&str], status: &str) -> Records {
    let record = |name: &&str| node(name).status(status).node_record();
    Records {
        node: names.iter().map(record).collect(),
        serverless: vec![],
    }
}

#[test]
fn a_change_has_the_dates_of_the_snapshots_around_it() {
    let mut store = started();
    let at = |second| Timestamp::from_second(second).ok();
    store.date(at(1));
    store.merge(Some(SweepKind::Fleet), nodes(&["a", "b"]));
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    assert_eq!(
        store.snapshot().changes().total(),
        0,
        "the first sweep reports no changes"
    );
    store.begin_sweep(SweepKind::Fleet);
    store.date(at(2));
    store.merge(Some(SweepKind::Fleet), nodes(&["c"]));
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![node("a").status("Failed").node_record()],
            serverless: vec![],
        },
    );
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    let fleet = store.snapshot();
    let changes: Vec<_> = fleet.changes().iter().collect();
    assert!(
        changes
            .iter()
            .all(|change| (change.before, change.after) == (at(1), at(2)))
    );
    let told: Vec<(&str, &ChangeKind)> = changes
        .iter()
        .filter_map(|change| Some((change.name.value()?.raw(), &change.kind)))
        .collect();
    let failed = ChangeKind::Status(Status::Running.into(), Status::Failed.into());
    assert_eq!(
        told,
        [
            ("c", &ChangeKind::Appeared),
            ("a", &failed),
            ("b", &ChangeKind::Vanished)
        ]
    );
}

#[test]
fn pods_of_a_scope_that_was_never_swept_are_not_reported_as_new() {
    let mut store = started();
    let scope = Scope {
        namespace: Some("default".into()),
        ..Scope::default()
    };
    store.merge(Some(SweepKind::Fleet), nodes(&["a"]));
    store.end_sweep(SweepKind::Fleet, &scope, now());
    store.begin_sweep(SweepKind::Fleet);
    let elsewhere = node("x").within("c", "other").node_record();
    store.merge(
        Some(SweepKind::Fleet),
        Records {
            node: vec![elsewhere, node("b").node_record()],
            serverless: vec![],
        },
    );
    assert_eq!(
        store.snapshot().changes().total(),
        1,
        "only b is new in the scope that was swept"
    );
}

#[test]
fn differences_between_pages_of_an_earlier_run_are_not_reported() {
    let mut store = Store::default();
    store.begin_restore();
    // First the page of a newer snapshot, then one of an older snapshot that was not swept again.
    for status in ["Failed", "Running"] {
        store.merge(None, with_status(&["a"], status));
    }
    store.end_restore(None);
    assert_eq!(store.changes().total(), 0);
    store.merge(None, with_status(&["a"], "Failed"));
    assert_eq!(store.changes().total(), 1);
}

#[test]
fn the_second_record_of_a_new_pod_is_not_reported() {
    let records = || Records {
        node: nodes(&["a", "b"]).node,
        serverless: vec![serverless("a").status("Failed").serverless_record()],
    };
    let mut store = Store::default();
    store.merge(None, records());
    store.end_restore(Some(&Scope::default()));
    for second in 0..2 {
        store.date(Some(at(second)));
        store.begin_sweep(SweepKind::Fleet);
        store.merge(Some(SweepKind::Fleet), records());
        store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    }
    assert_eq!(store.changes().total(), 0);
}

#[test]
fn a_record_that_moves_to_a_pod_created_anew_is_not_reported() {
    let page = |id: &str| Records {
        node: vec![node("db-0").id(id).node_record()],
        serverless: vec![serverless("db-0").serverless_record()],
    };
    let mut store = started();
    store.merge(Some(SweepKind::Fleet), page("A"));
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    store.begin_sweep(SweepKind::Fleet);
    store.merge(Some(SweepKind::Fleet), page("B"));
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    let kinds: Vec<ChangeKind> = store.changes().iter().map(|change| change.kind.clone()).collect();
    assert_eq!(kinds, [ChangeKind::Appeared, ChangeKind::Vanished]);
}

#[test]
fn a_change_is_dated_after_the_last_completely_swept_snapshot() {
    let mut store = Store::default();
    store.date(Some(at(0)));
    store.begin_sweep(SweepKind::Fleet);
    store.merge(Some(SweepKind::Fleet), with_status(&["a", "b"], "Running"));
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
    for second in [1, 2] {
        store.date(Some(at(second)));
        store.begin_sweep(SweepKind::Fleet);
        store.merge(
            Some(SweepKind::Fleet),
            with_status(&["a"], ["Pending", "Failed"][usize::from(second == 2)]),
        );
    }
    store.merge(Some(SweepKind::Fleet), with_status(&["b"], "Failed"));
    let dates: Vec<_> = store
        .changes()
        .iter()
        .map(|change| (change.before, change.after))
        .collect();
    let (first, swept) = (Some(at(1)), Some(at(0)));
    assert_eq!(
        dates,
        [(swept, first), (swept, Some(at(2))), (swept, Some(at(2)))]
    );
}

#[test]
fn a_later_sweep_of_a_part_narrows_the_dates_of_its_changes() {
    let mut store = Store::default();
    let part = Scope {
        pod: Some("a".into()),
        ..Scope::default()
    };
    let sweep =
        |store: &mut Store, kind: SweepKind, scope: &Scope, second: i64, pods: &[&str], status: &str| {
            store.date(Some(at(second)));
            store.begin_sweep(kind);
            store.merge(Some(kind), with_status(pods, status));
            store.end_sweep(kind, scope, now());
        };
    sweep(
        &mut store,
        SweepKind::Fleet,
        &Scope::default(),
        0,
        &["a", "b"],
        "Running",
    );
    sweep(&mut store, SweepKind::Part, &part, 1, &["a"], "Running");
    sweep(
        &mut store,
        SweepKind::Fleet,
        &Scope::default(),
        2,
        &["a", "b"],
        "Failed",
    );
    // The same snapshot again: what differs now was changed after the snapshot before.
    sweep(
        &mut store,
        SweepKind::Fleet,
        &Scope::default(),
        2,
        &["a", "b"],
        "Running",
    );
    let before: Vec<_> = store.changes().iter().map(|change| change.before).collect();
    assert_eq!(before, [1, 0, 0, 0].map(|second| Some(at(second))));
}

proptest! {
    /// Whatever is swept, completely or not: the first date of a change is a snapshot that is not newer than
    /// the pod's last page, and the second is the present snapshot.
    #[test]
    fn a_change_is_dated_no_later_than_the_pod_was_last_seen(
        snapshots in prop::collection::vec(prop::collection::vec((0_usize..4, any::<bool>()), 0..5), 1..8),
    ) {
        let all = ["a", "b", "c", "d"];
        let (mut store, mut seen, mut told) = (Store::default(), [None; 4], 0);
        for (second, pages) in (0..).zip(snapshots) {
            store.date(Some(at(second)));
            store.begin_sweep(SweepKind::Fleet);
            let mut swept = [false; 4];
            for (pod, is_failed) in pages {
                if std::mem::replace(&mut swept[pod], true) {
                    continue;
                }
                let status = if is_failed { "Failed" } else { "Running" };
                store.merge(Some(SweepKind::Fleet), with_status(&[all[pod]], status));
                for change in store.changes().iter().skip(told) {
                    prop_assert_eq!(change.after, Some(at(second)));
                    prop_assert!(change.before <= seen[pod] || change.kind == ChangeKind::Appeared);
                    prop_assert!(change.before < change.after);
                }
                told = store.changes().iter().count();
                seen[pod] = Some(at(second));
            }
            if swept == [true; 4] {
                store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
            }
        }
    }
}

#[test]
fn the_order_by_name_is_updated_if_a_name_becomes_absent() {
    let named = |name: Field<RemoteText>| {
        let mut record = node("x").node_record();
        record.common.name = name;
        Records {
            node: vec![record, node("b").node_record()],
            serverless: vec![],
        }
    };
    let empty = || Field::Value(RemoteText::name(""));
    let turns = [
        (empty(), Field::Absent),
        (Field::Absent, empty()),
        (empty(), Field::Unreadable),
        (Field::Absent, Field::Unreadable),
    ];
    for (from, to) in turns {
        let request = ViewRequest {
            sort: PodField::Name.first_direction(),
            ..ViewRequest::default()
        };
        let mut store = started();
        let mut orders = Orders::default();
        store.merge(Some(SweepKind::Fleet), named(from));
        Unsorted::of(&store.snapshot(), request.clone(), now()).whole(&mut orders);
        store.merge(Some(SweepKind::Fleet), named(to));
        let fleet = store.snapshot();
        let kept = Unsorted::of(&fleet, request.clone(), now()).whole(&mut orders);
        let new = View::of(&fleet, request, now());
        assert_eq!([kept.row(0), kept.row(1)], [new.row(0), new.row(1)]);
    }
}
