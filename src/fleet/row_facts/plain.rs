//! Texts that are the same in every form: within quotation marks, and safe as they are.
//!
//! Nearly every name is such a text. To look at many of them at once takes a fraction of the time that a look at each takes. Owns
//! which rows and which columns have only such texts. Must not: call a text plain that has a secret in it, or that is cut where it
//! is shown.

use std::borrow::Cow;

use super::{RowFacts, is_plain_name};
use crate::fleet::row_texts::{OwnNumbers, OwnValues};
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::Col;
use crate::fleet::store::place;
use crate::fleet::text::NAME_CHARS;
use crate::secrets::{self, HeldSearch, SEPARATORS};

use super::keys::MARKED_ROWS;

/// A row that is this many rows behind the one before it begins a part with its neighbours: others of them are likely to follow.
const NEAR: u32 = 8;

#[expect(clippy::cast_possible_truncation, reason = "a small number")]
const ROWS: u32 = MARKED_ROWS as u32;

/// What the pods of neighbouring rows have for themselves, read together.
#[derive(Debug, Default)]
pub struct OwnPart {
    /// The number of the part that was read.
    part: Option<u32>,
    numbers: Box<OwnNumbers>,
    /// Whether every name is plain but for secrets, and no token can be recognised in one.
    has_plain_names: bool,
}

impl OwnPart {
    /// Reads the part of this row, unless it is there or the row before it is far away. Between two calls the fleet is the same, or
    /// [`Self::clear`] was called.
    #[inline]
    pub fn turn_to(&mut self, fleet: &Fleet, before: Option<u32>, row: u32) {
        let is_near = |before: u32| before < row && row - before <= NEAR;
        if self.part != Some(row / ROWS) && before.is_none_or(is_near) {
            self.read(fleet, row / ROWS);
        }
    }

    #[inline(never)]
    fn read(&mut self, fleet: &Fleet, part: u32) {
        let (number, first) = place(part * ROWS);
        self.part = None;
        let chunk = fleet.chunks().get(number);
        // Where names are masked, nothing is written as it is.
        let Some(chunk) = chunk.filter(|_| fleet.pseudonyms().is_none()) else {
            return;
        };
        let rows = first..chunk.len().min(first + MARKED_ROWS);
        let mut ats = [0; MARKED_ROWS];
        let count = rows.len();
        for (at, row) in ats.iter_mut().zip(rows.clone()) {
            *at = row;
        }
        self.numbers.read(chunk, ats.get(..count).unwrap_or_default());
        // All bytes, and as numbers without a choice, so that many are looked at at once.
        let [one, two, three] = SEPARATORS;
        let oddness = |byte: u8| {
            let is_far = u8::from(byte.wrapping_sub(b' ') > b'~' - b' ');
            [b'"', b'\\', one, two, three]
                .into_iter()
                .fold(is_far, |odd, other| odd | u8::from(byte == other))
        };
        let names = chunk.names_of(rows).iter();
        let odd = names.fold(0, |odd, byte| odd | oddness(*byte));
        self.has_plain_names = odd == 0;
        self.part = Some(part);
    }

    /// Forgets the fleet.
    pub fn clear(&mut self) {
        self.part = None;
    }

    /// What the pod of this row has for itself, if its part was read.
    #[inline]
    pub fn values<'a>(&'a self, row: u32, facts: &RowFacts<'a>) -> Option<OwnValues<'a>> {
        let place = row as usize % MARKED_ROWS;
        let is_read = self.part == Some(row / ROWS);
        is_read.then(|| self.numbers.row(facts.chunk, place, facts.at))?
    }

    /// The name of a row of the part and how long it is, with the names of the rows behind it, if it is plain but for secrets and has
    /// none of [`SEPARATORS`].
    #[inline]
    pub fn plain_name<'a>(&self, own: OwnValues<'a>) -> Option<(usize, &'a [u8])> {
        let name = own.name_and_more().filter(|(len, _)| *len <= NAME_CHARS);
        name.filter(|_| self.has_plain_names)
    }
}

/// The columns of words that have only plain ones.
#[derive(Debug, Default)]
pub struct PlainWords(Vec<WordColumn>);

/// A column of words.
#[derive(Debug, Clone, Copy)]
struct WordColumn {
    col: Col,
    /// How many of its words were looked at.
    known: usize,
    is_plain: bool,
}

impl PlainWords {
    /// Looks at the words of this column too; returns its number here.
    pub fn add(&mut self, col: Col) -> usize {
        self.0.push(WordColumn {
            col,
            known: 0,
            is_plain: true,
        });
        self.0.len() - 1
    }

    /// Looks at the words that this fleet has more than the one before. After [`Self::forget`], those are all. `search` is current.
    pub fn turn_to(&mut self, fleet: &Fleet, search: &HeldSearch) {
        for column in &mut self.0 {
            let words = fleet.words().of(column.col);
            let is_plain = |word: &str| {
                let is_clean =
                    || search.is_clean(word.as_bytes()) || matches!(secrets::redact(word), Cow::Borrowed(_));
                is_plain_name(word.as_bytes()) && is_clean()
            };
            column.is_plain &= words.iter_from(column.known).all(is_plain);
            column.known = words.len();
        }
    }

    /// Forgets what it knows, because the words may be others, or other secrets are searched for.
    pub fn forget(&mut self) {
        for column in &mut self.0 {
            (column.known, column.is_plain) = (0, true);
        }
    }

    /// The word of a row in the column with this number and how long it is, with the words behind it, if all words of the column are
    /// plain, and the row has one.
    #[inline]
    pub fn word<'a>(&self, number: usize, facts: &RowFacts<'a>) -> Option<(usize, &'a [u8])> {
        let column = self.0.get(number).filter(|column| column.is_plain)?;
        let words = facts.fleet.words().of(column.col);
        words.word_and_more(facts.code(column.col))
    }
}
