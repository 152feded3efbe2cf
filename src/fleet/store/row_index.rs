//! An index from hashes to rows that stores only row numbers.
//!
//! Owns a nearly full hash table with open addressing that needs five bytes per row. The keys are not stored,
//! because the columns hold them: the caller decides whether a row is the right one. Must not: know what was
//! hashed.

use memchr::memchr2_iter;

/// The tag of a place that was never used.
const EMPTY: u8 = 0;
/// The tag of a place whose row was removed.
const REMOVED: u8 = 1;
/// A full table doubles in size up to this number of rows and grows by half beyond it: growing costs a visit
/// to every row, and unused room costs memory.
const SMALL: usize = 1 << 18;

/// Row numbers by hash. Several rows may have the same hash.
#[derive(Debug, Clone, Default)]
pub struct RowIndex {
    /// [`EMPTY`], [`REMOVED`], or a part of the row's hash. Never full: every search ends at an empty place.
    tags: Vec<u8>,
    rows: Vec<u32>,
    /// Places that are not [`EMPTY`].
    used: usize,
}

impl RowIndex {
    /// The smallest row with this hash that `is_it` accepts.
    #[cfg(test)]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.first(hash, |row| is_it(row).then_some(()))
    }

    /// The row with this hash that has the lowest rank; of equal ranks the smallest row. Rows whose rank is
    /// `None` are skipped.
    pub fn first<R: Ord>(&self, hash: u64, mut rank: impl FnMut(u32) -> Option<R>) -> Option<u32> {
        let mut first = None;
        self.each(hash, |row| {
            let place = rank(row).map(|rank| (rank, row));
            if place.is_some() && (first.is_none() || place < first) {
                first = place;
            }
            false
        });
        first.map(|(_, row)| row)
    }

    /// The row with this hash that `is_it` accepts, if it accepts only one: the search ends at the first
    /// match.
    pub fn find_only(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut only = None;
        self.each(hash, |row| {
            let found = is_it(row);
            if found {
                only = Some(row);
            }
            found
        });
        only
    }

    /// Adds `row`. `hash_of` returns the hash of any row that was added; it is needed when the table grows.
    pub fn insert(&mut self, hash: u64, row: u32, hash_of: impl Fn(u32) -> u64) {
        if is_full(self.used + 1, self.tags.len()) {
            let rows = self.tags.iter().filter(|tag| **tag > REMOVED).count();
            let size = if rows <= SMALL { rows * 2 } else { rows / 2 * 3 };
            self.grow(size.max(16), hash_of);
        }
        self.put(hash, row);
    }

    /// Makes room for `rows` rows in total and for a few more. Reserving in small steps costs no more than
    /// inserting.
    pub fn reserve(&mut self, rows: usize, hash_of: impl Fn(u32) -> u64) {
        if is_full(rows, self.tags.len()) {
            let just = (rows + rows / 32) * 20 / 17 + 16;
            self.grow(just.max(self.tags.len() / 8 * 9), hash_of);
        }
    }

    /// Touches the places of these hashes to bring them into the processor's caches before they are searched:
    /// touching many together means waiting once instead of once per place.
    pub fn look_ahead(&self, hashes: impl Iterator<Item = u64>) {
        let seen = hashes.fold(0, |seen, hash| {
            let at = self.place(hash);
            let tag = self.tags.get(at).map_or(0, |tag| u32::from(*tag));
            seen ^ tag ^ self.rows.get(at).copied().unwrap_or(0)
        });
        std::hint::black_box(seen);
    }

    /// Removes `row`. Returns whether it was there.
    pub fn remove(&mut self, hash: u64, row: u32) -> bool {
        let is_it = |at: usize| self.rows.get(at) == Some(&row);
        let places = self
            .matching(hash, tag(hash))
            .take_while(|at| !self.is_empty(*at));
        let at = { places }.find(|at| is_it(*at));
        let place = at.and_then(|at| self.tags.get_mut(at));
        place.map(|place| *place = REMOVED).is_some()
    }

    /// The bytes of memory that it uses.
    pub fn bytes(&self) -> usize {
        self.tags.capacity() + self.rows.capacity() * size_of::<u32>()
    }

    /// Calls `visit` with each row that may have this hash until it returns true.
    pub(super) fn each(&self, hash: u64, mut visit: impl FnMut(u32) -> bool) {
        for at in self.matching(hash, tag(hash)) {
            #[cfg(test)]
            VISITS.set(VISITS.get() + 1);
            if self.is_empty(at) || self.rows.get(at).is_some_and(|row| visit(*row)) {
                return;
            }
        }
    }

    /// Goes round the table once, starting at the place of `hash`, and returns the places that are empty or
    /// have the tag `other`. A table is nearly full, so a search passes many tags; they are compared in one
    /// step, as many as the processor can.
    fn matching(&self, hash: u64, other: u8) -> impl Iterator<Item = usize> + '_ {
        let first = self.place(hash);
        let (before, from) = self.tags.split_at_checked(first).unwrap_or_default();
        let behind = memchr2_iter(EMPTY, other, from).map(move |at| first + at);
        behind.chain(memchr2_iter(EMPTY, other, before))
    }

    /// The place where the search for a hash starts.
    fn place(&self, hash: u64) -> usize {
        // Multiplication needs no division, and the order of the places is that of the hashes.
        usize::try_from((u128::from(hash) * self.tags.len() as u128) >> 64).unwrap_or(0)
    }

    fn is_empty(&self, at: usize) -> bool {
        self.tags.get(at).is_none_or(|tag| *tag == EMPTY)
    }

    fn put(&mut self, hash: u64, row: u32) {
        let Some(at) = self.matching(hash, REMOVED).next() else {
            return;
        };
        if let (Some(place), Some(number)) = (self.tags.get_mut(at), self.rows.get_mut(at)) {
            self.used += usize::from(*place == EMPTY);
            *place = tag(hash);
            *number = row;
        }
    }

    /// Grows the table and drops removed rows.
    fn grow(&mut self, size: usize, hash_of: impl Fn(u32) -> u64) {
        let old = std::mem::take(self);
        let rows = old.tags.iter().zip(&old.rows).filter(|(tag, _)| **tag > REMOVED);
        // In the order of the rows, which is the order of their texts in memory.
        let mut present: Vec<u64> = Vec::new();
        for (_, row) in rows {
            let word = *row as usize / 64;
            if present.len() <= word {
                present.resize(word + 1, 0);
            }
            if let Some(word) = present.get_mut(word) {
                *word |= 1 << (row % 64);
            }
        }
        drop(old);
        self.tags = vec![EMPTY; size];
        self.rows = vec![0; size];
        for (first, word) in (0..).step_by(64).zip(present) {
            let mut left = word;
            while left != 0 {
                let row = first + left.trailing_zeros();
                left &= left - 1;
                self.put(hash_of(row), row);
            }
        }
    }
}

