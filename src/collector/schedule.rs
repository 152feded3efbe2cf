//! The successive sweeps over one scope.
//!
//! Owns when the next one is due, what the last one saw, and how an answer or a failure changes the current
//! one. Must not: decide between schedules.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::planned::{Fault, Outcome, Progress};
use super::retry::HEAL_WITHIN;
use super::sweep::{Due, Moved, PageFacts, Seen, Sweep};
use crate::fleet::Scope;

/// If two replicas answer in turns, this many probes in a row may see the same one by chance; after more, a
/// sweep checks whether there are still two.
const SAME_IN_A_ROW: u32 = 4;

/// The successive sweeps over one scope.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) scope: Scope,
    pub(super) sweep: Option<Sweep>,
    /// The state of the list that the last sweep saw completely; two if replicas differ.
    pub(super) seen: Vec<Seen>,
    /// How many probes in a row saw the same state.
    same: u32,
    /// What the newest answer saw.
    pub(super) latest: Option<Seen>,
    /// Whether a sweep has ended at least once.
    pub(super) known: bool,
    /// Whether the screen shows it and nothing of it is loaded yet.
    pub(super) is_awaited: bool,
    /// Whether its last call failed for a reason of its own.
    pub(super) fails: bool,
    /// Until when only this schedule pauses.
    pub(super) rest_until: Option<Instant>,
    /// When its last sweep began, before the list moved.
    pub(super) began: Instant,
    /// When the current sweep saw its first record; later, if the list moved.
    pub(super) since: Instant,
    pub(super) due: Instant,
}

impl Schedule {
    pub(super) fn new(scope: Scope, now: Instant) -> Self {
        Self {
            scope,
            sweep: None,
            seen: Vec::new(),
            same: 0,
            latest: None,
            known: false,
            is_awaited: false,
            fails: false,
            rest_until: None,
            began: now,
            since: now,
            due: now,
        }
    }

    /// A schedule for a new scope of the screen; the earlier data belongs to another scope.
    pub(super) fn awaited(scope: Scope, now: Instant) -> Self {
        Self {
            is_awaited: true,
            ..Self::new(scope, now)
        }
    }

    /// Restores the state of the list that an earlier run saw, possibly after calls were made. A sweep that
    /// has seen the same state ends. Returns whether later answers, if any, show the same.
    pub(super) fn knows(&mut self, seen: Seen, interval: Duration, now: Instant) -> bool {
        let is_same = self
            .latest
            .is_none_or(|latest| latest == seen && seen.1.is_some());
        let sweep = self.sweep.as_ref();
        let walks_on = sweep.is_some_and(Sweep::has_moved);
        if !is_same || walks_on {
            return false;
        }
        if sweep.is_some_and(|sweep| !sweep.is_at_its_first_page()) {
            self.sweep = None;
            self.due = (self.began + interval).max(now);
        }
        (self.seen, self.known) = (vec![seen], true);
        true
    }

    /// Whether the list is completely loaded as of this snapshot, and of no other.
    pub(super) fn knows_snapshot(&self, snapshot_at: Timestamp) -> bool {
        matches!(self.seen.as_slice(), [(_, at)] if *at == Some(snapshot_at))
    }

    /// Whether a probe with this state saw nothing new.
    fn is_known(&mut self, saw: Seen) -> bool {
        let is_same = self.latest == Some(saw);
        self.same = if is_same { self.same + 1 } else { 0 };
        saw.1.is_some() && self.seen.contains(&saw) && (self.seen.len() == 1 || self.same < SAME_IN_A_ROW)
    }

    /// Ends its pause: failed pages may be tried again.
    pub(super) fn wake(&mut self, now: Instant) {
        self.rest_until = None;
        if let Some(sweep) = &mut self.sweep {
            sweep.resume(now);
        }
    }

    /// Advances to `now`: the time before a sweep sees its first record does not count for its pace.
    pub(super) fn not_before(&mut self, now: Instant) {
        if self.sweep.as_ref().is_none_or(|sweep| sweep.met() == 0) {
            self.since = now;
        }
    }

