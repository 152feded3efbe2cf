//! The file: its pages, its facts, its changes.
//!
//! Owns SQLite. Every write is a transaction, so that a process that is killed loses nothing that was committed before; two
//! dashboards may write to one file, and wait for each other. A file that is no database any more, or is damaged inside, is
//! put aside, never overwritten; so is one of another source, which was copied or exchanged, and one of a newer version. One that
//! was removed or exchanged under the program is left and opened anew. A record that is not as it was written is missing.

mod backup;
mod decisions;
mod file;
mod guard;
mod migrations;
mod reading;
mod snapshots;
mod source;
#[cfg(test)]
pub(crate) mod tests;
mod writing;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::time::Instant;

use file::{AsideReason, FolderLock, discard, put_aside, with_suffix};

pub(super) use file::{Identity, identity};
pub(super) use guard::{FileRefusal, readable};
pub(super) use reading::Damaged;
pub(super) use source::Belongs;

pub use decisions::{Acknowledgement, Mute, Numbered};
pub use snapshots::SnapshotHeader;
pub use source::SourceMark;
pub use writing::Writing;

/// How long to wait for another dashboard that writes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the file is tried in that time, while it is opened.
const TURNS: u32 = 40;
/// So many damaged files in a row are put aside: a disk that damages what was written a moment ago is of no use.
const MOST_ASIDE: usize = 3;

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
    /// Why the file is to be put aside, where that is not SQLite's to say.
    aside: Option<AsideReason>,
}

impl Unusable {
    /// Whether the file is no database any more, at least in part: another attempt is no use.
    pub fn is_damage(&self) -> bool {
        self.aside_reason() == Some(AsideReason::Damaged)
    }

    /// Why the file is to be put aside, where it is.
    fn aside_reason(&self) -> Option<AsideReason> {
        let is_corrupt = matches!(
            self.code,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        self.aside.or(is_corrupt.then_some(AsideReason::Damaged))
    }

    /// A file that is to be put aside.
    fn of(reason: AsideReason) -> Self {
        Self {
            why: reason.why().to_owned(),
            code: None,
            aside: Some(reason),
        }
    }

    /// Whether another program holds the file: a later attempt may fare better.
    pub fn is_busy(&self) -> bool {
        matches!(
            self.code,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
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
        Self {
            why,
            code,
            aside: None,
        }
    }
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        let why = match error.kind() {
            std::io::ErrorKind::ResourceBusy => "another dashboard holds the file".to_owned(),
            std::io::ErrorKind::StorageFull => "the disk is full".to_owned(),
            std::io::ErrorKind::NotFound
            | std::io::ErrorKind::NotADirectory
            | std::io::ErrorKind::PermissionDenied
            | std::io::ErrorKind::ReadOnlyFilesystem => "the file cannot be written".to_owned(),
            _ => error.to_string(),
        };
        let code = (error.kind() == std::io::ErrorKind::ResourceBusy).then_some(ErrorCode::DatabaseBusy);
        Self {
            why,
            code,
            aside: None,
        }
    }
}

impl From<FileRefusal> for Unusable {
    fn from(refusal: FileRefusal) -> Self {
        match refusal {
            FileRefusal::Unfit(why) => Self {
                why,
                code: None,
                aside: None,
            },
            FileRefusal::Failed(error) => error.into(),
        }
    }
}

/// An open file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    /// The name it was opened by.
    path: PathBuf,
    /// Which file it is, whatever its name is by now.
    identity: Option<Identity>,
    /// Which file its write-ahead log is.
    log: Option<Identity>,
}

/// What became of the files of an open database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// They are there.
    Same,
    /// No file bears the name any more.
    Removed,
    /// Another file bears the name.
    Exchanged,
    /// The write-ahead log is gone from beside it.
    LogLost,
}

impl Database {
    /// Opens the file, or begins a new one. One that is damaged, of another source or of a newer version is put aside under another name first;
    /// the second value says so, and what else is to be told.
    pub fn open(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        let mut aside = None;
        for _ in 0..MOST_ASIDE {
            let met = identity(path);
            let result = Self::open_in_turn(path);
            let Some(reason) = result.as_ref().err().and_then(Unusable::aside_reason) else {
                let (database, told) = result?;
                return Ok((database, aside.or(told)));
            };
            aside = put_aside_if_same(path, reason, met)?.or(aside);
        }
        let (database, told) = Self::open_in_turn(path)?;
        Ok((database, aside.or(told)))
    }

    /// Puts the file aside, which was found damaged after it was opened, and says so. Where another dashboard has done it
    /// already, the file of that name is a new one and stays.
    pub fn put_aside(self, path: &Path) -> Result<Option<String>, Unusable> {
        let met = self.identity;
        let told = put_aside_if_same(path, AsideReason::Damaged, met);
        self.abandon();
        told
    }

    /// Opens the file. While another dashboard begins it, SQLite answers "busy" at once, whatever time it was given.
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
        let met = identity(&path);
        // Not created by SQLite: what is not there was not checked.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        // Where it proves to be damaged, closing it must not take its log away.
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
        connection.busy_timeout(PATIENCE)?;
        let database = Self {
            connection,
            identity: met,
            log: identity(&with_suffix(&path, "-wal")),
            path,
        };
        match database.standing() {
            Standing::Same => {
                let connection = &database.connection;
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
                Ok((database, told))
            }
            // SQLite opened it by name: it may be the one file or the other.
            Standing::Removed | Standing::Exchanged | Standing::LogLost => {
                database.abandon();
                Err(std::io::Error::from(std::io::ErrorKind::ResourceBusy).into())
            }
        }
    }

    /// What became of its files.
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

    /// Closes files that were removed or exchanged. What is in the log goes to the file that it belongs to, and the log does
    /// not stay beside another one.
    pub(super) fn leave(self) {
        // It is written to the file that is open, whatever its name is. If it cannot be, it is lost like the file.
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

    /// Closes the file and touches no other: SQLite would remove the log by its name, which may be that of a new file by now.
    fn abandon(self) {
        if let Err(error) = self
            .connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        {
            tracing::debug!(%error, "the state file is closed as usual");
        }
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

/// Puts the file aside, unless another dashboard was faster: then the file of that name is a new one.
fn put_aside_if_same(
    path: &Path,
    reason: AsideReason,
    met: Option<Identity>,
) -> Result<Option<String>, Unusable> {
    let alone = FolderLock::exclusive(path, PATIENCE)?;
    if met.is_none() || identity(path) != met {
        return Ok(None);
    }
    let told = put_aside(path, reason, &alone)?;
    if reason == AsideReason::Damaged && backup::revive(path)? {
        return Ok(Some(format!("{told}; the copy from before its update is used")));
    }
    Ok(Some(told))
}
