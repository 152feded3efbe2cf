//! The namespaces of an overview as a file: names, the worst state, and the counts.
//!
//! A count over no pods is empty (CSV) or `null` (JSON), never 0: a namespace of pods without security data
//! does not have `off: 0`. The texts are as safe as those of the pods.

use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq, Serializer};

use super::columns::ExportValue;
use super::csv::{MARK, cell};
use super::json::Ascii;
use crate::fleet::overview::{NamespaceRow, OverviewColumn};
use crate::fleet::{Field, RemoteText};

/// The name of a column, and its value.
type NamedValue = (&'static str, ExportValue);

/// The columns of a row, from left to right.
fn values(row: &NamespaceRow) -> Vec<NamedValue> {
    let text = |field: &Field<RemoteText>| match field {
        Field::Absent => ExportValue::Text(RemoteText::name("")),
        Field::Unreadable => ExportValue::Unreadable,
        Field::Value(text) => ExportValue::Text(text.clone()),
    };
    let (counts, summary) = (&row.counts, &row.counts.summary);
    let among = |number: usize, told: usize| {
        // Counts of pods are far below the end of the numbers.
        let number = i128::try_from(number).unwrap_or(i128::MAX);
        if told > 0 {
            ExportValue::Number(number)
        } else {
            ExportValue::Absent
        }
    };
    let of = |column: OverviewColumn| {
        let (number, told) = column.counted(counts).unwrap_or_default();
        among(number, told)
    };
    let number = |number| among(number, 1);
    vec![
        ("cluster_name", text(&row.shown.cluster)),
        ("namespace_name", text(&row.shown.namespace)),
        ("worst", ExportValue::Text(RemoteText::name(row.state().word()))),
        ("pods", number(summary.pods)),
        ("security_known", number(summary.security_told)),
        ("protection_known", number(summary.protection_told)),
        ("protection_on", among(counts.protected, summary.protection_told)),
        ("protection_off", of(OverviewColumn::Off)),
        ("protection_broken", of(OverviewColumn::Broken)),
        ("detection_known", number(summary.detection_told)),
        ("not_scanned", of(OverviewColumn::NotScanned)),
        ("scanning", among(counts.scanning, summary.detection_told)),
        ("clean", among(counts.clean, summary.detection_told)),
        ("risk", of(OverviewColumn::Risk)),
        ("failed", number(summary.failed)),
        ("status_unknown", number(summary.unknown)),
        ("pending", number(summary.pending)),
        ("usage_known", number(counts.usage_told)),
        ("usage_90_percent", of(OverviewColumn::NearLimit)),
        ("no_memory_limit", of(OverviewColumn::NoLimit)),
    ]
}

/// Writes a heading and the rows; the file begins with the byte order mark if `marked` is set.
pub fn write_csv(
    rows: impl Iterator<Item = NamespaceRow>,
    marked: bool,
    mut out: impl Write,
) -> io::Result<()> {
    if marked {
        out.write_all(MARK)?;
    }
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    for (at, row) in rows.enumerate() {
        let values = values(&row);
        if at == 0 {
            table.write_record(values.iter().map(|(name, _)| *name))?;
        }
        table.write_record(values.iter().map(|(_, value)| cell(value)))?;
    }
    table.flush()
}

/// Writes the rows.
pub fn write_json(rows: impl Iterator<Item = NamespaceRow>, mut out: impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(&mut out, Ascii::<true>);
    let mut list = json.serialize_seq(None)?;
    for row in rows {
        list.serialize_element(&NamespaceObject(&row))?;
    }
    SerializeSeq::end(list)?;
    out.write_all(b"\n")
}

/// A row as an object.
struct NamespaceObject<'a>(&'a NamespaceRow);

impl Serialize for NamespaceObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = values(self.0);
        let mut object = serializer.serialize_map(Some(values.len()))?;
        for (name, value) in &values {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::fleet::overview::OverviewSort;
    use crate::fleet::{Fleet, View, ViewRequest};

    fn rows() -> impl Iterator<Item = NamespaceRow> {
        let fleet: Fleet = [
            node("a").within("=cmd|' /C calc'!A0", "pay\u{1b}[31m").build(),
            serverless("b")
                .within("cci", "web")
                .security("closed", "risk")
                .build(),
        ]
        .into_iter()
        .collect();
        let request = ViewRequest {
            overview: Some(OverviewSort::default()),
            ..ViewRequest::default()
        };
        let view = View::of(&fleet, request, jiff::Timestamp::UNIX_EPOCH);
        let rows: Vec<NamespaceRow> = view.overview.as_deref().unwrap().rows().collect();
        rows.into_iter()
    }

    #[test]
    fn a_count_among_no_pods_is_empty_and_no_name_is_a_formula_or_an_escape() {
        let mut out = Vec::new();
        write_csv(rows(), false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert!(lines[0].starts_with("cluster_name,namespace_name,worst,pods,security_known,"));
        assert!(
            lines[1].starts_with("cci,web,risk,1,1,1,0,1,0,1,0,0,0,1,"),
            "{text}"
        );
        assert!(lines[2].starts_with("'=cmd|' /C calc'!A0,"), "{text}");
        assert!(lines[2].contains(",not covered,1,0,0,,,,0,,,,,0,"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_program_gets_the_original_names_and_null_for_what_no_pod_tells() {
        let mut out = Vec::new();
        write_json(rows(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.bytes()
                .all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte))
        );
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read[1]["namespace_name"], "pay\u{1b}[31m");
        assert_eq!(read[1]["protection_off"], serde_json::Value::Null);
        assert_eq!(
            (&read[0]["protection_off"], &read[0]["worst"]),
            (&1.into(), &"risk".into())
        );
    }
}
