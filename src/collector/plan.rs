//! Which call is next.
//!
//! Pure: given what the screen wants, what is known, the budget and the time, [`Plan::next`] names one call, or the moment
//! until which to wait. It keeps one *schedule* for the fleet and, while the screen looks at a part of it, one for that part:
//!
//! * **Want first.** The pod under the operator's eyes, then the part that is looked at, then the fleet. Of a budget of two
//!   calls or more, one is kept free of the fleet's pages, so that what is wanted now never waits for a minute.
//! * **Probe, then sweep.** A schedule is due once an interval. Its first page tells whether the snapshot moved; only then the
//!   other pages are asked for. In steady state a fleet of any size costs one call an interval.
//! * **On over what moves.** A snapshot that HSS renewed begins a sweep anew, once. Any other change under it does not: the
//!   sweep goes on to its end, takes no pod for gone, and is made again when it is due. Two replicas of the list that answer
//!   by turns are both known after one sweep.
//! * **Around what fails.** A page that fails is asked for again at the end, a few times; after several failures in a row, or
//!   where nothing can be reached, everything rests, and then goes on where it stood. A part or a pod that HSS refuses
//!   holds nothing up but itself.
//!
//! Must not: call, wait, or know the store.

mod looks;

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::budget::CallBudget;
use super::planned::{CallPurpose, Fault, Outcome, PlannedCall, Step};
use super::retry::{HEAL_WITHIN, rest_after};
use super::schedule::Schedule;
use super::sweep::{Due, PageFacts, Sweep};
use crate::collector::source::FetchRequest;
use crate::fleet::Scope;

/// A pod that the eye only passes over is not asked for.
const A_CLOSE_LOOK: Duration = Duration::from_millis(700);
/// Calls of the budget that pages of the fleet leave free.
const KEPT_FREE: usize = 1;

/// The plan.
#[derive(Debug, Clone)]
pub struct Plan {
    limit: u32,
    request: FetchRequest,
    fleet: Schedule,
    part: Option<Schedule>,
    /// The pod that is looked at, until it was asked for, and when to ask.
    pod: Option<(Scope, Instant)>,
    /// Pods that were asked for during the present sweep.
    pods_asked: Vec<Scope>,
    rest_until: Option<Instant>,
    /// Failures since the last answer.
    failures: u32,
    /// Which schedule had the last call.
    last: CallPurpose,
    /// When the last call was planned, and the first of those that failed in a row.
    asked_at: Instant,
    failing_since: Instant,
}

impl Plan {
    /// A plan for pages of `limit` records. What is wished for at first is the fleet: nobody asked for more.
    pub fn new(limit: u32, request: FetchRequest, now: Instant) -> Self {
        Self {
            limit,
            fleet: Schedule::new(request.scope.clone(), now),
            part: None,
            pod: None,
            pods_asked: Vec::new(),
            request,
            rest_until: None,
            failures: 0,
            last: CallPurpose::Fleet,
            asked_at: now,
            failing_since: now,
        }
    }

    /// Takes what an earlier run saw of the whole fleet: if the next answer sees the same, there is nothing to sweep. Returns
    /// whether what was seen since, if anything, is the same.
    pub fn knows(&mut self, total: Option<u64>, snapshot_at: Option<Timestamp>, now: Instant) -> bool {
        let interval = self.request.interval;
        self.fleet.knows((total, snapshot_at), interval, now)
    }

    /// What is known of the whole fleet is not stored any more: the next answer does not end its sweep at once.
    pub fn unlearn(&mut self) {
        self.fleet.seen = Vec::new();
    }

    /// Has no call made before `until`, unless the operator asks anew.
    pub fn rest(&mut self, until: Instant) {
        self.rest_until = Some(until);
    }

