//! One test of a filter, made ready for columns.
//!
//! Owns how each [`Test`] is asked of a chunk: words are asked once, and then only their codes are looked at; numbers
//! are compared as they are stored where that is exact. Must not: say anything else than the reference says.

use std::cmp::Ordering;
use std::num::NonZero;
use std::sync::Arc;

use jiff::Timestamp;

use super::search::{PatternSearch, Texts};
use crate::fleet::pod::CREATION_MS;
use crate::fleet::quantity::Measure;
use crate::fleet::query::{Cmp, Column, Matching, NumberColumn, Pattern, Test, TextColumn};
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col, flag};
use crate::fleet::store::dictionary::{ABSENT, FIRST};
use crate::fleet::store::encoding::{self, FIRST_PERCENT, IS_UUID, Interner};
use crate::fleet::store::mask::Mask;
use crate::fleet::store::packed::Packed;
use crate::fleet::words::{Detection, Protection, Status};

/// What an address is written with.
const ADDRESS: &[u8] = b"0123456789.";
/// What a UUID is written with.
const UUID: &[u8] = b"0123456789abcdef-";

/// A test of a chunk's rows.
#[derive(Debug)]
pub enum ChunkTest {
    /// The name matches.
    Name(Arc<PatternSearch>),
    /// The row has one of these flags.
    Flags(u64),
    /// The word is one of those that passed.
    Word(Col, Vec<bool>),
    /// The pod's own address matches.
    PodIp(Arc<PatternSearch>),
    /// The id matches.
    Id(Arc<PatternSearch>),
    /// The number as it is stored is within the range.
    Code(Col, std::ops::RangeInclusive<u64>),
    /// The creation time, in milliseconds and no impossible one, compares so with the age.
    Age(Cmp, u64, i64),
    /// The amount compares so.
    Amount(Col, Amounts, Cmp, u64),
    /// The share, in hundredths of a percent, compares so: usage column, used, limit.
    Share([Col; 3], Measure, Cmp, u64),
    /// One of these holds.
    AnyOf(Vec<ChunkTest>),
    /// All of these hold.
    AllOf(Vec<ChunkTest>),
}

/// What a number of a column of quantities is multiplied by, per way of writing it, where that is exact.
#[derive(Debug)]
pub struct Amounts {
    measure: Measure,
    factors: Box<[Option<NonZero<u64>>; 256]>,
}

impl Amounts {
    fn of(measure: Measure) -> Self {
        let factor = |tag| NonZero::new(encoding::parts(tag as u64)?.factor(measure)?);
        Self {
            measure,
            factors: Box::new(std::array::from_fn(factor)),
        }
    }

    /// What the rest of this number is multiplied by, if that is exact.
    fn factor(&self, code: u64) -> Option<u64> {
        let [tag, ..] = code.to_le_bytes();
        self.factors[usize::from(tag)].map(NonZero::get)
    }

    fn amount(&self, code: u64, words: &Interner) -> Option<u64> {
        match self.factor(code) {
            // What is too large is the largest amount, as everywhere.
            Some(factor) => Some((code >> 8).saturating_mul(factor)),
            None => words.amount(code, self.measure).value().copied(),
        }
    }
}

impl ChunkTest {
    /// Makes a test ready for the fleet.
    pub fn of(test: &Test, fleet: &Fleet, now: Timestamp) -> Self {
        match test {
            Test::Any(pattern) => any(pattern, fleet),
            Test::Text(column, pattern) => text(*column, pattern, fleet),
            Test::Absent(Column::Text(column)) => text_absent(*column),
            Test::Absent(Column::Number(column)) => number_absent(*column),
            Test::Number(column, cmp, amount) => number(*column, *cmp, *amount, now),
        }
    }

