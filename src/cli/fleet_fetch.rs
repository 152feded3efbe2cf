//! Loads the complete list once, without a screen.
//!
//! Owns when the collector's list is complete, and when waiting is no longer useful. [`ListJudge`] decides
//! that from the collector's reports and the time; [`FleetFetch`] waits. Must not: call, or print.

mod end;

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

pub use end::FetchEnd;

use super::collector_word;
use crate::clock::Clock;
use crate::collector::planned::WaitCause;
use crate::collector::{
    Budgets, Collector, CollectorSettings, Handle, Reply, SourceSetup, SweepPictures, SyncStatus,
};
use crate::fleet::Fleet;
use crate::fleet::list_age::{ListAgeLimit, ListCurrency};
use crate::hss::Setup;
use crate::hss::error::{Error, ErrorKind};
use crate::hss::transport::tls::Trust;
use crate::settings::Settings;
use crate::state::pods_file::{self, PodsRead};
use crate::state::{DiskWait, SavingState};
use crate::ui::format::age;

/// How long the end may take when nothing is written to the disk, or when the time for the whole is over.
const LAST_NOTES: Duration = Duration::from_secs(1);

/// Which list is acceptable, and how long to try.
#[derive(Debug, Clone, Copy, Default)]
pub struct FetchLimits {
    /// The age up to which a saved list is used without a call.
    pub max_age: Option<Duration>,
    /// How long calls may fail in a row.
    pub give_up_after: Duration,
    /// The time limit of the fetch, whatever happens.
    pub timeout: Option<Duration>,
}

/// Decides when to stop waiting for the list.
#[derive(Debug, Default)]
struct ListJudge {
    limits: FetchLimits,
    /// Since when calls fail, and why the last one did.
    failing: Option<(Instant, Error)>,
    /// When HSS had last answered before they began to fail.
    asked_at: Option<Timestamp>,
}

impl ListJudge {
    /// Takes a report that arrived `at` this moment, which is `now` by the clock; returns how it ended, if it
    /// did.
    fn take(&mut self, status: &SyncStatus, now: Timestamp, at: Instant) -> Option<FetchEnd> {
        if status.restored && status.complete && self.is_young(status.asked_at, now) {
            return Some(FetchEnd::Complete { is_stored: true });
        }
        let Some(problem) = &status.problem else {
            self.failing = None;
            let is_answered = status.asked_at.is_some() && !status.restored;
            return match (is_answered && !status.loading, status.complete) {
                (false, _) => None,
                (true, true) => Some(FetchEnd::Complete { is_stored: false }),
                (true, false) => Some(FetchEnd::Short),
            };
        };
        if status.asked_at != self.asked_at {
            (self.failing, self.asked_at) = (None, status.asked_at);
        }
        let since = self.failing.as_ref().map_or(at, |(since, _)| *since);
        self.failing = Some((since, problem.error.clone()));
        let left = self.limits.give_up_after.saturating_sub(at - since);
        let is_hopeless = match problem.error.kind() {
            ErrorKind::SignIn | ErrorKind::KeyRefused | ErrorKind::Denied => true,
            // A single refused page is requested again while the sweep continues.
            ErrorKind::Lasting => !status.loading || matches!(problem.error, Error::NotRecorded { .. }),
            ErrorKind::Offline | ErrorKind::Throttled | ErrorKind::Passing => {
                let wait = problem.until.map(|until| until.duration_since(now));
                let wait = wait.and_then(|wait| Duration::try_from(wait).ok());
                left.is_zero() || wait.is_some_and(|wait| wait > left)
            }
        };
        is_hopeless.then(|| FetchEnd::Failed(Box::new(problem.error.clone())))
    }

    /// Whether a list of this time may be used without a call. A time in the future has no age.
    fn is_young(&self, asked_at: Option<Timestamp>, now: Timestamp) -> bool {
        let age = asked_at.map(|at| now.duration_since(at));
        let age = age.and_then(|age| Duration::try_from(age).ok());
        age.zip(self.limits.max_age)
            .is_some_and(|(age, most)| age <= most)
    }

    /// When it has failed for too long.
    fn gives_up_at(&self) -> Option<Instant> {
        let (since, _) = self.failing.as_ref()?;
        Some(*since + self.limits.give_up_after)
    }

    /// How it ended, if it has failed for too long.
    fn give_up(&mut self) -> FetchEnd {
        let failing = self.failing.take();
        failing.map_or(FetchEnd::Lost, |(_, error)| FetchEnd::Failed(Box::new(error)))
    }
}