    /// Takes what the screen wants now. Answers whether the operator asks anew.
    pub fn want(&mut self, request: FetchRequest, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.request, request);
        if before.scope != self.request.scope {
            self.turn_to(now);
        }
        if before.asks != self.request.asks {
            self.rest_until = None;
            self.ask_now(now);
        }
        if before.interval != self.request.interval {
            let interval = self.request.interval;
            self.courses_mut()
                .for_each(|schedule| schedule.due = schedule.began + interval);
        }
        if before.pod != self.request.pod {
            let pod = self.request.pod.clone();
            let pod = pod.filter(|pod| self.is_behind() && !self.pods_asked.contains(pod));
            self.pod = pod.map(|pod| (pod, now + A_CLOSE_LOOK));
        }
        before.asks != self.request.asks
    }

    /// Takes that the clocks parted: the machine slept, or its clock was set. What is shown may be much older than it
    /// seemed, so it is due; but a key pair that was refused goes on resting.
    pub fn clocks_parted(&mut self, now: Instant) {
        let rest = self.rest_until.map(|until| until.saturating_duration_since(now));
        if rest.is_none_or(|rest| rest <= HEAL_WITHIN) {
            self.rest_until = None;
            self.ask_now(now);
        }
    }

    /// What the screen looks at is due, and what failed may be tried again.
    fn ask_now(&mut self, now: Instant) {
        self.failures = 0;
        let schedule = self.part.as_mut().unwrap_or(&mut self.fleet);
        schedule.due = now;
        schedule.wake(now);
    }

    /// Another part is looked at.
    fn turn_to(&mut self, now: Instant) {
        let scope = self.request.scope.clone();
        if scope == self.fleet.scope {
            self.part = None;
        } else if scope.is_whole() {
            // More is wanted than at first: that is the fleet from now on.
            self.fleet = Schedule::awaited(scope, now);
            self.part = None;
        } else {
            self.part = Some(Schedule::awaited(scope, now));
        }
    }

    /// Whether a sweep is under way, so that what is known may be older than the snapshot.
    fn is_behind(&self) -> bool {
        self.fleet.sweep.is_some()
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Instant, budget: &CallBudget) -> Step {
        for schedule in self.courses_mut() {
            if schedule.rest_until.is_some_and(|until| until <= now) {
                schedule.wake(now);
            }
        }
        let step = self.step(now, budget);
        if matches!(step, Step::Ask(_)) {
            self.asked_at = now;
        }
        self.not_before(now);
        step
    }

    /// Takes that it is `now`: time in which a call is waited for says nothing of a pace.
    pub fn not_before(&mut self, now: Instant) {
        self.courses_mut().for_each(|schedule| schedule.not_before(now));
    }

    fn step(&mut self, now: Instant, budget: &CallBudget) -> Step {
        if let Some(until) = self.rest_until {
            if until > now {
                return Step::Wait(until);
            }
            self.wake(now);
        }
        let ready = budget.ready_at(now);
        let mut earliest = None;
        let mut later =
            |moment: Instant| earliest = Some(earliest.map_or(moment, |other: Instant| other.min(moment)));
        if let Some((scope, due)) = self.pod.clone() {
            if ready.max(due) <= now {
                return Step::Ask(PlannedCall {
                    purpose: CallPurpose::Pod,
                    scope,
                    offset: 0,
                    begins: false,
                });
            }
            later(ready.max(due));
        }
        for purpose in self.purposes() {
            let Some(due) = self.due(purpose, now) else {
                continue;
            };
            match due {
                Due::Page(offset) => {
                    let ready = self.ready_at(purpose, offset, now, budget);
                    if ready <= now {
                        return Step::Ask(self.planned(purpose, offset, now));
                    }
                    later(ready);
                }
                Due::Later(moment) => later(moment),
                Due::Over { .. } => {}
            }
        }
        // There always is a schedule with something due; the interval is the longest wait there is.
        Step::Wait(earliest.unwrap_or(now + self.request.interval))
    }

    /// The schedules by turns: a part goes first until it is known or fails; then the fleet has every other call.
    fn purposes(&self) -> [CallPurpose; 2] {
        if self.is_the_fleets_turn() {
            [CallPurpose::Fleet, CallPurpose::Part]
        } else {
            [CallPurpose::Part, CallPurpose::Fleet]
        }
    }

    fn is_the_fleets_turn(&self) -> bool {
        let part = self.part.as_ref();
        self.last == CallPurpose::Part && part.is_some_and(|part| part.known || part.fails)
    }

    /// When the budget lets a page go.
    fn ready_at(&self, purpose: CallPurpose, offset: u32, now: Instant, budget: &CallBudget) -> Instant {
        let leaves_free = self.leaves_one_free(purpose, offset) && budget.limit() > KEPT_FREE;
        budget.ready_for(if leaves_free { 1 + KEPT_FREE } else { 1 }, now)
    }

    /// Whether a call leaves one free for what is looked at: the fleet's pages do, out of their turn.
    pub fn leaves_one_free(&self, purpose: CallPurpose, offset: u32) -> bool {
        purpose == CallPurpose::Fleet && offset > 0 && !self.is_the_fleets_turn()
    }

    fn wake(&mut self, now: Instant) {
        self.rest_until = None;
        self.failures = 0;
        self.courses_mut().for_each(|schedule| schedule.wake(now));
    }

    /// What a schedule has due: a page of its sweep, or the first one of the next.
    fn due(&self, purpose: CallPurpose, now: Instant) -> Option<Due> {
        let schedule = self.schedule(purpose)?;
        if let Some(until) = schedule.rest_until {
            return Some(Due::Later(until));
        }
        if let Some(sweep) = &schedule.sweep {
            return Some(sweep.due(now));
        }
        let due = match purpose {
            CallPurpose::Fleet => self.fleet_due()?,
            CallPurpose::Part | CallPurpose::Pod => schedule.due,
        };
        Some(if due <= now { Due::Page(0) } else { Due::Later(due) })
    }

    /// When the fleet is due. While a part is looked at, its probes speak for the fleet: the snapshot is the same. A part
    /// that fails speaks for nothing.
    fn fleet_due(&self) -> Option<Instant> {
        let part = self.part.as_ref().filter(|part| !part.fails);
        match part.map(|part| part.latest) {
            None => Some(self.fleet.due),
            // Nothing is known of the part yet: it goes first.
            Some(None) => None,
            Some(Some((_, Some(snapshot)))) if self.fleet.knows_snapshot(snapshot) => None,
            Some(Some(_)) => Some(self.fleet.due),
        }
    }

    fn planned(&mut self, purpose: CallPurpose, offset: u32, now: Instant) -> PlannedCall {
        self.last = purpose;
        let limit = self.limit;
        let begins = match self.course_mut(purpose) {
            Some(schedule) if schedule.sweep.is_none() => {
                schedule.sweep = Some(Sweep::new(limit));
                (schedule.began, schedule.since) = (now, now);
                if purpose == CallPurpose::Fleet {
                    self.pods_asked.clear();
                }
                true
            }
            _ => false,
        };
        let scope = self.schedule(purpose).map(|schedule| schedule.scope.clone());
        PlannedCall {
            purpose,
            scope: scope.unwrap_or_default(),
            offset,
            begins,
        }
    }

    fn schedule(&self, purpose: CallPurpose) -> Option<&Schedule> {
        match purpose {
            CallPurpose::Fleet => Some(&self.fleet),
            CallPurpose::Part => self.part.as_ref(),
            CallPurpose::Pod => None,
        }
    }

    fn course_mut(&mut self, purpose: CallPurpose) -> Option<&mut Schedule> {
        match purpose {
            CallPurpose::Fleet => Some(&mut self.fleet),
            CallPurpose::Part => self.part.as_mut(),
            CallPurpose::Pod => None,
        }
    }

    fn courses_mut(&mut self) -> impl Iterator<Item = &mut Schedule> {
        self.part.iter_mut().chain([&mut self.fleet])
    }

    /// The schedule that `planned` is of, unless the screen has turned to another scope since.
    fn course_of(&mut self, planned: &PlannedCall) -> Option<&mut Schedule> {
        let schedule = self.course_mut(planned.purpose);
        schedule.filter(|schedule| schedule.scope == planned.scope)
    }

    /// What the screen looks at.
    pub fn scope(&self) -> &Scope {
        &self.request.scope
    }

    /// What the fleet is at present: what was wished for at first, or the whole since that was.
    pub fn fleet_scope(&self) -> &Scope {
        &self.fleet.scope
    }

    /// Whether an answer to `planned` is of any use still: the screen may look elsewhere by now.
    pub fn is_wanted(&self, planned: &PlannedCall) -> bool {
        match planned.purpose {
            CallPurpose::Pod => self.request.pod.as_ref() == Some(&planned.scope),
            purpose => self
                .schedule(purpose)
                .is_some_and(|schedule| schedule.scope == planned.scope && schedule.sweep.is_some()),
        }
    }

    /// Takes the answer to `planned`.
    pub fn answered(&mut self, planned: &PlannedCall, page: PageFacts, now: Instant) -> Outcome {
        self.failures = 0;
        if planned.purpose == CallPurpose::Pod {
            self.forget_pod(planned);
            return Outcome::More;
        }
        let interval = self.request.interval;
        self.course_of(planned).map_or(Outcome::More, |schedule| {
            schedule.answered(planned.offset, page, interval, now)
        })
    }

    /// Notes that `planned` failed. Answers whether its sweep is over because of that: it is not complete then.
    pub fn failed(&mut self, planned: &PlannedCall, fault: Fault, now: Instant) -> bool {
        let is_own = planned.purpose != CallPurpose::Fleet && fault.is_of_the_list();
        if planned.purpose == CallPurpose::Pod {
            self.forget_pod(planned);
            if is_own {
                return false;
            }
        }
        if self.failures == 0 {
            self.failing_since = self.asked_at;
        }
        self.failures += 1;
        let not_before = match fault {
            Fault::Passing(pause) | Fault::Unreachable(pause) => now + pause,
            Fault::Throttled(until) => until,
            Fault::Lasting | Fault::SignIn | Fault::KeyRefused => now,
        };
        let interval = self.request.interval;
        let rest = rest_after(fault, self.failures, interval);
        let rest = rest.map(|rest| (self.failing_since + rest).max(not_before));
        if is_own {
            // What is odd about a part is no reason to leave the fleet alone.
            self.failures = if rest.is_some() { 0 } else { self.failures };
        } else {
            self.rest_until = rest;
        }
        self.course_of(planned).is_some_and(|schedule| {
            if is_own {
                (schedule.fails, schedule.rest_until) = (true, rest);
            }
            schedule.failed(planned.offset, fault, not_before, interval, now)
        })
    }

    /// The pod was asked for, whatever came of it: once a sweep is enough.
    fn forget_pod(&mut self, planned: &PlannedCall) {
        self.pod = None;
        self.pods_asked.push(planned.scope.clone());
    }
}
