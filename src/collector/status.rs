//! How current the fleet is, and the word for it.
//!
//! [`SyncStatus`] is what the fetch task reports; [`SyncStatus::state`] turns it into the one word that the screen
//! shows, with the time as an argument, because a picture that nobody renews goes stale by itself.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::collector::ledger::record::OtherPrograms;
use crate::collector::planned::WaitCause;
use crate::fleet::RemoteText;
use crate::fleet::list_age::{ListAgeLimit, ListCurrency};
use crate::hss::call_record::CallRecords;
use crate::hss::error::ErrorKind;
use crate::hss::skew::ClockDoubt;
use crate::hss::transport::LONGEST_CALL;
use crate::hss::{Error, ProjectId};

/// What the fetch task knows of its work.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// `last_update_time` of the newest answer: when HSS last looked.
    pub snapshot_at: Option<Timestamp>,
    /// When an answer last arrived.
    pub asked_at: Option<Timestamp>,
    /// When the next call is due.
    pub next_at: Option<Timestamp>,
    /// When the newest call was begun; before the first one, when the program was.
    pub called_at: Option<Timestamp>,
    /// Since when the call under way was not answered, once it takes longer than calls do.
    pub asking_since: Option<Timestamp>,
    /// Calls that the budget still allows in this window.
    pub calls_left: usize,
    /// Until when HSS asked for no call at all.
    pub held_until: Option<Timestamp>,
    /// Calls that it allows in a window.
    pub calls_limit: usize,
    /// Calls of this window that other runs of hss-top on this machine made.
    pub calls_of_others: usize,
    /// The programs that made them.
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
    /// Records that the answers say there are.
    pub total: Option<u64>,
    /// Whether a sweep is under way, or nothing came yet of what the screen turned to.
    pub loading: bool,
    /// Whether the list changed under the sweep under way, or under the last one so that it is not of one state.
    pub moved: bool,
    /// Records that the sweep under way meets in a minute.
    pub pace: Option<u64>,
    /// When the sweep will be over, at its pace so far or that of the budget.
    pub done_at: Option<Timestamp>,
    /// Whether the last sweep that ended met everything.
    pub complete: bool,
    /// Whether all of what is looked at is known: a sweep met everything of it, or of the fleet around it.
    pub whole: bool,
    /// Why the last call failed; `None` since it worked again. A part that fails is told of as long as it is looked at.
    pub problem: Option<Problem>,
    /// How often the list is asked for.
    pub interval: Duration,
    /// Whether what is known is of an earlier run: nothing came yet.
    pub restored: bool,
    /// Whether what an earlier run stored is still read.
    pub restoring: bool,
    /// Why nothing is kept on disk at the moment.
    pub state_trouble: Option<String>,
    /// What was odd about what was kept on disk; told once.
    pub state_notice: Option<String>,
    /// The project that is asked about, once it is known.
    pub project: Option<ProjectId>,
    /// How far this machine's clock is behind the service's.
    pub skew: Option<SignedDuration>,
    /// By how much the service's clock and this machine's differ, where that is not believed.
    pub clock_doubt: Option<ClockDoubt>,
    /// The date of the newest answer, where it cannot be so.
    pub odd_date: Option<RemoteText>,
    /// `last_update_time` of the newest answer, where HSS cannot have looked then.
    pub odd_snapshot: Option<RemoteText>,
    /// `total_num` of the newest answer as it came, where it is no number of pods.
    pub odd_total: Option<RemoteText>,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub error: Error,
    /// When calls may be made again, where the service named it.
    pub until: Option<Timestamp>,
}

/// How much of what is looked at is known, whatever the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it, as of the last sweep that met everything.
    Whole,
    /// No sweep met everything yet. The records that there are, if an answer told.
    Short(Option<u64>),
}

