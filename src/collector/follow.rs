//! Follows a collector of hss-top that answers in the place of HSS.
//!
//! Owns a task beside the one that reads the list. It waits with one request at a time until the collector's
//! list or journal moved, so a screen learns of a new list as soon as the collector has it. It brings the
//! changes that the collector saw while this program did not run, and carries the decisions of the team in
//! both directions: through [`TeamDoor`], which leads to the same logbook as the decisions of this screen.
//! None of this is sent until an answer had the mark of a collector. Must not: read the list, or decide
//! what a screen shows.

mod decisions;
mod once;

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use decisions::{KnownDecisions, pages};
pub use once::TeamMutes;

use super::task::CollectorNews;
use crate::clock::Clock;
use crate::fleet::changes::Change;
use crate::fleet::decisions::{Acknowledgement, Decisions, Mute};
use crate::hss::call::Parameters;
use crate::hss::calls::ReadTeam;
use crate::hss::collector_mark::CollectorState;
use crate::hss::{Client, Error, SendBy};
use crate::state::LogbookEntry;
use crate::state::logbook::saved_decisions;
use crate::state::shared_record::{SharedDecision, read_change};

/// How long one request waits at the collector, in seconds.
const WAIT: u64 = 20;
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(5);
/// The pause if the collector does not have these paths: an older one may be replaced by a newer one.
const LONG_PAUSE: Duration = Duration::from_mins(10);
/// The greatest age that is believed.
const OLDEST: Duration = Duration::from_hours(24 * 366);
/// How often all decisions are read.
const ALL_EVERY: Duration = Duration::from_hours(1);

/// The door between this screen's logbook and the journal of a team.
#[derive(Debug)]
pub struct TeamDoor {
    /// The file of the logbook: a collector may not know the decisions of earlier runs.
    pub file: Option<PathBuf>,
    /// The entries of this screen, which also go to its logbook.
    pub own: mpsc::Receiver<LogbookEntry>,
    /// The logbook: decisions of others arrive there.
    pub logbook: mpsc::Sender<LogbookEntry>,
}

/// The state that the collector last told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SeenState {
    tag: String,
    list: u64,
    journal: u64,
}

impl SeenState {
    fn read(body: &Map<String, Value>) -> Option<Self> {
        let number = |name: &str| body.get(name).and_then(Value::as_u64);
        Some(Self {
            tag: body.get("tag")?.as_str()?.chars().take(64).collect(),
            list: number("list")?,
            journal: number("journal")?,
        })
    }

    /// Whether both are of the same run of the collector.
    fn is_of_run(&self, other: &Self) -> bool {
        self.tag.split('.').next() == other.tag.split('.').next()
    }
}

/// The task.
struct Follower {
    client: Arc<Client>,
    news: mpsc::Sender<CollectorNews>,
    logbook: Option<mpsc::Sender<LogbookEntry>>,
    clock: Clock,
    acknowledged: KnownDecisions<Acknowledgement>,
    muted: KnownDecisions<Mute>,
    seen: Option<SeenState>,
    /// When all decisions were last read.
    all_read: Option<Instant>,
    /// Whether changes may have been missed.
    is_behind: bool,
    /// Whether the journal moved since it was read.
    is_moved: bool,
    /// Whether the token does not allow decisions; said once.
    only_reads: bool,
}

/// Works until the source ends, from the moment when `is_there` says that a collector answers. A collector that is
/// away, or that has no list yet, is asked again.
pub(super) async fn run(
    client: Arc<Client>,
    mut is_there: watch::Receiver<bool>,
    news: mpsc::Sender<CollectorNews>,
    door: Option<TeamDoor>,
    clock: Clock,
) {
    if is_there.wait_for(|is_there| *is_there).await.is_err() {
        return;
    }
    let (file, mut own, logbook) = match door {
        Some(door) => (door.file, Some(door.own), Some(door.logbook)),
        None => (None, None, None),
    };
    let saved = spawn_blocking(move || file.as_deref().map(saved_decisions));
    let saved = saved.await.ok().flatten().unwrap_or_default();
    let now = clock.now();
    let mut follower = Follower {
        client,
        news,
        logbook,
        acknowledged: KnownDecisions::new("/v1/acks", useful(saved.acknowledgements, |row| row.holds(now))),
        muted: KnownDecisions::new("/v1/mutes", useful(saved.mutes, |row| row.holds(now))),
        clock,
        seen: None,
        all_read: None,
        is_behind: true,
        is_moved: true,
        only_reads: false,
    };
    let mut pause = Duration::ZERO;
    loop {
        let tag = follower.seen.as_ref().map(|seen| seen.tag.clone());
        let moved = moved_since(Arc::clone(&follower.client), tag, pause);
        let done = tokio::select! {
            biased;
            entry = next_entry(&mut own) => {
                follower.own(entry);
                while let Some(Ok(entry)) = own.as_mut().map(mpsc::Receiver::try_recv) {
                    follower.own(entry);
                }
                if follower.seen.is_none() {
                    continue;
                }
                follower.carry().await
            }
            state = moved => match state {
                Ok(state) => follower.take(&state).await,
                Err(error) => Err(error),
            },
        };
        pause = match done {
            Ok(()) => Duration::ZERO,
            Err(error) => {
                if pause.is_zero() && error.named_wait().is_none() {
                    follower.ask_whether_it_is_away();
                }
                follower.is_behind = true;
                pause_after(&error)
            }
        };
    }
}

/// Decisions that a collector may not know: those that hold, and those that were undone.
fn useful<D: SharedDecision>(rows: Vec<D>, holds: impl Fn(&D) -> bool) -> Vec<D> {
    let is_useful = |row: &D| holds(row) || row.undone().is_some();
    rows.into_iter().filter(is_useful).collect()
}

