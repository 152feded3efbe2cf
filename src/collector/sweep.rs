//! One sweep over all pages of a list, as a value.
//!
//! Owns the rules by which a sweep goes on, goes around a page that fails, begins anew and ends. The documentation leaves
//! open how one limit spreads over the two lists and what `total_num` counts, so the rules hold for every reading: a page
//! is never skipped for good unless it failed [`ATTEMPTS`] times, and no total is trusted alone. Time is an argument.
//! Must not: call.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::retry::ATTEMPTS;
use crate::hss::request::OFFSET;

/// A snapshot that is newer by less is not one that HSS renewed: it comes from another replica, or its date is that of the
/// call. To begin a sweep anew for it would be to begin anew with every page.
const BARELY_NEWER: SignedDuration = SignedDuration::from_mins(1);

/// How many records the list may have lost while it was swept: this many, and one in a hundred. Where totals differ by more,
/// an answer came from another list, such as that of a replica that lags.
const CHURN: u64 = 2;

/// The last offset that the API takes.
const LAST_OFFSET: u64 = *OFFSET.end() as u64;

/// What a page said that matters to the sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Entries of `data_list`.
    pub node: u64,
    /// Entries of `pod_info_list`.
    pub serverless: u64,
    /// Entries of either that this sweep had not met.
    pub new: u64,
    /// `total_num`
    pub total: Option<u64>,
    /// `last_update_time`
    pub snapshot_at: Option<Timestamp>,
    /// Whether the page said nothing of any pod.
    pub silent: bool,
}

/// What a sweep asks for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The page at this offset.
    Page(u32),
    /// Nothing before this moment: all that is left failed a moment ago.
    Later(Instant),
    /// Nothing more: the sweep is over.
    Over {
        /// Whether it met as many records as there are.
        complete: bool,
        /// Whether the list moved under it: then no pod may be taken for gone. A pod that it missed stays until a sweep that
        /// is not mixed. That holds however many mixed sweeps in a row miss a pod: two replicas that answer by turns, of which
        /// one has a pod more, hide the same living pod behind the edge of a page in each of them.
        mixed: bool,
    },
}

/// How the list moved under a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It did not.
    No,
    /// HSS renewed it, for the first time: the sweep begins anew.
    Restarted,
    /// It did: the sweep goes on over whatever moves, but proves of no pod that it is gone.
    On,
}

/// The state of the list, as a page tells it: its total and its date.
pub(super) type Seen = (Option<u64>, Option<Timestamp>);

/// A page that failed.
#[derive(Debug, Clone, Copy)]
struct RetryLater {
    offset: u64,
    attempts: u32,
    not_before: Instant,
}

/// A sweep under way.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    limit: u64,
    /// The first page that was not asked for yet; `None` at the list's end.
    frontier: Option<u64>,
    /// How far apart the pages are, once a full one was seen: then a page that fails can be gone around.
    step: Option<u64>,
    retry_queue: VecDeque<RetryLater>,
    /// The last page that came.
    farthest: u64,
    /// Pages that failed too often.
    given_up: u64,
    met: u64,
    total: Option<u64>,
    /// The smallest total that a page told.
    least: Option<u64>,
    /// The largest total that a page told: the sweep goes on until there.
    most: Option<u64>,
    /// How many pages in a row brought no new record.
    barren: u32,
    silent: bool,
    /// The states of the list that pages told, the newest last, each once; of more than three not all.
    states: Vec<Seen>,
    newest: Option<Timestamp>,
    moved: bool,
    /// Whether it met pages of more than one state of the list: records may have slipped from one page to another.
    mixed: bool,
    /// Whether it met a state again that another had taken the place of: no list does that, two replicas do.
    returned: bool,
}

impl Sweep {
    /// A sweep in steps of `limit`.
    pub fn new(limit: u32) -> Self {
        Self {
            limit: u64::from(limit),
            frontier: Some(0),
            ..Self::default()
        }
    }

    /// How many records it has met.
    pub fn met(&self) -> u64 {
        self.met
    }

    /// An offset that no page of the list begins at or after.
    pub fn end(&self) -> u32 {
        u32::try_from(self.farthest + 1).unwrap_or(u32::MAX)
    }

    /// Whether the list moved under it.
    pub fn has_moved(&self) -> bool {
        self.moved
    }

    /// Whether it has not got beyond its first page: what it sees is a probe.
    pub fn is_at_its_first_page(&self) -> bool {
        self.states.is_empty()
    }

    /// The two states that it saw by turns, if these were all: replicas of the list that differ.
    pub(super) fn replicas(&self) -> Option<&[Seen]> {
        (self.returned && self.states.len() == 2).then_some(&self.states)
    }

    /// What to ask for at `now`.
    pub fn due(&self, now: Instant) -> Due {
        let ready = self.retry_queue.iter().find(|page| page.not_before <= now);
        // What failed goes last, so that one bad page holds nothing up; but before the end is believed.
        let offset = self
            .frontier_unless_aside()
            .or_else(|| ready.map(|page| page.offset));
        if let Some(offset) = offset.and_then(|offset| u32::try_from(offset).ok()) {
            return Due::Page(offset);
        }
        match self.retry_queue.iter().map(|page| page.not_before).min() {
            Some(moment) => Due::Later(moment),
            None => self.over(),
        }
    }

    fn over(&self) -> Due {
        let met_all = self.needed().is_none_or(|total| self.met >= total);
        Due::Over {
            complete: self.given_up == 0 && !self.silent && met_all,
            mixed: self.mixed,
        }
    }

