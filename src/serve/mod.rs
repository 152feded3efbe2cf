//! `hss-top serve`: one collector for many readers.
//!
//! ```text
//!   HSS ◄── collector ──► Keeper ── renders once ──► Published ◄── routes ◄── scrapers, screens, scripts
//!           (5 calls a minute)      (a watch)        (bytes)       (any number of requests)
//! ```
//!
//! With several profiles there are as many sources. A request names one by its project; metrics have all.
//!
//! Owns the parts of the service: the listener, the collector, the task that renders new pictures, and their
//! end. A request is answered from [published] data: it causes no call to HSS and
//! waits for nothing. Must not: know how metrics are written ([`crate::metrics`]) or how connections are
//! limited ([`crate::http_server`]).

mod answers;
mod guard;
mod journal;
mod keeper;
mod moved;
mod picture;
mod pods;
mod published;
mod rates;
mod requests;
mod routes;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::clock::Clock;
use crate::collector::{Budgets, Collector, CollectorSettings, SourceSetup, SweepPictures};
use crate::exit_codes::ExitReason;
use crate::fleet::{RemoteText, SourceId};
use crate::health::{self, Vitals};
use crate::http_server::{self, ServerLimits, WholeRequest};
use crate::metrics::{SeriesLimits, label_text};
use crate::secrets::values;
use crate::settings::{Settings, Target};
use crate::state::{LogbookNews, logbook};
pub use guard::ClientTokenFault;
use guard::{ClientTokens, RequestGuard};
use journal::TeamJournal;
pub use keeper::RefusedSource;
use keeper::{KeeperEnd, PictureKeeper};
use moved::{ConfirmationTurns, NewsTag};
use picture::KeptSource;
use pods::KeptPart;
use requests::RequestCounts;
pub use routes::OPEN_API;
use routes::{RequestAnswerer, ServedData, ServedSource};
use tls::TlsFiles;
pub use tls::{TlsFilesFault, TlsPaths};

/// The most time for writing the state at the end.
const LAST_NOTES: Duration = Duration::from_secs(1);

/// Decisions that may wait for the disk.
const ENTRIES: usize = 64;

/// The limits for clients: more connections than a simulator has, because every screen of a team keeps two;
/// and bodies with a hundred decisions.
const LIMITS: ServerLimits = ServerLimits {
    connections: 2048,
    connections_per_caller: 1024,
    longest_body: 128 * 1024,
    ..ServerLimits::DEFAULT
};

/// How to serve.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The file with the token of clients that read.
    pub client_token: Option<PathBuf>,
    /// The file with the token of clients that also acknowledge and mute.
    pub deciding_token: Option<PathBuf>,
    /// The certificate and its key.
    pub tls: Option<TlsPaths>,
    /// How many series there may be.
    pub series: SeriesLimits,
}

/// A source and its name.
#[derive(Debug)]
pub struct ServedProfile {
    /// The name of its profile; `None` if it is the only source, because then nothing needs to tell them apart.
    pub name: Option<String>,
    /// Whom to ask and what for. Each has a state of its own.
    pub settings: Settings,
}

/// Why it ended.
#[derive(Debug)]
pub enum ServeEnd {
    /// A signal.
    Told,
    /// HSS refused the credential of each source before its first answer.
    Refused(Vec<RefusedSource>),
    /// A task ended without a reason.
    Lost,
}

/// Why it did not start.
#[derive(Debug)]
pub enum ServeFault {
    /// It cannot listen on the address.
    Listen(SocketAddr, io::Error),
    /// Other machines could reach it without a token.
    Open(SocketAddr),
    /// The token of the clients cannot be used.
    ClientToken(ClientTokenFault),
    /// The certificate cannot be used.
    Tls(TlsFilesFault),
    /// The demo's simulator does not start.
    Demo(io::Error),
}

impl ServeFault {
    /// The reason for the exit code.
    pub fn reason(&self) -> ExitReason {
        match self {
            Self::Open(_) | Self::ClientToken(_) | Self::Tls(_) => ExitReason::Configuration,
            Self::Listen(..) | Self::Demo(_) => ExitReason::Failed,
        }
    }
}

