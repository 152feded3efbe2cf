//! A JSON array of objects for programs.
//!
//! Texts are exactly those of the API. Everything in them that is not printable ASCII is a JSON escape, so a
//! program gets the original text, and the file is safe to print on a terminal. Every object has every key,
//! and each column has one type: a text that HSS does not report is empty, an unreadable one is `?`, and an
//! unknown number is `null`. (If a text were `null` in the first 20,480 objects, DuckDB would read it as
//! `null` in all of them.) There is one object per line.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq, Serializer};
use serde_json::ser::Formatter;

use super::columns::{Content, ExportRow, ExportValue, FileColumn, columns_as_of, decimal};

/// Writes the rows, which are of the moment `as_of` if that is not now.
pub fn write(
    rows: impl Iterator<Item = ExportRow>,
    as_of: Option<Timestamp>,
    mut out: impl Write,
) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(&mut out, Ascii::<true>);
    let columns = columns_as_of(as_of);
    let mut list = json.serialize_seq(None)?;
    for row in rows {
        list.serialize_element(&JsonRecord {
            columns: &columns,
            row: &row,
        })?;
    }
    SerializeSeq::end(list)?;
    out.write_all(b"\n")
}

/// Writes one object with these columns of a row.
pub(crate) fn record(columns: &[FileColumn], row: &ExportRow, out: impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(out, Ascii::<false>);
    Ok(JsonRecord { columns, row }.serialize(&mut json)?)
}

/// Writes one value.
pub(crate) fn value(value: &impl Serialize, out: impl Write) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(out, Ascii::<false>);
    Ok(value.serialize(&mut json)?)
}

/// Appends the member of a record for one column: its name and value.
pub(super) fn member(column: FileColumn, member: &ExportValue, out: &mut Vec<u8>) -> io::Result<()> {
    // The names of columns are plain.
    out.extend_from_slice(b"\"");
    out.extend_from_slice(column.name.as_bytes());
    out.extend_from_slice(b"\":");
    match member {
        ExportValue::Absent if column.content() == Content::Text => out.extend_from_slice(b"\"\""),
        ExportValue::Text(text) if is_plain(text.raw()) => {
            out.push(b'"');
            out.extend_from_slice(text.raw().as_bytes());
            out.push(b'"');
        }
        other => value(other, out)?,
    }
    Ok(())
}

/// Whether a text is the same within the quotes of JSON.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// Columns of a row.
struct JsonRecord<'a> {
    columns: &'a [FileColumn],
    row: &'a ExportRow,
}

impl Serialize for JsonRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.columns.len()))?;
        for column in self.columns {
            match column.value(self.row) {
                ExportValue::Absent if column.content() == Content::Text => {
                    object.serialize_entry(column.name, "")?;
                }
                value => object.serialize_entry(column.name, &value)?,
            }
        }
        object.end()
    }
}

impl Serialize for ExportValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_unit(),
            Self::Unreadable => serializer.serialize_str("?"),
            Self::Text(text) => serializer.serialize_str(text.raw()),
            Self::Number(number) => serializer.serialize_i128(*number),
            // The nearest number that a program can represent.
            Self::Billionths(number) => match decimal(*number).parse() {
                Ok(number) => serializer.serialize_f64(number),
                Err(_) => serializer.serialize_unit(),
            },
        }
    }
}

/// The format: printable ASCII; with `LINES` one element of an array per line, without them all in one.
pub(super) struct Ascii<const LINES: bool>;

impl<const LINES: bool> Formatter for Ascii<LINES> {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        writer.write_all(if first { b"" } else { b"," })?;
        writer.write_all(if LINES { b"\n" } else { b"" })
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(if LINES { b"\n]" } else { b"]" })
    }

    /// Writes a part of a text without characters that JSON itself escapes; control characters are among
    /// those.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while !rest.is_empty() {
            // Nearly every text is plain as a whole: a write for each of its characters would take most of the time.
            let plain = rest
                .bytes()
                .take_while(|byte| matches!(byte, b' '..=b'~'))
                .count();
            let (plain, others) = rest.split_at(plain);
            writer.write_all(plain.as_bytes())?;
            let mut characters = others.chars();
            for unit in characters
                .next()
                .iter()
                .flat_map(|it| it.encode_utf16(&mut [0; 2]).to_vec())
            {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::report::columns::columns;
    use proptest::prelude::*;

    fn written(names: &[&str]) -> String {
        let rows = names.iter().map(|name| ExportRow {
            pod: node(name).build(),
            gone_since: None,
        });
        let mut out = Vec::new();
        write(rows, None, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_line_is_an_object_with_every_column() {
        let text = written(&["a", "b"]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[3], lines.len()), ("[", "]", 4));
        assert!(
            lines[1].starts_with("{\"pod_name\":\"a\",\"namespace_name\":"),
            "{text}"
        );
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        for column in columns() {
            assert!(read[1].get(column.name).is_some(), "{}", column.name);
        }
        assert_eq!(
            (&read[1]["gone_since"], &read[1]["cpu_cores"]),
            (&"".into(), &().into())
        );
        let none: serde_json::Value = serde_json::from_str(&written(&[])).unwrap();
        assert_eq!(none, serde_json::json!([]));
    }

    #[test]
    fn what_is_not_printable_ascii_is_escaped() {
        let text = written(&["a\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}生\u{1f600}\"\\"]);
        assert!(
            text.contains(r#""a\u001b\u007f\u009b\u202e\u2028\u751f\ud83d\ude00\"\\""#),
            "{text}"
        );
    }

    #[test]
    fn a_key_has_the_same_type_in_every_object() {
        let pods = [
            node("a").build(),
            node("b").usage("183m", "2", "270Mi", "1Gi").build(),
            serverless("c").security("opened", "risk").build(),
        ];
        let mut out = Vec::new();
        let rows = pods.into_iter().map(|pod| ExportRow {
            pod,
            gone_since: None,
        });
        write(rows, None, &mut out).unwrap();
        let read: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&out).unwrap();
        for record in &read {
            assert_eq!(record.len(), columns().count());
            for column in columns() {
                let (name, value) = (column.name, &record[column.name]);
                assert_eq!(
                    value.is_string(),
                    column.content() == Content::Text,
                    "{name}: {value}"
                );
            }
        }
        assert_eq!(read[1]["cpu_cores"], 0.183);
        assert_eq!(read[1]["memory_bytes"], 283_115_520);
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        #[test]
        fn a_program_reads_the_texts_of_the_api(name in ".{0,200}|\\PC*|[\u{0}-\u{9f}]{1,20}") {
            let text = written(&[&name]);
            prop_assert!(text.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)));
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read[0]["pod_name"].as_str().unwrap_or_default(), name.chars().take(1024).collect::<String>());
        }
    }
}
