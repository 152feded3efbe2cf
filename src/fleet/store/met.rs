//! What the passes under way have met of each row.
//!
//! Owns the bits that say so, eight a row. Must not: judge by them.

use super::Store;
use crate::fleet::raw::List;

/// Which of the passes that may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Over the fleet.
    Fleet,
    /// Over a part of it.
    Part,
}

/// The bits of serverless records, whoever met them.
pub(super) const SERVERLESS: u8 = 0b1010_1010;

/// The bits of the passes of a lane, or of a page beside all passes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    /// Of a record in `data_list`.
    pub(super) node: Mark,
    /// Of a record in `pod_info_list`.
    pub(super) serverless: Mark,
}

/// The bits of one record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// The pass itself met it; a page beside all passes has no such bit.
    pub(super) met: u8,
    /// Any page brought it since the pass began: it is not gone, though the pass may have looked for it too early or, in a
    /// list that moves, beside it.
    pub(super) seen: u8,
    /// What is noted of a row when a page brings the record: it is seen in the passes of all lanes.
    pub(super) note: u8,
}

impl Met {
    /// The bits of a lane.
    pub(super) const fn of(lane: Option<Lane>) -> Self {
        Self {
            node: Mark::of(lane, 1),
            serverless: Mark::of(lane, 2),
        }
    }

    /// The bits of the record in `list`.
    pub(super) const fn record(self, list: List) -> Mark {
        match list {
            List::Node => self.node,
            List::Serverless => self.serverless,
        }
    }

    /// What the passes of the lane met themselves.
    pub(super) const fn met(self) -> u8 {
        self.node.met | self.serverless.met
    }
}

impl Mark {
    const fn of(lane: Option<Lane>, record: u8) -> Self {
        let all_seen = record << 4 | record << 6;
        let (met, seen) = match lane {
            Some(Lane::Fleet) => (record, record << 4),
            Some(Lane::Part) => (record << 2, record << 6),
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
    /// Begins a new pass of `lane` over the pages; [`Store::end_pass`] may then tell what has vanished.
    pub fn begin_pass(&mut self, lane: Lane) {
        let met = Met::of(Some(lane));
        let others = !(met.met() | met.node.seen | met.serverless.seen);
        self.met.iter_mut().for_each(|bits| *bits &= others);
    }

    /// What is noted of a row.
    pub(super) fn noted(&self, number: u32) -> u8 {
        self.met.get(number as usize).copied().unwrap_or(0)
    }

    /// Whether one of these bits is noted of a row.
    pub(super) fn has_met(&self, number: u32, bits: u8) -> bool {
        self.noted(number) & bits != 0
    }

    /// Notes more of a row.
    pub(super) fn note(&mut self, number: u32, bits: u8) {
        if let Some(met) = self.met.get_mut(number as usize) {
            *met |= bits;
        }
    }

    /// Notes that a page brought a record of the row; answers whether its pass had not met it before. No pass, no news.
    pub(super) fn meet(&mut self, number: u32, record: Mark) -> bool {
        self.met.get_mut(number as usize).is_some_and(|met| {
            let news = *met & record.met != record.met;
            *met |= record.note;
            news
        })
    }
}
