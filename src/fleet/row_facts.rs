//! A row of a fleet, field by field.
//!
//! Owns reading single fields of many rows. A complete [`Pod`](super::Pod) owns a text for each of its fields,
//! and making them takes longer than anything else when a long list is written. [`RowFacts::key`] shows which
//! rows have the same value before it is read. Must not: return another value than the pod of the row has.

use std::borrow::Cow;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::create_time::CreateTime;
use super::field::Field;
use super::fields::{FieldKind, PodField, PodNumber, PodText, PodValues, TextOf};
use super::piece_writer::{PieceWriter, put_address, put_number, put_uuid};
use super::pseudonym::NameKind;
use super::quantity::{MOST, Measure, Quantity, SUFFIXES};
use super::snapshot::Fleet;
use super::store::chunk::{Chunk, Codes, Col, flag};
use super::store::encoding::{IS_UUID, address, is_surely_small, parts};
use super::store::place;
use super::store::places::{TextPlace, places, words_of};
use super::text::{NAME_CHARS, RemoteText};
use super::words::{Detection, Protection};
use crate::secrets::HeldSearch;

/// A key of a field's value.
pub type ValueKey = [u64; 2];

/// How rows with the same value of a field are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKey {
    /// By the number in a column.
    Code(Col),
    /// By the lists that they are in.
    Lists,
    /// By the share of the limit that is used, and whether that is known.
    Usage(Measure),
    /// Nearly every pod has a value of its own.
    Own,
}

impl FieldKey {
    /// The columns that it depends on, as [`RowCodes::differences`] has them: rows that have the same numbers there have the same
    /// key. `None` if rows seldom have the same value.
    pub fn columns(self) -> Option<u32> {
        let bits = |columns: &[Col]| columns.iter().fold(0, |bits, col| bits | (1 << *col as u32));
        match self {
            Self::Own => None,
            Self::Code(col) => Some(bits(&[col])),
            Self::Lists => Some(bits(&[Col::Flags])),
            Self::Usage(Measure::Cpu) => Some(bits(&[Col::CpuUsage, Col::Cpu, Col::CpuLimit])),
            Self::Usage(Measure::Memory) => Some(bits(&[Col::MemoryUsage, Col::Memory, Col::MemoryLimit])),
        }
    }

    /// That of a field.
    pub fn of(field: PodField) -> Self {
        match field.kind() {
            FieldKind::Text(text) => match places(text).first() {
                Some(TextPlace::Word(col)) => Self::Code(*col),
                Some(TextPlace::Lists) => Self::Lists,
                Some(TextPlace::Name | TextPlace::Id | TextPlace::PodIp) | None => Self::Own,
            },
            FieldKind::Number(number) => match number {
                PodNumber::CpuPercent => Self::Usage(Measure::Cpu),
                PodNumber::MemoryPercent => Self::Usage(Measure::Memory),
                PodNumber::Risk => Self::Code(Col::Risk),
                PodNumber::Cpu => Self::Code(Col::Cpu),
                PodNumber::Memory => Self::Code(Col::Memory),
                PodNumber::CpuLimit => Self::Code(Col::CpuLimit),
                PodNumber::MemoryLimit => Self::Code(Col::MemoryLimit),
                PodNumber::Age => Self::Own,
            },
        }
    }
}

/// The numbers of a row, to tell quickly what differs from another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCodes(Codes);

impl RowCodes {
    /// The columns in which two rows differ, as bits in the order of [`Col`].
    #[inline]
    pub fn differences(&self, other: &Self) -> u32 {
        let columns = self.0.iter().zip(&other.0).zip(0_u32..);
        columns.fold(0, |bits, ((one, other), at)| {
            bits | (u32::from(one != other) << at)
        })
    }
}

/// The columns in which rows differ, as [`RowCodes::differences`] has them. Neighbours are compared column by column, many at once.
#[derive(Debug, Default)]
pub struct NeighbourDifferences {
    /// The chunk that `marks` are of, and its first row that has one.
    part: Option<(usize, usize)>,
    marks: Vec<u32>,
}

