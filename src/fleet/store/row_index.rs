//! From a hash to a row: an index that keeps nothing but row numbers.
//!
//! Owns a table of open addresses, five bytes a row and nearly full, since what the rows hold stands in the
//! columns already: whoever asks says whether a row is the one that is looked for. Must not: know hashes' texts.

/// A place that was never used.
const EMPTY: u8 = 0;
/// A place whose row was removed.
const REMOVED: u8 = 1;

/// Row numbers by hash. Several rows may have one hash.
#[derive(Debug, Clone, Default)]
pub struct RowIndex {
    /// [`EMPTY`], [`REMOVED`], or a part of the row's hash.
    tags: Vec<u8>,
    rows: Vec<u32>,
    /// Places that are not [`EMPTY`].
    used: usize,
}

impl RowIndex {
    /// The smallest of the rows with this hash that `is_it` accepts.
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag(hash);
        self.places(hash)
            .take_while(|(_, found)| *found != EMPTY)
            .filter(|(_, found)| *found == tag)
            .filter_map(|(at, _)| self.rows.get(at).copied())
            .filter(|row| is_it(*row))
            .min()
    }

    /// A row with this hash that `is_it` accepts, where it accepts no more than one: it need not look at all of them.
    pub fn find_only(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag(hash);
        self.places(hash)
            .take_while(|(_, found)| *found != EMPTY)
            .filter(|(_, found)| *found == tag)
            .filter_map(|(at, _)| self.rows.get(at).copied())
            .find(|row| is_it(*row))
    }

    /// Adds `row`; `hash_of` answers the hash of any row that was added, for a table that grows.
    pub fn insert(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.used + 1) * 20 > self.tags.len() * 17 {
            self.grow(hash_of);
        }
        self.put(hash, row);
    }

    /// Removes `row`, if it is there.
    pub fn remove(&mut self, hash: u64, row: u32) {
        let at = self
            .places(hash)
            .take_while(|(_, found)| *found != EMPTY)
            .find(|(at, found)| *found == tag(hash) && self.rows.get(*at) == Some(&row))
            .map(|(at, _)| at);
        if let Some(place) = at.and_then(|at| self.tags.get_mut(at)) {
            *place = REMOVED;
        }
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.tags.capacity() + self.rows.capacity() * size_of::<u32>()
    }

    /// All places, from the one that `hash` means on, with their tags.
    fn places(&self, hash: u64) -> impl Iterator<Item = (usize, u8)> + '_ {
        let size = self.tags.len();
        let first = (u128::from(hash) * size as u128) >> 64;
        let first = usize::try_from(first).unwrap_or(0);
        let (before, from) = self.tags.split_at_checked(first).unwrap_or_default();
        let numbered = from.iter().enumerate().map(move |(at, tag)| (first + at, *tag));
        numbered.chain(before.iter().copied().enumerate())
    }

    fn put(&mut self, hash: u64, row: u32) {
        let free = self.places(hash).find(|(_, found)| *found <= REMOVED);
        let Some((at, found)) = free else { return };
        self.used += usize::from(found == EMPTY);
        if let (Some(place), Some(number)) = (self.tags.get_mut(at), self.rows.get_mut(at)) {
            *place = tag(hash);
            *number = row;
        }
    }

    /// Makes room, and clears what was removed.
    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let old = std::mem::take(self);
        let rows = || old.tags.iter().zip(&old.rows).filter(|(tag, _)| **tag > REMOVED);
        let size = (rows().count() * 3 / 2).max(16);
        self.tags = vec![EMPTY; size];
        self.rows = vec![0; size];
        for (_, row) in rows() {
            self.put(hash_of(*row), *row);
        }
    }
}

/// The part of a hash that is kept.
fn tag(hash: u64) -> u8 {
    hash.to_le_bytes()[0].max(REMOVED + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// With hashes that collide often: what was inserted and not removed is found, and nothing else.
        #[test]
        fn every_row_is_found_until_it_is_removed(
            steps in prop::collection::vec((any::<bool>(), 0_u32..60), 0..300),
        ) {
            let hash = |row: u32| u64::from(row % 16) << 60 | u64::from(row % 3);
            let (mut index, mut rows) = (RowIndex::default(), BTreeSet::new());
            for (insert, row) in steps {
                if insert && rows.insert(row) {
                    index.insert(hash(row), row, hash);
                } else if !insert && rows.remove(&row) {
                    index.remove(hash(row), row);
                }
                for row in 0..60 {
                    let found = index.find(hash(row), |candidate| candidate == row);
                    prop_assert_eq!(found.is_some(), rows.contains(&row));
                }
            }
        }
    }
}
