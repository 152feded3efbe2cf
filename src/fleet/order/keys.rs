//! The numbers that rows are sorted by.
//!
//! Owns the number of each row: smaller numbers come first, and a row without a value has the largest. Must
//! not: give another order than [`Sort::compare`].

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::names::{self, PAST_PIECES};
use super::ranked::Ranked;
use crate::fleet::Field;
use crate::fleet::fields::{FieldKind, PodNumber};
use crate::fleet::pod::CREATION_MS;
use crate::fleet::quantity::Measure;
use crate::fleet::snapshot::Fleet;
use crate::fleet::sort::{AddressOrder, Sort, lists_rank};
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col, flag};
use crate::fleet::store::dictionary::Dictionary;
use crate::fleet::store::encoding::{self, FIRST_PERCENT};
use crate::fleet::store::mask::Mask;
use crate::fleet::store::packed::Packed;
use crate::fleet::store::places::{TextPlace, places};
use crate::fleet::words::{Detection, Protection, Status};

/// If at least this many rows of a chunk are chosen, computing the numbers of all its rows is faster.
const WORTH_ALL: usize = CHUNK_ROWS as usize / 8;

/// The numbers of rows.
#[derive(Debug)]
pub struct Keys {
    by: By,
    none: u64,
}

#[derive(Debug)]
enum By {
    /// The first bytes of the name.
    Name,
    /// The bytes of the name from this position on; a missing name counts as empty.
    Piece(usize),
    /// A table from the column's codes to numbers.
    Table(Col, Vec<u32>),
    /// Percent; whether descending, and the largest value.
    Usage(Col, bool, u64),
    /// Milliseconds; whether descending.
    Created(bool),
    /// The rank among all values; whether descending.
    Ranked(Box<Ranked>, bool),
}

/// The numbers for a column of words; they are valid as long as the column's words do not change.
#[derive(Debug)]
pub struct KnownKeys {
    sort: Sort,
    words: Arc<Dictionary>,
    keys: Keys,
}

impl KnownKeys {
    /// Reuses `known` if it is still valid; computes the numbers otherwise.
    pub fn or_new(known: Option<Self>, fleet: &Fleet, sort: Sort, col: Col) -> Self {
        let words = fleet.words().shared(col);
        known
            .filter(|known| known.sort == sort && Arc::ptr_eq(&known.words, words))
            .unwrap_or_else(|| Self {
                sort,
                words: Arc::clone(words),
                keys: Keys::of(fleet, sort),
            })
    }

    /// The numbers.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

impl Keys {
    /// The numbers for sorting this fleet by `sort`.
    pub fn of(fleet: &Fleet, sort: Sort) -> Self {
        let descending = sort.descending;
        match sort.key.sorted_by().kind() {
            FieldKind::Text(text) => match places(text) {
                [TextPlace::Name, ..] => Self {
                    by: By::Name,
                    none: PAST_PIECES,
                },
                [TextPlace::Id, ..] => Self::ranked(Ranked::ids(fleet), descending),
                [TextPlace::PodIp, ..] => Self::ranked(Ranked::pod_ips(fleet), descending),
                [TextPlace::Word(col), ..] => Self::of_column(fleet, *col, descending),
                [TextPlace::Lists, ..] | [] => Self::of_lists(descending),
            },
            FieldKind::Number(number) => Self::of_number(fleet, number, descending),
        }
    }

    fn of_number(fleet: &Fleet, number: PodNumber, descending: bool) -> Self {
        let usage = |col| {
            let most = most_of(fleet, col);
            Self {
                by: By::Usage(col, descending, most),
                none: most + 1,
            }
        };
        let amount = |col, measure| Self::ranked(Ranked::amounts(fleet, col, measure), descending);
        match number {
            PodNumber::Risk => {
                let scores = (0..256).map(|score| if descending { 255 - score } else { score });
                Self {
                    by: By::Table(Col::Risk, scores.collect()),
                    none: 256,
                }
            }
            PodNumber::CpuPercent => usage(Col::CpuUsage),
            PodNumber::MemoryPercent => usage(Col::MemoryUsage),
            PodNumber::Cpu => amount(Col::Cpu, Measure::Cpu),
            PodNumber::Memory => amount(Col::Memory, Measure::Memory),
            PodNumber::CpuLimit => amount(Col::CpuLimit, Measure::Cpu),
            PodNumber::MemoryLimit => amount(Col::MemoryLimit, Measure::Memory),
            PodNumber::Age => Self {
                by: By::Created(descending),
                none: creation_span(),
            },
        }
    }

