//! The rows of a fleet as an answer of HSS lists them.
//!
//! Owns which rows are in which list: first those of `data_list`, then those of `pod_info_list`, a pod of both lists in each,
//! both in the order in which the store got them, so that pages of the same picture never overlap. Must not: know pages.

use jiff::Timestamp;

use super::filter;
use super::query::Query;
use super::scope::Scope;
use super::snapshot::Fleet;
use super::store::chunk::{CHUNK_ROWS, Col, flag};
use super::store::mask::Mask;

/// The rows of both lists, without pods that are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedRows {
    /// Of `data_list`.
    pub nodes: RowSet,
    /// Of `pod_info_list`.
    pub serverless: RowSet,
}

/// Rows in their order, one bit each: a list of their numbers would take half a megabyte for 100,000 pods, and a service has two
/// of them while it changes to the next list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowSet {
    /// By chunk.
    masks: Vec<Mask>,
    /// How many rows there are in each chunk and those before it.
    until: Vec<usize>,
}

impl RowSet {
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.until.last().copied().unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// At most `limit` rows from this place on.
    pub fn window(&self, offset: usize, limit: usize) -> Vec<u32> {
        let first = self.until.partition_point(|until| *until <= offset);
        let before = first.checked_sub(1).and_then(|last| self.until.get(last));
        let mut skipped = offset - before.copied().unwrap_or(0);
        let chunks = self.masks.iter().zip(0_u32..).skip(first);
        let rows = chunks.flat_map(|(mask, number)| {
            let begin = number.saturating_mul(CHUNK_ROWS);
            let rows = mask.rows_from(std::mem::take(&mut skipped));
            rows.map(move |at| begin + u32::try_from(at).unwrap_or(0))
        });
        rows.take(limit).collect()
    }

    fn push(&mut self, mask: &Mask) {
        self.until.push(self.len() + mask.count());
        self.masks.push(*mask);
    }
}

impl ListedRows {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.nodes.len() + self.serverless.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Fleet {
    /// The rows of the pods that an answer to `scope` may contain: their names contain what it asks for.
    pub fn listed(&self, scope: &Scope) -> ListedRows {
        let (alive, _) = filter::parted(self, filter::in_scope(self, scope));
        let mut listed = ListedRows::default();
        for (chunk, alive) in self.chunks().iter().zip(alive) {
            let of = |list: u64| Mask::of(chunk.column(Col::Flags), |flags| flags & list != 0);
            listed.nodes.push(&alive.and(of(flag::NODE)));
            listed.serverless.push(&alive.and(of(flag::SERVERLESS)));
        }
        listed
    }

    /// The rows of the pods in `scope`, without those that are gone, each once.
    pub fn rows_in(&self, scope: &Scope) -> Vec<u32> {
        rows(&filter::parted(self, filter::in_scope(self, scope)).0)
    }

    /// The rows of the pods that match `query` at `now`, without those that are gone.
    pub fn rows_matching(&self, query: &Query, now: Timestamp) -> Vec<u32> {
        let all = filter::in_scope(self, &Scope::default());
        let (alive, _) = filter::parted(self, filter::passing(self, &all, query, false, now));
        rows(&alive)
    }
}

/// The rows of these masks, one for each chunk.
fn rows(masks: &[Mask]) -> Vec<u32> {
    let chunks = (0_u32..).zip(masks);
    let rows = chunks.flat_map(|(number, mask)| {
        let first = number.saturating_mul(CHUNK_ROWS);
        mask.rows().map(move |at| first + u32::try_from(at).unwrap_or(0))
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::pods;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::long_tests::cases(64, 300))]

        #[test]
        fn every_record_is_listed_once(pods in prop::collection::vec(pods(), 0..40), namespace in "[ab]?|Pay") {
            let fleet: Fleet = pods.into_iter().collect();
            let scope = Scope { namespace: (!namespace.is_empty()).then_some(namespace), ..Scope::default() };
            let listed = fleet.listed(&scope);
            let rows = |is_listed: fn(&crate::fleet::Pod) -> bool| -> Vec<u32> {
                let is_it = |row: &u32| fleet.pod(*row).is_some_and(|pod| scope.may_hold(&pod) && is_listed(&pod));
                fleet.rows().filter(is_it).collect()
            };
            prop_assert_eq!(listed.nodes.window(0, usize::MAX), rows(|pod| pod.node.is_some()));
            prop_assert_eq!(listed.serverless.window(0, usize::MAX), rows(|pod| pod.serverless.is_some()));
            prop_assert_eq!(listed.len(), listed.nodes.len() + listed.serverless.len());
        }

        #[test]
        fn a_window_has_the_rows_from_its_place_on(
            chunks in prop::collection::vec(prop::collection::vec(0_usize..CHUNK_ROWS as usize, 0..9), 0..5),
            (offset, limit) in (0_usize..40, 0_usize..20),
        ) {
            let (mut set, mut all) = (RowSet::default(), Vec::new());
            for (number, mut places) in (0_u32..).zip(chunks) {
                let mut mask = Mask::NONE;
                for at in &places {
                    mask.add(*at);
                }
                set.push(&mask);
                places.sort_unstable();
                places.dedup();
                all.extend(places.iter().map(|at| number * CHUNK_ROWS + u32::try_from(*at).unwrap()));
            }
            prop_assert_eq!((set.len(), set.is_empty()), (all.len(), all.is_empty()));
            let expected: Vec<u32> = all.into_iter().skip(offset).take(limit).collect();
            prop_assert_eq!(set.window(offset, limit), expected);
        }
    }
}