/// The list while it is loaded.
#[derive(Debug)]
pub struct FleetFetch {
    /// What the collector last reported.
    pub status: SyncStatus,
    /// The newest picture of the pods, possibly with pods of an earlier run.
    pub fleet: Fleet,
    /// Whether nobody took the picture yet: most reports have none.
    is_new_picture: bool,
    /// What happened to the saved state, such as that its file was put aside; each sentence once.
    pub notices: Vec<String>,
    /// The collector; `None` where the saved list is all that is needed.
    handle: Option<Handle>,
    /// How far it is with saving them.
    saving: watch::Receiver<SavingState>,
    judge: ListJudge,
    /// When the time for the whole is over.
    ends_at: Option<Instant>,
    clock: Clock,
}

impl FleetFetch {
    /// The saved list, where it is complete and as young as it must be: no collector is needed then, and no credential.
    pub fn stored(settings: &Settings, limits: FetchLimits, clock: &Clock) -> Option<Self> {
        let path = settings.state.as_deref()?;
        let PodsRead { header, pods } = pods_file::young(path, clock.now(), limits.max_age?)?;
        let fleet = pods.into_fleet(settings.source.id);
        Some(Self {
            status: SyncStatus {
                asked_at: header.facts.asked_at,
                snapshot_at: header.facts.snapshot_at,
                total: header.facts.total,
                met: fleet.len() as u64,
                complete: true,
                restored: true,
                interval: settings.interval,
                ..SyncStatus::default()
            },
            fleet,
            is_new_picture: true,
            notices: Vec::new(),
            handle: None,
            saving: watch::channel(SavingState::default()).1,
            ends_at: None,
            judge: ListJudge {
                limits,
                ..ListJudge::default()
            },
            clock: clock.clone(),
        })
    }

    /// Starts the collector.
    pub fn start(
        settings: &Settings,
        (setup, trust): (Setup, Arc<Trust>),
        limits: FetchLimits,
        clock: &Clock,
    ) -> Self {
        let mut limits = limits;
        if settings.source.recorded_at.is_some() {
            // A failure that was not overcome before the recording ended is the end of its replay.
            limits.give_up_after = Duration::ZERO;
        }
        let mut source = settings.source_setup(setup, trust, settings.request());
        source.accepted_age = limits.max_age;
        // A list ends sooner with more of them on their way.
        source.pages_ahead = 2;
        Self::of_source(source, limits, clock)
    }

    /// Starts the collector with this source.
    pub fn of_source(source: SourceSetup, limits: FetchLimits, clock: &Clock) -> Self {
        let (saving_in, saving) = watch::channel(SavingState::default());
        let source = SourceSetup {
            disk: DiskWait::WhileItWrites(saving_in),
            ..source
        };
        let judge = ListJudge {
            limits,
            ..ListJudge::default()
        };
        Self {
            status: SyncStatus::default(),
            fleet: Fleet::default(),
            is_new_picture: false,
            notices: Vec::new(),
            handle: Some(Collector::start(
                vec![source],
                CollectorSettings {
                    pictures: SweepPictures::AsItGrows,
                    ..CollectorSettings::default()
                },
                &Budgets::default(),
                clock,
            )),
            saving,
            judge,
            ends_at: limits.timeout.and_then(|time| Instant::now().checked_add(time)),
            clock: clock.clone(),
        }
    }

    /// Waits for the next report; returns how it ended, if it did. Nothing is lost if the wait is cancelled.
    pub async fn next(&mut self) -> Option<FetchEnd> {
        loop {
            let Some(handle) = &mut self.handle else {
                // As young as it was when it was read: it has only just been.
                return Some(FetchEnd::Complete { is_stored: true });
            };
            let (gives_up_at, ends_at) = (self.judge.gives_up_at(), self.ends_at);
            let reply = tokio::select! {
                biased;
                reply = handle.replies.recv() => reply,
                () = sleep_until(gives_up_at.unwrap_or_else(Instant::now)), if gives_up_at.is_some() => {
                    return Some(self.judge.give_up());
                }
                () = sleep_until(ends_at.unwrap_or_else(Instant::now)), if ends_at.is_some() => {
                    return Some(self.over());
                }
            };
            let Some(reply) = reply else {
                return Some(FetchEnd::Lost);
            };
            if let Poll::Ready(end) = self.take(reply) {
                return end;
            }
        }
    }

