//! Records of pods from pieces that many of them have in common.
//!
//! Nearly all of a page is the same in many pages: names of fields, clusters, nodes, words. Their bytes are made once for a list
//! and then copied, and what each pod has for itself is written straight from the store. The texts are searched for secrets once
//! for each part of the list; a row of a part that has one is not written here. Owns that a record has the same bytes as
//! [`record::put`] writes. Must not: know pages.

use std::sync::OnceLock;

use super::record::{self, put_text};
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::row_texts::{RowTexts, SentText, TextsState, WordPlace, WordsInCommon};
use crate::fleet::{Field, Fleet};
use crate::secrets;

/// The most words of a field whose pieces are made. More would take memory that few pages need.
const MOST_WORDS: usize = 1 << 15;

/// The pieces of the records of a list.
#[derive(Debug)]
pub struct RecordPieces {
    /// Of the secrets that were searched for.
    version: u64,
    fields: Vec<FieldPieces>,
    /// `,"create_time":`
    created: Vec<u8>,
    in_common: TextsState,
    parts: Vec<OnceLock<TextsState>>,
}

/// The pieces of a field.
#[derive(Debug)]
struct FieldPieces {
    field: TextField,
    lists: Lists,
    /// `,"pod_name":`
    name: Vec<u8>,
    /// The same with each text behind it, by code.
    words: Option<WordPieces>,
}

