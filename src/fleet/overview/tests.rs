//! The counts equal those of the simple method, with every filter, and the worst comes first.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::fleet::filter;
use crate::fleet::fixture::{node, pods, serverless};
use crate::fleet::query::{Query, eval};
use crate::fleet::risk::{self, Reason};
use crate::fleet::store::{Records, SweepKind};
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Detection, Protection};
use crate::fleet::{Pod, Scope, Store, View, ViewRequest};

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_753_005_400_123).unwrap()
}

fn overview(pods: &[Pod], filter: &str) -> Overview {
    let fleet = pods.iter().cloned().collect::<Fleet>();
    sorted_overview(&fleet, filter, OverviewSort::default())
}

fn sorted_overview(fleet: &Fleet, filter: &str, sort: OverviewSort) -> Overview {
    let request = ViewRequest {
        filter: Query::parse(filter).unwrap(),
        overview: Some(sort),
        ..ViewRequest::default()
    };
    let view = View::of(fleet, request, now());
    view.overview.as_deref().unwrap().clone()
}

fn key(pod: &Pod) -> NamespaceKey {
    NamespaceKey {
        cluster: pod.cluster().clone(),
        namespace: pod.namespace().clone(),
    }
}

/// The counts by the simplest method.
fn plainly<'a>(pods: impl Iterator<Item = &'a Pod> + Clone) -> GroupCounts {
    let mut counts = GroupCounts {
        summary: Summary::of(pods.clone()),
        ..GroupCounts::default()
    };
    for pod in pods {
        let (cpu, memory) = (pod.cpu_usage(), pod.memory_usage());
        let near = [cpu, memory].iter().any(|it| it.pressure() == Pressure::Critical);
        let doubtful = matches!(
            pod.detection(),
            Field::Unreadable | Field::Value(Detection::Other(_))
        ) || matches!(
            pod.protection(),
            Field::Unreadable | Field::Value(Protection::Other(_))
        );
        let is = |detection: &Detection| usize::from(pod.detection().value() == Some(detection));
        counts += GroupCounts {
            summary: Summary::default(),
            near_limit: usize::from(near),
            usage_told: usize::from(cpu.is_told() || memory.is_told()),
            no_limit: usize::from(risk::reasons(pod).contains(&Reason::NoMemoryLimit)),
            protected: usize::from(pod.protection().value() == Some(&Protection::Opened)),
            not_scanned: is(&Detection::Undetected),
            scanning: is(&Detection::Scanning),
            clean: is(&Detection::Clean),
            doubtful: usize::from(doubtful),
        };
    }
    counts
}

const FILTERS: [&str; 9] = [
    "",
    "a",
    "ns:a",
    "!ns:none",
    "kind:serverless",
    "protect:off,broken",
    "cpu%>=50",
    "status:Failed !detect:clean",
    "memlimit=none age<300d",
];

proptest! {
    #![proptest_config(crate::long_tests::cases(200, 600))]

    /// The header's counts equal the sums of the rows, with every filter.
    #[test]
    fn each_row_counts_its_pods_and_all_rows_sum_up_to_the_pods_that_pass(
        pods in proptest::collection::vec(pods(), 0..60),
    ) {
        // A list contains each key once.
        let fleet: Fleet = pods.into_iter().collect();
        let pods: Vec<Pod> = fleet.pods().collect();
        for filter in FILTERS {
            let query = Query::parse(filter).unwrap();
            let passing: Vec<&Pod> = pods.iter().filter(|pod| eval::matches(&query, pod, now())).collect();
            let overview = overview(&pods, filter);
            prop_assert_eq!(overview.total(), plainly(passing.iter().copied()), "{}", filter);
            for row in overview.rows() {
                let own = passing.iter().copied().filter(|pod| key(pod) == row.key);
                prop_assert_eq!(row.counts, plainly(own), "{}", filter);
                let is_green = row.state() == NamespaceState::Clean;
                let all_clean = row.counts.clean == row.counts.summary.pods;
                prop_assert!(!is_green || all_clean);
            }
            let places = overview.clusters().flat_map(|cluster| cluster.places().collect::<Vec<_>>());
            let mut places: Vec<usize> = places.collect();
            places.sort_unstable();
            prop_assert!(places.into_iter().eq(0..overview.len()));
        }
    }
}

