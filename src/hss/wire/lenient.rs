//! An odd value costs at most its field, never the row or the page. And an absent value is not an empty one.

use super::tests::{EXAMPLE, only_node, page};
use super::*;
use crate::fleet::Pod;
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::TextField;
use crate::fleet::pod::NodeRecord;

#[test]
fn a_total_must_be_believable() {
    for (json, total) in [
        ("107", Some(107)),
        ("0", Some(0)),
        ("2000040", Some(2_000_040)),
        ("100000000", Some(100_000_000)),
        ("5.0", Some(5)),
        ("\"107\"", Some(107)),
        ("\" 107 \"", Some(107)),
        ("\"000000000000000000107\"", Some(107)),
    ] {
        assert_eq!(page(&format!(r#"{{"total_num":{json}}}"#)).total, total, "{json}");
    }
    for json in [
        "-1",
        "100000001",
        "1000000000000000",
        "\"107 pods\"",
        "\"1.5\"",
        "\"\"",
        "null",
        "[1]",
        "1.5",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "99999999999999999999999999",
        "true",
    ] {
        assert_eq!(page(&format!(r#"{{"total_num":{json}}}"#)).total, None, "{json}");
    }
}

#[test]
fn a_wrong_type_costs_only_its_field() {
    for odd in ["{\"a\":[1]}", "[1,{}]", "true", "[NaN]", "{\"a\":\"\\ud83d\"}"] {
        let record = only_node(&format!(
            r#"{{"data_list":[{{"pod_name":"p","node_ip":{odd},"create_time":1753227292000}}]}}"#
        ));
        assert_eq!(
            record.common.texts.get(TextField::NodeIp),
            &Field::Unreadable,
            "{odd}"
        );
        assert_eq!(record.common.name.value().unwrap().raw(), "p");
        assert_eq!(record.common.create_time, Field::Value(1_753_227_292_000.into()));
    }
    let nulls = only_node(r#"{"data_list":[{"pod_name":null,"status":"","cpu":null,"create_time":null}]}"#);
    assert_eq!(nulls, NodeRecord::default(), "null and empty are absent");
}

#[test]
fn a_creation_time_that_is_not_a_number_is_retained_as_received() {
    for (json, word) in [
        ("\"soon\"", "soon"),
        ("\"2025-07-22T23:34:52Z\"", "2025-07-22T23:34:52Z"),
        ("\" 2025-07-22\\n\"", "2025-07-22"),
        ("1.5", "1.5"),
        ("18446744073709551616", "18446744073709551616"),
        ("{}", "{…}"),
        ("[1753227292000]", "[…]"),
        ("false", "false"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
    ] {
        let record = only_node(&format!(r#"{{"data_list":[{{"create_time":{json}}}]}}"#));
        let created = record.common.create_time.value().map(CreateTime::shown);
        assert_eq!(created.as_deref(), Some(word), "{json}");
        assert_eq!(Pod::on_node(record).created(), Field::Unreadable, "{json}");
    }
    for number in ["1753227292000", "\"1753227292000\"", "1753227292000.0"] {
        let record = only_node(&format!(r#"{{"data_list":[{{"create_time":{number}}}]}}"#));
        assert_eq!(record.common.create_time, Field::Value(1_753_227_292_000.into()));
    }
    let long = only_node(&format!(
        r#"{{"data_list":[{{"create_time":"{}"}}]}}"#,
        "x".repeat(5000)
    ));
    let shown = long.common.create_time.value().unwrap().shown();
    assert_eq!(shown.chars().count(), 256, "{shown}");
}

#[test]
fn a_number_in_place_of_a_text_becomes_its_digits() {
    for (number, text) in [
        ("7", "7"),
        ("-1", "-1"),
        ("1.5", "1.5"),
        ("18446744073709551615", "18446744073709551615"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1e999", "1e999"),
        ("NaN", "NaN"),
    ] {
        let record = only_node(&format!(
            r#"{{"data_list":[{{"id":{number},"cpu":{number},"pod_ip":{number}}}]}}"#
        ));
        assert_eq!(record.id.value().unwrap().raw(), text);
        assert_eq!(record.common.pod_ip.value().unwrap().raw(), text);
        assert_eq!(record.common.cpu.value().unwrap().text.raw(), text);
    }
}

#[test]
fn a_status_that_is_not_a_text_is_shown_as_json() {
    let status = |json: &str| {
        let page = page(&format!(
            r#"{{"pod_info_list":[{{"pod_name":"p","status":{json}}}]}}"#
        ));
        let record = page.pods.records().serverless.remove(0);
        assert_eq!(record.common.name.value().unwrap().raw(), "p");
        record.common.status.value().unwrap().shown().to_owned()
    };
    for (json, shown) in [
        (
            "{ \"phase\": \"Running\",\n \"code\": 7 }",
            r#"{"code":7,"phase":"Running"}"#,
        ),
        ("[\"Running\"]", r#"["Running"]"#),
        ("3", "3"),
        ("true", "true"),
        ("{\"a\":\"\\u001b[2J\"}", r#"{"a":"\u001b[2J"}"#),
        ("{\"a\":\"\u{202e}\"}", r#"{"a":"\u{202e}"}"#),
    ] {
        assert_eq!(status(json), shown);
    }
    let long = status(&format!("[{}1]", "1,".repeat(5000)));
    assert!(long.chars().count() == 256 && long.ends_with('…'), "{long}");
}

#[test]
fn one_bad_text_costs_its_field_and_not_the_page() {
    let whole: Vec<String> = (0..200)
        .map(|at| format!(r#"{{"id":"i{at}","pod_name":"p{at}","node_ip":"10.0.0.1"}}"#))
        .collect();
    let whole = format!(
        r#"{{"total_num":200,"data_list":[{}],"note":"x"}}"#,
        whole.join(",")
    );
    for (part, bad, shown) in [
        ("\"p7\"", r#""p7-\ud83d""#, "p7-\\u{fffd}"),
        ("\"p7\"", r#""p7\udc00\ud83d-""#, "p7\\u{fffd}\\u{fffd}-"),
        ("\"p7\"", r#""p7\x41""#, "p7\\x41"),
        ("\"p7\"", "\"p7\nx\"", "p7\\nx"),
        ("\"p7\"", "NaN", "NaN"),
        ("\"p7\"", "1e999", "1e999"),
        ("200", "-Infinity", "p7"),
        ("\"x\"", r#""\ud83d""#, "p7"),
        ("\"x\"", "{\"a\":[1e999,NaN]}", "p7"),
        ("\"note\"", r#""\ud83d""#, "p7"),
    ] {
        let text = whole.replacen(part, bad, 1);
        assert_ne!(text, whole);
        let page = page(&text);
        assert_eq!(page.lacks(), None);
        let records = page.pods.records().node;
        assert_eq!(records.len(), 200, "{bad}");
        assert_eq!(records[7].common.name.value().unwrap().shown(), shown, "{bad}");
        assert_eq!(records[8].common.name.value().unwrap().shown(), "p8");
        assert_eq!(
            records[7]
                .common
                .texts
                .get(TextField::NodeIp)
                .value()
                .unwrap()
                .shown(),
            "10.0.0.1"
        );
    }
}

#[test]
fn a_page_after_a_byte_order_mark_is_read() {
    let utf16: Vec<u8> = format!("\u{feff}{EXAMPLE}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [format!("\u{feff}{EXAMPLE}").into_bytes(), utf16] {
        assert_eq!(read_page(bytes).unwrap().total, Some(107));
    }
}

#[test]
fn absent_is_not_empty() {
    for (json, lacks) in [
        ("{}", Some("neither total_num nor a list")),
        (r#"{"message":"ok"}"#, Some("neither total_num nor a list")),
        (
            r#"{"data":{"total_num":1,"data_list":[]}}"#,
            Some("neither total_num nor a list"),
        ),
        (
            r#"{"totalNum":1,"dataList":[]}"#,
            Some("neither total_num nor a list"),
        ),
        (
            r#"{"data_list":null,"pod_info_list":null,"total_num":null}"#,
            Some("neither total_num nor a list"),
        ),
        (r#"{"total_num":NaN}"#, Some("neither total_num nor a list")),
        (
            r#"{"total_num":1,"data_list":{"pod_name":"p"}}"#,
            Some("data_list is not a list"),
        ),
        (
            r#"{"total_num":1,"data_list":"none"}"#,
            Some("data_list is not a list"),
        ),
        (
            r#"{"data_list":[],"pod_info_list":{}}"#,
            Some("pod_info_list is not a list"),
        ),
        (r#"{"data_list":[1,"x",[],null]}"#, Some("a list without objects")),
        (r#"{"total_num":0}"#, None),
        (r#"{"total_num":5,"data_list":null}"#, None),
        (r#"{"data_list":[]}"#, None),
        (r#"{"pod_info_list":[]}"#, None),
        (r#"{"data_list":[{},1]}"#, None),
    ] {
        assert_eq!(page(json).lacks(), lacks, "{json}");
    }
    assert_eq!(page(EXAMPLE).lacks(), None);
}

#[test]
fn an_empty_first_page_needs_a_total_and_a_list_to_prove_that_there_are_no_pods() {
    const NO_TOTAL: Option<&str> = Some("an empty list without a readable total_num");
    for (json, unproven) in [
        (r#"{"data_list":[]}"#, NO_TOTAL),
        (r#"{"total_num":"abc","data_list":[]}"#, NO_TOTAL),
        (r#"{"total_num":null,"pod_info_list":[]}"#, NO_TOTAL),
        (r#"{"total_num":0}"#, Some("total_num is 0, but there is no list")),
        (
            r#"{"total_num":0,"data_list":null}"#,
            Some("total_num is 0, but there is no list"),
        ),
        (r#"{"total_num":0,"data_list":[]}"#, None),
        (r#"{"total_num":0,"pod_info_list":[]}"#, None),
        (r#"{"total_num":5,"data_list":null}"#, None),
        (r#"{"data_list":[{"pod_name":"p"}]}"#, None),
        (r#"{"total_num":"abc","pod_info_list":[{"pod_name":"p"}]}"#, None),
    ] {
        assert_eq!(page(json).unproven(), unproven, "{json}");
    }
}

#[test]
fn an_invalid_date_or_count_is_stored_as_received() {
    for (json, raw) in [
        ("-5", Some("-5")),
        ("1755000000", Some("1755000000")),
        ("\"yesterday\"", Some("yesterday")),
        ("\"a\\u001b[31m\"", Some("a\\u{1b}[31m")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("1.5", Some("1.5")),
        ("true", Some("true")),
        ("[1]", Some("[…]")),
        ("{\"a\":1}", Some("{…}")),
        ("null", None),
        ("\"\"", None),
        ("0", None),
        ("1755000000000", None),
    ] {
        let page = read_page(format!(r#"{{"data_list":[],"last_update_time":{json}}}"#)).unwrap();
        assert_eq!(page.odd_snapshot.as_ref().map(RemoteText::shown), raw, "{json}");
    }
    for (json, raw) in [
        ("-1", Some("-1")),
        ("\"many\"", Some("many")),
        ("9000000000000", Some("9000000000000")),
        ("[]", Some("[…]")),
        ("null", None),
        ("0", None),
        ("\"12\"", None),
    ] {
        let page = read_page(format!(r#"{{"data_list":[],"total_num":{json}}}"#)).unwrap();
        assert_eq!(page.odd_total.as_ref().map(RemoteText::shown), raw, "{json}");
    }
    let long = format!(r#"{{"data_list":[],"total_num":"{}"}}"#, "x".repeat(5000));
    let odd = read_page(long).unwrap().odd_total.unwrap();
    assert_eq!(odd.shown().chars().count(), 256);
}
