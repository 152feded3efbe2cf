//! Texts of strangers that stay texts in Markdown.
//!
//! A name is shown as code, in which only the closing mark has a meaning; a name with such a mark is written
//! with a backslash before every punctuation mark, as CommonMark allows. A hyphen only has a meaning at the
//! beginning of a line, where no stranger's text is written. Terminals are safe too: control characters are
//! visible escapes, as everywhere.

use crate::fleet::{Field, RemoteText};

/// A text as code in a cell of a table. An empty one is empty.
pub fn code(text: &str) -> String {
    let text = RemoteText::name(text);
    let shown = text.shown();
    if shown.trim().is_empty() {
        String::new()
    } else if shown.contains(['`', '|', '\\']) {
        plain(shown)
    } else {
        format!("`{shown}`")
    }
}

/// The marks that mean something within a line of Markdown, with the extensions of GitHub.
const MARKS: &str = "\\`*_[]<>#|~!&$@^";

/// A text within a line: every mark that means something there has a backslash. An address becomes no link.
pub fn plain(text: &str) -> String {
    let text = RemoteText::message(text);
    let mut escaped = String::with_capacity(text.shown().len());
    let mut rest = text.shown().chars();
    while let Some(character) = rest.next() {
        let begins_link = match character {
            ':' => rest.as_str().starts_with("//"),
            '.' => escaped.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if begins_link || MARKS.contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A field of a pod as code.
pub fn field(field: &Field<RemoteText>) -> String {
    match field {
        Field::Absent => "–".to_owned(),
        Field::Unreadable => "?".to_owned(),
        Field::Value(text) => code(text.raw()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_code_and_one_that_could_end_it_is_escaped() {
        for (text, safe) in [
            ("payment-api-1", "`payment-api-1`"),
            ("[x](http://evil)", "`[x](http://evil)`"),
            ("<script>", "`<script>`"),
            ("a`b", r"a\`b"),
            ("a|b", r"a\|b"),
            ("# a|\nb", r"\# a\|\\nb"),
            ("\u{1b}[2J", r"\\u{1b}\[2J"),
            (" ", ""),
        ] {
            assert_eq!(code(text), safe);
        }
        assert_eq!(plain("*b* http://evil"), r"\*b\* http\://evil");
        assert_eq!(
            plain("127.0.0.1:18713 · www.evil"),
            r"127.0.0.1:18713 · www\.evil"
        );
    }

    proptest! {
        /// No name ends its cell, its line or its code.
        #[test]
        fn a_name_stays_in_its_cell(text in "[\\PC\n\r|`\\\\]{0,20}") {
            let safe = code(&text);
            prop_assert!(!safe.contains(['\n', '\r']));
            let mut escaped = false;
            let inner = safe.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            match inner {
                Some(inner) => prop_assert!(!inner.contains(['`', '|', '\\'])),
                None => for character in safe.chars() {
                    prop_assert!(escaped || !['`', '|'].contains(&character), "{}", safe);
                    escaped = character == '\\' && !escaped;
                }
            }
        }
    }
}