    /// The same with a report that is there already; pending if none is. The collector waits while several reports are not taken,
    /// so whoever is busy takes them in between.
    pub fn next_waiting(&mut self) -> Poll<Option<FetchEnd>> {
        let Some(handle) = &mut self.handle else {
            return Poll::Ready(Some(FetchEnd::Complete { is_stored: true }));
        };
        match handle.replies.try_recv() {
            Ok(reply) => self.take(reply),
            Err(TryRecvError::Empty) if self.ends_at.is_some_and(|at| at <= Instant::now()) => {
                Poll::Ready(Some(self.over()))
            }
            Err(TryRecvError::Empty) => Poll::Pending,
            Err(TryRecvError::Disconnected) => Poll::Ready(Some(FetchEnd::Lost)),
        }
    }

    /// Takes a reply; pending if it is no report.
    fn take(&mut self, reply: Reply) -> Poll<Option<FetchEnd>> {
        let Some((status, fleet)) = reply.into_list() else {
            return Poll::Pending;
        };
        if let Some(fleet) = fleet {
            (self.fleet, self.is_new_picture) = (fleet, true);
        }
        self.status = status;
        // The next report does not have it.
        self.notices.extend(self.status.state_notice.take());
        // Each report has it as long as it lasts.
        let trouble = self.status.state_trouble.as_ref();
        let untold = trouble.filter(|trouble| !self.notices.contains(trouble));
        self.notices.extend(untold.cloned());
        Poll::Ready(self.judge.take(&self.status, self.clock.now(), Instant::now()))
    }

    /// Whether there is a picture of the running sweep that nobody took.
    pub fn has_new_picture(&self) -> bool {
        self.is_new_picture && self.is_sweeping()
    }

    /// Takes that picture.
    pub fn new_picture(&mut self) -> Option<Fleet> {
        let is_new = self.has_new_picture();
        self.is_new_picture &= !is_new;
        is_new.then(|| self.fleet.clone())
    }

    /// How it ended when the time for the whole is over: with the error if calls were failing.
    fn over(&mut self) -> FetchEnd {
        if self.judge.failing.is_some() {
            return self.judge.give_up();
        }
        let after = self.judge.limits.timeout.unwrap_or_default();
        let waits = matches!(self.status.wait_cause, WaitCause::Calls | WaitCause::Ledger);
        if self.status.calls_made == 0 && waits {
            return FetchEnd::Unasked { after };
        }
        FetchEnd::TimedOut {
            after,
            is_answered: self.status.asked_at.is_some() && !self.status.restored,
        }
    }

    /// Whether the sweep's pods are known, so that they may be shown before it ends.
    pub fn is_sweeping(&self) -> bool {
        self.status.loading && !self.status.restored && self.status.asked_at.is_some()
    }

    /// The time by the service's clock, which dates the pods.
    pub fn service_now(&self) -> Timestamp {
        self.status.service_time(self.clock.now())
    }

    /// How old HSS's list is, in words.
    pub fn list_age(&self) -> Option<String> {
        let at = self.status.snapshot_at?;
        Some(age(self.service_now().duration_since(at).as_secs()))
    }

    /// Why the list of the collector that answered does not show the present, in a sentence.
    pub fn collector_doubt(&self) -> Option<String> {
        collector_word::doubt(&self.status, self.clock.now(), self.judge.limits.max_age)
    }

    /// That HSS's list is old, in a sentence, where its age is at least of this kind.
    pub fn old_list(&self, limit: ListAgeLimit, least: ListCurrency) -> Option<String> {
        let currency = self.status.list_currency(self.clock.now(), limit);
        let age = self.list_age().filter(|_| currency >= least)?;
        Some(format!(
            "HSS's list is {age} old: synchronise it in the console, or with :sync"
        ))
    }

    /// Ends the collector; waits while it saves its data, as long as the disk writes and there is time. Returns why not all of it
    /// is saved, if nobody was told that yet.
    pub async fn close(self) -> Option<String> {
        let Handle {
            requests,
            replies,
            tasks: _running,
        } = self.handle?;
        drop((requests, replies));
        let mut saving = self.saving;
        let begins = saving.wait_for(|state| *state != SavingState::Collecting);
        // Without a state file it just ends, and a call on its way is not waited for.
        timeout(LAST_NOTES, begins).await.ok()?.ok()?;
        let over = saving.wait_for(|state| matches!(state, SavingState::Over { .. }));
        let state = match self.ends_at {
            Some(at) => timeout_at(at.max(Instant::now() + LAST_NOTES), over).await,
            None => Ok(over.await),
        };
        let unsaved = match state {
            Ok(state) => match &*state.ok()? {
                SavingState::Over { unsaved } => unsaved.clone(),
                SavingState::Collecting | SavingState::Writing => None,
            },
            Err(_) => {
                Some("the list is not saved: --timeout was over before the disk had written it".to_owned())
            }
        };
        unsaved.filter(|why| !self.notices.contains(why))
    }
}

#[cfg(test)]
mod tests;