    /// How many records must be met. Of totals that barely differ the last one is no better than any other.
    fn needed(&self) -> Option<u64> {
        if !self.mixed {
            return self.total;
        }
        let most = self.most?;
        self.least.max(Some(most.saturating_sub(CHURN + most / 100)))
    }

    /// How many records there are: where not all were met, the most that a page told.
    pub(super) fn total(&self) -> Option<u64> {
        let is_short = self.needed().is_some_and(|needed| self.met < needed);
        if is_short { self.most } else { self.total }
    }

    /// The frontier, unless it just failed and cannot be gone around.
    fn frontier_unless_aside(&self) -> Option<u64> {
        self.frontier
            .filter(|at| !self.retry_queue.iter().any(|page| page.offset == *at))
    }

    /// Takes the page at `offset`.
    pub fn take(&mut self, offset: u32, page: PageFacts) -> Moved {
        let (offset, seen) = (u64::from(offset), (page.total, page.snapshot_at));
        let moved = match self.states.last() {
            Some(last) if *last != seen => {
                if !self.moved && self.is_renewed(page.snapshot_at) {
                    *self = Self {
                        moved: true,
                        ..Self::new(u32::try_from(self.limit).unwrap_or(u32::MAX))
                    };
                    return Moved::Restarted;
                }
                (self.moved, self.mixed) = (true, true);
                Moved::On
            }
            _ => Moved::No,
        };
        self.saw(seen);
        self.met += page.new;
        self.farthest = self.farthest.max(offset);
        self.total = page.total;
        self.silent = page.silent;
        self.retry_queue
            .retain(|retry_queue| retry_queue.offset != offset);
        if self.frontier == Some(offset) {
            self.frontier = self.after(offset, page);
        }
        moved
    }

    /// Whether this date is that of a list that HSS renewed since the pages before.
    fn is_renewed(&self, snapshot_at: Option<Timestamp>) -> bool {
        let newer = snapshot_at
            .zip(self.newest)
            .map(|(at, newest)| at.duration_since(newest));
        newer.is_some_and(|newer| newer > BARELY_NEWER)
    }

    /// Notes the state of the list that a page told.
    fn saw(&mut self, seen: Seen) {
        const MOST: usize = 3;
        self.newest = self.newest.max(seen.1);
        self.least = [self.least, seen.0].into_iter().flatten().min();
        self.most = self.most.max(seen.0);
        if self.states.last() == Some(&seen) {
            return;
        }
        if let Some(at) = self.states.iter().position(|state| *state == seen) {
            self.states.remove(at);
            self.returned = true;
        } else if self.states.len() == MOST {
            self.states.remove(0);
        }
        self.states.push(seen);
    }

    /// The page after the one at `offset`.
    fn after(&mut self, offset: u64, page: PageFacts) -> Option<u64> {
        let count = page.node + page.serverless;
        if count == 0 || page.new == 0 {
            return self.after_barren(offset);
        }
        self.barren = 0;
        let full = count >= self.limit;
        // A page may come from a replica that knows fewer records: the largest total tells where the list ends.
        if !full && self.most.is_some_and(|most| offset + count >= most) {
            return None;
        }
        // Where both lists share one window they fill it together; else each has a window of its own.
        let step = if count == self.limit {
            count
        } else {
            page.node.max(page.serverless).min(self.limit)
        };
        if full {
            self.step = Some(step);
        }
        Some(offset + step).filter(|next| *next <= LAST_OFFSET)
    }

    /// The page after one without a new record at `offset`: while records are missing, such a page is not the list's end. A
    /// server that sends nothing new however often it is asked is not asked for all pages.
    fn after_barren(&mut self, offset: u64) -> Option<u64> {
        self.barren += 1;
        let next = offset + self.step?;
        let most = self.most.filter(|most| self.met < *most && next < *most)?;
        (self.barren < ATTEMPTS && next <= LAST_OFFSET.min(most)).then_some(next)
    }

    /// Notes that the page at `offset` failed; it is not asked for again before `not_before`. Answers how often it
    /// has failed. After [`ATTEMPTS`] times it is given up, and the sweep cannot be complete any more.
    pub fn fail(&mut self, offset: u32, not_before: Instant) -> u32 {
        self.put_aside(offset, not_before, 1)
    }

    /// Notes that the page at `offset` did not come, through no fault of its own.
    pub fn postpone(&mut self, offset: u32, not_before: Instant) {
        self.put_aside(offset, not_before, 0);
    }

    fn put_aside(&mut self, offset: u32, not_before: Instant, counts: u32) -> u32 {
        let offset = u64::from(offset);
        let known = self.retry_queue.iter().position(|page| page.offset == offset);
        let attempts = known
            .and_then(|at| self.retry_queue.remove(at))
            .map_or(0, |page| page.attempts)
            + counts;
        let around = self
            .step
            .map(|step| offset + step)
            .filter(|next| *next <= LAST_OFFSET);
        let beyond = self
            .total
            .is_some_and(|total| around.is_some_and(|next| next >= total));
        if self.frontier == Some(offset) && around.is_some() && !beyond {
            self.frontier = around;
        }
        if attempts < ATTEMPTS {
            self.retry_queue.push_back(RetryLater {
                offset,
                attempts,
                not_before,
            });
        } else {
            self.given_up += 1;
            if self.frontier == Some(offset) {
                self.frontier = None;
            }
        }
        attempts
    }

    /// Gives what failed, or was given up, its attempts back: after a rest the sweep goes on where it stood.
    pub fn resume(&mut self, now: Instant) {
        for page in &mut self.retry_queue {
            page.attempts = 0;
            page.not_before = now;
        }
    }
}

#[cfg(test)]
mod tests;
