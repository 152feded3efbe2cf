//! The record: finished calls, calls in progress, and waiting programs. Pure; time is an argument.
//!
//! Three rules keep calls within the limit in any minute, whatever happens to the programs and the clocks:
//!
//! * **A call in progress counts as made now**, until its program reports its end or has ended itself,
//!   because the service may count the call at any moment in between. But it counts as made at most [`LASTS`]
//!   after its claim, so that a stopped program (Ctrl-z, a debugger) does not reserve a call forever: a claim
//!   must be used within [`CLAIM_HOLDS`], and a request ends after [`LONGEST_CALL`]. The client checks both
//!   just before it sends.
//! * **Time passes by `CLOCK_BOOTTIME`.** A record of another boot is as old as the uptime or as the wall
//!   clock says, whichever is less. So neither a reboot nor a changed clock makes a call older than it is,
//!   and no call counts for longer than one window.
//! * **What cannot be read counts as all calls spent just now.**
//!
//! A fourth rule makes it fair: the next free call goes to the program that has waited longest, and urgent
//! calls go first; see [`LedgerRecord::claim`]. Must not: read a clock or a file.

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use super::entries::{CallClaim, ClaimAnswer, LearntRule, OtherPrograms};
use super::entries::{Caller, CallsMade, OpenCall, RuleEntry, Waiter};
use super::machine::{MachineTime, ProgramId};
use crate::collector::budget::{AMPLE, BELIEVED_FOR, CallAges, MARGIN, WINDOW};
use crate::hss::quota::Throttle;
use crate::hss::transport::LONGEST_CALL;

/// A call must begin within this time after its claim. A sign-in in between usually takes less.
pub const CLAIM_HOLDS: Duration = Duration::from_secs(5);

/// How long a call counts, in milliseconds.
pub(super) const COUNTS: i64 = millis(WINDOW) + millis(MARGIN);
/// How long after its claim the service may count a call, in milliseconds.
pub(super) const LASTS: i64 = millis(CLAIM_HOLDS) + millis(LONGEST_CALL);
/// Calls within the same part of a second share an entry with the date of the last one, so that a large
/// budget has a small record.
const GRAIN: i64 = millis(MARGIN);
/// A waiting program asks again every second. One that was stopped loses its place.
const GIVEN_UP_AFTER: i64 = 4_000;
/// The longest time for which the service may forbid calls.
const LONGEST_PAUSE: i64 = 331_000;
/// The longest time for which a rule of the service is believed.
const LONGEST_BELIEF: i64 = millis(BELIEVED_FOR);
/// By how many milliseconds two clocks may differ that went on together, though they are read one after the other.
const CLOCKS_DIFFER: u64 = 2_000;
/// The most calls in progress, and the most waiting programs.
const MOST: usize = 256;

const fn millis(duration: Duration) -> i64 {
    // Seconds and a fraction: far from an overflow.
    (duration.as_secs() * 1000).cast_signed() + (duration.subsec_millis() as i64)
}

/// The record. All times are milliseconds since the boot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRecord {
    boot: u64,
    /// When it was written, by both clocks.
    now: i64,
    wall: i64,
    /// Oldest first.
    made: Vec<CallsMade>,
    open: Vec<OpenCall>,
    waiting: Vec<Waiter>,
    callers: Vec<Caller>,
    /// No call before this time: the service said so, or the spent calls are unknown.
    paused: Option<i64>,
    rule: Option<RuleEntry>,
}

impl LedgerRecord {
    /// Replaces a record that cannot be read: it may have contained calls in progress.
    pub fn all_spent(now: MachineTime) -> Self {
        Self {
            paused: Some(now.up + LASTS + COUNTS),
            ..Self::empty(now)
        }
    }

    /// No call was made.
    pub fn empty(now: MachineTime) -> Self {
        Self {
            boot: now.boot,
            now: now.up,
            wall: now.wall,
            ..Self::default()
        }
    }

