//! One sweep over all pages of a list, as a value.
//!
//! Owns the rules by which a sweep continues, skips a failed page, restarts and ends. The documentation does
//! not say how one limit applies to the two lists and what `total_num` counts, so the rules work for every
//! reading: a page is only given up after it failed [`ATTEMPTS`] times, and no single total is trusted. Time
//! is an argument. Must not: call.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::retry::ATTEMPTS;
use crate::hss::request::OFFSET;

/// A snapshot that is newer by less is not a renewed one: it comes from another replica, or its date is that
/// of the call. Restarting a sweep for it could mean restarting with every page.
const BARELY_NEWER: SignedDuration = SignedDuration::from_mins(1);

/// How many records the list may lose during a sweep: this many, and one in a hundred. If totals differ by
/// more, an answer came from another list, such as that of a replica that lags behind.
const CHURN: u64 = 2;

/// The last offset that the API accepts.
const LAST_OFFSET: u64 = *OFFSET.end() as u64;

/// The facts about a page that matter to the sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Entries of `data_list`.
    pub node: u64,
    /// Entries of `pod_info_list`.
    pub serverless: u64,
    /// Entries of either that are new to this sweep.
    pub new: u64,
    /// `total_num`
    pub total: Option<u64>,
    /// `last_update_time`
    pub snapshot_at: Option<Timestamp>,
    /// Whether the page was empty.
    pub silent: bool,
}

impl PageFacts {
    /// A page of the same list at `offset`, with as many records as this one or all that are left; `None` if none is left, or if it
    /// is unknown how many there are.
    fn like_it_at(self, offset: u32) -> Option<Self> {
        let left = self
            .total?
            .checked_sub(u64::from(offset))
            .filter(|left| *left > 0)?;
        let is_whole = self.node + self.serverless <= left;
        let (node, serverless) = if is_whole {
            (self.node, self.serverless)
        } else {
            (left, 0)
        };
        Some(Self {
            node,
            serverless,
            new: node + serverless,
            ..self
        })
    }
}

/// The next step of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The page at this offset.
    Page(u32),
    /// Nothing before this time: all remaining pages failed a moment ago.
    Later(Instant),
    /// Nothing more: the sweep has ended.
    Over {
        /// Whether it saw as many records as there are.
        complete: bool,
        /// Whether the list moved during the sweep: then no pod may count as gone, and a missing pod stays
        /// until a sweep that is not mixed. This is true for any number of mixed sweeps in a row: if two
        /// replicas answer in turns and one has an additional pod, the same living pod may fall between two
        /// pages every time.
        mixed: bool,
    },
}

/// How the list moved during a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It did not.
    No,
    /// HSS renewed it, for the first time: the sweep restarts.
    Restarted,
    /// It did: the sweep continues, but does not prove that any pod is gone.
    On,
}

/// The state of the list according to a page: its total and its date.
pub(super) type Seen = (Option<u64>, Option<Timestamp>);

/// A page that failed.
#[derive(Debug, Clone, Copy)]
struct RetryLater {
    offset: u64,
    attempts: u32,
    not_before: Instant,
}

