//! Chosen rows, processed in two halves.
//!
//! Owns the iteration over them chunk by chunk, on two threads if that is faster. Must not: know what is done
//! with them.

use std::sync::Arc;
use std::thread;

use super::WORTH_TWO_THREADS;
use super::keys::Keys;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk};
use crate::fleet::store::mask::Mask;

/// Neighbouring chunks and their chosen rows.
#[derive(Debug, Clone, Copy)]
pub struct ChunkRange<'a> {
    /// The number of the first chunk.
    start: u32,
    chunks: &'a [Arc<Chunk>],
    masks: &'a [Mask],
}

impl<'a> ChunkRange<'a> {
    /// All chunks of the fleet.
    pub fn all(fleet: &'a Fleet, masks: &'a [Mask]) -> Self {
        Self {
            start: 0,
            chunks: fleet.chunks(),
            masks,
        }
    }

    /// The number of chosen rows.
    pub fn count(self) -> usize {
        self.masks.iter().map(Mask::count).sum()
    }

    /// Runs `work` on both halves; in parallel if there are many `rows`.
    pub fn halves<T: Send>(self, rows: usize, work: impl Fn(Self) -> T + Sync) -> [T; 2] {
        let middle = self.chunks.len().min(self.masks.len()) / 2;
        let (first, second) = self.chunks.split_at(middle);
        let (first_masks, second_masks) = self.masks.split_at(middle);
        let first = Self {
            chunks: first,
            masks: first_masks,
            ..self
        };
        let second = Self {
            start: self.start + u32::try_from(middle).unwrap_or(0),
            chunks: second,
            masks: second_masks,
        };
        if rows < WORTH_TWO_THREADS {
            return [work(first), work(second)];
        }
        thread::scope(|scope| {
            let other = scope.spawn(|| work(second));
            let done = work(first);
            [done, other.join().unwrap_or_else(|_| work(second))]
        })
    }

    /// The chunks and their chosen rows.
    pub fn chunks(self) -> impl Iterator<Item = (&'a Chunk, &'a Mask)> {
        let chunks = self.chunks.iter().map(|chunk| &**chunk);
        chunks.zip(self.masks)
    }

    /// The same, each with the number of its first row.
    pub fn numbered(self) -> impl Iterator<Item = (u32, &'a Chunk, &'a Mask)> {
        let numbered = (self.start..).zip(self.chunks());
        numbered.map(|(number, (chunk, mask))| (number.saturating_mul(CHUNK_ROWS), chunk, mask))
    }

    /// Calls `visit` with each chosen row and its number.
    pub fn each(self, keys: &Keys, mut visit: impl FnMut(u32, u64)) {
        for (first, chunk, mask) in self.numbered() {
            keys.each_of(chunk, mask, |at, number| {
                visit(first + u32::try_from(at).unwrap_or(0), number);
            });
        }
    }
}
