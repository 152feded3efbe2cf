//! The pieces of the fields of a record.
//!
//! Owns the bytes of each field that are the same in many records: its name, and its words if it has few. They are made once for
//! a list. Must not: know in which order the fields of a record are written.

use super::super::record::put_text;
use crate::fleet::Field;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::piece_writer::{PieceWriter, SHORT, WINDOW, put_address, put_uuid};
use crate::fleet::row_texts::{COMMON_FIELDS, OWN_FIELDS, SentQuantity, SentText, TextsState, WordsInCommon};
use crate::fleet::snapshot::Fleet;

/// The most words of a field whose pieces are made. More would take memory that few pages need.
const MOST_WORDS: usize = 1 << 15;

/// The pieces of all fields.
#[derive(Debug)]
pub struct RecordFields {
    /// Of what each pod has for itself.
    pub own: [FieldPieces; OWN_FIELDS.len()],
    /// `,"create_time":`
    pub created: QuotedName,
    /// Of what neighbours have in common.
    pub common: [FieldPieces; COMMON_FIELDS.len()],
}

impl RecordFields {
    /// The pieces of the fields of a fleet, whose texts in common are in this state.
    pub fn of(fleet: &Fleet, in_common: TextsState) -> Self {
        let pieces = |field: TextField| {
            let sent = field.sent();
            let name = begin(sent.name);
            let words = fleet.words_in_common(field);
            let words =
                words.filter(|words| in_common != TextsState::Secret && words.words.len() <= MOST_WORDS);
            FieldPieces {
                field,
                lists: sent.lists,
                words: words.map(|words| WordPieces::of(&name, &words)),
                null: [&name[..], b"null"].concat(),
                quoted: QuotedName::of(&name, b"\""),
            }
        };
        let created = begin(PodField::Age.sent().map_or("", |sent| sent.name));
        Self {
            own: OWN_FIELDS.map(pieces),
            common: COMMON_FIELDS.map(pieces),
            created: QuotedName::of(&created, b""),
        }
    }
}

/// The pieces of a field.
#[derive(Debug)]
pub struct FieldPieces {
    /// The field.
    pub field: TextField,
    lists: Lists,
    /// `,"pod_name":"`
    pub quoted: QuotedName,
    /// `,"pod_name":null`
    null: Vec<u8>,
    /// `,"pod_name":` with each text behind it, by code.
    pub words: Option<WordPieces>,
}

impl FieldPieces {
    /// Whether a record of this list has the field.
    #[inline]
    pub fn is_in(&self, list: Lists) -> bool {
        self.lists == Lists::Both || self.lists == list
    }

    /// Writes the field with this text. A plain text has nothing that JSON escapes.
    #[inline]
    pub fn put(&self, out: &mut PieceWriter, text: Field<SentText<'_>>, is_plain: bool) {
        match text {
            Field::Absent => {}
            Field::Unreadable => out.put(&self.null),
            Field::Value(text) => {
                self.quoted.put(out);
                put_sent(out, text, is_plain);
            }
        }
    }
}

/// The same as [`FieldPieces::put`] for what nearly every pod has, without a choice among all kinds of text.
impl FieldPieces {
    /// Writes the field with a UUID.
    #[inline]
    pub fn put_uuid(&self, out: &mut PieceWriter, uuid: u128) {
        self.quoted.put(out);
        put_quoted(out, |room| put_uuid(room, uuid));
    }

    /// Writes the field with an IPv4 address, the first number in the highest bits.
    #[inline]
    pub fn put_address(&self, out: &mut PieceWriter, bits: u32) {
        self.quoted.put(out);
        put_quoted(out, |room| put_address(room, bits));
    }

    /// Writes the field with a quantity.
    #[inline]
    pub fn put_quantity(&self, out: &mut PieceWriter, quantity: SentQuantity) {
        self.quoted.put(out);
        put_quoted(out, |room| quantity.put(room));
    }
}

/// A field with each of its words.
#[derive(Debug)]
pub struct WordPieces {
    /// All pieces, and [`WINDOW`] bytes more, so that each can be copied with what is behind it.
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl WordPieces {
    fn of(name: &[u8], words: &WordsInCommon<'_>) -> Self {
        let mut pieces = Self {
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

    /// Writes the field with the word that has this code.
    #[inline]
    pub fn put(&self, out: &mut PieceWriter, code: u64) {
        let code = usize::try_from(code).unwrap_or(usize::MAX);
        let before = code.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.ends.get(code).map_or(start, |end| *end as usize);
        out.put_first(end - start, self.bytes.get(start..).unwrap_or_default());
    }
}

/// `,"name":`
fn begin(name: &str) -> Vec<u8> {
    let mut out = vec![b','];
    put_text(&mut out, name);
    out.push(b':');
    out
}

/// A name fits into [`SHORT`] with a comma, three quotation marks and a colon.
const _: () = {
    let mut at = 0;
    while at < TextField::ALL.len() {
        assert!(TextField::ALL[at].sent().name.len() + 5 <= SHORT);
        at += 1;
    }
};

/// `,"name":"`, with room behind it.
#[derive(Debug)]
pub struct QuotedName {
    text: [u8; SHORT],
    len: usize,
}

impl QuotedName {
    /// The names of the API's fields are short enough, see above.
    fn of(name: &[u8], behind: &[u8]) -> Self {
        let mut text = [0; SHORT];
        let quoted = name.iter().chain(behind);
        let len = text.iter_mut().zip(quoted).map(|(to, from)| *to = *from).count();
        Self { text, len }
    }

    /// Writes it.
    #[inline]
    pub fn put(&self, out: &mut PieceWriter) {
        out.put_short(self.len, &self.text);
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
        SentText::Uuid(uuid) => put_quoted(out, |room| put_uuid(room, uuid)),
        SentText::Address(bits) => put_quoted(out, |room| put_address(room, bits)),
        SentText::Quantity(quantity) => put_quoted(out, |room| quantity.put(room)),
    }
}

/// Writes a short text and the quotation mark behind it.
#[inline]
fn put_quoted(out: &mut PieceWriter, fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) {
    out.put_with(|room| {
        let len = fill(room);
        if let Some(behind) = room.get_mut(len) {
            *behind = b'"';
        }
        len + 1
    });
}
