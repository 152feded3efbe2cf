//! Changes as lines of JSON, and back.
//!
//! Texts are written raw, as received, and become [`RemoteText`] again when they are read: nothing in the
//! file is trusted.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::fleet::changes::{Change, ChangeKind};
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, PodKey, RemoteText};

/// Writes a change.
pub fn write(change: &Change) -> String {
    let text = |field: &Field<RemoteText>| write_field(field, RemoteText::raw);
    let (kind, from, to) = match &change.kind {
        ChangeKind::Appeared => ("appeared", Value::Null, Value::Null),
        ChangeKind::Vanished => ("vanished", Value::Null, Value::Null),
        ChangeKind::Status(from, to) => (
            "status",
            write_field(from, Status::raw),
            write_field(to, Status::raw),
        ),
        ChangeKind::Protection(from, to) => (
            "protection",
            write_field(from, Protection::raw),
            write_field(to, Protection::raw),
        ),
        ChangeKind::Detection(from, to) => (
            "detection",
            write_field(from, Detection::raw),
            write_field(to, Detection::raw),
        ),
        ChangeKind::CpuThreshold(from, to) => ("cpu", write_pressure(*from), write_pressure(*to)),
        ChangeKind::MemoryThreshold(from, to) => ("memory", write_pressure(*from), write_pressure(*to)),
        ChangeKind::LimitChanged(measure, from, to) => (
            match measure {
                Measure::Cpu => "cpu limit",
                Measure::Memory => "memory limit",
            },
            write_field(from, |quantity| quantity.text.raw()),
            write_field(to, |quantity| quantity.text.raw()),
        ),
    };
    json!({
        "pod": change.pod.as_str(),
        "name": text(&change.name),
        "namespace": text(&change.namespace),
        "cluster": text(&change.cluster),
        "kind": kind,
        "from": from,
        "to": to,
        "before": change.before.map(Timestamp::as_millisecond),
        "after": change.after.map(Timestamp::as_millisecond),
    })
    .to_string()
}

/// Reads a change; `None` if the line is not one.
pub fn read(line: &str) -> Option<Change> {
    let Ok(Value::Object(object)) = serde_json::from_str(line) else {
        return None;
    };
    let text = |name: &str| read_field(&object, name, RemoteText::name);
    let date = |name: &str| Timestamp::from_millisecond(object.get(name)?.as_i64()?).ok();
    let pressure = |name: &str| read_pressure(object.get(name)?.as_str()?);
    let limit = |measure: Measure| {
        let quantity = |name: &str| read_field(&object, name, |text| Quantity::read(text, measure));
        ChangeKind::LimitChanged(measure, quantity("from"), quantity("to"))
    };
    let kind = match object.get("kind")?.as_str()? {
        "appeared" => ChangeKind::Appeared,
        "vanished" => ChangeKind::Vanished,
        "status" => {
            let word = |name: &str| read_field(&object, name, Status::read);
            ChangeKind::Status(word("from"), word("to"))
        }
        "protection" => {
            let word = |name: &str| read_field(&object, name, Protection::read);
            ChangeKind::Protection(word("from"), word("to"))
        }
        "detection" => {
            let word = |name: &str| read_field(&object, name, Detection::read);
            ChangeKind::Detection(word("from"), word("to"))
        }
        "cpu" => ChangeKind::CpuThreshold(pressure("from")?, pressure("to")?),
        "memory" => ChangeKind::MemoryThreshold(pressure("from")?, pressure("to")?),
        "cpu limit" => limit(Measure::Cpu),
        "memory limit" => limit(Measure::Memory),
        _ => return None,
    };
    Some(Change {
        pod: PodKey::restored(object.get("pod")?.as_str()?),
        name: text("name"),
        namespace: text("namespace"),
        cluster: text("cluster"),
        kind,
        before: date("before"),
        after: date("after"),
    })
}

/// Writes a value as its text, an absent one as `null`, an unreadable one as `false`.
fn write_field<T>(field: &Field<T>, raw: impl Fn(&T) -> &str) -> Value {
    match field {
        Field::Absent => Value::Null,
        Field::Unreadable => Value::Bool(false),
        Field::Value(value) => Value::from(raw(value)),
    }
}

fn read_field<T>(object: &Map<String, Value>, name: &str, read: impl Fn(&str) -> T) -> Field<T> {
    match object.get(name) {
        None | Some(Value::Null) => Field::Absent,
        Some(Value::String(text)) => Field::Value(read(text)),
        Some(_) => Field::Unreadable,
    }
}

const PRESSURES: [(Pressure, &str); 4] = [
    (Pressure::Unknown, "unknown"),
    (Pressure::Calm, "calm"),
    (Pressure::Warn, "warn"),
    (Pressure::Critical, "critical"),
];

fn write_pressure(pressure: Pressure) -> Value {
    let word = PRESSURES.iter().find(|(it, _)| *it == pressure);
    word.map_or(Value::Null, |(_, word)| Value::from(*word))
}

fn read_pressure(word: &str) -> Option<Pressure> {
    PRESSURES
        .iter()
        .find(|(_, it)| *it == word)
        .map(|(pressure, _)| *pressure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_read_as_it_was_written() {
        let text = |text: &str| Field::Value(RemoteText::name(text));
        let quantity = |text: &str| Field::Value(Quantity::read(text, Measure::Memory));
        let status = |word: &str| Field::Value(Status::read(word));
        let kinds = [
            ChangeKind::Appeared,
            ChangeKind::Vanished,
            ChangeKind::Status(status("Running"), status("\u{1b}[2J")),
            ChangeKind::Protection(Field::Absent, Field::Value(Protection::Opened)),
            ChangeKind::Detection(Field::Unreadable, Field::Value(Detection::Risk)),
            ChangeKind::CpuThreshold(Pressure::Calm, Pressure::Critical),
            ChangeKind::MemoryThreshold(Pressure::Warn, Pressure::Unknown),
            ChangeKind::LimitChanged(Measure::Memory, quantity("512Mi"), quantity("a lot")),
        ];
        for kind in kinds {
            let change = Change {
                pod: PodKey::restored("id\0x"),
                name: text("a\u{202e}"),
                namespace: Field::Absent,
                cluster: Field::Unreadable,
                kind,
                before: None,
                after: Some(Timestamp::from_millisecond(1_760_000_000_123).unwrap()),
            };
            assert_eq!(read(&write(&change)), Some(change));
        }
    }

    #[test]
    fn an_invalid_line_is_no_change() {
        for line in [
            "",
            "[]",
            "{}",
            r#"{"pod":"a","kind":"exploded"}"#,
            r#"{"pod":"a","kind":"cpu","from":"hot"}"#,
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
