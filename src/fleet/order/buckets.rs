//! Sorts rows by numbers that are nearly all different.
//!
//! Owns a sort in two steps. Rows are spread over buckets by the first bits of their numbers: enough buckets
//! that each is small, few enough that writing to all of them in turn is fast. Then the rows of each bucket,
//! which fits into the processor's cache, are counted into bins by the next bits, and the bins are sorted.
//! Must not: know what the numbers mean.

use std::ops::Range;
use std::thread;

use super::counting_sort::SortInput;
use super::part::ChunkRange;
use super::{Sorted, is_chosen};
use crate::fleet::store::chunk::CHUNK_ROWS;

/// The bits that select a bucket; more if a number's other bits would not fit into one word with its row.
const BUCKET_BITS: u32 = 10;
/// The bits that select a bin of a bucket.
const BIN_BITS: u32 = 10;
/// Smaller buckets are sorted without bins, which would cost more than they save.
const WORTH_BINS: usize = 128;

/// Returns the chosen rows in order.
pub fn spread(input: &SortInput<'_>) -> Sorted {
    let buckets = Buckets::of(input);
    let valued = buckets.ends.last().copied().unwrap_or(0);
    let middle = buckets.ends.partition_point(|end| *end < valued / 2);
    let before = buckets.start(middle);
    let mut packed = vec![0_u64; valued];
    let (first, second) = packed.split_at_mut(before);
    let (first_ties, second_ties) = thread::scope(|scope| {
        let other = scope.spawn(|| buckets.sorted(input, middle..buckets.ends.len(), second));
        let ties = buckets.sorted(input, 0..middle, first);
        (ties, other.join().unwrap_or_default())
    });
    let places = TiedPlaces::of(input, [(&*first, &first_ties), (&*second, &second_ties)]);
    let mut rows = vec![0; input.count];
    let (first_rows, rest) = rows.split_at_mut(before.min(input.count));
    let (second_rows, last_rows) = rest.split_at_mut((valued - before).min(rest.len()));
    thread::scope(|scope| {
        scope.spawn(|| places.settle(second, &second_ties, second_rows));
        places.settle(first, &first_ties, first_rows);
    });
    if !last_rows.is_empty() {
        let none = |row: u32| is_chosen(input.masks, row) && input.number(row) >= input.keys.none();
        let without = input.fixed.iter().filter(|row| none(**row));
        last_rows.iter_mut().zip(without).for_each(|(to, row)| *to = *row);
    }
    Sorted { rows, valued }
}

/// The places in the fixed order of the rows whose number another row has too. These are few as a rule, so only their places
/// are looked up.
struct TiedPlaces {
    /// A bit for each row.
    tied: Vec<u64>,
    /// How many bits are set before each word.
    before: Vec<u32>,
    /// The place of each tied row, in the order of the rows.
    places: Vec<u32>,
}

impl TiedPlaces {
    /// Of the rows in these ranges of packed words.
    fn of(input: &SortInput<'_>, halves: [(&[u64], &Vec<Range<usize>>); 2]) -> Self {
        let count = halves.iter().flat_map(|(_, ties)| *ties).map(Range::len).sum();
        let mut places = Self {
            tied: Vec::new(),
            before: Vec::new(),
            places: vec![0; count],
        };
        if count == 0 {
            return places;
        }
        places.tied = vec![0; input.masks.len() * CHUNK_ROWS as usize / 64];
        for (packed, ties) in halves {
            for packed in ties.iter().filter_map(|tie| packed.get(tie.clone())).flatten() {
                let row = row_of(*packed);
                if let Some(word) = places.tied.get_mut(row as usize / 64) {
                    *word |= 1 << (row % 64);
                }
            }
        }
        let words = places.tied.iter().scan(0, |sum, word| {
            let before = *sum;
            *sum += word.count_ones();
            Some(before)
        });
        places.before = words.collect();
        for (place, row) in (0..).zip(input.fixed) {
            if let Some(slot) = places.slot(*row)
                && let Some(to) = places.places.get_mut(slot)
            {
                *to = place;
            }
        }
        places
    }

    /// The index of a tied row among all of them.
    #[inline]
    fn slot(&self, row: u32) -> Option<usize> {
        let (at, bit) = (row as usize / 64, 1 << (row % 64));
        let word = self.tied.get(at).filter(|word| *word & bit != 0)?;
        let before = self.before.get(at)?;
        Some((before + (word & (bit - 1)).count_ones()) as usize)
    }

    /// Puts the rows of each tie into the fixed order, and reads all rows.
    fn settle(&self, packed: &mut [u64], ties: &[Range<usize>], rows: &mut [u32]) {
        for tie in ties {
            if let Some(tie) = packed.get_mut(tie.clone()) {
                tie.sort_unstable_by_key(|packed| {
                    self.slot(row_of(*packed)).and_then(|slot| self.places.get(slot))
                });
            }
        }
        for (to, packed) in rows.iter_mut().zip(packed) {
            *to = row_of(*packed);
        }
    }
}

