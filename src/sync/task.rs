//! The fetch task itself: waits, calls, merges, reports. Which call is next is [`super::plan`]'s.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::budget::CallBudget;
use super::plan::{Fault, Order, Outcome, Plan, Purpose, Step, Wish};
use super::retry::{Chance, backoff};
use super::status::{Problem, SyncStatus};
use super::walk::PageFacts;
use crate::clock::Clock;
use crate::fleet::changes::Change;
use crate::fleet::raw::List;
use crate::fleet::{Fleet, Scope, Store};
use crate::hss::error::Trouble;
use crate::hss::{Answer, Client, Error, ListPods};
use crate::state::{Facts, Note, Recorder};

/// While a sweep is under way, a new picture of the fleet goes out at most this often.
const PICTURE_EVERY: Duration = Duration::from_millis(200);

/// Where pages come from: the client, or a test's stand-in.
pub trait PodSource: Send + Sync + 'static {
    /// Asks for one page.
    fn list_pods(&self, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send;

    /// Puts right what made a call fail, so that another attempt may fare better; or says what to report.
    fn mend(&self, error: Error) -> impl Future<Output = Result<(), Error>> + Send;
}

impl PodSource for Client {
    fn list_pods(&self, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send {
        Self::list_pods(self, call)
    }

    fn mend(&self, error: Error) -> impl Future<Output = Result<(), Error>> + Send {
        Self::mend(self, error)
    }
}

/// What the screen wants from the API. Latest wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The part of the fleet.
    pub scope: Scope,
    /// One pod that is looked at closely.
    pub pod: Option<Scope>,
    /// Grows with each "ask now".
    pub asks: u64,
    /// How often to ask.
    pub interval: Duration,
}

impl Wanted {
    fn wish(&self) -> Wish {
        Wish {
            scope: self.scope.clone(),
            pod: self.pod.clone(),
            asks: self.asks,
            interval: self.interval,
        }
    }
}

/// What the task reports.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How current the fleet is.
    pub status: SyncStatus,
    /// The fleet, where it may have changed.
    pub fleet: Option<Fleet>,
}

/// What does not change while the task runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The call for the first page of the whole fleet.
    pub call: ListPods,
    /// Calls allowed in a minute.
    pub calls_per_minute: u32,
}

/// The event loop is gone: there is nobody to fetch for.
struct Gone;

struct Fetcher<S> {
    source: S,
    call: ListPods,
    plan: Plan,
    budget: CallBudget,
    chance: Chance,
    clock: Clock,
    wanted: watch::Receiver<Wanted>,
    replies: mpsc::Sender<Reply>,
    store: Store,
    status: SyncStatus,
    last_picture: Option<Instant>,
    /// Failures since the last answer.
    failures: u32,
    recorder: Option<Recorder>,
    /// How many of the changes were noted.
    noted: u64,
}

/// Runs until the event loop is gone. What `recorder` kept of an earlier run is shown before any call is made.
pub async fn run<S: PodSource>(
    source: S,
    settings: Settings,
    recorder: Option<Recorder>,
    mut wanted: watch::Receiver<Wanted>,
    replies: mpsc::Sender<Reply>,
    clock: Clock,
) {
    let seed = u64::try_from(clock.now().as_nanosecond() & i128::from(u32::MAX)).unwrap_or_default();
    let wish = wanted.borrow_and_update().wish();
    let fetcher = Fetcher {
        source,
        plan: Plan::new(settings.call.limit(), wish, Instant::now()),
        call: settings.call,
        budget: CallBudget::new(settings.calls_per_minute),
        chance: Chance::from_seed(seed),
        clock,
        wanted,
        replies,
        store: Store::default(),
        status: SyncStatus::default(),
        last_picture: None,
        failures: 0,
        recorder,
        noted: 0,
    };
    if let Some(recorder) = fetcher.run().await {
        recorder.finish().await;
    }
}