/// The rows by the simplest method.
fn rows_plainly(pods: &[Pod], sort: OverviewSort) -> Vec<NamespaceRow> {
    let mut of: BTreeMap<NamespaceKey, Vec<&Pod>> = BTreeMap::new();
    for pod in pods {
        of.entry(key(pod)).or_default().push(pod);
    }
    let row = |(key, pods): (NamespaceKey, Vec<&Pod>)| NamespaceRow {
        shown: key.clone(),
        key,
        counts: plainly(pods.into_iter()),
    };
    let mut rows: Vec<NamespaceRow> = of.into_iter().map(row).collect();
    rows.sort_by(|a, b| sort.compare(a, b));
    rows
}

proptest! {
    #![proptest_config(crate::long_tests::cases(64, 400))]

    /// Pods change their namespaces, vanish, come back and leave rows without a pod.
    #[test]
    fn after_any_sweeps_the_rows_are_those_of_a_count_from_scratch(
        sweeps in proptest::collection::vec(proptest::collection::vec(pods(), 0..14), 1..5),
    ) {
        let mut store = Store::default();
        for (at, pods) in (1_i64..).zip(sweeps) {
            store.begin_sweep(SweepKind::Fleet);
            let records = Records {
                node: pods.iter().filter_map(|pod| pod.node.clone()).collect(),
                serverless: pods.iter().filter_map(|pod| pod.serverless.clone()).collect(),
            };
            store.merge(Some(SweepKind::Fleet), records);
            // In the meantime some that are gone are forgotten.
            let then = Timestamp::from_second(at * 400).unwrap();
            store.end_sweep(SweepKind::Fleet, &Scope::default(), then);
            let fleet = store.snapshot();
            let alive = fleet.rows().filter(|row| fleet.gone_since(*row).is_none());
            let alive: Vec<Pod> = alive.filter_map(|row| fleet.pod(row)).collect();
            for filter in FILTERS {
                let query = Query::parse(filter).unwrap();
                let passing = alive.iter().filter(|pod| eval::matches(&query, pod, now()));
                let passing: Vec<Pod> = passing.cloned().collect();
                let overview = sorted_overview(&fleet, filter, OverviewSort::default());
                let rows: Vec<NamespaceRow> = overview.rows().collect();
                prop_assert_eq!(rows, rows_plainly(&passing, OverviewSort::default()), "{}", filter);
                prop_assert_eq!(overview.total(), plainly(passing.iter()));
            }
        }
    }
}

#[test]
fn thousands_of_namespaces_are_counted_and_sorted_as_few_are() {
    let (clusters, namespaces) = (97, 93);
    let pods: Vec<Pod> = (0..9_600)
        .map(|at| {
            // The last ones are all of one namespace, which then has more pods than a byte counts.
            let place = if at < 9_000 { at } else { 4_711 };
            let status = ["Failed", "Pending", "Running", "Running", "Running"][at % 5];
            let (cluster, namespace) = (place % clusters, place / clusters % namespaces);
            let pod = node(&format!("p{at}")).id(&format!("i{at}"));
            let pod = pod.within(&format!("c{cluster}"), &format!("n{namespace}"));
            pod.status(status)
                .usage("1m", "1", &format!("{}Mi", at % 100), "100Mi")
                .build()
        })
        .collect();
    let fleet: Fleet = pods.iter().cloned().collect();
    // With half of the pods there are too many pairs of names for a place each.
    for filter in ["", "status:Running", "status:Failed"] {
        let query = Query::parse(filter).unwrap();
        let passing = pods.iter().filter(|pod| eval::matches(&query, pod, now()));
        let passing: Vec<Pod> = passing.cloned().collect();
        for column in [
            OverviewColumn::Worst,
            OverviewColumn::Pods,
            OverviewColumn::Namespace,
        ] {
            let sort = column.first_direction();
            let expected = rows_plainly(&passing, sort);
            let masks = filter::passing(
                &fleet,
                &filter::in_scope(&fleet, &Scope::default()),
                &query,
                false,
                now(),
            );
            let overview = Overview::of(&fleet, &masks, sort);
            let place = expected.len() / 2;
            assert_eq!(
                overview.position(&expected[place].key),
                Some(place),
                "before all are in order"
            );
            assert_eq!(overview.row(3).as_ref(), expected.get(3));
            assert_eq!(overview.total(), plainly(passing.iter()));
            assert!(
                overview.rows().eq(expected.iter().cloned()),
                "{filter} {column:?}"
            );
            assert_eq!(overview.position(&expected[place].key), Some(place));
            assert_eq!(overview.row(expected.len()), None);
        }
    }
}

