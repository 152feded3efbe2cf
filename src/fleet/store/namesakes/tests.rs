//! Pods that look alike cost as much as others, and stay separate pods.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::super::row_index::visits;
use super::super::{REMEMBERED, SweepKind};
use super::*;
use crate::fleet::fields::PodField;
use crate::fleet::raw::RawPods;
use crate::fleet::store::mask::Mask;
use crate::fleet::{Pod, Scope, order};
use crate::hss::wire::read_page;

/// The names of the pods in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Own,
    One,
    Missing,
}

const ALIKE: [Names; 2] = [Names::One, Names::Missing];

/// Pages of 200 pods with ids, numbered as in this range.
fn pages(names: Names, numbers: std::ops::Range<u32>) -> Vec<RawPods> {
    let numbers: Vec<u32> = numbers.collect();
    let entry = |number: &u32| {
        let name = match names {
            Names::Own => format!(r#""pod_name":"pod-{number:06}","#),
            Names::One => r#""pod_name":"pod-000000","#.to_owned(),
            Names::Missing => String::new(),
        };
        format!(
            r#"{{{name}"id":"00000000-0000-4000-8000-{number:012}","cluster_name":"c","namespace_name":"n"}}"#
        )
    };
    let page = |numbers: &[u32]| {
        let list: Vec<String> = numbers.iter().map(entry).collect();
        let body = format!(
            r#"{{"total_num":{},"data_list":[{}]}}"#,
            numbers.len(),
            list.join(",")
        );
        read_page(body.as_bytes()).unwrap().pods
    };
    numbers.chunks(200).map(page).collect()
}

fn serverless() -> RawPods {
    let body = r#"{"total_num":1,"pod_info_list":[{"pod_name":"pod-000000","cluster_name":"c","namespace_name":"n",
        "detect_result":"clean"}]}"#;
    read_page(body.as_bytes()).unwrap().pods
}

fn sweep(store: &mut Store, pages: &[RawPods], second: i64) -> usize {
    store.begin_sweep(SweepKind::Fleet);
    for page in pages {
        store.take(Some(SweepKind::Fleet), page);
    }
    store.end_sweep(SweepKind::Fleet, &Scope::default(), at(second))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

/// A full life cycle: the first sweep, the same again, a sweep with other pods, and the old pods are
/// forgotten.
fn life(names: Names, pods: u32) -> Store {
    let mut store = Store::default();
    let first = pages(names, 0..pods);
    sweep(&mut store, &first, 0);
    sweep(&mut store, &first, 60);
    let vanished = sweep(&mut store, &pages(names, pods / 2..pods + pods / 2), 120);
    assert_eq!(vanished, pods as usize / 2, "{names:?}");
    assert_eq!(store.forget(at(120) + REMEMBERED), pods as usize / 2, "{names:?}");
    let left = store.snapshot().pods().count();
    assert_eq!(left, pods as usize, "{names:?}: each is a pod of its own");
    store
}

#[test]
fn pods_that_look_alike_need_no_more_comparisons_than_others() {
    for names in [Names::Own, Names::One, Names::Missing] {
        let before = visits();
        life(names, 4_000);
        let visits = visits() - before;
        // One lookup by name and one by id for each of 12,000 records and for as many rows that come and go.
        assert!(visits < 30 * 4_000 * FOUND as u64 / 4, "{names:?}: {visits}");
    }
}

/// The best of several measurements of each, because the machine is shared.
#[test]
fn pods_that_look_alike_take_about_as_long_as_others() {
    let time = |names: Names| {
        let began = Instant::now();
        let fleet = life(names, 4_000).snapshot();
        let every: Vec<Mask> = fleet
            .chunks()
            .iter()
            .map(|chunk| Mask::first(chunk.len()))
            .collect();
        for key in PodField::ALL.iter().copied() {
            let window = order::window(&fleet, &every, key.first_direction(), 0..50);
            assert_eq!(window.len(), 50);
        }
        began.elapsed()
    };
    let best = |names: Names| (0..3).map(|_| time(names)).min().unwrap_or(Duration::MAX);
    let others = best(Names::Own);
    for names in ALIKE {
        let alike = best(names);
        assert!(alike < others * 3, "{names:?}: {alike:?}, others {others:?}");
    }
}

/// For each pod, its id and whether it has a serverless record.
fn scanned(store: &Store) -> Vec<(String, bool)> {
    let with = |pod: &Pod| pod.serverless.is_some();
    let fleet = store.snapshot();
    let rows = fleet
        .rows()
        .filter_map(|row| Some((fleet.gone_since(row).is_some(), fleet.pod(row)?)));
    rows.filter(|(_, pod)| with(pod))
        .map(|(gone, pod)| (pod.key.as_str().to_owned(), gone))
        .collect()
}

#[test]
fn a_serverless_record_goes_to_a_present_pod_however_often_its_name_was_used() {
    let mut store = Store::default();
    for number in 0..60 {
        // The pod is created anew in each sweep; no old pod is forgotten yet.
        sweep(
            &mut store,
            &pages(Names::One, number..number + 1),
            i64::from(number),
        );
    }
    assert_eq!(store.snapshot().rows().count(), 60);
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &pages(Names::One, 59..60)[0]);
    store.take(Some(SweepKind::Fleet), &serverless());
    let scanned = scanned(&store);
    assert_eq!(scanned.len(), 1);
    assert!(
        scanned[0].0.contains("000000000059") && !scanned[0].1,
        "{scanned:?}"
    );
    assert_eq!(store.snapshot().rows().count(), 60, "the record creates no pod");
}

#[test]
fn a_waiting_row_is_found_by_its_name_when_the_others_are_gone() {
    let mut store = Store::default();
    sweep(&mut store, &pages(Names::One, 0..50), 0);
    // All are gone except the last one, which was waiting.
    sweep(&mut store, &pages(Names::One, 49..50), 60);
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &pages(Names::One, 49..50)[0]);
    store.take(Some(SweepKind::Fleet), &serverless());
    assert!(store.namesakes.bytes() > 0);
    let scanned = scanned(&store);
    assert!(
        scanned.len() == 1 && scanned[0].0.contains("000000000049"),
        "{scanned:?}"
    );
    store.forget(at(60) + REMEMBERED);
    assert_eq!(store.snapshot().pods().count(), 1);
    assert!(store.namesakes.is_empty(), "no row is waiting");
}

#[test]
fn a_pod_that_leaves_its_node_is_found_by_its_name() {
    let mut store = Store::default();
    let all = pages(Names::One, 0..40);
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &all[0]);
    store.take(Some(SweepKind::Fleet), &serverless());
    store.end_sweep(SweepKind::Fleet, &Scope::default(), at(0));
    // Only the serverless record remains.
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &serverless());
    store.end_sweep(SweepKind::Fleet, &Scope::default(), at(60));
    let alive = |store: &Store| {
        let fleet = store.snapshot();
        fleet
            .rows()
            .filter(|row| fleet.gone_since(*row).is_none())
            .count()
    };
    assert_eq!(alive(&store), 1);
    // A node record with its name and an id of its own belongs to this pod.
    store.take(None, &pages(Names::One, 100..101)[0]);
    assert_eq!(alive(&store), 1);
    assert!(scanned(&store)[0].0.contains("000000000100"));
}
