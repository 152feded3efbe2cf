//! Counts the chosen rows by cluster and namespace in one pass, on two threads if there is enough work.
//!
//! It only reads columns of small numbers, many rows at once where the processor can: the security words of a row are one small
//! number, its status and usage another, and each stands for counts that are added at once. Where there are few pairs of a
//! cluster and a namespace, as nearly always, each has its own place, and no pair is looked up. Must not: make names.

use std::sync::Arc;
use std::thread;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::GroupCounts;
use super::groups::CountedGroups;
use super::packed_counts::PackedCounts;
use super::tally::Tally;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Col};
use crate::fleet::store::counts::of_row;
use crate::fleet::store::dictionary::{FIRST, UNREADABLE};
use crate::fleet::store::encoding::{FIRST_PERCENT, usage};
use crate::fleet::store::mask::Mask;
use crate::fleet::usage::{CRITICAL_PERCENT, Usage};
use crate::fleet::words::{Detection, Protection, Status};

/// From this number of chunks on, two threads are faster than one.
pub(super) const WORTH_TWO_THREADS: usize = 16;
/// The most pairs that have a place each: 12 MiB for as long as it takes to count.
const MOST_PAIRS: u64 = 1 << 19;
/// Pairs that may have a place each however few pods there are.
const FEW_PAIRS: u64 = 1 << 12;
const ROWS: usize = CHUNK_ROWS as usize;

/// The namespaces of the chosen rows.
pub(super) fn by_namespace(fleet: &Fleet, masks: &[Mask]) -> CountedGroups {
    let words = |col| fleet.words().of(col).len() as u64 + FIRST;
    let (clusters, namespaces) = (words(Col::Cluster), words(Col::Namespace));
    let pods: usize = masks.iter().map(Mask::count).sum();
    let pairs = clusters.saturating_mul(namespaces);
    let places = if pairs <= MOST_PAIRS.min(FEW_PAIRS + pods as u64) {
        PairPlaces::each(pairs, namespaces)
    } else {
        PairPlaces::Known(HashMap::default())
    };
    let shares = Shares::new();
    let chunks = fleet.chunks();
    let half = if chunks.len() < WORTH_TWO_THREADS {
        0
    } else {
        chunks.len() / 2
    };
    let (first, second) = chunks.split_at(half.min(chunks.len()));
    let (of_first, of_second) = masks.split_at(half.min(masks.len()));
    let count = |chunks: &[Arc<Chunk>], masks: &[Mask]| {
        let mut counter = Counter::new(places.clone(), &shares);
        for (chunk, mask) in chunks.iter().zip(masks) {
            counter.add(chunk, mask);
        }
        (counter.places, counter.tally)
    };
    let counted = thread::scope(|scope| {
        let other = (!first.is_empty()).then(|| scope.spawn(|| count(first, of_first)));
        let own = count(second, of_second);
        let other = other.map(|other| other.join().unwrap_or_else(|_| count(first, of_first)));
        std::iter::once(own).chain(other)
    });
    let (places, tallies): (Vec<PairPlaces>, Vec<Tally>) = counted.unzip();
    if let Some(PairPlaces::Each { width, .. }) = places.first() {
        return CountedGroups::of_each(fleet, *width, &tallies);
    }
    let mut pairs = places.into_iter().zip(tallies);
    let (mut known, mut tally) = pairs.next().unwrap_or((PairPlaces::each(0, 0), Tally::of(0)));
    for (places, other) in pairs {
        known.take_in(places, &mut tally, other);
    }
    CountedGroups::of_known(fleet, known.into_pairs(), &tally)
}

/// The places of pairs: the codes of a cluster and a namespace.
#[derive(Debug, Clone)]
enum PairPlaces {
    /// Every possible pair has one.
    Each {
        /// How many pairs.
        pairs: usize,
        /// The namespaces of a cluster.
        width: u32,
    },
    /// Those that were met have one; the first number is the cluster's code above the namespace's.
    Known(HashMap<u64, u32, RandomState>),
}

