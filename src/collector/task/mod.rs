//! The fetch task: waits, calls, merges, reports. [`super::plan`] chooses the next call.

mod ahead;
mod attempt;
mod claims;
mod faults;
mod on_collector;
mod outcome;
mod persist;
mod problems;
mod report;
mod restore;
#[cfg(test)]
mod tests;
mod totals;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::budgets::{BudgetKey, BudgetShare, Budgets};
use super::clocks::Clocks;
use super::counted::Turn;
use super::ledger::Ledger;
use super::plan::Plan;
use super::planned::{CallPurpose, PlannedCall, Step};
use super::retry::Jitter;
pub use super::source::{FetchRequest, FetchSupport, News, PodSource, Reply, SweepPictures, SyncSettings};
use super::status::SyncStatus;
use crate::clock::Clock;
use crate::fleet::{SourceId, Store};
use crate::hss::{Error, ListPods};
use crate::state::{DiskWait, Recorder, SavingState};
use ahead::AheadCall;
use claims::Turns;
use on_collector::next_news;
pub use on_collector::{CollectorNews, CollectorPort};
use problems::Problems;
use restore::{Restoring, next_restored};
use totals::TotalsByScope;

/// How often newly available calls are reported at most.
const CALLS_TOLD_EVERY: Duration = Duration::from_secs(5);

/// The event loop has ended: nobody needs the data.
struct Gone;

struct Fetcher<S> {
    source: Arc<S>,
    call: ListPods,
    plan: Plan,
    id: SourceId,
    budget: BudgetShare,
    chance: Jitter,
    clock: Clock,
    clocks: Clocks,
    wanted: watch::Receiver<FetchRequest>,
    replies: mpsc::Sender<Reply>,
    store: Store,
    status: SyncStatus,
    totals: TotalsByScope,
    problems: Problems,
    last_picture: Option<Instant>,
    /// How many records the sweep had met then.
    pictured: u64,
    /// Which pictures are sent while a sweep is running.
    pictures: SweepPictures,
    /// Failures since the last answer.
    failures: u32,
    recorder: Option<Recorder>,
    /// Whether it waits for the disk.
    disk: DiskWait,
    /// The rest of the saved data of an earlier run.
    restoring: Option<Restoring>,
    /// The age up to which saved data is used without a call.
    accepted_age: Option<Duration>,
    pages_ahead: usize,
    /// How many changes were saved.
    noted: u64,
    /// The ledger shared with other programs; without it, this program only counts its own calls.
    ledger: Option<Ledger>,
    turns: Turns,
    /// The task that follows a collector.
    collector: Option<CollectorPort>,
    /// Whether the current call was sent again because its connection was closed.
    resent: bool,
    /// The next calls that are sent already, in their order.
    ahead: VecDeque<AheadCall>,
}

/// Runs until the event loop ends. Data that `recorder` saved in an earlier run is shown before any call is
/// made; if reading it takes long, it is shown when it arrives.
pub async fn run<S: PodSource>(
    source: S,
    settings: SyncSettings,
    recorder: Option<Recorder>,
    wanted: watch::Receiver<FetchRequest>,
    replies: mpsc::Sender<Reply>,
    clock: Clock,
) {
    run_sharing(None, source, settings, recorder, wanted, replies, clock).await;
}

/// The same, with a budget that is shared with the other programs of this machine.
pub async fn run_sharing<S: PodSource>(
    ledger: Option<Ledger>,
    source: S,
    settings: SyncSettings,
    recorder: Option<Recorder>,
    wanted: watch::Receiver<FetchRequest>,
    replies: mpsc::Sender<Reply>,
    clock: Clock,
) {
    let support = FetchSupport {
        id: SourceId::default(),
        budget: Budgets::default().share(BudgetKey::default(), settings.calls_per_minute),
        ledger,
        recorder,
        disk: DiskWait::Never,
        accepted_age: None,
        pages_ahead: crate::collector::PAGES_AHEAD,
        pictures: SweepPictures::default(),
        collector: None,
    };
    run_supported(support, source, settings, wanted, replies, clock).await;
}

