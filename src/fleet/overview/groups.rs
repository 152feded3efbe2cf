//! The namespaces that were counted, in the order of their names, and the order of their counts.
//!
//! Owns the number of a namespace: its place by the names of cluster and namespace, so numbers compare as names do. Nothing here
//! has a name of its own, and an order needs no name. Must not: know which namespaces are on the screen.

use std::cmp::Ordering;
use std::ops::Range;
use std::thread;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::packed_counts::{BAD_COUNTS, PackedCounts, PackedSum, listed};
use super::tally::Tally;
use super::{GroupCounts, OverviewColumn, OverviewSort};
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::Col;
use crate::fleet::store::dictionary::{Dictionary, FIRST};

/// From this number of pairs on, two threads are faster than one.
const WORTH_TWO_THREADS: usize = 1 << 14;

/// The namespaces and their counts.
#[derive(Debug, Default)]
pub(super) struct CountedGroups {
    /// The codes of clusters and of namespaces, by name.
    codes: [Vec<u32>; 2],
    /// The places of cluster and namespace by name, for each.
    names: Vec<[u32; 2]>,
    packed: Vec<PackedCounts>,
    /// Counts that do not fit, by number.
    large: HashMap<u32, GroupCounts, RandomState>,
    /// The numbers of each cluster's namespaces.
    clusters: Vec<Range<u32>>,
    total: GroupCounts,
}

impl CountedGroups {
    /// The namespaces with pods, where each possible pair has a place: that of a cluster is its code times `width`, the namespaces
    /// of a cluster. The counts are the sums of the tallies.
    pub(super) fn of_each(fleet: &Fleet, width: u32, tallies: &[Tally]) -> Self {
        let codes = [Col::Cluster, Col::Namespace].map(|col| by_name(fleet.words().of(col)));
        let [clusters, namespaces] = &codes;
        let pairs = clusters.len() * namespaces.len();
        let part = |clusters: Range<usize>, room: usize| {
            let mut groups = Self {
                names: Vec::with_capacity(room),
                packed: Vec::with_capacity(room),
                ..Self::default()
            };
            let mut sum = PackedSum::default();
            let codes_of_part = codes[0].iter().skip(clusters.start).take(clusters.len());
            for (cluster, code) in (u32::try_from(clusters.start).unwrap_or(u32::MAX)..).zip(codes_of_part) {
                let row = *code as usize * width as usize;
                for (namespace, code) in (0..).zip(namespaces) {
                    let counts = Tally::sum_at(tallies, row + *code as usize);
                    groups.push([cluster, namespace], counts, &mut sum);
                }
            }
            groups.total += sum.end();
            groups
        };
        let half = if pairs < WORTH_TWO_THREADS {
            clusters.len()
        } else {
            clusters.len() / 2
        };
        let rest = half..clusters.len();
        let mut groups = thread::scope(|scope| {
            let other = (!rest.is_empty())
                .then(|| scope.spawn(|| part(rest.clone(), pairs - half * namespaces.len())));
            let mut groups = part(0..half, pairs);
            if let Some(other) = other {
                groups.append(other.join().unwrap_or_else(|_| part(rest.clone(), 0)));
            }
            groups
        });
        if groups.names.len() < pairs / 2 {
            groups.names.shrink_to_fit();
            groups.packed.shrink_to_fit();
        }
        groups.codes = codes;
        groups
    }

    /// The namespaces with pods, where only these pairs have a place: the code of the cluster above that of the namespace.
    pub(super) fn of_known(fleet: &Fleet, pairs: Vec<(u64, u32)>, tally: &Tally) -> Self {
        let mut groups = Self {
            codes: [Col::Cluster, Col::Namespace].map(|col| by_name(fleet.words().of(col))),
            ..Self::default()
        };
        let mut sum = PackedSum::default();
        let [clusters, namespaces] = [0, 1].map(|at| places(&groups.codes[at]));
        let name = |places: &[u32], code: u64| {
            let place = usize::try_from(code).ok().and_then(|code| places.get(code));
            place.copied().unwrap_or(u32::MAX)
        };
        let names = |pair: u64| [name(&clusters, pair >> 32), name(&namespaces, pair & 0xffff_ffff)];
        let mut ordered: Vec<([u32; 2], u32)> = pairs
            .into_iter()
            .map(|(pair, place)| (names(pair), place))
            .collect();
        ordered.sort_unstable();
        for (names, place) in ordered {
            let counts = Tally::sum_at(std::slice::from_ref(tally), place as usize);
            groups.push(names, counts, &mut sum);
        }
        groups.total += sum.end();
        groups
    }

    /// Adds the namespaces of other clusters, which come later by name.
    fn append(&mut self, other: Self) {
        let first = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.extend_from_slice(&other.names);
        self.packed.extend_from_slice(&other.packed);
        let moved = other.clusters.into_iter();
        self.clusters
            .extend(moved.map(|numbers| numbers.start + first..numbers.end + first));
        let large = other.large.into_iter();
        self.large
            .extend(large.map(|(number, counts)| (number + first, counts)));
        self.total += other.total;
    }

