//! A text without its escapes, and the original place of each byte.
//!
//! A repeated secret may be escaped as in a URL, in JSON or in HTML, or folded over lines, and libraries
//! differ in which characters they escape. Knowing every such form beforehand would take as many forms as
//! there are libraries; decoding the text takes one pass, whatever was escaped. So the decoded text is
//! searched as well as the text itself. White space and `+`, which is a space in forms, are left out on both
//! sides: a secret may be folded or contain spaces. A text that was escaped twice is decoded twice. Must not:
//! know a secret.

/// The first characters of escapes: percent, backslash, ampersand.
const SIGNS: [u8; 3] = *b"%\\&";
/// The longest HTML character reference that is decoded, in bytes.
const REFERENCE: usize = 12;

/// A start and an end in the text.
type Unit = (usize, usize);

/// A text without its escapes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PlainBytes {
    pub(super) bytes: Vec<u8>,
    /// The original place of each byte: all of the escape, if it was one.
    units: Vec<Unit>,
    /// The place of every escape in the text.
    escapes: Vec<Unit>,
}

/// Whether a text contains an escape.
pub(super) fn has_escape(text: &[u8]) -> bool {
    memchr::memchr3_iter(SIGNS[0], SIGNS[1], SIGNS[2], text)
        .any(|at| text.get(at..).is_some_and(|rest| escape(rest).is_some()))
}

/// The parts of a list that contain escapes: the strings between two quotes. Nothing else needs decoding.
pub(super) fn escaped_parts(list: &[u8]) -> Vec<Unit> {
    let mut parts: Vec<Unit> = Vec::new();
    let mut done = 0;
    for at in memchr::memchr3_iter(SIGNS[0], SIGNS[1], SIGNS[2], list) {
        if at < done || list.get(at..).is_none_or(|rest| escape(rest).is_none()) {
            continue;
        }
        let between = list.get(done..at).unwrap_or_default();
        let start = memchr::memrchr(b'"', between).map_or(done, |quote| done + quote + 1);
        done = end_of_text(list, at);
        parts.push((start, done));
    }
    parts
}

/// The place of the first unescaped quote after `at`, or the end.
fn end_of_text(list: &[u8], mut at: usize) -> usize {
    while let Some(next) = memchr::memchr2(b'"', b'\\', list.get(at..).unwrap_or_default()) {
        at += next;
        if list.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    list.len()
}

/// Whether the decoded text equals the text: nothing is left out or escaped.
pub(super) fn is_plain(text: &[u8]) -> bool {
    // All bytes, so that many are looked at at once. Names and ids have none of these.
    let is_special = |byte: u8| is_left_out(byte) | matches!(byte, b'%' | b'\\' | b'&');
    if !text.iter().fold(false, |any, byte| any | is_special(*byte)) {
        return true;
    }
    !text.iter().any(|byte| is_left_out(*byte)) && !has_escape(text)
}

/// Leaves out white space and `+`.
pub(super) fn without_space(text: &str) -> String {
    let kept = |character: &char| !u8::try_from(*character).is_ok_and(is_left_out);
    text.chars().filter(kept).collect()
}

fn is_left_out(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'+')
}

impl PlainBytes {
    /// Decodes a text.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut plain = Self {
            bytes: Vec::with_capacity(text.len()),
            units: Vec::with_capacity(text.len()),
            escapes: Vec::new(),
        };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let read = rest
                .first()
                .filter(|first| SIGNS.contains(first))
                .and_then(|_| escape(rest));
            let length = read.as_ref().map_or(1, |(_, length)| *length);
            let unit = (at, at + length);
            if let Some((meant, _)) = read {
                plain.escapes.push(unit);
                plain.push(meant.bytes(), unit);
            } else {
                plain.push(rest.get(..1).unwrap_or_default(), unit);
            }
            at += length;
        }
        plain
    }

    fn push(&mut self, bytes: &[u8], unit: Unit) {
        // An escaped `+` means a `+`; it is left out because the secret's form leaves it out too.
        for byte in bytes.iter().filter(|byte| !is_left_out(**byte)) {
            self.bytes.push(*byte);
            self.units.push(unit);
        }
    }

    /// The same, with places in the text from which `earlier` was decoded.
    pub(super) fn over(mut self, earlier: &Self) -> Self {
        for unit in &mut self.units {
            *unit = earlier.place(*unit);
        }
        self.escapes.clear();
        self
    }

    /// The original place of the bytes from a start to an end.
    pub(super) fn place(&self, (start, end): Unit) -> Unit {
        let first = self.units.get(start).map_or(0, |unit| unit.0);
        let last = end.checked_sub(1).and_then(|last| self.units.get(last));
        (first, last.map_or(first, |unit| unit.1))
    }

    /// A place in the text, widened to include every escape that it cuts.
    pub(super) fn with_whole_escapes(&self, (start, end): Unit) -> Unit {
        let around = |at: usize| {
            let behind = self.escapes.partition_point(|escape| escape.0 < at);
            let escape = behind.checked_sub(1).and_then(|before| self.escapes.get(before));
            escape.filter(|escape| at < escape.1)
        };
        (
            around(start).map_or(start, |escape| escape.0),
            around(end).map_or(end, |escape| escape.1),
        )
    }
}

