//! Follows a collector of hss-top that answers in the place of HSS.
//!
//! Owns a task beside the one that reads the list. It waits with one request at a time until the collector's
//! list or journal moved, so a screen learns of a new list as soon as the collector has it. It brings the
//! changes that the collector saw while this program did not run, and carries the decisions of the team in
//! both directions: through [`TeamDoor`], which leads to the same logbook as the decisions of this screen.
//! Nothing of this is sent before an answer had the mark of a collector. Must not: read the list, or decide
//! what a screen shows.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::task::CollectorNews;
use crate::clock::Clock;
use crate::fleet::changes::Change;
use crate::fleet::decisions::{Acknowledgement, Decisions, Mute};
use crate::hss::call::Parameters;
use crate::hss::calls::{ReadTeam, SendToTeam};
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
/// The records of a page.
const PAGE: u32 = 500;
/// The most pages of a list: a collector keeps 20,000 decisions of each kind.
const MOST_PAGES: u32 = 50;
/// The most decisions in one request.
const AT_ONCE: usize = 50;
/// Decisions older than the newest known one by more than this are only read with all others: screens whose
/// clocks differ, or that were cut off, send late.
const OVERLAP_MS: i64 = 48 * 3600 * 1000;
/// The greatest age that is believed.
const OLDEST: Duration = Duration::from_hours(24 * 366);
/// How often all decisions are read.
const ALL_EVERY: Duration = Duration::from_hours(1);
/// The most decisions that wait for a collector; the logbook has them, so a restart finds what was dropped.
const MOST_WAITING: usize = 2000;

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

/// What is known of the decisions of one kind.
#[derive(Debug)]
struct KnownDecisions<D> {
    path: &'static str,
    /// By id, and whether it is undone.
    known: HashMap<String, bool>,
    /// To be sent.
    waiting: Vec<D>,
    /// The newest date of a decision that was read, in milliseconds.
    newest: i64,
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

/// Works until the source ends. `is_there` says whether a collector answers.
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
        let moved = moved_since(Arc::clone(&follower.client), tag, pause, is_there.clone());
        let done = tokio::select! {
            biased;
            entry = next_entry(&mut own) => {
                follower.own(entry);
                while let Some(Ok(entry)) = own.as_mut().map(mpsc::Receiver::try_recv) {
                    follower.own(entry);
                }
                if !*is_there.borrow() || follower.seen.is_none() {
                    continue;
                }
                follower.carry().await
            }
            state = moved => match state {
                None => return,
                Some(Ok(state)) => follower.take(&state).await,
                Some(Err(error)) => Err(error),
            },
        };
        pause = match done {
            Ok(()) => Duration::ZERO,
            Err(error) => {
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

/// The collector's state once it is another one than `tag`, or after a while; `None` if the source has ended.
async fn moved_since(
    client: Arc<Client>,
    tag: Option<String>,
    pause: Duration,
    mut is_there: watch::Receiver<bool>,
) -> Option<Result<Map<String, Value>, Error>> {
    sleep(pause).await;
    is_there.wait_for(|is_there| *is_there).await.ok()?;
    let wait = tag.as_ref().map(|_| WAIT);
    let call = ReadTeam {
        path: "/v1/state",
        parameters: Parameters::default().with("seen", tag).with("wait", wait),
    };
    Some(client.call(SendBy::ANY, &call).await.map(|answer| answer.value))
}

fn pause_after(error: &Error) -> Duration {
    let is_unknown = matches!(error, Error::Service(service) if [404, 405].contains(&service.status));
    let named = error.named_wait().unwrap_or_default().min(LONG_PAUSE);
    if is_unknown { LONG_PAUSE } else { named.max(PAUSE) }
}

impl Follower {
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
                let sentence = "the collector's token only reads: decisions stay on this machine";
                let _ = self.news.send(CollectorNews::Told(sentence.to_owned())).await;
                Ok(())
            }
            other => other,
        }
    }
}

impl<D: SharedDecision> KnownDecisions<D> {
    fn new(path: &'static str, saved: Vec<D>) -> Self {
        let known = saved.iter().map(|row| (row.id(), row.undone().is_some()));
        Self {
            path,
            known: known.collect(),
            waiting: saved,
            newest: 0,
        }
    }

    /// Takes decisions of this screen. One that is undone before it was sent replaces itself.
    fn own(&mut self, rows: Vec<D>) {
        for row in rows {
            let id = row.id();
            self.known.insert(id.clone(), row.undone().is_some());
            self.waiting.retain(|other| other.id() != id);
            self.waiting.push(row);
        }
        let too_many = self.waiting.len().saturating_sub(MOST_WAITING);
        self.waiting.drain(..too_many);
    }

