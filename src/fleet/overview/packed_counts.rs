//! The counts of a namespace in one byte each.
//!
//! A large fleet has more namespaces than fit into the fastest caches of the processor with a word for each count, and its
//! neighbouring pods are of different namespaces. In 24 bytes all counts of up to [`MOST_PODS`] pods change with three
//! additions. Owns the places of the counts: those by which namespaces are ordered come first, so that comparing the numbers
//! compares the namespaces. Must not: know where a count comes from.

use super::GroupCounts;
use crate::fleet::summary::Summary;

/// How many counts there are.
pub(super) const COUNTS: usize = 24;
/// How many of the first counts say how bad it is, the worst state first.
pub(super) const BAD_COUNTS: usize = 11;
/// The most pods whose counts fit: one more is the mark of counts that are elsewhere.
pub(super) const MOST_PODS: u64 = 254;
const WORDS: usize = COUNTS / 8;

/// Runs the same code on every count, in their order.
macro_rules! each_count {
    ($counts:ident, $do:ident) => {
        $do![
            $counts.summary.risk,
            $counts.summary.exception,
            $counts.summary.failed,
            $counts.summary.unknown,
            $counts.near_limit,
            $counts.summary.pending,
            $counts.summary.unprotected,
            $counts.doubtful,
            $counts.not_scanned,
            $counts.scanning,
            $counts.no_limit,
            $counts.summary.running,
            $counts.summary.succeeded,
            $counts.summary.cpu_critical,
            $counts.summary.memory_critical,
            $counts.summary.detection_told,
            $counts.summary.protection_told,
            $counts.summary.security_told,
            $counts.summary.cpu_told,
            $counts.summary.memory_told,
            $counts.usage_told,
            $counts.protected,
            $counts.clean,
            $counts.summary.pods
        ]
    };
}

/// The counts in their order.
pub(super) fn listed(counts: &GroupCounts) -> [usize; COUNTS] {
    macro_rules! list {
        ($($count:expr),+) => { [$($count),+] };
    }
    each_count!(counts, list)
}

/// The counts of a list in their order.
pub(super) fn unlisted(list: [usize; COUNTS]) -> GroupCounts {
    let mut counts = GroupCounts {
        summary: Summary::default(),
        ..GroupCounts::default()
    };
    let mut list = list.into_iter();
    macro_rules! take {
        ($($count:expr),+) => { $($count = list.next().unwrap_or_default();)+ };
    }
    each_count!(counts, take);
    counts
}

/// The counts over at most [`MOST_PODS`] pods, or the mark that they are elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PackedCounts([u64; WORDS]);

impl PackedCounts {
    /// The mark that the counts are elsewhere.
    pub(super) const ELSEWHERE: Self = Self([0, 0, MOST_PODS + 1]);

    /// The counts, each of which is below 255.
    pub(super) fn of(counts: &GroupCounts) -> Self {
        let bytes = listed(counts).map(|count| u8::try_from(count).unwrap_or(u8::MAX));
        let (words, _) = bytes.as_chunks::<8>();
        let mut all = words.iter().map(|word| u64::from_be_bytes(*word));
        Self(std::array::from_fn(|_| all.next().unwrap_or_default()))
    }

    /// The counts as numbers of any size.
    pub(super) fn counts(self) -> GroupCounts {
        let mut bytes = self.0.into_iter().flat_map(u64::to_be_bytes);
        unlisted(std::array::from_fn(|_| bytes.next().unwrap_or_default().into()))
    }

    /// The number of pods.
    #[inline]
    pub(super) const fn pods(self) -> u64 {
        self.0[WORDS - 1] & 0xff
    }

    /// Whether the counts are elsewhere.
    #[inline]
    pub(super) const fn is_elsewhere(self) -> bool {
        self.pods() > MOST_PODS
    }

    /// Whether the counts of both together fit.
    #[inline]
    pub(super) const fn fits(self, other: Self) -> bool {
        self.pods() + other.pods() <= MOST_PODS
    }

