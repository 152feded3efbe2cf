//! From texts to numbers.
//!
//! Owns the words of a fleet that still grows. Texts are encoded without copying, from a pod or from a page.
//! The identity comes first: it gives the row that a record belongs to. The record's other values are most
//! likely those of the row, and words equal to the row's need no lookup. Must not: know the number of a row.

use std::ops::Range;
use std::sync::Arc;

use super::{
    DICTIONARIES, FIRST_PARTS, FIRST_PERCENT, IS_UUID, Interner, ODD, ODD_DATE, ODD_IP, ODD_QUANTITY,
    QUANTITY_TAG_BITS, WORDS, address_bits, amount, dictionary_of, of_created_ms, uuid, valued,
};
use crate::fleet::create_time::CreateTime;
use crate::fleet::quantity::{Measure, Parts};
use crate::fleet::raw::{RawPod, RawPods, TextField};
use crate::fleet::risk::RiskInputs;
use crate::fleet::store::chunk::{COLS, Chunk, Codes, Col, PackedRow, flag};
use crate::fleet::store::dictionary::{ABSENT, DictionaryBuilder, FIRST, UNREADABLE};
use crate::fleet::usage::Usage;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, Pod};

/// How many of the first [`WORDS`] belong to a pod's identity.
const IDENTITY: usize = 2;
/// The columns of quantities and their fields.
const QUANTITIES: [(Col, TextField); 4] = [
    (Col::Cpu, TextField::Cpu),
    (Col::Memory, TextField::Memory),
    (Col::CpuLimit, TextField::CpuLimit),
    (Col::MemoryLimit, TextField::MemoryLimit),
];
/// The numbers in [`Col::Detection`] of the words that a risk under a new scan is told by, which are among the first ones
/// of its dictionary.
pub const RISK: u64 = FIRST + 2;
/// See [`RISK`].
pub const RESCANNING: u64 = FIRST + 3;
/// See [`RISK`].
pub const SCANNING: u64 = FIRST + 4;
/// The numbers of a row without any data.
pub const NOTHING: Codes = [ABSENT; COLS];

/// The dictionaries of a fleet that still grows.
#[derive(Debug, Clone)]
pub struct Dictionaries(pub(super) [DictionaryBuilder; DICTIONARIES]);

impl Default for Dictionaries {
    fn default() -> Self {
        let mut all = Self(std::array::from_fn(|_| DictionaryBuilder::default()));
        // The known words come first, so that their codes are constant.
        all.0[dictionary_of(Col::Status)] = DictionaryBuilder::of(Status::KNOWN);
        all.0[dictionary_of(Col::Protection)] = DictionaryBuilder::of(Protection::KNOWN);
        all.0[dictionary_of(Col::Detection)] = DictionaryBuilder::of(Detection::KNOWN);
        all
    }
}

impl Dictionaries {
    pub(super) fn odd(&mut self, text: &str) -> u64 {
        self.0[ODD].code(text)
    }

    /// The present words.
    pub fn book(&self) -> Interner {
        Interner(std::array::from_fn(|at| Arc::clone(self.0[at].words())))
    }

    /// The number of words.
    pub fn count(&self) -> usize {
        self.0.iter().map(|dictionary| dictionary.words().len()).sum()
    }

