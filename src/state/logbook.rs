//! Carries decisions and read marks between the screen and the file.
//!
//! Owns a task beside the event loop, which therefore never waits for the disk. It writes entries in their
//! order, each batch in one transaction, and reads the file after any change: the decisions of another
//! dashboard arrive within [`LOOKED_EVERY`]. It has its own connection for reading, like [`super::history`],
//! and opens the file for writing only if there is something to write. An entry that cannot be written is
//! retried.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
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

/// How often the file is checked: only its version number is read unless it changed.
pub const LOOKED_EVERY: Duration = Duration::from_secs(2);
/// How often before the first reading, because another thread may still be creating the file.
const FIRST_LOOKS: Duration = Duration::from_millis(250);
/// The most entries that wait for a file that cannot be written; the oldest are dropped.
const MOST_WAITING: usize = 10_000;

/// The most acknowledgements, and the most mutes; in memory the oldest are dropped.
pub const MOST_DECISIONS: usize = 20_000;

/// Everything in the file that belongs to changes, except the changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logbook {
    /// Acknowledgements and mutes.
    pub decisions: Decisions,
    /// The changes with a read mark.
    pub read: HashSet<ChangeId>,
    /// When hss-top watched HSS, oldest first.
    pub watched: Vec<WatchedSpan>,
    /// When an operator last used a dashboard.
    pub used_at: Option<Timestamp>,
    /// When the last report was written.
    pub reported_at: Option<Timestamp>,
}

/// Something to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogbookEntry {
    /// Somebody acknowledged changes.
    Acknowledge(Vec<Acknowledgement>),
    /// These acknowledgements are undone.
    Withdraw(Vec<Acknowledgement>),
    /// Decisions of other screens: those that are missing are added, and those that are undone are undone.
    Share(Decisions),
    /// Somebody muted pods.
    Mute(Mute),
    /// This mute is undone.
    Unmute(Mute),
    /// These changes were read.
    Read(Vec<ChangeId>, Timestamp),
    /// These changes are unread again.
    Unread(Vec<ChangeId>),
    /// The operator is at the dashboard.
    Used(Timestamp),
    /// A report was written.
    Reported(Timestamp),
}

/// The task's reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogbookNews {
    /// The content of the file; `None` while it cannot be read.
    pub book: Option<Arc<Logbook>>,
    /// How many entries of this program's own it contains: if it has fewer than were sent, it is not up to date.
    pub written: u64,
    /// Why entries are not written at the moment.
    pub trouble: Option<String>,
}

impl LogbookEntry {
    /// How many of the program's own entries it is: what other screens decided is none.
    const fn count(&self) -> u64 {
        match self {
            Self::Share(_) => 0,
            _ => 1,
        }
    }

    fn write(&self, writing: &Writing<'_>) -> Result<(), rusqlite::Error> {
        match self {
            Self::Acknowledge(rows) => rows
                .iter()
                .try_for_each(|row| writing.acknowledgement(None, row).map(drop)),
            Self::Withdraw(rows) => writing.withdraw_acknowledgements(rows),
            Self::Share(decisions) => writing.share(decisions),
            Self::Mute(row) => writing.mute(None, row).map(drop),
            Self::Unmute(row) => writing.withdraw_mute(row),
            Self::Read(ids, at) => writing.read_changes(ids, *at),
            Self::Unread(ids) => writing.unread_changes(ids),
            Self::Used(at) => writing.used(*at),
            Self::Reported(at) => writing.reported(*at),
        }
    }
}

