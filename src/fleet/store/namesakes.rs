//! Pods with the same name, namespace and cluster.
//!
//! In Kubernetes there is one such pod, or two for a moment when it is created anew. If names are missing or
//! hidden there may be thousands, and a search by name that compares all of them would take quadratic time.
//! Therefore the index by name holds at most [`FOUND`] of those that can also be found by id; the others wait
//! here until one of these is removed. Must not: hold a row that can only be found by its name.

use std::collections::{BTreeSet, HashMap};

use super::Store;
use super::chunk::{Col, PackedRow, flag};
use super::dictionary::FIRST;
use super::identity::Identities;

/// The largest number of rows of one name in the index that can also be found by id.
pub(super) const FOUND: usize = 16;

/// The waiting rows, by the hash of their name.
#[derive(Debug, Clone, Default)]
pub(super) struct Namesakes(HashMap<u64, WaitingRows>);

/// The waiting rows of one name: those of present pods, and those of gone pods.
#[derive(Debug, Clone, Default)]
struct WaitingRows {
    alive: BTreeSet<u32>,
    gone: BTreeSet<u32>,
}

impl Namesakes {
    fn insert(&mut self, hash: u64, number: u32, is_gone: bool) {
        let waiting = self.0.entry(hash).or_default();
        let rows = if is_gone {
            &mut waiting.gone
        } else {
            &mut waiting.alive
        };
        rows.insert(number);
    }

    /// Removes a row. Returns whether it was waiting.
    fn remove(&mut self, hash: u64, number: u32) -> bool {
        let Some(waiting) = self.0.get_mut(&hash) else {
            return false;
        };
        let waited = waiting.alive.remove(&number) || waiting.gone.remove(&number);
        if waiting.alive.is_empty() && waiting.gone.is_empty() {
            self.0.remove(&hash);
        }
        waited
    }

    /// The first waiting row of this name whose pod is present.
    fn first_alive(&self, hash: u64) -> Option<u32> {
        self.0.get(&hash)?.alive.first().copied()
    }

    /// The first waiting row of this name, preferably one whose pod is present.
    fn first(&self, hash: u64) -> Option<u32> {
        let gone = || self.0.get(&hash)?.gone.first().copied();
        self.first_alive(hash).or_else(gone)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The approximate bytes of memory that they use.
    pub(super) fn bytes(&self) -> usize {
        let count = |waiting: &WaitingRows| waiting.alive.len() + waiting.gone.len();
        let rows: usize = self.0.values().map(count).sum();
        rows * 2 * size_of::<u32>() + self.0.capacity() * size_of::<(u64, WaitingRows)>()
    }
}

/// Whether a row can be found by its id, so that it may be missing in the index by name.
fn may_wait(flags: u64, id: u64) -> bool {
    flags & flag::NODE != 0 && id >= FIRST
}

impl Store {
    /// Adds a row to the index by name, or to the waiting rows if the index has enough of its name.
    pub(super) fn index_name(&mut self, hash: u64, number: u32, row: &PackedRow<'_>) {
        let mut waits = None;
        if may_wait(row.codes[Col::Flags as usize], row.codes[Col::Id as usize]) {
            let (count, gone) = self.found(hash);
            waits = (count >= FOUND).then(|| gone.unwrap_or(number));
        }
        if let Some(waits) = waits {
            self.namesakes.insert(hash, waits, waits != number);
            if waits == number {
                return;
            }
            self.by_name.remove(hash, waits);
        }
        self.put_name(hash, number);
    }

    /// Removes a row from the index by name; a waiting row of the same name replaces it.
    pub(super) fn unindex_name(&mut self, number: u32) {
        let hash = self.identities().name_hash_of(number);
        if self.namesakes.remove(hash, number) {
            return;
        }
        self.by_name.remove(hash, number);
        if self.namesakes.is_empty() {
            return;
        }
        if let Some(next) = self.namesakes.first(hash) {
            self.namesakes.remove(hash, next);
            self.put_name(hash, next);
        }
    }

    /// Replaces a row whose pod is gone by a waiting row of the same name whose pod is present.
    pub(super) fn give_way(&mut self, number: u32) {
        if self.namesakes.is_empty() {
            return;
        }
        let (chunk, at) = self.at(number);
        if !may_wait(chunk.code(Col::Flags, at), chunk.code(Col::Id, at)) {
            return;
        }
        let hash = self.identities().name_hash_of(number);
        if self.namesakes.remove(hash, number) {
            self.namesakes.insert(hash, number, true);
        } else if let Some(next) = self.namesakes.first_alive(hash) {
            self.by_name.remove(hash, number);
            self.namesakes.remove(hash, next);
            self.put_name(hash, next);
            self.namesakes.insert(hash, number, true);
        }
    }

    /// How many rows of a name are in the index, and one of them that is gone and may wait.
    fn found(&self, hash: u64) -> (usize, Option<u32>) {
        let (mut count, mut gone) = (0, None);
        let identities = self.identities();
        self.by_name.each(hash, |number| {
            if identities.name_hash_of(number) == hash {
                count += 1;
                let (chunk, at) = self.at(number);
                if chunk.has(at, flag::GONE) && may_wait(chunk.code(Col::Flags, at), chunk.code(Col::Id, at))
                {
                    gone = Some(number);
                }
            }
            false
        });
        (count, gone)
    }

    fn put_name(&mut self, hash: u64, number: u32) {
        let identities = Identities {
            chunks: &self.chunks,
            hasher: &self.hasher,
        };
        self.by_name
            .insert(hash, number, |number| identities.name_hash_of(number));
    }
}

#[cfg(test)]
mod tests;
