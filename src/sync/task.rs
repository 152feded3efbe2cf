//! The fetch task itself: waits, calls, merges, reports.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::budget::CallBudget;
use super::retry::{ATTEMPTS, Chance, backoff};
use super::status::{Problem, SyncStatus};
use super::sweep::{Next, PageFacts, Sweep};
use crate::clock::Clock;
use crate::fleet::{Fleet, Scope, Store};
use crate::hss::error::Trouble;
use crate::hss::{Answer, Client, Error, ListPods};

/// While a sweep is under way, a new picture of the fleet goes out at most this often.
const PICTURE_EVERY: Duration = Duration::from_millis(200);
/// After a failed cycle the next one is due after the interval, but not later than this.
const HEAL_WITHIN: Duration = Duration::from_mins(1);
/// After a refused key pair the next cycle is due so late, unless the operator asks: more than five refusals in a row
/// lock the pair for everybody who uses it.
const KEY_RESTS: Duration = Duration::from_mins(15);

/// Where pages come from: the client, or a test's stand-in.
pub trait PodSource: Send + Sync + 'static {
    /// Asks for one page.
    fn list_pods(&self, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send;

    /// Puts right what made a call fail that began at `began`, so that another attempt may fare better; or says what to
    /// report.
    fn mend(&self, error: Error, began: Instant) -> impl Future<Output = Result<(), Error>> + Send;
}

impl PodSource for Client {
    fn list_pods(&self, call: &ListPods) -> impl Future<Output = Result<Answer, Error>> + Send {
        Self::list_pods(self, call)
    }

    fn mend(&self, error: Error, began: Instant) -> impl Future<Output = Result<(), Error>> + Send {
        Self::mend(self, error, began)
    }
}

/// What the screen wants from the API. Latest wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The part of the fleet.
    pub scope: Scope,
    /// Grows with each "ask now".
    pub asks: u64,
    /// How often to ask.
    pub interval: Duration,
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

/// Why a cycle ended early.
enum Cut {
    /// The screen wants another part of the fleet.
    Superseded,
    /// The event loop is gone.
    Gone,
}

/// What a completed sweep saw: a probe that sees the same need not sweep again.
type Seen = (Scope, Option<u64>, Timestamp);

struct Fetcher<S> {
    source: S,
    call: ListPods,
    budget: CallBudget,
    chance: Chance,
    clock: Clock,
    wanted: watch::Receiver<Wanted>,
    replies: mpsc::Sender<Reply>,
    store: Store,
    status: SyncStatus,
    last_complete: Option<Seen>,
    last_picture: Option<Instant>,
}

/// Runs until the event loop is gone.
pub async fn run<S: PodSource>(
    source: S,
    settings: Settings,
    wanted: watch::Receiver<Wanted>,
    replies: mpsc::Sender<Reply>,
    clock: Clock,
) {
    let seed = u64::try_from(clock.now().as_nanosecond() & i128::from(u32::MAX)).unwrap_or_default();
    let mut fetcher = Fetcher {
        source,
        call: settings.call,
        budget: CallBudget::new(settings.calls_per_minute),
        chance: Chance::from_seed(seed),
        clock,
        wanted,
        replies,
        store: Store::default(),
        status: SyncStatus::default(),
        last_complete: None,
        last_picture: None,
    };
    loop {
        let began = Instant::now();
        let wish = fetcher.wanted.borrow_and_update().clone();
        fetcher.status.interval = wish.interval;
        match fetcher.cycle(&wish).await {
            Ok(()) => {}
            Err(Cut::Superseded) => continue,
            Err(Cut::Gone) => return,
        }
        if fetcher.rest(began, &wish).await.is_err() {
            return;
        }
    }
}

