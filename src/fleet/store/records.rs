//! A page as tests write it: records instead of the text that HSS sends.

use super::identity::Hashes;
use super::seen::SeenBits;
use super::{Store, SweepKind};
use crate::fleet::pod::{NodeRecord, Pod, ServerlessRecord};
use crate::fleet::raw::List;

/// Both lists of one page.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// `data_list`
    pub node: Vec<NodeRecord>,
    /// `pod_info_list`
    pub serverless: Vec<ServerlessRecord>,
}

impl Records {
    /// The number of records in both lists.
    pub fn len(&self) -> usize {
        self.node.len() + self.serverless.len()
    }

    /// Whether both lists are empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Store {
    /// Merges one page of decoded records, as [`Store::take`] does with raw ones.
    pub fn merge(&mut self, kind: Option<SweepKind>, records: Records) -> usize {
        self.index_adopted();
        let bits = SeenBits::of(kind);
        let node = records.node.into_iter().map(Pod::on_node);
        let node = node.filter(|pod| self.merge_one(pod, List::Node, bits));
        let node = node.count();
        let serverless = records.serverless.into_iter().map(Pod::serverless);
        let serverless = serverless.filter(|pod| self.merge_one(pod, List::Serverless, bits));
        node + serverless.count()
    }

    fn merge_one(&mut self, pod: &Pod, list: List, bits: SeenBits) -> bool {
        let row = self.dictionaries.encode(pod);
        let mut hashes = Hashes::default();
        let known = self.row_of(&row, list, bits.node.seen, None, &mut hashes);
        let known = known.map(|number| (number, self.codes(number)));
        self.settle(row, list, known, hashes, bits.record(list), || pod.clone())
            .1
    }
}
