//! The database file: its pages, its facts, its changes.
//!
//! Owns SQLite. Every write is a transaction, so a killed process loses nothing that was committed before;
//! two dashboards may write to one file, and wait for each other. A file that is not a database or is damaged
//! inside is put aside, never overwritten; so is one of another source, which was copied or swapped, one of a
//! newer version, and a log that belongs to another file. If the file is removed or replaced while the program runs, it is closed and the name
//! is opened again. A record that the disk altered counts as missing.

mod attention;
mod backup;
mod decisions;
mod file;
mod guard;
pub mod migrations;
mod pairing;
mod reading;
mod rescans;
mod series;
mod snapshots;
mod source;
#[cfg(test)]
pub(crate) mod tests;
mod told;
mod writing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::time::Instant;

use file::{AsideReason, FolderLock, put_aside, put_log_aside};

pub(super) use file::{Identity, discard, identity, with_suffix};
pub(super) use guard::{FileRefusal, fit_as_it_is, prepare, readable};
pub(super) use pairing::has_foreign_log;
pub(super) use reading::Damaged;
pub(super) use source::Belongs;

pub(super) use attention::{read_changes, reported_at, used_at, watched};
pub(super) use decisions::decisions;

pub use decisions::Numbered;
pub(super) use snapshots::{SnapshotBody, SnapshotBounds, moments, snapshot_body};

pub use snapshots::SnapshotHeader;
pub use source::SourceMark;
pub use writing::Writing;

/// How long to wait for another dashboard's write.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many attempts to open the file are made in that time.
const TURNS: u32 = 40;
/// The most damaged files in a row that are put aside: a disk that damages data at once is unusable.
const MOST_ASIDE: usize = 3;

/// The facts about all pages together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the last page was received.
    pub asked_at: Option<Timestamp>,
    /// `last_update_time` of the newest page.
    pub snapshot_at: Option<Timestamp>,
    /// `total_num` of the newest page.
    pub total: Option<u64>,
    /// Whether they are the complete list of that snapshot.
    pub complete: bool,
    /// The number of pages of the last complete sweep: with more or fewer the list is incomplete. Stored at
    /// the end of that sweep; `None` in a file of an older version.
    pub pages: Option<u64>,
}

impl Facts {
    /// Whether this number of pages is the complete list.
    pub fn are_met_by(&self, pages: u64) -> bool {
        self.complete && self.pages == Some(pages)
    }
}

/// Why the file cannot be used, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    why: String,
    /// SQLite's error code, if any.
    code: Option<ErrorCode>,
    /// Why the file must be put aside, if the reason does not come from SQLite.
    aside: Option<AsideReason>,
}

impl Unusable {
    /// Whether the file is damaged, at least in part: another attempt is pointless.
    pub fn is_damage(&self) -> bool {
        self.aside_reason() == Some(AsideReason::Damaged)
    }

    /// Why the file must be put aside, if so.
    fn aside_reason(&self) -> Option<AsideReason> {
        let is_corrupt = matches!(
            self.code,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        self.aside.or(is_corrupt.then_some(AsideReason::Damaged))
    }

    /// The error for a file that must be put aside.
    fn of(reason: AsideReason) -> Self {
        Self {
            why: reason.why().to_owned(),
            code: None,
            aside: Some(reason),
        }
    }

    /// What to do about a file that [`Database::open_unmoved`] left where it is; `None` if the file is not the reason.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self.aside_reason()? {
            AsideReason::NewerVersion => "the file stays as it is; use the newer hss-top",
            AsideReason::Damaged | AsideReason::OtherSource | AsideReason::OtherLog => {
                "the file stays as it is; the next dashboard, list or watch renames it and begins a new one"
            }
        })
    }

    /// Whether another program locks the file: a later attempt may succeed.
    pub fn is_busy(&self) -> bool {
        matches!(
            self.code,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }
}

/// An open file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    /// The name by which it was opened.
    path: PathBuf,
    /// The identity of the file, whatever its name is now.
    identity: Option<Identity>,
    /// The identity of its write-ahead log.
    log: Option<Identity>,
}

/// Whether the files of an open database are still in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are in place.
    Same,
    /// No file has the name any more.
    Removed,
    /// Another file has the name.
    Exchanged,
    /// Its write-ahead log is gone.
    LogLost,
}

impl Database {
    /// Opens the file, or creates a new one. A file that is damaged, of another source or of a newer version
    /// is put aside under another name first. The second value is the notice of that, or another notice.
    pub fn open(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        let mut aside = None;
        for _ in 0..MOST_ASIDE {
            let found = identity(path);
            let result = Self::open_in_turn(path);
            let Some(reason) = result.as_ref().err().and_then(Unusable::aside_reason) else {
                let (database, told) = result?;
                return Ok((database, aside.or(told)));
            };
            aside = put_aside_if_same(path, reason, found)?.or(aside);
        }
        let (database, told) = Self::open_in_turn(path)?;
        Ok((database, aside.or(told)))
    }

    /// Opens the file, or creates a new one, for a command whose whole answer is this file. One that cannot be used stays
    /// where it is: putting it aside would take it away from everybody else, and look like an empty one.
    ///
    /// # Errors
    /// Why the file cannot be used.
    pub fn open_unmoved(path: &Path) -> Result<Self, Unusable> {
        Self::open_in_turn(path).map(|(database, _)| database)
    }

