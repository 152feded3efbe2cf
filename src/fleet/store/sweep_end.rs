//! The end of a sweep: pods vanish, old ones are forgotten, and the store may be rebuilt.
//!
//! Owns the rows of pods that are gone. Must not: remove a pod that the sweep could not have seen.

use std::sync::Arc;

use jiff::Timestamp;

use super::chunk::{CHUNK_ROWS, Col, PackedRow, flag};
use super::encoding::{self, Interner, NOTHING};
use super::identity::{Hashes, UnchangedParts};
use super::seen::{self, SeenBits};
use super::{REMEMBERED, Store, SweepKind, place};
use crate::fleet::changes::{ChangeKind, ScoreShift};
use crate::fleet::pod::{Pod, ServerlessRecord};
use crate::fleet::raw::List;
use crate::fleet::risk;
use crate::fleet::scope::{Names, Reach, Scope};

impl Store {
    /// Ends a complete sweep of `kind` over `scope`: every pod that belongs to `scope` for certain and that
    /// no page contained since the sweep began is gone, dated `now`. Returns how many pods have vanished.
    pub fn end_sweep(&mut self, kind: SweepKind, scope: &Scope, now: Timestamp) -> usize {
        self.index_adopted();
        let bits = SeenBits::of(Some(kind));
        self.learn(scope, bits.by_sweep());
        let mut vanished = 0;
        for number in self.lost(bits, scope) {
            // Checked again, because an earlier row may have passed its serverless record to this one.
            let (loses_node, loses_serverless) = self.loses(number, bits);
            if !(loses_node || loses_serverless) {
                continue;
            }
            let pod = self.pod(number);
            let node = pod.node.filter(|_| !loses_node);
            let serverless = pod.serverless.filter(|_| !loses_serverless);
            match (node, serverless) {
                (Some(node), _) => self.rewrite(number, &Pod::on_node(node)),
                (None, Some(serverless)) if !self.move_serverless(number, &serverless, bits) => {
                    self.rewrite(number, &Pod::serverless(serverless));
                }
                (None, _) => {
                    self.vanish(number, now);
                    vanished += 1;
                }
            }
        }
        self.sweeps.ended(scope, self.snapshot_at);
        self.forget(now);
        vanished
    }

    /// Learns how far the service's filters reach from the pods in an answer to `scope`, which have one of
    /// the bits `held`. Pods from another kind of sweep prove nothing.
    pub(super) fn learn(&mut self, scope: &Scope, held: u8) {
        if scope.is_whole() {
            return;
        }
        let book = self.dictionaries.book();
        let numbers = self.numbers().filter(|number| self.has_seen(*number, held));
        let reaches = numbers.filter_map(|number| scope.reach(self.names(number, &book)));
        if let Some(reach) = reaches.reduce(Reach::max) {
            self.sweeps.learn(reach);
        }
    }

    /// The rows that belong to `scope` for certain and that lost a record.
    fn lost(&self, bits: SeenBits, scope: &Scope) -> Vec<u32> {
        let (book, reach) = (self.dictionaries.book(), self.sweeps.reach());
        let lost = self.numbers().filter(|number| {
            let (loses_node, loses_serverless) = self.loses(*number, bits);
            (loses_node || loses_serverless)
                && (scope.is_whole() || scope.surely_holds_named(self.names(*number, &book), reach))
        });
        lost.collect()
    }

    /// Whether a present row has a record in `data_list`, and one in `pod_info_list`, that no page contained
    /// since the sweep began.
    fn loses(&self, number: u32, bits: SeenBits) -> (bool, bool) {
        let (chunk, at) = self.at(number);
        let flags = chunk.code(Col::Flags, at);
        if flags & (flag::GONE | flag::VACANT) != 0 {
            return (false, false);
        }
        let row_bits = self.bits_of(number);
        let loses = |has: u64, seen: u8| flags & has != 0 && row_bits & seen == 0;
        (
            loses(flag::NODE, bits.node.seen),
            loses(flag::SERVERLESS, bits.serverless.seen),
        )
    }

    /// The names of a row that a scope compares.
    fn names<'a>(&'a self, number: u32, book: &'a Interner) -> Names<'a> {
        let (chunk, at) = self.at(number);
        let word = |col| book.of(col).get(chunk.code(col, at)).value().copied();
        Names {
            pod: book.name(chunk, at).value().copied(),
            namespace: word(Col::Namespace),
            cluster: word(Col::Cluster),
        }
    }

