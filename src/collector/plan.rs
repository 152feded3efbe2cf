//! Chooses the next call.
//!
//! Pure: from the screen's request, the loaded data, the budget and the time, [`Plan::next`] chooses one
//! call, or the time until which to wait. It has one *schedule* for the fleet and, while the screen shows a
//! part of it, one for that part:
//!
//! * **The operator first.** The selected pod, then the part that is shown, then the fleet. If the budget has
//!   two calls or more, one of them is not used for the fleet's pages, so that a request of the operator
//!   never waits for a minute.
//! * **Probe, then sweep.** A schedule is due once per interval. Its first page shows whether the snapshot
//!   moved; only then the other pages are requested. In steady state a fleet of any size costs one call per
//!   interval.
//! * **Continue when the list moves.** A new snapshot restarts a sweep, once. Any other change of the list
//!   does not: the sweep continues to its end, no pod counts as gone, and the sweep is repeated when it is
//!   due. Two replicas of the list that answer in turns are both known after one sweep.
//! * **Skip what fails.** A failed page is requested again at the end, a few times; after several failures in
//!   a row, or if nothing can be reached, everything pauses and then continues where it stopped. A part or a
//!   pod that HSS refuses delays nothing else.
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

/// How long a pod must be selected before it is requested.
const A_CLOSE_LOOK: Duration = Duration::from_millis(700);
/// How many calls of the budget the fleet's pages leave free.
const LEFT_FREE: usize = 1;

/// The plan.
#[derive(Debug, Clone)]
pub struct Plan {
    limit: u32,
    request: FetchRequest,
    fleet: Schedule,
    part: Option<Schedule>,
    /// The selected pod, until it was requested, and when to request it.
    pod: Option<(Scope, Instant)>,
    /// The pods that were requested during the current sweep.
    pods_asked: Vec<Scope>,
    rest_until: Option<Instant>,
    /// Failures since the last answer.
    failures: u32,
    /// The schedule of the last call.
    last: CallPurpose,
    /// When the last call was planned, and when the first of the failures in a row.
    asked_at: Instant,
    failing_since: Instant,
}

impl Plan {
    /// A plan for pages of `limit` records. The scope of the first request counts as the fleet.
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

    /// Restores the state that an earlier run saw. Returns whether later answers, if any, show the same.
    pub fn knows(&mut self, total: Option<u64>, snapshot_at: Option<Timestamp>, now: Instant) -> bool {
        let interval = self.request.interval;
        self.fleet.knows((total, snapshot_at), interval, now)
    }

    /// The saved fleet is lost: the next answer does not end its sweep at once.
    pub fn unlearn(&mut self) {
        self.fleet.seen = Vec::new();
    }

    /// Prevents calls before `until`, unless the operator asks again.
    pub fn rest(&mut self, until: Instant) {
        self.rest_until = Some(until);
    }

    /// Takes the screen's request. Returns whether the operator asks again.
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

    /// After sleep or a clock jump the data may be old, so a call is due; a refused key pair still pauses.
    pub fn clocks_parted(&mut self, now: Instant) {
        let rest = self.rest_until.map(|until| until.saturating_duration_since(now));
        if rest.is_none_or(|rest| rest <= HEAL_WITHIN) {
            self.rest_until = None;
            self.ask_now(now);
        }
    }

    /// What the screen shows is due, and failed pages may be tried again.
    fn ask_now(&mut self, now: Instant) {
        self.failures = 0;
        let schedule = self.part.as_mut().unwrap_or(&mut self.fleet);
        schedule.due = now;
        schedule.wake(now);
    }

    /// Another part is shown.
    fn turn_to(&mut self, now: Instant) {
        let scope = self.request.scope.clone();
        if scope == self.fleet.scope {
            self.part = None;
        } else if scope.is_whole() {
            // The request covers more than the first one: it is the fleet from now on.
            self.fleet = Schedule::awaited(scope, now);
            self.part = None;
        } else {
            self.part = Some(Schedule::awaited(scope, now));
        }
    }

    /// Whether a sweep is running, so that the data may be older than the snapshot.
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

    /// Advances to `now`: waiting for a call does not count for the pace.
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
        // One schedule always has something due; the interval is the longest wait.
        Step::Wait(earliest.unwrap_or(now + self.request.interval))
    }

    /// The schedules in turns: a part goes first until it is loaded or fails; then they alternate.
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

    /// When the budget allows a page.
    fn ready_at(&self, purpose: CallPurpose, offset: u32, now: Instant, budget: &CallBudget) -> Instant {
        let leaves_free = self.leaves_one_free(purpose, offset) && budget.limit() > LEFT_FREE;
        budget.ready_for(if leaves_free { 1 + LEFT_FREE } else { 1 }, now)
    }

    /// Whether a call leaves one free for the operator: the fleet's pages do, unless it is their turn.
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

    /// When the fleet is due. The probes of a part count too, because the snapshot is the same, unless they
    /// fail.
    fn fleet_due(&self) -> Option<Instant> {
        let part = self.part.as_ref().filter(|part| !part.fails);
        match part.map(|part| part.latest) {
            None => Some(self.fleet.due),
            // The part is not loaded yet: it goes first.
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

    /// The schedule of `planned`, unless the screen shows another scope since.
    fn course_of(&mut self, planned: &PlannedCall) -> Option<&mut Schedule> {
        let schedule = self.course_mut(planned.purpose);
        schedule.filter(|schedule| schedule.scope == planned.scope)
    }

    /// The scope that the screen shows.
    pub fn scope(&self) -> &Scope {
        &self.request.scope
    }

    /// The scope of the fleet: that of the first request, or everything since everything was requested.
    pub fn fleet_scope(&self) -> &Scope {
        &self.fleet.scope
    }

    /// Whether an answer to `planned` is still useful: the screen may show something else by now.
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
        let interval = self.request.interval;
        if planned.purpose == CallPurpose::Pod {
            self.forget_pod(planned);
            return Outcome::More;
        }
        let schedule = self.course_of(planned);
        schedule.map_or(Outcome::More, |it| {
            it.answered(planned.offset, page, interval, now)
        })
    }

    /// Records that `planned` failed. Returns the end of its sweep if all records are there without the page.
    pub fn failed(&mut self, planned: &PlannedCall, fault: Fault, now: Instant) -> Option<Outcome> {
        let is_own = planned.purpose != CallPurpose::Fleet && fault.is_of_the_list();
        if planned.purpose == CallPurpose::Pod {
            self.forget_pod(planned);
            if is_own {
                return None;
            }
        }
        if self.failures == 0 {
            self.failing_since = self.asked_at;
        }
        self.failures += 1;
        let not_before = fault.not_before(now);
        let rest = rest_after(fault, self.failures, self.request.interval);
        let rest = rest.map(|rest| (self.failing_since + rest).max(not_before));
        if !is_own {
            self.rest_until = rest;
        } else if rest.is_some() {
            // A problem with a part is no reason to neglect the fleet.
            self.failures = 0;
        }
        let interval = self.request.interval;
        let schedule = self.course_of(planned)?;
        schedule.fails |= is_own;
        schedule.rest_until = rest.filter(|_| is_own).or(schedule.rest_until);
        let end = schedule.failed(planned.offset, fault, not_before, interval, now)?;
        (self.failures, self.rest_until) = (0, None);
        Some(end)
    }

    /// The pod was requested, with whatever result: once per sweep is enough.
    fn forget_pod(&mut self, planned: &PlannedCall) {
        self.pod = None;
        self.pods_asked.push(planned.scope.clone());
    }
}