/// The meaning of an escape.
enum Meant {
    Byte([u8; 1]),
    Character([u8; 4], usize),
}

impl Meant {
    fn character(character: char) -> Self {
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self::Character(bytes, length)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => byte,
            Self::Character(bytes, length) => bytes.get(..*length).unwrap_or_default(),
        }
    }
}

/// The meaning and the length of the escape at the start; `None` if there is no escape.
fn escape(text: &[u8]) -> Option<(Meant, usize)> {
    match text.first()? {
        b'%' => Some((Meant::Byte([hex_byte(text.get(1..3)?)?]), 3)),
        b'&' => reference(text),
        _ => backslash(text),
    }
}

/// An escape of JSON, or `\xXX` of other languages.
fn backslash(text: &[u8]) -> Option<(Meant, usize)> {
    let byte = match text.get(1)? {
        b'u' => return utf16(text),
        b'x' => return Some((Meant::Byte([hex_byte(text.get(2..4)?)?]), 4)),
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other @ (b'"' | b'\'' | b'\\' | b'/') => *other,
        _ => return None,
    };
    Some((Meant::Byte([byte]), 2))
}

/// `\uXXXX`; a surrogate pair is one character.
fn utf16(text: &[u8]) -> Option<(Meant, usize)> {
    let unit = |text: &[u8]| {
        let digits = text.strip_prefix(b"\\u")?.get(..4)?;
        Some(u16::from_be_bytes([
            hex_byte(digits.get(..2)?)?,
            hex_byte(digits.get(2..)?)?,
        ]))
    };
    let units = [Some(unit(text)?), text.get(6..).and_then(unit)];
    let decoded = char::decode_utf16(units.into_iter().flatten()).next()?;
    let (character, length) = match decoded {
        Ok(character) => (character, 6 * character.len_utf16()),
        Err(_) => (char::REPLACEMENT_CHARACTER, 6),
    };
    Some((Meant::character(character), length))
}

