//! Counts by place, most of which are small.
//!
//! Owns the counts that do not fit into a byte, which are stored separately. Must not: know what a place means.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::GroupCounts;
use super::packed_counts::{MOST_PODS, PackedCounts};

/// Rows that are added together.
const BATCH: usize = 32;

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

    /// Adds the counts of one pod each, `counts` of its number, to those of the places.
    ///
    /// The places of neighbouring rows are far apart. Reading many of them first lets the processor wait for all of them at once;
    /// an addition alone would wait for each.
    #[inline]
    pub(super) fn add_each(&mut self, places: &[u32], counts: impl Fn(usize) -> PackedCounts) {
        for (first, places) in (0..).step_by(BATCH).zip(places.chunks(BATCH)) {
            let pods = places.iter().map(|place| match self.packed.get(*place as usize) {
                Some(counts) => counts.pods(),
                None => 0,
            });
            let have_room = pods.fold(0, u64::max) + BATCH as u64 <= MOST_PODS;
            for (number, place) in (first..).zip(places) {
                if !have_room {
                    self.add(*place as usize, counts(number));
                } else if let Some(own) = self.packed.get_mut(*place as usize) {
                    *own = own.plus(counts(number));
                }
            }
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

    /// The counts of a place in all of these: packed if they fit, and those that do not.
    #[inline]
    pub(super) fn sum_at(tallies: &[Self], place: usize) -> (PackedCounts, Option<GroupCounts>) {
        let mut sum = PackedCounts::default();
        for tally in tallies {
            let packed = tally.packed.get(place).copied().unwrap_or_default();
            // Most fleets have no large ones at all.
            let is_apart = !tally.large.is_empty() && tally.large.contains_key(&place);
            if is_apart || !sum.fits(packed) {
                return (PackedCounts::ELSEWHERE, Some(Self::large_sum_at(tallies, place)));
            }
            sum = sum.plus(packed);
        }
        (sum, None)
    }

    #[cold]
    fn large_sum_at(tallies: &[Self], place: usize) -> GroupCounts {
        let mut sum = GroupCounts::default();
        for tally in tallies {
            sum += tally.packed.get(place).copied().unwrap_or_default().counts();
            sum += tally.large.get(&place).copied().unwrap_or_default();
        }
        sum
    }
}

#[cold]
fn set_apart(large: &mut HashMap<usize, GroupCounts, RandomState>, place: usize, counts: &PackedCounts) {
    *large.entry(place).or_default() += counts.counts();
}