    /// The rows of the chunk that pass.
    pub fn mask(&self, chunk: &Chunk, words: &Interner) -> Mask {
        match self {
            Self::Name(search) => {
                let mut mask = Mask::NONE;
                search.each(names(chunk), |at| mask.add(at));
                if mask.is_empty() {
                    return mask;
                }
                // A row without a name stands there with an empty one.
                mask.without(Self::Flags(flag::NAMELESS).mask(chunk, words))
            }
            Self::Flags(flags) => Mask::of(chunk.column(Col::Flags), |code| code & flags != 0),
            Self::Word(col, passed) => Mask::of(chunk.column(*col), |code| {
                usize::try_from(code).ok().and_then(|code| passed.get(code)) == Some(&true)
            }),
            Self::PodIp(search) => {
                let any = search.may_match_text_of(ADDRESS);
                let column = chunk.column(Col::PodIp);
                let odd = Mask::of(column, |code| encoding::address(code).is_none());
                let mut mask = Mask::NONE;
                if any {
                    let (text, ends) = addresses(column);
                    let texts = Texts {
                        text: &text,
                        ends: &ends,
                        plain: true,
                    };
                    search.each(texts, |at| mask.add(at));
                    mask = mask.without(odd);
                }
                for at in odd.rows() {
                    let ip = words.pod_ip(column.get(at));
                    if ip.value().is_some_and(|ip| search.matches(ip)) {
                        mask.add(at);
                    }
                }
                mask
            }
            Self::Id(search) => {
                let uuids = search.may_match_text_of(UUID);
                let mut mask = Mask::NONE;
                chunk.column(Col::Id).for_each(|at, code| {
                    if code >= FIRST
                        && (uuids || code != IS_UUID)
                        && words.id(chunk, at).value().is_some_and(|id| search.matches(id))
                    {
                        mask.add(at);
                    }
                });
                mask
            }
            Self::Code(col, range) => Mask::within(chunk.column(*col), range),
            Self::Age(cmp, amount, now_ms) => Mask::of(chunk.column(Col::Created), |code| {
                encoding::created_ms(code)
                    .filter(|ms| CREATION_MS.contains(ms))
                    .map(|ms| u64::try_from((now_ms - ms).div_euclid(1000)).unwrap_or(0))
                    .is_some_and(|age| cmp.holds(age.cmp(amount)))
            }),
            Self::Amount(col, amounts, cmp, wanted) => Mask::of(chunk.column(*col), |code| {
                amounts
                    .amount(code, words)
                    .is_some_and(|amount| cmp.holds(amount.cmp(wanted)))
            }),
            Self::Share([usage, used, limit], measure, cmp, wanted) => {
                let mut mask = Mask::NONE;
                chunk.column(*usage).for_each(|at, code| {
                    let exact = || {
                        let amount = |col| words.amount(chunk.code(col, at), *measure);
                        let (used, limit) = (*amount(*used).value()?, *amount(*limit).value()?);
                        let share = (u128::from(used) * 10_000).checked_div(limit.into())?;
                        Some(u64::try_from(share).unwrap_or(u64::MAX).cmp(wanted))
                    };
                    let ordering = code
                        .checked_sub(FIRST_PERCENT)
                        .and_then(|percent| by_whole_percents(percent, *wanted).or_else(exact));
                    if ordering.is_some_and(|ordering| cmp.holds(ordering)) {
                        mask.add(at);
                    }
                });
                mask
            }
            Self::AnyOf(checks) => checks
                .iter()
                .fold(Mask::NONE, |mask, check| mask.or(check.mask(chunk, words))),
            Self::AllOf(checks) => {
                let mut masks = checks.iter().map(|check| check.mask(chunk, words));
                let first = masks.next().unwrap_or(Mask::NONE);
                masks.fold(first, Mask::and)
            }
        }
    }
}

/// How a share of so many whole percents compares with a number of hundredths, unless it is in that very percent or is
/// the largest that is stored, which stands for all above it.
fn by_whole_percents(percent: u64, hundredths: u64) -> Option<Ordering> {
    if percent == u64::from(u32::MAX) {
        return None;
    }
    Some(percent.cmp(&(hundredths / 100))).filter(|ordering| ordering.is_ne())
}

/// The names of a chunk.
pub fn names(chunk: &Chunk) -> Texts<'_> {
    Texts {
        text: chunk.names(),
        ends: chunk.ends(),
        plain: chunk.has_plain_names(),
    }
}

/// The addresses of a column, one after the other, and where each ends; those of another form are left out.
fn addresses(column: &Packed) -> (String, Vec<u32>) {
    let rows = CHUNK_ROWS as usize;
    let (mut text, mut ends) = (String::with_capacity(rows * 15), Vec::with_capacity(rows));
    let digit = |number: u8| char::from(b'0' + number);
    column.for_each(|_, code| {
        let octets = encoding::address(code).map(|address| address.octets());
        for (at, octet) in octets.iter().flatten().enumerate() {
            if at > 0 {
                text.push('.');
            }
            if *octet >= 100 {
                text.push(digit(octet / 100));
            }
            if *octet >= 10 {
                text.push(digit(octet / 10 % 10));
            }
            text.push(digit(octet % 10));
        }
        ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
    });
    (text, ends)
}

/// The words of a column that match, or nothing where none does.
fn word(col: Col, search: &PatternSearch, fleet: &Fleet) -> Option<ChunkTest> {
    let words = fleet.words().of(col);
    let mut passed = vec![false; words.len() + 2];
    let mut any = false;
    let mut pass = |at: usize| {
        if let Some(passed) = passed.get_mut(at + 2) {
            *passed = true;
            any = true;
        }
    };
    let shown: fn(&str) -> String = match col {
        Col::Status => |word| Status::read(word).shown().to_owned(),
        Col::Protection => |word| Protection::read(word).shown().to_owned(),
        Col::Detection => |word| Detection::read(word).shown().to_owned(),
        _ => {
            search.each(words.texts(), pass);
            return any.then_some(ChunkTest::Word(col, passed));
        }
    };
    for (at, word) in words.iter().enumerate() {
        if search.matches(&shown(word)) {
            pass(at);
        }
    }
    any.then_some(ChunkTest::Word(col, passed))
}

