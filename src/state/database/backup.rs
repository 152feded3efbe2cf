//! The copy of a file from before a change of its schema.
//!
//! A migration is one transaction, so it happens completely or not at all. The copy covers what a transaction
//! does not: a wrong step, or a disk that loses committed data. It is deleted when the new file proves
//! intact, and restored when the new file is put aside as damaged. Under its own name it is always complete:
//! it is made under another name first.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::file::{AsideReason, discard, with_suffix};
use super::migrations::VERSION;
use super::{PATIENCE, Unusable};

/// The name of the copy.
pub(super) fn name(path: &Path) -> PathBuf {
    with_suffix(path, &format!(".before-{VERSION}"))
}

/// Copies the file while no other program writes to it. The leftover of an interrupted attempt is replaced.
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
    // Private from the start; SQLite accepts an empty file as a new database.
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

/// Removes the copy, if any, when the file proves intact. Otherwise the file counts as damaged.
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

/// Renames the copy, if any, back to the file's name. Returns whether it did.
pub(super) fn revive(path: &Path) -> io::Result<bool> {
    match fs::rename(name(path), path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
