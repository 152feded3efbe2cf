//! Measures the fleet at scale against what the memory of the machine allows.
//!
//! `cargo bench --bench fleet [-- [PODS] [WORD]]`, 2,000,000 pods if not said otherwise; the limits are meant for that
//! many. With a word, only the timed goals whose names hold it.
//!
//! Owns the goals as ratios. The *floor* is one thread that reads every byte of every pod's name once; a *subject* is
//! what the dashboard does. Both are measured in turns within one run, and the best round of each counts, so that what
//! else the machine does hits both alike. A row that takes more than [`SLACK`] times its limit makes the run fail.
//!
//! This is no criterion or divan bench: those measure one subject after the other, minutes apart, and compare with
//! numbers of an earlier run; neither alternates two subjects nor asserts the ratio of the two, and on a shared machine
//! nothing else is repeatable.
//!
//! Must not: depend on anything but the number of pods. The synthetic fleet is a pure function of a pod's index.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a bench prints what it measured, by the real clock, and reads pages of its own"
)]

#[path = "fleet/estate.rs"]
mod estate;
#[path = "fleet/goals.rs"]
mod goals;
#[path = "fleet/resident.rs"]
mod resident;

use std::process::ExitCode;
use std::sync::Arc;

use hss_top::fleet::fields::PodField;
use hss_top::fleet::order::Orders;
use hss_top::fleet::overview::OverviewSort;
use hss_top::fleet::query::Query;
use hss_top::fleet::sort::Sort;
use hss_top::fleet::store::{Store, SweepKind};
use hss_top::fleet::view::{Unsorted, View};
use hss_top::fleet::{Fleet, Scope, ViewRequest};
use jiff::Timestamp;

use estate::{PAGE, page};
use goals::{Floor, Goals};
use resident::Resident;

/// A limit is missed where a ratio is larger by more than this: the machine has other things to do.
const SLACK: f64 = 1.3;
/// Pages of an hour of five calls a minute, which is what HSS allows.
const PAGES_AN_HOUR: u64 = 300;
/// Pages between two pictures while a sweep replaces everything.
const PAGES_A_PICTURE: u64 = 100;
const PODS: u64 = 2_000_000;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let pods: u64 = asked.iter().find_map(|word| word.parse().ok()).unwrap_or(PODS);
    let only = asked.into_iter().find(|word| word.parse::<u64>().is_err());
    let now = Timestamp::from_second(1_760_000_000).unwrap_or_default();
    let mut store = Store::default();
    sweep(&mut store, pods, 0, now);
    let mut goals = Goals::begin(pods, only);
    if goals.are_all_wanted() {
        memory(&mut goals, &mut store, pods, now);
        frozen(&mut goals, &mut store, pods, now);
        pages(&mut goals, &mut store, pods);
    }
    let fleet = store.snapshot();
    let floor = Floor::of(&fleet);
    filters(&mut goals, &floor, &fleet, now);
    overviews(&mut goals, &floor, &fleet, now);
    sorts(&mut goals, &floor, &fleet, now);
    goals.end()
}

/// One pass over all pages, with pictures taken on the way.
fn sweep(store: &mut Store, pods: u64, round: u64, now: Timestamp) {
    store.begin_sweep(SweepKind::Fleet);
    let mut held = store.snapshot();
    for number in 0..pods.div_ceil(PAGE) {
        store.take(Some(SweepKind::Fleet), &page(number, pods, round));
        if number % PAGES_A_PICTURE == 0 {
            held = store.snapshot();
        }
    }
    store.end_sweep(SweepKind::Fleet, &Scope::default(), now);
    drop(held);
}

fn chosen(fleet: &Fleet, filter: &str, sort: Sort, now: Timestamp) -> Unsorted {
    let request = ViewRequest {
        filter: Query::parse(filter).unwrap_or_default(),
        sort,
        ..ViewRequest::default()
    };
    Unsorted::of(fleet, request, now)
}

fn memory(goals: &mut Goals, store: &mut Store, pods: u64, now: Timestamp) {
    let loaded = Resident::now();
    goals.number("store, bytes a pod", ratio(store.bytes(), pods), 128.0);
    Goals::figure("resident after the load, MiB", loaded.mib());
    let fleet = store.snapshot();
    let mut orders = Orders::default();
    let mut view = View::default();
    for key in [
        PodField::Risk,
        PodField::CpuPercent,
        PodField::Name,
        PodField::Age,
    ] {
        for filter in ["", "a", ""] {
            view = chosen(&fleet, filter, key.first_direction(), now).whole(&mut orders);
        }
    }
    goals.number(
        "resident after filters and sorts, of loaded",
        Resident::now().ratio(&loaded),
        1.3,
    );
    drop((fleet, view, orders));
    Resident::forget_peak();
    sweep(store, pods, 1, now);
    goals.number(
        "peak while a sweep replaces everything, of loaded",
        Resident::peak().ratio(&loaded),
        1.3,
    );
}

