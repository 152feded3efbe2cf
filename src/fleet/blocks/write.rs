//! Writes blocks.

use crate::fleet::Fleet;
use crate::fleet::past::twins_to_bytes;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk, flag};

/// The words of a fleet.
pub fn words(fleet: &Fleet) -> Vec<u8> {
    fleet.words().to_bytes()
}

/// The rows that are stored: present pods that the last sweep over the fleet has seen, in the order of their rows.
fn stored_rows(fleet: &Fleet) -> impl Iterator<Item = (&Chunk, usize)> {
    (0_u32..)
        .step_by(CHUNK_ROWS as usize)
        .zip(fleet.chunks())
        .flat_map(|(first, chunk)| {
            let rows = (first..).zip(0..chunk.len());
            let is_stored =
                |row: u32, at: usize| !chunk.has(at, flag::GONE | flag::VACANT) && fleet.is_met(row);
            let stored = rows.filter(move |(row, at)| is_stored(*row, *at));
            stored.map(move |(_, at)| (chunk.as_ref(), at))
        })
}

/// How many pods are stored.
pub fn count(fleet: &Fleet) -> usize {
    stored_rows(fleet).count()
}

/// The stored pods, block by block.
pub fn pod_blocks(fleet: &Fleet) -> impl Iterator<Item = Vec<u8>> + '_ {
    let mut rows = stored_rows(fleet);
    std::iter::from_fn(move || {
        let mut block = Chunk::default();
        for (chunk, at) in rows.by_ref().take(CHUNK_ROWS as usize) {
            block.push_row_of(chunk, at);
        }
        (!block.is_empty()).then(|| block.to_bytes(&twins_to_bytes(&block.twins)))
    })
}
