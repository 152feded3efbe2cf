//! The pieces of the fields of a record.
//!
//! Owns the bytes of each field that are the same in many records: its name, and its words if it has few. They are made once for
//! a list. Must not: know in which order the fields of a record are written.

use super::super::record::put_text;
use crate::fleet::Field;
use crate::fleet::fields::{Lists, PodField, TextField};
use crate::fleet::piece_room::{FixedPiece, PieceRoom};
use crate::fleet::piece_writer::{WINDOW, put_address, put_uuid};
use crate::fleet::row_texts::{COMMON_FIELDS, OWN_FIELDS, SentQuantity, SentText, TextsState, WordsInCommon};
use crate::fleet::snapshot::Fleet;

/// The most words of a field whose pieces are made. More would take memory that few pages need.
const MOST_WORDS: usize = 1 << 15;

/// The pieces of all fields.
#[derive(Debug)]
pub struct RecordFields {
    /// Of what each pod has for itself.
    pub own: [FieldPieces; OWN_FIELDS.len()],
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
                quoted: quoted(field),
            }
        };
        Self {
            own: OWN_FIELDS.map(pieces),
            common: COMMON_FIELDS.map(pieces),
        }
    }
}

/// The pieces of a field.
#[derive(Debug)]
pub struct FieldPieces {
    /// The field.
    pub field: TextField,
    lists: Lists,
    /// `,"pod_ip":"`
    pub quoted: FixedPiece,
    /// `,"pod_ip":null`
    null: Vec<u8>,
    /// `,"pod_ip":` with each text behind it, by code.
    pub words: Option<WordPieces>,
}

impl FieldPieces {
    /// Whether a record of this list has the field.
    #[inline]
    pub fn is_in(&self, list: Lists) -> bool {
        self.lists == Lists::Both || self.lists == list
    }

    /// Writes the field with this text at this place, and returns the place behind it. A plain text has nothing that JSON escapes.
    pub fn put(
        &self,
        memory: &mut [u8],
        at: usize,
        text: Field<SentText<'_>>,
        is_plain: bool,
    ) -> Option<usize> {
        let mut room = PieceRoom::new(memory, at);
        match text {
            Field::Absent => {}
            Field::Unreadable => room.put_first(self.null.len(), &self.null)?,
            Field::Value(text) => {
                room.put(&self.quoted)?;
                put_sent(&mut room, text, is_plain)?;
            }
        }
        Some(room.at())
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
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "see PieceRoom")]
    pub fn put(&self, room: &mut PieceRoom<'_>, code: u64) -> Option<()> {
        let code = usize::try_from(code).unwrap_or(usize::MAX);
        let before = code.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| *end as usize);
        let end = self.ends.get(code).map_or(start, |end| *end as usize);
        room.put_first(end - start, self.bytes.get(start..)?)
    }
}

/// `,"name":`
fn begin(name: &str) -> Vec<u8> {
    let mut out = vec![b','];
    put_text(&mut out, name);
    out.push(b':');
    out
}

/// `,"name":"` of a field. The names of the API's fields have nothing that JSON escapes, and one that is too long stops the build.
pub const fn quoted(field: TextField) -> FixedPiece {
    FixedPiece::of(&[",\"", field.sent().name, "\":\""])
}

/// Every name is short enough.
const _: () = {
    let mut at = 0;
    while at < TextField::ALL.len() {
        let _ = quoted(TextField::ALL[at]);
        at += 1;
    }
};

/// `,"create_time":`
pub const CREATED: FixedPiece = match PodField::Age.sent() {
    Some(sent) => FixedPiece::of(&[",\"", sent.name, "\":"]),
    None => FixedPiece::of(&[]),
};

/// Writes a text and the quotation mark behind it.
fn put_sent(room: &mut PieceRoom<'_>, text: SentText<'_>, is_plain: bool) -> Option<()> {
    match text {
        SentText::Text(text) if !is_plain => {
            let mut quoted = Vec::new();
            put_text(&mut quoted, text);
            let behind = quoted.get(1..)?;
            room.put_first(behind.len(), behind)
        }
        SentText::Text(text) => {
            room.put_first(text.len(), text.as_bytes())?;
            room.put_byte(b'"')
        }
        SentText::Uuid(uuid) => put_quoted_uuid(room, uuid),
        SentText::Address(bits) => put_quoted_address(room, bits),
        SentText::Quantity(quantity) => put_quoted_quantity(room, quantity),
    }
}

/// Writes a UUID and the quotation mark behind it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
pub fn put_quoted_uuid(room: &mut PieceRoom<'_>, uuid: u128) -> Option<()> {
    put_quoted(room, |room| put_uuid(room, uuid))
}

/// Writes an IPv4 address, the first number in the highest bits, and the quotation mark behind it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
pub fn put_quoted_address(room: &mut PieceRoom<'_>, bits: u32) -> Option<()> {
    put_quoted(room, |room| put_address(room, bits))
}

/// Writes a quantity and the quotation mark behind it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
pub fn put_quoted_quantity(room: &mut PieceRoom<'_>, quantity: SentQuantity) -> Option<()> {
    room.put_with(|room| quantity.put_quoted(room))
}

/// Writes a short text and the quotation mark behind it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
fn put_quoted(room: &mut PieceRoom<'_>, fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> Option<()> {
    room.put_with(|room| {
        let len = fill(room);
        if let Some(behind) = room.get_mut(len) {
            *behind = b'"';
        }
        len + 1
    })
}
