//! Tests of `raw`.

use super::*;

/// Every text of an entry that has this text in all fields: as a record has it, and as it is compared.
fn texts(text: &str) -> Vec<(String, String)> {
    let escaped = serde_json::to_string(text).unwrap();
    let names = [
        "id",
        "pod_name",
        "namespace_name",
        "cluster_name",
        "node_name",
        "cluster_id",
        "status",
    ];
    let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":{escaped}")).collect();
    let body = format!(r#"{{"total_num":1,"data_list":[{{{}}}]}}"#, fields.join(","));
    let pods = crate::hss::wire::read_page(body.as_bytes()).unwrap().pods;
    let pod = pods.iter().next().unwrap();
    let fields = [
        TextField::Id,
        TextField::Name,
        TextField::Namespace,
        TextField::Cluster,
        TextField::Node,
        TextField::ClusterId,
        TextField::Status,
    ];
    let raw = |field| {
        pods.text(pod, field)
            .value()
            .copied()
            .unwrap_or_default()
            .to_owned()
    };
    let safe = |field| RemoteText::name(&raw(field)).raw().to_owned();
    fields
        .into_iter()
        .map(|field| (raw(field), safe(field)))
        .collect()
}

#[test]
fn a_long_text_is_cut_with_an_ellipsis_when_it_is_read() {
    for letter in ["x", "é", "\u{1b}"] {
        for (raw, safe) in texts(&letter.repeat(NAME_CHARS)) {
            assert_eq!((raw.as_str(), safe), (&*letter.repeat(NAME_CHARS), raw.clone()));
        }
        for (raw, safe) in texts(&letter.repeat(NAME_CHARS + 1)) {
            assert!(raw.chars().count() == NAME_CHARS && raw.contains('…'), "{raw}");
            assert_eq!(raw, safe, "the store and the record have the same text");
        }
    }
}

#[test]
fn pods_that_differ_only_in_the_cut_off_part_stay_different() {
    let long = |end: &str| texts(&format!("{}{end}", "x".repeat(300)));
    let (one, other) = (long("a"), long("b"));
    for at in 0..4 {
        assert_ne!(one[at].0, other[at].0);
    }
    assert_eq!(one[4], other[4], "a node's name does not identify pods");
}
