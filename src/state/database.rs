//! The file: its schema, its pages, its facts.
//!
//! Owns SQLite. Every write is a transaction, so that a process that is killed loses nothing that was committed before; two
//! dashboards may write to one file, and wait for each other. A file that is no database any more is put aside, never
//! overwritten.

use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, params};

use super::journal;
use super::usage::{self, Sample};
use crate::fleet::changes::{Change, KEPT};

/// Of the schema below.
const VERSION: i64 = 1;
/// How long to wait for another dashboard that writes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the file is tried in that time.
const TURNS: u32 = 40;
/// The most that is kept of pages, in bytes.
const MOST_PAGE_BYTES: u64 = 1 << 30;

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
}

/// Why the file cannot be used, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable(pub String);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        Self(match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "the file cannot be written".to_owned()
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another dashboard holds the file".to_owned()
            }
            _ => error.to_string(),
        })
    }
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// An open file.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
}

impl Database {
    /// Opens the file, or begins a new one. One that is damaged is put aside under another name first; the second value
    /// says so.
    pub fn open(path: &Path) -> Result<(Self, Option<String>), Unusable> {
        match Self::open_in_turn(path) {
            Err(error) if is_damage(&error) => {
                let aside = aside(path);
                fs::rename(path, &aside)?;
                // What SQLite kept beside it belongs to the damaged file.
                for suffix in ["-wal", "-shm"] {
                    let _ = fs::remove_file(with_suffix(path, suffix));
                }
                let told = format!("the state file was damaged and is now {}", aside.display());
                Ok((Self::open_as_it_is(path)?, Some(told)))
            }
            result => Ok((result?, None)),
        }
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
        Ok(Self { connection })
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
        Ok(Facts {
            asked_at: time(read("asked_at")?),
            snapshot_at: time(read("snapshot_at")?),
            total: read("total")?.and_then(|total| u64::try_from(total).ok()),
            complete: read("complete")? == Some(1),
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

/// A write under way.
pub struct Writing<'c>(&'c Transaction<'c>);

impl Writing<'_> {
    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        self.0
    }

    /// Keeps the page that begins at `offset`.
    pub fn page(&self, offset: u32, body: &[u8]) -> Result<(), rusqlite::Error> {
        // A list this long is met again by a sweep; what is beyond the bound is not kept.
        if u64::from(offset).saturating_mul(512) > MOST_PAGE_BYTES {
            return Ok(());
        }
        let mut statement = self
            .0
            .prepare("INSERT INTO page VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = ?2")?;
        statement.execute(params![offset, body]).map(drop)
    }

    /// Forgets the pages that begin at `offset` or after it: the list ends there.
    pub fn end_at(&self, offset: u32) -> Result<(), rusqlite::Error> {
        self.0
            .execute("DELETE FROM page WHERE offset >= ?1", [offset])
            .map(drop)
    }

    /// Keeps the facts.
    pub fn facts(&self, facts: &Facts) -> Result<(), rusqlite::Error> {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let values = [
            ("asked_at", ms(facts.asked_at)),
            ("snapshot_at", ms(facts.snapshot_at)),
            ("total", facts.total.and_then(|total| i64::try_from(total).ok())),
            ("complete", Some(i64::from(facts.complete))),
        ];
        let mut statement = self
            .0
            .prepare("INSERT INTO fact VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")?;
        values
            .iter()
            .try_for_each(|(name, value)| statement.execute(params![name, value]).map(drop))
    }

    /// Adds samples; one that is there already stays.
    pub fn usage(&self, samples: impl IntoIterator<Item = Sample>) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .0
            .prepare("INSERT OR IGNORE INTO usage VALUES (?1, ?2, ?3, ?4)")?;
        samples.into_iter().try_for_each(|sample| {
            statement
                .execute(params![sample.pod, sample.at, sample.cpu, sample.memory])
                .map(drop)
        })
    }

    /// Adds changes; one that another dashboard noted already stays. The oldest go.
    pub fn changes(&self, changes: &[Change]) -> Result<(), rusqlite::Error> {
        let mut statement = self
            .0
            .prepare("INSERT OR IGNORE INTO change (body) VALUES (?1)")?;
        for change in changes {
            statement.execute([journal::write(change)])?;
        }
        let bound = "DELETE FROM change WHERE number <= (SELECT max(number) FROM change) - ?1";
        self.0
            .execute(bound, [i64::try_from(KEPT).unwrap_or(i64::MAX)])
            .map(drop)
    }

    /// Thins the history out, as of `now` in seconds.
    pub fn thin_out(&self, now: i64) -> Result<(), rusqlite::Error> {
        usage::thin_out(self.0, now)
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

/// Whether the file is no database any more.
fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// The first free name for a damaged file.
fn aside(path: &Path) -> PathBuf {
    let mut names = (1..).map(|number| with_suffix(path, &format!(".damaged-{number}")));
    names
        .find(|name| !name.exists())
        .unwrap_or_else(|| with_suffix(path, ".damaged"))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder 0700 and the file 0600 from the beginning; SQLite gives its own files beside it the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder of the test's own.
    pub struct Folder(pub PathBuf);

    impl Folder {
        pub fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hss-top-state-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }

        pub fn file(&self) -> PathBuf {
            self.0.join("hss-top/a.sqlite")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn open(folder: &Folder) -> Database {
        Database::open(&folder.file()).unwrap().0
    }

    fn pages(database: &Database) -> Vec<String> {
        let mut pages = Vec::new();
        database
            .pages(|body| pages.push(String::from_utf8(body.to_vec()).unwrap()))
            .unwrap();
        pages
    }

    fn facts() -> Facts {
        Facts {
            asked_at: Some(Timestamp::from_second(1_760_000_000).unwrap()),
            snapshot_at: Some(Timestamp::from_second(1_750_000_000).unwrap()),
            total: Some(450),
            complete: true,
        }
    }

    #[test]
    fn what_was_written_is_there_again_and_private() {
        let folder = Folder::new("kept");
        let mut database = open(&folder);
        assert_eq!(
            (pages(&database).len(), database.facts().unwrap()),
            (0, Facts::default())
        );
        database
            .write(|writing| {
                writing.page(200, b"two")?;
                writing.page(0, b"one")?;
                writing.page(400, b"three")?;
                writing.facts(&facts())
            })
            .unwrap();
        database
            .write(|writing| {
                writing.page(200, b"two again")?;
                writing.end_at(400)
            })
            .unwrap();
        drop(database);
        let database = open(&folder);
        assert_eq!(pages(&database), ["one", "two again"]);
        assert_eq!(database.facts().unwrap(), facts());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&folder.file()), mode(&folder.0.join("hss-top"))),
            (0o600, 0o700)
        );
        for beside in ["-wal", "-shm"] {
            assert_eq!(mode(&with_suffix(&folder.file(), beside)), 0o600, "{beside}");
        }
    }

    #[test]
    fn a_write_that_fails_leaves_everything_as_it_was() {
        let folder = Folder::new("full");
        let mut database = open(&folder);
        database.write(|writing| writing.page(0, b"one")).unwrap();
        database.limit_pages(24);
        let full = database.write(|writing| {
            writing.page(0, b"two")?;
            writing.page(200, &vec![b'x'; 1 << 20])
        });
        assert_eq!(full.unwrap_err().to_string(), "the disk is full");
        assert_eq!(pages(&database), ["one"]);
        database.limit_pages(1_000_000);
        database.write(|writing| writing.page(0, b"three")).unwrap();
        assert_eq!(pages(&database), ["three"]);
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_a_new_one_begun() {
        let folder = Folder::new("damaged");
        drop(open(&folder));
        for number in 1..3 {
            fs::write(
                folder.file(),
                b"this is no database, and it is long enough to be one",
            )
            .unwrap();
            let (database, told) = Database::open(&folder.file()).unwrap();
            assert!(told.unwrap().ends_with(&format!(".damaged-{number}")));
            assert!(pages(&database).is_empty());
        }
    }

    #[test]
    fn two_dashboards_share_a_file() {
        let folder = Folder::new("shared");
        let (mut one, mut other) = (open(&folder), open(&folder));
        one.write(|writing| writing.page(0, b"of one")).unwrap();
        other.write(|writing| writing.page(200, b"of the other")).unwrap();
        assert_eq!(pages(&one), ["of one", "of the other"]);
    }

    #[test]
    fn many_that_begin_at_once_all_get_in() {
        let folder = Folder::new("at-once");
        std::thread::scope(|scope| {
            for number in 0..8 {
                let file = folder.file();
                scope.spawn(move || {
                    let mut database = Database::open(&file).unwrap().0;
                    database
                        .write(|writing| writing.page(number * 200, b"x"))
                        .unwrap();
                });
            }
        });
        assert_eq!(pages(&open(&folder)).len(), 8);
    }

    #[test]
    fn a_file_of_another_version_and_a_folder_that_cannot_be_written_are_told() {
        let folder = Folder::new("version");
        let database = open(&folder);
        database
            .connection
            .pragma_update(None, "user_version", 99)
            .unwrap();
        drop(database);
        let told = Database::open(&folder.file()).unwrap_err().to_string();
        assert!(told.contains("another version of hss-top (99)"), "{told}");
        let told = Database::open(Path::new("/proc/self/none/a.sqlite")).unwrap_err();
        assert_eq!(told.to_string(), "the file cannot be written");
    }
}
