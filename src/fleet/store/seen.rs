//! Which records the running sweeps have seen.
//!
//! Owns eight bits per row that record this. Must not: draw conclusions from them.

use super::Store;
use crate::fleet::raw::List;

/// The kind of a sweep; one of each kind may run at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SweepKind {
    /// A sweep over the fleet.
    Fleet,
    /// A sweep over a part of it.
    Part,
}

/// The bits of serverless records for all kinds of sweep.
pub(super) const SERVERLESS: u8 = 0b1010_1010;

/// The bits for a sweep of one kind, or for a page outside of all sweeps.
#[derive(Debug, Clone, Copy)]
pub(in crate::fleet) struct SeenBits {
    /// The bits of a record in `data_list`.
    pub(super) node: RecordBits,
    /// The bits of a record in `pod_info_list`.
    pub(super) serverless: RecordBits,
}

/// The bits of one record.
#[derive(Debug, Clone, Copy)]
pub(in crate::fleet) struct RecordBits {
    /// The sweep itself has seen it; 0 for a page outside of all sweeps.
    pub(super) by_sweep: u8,
    /// Any page has contained it since the sweep began: then the pod is not gone. The sweep itself may have
    /// passed its place too early, or missed it because the list moved.
    pub(super) seen: u8,
    /// The bits that are set when a page contains the record: it counts as seen for all kinds of sweep.
    pub(super) set: u8,
}

impl SeenBits {
    /// The bits of one kind of sweep.
    pub(in crate::fleet) const fn of(kind: Option<SweepKind>) -> Self {
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

    /// The bits of the records that the sweep itself has seen.
    pub(in crate::fleet) const fn by_sweep(self) -> u8 {
        self.node.by_sweep | self.serverless.by_sweep
    }
}

impl RecordBits {
    const fn of(kind: Option<SweepKind>, record: u8) -> Self {
        let all_seen = record << 4 | record << 6;
        let (by_sweep, seen) = match kind {
            Some(SweepKind::Fleet) => (record, record << 4),
            Some(SweepKind::Part) => (record << 2, record << 6),
            None => (0, all_seen),
        };
        Self {
            by_sweep,
            seen,
            set: by_sweep | all_seen,
        }
    }
}

impl Store {
    /// Begins a new sweep of `kind` over the pages; [`Store::end_sweep`] then finds out which pods have
    /// vanished.
    pub fn begin_sweep(&mut self, kind: SweepKind) {
        let bits = SeenBits::of(Some(kind));
        let others = !(bits.by_sweep() | bits.node.seen | bits.serverless.seen);
        self.seen.iter_mut().for_each(|bits| *bits &= others);
    }

    /// The bits of a row.
    pub(super) fn bits_of(&self, number: u32) -> u8 {
        self.seen.get(number as usize).copied().unwrap_or(0)
    }

    /// Whether a row has at least one of these bits.
    pub(super) fn has_seen(&self, number: u32, bits: u8) -> bool {
        self.bits_of(number) & bits != 0
    }

    /// Sets more bits of a row.
    pub(super) fn add_bits(&mut self, number: u32, bits: u8) {
        if let Some(row) = self.seen.get_mut(number as usize) {
            *row |= bits;
        }
    }

    /// Records that a page contained a record of the row. Returns whether the sweep had not seen it before;
    /// false without a sweep.
    pub(super) fn mark_seen(&mut self, number: u32, record: RecordBits) -> bool {
        self.seen.get_mut(number as usize).is_some_and(|row| {
            let is_new = *row & record.by_sweep != record.by_sweep;
            *row |= record.set;
            is_new
        })
    }
}