impl fmt::Display for ServeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => {
                let why = match error.kind() {
                    io::ErrorKind::AddrInUse => {
                        "another program listens there; choose another port with --listen"
                    }
                    io::ErrorKind::AddrNotAvailable => "this machine does not have that address",
                    io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege",
                    _ => return write!(f, "cannot listen on {address}: {error}"),
                };
                write!(f, "cannot listen on {address}: {why}")
            }
            Self::Open(address) => write!(
                f,
                "other machines could read everything at {address}: use --client-token-file, a file with a token that clients \
                 must send, or listen on 127.0.0.1 or [::1]"
            ),
            Self::ClientToken(fault) => write!(f, "the token of the clients cannot be used: {fault}"),
            Self::Tls(fault) => fault.fmt(f),
            Self::Demo(error) => write!(f, "the simulator cannot start: {error}"),
        }
    }
}

impl std::error::Error for ServeFault {}

/// A service that listens but does not answer yet.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    series: SeriesLimits,
    guard: RequestGuard,
    tls: Option<TlsFiles>,
    /// Its address; for port 0 with the real port.
    pub address: SocketAddr,
}

/// Listens.
///
/// # Errors
/// If it cannot or must not listen on that address, or a file cannot be used.
pub async fn listen(settings: ServeSettings) -> Result<Listening, ServeFault> {
    let address = settings.listen;
    let (reads, decides) = (
        settings.client_token.as_deref(),
        settings.deciding_token.as_deref(),
    );
    let tokens = ClientTokens::read(reads, decides, Instant::now()).map_err(ServeFault::ClientToken)?;
    if tokens.is_empty() && !is_of_this_machine(address) {
        return Err(ServeFault::Open(address));
    }
    let tls = settings.tls.map(TlsFiles::read).transpose();
    let tls = tls.map_err(ServeFault::Tls)?;
    let cannot = |error| ServeFault::Listen(address, error);
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    Ok(Listening {
        address: listener.local_addr().map_err(cannot)?,
        listener,
        series: settings.series,
        guard: RequestGuard::new(tokens),
        tls,
    })
}

