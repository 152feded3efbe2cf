//! Putting all chosen rows in order by their numbers, equals in the fixed order.
//!
//! Owns the way where there are few different numbers: rows are dealt out into piles. Where nearly every row has its
//! own, [`heaps`](super::heaps) does it. Columns are read from front to back, since looking up one row after another in
//! the fixed order misses the cache each time. Must not: know what the numbers mean.

use super::Sorted;
use super::heaps::spread;
use super::keys::Keys;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk};
use crate::fleet::store::mask::Mask;

/// The number of a row that is not chosen.
const UNCHOSEN: u32 = u32::MAX;
/// Below so many different numbers rows are dealt out into piles.
const MOST_PILES: u64 = 1 << 20;

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
            spread(self, notes)
        }
    }

    /// The chunks that have chosen rows.
    pub fn chunks(&self) -> impl Iterator<Item = (&Chunk, &Mask)> {
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
        deal_out(self.fixed, numbers, &mut places, &mut rows);
        Sorted { rows, valued }
    }

    /// The number of a row.
    pub fn number(&self, row: u32) -> u64 {
        let at = self.fleet.at_taken(row);
        at.map_or(u64::MAX, |(chunk, at)| self.keys.of_row(chunk, at))
    }
}

/// Puts each row at the next place of its pile. A function of its own, whose arguments stay in registers: nearly all of a sort
/// is spent here.
#[inline(never)]
fn deal_out(fixed: &[u32], numbers: &[u32], places: &mut [u32], rows: &mut [u32]) {
    for row in fixed {
        let number = numbers.get(*row as usize).copied().unwrap_or(UNCHOSEN);
        let Some(next) = places.get_mut(number as usize) else {
            continue;
        };
        let place = *next;
        *next += 1;
        if let Some(to) = rows.get_mut(place as usize) {
            *to = *row;
        }
    }
}
