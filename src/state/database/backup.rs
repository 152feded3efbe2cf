//! The copy of a file as it was before its schema changed.
//!
//! A migration is one transaction and so all or nothing; the copy is for what a transaction does not help against: a step that
//! is wrong, or a disk that loses what was committed. It goes when the new file is found whole, and comes back when the new
//! one has to be put aside as damaged. Under its own name it is always whole: it is made under another one first.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::file::{AsideReason, discard, with_suffix};
use super::migrations::VERSION;
use super::{PATIENCE, Unusable};

/// The copy's name.
pub(super) fn name(path: &Path) -> PathBuf {
    with_suffix(path, &format!(".before-{VERSION}"))
}

/// Copies the file, which no other program writes to at the moment. A copy that an interrupted attempt left is replaced.
pub(super) fn make(path: &Path) -> Result<(), Unusable> {
    let unfinished = with_suffix(path, ".copying");
    discard(&unfinished);
    let result = write(path, &unfinished);
    if result.is_err() {
        discard(&unfinished);
    }
    result
}

fn write(path: &Path, unfinished: &Path) -> Result<(), Unusable> {
    // Private from the beginning; SQLite takes an empty file for a new one.
    let file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(unfinished)?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let source = Connection::open_with_flags(path, flags)?;
    source.busy_timeout(PATIENCE)?;
    source.execute("VACUUM INTO ?1", [unfinished.display().to_string()])?;
    file.sync_all()?;
    fs::rename(unfinished, name(path))?;
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()?;
    Ok(())
}

/// Removes the copy, if there is one, when the file proves to be whole. One that does not is damaged.
pub(super) fn settle(connection: &Connection, path: &Path) -> Result<(), Unusable> {
    let copy = name(path);
    if !copy.exists() {
        return Ok(());
    }
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Unusable::of(AsideReason::Damaged));
    }
    discard(&copy);
    Ok(())
}

/// Gives the copy, if there is one, the file's name again. Returns whether it did.
pub(super) fn revive(path: &Path) -> io::Result<bool> {
    match fs::rename(name(path), path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
