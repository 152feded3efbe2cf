//! The end of a pass: what vanishes, what is forgotten, and the store put in order afterwards.
//!
//! Owns the rows of pods that are gone. Must not: judge a pod that the pass could not meet.

use std::sync::Arc;

use jiff::Timestamp;

use super::chunk::{CHUNK_ROWS, Col, Row, flag};
use super::code::{self, NOTHING};
use super::identity::{Hashes, Keeps};
use super::{Lane, Met, REMEMBERED, SWEPT_SCOPES, Store, place};
use crate::fleet::changes::ChangeKind;
use crate::fleet::pod::{Pod, ServerlessRecord};
use crate::fleet::raw::List;
use crate::fleet::scope::Scope;

impl Store {
    /// Ends a complete pass of `lane` over `scope`: every pod that an answer to `scope` surely holds and this pass did not
    /// meet is gone, since `now`. Answers how many are.
    pub fn end_pass(&mut self, lane: Lane, scope: &Scope, now: Timestamp) -> usize {
        let bits = Met::of(Some(lane));
        let mut vanished = 0;
        for number in self.numbers() {
            let (chunk, at) = self.at(number);
            let loses_node = !self.has_met(number, bits.node) && chunk.has(at, flag::NODE);
            let loses_serverless = !self.has_met(number, bits.serverless) && chunk.has(at, flag::SERVERLESS);
            if !(loses_node || loses_serverless) || chunk.has(at, flag::GONE | flag::VACANT) {
                continue;
            }
            let mut pod = self.pod(number);
            if !scope.must_hold(&pod) {
                continue;
            }
            let node = if loses_node { None } else { pod.node.take() };
            let serverless = if loses_serverless {
                None
            } else {
                pod.serverless.take()
            };
            match (node, serverless) {
                (Some(node), _) => self.rewrite(number, &Pod::on_node(node)),
                (None, Some(serverless)) if !self.bequeath(&serverless, bits) => {
                    self.rewrite(number, &Pod::serverless(serverless));
                }
                (None, _) => {
                    self.vanish(number, now);
                    vanished += 1;
                }
            }
        }
        if scope.is_whole() {
            self.swept.clear();
        }
        if !self.swept.contains(scope) && self.swept.len() < SWEPT_SCOPES {
            self.swept.push(scope.clone());
        }
        self.forget(now);
        vanished
    }

    /// Gives the serverless record of a row whose node record is gone to the pod that was created anew under the name, unless
    /// that has one of this pass. Answers whether there is such a pod.
    fn bequeath(&mut self, serverless: &ServerlessRecord, bits: Met) -> bool {
        let left = Pod::serverless(serverless.clone());
        let row = self.lexicons.encode(&left);
        let Some(heir) = self.heir(&row, bits.node) else {
            return false;
        };
        let (chunk, at) = self.at(heir);
        if !(chunk.has(at, flag::SERVERLESS) && self.has_met(heir, bits.serverless)) {
            self.join(heir, List::Serverless, left);
            self.meet(heir, bits.serverless);
        }
        true
    }

    /// Frees the rows of the pods that have been gone for [`REMEMBERED`]. Answers how many they were.
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

    /// When the next row is to be freed.
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

    /// The row's pod is gone; the row stays for now.
    fn vanish(&mut self, number: u32, now: Timestamp) {
        let pod = self.pod(number);
        self.report(&pod, ChangeKind::Vanished);
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

    /// The row of a pod that is gone becomes a vacant place.
    fn free(&mut self, number: u32) {
        self.unindex(number, Keeps::default());
        let (chunk, at) = place(number);
        if let Some(chunk) = self.chunks.get_mut(chunk).map(Arc::make_mut) {
            let mut codes = NOTHING;
            codes[Col::Flags as usize] = flag::VACANT;
            chunk.set(
                at,
                &Row {
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
            if let Some(met) = self.met.get_mut(number as usize) {
                *met = 0; // whoever takes the place was not met
            }
            self.names_version += 1;
        }
    }

    /// Puts the store in order where half of it is vacant, or of its words nobody knows who still uses them.
    fn tidy(&mut self) {
        let words = self.lexicons.count();
        let half_empty = self.vacant.len() > CHUNK_ROWS as usize && self.vacant.len() * 2 > self.met.len();
        let full_of_words = words > 4 * self.words_then.max(self.met.len());
        if !(half_empty || full_of_words) {
            return;
        }
        let old = std::mem::take(self);
        for number in old.numbers() {
            let (chunk, at) = old.at(number);
            if chunk.has(at, flag::VACANT) {
                continue;
            }
            let since = u16::try_from(at).ok().and_then(|at| chunk.gone_at.get(&at));
            let met = old.met.get(number as usize).copied().unwrap_or(0);
            let pod = old.pod(number);
            let row = self.lexicons.encode(&pod);
            let place = self.push(row, code::twin(&pod), Hashes::default());
            self.meet(place, met);
            if let Some(at) = since.and_then(|since| Timestamp::from_second(*since).ok()) {
                self.vanish(place, at);
            }
        }
        self.changes = old.changes;
        self.swept = old.swept;
        self.dates = old.dates;
        self.names_version += old.names_version;
        self.words_then = self.lexicons.count();
    }
}