    /// The numbers for a column of words, each compared as its kind requires.
    fn of_column(fleet: &Fleet, col: Col, descending: bool) -> Self {
        let words = fleet.words().of(col);
        match col {
            Col::Status => {
                let shown =
                    |word: Field<&str>| word.value().map(|word| Status::read(word).shown().to_owned());
                Self::by_words(col, words.table(shown), descending)
            }
            Col::Protection => {
                let read = |word: Field<&str>| word.value().map(|word| Protection::read(word));
                Self::by_words(col, words.table(read), descending)
            }
            Col::Detection => {
                let read = |word: Field<&str>| word.value().map(|word| Detection::read(word));
                Self::by_words(col, words.table(read), descending)
            }
            Col::NodeIp => {
                let address = |word| valued(word).map(AddressOrder::of);
                Self::by_words(col, words.table(address), descending)
            }
            _ => Self::by_words(col, words.table(valued), descending),
        }
    }

    /// The numbers for the lists that a pod is in.
    fn of_lists(descending: bool) -> Self {
        let ranks = (0..flag::ALL).map(|flags| {
            let lists = [flag::NODE, flag::SERVERLESS].map(|flag| flags & flag != 0);
            lists_rank(lists)
        });
        Self::by_words(Col::Flags, ranks.collect(), descending)
    }

    fn ranked(ranked: Ranked, descending: bool) -> Self {
        Self {
            none: ranked.count(),
            by: By::Ranked(Box::new(ranked), descending),
        }
    }

    /// The number for a rank among all values.
    fn placed(&self, number: Option<u64>, descending: bool) -> u64 {
        match number {
            None => self.none,
            Some(number) if descending => self.none - 1 - number,
            Some(number) => number,
        }
    }

    /// The numbers for breaking ties by the names of clusters or namespaces; here a missing name has a rank
    /// too.
    pub fn of_words(fleet: &Fleet, col: Col) -> Self {
        let ranks = ranks(fleet.words().of(col).table(|word| word));
        Self {
            none: u64::from(ranks.iter().copied().max().unwrap_or(0)) + 1,
            by: By::Table(col, ranks),
        }
    }

    /// The numbers for sorting by some bytes of names whose earlier bytes are equal.
    pub fn of_piece(start: usize) -> Self {
        Self {
            by: By::Piece(start),
            none: PAST_PIECES,
        }
    }

    fn by_words<T: Ord>(col: Col, words: Vec<Option<T>>, descending: bool) -> Self {
        let absent: Vec<bool> = words.iter().map(Option::is_none).collect();
        let ranks = ranks(words);
        let last = ranks.iter().copied().max().unwrap_or(0);
        let numbers = ranks
            .into_iter()
            .zip(absent)
            .map(|(rank, absent)| match (absent, descending) {
                (true, _) => last + 1,
                (false, true) => last - rank,
                (false, false) => rank,
            });
        Self {
            by: By::Table(col, numbers.collect()),
            none: u64::from(last) + 1,
        }
    }

    /// The number of a row without a value, which is larger than all others.
    pub fn none(&self) -> u64 {
        self.none
    }

    /// Calls `visit` with each row's place in the chunk and its number; the number of a vacant row has no
    /// meaning.
    pub fn each(&self, chunk: &Chunk, mut visit: impl FnMut(usize, u64)) {
        match &self.by {
            By::Name => {
                let flags = chunk.column(Col::Flags);
                names::each(chunk, |at, name| {
                    let nameless = flags.get(at) & flag::NAMELESS != 0;
                    visit(
                        at,
                        if nameless {
                            PAST_PIECES
                        } else {
                            names::piece(name, 0)
                        },
                    );
                });
            }
            By::Piece(start) => names::each(chunk, |at, name| visit(at, names::piece(name, *start))),
            By::Table(col, numbers) => chunk
                .column(*col)
                .for_each(|at, code| visit(at, self.tabled(numbers, code))),
            By::Usage(col, descending, most) => chunk
                .column(*col)
                .for_each(|at, code| visit(at, used(code, *descending, *most))),
            By::Created(descending) => chunk
                .column(Col::Created)
                .for_each(|at, code| visit(at, created(code, *descending))),
            By::Ranked(ranked, descending) => {
                (0..chunk.len()).for_each(|at| visit(at, self.placed(ranked.number(chunk, at), *descending)));
            }
        }
    }

    /// The same for chosen rows only.
    pub fn each_of(&self, chunk: &Chunk, mask: &Mask, mut visit: impl FnMut(usize, u64)) {
        let count = mask.count();
        if count < WORTH_ALL {
            mask.rows().for_each(|at| visit(at, self.of_row(chunk, at)));
        } else if count == chunk.len() {
            self.each(chunk, visit);
        } else {
            self.each(chunk, |at, number| {
                if mask.has(at) {
                    visit(at, number);
                }
            });
        }
    }

