//! The loop of `hss-top watch`.
//!
//! Owns when the saved log is read, and when to stop. A reader that stands still holds up nothing but its own lines.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::WatchArgs;
use super::form::ChangePrinter;
use super::notes::{WatchNote, WatchNotes};
use super::queue::WatchQueue;
use crate::cli::change_filter::ChangedPodsOf;
use crate::cli::fleet_fetch::FetchEnd;
use crate::cli::stdout::{self, StdoutPipe, nobody_reads};
use crate::cli::stop::told_to_stop;
use crate::clock::{Clock, local_zone};
use crate::collector::{Budgets, Collector, CollectorSettings, Handle, SyncStatus};
use crate::env::Variables;
use crate::exit_codes::{self, ExitReason};
use crate::fleet::Fleet;
use crate::fleet::changes::Change;
use crate::fleet::query::change_query::ChangeQuery;
use crate::hss::error::{Error, ErrorKind};
use crate::report::change_record::ChangeRecord;
use crate::settings::Settings;
use crate::state::{ChangeFeed, FeedStart};
use crate::terminal::{self, say};

/// How often the saved log is looked at, and whether anybody reads.
const LOOKED_EVERY: Duration = Duration::from_millis(500);
/// The time limit for writing the last lines and the state.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a replay runs longer than its recording: it is never exactly as fast as the recorder.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// A watch at work.
struct WatchRun {
    handle: Handle,
    clock: Clock,
    feed: Option<ChangeFeed>,
    queue: WatchQueue,
    notes: WatchNotes,
    is_quiet: bool,
    give_up_after: Option<Duration>,
    query: ChangeQuery,
    printer: ChangePrinter,
    pipe: StdoutPipe,
    /// Lines that wait until there is room in the pipe.
    lines: Vec<u8>,
    fleet: Fleet,
    status: SyncStatus,
    /// Whether what an earlier run stored is there: a filter asks for it.
    is_ready: bool,
    /// Since when calls fail.
    failing: Option<Instant>,
    has_answered: bool,
    /// Project and place.
    source: [Arc<str>; 2],
    /// When the recording of a replay ends.
    replayed_at: Option<Instant>,
}

/// How a watch ended.
enum WatchStop {
    /// It makes no sense to go on.
    Hopeless(Box<Error>),
    /// Nobody reads, or writing failed.
    Unwritten,
    /// The collector ended without a reason.
    Lost,
    /// The recording has ended.
    Replayed,
    /// This signal asked for the end.
    Signal(u8),
}

/// Tells what changes; returns the exit code.
///
/// # Errors
/// Those of the system, where no port or signal can be had.
pub async fn run(
    args: &WatchArgs,
    settings: Settings,
    query: ChangeQuery,
    variables: Variables<'_>,
    clock: Clock,
) -> io::Result<u8> {
    let mut signal = pin!(told_to_stop()?);
    let mut servers = JoinSet::new();
    // Before the collector is at work: what it records is told.
    let feed = open_feed(&settings, args.after.unwrap_or(FeedStart::Now)).await?;
    let (setup, trust) = settings.reach(&clock, &mut servers).await?;
    let source = settings.source_setup(setup, trust, settings.request());
    let mut run = WatchRun {
        handle: Collector::start(
            vec![source],
            CollectorSettings::default(),
            &Budgets::default(),
            &clock,
        ),
        clock,
        queue: WatchQueue::new(feed.is_some()),
        feed,
        notes: WatchNotes::default(),
        is_quiet: args.quiet,
        give_up_after: args.give_up_after,
        query,
        printer: ChangePrinter {
            output: args.output,
            zone: local_zone().0,
            signs: settings.look.signs(variables),
        },
        pipe: StdoutPipe::start(),
        lines: Vec::new(),
        fleet: Fleet::default(),
        status: SyncStatus::default(),
        is_ready: false,
        failing: None,
        has_answered: false,
        source: [settings.source.project.as_str(), settings.source.place.as_str()].map(Arc::from),
        replayed_at: settings
            .replay_takes()
            .map(|takes| Instant::now() + takes + LAST_ANSWERS),
    };
    let stop = {
        let mut work = pin!(run.follow());
        tokio::select! {
            stop = &mut work => stop?,
            number = &mut signal => WatchStop::Signal(number),
        }
    };
    run.finish(stop).await
}

async fn open_feed(settings: &Settings, start: FeedStart) -> io::Result<Option<ChangeFeed>> {
    let Some(file) = settings.state.clone() else {
        return Ok(None);
    };
    let opened = spawn_blocking(move || ChangeFeed::open(file, start)).await;
    let (feed, result) = opened.map_err(io::Error::other)?;
    match result {
        // The collector finds a new file, and has nothing to say about it.
        Ok(Some(notice)) => say(&format!("hss-top: {notice}")),
        Ok(None) => {}
        // The collector says it too, as long as it lasts.
        Err(why) => tracing::warn!(%why, "the saved changes cannot be read"),
    }
    Ok(Some(feed))
}

