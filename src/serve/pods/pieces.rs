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
use crate::fleet::piece_writer::{PieceWriter, WINDOW, put_address, put_number, put_uuid};
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
    /// `,"pod_name":"`
    quoted: QuotedName,
    /// `,"pod_name":null`
    null: Vec<u8>,
    /// `,"pod_name":` with each text behind it, by code.
    words: Option<WordPieces>,
}

#[derive(Debug)]
struct WordPieces {
    place: WordPlace,
    /// All pieces, and [`WINDOW`] bytes more, so that each can be copied with what is behind it.
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
                Field::Unreadable => pieces.bytes.extend(name.iter().chain(b"null")),
                Field::Value(word) => {
                    pieces.bytes.extend_from_slice(name);
                    put_text(&mut pieces.bytes, word);
                }
            }
            pieces
                .ends
                .push(u32::try_from(pieces.bytes.len()).unwrap_or(u32::MAX));
        }
        pieces.bytes.extend([0; WINDOW]);
        pieces
    }

    #[inline]
    fn put(&self, out: &mut PieceWriter, code: usize) {
        let before = code.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.ends.get(code).map_or(start, |end| *end as usize);
        out.put_first(end - start, self.bytes.get(start..).unwrap_or_default());
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
                null: [&name[..], b"null"].concat(),
                quoted: QuotedName::of(&name),
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
    pub fn put(&self, out: &mut PieceWriter, list: Lists, fleet: &Fleet, row: u32) {
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
            let mut record = Vec::new();
            record::put(&mut record, list, pod);
            out.put(&record);
        }
    }

    fn put_texts(&self, out: &mut PieceWriter, list: Lists, texts: &RowTexts<'_>, is_plain: bool) {
        let begin = out.len();
        for pieces in &self.fields {
            if pieces.lists != Lists::Both && pieces.lists != list {
                continue;
            }
            if let Some(words) = &pieces.words {
                words.put(out, texts.word_code(words.place));
                continue;
            }
            match texts.text(pieces.field) {
                Field::Absent => {}
                Field::Unreadable => out.put(&pieces.null),
                Field::Value(text) => {
                    pieces.quoted.put(out);
                    put_sent(out, text, is_plain);
                }
            }
        }
        match texts.created() {
            Field::Absent => {}
            Field::Unreadable => {
                out.put(&self.created);
                out.put(b"null");
            }
            Field::Value(CreateTime::Milliseconds(ms)) => {
                out.put(&self.created);
                if ms < 0 {
                    out.put(b"-");
                }
                out.put_with(|room| put_number(room, ms.unsigned_abs(), 0, b""));
            }
            Field::Value(CreateTime::Word(word)) => {
                let mut text = Vec::new();
                put_text(&mut text, word.raw());
                out.put(&self.created);
                out.put(&text);
            }
        }
        // Each field begins with a comma.
        out.put_at(begin, b'{');
        out.put(b"}");
    }
}

/// `,"name":`
fn begin(name: &str) -> Vec<u8> {
    let mut out = vec![b','];
    put_text(&mut out, name);
    out.push(b':');
    out
}

/// `,"name":"`, with room behind it.
#[derive(Debug)]
struct QuotedName {
    text: [u8; WINDOW],
    len: usize,
}

impl QuotedName {
    /// The names of the API's fields are shorter than a window.
    fn of(name: &[u8]) -> Self {
        let mut text = [0; WINDOW];
        let quoted = name.iter().chain(b"\"");
        let len = text.iter_mut().zip(quoted).map(|(to, from)| *to = *from).count();
        Self { text, len }
    }

    #[inline]
    fn put(&self, out: &mut PieceWriter) {
        out.put_first(self.len, &self.text);
    }
}

/// Writes a text and the quotation mark behind it.
#[inline]
fn put_sent(out: &mut PieceWriter, text: SentText<'_>, is_plain: bool) {
    match text {
        SentText::Text(text) if !is_plain => {
            let mut quoted = Vec::new();
            put_text(&mut quoted, text);
            out.put(quoted.get(1..).unwrap_or_default());
        }
        SentText::Text(text) => {
            out.put(text.as_bytes());
            out.put(b"\"");
        }
        SentText::Uuid(uuid) => out.put_with(|room| quoted(room, |room| put_uuid(room, uuid))),
        SentText::Address(bits) => out.put_with(|room| quoted(room, |room| put_address(room, bits))),
        SentText::Quantity(digits, fraction, letters) => {
            out.put_with(|room| put_number(room, digits, fraction.into(), letters.as_bytes()));
            out.put(b"\"");
        }
    }
}

/// Adds the quotation mark behind a text.
#[inline]
fn quoted(room: &mut [u8; WINDOW], fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> usize {
    let len = fill(room);
    if let Some(behind) = room.get_mut(len) {
        *behind = b'"';
    }
    len + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use proptest::prelude::*;

    fn both(fleet: &Fleet) -> [Vec<u8>; 2] {
        let pieces = RecordPieces::of(fleet);
        let (mut from_pieces, mut from_pods) = (PieceWriter::default(), Vec::new());
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
        [from_pieces.written().to_vec(), from_pods]
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(128, 2_500))]

        #[test]
        fn a_record_from_pieces_has_the_bytes_of_one_from_its_pod(pods in proptest::collection::vec(pods(), 1..12)) {
            let fleet: Fleet = pods.into_iter().collect();
            let [from_pieces, from_pods] = both(&fleet);
            prop_assert_eq!(String::from_utf8(from_pieces), String::from_utf8(from_pods));
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
