//! One test of a filter, prepared for columns.
//!
//! Owns how each [`Test`] runs on a chunk: each word is tested once, and then only the words' codes are
//! compared; numbers are compared in their stored form if that is exact. Must not: give another result than
//! the reference.

use std::cmp::Ordering;
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;

use super::search::{PatternSearch, Texts};
use crate::fleet::fields::{FieldKind, PodNumber, PodText};
use crate::fleet::pod::CREATION_MS;
use crate::fleet::quantity::Measure;
use crate::fleet::query::{Cmp, Matching, Pattern, Test};
use crate::fleet::raw::List;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col, flag};
use crate::fleet::store::dictionary::{ABSENT, FIRST};
use crate::fleet::store::encoding::{self, FIRST_PERCENT, IS_UUID, Interner};
use crate::fleet::store::mask::Mask;
use crate::fleet::store::packed::Packed;
use crate::fleet::store::places::{TextPlace, places};
use crate::fleet::words::{Detection, Protection, Status};

/// The characters of an IPv4 address.
const ADDRESS: &[u8] = b"0123456789.";
/// The characters of a UUID.
const UUID: &[u8] = b"0123456789abcdef-";

/// A test of a chunk's rows.
#[derive(Debug)]
pub enum ChunkTest {
    /// The name matches.
    Name(Arc<PatternSearch>),
    /// The row has one of these flags.
    Flags(u64),
    /// The word is one of those that match.
    Word(Col, Vec<bool>),
    /// The pod's own address matches.
    PodIp(Arc<PatternSearch>),
    /// The id matches.
    Id(Arc<PatternSearch>),
    /// The stored number is within the range.
    Code(Col, RangeInclusive<u64>),
    /// The creation time (valid, in milliseconds) compares with the age in this way.
    Age(Cmp, u64, i64),
    /// The amount compares in this way.
    Amount(Col, Amounts, Cmp, u64),
    /// The share, in hundredths of a percent, compares in this way: usage column, used, limit.
    Share([Col; 3], Measure, Cmp, u64),
    /// One of these tests passes.
    AnyOf(Vec<ChunkTest>),
    /// All of these tests pass.
    AllOf(Vec<ChunkTest>),
}

/// The exact factors from the numbers in a column of quantities to amounts, one per notation.
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

    /// The exact factor for this number, if there is one.
    fn factor(&self, code: u64) -> Option<u64> {
        let [tag, ..] = code.to_le_bytes();
        self.factors[usize::from(tag)].map(NonZero::get)
    }

    fn amount(&self, code: u64, words: &Interner) -> Option<u64> {
        match self.factor(code) {
            // An amount that is too large is capped, as everywhere.
            Some(factor) => Some((code >> 8).saturating_mul(factor)),
            None => words.amount(code, self.measure).value().copied(),
        }
    }
}

