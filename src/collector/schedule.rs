//! What is kept of the sweeps over one scope, one after the other.
//!
//! Owns when the next one is due, what the last one saw, and what an answer or a failure does to the one under way. Must
//! not: decide between schedules.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::planned::{Fault, Outcome, Progress};
use super::retry::HEAL_WITHIN;
use super::sweep::{Due, Moved, PageFacts, Seen, Sweep};
use crate::fleet::Scope;

/// Of two replicas that answer by turns, so many probes in a row see the same one by chance; then it is looked at whether
/// there still are two.
const SAME_IN_A_ROW: u32 = 4;

/// The sweeps over one scope, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    pub(super) scope: Scope,
    pub(super) sweep: Option<Sweep>,
    /// The state of the list that the last sweep met all of; two where replicas differ.
    pub(super) seen: Vec<Seen>,
    /// How many probes in a row saw the same as the one before.
    same: u32,
    /// What the newest answer saw.
    pub(super) latest: Option<Seen>,
    /// Whether a sweep came to its end at least once.
    pub(super) known: bool,
    /// Whether the screen turned to it, and nothing of it came yet.
    pub(super) is_awaited: bool,
    /// Whether its newest call failed through a fault of its own.
    pub(super) fails: bool,
    /// Until when it rests, alone.
    pub(super) rest_until: Option<Instant>,
    /// When its last sweep began, before the list moved.
    pub(super) began: Instant,
    /// When the present sweep began to meet records: later, where the list moved under it.
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

    /// One that the screen turns to: what was known until now is of another scope.
    pub(super) fn awaited(scope: Scope, now: Instant) -> Self {
        Self {
            is_awaited: true,
            ..Self::new(scope, now)
        }
    }

    /// Takes what an earlier run saw of all pages, which may be told when calls were made already. A sweep that has seen the
    /// same is over. Returns whether what was seen since, if anything, is the same.
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

    /// Whether the list is known whole as of this snapshot, and of no other.
    pub(super) fn knows_snapshot(&self, snapshot_at: Timestamp) -> bool {
        matches!(self.seen.as_slice(), [(_, at)] if *at == Some(snapshot_at))
    }

    /// Whether a probe that saw this saw nothing but what is known.
    fn is_known(&mut self, saw: Seen) -> bool {
        let is_same = self.latest == Some(saw);
        self.same = if is_same { self.same + 1 } else { 0 };
        saw.1.is_some() && self.seen.contains(&saw) && (self.seen.len() == 1 || self.same < SAME_IN_A_ROW)
    }

    /// Ends its rest: what failed may be tried again.
    pub(super) fn wake(&mut self, now: Instant) {
        self.rest_until = None;
        if let Some(sweep) = &mut self.sweep {
            sweep.resume(now);
        }
    }

    /// Takes that it is `now`: the time before a sweep meets its first record says nothing of its pace.
    pub(super) fn not_before(&mut self, now: Instant) {
        if self.sweep.as_ref().is_none_or(|sweep| sweep.met() == 0) {
            self.since = now;
        }
    }

    /// How far its sweep has come. A first page is a probe, until it shows that there is more; but where nothing came yet,
    /// it is waited for.
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
        match sweep.due(now) {
            Due::Over { complete, mixed } => {
                let (met, end, total) = (sweep.met(), sweep.end(), sweep.total());
                self.seen = match sweep.replicas() {
                    _ if complete && !mixed => vec![saw],
                    Some(replicas) if complete => replicas.to_vec(),
                    _ => Vec::new(),
                };
                (self.sweep, self.same) = (None, 0);
                self.known = true;
                self.due = self.began + interval;
                Outcome::Over {
                    complete,
                    mixed,
                    met,
                    end,
                    total,
                }
            }
            Due::Page(_) | Due::Later(_) => Outcome::More,
        }
    }

    /// Notes that the page at `offset` failed. Answers whether the sweep is over because of that.
    pub(super) fn failed(
        &mut self,
        offset: u32,
        fault: Fault,
        not_before: Instant,
        interval: Duration,
        now: Instant,
    ) -> bool {
        self.not_before(now);
        let Some(sweep) = &mut self.sweep else {
            return false;
        };
        // Only a fault of the page itself is held against it.
        match fault {
            Fault::Lasting => {
                self.sweep = None;
                self.due = now;
                return true;
            }
            Fault::Passing(_) => {
                sweep.fail(offset, not_before);
            }
            Fault::Throttled(_) | Fault::Unreachable(_) => sweep.postpone(offset, not_before),
            Fault::SignIn | Fault::KeyRefused => {}
        }
        let over = matches!(sweep.due(now), Due::Over { .. });
        if over {
            // A probe that failed has seen nothing else than what is known.
            if !sweep.is_at_its_first_page() {
                self.seen.clear();
            }
            self.sweep = None;
            // What is missing is not left missing for the whole of a long interval.
            self.due = self.began + interval.min(HEAL_WITHIN);
        }
        over
    }
}