#[test]
fn without_a_filter_the_total_is_the_count_of_the_fleet() {
    let pods = [
        node("a").within("c", "x").build(),
        serverless("b")
            .within("d", "x")
            .security("closed", "risk")
            .build(),
    ];
    let fleet: Fleet = pods.iter().cloned().collect();
    assert_eq!(overview(&pods, "").total().summary, fleet.summary());
}

#[test]
fn the_worst_namespace_comes_first_and_what_is_equal_by_name() {
    let in_namespace = |name: &str, namespace: &str| node(name).within("c", namespace);
    let cloud = |namespace: &str, protection: &str, detection: &str| {
        serverless(namespace)
            .within("c", namespace)
            .security(protection, detection)
            .build()
    };
    let pods = [
        cloud("clean", "opened", "clean"),
        cloud("one-risk", "opened", "risk"),
        cloud("off", "closed", "clean"),
        cloud("unscanned", "opened", "undetected"),
        cloud("broken", "protection_exception", "clean"),
        in_namespace("n", "b-calm").build(),
        in_namespace("n", "a-calm").build(),
        in_namespace("f", "failed").status("Failed").build(),
        in_namespace("p", "pending").status("Pending").build(),
        in_namespace("m", "full")
            .usage("1m", "9m", "95Mi", "100Mi")
            .build(),
    ];
    let overview = overview(&pods, "");
    let names: Vec<(String, NamespaceState)> = overview
        .rows()
        .map(|row| (row.key.namespace.value().unwrap().raw().to_owned(), row.state()))
        .collect();
    let names: Vec<(&str, NamespaceState)> = names
        .iter()
        .map(|(name, state)| (name.as_str(), *state))
        .collect();
    assert_eq!(
        names,
        [
            ("one-risk", NamespaceState::Risk),
            ("broken", NamespaceState::Broken),
            ("failed", NamespaceState::Failed),
            ("full", NamespaceState::NearLimit),
            ("pending", NamespaceState::Pending),
            ("off", NamespaceState::Off),
            ("unscanned", NamespaceState::NotScanned),
            ("a-calm", NamespaceState::NotCovered),
            ("b-calm", NamespaceState::NotCovered),
            ("clean", NamespaceState::Clean),
        ]
    );
}

#[test]
fn a_namespace_of_node_pods_is_never_clean_nor_one_with_a_single_pod_that_is_not_covered() {
    let nodes = [node("a").build(), node("b").build()];
    assert_eq!(
        overview(&nodes, "").row(0).unwrap().state(),
        NamespaceState::NotCovered
    );
    let mixed = [
        node("a").within("c", "x").build(),
        serverless("b")
            .within("c", "x")
            .security("opened", "clean")
            .build(),
    ];
    assert_eq!(
        overview(&mixed, "").row(0).unwrap().state(),
        NamespaceState::NotCovered
    );
    assert_eq!(
        overview(&mixed[1..], "").row(0).unwrap().state(),
        NamespaceState::Clean
    );
}

#[test]
fn every_column_orders_and_a_reversed_order_keeps_equal_rows_by_name() {
    let pods: Vec<Pod> = (0..12)
        .map(|at| {
            let pod = serverless(&format!("p{at}")).within(&format!("c{}", at % 3), &format!("n{}", at % 5));
            let protection = ["closed", "opened", "protection_exception"][at % 3];
            pod.security(protection, ["risk", "clean", "undetected", "scanning"][at % 4])
                .build()
        })
        .collect();
    let fleet: Fleet = pods.iter().cloned().collect();
    for column in OverviewColumn::ALL {
        for sort in [column.first_direction(), column.first_direction().reversed()] {
            let sorted: Vec<NamespaceRow> = sorted_overview(&fleet, "", sort).rows().collect();
            let equal = sorted
                .windows(2)
                .all(|two| sort.compare(&two[0], &two[1]).is_lt());
            assert!(equal, "{sort:?}");
        }
    }
}
