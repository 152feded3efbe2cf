//! Putting rows in order where nearly every one has its own number.
//!
//! Owns spreading them over heaps by the first bits, so many that each is small and so few that writing to all of them
//! in turn is quick; each heap is dealt out into piles by the next bits where the processor's cache holds it, and the
//! piles are sorted. Must not: know what the numbers mean.

use std::ops::Range;
use std::thread;

use super::deal::Deal;
use super::{Sorted, is_chosen};
use crate::fleet::store::chunk::CHUNK_ROWS;

/// Heaps that rows are spread over, as bits; more where a number would not fit beside its row otherwise.
const HEAP_BITS: u32 = 10;
/// Piles of a heap, as bits.
const PILE_BITS: u32 = 10;
/// Below so many rows a heap is sorted without piles.
const WORTH_PILES: usize = 128;

/// The chosen rows in order. `places` is room for one number a row.
pub fn spread(deal: &Deal<'_>, places: &mut [u32]) -> Sorted {
    let heaps = thread::scope(|scope| {
        scope.spawn(|| place(deal.fixed, places));
        Heaps::of(deal)
    });
    let valued = heaps.ends.last().copied().unwrap_or(0);
    let mut rows = vec![0; deal.count];
    let mut packed = vec![0_u64; valued];
    let middle = heaps.ends.partition_point(|end| *end < valued / 2);
    let (before, places) = (heaps.start(middle), &*places);
    let (first, second) = packed.split_at_mut(before);
    let (first_rows, rest) = rows.split_at_mut(before.min(deal.count));
    let (second_rows, last_rows) = rest.split_at_mut((valued - before).min(rest.len()));
    thread::scope(|scope| {
        scope.spawn(|| heaps.sorted(deal, middle..heaps.ends.len(), places, second, second_rows));
        heaps.sorted(deal, 0..middle, places, first, first_rows);
    });
    if !last_rows.is_empty() {
        let none = |row: u32| is_chosen(deal.masks, row) && deal.number(row) >= deal.keys.none();
        let without = deal.fixed.iter().filter(|row| none(**row));
        last_rows.iter_mut().zip(without).for_each(|(to, row)| *to = *row);
    }
    Sorted { rows, valued }
}

/// Notes each row's place in the fixed order.
fn place(fixed: &[u32], places: &mut [u32]) {
    for (place, row) in (0..).zip(fixed) {
        if let Some(note) = places.get_mut(*row as usize) {
            *note = place;
        }
    }
}