    /// Takes decisions of the collector, which need not be sent to it. Returns what is new here.
    fn arrived(&mut self, rows: Vec<D>) -> Vec<D> {
        let there: HashMap<String, bool> = rows
            .iter()
            .map(|row| (row.id(), row.undone().is_some()))
            .collect();
        self.waiting.retain(|row| match there.get(&row.id()) {
            Some(is_undone) => row.undone().is_some() && !is_undone,
            None => true,
        });
        let is_new = |row: &D| {
            let is_undone = row.undone().is_some();
            match self.known.insert(row.id(), is_undone) {
                // What was undone before it was seen here is of no use.
                None => !is_undone,
                // What is undone here is not done again.
                Some(true) => {
                    self.known.insert(row.id(), true);
                    false
                }
                Some(false) => is_undone,
            }
        };
        rows.into_iter().filter(is_new).collect()
    }

    /// Reads the decisions of the collector, or only the newest of them.
    async fn read(&mut self, client: &Client, is_all: bool, now: Timestamp) -> Result<Vec<D>, Error> {
        let since = (!is_all).then(|| self.newest.saturating_sub(OVERLAP_MS).max(0));
        let rows = pages(client, self.path, since).await?;
        let rows: Vec<D> = rows.iter().filter_map(|row| D::read(row, now).ok()).collect();
        let newest = rows.iter().map(|row| row.moved_at().as_millisecond()).max();
        self.newest = self.newest.max(newest.unwrap_or(0));
        let there: HashSet<String> = rows.iter().map(SharedDecision::id).collect();
        let arrived = self.arrived(rows);
        if is_all {
            // What the collector does not have needs not be undone there.
            self.waiting
                .retain(|row| row.undone().is_none() || there.contains(&row.id()));
        }
        Ok(arrived)
    }

    /// Sends what waits.
    async fn send(&mut self, client: &Client) -> Result<(), Error> {
        while !self.waiting.is_empty() {
            let count = self.waiting.len().min(AT_ONCE);
            let records: Vec<Value> = self.waiting.iter().take(count).map(D::write).collect();
            let call = SendToTeam {
                path: self.path,
                body: json!({ "records": records }).to_string().into_bytes(),
            };
            match client.call(SendBy::ANY, &call).await {
                Ok(_) => {}
                // Sending them again would not help.
                Err(Error::Service(service)) if [400, 413, 507].contains(&service.status) => {
                    tracing::warn!(
                        status = service.status,
                        count,
                        "the collector does not take decisions"
                    );
                }
                Err(error) => return Err(error),
            }
            self.waiting.drain(..count);
        }
        Ok(())
    }
}

/// All records of a list of the collector, oldest first.
async fn pages(client: &Client, path: &'static str, since: Option<i64>) -> Result<Vec<Value>, Error> {
    let (mut rows, mut after) = (Vec::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let call = ReadTeam {
            path,
            parameters: Parameters::default()
                .with("after", after.as_ref())
                .with("limit", Some(PAGE))
                .with("since", since),
        };
        let mut body = client.call(SendBy::ANY, &call).await?.value;
        if let Some(Value::Array(records)) = body.remove("records") {
            rows.extend(records);
        }
        after = body.get("last").and_then(Value::as_str).map(str::to_owned);
        if body.get("more") != Some(&Value::Bool(true)) || after.is_none() {
            break;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::PodKey;

    fn row(second: i64, undone: Option<i64>) -> Acknowledgement {
        let at = |second| Timestamp::from_second(1_760_000_000 + second).unwrap();
        Acknowledgement {
            who: "ops".to_owned(),
            at: at(second),
            pod: PodKey::restored("id\0a"),
            finding: "dd23e1be204952fe".to_owned(),
            until: None,
            undone: undone.map(at),
        }
    }

    #[test]
    fn a_decision_goes_where_it_is_missing_and_an_undone_one_is_not_done_again() {
        let mut known = KnownDecisions::new("/v1/acks", vec![row(1, None), row(2, Some(9)), row(3, None)]);
        let arrived = known.arrived(vec![
            row(1, None),
            row(2, None),
            row(3, Some(8)),
            row(4, None),
            row(5, Some(8)),
        ]);
        assert_eq!(arrived, [row(3, Some(8)), row(4, None)]);
        assert_eq!(known.waiting, [row(2, Some(9))]);
        assert_eq!(known.arrived(vec![row(4, None), row(2, None)]), []);
        known.own(vec![row(6, None)]);
        known.own(vec![row(6, Some(7))]);
        assert_eq!(
            known.waiting,
            [row(2, Some(9)), row(6, Some(7))],
            "it replaces itself"
        );
    }

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