/// The memory of a picture that is held while data goes on: for an hour at the pace that HSS allows, and until everything
/// has other usages. Every page is followed by a picture, as on the screen.
fn frozen(goals: &mut Goals, store: &mut Store, pods: u64, now: Timestamp) {
    for (round, pages, what, limit) in [
        (3, PAGES_AN_HOUR, "frozen for an hour, % of the store more", 2.0),
        (
            4,
            u64::MAX,
            "frozen while all pods get other usages, % of the store more",
            10.0,
        ),
    ] {
        let held = store.snapshot();
        store.begin_sweep(SweepKind::Fleet);
        let mut shown = store.snapshot();
        for number in 0..pods.div_ceil(PAGE).min(pages) {
            store.take(Some(SweepKind::Fleet), &page(number, pods, round));
            shown = store.snapshot();
        }
        let both = held.chunks().iter().zip(shown.chunks());
        let apart = both.filter(|(held, shown)| !Arc::ptr_eq(held, shown));
        let more: usize = apart.map(|(held, shown)| held.bytes_apart_from(shown)).sum();
        goals.number(what, 100.0 * ratio(more, store.bytes() as u64), limit);
        drop((held, shown));
        sweep(store, pods, round, now);
    }
}

/// What one page costs: the picture after it, and the rows that it makes the store write anew.
fn pages(goals: &mut Goals, store: &mut Store, pods: u64) {
    let mut before = store.snapshot();
    goals.absolute("picture, µs", 100.0, || before = store.snapshot());
    store.begin_sweep(SweepKind::Fleet);
    store.take(Some(SweepKind::Fleet), &page(pods.div_ceil(PAGE) / 2, pods, 2));
    let after = store.snapshot();
    let both = || before.chunks().iter().zip(after.chunks());
    let copied = both().filter(|(before, after)| !Arc::ptr_eq(before, after));
    goals.number(
        "a page of neighbours writes anew, % of the store",
        100.0 * ratio(copied.count(), both().count() as u64),
        2.0,
    );
}

fn filters(goals: &mut Goals, floor: &Floor<'_>, fleet: &Fleet, now: Timestamp) {
    for (filter, what, limit) in [
        ("pod:7x9q", "rare text in names", 2.0),
        ("7x9q", "rare text anywhere", 2.0),
        ("pod:a", "most names match", 7.0),
        ("a", "most rows match", 7.0),
        ("ns:ns-007", "namespace", 0.5),
        ("status:Failed", "status", 0.5),
        ("payment status:Failed cpu%>50", "three kinds of terms", 7.0),
        ("/[0-9]{3}[a-f]{4}[0-9]{3}/", "expression without literal", 25.0),
    ] {
        let sort = Sort::default();
        let title = format!("filter `{filter}`: {what}");
        goals.against(&title, floor, limit, || chosen(fleet, filter, sort, now));
    }
}

/// The overview of the pods that a filter lets through, with what the filter itself takes.
fn overviews(goals: &mut Goals, floor: &Floor<'_>, fleet: &Fleet, now: Timestamp) {
    for (filter, limit) in [("", 2.0), ("status:Failed", 2.5)] {
        let request = ViewRequest {
            filter: Query::parse(filter).unwrap_or_default(),
            overview: Some(OverviewSort::default()),
            ..ViewRequest::default()
        };
        let title = format!("overview by namespace, filter `{filter}`");
        goals.against(&title, floor, limit, || Unsorted::of(fleet, request.clone(), now));
    }
}

fn sorts(goals: &mut Goals, floor: &Floor<'_>, fleet: &Fleet, now: Timestamp) {
    let mut orders = Orders::default();
    for (key, limit) in [
        (PodField::Risk, 8.0),
        (PodField::CpuPercent, 8.0),
        (PodField::MemoryPercent, 8.0),
        (PodField::Age, 8.0),
        (PodField::Node, 8.0),
    ] {
        let unsorted = chosen(fleet, "", key.first_direction(), now);
        drop(unsorted.whole(&mut orders)); // what holds for all orders is made once
        let title = format!("sort by {}: all rows", key.name());
        goals.against(&title, floor, limit, || unsorted.whole(&mut orders));
    }
    let whole = chosen(fleet, "", Sort::default(), now).whole(&mut orders);
    let other = ViewRequest {
        sort: Sort::default().reversed(),
        ..ViewRequest::default()
    };
    goals.against("reversing all rows", floor, 0.2, || whole.turned(fleet, &other));
    let by_cpu = chosen(fleet, "", PodField::CpuPercent.first_direction(), now);
    for (at, limit) in [(0, 2.0), (1000, 2.0), (by_cpu.len() / 2, 2.0)] {
        let title = format!("sort by cpu: 60 rows from {at} on");
        goals.against(&title, floor, limit, || by_cpu.window(at..at + 60));
    }
    let by_name = chosen(fleet, "", PodField::Name.first_direction(), now);
    goals.against("sort by name: the first 60 rows", floor, 5.0, || {
        by_name.window(0..60)
    });
}

/// How many times `whole` goes into `part`.
fn ratio(part: usize, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "both are far below 2^53")]
    let ratio = part as f64 / whole.max(1) as f64;
    ratio
}
