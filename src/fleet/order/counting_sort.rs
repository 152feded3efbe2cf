//! Sorts all chosen rows by their numbers; equal ones stay in the fixed order.
//!
//! Owns the counting sort for columns with few different numbers. If nearly every row has a number of its
//! own, [`buckets`](super::buckets) sorts them. Columns are read from front to back, because looking up rows
//! in the fixed order would miss the cache each time. Must not: know what the numbers mean.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use super::buckets::spread;
use super::keys::Keys;
use super::{Sorted, WORTH_TWO_THREADS};
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::CHUNK_ROWS;
use crate::fleet::store::mask::Mask;

/// The number of a row that is not chosen.
const UNCHOSEN: u32 = u32::MAX;
/// Up to this many different numbers, rows are counted into bins; beyond it [`buckets`](super::buckets) sorts
/// them.
const MOST_BINS: u64 = 1 << 20;

/// The input of a sort.
pub struct SortInput<'a> {
    /// The rows.
    pub fleet: &'a Fleet,
    /// The chosen rows of each chunk.
    pub masks: &'a [Mask],
    /// How many rows are chosen.
    pub count: usize,
    /// The numbers to sort by.
    pub keys: &'a Keys,
    /// All rows in the fixed order.
    pub fixed: &'a [u32],
}

impl SortInput<'_> {
    /// The chosen rows in order.
    pub fn sorted(&self) -> Sorted {
        if self.keys.none() < MOST_BINS {
            self.counted(&mut vec![UNCHOSEN; self.masks.len() * CHUNK_ROWS as usize])
        } else {
            spread(self)
        }
    }

    fn counted(&self, numbers: &mut [u32]) -> Sorted {
        let bins = usize::try_from(self.keys.none()).unwrap_or(0) + 1;
        let mut places = vec![0_u32; bins + 1];
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
        let valued = places.get(bins - 1).map_or(0, |place| *place as usize);
        let rows = (0..self.count).map(|_| AtomicU32::new(0)).collect::<Vec<_>>();
        place_by_count(self.fixed, numbers, places, &rows);
        let rows = rows.into_iter().map(AtomicU32::into_inner).collect();
        Sorted { rows, valued }
    }

    /// The number of a row.
    pub fn number(&self, row: u32) -> u64 {
        let at = self.fleet.at_taken(row);
        at.map_or(u64::MAX, |(chunk, at)| self.keys.of_row(chunk, at))
    }
}

/// Puts each row into its bin. For many rows two threads do this: one starts with the first row and fills the
/// bins from their starts, the other starts with the last row and fills them from their ends. Each place is
/// written once, by one of them; the atomic writes cost nothing.
fn place_by_count(fixed: &[u32], numbers: &[u32], mut starts: Vec<u32>, rows: &[AtomicU32]) {
    if rows.len() < WORTH_TWO_THREADS {
        place_first_half(fixed, numbers, &mut starts, rows);
        return;
    }
    let mut ends = starts.get(1..).unwrap_or_default().to_vec();
    let (first, last) = fixed.split_at(fixed.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| place_last_half(last, numbers, &mut ends, rows));
        place_first_half(first, numbers, &mut starts, rows);
    });
}

/// Puts each row at the next place of its bin. This is a separate function so that its arguments stay in
/// registers: nearly all the time of a sort is spent here.
#[inline(never)]
fn place_first_half(fixed: &[u32], numbers: &[u32], starts: &mut [u32], rows: &[AtomicU32]) {
    for row in fixed {
        let number = numbers.get(*row as usize).copied().unwrap_or(UNCHOSEN);
        let Some(start) = starts.get_mut(number as usize) else {
            continue;
        };
        if let Some(to) = rows.get(*start as usize) {
            to.store(*row, Relaxed);
        }
        *start += 1;
    }
}

/// The same, starting from the other end.
#[inline(never)]
fn place_last_half(fixed: &[u32], numbers: &[u32], ends: &mut [u32], rows: &[AtomicU32]) {
    for row in fixed.iter().rev() {
        let number = numbers.get(*row as usize).copied().unwrap_or(UNCHOSEN);
        let Some(end) = ends.get_mut(number as usize) else {
            continue;
        };
        *end = end.wrapping_sub(1);
        if let Some(to) = rows.get(*end as usize) {
            to.store(*row, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_give_the_same_order_as_one() {
        let rows = u32::try_from(WORTH_TWO_THREADS).unwrap() + 77;
        let mix = |number: u32| number.wrapping_mul(2_654_435_761) >> 7;
        let mut fixed: Vec<u32> = (0..rows).collect();
        fixed.sort_unstable_by_key(|row| mix(*row));
        // Every ninth row is not chosen; no row has the number 3.
        let number = |row: u32| match (row % 9, mix(row + 1) % 7) {
            (0, _) => UNCHOSEN,
            (_, 3) => 4,
            (_, number) => number,
        };
        let numbers: Vec<u32> = (0..rows).map(number).collect();
        let mut expected: Vec<u32> = fixed.iter().copied().filter(|row| row % 9 > 0).collect();
        expected.sort_by_key(|row| number(*row));
        let below = |bin| expected.iter().filter(|row| number(**row) < bin).count();
        let starts: Vec<u32> = (0..=7).map(|bin| u32::try_from(below(bin)).unwrap()).collect();

        let dealt = |starts, count: usize| {
            let rows: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(UNCHOSEN)).collect();
            place_by_count(&fixed, &numbers, starts, &rows);
            rows.into_iter().map(AtomicU32::into_inner).collect::<Vec<u32>>()
        };
        assert!(expected.len() < WORTH_TWO_THREADS, "one thread");
        assert_eq!(dealt(starts.clone(), expected.len()), expected);
        // More places than rows: the surplus is never written, but it makes the sort use two threads.
        let mut both = dealt(starts, WORTH_TWO_THREADS);
        both.truncate(expected.len());
        assert_eq!(both, expected);
    }
}
