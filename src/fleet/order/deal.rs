//! Putting all chosen rows in order by their numbers, equals in the fixed order.
//!
//! Owns two ways: where there are few different numbers, rows are dealt out into piles; where nearly every row has its
//! own, they are spread over many small heaps by the first bits, and each heap is sorted. Columns are read from front
//! to back, since looking up one row after another in the fixed order misses the cache each time. Must not: know what
//! the numbers mean.

use std::ops::Range;
use std::thread;

use super::keys::Keys;
use super::{Sorted, is_chosen};
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, Mask};

/// The number of a row that is not chosen.
const UNCHOSEN: u32 = u32::MAX;
/// Below so many different numbers rows are dealt out into piles.
const MOST_PILES: u64 = 1 << 20;
/// Heaps that rows are spread over, as bits.
const HEAP_BITS: u32 = 12;

/// What is to be sorted.
pub struct Deal<'a> {
    /// The rows.
    pub fleet: &'a Fleet,
    /// Which of them, and how many these are.
    pub masks: &'a [Mask],
    /// How many rows are chosen.
    pub count: usize,
    /// Their numbers.
    pub keys: &'a Keys,
    /// All rows in the fixed order.
    pub fixed: &'a [u32],
}

impl Deal<'_> {
    /// The chosen rows in order. `notes` is room for one number a row, whatever is in it.
    pub fn sorted(&self, notes: &mut Vec<u32>) -> Sorted {
        notes.clear();
        notes.resize(self.masks.len() * CHUNK_ROWS as usize, UNCHOSEN);
        if self.keys.none() < MOST_PILES {
            self.piled(notes)
        } else {
            self.spread(notes)
        }
    }

    fn chunks(&self) -> impl Iterator<Item = (&Chunk, &Mask)> {
        let chunks = self.fleet.chunks().iter().zip(self.masks);
        chunks
            .map(|(chunk, mask)| (&**chunk, mask))
            .filter(|(_, mask)| !mask.is_empty())
    }

    fn piled(&self, numbers: &mut [u32]) -> Sorted {
        let piles = usize::try_from(self.keys.none()).unwrap_or(0) + 1;
        let mut places = vec![0_u32; piles + 1];
        let chunks = self.fleet.chunks().iter().zip(self.masks);
        for ((chunk, mask), numbers) in chunks.zip(numbers.chunks_mut(CHUNK_ROWS as usize)) {
            self.keys.each(chunk, |at, number| {
                let (Some(note), true) = (numbers.get_mut(at), mask.has(at)) else {
                    return;
                };
                let number = u32::try_from(number).unwrap_or(UNCHOSEN);
                *note = number;
                if let Some(place) = places.get_mut(number as usize + 1) {
                    *place += 1;
                }
            });
        }
        let mut sum = 0;
        for place in &mut places {
            sum += *place;
            *place = sum;
        }
        let valued = places.get(piles - 1).map_or(0, |place| *place as usize);
        let mut rows = vec![0; self.count];
        for row in self.fixed {
            let number = numbers.get(*row as usize).copied().unwrap_or(UNCHOSEN);
            let Some(place) = places.get_mut(number as usize) else {
                continue;
            };
            if let Some(to) = rows.get_mut(*place as usize) {
                *to = *row;
            }
            *place += 1;
        }
        Sorted { rows, valued }
    }

    fn spread(&self, places: &mut [u32]) -> Sorted {
        let heaps = thread::scope(|scope| {
            scope.spawn(|| self.place(places));
            Heaps::of(self)
        });
        let valued = heaps.ends.last().copied().unwrap_or(0);
        let mut rows = vec![0; self.count];
        let mut packed = vec![0_u64; valued];
        let middle = heaps.ends.partition_point(|end| *end < valued / 2);
        let (before, places) = (heaps.start(middle), &*places);
        let (first, second) = packed.split_at_mut(before);
        let (first_rows, rest) = rows.split_at_mut(before.min(self.count));
        let (second_rows, last_rows) = rest.split_at_mut((valued - before).min(rest.len()));
        thread::scope(|scope| {
            scope.spawn(|| self.heap(&heaps, middle..heaps.ends.len(), places, second, second_rows));
            self.heap(&heaps, 0..middle, places, first, first_rows);
        });
        if !last_rows.is_empty() {
            let none = |row: u32| is_chosen(self.masks, row) && self.number(row) >= self.keys.none();
            let without = self.fixed.iter().filter(|row| none(**row));
            last_rows.iter_mut().zip(without).for_each(|(to, row)| *to = *row);
        }
        Sorted { rows, valued }
    }

    fn number(&self, row: u32) -> u64 {
        let at = self.fleet.at_taken(row);
        at.map_or(u64::MAX, |(chunk, at)| self.keys.of_row(chunk, at))
    }

    /// Notes each row's place in the fixed order.
    fn place(&self, places: &mut [u32]) {
        for (place, row) in (0..).zip(self.fixed) {
            if let Some(note) = places.get_mut(*row as usize) {
                *note = place;
            }
        }
    }

    /// Sorts the rows of some heaps: gathers rest of number and place in one word, and takes the rows from there.
    fn heap(&self, heaps: &Heaps, which: Range<usize>, places: &[u32], packed: &mut [u64], rows: &mut [u32]) {
        let before = heaps.start(which.start);
        let bounds = || which.clone().map(|heap| heaps.start(heap) - before);
        let mut next: Vec<usize> = bounds().collect();
        let chunks = self.fleet.chunks().iter().zip(self.masks);
        for ((chunk, mask), places) in chunks.zip(places.chunks(CHUNK_ROWS as usize)) {
            self.keys.each(chunk, |at, number| {
                let (heap, rest) = heaps.of_number(number);
                let next = heap.checked_sub(which.start).and_then(|heap| next.get_mut(heap));
                let Some(next) = next.filter(|_| number < self.keys.none() && mask.has(at)) else {
                    return;
                };
                if let (Some(to), Some(place)) = (packed.get_mut(*next), places.get(at)) {
                    *to = rest << u32::BITS | u64::from(*place);
                }
                *next += 1;
            });
        }
        let mut start = 0;
        for end in next {
            if let Some(heap) = packed.get_mut(start..end) {
                heap.sort_unstable();
            }
            start = end;
        }
        for (to, packed) in rows.iter_mut().zip(packed) {
            let place = usize::try_from(*packed & u64::from(u32::MAX)).unwrap_or(usize::MAX);
            *to = self.fixed.get(place).copied().unwrap_or(0);
        }
    }
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
        let mut heaps = Self {
            least,
            rest: bits.saturating_sub(HEAP_BITS),
            ends: vec![0; 1 << HEAP_BITS],
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
}