    /// Whether it was written since the machine started.
    fn is_of_boot_at(&self, now: MachineTime) -> bool {
        if now.boot != 0 && self.boot != 0 {
            return now.boot == self.boot;
        }
        // One of the two programs cannot see which boot it is, as in a container. After a restart, the time since the start is
        // less than the clock's by all that the machine was up before.
        let (up, wall) = (
            now.up.saturating_sub(self.now),
            now.wall.saturating_sub(self.wall),
        );
        up >= 0 && up.abs_diff(wall) <= CLOCKS_DIFFER
    }

    /// Advances to `now`: drops expired calls and programs that have ended.
    pub fn advance(&mut self, now: MachineTime, is_alive: impl Fn(ProgramId) -> bool) {
        let is_this_boot = self.is_of_boot_at(now);
        let passed = if is_this_boot {
            (now.up - self.now).max(0)
        } else {
            // The clock may have been set since, so it is trusted only up to the uptime.
            now.wall.saturating_sub(self.wall).clamp(0, now.up.max(0))
        };
        let moved = |at: i64| {
            now.up
                .saturating_sub(passed)
                .saturating_add(at.saturating_sub(self.now))
        };
        for made in &mut self.made {
            made.at = moved(made.at).min(now.up);
        }
        for open in &mut self.open {
            open.since = moved(open.since).min(now.up);
        }
        for waiter in &mut self.waiting {
            (waiter.since, waiter.seen) = (moved(waiter.since).min(now.up), moved(waiter.seen).min(now.up));
        }
        for caller in &mut self.callers {
            caller.at = moved(caller.at).min(now.up);
        }
        self.paused = self.paused.map(|until| moved(until).min(now.up + LONGEST_PAUSE));
        if let Some(rule) = &mut self.rule {
            rule.until = moved(rule.until).min(now.up + LONGEST_BELIEF);
        }
        (self.boot, self.now, self.wall) = (now.boot, now.up, now.wall);

        let runs = |who: ProgramId| is_this_boot && is_alive(who);
        let is_over = |open: &OpenCall| open.since + LASTS <= now.up || !runs(open.who);
        let over: Vec<OpenCall> = self.open.extract_if(.., |open| is_over(open)).collect();
        for open in over {
            // It may have been sent until its program ended, at an unknown time.
            self.note_of(open.who, now.up.min(open.since + LASTS));
        }
        // A call in progress is younger: it ends before it would stop counting.
        self.callers.retain(|caller| caller.at + COUNTS > now.up);
        self.made.retain(|made| made.at + COUNTS > now.up);
        self.waiting
            .retain(|waiter| waiter.seen + GIVEN_UP_AFTER > now.up && runs(waiter.claim.who));
        self.paused.take_if(|until| *until <= now.up);
        self.rule.take_if(|rule| rule.until <= now.up);
    }

    /// Claims a call. It is granted if enough calls are free: those that the claim needs, and one for each
    /// program before it. The order is:
    ///
    /// 1. claims that are urgent, or that have waited for two minutes, oldest first. They may take the last free call.
    /// 2. all other claims, oldest first. A page of a sweep leaves one call free.
    ///
    /// Urgent calls can overtake a claim for two minutes at most, so none waits forever. The limit of a
    /// program that goes first also applies to those behind it; otherwise its own limit would never be met.
    pub fn claim(&mut self, claim: CallClaim) -> ClaimAnswer {
        self.claim_beside(claim, 0)
    }

    /// The same for a program that has this many calls in progress. Any others of it have ended.
    pub fn claim_beside(&mut self, claim: CallClaim, in_progress: usize) -> ClaimAnswer {
        let over = self.open_of(claim.who).saturating_sub(in_progress);
        if over > 0 {
            self.end(claim.who, over);
        }
        let now = self.now;
        let before = self.waiting.iter().find(|waiter| waiter.claim.who == claim.who);
        let own = Waiter {
            claim,
            since: before.map_or(now, |waiter| waiter.since),
            seen: now,
        };
        self.leave(claim.who);
        let rank = own.rank(now);
        let ahead = || self.waiting.iter().filter(|waiter| waiter.rank(now) < rank);
        let limits = ahead().map(|waiter| waiter.claim.limit);
        let limit = limits.fold(claim.limit, u32::min).max(1);
        let in_turn = u32::try_from(ahead().count()).unwrap_or(u32::MAX);
        let wanted = own.need(now).clamp(1, limit).saturating_add(in_turn);
        let ready = self.ready_for(wanted, limit).max(self.paused.unwrap_or(now));
        if ready <= now && self.open.len() < MOST {
            self.open.push(OpenCall {
                who: claim.who,
                since: now,
            });
            self.note_caller(claim.who, now);
            return ClaimAnswer::Go;
        }
        if self.waiting.len() < MOST {
            self.waiting.push(own);
        }
        let wait = u64::try_from(ready - now).unwrap_or_default().max(1);
        ClaimAnswer::Wait(Duration::from_millis(wait))
    }

