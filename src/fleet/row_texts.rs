//! The texts of a row as HSS sent them, without a copy of any.
//!
//! Owns reading all texts of many rows for a list that is sent on. Remote text usually becomes a [`RemoteText`](super::RemoteText)
//! where it is read, which searches it for secrets; here many texts are searched at once ([`TextsState`]), and only a row
//! of a part without any is read. A pod in both lists is not read here. Must not: be used for what a person sees.

mod batch;
mod own;

use std::borrow::Cow;

use super::create_time::CreateTime;
use super::field::Field;
use super::fields::{PodText, TextField};
use super::piece_writer::{PieceWriter, WINDOW, put_address, put_letters, put_number, put_uuid};
use super::quantity::SUFFIXES;
use super::snapshot::Fleet;
use super::store::chunk::{CHUNK_ROWS, Chunk, Col};
use super::store::dictionary::{ABSENT, UNREADABLE};
use super::store::encoding::{
    IS_UUID, RESCANNING, SCANNING, address, column_of, created_ms, odd_ip, odd_quantity, parts,
};
use super::store::places::{TextPlace, places};
use crate::secrets;
pub use batch::{BatchRoom, BatchRow, COMMON_FIELDS, OWN_FIELDS, RowBatch, own_place};
pub use own::{BATCH_ROWS, OwnNumbers, OwnValues};

/// Separates texts that are searched together. A token does not go on behind it.
const BETWEEN: u8 = b'|';

/// What a search of many texts found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextsState {
    /// One may have a secret in it.
    Secret,
    /// None has a secret, and one has other characters than printable ASCII, a quotation mark or a backslash.
    Odd,
    /// None has either.
    Plain,
}

impl TextsState {
    fn of(texts: &str) -> Self {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        // Without an end before the last byte, the processor looks at many at once.
        let are_plain = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & is_plain(*byte));
        if matches!(secrets::redact(texts), Cow::Owned(_)) {
            Self::Secret
        } else if texts.as_bytes().chunks(4096).all(are_plain) {
            Self::Plain
        } else {
            Self::Odd
        }
    }
}

/// A text of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentText<'a> {
    /// A text.
    Text(&'a str),
    /// A UUID in its usual form.
    Uuid(u128),
    /// An IPv4 address in its usual form, the first number in the highest bits.
    Address(u32),
    /// A quantity.
    Quantity(SentQuantity),
}

/// A quantity as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentQuantity {
    /// Its digits.
    digits: u64,
    /// How many of the last digits come after the point.
    fraction: u8,
    /// The place in [`SUFFIXES`] of the letters behind them.
    suffix: u8,
}

/// The letters of each quantity and a quotation mark, and how many bytes that is.
const QUOTED_SUFFIXES: [([u8; 4], u8); SUFFIXES.len()] = {
    let mut quoted = [([b'"'; 4], 1); SUFFIXES.len()];
    let mut number = 0;
    while number < SUFFIXES.len() {
        let (letters, mut at) = (SUFFIXES[number].as_bytes(), 0);
        while at < letters.len() {
            quoted[number].0[at] = letters[at];
            quoted[number].1 += 1;
            at += 1;
        }
        assert!(at < 4, "there is no room for the quotation mark");
        number += 1;
    }
    quoted
};

impl SentQuantity {
    /// The quantity with this number, if the number says all of it.
    #[inline]
    fn of(code: u64) -> Option<Self> {
        let parts = parts(code)?;
        Some(Self {
            digits: parts.mantissa,
            fraction: parts.fraction,
            suffix: parts.suffix,
        })
    }

    /// Writes it and a quotation mark; returns the length of both.
    #[inline]
    pub fn put_quoted(self, room: &mut [u8; WINDOW]) -> usize {
        let len = put_number(room, self.digits, self.fraction.into(), b"");
        let letters = QUOTED_SUFFIXES.get(usize::from(self.suffix));
        letters.map_or(len, |letters| put_letters(room, len, *letters))
    }
}

/// The texts of a field that rows have in common.
#[derive(Debug)]
pub struct WordsInCommon<'a> {
    /// Where a row says which of them it has.
    pub place: WordPlace,
    /// The texts by [`RowTexts::word_code`].
    pub words: Vec<Field<&'a str>>,
}

/// Where rows say which of the texts in common they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordPlace(Col);

/// The texts of a row.
#[derive(Debug, Clone, Copy)]
pub struct RowTexts<'a> {
    fleet: &'a Fleet,
    chunk: &'a Chunk,
    at: usize,
}

impl Fleet {
    /// In how many parts the rows are searched for secrets.
    pub fn parts(&self) -> usize {
        self.chunks().len()
    }

    /// The part that a row is in.
    pub const fn part_of(row: u32) -> usize {
        (row / CHUNK_ROWS) as usize
    }

