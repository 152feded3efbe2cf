//! The record of one pod as HSS sent it, as JSON for people.
//!
//! ```text
//! {
//!   "pod_name": "payment-api-667894bc4-nz5xj",
//!   "status": "Running",
//!   "create_time": 1753227292000
//! }
//! ```
//!
//! Names, values and types are those of the API. The values are made from the stored data, so three things
//! are lost, and a [`SentRecord`] lists them: a missing field was absent, `null` or an empty text; a value of
//! another type than documented was not stored; and a text of more than 256 characters was cut. In a text
//! every character that a terminal could interpret or an eye could miss is a JSON escape. Must not: draw.

use std::fmt::Write as _;

use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::text::{NAME_CHARS, RemoteText};
use crate::fleet::{Field, Pod};

/// One entry of an answer's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRecord {
    /// The list that it comes from.
    pub list: &'static str,
    /// The entry as a JSON object, line by line.
    pub lines: Vec<String>,
    /// Fields that were absent, `null` or empty.
    pub silent: Vec<&'static str>,
    /// Fields whose value had another type and was not stored.
    pub not_kept: Vec<&'static str>,
    /// Fields whose text was cut.
    pub cut: Vec<&'static str>,
}

/// The records of a pod: that of the pod on a node, that of the serverless pod, or both.
pub fn records(pod: &Pod) -> Vec<SentRecord> {
    let of_node = pod.node.as_ref().map(|record| {
        let alone = Pod {
            serverless: None,
            node: Some(record.clone()),
            ..pod.clone()
        };
        SentRecord::of("data_list", Lists::Node, &alone)
    });
    let of_serverless = pod.serverless.as_ref().map(|record| {
        let alone = Pod {
            serverless: Some(record.clone()),
            node: None,
            ..pod.clone()
        };
        SentRecord::of("pod_info_list", Lists::Serverless, &alone)
    });
    of_node.into_iter().chain(of_serverless).collect()
}

/// The records of a pod as JSON in one line: an object, or an array of two if both lists have the pod. The text is that of
/// [`SentRecord::lines`]: a text of several lines would be several commands where it is pasted into a shell.
pub fn line(pod: &Pod) -> String {
    let records = records(pod);
    let one_line = |record: &SentRecord| {
        let lines: Vec<&str> = record.lines.iter().map(|line| line.trim_start()).collect();
        lines.join(" ")
    };
    let objects: Vec<String> = records.iter().map(one_line).collect();
    match objects.as_slice() {
        [one] => one.clone(),
        several => format!("[{}]", several.join(", ")),
    }
}

impl SentRecord {
    /// The record of a pod that is only in this list.
    fn of(name: &'static str, list: Lists, pod: &Pod) -> Self {
        let mut record = Self {
            list: name,
            lines: Vec::new(),
            silent: Vec::new(),
            not_kept: Vec::new(),
            cut: Vec::new(),
        };
        let mut values = Vec::new();
        for field in TextField::ALL {
            let sent = field.sent();
            if sent.lists != Lists::Both && sent.lists != list {
                continue;
            }
            match pod.sent(*field) {
                Field::Absent => record.silent.push(sent.name),
                Field::Unreadable => record.not_kept.push(sent.name),
                Field::Value(text) => {
                    if is_cut(text) {
                        record.cut.push(sent.name);
                    }
                    values.push((sent.name, quoted(text)));
                }
            }
        }
        let date = PodField::Age.sent().map_or("", |sent| sent.name);
        match pod.create_time() {
            Field::Absent => record.silent.push(date),
            Field::Unreadable => record.not_kept.push(date),
            Field::Value(CreateTime::Milliseconds(ms)) => values.push((date, ms.to_string())),
            Field::Value(CreateTime::Word(word)) => {
                if is_cut(word.raw()) {
                    record.cut.push(date);
                }
                values.push((date, quoted(word.raw())));
            }
        }
        record.lines.push("{".to_owned());
        for (at, (name, value)) in values.iter().enumerate() {
            let comma = if at + 1 < values.len() { "," } else { "" };
            record.lines.push(format!("  \"{name}\": {value}{comma}"));
        }
        record.lines.push("}".to_owned());
        record
    }
}

/// Whether a text was longer before it was stored.
fn is_cut(text: &str) -> bool {
    text.contains('…') && text.chars().count() >= NAME_CHARS
}

/// A text as JSON that is safe to show.
fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    let mut before = None;
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            // A combining mark is shown after its base: it is safe alone or after the previous character.
            _ if is_shown_as_it_is(before, character) => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(json, "\\u{unit:04x}");
                }
            }
        }
        before = Some(character);
    }
    json.push('"');
    json
}

