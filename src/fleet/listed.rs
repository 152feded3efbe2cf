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

/// The rows of both lists, without pods that are gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedRows {
    /// Of `data_list`.
    pub nodes: Vec<u32>,
    /// Of `pod_info_list`.
    pub serverless: Vec<u32>,
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
        for ((number, chunk), mask) in (0_u32..).zip(self.chunks()).zip(&alive) {
            let first = number.saturating_mul(CHUNK_ROWS);
            for at in mask.rows() {
                let row = first + u32::try_from(at).unwrap_or(0);
                let lists = chunk.code(Col::Flags, at);
                if lists & flag::NODE != 0 {
                    listed.nodes.push(row);
                }
                if lists & flag::SERVERLESS != 0 {
                    listed.serverless.push(row);
                }
            }
        }
        listed
    }

    /// The rows of the pods that match `query` at `now`, without those that are gone.
    pub fn rows_matching(&self, query: &Query, now: Timestamp) -> Vec<u32> {
        let all = filter::in_scope(self, &Scope::default());
        let (alive, _) = filter::parted(self, filter::passing(self, &all, query, false, now));
        let chunks = (0_u32..).zip(&alive);
        let rows = chunks.flat_map(|(number, mask)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            mask.rows().map(move |at| first + u32::try_from(at).unwrap_or(0))
        });
        rows.collect()
    }
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
            prop_assert_eq!(&listed.nodes, &rows(|pod| pod.node.is_some()));
            prop_assert_eq!(&listed.serverless, &rows(|pod| pod.serverless.is_some()));
            prop_assert_eq!(listed.len(), listed.nodes.len() + listed.serverless.len());
        }
    }
}
