//! The form in which a page is stored.
//!
//! Keeps answers from filling the disk: a page is stored as received, unless its texts are far longer than
//! any pod's. Such a page is rewritten from its decoded values, in which long texts are cut. Both decode to
//! the same page.

use serde_json::{Map, Value, json};

use super::Page;
use super::record::names;
use crate::fleet::Field;
use crate::fleet::create_time::CreateTime;
use crate::fleet::raw::{List, RawPod, RawPods};

/// The most bytes per entry on average, and for the rest of the page. An ordinary entry has less than a
/// thousand.
const USUAL_ENTRY: usize = 4096;

/// The page to store.
pub fn stored(page: Page) -> String {
    let usual = (page.pods.len() + 1) * USUAL_ENTRY;
    if page.pods.page().len() <= usual {
        return page.pods.into_page();
    }
    let list = |list: List| -> Vec<Value> {
        let entries = page.pods.iter().filter(|pod| pod.list == list);
        entries.map(|pod| entry(&page.pods, pod)).collect()
    };
    json!({
        "total_num": page.total,
        "last_update_time": page.snapshot_at.map(jiff::Timestamp::as_millisecond),
        "data_list": list(List::Node),
        "pod_info_list": list(List::Serverless),
    })
    .to_string()
}

fn entry(pods: &RawPods, pod: &RawPod) -> Value {
    let text = |field| match pods.text(pod, field) {
        Field::Absent => Value::Null,
        Field::Unreadable => json!([]),
        Field::Value(text) => Value::from(text),
    };
    let texts = names(pod.list).map(|(name, field)| (name.to_owned(), text(field)));
    let mut entry: Map<String, Value> = texts.collect();
    let created = match pods.create_time(pod) {
        Field::Absent => Value::Null,
        Field::Unreadable => json!([]),
        Field::Value(CreateTime::Milliseconds(ms)) => Value::from(ms),
        Field::Value(CreateTime::Word(word)) => Value::from(word),
    };
    entry.insert("create_time".to_owned(), created);
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use super::super::read_page;
    use super::*;

    fn page(more: &str) -> Page {
        let body = format!(
            r#"{{"total_num":7,"last_update_time":1755000000123,"data_list":[
            {{"id":"1","pod_name":"a","create_time":1755000000000,"cpu":"1m","status":"Running"{more}}},
            {{"id":"2","pod_name":null,"create_time":"2025-07-22","memory":[],"node_name":"\u001b\"n"}}],
            "pod_info_list":[{{"pod_name":"s","protect_status":"opened","detect_result":"risk","pod_ip":"::1"}}]}}"#
        );
        read_page(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_page_is_stored_as_received() {
        let page = page("");
        let text = page.pods.page().to_owned();
        assert_eq!(stored(page), text);
    }

    #[test]
    fn a_page_with_long_texts_is_rewritten_from_its_decoded_values() {
        let long = "x".repeat(100_000);
        let before = page(&format!(r#","region_id":"{long}","labels":"{long}""#));
        let (total, at) = (before.total, before.snapshot_at);
        let records = before.pods.records();
        let text = stored(before);
        assert!(text.len() < 2_000, "{}", text.len());
        let after = read_page(text.as_bytes()).unwrap();
        assert_eq!((after.total, after.snapshot_at), (total, at));
        let read = after.pods.records();
        assert_eq!((read.node, read.serverless), (records.node, records.serverless));
    }
}
