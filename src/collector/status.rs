//! How current the fleet is, and the word for it.
//!
//! [`SyncStatus`] is what the fetch task reports; [`SyncStatus::state`] turns it into the one word that the
//! screen shows, with the time as an argument, because a picture that is not renewed becomes stale by itself.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::collector::ledger::record::OtherPrograms;
use crate::collector::planned::WaitCause;
use crate::fleet::RemoteText;
use crate::fleet::list_age::{ListAgeLimit, ListCurrency};
use crate::hss::call_record::CallRecords;
use crate::hss::collector_mark::CollectorState;
use crate::hss::error::ErrorKind;
use crate::hss::skew::ClockDoubt;
use crate::hss::transport::LONGEST_CALL;
use crate::hss::{Error, ProjectId};

/// The number of calls that are left, and that are allowed, where nobody counts them.
pub const UNCOUNTED: usize = usize::MAX;

/// The state of the fetch task's work.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// `last_update_time` of the newest answer: when HSS last looked.
    pub snapshot_at: Option<Timestamp>,
    /// When an answer last arrived.
    pub asked_at: Option<Timestamp>,
    /// When the next call is due.
    pub next_at: Option<Timestamp>,
    /// When the last call began; before the first call, when the program started.
    pub called_at: Option<Timestamp>,
    /// Since when the current call waits for its answer, if it takes longer than usual.
    pub asking_since: Option<Timestamp>,
    /// Calls left in this window.
    pub calls_left: usize,
    /// The state of the collector of hss-top that answers in the place of HSS; `None` if HSS itself answers.
    pub through: Option<CollectorState>,
    /// Whether the newest answer, good or bad, came from a collector of hss-top.
    pub is_on_collector: bool,
    /// Until when HSS allows no call.
    pub held_until: Option<Timestamp>,
    /// Calls allowed per window.
    pub calls_limit: usize,
    /// Calls in this window by other runs of hss-top on this machine.
    pub calls_of_others: usize,
    /// The programs of those calls.
    pub others: OtherPrograms,
    /// Why calls of other programs are not counted, or not known, at the moment.
    pub calls_trouble: Option<String>,
    /// Why a refused password could not be remembered for other programs and for the next start.
    pub sign_in_trouble: Option<String>,
    /// Calls made since the start.
    pub calls_made: u64,
    /// Calls of these that failed.
    pub calls_failed: u64,
    /// The last of them, the oldest first.
    pub calls: CallRecords,
    /// Why the next call is not made before it is due.
    pub wait_cause: WaitCause,
    /// When the credential expires, if known.
    pub credential_end: Option<Timestamp>,
    /// Records that the current or last sweep met.
    pub met: u64,
    /// Records in total, according to the answers.
    pub total: Option<u64>,
    /// Whether a sweep is running, or nothing of the shown scope is loaded yet.
    pub loading: bool,
    /// Whether that sweep is the one of the shown scope, so that HSS has not said yet what is in it. Otherwise it is one
    /// of the fleet, which goes on after the part on the screen was loaded.
    pub is_scope_awaited: bool,
    /// Whether all pods of the shown scope are loaded as of the newest list, while a sweep of the fleet goes on around it: what is
    /// on the screen is complete.
    pub is_scope_current: bool,
    /// Whether the list changed during the current sweep, or during the last one so that its pages mix two
    /// states.
    pub moved: bool,
    /// Whether the last sweep did not show which pods are gone: a pod of an earlier run that it did not see may
    /// be there or not.
    pub unproven: bool,
    /// Records per minute of the current sweep.
    pub pace: Option<u64>,
    /// When the sweep will end, at its pace so far or at the pace of the budget.
    pub done_at: Option<Timestamp>,
    /// Whether the last finished sweep saw every record.
    pub complete: bool,
    /// Whether the shown scope is completely loaded, by a sweep of it or of the fleet.
    pub whole: bool,
    /// Why the last call failed; `None` after a success. The failure of a part is reported while the part is
    /// shown.
    pub problem: Option<Problem>,
    /// How often the list is requested.
    pub interval: Duration,
    /// Whether the data is that of an earlier run, because no answer has arrived yet.
    pub restored: bool,
    /// Whether saved data is still being read.
    pub restoring: bool,
    /// Why nothing is saved on disk at the moment.
    pub state_trouble: Option<String>,
    /// A problem with the saved data; reported once.
    pub state_notice: Option<String>,
    /// The project's id, once it is known.
    pub project: Option<ProjectId>,
    /// How far this machine's clock is behind the service's.
    pub skew: Option<SignedDuration>,
    /// The difference between the service's clock and this machine's, if it is not believed.
    pub clock_doubt: Option<ClockDoubt>,
    /// The date of the newest answer, if it is impossible.
    pub odd_date: Option<RemoteText>,
    /// `last_update_time` of the newest answer, if it is impossible.
    pub odd_snapshot: Option<RemoteText>,
    /// `total_num` of the newest answer as received, if it is not a number of pods.
    pub odd_total: Option<RemoteText>,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub error: Error,
    /// When calls are allowed again, if the service named a time.
    pub until: Option<Timestamp>,
}

