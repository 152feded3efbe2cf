//! Records of pods as HSS sends them.
//!
//! Owns the JSON of a record: the names and types of the API, and the texts that came. Everything that is not printable ASCII
//! is an escape, so that a client reads the text that HSS sent and a terminal that shows the answer obeys nothing. A field that
//! was absent or empty is left out, one of a wrong type is `null`: its value is not kept. Must not: know pages.

use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::row_texts::{COMMON_FIELDS, OWN_FIELDS};
use crate::fleet::{Field, Pod};

/// Writes the record of a pod in one list; nothing if it is not in that list.
pub fn put(out: &mut Vec<u8>, list: Lists, pod: Pod) {
    let alone = match list {
        Lists::Node => Pod {
            serverless: None,
            ..pod
        },
        Lists::Serverless => Pod { node: None, ..pod },
        Lists::Both => pod,
    };
    out.push(b'{');
    let begin = out.len();
    let name = |out: &mut Vec<u8>, name: &str| {
        if out.len() > begin {
            out.push(b',');
        }
        put_text(out, name);
        out.push(b':');
    };
    let text = |out: &mut Vec<u8>, field: TextField| {
        let sent = field.sent();
        if sent.lists != Lists::Both && sent.lists != list {
            return;
        }
        match alone.sent(field) {
            Field::Absent => {}
            Field::Unreadable => {
                name(out, sent.name);
                out.extend_from_slice(b"null");
            }
            Field::Value(text) => {
                name(out, sent.name);
                put_text(out, text);
            }
        }
    };
    for field in OWN_FIELDS {
        text(out, field);
    }
    let created = PodField::Age.sent().map_or("", |sent| sent.name);
    match alone.create_time() {
        Field::Absent => {}
        Field::Unreadable => {
            name(out, created);
            out.extend_from_slice(b"null");
        }
        Field::Value(CreateTime::Milliseconds(ms)) => {
            name(out, created);
            out.extend_from_slice(ms.to_string().as_bytes());
        }
        Field::Value(CreateTime::Word(word)) => {
            name(out, created);
            put_text(out, word.raw());
        }
    }
    for field in COMMON_FIELDS {
        text(out, field);
    }
    out.push(b'}');
}

/// Writes a text. Runs of printable ASCII, which are nearly everything, are copied at once.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !matches!(c, ' '..='~') || matches!(c, '"' | '\\')) {
        let (plain, behind) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        let mut characters = behind.chars();
        if let Some(character) = characters.next() {
            put_escape(out, character);
        }
        rest = characters.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    out.push(b'"');
}

fn put_escape(out: &mut Vec<u8>, character: char) {
    if matches!(character, '"' | '\\') {
        out.extend_from_slice(&[b'\\', character as u8]);
        return;
    }
    for unit in character.encode_utf16(&mut [0; 2]) {
        out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::pods;
    use crate::hss::wire::read_page;
    use proptest::prelude::*;

    fn written(list: Lists, pod: &Pod) -> String {
        let mut out = Vec::new();
        put(&mut out, list, pod.clone());
        String::from_utf8(out).unwrap()
    }

    /// What is not kept cannot be told again: a value of a wrong type comes back as none at all. What an earlier scan found
    /// is ours; HSS says of such a pod that it is being scanned.
    fn as_it_comes_back(text: &str) -> String {
        text.replace("Unreadable", "Absent")
            .replace("Rescanning", "Scanning")
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(128, 2_500))]

        #[test]
        fn a_record_reads_back_as_what_it_was(pod in pods()) {
            let records = [
                (Lists::Node, "data_list", pod.node.is_some()),
                (Lists::Serverless, "pod_info_list", pod.serverless.is_some()),
            ];
            for (list, name, is_listed) in records {
                if !is_listed {
                    continue;
                }
                let record = written(list, &pod);
                prop_assert!(record.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{}", record);
                let page = format!("{{\"total_num\":1,\"{name}\":[{record}]}}");
                let read = read_page(page).unwrap().pods.records();
                let (node, serverless) = (read.node.first(), read.serverless.first());
                let (was, is) = match list {
                    Lists::Node => (format!("{:?}", pod.node.as_ref()), format!("{node:?}")),
                    _ => (format!("{:?}", pod.serverless.as_ref()), format!("{serverless:?}")),
                };
                prop_assert_eq!(as_it_comes_back(&was), as_it_comes_back(&is));
            }
        }
    }
}
