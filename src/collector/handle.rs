//! The collector: the sources at work, and the handle of whoever started it.
//!
//! Nobody else builds a client, a recorder or a task that calls. It needs no screen. Each source is one task, which builds
//! its client when it begins, keeps its list current and asks HSS for new snapshots; all of them report on one bounded
//! channel, and wait while it is full. What is wanted of a source is a value, and the newest one wins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::budgets::{BudgetKey, Budgets};
use super::counted::CountedClient;
use super::ledger::{Ledger, LedgerPlace};
use super::source::{FetchRequest, Reply, SyncSettings};
use super::{synchronise, task};
use crate::clock::Clock;
use crate::fleet::SourceId;
use crate::hss::auth::refusals::Refusals;
use crate::hss::transport::tls::Trust;
use crate::hss::{Call, Client, ListPods, Setup, SyncClusters, TransportContext};
use crate::state::Recorder;

/// A source, and how it is to be asked.
#[derive(Debug)]
pub struct SourceSetup {
    /// Its number.
    pub id: SourceId,
    /// Whom to ask, and as whom.
    pub setup: Setup,
    /// Whom to trust, and who we are, in TLS.
    pub trust: Arc<Trust>,
    /// The call for the first page of the whole fleet.
    pub call: ListPods,
    /// Calls allowed in a minute, for each API.
    pub calls_per_minute: u32,
    /// The file that keeps what is known between runs.
    pub state: Option<PathBuf>,
    /// Where calls are counted for all programs of this machine.
    pub ledger: Option<LedgerPlace>,
    /// Where refused passwords are remembered.
    pub refusals: Option<Refusals>,
    /// How old a complete list of an earlier run may be so that no call is made for another before it is older.
    pub accepted_age: Option<Duration>,
    /// What is wanted of it at first.
    pub request: FetchRequest,
    /// What has to end before anything of the source is built, such as whoever fills its file; `None` for nothing.
    pub after: Option<JoinHandle<()>>,
}

/// What holds for all sources.
#[derive(Debug, Clone, Copy)]
pub struct CollectorSettings {
    /// Replies that may wait for whoever takes them; the sources wait while there are as many.
    pub replies: usize,
}

impl Default for CollectorSettings {
    fn default() -> Self {
        Self { replies: 4 }
    }
}

/// What is wanted of each source; the newest request wins.
#[derive(Debug, Default)]
pub struct Requests(BTreeMap<SourceId, watch::Sender<FetchRequest>>);

impl Requests {
    /// Tells a source what is wanted of it now. Never waits.
    pub fn send(&self, source: SourceId, request: FetchRequest) {
        if let Some(sender) = self.0.get(&source) {
            sender.send_replace(request);
        }
    }
}

impl FromIterator<(SourceId, watch::Sender<FetchRequest>)> for Requests {
    fn from_iter<I: IntoIterator<Item = (SourceId, watch::Sender<FetchRequest>)>>(senders: I) -> Self {
        Self(senders.into_iter().collect())
    }
}

/// Starts sources.
#[derive(Debug)]
pub struct Collector;

/// The sources at work. They end when [`Handle::requests`] or [`Handle::replies`] is dropped.
#[derive(Debug)]
pub struct Handle {
    /// What is wanted of them.
    pub requests: Requests,
    /// What they report.
    pub replies: mpsc::Receiver<Reply>,
    /// The tasks; aborted when dropped.
    pub tasks: CollectorTasks,
}

/// The tasks of the sources.
#[derive(Debug)]
pub struct CollectorTasks(JoinSet<()>);

impl CollectorTasks {
    /// Resolves when all of them have ended, and what they keep is written.
    pub async fn ended(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

impl Collector {
    /// Starts `sources`, whose calls are counted in `budgets`. Nothing is built or sent before their tasks get to run.
    pub fn start(
        sources: Vec<SourceSetup>,
        settings: CollectorSettings,
        budgets: &Budgets,
        clock: &Clock,
    ) -> Handle {
        let (replies_in, replies) = mpsc::channel(settings.replies.max(1));
        let mut tasks = JoinSet::new();
        let requests = sources.into_iter().map(|source| {
            let (request, wanted) = watch::channel(source.request.clone());
            let id = source.id;
            tasks.spawn(source.run(budgets.clone(), wanted, replies_in.clone(), clock.clone()));
            (id, request)
        });
        Handle {
            requests: requests.collect(),
            replies,
            tasks: CollectorTasks(tasks),
        }
    }

    /// A client of `source` that is asked for one call of `C` at a time. Nothing is sent yet.
    pub fn by_hand<C: Call>(source: &SourceSetup, budgets: &Budgets, clock: &Clock) -> CountedClient {
        source.counted::<C>(Arc::new(source.client(clock)), budgets, clock)
    }
}

impl SourceSetup {
    fn client(&self, clock: &Clock) -> Client {
        let context = TransportContext {
            trust: Arc::clone(&self.trust),
            ..TransportContext::new(clock.clone())
        };
        Client::new(self.setup.clone(), context).remembering(self.refusals.clone())
    }

    fn ledger<C: Call>(&self, clock: &Clock) -> Option<Ledger> {
        let place = self.ledger.as_ref()?.for_api(C::NAME);
        Some(Ledger::new(place, self.calls_per_minute, clock.clone()))
    }

    fn counted<C: Call>(&self, client: Arc<Client>, budgets: &Budgets, clock: &Clock) -> CountedClient {
        let share = budgets.share(BudgetKey::of(&self.setup, C::NAME), self.calls_per_minute);
        CountedClient::new(client, share, self.ledger::<C>(clock))
    }

    /// Works until nobody wants or takes anything any more.
    async fn run(
        mut self,
        budgets: Budgets,
        wanted: watch::Receiver<FetchRequest>,
        replies: mpsc::Sender<Reply>,
        clock: Clock,
    ) {
        if let Some(after) = self.after.take() {
            // However it ended: what it did not do is missing, and everything else goes on.
            let _ = after.await;
        }
        let client = Arc::new(self.client(&clock));
        let key = BudgetKey::of(&self.setup, ListPods::NAME);
        let support = task::FetchSupport {
            id: self.id,
            budget: budgets.share(key, self.calls_per_minute),
            ledger: self.ledger::<ListPods>(&clock),
            // Without its thread nothing is kept, and everything else goes on.
            recorder: self.state.clone().and_then(|path| Recorder::start(path).ok()),
            accepted_age: self.accepted_age,
        };
        let counted = self.counted::<SyncClusters>(Arc::clone(&client), &budgets, &clock);
        let settings = SyncSettings {
            call: self.call.clone(),
            calls_per_minute: self.calls_per_minute,
        };
        // Boxed: they hold all that a call needs, and would make the future of the task as large.
        let synchronising = Box::pin(synchronise::run(
            (self.id, self.request.syncs),
            counted,
            self.call.enterprise_project_id().to_owned(),
            (wanted.clone(), replies.clone()),
            clock.clone(),
        ));
        let fetching = Box::pin(task::run_supported(
            support, client, settings, wanted, replies, clock,
        ));
        // The list's task ends last: it still has what it knows written down.
        let silent = async {
            synchronising.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = fetching => {}
            () = silent => {}
        }
    }
}
