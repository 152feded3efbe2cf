//! Merges pages into the columns.
//!
//! Owns what a record changes in the store. Most of a page is known already, so an entry is first compared in
//! place with its row; differences are written from the page's own texts. Complete pods with sanitized texts
//! are only created for reported changes and for pods in both lists.

use super::chunk::{Codes, Col, PackedRow, flag};
use super::encoding::{NOTHING, RESCANNING, RISK, SCANNING};
use super::identity::Hashes;
use super::rows::is_same;
use super::seen::{RecordBits, SeenBits};
use super::{Store, SweepKind};
use crate::fleet::Field;
use crate::fleet::pod::Pod;
use crate::fleet::raw::{List, RawPod, RawPods, TextField};

impl Store {
    /// Merges one page of the sweep of `kind`, or a page outside of all sweeps. Returns how many of its
    /// entries the sweep had not seen before: 0 for a page that only repeats others.
    pub fn take(&mut self, kind: Option<SweepKind>, pods: &RawPods) -> usize {
        self.index_adopted();
        let expected = pods.expected();
        let with_ids = if pods.count(List::Node) > 0 { expected } else { 0 };
        self.expect(expected, with_ids);
        let bits = SeenBits::of(kind);
        let mut new = 0;
        // Pods on nodes first, so that a serverless record finds its pod, whichever list comes first in the page.
        for list in [List::Node, List::Serverless] {
            if self.append(pods, list, bits.record(list).set) {
                new += if kind.is_none() { 0 } else { pods.count(list) };
                continue;
            }
            let mut next = None;
            for pod in pods.iter().filter(|pod| pod.list == list) {
                let (number, is_new) = self.take_one(pods, pod, bits, next);
                if next.is_none() {
                    self.look_ahead(number, pods.count(list));
                }
                new += usize::from(is_new);
                next = Some(number + 1);
            }
        }
        new
    }

    /// Merges an entry; `next` is the row after the previous entry's row, which is most likely this entry's.
    fn take_one(&mut self, pods: &RawPods, pod: &RawPod, bits: SeenBits, next: Option<u32>) -> (u32, bool) {
        let text = |field: TextField| pods.text(pod, field);
        let likely = next.filter(|number| self.is_named(*number, text(TextField::Name)));
        let mut old = likely.map_or(NOTHING, |number| self.codes(number));
        let mut row = self.dictionaries.identity(flag_of(pod.list), text, &old);
        let mut hashes = Hashes::default();
        let known = self.row_of(&row, pod.list, bits.node.seen, likely, &mut hashes);
        if known != likely {
            old = known.map_or(NOTHING, |number| self.codes(number));
        }
        self.dictionaries
            .content(&mut row, pods.create_time(pod), text, &old);
        let known = known.map(|number| (number, old));
        self.settle(
            row,
            pod.list,
            known,
            hashes,
            bits.record(pod.list),
            || match pod.list {
                List::Node => Pod::on_node(pods.node(pod)),
                List::Serverless => Pod::serverless(pods.serverless(pod)),
            },
        )
    }

    /// Prepares the caches for the entries of a list, which starts with the row `first`: neighbours in a page
    /// are usually neighbours here too.
    fn look_ahead(&self, first: u32, count: usize) {
        let (chunk, at) = self.at(first);
        self.dictionaries
            .look_ahead(chunk, at..chunk.len().min(at + count));
    }

    /// Writes a record of `list` to the row `known`, whose numbers are given, or to a new row. Returns the
    /// row, and whether the sweep had not seen the record before. `pod` creates the complete record.
    pub(super) fn settle(
        &mut self,
        mut row: PackedRow<'_>,
        list: List,
        known: Option<(u32, Codes)>,
        hashes: Hashes,
        bits: RecordBits,
        pod: impl FnOnce() -> Pod,
    ) -> (u32, bool) {
        let Some((number, old)) = known else {
            let number = self.push(row, None, hashes);
            return (number, self.mark_seen(number, bits));
        };
        let new = self.mark_seen(number, bits);
        let (chunk, at) = self.at(number);
        let other = flag_of(match list {
            List::Node => List::Serverless,
            List::Serverless => List::Node,
        });
        let is_gone = chunk.has(at, flag::GONE);
        if !is_gone {
            follow(&old, &mut row.codes);
        }
        if chunk.has(at, other) && !is_gone {
            self.join(number, list, pod());
        } else if !is_same(chunk, at, &old, &mut row) {
            self.write(number, row, None, hashes);
        }
        (number, new)
    }

    /// Adds a record to a row that has a record of the other list.
    pub(super) fn join(&mut self, number: u32, list: List, mut pod: Pod) {
        let known = self.pod(number);
        match list {
            List::Node => pod.serverless.clone_from(&known.serverless),
            List::Serverless => {
                let before = known.serverless.as_ref();
                pod = Pod {
                    serverless: pod.serverless.map(|record| record.following(before)),
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

    pub(super) fn codes(&self, number: u32) -> Codes {
        let (chunk, at) = self.at(number);
        chunk.codes(at)
    }
}

/// [`ServerlessRecord::following`](crate::fleet::pod::ServerlessRecord), in numbers.
fn follow(old: &Codes, new: &mut Codes) {
    let (detection, created) = (Col::Detection as usize, Col::Created as usize);
    let had_risk = matches!(old[detection], RISK | RESCANNING) && old[created] == new[created];
    if had_risk && new[detection] == SCANNING {
        new[detection] = RESCANNING;
    }
}

pub(super) fn flag_of(list: List) -> u64 {
    match list {
        List::Node => flag::NODE,
        List::Serverless => flag::SERVERLESS,
    }
}