impl Logbook {
    /// Does what the entry says, as the file would.
    pub fn apply(&mut self, entry: &LogbookEntry) {
        let decisions = &mut self.decisions;
        match entry {
            LogbookEntry::Acknowledge(rows) => {
                decisions.acknowledgements.extend(rows.iter().cloned());
                let too_many = decisions.acknowledgements.len().saturating_sub(MOST_DECISIONS);
                decisions.acknowledgements.drain(..too_many);
            }
            LogbookEntry::Withdraw(rows) => self.undo(rows, None),
            LogbookEntry::Share(others) => {
                let (new, undone) = decisions.missing(others);
                for entry in [
                    LogbookEntry::Acknowledge(new.acknowledgements),
                    LogbookEntry::Withdraw(undone.acknowledgements),
                ] {
                    self.apply(&entry);
                }
                new.mutes
                    .into_iter()
                    .for_each(|row| self.apply(&LogbookEntry::Mute(row)));
                undone
                    .mutes
                    .into_iter()
                    .for_each(|row| self.apply(&LogbookEntry::Unmute(row)));
            }
            LogbookEntry::Mute(row) => {
                decisions.mutes.push(row.clone());
                let too_many = decisions.mutes.len().saturating_sub(MOST_DECISIONS);
                decisions.mutes.drain(..too_many);
            }
            LogbookEntry::Unmute(row) => self.undo(&[], Some(row)),
            LogbookEntry::Read(ids, _) => self.read.extend(ids),
            LogbookEntry::Unread(ids) => self.read.retain(|id| !ids.contains(id)),
            LogbookEntry::Used(at) => self.used_at = Some(*at),
            LogbookEntry::Reported(at) => self.reported_at = Some(*at),
        }
    }

    /// Undoes these decisions.
    pub fn undo(&mut self, acknowledged: &[Acknowledgement], muted: Option<&Mute>) {
        let wanted: HashMap<(&str, &str), &Acknowledgement> = acknowledged
            .iter()
            .map(|row| ((row.pod.as_str(), row.finding.as_str()), row))
            .collect();
        for row in &mut self.decisions.acknowledgements {
            let undone = wanted
                .get(&(row.pod.as_str(), row.finding.as_str()))
                .filter(|undone| undone.is_same(row));
            if let Some(undone) = undone {
                row.undone = undone.undone;
            }
        }
        for row in &mut self.decisions.mutes {
            if let Some(undone) = muted.filter(|undone| undone.is_same(row)) {
                row.undone = undone.undone;
            }
        }
    }
}

/// The logbook of a program that saves nothing: what is entered lasts as long as the program.
async fn run_in_memory(mut entries: mpsc::Receiver<LogbookEntry>, news: mpsc::Sender<LogbookNews>) {
    let mut told = LogbookNews {
        book: Some(Arc::default()),
        ..LogbookNews::default()
    };
    while news.send(told.clone()).await.is_ok() {
        let Some(entry) = entries.recv().await else {
            return;
        };
        let book = Arc::make_mut(told.book.get_or_insert_default());
        book.apply(&entry);
        told.written += entry.count();
    }
}

/// Writes entries and reports the file's content until the event loop ends; then writes the rest. Without a
/// file, decisions last as long as the program.
pub async fn run(
    file: Option<PathBuf>,
    mut entries: mpsc::Receiver<LogbookEntry>,
    news: mpsc::Sender<LogbookNews>,
) {
    let Some(file) = file else {
        return run_in_memory(entries, news).await;
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

/// The decisions in a file now; none if it cannot be read, or is not there.
pub fn saved_decisions(file: &Path) -> Decisions {
    let read = open_to_read(file).and_then(|connection| match connection {
        Some(connection) => database::decisions(&connection),
        None => Ok(Decisions::default()),
    });
    read.unwrap_or_else(|error| {
        tracing::debug!(%error, "the logbook cannot be read");
        Decisions::default()
    })
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

    /// Writes waiting entries and, if requested, reads what is new.
    fn turn(mut self, is_read: bool) -> (Self, LogbookNews) {
        if !self.waiting.is_empty() {
            match self.write() {
                Ok(()) => {
                    self.news.written += self.waiting.drain(..).map(|entry| entry.count()).sum::<u64>();
                    self.news.trouble = None;
                }
                Err(why) => {
                    let too_many = self.waiting.len().saturating_sub(MOST_WAITING);
                    let dropped = self.waiting.drain(..too_many);
                    self.news.written += dropped.map(|entry| entry.count()).sum::<u64>();
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
        // Before the rows, so that rows written in between are read the next time.
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
