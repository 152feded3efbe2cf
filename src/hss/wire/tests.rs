//! Every answer is read as far as possible.

use super::*;
use crate::fleet::fields::TextField;
use crate::fleet::pod::NodeRecord;
use crate::fleet::store::Store;
use crate::fleet::words::{Detection, Protection, Status};
use proptest::prelude::*;

pub(super) const EXAMPLE: &str = include_str!("../../../tests/fixtures/page-example.json");

pub(super) fn page(json: &str) -> Page {
    read_page(json.as_bytes()).unwrap()
}

pub(super) fn only_node(json: &str) -> NodeRecord {
    let mut records = page(json).pods.records();
    assert_eq!((records.node.len(), records.serverless.len()), (1, 0), "{json}");
    records.node.remove(0)
}

#[test]
fn the_documented_example_is_read() {
    let page = page(EXAMPLE);
    assert_eq!(page.total, Some(107));
    assert_eq!(
        page.snapshot_at,
        Some("2025-07-26T03:02:50.618Z".parse().unwrap())
    );
    let record = &page.pods.records().node[0];
    let text = |field: &Field<crate::fleet::RemoteText>| field.value().unwrap().raw().to_owned();
    assert_eq!(text(&record.id), "1d72f695-2bce-48b7-8576-c8e427cc08b7");
    assert_eq!(
        text(&record.common.name),
        "node-problem-controller-667894bc4-nz5xj"
    );
    assert_eq!(text(&record.common.namespace), "kube-system");
    assert_eq!(text(&record.common.cluster), "hss-baseline-mww");
    assert_eq!(text(&record.common.pod_ip), "10.0.2.131");
    assert_eq!(text(record.common.texts.get(TextField::Node)), "192.168.0.50");
    assert_eq!(text(record.common.texts.get(TextField::NodeIp)), "192.168.0.50");
    assert_eq!(
        text(record.common.texts.get(TextField::ClusterId)),
        "43411c30-450b-11f0-a624-0255ac1001b7"
    );
    assert_eq!(text(record.common.texts.get(TextField::ClusterType)), "cce");
    assert_eq!(text(record.common.texts.get(TextField::Region)), "cn-north-7");
    assert_eq!(record.common.status, Field::Value(Status::Running));
    assert_eq!(record.common.create_time, Field::Value(1_753_227_292_000.into()));
    assert!(record.common.cpu.is_absent() && record.common.memory_limit.is_absent());
}

#[test]
fn all_twelve_fields_of_a_serverless_pod_are_read() {
    let page = page(
        r#"{"total_num":1,"pod_info_list":[{"pod_name":"p","namespace_name":"n","cluster_name":"c",
        "pod_ip":"10.0.0.1","status":"Running","create_time":1753227292000,"cpu":"250m","memory":"512Mi",
        "cpu_limit":"1","memory_limit":"1Gi","protect_status":"protection_exception","detect_result":"risk"}]}"#,
    );
    let record = &page.pods.records().serverless[0];
    let common = &record.common;
    for present in [
        common.name.value(),
        common.namespace.value(),
        common.cluster.value(),
        common.pod_ip.value(),
    ] {
        assert!(present.is_some());
    }
    assert_eq!(common.status, Field::Value(Status::Running));
    assert_eq!(common.create_time, Field::Value(1_753_227_292_000.into()));
    let amounts = [
        &common.cpu,
        &common.memory,
        &common.cpu_limit,
        &common.memory_limit,
    ]
    .map(|field| field.value().unwrap().amount.unwrap());
    assert_eq!(amounts, [250_000_000, 512 << 20, 1_000_000_000, 1 << 30]);
    assert_eq!(record.protection, Field::Value(Protection::Exception));
    assert_eq!(record.detection, Field::Value(Detection::Risk));
}