/// Whether only programs of this machine reach the address.
fn is_of_this_machine(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl Listening {
    /// Its URL.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Whether others could read the requests and the answers on the network.
    pub fn is_readable_on_the_way(&self) -> bool {
        self.tls.is_none() && !is_of_this_machine(self.address)
    }

    /// Logs what a reader of the log must know first, once for each source.
    fn log_start(&self, profiles: &[ServedProfile]) {
        let (version, url) = (env!("CARGO_PKG_VERSION"), self.url());
        for ServedProfile { name, settings } in profiles {
            let state = settings.state.as_ref().map(|path| path.display().to_string());
            tracing::info!(
                version,
                listening = %url,
                profile = name.as_deref().unwrap_or(&settings.source.profile),
                project = %settings.source.project,
                place = %settings.source.place,
                state = state.as_deref().map(values::path),
                "hss-top serve has started"
            );
        }
    }

    /// Keeps the fleets of these profiles and answers requests, until `told` resolves or one of its tasks ends.
    ///
    /// # Errors
    /// If the demo's simulator does not start.
    pub async fn run(
        self,
        profiles: &[ServedProfile],
        told: impl Future<Output = u8>,
        clock: &Clock,
    ) -> Result<ServeEnd, ServeFault> {
        self.log_start(profiles);
        let start = Instant::now();
        let mut servers = JoinSet::new();
        let counts = Arc::new(RequestCounts::default());
        let mut tasks = JoinSet::new();
        let first = Vitals::read(start);
        let (vitals_in, vitals) = watch::channel(first);
        let state = profiles.first().and_then(|first| first.settings.state.clone());
        tasks.spawn(health::vitals::watch(vitals_in, start, state));
        let (mut kept, mut of_requests, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        let mut waited_for = Vec::new();
        for (profile, id) in profiles.iter().zip((0..).map(SourceId::new)) {
            let settings = &profile.settings;
            let reached = settings.reach(clock, &mut servers).await;
            let (setup, trust) = reached.map_err(ServeFault::Demo)?;
            let (moved, _) = watch::channel(NewsTag::since(clock.now()));
            waited_for.push(moved.clone());
            kept.push(kept_source(profile, id, moved.clone()));
            of_requests.push(ServedSource {
                moved: moved.subscribe(),
                turns: ConfirmationTurns::default(),
                journal: journal_of(settings, moved, &mut tasks),
            });
            sources.push(SourceSetup {
                id,
                name: profile.name.clone(),
                ..settings.source_setup(setup, trust, settings.request())
            });
        }
        let mut keeper = PictureKeeper::new(kept, self.series, Arc::clone(&counts), clock.clone());
        // The first request may come before the keeper's first turn.
        let (publish, published) = watch::channel(keeper.published(first));
        let data = ServedData {
            published,
            sources: of_requests,
        };
        let service = Arc::new(RequestAnswerer::new(data, counts, self.guard, clock.clone()));
        let handler = move |request: WholeRequest| {
            let service = Arc::clone(&service);
            async move { service.answer(&request).await }
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let limits = LIMITS.within_file_limit();
        let listener = self.listener;
        let tls = self.tls.as_ref().map(TlsFiles::source);
        let server = tasks.spawn(async move {
            let asked = async { drop(stopped.await) };
            http_server::serve_with(listener, tls, limits, handler, asked).await;
        });
        if let Some(files) = self.tls {
            tasks.spawn(files.follow());
        }
        // Only whole lists are served.
        let settings = CollectorSettings {
            pictures: SweepPictures::Never,
            ..CollectorSettings::default()
        };
        let collector = Collector::start(sources, settings, &Budgets::default(), clock);
        let keeping = keeper.run(collector.replies, vitals, publish);
        let end = {
            let (keeping, told) = (pin!(keeping), pin!(told));
            tokio::select! {
                biased;
                signal = told => {
                    tracing::info!(signal, "a signal asks for the end");
                    ServeEnd::Told
                }
                end = keeping => match end {
                    KeeperEnd::Refused(refused) => ServeEnd::Refused(refused),
                    KeeperEnd::Lost => ServeEnd::Lost,
                },
                _ = tasks.join_next() => ServeEnd::Lost,
            }
        };
        drop((stop, collector.requests));
        // Clients that wait for news get an answer, instead of a connection that is cut. The tags of the next run are others.
        for moved in &waited_for {
            moved.send_modify(NewsTag::end);
        }
        let collector = collector.tasks;
        let ends = async {
            // Its other tasks run until this function ends.
            while !server.is_finished() && tasks.join_next().await.is_some() {}
            collector.ended().await;
        };
        let _ = timeout(limits.stop_within + LAST_NOTES, ends).await;
        tracing::info!("hss-top serve has ended");
        Ok(end)
    }
}

/// The journal of these settings' state, and the tasks that keep it.
fn journal_of(settings: &Settings, moved: watch::Sender<NewsTag>, tasks: &mut JoinSet<()>) -> TeamJournal {
    let (entries, to_write) = mpsc::channel(ENTRIES);
    let (news_in, mut news) = mpsc::channel(1);
    let (latest_in, latest) = watch::channel(LogbookNews::default());
    tasks.spawn(logbook::run(settings.state.clone(), to_write, news_in));
    tasks.spawn(async move {
        while let Some(newer) = news.recv().await {
            let decisions = |news: &LogbookNews| news.book.as_ref().map(|book| book.decisions.clone());
            let has_moved = decisions(&newer) != decisions(&latest_in.borrow());
            latest_in.send_replace(newer);
            if has_moved {
                moved.send_modify(|moved| moved.journal += 1);
            }
        }
    });
    TeamJournal::new(entries, latest)
}

/// What does not change of a source.
fn kept_source(profile: &ServedProfile, id: SourceId, moved: watch::Sender<NewsTag>) -> KeptSource {
    let name = profile.name.as_deref().map(RemoteText::name);
    let label = |name: &RemoteText| label_text(&[("profile", name.shown())]);
    KeptSource {
        id,
        profile: profile.name.clone(),
        labels: name.as_ref().map(label).unwrap_or_default().into(),
        place: profile.settings.source.place.clone(),
        kept: kept_part(&profile.settings),
        list_age_limit: profile.settings.list_age_limit,
        moved,
    }
}

/// The pods that these settings request from HSS. A demo's project is our own; a project of HSS may be found
/// later.
fn kept_part(settings: &Settings) -> KeptPart {
    let project = match &settings.target {
        Target::Demo(_) | Target::Replay(_) => Some(settings.source.project.clone()),
        Target::Api(api) => api
            .setup
            .project
            .as_ref()
            .map(|project| project.as_str().to_owned()),
    };
    KeptPart {
        project,
        enterprise_project: settings.call.enterprise_project_id().to_owned(),
        scope: settings.call.scope().clone(),
    }
}
