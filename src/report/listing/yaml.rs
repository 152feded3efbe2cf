//! The part of YAML that every reader understands in the same way.
//!
//! No library: some of those that write YAML leave words such as `no` and `1e3` without quotes, which readers
//! of YAML 1.1 misunderstand. Here each name and text is in double quotes and in printable ASCII, numbers are
//! plain decimal digits, and only mappings and one list are used, so nothing can be misunderstood. Must not:
//! write a text without quotes.

use std::fmt::Write as _;
use std::io;

use super::ListFact;
use crate::report::columns::{Content, ExportValue, FileColumn, decimal};

/// Writes facts, one per line.
pub(super) fn facts(facts: &[(&'static str, ListFact)], out: &mut Vec<u8>) -> io::Result<()> {
    use io::Write as _;
    for (name, fact) in facts {
        let value = match fact {
            ListFact::Text(text) => quoted(text),
            ListFact::Count(Some(count)) => count.to_string(),
            ListFact::Count(None) => "null".to_owned(),
            ListFact::Flag(flag) => flag.to_string(),
        };
        writeln!(out, "{}: {value}", quoted(name))?;
    }
    Ok(())
}

/// Writes the member number `at` of an item of the list.
pub(super) fn member(
    at: usize,
    column: FileColumn,
    value: &ExportValue,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    use io::Write as _;
    let value = match value {
        ExportValue::Absent if column.content() == Content::Text => quoted(""),
        ExportValue::Absent => "null".to_owned(),
        ExportValue::Unreadable => quoted("?"),
        ExportValue::Text(text) => quoted(text.raw()),
        ExportValue::Number(number) => number.to_string(),
        ExportValue::Billionths(number) => decimal(*number),
    };
    let mark = if at == 0 { '-' } else { ' ' };
    writeln!(out, "  {mark} {}: {value}", quoted(column.name))
}

/// A text in double quotes. The escapes are those that YAML 1.1 and 1.2 have in common (sections 5.7 of both).
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        // Writing to a text cannot fail.
        let _ = match (character, u32::from(character)) {
            ('"' | '\\', _) => write!(quoted, "\\{character}"),
            (' '..='~', _) => write!(quoted, "{character}"),
            (_, code @ ..0x100) => write!(quoted, "\\x{code:02x}"),
            (_, code @ ..0x1_0000) => write!(quoted, "\\u{code:04x}"),
            (_, code) => write!(quoted, "\\U{code:08x}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use saphyr::{LoadableYamlNode as _, Yaml};

    #[test]
    fn words_that_mean_something_elsewhere_are_texts() {
        for word in [
            "no", "~", "null", "1e3", "0o7", "12:30", "=", "<<", "- a", "a: b", "&x", "*x", "!x", "%",
        ] {
            assert_eq!(quoted(word), format!("\"{word}\""));
        }
        assert_eq!(
            quoted("a\u{1b}\u{85}\u{2028}😀\"\\"),
            r#""a\x1b\x85\u2028\U0001f600\"\\""#
        );
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        #[test]
        fn a_reader_gets_the_text(text in any::<String>()) {
            let written = format!("\"a\":\n  - \"b\": {}\n", quoted(&text));
            prop_assert!(written.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)));
            let read = Yaml::load_from_str(&written).unwrap();
            prop_assert_eq!(read[0]["a"][0]["b"].as_str(), Some(text.as_str()));
        }
    }
}