async fn next_entry(own: &mut Option<mpsc::Receiver<LogbookEntry>>) -> LogbookEntry {
    if let Some(own) = own
        && let Some(entry) = own.recv().await
    {
        return entry;
    }
    pending().await
}

/// The collector's state once it is another one than `tag`, or after a while.
async fn moved_since(
    client: Arc<Client>,
    tag: Option<String>,
    pause: Duration,
) -> Result<Map<String, Value>, Error> {
    sleep(pause).await;
    let wait = tag.as_ref().map(|_| WAIT);
    let call = ReadTeam {
        path: "/v1/state",
        parameters: Parameters::default()
            .with("project_id", client.known_project())
            .with("seen", tag)
            .with("wait", wait),
    };
    Ok(client.call(SendBy::ANY, &call).await?.value)
}

fn pause_after(error: &Error) -> Duration {
    let is_unknown = matches!(error, Error::Service(service) if [404, 405].contains(&service.status));
    let named = error.named_wait().unwrap_or_default().min(LONG_PAUSE);
    if is_unknown { LONG_PAUSE } else { named.max(PAUSE) }
}

impl Follower {
    /// Lets the list be asked for at once, where a collector answered before: if it is away, the screen says so within seconds,
    /// and not when its next question is due.
    fn ask_whether_it_is_away(&self) {
        if self.seen.is_some() {
            let _ = self.news.try_send(CollectorNews::ListMoved);
        }
    }

    fn own(&mut self, entry: LogbookEntry) {
        match entry {
            LogbookEntry::Acknowledge(rows) | LogbookEntry::Withdraw(rows) => self.acknowledged.own(rows),
            LogbookEntry::Mute(row) | LogbookEntry::Unmute(row) => self.muted.own(vec![row]),
            LogbookEntry::Share(_)
            | LogbookEntry::Read(..)
            | LogbookEntry::Unread(_)
            | LogbookEntry::Used(_)
            | LogbookEntry::Reported(_) => {}
        }
    }

    /// Takes what the collector says of itself.
    async fn take(&mut self, body: &Map<String, Value>) -> Result<(), Error> {
        let Some(state) = SeenState::read(body) else {
            return Ok(());
        };
        let before = self.seen.replace(state.clone());
        let same_run = before.as_ref().filter(|before| before.is_of_run(&state));
        if before
            .as_ref()
            .is_some_and(|before| same_run.is_none() || before.list != state.list)
        {
            // The channel is full if the list's task is busy; it has one of these already then.
            let _ = self.news.try_send(CollectorNews::ListMoved);
        }
        let age = body.get("age_seconds").and_then(Value::as_u64);
        let word = body.get("state").and_then(Value::as_str);
        if let Some((age, word)) = age.zip(word) {
            let age = Duration::from_secs(age).min(OLDEST);
            let _ = self
                .news
                .try_send(CollectorNews::Confirmed(age, CollectorState::of(word)));
        }
        if same_run.is_none() {
            (self.is_behind, self.only_reads, self.all_read) = (true, false, None);
        }
        self.is_moved |= same_run.is_none_or(|before| before.journal != state.journal);
        self.carry().await
    }

    /// Brings everything that is due in either direction.
    async fn carry(&mut self) -> Result<(), Error> {
        if self.is_behind {
            let changes = self.changes().await?;
            self.is_behind = false;
            let _ = self.news.send(CollectorNews::Changes(changes)).await;
        }
        if self.logbook.is_none() {
            return Ok(());
        }
        let is_all = self.all_read.is_none_or(|at| at.elapsed() >= ALL_EVERY);
        if self.is_moved || is_all {
            self.read_decisions(is_all).await?;
        }
        self.send_decisions().await
    }

    async fn changes(&self) -> Result<Vec<Change>, Error> {
        let rows = pages(&self.client, "/v1/changes", None).await?;
        Ok(rows.iter().filter_map(read_change).collect())
    }

    async fn read_decisions(&mut self, is_all: bool) -> Result<(), Error> {
        let now = self.clock.now();
        let acknowledgements = self.acknowledged.read(&self.client, is_all, now).await?;
        let mutes = self.muted.read(&self.client, is_all, now).await?;
        self.is_moved = false;
        if is_all {
            self.all_read = Some(Instant::now());
        }
        if let Some(logbook) = &self.logbook
            && !(acknowledgements.is_empty() && mutes.is_empty())
        {
            let arrived = Decisions {
                acknowledgements,
                mutes,
            };
            // Nobody takes it at the end of the program.
            let _ = logbook.send(LogbookEntry::Share(arrived)).await;
        }
        Ok(())
    }

    async fn send_decisions(&mut self) -> Result<(), Error> {
        if self.only_reads {
            self.acknowledged.waiting.clear();
            self.muted.waiting.clear();
        }
        let sent = match self.acknowledged.send(&self.client).await {
            Ok(()) => self.muted.send(&self.client).await,
            failed => failed,
        };
        match sent {
            Err(Error::Service(service)) if service.status == 403 => {
                self.only_reads = true;
                let sentence = "this token can only read: decisions stay on this machine";
                let _ = self.news.send(CollectorNews::Told(sentence.to_owned())).await;
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_state_of_another_run_is_another_one() {
        let read = |tag: &str| {
            let body = json!({ "tag": tag, "list": 3, "journal": 4 });
            SeenState::read(body.as_object().unwrap()).unwrap()
        };
        assert!(read("a.3.4").is_of_run(&read("a.5.6")) && !read("a.3.4").is_of_run(&read("b.3.4")));
        let body = json!({ "tag": 1 });
        assert_eq!(SeenState::read(body.as_object().unwrap()), None);
    }
}
