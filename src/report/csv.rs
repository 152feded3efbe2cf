//! A table for a spreadsheet (RFC 4180), safe to open in one and to print.
//!
//! Texts are written in their shown form, with everything escaped that a terminal could interpret. A cell
//! that a spreadsheet could take for a formula gets an apostrophe in front, and so does one that already
//! begins with an apostrophe: removing one apostrophe from each cell that has one restores the texts. A value
//! that HSS does not report is empty; an unreadable one is `?`. Must not: lose a row silently.

use std::borrow::Cow;
use std::io::{self, Write};

use ::csv::{Terminator, WriterBuilder};
use jiff::Timestamp;

use super::columns::{ExportRow, ExportValue, columns_as_of, decimal};

/// The byte order mark tells Excel that a file is UTF-8; without it Chinese names are garbled there. Other
/// spreadsheets skip it, but not every program does.
pub(super) const MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes a heading and the rows, which are of the moment `as_of` if that is not now; the file begins with the byte order mark
/// if `marked` is set.
pub fn write(
    rows: impl Iterator<Item = ExportRow>,
    as_of: Option<Timestamp>,
    marked: bool,
    mut out: impl Write,
) -> io::Result<()> {
    if marked {
        out.write_all(MARK)?;
    }
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    let columns = columns_as_of(as_of);
    table.write_record(columns.iter().map(|column| column.name))?;
    for row in rows {
        for column in &columns {
            table.write_field(cell(&column.value(&row)).as_bytes())?;
        }
        table.write_record(None::<&[u8]>)?;
    }
    table.flush()
}

/// Writes one line of cells, which are separated by `delimiter`, and ends it as RFC 4180 says or, with another one, in a line feed.
pub(super) fn line<T: AsRef<[u8]>>(
    delimiter: u8,
    cells: impl Iterator<Item = T>,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let terminator = if delimiter == b',' {
        Terminator::CRLF
    } else {
        Terminator::Any(b'\n')
    };
    let mut table = WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .buffer_capacity(512)
        .from_writer(out);
    table.write_record(cells)?;
    table.flush()
}

/// Appends a cell to a line that is being written.
pub(super) fn put(delimiter: u8, cell: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let is_special = |byte: u8| byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n');
    if !cell.bytes().any(is_special) {
        out.extend_from_slice(cell.as_bytes());
        return Ok(());
    }
    line(delimiter, std::iter::once(cell), out)?;
    let end = if delimiter == b',' { 2 } else { 1 };
    out.truncate(out.len().saturating_sub(end));
    Ok(())
}

/// The text of a cell; an absent value is empty, in columns of texts and of numbers.
pub(super) fn cell(value: &ExportValue) -> String {
    match value {
        ExportValue::Absent => String::new(),
        ExportValue::Unreadable => "?".to_owned(),
        ExportValue::Text(text) => guarded(text.shown()).into_owned(),
        ExportValue::Number(number) => number.to_string(),
        ExportValue::Billionths(number) => decimal(*number),
    }
}

/// Whether a spreadsheet may take a text with this first character for a formula. Chinese and Japanese
/// spreadsheets also accept the wide forms.
fn begins_formula(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

/// `text`, with an apostrophe in front if a spreadsheet could take it for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let begins = text.chars().next();
    let then = text.trim_start().chars().next();
    if begins == Some('\'') || begins.is_some_and(begins_formula) || then.is_some_and(begins_formula) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::fleet::text::RemoteText;
    use crate::report::columns::columns;
    use proptest::prelude::*;

    #[test]
    fn a_text_that_could_be_a_formula_gets_an_apostrophe() {
        for text in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", " \t-1", "＝1", "－1", "＋", "＠",
            "'x", "-",
        ] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "a=1", "web-0", " a", "1-2", "生产", "\"=1\"", "\\t=1"] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn cells_are_quoted_according_to_rfc_4180() {
        let row = ExportRow {
            pod: node("a,\"b\"").within("=cmd|' /C calc'!A0", "pay").build(),
            gone_since: None,
        };
        let mut out = Vec::new();
        write(std::iter::once(row), None, false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let (heading, line) = text.split_once("\r\n").unwrap();
        assert!(
            heading.starts_with("pod_name,namespace_name,cluster_name,cluster_id,"),
            "{heading}"
        );
        assert!(
            line.starts_with("\"a,\"\"b\"\"\",pay,'=cmd|' /C calc'!A0,"),
            "{line}"
        );
        assert!(line.ends_with("\r\n"));
    }

    #[test]
    fn a_file_for_excel_begins_with_a_byte_order_mark() {
        for (marked, begins) in [(true, &b"\xef\xbb\xbfpod_name,"[..]), (false, b"pod_name,")] {
            let mut out = Vec::new();
            write(std::iter::empty(), None, marked, &mut out).unwrap();
            assert!(out.starts_with(begins), "{out:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        /// A reader gets what was shown, and no cell begins a formula.
        #[test]
        fn reading_a_file_gives_the_shown_texts(
            name in prop_oneof![any::<String>(), "[ \t=+@'\",;\r\n-]{0,6}[a-z\",]{0,4}"],
            cluster in any::<String>(),
        ) {
            let row = ExportRow { pod: node(&name).within(&cluster, "n").build(), gone_since: None };
            let mut out = Vec::new();
            write(std::iter::once(row), None, false, &mut out).unwrap();
            let mut table = ::csv::Reader::from_reader(out.as_slice());
            let read = table.records().next().unwrap().unwrap();
            prop_assert_eq!(read.len(), columns().count());
            for (at, raw) in [(0, &name), (2, &cluster)] {
                let cell = &read[at];
                let first = cell.trim_start().chars().next();
                prop_assert!(!first.is_some_and(begins_formula));
                let text = cell.strip_prefix('\'').unwrap_or(cell);
                let shown = RemoteText::name(raw);
                prop_assert_eq!(text, shown.shown());
            }
        }
    }
}