    /// Puts the file aside after it was found damaged, and returns the notice. If another dashboard has done
    /// so already, the file of that name is a new one and stays.
    pub fn put_aside(self, path: &Path) -> Result<Option<String>, Unusable> {
        let found = self.identity;
        let told = put_aside_if_same(path, AsideReason::Damaged, found);
        self.abandon();
        told
    }

    /// Opens the file, with several attempts. While another dashboard creates it, SQLite returns "busy" at
    /// once, whatever its timeout is.
    fn open_in_turn(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        let until = Instant::now() + PATIENCE;
        loop {
            match Self::open_as_it_is(path) {
                Err(why) if why.is_busy() && Instant::now() < until => {
                    std::thread::park_timeout(PATIENCE / TURNS);
                }
                result => return result,
            }
        }
    }

    fn open_as_it_is(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        let (path, told) = guard::prepare(path)?;
        let _shared = FolderLock::shared(&path, PATIENCE / TURNS)?;
        if pairing::has_foreign_log(&path) {
            return Err(Unusable::of(AsideReason::OtherLog));
        }
        let found = identity(&path);
        // SQLite must not create it, because a missing file was not checked.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        // If it proves to be damaged, closing it must not delete its log.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.busy_timeout(PATIENCE / TURNS)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let mark = SourceMark::of(&path);
        migrations::migrate(&mut connection, &path, mark, &mut |_| {})?;
        match mark.belongs(&connection)? {
            Belongs::Here => {}
            Belongs::Elsewhere => return Err(Unusable::of(AsideReason::OtherSource)),
            Belongs::Unknown => return Err(Unusable::of(AsideReason::Damaged)),
        }
        if let Err(why) = Self::begin_to_count(&mut connection) {
            // A full disk, for example. What is saved can be read all the same, and the next write counts.
            tracing::debug!(%why, "the state file has no number yet");
        }
        connection.busy_timeout(PATIENCE)?;
        let database = Self {
            connection,
            identity: found,
            log: identity(&with_suffix(&path, "-wal")),
            path,
        };
        match database.standing() {
            Standing::Same => {
                let connection = &database.connection;
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
                Ok((database, told))
            }
            // SQLite opened it by name: it may be either file.
            Standing::Removed | Standing::Exchanged | Standing::LogLost => {
                database.abandon();
                Err(std::io::Error::from(std::io::ErrorKind::ResourceBusy).into())
            }
        }
    }

    /// Gives the file its number, unless it has one: in the file itself, so that its next log can be compared.
    fn begin_to_count(connection: &mut Connection) -> Result<(), Unusable> {
        if pairing::number(connection)? == 0 {
            let transaction =
                connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            pairing::count(&transaction)?;
            transaction.commit()?;
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Whether its files are still in place.
    pub(super) fn standing(&self) -> Standing {
        match identity(&self.path) {
            None => Standing::Removed,
            found if found != self.identity => Standing::Exchanged,
            _ if self.log.is_some() && self.log != identity(&with_suffix(&self.path, "-wal")) => {
                Standing::LogLost
            }
            _ => Standing::Same,
        }
    }

    /// Closes files that were removed or replaced. The log is written back to the file that it belongs to,
    /// and does not stay next to another file.
    pub(super) fn leave(self) {
        // It is written to the open file, whatever its name is now. If that fails, it is lost like the file.
        let written = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if !matches!(written, Ok(0)) {
            tracing::debug!(?written, "the log of the state file was not written back");
        }
        let log = with_suffix(&self.path, "-wal");
        if self.standing() != Standing::LogLost
            && self.log.is_some()
            && let Ok(_alone) = FolderLock::exclusive(&self.path, PATIENCE)
            && self.log == identity(&log)
        {
            discard(&log);
            discard(&with_suffix(&self.path, "-shm"));
        }
        self.abandon();
    }

    /// Closes the file and touches no other: SQLite would remove the log by its name, which may belong to a
    /// new file by now.
    fn abandon(self) {
        if let Err(error) = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        {
            tracing::debug!(%error, "the state file is closed as usual");
        }
    }

    /// Writes everything that `write` writes, or nothing of it.
    pub fn write(
        &mut self,
        write: impl FnOnce(&Writing<'_>) -> Result<(), rusqlite::Error>,
    ) -> Result<(), Unusable> {
        let transaction = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        write(&Writing(&transaction))?;
        pairing::count(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// Limits the file to this many SQLite pages: a test fills the disk like this.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: u32) {
        self.connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    }
}

/// Puts the file aside, unless another dashboard was faster and the file of that name is a new one.
fn put_aside_if_same(
    path: &Path,
    reason: AsideReason,
    found: Option<Identity>,
) -> Result<Option<String>, Unusable> {
    let alone = FolderLock::exclusive(path, PATIENCE)?;
    if found.is_none() || identity(path) != found {
        return Ok(None);
    }
    if reason == AsideReason::OtherLog {
        let still = pairing::has_foreign_log(path);
        return Ok(still.then(|| put_log_aside(path, &alone)).transpose()?);
    }
    let told = put_aside(path, reason, &alone)?;
    if reason == AsideReason::Damaged && backup::revive(path)? {
        return Ok(Some(format!("{told}; the copy from before its update is used")));
    }
    Ok(Some(told))
}
