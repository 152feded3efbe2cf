//! Counts by place, most of which are small.
//!
//! Owns what happens to counts that do not fit into a byte each: they are kept apart. Must not: know what a place means.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::GroupCounts;
use super::packed_counts::PackedCounts;

/// Counts by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    packed: Vec<PackedCounts>,
    /// What did not fit, by place: the counts are the sum of both.
    large: HashMap<usize, GroupCounts, RandomState>,
}

impl Tally {
    /// Nothing counted at this many places.
    pub(super) fn of(places: usize) -> Self {
        Self {
            packed: vec![PackedCounts::default(); places],
            large: HashMap::default(),
        }
    }

    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.packed.len()
    }

    /// Has at least this many places.
    pub(super) fn reach(&mut self, places: usize) {
        if places > self.packed.len() {
            self.packed.resize(places, PackedCounts::default());
        }
    }

    /// Adds the counts of a few pods to those of a place.
    #[inline]
    pub(super) fn add(&mut self, place: usize, counts: PackedCounts) {
        let Some(own) = self.packed.get_mut(place) else {
            return;
        };
        if own.fits(counts) {
            *own = own.plus(counts);
        } else {
            set_apart(&mut self.large, place, own);
            *own = counts;
        }
    }

    /// Adds everything that another one has, at the places that `at` says.
    pub(super) fn add_all(&mut self, other: Self, at: impl Fn(usize) -> usize) {
        for (place, counts) in other.packed.into_iter().enumerate() {
            if counts.pods() > 0 {
                self.add(at(place), counts);
            }
        }
        for (place, counts) in other.large {
            *self.large.entry(at(place)).or_default() += counts;
        }
    }

    /// The counts of a place: packed if they fit, and those that do not.
    #[inline]
    pub(super) fn at(&self, place: usize) -> (PackedCounts, Option<GroupCounts>) {
        let packed = self.packed.get(place).copied().unwrap_or_default();
        // Most fleets have no large ones at all.
        let large = if self.large.is_empty() {
            None
        } else {
            self.large.get(&place)
        };
        match large {
            None => (packed, None),
            Some(large) => {
                let mut sum = packed.counts();
                sum += *large;
                (PackedCounts::ELSEWHERE, Some(sum))
            }
        }
    }
}

#[cold]
fn set_apart(large: &mut HashMap<usize, GroupCounts, RandomState>, place: usize, counts: &PackedCounts) {
    *large.entry(place).or_default() += counts.counts();
}