/// The same, as one of several sources.
pub async fn run_supported<S: PodSource>(
    support: FetchSupport,
    source: S,
    settings: SyncSettings,
    mut wanted: watch::Receiver<FetchRequest>,
    replies: mpsc::Sender<Reply>,
    clock: Clock,
) {
    let seed = u64::try_from(clock.now().as_nanosecond() & i128::from(u32::MAX)).unwrap_or_default();
    let request = wanted.borrow_and_update().clone();
    let status = SyncStatus {
        called_at: Some(clock.now()),
        ..SyncStatus::default()
    };
    let fetcher = Fetcher {
        source: Arc::new(source),
        plan: Plan::new(settings.call.limit(), request, Instant::now()),
        call: settings.call,
        id: support.id,
        budget: support.budget,
        chance: Jitter::from_seed(seed),
        clocks: Clocks::new(Instant::now(), clock.now()),
        clock,
        wanted,
        replies,
        store: Store::of(support.id),
        status,
        totals: TotalsByScope::default(),
        problems: Problems::default(),
        last_picture: None,
        pictured: 0,
        pictures: support.pictures,
        failures: 0,
        recorder: support.recorder,
        disk: support.disk.clone(),
        restoring: None,
        accepted_age: support.accepted_age,
        pages_ahead: support.pages_ahead,
        noted: 0,
        ledger: support.ledger,
        turns: Turns::default(),
        collector: support.collector,
        resent: false,
        ahead: VecDeque::new(),
    };
    if let Some(recorder) = Box::pin(fetcher.run()).await {
        match support.disk {
            DiskWait::Never => recorder.finish().await,
            DiskWait::WhileItWrites(state) => {
                state.send_replace(SavingState::Writing);
                let unsaved = recorder.finish_while_it_writes().await;
                state.send_replace(SavingState::Over { unsaved });
            }
        }
    }
}

impl<S: PodSource> Fetcher<S> {
    /// Works until the event loop ends; returns data that may still have to be written.
    async fn run(mut self) -> Option<Recorder> {
        let Gone = self.work().await;
        self.ahead.clear();
        self.settle().await;
        self.tell_the_ledger().await;
        self.leave_the_queue().await;
        self.note_changes();
        self.recorder
    }

    async fn work(&mut self) -> Gone {
        if let Err(gone) = self.restore().await {
            return gone;
        }
        // The budget is known before the first request.
        if let Err(gone) = self.tell(false).await {
            return gone;
        }
        loop {
            if let Err(gone) = self.step().await {
                return gone;
            }
        }
    }

    async fn step(&mut self) -> Result<(), Gone> {
        self.look().await?;
        self.wait_for_the_disk().await?;
        let now = Instant::now();
        self.budget.forget(now);
        // The next call if one is available. The plan only advances once the call is granted.
        let mut plan = self.plan.clone();
        let step = plan.next(now, &self.budget_at(now).of_the_service());
        let is_sent = matches!(&step, Step::Ask(planned) if self.is_sent(planned));
        if !is_sent {
            self.forget_ahead().await;
        }
        match step {
            Step::Wait(until) => {
                self.plan = plan;
                self.leave_the_queue().await;
                self.wait(until).await
            }
            Step::Ask(planned) => {
                let call = match self.call_for(&planned) {
                    Ok(call) => call,
                    Err(refused) => {
                        self.plan = plan;
                        return self.failed(&planned, refused).await;
                    }
                };
                let turn = if is_sent {
                    Turn::Go
                } else {
                    self.claim(&planned).await
                };
                match turn {
                    Turn::Go => {
                        self.plan = plan;
                        self.ask(planned, call).await
                    }
                    Turn::Later(at) => {
                        self.plan.not_before(Instant::now());
                        self.wait_for_turn(at).await
                    }
                }
            }
        }
    }