impl PairPlaces {
    fn each(pairs: u64, width: u64) -> Self {
        Self::Each {
            pairs: usize::try_from(pairs).unwrap_or(0),
            width: u32::try_from(width).unwrap_or(0),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Each { pairs, .. } => *pairs,
            Self::Known(pairs) => pairs.len(),
        }
    }

    /// The place of a pair that is looked up.
    fn place_of(&mut self, pair: u64) -> u32 {
        match self {
            Self::Each { .. } => 0,
            Self::Known(pairs) => {
                let next = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
                *pairs.entry(pair).or_insert(next)
            }
        }
    }

    /// Takes in the pairs of another one, and what was counted at their places.
    fn take_in(&mut self, other: Self, tally: &mut Tally, counted: Tally) {
        let mut known = vec![0; counted.len()];
        for (pair, place) in other.into_pairs() {
            if let Some(at) = known.get_mut(place as usize) {
                *at = self.place_of(pair) as usize;
            }
        }
        tally.reach(self.len());
        tally.add_all(counted, |place| known.get(place).copied().unwrap_or(0));
    }

    /// The pairs that were met, and their places.
    fn into_pairs(self) -> Vec<(u64, u32)> {
        match self {
            Self::Each { .. } => Vec::new(),
            Self::Known(pairs) => pairs.into_iter().collect(),
        }
    }

    /// The places of the chosen rows of a chunk.
    fn of_rows(&mut self, chunk: &Chunk, mask: &Mask, places: &mut [u32]) {
        let (clusters, namespaces) = (chunk.column(Col::Cluster), chunk.column(Col::Namespace));
        if let Self::Each { width, .. } = self {
            places.fill(0);
            clusters.add_to(places, *width);
            namespaces.add_to(places, 1);
            return;
        }
        // Neighbours are often of the same namespace.
        let mut last = None;
        for at in mask.rows() {
            let pair = clusters.get(at) << 32 | namespaces.get(at);
            let place = match last {
                Some((known, place)) if known == pair => place,
                _ => self.place_of(pair),
            };
            last = Some((pair, place));
            if let Some(own) = places.get_mut(at) {
                *own = place;
            }
        }
    }
}

/// The counts of a row: one part for its security words, the other for everything else.
struct Shares {
    security: [PackedCounts; SECURITY],
    others: [PackedCounts; OTHERS],
}

/// The number from which on a code is that of a word that nobody documents: the documented ones come first, and three bits are
/// enough for them.
const STATUS: u8 = first_odd(Status::KNOWN);
const PROTECTION: u8 = first_odd(Protection::KNOWN);
const DETECTION: u8 = first_odd(Detection::KNOWN);
/// The number of the least usage that is critical.
const CRITICAL: u8 = small(FIRST_PERCENT + CRITICAL_PERCENT as u64);
/// How many numbers a row's security words make together, and everything else.
const SECURITY: usize = 64;
const OTHERS: usize = 128;

const fn first_odd(known: &[&str]) -> u8 {
    let first = small(FIRST + known.len() as u64);
    assert!(first < 8);
    first
}

#[expect(clippy::cast_possible_truncation, reason = "checked when it is compiled")]
const fn small(number: u64) -> u8 {
    assert!(number <= u8::MAX as u64);
    number as u8
}

impl Shares {
    fn new() -> Self {
        // The kinds of usage, as one of their numbers each: see `usage_kind`.
        let usages = [0, 1, FIRST_PERCENT, CRITICAL.into()];
        let share = |code: &dyn Fn(Col) -> u64| PackedCounts::of(&of_group(code));
        let others = |at: usize| {
            share(&|col| match col {
                Col::Status => at as u64 & 7,
                Col::CpuUsage => usages[at >> 3 & 3],
                Col::MemoryUsage => usages[at >> 5 & 3],
                _ => 0,
            })
        };
        let security = |at: usize| {
            share(&|col| match col {
                Col::Detection => at as u64 & 7,
                Col::Protection => at as u64 >> 3,
                _ => 0,
            })
        };
        let nothing = security(0);
        Self {
            security: std::array::from_fn(|at| security(at).minus(nothing)),
            others: std::array::from_fn(others),
        }
    }
}