    /// The bytes of memory that they use.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(DictionaryBuilder::bytes).sum()
    }

    /// Encodes the pod's effective values, without the numbers that [`Dictionaries::complete`] derives.
    pub fn encode<'a>(&mut self, pod: &'a Pod) -> PackedRow<'a> {
        let node = if pod.node.is_some() { flag::NODE } else { 0 };
        let serverless = if pod.serverless.is_some() {
            flag::SERVERLESS
        } else {
            0
        };
        let text = |field: TextField| pod.sent(field);
        let mut row = self.identity(node | serverless, text, &NOTHING);
        self.content(&mut row, pod.create_time().part(CreateTime::sent), text, &NOTHING);
        if pod.detection().value() == Some(&Detection::Rescanning) {
            row.codes[Col::Detection as usize] = RESCANNING;
        }
        row
    }

    /// Encodes the identity of a record, with `lists` as its flags. Its words are probably those of the row
    /// `like`.
    pub fn identity<'a>(
        &mut self,
        lists: u64,
        text: impl Fn(TextField) -> Field<&'a str>,
        like: &Codes,
    ) -> PackedRow<'a> {
        let mut row = named(lists, text(TextField::Name));
        self.id(&mut row, text(TextField::Id));
        for (at, (_, field)) in WORDS.into_iter().enumerate().take(IDENTITY) {
            self.word(at, &mut row.codes, text(field), like);
        }
        row
    }

    /// Encodes the other values of a record. Its words are probably those of the row `like`.
    pub fn content<'a>(
        &mut self,
        row: &mut PackedRow<'a>,
        created: Field<CreateTime<&str>>,
        text: impl Fn(TextField) -> Field<&'a str>,
        like: &Codes,
    ) {
        let codes = &mut row.codes;
        for (at, (_, field)) in WORDS.into_iter().enumerate().skip(IDENTITY) {
            self.word(at, codes, text(field), like);
        }
        codes[Col::PodIp as usize] = self.pod_ip(text(TextField::PodIp));
        codes[Col::Created as usize] = self.created(created);
        for (col, field) in QUANTITIES {
            codes[col as usize] = self.quantity(text(field));
        }
    }

    /// The complete rows of new records. The result is that of [`Dictionaries::identity`],
    /// [`Dictionaries::content`] and [`Dictionaries::complete`] for each record, but working column by column
    /// is faster.
    pub fn rows<'a>(&mut self, pods: &'a RawPods, entries: &[&RawPod], lists: u64) -> Vec<PackedRow<'a>> {
        let texts = |field: TextField| entries.iter().map(move |entry| pods.text(entry, field));
        let mut rows: Vec<PackedRow<'a>> = texts(TextField::Name).map(|name| named(lists, name)).collect();
        for (row, id) in rows.iter_mut().zip(texts(TextField::Id)) {
            self.id(row, id);
        }
        for (at, (col, field)) in WORDS.into_iter().enumerate() {
            let dictionary = &self.0[at];
            match companion(col) {
                Some(other) => dictionary.look_ahead(rows.iter().map(|row| row.codes[other as usize])),
                None => dictionary.look_ahead_for(texts(field).filter_map(|word| word.value().copied())),
            }
            for (row, word) in rows.iter_mut().zip(texts(field)) {
                self.word(at, &mut row.codes, word, &NOTHING);
            }
        }
        for (row, ip) in rows.iter_mut().zip(texts(TextField::PodIp)) {
            row.codes[Col::PodIp as usize] = self.pod_ip(ip);
        }
        for (row, entry) in rows.iter_mut().zip(entries) {
            row.codes[Col::Created as usize] = self.created(pods.create_time(entry));
        }
        for (col, field) in QUANTITIES {
            for (row, text) in rows.iter_mut().zip(texts(field)) {
                row.codes[col as usize] = self.quantity(text);
            }
        }
        for row in &mut rows {
            self.complete(&mut row.codes);
        }
        rows
    }

    /// Prepares the caches for records whose words are probably those of these rows.
    pub fn look_ahead(&self, chunk: &Chunk, rows: Range<usize>) {
        for (dictionary, (col, _)) in self.0.iter().zip(WORDS) {
            let column = chunk.column(col);
            dictionary.look_ahead(rows.clone().map(|at| column.get(at)));
        }
    }

    fn id<'a>(&mut self, row: &mut PackedRow<'a>, text: Field<&'a str>) {
        row.codes[Col::Id as usize] = coded(text, |id| match uuid(id) {
            Some(bits) => {
                row.uuid = bits;
                IS_UUID
            }
            None => IS_UUID + self.odd(id),
        });
    }

    /// The code of a word of the column at `at` in [`WORDS`].
    fn word(&mut self, at: usize, codes: &mut Codes, text: Field<&str>, like: &Codes) {
        let (col, _) = WORDS[at];
        let like = match (like[col as usize], companion(col)) {
            (ABSENT | UNREADABLE, Some(other)) => codes[other as usize],
            (like, _) => like,
        };
        let dictionary = &mut self.0[at];
        codes[col as usize] = coded(text, |word| dictionary.code_like(word, like));
    }

    fn pod_ip(&mut self, text: Field<&str>) -> u64 {
        coded(text, |ip| {
            let short = address_bits(ip).map(u64::from).filter(|code| *code >= FIRST);
            short.unwrap_or_else(|| ODD_IP + self.odd(ip))
        })
    }

    fn created(&mut self, created: Field<CreateTime<&str>>) -> u64 {
        coded(created, |created| match created {
            CreateTime::Milliseconds(ms) => {
                of_created_ms(ms).unwrap_or_else(|| ODD_DATE + self.odd(&ms.to_string()))
            }
            CreateTime::Word(word) => ODD_DATE + self.odd(word),
        })
    }

    fn quantity(&mut self, text: Field<&str>) -> u64 {
        coded(text, |text| match Parts::of(text) {
            Some(Parts {
                mantissa,
                fraction,
                suffix,
            }) => {
                mantissa << QUANTITY_TAG_BITS | (FIRST_PARTS + u64::from(fraction) * 16 + u64::from(suffix))
            }
            None => self.odd(text) << QUANTITY_TAG_BITS | ODD_QUANTITY,
        })
    }

    /// Adds the numbers that are derived from the others.
    pub fn complete(&self, codes: &mut Codes) {
        let code = |col: Col| codes[col as usize];
        let words = |col: Col| self.0[dictionary_of(col)].words();
        let amount = |col: Col, measure| amount(self.0[ODD].words(), code(col), measure);
        let usage = |used, limit, measure| Usage::of_amounts(amount(used, measure), amount(limit, measure));
        let signs = RiskInputs {
            status: &valued(words(Col::Status).get(code(Col::Status)), Status::read),
            protection: &valued(
                words(Col::Protection).get(code(Col::Protection)),
                Protection::read,
            ),
            detection: &valued(words(Col::Detection).get(code(Col::Detection)), Detection::read),
            cpu: usage(Col::Cpu, Col::CpuLimit, Measure::Cpu),
            memory: usage(Col::Memory, Col::MemoryLimit, Measure::Memory),
        };
        let risk = signs.score();
        let [cpu, memory] = [signs.cpu, signs.memory].map(usage_code);
        codes[Col::CpuUsage as usize] = cpu;
        codes[Col::MemoryUsage as usize] = memory;
        codes[Col::Risk as usize] = risk.into();
    }
}