/// `&amp;`, `&#38;`, `&#x26;`: with leading zeros, and also without the semicolon.
fn reference(text: &[u8]) -> Option<(Meant, usize)> {
    let rest = text.get(1..)?;
    for (name, character) in [
        (&b"amp;"[..], '&'),
        (b"lt;", '<'),
        (b"gt;", '>'),
        (b"quot;", '"'),
        (b"apos;", '\''),
        (b"nbsp;", ' '),
        (b"sol;", '/'),
        (b"plus;", '+'),
        (b"equals;", '='),
    ] {
        if rest.starts_with(name) {
            return Some((Meant::character(character), 1 + name.len()));
        }
    }
    let number = rest.strip_prefix(b"#")?;
    let (digits, radix, before) = match number.first()? {
        b'x' | b'X' => (number.get(1..)?, 16, 3),
        _ => (number, 10, 2),
    };
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let length = digits.iter().take(REFERENCE).take_while(is_digit).count();
    let code = std::str::from_utf8(digits.get(..length)?).ok()?;
    let character = char::from_u32(u32::from_str_radix(code, radix).ok()?)?;
    let semicolon = usize::from(digits.get(length) == Some(&b';'));
    Some((Meant::character(character), before + length + semicolon))
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*digits.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        String::from_utf8_lossy(&PlainBytes::of(text.as_bytes()).bytes).into_owned()
    }

    #[test]
    fn the_parts_with_escapes_are_found_from_the_first_byte_to_the_last() {
        assert_eq!(escaped_parts(br#"%41b","c","d%41""#), [(0, 4), (11, 15)]);
        assert_eq!(escaped_parts(b"&amp;"), [(0, 5)]);
    }

    #[test]
    fn each_escape_is_decoded() {
        for (text, plain) in [
            ("a%2Fb%2fc", "a/b/c"),
            ("a%20b+c%2Bd\r\n e", "abcde"),
            (r"a\u0026b\u003Cc", "a&b<c"),
            (r"\ud83d\ude00", "\u{1f600}"),
            (r"\ud83dA", "\u{fffd}A"),
            (r#"\/\\\"\'"#, r#"/\"'"#),
            (r"a\nb\tc", "abc"),
            (r"a\bb\fc", "a\u{8}b\u{c}c"),
            (r"\x41\x4", r"A\x4"),
            ("&amp;&#38;&#038;&#x26;&#X0026;&#38", "&&&&&&"),
            ("&lt;&gt;&quot;&apos;&sol;&equals;&nbsp;", "<>\"'/="),
            ("%E4%BD%A0", "你"),
            // What is not an escape stays.
            ("100% a% %zz %4", "100%a%%zz%4"),
            (r"\u00 \u00zz9 \q \", r"\u00\u00zz9\q\"),
            (
                "& &x &# &#x &#; &amp &#xd800; &#99999999999999;",
                "&&x&#&#x&#;&amp&#xd800;&#99999999999999;",
            ),
        ] {
            assert_eq!(read(text), plain, "{text}");
        }
    }

    #[test]
    fn places_refer_to_the_text_even_after_two_passes() {
        let text = r"x %252F\\u0026 y";
        let first = PlainBytes::of(text.as_bytes());
        assert_eq!(first.bytes, br"x%2F\u0026y");
        let second = PlainBytes::of(&first.bytes).over(&first);
        assert_eq!(second.bytes, b"x/&y");
        let stood = |unit| {
            let (start, end) = second.place(unit);
            text.get(start..end).unwrap()
        };
        assert_eq!(stood((1, 2)), "%252F");
        assert_eq!(stood((2, 3)), r"\\u0026");
        assert_eq!(stood((0, 1)), "x", "without the space after it");
        assert_eq!(stood((1, 4)), r"%252F\\u0026 y");
    }

    #[test]
    fn a_place_within_an_escape_is_widened_to_all_of_it() {
        let plain = PlainBytes::of(br"ab\nc\u0041");
        assert_eq!(plain.with_whole_escapes((3, 5)), (2, 5));
        assert_eq!(plain.with_whole_escapes((4, 7)), (4, 11));
        assert_eq!(plain.with_whole_escapes((2, 4)), (2, 4));
        assert_eq!(plain.with_whole_escapes((0, 11)), (0, 11));
    }

    #[test]
    fn only_strings_with_escapes_of_a_list_are_decoded() {
        for (list, parts) in [
            (r#"{"a":"b","c":"d"}"#, vec![]),
            (r#"{"a":"b\n c","c":"100%"}"#, vec![r"b\n c"]),
            (
                r#"{"a":"\"b\" c","d":"%41&lt;","e":1}"#,
                vec![r#"\"b\" c"#, "%41&lt;"],
            ),
            (r#"{"a\u0041":"b"}"#, vec![r"a\u0041"]),
            (r"no quote %41, \", vec![r"no quote %41, \"]),
            (r#""a\\","b""#, vec![r"a\\"]),
        ] {
            let found = escaped_parts(list.as_bytes());
            let found: Vec<&str> = found
                .iter()
                .map(|(start, end)| list.get(*start..*end).unwrap())
                .collect();
            assert_eq!(found, parts, "{list}");
        }
    }

    #[test]
    fn plain_texts_are_recognised() {
        for text in ["", "abc", "100%", "a&b", r"\q", "50%zz"] {
            assert!(
                is_plain(text.as_bytes()) && !has_escape(text.as_bytes()),
                "{text}"
            );
        }
        for text in ["a b", "a+b", "a\tb"] {
            assert!(
                !is_plain(text.as_bytes()) && !has_escape(text.as_bytes()),
                "{text}"
            );
        }
        for text in ["a%20b", r"\n", "&amp;", "100% %41"] {
            assert!(
                !is_plain(text.as_bytes()) && has_escape(text.as_bytes()),
                "{text}"
            );
        }
        assert_eq!(without_space("a b+c\td\u{a0}ж"), "abcd\u{a0}ж");
    }
}
