//! What operators decided and read, between the screen and the file.
//!
//! Owns a task beside the event loop, which never waits for the disk. It writes entries in the order in which they come, each
//! batch in one transaction, and reads the file when anybody changed it: the decisions of another dashboard are there
//! [`LOOKED_EVERY`] later. It reads on a connection of its own, as [`super::history`] does, and opens the file for writing only
//! when there is something to write. An entry that cannot be written is kept and tried again.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::database::{self, Database, Identity, Unusable, Writing, identity};
use super::history::open_to_read;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::{Acknowledgement, Decisions, Mute};
use crate::fleet::watched::WatchedSpan;

/// How often the file is looked at: a single number of it, unless it changed.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);
/// How often until it was read once: another thread may still create it.
const FIRST_LOOKS: Duration = Duration::from_millis(250);
/// The most entries that wait for a file that cannot be written; the oldest are dropped.
const MOST_WAITING: usize = 10_000;

/// Everything of the file that belongs to changes, but the changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logbook {
    /// Acknowledgements and mutes.
    pub decisions: Decisions,
    /// The changes that were read.
    pub read: HashSet<ChangeId>,
    /// When hss-top looked at HSS, oldest first.
    pub watched: Vec<WatchedSpan>,
    /// When an operator last used a dashboard.
    pub used_at: Option<Timestamp>,
    /// When the last report was written.
    pub reported_at: Option<Timestamp>,
}

/// Something to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogbookEntry {
    /// Somebody took note of changes.
    Acknowledge(Vec<Acknowledgement>),
    /// These are taken back, as they say.
    Withdraw(Vec<Acknowledgement>),
    /// Somebody muted pods.
    Mute(Mute),
    /// This one is taken back, as it says.
    Unmute(Mute),
    /// These changes were read.
    Read(Vec<ChangeId>, Timestamp),
    /// They were not, after all.
    Unread(Vec<ChangeId>),
    /// The operator is at the dashboard.
    Used(Timestamp),
    /// A report was written.
    Reported(Timestamp),
}

/// What the task has to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogbookNews {
    /// What the file has; `None` while it cannot be read.
    pub book: Option<Arc<Logbook>>,
    /// How many entries are in it: with fewer than were sent it is not the newest.
    pub written: u64,
    /// Why entries are not written at the moment.
    pub trouble: Option<String>,
}

impl LogbookEntry {
    fn write(&self, writing: &Writing<'_>) -> Result<(), rusqlite::Error> {
        match self {
            Self::Acknowledge(rows) => rows
                .iter()
                .try_for_each(|row| writing.acknowledgement(None, row).map(drop)),
            Self::Withdraw(rows) => writing.withdraw_acknowledgements(rows),
            Self::Mute(row) => writing.mute(None, row).map(drop),
            Self::Unmute(row) => writing.withdraw_mute(row),
            Self::Read(ids, at) => writing.read_changes(ids, *at),
            Self::Unread(ids) => writing.unread_changes(ids),
            Self::Used(at) => writing.used(*at),
            Self::Reported(at) => writing.reported(*at),
        }
    }
}

/// Writes entries and tells what the file has, until the event loop is gone; then writes what is left. Without a file it does
/// nothing: decisions then last as long as the program.
pub async fn run(
    file: Option<PathBuf>,
    mut entries: mpsc::Receiver<LogbookEntry>,
    news: mpsc::Sender<LogbookNews>,
) {
    let Some(file) = file else {
        while entries.recv().await.is_some() {}
        return;
    };
    let mut book = LogbookFile::new(file);
    let mut told = LogbookNews::default();
    let mut looks = interval(FIRST_LOOKS);
    loop {
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_over = false;
        tokio::select! {
            entry = entries.recv() => match entry {
                Some(entry) => {
                    book.waiting.push(entry);
                    while let Ok(entry) = entries.try_recv() {
                        book.waiting.push(entry);
                    }
                }
                None => is_over = true,
            },
            _ = looks.tick() => {}
        }
        let Ok((same, now)) = spawn_blocking(move || book.turn(!is_over)).await else {
            return;
        };
        book = same;
        if is_over {
            return;
        }
        if told.book.is_none() && now.book.is_some() {
            looks = interval(LOOKED_EVERY);
        }
        if now != told {
            told = now.clone();
            if news.send(now).await.is_err() {
                return;
            }
        }
    }
}

/// The file, between two turns.
struct LogbookFile {
    file: PathBuf,
    /// The connection that reads, the identity of its file, and the version of the data that was read.
    connection: Option<(Option<Identity>, Connection, Option<i64>)>,
    waiting: Vec<LogbookEntry>,
    news: LogbookNews,
}

impl LogbookFile {
    fn new(file: PathBuf) -> Self {
        Self {
            file,
            connection: None,
            waiting: Vec::new(),
            news: LogbookNews::default(),
        }
    }

    /// Writes what waits and, if it is wanted, reads what is new.
    fn turn(mut self, is_read: bool) -> (Self, LogbookNews) {
        if !self.waiting.is_empty() {
            match self.write() {
                Ok(()) => {
                    self.news.written += self.waiting.len() as u64;
                    self.waiting.clear();
                    self.news.trouble = None;
                }
                Err(why) => {
                    let too_many = self.waiting.len().saturating_sub(MOST_WAITING);
                    self.waiting.drain(..too_many);
                    self.news.written += too_many as u64;
                    self.news.trouble = Some(format!("decisions are not saved yet: {why}"));
                }
            }
        }
        if is_read && let Err(error) = self.read() {
            tracing::debug!(%error, "the logbook cannot be read");
            self.connection = None;
        }
        let news = self.news.clone();
        (self, news)
    }

    fn write(&self) -> Result<(), Unusable> {
        let (mut database, _) = Database::open(&self.file)?;
        database.write(|writing| self.waiting.iter().try_for_each(|entry| entry.write(writing)))
    }

    fn read(&mut self) -> Result<(), rusqlite::Error> {
        let identity = identity(&self.file);
        let (connection, known) = match self.connection.take() {
            Some((of, connection, known)) if of == identity => (connection, known),
            _ => match open_to_read(&self.file)? {
                Some(connection) => (connection, None),
                None => return Ok(()),
            },
        };
        // Before the rows: what is written in between is read the next time.
        let version: i64 = connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if known != Some(version) {
            let book = Logbook {
                decisions: database::decisions(&connection)?,
                read: database::read_changes(&connection)?,
                watched: database::watched(&connection)?,
                used_at: database::used_at(&connection)?,
                reported_at: database::reported_at(&connection)?,
            };
            if self.news.book.as_deref() != Some(&book) {
                self.news.book = Some(Arc::new(book));
            }
        }
        self.connection = Some((identity, connection, Some(version)));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
