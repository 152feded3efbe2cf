//! Pods that bear one name in one namespace and cluster.
//!
//! In Kubernetes there is one such pod, or two for a moment, when it is created anew. Where names are missing or hidden there
//! may be thousands, and a search by name that looked at all of them would cost their square. So the index by name holds at
//! most [`FOUND`] of those that are found by their ids as well, and the others wait here until one of these goes. Must not:
//! hold a row that is found by its name alone.

use std::collections::{BTreeSet, HashMap};

use super::Store;
use super::chunk::{Col, PackedRow, flag};
use super::dictionary::FIRST;
use super::identity::Identities;

/// So many rows of one name are in the index.
pub(super) const FOUND: usize = 16;

/// The rows that wait, by the hash of their name.
#[derive(Debug, Clone, Default)]
pub(super) struct Namesakes(HashMap<u64, WaitingRows>);

/// The rows of one name that wait: those of pods that live, and the others.
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

    /// Removes a row. Returns whether it waited.
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

    /// The first row of this name whose pod lives.
    fn first_alive(&self, hash: u64) -> Option<u32> {
        self.0.get(&hash)?.alive.first().copied()
    }

    /// The first row of this name, one whose pod lives if there is one.
    fn first(&self, hash: u64) -> Option<u32> {
        let gone = || self.0.get(&hash)?.gone.first().copied();
        self.first_alive(hash).or_else(gone)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About the bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        let count = |waiting: &WaitingRows| waiting.alive.len() + waiting.gone.len();
        let rows: usize = self.0.values().map(count).sum();
        rows * 2 * size_of::<u32>() + self.0.capacity() * size_of::<(u64, WaitingRows)>()
    }
}

/// Whether a row is found by its id, so that it need not be found by its name.
fn may_wait(flags: u64, id: u64) -> bool {
    flags & flag::NODE != 0 && id >= FIRST
}

impl Store {
    /// Takes a row into the index by name, or has it wait where there are enough of its name.
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

    /// Takes a row out of the index by name; one that waits takes its place.
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

    /// The row's pod is gone: one of its name that lives is found before it.
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
