//! Sorts rows by numbers that are nearly all different.
//!
//! Owns a sort in two steps. Rows are spread over buckets by the first bits of their numbers: enough buckets
//! that each is small, few enough that writing to all of them in turn is fast. Then the rows of each bucket,
//! which fits into the processor's cache, are counted into bins by the next bits, and the bins are sorted.
//! Must not: know what the numbers mean.

use std::ops::Range;
use std::thread;

use super::counting_sort::SortInput;
use super::{Sorted, is_chosen};
use crate::fleet::store::chunk::CHUNK_ROWS;

/// The bits that select a bucket; more if a number's other bits would not fit into one word with its row.
const BUCKET_BITS: u32 = 10;
/// The bits that select a bin of a bucket.
const BIN_BITS: u32 = 10;
/// Smaller buckets are sorted without bins, which would cost more than they save.
const WORTH_BINS: usize = 128;

/// Returns the chosen rows in order. `places` is a buffer with one number per row.
pub fn spread(input: &SortInput<'_>, places: &mut [u32]) -> Sorted {
    let buckets = thread::scope(|scope| {
        scope.spawn(|| place(input.fixed, places));
        Buckets::of(input)
    });
    let valued = buckets.ends.last().copied().unwrap_or(0);
    let mut rows = vec![0; input.count];
    let mut packed = vec![0_u64; valued];
    let middle = buckets.ends.partition_point(|end| *end < valued / 2);
    let (before, places) = (buckets.start(middle), &*places);
    let (first, second) = packed.split_at_mut(before);
    let (first_rows, rest) = rows.split_at_mut(before.min(input.count));
    let (second_rows, last_rows) = rest.split_at_mut((valued - before).min(rest.len()));
    thread::scope(|scope| {
        scope.spawn(|| buckets.sorted(input, middle..buckets.ends.len(), places, second, second_rows));
        buckets.sorted(input, 0..middle, places, first, first_rows);
    });
    if !last_rows.is_empty() {
        let none = |row: u32| is_chosen(input.masks, row) && input.number(row) >= input.keys.none();
        let without = input.fixed.iter().filter(|row| none(**row));
        last_rows.iter_mut().zip(without).for_each(|(to, row)| *to = *row);
    }
    Sorted { rows, valued }
}

/// Writes each row's place in the fixed order.
fn place(fixed: &[u32], places: &mut [u32]) {
    for (place, row) in (0..).zip(fixed) {
        if let Some(note) = places.get_mut(*row as usize) {
            *note = place;
        }
    }
}

/// The row in a packed word.
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
        let none = input.keys.none();
        let (mut least, mut most) = (u64::MAX, 0);
        for (chunk, mask) in input.chunks() {
            input.keys.each(chunk, |at, number| {
                if number < none && mask.has(at) {
                    (least, most) = (least.min(number), most.max(number));
                }
            });
        }
        let bits = u64::BITS - most.saturating_sub(least).leading_zeros();
        let rest = bits.saturating_sub(BUCKET_BITS).min(u32::BITS);
        let mut buckets = Self {
            least,
            rest,
            ends: vec![0; 1 << (bits - rest)],
        };
        for (chunk, mask) in input.chunks() {
            input.keys.each(chunk, |at, number| {
                if number < none && mask.has(at) {
                    let (bucket, _) = buckets.of_number(number);
                    if let Some(end) = buckets.ends.get_mut(bucket) {
                        *end += 1;
                    }
                }
            });
        }
        let mut sum = 0;
        for end in &mut buckets.ends {
            sum += *end;
            *end = sum;
        }
        buckets
    }

    /// The bucket of a number, and the number's other bits.
    fn of_number(&self, number: u64) -> (usize, u64) {
        let number = number.saturating_sub(self.least);
        let bucket = usize::try_from(number >> self.rest).unwrap_or(usize::MAX);
        (bucket, number & ((1 << self.rest) - 1))
    }

    fn start(&self, bucket: usize) -> usize {
        let before = bucket.checked_sub(1).and_then(|before| self.ends.get(before));
        before.copied().unwrap_or(0)
    }

    /// Sorts the rows of some buckets: packs row and low bits of the number into one word, sorts the words,
    /// and reads the rows back.
    fn sorted(
        &self,
        input: &SortInput<'_>,
        which: Range<usize>,
        places: &[u32],
        packed: &mut [u64],
        rows: &mut [u32],
    ) {
        let before = self.start(which.start);
        let mut next: Vec<usize> = which.clone().map(|bucket| self.start(bucket) - before).collect();
        for (number, (chunk, mask)) in (0_u64..).zip(input.fleet.chunks().iter().zip(input.masks)) {
            let first = number * u64::from(CHUNK_ROWS);
            input.keys.each(chunk, |at, number| {
                let (bucket, rest) = self.of_number(number);
                let next = bucket
                    .checked_sub(which.start)
                    .and_then(|bucket| next.get_mut(bucket));
                let Some(next) = next.filter(|_| number < input.keys.none() && mask.has(at)) else {
                    return;
                };
                if let Some(to) = packed.get_mut(*next) {
                    *to = rest << u32::BITS | (first + at as u64);
                }
                *next += 1;
            });
        }
        let mut bins = Bins::new(self.rest);
        let mut start = 0;
        for end in next {
            if let Some(bucket) = packed.get_mut(start..end) {
                bins.sort(bucket);
                // Rows with equal numbers are ordered by their places in the fixed order.
                let equals = bucket.chunk_by_mut(|a, b| a >> u32::BITS == b >> u32::BITS);
                for equals in equals.filter(|equals| equals.len() > 1) {
                    equals.sort_unstable_by_key(|packed| places.get(row_of(*packed) as usize));
                }
            }
            start = end;
        }
        for (to, packed) in rows.iter_mut().zip(packed) {
            *to = row_of(*packed);
        }
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