#[cfg(test)]
thread_local! {
    static VISITS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many places this thread has visited in all searches.
#[cfg(test)]
pub(super) fn visits() -> u64 {
    VISITS.get()
}

/// Whether this many places are more than a table of this size should use.
fn is_full(used: usize, size: usize) -> bool {
    used * 20 > size * 17
}

/// The part of a hash that is stored.
fn tag(hash: u64) -> u8 {
    hash.to_le_bytes()[0].max(REMOVED + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// With many hash collisions: rows are found if and only if they were inserted and not removed.
        #[test]
        fn every_row_is_found_until_it_is_removed(
            steps in prop::collection::vec((any::<bool>(), 0_u32..60), 0..300),
            reserved in 0_usize..70,
        ) {
            let hash = |row: u32| u64::from(row % 16) << 60 | u64::from(row % 3);
            let (mut index, mut rows) = (RowIndex::default(), BTreeSet::new());
            for (number, (insert, row)) in steps.into_iter().enumerate() {
                if number == reserved {
                    index.reserve(reserved, hash);
                }
                if insert && rows.insert(row) {
                    index.insert(hash(row), row, hash);
                } else if !insert && rows.remove(&row) {
                    index.remove(hash(row), row);
                }
                index.look_ahead((0..60).map(hash)); // changes nothing
                for row in 0..60 {
                    let found = index.find(hash(row), |candidate| candidate == row);
                    prop_assert_eq!(found.is_some(), rows.contains(&row));
                }
            }
        }
    }
}