/// How much of the shown scope is loaded, whatever the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, as of the last complete sweep.
    Whole,
    /// Not all: no sweep was complete yet. The total of records, if an answer named it.
    Short(Option<u64>),
}

/// The state word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// All of the fleet, as of the snapshot.
    Fresh,
    /// All of the fleet as a recording has it: a replay is never fresh.
    Recorded,
    /// A sweep is running.
    Loading {
        /// Records met.
        met: u64,
        /// Records there are, if known.
        total: Option<u64>,
    },
    /// The last sweep was incomplete.
    Partial {
        /// Records met.
        met: u64,
        /// Records there should be.
        total: u64,
    },
    /// All of the fleet, but as of a list that HSS has not renewed since then.
    Old(Timestamp),
    /// The last answer is old; or no answer has ever arrived.
    Stale(Option<Timestamp>),
    /// The service asked us to wait.
    Throttled(Option<Timestamp>),
    /// The credential is not accepted.
    Auth,
    /// The service cannot be reached.
    Offline,
    /// The credential may not do this.
    Denied,
}

impl SyncState {
    /// The word itself, as it is spelled on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "FRESH",
            Self::Recorded => "RECORDED",
            Self::Loading { .. } => "LOADING",
            Self::Partial { .. } => "PARTIAL",
            Self::Old(_) => "OLD",
            Self::Stale(_) => "STALE",
            Self::Throttled(_) => "THROTTLED",
            Self::Auth => "AUTH",
            Self::Offline => "OFFLINE",
            Self::Denied => "DENIED",
        }
    }
}

impl SyncState {
    /// Whether the picture shows the present. A picture that is not renewed must look stale as a whole.
    pub fn is_current(self) -> bool {
        match self {
            Self::Fresh
            | Self::Recorded
            | Self::Loading { .. }
            | Self::Partial { .. }
            | Self::Throttled(_) => true,
            Self::Old(_) | Self::Stale(_) | Self::Auth | Self::Offline | Self::Denied => false,
        }
    }
}

impl fmt::Display for SyncState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl SyncStatus {
    /// The state at `now`.
    pub fn state(&self, now: Timestamp) -> SyncState {
        if self.overdue(now).is_some() {
            return SyncState::Stale(self.asked_at);
        }
        if let Some(problem) = &self.problem {
            return match problem.error.kind() {
                ErrorKind::Offline => SyncState::Offline,
                ErrorKind::Throttled => SyncState::Throttled(self.next_call(now)),
                ErrorKind::SignIn | ErrorKind::KeyRefused => SyncState::Auth,
                ErrorKind::Denied => SyncState::Denied,
                ErrorKind::Passing | ErrorKind::Lasting => SyncState::Stale(self.asked_at),
            };
        }
        if self.is_scope_current && self.asked_at.is_some() {
            return self.state_of_source();
        }
        if self.loading || self.asked_at.is_none() {
            return SyncState::Loading {
                met: self.met,
                total: self.total,
            };
        }
        if self.restored {
            return SyncState::Stale(self.asked_at);
        }
        match self.total {
            Some(total) if !self.complete => SyncState::Partial { met: self.met, total },
            _ => self.state_of_source(),
        }
    }

