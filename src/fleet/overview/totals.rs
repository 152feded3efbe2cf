//! What a program that watches the fleet needs beside the counts of a namespace: the lists its pods are in, and sums of usage.
//!
//! Owns [`PodTotals`]. Sums are whole nanocores and bytes, so that no digit is lost, however many pods there are. Must not: be
//! needed by a screen, which redraws often and would pay for it each time.

use std::ops::AddAssign;
use std::sync::Arc;
use std::thread;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::count::{WORTH_TWO_THREADS, of_group};
use super::{GroupCounts, NamespaceKey};
use crate::fleet::filter;
use crate::fleet::quantity::Measure;
use crate::fleet::scope::Scope;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{Chunk, Col, flag};
use crate::fleet::store::encoding::{Interner, usage};
use crate::fleet::store::mask::Mask;
use crate::fleet::usage::Usage;

/// Counts and sums over some pods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PodTotals {
    /// The counts of the overview.
    pub counts: GroupCounts,
    /// Pods that are only in `pod_info_list`.
    pub serverless: usize,
    /// Pods that are in both lists.
    pub in_both: usize,
    /// Not ended, and without a CPU limit.
    pub no_cpu_limit: usize,
    /// The sum of the known CPU usage, in nanocores.
    pub cpu_nanocores: u128,
    /// The sum of the known memory usage, in bytes.
    pub memory_bytes: u128,
}

impl AddAssign for PodTotals {
    fn add_assign(&mut self, other: Self) {
        self.counts += other.counts;
        self.serverless += other.serverless;
        self.in_both += other.in_both;
        self.no_cpu_limit += other.no_cpu_limit;
        self.cpu_nanocores += other.cpu_nanocores;
        self.memory_bytes += other.memory_bytes;
    }
}

impl PodTotals {
    /// The share of one row, whose counts are known.
    pub(super) fn of_row(words: &Interner, chunk: &Chunk, row: usize, counts: GroupCounts) -> Self {
        let lists = chunk.code(Col::Flags, row) & (flag::NODE | flag::SERVERLESS);
        let amount = |col, measure| {
            let amount = words.amount(chunk.code(col, row), measure);
            u128::from(amount.value().copied().unwrap_or_default())
        };
        let has_ended = counts.summary.succeeded + counts.summary.failed > 0;
        let is_unlimited = usage(chunk.code(Col::CpuUsage, row)) == Usage::NoLimit;
        Self {
            counts,
            serverless: usize::from(lists == flag::SERVERLESS),
            in_both: usize::from(lists == flag::NODE | flag::SERVERLESS),
            no_cpu_limit: usize::from(!has_ended && is_unlimited),
            cpu_nanocores: amount(Col::Cpu, Measure::Cpu),
            memory_bytes: amount(Col::Memory, Measure::Memory),
        }
    }
}

impl Fleet {
    /// The totals of each cluster's namespaces, without pods that are gone. In no order; namespaces whose names differ are
    /// different, even where they look alike.
    pub fn totals_by_namespace(&self) -> Vec<(NamespaceKey, PodTotals)> {
        let (alive, _) = filter::parted(self, filter::in_scope(self, &Scope::default()));
        grouped(self, &alive)
    }
}

/// The codes of cluster and namespace.
type Place = (u64, u64);

/// The totals, in the order of their first rows.
#[derive(Default)]
struct TotalsByPlace {
    places: HashMap<Place, usize, RandomState>,
    groups: Vec<(Place, PodTotals)>,
}

impl TotalsByPlace {
    fn at(&mut self, place: Place) -> usize {
        let Self { places, groups } = self;
        *places.entry(place).or_insert_with(|| {
            groups.push((place, PodTotals::default()));
            groups.len() - 1
        })
    }

    fn add(&mut self, at: usize, totals: PodTotals) {
        if let Some((_, group)) = self.groups.get_mut(at) {
            *group += totals;
        }
    }
}