    /// Claims more calls behind a granted claim, to be sent soon, so that a long sweep turns to the record once for many pages.
    /// None where calls may be scarce: if a program waits, if the service has said anything, or if few would be left. Returns how
    /// many it claimed.
    pub fn claim_more(&mut self, claim: CallClaim, more: u32) -> usize {
        let is_free = self.waiting.is_empty() && self.rule.is_none() && self.paused.is_none();
        let wanted = more.saturating_add(AMPLE);
        let count = usize::try_from(more).unwrap_or(usize::MAX);
        let has_room = self.open.len().saturating_add(count) <= MOST;
        if !is_free || !has_room || self.ready_for(wanted, claim.limit.max(1)) > self.now {
            return 0;
        }
        let (who, since) = (claim.who, self.now);
        self.open.extend((0..count).map(|_| OpenCall { who, since }));
        count
    }

    /// When `wanted` calls will be free, if nobody makes another one.
    fn ready_for(&self, wanted: u32, limit: u32) -> i64 {
        // More calls than a window has become free in several windows.
        let (windows, last) = ((wanted - 1) / limit, (wanted - 1) % limit + 1);
        let most = limit - last;
        let mut counted = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        let mut ready = if counted > most {
            self.now + COUNTS
        } else {
            self.now
        };
        for made in self.made.iter().rev() {
            counted = counted.saturating_add(made.count);
            if counted > most {
                ready = ready.max(made.at + COUNTS);
                break;
            }
        }
        ready + i64::from(windows) * COUNTS
    }

    /// How many calls of `who` are in progress.
    fn open_of(&self, who: ProgramId) -> usize {
        self.open.iter().filter(|open| open.who == who).count()
    }

    /// This many calls of `who`, the oldest first, were not sent: they do not count.
    pub fn withdraw(&mut self, who: ProgramId, calls: usize) {
        let mut left = calls;
        self.open.retain(|open| {
            let is_one = open.who == who && left > 0;
            left -= usize::from(is_one);
            !is_one
        });
    }

    /// This many calls of `who`, the oldest first, have ended. They also count if the record does not contain them, because the
    /// file was damaged or replaced meanwhile.
    pub fn end(&mut self, who: ProgramId, calls: usize) {
        self.withdraw(who, calls);
        (0..calls).for_each(|_| self.note_of(who, self.now));
    }

    /// `who` no longer waits.
    pub fn leave(&mut self, who: ProgramId) {
        self.waiting.retain(|waiter| waiter.claim.who != who);
    }

    /// The service allows no call for this time.
    pub fn pause(&mut self, wait: Duration) {
        let until = self.now
            + i64::try_from(wait.as_millis())
                .unwrap_or(i64::MAX)
                .min(LONGEST_PAUSE);
        self.paused = Some(self.paused.map_or(until, |other| other.max(until)));
    }

    /// Adopts the rule that a program learnt from the service; that program knew the previous one.
    pub fn learn(&mut self, learnt: LearntRule) {
        let left = i64::try_from(learnt.left.as_millis()).unwrap_or(i64::MAX);
        self.rule = Some(RuleEntry {
            limit: learnt.rule.limit,
            window: learnt.rule.window,
            until: self.now + left.min(LONGEST_BELIEF),
        });
    }

    /// The rule that a program learnt from the service, while it is believed.
    pub fn rule(&self) -> Option<LearntRule> {
        self.rule.map(|rule| LearntRule {
            rule: Throttle {
                limit: rule.limit,
                window: rule.window,
            },
            left: Duration::from_millis(u64::try_from(rule.until - self.now).unwrap_or_default()),
        })
    }

