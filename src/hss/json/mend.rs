//! The repair of single values in a JSON document.
//!
//! One pass over the text, which knows just enough JSON to distinguish strings from what surrounds them. It
//! only changes values, so a document with a wrong structure stays wrong:
//!
//! | value | becomes | why |
//! |---|---|---|
//! | half a surrogate pair, `\ud83d` | `\ufffd` | it is not a character; the rest of the string is good |
//! | a control character, `\x`, `\u12` in a string | its escape | a server that does not escape meant it so |
//! | `NaN`, `Infinity`, `-Infinity` | a string, `"NaN"` | not JSON, but many libraries write it |
//! | a number beyond `f64`, or of very many digits | a string, `"1e999"` | no digit is lost, and the field decides |

use serde::de::IgnoredAny;

/// The most characters of a number that is surely exact as an `f64` or `i64`.
const EXACT_CHARS: usize = 17;

/// The document with its bad values repaired; `None` if there is nothing to repair.
pub fn mended(text: &str) -> Option<String> {
    let mut mender = Mender {
        text,
        at: 0,
        copied: 0,
        mended: String::new(),
    };
    while let Some(byte) = mender.byte(mender.at) {
        match byte {
            b'"' => mender.string(),
            b'-' | b'0'..=b'9' | b'N' | b'I' => mender.number(),
            _ => mender.at += 1,
        }
    }
    if mender.copied == 0 {
        return None;
    }
    mender.replace(text.len(), text.len(), "");
    Some(mender.mended)
}

struct Mender<'t> {
    text: &'t str,
    at: usize,
    /// How far the text was copied to `mended`.
    copied: usize,
    mended: String,
}

impl Mender<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Replaces the text from `start` to `end` by `by`, and goes on after it.
    fn replace(&mut self, start: usize, end: usize, by: &str) {
        let before = self.text.get(self.copied..start).unwrap_or_default();
        self.mended.push_str(before);
        self.mended.push_str(by);
        (self.copied, self.at) = (end, end);
    }

    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.escape(),
                0..0x20 => self.replace(self.at, self.at + 1, &format!("\\u{byte:04x}")),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) {
        match (self.byte(self.at + 1), self.unit(self.at)) {
            (Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'), _) => self.at += 2,
            (Some(b'u'), Some(0xd800..0xdc00)) if matches!(self.unit(self.at + 6), Some(0xdc00..0xe000)) => {
                self.at += 12;
            }
            (Some(b'u'), Some(0xd800..0xe000)) => self.replace(self.at, self.at + 6, "\\ufffd"),
            (Some(b'u'), Some(_)) => self.at += 6,
            // Not an escape: the backslash was meant.
            (Some(_), _) => self.replace(self.at, self.at + 1, "\\\\"),
            (None, _) => self.at += 1,
        }
    }

    /// The UTF-16 unit of the escape `\uXXXX` at this place.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) {
        let start = self.at;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        while self.byte(self.at).as_ref().is_some_and(is_part) {
            self.at += 1;
        }
        let token = self.text.get(start..self.at).unwrap_or_default();
        if is_odd(token) {
            let quoted = format!("\"{token}\"");
            self.replace(start, self.at, &quoted);
        }
    }
}

/// Whether a token outside of strings is a number that `serde_json` cannot read exactly.
fn is_odd(token: &str) -> bool {
    if matches!(token, "NaN" | "Infinity" | "-Infinity") {
        return true;
    }
    let may_be = token.len() > EXACT_CHARS || token.bytes().any(|byte| matches!(byte, b'e' | b'E'));
    // A number must be well formed, but may be of any size.
    may_be
        && serde_json::from_str::<IgnoredAny>(token).is_ok()
        && (token.len() > EXACT_CHARS || token.parse::<f64>().is_ok_and(f64::is_infinite))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    #[track_caller]
    fn check(text: &str, becomes: &str) {
        assert_eq!(mended(text).as_deref(), Some(becomes), "{text}");
        serde_json::from_str::<Value>(becomes).unwrap();
        assert_eq!(mended(becomes), None, "once is enough: {becomes}");
    }

    #[test]
    fn a_bad_value_is_repaired_and_the_rest_stays() {
        check(r#"["\ud83d"]"#, r#"["\ufffd"]"#);
        check(
            r#"["\udc00\ud83d\ud83d\ude00"]"#,
            r#"["\ufffd\ufffd\ud83d\ude00"]"#,
        );
        check(r#"["\ud83d\u0041"]"#, r#"["\ufffd\u0041"]"#);
        check(r#"["\ud83d\n"]"#, r#"["\ufffd\n"]"#);
        check("[\"a\nb\u{1}集\"]", "[\"a\\u000ab\\u0001集\"]");
        check(r#"["C:\xp\u12","\'"]"#, r#"["C:\\xp\\u12","\\'"]"#);
        check(r#"{"NaN":NaN}"#, r#"{"NaN":"NaN"}"#);
        check("[Infinity,-Infinity ]", r#"["Infinity","-Infinity" ]"#);
        check("[1e999,-1E+400]", r#"["1e999","-1E+400"]"#);
        check("[123456789012345678901]", r#"["123456789012345678901"]"#);
        check("[0.30000000000000004]", r#"["0.30000000000000004"]"#);
    }

    #[test]
    fn good_json_and_text_that_is_not_json_stay() {
        for text in [
            "",
            "{",
            r#"{"a":[1,-0.5,1e3,"\ud83d\ude00\"\\\/ NaN 1e999",null,true]}"#,
            "[12345678901234567]",
            "[NaNs]",
            "[nan]",
            "[01]",
            "[1.]",
            "[+1]",
            "[--1e999]",
            "[0123456789012345678901]",
            "[undefined]",
            "<html>1e3</html>",
            "[\"never ends \\",
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(256, 20_000))]

        /// A document that `serde_json` reads keeps its meaning, except that a long number becomes a string.
        #[test]
        fn a_good_document_keeps_its_meaning(texts in prop::collection::vec(any::<String>(), 0..4), number in any::<i64>()) {
            let document = serde_json::json!({"texts": texts, "number": number});
            let text = document.to_string();
            let read: Value = mended(&text).map_or(document.clone(), |text| serde_json::from_str(&text).unwrap());
            prop_assert_eq!(&read["texts"], &document["texts"]);
            let is_unchanged = read["number"] == document["number"] || read["number"].as_str() == Some(&number.to_string());
            prop_assert!(is_unchanged, "{}", read);
        }

        /// A bad string never costs more than itself.
        #[test]
        fn no_string_costs_the_document(text in "([a-z\"]|\\\\|u[0-9a-f]{0,4}|\\PC|[\u{0}-\u{1f}]){0,20}") {
            let text = text.replace('"', "'");
            // A backslash at the end would escape the quote.
            let text = text.trim_end_matches('\\');
            let document = format!("[\"{text}\",7]");
            let document = mended(&document).unwrap_or(document);
            let read: Vec<Value> = serde_json::from_str(&document).unwrap();
            prop_assert_eq!(&read[1], 7);
        }

        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = mended(&text);
        }
    }
}