/// The totals of the chosen rows, by namespace.
fn grouped(fleet: &Fleet, masks: &[Mask]) -> Vec<(NamespaceKey, PodTotals)> {
    let chunks = fleet.chunks();
    let half = if chunks.len() < WORTH_TWO_THREADS {
        0
    } else {
        chunks.len() / 2
    };
    let (first, second) = chunks.split_at(half.min(chunks.len()));
    let (of_first, of_second) = masks.split_at(half.min(masks.len()));
    let words = fleet.words();
    let groups = thread::scope(|scope| {
        let other = (!first.is_empty()).then(|| scope.spawn(|| counted(words, first, of_first)));
        let mut groups = counted(words, second, of_second);
        let other = other.map(|other| other.join().unwrap_or_else(|_| counted(words, first, of_first)));
        for (place, counts) in other.into_iter().flat_map(|other| other.groups) {
            let at = groups.at(place);
            groups.add(at, counts);
        }
        groups.groups
    });
    let keyed = |((cluster, namespace), totals)| (NamespaceKey::of(words, [cluster, namespace]), totals);
    groups.into_iter().map(keyed).collect()
}

fn counted(words: &Interner, chunks: &[Arc<Chunk>], masks: &[Mask]) -> TotalsByPlace {
    let mut groups = TotalsByPlace::default();
    let mut last: Option<(Place, usize)> = None;
    for (chunk, mask) in chunks.iter().zip(masks) {
        for row in mask.rows() {
            let place = (chunk.code(Col::Cluster, row), chunk.code(Col::Namespace, row));
            let at = match last {
                Some((known, at)) if known == place => at,
                _ => groups.at(place),
            };
            last = Some((place, at));
            let counts = of_group(|col| chunk.code(col, row));
            groups.add(at, PodTotals::of_row(words, chunk, row, counts));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods, serverless};
    use crate::fleet::{Field, Pod, RemoteText};
    use proptest::prelude::*;

    #[test]
    fn a_namespace_has_the_sums_of_its_pods() {
        let fleet: Fleet = [
            node("a").within("c", "n").usage("250m", "1", "1Gi", "").build(),
            node("b").within("c", "n").usage("1", "", "24Mi", "1Gi").build(),
            serverless("d").within("c", "m").build(),
        ]
        .into_iter()
        .collect();
        let mut totals = fleet.totals_by_namespace();
        totals.sort_by(|a, b| a.0.cmp(&b.0));
        let [(_, of_m), (key, of_n)] = totals.as_slice() else {
            unreachable!("{totals:?}");
        };
        assert_eq!(key.namespace.value().map(RemoteText::raw), Some("n"));
        assert_eq!(of_n.cpu_nanocores, 1_250_000_000);
        assert_eq!(of_n.memory_bytes, (1 << 30) + (24 << 20));
        assert_eq!((of_n.counts.summary.pods, of_n.counts.no_limit), (2, 1));
        assert_eq!((of_n.no_cpu_limit, of_n.serverless), (1, 0));
        assert_eq!((of_m.serverless, of_m.in_both), (1, 0));
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(64, 400))]

        #[test]
        fn the_totals_are_those_of_the_pods_one_by_one(pods in prop::collection::vec(pods(), 0..40)) {
            let fleet: Fleet = pods.into_iter().collect();
            let mut sum = PodTotals::default();
            for (_, totals) in fleet.totals_by_namespace() {
                sum += totals;
            }
            let amounts = |of: fn(&Pod) -> &Field<crate::fleet::quantity::Quantity>| -> u128 {
                let known = fleet.pods().filter_map(|pod| of(&pod).value()?.amount);
                known.map(u128::from).sum()
            };
            prop_assert_eq!(sum.counts.summary, fleet.summary());
            prop_assert_eq!(sum.cpu_nanocores, amounts(Pod::cpu));
            prop_assert_eq!(sum.memory_bytes, amounts(Pod::memory));
            let both = fleet.pods().filter(|pod| pod.node.is_some() && pod.serverless.is_some());
            prop_assert_eq!(sum.in_both, both.count());
            prop_assert_eq!(sum.serverless, fleet.pods().filter(|pod| pod.node.is_none()).count());
        }
    }
}