#[derive(Debug)]
struct WordPieces {
    place: WordPlace,
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl WordPieces {
    fn of(name: &[u8], words: &WordsInCommon<'_>) -> Self {
        let mut pieces = Self {
            place: words.place,
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        for word in &words.words {
            match word {
                Field::Absent => {}
                Field::Unreadable => put_null(&mut pieces.bytes, name),
                Field::Value(word) => {
                    pieces.bytes.extend_from_slice(name);
                    put_text(&mut pieces.bytes, word);
                }
            }
            pieces
                .ends
                .push(u32::try_from(pieces.bytes.len()).unwrap_or(u32::MAX));
        }
        pieces
    }

    #[inline]
    fn get(&self, code: usize) -> &[u8] {
        let before = code.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.ends.get(code).map_or(start, |end| *end as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }
}

impl RecordPieces {
    /// The pieces of the records of a fleet.
    pub fn of(fleet: &Fleet) -> Self {
        let version = secrets::version();
        let in_common = fleet.texts_in_common();
        let fields = TextField::ALL.iter().map(|field| {
            let sent = field.sent();
            let name = begin(sent.name);
            let words = fleet.words_in_common(*field);
            let words =
                words.filter(|words| in_common != TextsState::Secret && words.words.len() <= MOST_WORDS);
            FieldPieces {
                field: *field,
                lists: sent.lists,
                words: words.map(|words| WordPieces::of(&name, &words)),
                name,
            }
        });
        Self {
            version,
            fields: fields.collect(),
            created: begin(PodField::Age.sent().map_or("", |sent| sent.name)),
            in_common,
            parts: (0..fleet.parts()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether its texts were searched for all secrets that are known now.
    pub fn are_current(&self) -> bool {
        self.version == secrets::version()
    }

    /// Writes the record of a row in one list; nothing if the row holds no pod.
    pub fn put(&self, out: &mut Vec<u8>, list: Lists, fleet: &Fleet, row: u32) {
        let part = Fleet::part_of(row);
        let state = self.parts.get(part);
        let state = state.map_or(TextsState::Secret, |state| {
            *state.get_or_init(|| fleet.texts_of_rows(part))
        });
        if let (Some(texts), false) = (
            fleet.row_texts(row),
            [state, self.in_common].contains(&TextsState::Secret),
        ) {
            // A text that a few rows have is among those that rows have in common.
            let is_plain = [state, self.in_common] == [TextsState::Plain; 2];
            self.put_texts(out, list, &texts, is_plain);
        } else if let Some(pod) = fleet.pod(row) {
            record::put(out, list, pod);
        }
    }

    fn put_texts(&self, out: &mut Vec<u8>, list: Lists, texts: &RowTexts<'_>, is_plain: bool) {
        let begin = out.len();
        for pieces in &self.fields {
            if pieces.lists != Lists::Both && pieces.lists != list {
                continue;
            }
            if let Some(words) = &pieces.words {
                out.extend_from_slice(words.get(texts.word_code(words.place)));
                continue;
            }
            match texts.text(pieces.field) {
                Field::Absent => {}
                Field::Unreadable => put_null(out, &pieces.name),
                Field::Value(text) => {
                    out.extend_from_slice(&pieces.name);
                    put_sent(out, text, is_plain);
                }
            }
        }
        match texts.created() {
            Field::Absent => {}
            Field::Unreadable => put_null(out, &self.created),
            Field::Value(CreateTime::Milliseconds(ms)) => {
                out.extend_from_slice(&self.created);
                if ms < 0 {
                    out.push(b'-');
                }
                put_digits(out, ms.unsigned_abs(), 0);
            }
            Field::Value(CreateTime::Word(word)) => {
                out.extend_from_slice(&self.created);
                put_text(out, word.raw());
            }
        }
        // Each field begins with a comma.
        match out.get_mut(begin) {
            Some(first) => *first = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }
}

/// `,"name":`
fn begin(name: &str) -> Vec<u8> {
    let mut out = vec![b','];
    put_text(&mut out, name);
    out.push(b':');
    out
}

fn put_null(out: &mut Vec<u8>, name: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(b"null");
}

#[inline]
fn put_sent(out: &mut Vec<u8>, text: SentText<'_>, is_plain: bool) {
    match text {
        SentText::Text(text) if !is_plain => put_text(out, text),
        SentText::Text(text) => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        SentText::Uuid(uuid) => put_uuid(out, uuid),
        SentText::Address(bits) => {
            out.push(b'"');
            for (at, byte) in bits.to_be_bytes().into_iter().enumerate() {
                if at > 0 {
                    out.push(b'.');
                }
                put_digits(out, byte.into(), 0);
            }
            out.push(b'"');
        }
        SentText::Quantity(digits, fraction, letters) => {
            out.push(b'"');
            put_digits(out, digits, fraction.into());
            out.extend_from_slice(letters.as_bytes());
            out.push(b'"');
        }
    }
}

/// Writes a number with a point before the last `fraction` digits, if there are any.
#[inline]
fn put_digits(out: &mut Vec<u8>, mut number: u64, fraction: usize) {
    let mut text = [0; 32];
    let (mut start, mut digits) = (text.len(), 0);
    while let Some(at) = start.checked_sub(1) {
        if digits > fraction && number == 0 {
            break;
        }
        start = at;
        let is_point = fraction > 0 && digits == fraction && text.get(at + 1) != Some(&b'.');
        text[at] = if is_point {
            b'.'
        } else {
            digits += 1;
            let digit = u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
            b'0' + digit
        };
    }
    out.extend_from_slice(&text[start..]);
}

#[inline]
fn put_uuid(out: &mut Vec<u8>, uuid: u128) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 38];
    (text[0], text[37]) = (b'"', b'"');
    // Behind the quotation mark and the hyphens so far.
    let places = [1, 3, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27, 29, 31, 33, 35];
    for (at, byte) in places.into_iter().zip(uuid.to_be_bytes()) {
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
    }
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use proptest::prelude::*;

    fn both(fleet: &Fleet) -> [Vec<u8>; 2] {
        let pieces = RecordPieces::of(fleet);
        let (mut from_pieces, mut from_pods) = (Vec::new(), Vec::new());
        for row in fleet.rows() {
            let pod = fleet.pod(row).unwrap();
            for (list, is_listed) in [
                (Lists::Node, pod.node.is_some()),
                (Lists::Serverless, pod.serverless.is_some()),
            ] {
                if is_listed {
                    pieces.put(&mut from_pieces, list, fleet, row);
                    record::put(&mut from_pods, list, pod.clone());
                }
            }
        }
        [from_pieces, from_pods]
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(128, 2_500))]

        #[test]
        fn a_record_from_pieces_has_the_bytes_of_one_from_its_pod(pods in proptest::collection::vec(pods(), 1..12)) {
            let fleet: Fleet = pods.into_iter().collect();
            let [from_pieces, from_pods] = both(&fleet);
            prop_assert_eq!(String::from_utf8(from_pieces), String::from_utf8(from_pods));
        }

        #[test]
        fn digits_are_those_of_the_number(number in any::<u64>(), shift in 0_u32..64, fraction in 0_usize..17) {
            let number = number >> shift;
            let mut out = Vec::new();
            put_digits(&mut out, number, fraction);
            let mut text = format!("{number:0>width$}", width = fraction + 1);
            if fraction > 0 {
                text.insert(text.len() - fraction, '.');
            }
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn a_secret_that_is_learnt_later_is_in_no_record() {
        let secret = "pieces-Late_Secret+7";
        let fleet: Fleet = [
            node(&format!("a-{secret}"))
                .usage("1.5", "2", "0.25Gi", "1e3")
                .build(),
            node("b").within("c", "n").build(),
        ]
        .into_iter()
        .collect();
        let before = RecordPieces::of(&fleet);
        assert!(before.are_current());
        secrets::protect(secret);
        assert!(!before.are_current());
        let [from_pieces, from_pods] = both(&fleet).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(from_pieces, from_pods);
        assert!(!from_pieces.contains("Late_Secret"), "{from_pieces}");
    }
}