#[test]
fn any_shape_of_the_lists_is_a_page() {
    for json in [
        "{}",
        r#"{"data_list":null,"pod_info_list":null,"total_num":null,"last_update_time":null}"#,
        r#"{"data_list":[],"pod_info_list":{}}"#,
        r#"{"data_list":"no","pod_info_list":7,"unknown":[{"deep":[1,2]}]}"#,
        r#"{"data_list":[null,1,"x",[{}],true,1.5,-1]}"#,
    ] {
        assert_eq!(page(json).pods.len(), 0, "{json}");
    }
    assert_eq!(
        page(r#"{"data_list":[{},{}],"pod_info_list":[{}]}"#)
            .pods
            .records()
            .len(),
        3
    );
}

#[test]
fn a_total_reserves_no_memory_beyond_the_largest_offset() {
    let entry = |number: usize| format!(r#"{{"id":"i{number}","pod_name":"p{number}"}}"#);
    let entries: Vec<String> = (0..200).map(entry).collect();
    let room = |total: &str| {
        let list = entries.join(",");
        let page = page(&format!(r#"{{"total_num":{total},"data_list":[{list}]}}"#));
        let mut store = Store::default();
        store.take(None, &page.pods);
        (page.total, store.bytes())
    };
    let (total, bytes) = room("90000000");
    assert_eq!(total, Some(90_000_000), "the stated total is shown");
    assert!(bytes < 32 << 20, "{bytes}");
    assert_eq!(room("2000200").1, bytes, "all that can be requested");
}

#[test]
fn a_quantity_may_come_as_a_number() {
    let record =
        only_node(r#"{"data_list":[{"cpu":2,"cpu_limit":0.5,"memory":128974848,"memory_limit":true}]}"#);
    let common = record.common;
    assert_eq!(common.cpu.value().unwrap().amount, Some(2_000_000_000));
    assert_eq!(common.cpu_limit.value().unwrap().amount, Some(500_000_000));
    assert_eq!(common.memory.value().unwrap().amount, Some(128_974_848));
    assert_eq!(common.memory_limit, Field::Unreadable);
}

#[test]
fn unknown_words_and_hostile_names_are_preserved() {
    let record = only_node(
        "{\"data_list\":[{\"status\":\"Evicted\",\"pod_name\":\"a\\u001b[2Jb\",\"pod_name\":\"\\u202ex\"}]}",
    );
    assert_eq!(record.common.status.value().unwrap().shown(), "Evicted");
    assert_eq!(
        record.common.name.value().unwrap().shown(),
        "\\u{202e}x",
        "of two equal keys the last wins"
    );
}

#[test]
fn only_an_object_is_a_page() {
    for text in ["", "null", "[]", "\"x\"", "<html>", "{\"data_list\":[", "{} {}"] {
        assert!(read_page(text.as_bytes()).is_err(), "{text}");
    }
    assert!(read_page([b'[', 0xff]).is_err());
    let record = read_page(b"{\"data_list\":[{\"pod_name\":\"a\xffb\"}]}")
        .unwrap()
        .pods
        .records()
        .node
        .remove(0);
    assert_eq!(record.common.name.value().unwrap().shown(), "a\\u{fffd}b");
}

/// Any value that a field may have, often a usual one.
fn a_value() -> impl Strategy<Value = serde_json::Value> {
    let texts =
        "p[0-5]|id-[0-5]|[0-9]{1,3}(m|Mi)|Failed|10\\.0\\.0\\.[0-9]|\u{202e}x|a\u{1b}\\[2J|[a-c]{300}";
    prop_oneof![1 => any_json(), 2 => texts.prop_map(Into::into)]
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..3)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The names of a node's pod's fields, as the API sends them.
pub(super) const NODE_FIELDS: [&str; 16] = [
    "id",
    "pod_name",
    "namespace_name",
    "cluster_name",
    "node_name",
    "cluster_id",
    "cluster_type",
    "node_ip",
    "pod_ip",
    "status",
    "create_time",
    "region_id",
    "cpu",
    "memory",
    "cpu_limit",
    "memory_limit",
];

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 1_500))]

    /// Taking a page as received changes a store exactly as merging its records does, whatever the page says.
    #[test]
    fn taking_a_page_equals_merging_its_records(
        pages in prop::collection::vec(prop::collection::vec((0_u8..6, 0..NODE_FIELDS.len(), a_value()), 0..6), 1..8),
    ) {
        use crate::fleet::Store;
        use crate::fleet::store::SweepKind;
        use crate::fleet::Scope;
        let (mut taken, mut merged) = (Store::default(), Store::default());
        for (number, rows) in pages.iter().enumerate() {
            let row = |(name, at, odd): &(u8, usize, serde_json::Value)| {
                let mut row = serde_json::json!({"id": format!("id-{name}"), "pod_name": format!("p{name}"), "status": "Running"});
                row[NODE_FIELDS[*at]] = odd.clone();
                row
            };
            let half = rows.len() / 2;
            let json = serde_json::json!({
                "data_list": rows[..half].iter().map(row).collect::<Vec<_>>(),
                "pod_info_list": rows[half..].iter().map(row).collect::<Vec<_>>(),
            });
            let page = read_page(json.to_string().as_bytes()).unwrap();
            if number % 2 == 0 {
                let ends_at = Timestamp::from_second(i64::try_from(number).unwrap() * 400).unwrap();
                for store in [&mut taken, &mut merged] {
                    if number > 0 {
                        store.end_sweep(SweepKind::Fleet, &Scope::default(), ends_at);
                    }
                    store.begin_sweep(SweepKind::Fleet);
                }
            }
            let news = merged.merge(Some(SweepKind::Fleet), page.pods.records());
            // Records are merged list by list, so the lists are merged in that order here too.
            prop_assert_eq!(taken.take(Some(SweepKind::Fleet), &page.pods), news);
            let pods = |store: &Store| store.snapshot().pods().collect::<Vec<_>>();
            prop_assert_eq!(pods(&taken), pods(&merged));
            let changes = |store: &Store| store.changes().iter().cloned().collect::<Vec<_>>();
            prop_assert_eq!(changes(&taken), changes(&merged));
            prop_assert_eq!(taken.snapshot().summary(), merged.snapshot().summary());
        }
    }
}

proptest! {
    #![proptest_config(crate::long_tests::cases(256, 1_500))]

    /// Whatever one field holds, the row and its other fields are read.
    #[test]
    fn no_value_of_a_field_costs_the_row(at in 0..NODE_FIELDS.len(), odd in any_json()) {
        let mut row = serde_json::json!({"id": "i", "pod_name": "p"});
        row[NODE_FIELDS[at]] = odd;
        let json = serde_json::json!({"data_list": [row, {"pod_name": "q"}]}).to_string();
        let records = read_page(json.as_bytes()).unwrap().pods.records();
        prop_assert_eq!(records.node.len(), 2);
        if at > 1 {
            prop_assert_eq!(records.node[0].common.name.value().unwrap().raw(), "p");
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_page(bytes.as_slice());
    }
}

/// Pages in the form that HSS writes, and slightly different ones.
fn nearly_plain() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        8 => "[a-z0-9.-]{0,12}|\\PC{0,3}".prop_map(serde_json::Value::from),
        2 => any::<i64>().prop_map(serde_json::Value::from),
        1 => any_json(),
    ];
    let name = prop::sample::select([&NODE_FIELDS[..], &["detect_result", "protect_status", "odd"]].concat());
    let row = prop::collection::vec((name, value), 0..6);
    let rows = prop::collection::vec(row, 0..4);
    let text = (rows.clone(), rows, any_json(), 0_u64..300, any::<bool>()).prop_map(|(node, serverless, odd, total, pretty)| {
        let rows = |rows: Vec<Vec<(&str, serde_json::Value)>>| -> Vec<serde_json::Value> {
            let object = |row: Vec<(&str, serde_json::Value)>| row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            rows.into_iter().map(|row| serde_json::Value::Object(object(row))).collect()
        };
        let mut page = serde_json::json!({"total_num": total, "data_list": rows(node), "pod_info_list": rows(serverless)});
        if total % 4 == 0 {
            page["last_update_time"] = odd;
        }
        if pretty { format!("{page:#}") } else { page.to_string() }
    });
    let slip = (
        any::<prop::sample::Index>(),
        prop::option::weighted(0.5, "[\\[\\]{}\",:0-9 n\\\\\n-]|\\PC"),
    );
    (text, slip).prop_map(|(mut text, (at, slip))| {
        if let Some(slip) = slip {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            text.insert_str(*at.get(&places), &slip);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The fast path reads the same as `serde_json`, and accepts nothing that it refuses.
    #[test]
    fn the_fast_path_reads_the_same(text in nearly_plain()) {
        let read = |how: &dyn Fn(&str, &mut WirePage, &mut Filler<'_>) -> Option<()>| {
            let mut wire = WirePage::default();
            let pods = RawPods::of(text.clone()).fill(|text, filler| how(text, &mut wire, filler).ok_or(())).ok()?;
            let in_order: Vec<List> = pods.iter().map(|pod| pod.list).collect();
            Some((wire, in_order, pods.records()))
        };
        if let Some((wire, order, records)) = read(&fast_path::read) {
            let (known, known_order, known_records) = read(&|text, page, filler| read_any(text, page, filler).ok()).unwrap();
            prop_assert_eq!((wire, order), (known, known_order));
            prop_assert_eq!((records.node, records.serverless), (known_records.node, known_records.serverless));
        }
    }
}

#[test]
fn the_fast_path_reads_the_example_and_no_odd_page() {
    let takes_fast_path = |text: &str| {
        let read = |text: &str, filler: &mut Filler<'_>| {
            fast_path::read(text, &mut WirePage::default(), filler).ok_or(())
        };
        RawPods::of(text.to_owned()).fill(read).is_ok()
    };
    assert!(takes_fast_path(EXAMPLE));
    assert!(takes_fast_path(
        r#" { "total_num" : 1 , "data_list" : [ { "id" : null , "x" : "é" } , { } ] } "#
    ));
    for odd in [
        r#"{"data_list":[{"pod_name":"a\u001bb"}]}"#,
        r#"{"data_list":[{"cpu":2}]}"#,
        r#"{"data_list":[{"create_time":01}]}"#,
        r#"{"data_list":[{"create_time":-1}]}"#,
        r#"{"data_list":[{"create_time":1e3}]}"#,
        r#"{"data_list":[{"create_time":1234567890123456789}]}"#,
        r#"{"data_list":[1]}"#,
        r#"{"data_list":[{}],}"#,
        "{\"data_list\":[{\"pod_name\":\"a\nb\"}]}",
        "{} {}",
        "{",
        "",
    ] {
        assert!(!takes_fast_path(odd), "{odd}");
    }
}
