//! Counts the chosen rows in one pass, on two threads if there is enough work.
//!
//! It only reads columns of small numbers. Neighbouring rows usually belong to the same namespace, so the
//! last one is tried first.

use std::ops::AddAssign;
use std::sync::Arc;
use std::thread;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::totals::PodTotals;
use super::{GroupCounts, NamespaceKey, NamespaceRow};
use crate::fleet::field::Field;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{Chunk, Col};
use crate::fleet::store::counts::of_row;
use crate::fleet::store::dictionary::{FIRST, UNREADABLE};
use crate::fleet::store::encoding::usage;
use crate::fleet::store::mask::Mask;
use crate::fleet::text::RemoteText;
use crate::fleet::usage::Usage;
use crate::fleet::words::{Detection, Protection};

/// From this number of chunks on, two threads are faster than one.
const WORTH_TWO_THREADS: usize = 16;

/// The codes of cluster and namespace.
type Place = (u64, u64);

/// The groups, in the order of their first rows.
#[derive(Default)]
struct Groups<G> {
    places: HashMap<Place, usize, RandomState>,
    groups: Vec<(Place, G)>,
}

impl<G: Default + AddAssign> Groups<G> {
    fn at(&mut self, place: Place) -> usize {
        let Self { places, groups } = self;
        *places.entry(place).or_insert_with(|| {
            groups.push((place, G::default()));
            groups.len() - 1
        })
    }

    fn add(&mut self, at: usize, counts: G) {
        if let Some((_, group)) = self.groups.get_mut(at) {
            *group += counts;
        }
    }
}

/// The namespaces of the chosen rows, in no particular order.
pub(super) fn by_namespace(fleet: &Fleet, masks: &[Mask]) -> Vec<NamespaceRow> {
    let row = |(key, counts): (NamespaceKey, GroupCounts)| NamespaceRow {
        shown: fleet.shown_namespace(&key),
        key,
        counts,
    };
    grouped(fleet, masks, of_group).into_iter().map(row).collect()
}

/// The totals of the namespaces of the chosen rows, in no order.
pub(super) fn totals_by_namespace(fleet: &Fleet, masks: &[Mask]) -> Vec<(NamespaceKey, PodTotals)> {
    grouped(fleet, masks, |chunk, row| {
        PodTotals::of_row(fleet.words(), chunk, row, of_group(chunk, row))
    })
}

/// The shares of the chosen rows, summed up by namespace.
fn grouped<G: Default + AddAssign + Send>(
    fleet: &Fleet,
    masks: &[Mask],
    share: impl Fn(&Chunk, usize) -> G + Sync,
) -> Vec<(NamespaceKey, G)> {
    let chunks = fleet.chunks();
    let half = if chunks.len() < WORTH_TWO_THREADS {
        0
    } else {
        chunks.len() / 2
    };
    let (first, second) = chunks.split_at(half.min(chunks.len()));
    let (of_first, of_second) = masks.split_at(half.min(masks.len()));
    let share = &share;
    let groups = thread::scope(|scope| {
        let other = (!first.is_empty()).then(|| scope.spawn(|| counted(first, of_first, share)));
        let mut groups = counted(second, of_second, share);
        let other = other.map(|other| other.join().unwrap_or_else(|_| counted(first, of_first, share)));
        for (place, counts) in other.into_iter().flat_map(|other| other.groups) {
            let at = groups.at(place);
            groups.add(at, counts);
        }
        groups.groups
    });
    let name = |col, code| match fleet.words().of(col).get(code) {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(word) => Field::Value(RemoteText::name(word)),
    };
    let keyed = |((cluster, namespace), counts)| {
        let key = NamespaceKey {
            cluster: name(Col::Cluster, cluster),
            namespace: name(Col::Namespace, namespace),
        };
        (key, counts)
    };
    groups.into_iter().map(keyed).collect()
}

fn counted<G: Default + AddAssign>(
    chunks: &[Arc<Chunk>],
    masks: &[Mask],
    share: &impl Fn(&Chunk, usize) -> G,
) -> Groups<G> {
    let mut groups = Groups::default();
    let mut last: Option<(Place, usize)> = None;
    for (chunk, mask) in chunks.iter().zip(masks) {
        for row in mask.rows() {
            let place = (chunk.code(Col::Cluster, row), chunk.code(Col::Namespace, row));
            let at = match last {
                Some((known, at)) if known == place => at,
                _ => groups.at(place),
            };
            last = Some((place, at));
            groups.add(at, share(chunk, row));
        }
    }
    groups
}

/// The share of one row.
fn of_group(chunk: &Chunk, row: usize) -> GroupCounts {
    let code = |col| chunk.code(col, row);
    let summary = of_row(code);
    let (detection, protection) = (code(Col::Detection), code(Col::Protection));
    let has_ended = summary.succeeded + summary.failed > 0;
    let is_odd = |code: u64, known: &[&str]| code == UNREADABLE || code >= FIRST + known.len() as u64;
    let is_doubtful = is_odd(detection, Detection::KNOWN) || is_odd(protection, Protection::KNOWN);
    let is = |code: u64, known: u64| usize::from(code == FIRST + known);
    GroupCounts {
        summary,
        near_limit: summary.cpu_critical.max(summary.memory_critical),
        usage_told: summary.cpu_told.max(summary.memory_told),
        no_limit: usize::from(!has_ended && usage(code(Col::MemoryUsage)) == Usage::NoLimit),
        // The documented words are the first ones of each dictionary, in the order of their lists.
        protected: is(protection, 1),
        not_scanned: is(detection, 0),
        scanning: is(detection, 4),
        clean: is(detection, 1),
        doubtful: usize::from(is_doubtful),
    }
}
