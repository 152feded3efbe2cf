//! A row of a fleet, field by field.
//!
//! Owns reading single fields of many rows. A complete [`Pod`](super::Pod) owns a text for each of its fields,
//! and making them takes longer than anything else when a long list is written. [`RowFacts::key`] shows which
//! rows have the same value before it is read. Must not: return another value than the pod of the row has.

mod keys;
mod plain;

use std::borrow::Cow;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::create_time::CreateTime;
use super::field::Field;
use super::fields::{PodNumber, PodText, PodValues, TextOf};
use super::piece_writer::{PieceWriter, put_address, put_number, put_uuid};
use super::pseudonym::NameKind;
use super::quantity::{MOST, Measure, Quantity, SUFFIXES};
use super::snapshot::Fleet;
use super::store::chunk::{Chunk, Col, flag};
use super::store::encoding::{IS_UUID, address, is_surely_small, parts};
use super::store::places::words_of;
use super::text::{NAME_CHARS, RemoteText};
use super::words::{Detection, Protection};
use crate::secrets::HeldSearch;
pub use keys::{FieldKey, MARKED_ROWS, NEVER_SAME, NeighbourDifferences, RowCodes, ValueKey};
pub use plain::{OwnPart, PlainWords};

/// Forgets the bytes from `begin` on, unless no secret is in them. Returns whether they are there.
#[inline]
fn stands(begin: usize, search: &HeldSearch, out: &mut PieceWriter) -> bool {
    let is_clean = search.is_clean(out.written().get(begin..).unwrap_or_default());
    if !is_clean {
        out.truncate(begin);
    }
    is_clean
}

/// Whether a name is short, printable ASCII, and the same within quotation marks.
#[inline]
fn is_plain_name(name: &[u8]) -> bool {
    let is_plain = |byte: &u8| matches!(byte, 0x20..0x7f) && !matches!(byte, b'"' | b'\\');
    // All bytes, so that many are looked at at once.
    name.len() <= NAME_CHARS && name.iter().fold(true, |all, byte| all & is_plain(byte))
}

/// The column of words of a field whose words are written as they were sent.
pub fn sent_words_of(text: PodText) -> Option<Col> {
    match text {
        // What is shown of these is not always what was sent.
        PodText::Ip | PodText::Kind | PodText::Protection | PodText::Detection => None,
        text => words_of(text),
    }
}

/// The column of an amount.
fn amount_of(number: PodNumber) -> Option<(Col, Measure)> {
    Some(match number {
        PodNumber::Cpu => (Col::Cpu, Measure::Cpu),
        PodNumber::CpuLimit => (Col::CpuLimit, Measure::Cpu),
        PodNumber::Memory => (Col::Memory, Measure::Memory),
        PodNumber::MemoryLimit => (Col::MemoryLimit, Measure::Memory),
        PodNumber::CpuPercent | PodNumber::MemoryPercent | PodNumber::Risk | PodNumber::Age => return None,
    })
}

/// The fields of a row, read when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct RowFacts<'a> {
    fleet: &'a Fleet,
    chunk: &'a Chunk,
    at: usize,
}

impl Fleet {
    /// The fields of a row; `None` if it holds no pod.
    pub fn facts(&self, row: u32) -> Option<RowFacts<'_>> {
        let (chunk, at) = self.at(row)?;
        Some(RowFacts {
            fleet: self,
            chunk,
            at,
        })
    }
}