    /// Moves the serverless record of a row whose node record is gone to the pod that was created anew under
    /// the same name, unless that pod already has one from this sweep. Returns whether there is such a pod.
    fn move_serverless(&mut self, number: u32, serverless: &ServerlessRecord, bits: SeenBits) -> bool {
        let left = Pod::serverless(serverless.clone());
        let row = self.dictionaries.encode(&left);
        let Some(heir) = self.heir(&row, bits.node.seen) else {
            return false;
        };
        let (chunk, at) = self.at(heir);
        if !(chunk.has(at, flag::SERVERLESS) && self.has_seen(heir, bits.serverless.seen)) {
            self.join(heir, List::Serverless, left);
            self.add_bits(heir, self.bits_of(number) & seen::SERVERLESS);
        }
        true
    }

    /// Frees the rows of pods that have been gone for [`REMEMBERED`]. Returns how many.
    pub fn forget(&mut self, now: Timestamp) -> usize {
        let until = now.as_second() - REMEMBERED.as_secs();
        let due: Vec<u32> = self
            .gone_rows()
            .filter(|(_, since)| *since <= until)
            .map(|(number, _)| number)
            .collect();
        for number in &due {
            self.free(*number);
        }
        self.tidy();
        due.len()
    }

    /// When the next row is due to be freed.
    pub fn next_forget(&self) -> Option<Timestamp> {
        let first = self.gone_rows().map(|(_, since)| since).min()?;
        Timestamp::from_second(first + REMEMBERED.as_secs()).ok()
    }

    fn gone_rows(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        (0_u32..).zip(&self.chunks).flat_map(|(number, chunk)| {
            let first = number.saturating_mul(CHUNK_ROWS);
            chunk
                .gone_at
                .iter()
                .map(move |(at, since)| (first + u32::from(*at), *since))
        })
    }

    /// Marks a row's pod as gone; the row stays for now.
    fn vanish(&mut self, number: u32, now: Timestamp) {
        let pod = self.pod(number);
        let scores = ScoreShift {
            before: Some(risk::score(&pod)),
            after: None,
        };
        self.report(number, &pod, ChangeKind::Vanished, scores);
        self.forget_told(&pod.key);
        self.give_way(number);
        let (chunk, at) = place(number);
        if let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) {
            self.counts.change(Some(&chunk.codes(at)), None);
            let flags = chunk.code(Col::Flags, at) | flag::GONE;
            chunk.set_code(Col::Flags, at, flags);
            chunk
                .gone_at
                .insert(u16::try_from(at).unwrap_or(u16::MAX), now.as_second());
            self.gone += 1;
        }
    }

    /// Makes the row of a gone pod vacant.
    fn free(&mut self, number: u32) {
        self.unindex(number, UnchangedParts::default());
        let (chunk, at) = place(number);
        if let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) {
            let mut codes = NOTHING;
            codes[Col::Flags as usize] = flag::VACANT;
            chunk.set(
                at,
                &PackedRow {
                    name: "",
                    codes,
                    uuid: 0,
                },
            );
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            chunk.twins.remove(&at);
            chunk.gone_at.remove(&at);
            self.gone -= 1;
            self.vacant.push(number);
            if let Some(bits) = self.seen.get_mut(number as usize) {
                *bits = 0; // no sweep has seen the next pod in this row
            }
            self.names_version += 1;
        }
    }

    /// Rebuilds the store if half of it is vacant, or if most interned words may be unused.
    fn tidy(&mut self) {
        let words = self.dictionaries.count();
        let half_empty = self.vacant.len() > CHUNK_ROWS as usize && self.vacant.len() * 2 > self.seen.len();
        let full_of_words = words > 4 * self.words_then.max(self.seen.len());
        if !(half_empty || full_of_words) {
            return;
        }
        let new = Self::of(self.source);
        let old = std::mem::replace(self, new);
        for number in old.numbers() {
            let (chunk, at) = old.at(number);
            if chunk.has(at, flag::VACANT) {
                continue;
            }
            let since = u16::try_from(at).ok().and_then(|at| chunk.gone_at.get(&at));
            let pod = old.pod(number);
            let row = self.dictionaries.encode(&pod);
            let place = self.push(row, encoding::twin(&pod), Hashes::default());
            self.add_bits(place, old.bits_of(number));
            if let Some(at) = since.and_then(|since| Timestamp::from_second(*since).ok()) {
                self.vanish(place, at);
            }
        }
        self.changes = old.changes;
        self.told = old.told;
        self.rescans = old.rescans;
        self.restoring = old.restoring;
        self.sweeps = old.sweeps;
        self.snapshot_at = old.snapshot_at;
        self.received_at = old.received_at;
        self.names_version += old.names_version;
        self.words_then = self.dictionaries.count();
        self.rebuilds = old.rebuilds + 1;
    }
}
