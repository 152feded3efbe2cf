//! Takes pods that were stored as blocks.
//!
//! Owns that the indexes of such pods are made later: no screen needs them, and the first page that comes does. Must not: take
//! them where there are other pods.

use super::chunk::{CHUNK_ROWS, Col, PackedRow, flag};
use super::dictionary::FIRST;
use super::identity::{Hashes, UnchangedParts};
use super::seen::SeenBits;
use super::{SourceId, Store};
use crate::fleet::Fleet;
use crate::fleet::blocks::StoredPods;

impl Store {
    /// Takes the pods of an earlier run, if there are no others. Their differences are no changes.
    ///
    /// # Errors
    /// The pods, where there are others.
    pub fn adopt(&mut self, pods: StoredPods) -> Result<(), StoredPods> {
        if !self.seen.is_empty() {
            return Err(pods);
        }
        let bits = SeenBits::of(None);
        for chunk in &pods.chunks {
            chunk.column(Col::Flags).for_each(|_, flags| {
                let of = |list: u64, bits: u8| if flags & list == 0 { 0 } else { bits };
                let of_row = of(flag::NODE, bits.node.set) | of(flag::SERVERLESS, bits.serverless.set);
                self.seen.push(of_row);
            });
        }
        self.dictionaries = pods.dictionaries;
        self.chunks = pods.chunks;
        self.counts = pods.counts;
        self.names_version += self.seen.len() as u64;
        self.is_unindexed = true;
        Ok(())
    }

    /// Makes the indexes of pods that were adopted, if that is still to be done.
    pub(super) fn index_adopted(&mut self) {
        if !std::mem::take(&mut self.is_unindexed) {
            return;
        }
        let chunks = self.chunks.clone();
        let rows = chunks
            .iter()
            .flat_map(|chunk| (0..chunk.len()).map(move |at| (chunk, at)));
        let with_ids = rows
            .clone()
            .filter(|(chunk, at)| chunk.code(Col::Id, *at) >= FIRST);
        self.expect(self.seen.len(), with_ids.count());
        for (number, (chunk, at)) in (0..).zip(rows) {
            let row = PackedRow {
                name: chunk.name(at),
                codes: chunk.codes(at),
                uuid: chunk.uuid(at),
            };
            self.index(number, &row, UnchangedParts::default(), Hashes::default());
        }
    }
}

impl StoredPods {
    /// The pods as a picture, as those of `source`.
    pub fn into_fleet(self, source: SourceId) -> Fleet {
        let mut store = Store::of(source);
        // An empty store takes them.
        let _ = store.adopt(self);
        store.snapshot()
    }
}

/// A row's place is its number's last bits, so each block is a chunk.
const _: () = assert!(CHUNK_ROWS.is_power_of_two());
