//! Pages as they came, taken into the columns.
//!
//! A pod whose row says just what the page says costs a comparison and no text. Everything else goes the way of whole
//! records ([`Store::merge`]), so that there is one meaning of what a record does to a row.

use super::chunk::flag;
use super::{Lane, Met, Store, is_same};
use crate::fleet::raw::{List, RawPod, RawPods};

impl Store {
    /// Takes one page of the pass of `lane`, or a page beside all passes. Answers how many of its entries the pass had not
    /// met before, as [`Store::merge`] does.
    pub fn take(&mut self, lane: Option<Lane>, pods: &RawPods) -> usize {
        let met = Met::of(lane);
        let of = |list: List| pods.iter().filter(move |pod| pod.list == list);
        // The order of records: pods on nodes first, whichever list the page has first.
        of(List::Node)
            .chain(of(List::Serverless))
            .filter(|pod| self.take_one(pods, pod, met))
            .count()
    }

    fn take_one(&mut self, pods: &RawPods, pod: &RawPod, met: Met) -> bool {
        let bit = match pod.list {
            List::Node => met.node,
            List::Serverless => met.serverless,
        };
        if let Some(number) = self.holds(pods, pod) {
            return self.meet(number, bit);
        }
        match pod.list {
            List::Node => self.merge_node(pods.node(pod), bit),
            List::Serverless => self.merge_serverless(pods.serverless(pod), bit),
        }
    }

    /// The row that says just this and no more.
    fn holds(&mut self, pods: &RawPods, pod: &RawPod) -> Option<u32> {
        let row = self.lexicons.encode_raw(pods, pod);
        let number = match pod.list {
            List::Node => self.with_id(&row),
            List::Serverless => self.with_name(&row, |_, _| true),
        }?;
        let (chunk, at) = self.at(number);
        let alive = !chunk.has(at, flag::GONE);
        (alive && is_same(chunk, at, &row)).then_some(number)
    }
}