/// A running sweep.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    limit: u64,
    /// The first page that was not requested yet; `None` at the end of the list.
    frontier: Option<u64>,
    /// The distance between pages, once a full one was seen: then a failed page can be skipped.
    step: Option<u64>,
    retry_queue: VecDeque<RetryLater>,
    /// The last page that arrived.
    farthest: u64,
    /// Pages that failed too often.
    given_up: u64,
    met: u64,
    total: Option<u64>,
    /// The smallest total of any page.
    least: Option<u64>,
    /// The largest total of any page: the sweep continues up to it.
    most: Option<u64>,
    /// How many pages in a row had no new record.
    barren: u32,
    silent: bool,
    /// The distinct states of the list in the pages, the newest last; at most three.
    states: Vec<Seen>,
    newest: Option<Timestamp>,
    moved: bool,
    /// Whether its pages show more than one state of the list, so that records may have moved from one page
    /// to another.
    mixed: bool,
    /// Whether an earlier state came back after another one: a list does not do that, but two replicas do.
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

    /// How many records it has seen.
    pub fn met(&self) -> u64 {
        self.met
    }

    /// An offset after the beginning of every page of the list.
    pub fn end(&self) -> u32 {
        u32::try_from(self.farthest + 1).unwrap_or(u32::MAX)
    }

    /// Whether the list moved under it.
    pub fn has_moved(&self) -> bool {
        self.moved
    }

    /// Whether it is still at its first page, so that it is a probe.
    pub fn is_at_its_first_page(&self) -> bool {
        self.states.is_empty()
    }

    /// The two states that it saw in turns, if there were no others: replicas of the list that differ.
    pub(super) fn replicas(&self) -> Option<&[Seen]> {
        (self.returned && self.states.len() == 2).then_some(&self.states)
    }

    /// What to request at `now`.
    pub fn due(&self, now: Instant) -> Due {
        let ready = self.retry_queue.iter().find(|page| page.not_before <= now);
        // Failed pages go last, so that one bad page delays nothing; but before the sweep may end.
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

    /// The pages that follow `page` at `offset`, if all its records are new and the pages behind it are like it, as far as its total
    /// goes: `most` of them at most.
    pub fn pages_behind(&self, offset: u32, page: PageFacts, most: usize, now: Instant) -> Vec<u32> {
        let (mut sweep, mut behind) = (self.clone(), Vec::new());
        let mut next = Some((offset, page));
        while behind.len() < most
            && let Some((offset, page)) = next.take()
            && sweep.take(offset, page) == Moved::No
            && let Due::Page(following) = sweep.due(now)
            && following > offset
        {
            behind.push(following);
            next = page.like_it_at(following).map(|page| (following, page));
        }
        behind
    }

    fn over(&self) -> Due {
        let met_all = self.needed().is_none_or(|total| self.met >= total);
        Due::Over {
            complete: self.given_up == 0 && !self.silent && met_all,
            mixed: self.mixed,
        }
    }

    /// How many records must be seen. If totals barely differ, the last one is no better than any other.
    fn needed(&self) -> Option<u64> {
        if !self.mixed {
            return self.total;
        }
        let most = self.most?;
        self.least.max(Some(most.saturating_sub(CHURN + most / 100)))
    }

    /// How many records there are: if some are missing, the largest total of any page.
    pub(super) fn total(&self) -> Option<u64> {
        let is_short = self.needed().is_some_and(|needed| self.met < needed);
        if is_short { self.most } else { self.total }
    }

    /// The next new page, unless it has just failed and cannot be skipped.
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

    /// Whether this date shows that HSS renewed the list since the earlier pages.
    fn is_renewed(&self, snapshot_at: Option<Timestamp>) -> bool {
        let newer = snapshot_at
            .zip(self.newest)
            .map(|(at, newest)| at.duration_since(newest));
        newer.is_some_and(|newer| newer > BARELY_NEWER)
    }

    /// Records the state of the list in a page.
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
        // A page may come from a replica with fewer records: the largest total shows where the list ends.
        if !full && self.most.is_some_and(|most| offset + count >= most) {
            return None;
        }
        // If both lists share one window, they fill it together; otherwise each has its own window.
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

    /// The page after one without a new record at `offset`: while records are missing, such a page is not the
    /// end of the list. But if several pages in a row have nothing new, the remaining pages are not
    /// requested.
    fn after_barren(&mut self, offset: u64) -> Option<u64> {
        self.barren += 1;
        let next = offset + self.step?;
        let most = self.most.filter(|most| self.met < *most && next < *most)?;
        (self.barren < ATTEMPTS && next <= LAST_OFFSET.min(most)).then_some(next)
    }

    /// Records that the page at `offset` failed; it is not requested again before `not_before`. Returns how
    /// often it has failed. After [`ATTEMPTS`] times it is given up, and the sweep cannot be complete any
    /// more.
    pub fn fail(&mut self, offset: u32, not_before: Instant) -> u32 {
        self.put_aside(offset, not_before, 1)
    }

    /// Records that the page at `offset` did not arrive, for a reason that is not the page's.
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
            // All records are there: that the page behind them fails does not make them fewer.
            self.given_up += u64::from(!self.only_confirms_the_end(offset));
            if self.frontier == Some(offset) {
                self.frontier = None;
            }
        }
        attempts
    }

    /// Whether the page at `offset` is behind the largest total of any page, and as many records were seen: it
    /// is requested because a total may count less than the lists hold.
    fn only_confirms_the_end(&self, offset: u64) -> bool {
        self.most.is_some_and(|most| offset >= most && self.met >= most)
    }

    /// Records that the service refuses the page at `offset`. Returns whether the sweep ends there with all
    /// records; otherwise nothing changes.
    pub fn refuse(&mut self, offset: u32) -> bool {
        let offset = u64::from(offset);
        let is_the_end = self.frontier == Some(offset) && self.only_confirms_the_end(offset);
        if is_the_end {
            self.frontier = None;
            self.retry_queue.retain(|page| page.offset != offset);
        }
        is_the_end
    }

    /// Resets the attempts of failed pages, also of those that were given up: after a pause the sweep
    /// continues where it stopped.
    pub fn resume(&mut self, now: Instant) {
        for page in &mut self.retry_queue {
            page.attempts = 0;
            page.not_before = now;
        }
    }
}

#[cfg(test)]
mod tests;
