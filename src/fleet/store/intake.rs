//! Pages taken into the columns.
//!
//! Owns what a record does to the store. A page mostly says what is known already, so an entry is first compared, where it
//! lies in the page, with the row that it belongs to; what differs is written from the page's own texts. Pods whole, with
//! safe texts of their own, are made only of what is told as a change and of pods that are in both lists.

use super::chunk::{Codes, PackedRow, flag};
use super::encoding::NOTHING;
use super::identity::Hashes;
use super::rows::is_same;
use super::seen::{RecordBits, SeenBits};
use super::{Records, Store, SweepKind};
use crate::fleet::Field;
use crate::fleet::pod::Pod;
use crate::fleet::raw::{List, RawPod, RawPods, TextField};

impl Store {
    /// Takes one page of the sweep of `kind`, or a page beside all sweeps. Answers how many of its entries the sweep had not
    /// met before: a page that repeats others answers 0.
    pub fn take(&mut self, kind: Option<SweepKind>, pods: &RawPods) -> usize {
        let expected = pods.expected();
        let with_ids = if pods.count(List::Node) > 0 { expected } else { 0 };
        self.expect(expected, with_ids);
        let met = SeenBits::of(kind);
        let mut news = 0;
        // The order of records: pods on nodes first, whichever list the page has first.
        for list in [List::Node, List::Serverless] {
            if self.append(pods, list, met.record(list).note) {
                news += if kind.is_none() { 0 } else { pods.count(list) };
                continue;
            }
            let mut next = None;
            for pod in pods.iter().filter(|pod| pod.list == list) {
                let (number, is_news) = self.take_one(pods, pod, met, next);
                if next.is_none() {
                    self.look_ahead(number, pods.count(list));
                }
                news += usize::from(is_news);
                next = Some(number + 1);
            }
        }
        news
    }

    /// Merges one page of records, as [`Store::take`] takes one that is still raw.
    pub fn merge(&mut self, kind: Option<SweepKind>, records: Records) -> usize {
        let met = SeenBits::of(kind);
        let node = records.node.into_iter().map(Pod::on_node);
        let node = node.filter(|pod| self.merge_one(pod, List::Node, met));
        let node = node.count();
        let serverless = records.serverless.into_iter().map(Pod::serverless);
        let serverless = serverless.filter(|pod| self.merge_one(pod, List::Serverless, met));
        node + serverless.count()
    }

    /// Takes an entry; `next` is the row after that of the entry before, most likely this one's.
    fn take_one(&mut self, pods: &RawPods, pod: &RawPod, met: SeenBits, next: Option<u32>) -> (u32, bool) {
        let text = |field: TextField| pods.text(pod, field);
        let likely = next.filter(|number| self.is_named(*number, text(TextField::Name)));
        let mut old = likely.map_or(NOTHING, |number| self.codes(number));
        let mut row = self.dictionaries.identity(flag_of(pod.list), text, &old);
        let mut hashes = Hashes::default();
        let known = self.row_of(&row, pod.list, met.node.seen, likely, &mut hashes);
        if known != likely {
            old = known.map_or(NOTHING, |number| self.codes(number));
        }
        self.dictionaries.content(&mut row, pod.create_time, text, &old);
        let known = known.map(|number| (number, old));
        self.settle(row, pod.list, known, hashes, met.record(pod.list), || {
            match pod.list {
                List::Node => Pod::on_node(pods.node(pod)),
                List::Serverless => Pod::serverless(pods.serverless(pod)),
            }
        })
    }

    /// Prepares for the entries of a list, the first of which is the row `first`: neighbours in a page are neighbours here.
    fn look_ahead(&self, first: u32, count: usize) {
        let (chunk, at) = self.at(first);
        self.dictionaries
            .look_ahead(chunk, at..chunk.len().min(at + count));
    }

    fn merge_one(&mut self, pod: &Pod, list: List, met: SeenBits) -> bool {
        let row = self.dictionaries.encode(pod);
        let mut hashes = Hashes::default();
        let known = self.row_of(&row, list, met.node.seen, None, &mut hashes);
        let known = known.map(|number| (number, self.codes(number)));
        self.settle(row, list, known, hashes, met.record(list), || pod.clone())
            .1
    }

    /// Does to the store what a record of `list` says: of the row `known`, with the numbers it has, or of a new one. Answers
    /// the row, and whether the sweep had not met the record before. `pod` is the record, whole.
    fn settle(
        &mut self,
        mut row: PackedRow<'_>,
        list: List,
        known: Option<(u32, Codes)>,
        hashes: Hashes,
        met: RecordBits,
        pod: impl FnOnce() -> Pod,
    ) -> (u32, bool) {
        let Some((number, old)) = known else {
            let number = self.push(row, None, hashes);
            return (number, self.meet(number, met));
        };
        let news = self.meet(number, met);
        let (chunk, at) = self.at(number);
        let other = flag_of(match list {
            List::Node => List::Serverless,
            List::Serverless => List::Node,
        });
        if chunk.has(at, other) && !chunk.has(at, flag::GONE) {
            self.join(number, list, pod());
        } else if !is_same(chunk, at, &old, &mut row) {
            self.write(number, row, None, hashes);
        }
        (number, news)
    }

    /// Puts a record beside the one that the row has of the other list.
    pub(super) fn join(&mut self, number: u32, list: List, mut pod: Pod) {
        let known = self.pod(number);
        match list {
            List::Node => pod.serverless.clone_from(&known.serverless),
            List::Serverless => {
                pod = Pod {
                    serverless: pod.serverless,
                    ..known.clone()
                }
            }
        }
        if pod != known {
            self.rewrite(number, &pod);
        }
    }

    fn is_named(&self, number: u32, name: Field<&str>) -> bool {
        number < self.numbers().end && {
            let (chunk, at) = self.at(number);
            name == Field::Value(chunk.name(at))
        }
    }

    fn codes(&self, number: u32) -> Codes {
        let (chunk, at) = self.at(number);
        chunk.codes(at)
    }
}

pub(super) fn flag_of(list: List) -> u64 {
    match list {
        List::Node => flag::NODE,
        List::Serverless => flag::SERVERLESS,
    }
}
