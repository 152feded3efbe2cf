//! Which call is next.
//!
//! Pure: given what the screen wants, what is known, the budget and the time, [`Plan::next`] names one call, or the moment
//! until which to wait. It keeps one *course* for the fleet and, while the screen looks at a part of it, one for that part:
//!
//! * **Want first.** The pod under the operator's eyes, then the part that is looked at, then the fleet. Of a budget of two
//!   calls or more, one is kept free of the fleet's pages, so that what is wanted now never waits for a minute.
//! * **Probe, then sweep.** A course is due once an interval. Its first page tells whether the snapshot moved; only then the
//!   other pages are asked for. In steady state a fleet of any size costs one call an interval.
//! * **On over what moves.** A snapshot that HSS renewed begins a sweep anew, once. Any other change under it does not: the
//!   sweep goes on to its end, takes no pod for gone, and is made again when it is due. Two replicas of the list that answer
//!   by turns are both known after one sweep.
//! * **Around what fails.** A page that fails is asked for again at the end, a few times; after several failures in a row, or
//!   where nothing can be reached, everything rests, and then goes on where it stood. A part or a pod that HSS refuses
//!   holds nothing up but itself.
//!
//! Must not: call, wait, or know the store.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::budget::CallBudget;
use super::course::Course;
use super::order::{Fault, Order, Outcome, Progress, Purpose, Step, Wish};
use super::retry::{HEAL_WITHIN, rest_after};
use super::walk::{Due, PageFacts, Walk};
use crate::fleet::Scope;

/// A pod that the eye only passes over is not asked for.
const A_CLOSE_LOOK: Duration = Duration::from_millis(700);
/// Calls of the budget that pages of the fleet leave free.
const KEPT_FREE: usize = 1;

/// The plan.
#[derive(Debug, Clone)]
pub struct Plan {
    limit: u32,
    wish: Wish,
    fleet: Course,
    part: Option<Course>,
    /// The pod that is looked at, until it was asked for, and when to ask.
    pod: Option<(Scope, Instant)>,
    /// Pods that were asked for during the present sweep.
    pods_asked: Vec<Scope>,
    rest_until: Option<Instant>,
    /// Failures since the last answer.
    failures: u32,
    /// Which course had the last call.
    last: Purpose,
    /// When the last call was planned, and the first of those that failed in a row.
    asked_at: Instant,
    failing_since: Instant,
}

impl Plan {
    /// A plan for pages of `limit` records. What is wished for at first is the fleet: nobody asked for more.
    pub fn new(limit: u32, wish: Wish, now: Instant) -> Self {
        Self {
            limit,
            fleet: Course::new(wish.scope.clone(), now),
            part: None,
            pod: None,
            pods_asked: Vec::new(),
            wish,
            rest_until: None,
            failures: 0,
            last: Purpose::Fleet,
            asked_at: now,
            failing_since: now,
        }
    }

    /// Takes what an earlier run saw of the whole fleet: if the next answer sees the same, there is nothing to sweep. Returns
    /// whether what was seen since, if anything, is the same.
    pub fn knows(&mut self, total: Option<u64>, snapshot_at: Option<Timestamp>, now: Instant) -> bool {
        let interval = self.wish.interval;
        self.fleet.knows((total, snapshot_at), interval, now)
    }

    /// What is known of the whole fleet is not stored any more: the next answer does not end its sweep at once.
    pub fn unlearn(&mut self) {
        self.fleet.seen = Vec::new();
    }