    fn call_for(&self, planned: &PlannedCall) -> Result<ListPods, Error> {
        let call = self.call.within(planned.scope.clone());
        Ok(call.and_then(|call| call.at(planned.offset))?)
    }

    /// Takes the current request. Returns whether the operator asks again.
    async fn look(&mut self) -> Result<bool, Gone> {
        let request = self.wanted.borrow_and_update().clone();
        self.status.interval = request.interval;
        let turns = request.scope != *self.plan.scope();
        let asks_anew = self.plan.want(request, Instant::now());
        if asks_anew {
            self.budget.ask_anew();
            self.turns.asked = true;
        }
        // The state of one scope is not shown for another one before its first answer.
        if turns {
            self.tell(false).await?;
        }
        Ok(asks_anew)
    }

    /// Reports, for the current request.
    async fn tell(&mut self, picture_now: bool) -> Result<(), Gone> {
        self.totals.turn_to(self.plan.fleet_scope());
        self.status.problem = self.problems.shown(&self.wanted.borrow()).cloned();
        self.report(picture_now).await
    }

    /// Waits until `until`, or until the request changes.
    async fn wait(&mut self, until: Instant) -> Result<(), Gone> {
        self.tell_the_ledger().await;
        self.look_at_the_ledger().await;
        // The call that is due then may have to wait for the budget.
        let now = Instant::now();
        let ready = self.budget_at(now).ready_at(now);
        self.status.next_at = Some(self.time_of(until.max(ready)));
        self.name_wait(until, ready);
        self.tell(true).await?;
        // Vanished pods are removed in time, whatever is due.
        let forget = self.store.next_forget().map(|at| self.instant_of(at));
        // Newly available calls are reported from time to time.
        let now = Instant::now();
        let free = self
            .budget_at(now)
            .next_free(now)
            .map(|at| at.max(now + CALLS_TOLD_EVERY));
        // So are the calls that other programs make.
        let look = self.ledger.as_ref().map(|_| now + CALLS_TOLD_EVERY);
        let until = forget
            .into_iter()
            .chain(free)
            .chain(look)
            .fold(until, Instant::min);
        self.sleep(until).await
    }

    async fn sleep(&mut self, until: Instant) -> Result<(), Gone> {
        loop {
            tokio::select! {
                biased;
                changed = self.wanted.changed() => return changed.map_err(|_| Gone),
                () = self.clocks.jumped(&self.clock) => {
                    self.plan.clocks_parted(Instant::now());
                    return Ok(());
                }
                () = sleep_until(until) => return Ok(()),
                news = next_news(&mut self.collector) => if self.take_news(news).await? {
                    return Ok(());
                },
                part = next_restored(&mut self.restoring) => {
                    self.take_restored(part).await?;
                    // Reading saved data may be the only work.
                    if self.restoring.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Makes a planned call, and tells the plan its result.
    async fn ask(&mut self, planned: PlannedCall, call: ListPods) -> Result<(), Gone> {
        if planned.begins
            && let Some(kind) = planned.purpose.kind()
        {
            self.store.begin_sweep(kind);
        }
        self.status.next_at = None;
        let outcome = self.call(&planned, &call).await?;
        if !(self.is_persisted(&planned) && matches!(outcome, Some(Ok(_)))) {
            self.note_changes();
        }
        match outcome {
            None => Ok(()),
            Some(Ok(answer)) => self.answered(&planned, answer).await,
            Some(Err(error)) => self.failed(&planned, error).await,
        }
    }

    /// Whether the answer to this call is worth saving. Only the fleet as it was at the start is saved, even
    /// if everything was requested since.
    fn is_persisted(&self, planned: &PlannedCall) -> bool {
        planned.purpose == CallPurpose::Fleet && planned.scope == *self.call.scope()
    }
}
