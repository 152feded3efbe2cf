//! Mutated pages: no change may cost a row or cause a panic.
//!
//! Each case multiplies the example of the API's documentation, changes many of its values to others of any
//! type, duplicates keys and adds unknown ones. Even the shortest run tries five hundred pages.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::read_page;
use super::tests::NODE_FIELDS;

const EXAMPLE: &str = include_str!("../../../tests/fixtures/page-example.json");

/// JSON values that no field expects, and some that a field expects.
fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "1e3",
            "-1",
            "-0.0",
            "1e308",
            "18446744073709551616",
            "[]",
            "{}",
            "[[],{\"a\":[1]}]",
            "\"\"",
            "\"\\u0000\"",
            "\"\\ud800\\udc00\"",
            "{\"id\":{\"id\":\"x\"}}",
            "[null,null]",
            "\"NaN\"",
            "NaN",
            "-Infinity",
            "1e999",
            "123456789012345678901234567890",
            "\"\\ud800\"",
            "\"\\udc00x\\ud83d\\n\"",
            "\"\\x\t\"",
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| Value::String(text).to_string()),
        any::<f64>().prop_map(|number| Value::from(number).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
    ]
}

/// A change of an entry: a changed field, a duplicate key or an unknown one.
#[derive(Debug, Clone)]
struct FieldMutation {
    entry: Index,
    field: Index,
    value: String,
    doubles: bool,
    key: Option<String>,
}

fn change() -> impl Strategy<Value = FieldMutation> {
    (
        any::<Index>(),
        any::<Index>(),
        odd(),
        any::<bool>(),
        prop::option::weighted(0.2, any::<String>()),
    )
        .prop_map(|(entry, field, value, doubles, key)| FieldMutation {
            entry,
            field,
            value,
            doubles,
            key,
        })
}

/// The fields of an entry, each as its key and the text of its value.
type Entry = Vec<(String, String)>;

fn entries(count: usize, fields: &[&str]) -> Vec<Entry> {
    let example: Value = serde_json::from_str(EXAMPLE).unwrap();
    let one = &example["data_list"][0];
    let entry = |at: usize| {
        let text = |field: &str| match field {
            "id" | "pod_name" => Value::from(format!("{field}-{at}")).to_string(),
            _ => one
                .get(field)
                .cloned()
                .unwrap_or_else(|| Value::from(format!("{field}!")))
                .to_string(),
        };
        fields
            .iter()
            .map(|field| ((*field).to_owned(), text(field)))
            .collect()
    };
    (0..count).map(entry).collect()
}

fn mutate(entries: &mut [Entry], changes: &[FieldMutation]) {
    for change in changes {
        let entry = change.entry.get(entries).clone();
        let at = change.entry.index(entries.len());
        let field = change.field.index(entry.len());
        let key = change.key.clone().unwrap_or_else(|| entry[field].0.clone());
        if change.doubles || change.key.is_some() {
            entries[at].push((key, change.value.clone()));
        } else {
            entries[at][field].1.clone_from(&change.value);
        }
    }
}

fn list(entries: &[Entry]) -> String {
    let entry = |fields: &Entry| {
        let fields: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())))
            .collect();
        format!("{{{}}}", fields.join(","))
    };
    entries.iter().map(entry).collect::<Vec<_>>().join(",")
}

const SERVERLESS: [&str; 12] = [
    "pod_name",
    "namespace_name",
    "cluster_name",
    "pod_ip",
    "status",
    "create_time",
    "cpu",
    "memory",
    "cpu_limit",
    "memory_limit",
    "protect_status",
    "detect_result",
];

proptest! {
    #![proptest_config(crate::long_tests::cases(500, 6_000))]

    #[test]
    fn no_change_costs_a_row(
        of_nodes in prop::collection::vec(change(), 1..40),
        of_serverless in prop::collection::vec(change(), 1..40),
        total in odd(),
        snapshot in odd(),
    ) {
        let (mut nodes, mut serverless) = (entries(12, &NODE_FIELDS), entries(8, &SERVERLESS));
        mutate(&mut nodes, &of_nodes);
        mutate(&mut serverless, &of_serverless);
        let text = format!(
            "{{\"total_num\":{total},\"data_list\":[{}],\"last_update_time\":{snapshot},\"pod_info_list\":[{}]}}",
            list(&nodes),
            list(&serverless)
        );
        let page = read_page(text.as_bytes());
        prop_assert!(page.is_ok(), "{:?}: {}", page, text);
        let page = page.unwrap();
        prop_assert!(page.total.is_none_or(|total| total <= 2_000_000));
        let records = page.pods.records();
        prop_assert_eq!((records.node.len(), records.serverless.len()), (12, 8));
    }

    /// A truncated or damaged page is refused, or has no more rows than before.
    #[test]
    fn damage_is_noticed_or_harmless(at in any::<Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let whole = format!("{{\"data_list\":[{}]}}", list(&entries(3, &NODE_FIELDS)));
        let mut bytes = whole.into_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
            prop_assert!(read_page(bytes.as_slice()).is_err(), "a page that ends early is refused");
        } else {
            bytes[at] = byte;
            if let Ok(page) = read_page(bytes.as_slice()) {
                prop_assert!(page.pods.len() <= 3);
            }
        }
    }
}
