//! Starts the sources, and the handle for whoever started them.
//!
//! No other room builds a client, a recorder or a task that calls. It needs no screen. Each source is one
//! task, which builds its client when it begins, keeps its list current and requests new snapshots; all of
//! them report on one bounded channel, and wait while it is full. The request to a source is a value, and the
//! newest one wins.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tracing::{Instrument as _, Span};

use super::budgets::{BudgetKey, Budgets};
use super::counted::CountedClient;
use super::follow::{self, TeamDoor};
use super::ledger::{Ledger, LedgerPlace};
use super::source::{FetchRequest, Reply, SweepPictures, SyncSettings};
use super::{synchronise, task};

use crate::clock::Clock;
use crate::fleet::SourceId;
use crate::hss::auth::refusals::Refusals;
use crate::hss::transport::tls::Trust;
use crate::hss::{Call, Client, ListPods, Setup, SyncClusters, TransportContext};
use crate::state::{DiskWait, Recorder};

/// News of a collector that may wait for the list's task.
const COLLECTOR_NEWS: usize = 8;

/// A source and its settings.
#[derive(Debug)]
pub struct SourceSetup {
    /// Its number.
    pub id: SourceId,
    /// What its lines in the log name, where there are several; `None` for the only one.
    pub name: Option<String>,
    /// Whom to ask, and as whom.
    pub setup: Setup,
    /// Trusted CAs and our own certificate, for TLS.
    pub trust: Arc<Trust>,
    /// The call for the first page of the whole fleet.
    pub call: ListPods,
    /// Calls allowed in a minute, for each API.
    pub calls_per_minute: u32,
    /// The file with the state saved between runs.
    pub state: Option<PathBuf>,
    /// Whether it waits for the disk with that file.
    pub disk: DiskWait,
    /// Where calls are counted for all programs of this machine.
    pub ledger: Option<LedgerPlace>,
    /// Where refused passwords are remembered.
    pub refusals: Option<Refusals>,
    /// The age up to which a complete list of an earlier run is used without a call.
    pub accepted_age: Option<Duration>,
    /// How many pages are requested while one is merged, where calls are not scarce: one keeps both sides busy for the least memory.
    pub pages_ahead: usize,
    /// What to ask for at first.
    pub request: FetchRequest,
    /// What has to end before anything of the source is built, such as whoever fills its file; `None` for nothing.
    pub after: Option<JoinHandle<()>>,
    /// The door to a team's journal, if a screen decides.
    pub team: Option<TeamDoor>,
}

/// The settings of all sources.
#[derive(Debug, Clone, Copy)]
pub struct CollectorSettings {
    /// How many replies may wait in the channel; when it is full, the sources wait.
    pub replies: usize,
    /// Which pictures are sent while a sweep is running.
    pub pictures: SweepPictures,
}

impl Default for CollectorSettings {
    fn default() -> Self {
        Self {
            replies: 4,
            pictures: SweepPictures::default(),
        }
    }
}

/// The request to each source; the newest one wins.
#[derive(Debug, Default)]
pub struct Requests(BTreeMap<SourceId, watch::Sender<FetchRequest>>);

impl Requests {
    /// Sends a request to a source. Never waits.
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

/// The running sources. They end when [`Handle::requests`] or [`Handle::replies`] is dropped.
#[derive(Debug)]
pub struct Handle {
    /// The requests to them.
    pub requests: Requests,
    /// Their reports.
    pub replies: mpsc::Receiver<Reply>,
    /// The tasks; aborted when dropped.
    pub tasks: CollectorTasks,
}

/// The tasks of the sources.
#[derive(Debug)]
pub struct CollectorTasks(JoinSet<()>);

impl CollectorTasks {
    /// Resolves when all of them have ended and their data is saved.
    pub async fn ended(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

impl Collector {
    /// Starts `sources`, whose calls are counted in `budgets`. Nothing is built or sent before their tasks
    /// run.
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
            let port = (wanted, replies_in.clone());
            // Of the level that no setting of the log leaves out.
            let span = source
                .name
                .as_deref()
                .map_or_else(Span::none, |profile| tracing::error_span!("source", profile));
            let work = source.run(budgets.clone(), port, settings.pictures, clock.clone());
            tasks.spawn(work.instrument(span));
            (id, request)
        });
        Handle {
            requests: requests.collect(),
            replies,
            tasks: CollectorTasks(tasks),
        }
    }

    /// A client of `source` for one call of `C` at a time. Nothing is sent yet.
    pub fn by_hand<C: Call>(source: &SourceSetup, budgets: &Budgets, clock: &Clock) -> CountedClient {
        source.counted::<C>(Arc::new(source.client(clock)), budgets, clock)
    }
}

impl SourceSetup {
    /// The client of this source. Nothing is sent yet.
    pub(super) fn client(&self, clock: &Clock) -> Client {
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

    /// Works until nobody sends requests or receives replies any more.
    async fn run(
        mut self,
        budgets: Budgets,
        (wanted, replies): (watch::Receiver<FetchRequest>, mpsc::Sender<Reply>),
        pictures: SweepPictures,
        clock: Clock,
    ) {
        if let Some(after) = self.after.take() {
            // However it ended: what it did not do is missing, and everything else goes on.
            let _ = after.await;
        }
        let client = Arc::new(self.client(&clock));
        // With several endpoints the next call may go to another one, which may be HSS.
        let may_follow = self.setup.endpoints.len() == 1;
        let (is_there, seen_there) = watch::channel(false);
        let (news_in, news) = mpsc::channel(COLLECTOR_NEWS);
        let team = self.team.take();
        let following = follow::run(Arc::clone(&client), seen_there, news_in, team, clock.clone());
        let following = Box::pin(following);
        let key = BudgetKey::of(&self.setup, ListPods::NAME);
        let support = task::FetchSupport {
            id: self.id,
            budget: budgets.share(key, self.calls_per_minute),
            ledger: self.ledger::<ListPods>(&clock),
            // Without its thread nothing is saved, and everything else continues.
            recorder: self.state.clone().and_then(|path| Recorder::start(path).ok()),
            disk: self.disk.clone(),
            accepted_age: self.accepted_age,
            pages_ahead: self.pages_ahead,
            pictures,
            collector: may_follow.then_some(task::CollectorPort { is_there, news }),
        };
        let counted = self.counted::<SyncClusters>(Arc::clone(&client), &budgets, &clock);
        let settings = SyncSettings {
            call: self.call.clone(),
            calls_per_minute: self.calls_per_minute,
        };
        // Boxed, because they contain everything that a call needs and would make the future of the task as
        // large.
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
        // The list's task ends last, because it still saves its data.
        let silent = async {
            tokio::join!(synchronising, following);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = fetching => {}
            () = silent => {}
        }
    }
}