    /// The texts of a row; `None` if its pod is in both lists, or if names are masked.
    pub fn row_texts(&self, row: u32) -> Option<RowTexts<'_>> {
        let (chunk, at) = self.at(row)?;
        let is_in_both = u16::try_from(at).is_ok_and(|at| chunk.twins.contains_key(&at));
        (!is_in_both && self.pseudonyms().is_none()).then_some(RowTexts {
            fleet: self,
            chunk,
            at,
        })
    }

    /// Searches the texts that each row of a part has for itself.
    pub fn texts_of_rows(&self, part: usize) -> TextsState {
        let texts = self.texts_of_part(part);
        // It is UTF-8; a text that could not be searched must not be sent.
        std::str::from_utf8(texts.written()).map_or(TextsState::Secret, TextsState::of)
    }

    /// Searches the texts that rows have in common.
    pub fn texts_in_common(&self) -> TextsState {
        TextsState::of(&self.shared_texts())
    }

    /// The texts of a field that rows have in common; `None` for a field whose texts are not.
    pub fn words_in_common(&self, field: TextField) -> Option<WordsInCommon<'_>> {
        let col = column_of(field)?;
        Some(WordsInCommon {
            place: WordPlace(col),
            words: self.words().of(col).table(|word| word),
        })
    }

    /// The texts that rows have in common.
    fn shared_texts(&self) -> String {
        let mut texts = String::new();
        let mut add = |word: &str| {
            texts.push_str(word);
            texts.push(BETWEEN.into());
        };
        for text in PodText::ALL {
            for place in places(*text) {
                if let TextPlace::Word(col) = place {
                    self.words().of(*col).iter().for_each(&mut add);
                }
            }
        }
        self.words().odd().iter().for_each(&mut add);
        texts
    }

    /// The texts that each row of a part has for itself, in the form in which they are sent.
    fn texts_of_part(&self, part: usize) -> PieceWriter {
        let mut texts = PieceWriter::default();
        let Some(chunk) = self.chunks().get(part) else {
            return texts;
        };
        for at in 0..chunk.len() {
            texts.put(chunk.name(at).as_bytes());
            texts.put_byte(BETWEEN);
            if chunk.code(Col::Id, at) == IS_UUID {
                texts.put_with(|room| put_uuid(room, chunk.uuid(at)));
                texts.put_byte(BETWEEN);
            }
            if let Some(address) = address(chunk.code(Col::PodIp, at)) {
                texts.put_with(|room| put_address(room, address.to_bits()));
                texts.put_byte(BETWEEN);
            }
            for col in QUANTITIES {
                if let Some(quantity) = SentQuantity::of(chunk.code(col, at)) {
                    texts.put_with(|room| quantity.put_quoted(room) - 1);
                    texts.put_byte(BETWEEN);
                }
            }
        }
        texts
    }
}

const QUANTITIES: [Col; 4] = [Col::Cpu, Col::Memory, Col::CpuLimit, Col::MemoryLimit];

impl<'a> RowTexts<'a> {
    /// Which of the texts in common the row has.
    #[inline]
    pub fn word_code(&self, WordPlace(col): WordPlace) -> usize {
        usize::try_from(word_code(self.code(col), col)).unwrap_or(usize::MAX)
    }

    /// A text exactly as HSS sent it.
    #[inline]
    pub fn text(&self, field: TextField) -> Field<SentText<'a>> {
        text_of(self.fleet, self.chunk, self.at, field, self.code(field.col()))
    }

    /// The creation time as HSS sent it.
    pub fn created(&self) -> Field<CreateTime> {
        let code = self.code(Col::Created);
        match created_ms(code) {
            Some(ms) => Field::Value(CreateTime::Milliseconds(ms)),
            None => self.fleet.words().created(code),
        }
    }

    #[inline]
    fn code(&self, col: Col) -> u64 {
        self.chunk.code(col, self.at)
    }
}

/// The number of a text in common, for the number that a row has in the column.
#[inline]
const fn word_code(code: u64, col: Col) -> u64 {
    // What an earlier scan found is ours.
    if matches!(col, Col::Detection) && code == RESCANNING {
        SCANNING
    } else {
        code
    }
}

/// The text of a field for which the row has this number.
#[inline]
fn text_of<'a>(
    fleet: &'a Fleet,
    chunk: &'a Chunk,
    at: usize,
    field: TextField,
    code: u64,
) -> Field<SentText<'a>> {
    let words = fleet.words();
    let odd = |code: u64| text(words.odd().get(code));
    match field {
        TextField::Name => match words.name(chunk, at) {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(name) => Field::Value(SentText::Text(name)),
        },
        TextField::Id => match code {
            IS_UUID => Field::Value(SentText::Uuid(chunk.uuid(at))),
            code => odd(code.checked_sub(IS_UUID).unwrap_or(code)),
        },
        TextField::PodIp => match address(code) {
            Some(address) => Field::Value(SentText::Address(address.to_bits())),
            None => odd(odd_ip(code).unwrap_or(code)),
        },
        TextField::Cpu | TextField::Memory | TextField::CpuLimit | TextField::MemoryLimit => {
            quantity(fleet, code)
        }
        others => {
            column_of(others).map_or(Field::Absent, |col| text(words.of(col).get(word_code(code, col))))
        }
    }
}

/// The text of a quantity with this number.
#[inline]
fn quantity(fleet: &Fleet, code: u64) -> Field<SentText<'_>> {
    match (code, SentQuantity::of(code)) {
        (ABSENT, _) => Field::Absent,
        (UNREADABLE, _) => Field::Unreadable,
        (_, Some(quantity)) => Field::Value(SentText::Quantity(quantity)),
        (_, None) => text(fleet.words().odd().get(odd_quantity(code))),
    }
}

#[inline]
fn text(word: Field<&str>) -> Field<SentText<'_>> {
    match word {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(word) => Field::Value(SentText::Text(word)),
    }
}

#[cfg(test)]
mod tests;
