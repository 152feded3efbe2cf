//! Whether the log next to a file belongs to it.
//!
//! SQLite finds a write-ahead log by its name. It checks that the log is intact, but not that it is the log of
//! this file. If a backup is copied over the state while the log of the old state is still there, SQLite
//! merges both, and the result may look intact. So each write also counts up a number in the header of the
//! file ([`count`]). The log holds the header of each write, so its numbers continue that of the file, which
//! begins with a random one. A rollback journal belongs to no file that has a write-ahead log.
//!
//! A file of an older version has the number 0 and is not checked. Must not: change a file, or open the state
//! file except through SQLite (closing another handle drops SQLite's locks on it).

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, OpenFlags};

use super::file::with_suffix;

/// The field of SQLite's header that holds the number.
const FIELD: &str = "application_id";
/// Its place in the first page.
const FIELD_AT: usize = 68;
/// The length of the log's header, and of that of each page in the log.
const LOG_HEADER: usize = 32;
const PAGE_HEADER: usize = 24;
/// The first bytes of a log, without the last bit, which says how its checksums are made.
const MAGIC: u32 = 0x377f_0682;
/// While another program writes, the two files may contradict each other for a moment.
const LOOKS: u32 = 5;
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Counts a write of this transaction, or begins with a random number.
pub(super) fn count(transaction: &Connection) -> Result<(), rusqlite::Error> {
    let next = match number(transaction)? {
        0 => random(),
        number => number.wrapping_add(1),
    };
    // 0 means that the file has none.
    transaction.pragma_update(None, FIELD, next.max(1).cast_signed())
}

/// The number as the connection sees it; 0 if the file has none yet.
pub(super) fn number(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.pragma_query_value(None, FIELD, |row| row.get(0).map(i32::cast_unsigned))
}

fn random() -> u32 {
    let mut bytes = [0; 4];
    // If the system has no random numbers, all files begin alike, and fewer foreign logs are noticed.
    let _ = SystemRandom::new().fill(&mut bytes);
    u32::from_be_bytes(bytes)
}

/// Whether a log next to the file at `path` belongs to another file.
pub(in crate::state) fn has_foreign_log(path: &Path) -> bool {
    (0..LOOKS).all(|look| {
        if look > 0 {
            std::thread::park_timeout(PAUSE);
        }
        contradicts(path)
    })
}

fn contradicts(path: &Path) -> bool {
    let Some(own) = number_of(path).filter(|number| *number != 0) else {
        return false;
    };
    let has_journal = fs::symlink_metadata(with_suffix(path, "-journal")).is_ok_and(|it| it.len() > 0);
    has_journal || LogNumbers::of(&with_suffix(path, "-wal")).is_some_and(|log| !log.continues(own))
}

/// The number of the file without its log. `None` if it cannot be read.
fn number_of(path: &Path) -> Option<u32> {
    // Immutable: without locks, and without the log.
    let uri = format!("file:{}?immutable=1", escaped(path.to_str()?));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_URI;
    number(&Connection::open_with_flags(uri, flags).ok()?).ok()
}

/// A path in a URI.
fn escaped(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// The numbers that a log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LogNumbers {
    first: u32,
    last: u32,
}

impl LogNumbers {
    /// Reads a log. `None` if there is none, or if it has no number, which is so for a log of an older version.
    fn of(path: &Path) -> Option<Self> {
        let mut log = BufReader::new(File::open(path).ok()?);
        let mut header = [0; LOG_HEADER];
        log.read_exact(&mut header).ok()?;
        if word(&header, 0)? & !1 != MAGIC {
            return None;
        }
        let page_size = usize::try_from(word(&header, 8)?).ok()?;
        let salts = header.get(16..24)?;
        let mut numbers: Option<Self> = None;
        let mut page = [0; PAGE_HEADER + FIELD_AT + 4];
        // Pages with other salts are left over from before the log was begun again.
        while log.read_exact(&mut page).is_ok() && page.get(8..16) == Some(salts) {
            if word(&page, 0) == Some(1)
                && let Some(number) = word(&page, PAGE_HEADER + FIELD_AT).filter(|number| *number != 0)
            {
                let first = numbers.map_or(number, |numbers| numbers.first);
                numbers = Some(Self { first, last: number });
            }
            let rest = (PAGE_HEADER + page_size).checked_sub(page.len())?;
            log.seek_relative(i64::try_from(rest).ok()?).ok()?;
        }
        numbers
    }

    /// Whether they continue the number of a file, in which a part of the log may have been written back.
    fn continues(self, own: u32) -> bool {
        let from_first = |number: u32| number.wrapping_add(1).wrapping_sub(self.first);
        from_first(own) <= from_first(self.last)
    }
}

/// The big-endian number at this place.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests;
