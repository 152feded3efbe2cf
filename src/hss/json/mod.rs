//! Repairs JSON from services and helper programs so that a strict parser accepts it.
//!
//! Owns the encoding of the JSON (byte order marks, UTF-16, bytes that are not UTF-8) and the repair of
//! single values ([`mended`]): `serde_json` refuses a whole document for half a surrogate pair in one string
//! (serde-rs/json#495), for `NaN`, or for a number beyond `f64`, so one bad value would hide a page of 200
//! pods. Python's parser, and with it the official SDK, accepts all three. Must not: know what the JSON says,
//! or repair a document that is truncated or has a wrong structure.

mod mend;

use serde_json::Value;

pub use mend::mended;

/// The text of a body in the encoding of its byte order mark, without that mark. Invalid bytes become U+FFFD.
pub fn text(bytes: Vec<u8>) -> String {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The first byte after a byte order mark and white space.
pub fn first_byte(bytes: &[u8]) -> Option<u8> {
    let marks = |byte: &u8| matches!(byte, 0xef | 0xbb | 0xbf | 0xfe | 0xff | 0);
    bytes
        .iter()
        .find(|byte| !marks(byte) && !byte.is_ascii_whitespace())
        .copied()
}

/// Parses a small document: an error, a list of projects, a key pair. `None` if it is not JSON.
pub fn value(bytes: &[u8]) -> Option<Value> {
    let text = text(bytes.to_vec());
    match serde_json::from_str(&text) {
        Ok(value) => Some(value),
        Err(_) => serde_json::from_str(&mended(&text)?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text() {
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}{\"a\":\"集\u{1f600}\"}"
                .encode_utf16()
                .flat_map(order)
                .collect()
        };
        let json = "{\"a\":\"集\u{1f600}\"}";
        for bytes in [
            json.as_bytes().to_vec(),
            format!("\u{feff}{json}").into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(first_byte(&bytes), Some(b'{'));
            assert_eq!(text(bytes), json);
        }
        assert_eq!(
            text(b"a\xffb".to_vec()),
            "a\u{fffd}b",
            "an invalid byte is replaced"
        );
        assert_eq!(first_byte(b"\xef\xbb\xbf \n"), None);
    }

    #[test]
    fn one_bad_value_does_not_cost_the_document() {
        let read = |text: &str| value(text.as_bytes()).map(|value| value.to_string());
        assert_eq!(
            read(r#"{"a":"x\ud83d","b":NaN,"c":1e999}"#).as_deref(),
            Some("{\"a\":\"x\u{fffd}\",\"b\":\"NaN\",\"c\":\"1e999\"}")
        );
        for text in ["", "{", "{\"a\":", "NaNs", "{} {}", "<html>", "{\"a\":undefined}"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