    /// The chosen rows whose number `is_it` accepts.
    pub fn mask_of(&self, chunk: &Chunk, mask: &Mask, is_it: impl Fn(u64) -> bool) -> Mask {
        let mut accepted = Mask::NONE;
        if mask.count() < WORTH_ALL {
            let accepts = |at: &usize| is_it(self.of_row(chunk, *at));
            mask.rows().filter(accepts).for_each(|at| accepted.add(at));
            return accepted;
        }
        let all = match &self.by {
            By::Name | By::Piece(_) | By::Ranked(..) => {
                self.each(chunk, |at, number| {
                    if is_it(number) {
                        accepted.add(at);
                    }
                });
                accepted
            }
            By::Table(col, numbers) => Mask::of(chunk.column(*col), |code| is_it(self.tabled(numbers, code))),
            By::Usage(col, descending, most) => {
                Mask::of(chunk.column(*col), |code| is_it(used(code, *descending, *most)))
            }
            By::Created(descending) => Mask::of(chunk.column(Col::Created), |code| {
                is_it(created(code, *descending))
            }),
        };
        all.and(*mask)
    }

    /// The chosen rows whose number is in `range`.
    pub fn mask_within(&self, chunk: &Chunk, mask: &Mask, range: &RangeInclusive<u64>) -> Mask {
        let codes = self.codes(range).filter(|_| mask.count() >= WORTH_ALL);
        match codes {
            Some((col, codes)) => Mask::within(chunk.column(col), &codes).and(*mask),
            None => self.mask_of(chunk, mask, |number| range.contains(&number)),
        }
    }

    /// The codes of a column whose numbers are in `range`, if these codes form a range too.
    fn codes(&self, range: &RangeInclusive<u64>) -> Option<(Col, RangeInclusive<u64>)> {
        if *range.end() >= self.none {
            return None;
        }
        let (col, descending, first) = match &self.by {
            By::Usage(col, descending, _) => (*col, *descending, FIRST_PERCENT),
            // The youngest pod has the latest date.
            By::Created(descending) => (
                Col::Created,
                !descending,
                encoding::of_created_ms(CREATION_MS.start)?,
            ),
            By::Name | By::Piece(_) | By::Table(..) | By::Ranked(..) => return None,
        };
        let code = |number: u64| {
            first
                + if descending {
                    self.none - 1 - number
                } else {
                    number
                }
        };
        let (one, other) = (code(*range.start()), code(*range.end()));
        Some((col, one.min(other)..=one.max(other)))
    }

    /// The number of a row.
    pub fn of_row(&self, chunk: &Chunk, at: usize) -> u64 {
        match &self.by {
            By::Name if chunk.has(at, flag::NAMELESS) => PAST_PIECES,
            By::Name => names::piece(names::bytes(chunk, at), 0),
            By::Piece(start) => names::piece(names::bytes(chunk, at), *start),
            By::Table(col, numbers) => self.tabled(numbers, chunk.code(*col, at)),
            By::Usage(col, descending, most) => used(chunk.code(*col, at), *descending, *most),
            By::Created(descending) => created(chunk.code(Col::Created, at), *descending),
            By::Ranked(ranked, descending) => self.placed(ranked.number(chunk, at), *descending),
        }
    }

    fn tabled(&self, numbers: &[u32], code: u64) -> u64 {
        let number = usize::try_from(code).ok().and_then(|code| numbers.get(code));
        number.map_or(self.none, |number| u64::from(*number))
    }
}

fn used(code: u64, descending: bool, most: u64) -> u64 {
    match code.checked_sub(FIRST_PERCENT) {
        None => most + 1,
        Some(percent) if descending => most - percent.min(most),
        Some(percent) => percent,
    }
}

fn created(code: u64, descending: bool) -> u64 {
    let span = creation_span();
    let ms = encoding::created_ms(code).filter(|ms| CREATION_MS.contains(ms));
    match ms.map(|ms| ms.abs_diff(CREATION_MS.start)) {
        None => span,
        // The youngest pod has the latest date.
        Some(since) if descending => since,
        Some(since) => span - 1 - since,
    }
}

/// The number of milliseconds in the range of valid creation times.
fn creation_span() -> u64 {
    CREATION_MS.end.abs_diff(CREATION_MS.start)
}

/// The largest percentage in a column of usages.
fn most_of(fleet: &Fleet, col: Col) -> u64 {
    let columns = fleet.chunks().iter().map(|chunk| chunk.column(col));
    let most = columns.map(Packed::most).max().unwrap_or(0);
    most.saturating_sub(FIRST_PERCENT)
}

fn valued(word: Field<&str>) -> Option<&str> {
    word.value().copied()
}

/// The rank of each code of a column; equal values have equal ranks.
pub fn ranks<T: Ord>(values: Vec<T>) -> Vec<u32> {
    let mut order: Vec<(T, usize)> = values.into_iter().zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    let (mut rank, mut before) = (0, None);
    for (value, code) in &order {
        rank += u32::from(before.is_some_and(|before| before != value));
        before = Some(value);
        if let Some(place) = ranks.get_mut(*code) {
            *place = rank;
        }
    }
    ranks
}