    /// Whether a sweep still brings pods of the shown scope.
    pub fn is_scope_growing(&self) -> bool {
        self.loading && !self.is_scope_current
    }

    /// Whether the collector that answered until now does not answer any more; HSS is not asked in its place.
    pub fn is_collector_away(&self) -> bool {
        let is_silent = |problem: &Problem| problem.error.is_without_answer();
        self.is_on_collector && self.through.is_none() && self.problem.as_ref().is_some_and(is_silent)
    }

    /// The state of a list that was read completely: it is as current as the collector's own, if one answers.
    fn state_of_source(&self) -> SyncState {
        let stale = SyncState::Stale(self.asked_at);
        match self.through {
            None | Some(CollectorState::Fresh) => SyncState::Fresh,
            Some(CollectorState::Loading) => SyncState::Loading {
                met: self.met,
                total: self.total,
            },
            Some(CollectorState::Old) => self.snapshot_at.map_or(stale, SyncState::Old),
            // Its list is the one before the sweep that was incomplete.
            Some(CollectorState::Partial | CollectorState::Stale) => stale,
            Some(CollectorState::Throttled) => SyncState::Throttled(None),
            Some(CollectorState::Auth) => SyncState::Auth,
            Some(CollectorState::Offline) => SyncState::Offline,
            Some(CollectorState::Denied) => SyncState::Denied,
        }
    }

    /// How current HSS's own list is at `now`; a list without a date does not count as old.
    pub fn list_currency(&self, now: Timestamp, limit: ListAgeLimit) -> ListCurrency {
        let age = self
            .snapshot_at
            .map(|at| self.service_time(now).duration_since(at));
        age.map_or(ListCurrency::Current, |age| limit.judge(age))
    }

    /// The state at `now`. A list older than this limit is not fresh, however recently it was checked.
    pub fn state_within(&self, now: Timestamp, limit: ListAgeLimit) -> SyncState {
        match (self.state(now), self.snapshot_at) {
            (SyncState::Fresh, Some(at)) if self.list_currency(now, limit) == ListCurrency::Old => {
                SyncState::Old(at)
            }
            (state, _) => state,
        }
    }

    /// The time of the service's clock when ours shows `at`, as far as the difference is known. HSS's dates
    /// are compared with that clock.
    pub fn service_time(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.skew.unwrap_or_default()).unwrap_or(at)
    }

    /// Until when no call is made because the service named a time, if that time is in the future.
    pub fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        let named = self.problem.as_ref()?.until;
        named
            .filter(|until| *until > now)
            .and_then(|_| self.next_call(now))
    }

    /// When the next call is due, if that time is in the future.
    fn next_call(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.problem.as_ref().and_then(|problem| problem.until);
        self.next_at.or(until).filter(|at| *at > now)
    }

    /// How much of the shown scope is loaded. A failure that stops a sweep does not make it complete.
    pub fn extent(&self) -> Extent {
        if self.whole {
            Extent::Whole
        } else {
            Extent::Short(self.total)
        }
    }

    /// How old a confirmation may be before it counts as overdue: two intervals and the longest call.
    pub fn patience(&self) -> Duration {
        self.interval.saturating_mul(2).saturating_add(LONGEST_CALL)
    }

    /// Since when a call is overdue: nothing was received or sent for two intervals and the longest call,
    /// although a call was due. The task that should have made it is stuck, and the picture is not renewed.
    pub fn overdue(&self, now: Timestamp) -> Option<Timestamp> {
        let patience = SignedDuration::try_from(self.patience()).unwrap_or(SignedDuration::MAX);
        let last = self.asked_at.max(self.called_at)?;
        let due = self.next_at.map_or(last, |next| next.max(last));
        // If a past time is in the future, the clock was set back, and the elapsed time is unknown.
        let is_set_back = now.duration_since(last) < -patience;
        (now.duration_since(due) > patience || is_set_back).then_some(due)
    }
}

#[cfg(test)]
mod tests;
