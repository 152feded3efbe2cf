//! What is told of pods, and what is not.

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
fn how_the_pages_of_an_earlier_run_differ_is_no_news() {
    let mut store = Store::default();
    store.begin_restore();
    // The page of a newer snapshot, then one of an older that was not swept again.
    for status in ["Failed", "Running"] {
        store.merge(None, with_status(&["a"], status));
    }
    store.end_restore(None);
    assert_eq!(store.changes().total(), 0);
    store.merge(None, with_status(&["a"], "Failed"));
    assert_eq!(store.changes().total(), 1);
}

#[test]
fn a_pod_of_both_lists_is_no_news_when_it_is_first_met() {
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
fn the_record_that_a_pod_created_anew_takes_over_is_no_change_of_it() {
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
fn a_change_lies_after_the_last_snapshot_that_was_swept_to_its_end() {
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
fn a_part_that_was_swept_later_knows_its_pods_better() {
    let mut store = Store::default();
    let part = Scope {
        pod: Some("a".into()),
        ..Scope::default()
    };
    let pass =
        |store: &mut Store, kind: SweepKind, scope: &Scope, second: i64, pods: &[&str], status: &str| {
            store.date(Some(at(second)));
            store.begin_sweep(kind);
            store.merge(Some(kind), with_status(pods, status));
            store.end_sweep(kind, scope, now());
        };
    pass(
        &mut store,
        SweepKind::Fleet,
        &Scope::default(),
        0,
        &["a", "b"],
        "Running",
    );
    pass(&mut store, SweepKind::Part, &part, 1, &["a"], "Running");
    pass(
        &mut store,
        SweepKind::Fleet,
        &Scope::default(),
        2,
        &["a", "b"],
        "Failed",
    );
    // Once more of the same snapshot: what differs now came after the one before.
    pass(
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
    /// Whatever is swept, to its end or not: a change is dated between a snapshot that no page of the pod is older than and
    /// the present one.
    #[test]
    fn a_change_is_dated_no_later_than_the_pod_was_last_seen(
        snapshots in prop::collection::vec(prop::collection::vec((0_usize..4, any::<bool>()), 0..5), 1..8),
    ) {
        let all = ["a", "b", "c", "d"];
        let (mut store, mut seen, mut told) = (Store::default(), [None; 4], 0);
        for (second, pages) in (0..).zip(snapshots) {
            store.date(Some(at(second)));
            store.begin_sweep(SweepKind::Fleet);
            let mut met = [false; 4];
            for (pod, is_failed) in pages {
                if std::mem::replace(&mut met[pod], true) {
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
            if met == [true; 4] {
                store.end_sweep(SweepKind::Fleet, &Scope::default(), now());
            }
        }
    }
}

#[test]
fn the_order_by_name_follows_a_name_that_turns_into_none() {
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