    #[inline]
    fn push(
        &mut self,
        names: [u32; 2],
        (packed, large): (PackedCounts, Option<GroupCounts>),
        sum: &mut PackedSum,
    ) {
        if packed.pods() == 0 {
            return;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        if let Some(counts) = large {
            self.total += counts;
            self.large.insert(number, counts);
        } else {
            sum.add(packed);
        }
        let before = self.names.last().map(|names| names[0]);
        match self.clusters.last_mut().filter(|_| before == Some(names[0])) {
            Some(cluster) => cluster.end = number + 1,
            None => self.clusters.push(number..number + 1),
        }
        self.names.push(names);
        self.packed.push(packed);
    }

    /// How many namespaces there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The counts over all.
    pub(super) fn total(&self) -> GroupCounts {
        self.total
    }

    /// The numbers of each cluster's namespaces, by name.
    pub(super) fn clusters(&self) -> &[Range<u32>] {
        &self.clusters
    }

    /// The codes of the cluster and the namespace of this number.
    pub(super) fn codes(&self, number: u32) -> Option<[u64; 2]> {
        let [cluster, namespace] = *self.names.get(number as usize)?;
        let code = |at: usize, place: u32| self.codes[at].get(place as usize).copied().map(u64::from);
        Some([code(0, cluster)?, code(1, namespace)?])
    }

    /// The number of the namespace with these codes.
    pub(super) fn number(&self, codes: [u64; 2]) -> Option<u32> {
        let place = |at: usize| {
            let place = self.codes[at]
                .iter()
                .position(|code| u64::from(*code) == codes[at]);
            u32::try_from(place?).ok()
        };
        let names = [place(0)?, place(1)?];
        self.names
            .binary_search(&names)
            .ok()
            .and_then(|at| u32::try_from(at).ok())
    }

    /// The counts of the namespace of this number.
    pub(super) fn counts(&self, number: u32) -> GroupCounts {
        let packed = self.packed.get(number as usize).copied().unwrap_or_default();
        if packed.is_elsewhere() {
            self.large.get(&number).copied().unwrap_or_default()
        } else {
            packed.counts()
        }
    }

    /// Compares two namespaces. Equal ones are ordered by their names, in both directions.
    pub(super) fn compare(&self, sort: OverviewSort, a: u32, b: u32) -> Ordering {
        let name = |number: u32, at: usize| self.names.get(number as usize).map(|names| names[at]);
        let by_column = match sort.column {
            OverviewColumn::Worst => self.compare_badness(a, b),
            OverviewColumn::Cluster => name(a, 0).cmp(&name(b, 0)),
            OverviewColumn::Namespace => name(a, 1).cmp(&name(b, 1)),
            column => column
                .counted(&self.counts(a))
                .cmp(&column.counted(&self.counts(b))),
        };
        let by_column = if sort.descending {
            by_column.reverse()
        } else {
            by_column
        };
        by_column.then_with(|| a.cmp(&b))
    }

    #[inline]
    fn compare_badness(&self, a: u32, b: u32) -> Ordering {
        if let (Some(first), Some(second)) = (self.packed.get(a as usize), self.packed.get(b as usize))
            && !first.is_elsewhere()
            && !second.is_elsewhere()
        {
            return first.badness().cmp(&second.badness());
        }
        let badness = |number| listed(&self.counts(number)).into_iter().take(BAD_COUNTS);
        badness(a).cmp(badness(b))
    }

    /// All numbers in an order.
    pub(super) fn sorted(&self, sort: OverviewSort) -> Vec<u32> {
        let mut numbers = self.numbers();
        numbers.sort_unstable_by(|a, b| self.compare(sort, *a, *b));
        numbers
    }

    /// The first numbers in an order, at least one, which takes much less time than all: a number that comes after enough others is
    /// passed over at once.
    pub(super) fn first(&self, sort: OverviewSort, count: usize) -> Vec<u32> {
        let count = count.max(1);
        let compare = |a: &u32, b: &u32| self.compare(sort, *a, *b);
        let mut first: Vec<u32> = Vec::with_capacity(self.len().min(2 * count));
        let mut last = None;
        // By far most numbers are passed over, by their counts alone if the order is that of the screen.
        let is_worst_first = sort == OverviewSort::default();
        let mut least_bad = None;
        for (number, packed) in (0..).zip(&self.packed) {
            let passes = |least| is_worst_first && !packed.is_elsewhere() && packed.badness() < least;
            if least_bad.is_some_and(passes) || last.is_some_and(|last| compare(&number, &last).is_gt()) {
                continue;
            }
            first.push(number);
            if first.len() == 2 * count {
                let (_, nth, _) = first.select_nth_unstable_by(count - 1, compare);
                last = Some(*nth);
                let packed = self.packed.get(*nth as usize);
                least_bad = packed
                    .filter(|packed| !packed.is_elsewhere())
                    .map(|packed| packed.badness());
                first.truncate(count);
            }
        }
        first.sort_unstable_by(compare);
        first.truncate(count);
        first
    }

    /// How many namespaces come before this one in an order.
    pub(super) fn before(&self, sort: OverviewSort, number: u32) -> usize {
        let others = 0..u32::try_from(self.len()).unwrap_or(u32::MAX);
        others
            .filter(|other| self.compare(sort, *other, number).is_lt())
            .count()
    }

    fn numbers(&self) -> Vec<u32> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).collect()
    }
}

/// The codes of a dictionary in the order of the words.
fn by_name(words: &Dictionary) -> Vec<u32> {
    let end = words.len() as u64 + FIRST;
    let mut codes: Vec<u32> = (0..u32::try_from(end).unwrap_or(u32::MAX)).collect();
    codes.sort_by_key(|code| words.get((*code).into()));
    codes
}

/// The place of each code.
fn places(codes: &[u32]) -> Vec<u32> {
    let mut places = vec![0; codes.len()];
    for (place, code) in (0..).zip(codes) {
        if let Some(own) = places.get_mut(*code as usize) {
            *own = place;
        }
    }
    places
}