/// Counts chunk by chunk.
struct Counter<'a> {
    places: PairPlaces,
    shares: &'a Shares,
    tally: Tally,
    place: Box<[u32; ROWS]>,
    security: Box<[u8; ROWS]>,
    others: Box<[u8; ROWS]>,
    codes: Box<[u8; ROWS]>,
}

impl<'a> Counter<'a> {
    fn new(places: PairPlaces, shares: &'a Shares) -> Self {
        Self {
            tally: Tally::of(places.len()),
            places,
            shares,
            place: Box::new([0; ROWS]),
            security: Box::new([0; ROWS]),
            others: Box::new([0; ROWS]),
            codes: Box::new([0; ROWS]),
        }
    }

    fn add(&mut self, chunk: &Chunk, mask: &Mask) {
        let chosen = mask.count();
        if chosen == 0 {
            return;
        }
        let rows = chunk.len().min(ROWS);
        self.places.of_rows(chunk, mask, &mut self.place[..rows]);
        self.tally.reach(self.places.len());
        self.read(chunk, rows);
        if chosen < rows {
            // The chosen rows move to the front.
            for (to, at) in mask.rows().take_while(|at| *at < rows).enumerate() {
                self.place[to] = self.place[at];
                self.security[to] = self.security[at];
                self.others[to] = self.others[at];
            }
        }
        let chosen = chosen.min(rows);
        let (security, others) = (&self.security[..chosen], &self.others[..chosen]);
        let shares = self.shares;
        self.tally.add_each(&self.place[..chosen], |at| {
            let security = shares.security[usize::from(security[at]) % SECURITY];
            security.plus(shares.others[usize::from(others[at]) % OTHERS])
        });
    }

    /// Reads the small numbers of all rows of a chunk.
    fn read(&mut self, chunk: &Chunk, rows: usize) {
        let (security, others) = (&mut self.security[..rows], &mut self.others[..rows]);
        chunk.column(Col::Detection).capped(DETECTION, security);
        chunk.column(Col::Status).capped(STATUS, others);
        let codes = &mut self.codes[..rows];
        chunk.column(Col::Protection).capped(PROTECTION, codes);
        add(security, codes, |code| code << 3);
        chunk.column(Col::CpuUsage).capped(CRITICAL, codes);
        add(others, codes, |code| usage_kind(code) << 3);
        chunk.column(Col::MemoryUsage).capped(CRITICAL, codes);
        add(others, codes, |code| usage_kind(code) << 5);
    }
}

#[inline]
fn add(into: &mut [u8], codes: &[u8], part: impl Fn(u8) -> u8) {
    for (into, code) in into.iter_mut().zip(codes) {
        *into |= part(*code);
    }
}

/// Not known, without a limit, below the critical percentage, and from there on.
#[inline]
fn usage_kind(code: u8) -> u8 {
    const PERCENT: u8 = small(FIRST_PERCENT);
    let is = |condition: bool| u8::from(condition);
    is(code == 1) + 2 * is(code >= PERCENT) + is(code >= CRITICAL)
}

/// The share of one row.
pub(super) fn of_group(code: impl Fn(Col) -> u64) -> GroupCounts {
    let summary = of_row(&code);
    let (detection, protection) = (code(Col::Detection), code(Col::Protection));
    let has_ended = summary.succeeded + summary.failed > 0;
    let is_odd = |code: u64, known: &[&str]| code == UNREADABLE || code >= FIRST + known.len() as u64;
    let is_doubtful = is_odd(detection, Detection::KNOWN) || is_odd(protection, Protection::KNOWN);
    let is = |code: u64, known: u64| usize::from(code == FIRST + known);
    GroupCounts {
        summary,
        near_limit: summary.cpu_critical.max(summary.memory_critical),
        usage_told: summary.cpu_told.max(summary.memory_told),
        no_limit: usize::from(!has_ended && usage(code(Col::MemoryUsage)) == Usage::NoLimit),
        // The documented words are the first ones of each dictionary, in the order of their lists.
        protected: is(protection, 1),
        not_scanned: is(detection, 0),
        scanning: is(detection, 4),
        clean: is(detection, 1),
        doubtful: usize::from(is_doubtful),
    }
}