/// The row of what a number's rest was packed with.
fn row_of(packed: u64) -> u32 {
    u32::try_from(packed & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// How rows are spread.
struct Heaps {
    least: u64,
    /// Bits of a number that do not choose the heap.
    rest: u32,
    /// Where each heap ends.
    ends: Vec<usize>,
}

impl Heaps {
    fn of(deal: &Deal<'_>) -> Self {
        let none = deal.keys.none();
        let (mut least, mut most) = (u64::MAX, 0);
        for (chunk, mask) in deal.chunks() {
            deal.keys.each(chunk, |at, number| {
                if number < none && mask.has(at) {
                    (least, most) = (least.min(number), most.max(number));
                }
            });
        }
        let bits = u64::BITS - most.saturating_sub(least).leading_zeros();
        let rest = bits.saturating_sub(HEAP_BITS).min(u32::BITS);
        let mut heaps = Self {
            least,
            rest,
            ends: vec![0; 1 << (bits - rest)],
        };
        for (chunk, mask) in deal.chunks() {
            deal.keys.each(chunk, |at, number| {
                if number < none && mask.has(at) {
                    let (heap, _) = heaps.of_number(number);
                    if let Some(end) = heaps.ends.get_mut(heap) {
                        *end += 1;
                    }
                }
            });
        }
        let mut sum = 0;
        for end in &mut heaps.ends {
            sum += *end;
            *end = sum;
        }
        heaps
    }

    /// The heap of a number, and what is left of it.
    fn of_number(&self, number: u64) -> (usize, u64) {
        let number = number.saturating_sub(self.least);
        let heap = usize::try_from(number >> self.rest).unwrap_or(usize::MAX);
        (heap, number & ((1 << self.rest) - 1))
    }

    fn start(&self, heap: usize) -> usize {
        let before = heap.checked_sub(1).and_then(|before| self.ends.get(before));
        before.copied().unwrap_or(0)
    }

    /// Sorts the rows of some heaps: gathers rest of number and row in one word, and takes the rows from there.
    fn sorted(
        &self,
        deal: &Deal<'_>,
        which: Range<usize>,
        places: &[u32],
        packed: &mut [u64],
        rows: &mut [u32],
    ) {
        let before = self.start(which.start);
        let mut next: Vec<usize> = which.clone().map(|heap| self.start(heap) - before).collect();
        for (number, (chunk, mask)) in (0_u64..).zip(deal.fleet.chunks().iter().zip(deal.masks)) {
            let first = number * u64::from(CHUNK_ROWS);
            deal.keys.each(chunk, |at, number| {
                let (heap, rest) = self.of_number(number);
                let next = heap.checked_sub(which.start).and_then(|heap| next.get_mut(heap));
                let Some(next) = next.filter(|_| number < deal.keys.none() && mask.has(at)) else {
                    return;
                };
                if let Some(to) = packed.get_mut(*next) {
                    *to = rest << u32::BITS | (first + at as u64);
                }
                *next += 1;
            });
        }
        let mut piles = Piles::new(self.rest);
        let mut start = 0;
        for end in next {
            if let Some(heap) = packed.get_mut(start..end) {
                piles.sort(heap);
                // Equals come in the fixed order.
                let equals = heap.chunk_by_mut(|a, b| a >> u32::BITS == b >> u32::BITS);
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

/// Room for one heap's piles.
struct Piles {
    shift: u32,
    /// Where each pile ends.
    ends: Vec<usize>,
    heap: Vec<u64>,
}

impl Piles {
    /// Of heaps whose numbers have so many bits left.
    fn new(rest: u32) -> Self {
        Self {
            shift: u32::BITS + rest.saturating_sub(PILE_BITS),
            ends: Vec::new(),
            heap: Vec::new(),
        }
    }

    fn sort(&mut self, heap: &mut [u64]) {
        if heap.len() < WORTH_PILES {
            heap.sort_unstable();
            return;
        }
        let pile = |packed: u64| usize::try_from(packed >> self.shift).unwrap_or(usize::MAX);
        self.ends.clear();
        self.ends.resize((1 << PILE_BITS) + 1, 0);
        for packed in &*heap {
            if let Some(end) = self.ends.get_mut(pile(*packed) + 1) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut self.ends {
            sum += *end;
            *end = sum;
        }
        self.heap.clear();
        self.heap.extend_from_slice(heap);
        for packed in &self.heap {
            if let Some(end) = self.ends.get_mut(pile(*packed)) {
                if let Some(to) = heap.get_mut(*end) {
                    *to = *packed;
                }
                *end += 1;
            }
        }
        let mut start = 0;
        for end in &self.ends {
            if let Some(pile) = heap.get_mut(start..*end).filter(|pile| pile.len() > 1) {
                pile.sort_unstable();
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
        fn piles_make_a_heap_sorted(
            rest in 0_u32..=32,
            numbers in prop::collection::vec(prop_oneof![any::<u32>(), Just(7)], 0..600),
        ) {
            let packed = (0_u64..).zip(&numbers);
            let packed = packed.map(|(row, number)| (u64::from(*number) & ((1 << rest) - 1)) << u32::BITS | row);
            let mut heap: Vec<u64> = packed.collect();
            let mut expected = heap.clone();
            expected.sort_unstable();
            Piles::new(rest).sort(&mut heap);
            prop_assert_eq!(heap, expected);
        }
    }
}