impl<S: PodSource> Fetcher<S> {
    /// Works until the event loop is gone; gives back what may still have to be written.
    async fn run(mut self) -> Option<Recorder> {
        let Gone = self.work().await;
        self.recorder
    }

    async fn work(&mut self) -> Gone {
        if let Err(gone) = self.restore().await {
            return gone;
        }
        loop {
            let wish = self.wanted.borrow_and_update().wish();
            self.status.interval = wish.interval;
            self.plan.want(wish, Instant::now());
            let done = match self.plan.next(Instant::now(), &self.budget) {
                Step::Ask(order) => self.ask(order).await,
                Step::Wait(until) => self.wait(until).await,
            };
            if let Err(gone) = done {
                return gone;
            }
        }
    }

    /// Takes what an earlier run kept, and shows it with its age.
    async fn restore(&mut self) -> Result<(), Gone> {
        let Some(recorder) = &mut self.recorder else {
            return Ok(());
        };
        let kept = recorder.kept().await;
        let facts = kept.facts;
        self.status.state_notice = kept.notice;
        self.store.date(facts.snapshot_at);
        let mut pages = 0;
        if let Some(mut coming) = kept.pages {
            while let Some(page) = coming.recv().await {
                self.store.take(None, &page.pods);
                pages += 1;
            }
        }
        if pages > 0 && facts.complete {
            let scope = self.wanted.borrow().scope.clone();
            self.store.restore(&scope, kept.changes);
            self.plan.knows(facts.total, facts.snapshot_at);
        }
        if pages > 0 {
            let fleet = self.store.snapshot();
            tracing::info!(pages, pods = fleet.len(), "restored");
            self.status.asked_at = facts.asked_at;
            self.status.snapshot_at = facts.snapshot_at;
            self.status.total = facts.total;
            self.status.met = fleet.len() as u64;
            self.status.complete = facts.complete;
            self.status.restored = true;
        }
        self.report(true).await?;
        self.status.state_notice = None;
        Ok(())
    }

    /// Waits until `until`, or until something else is wanted.
    async fn wait(&mut self, until: Instant) -> Result<(), Gone> {
        self.status.next_at = Some(self.time_of(until));
        self.report(true).await?;
        // A pod that was gone long enough goes in time, whatever is due.
        let forget = self.store.next_forget().map(|at| self.instant_of(at));
        let until = forget.map_or(until, |forget| forget.min(until));
        tokio::select! {
            biased;
            changed = self.wanted.changed() => changed.map_err(|_| Gone),
            () = sleep_until(until) => Ok(()),
        }
    }

    /// Makes a call that the plan ordered, and tells the plan what came of it.
    async fn ask(&mut self, order: Order) -> Result<(), Gone> {
        let call = self
            .call
            .within(order.scope.clone())
            .and_then(|call| call.at(order.offset));
        let call = match call {
            Ok(call) => call,
            Err(refused) => return self.failed(&order, refused.into()).await,
        };
        if order.begins
            && let Some(lane) = order.purpose.lane()
        {
            self.store.begin_pass(lane);
        }
        self.status.next_at = None;
        match self.call(&order, &call).await? {
            None => Ok(()),
            Some(Ok(answer)) => self.answered(&order, answer).await,
            Some(Err(error)) => self.failed(&order, error).await,
        }
    }

    /// Sends the call, and once more where what made it fail could be put right. Every attempt is paid for. `None` if
    /// nobody wants the answer any more.
    async fn call(&mut self, order: &Order, call: &ListPods) -> Result<Option<Result<Answer, Error>>, Gone> {
        let mut mended = false;
        loop {
            self.budget.pay(Instant::now());
            self.status.calls_made += 1;
            let result = tokio::select! {
                biased;
                left = unwanted(&mut self.wanted, &mut self.plan, order) => return left.map(|()| None),
                result = self.source.list_pods(call) => result,
            };
            self.status.calls_failed += u64::from(result.is_err());
            let error = match result {
                Err(error) if !mended => error,
                result => return Ok(Some(result)),
            };
            if let Err(error) = self.source.mend(error).await {
                return Ok(Some(Err(error)));
            }
            mended = true;
            sleep_until(self.budget.ready_at(Instant::now())).await;
        }
    }