    /// Takes what the screen wants now. Answers whether the operator asks anew.
    pub fn want(&mut self, wish: Wish, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.wish, wish);
        if before.scope != self.wish.scope {
            self.turn_to(now);
        }
        if before.asks != self.wish.asks {
            self.rest_until = None;
            self.ask_now(now);
        }
        if before.interval != self.wish.interval {
            let interval = self.wish.interval;
            self.courses_mut()
                .for_each(|course| course.due = course.began + interval);
        }
        if before.pod != self.wish.pod {
            let pod = self.wish.pod.clone();
            let pod = pod.filter(|pod| self.is_behind() && !self.pods_asked.contains(pod));
            self.pod = pod.map(|pod| (pod, now + A_CLOSE_LOOK));
        }
        before.asks != self.wish.asks
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
        let course = self.part.as_mut().unwrap_or(&mut self.fleet);
        course.due = now;
        course.wake(now);
    }

    /// Another part is looked at.
    fn turn_to(&mut self, now: Instant) {
        let scope = self.wish.scope.clone();
        if scope == self.fleet.scope {
            self.part = None;
        } else if scope.is_whole() {
            // More is wanted than at first: that is the fleet from now on.
            self.fleet = Course::awaited(scope, now);
            self.part = None;
        } else {
            self.part = Some(Course::awaited(scope, now));
        }
    }

    /// Whether a sweep is under way, so that what is known may be older than the snapshot.
    fn is_behind(&self) -> bool {
        self.fleet.walk.is_some()
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Instant, budget: &CallBudget) -> Step {
        for course in self.courses_mut() {
            if course.rest_until.is_some_and(|until| until <= now) {
                course.wake(now);
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
        self.courses_mut().for_each(|course| course.not_before(now));
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
                return Step::Ask(Order {
                    purpose: Purpose::Pod,
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
                        return Step::Ask(self.order(purpose, offset, now));
                    }
                    later(ready);
                }
                Due::Later(moment) => later(moment),
                Due::Over { .. } => {}
            }
        }
        // There always is a course with something due; the interval is the longest wait there is.
        Step::Wait(earliest.unwrap_or(now + self.wish.interval))
    }

    /// The courses by turns: a part goes first until it is known or fails; then the fleet has every other call.
    fn purposes(&self) -> [Purpose; 2] {
        if self.is_the_fleets_turn() {
            [Purpose::Fleet, Purpose::Part]
        } else {
            [Purpose::Part, Purpose::Fleet]
        }
    }

    fn is_the_fleets_turn(&self) -> bool {
        let part = self.part.as_ref();
        self.last == Purpose::Part && part.is_some_and(|part| part.known || part.fails)
    }

    /// When the budget lets a page go.
    fn ready_at(&self, purpose: Purpose, offset: u32, now: Instant, budget: &CallBudget) -> Instant {
        let leaves_free = self.leaves_one_free(purpose, offset) && budget.limit() > KEPT_FREE;
        budget.ready_for(if leaves_free { 1 + KEPT_FREE } else { 1 }, now)
    }

    /// Whether a call leaves one free for what is looked at: the fleet's pages do, out of their turn.
    pub fn leaves_one_free(&self, purpose: Purpose, offset: u32) -> bool {
        purpose == Purpose::Fleet && offset > 0 && !self.is_the_fleets_turn()
    }

    fn wake(&mut self, now: Instant) {
        self.rest_until = None;
        self.failures = 0;
        self.courses_mut().for_each(|course| course.wake(now));
    }

    /// What a course has due: a page of its walk, or the first one of the next.
    fn due(&self, purpose: Purpose, now: Instant) -> Option<Due> {
        let course = self.course(purpose)?;
        if let Some(until) = course.rest_until {
            return Some(Due::Later(until));
        }
        if let Some(walk) = &course.walk {
            return Some(walk.due(now));
        }
        let due = match purpose {
            Purpose::Fleet => self.fleet_due()?,
            Purpose::Part | Purpose::Pod => course.due,
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

    fn order(&mut self, purpose: Purpose, offset: u32, now: Instant) -> Order {
        self.last = purpose;
        let limit = self.limit;
        let begins = match self.course_mut(purpose) {
            Some(course) if course.walk.is_none() => {
                course.walk = Some(Walk::new(limit));
                (course.began, course.since) = (now, now);
                if purpose == Purpose::Fleet {
                    self.pods_asked.clear();
                }
                true
            }
            _ => false,
        };
        Order {
            purpose,
            scope: self
                .course(purpose)
                .map(|course| course.scope.clone())
                .unwrap_or_default(),
            offset,
            begins,
        }
    }

    fn course(&self, purpose: Purpose) -> Option<&Course> {
        match purpose {
            Purpose::Fleet => Some(&self.fleet),
            Purpose::Part => self.part.as_ref(),
            Purpose::Pod => None,
        }
    }

    fn course_mut(&mut self, purpose: Purpose) -> Option<&mut Course> {
        match purpose {
            Purpose::Fleet => Some(&mut self.fleet),
            Purpose::Part => self.part.as_mut(),
            Purpose::Pod => None,
        }
    }

    fn courses_mut(&mut self) -> impl Iterator<Item = &mut Course> {
        self.part.iter_mut().chain([&mut self.fleet])
    }

    /// The course that `order` is of, unless the screen has turned to another scope since.
    fn course_of(&mut self, order: &Order) -> Option<&mut Course> {
        let course = self.course_mut(order.purpose);
        course.filter(|course| course.scope == order.scope)
    }

    /// What the screen looks at.
    pub fn scope(&self) -> &Scope {
        &self.wish.scope
    }

    /// What the fleet is at present: what was wished for at first, or the whole since that was.
    pub fn fleet_scope(&self) -> &Scope {
        &self.fleet.scope
    }

    /// Whether an answer to `order` is of any use still: the screen may look elsewhere by now.
    pub fn is_wanted(&self, order: &Order) -> bool {
        match order.purpose {
            Purpose::Pod => self.wish.pod.as_ref() == Some(&order.scope),
            purpose => self
                .course(purpose)
                .is_some_and(|course| course.scope == order.scope && course.walk.is_some()),
        }
    }

    /// Takes the answer to `order`.
    pub fn answered(&mut self, order: &Order, page: PageFacts, now: Instant) -> Outcome {
        self.failures = 0;
        if order.purpose == Purpose::Pod {
            self.forget_pod(order);
            return Outcome::More;
        }
        let interval = self.wish.interval;
        self.course_of(order).map_or(Outcome::More, |course| {
            course.answered(order.offset, page, interval, now)
        })
    }

    /// Notes that `order` failed. Answers whether its walk is over because of that: it is not complete then.
    pub fn failed(&mut self, order: &Order, fault: Fault, now: Instant) -> bool {
        let is_own = order.purpose != Purpose::Fleet && fault.is_of_the_list();
        if order.purpose == Purpose::Pod {
            self.forget_pod(order);
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
        let interval = self.wish.interval;
        let rest = rest_after(fault, self.failures, interval);
        let rest = rest.map(|rest| (self.failing_since + rest).max(not_before));
        if is_own {
            // What is odd about a part is no reason to leave the fleet alone.
            self.failures = if rest.is_some() { 0 } else { self.failures };
        } else {
            self.rest_until = rest;
        }
        let Some(course) = self.course_of(order) else {
            return false;
        };
        if is_own {
            course.fails = true;
            course.rest_until = rest;
        }
        course.failed(order.offset, fault, not_before, interval, now)
    }

    /// The pod was asked for, whatever came of it: once a sweep is enough.
    fn forget_pod(&mut self, order: &Order) {
        self.pod = None;
        self.pods_asked.push(order.scope.clone());
    }

    /// Whose list the screen looks at.
    pub fn shown(&self) -> Purpose {
        if self.part.is_some() {
            Purpose::Part
        } else {
            Purpose::Fleet
        }
    }

    /// How far the walk has come that the screen waits for, and whose it is.
    pub fn progress(&self) -> Option<(Purpose, Progress)> {
        let part = self
            .part
            .as_ref()
            .filter(|part| part.walk.is_some() || part.is_awaited);
        match part {
            Some(part) => part.progress().map(|it| (Purpose::Part, it)),
            None => self.fleet.progress().map(|it| (Purpose::Fleet, it)),
        }
    }
}