    /// The sum of both, which fits.
    #[inline]
    #[must_use]
    pub(super) const fn plus(self, other: Self) -> Self {
        let (mine, others) = (self.0, other.0);
        Self([
            mine[0].wrapping_add(others[0]),
            mine[1].wrapping_add(others[1]),
            mine[2].wrapping_add(others[2]),
        ])
    }

    /// These counts without `other`, which are part of them.
    #[must_use]
    pub(super) const fn minus(self, other: Self) -> Self {
        let (mine, others) = (self.0, other.0);
        Self([
            mine[0].wrapping_sub(others[0]),
            mine[1].wrapping_sub(others[1]),
            mine[2].wrapping_sub(others[2]),
        ])
    }

    /// How bad it is: a larger number is worse.
    #[inline]
    pub(super) const fn badness(self) -> (u64, u64) {
        let rest = BAD_COUNTS - 8;
        (self.0[0], self.0[1] >> (64 - rest * 8))
    }
}

/// Adds up packed counts.
#[derive(Debug, Default)]
pub(super) struct PackedSum {
    /// Each word's even and odd bytes, with room for larger numbers.
    halves: [[u64; 2]; WORDS],
    /// How many packed counts are in the halves.
    added: u32,
    sum: [usize; COUNTS],
}

impl PackedSum {
    const LOW: u64 = 0x00ff_00ff_00ff_00ff;
    /// The sum of this many bytes fits into 16 bits.
    const MOST: u32 = 257;

    /// Adds counts that are not elsewhere.
    #[inline]
    pub(super) fn add(&mut self, counts: PackedCounts) {
        if self.added == Self::MOST {
            self.flush();
        }
        self.added += 1;
        for ([high, low], word) in self.halves.iter_mut().zip(counts.0) {
            *high += (word >> 8) & Self::LOW;
            *low += word & Self::LOW;
        }
    }

    /// The sum.
    pub(super) fn end(mut self) -> GroupCounts {
        self.flush();
        unlisted(self.sum)
    }

    fn flush(&mut self) {
        for (sums, halves) in self.sum.chunks_mut(8).zip(&mut self.halves) {
            for (pair, at) in sums.chunks_mut(2).zip([48, 32, 16, 0]) {
                for (sum, half) in pair.iter_mut().zip(halves.iter()) {
                    *sum += usize::try_from((half >> at) & 0xffff).unwrap_or(0);
                }
            }
            *halves = [0; 2];
        }
        self.added = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: impl Fn(usize) -> usize) -> GroupCounts {
        unlisted(std::array::from_fn(of))
    }

    #[test]
    fn packed_counts_are_the_counts_and_their_sum_is_the_sum() {
        let (first, second) = (counts(|at| at * 5), counts(|at| (at * 7) % 90));
        assert_eq!(unlisted(listed(&first)), first);
        let packed = [first, second].map(|counts| PackedCounts::of(&counts));
        assert_eq!(packed.map(PackedCounts::counts), [first, second]);
        let mut sum = first;
        sum += second;
        assert!(packed[0].fits(packed[1]));
        assert_eq!(packed[0].plus(packed[1]).counts(), sum);
        assert_eq!(packed[0].plus(packed[1]).minus(packed[1]), packed[0]);
        assert!(!packed[0].is_elsewhere() && PackedCounts::ELSEWHERE.is_elsewhere());
        assert!(!PackedCounts::of(&counts(|_| 200)).fits(PackedCounts::of(&counts(|_| 55))));
    }

    #[test]
    fn many_packed_counts_add_up() {
        let (mut packed, mut sum) = (PackedSum::default(), GroupCounts::default());
        for round in 0..1000 {
            let counts = counts(|at| if round % 3 == 0 { 254 } else { (at * round) % 250 });
            packed.add(PackedCounts::of(&counts));
            sum += counts;
        }
        assert_eq!(packed.end(), sum);
    }

    #[test]
    fn the_worse_has_the_larger_badness() {
        for at in 0..COUNTS {
            let one = PackedCounts::of(&counts(|count| usize::from(count == at)));
            let better = PackedCounts::of(&counts(|count| if count > at { 9 } else { 0 }));
            assert_eq!(one.badness() > better.badness(), at < BAD_COUNTS, "{at}");
        }
    }
}