impl<S: PodSource> Fetcher<S> {
    /// One cycle: a probe that finds nothing new, or a sweep.
    async fn cycle(&mut self, wish: &Wanted) -> Result<(), Cut> {
        let first = match self.call.within(wish.scope.clone()) {
            Ok(call) => call,
            Err(refused) => return self.fail(refused.into(), None).await,
        };
        let known = self
            .last_complete
            .clone()
            .filter(|(scope, ..)| *scope == wish.scope);
        let mut sweep = Sweep::new(first.limit());
        let mut offset = 0;
        self.store.begin_pass();
        loop {
            let call = match first.at(offset) {
                Ok(call) => call,
                Err(refused) => return self.fail(refused.into(), None).await,
            };
            let answer = match self.ask(&call, wish).await? {
                Ok(answer) => answer,
                Err((error, until)) => return self.fail(error, until).await,
            };
            let page = answer.page;
            self.status.problem = None;
            self.status.skew = answer.skew;
            self.status.project = answer.project;
            self.status.asked_at = Some(self.clock.now());
            self.status.snapshot_at = page.snapshot_at;
            let (total, snapshot_at, silent) = (page.total, page.snapshot_at, page.is_silent());
            let (node, serverless) = (
                page.records.node.len() as u64,
                page.records.serverless.len() as u64,
            );
            self.store.date(page.snapshot_at);
            let new = self.store.merge(page.records) as u64;
            let seen = snapshot_at.map(|at| (wish.scope.clone(), total, at));
            if offset == 0 && seen.is_some() && seen == known {
                self.status.loading = false;
                return self.report(true).await;
            }
            self.status.loading = true;
            self.status.total = total;
            let next = sweep.take(PageFacts {
                node,
                serverless,
                new,
                total,
                snapshot_at,
                silent,
            });
            self.status.met = sweep.met();
            match next {
                Next::Page(next) => offset = next,
                Next::Restart => {
                    self.store.begin_pass();
                    offset = 0;
                }
                Next::End { complete } => {
                    if complete {
                        let gone = self.store.end_pass(&wish.scope, self.clock.now());
                        tracing::info!(records = sweep.met(), gone, "sweep complete");
                    }
                    self.status.complete = complete;
                    self.status.loading = false;
                    self.last_complete = seen.filter(|_| complete);
                    return self.report(true).await;
                }
            }
            self.report(false).await?;
        }
    }

    /// Asks for one page, with another attempt where that may help. Every attempt is paid for.
    async fn ask(
        &mut self,
        call: &ListPods,
        wish: &Wanted,
    ) -> Result<Result<Answer, (Error, Option<Timestamp>)>, Cut> {
        let mut attempt = 1;
        let mut mended = false;
        loop {
            let ready = self.budget.ready_at(Instant::now());
            if ready > Instant::now() {
                self.status.next_at = Some(self.time_of(ready));
                self.report(true).await?;
                self.wait(ready, wish, false).await?;
            }
            let began = Instant::now();
            self.budget.pay(began);
            self.status.next_at = None;
            let result = tokio::select! {
                biased;
                cut = superseded(&mut self.wanted, wish, false) => return Err(cut),
                result = self.source.list_pods(call) => result,
            };
            let error = match result {
                Ok(answer) => {
                    self.budget.observe(&answer.quotas, Instant::now());
                    return Ok(Ok(answer));
                }
                // Once for each page: what was put right and fails again is not put right again.
                Err(error) if mended => error,
                Err(error) => match self.source.mend(error, began).await {
                    Ok(()) => {
                        mended = true;
                        continue;
                    }
                    Err(error) => error,
                },
            };
            let until = match &error {
                Error::Service(service) if error.trouble() == Trouble::Throttled => {
                    self.budget.observe(&service.quotas, Instant::now());
                    if let Some(rule) = service.rule() {
                        self.budget.learn(rule);
                    }
                    let until = Instant::now() + service.wait();
                    self.budget.block_until(until);
                    Some(self.time_of(until))
                }
                _ => None,
            };
            let worth_it = matches!(
                error.trouble(),
                Trouble::Throttled | Trouble::Passing | Trouble::Offline
            );
            if !worth_it || attempt >= ATTEMPTS {
                return Ok(Err((error, until)));
            }
            self.status.problem = Some(Problem { error, until });
            self.report(true).await?;
            if until.is_none() {
                let pause = Instant::now() + backoff(attempt, self.chance.roll());
                self.wait(pause, wish, true).await?;
            }
            attempt += 1;
        }
    }

