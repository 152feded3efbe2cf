//! The part of the plan that the screen shows.
//!
//! Owns which sweep is shown, its progress, the page after it, and why no call is due right now. Must not: change the plan.

use tokio::time::Instant;

use super::Plan;
use crate::collector::budget::CallBudget;
use crate::collector::planned::{CallPurpose, PlannedCall, Progress, WaitCause};
use crate::collector::sweep::PageFacts;

impl Plan {
    /// The list moved, as a collector says: a call is due.
    pub fn list_moved(&mut self, now: Instant) {
        if self.rest_until.is_none() {
            self.ask_now(now);
        }
    }

    /// Whose list the screen looks at.
    pub fn shown(&self) -> CallPurpose {
        if self.part.is_some() {
            CallPurpose::Part
        } else {
            CallPurpose::Fleet
        }
    }

    /// Whether all of the part that the screen shows is loaded, as of the newest list that any answer was of. If the fleet's pages
    /// are of a newer one, the part is not current before it was asked for again.
    pub fn is_part_current(&self) -> bool {
        let newest = self.fleet.latest.map(|(_, snapshot)| snapshot);
        self.part.as_ref().is_some_and(|part| {
            let mut seen = part.seen.iter();
            part.progress().is_none() && seen.any(|(_, at)| newest.is_none_or(|newest| newest == *at))
        })
    }

    /// How far the sweep has come that the screen waits for, and whose it is.
    pub fn progress(&self) -> Option<(CallPurpose, Progress)> {
        let part = self.part.as_ref();
        let part = part.filter(|part| part.sweep.is_some() || part.is_awaited);
        match part {
            Some(part) => part.progress().map(|it| (CallPurpose::Part, it)),
            None => self.fleet.progress().map(|it| (CallPurpose::Fleet, it)),
        }
    }

    /// The calls that follow the answer to `planned`, which has `page`, if all its records are new, the pages behind it are like it,
    /// and nothing else is asked for: the next pages of a sweep that is under way, `most` of them at most. Whether the first page of
    /// a sweep has one behind it is a matter of what it says.
    pub fn pages_behind(
        &self,
        planned: &PlannedCall,
        page: PageFacts,
        most: usize,
        now: Instant,
    ) -> Vec<PlannedCall> {
        let is_alone = self.part.is_none() && self.pod.is_none() && self.rest_until.is_none();
        let schedule = self.schedule(planned.purpose).filter(|_| is_alone);
        let own = schedule.filter(|it| it.scope == planned.scope && it.rest_until.is_none());
        let sweep = own.and_then(|schedule| schedule.sweep.as_ref());
        let Some(sweep) = sweep.filter(|sweep| !sweep.is_at_its_first_page()) else {
            return Vec::new();
        };
        let pages = sweep.pages_behind(planned.offset, page, most, now);
        let call = |offset| PlannedCall {
            offset,
            begins: false,
            ..planned.clone()
        };
        pages.into_iter().map(call).collect()
    }

    /// Why there is no call before `until`, as [`Plan::next`] said at `now` with `budget`, which has what the service wants.
    pub fn wait_cause(&self, until: Instant, now: Instant, budget: &CallBudget) -> WaitCause {
        let schedules = || self.part.iter().chain([&self.fleet]);
        let rests = |it: Option<Instant>| it.is_some_and(|rest| rest >= until);
        if rests(self.rest_until) || schedules().any(|it| rests(it.rest_until)) {
            return WaitCause::Rest;
        }
        if budget.ready_at(now) >= until {
            return WaitCause::Service;
        }
        if schedules().any(|it| it.sweep.is_some()) {
            return WaitCause::Pause;
        }
        WaitCause::Interval
    }
}