/// How many rows are compared together. A thread that writes every other part of as many rows needs no others.
pub const MARKED_ROWS: usize = 128;

impl NeighbourDifferences {
    /// Those of two rows of a fleet. Between two calls the fleet is the same, or [`Self::clear`] was called.
    #[inline]
    pub fn between(&mut self, fleet: &Fleet, before: u32, row: u32) -> u32 {
        let (chunk, at) = place(row);
        if at > 0 && before.wrapping_add(1) == row {
            let first = at - at % MARKED_ROWS;
            if self.part != Some((chunk, first)) {
                self.part = Some((chunk, first));
                match fleet.chunks().get(chunk) {
                    Some(chunk) => chunk.mark_changes(first, MARKED_ROWS, &mut self.marks),
                    None => self.marks.clear(),
                }
            }
            return self.marks.get(at - first).copied().unwrap_or(u32::MAX);
        }
        let both = fleet.facts(before).zip(fleet.facts(row));
        both.map_or(u32::MAX, |(before, now)| now.codes().differences(&before.codes()))
    }

    /// Forgets the fleet.
    pub fn clear(&mut self) {
        self.part = None;
    }
}

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
            // What is shown of these is not always what was sent.
            PodText::Ip | PodText::Kind | PodText::Protection | PodText::Detection => return false,
            text => {
                let word = words_of(text).map(|col| self.fleet.words().of(col).get(code(col)));
                let Some(Field::Value(word)) = word.filter(|_| text != PodText::Name) else {
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
        let codes = [used, limit].map(|col| self.code(col));
        codes
            .into_iter()
            .any(|code| !is_surely_small(code, measure) && amount(code) == Field::Value(MOST))
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
mod tests {
    use std::collections::HashMap;
    use std::sync::Arc;

    use super::*;
    use crate::fleet::fixture::pods;
    use crate::fleet::pseudonym::Pseudonyms;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Everything that a file can contain of a field.
    fn all_of(facts: &impl PodValues, field: PodField) -> String {
        match field.kind() {
            FieldKind::Text(text) => format!("{:?}", facts.text_sent(text)),
            FieldKind::Number(PodNumber::Risk) => facts.risk_score().to_string(),
            FieldKind::Number(PodNumber::Age) => format!("{:?}", facts.creation_ms()),
            FieldKind::Number(PodNumber::CpuPercent) => {
                share(facts, Measure::Cpu, [PodNumber::Cpu, PodNumber::CpuLimit])
            }
            FieldKind::Number(PodNumber::MemoryPercent) => share(
                facts,
                Measure::Memory,
                [PodNumber::Memory, PodNumber::MemoryLimit],
            ),
            FieldKind::Number(number) => format!("{:?}", facts.quantity_of(number)),
        }
    }

    fn share(facts: &impl PodValues, measure: Measure, amounts: [PodNumber; 2]) -> String {
        let is_capped = |number| {
            let field = facts.quantity_of(number);
            field
                .value()
                .is_some_and(|quantity| quantity.amount == Some(MOST))
        };
        format!(
            "{:?} {}",
            facts.usage_of(measure),
            amounts.into_iter().any(is_capped)
        )
    }

    #[test]
    fn a_stamp_changes_with_the_row_and_not_with_its_neighbours() {
        use crate::fleet::fixture::node;
        use crate::fleet::store::{Records, Store, SweepKind};
        let mut store = Store::default();
        let mut stamps = |status: &str, others: &[&str]| {
            let known = node("a").status(status).build();
            let others = others.iter().map(|name| node(name).build());
            let records = Records {
                node: others.chain([known]).filter_map(|pod| pod.node).collect(),
                ..Records::default()
            };
            store.merge(Some(SweepKind::Fleet), records);
            let fleet = store.snapshot();
            let row = fleet.rows().find(|row| {
                let name = fleet.pod(*row).and_then(|pod| pod.name().value().cloned());
                name.is_some_and(|name| name.raw() == "a")
            });
            fleet.facts(row.unwrap()).unwrap().stamp()
        };
        let first = stamps("Running", &[]);
        assert_eq!(stamps("Running", &["b", "c"]), first);
        assert_ne!(stamps("Failed", &["b"]), first);
        assert_eq!(stamps("Running", &["d"]), first);
    }

    #[test]
    fn neighbours_differ_as_their_numbers_do_in_any_part_of_any_chunk() {
        use crate::fleet::fixture::node;
        let many = (0..4700_u32).map(|number| {
            let status = ["Running", "Failed"][usize::from(number.is_multiple_of(7))];
            node(&format!("pod-{number}"))
                .within("c", &format!("ns-{}", number / 512))
                .status(status)
                .build()
        });
        let fleet: Fleet = many.collect();
        let codes = |row| fleet.facts(row).unwrap().codes();
        let rows: Vec<u32> = fleet.rows().collect();
        for parts in [1, 2] {
            let mut neighbours = NeighbourDifferences::default();
            for (before, row) in rows
                .chunks(512)
                .step_by(parts)
                .flat_map(|part| part.iter().zip(&part[1..]))
            {
                let differences = codes(*row).differences(&codes(*before));
                assert_eq!(neighbours.between(&fleet, *before, *row), differences, "{row}");
            }
        }
        let mut neighbours = NeighbourDifferences::default();
        for (before, row) in rows.iter().zip(&rows[1..]) {
            let differences = codes(*row).differences(&codes(*before));
            assert_eq!(neighbours.between(&fleet, *before, *row), differences, "{row}");
        }
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(128, 2_500))]

        #[test]
        fn a_row_has_the_values_of_its_pod_and_equal_keys_mean_equal_values(pods in vec(pods(), 1..12)) {
            let open: Fleet = pods.into_iter().collect();
            let masked = open.masked_by(Pseudonyms::random().map(Arc::new));
            for fleet in [open, masked] {
                let (mut known, mut neighbours) = (HashMap::new(), NeighbourDifferences::default());
                for row in fleet.rows() {
                    let (facts, pod) = (fleet.facts(row).unwrap(), fleet.pod(row).unwrap());
                    for field in PodField::ALL {
                        let value = all_of(&facts, *field);
                        prop_assert_eq!(&value, &all_of(&pod, *field), "{:?}", field);
                        // What is written at once is what would be written otherwise.
                        let (mut out, search) = (PieceWriter::default(), HeldSearch::now());
                        out.put(b"before");
                        let sent = match field.kind() {
                            FieldKind::Text(text) => {
                                let is_put = facts.put_text(text, &search, &mut out);
                                is_put.then(|| pod.text_sent(text).value().unwrap().shown().to_owned())
                            }
                            FieldKind::Number(number) => {
                                let quantity = pod.quantity_of(number);
                                let exact = quantity.value().and_then(|it| it.amount).filter(|it| *it < MOST);
                                prop_assert_eq!(facts.exact_amount(number), exact);
                                let is_put = facts.put_quantity(number, &search, &mut out);
                                is_put.then(|| quantity.value().unwrap().text.shown().to_owned())
                            }
                        };
                        let expected = format!("before{}", sent.unwrap_or_default());
                        prop_assert_eq!(out.written(), expected.as_bytes());
                        let (key, codes) = (FieldKey::of(*field), facts.codes());
                        for other_row in fleet.rows() {
                            let other = fleet.facts(other_row).unwrap();
                            let differences = codes.differences(&other.codes());
                            prop_assert_eq!(neighbours.between(&fleet, other_row, row), differences);
                            let is_same = key.columns().is_some_and(|columns| columns & differences == 0);
                            prop_assert!(!is_same || facts.key(key) == other.key(key));
                        }
                        if let Some(key) = facts.key(FieldKey::of(*field)) {
                            let first = known.entry((*field, key)).or_insert_with(|| value.clone());
                            prop_assert_eq!(&*first, &value, "{:?}", field);
                        }
                    }
                }
                prop_assert!(fleet.facts(u32::MAX).is_none());
            }
        }
    }
}