impl RowFacts<'_> {
    /// Its numbers.
    #[inline]
    pub fn codes(&self) -> RowCodes {
        RowCodes(self.chunk.codes(self.at))
    }

    /// The key of a field's value: in the same picture, and in others of the same store ([`Fleet::has_keys_of`]), rows with the
    /// same key have the same value. `None` for fields in which nearly every pod has a value of its own.
    #[inline]
    pub fn key(&self, field: FieldKey) -> Option<ValueKey> {
        let usage = |usage, used, limit, measure| {
            let is_capped = self.is_capped(used, limit, measure);
            Some([self.code(usage), is_capped.into()])
        };
        match field {
            FieldKey::Own => None,
            FieldKey::Code(col) => Some([self.code(col), 0]),
            FieldKey::Lists => Some([self.code(Col::Flags) & (flag::NODE | flag::SERVERLESS), 0]),
            FieldKey::Usage(Measure::Cpu) => usage(Col::CpuUsage, Col::Cpu, Col::CpuLimit, Measure::Cpu),
            FieldKey::Usage(Measure::Memory) => {
                usage(Col::MemoryUsage, Col::Memory, Col::MemoryLimit, Measure::Memory)
            }
        }
    }

    /// Writes the text of a field, if it has one that is the same in all forms, within quotation marks too, and safe as it is,
    /// which nearly every text is. Returns whether it did; whoever writes it otherwise asks for the field itself. `search` is
    /// current.
    #[inline]
    pub fn put_text(&self, text: PodText, search: &HeldSearch, out: &mut PieceWriter) -> bool {
        let begin = out.len();
        let code = |col| self.code(col);
        if self.fleet.pseudonyms().is_some() {
            return false;
        }
        match text {
            PodText::Name if !self.chunk.has(self.at, flag::NAMELESS) => {
                let name = self.chunk.name(self.at).as_bytes();
                if !is_plain_name(name) {
                    return false;
                }
                out.put(name);
            }
            PodText::Id if code(Col::Id) == IS_UUID => {
                let uuid = self.chunk.uuid(self.at);
                out.put_with(|room| put_uuid(room, uuid));
            }
            PodText::PodIp => {
                let Some(address) = address(code(Col::PodIp)) else {
                    return false;
                };
                out.put_with(|room| put_address(room, address.to_bits()));
            }
            text => {
                let word = sent_words_of(text).map(|col| self.fleet.words().of(col).get(code(col)));
                let Some(Field::Value(word)) = word else {
                    return false;
                };
                if !is_plain_name(word.as_bytes()) {
                    return false;
                }
                out.put(word.as_bytes());
            }
        }
        stands(begin, search, out)
    }

    /// The same for a quantity as it was sent.
    #[inline]
    pub fn put_quantity(&self, number: PodNumber, search: &HeldSearch, out: &mut PieceWriter) -> bool {
        let begin = out.len();
        let parts = amount_of(number).and_then(|(col, _)| parts(self.code(col)));
        let Some(parts) = parts else {
            return false;
        };
        let suffix = SUFFIXES.get(usize::from(parts.suffix));
        let letters = suffix.copied().unwrap_or_default().as_bytes();
        out.put_with(|room| put_number(room, parts.mantissa, parts.fraction.into(), letters));
        stands(begin, search, out)
    }

    /// The exact amount of a quantity, in billionths of a core or in bytes, if it has one that is not capped.
    #[inline]
    pub fn exact_amount(&self, number: PodNumber) -> Option<u64> {
        let (col, measure) = amount_of(number)?;
        let amount = self.fleet.words().amount(self.code(col), measure);
        amount.value().copied().filter(|amount| *amount < MOST)
    }

    /// A number that stays the same as long as nothing in the row changes, in all pictures of a store.
    pub fn stamp(&self) -> u64 {
        let name = self.chunk.name(self.at);
        let (codes, uuid) = (self.chunk.codes(self.at), self.chunk.uuid(self.at));
        FixedState::default().hash_one((self.fleet.rebuilds(), name, codes, uuid))
    }

    /// Whether one of the two amounts is too large to be known: files do not contain a share of such an amount.
    #[inline]
    fn is_capped(&self, used: Col, limit: Col, measure: Measure) -> bool {
        let amount = |code| self.fleet.words().amount(code, measure);
        let is_capped = |code| !is_surely_small(code, measure) && amount(code) == Field::Value(MOST);
        is_capped(self.code(used)) || is_capped(self.code(limit))
    }

    #[inline]
    fn code(&self, col: Col) -> u64 {
        self.chunk.code(col, self.at)
    }

    fn real_text(&self, text: PodText) -> Field<RemoteText> {
        let words = self.fleet.words();
        let word = |col| words.of(col).get(self.code(col));
        match text {
            PodText::Name => words
                .name(self.chunk, self.at)
                .part(|name| RemoteText::name(name)),
            PodText::Id => words.id(self.chunk, self.at).part(|id| RemoteText::name(id)),
            PodText::PodIp | PodText::Ip => words
                .pod_ip(self.code(Col::PodIp))
                .part(|address| RemoteText::name(address)),
            PodText::Protection => {
                word(Col::Protection).part(|word| RemoteText::name(Protection::read(word).raw()))
            }
            PodText::Detection => {
                word(Col::Detection).part(|word| RemoteText::name(Detection::read(word).sent()))
            }
            PodText::Kind => {
                let lists = [flag::NODE, flag::SERVERLESS];
                TextOf::Lists(lists.map(|list| self.chunk.has(self.at, list))).sent()
            }
            text => words_of(text).map_or(Field::Absent, |col| word(col).part(|word| RemoteText::name(word))),
        }
    }
}

impl PodValues for RowFacts<'_> {
    fn text_sent(&self, text: PodText) -> Field<RemoteText> {
        let real = self.real_text(text);
        match (self.fleet.pseudonyms(), NameKind::of(text)) {
            (Some(names), Some(kind)) => real.part(|real| RemoteText::name(&names.of(kind, real.raw()))),
            _ => real,
        }
    }

    fn quantity_of(&self, number: PodNumber) -> Cow<'_, Field<Quantity>> {
        let Some((col, measure)) = amount_of(number) else {
            return Cow::Owned(Field::Absent);
        };
        Cow::Owned(self.fleet.words().quantity(self.code(col), measure))
    }

    fn risk_score(&self) -> u64 {
        self.code(Col::Risk)
    }

    fn creation_ms(&self) -> Field<i64> {
        CreateTime::ms_of(&self.fleet.words().created(self.code(Col::Created)))
    }
}

#[cfg(test)]
mod tests;