fn any(pattern: &Pattern, fleet: &Fleet) -> ChunkTest {
    let cols = [
        Col::Namespace,
        Col::Cluster,
        Col::Node,
        Col::NodeIp,
        Col::ClusterType,
        Col::Status,
        Col::Protection,
        Col::Detection,
    ];
    let search = Arc::new(PatternSearch::new(pattern, Matching::Part));
    let words = cols.into_iter().filter_map(|col| word(col, &search, fleet));
    let own = [
        ChunkTest::Name(Arc::clone(&search)),
        ChunkTest::PodIp(Arc::clone(&search)),
    ];
    ChunkTest::AnyOf(own.into_iter().chain(words).collect())
}

fn text(column: TextColumn, pattern: &Pattern, fleet: &Fleet) -> ChunkTest {
    let search = Arc::new(PatternSearch::new(pattern, column.matching()));
    let own = match column {
        TextColumn::Pod => Some(ChunkTest::Name(Arc::clone(&search))),
        TextColumn::Id => Some(ChunkTest::Id(Arc::clone(&search))),
        TextColumn::Ip => Some(ChunkTest::PodIp(Arc::clone(&search))),
        TextColumn::Namespace
        | TextColumn::Cluster
        | TextColumn::Node
        | TextColumn::Status
        | TextColumn::Protection
        | TextColumn::Detection
        | TextColumn::Region
        | TextColumn::ClusterType => None,
    };
    // Ids and pod addresses are no words: nearly every pod has its own.
    let interned = cols(column)
        .iter()
        .filter(|col| !matches!(col, Col::Id | Col::PodIp));
    let words = interned.filter_map(|col| word(*col, &search, fleet));
    ChunkTest::AnyOf(own.into_iter().chain(words).collect())
}

/// The columns of numbers that a text column is stored in.
fn cols(column: TextColumn) -> &'static [Col] {
    match column {
        TextColumn::Pod => &[],
        TextColumn::Namespace => &[Col::Namespace],
        TextColumn::Cluster => &[Col::Cluster],
        TextColumn::Node => &[Col::Node],
        TextColumn::Ip => &[Col::PodIp, Col::NodeIp],
        TextColumn::Status => &[Col::Status],
        TextColumn::Protection => &[Col::Protection],
        TextColumn::Detection => &[Col::Detection],
        TextColumn::Region => &[Col::Region],
        TextColumn::ClusterType => &[Col::ClusterType],
        TextColumn::Id => &[Col::Id],
    }
}

fn text_absent(column: TextColumn) -> ChunkTest {
    match column {
        TextColumn::Pod => ChunkTest::Flags(flag::NAME_ABSENT),
        other => ChunkTest::AllOf(
            cols(other)
                .iter()
                .map(|col| ChunkTest::Code(*col, ABSENT..=ABSENT))
                .collect(),
        ),
    }
}

fn number_absent(column: NumberColumn) -> ChunkTest {
    match column {
        // No usage was reported, or nothing limits it.
        NumberColumn::CpuPercent => ChunkTest::Code(Col::CpuUsage, 0..=1),
        NumberColumn::MemoryPercent => ChunkTest::Code(Col::MemoryUsage, 0..=1),
        NumberColumn::Cpu => ChunkTest::Code(Col::Cpu, ABSENT..=ABSENT),
        NumberColumn::Memory => ChunkTest::Code(Col::Memory, ABSENT..=ABSENT),
        NumberColumn::CpuLimit => ChunkTest::Code(Col::CpuLimit, ABSENT..=ABSENT),
        NumberColumn::MemoryLimit => ChunkTest::Code(Col::MemoryLimit, ABSENT..=ABSENT),
        NumberColumn::Age => ChunkTest::Code(Col::Created, ABSENT..=ABSENT),
        NumberColumn::Risk => ChunkTest::AnyOf(vec![]),
    }
}

fn number(column: NumberColumn, cmp: Cmp, amount: u64, now: Timestamp) -> ChunkTest {
    let quantity = |col, measure| ChunkTest::Amount(col, Amounts::of(measure), cmp, amount);
    match column {
        NumberColumn::CpuPercent => ChunkTest::Share(
            [Col::CpuUsage, Col::Cpu, Col::CpuLimit],
            Measure::Cpu,
            cmp,
            amount,
        ),
        NumberColumn::MemoryPercent => ChunkTest::Share(
            [Col::MemoryUsage, Col::Memory, Col::MemoryLimit],
            Measure::Memory,
            cmp,
            amount,
        ),
        NumberColumn::Cpu => quantity(Col::Cpu, Measure::Cpu),
        NumberColumn::Memory => quantity(Col::Memory, Measure::Memory),
        NumberColumn::CpuLimit => quantity(Col::CpuLimit, Measure::Cpu),
        NumberColumn::MemoryLimit => quantity(Col::MemoryLimit, Measure::Memory),
        NumberColumn::Age => {
            let now_ms = now.as_nanosecond().div_euclid(1_000_000);
            ChunkTest::Age(cmp, amount, i64::try_from(now_ms).unwrap_or(i64::MAX))
        }
        NumberColumn::Risk => {
            let passed = (0_u64..256).map(|score| cmp.holds(score.cmp(&amount))).collect();
            ChunkTest::Word(Col::Risk, passed)
        }
    }
}

#[cfg(test)]
mod tests;
