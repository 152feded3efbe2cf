//! Chosen rows, in halves.
//!
//! Owns going over them chunk by chunk, on two threads where that is worth it. Must not: know what is done with them.

use std::sync::Arc;
use std::thread;

use super::WORTH_TWO_THREADS;
use super::keys::Keys;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk};
use crate::fleet::store::mask::Mask;

/// Neighbouring chunks, and which of their rows are chosen.
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

    /// How many rows are chosen.
    pub fn count(self) -> usize {
        self.masks.iter().map(Mask::count).sum()
    }

    /// Does `work` for each half of `rows` rows, at once where these are many.
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

    /// The chunks, and which of their rows are chosen.
    pub fn chunks(self) -> impl Iterator<Item = (&'a Chunk, &'a Mask)> {
        let chunks = self.chunks.iter().map(|chunk| &**chunk);
        chunks.zip(self.masks)
    }

    /// The same, each behind the number of its first row.
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