    /// Ends a cycle that failed: what is known stays.
    async fn fail(&mut self, error: Error, until: Option<Timestamp>) -> Result<(), Cut> {
        self.status.problem = Some(Problem { error, until });
        self.status.loading = false;
        self.report(true).await
    }

    /// Waits for the next cycle: the interval, or until the screen asks. A new interval counts from the same
    /// beginning and costs no call by itself.
    async fn rest(&mut self, began: Instant, wish: &Wanted) -> Result<(), Cut> {
        loop {
            let interval = self.wanted.borrow_and_update().interval;
            self.status.interval = interval;
            let pause = match self
                .status
                .problem
                .as_ref()
                .map(|problem| problem.error.trouble())
            {
                None => interval,
                Some(Trouble::KeyRefused) => interval.max(KEY_RESTS),
                Some(Trouble::SignIn) => interval.max(HEAL_WITHIN),
                Some(_) => interval.min(HEAL_WITHIN),
            };
            let due = self.budget.ready_at(Instant::now()).max(began + pause);
            self.status.next_at = Some(self.time_of(due));
            self.report(false).await?;
            let forget = self.store.next_forget().map(|at| self.instant_of(at));
            let wake = forget.map_or(due, |forget| forget.min(due));
            let other_interval = self
                .wanted
                .wait_for(|now| now.interval != interval || asks_more(now, wish));
            tokio::select! {
                biased;
                changed = other_interval => match changed {
                    Err(_) => return Err(Cut::Gone),
                    Ok(now) if asks_more(&now, wish) => return Ok(()),
                    Ok(_) => {}
                },
                () = sleep_until(wake) => {
                    if wake == due {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Waits until `due`, or until another part of the fleet is wanted; `or_asked`: or until the screen asks now.
    async fn wait(&mut self, due: Instant, wish: &Wanted, or_asked: bool) -> Result<(), Cut> {
        tokio::select! {
            biased;
            cut = superseded(&mut self.wanted, wish, or_asked) => Err(cut),
            () = sleep_until(due) => Ok(()),
        }
    }

    /// Sends status and, when it is time, a picture of the fleet.
    async fn report(&mut self, picture_now: bool) -> Result<(), Cut> {
        let now = Instant::now();
        let due = self.last_picture.is_none_or(|last| now - last >= PICTURE_EVERY);
        let forgot = self.store.forget(self.clock.now()) > 0;
        let fleet = (picture_now || forgot || due).then(|| self.store.snapshot());
        if fleet.is_some() {
            self.last_picture = Some(now);
        }
        self.status.calls_left = self.budget.left(now);
        self.status.calls_limit = self.budget.limit();
        let reply = Reply {
            status: self.status.clone(),
            fleet,
        };
        self.replies.send(reply).await.map_err(|_| Cut::Gone)
    }

    /// A little after `at`, so that it has passed then.
    fn instant_of(&self, at: Timestamp) -> Instant {
        let wait = at.duration_since(self.clock.now()).max(SignedDuration::ZERO);
        Instant::now() + wait.unsigned_abs() + Duration::from_secs(1)
    }

    fn time_of(&self, at: Instant) -> Timestamp {
        let wait = at.saturating_duration_since(Instant::now());
        let now = self.clock.now();
        now.checked_add(wait).unwrap_or(now)
    }
}

/// Whether `now` asks for a call that `wish` did not ask for.
fn asks_more(now: &Wanted, wish: &Wanted) -> bool {
    now.scope != wish.scope || now.asks != wish.asks
}

/// Resolves when another scope is wanted than in `wish`, or, with `or_asked`, when the screen asks now.
async fn superseded(wanted: &mut watch::Receiver<Wanted>, wish: &Wanted, or_asked: bool) -> Cut {
    let other = wanted
        .wait_for(|now| now.scope != wish.scope || (or_asked && now.asks != wish.asks))
        .await;
    if other.is_ok() { Cut::Superseded } else { Cut::Gone }
}