    async fn answered(&mut self, order: &Order, answer: Answer) -> Result<(), Gone> {
        self.failures = 0;
        self.budget.observe(&answer.quotas, Instant::now());
        let (page, body) = (answer.page, answer.body);
        let (total, snapshot_at, silent) = (page.total, page.snapshot_at, page.is_silent());
        let (node, serverless) = (
            page.pods.count(List::Node) as u64,
            page.pods.count(List::Serverless) as u64,
        );
        self.store.date(snapshot_at);
        let new = self.store.take(order.purpose.lane(), &page.pods) as u64;
        let facts = PageFacts {
            node,
            serverless,
            new,
            total,
            snapshot_at,
            silent,
        };
        self.status.problem = None;
        self.status.restored = false;
        self.status.asked_at = Some(self.clock.now());
        self.status.skew = answer.skew;
        self.status.project = answer.project;
        if order.purpose == Purpose::Pod {
            self.plan.answered(order, facts, Instant::now());
            return self.report(false).await;
        }
        self.status.snapshot_at = snapshot_at;
        let outcome = self.plan.answered(order, facts, Instant::now());
        self.conclude(order, outcome);
        if order.purpose == Purpose::Fleet {
            self.note(order.offset, body, facts, outcome);
        }
        let pages_are_due = matches!(outcome, Outcome::More | Outcome::Restarted);
        if self.is_shown(order) && outcome != Outcome::Unchanged {
            self.status.total = total;
        }
        self.report(!pages_are_due).await
    }

    /// Does to the store what the end of a walk, or its new beginning, asks for.
    fn conclude(&mut self, order: &Order, outcome: Outcome) {
        let Some(lane) = order.purpose.lane() else { return };
        match outcome {
            Outcome::Restarted => self.store.begin_pass(lane),
            Outcome::Over { complete, met, .. } => {
                if complete {
                    let gone = self.store.end_pass(lane, &order.scope, self.clock.now());
                    tracing::info!(purpose = ?order.purpose, gone, "sweep complete");
                }
                if self.is_shown(order) {
                    self.status.complete = complete;
                    self.status.met = met;
                }
            }
            Outcome::More | Outcome::Unchanged => {}
        }
    }

    /// Has what is worth keeping kept.
    fn note(&mut self, offset: u32, body: Vec<u8>, facts: PageFacts, outcome: Outcome) {
        let Some(recorder) = &self.recorder else { return };
        let mut complete = outcome == Outcome::Unchanged;
        if !complete {
            recorder.keep(Note::Page { offset, body });
        }
        if let Outcome::Over {
            complete: all, end, ..
        } = outcome
        {
            complete = all;
            recorder.keep(Note::End(end));
            if let Some(at) = facts.snapshot_at.or(self.status.asked_at) {
                recorder.keep(Note::Usage {
                    fleet: self.store.snapshot(),
                    at,
                });
            }
        }
        recorder.keep(Note::Facts(Facts {
            asked_at: self.status.asked_at,
            snapshot_at: facts.snapshot_at,
            total: facts.total,
            complete,
        }));
        let changes = self.store.changes();
        let new = usize::try_from(changes.total() - self.noted).unwrap_or(usize::MAX);
        if new > 0 {
            let mut newest: Vec<Change> = changes.iter().rev().take(new).cloned().collect();
            newest.reverse();
            self.noted = changes.total();
            recorder.keep(Note::Changes(newest));
        }
    }

    /// Whether the screen shows what `order` asks for.
    fn is_shown(&self, order: &Order) -> bool {
        order.scope == self.wanted.borrow().scope
    }

