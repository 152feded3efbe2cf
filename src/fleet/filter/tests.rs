//! Compares the filter on all rows at once with the reference.

use super::*;
use crate::fleet::fields::TextField;
use crate::fleet::fixture::{node, pods, serverless};
use crate::fleet::query::ast::strategy;
use crate::fleet::query::eval;
use crate::fleet::{Pod, RemoteText};
use proptest::prelude::*;

pub fn now() -> Timestamp {
    Timestamp::from_millisecond(1_753_005_400_123).unwrap()
}

/// The pods that pass the filter `text`, by columns and by the reference.
#[track_caller]
pub fn found(pods: &[Pod], text: &str) -> Vec<Pod> {
    let query = Query::parse(text).unwrap();
    let fleet: Fleet = pods.iter().cloned().collect();
    let rows = in_scope(&fleet, &Scope::default());
    let found = chosen(&fleet, &passing(&fleet, &rows, &query, false, now()));
    let pods = pods.iter();
    let expected: Vec<Pod> = pods
        .filter(|pod| eval::matches(&query, pod, now()))
        .cloned()
        .collect();
    assert_eq!(found, expected, "{text}");
    found
}

fn chosen(fleet: &Fleet, masks: &[Mask]) -> Vec<Pod> {
    let rows = masks.iter().flat_map(|mask| mask.rows().collect::<Vec<_>>());
    rows.filter_map(|row| fleet.pod(u32::try_from(row).unwrap()))
        .collect()
}

#[test]
fn addresses_are_searched_in_their_text_form() {
    let ips = [
        "10.0.0.1",
        "172.16.223.62",
        "192.168.100.200",
        "9.99.199.255",
        "fe80::1",
        "10.0.0.01",
        "",
    ];
    let pods: Vec<Pod> = (0..)
        .zip(ips)
        .map(|(at, ip)| {
            let mut record = node(&format!("pod{at}x")).node_record();
            record.common.pod_ip = RemoteText::name(ip).into();
            Pod::on_node(record)
        })
        .collect();
    for (text, hits) in [
        ("ip:10.0*", 2),
        ("ip:*.62", 1),
        ("ip:172.16.223.62", 1),
        ("ip:/^10\\.0\\.0\\.[0-9]+$/", 2),
        ("/68\\.1/", 1),
        ("/^[0-9.]+200$/", 1),
        ("/99\\.[0-9]{3}\\.255/", 1),
        ("ip:/0.0.1$/", 1),
        ("fe80", 1),
        ("ip:/[0-9]\\.9/", 1),
        ("!ip:*.*", 2),
        ("62", 1),
        ("10.0.0.01", 1),
    ] {
        assert_eq!(found(&pods, text).len(), hits, "{text}");
    }
}

#[test]
fn pods_are_found_by_their_list_their_cluster_id_and_either_address() {
    let in_both = Pod {
        serverless: Some(serverless("c").serverless_record()),
        ..node("c").build()
    };
    let mut record = node("a").node_record();
    let texts = &mut record.common.texts;
    texts.set(TextField::ClusterId, RemoteText::name("6dbc47bb-450b").into());
    texts.set(TextField::NodeIp, RemoteText::name("192.168.0.7").into());
    record.common.pod_ip = RemoteText::name("10.0.0.7").into();
    let pods = [Pod::on_node(record), serverless("b").build(), in_both];
    for (text, names) in [
        ("kind:serverless", "bc"),
        ("kind:node", "ac"),
        ("!kind:serverless", "a"),
        ("kind:SERV", "bc"),
        ("list:node !kind:serverless", "a"),
        ("kind:none", ""),
        ("clusterid:6dbc", "a"),
        ("cluster_id:6dbc47bb-450b", "a"),
        ("!cluster_id:none", "a"),
        ("node_ip:192.168.0.7", "a"),
        ("podip:192.168.0.7", ""),
        ("ip:192.168.0.7", "a"),
        ("pod_ip:10.0.0.7", "a"),
    ] {
        let found = found(&pods, text);
        let found: String = found
            .iter()
            .filter_map(|pod| Some(pod.name().value()?.raw().to_owned()))
            .collect();
        assert_eq!(found, names, "{text}");
    }
}

