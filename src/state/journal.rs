//! Changes as lines of JSON, and back.
//!
//! Texts are written raw, as received, and become [`RemoteText`] again when they are read: nothing in the
//! file is trusted.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::fleet::changes::{Change, ChangeKind, ScoreShift, UsedShift};
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::risk::Reason;
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, PodKey, RemoteText};

/// Writes a change.
pub fn write(change: &Change) -> String {
    let text = |field: &Field<RemoteText>| write_field(field.part(RemoteText::raw));
    let [from, to] = change.kind.sides().map(write_field);
    let mut line = json!({
        "pod": change.pod.as_str(),
        "name": text(&change.name),
        "namespace": text(&change.namespace),
        "cluster": text(&change.cluster),
        "kind": change.kind.name(),
        "from": from,
        "to": to,
        "before": change.before.map(Timestamp::as_millisecond),
        "after": change.after.map(Timestamp::as_millisecond),
    });
    // What older builds did not record is left out, as they did.
    if let Some(noticed) = change.noticed {
        line["noticed"] = noticed.as_millisecond().into();
    }
    if change.scores != ScoreShift::default() {
        line["scores"] = json!([change.scores.before, change.scores.after]);
    }
    if let Some(found) = change.found {
        line["found"] = found.name().into();
    }
    if change.used != UsedShift::default() {
        line["used"] = json!([change.used.before, change.used.after]);
    }
    line.to_string()
}

/// Reads a change; `None` if the line is not one.
pub fn read(line: &str) -> Option<Change> {
    let Ok(Value::Object(object)) = serde_json::from_str(line) else {
        return None;
    };
    let text = |name: &str| read_field(&object, name, RemoteText::name);
    let date = |name: &str| Timestamp::from_millisecond(object.get(name)?.as_i64()?).ok();
    let pressure = |name: &str| Pressure::named(object.get(name)?.as_str()?);
    let number = |name: &str, at: usize| u32::try_from(object.get(name)?.get(at)?.as_u64()?).ok();
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
        noticed: date("noticed"),
        scores: ScoreShift {
            before: number("scores", 0),
            after: number("scores", 1),
        },
        found: object.get("found").and_then(|name| Reason::named(name.as_str()?)),
        used: UsedShift {
            before: number("used", 0),
            after: number("used", 1),
        },
    })
}

/// Writes a value as its text, an absent one as `null`, an unreadable one as `false`.
fn write_field(field: Field<&str>) -> Value {
    match field {
        Field::Absent => Value::Null,
        Field::Unreadable => Value::Bool(false),
        Field::Value(text) => Value::from(text),
    }
}

fn read_field<T>(object: &Map<String, Value>, name: &str, read: impl Fn(&str) -> T) -> Field<T> {
    match object.get(name) {
        None | Some(Value::Null) => Field::Absent,
        Some(Value::String(text)) => Field::Value(read(text)),
        Some(_) => Field::Unreadable,
    }
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
                noticed: None,
                scores: ScoreShift::default(),
                found: None,
                used: UsedShift::default(),
            };
            assert_eq!(read(&write(&change)), Some(change.clone()));
            let scored = Change {
                noticed: change.after,
                scores: ScoreShift {
                    before: None,
                    after: Some(60),
                },
                found: Some(Reason::Failed),
                used: UsedShift {
                    before: Some(92),
                    after: None,
                },
                ..change
            };
            assert_eq!(read(&write(&scored)), Some(scored));
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