/// Whether remote text may show this character unchanged after the previous one.
fn is_shown_as_it_is(before: Option<char>, character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    let pair: String = before
        .filter(|it| !it.is_ascii_control())
        .into_iter()
        .chain([character])
        .collect();
    !RemoteText::name(&pair).is_altered()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods, serverless};
    use proptest::prelude::*;
    use serde_json::Value;

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn a_record_has_the_names_values_and_types_of_the_api() {
        let pod = node("web-0")
            .usage("700m", "1", "", "")
            .created_ms(1_753_227_292_000)
            .build();
        assert_eq!(
            line(&pod),
            "{ \"pod_name\": \"web-0\", \"namespace_name\": \"default\", \"cluster_name\": \"prod-a\", \
             \"node_name\": \"192.168.0.50\", \"status\": \"Running\", \"id\": \"web-0\", \"cpu\": \"700m\", \
             \"cpu_limit\": \"1\", \"create_time\": 1753227292000 }"
        );
        let records = records(&pod);
        assert_eq!((records.len(), records[0].list), (1, "data_list"));
        assert!(records[0].silent.contains(&"memory") && !records[0].silent.contains(&"protect_status"));
    }

    #[test]
    fn a_serverless_record_has_no_fields_of_pods_on_nodes() {
        let records = records(&serverless("a").security("opened", "risk").build());
        let [record] = records.as_slice() else { panic!() };
        assert_eq!(record.list, "pod_info_list");
        let object = read(&record.lines.join("\n"));
        assert_eq!(object["protect_status"], "opened");
        assert!(object.get("id").is_none() && !record.silent.contains(&"id"));
    }

    #[test]
    fn what_was_not_kept_is_said() {
        let mut record = node("a").build().node.unwrap();
        record.common.texts.set(TextField::Node, Field::Unreadable);
        record.common.create_time = Field::Unreadable;
        let long = RemoteText::name(&"x".repeat(300)).into();
        record.common.texts.set(TextField::Region, long);
        let records = records(&Pod::on_node(record));
        assert_eq!(records[0].not_kept, ["node_name", "create_time"]);
        assert_eq!(records[0].cut, ["region_id"]);
    }

    #[test]
    fn a_creation_time_that_is_a_word_stays_that_word() {
        let mut record = node("a").build().node.unwrap();
        record.common.create_time = Field::Value(CreateTime::read("22/07/2025 \"\u{1b}").safe());
        let text = line(&Pod::on_node(record));
        assert!(text.contains(r#""create_time": "22/07/2025 \"\u001b""#), "{text}");
        let mut long = node("a").build().node.unwrap();
        let word = "x".repeat(300);
        long.common.create_time = Field::Value(CreateTime::read(&word).safe());
        assert_eq!(records(&Pod::on_node(long))[0].cut, ["create_time"]);
    }

    #[test]
    fn a_text_keeps_its_script_and_nothing_in_it_is_obeyed_or_missed() {
        for (raw, shown) in [
            ("生产 é", "\"生产 é\""),
            ("e\u{301}", "\"e\u{301}\""),
            ("a\"b\\c\n", "\"a\\\"b\\\\c\\n\""),
            ("a\u{202e}b\u{1b}[2J", "\"a\\u202eb\\u001b[2J\""),
            ("\u{200b}\u{e0001}", "\"\\u200b\\udb40\\udc01\""),
        ] {
            assert_eq!(quoted(raw), shown);
            assert_eq!(read(shown), raw);
        }
    }

    proptest! {
        /// Whoever names a pod cannot break out of its record.
        #[test]
        fn every_record_is_json_that_says_what_came(pod in pods()) {
            let value = read(&line(&pod));
            let objects = value.as_array().cloned().unwrap_or_else(|| vec![value]);
            let records = records(&pod);
            prop_assert_eq!(objects.len(), records.len());
            for (object, record) in objects.iter().zip(&records) {
                let object = object.as_object().unwrap();
                for name in record.silent.iter().chain(&record.not_kept) {
                    prop_assert!(!object.contains_key(*name));
                }
                for line in &record.lines {
                    prop_assert!(!line.contains(char::is_control));
                }
            }
            if let Field::Value(name) = pod.sent(TextField::Name) {
                prop_assert_eq!(&objects[0]["pod_name"].as_str().unwrap_or(name), &name);
            }
        }

        #[test]
        fn any_text_reads_back_as_it_came(text in any::<String>()) {
            let json = quoted(&text);
            let value = read(&json);
            prop_assert_eq!(value.as_str(), Some(text.as_str()));
            prop_assert!(!RemoteText::message(&json).shown().contains("\\u{"), "{:?}", json);
        }
    }
}