#[test]
fn shares_of_any_size_are_compared_by_hundredths() {
    let pods: Vec<Pod> = [
        ("third", "333m", "1"),
        ("above", "334m", "1"),
        ("huge", "9000000", "1m"),
        ("huger", "9000001", "1m"),
        ("idle", "0", "1"),
        ("free", "1", "0"),
    ]
    .map(|(name, used, limit)| node(name).usage(used, limit, used, limit).build())
    .into();
    let bounds = [
        "33",
        "33.29",
        "33.3",
        "33.31",
        "33.4",
        "0",
        "900000000000",
        "900000100000",
    ];
    for column in ["cpu%", "mem%"] {
        for (sign, bound) in [">", ">=", "<", "<=", "="]
            .iter()
            .flat_map(|sign| bounds.map(|bound| (sign, bound)))
        {
            found(&pods, &format!("{column}{sign}{bound}"));
        }
    }
    assert_eq!(found(&pods, "cpu%>33.3").len(), 3);
}

#[test]
fn chunks_are_processed_in_order_and_many_of_them_by_two_threads() {
    let here = thread::current().id();
    for (count, ours) in [
        (0, 0),
        (WORTH_TWO_THREADS - 1, WORTH_TWO_THREADS - 1),
        (WORTH_TWO_THREADS, 8),
        (21, 10),
    ] {
        let chunks: Vec<Arc<Chunk>> = (0..count).map(|_| Arc::default()).collect();
        let answers = each_chunk(&chunks, |chunk| {
            (std::ptr::from_ref(chunk).addr(), thread::current().id())
        });
        let asked = answers.iter().map(|(chunk, _)| *chunk);
        assert!(
            asked.eq(chunks.iter().map(|chunk| Arc::as_ptr(chunk).addr())),
            "{count}"
        );
        let by_us: Vec<bool> = answers.iter().map(|(_, thread)| *thread == here).collect();
        let expected: Vec<bool> = (0..count).map(|at| at < ours).collect();
        assert_eq!(by_us, expected, "{count}");
    }
}

#[test]
fn the_fleet_a_namespace_and_a_cluster_are_counted_without_reading_rows() {
    let pods = [
        node("a").within("east", "shop").build(),
        node("b").within("east", "search").status("Failed").build(),
        node("c").within("west", "shop").build(),
        serverless("d").within("west", "shop-2").build(),
    ];
    let fleet: Fleet = pods.iter().cloned().collect();
    let named = |name: &str| Some(name.to_owned());
    for (namespace, cluster) in [(None, None), (named("shop"), None), (None, named("east"))] {
        let scope = Scope {
            pod: None,
            namespace,
            cluster,
        };
        let held = pods.iter().filter(|pod| scope.may_hold(pod));
        assert_eq!(summary(&fleet, &scope, &[]), Summary::of(held), "{scope:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn columns_give_the_same_result_as_the_reference(
        pods in prop::collection::vec(pods(), 0..12),
        query in strategy::query(),
    ) {
        let fleet: Fleet = pods.iter().cloned().collect();
        let rows = in_scope(&fleet, &Scope::default());
        for query in query.terms().iter().map(|term| Query::from_iter([term.clone()])).chain([query.clone()]) {
            let found = chosen(&fleet, &passing(&fleet, &rows, &query, false, now()));
            let expected: Vec<Pod> = pods.iter().filter(|pod| eval::matches(&query, pod, now())).cloned().collect();
            prop_assert_eq!(found, expected, "{}", query);
        }
        let problems = chosen(&fleet, &passing(&fleet, &rows, &Query::default(), true, now()));
        let expected: Vec<Pod> = pods.iter().filter(|pod| risk::is_problem(pod)).cloned().collect();
        prop_assert_eq!(problems, expected);
    }

    #[test]
    fn a_scope_selects_and_counts_the_pods_that_it_may_hold(
        pods in prop::collection::vec(pods(), 0..12),
        names in prop::array::uniform3(prop::option::of("[a-c]{0,2}|p|-|\n")),
    ) {
        let fleet: Fleet = pods.iter().cloned().collect();
        let [pod, namespace, cluster] = names;
        let scope = Scope { pod, namespace, cluster };
        let rows = in_scope(&fleet, &scope);
        let expected: Vec<Pod> = pods.iter().filter(|pod| scope.may_hold(pod)).cloned().collect();
        prop_assert_eq!(summary(&fleet, &scope, &rows), Summary::of(&expected));
        prop_assert_eq!(chosen(&fleet, &rows), expected);
    }
}