    /// The progress of its sweep. A first page is a probe until it shows that there is more; but if nothing
    /// is loaded yet, the screen waits for it.
    pub(super) fn progress(&self) -> Option<Progress> {
        let sweep = self.sweep.as_ref();
        let sweep = sweep.filter(|sweep| sweep.has_moved() || !sweep.is_at_its_first_page());
        if sweep.is_none() && !self.is_awaited {
            return None;
        }
        Some(Progress {
            met: sweep.map_or(0, Sweep::met),
            since: self.since,
            moved: sweep.is_some_and(Sweep::has_moved),
        })
    }

    /// Takes the page at `offset`.
    pub(super) fn answered(
        &mut self,
        offset: u32,
        page: PageFacts,
        interval: Duration,
        now: Instant,
    ) -> Outcome {
        (self.is_awaited, self.fails) = (false, false);
        let saw = (page.total, page.snapshot_at);
        let is_probe = self.sweep.as_ref().is_some_and(Sweep::is_at_its_first_page);
        let is_unchanged = is_probe && self.is_known(saw);
        let Some(sweep) = &mut self.sweep else {
            return Outcome::More;
        };
        self.latest = Some(saw);
        if is_unchanged {
            self.sweep = None;
            self.due = self.began + interval;
            return Outcome::Unchanged;
        }
        if sweep.take(offset, page) == Moved::Restarted {
            self.since = now;
            return Outcome::Restarted;
        }
        self.ended(saw, interval, now).unwrap_or(Outcome::More)
    }

    /// Ends the sweep if nothing more is due in it. The last page saw the list like this.
    fn ended(&mut self, saw: Seen, interval: Duration, now: Instant) -> Option<Outcome> {
        let sweep = self.sweep.as_ref()?;
        let Due::Over { complete, mixed } = sweep.due(now) else {
            return None;
        };
        let (met, end, total) = (sweep.met(), sweep.end(), sweep.total());
        self.seen = match sweep.replicas() {
            _ if complete && !mixed => vec![saw],
            Some(replicas) if complete => replicas.to_vec(),
            _ => Vec::new(),
        };
        (self.sweep, self.same) = (None, 0);
        (self.fails, self.rest_until) = (false, None);
        self.known = true;
        self.due = self.began + interval;
        Some(Outcome::Over {
            complete,
            mixed,
            proves_gone: complete && !mixed,
            met,
            end,
            total,
        })
    }

    /// Records that the page at `offset` failed. Returns the end of the sweep if all records are there
    /// without it.
    pub(super) fn failed(
        &mut self,
        offset: u32,
        fault: Fault,
        not_before: Instant,
        interval: Duration,
        now: Instant,
    ) -> Option<Outcome> {
        self.not_before(now);
        let sweep = self.sweep.as_mut()?;
        // Only a fault of the page itself counts as an attempt.
        match fault {
            Fault::Lasting if sweep.refuse(offset) => {}
            Fault::Lasting => {
                self.sweep = None;
                self.due = now;
                return None;
            }
            Fault::Passing(_) => {
                sweep.fail(offset, not_before);
            }
            Fault::Throttled(_) | Fault::Unreachable(_) => sweep.postpone(offset, not_before),
            Fault::SignIn | Fault::KeyRefused => {}
        }
        match (sweep.due(now), self.latest) {
            (Due::Over { complete: true, .. }, Some(saw)) => {
                let mut end = self.ended(saw, interval, now)?;
                // A total that counts less than the lists hold would have had pods in the page that failed.
                if let Outcome::Over { proves_gone, .. } = &mut end {
                    *proves_gone = false;
                    self.seen.clear();
                }
                Some(end)
            }
            (Due::Over { .. }, _) => {
                // A failed probe has seen nothing new.
                if !sweep.is_at_its_first_page() {
                    self.seen.clear();
                }
                self.sweep = None;
                // Missing pods must not wait for a complete long interval.
                self.due = self.began + interval.min(HEAL_WITHIN);
                None
            }
            (Due::Page(_) | Due::Later(_), _) => None,
        }
    }
}
