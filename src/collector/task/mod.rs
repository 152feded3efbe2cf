//! The fetch task itself: waits, calls, merges, reports. Which call is next is [`super::plan`]'s.

mod claims;
mod faults;
mod persist;
mod problems;
mod report;
mod restore;
#[cfg(test)]
mod tests;
mod totals;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::budgets::{BudgetKey, BudgetShare, Budgets};
use super::clocks::Clocks;
use super::counted::Turn;
use super::dates;
use super::ledger::{ASKS_AGAIN, Ledger};
use super::plan::Plan;
use super::planned::{CallPurpose, Fault, Outcome, PlannedCall, Step};
use super::retry::Jitter;
pub use super::source::{FetchRequest, FetchSupport, News, PodSource, Reply, SyncSettings};
use super::status::{Problem, SyncStatus};
use super::sweep::PageFacts;
use crate::clock::Clock;
use crate::fleet::raw::List;
use crate::fleet::{SourceId, Store};
use crate::hss::wire::stored;
use crate::hss::{Answer, Error, ListPods};
use crate::state::Recorder;
use claims::Turns;
use problems::Problems;
use restore::{Restoring, next_restored};
use totals::TotalsByScope;

/// A call that takes longer is told, and is given up for a new one when the operator asks.
const HANGS: Duration = Duration::from_secs(3);

/// How often it is told at most that the budget has more calls left.
const CALLS_TOLD_EVERY: Duration = Duration::from_secs(5);

/// The event loop is gone: there is nobody to fetch for.
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
    /// Failures since the last answer.
    failures: u32,
    recorder: Option<Recorder>,
    /// What is still to come of an earlier run.
    restoring: Option<Restoring>,
    /// How old what an earlier run stored may be so that no call is made for it.
    accepted_age: Option<Duration>,
    /// How many of the changes were noted.
    noted: u64,
    /// What is shared with other programs; without it, this one counts for itself.
    ledger: Option<Ledger>,
    turns: Turns,
    /// Whether the call under way was sent again because its connection was closed.
    resent: bool,
}

/// Runs until the event loop is gone. What `recorder` stored of an earlier run is shown before any call is made, unless it
/// takes long to read: then it is shown when it comes.
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
        accepted_age: None,
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
        failures: 0,
        recorder: support.recorder,
        restoring: None,
        accepted_age: support.accepted_age,
        noted: 0,
        ledger: support.ledger,
        turns: Turns::default(),
        resent: false,
    };
    if let Some(recorder) = fetcher.run().await {
        recorder.finish().await;
    }
}

impl<S: PodSource> Fetcher<S> {
    /// Works until the event loop is gone; gives back what may still have to be written.
    async fn run(mut self) -> Option<Recorder> {
        let Gone = self.work().await;
        self.settle().await;
        self.leave_the_queue().await;
        self.note_changes();
        self.recorder
    }