    /// Notes a call that failed: what is known stays.
    async fn failed(&mut self, order: &Order, error: Error) -> Result<(), Gone> {
        self.failures += 1;
        let (fault, until) = self.fault(&error);
        self.plan.failed(order, fault, Instant::now());
        if let Some(until) = until {
            self.budget.block_until(until);
        }
        let until = until.map(|until| self.time_of(until));
        self.status.problem = Some(Problem { error, until });
        self.report(true).await
    }

    /// What an error means for the plan; and when calls may be made again, if the service said so.
    fn fault(&mut self, error: &Error) -> (Fault, Option<Instant>) {
        let pause = backoff(self.failures, self.chance.roll());
        let fault = match error.trouble() {
            Trouble::Throttled => {
                let Error::Service(service) = error else {
                    return (Fault::Passing(pause), None);
                };
                self.budget.observe(&service.quotas, Instant::now());
                if let Some(rule) = service.rule() {
                    self.budget.learn(rule);
                }
                let until = Instant::now() + service.wait();
                return (Fault::Throttled(until), Some(until));
            }
            Trouble::Passing => Fault::Passing(pause),
            Trouble::Offline => Fault::Unreachable(pause),
            Trouble::SignIn => Fault::SignIn,
            Trouble::KeyRefused => Fault::KeyRefused,
            Trouble::Denied | Trouble::Lasting => Fault::Lasting,
        };
        (fault, None)
    }

    /// Sends status and, when it is time, a picture of the fleet.
    async fn report(&mut self, picture_now: bool) -> Result<(), Gone> {
        let now = Instant::now();
        let due = self.last_picture.is_none_or(|last| now - last >= PICTURE_EVERY);
        let forgot = self.store.forget(self.clock.now()) > 0;
        let fleet = (picture_now || forgot || due).then(|| self.store.snapshot());
        if fleet.is_some() {
            self.last_picture = Some(now);
        }
        let progress = self.plan.progress();
        self.status.loading = progress.is_some();
        self.status.done_at = progress.and_then(|it| self.done_at(it.met, it.since));
        if let Some(progress) = progress {
            self.status.met = progress.met;
            self.status.moved = progress.moved;
        }
        self.status.state_trouble = self.recorder.as_ref().and_then(Recorder::trouble);
        self.status.calls_left = self.budget.left(now);
        self.status.calls_limit = self.budget.limit();
        let reply = Reply {
            status: self.status.clone(),
            fleet,
        };
        self.replies.send(reply).await.map_err(|_| Gone)
    }

    /// When a sweep that has met so many records since then will be over, at the pace so far or that of the budget,
    /// whichever is slower.
    fn done_at(&self, met: u64, since: Instant) -> Option<Timestamp> {
        let left = self.status.total?.saturating_sub(met);
        let pages_left = left.div_ceil(u64::from(self.call.limit()).max(1));
        let by_budget = self.budget.time_for(pages_left);
        let nanos = (Instant::now() - since).as_nanos() * u128::from(left) / u128::from(met.max(1));
        let by_pace = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let wait = by_budget.max(by_pace);
        self.clock.now().checked_add(wait).ok()
    }

    fn instant_of(&self, at: Timestamp) -> Instant {
        let wait = at.duration_since(self.clock.now());
        Instant::now() + Duration::try_from(wait).unwrap_or_default()
    }

    fn time_of(&self, at: Instant) -> Timestamp {
        let wait = at.saturating_duration_since(Instant::now());
        let now = self.clock.now();
        now.checked_add(wait).unwrap_or(now)
    }
}

/// Resolves when the answer to `order` is of no use any more, because the screen looks elsewhere.
async fn unwanted(wanted: &mut watch::Receiver<Wanted>, plan: &mut Plan, order: &Order) -> Result<(), Gone> {
    loop {
        wanted.changed().await.map_err(|_| Gone)?;
        let wish = wanted.borrow_and_update().wish();
        plan.want(wish, Instant::now());
        if !plan.is_wanted(order) {
            return Ok(());
        }
    }
}
