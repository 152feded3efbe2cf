//! What the sweeps under way have met of each row.
//!
//! Owns the bits that say so, eight a row. Must not: judge by them.

use super::Store;
use crate::fleet::raw::List;

/// Which of the sweeps that may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SweepKind {
    /// Over the fleet.
    Fleet,
    /// Over a part of it.
    Part,
}

/// The bits of serverless records, whoever met them.
pub(super) const SERVERLESS: u8 = 0b1010_1010;

/// The bits of the sweep of one kind, or of a page beside all sweeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenBits {
    /// Of a record in `data_list`.
    pub(super) node: RecordBits,
    /// Of a record in `pod_info_list`.
    pub(super) serverless: RecordBits,
}

/// The bits of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordBits {
    /// The sweep itself met it; a page beside all sweeps has no such bit.
    pub(super) met: u8,
    /// Any page brought it since the sweep began: it is not gone, though the sweep may have looked for it too early or, in a
    /// list that moves, beside it.
    pub(super) seen: u8,
    /// What is noted of a row when a page brings the record: it is seen in the sweeps of all kinds.
    pub(super) note: u8,
}

impl SeenBits {
    /// The bits of one kind of sweep.
    pub(super) const fn of(kind: Option<SweepKind>) -> Self {
        Self {
            node: RecordBits::of(kind, 1),
            serverless: RecordBits::of(kind, 2),
        }
    }

    /// The bits of the record in `list`.
    pub(super) const fn record(self, list: List) -> RecordBits {
        match list {
            List::Node => self.node,
            List::Serverless => self.serverless,
        }
    }

    /// What the sweep of one kind met themselves.
    pub(super) const fn met(self) -> u8 {
        self.node.met | self.serverless.met
    }
}

impl RecordBits {
    const fn of(kind: Option<SweepKind>, record: u8) -> Self {
        let all_seen = record << 4 | record << 6;
        let (met, seen) = match kind {
            Some(SweepKind::Fleet) => (record, record << 4),
            Some(SweepKind::Part) => (record << 2, record << 6),
            None => (0, all_seen),
        };
        Self {
            met,
            seen,
            note: met | all_seen,
        }
    }
}

impl Store {
    /// Begins a new sweep of `kind` over the pages; [`Store::end_sweep`] may then tell what has vanished.
    pub fn begin_sweep(&mut self, kind: SweepKind) {
        let met = SeenBits::of(Some(kind));
        let others = !(met.met() | met.node.seen | met.serverless.seen);
        self.met.iter_mut().for_each(|bits| *bits &= others);
    }

    /// What is noted of a row.
    pub(super) fn noted(&self, number: u32) -> u8 {
        self.met.get(number as usize).copied().unwrap_or(0)
    }

    /// Whether one of these bits is noted of a row.
    pub(super) fn has_seen(&self, number: u32, bits: u8) -> bool {
        self.noted(number) & bits != 0
    }

    /// Notes more of a row.
    pub(super) fn note(&mut self, number: u32, bits: u8) {
        if let Some(met) = self.met.get_mut(number as usize) {
            *met |= bits;
        }
    }

    /// Notes that a page brought a record of the row; answers whether its sweep had not met it before. No sweep, no news.
    pub(super) fn meet(&mut self, number: u32, record: RecordBits) -> bool {
        self.met.get_mut(number as usize).is_some_and(|met| {
            let news = *met & record.met != record.met;
            *met |= record.note;
            news
        })
    }
}
