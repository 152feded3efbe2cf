//! The file: its schema, its pages, its facts.
//!
//! Owns SQLite. Every write is a transaction, so that a process that is killed loses nothing that was committed before; two
//! dashboards may write to one file, and wait for each other. A file that is no database any more, or is damaged inside, is
//! put aside, never overwritten.

mod file;
#[cfg(test)]
pub(crate) mod tests;
mod writing;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use super::journal;
use crate::fleet::changes::Change;
use file::{make_private, put_aside};

pub(super) use file::{Identity, identity};
pub use writing::Writing;

/// Of the schema below.
const VERSION: i64 = 1;
/// How long to wait for another dashboard that writes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the file is tried in that time.
const TURNS: u32 = 40;
const SCHEMA: &str = "
    CREATE TABLE page (
        offset INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    ) STRICT;
    CREATE TABLE fact (
        name TEXT PRIMARY KEY,
        value INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE usage (
        pod INTEGER NOT NULL,
        at INTEGER NOT NULL,
        cpu INTEGER,
        memory INTEGER,
        PRIMARY KEY (pod, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX usage_at ON usage (at);
";

/// What is known of the pages as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the last of them came.
    pub asked_at: Option<Timestamp>,
    /// `last_update_time` of the newest.
    pub snapshot_at: Option<Timestamp>,
    /// `total_num` of the newest.
    pub total: Option<u64>,
    /// Whether they are all there is, as of that snapshot.
    pub complete: bool,
    /// How many pages the last complete sweep left: fewer, or more, are not all there is. Noted with the end of that sweep;
    /// not known in a file of an older version.
    pub pages: Option<u64>,
}

impl Facts {
    /// Whether these pages, so many, are all there is.
    pub fn are_met_by(&self, pages: u64) -> bool {
        self.complete && self.pages == Some(pages)
    }
}

/// Why the file cannot be used, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    why: String,
    /// What SQLite says, where it says something.
    code: Option<ErrorCode>,
}

impl Unusable {
    /// Whether the file is no database any more, at least in part: another attempt is no use.
    pub fn is_damage(&self) -> bool {
        is_damage(self.code)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        let why = match code {
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "the file cannot be written".to_owned()
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another dashboard holds the file".to_owned()
            }
            _ => error.to_string(),
        };
        Self { why, code }
    }
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        Self {
            why: error.to_string(),
            code: None,
        }
    }
}

/// An open file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    /// Which file it is, whatever its name is by now.
    identity: Option<Identity>,
}

impl Database {
    /// Opens the file, or begins a new one. One that is damaged is put aside under another name first; the second value
    /// says so.
    pub fn open(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        match Self::open_in_turn(path) {
            Err(error) if is_damage(error.sqlite_error_code()) => {
                let told = put_aside(path)?;
                Ok((Self::open_as_it_is(path)?, Some(told)))
            }
            result => Ok((result?, None)),
        }
    }

    /// Puts the file aside, which was found damaged after it was opened, and says so. Where another dashboard has done it
    /// already, the file of that name is a new one and stays.
    pub fn put_aside(self, path: &Path) -> Result<Option<String>, Unusable> {
        let is_still_there = self.identity.is_some() && self.identity == identity(path);
        drop(self.connection);
        Ok(if is_still_there {
            Some(put_aside(path)?)
        } else {
            None
        })
    }

    /// Opens the file. While another dashboard begins it, SQLite answers "busy" at once, whatever time it was given.
    fn open_in_turn(path: &Path) -> Result<Self, rusqlite::Error> {
        for _ in 0..TURNS {
            match Self::open_as_it_is(path) {
                Err(error) if is_busy(&error) => std::thread::park_timeout(PATIENCE / TURNS),
                result => return result,
            }
        }
        Self::open_as_it_is(path)
    }

    fn open_as_it_is(path: &Path) -> Result<Self, rusqlite::Error> {
        make_private(path).map_err(|error| {
            let cause = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
            rusqlite::Error::SqliteFailure(cause, Some(error.to_string()))
        })?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version == 0 {
            connection
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;"
                ))
                .or_else(|error| {
                    // Another dashboard may have been faster.
                    let _ = connection.execute_batch("ROLLBACK");
                    let version: i64 =
                        connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
                    if version == VERSION { Ok(()) } else { Err(error) }
                })?;
        } else if version != VERSION {
            let cause = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ERROR);
            let text = format!("the state file is of another version of hss-top ({version})");
            return Err(rusqlite::Error::SqliteFailure(cause, Some(text)));
        }
        let identity = identity(path);
        Ok(Self { connection, identity })
    }

    /// Reads every page in order.
    pub fn pages(&self, mut each: impl FnMut(&[u8])) -> Result<(), Unusable> {
        let mut statement = self.connection.prepare("SELECT body FROM page ORDER BY offset")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(row.get_ref(0)?.as_blob().unwrap_or_default());
        }
        Ok(())
    }

    /// Reads the facts.
    pub fn facts(&self) -> Result<Facts, Unusable> {
        let read = |name: &str| -> Result<Option<i64>, rusqlite::Error> {
            let row = self
                .connection
                .query_row("SELECT value FROM fact WHERE name = ?1", [name], |row| row.get(0));
            Ok(row.optional()?.flatten())
        };
        let time = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let count = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
        Ok(Facts {
            asked_at: time(read("asked_at")?),
            snapshot_at: time(read("snapshot_at")?),
            total: count(read("total")?),
            complete: read("complete")? == Some(1),
            pages: count(read("pages")?),
        })
    }

    /// Reads the changes, oldest first; one that cannot be read is passed over.
    pub fn changes(&self) -> Result<Vec<Change>, Unusable> {
        let mut statement = self
            .connection
            .prepare("SELECT body FROM change ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            changes.extend(row.get_ref(0)?.as_str().ok().and_then(journal::read));
        }
        Ok(changes)
    }

    /// Writes all that `write` writes, or nothing of it.
    pub fn write(
        &mut self,
        write: impl FnOnce(&Writing<'_>) -> Result<(), rusqlite::Error>,
    ) -> Result<(), Unusable> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        write(&Writing(&transaction))?;
        transaction.commit()?;
        Ok(())
    }

    /// Limits the file to so many pages of SQLite: how a test fills the disk.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Whether SQLite says that the file is no database any more.
fn is_damage(code: Option<ErrorCode>) -> bool {
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}