/// The state word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncState {
    /// All of the fleet, as of the snapshot.
    Fresh,
    /// A sweep is under way.
    Loading {
        /// Records met.
        met: u64,
        /// Records there are, if known.
        total: Option<u64>,
    },
    /// The last sweep ended short.
    Partial {
        /// Records met.
        met: u64,
        /// Records there should be.
        total: u64,
    },
    /// All of the fleet, but as of a list that HSS has not renewed since then.
    Old(Timestamp),
    /// What is shown is old, since the last answer; or nothing ever came.
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
    /// Whether what is shown may be taken for what is. A picture that nobody renews has to look so as a whole.
    pub fn is_current(self) -> bool {
        match self {
            Self::Fresh | Self::Loading { .. } | Self::Partial { .. } | Self::Throttled(_) => true,
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
            _ => SyncState::Fresh,
        }
    }

    /// How current HSS's own list is at `now`; one without a date is not known to be old.
    pub fn list_currency(&self, now: Timestamp, limit: ListAgeLimit) -> ListCurrency {
        let age = self
            .snapshot_at
            .map(|at| self.service_time(now).duration_since(at));
        age.map_or(ListCurrency::Current, |age| limit.judge(age))
    }

    /// The state at `now`, where a list that is older than this limit allows is not fresh, however lately it was checked.
    pub fn state_within(&self, now: Timestamp, limit: ListAgeLimit) -> SyncState {
        match (self.state(now), self.snapshot_at) {
            (SyncState::Fresh, Some(at)) if self.list_currency(now, limit) == ListCurrency::Old => {
                SyncState::Old(at)
            }
            (state, _) => state,
        }
    }

    /// What the service's clock shows when ours shows `at`, as far as the difference is known. What HSS dates is as old as
    /// that clock says.
    pub fn service_time(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.skew.unwrap_or_default()).unwrap_or(at)
    }

    /// Until when no call is made because the service named a time, as far as that is still to come.
    pub fn waits_until(&self, now: Timestamp) -> Option<Timestamp> {
        let named = self.problem.as_ref()?.until;
        named
            .filter(|until| *until > now)
            .and_then(|_| self.next_call(now))
    }

    /// When the next call is due, as far as that is still to come.
    fn next_call(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.problem.as_ref().and_then(|problem| problem.until);
        self.next_at.or(until).filter(|at| *at > now)
    }

    /// How much of what is looked at is known. Trouble that stops a sweep does not make it whole.
    pub fn extent(&self) -> Extent {
        if self.whole {
            Extent::Whole
        } else {
            Extent::Short(self.total)
        }
    }

    /// Since when a call is overdue: nothing came and nothing was begun for two intervals and the longest call, though it
    /// was due. Whoever should have made it is stuck, and nobody renews the picture.
    pub fn overdue(&self, now: Timestamp) -> Option<Timestamp> {
        let patience = self.interval.saturating_mul(2).saturating_add(LONGEST_CALL);
        let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
        let last = self.asked_at.max(self.called_at)?;
        let due = self.next_at.map_or(last, |next| next.max(last));
        // Where what is past lies ahead, the clock was set back, and nobody knows how long it has been.
        let is_set_back = now.duration_since(last) < -patience;
        (now.duration_since(due) > patience || is_set_back).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + second).unwrap()
    }

    fn settled() -> SyncStatus {
        SyncStatus {
            asked_at: Some(at(0)),
            met: 10,
            total: Some(10),
            complete: true,
            interval: Duration::from_mins(1),
            ..SyncStatus::default()
        }
    }

    #[test]
    fn a_picture_that_nobody_renews_goes_stale() {
        assert_eq!(settled().state(at(60)), SyncState::Fresh);
        assert_eq!(settled().state(at(150)), SyncState::Fresh);
        assert_eq!(settled().state(at(151)), SyncState::Stale(Some(at(0))));
    }

    #[test]
    fn whoever_is_stuck_the_picture_goes_stale() {
        let stale = SyncState::Stale(Some(at(0)));
        let error = Error::TimedOut {
            waiting_for: "an answer",
            after: Duration::from_secs(30),
        };
        let in_trouble = SyncStatus {
            problem: Some(Problem {
                error,
                until: Some(at(60)),
            }),
            ..settled()
        };
        let loading = SyncStatus {
            loading: true,
            ..settled()
        };
        for stuck in [settled(), loading.clone(), in_trouble] {
            assert_eq!(stuck.state(at(151)), stale, "{stuck:?}");
            assert_eq!(stuck.overdue(at(151)), Some(at(0)));
        }
        // A pause that the service asked for is none of ours, however long it is; nor is a call that was just begun.
        let waits = SyncStatus {
            next_at: Some(at(3600)),
            ..settled()
        };
        assert_eq!(
            (waits.overdue(at(3600)), waits.overdue(at(3751))),
            (None, Some(at(3600)))
        );
        let calls = SyncStatus {
            called_at: Some(at(600)),
            ..loading
        };
        assert_eq!(
            (calls.overdue(at(700)), calls.overdue(at(751))),
            (None, Some(at(600)))
        );
        // Nothing ever came.
        let first = SyncStatus {
            called_at: Some(at(0)),
            interval: Duration::from_mins(1),
            ..SyncStatus::default()
        };
        assert_eq!(first.state(at(150)).word(), "LOADING");
        assert_eq!(first.state(at(151)), SyncState::Stale(None));
    }

    #[test]
    fn a_clock_that_was_set_back_makes_the_picture_stale_and_not_young() {
        // So many seconds ahead of the clock is what an earlier run left.
        for (ahead, word) in [(0, "FRESH"), (150, "FRESH"), (151, "STALE"), (86_400, "STALE")] {
            assert_eq!(settled().state(at(-ahead)).word(), word, "{ahead}");
        }
        let ahead = SyncStatus {
            next_at: Some(at(60)),
            ..settled()
        };
        assert_eq!(ahead.overdue(at(-86_400)), Some(at(60)));
    }

    #[test]
    fn a_list_that_hss_does_not_renew_is_old_however_lately_it_was_checked() {
        let limit = ListAgeLimit::default();
        let of = |hours: i64| SyncStatus {
            snapshot_at: Some(at(-hours * 3600)),
            ..settled()
        };
        for (hours, word, currency) in [
            (0, "FRESH", ListCurrency::Current),
            (26, "FRESH", ListCurrency::Current),
            (27, "FRESH", ListCurrency::Aging),
            (50, "FRESH", ListCurrency::Aging),
            (51, "OLD", ListCurrency::Old),
        ] {
            let status = of(hours);
            assert_eq!(status.state_within(at(0), limit).word(), word, "{hours} h");
            assert_eq!(status.list_currency(at(0), limit), currency, "{hours} h");
        }
        // The age is judged by the service's clock.
        let ahead = SyncStatus {
            skew: Some(SignedDuration::from_hours(-30)),
            ..of(51)
        };
        assert_eq!(ahead.state_within(at(0), limit), SyncState::Fresh);
        let unknown = settled().state_within(at(0), limit);
        assert_eq!(unknown, SyncState::Fresh, "no date is no proof of age");
        let loading = SyncStatus {
            loading: true,
            ..of(99)
        };
        assert_eq!(loading.state_within(at(0), limit).word(), "LOADING");
    }

    #[test]
    fn a_short_sweep_is_partial_and_a_sweep_under_way_is_loading() {
        let short = SyncStatus {
            met: 1,
            total: Some(107),
            complete: false,
            ..settled()
        };
        assert_eq!(short.state(at(1)), SyncState::Partial { met: 1, total: 107 });
        let loading = SyncStatus {
            loading: true,
            ..short
        };
        assert_eq!(
            loading.state(at(1)),
            SyncState::Loading {
                met: 1,
                total: Some(107)
            }
        );
        assert_eq!(
            SyncStatus::default().state(at(1)),
            SyncState::Loading { met: 0, total: None }
        );
    }

    #[test]
    fn trouble_names_itself() {
        let error = Error::TimedOut {
            waiting_for: "an answer",
            after: Duration::from_secs(30),
        };
        let status = SyncStatus {
            problem: Some(Problem { error, until: None }),
            ..settled()
        };
        assert_eq!(status.state(at(1)).word(), "STALE");
    }

    #[test]
    fn trouble_in_the_middle_of_a_sweep_does_not_make_it_whole() {
        let error = Error::TimedOut {
            waiting_for: "an answer",
            after: Duration::from_secs(30),
        };
        let stopped = SyncStatus {
            total: Some(3040),
            complete: false,
            problem: Some(Problem { error, until: None }),
            ..settled()
        };
        assert_eq!(stopped.extent(), Extent::Short(Some(3040)));
        assert_eq!(SyncStatus::default().extent(), Extent::Short(None));
        let whole = SyncStatus {
            whole: true,
            ..stopped
        };
        assert_eq!(whole.extent(), Extent::Whole);
    }
}