    /// Merges another record of the same moment: every call of either counts.
    pub(super) fn merge(&mut self, other: &Self) {
        for made in &other.made {
            let own = self.count_at(made.at);
            (own..made.count).for_each(|_| self.note(made.at));
        }
        // Calls that were claimed at once are alike.
        let alike = |calls: &[OpenCall], one: &OpenCall| calls.iter().filter(|call| *call == one).count();
        for open in &other.open {
            if alike(&self.open, open) < alike(&other.open, open) {
                self.open.push(*open);
            }
        }
        for caller in &other.callers {
            self.note_caller(caller.who, caller.at);
        }
        self.paused = self.paused.max(other.paused);
        self.rule = self.rule.or(other.rule);
    }

    /// Whether it was written before `other`, which a program of this boot wrote.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        other.boot != 0 && (self.boot != other.boot || self.now < other.now)
    }

    /// Merges the calls of `last`, which this program wrote some time ago. Its calls in progress may have
    /// ended.
    pub(super) fn recall(&mut self, last: &Self) {
        if last.boot != self.boot || self.boot == 0 {
            return;
        }
        let now = self.now;
        for made in last.made.iter().filter(|made| made.at + COUNTS > now) {
            let own = self.count_at(made.at);
            (own..made.count).for_each(|_| self.note(made.at));
        }
        let paused = last.paused.filter(|until| *until > now);
        self.paused = self.paused.max(paused);
    }

    /// When it was written, by `CLOCK_BOOTTIME`.
    pub(super) fn written_at(&self) -> i64 {
        self.now
    }

    /// How many programs other than `who` made counted calls, and since when the oldest of their calls in
    /// progress lasts.
    pub fn others(&self, who: ProgramId) -> OtherPrograms {
        let open = || self.open.iter().filter(|open| open.who != who);
        let oldest = open().map(|open| self.age(open.since)).max();
        OtherPrograms {
            programs: self.callers.iter().filter(|caller| caller.who != who).count(),
            under_way: open().count(),
            oldest: oldest.unwrap_or_default(),
        }
    }

    fn age(&self, at: i64) -> Duration {
        Duration::from_millis(u64::try_from(self.now - at).unwrap_or_default())
    }

    /// How long ago each counted call was made.
    pub fn ages(&self) -> CallAges {
        let mut ages = CallAges::default();
        for made in &self.made {
            ages.push(
                self.age(made.at),
                usize::try_from(made.count).unwrap_or(usize::MAX),
            );
        }
        ages.push(Duration::ZERO, self.open.len());
        ages
    }

    /// Whether it is within the limits of a record.
    pub(super) fn is_credible(&self) -> bool {
        let ends = self.made.iter().all(|made| made.at <= self.now);
        let longest = self.open.len().max(self.waiting.len()).max(self.callers.len());
        ends && self.made.is_sorted_by_key(|made| made.at) && longest <= MOST
    }

    fn count_at(&self, at: i64) -> u32 {
        let same = |made: &&CallsMade| made.at.div_euclid(GRAIN) == at.div_euclid(GRAIN);
        self.made.iter().find(same).map_or(0, |made| made.count)
    }

    /// Records a call of `who` that was counted by then.
    fn note_of(&mut self, who: ProgramId, at: i64) {
        self.note(at);
        self.note_caller(who, at);
    }

    fn note_caller(&mut self, who: ProgramId, at: i64) {
        if let Some(caller) = self.callers.iter_mut().find(|caller| caller.who == who) {
            caller.at = caller.at.max(at);
        } else if self.callers.len() < MOST {
            self.callers.push(Caller { who, at });
        }
    }

    /// Records a call that was counted by then.
    fn note(&mut self, at: i64) {
        let cell = at.div_euclid(GRAIN);
        match self
            .made
            .iter_mut()
            .find(|made| made.at.div_euclid(GRAIN) == cell)
        {
            Some(made) => {
                made.count = made.count.saturating_add(1);
                made.at = made.at.max(at);
            }
            None => self.made.push(CallsMade { at, count: 1 }),
        }
        self.made.sort_unstable_by_key(|made| made.at);
    }
}

#[cfg(test)]
mod tests;