/// The column whose codes are mostly equal to this column's, because their words usually appear together for
/// the first time.
fn companion(col: Col) -> Option<Col> {
    match col {
        Col::NodeIp => Some(Col::Node),
        Col::ClusterId => Some(Col::Cluster),
        _ => None,
    }
}

/// A row with a name and no other data.
fn named(lists: u64, name: Field<&str>) -> PackedRow<'_> {
    let (name, name_flag) = match name {
        Field::Value(name) => (name, 0),
        Field::Absent => ("", flag::NAME_ABSENT),
        Field::Unreadable => ("", flag::NAME_UNREADABLE),
    };
    let mut codes = NOTHING;
    codes[Col::Flags as usize] = lists | name_flag;
    PackedRow { name, codes, uuid: 0 }
}

fn usage_code(usage: Usage) -> u64 {
    match usage {
        Usage::NotReported => 0,
        Usage::NoLimit => 1,
        Usage::Unreadable => 2,
        Usage::Percent(percent) => FIRST_PERCENT + u64::from(percent),
    }
}

fn coded<T>(field: Field<T>, of: impl FnOnce(T) -> u64) -> u64 {
    match field {
        Field::Absent => ABSENT,
        Field::Unreadable => UNREADABLE,
        Field::Value(value) => of(value),
    }
}