impl WatchRun {
    async fn follow(&mut self) -> io::Result<WatchStop> {
        let mut looks = interval(LOOKED_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                reply = self.handle.replies.recv() => {
                    let Some(reply) = reply else {
                        return Ok(WatchStop::Lost);
                    };
                    if let Some((status, fleet)) = reply.into_list()
                        && let Some(stop) = self.heard(status, fleet)
                    {
                        return Ok(stop);
                    }
                }
                () = sleep_until(self.replayed_at.unwrap_or_else(Instant::now)), if self.replayed_at.is_some() => {
                    self.read_on().await?;
                    return Ok(WatchStop::Replayed);
                }
                _ = looks.tick() => {
                    if nobody_reads() || self.pipe.is_over() {
                        return Ok(WatchStop::Unwritten);
                    }
                    if let Some(error) = self.gives_up() {
                        return Ok(WatchStop::Hopeless(Box::new(error)));
                    }
                    // While lines wait for a reader, what is in the file can wait there.
                    if self.is_ready && self.lines.is_empty() {
                        self.read_on().await?;
                    }
                }
                has_room = self.pipe.room(), if !self.lines.is_empty() => {
                    if !has_room || !self.pipe.write(std::mem::take(&mut self.lines)).await {
                        return Ok(WatchStop::Unwritten);
                    }
                }
            }
        }
    }

    /// Takes a report of the collector; returns why to stop, if there is a reason.
    fn heard(&mut self, status: SyncStatus, fleet: Option<Fleet>) -> Option<WatchStop> {
        self.has_answered |= status.asked_at.is_some() && !status.restored;
        self.failing = match (&status.problem, self.failing) {
            (None, _) => None,
            (Some(_), since) => Some(since.unwrap_or_else(Instant::now)),
        };
        if let Some(project) = &status.project {
            self.source[0] = project.as_str().into();
        }
        self.is_ready |= !status.restoring;
        self.status = status;
        if let Some(fleet) = fleet {
            let missed = self.queue.found(fleet.changes(), Instant::now());
            if missed > 0 {
                self.say(&WatchNote::error(format!(
                    "{missed} changes arrived at once, more than can be saved: they are not printed"
                )));
            }
            self.fleet = fleet;
        }
        let hopeless = self.status.problem.as_ref().filter(|problem| {
            let kind = problem.error.kind();
            !self.has_answered
                && matches!(
                    kind,
                    ErrorKind::SignIn | ErrorKind::KeyRefused | ErrorKind::Denied
                )
        });
        if let Some(problem) = hopeless {
            return Some(WatchStop::Hopeless(Box::new(problem.error.clone())));
        }
        let name = format!("{} ({})", self.source[0], self.source[1]);
        for note in self.notes.of(&self.status, &name, self.clock.now()) {
            self.say(&note);
        }
        None
    }

    fn gives_up(&self) -> Option<Error> {
        let (since, patience) = (self.failing?, self.give_up_after?);
        let problem = self.status.problem.as_ref()?;
        (since.elapsed() >= patience).then(|| problem.error.clone())
    }

    /// Makes lines of what was recorded meanwhile.
    async fn read_on(&mut self) -> io::Result<()> {
        let mut changes = Vec::new();
        if let Some(mut feed) = self.feed.take() {
            let read = spawn_blocking(move || (feed.read(), feed)).await;
            let (read, feed) = read.map_err(io::Error::other)?;
            self.feed = Some(feed);
            match read {
                Ok(found) => {
                    if found.lost_place {
                        self.say(&WatchNote::error(
                            "the change of --after is no longer in the saved log: all saved changes follow"
                                .to_owned(),
                        ));
                    }
                    changes = self.queue.read(found.changes);
                }
                Err(why) => tracing::debug!(%why, "the saved changes cannot be read"),
            }
        }
        let is_in_trouble = self.status.state_trouble.is_some();
        changes.extend(self.queue.unread(is_in_trouble, Instant::now()));
        self.tell(&changes)
    }

    fn tell(&mut self, changes: &[Change]) -> io::Result<()> {
        let now = self.status.service_time(self.clock.now());
        let pods = ChangedPodsOf::new(&self.fleet, || self.fleet.changes().iter());
        for change in changes
            .iter()
            .filter(|change| pods.pass(&self.query, change, now))
        {
            let record = ChangeRecord {
                project: Arc::clone(&self.source[0]),
                region: Arc::clone(&self.source[1]),
                change: change.clone(),
            };
            self.printer.print(&record, &mut self.lines)?;
        }
        Ok(())
    }

    fn say(&self, note: &WatchNote) {
        if note.is_error || !self.is_quiet {
            say(&format!("hss-top: {}", note.text));
        }
    }

    /// Writes what is left, and says how it ended.
    async fn finish(self, stop: WatchStop) -> io::Result<u8> {
        let (pipe, lines) = (self.pipe, self.lines);
        let last = async {
            pipe.write(lines).await;
            pipe.finish().await
        };
        let written = timeout(LAST_WORDS, last).await.unwrap_or(Ok(()));
        let Handle {
            requests,
            replies,
            tasks,
        } = self.handle;
        drop((requests, replies));
        let _ = timeout(LAST_WORDS, tasks.ended()).await;
        if let Err(error) = written {
            let why = stdout::fault(&error);
            say(&format!("hss-top: the changes cannot be written: {why}"));
            return Ok(ExitReason::Output.code());
        }
        let end = match stop {
            WatchStop::Signal(number) => {
                say(&format!(
                    "hss-top: ended by {}",
                    terminal::signal_name(number.into())
                ));
                return Ok(exit_codes::of_signal(number));
            }
            WatchStop::Unwritten | WatchStop::Replayed => return Ok(ExitReason::Done.code()),
            WatchStop::Hopeless(error) => FetchEnd::Failed(error),
            WatchStop::Lost => FetchEnd::Lost,
        };
        if let Some(why) = end.trouble(&self.status) {
            say(&format!("hss-top: {why}"));
        }
        for advice in end.advice() {
            say(&format!("hss-top: → {advice}"));
        }
        Ok(end.reason().code())
    }
}
