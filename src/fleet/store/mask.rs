//! A selection of rows of a chunk, one bit per row.
//!
//! Owns the set operations on selections. Must not: know the contents of rows.

use std::ops::RangeInclusive;

use super::chunk::CHUNK_ROWS;
use super::packed::Packed;

/// Words of a [`Mask`].
const WORDS: usize = CHUNK_ROWS as usize / 64;

/// A selection of rows of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask([u64; WORDS]);

impl Mask {
    /// The empty selection.
    pub const NONE: Self = Self([0; WORDS]);

    /// The rows of a column whose number `is_it` accepts.
    pub fn of(column: &Packed, is_it: impl FnMut(u64) -> bool) -> Self {
        let mut mask = Self::NONE;
        column.bits(is_it, &mut mask.0);
        mask
    }

    /// The rows of a column whose number is in `range`.
    pub fn within(column: &Packed, range: &RangeInclusive<u64>) -> Self {
        let mut mask = Self::NONE;
        column.bits_within(range, &mut mask.0);
        mask
    }

    /// The first `count` rows.
    pub fn first(count: usize) -> Self {
        Self(std::array::from_fn(|at| match count.saturating_sub(at * 64) {
            64.. => u64::MAX,
            left => (1 << left) - 1,
        }))
    }

    /// Adds a row.
    pub fn add(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Whether the row is chosen.
    #[inline]
    pub fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// The rows in both selections.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }

    /// The rows in at least one of the selections.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }

    /// The rows of this one that are not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & !other.0[at]))
    }

    /// Whether no row is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// How many rows are chosen.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.rows_from(0)
    }

    /// The rows behind this many others.
    pub fn rows_from(&self, mut skipped: usize) -> impl Iterator<Item = usize> + '_ {
        let mut first = 0;
        while let Some(word) = self.0.get(first)
            && skipped >= word.count_ones() as usize
        {
            skipped -= word.count_ones() as usize;
            first += 1;
        }
        let words = self.0.iter().enumerate().skip(first);
        let rows = words.flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(at * 64 + bit)
            })
        });
        rows.skip(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_combine_like_sets() {
        let mut column = Packed::default();
        (0..200).for_each(|at| column.set(at, at as u64));
        let (even, low) = (
            Mask::of(&column, |code| code % 2 == 0),
            Mask::of(&column, |code| code < 100),
        );
        assert_eq!(
            even.and(low).rows().collect::<Vec<_>>(),
            (0..100).step_by(2).collect::<Vec<_>>()
        );
        assert_eq!((even.or(low).count(), even.without(low).count()), (150, 50));
        for skipped in [0, 1, 31, 32, 33, 99, 100, 999] {
            assert!(even.rows_from(skipped).eq(even.rows().skip(skipped)), "{skipped}");
        }
        assert_eq!(
            [0, 64, 70, 4096].map(|count| Mask::first(count).count()),
            [0, 64, 70, 4096]
        );
        assert!(even.has(2) && !even.has(3) && Mask::NONE.is_empty());
    }
}