impl ChunkTest {
    /// Prepares a test for the fleet.
    pub fn of(test: &Test, fleet: &Fleet, now: Timestamp) -> Self {
        match test {
            Test::Any(pattern) => any(pattern, fleet),
            Test::Text(column, pattern) => text(*column, pattern, fleet),
            Test::Absent(FieldKind::Text(column)) => text_absent(*column),
            Test::Absent(FieldKind::Number(column)) => number_absent(*column),
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
                // A row without a name has an empty text here.
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
                let column = chunk.column(*usage);
                let exact = |at: usize| {
                    let amount = |col| words.amount(chunk.code(col, at), *measure);
                    let (used, limit) = (*amount(*used).value()?, *amount(*limit).value()?);
                    let share = (u128::from(used) * 10_000).checked_div(limit.into())?;
                    Some(u64::try_from(share).unwrap_or(u64::MAX).cmp(wanted))
                };
                let percents = WholePercents::around(*wanted);
                let mut mask = Mask::NONE;
                for (codes, ordering) in [
                    (percents.below, Ordering::Less),
                    (percents.above, Ordering::Greater),
                ] {
                    if cmp.holds(ordering) {
                        mask = mask.or(Mask::within(column, &codes));
                    }
                }
                for codes in percents.undecided {
                    for at in Mask::within(column, &codes).rows() {
                        if exact(at).is_some_and(|ordering| cmp.holds(ordering)) {
                            mask.add(at);
                        }
                    }
                }
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

/// The codes of usage by how their whole percents compare with a number of hundredths. Undecided is the percent that the number
/// is in, and the largest stored percentage, which stands for all above it.
struct WholePercents {
    below: RangeInclusive<u64>,
    above: RangeInclusive<u64>,
    undecided: [RangeInclusive<u64>; 2],
}

impl WholePercents {
    fn around(hundredths: u64) -> Self {
        let largest = FIRST_PERCENT + u64::from(u32::MAX);
        let middle = (FIRST_PERCENT + hundredths / 100).min(largest);
        let is_largest = middle == largest;
        Self {
            below: FIRST_PERCENT..=middle - 1,
            above: middle + 1..=largest - 1,
            undecided: [middle..=middle, largest + u64::from(is_largest)..=largest],
        }
    }
}

/// The names of a chunk.
pub fn names(chunk: &Chunk) -> Texts<'_> {
    Texts {
        text: chunk.names(),
        ends: chunk.ends(),
        plain: chunk.has_plain_names(),
    }
}

/// The addresses of a column in one text, and the end of each; words that are not addresses are left out.
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

/// The test for the words of a column that match; `None` if no word matches.
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
    let forms: fn(&str) -> [String; 4] = match col {
        Col::Status => |word| Status::read(word).forms().map(str::to_owned),
        Col::Protection => |word| Protection::read(word).forms().map(str::to_owned),
        Col::Detection => |word| Detection::read(word).forms().map(str::to_owned),
        _ => {
            search.each(words.texts(), pass);
            return any.then_some(ChunkTest::Word(col, passed));
        }
    };
    for (at, word) in words.iter().enumerate() {
        if forms(word).iter().any(|form| search.matches(form)) {
            pass(at);
        }
    }
    any.then_some(ChunkTest::Word(col, passed))
}

fn any(pattern: &Pattern, fleet: &Fleet) -> ChunkTest {
    let search = Arc::new(PatternSearch::new(pattern, Matching::Part));
    let texts = PodText::ALL.iter().filter(|text| text.field().row().is_searched);
    let places = texts.flat_map(|text| places(*text));
    ChunkTest::AnyOf(
        places
            .filter_map(|place| at_place(*place, &search, fleet))
            .collect(),
    )
}

fn text(column: PodText, pattern: &Pattern, fleet: &Fleet) -> ChunkTest {
    let search = Arc::new(PatternSearch::new(pattern, column.matching()));
    let checks = places(column)
        .iter()
        .filter_map(|place| at_place(*place, &search, fleet));
    ChunkTest::AnyOf(checks.collect())
}

/// The rows whose text at this place matches; `None` if none can.
fn at_place(place: TextPlace, search: &Arc<PatternSearch>, fleet: &Fleet) -> Option<ChunkTest> {
    match place {
        TextPlace::Name => Some(ChunkTest::Name(Arc::clone(search))),
        TextPlace::Id => Some(ChunkTest::Id(Arc::clone(search))),
        TextPlace::PodIp => Some(ChunkTest::PodIp(Arc::clone(search))),
        TextPlace::Word(col) => word(col, search, fleet),
        TextPlace::Lists => {
            let lists = List::ALL.into_iter().zip([flag::NODE, flag::SERVERLESS]);
            let flags = lists
                .filter(|(list, _)| search.matches(list.word()))
                .map(|(_, flag)| flag);
            Some(flags.fold(0, |flags, flag| flags | flag))
                .filter(|flags| *flags != 0)
                .map(ChunkTest::Flags)
        }
    }
}

fn text_absent(column: PodText) -> ChunkTest {
    let absent = |place: &TextPlace| match place {
        TextPlace::Name => ChunkTest::Flags(flag::NAME_ABSENT),
        TextPlace::Id => ChunkTest::Code(Col::Id, ABSENT..=ABSENT),
        TextPlace::PodIp => ChunkTest::Code(Col::PodIp, ABSENT..=ABSENT),
        TextPlace::Word(col) => ChunkTest::Code(*col, ABSENT..=ABSENT),
        TextPlace::Lists => {
            let in_none = |flags| flags & (flag::NODE | flag::SERVERLESS) == 0;
            ChunkTest::Word(Col::Flags, (0..flag::ALL).map(in_none).collect())
        }
    };
    ChunkTest::AllOf(places(column).iter().map(absent).collect())
}

fn number_absent(column: PodNumber) -> ChunkTest {
    match column {
        // No usage was reported, or there is no limit.
        PodNumber::CpuPercent => ChunkTest::Code(Col::CpuUsage, 0..=1),
        PodNumber::MemoryPercent => ChunkTest::Code(Col::MemoryUsage, 0..=1),
        PodNumber::Cpu => ChunkTest::Code(Col::Cpu, ABSENT..=ABSENT),
        PodNumber::Memory => ChunkTest::Code(Col::Memory, ABSENT..=ABSENT),
        PodNumber::CpuLimit => ChunkTest::Code(Col::CpuLimit, ABSENT..=ABSENT),
        PodNumber::MemoryLimit => ChunkTest::Code(Col::MemoryLimit, ABSENT..=ABSENT),
        PodNumber::Age => ChunkTest::Code(Col::Created, ABSENT..=ABSENT),
        PodNumber::Risk => ChunkTest::AnyOf(vec![]),
    }
}

fn number(column: PodNumber, cmp: Cmp, amount: u64, now: Timestamp) -> ChunkTest {
    let quantity = |col, measure| ChunkTest::Amount(col, Amounts::of(measure), cmp, amount);
    match column {
        PodNumber::CpuPercent => ChunkTest::Share(
            [Col::CpuUsage, Col::Cpu, Col::CpuLimit],
            Measure::Cpu,
            cmp,
            amount,
        ),
        PodNumber::MemoryPercent => ChunkTest::Share(
            [Col::MemoryUsage, Col::Memory, Col::MemoryLimit],
            Measure::Memory,
            cmp,
            amount,
        ),
        PodNumber::Cpu => quantity(Col::Cpu, Measure::Cpu),
        PodNumber::Memory => quantity(Col::Memory, Measure::Memory),
        PodNumber::CpuLimit => quantity(Col::CpuLimit, Measure::Cpu),
        PodNumber::MemoryLimit => quantity(Col::MemoryLimit, Measure::Memory),
        PodNumber::Age => {
            let now_ms = now.as_nanosecond().div_euclid(1_000_000);
            ChunkTest::Age(cmp, amount, i64::try_from(now_ms).unwrap_or(i64::MAX))
        }
        PodNumber::Risk => {
            let passed = (0_u64..256).map(|score| cmp.holds(score.cmp(&amount))).collect();
            ChunkTest::Word(Col::Risk, passed)
        }
    }
}

#[cfg(test)]
mod tests;