/// The row in a packed word.
#[inline]
fn row_of(packed: u64) -> u32 {
    u32::try_from(packed & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// The layout of the buckets.
struct Buckets {
    least: u64,
    /// The number of low bits of a number that do not select the bucket.
    rest: u32,
    /// The end of each bucket.
    ends: Vec<usize>,
}

impl Buckets {
    fn of(input: &SortInput<'_>) -> Self {
        let (keys, none) = (input.keys, input.keys.none());
        let chunks = ChunkRange::all(input.fleet, input.masks);
        let [first, second] = chunks.halves(input.count, |half| {
            let (mut least, mut most) = (u64::MAX, 0);
            half.each(keys, |_, number| {
                if number < none {
                    (least, most) = (least.min(number), most.max(number));
                }
            });
            (least, most)
        });
        let (least, most) = (first.0.min(second.0), first.1.max(second.1));
        let bits = u64::BITS - most.saturating_sub(least).leading_zeros();
        let rest = bits.saturating_sub(BUCKET_BITS).min(u32::BITS);
        let mut buckets = Self {
            least,
            rest,
            ends: vec![],
        };
        let [first, second] = chunks.halves(input.count, |half| {
            let mut counts = vec![0; 1 << (bits - rest)];
            half.each(keys, |_, number| {
                if number < none
                    && let Some(count) = counts.get_mut(buckets.of_number(number).0)
                {
                    *count += 1;
                }
            });
            counts
        });
        let ends = first.iter().zip(&second).scan(0, |sum, (first, second)| {
            *sum += first + second;
            Some(*sum)
        });
        buckets.ends = ends.collect();
        buckets
    }

    /// The bucket of a number, and the number's other bits.
    #[inline]
    fn of_number(&self, number: u64) -> (usize, u64) {
        let number = number.saturating_sub(self.least);
        let bucket = usize::try_from(number >> self.rest).unwrap_or(usize::MAX);
        (bucket, number & ((1 << self.rest) - 1))
    }

    fn start(&self, bucket: usize) -> usize {
        let before = bucket.checked_sub(1).and_then(|before| self.ends.get(before));
        before.copied().unwrap_or(0)
    }

    /// Sorts the rows of some buckets: packs row and low bits of the number into one word, and sorts the words. Returns where
    /// several rows have the same number.
    fn sorted(&self, input: &SortInput<'_>, which: Range<usize>, packed: &mut [u64]) -> Vec<Range<usize>> {
        let before = self.start(which.start);
        let mut next: Vec<usize> = which.clone().map(|bucket| self.start(bucket) - before).collect();
        let none = input.keys.none();
        ChunkRange::all(input.fleet, input.masks).each(input.keys, |row, number| {
            let (bucket, rest) = self.of_number(number);
            let next = bucket
                .checked_sub(which.start)
                .and_then(|bucket| next.get_mut(bucket));
            let Some(next) = next.filter(|_| number < none) else {
                return;
            };
            if let Some(to) = packed.get_mut(*next) {
                *to = rest << u32::BITS | u64::from(row);
            }
            *next += 1;
        });
        let mut bins = Bins::new(self.rest);
        let mut ties = Vec::new();
        let mut start = 0;
        for end in next {
            if let Some(bucket) = packed.get_mut(start..end) {
                bins.sort(bucket);
                let mut at = start;
                for equals in bucket.chunk_by(|a, b| a >> u32::BITS == b >> u32::BITS) {
                    if equals.len() > 1 {
                        ties.push(at..at + equals.len());
                    }
                    at += equals.len();
                }
            }
            start = end;
        }
        ties
    }
}

/// A buffer for the bins of one bucket.
struct Bins {
    shift: u32,
    /// The end of each bin.
    ends: Vec<usize>,
    bucket: Vec<u64>,
}

impl Bins {
    /// Bins for buckets whose numbers have `rest` bits left.
    fn new(rest: u32) -> Self {
        Self {
            shift: u32::BITS + rest.saturating_sub(BIN_BITS),
            ends: Vec::new(),
            bucket: Vec::new(),
        }
    }

    fn sort(&mut self, bucket: &mut [u64]) {
        if bucket.len() < WORTH_BINS {
            bucket.sort_unstable();
            return;
        }
        let bin = |packed: u64| usize::try_from(packed >> self.shift).unwrap_or(usize::MAX);
        self.ends.clear();
        self.ends.resize((1 << BIN_BITS) + 1, 0);
        for packed in &*bucket {
            if let Some(end) = self.ends.get_mut(bin(*packed) + 1) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut self.ends {
            sum += *end;
            *end = sum;
        }
        self.bucket.clear();
        self.bucket.extend_from_slice(bucket);
        for packed in &self.bucket {
            if let Some(end) = self.ends.get_mut(bin(*packed)) {
                if let Some(to) = bucket.get_mut(*end) {
                    *to = *packed;
                }
                *end += 1;
            }
        }
        let mut start = 0;
        for end in &self.ends {
            if let Some(bin) = bucket.get_mut(start..*end).filter(|bin| bin.len() > 1) {
                bin.sort_unstable();
            }
            start = *end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorting_the_bins_sorts_the_bucket(
            rest in 0_u32..=32,
            numbers in prop::collection::vec(prop_oneof![any::<u32>(), Just(7)], 0..600),
        ) {
            let packed = (0_u64..).zip(&numbers);
            let packed = packed.map(|(row, number)| (u64::from(*number) & ((1 << rest) - 1)) << u32::BITS | row);
            let mut bucket: Vec<u64> = packed.collect();
            let mut expected = bucket.clone();
            expected.sort_unstable();
            Bins::new(rest).sort(&mut bucket);
            prop_assert_eq!(bucket, expected);
        }
    }
}