    async fn work(&mut self) -> Gone {
        if let Err(gone) = self.restore().await {
            return gone;
        }
        // What the budget allows is known before anything is asked.
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
        let now = Instant::now();
        self.budget.forget(now);
        // What is due if a call is free. The plan only advances once the call is granted.
        let mut plan = self.plan.clone();
        match plan.next(now, &self.budget.view(now).of_the_service()) {
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
                match self.claim(&planned).await {
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

    /// Takes what is wanted now. Answers whether the operator asks anew.
    async fn look(&mut self) -> Result<bool, Gone> {
        let request = self.wanted.borrow_and_update().clone();
        self.status.interval = request.interval;
        let turns = request.scope != *self.plan.scope();
        let asks_anew = self.plan.want(request, Instant::now());
        if asks_anew {
            self.budget.ask_anew();
            self.turns.asked = true;
        }
        // What holds of one scope is not shown of another until a call has come back.
        if turns {
            self.tell(false).await?;
        }
        Ok(asks_anew)
    }

    /// Reports, as of what is wanted now.
    async fn tell(&mut self, picture_now: bool) -> Result<(), Gone> {
        self.totals.turn_to(self.plan.fleet_scope());
        self.status.problem = self.problems.shown(&self.wanted.borrow()).cloned();
        self.report(picture_now).await
    }

    /// Waits until `until`, or until something else is wanted.
    async fn wait(&mut self, until: Instant) -> Result<(), Gone> {
        self.look_at_the_ledger().await;
        // What is due then may have to wait for a call that is free.
        let now = Instant::now();
        let ready = self.budget.view(now).ready_at(now);
        self.status.next_at = Some(self.time_of(until.max(ready)));
        self.tell(true).await?;
        // A pod that was gone long enough goes in time, whatever is due.
        let forget = self.store.next_forget().map(|at| self.instant_of(at));
        // Calls that come free are told, at times.
        let now = Instant::now();
        let free = self
            .budget
            .view(now)
            .next_free(now)
            .map(|at| at.max(now + CALLS_TOLD_EVERY));
        // So are calls that others spend.
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
                part = next_restored(&mut self.restoring) => {
                    self.take_restored(part).await?;
                    // What was stored may be all that is due.
                    if self.restoring.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Makes a call that the plan ordered, and tells the plan what came of it.
    async fn ask(&mut self, planned: PlannedCall, call: ListPods) -> Result<(), Gone> {
        if planned.begins
            && let Some(kind) = planned.purpose.kind()
        {
            self.store.begin_sweep(kind);
        }
        self.status.next_at = None;
        let outcome = self.call(&planned, &call).await?;
        if !(self.is_kept(&planned) && matches!(outcome, Some(Ok(_)))) {
            self.note_changes();
        }
        match outcome {
            None => Ok(()),
            Some(Ok(answer)) => self.answered(&planned, answer).await,
            Some(Err(error)) => self.failed(&planned, error).await,
        }
    }

    /// Whether the answer to this order is worth keeping. The fleet may be the whole by now: what is kept is of what it was at
    /// the start.
    fn is_kept(&self, planned: &PlannedCall) -> bool {
        planned.purpose == CallPurpose::Fleet && planned.scope == *self.call.scope()
    }

    /// Sends the call, which was claimed, and once more where what made it fail could be put right. Every attempt is
    /// claimed. `None` if the answer is of no use any more.
    async fn call(
        &mut self,
        planned: &PlannedCall,
        call: &ListPods,
    ) -> Result<Option<Result<Answer, Error>>, Gone> {
        self.resent = false;
        let result = self.attempt(planned, call).await;
        self.status.asking_since = None;
        // A sign-in may have come first, so that the service counted the call much later than it was claimed.
        self.settle().await;
        result
    }

    async fn attempt(
        &mut self,
        planned: &PlannedCall,
        call: &ListPods,
    ) -> Result<Option<Result<Answer, Error>>, Gone> {
        let source = Arc::clone(&self.source);
        let mut mended = false;
        loop {
            let sent = Instant::now();
            self.status.calls_made += 1;
            self.status.called_at = Some(self.clock.now());
            let by = self.send_by();
            let Some(result) = self
                .unless_superseded(planned, sent, Some(sent), Box::pin(source.list_pods(by, call)))
                .await?
            else {
                return Ok(None);
            };
            if matches!(result, Err(Error::Lapsed)) {
                self.withdraw().await;
                if self.obtain_again(planned, sent).await?.is_none() {
                    return Ok(None);
                }
                continue;
            }
            self.settle().await;
            let error = match result {
                Err(error) if !mended => error,
                result => {
                    self.status.calls_failed += u64::from(result.is_err());
                    return Ok(Some(result));
                }
            };
            // A connection that the service closed as it was used again is not a failure; the next one tells. The service may
            // have counted the call nevertheless, so it was one, and the next one is another.
            let was_dropped = matches!(error, Error::Dropped { .. });
            // What is put right serves the next call, which is not made before the time that the service named.
            let waits = error.named_wait().is_some().then(|| error.clone());
            self.status.calls_failed += u64::from(!was_dropped);
            match self
                .unless_superseded(planned, sent, Some(sent), Box::pin(source.mend(error)))
                .await?
            {
                None => return Ok(None),
                Some(_) if let Some(waits) = waits => return Ok(Some(Err(waits))),
                Some(Err(error)) => return Ok(Some(Err(error))),
                Some(Ok(())) => (mended, self.resent) = (true, was_dropped),
            }
            if self.obtain_again(planned, sent).await?.is_none() {
                return Ok(None);
            }
        }
    }

    /// Waits for another call for an order of which one came to nothing. `None` if its answer is of no use any more.
    async fn obtain_again(&mut self, planned: &PlannedCall, sent: Instant) -> Result<Option<()>, Gone> {
        while let Turn::Later(at) = self.claim_again().await {
            let ready = Box::pin(sleep_until(at.min(Instant::now() + ASKS_AGAIN)));
            // What waits for its turn does not hang.
            self.status.asking_since = None;
            if self
                .unless_superseded(planned, sent, None, ready)
                .await?
                .is_none()
            {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Does `work` for the call `planned`, which was sent then. `None` if its answer is of no use any more: the screen looks
    /// elsewhere, or the operator asks anew while the call hangs. That it hangs is told where it was asked `since` then.
    async fn unless_superseded<T: Send>(
        &mut self,
        planned: &PlannedCall,
        sent: Instant,
        since: Option<Instant>,
        mut work: impl Future<Output = T> + Send + Unpin,
    ) -> Result<Option<T>, Gone> {
        loop {
            tokio::select! {
                biased;
                changed = self.wanted.changed() => {
                    changed.map_err(|_| Gone)?;
                    let asks_anew = self.look().await?;
                    if (asks_anew && sent.elapsed() >= HANGS) || !self.plan.is_wanted(planned) {
                        return Ok(None);
                    }
                }
                () = self.clocks.jumped(&self.clock) => {
                    // What was on its way while the machine slept is lost: it is asked for again.
                    self.plan.clocks_parted(Instant::now());
                    return Ok(None);
                }
                result = &mut work => return Ok(Some(result)),
                () = sleep_until(since.unwrap_or(sent) + HANGS), if since.is_some() && self.status.asking_since.is_none() => {
                    self.status.asking_since = self.status.called_at;
                    self.tell(false).await?;
                }
                part = next_restored(&mut self.restoring) => self.take_restored(part).await?,
            }
        }
    }

    async fn answered(&mut self, planned: &PlannedCall, answer: Answer) -> Result<(), Gone> {
        self.failures = 0;
        self.budget.observe(&answer.quotas, Instant::now());
        self.share_rule(false).await;
        let page = answer.value;
        let (total, silent) = (page.total, page.is_silent());
        let (snapshot_at, odd_snapshot) = dates::believed(
            page.snapshot_at,
            page.odd_snapshot.clone(),
            self.clock.now(),
            answer.skew,
        );
        let (node, serverless) = (
            page.pods.count(List::Node) as u64,
            page.pods.count(List::Serverless) as u64,
        );
        self.store.date(snapshot_at);
        self.store.received(self.clock.now());
        let new = self.store.take(planned.purpose.kind(), &page.pods) as u64;
        let facts = PageFacts {
            node,
            serverless,
            new,
            total,
            snapshot_at,
            silent,
        };
        self.problems.answered(planned);
        self.status.restored = false;
        self.status.asked_at = Some(answer.age.told_at(self.clock.now()));
        self.status.skew = answer.skew;
        self.status.clock_doubt = answer.clock_doubt;
        self.status.odd_date = answer.odd_date;
        self.status.project = answer.project;
        if planned.purpose == CallPurpose::Pod {
            self.plan.answered(planned, facts, Instant::now());
            return self.tell(false).await;
        }
        self.status.snapshot_at = snapshot_at;
        self.status.odd_snapshot = odd_snapshot;
        self.status.odd_total.clone_from(&page.odd_total);
        let outcome = self.plan.answered(planned, facts, Instant::now());
        self.conclude(planned, outcome);
        if self.is_kept(planned) {
            self.note(planned.offset, stored(page), facts, outcome);
        }
        let pages_are_due = matches!(outcome, Outcome::More | Outcome::Restarted);
        if outcome != Outcome::Unchanged
            && let Some(totals) = self.totals.of(planned)
        {
            totals.total = match outcome {
                Outcome::Over { total, .. } => total,
                _ => total,
            };
        }
        self.tell(!pages_are_due).await
    }

    /// Does to the store what the end of a sweep, or its new beginning, asks for.
    fn conclude(&mut self, planned: &PlannedCall, outcome: Outcome) {
        let Some(kind) = planned.purpose.kind() else {
            return;
        };
        match outcome {
            Outcome::Restarted => self.store.begin_sweep(kind),
            Outcome::Over {
                complete, mixed, met, ..
            } => {
                if complete && !mixed {
                    let gone = self.store.end_sweep(kind, &planned.scope, self.clock.now());
                    tracing::info!(purpose = ?planned.purpose, gone, "sweep complete");
                }
                if let Some(totals) = self.totals.of(planned) {
                    (totals.met, totals.complete, totals.moved) = (met, complete, mixed);
                }
            }
            Outcome::More | Outcome::Unchanged => {}
        }
    }

    /// Notes a call that failed: what is known stays.
    async fn failed(&mut self, planned: &PlannedCall, error: Error) -> Result<(), Gone> {
        self.failures += 1;
        let (fault, until) = self.fault(&error, planned.offset);
        self.plan.failed(planned, fault, Instant::now());
        if std::mem::take(&mut self.resent) {
            // That was two attempts.
            self.plan.failed(planned, fault, Instant::now());
        }
        if let Some(until) = until {
            self.hold_back(&error, until).await;
        }
        self.share_rule(matches!(fault, Fault::Throttled(_))).await;
        let until = until.map(|until| self.time_of(until));
        let problem = Problem { error, until };
        self.problems.failed(planned, fault.is_of_the_list(), problem);
        self.tell(true).await
    }
}
