//! The files of the alerts, beside the state file of the source: what was told, and the receipts.
//!
//! Owns their names, mode 0600, and that a file is written whole or not at all. Whoever holds the lock writes them; where they
//! cannot be read, nothing is known, and what is open then is told once more rather than never. Blocking: runs on a thread for
//! that. Must not: hold a secret.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};

use super::ends::EndedAlert;
use super::pending::PendingQueue;
use super::receipt::AlertReceipt;
use crate::alerts::KeptAlerts;

/// The largest file of receipts in bytes; one older file is kept beside it.
const MOST_RECEIPTS: u64 = 1 << 20;
/// The largest book that is read, in bytes.
const LARGEST_BOOK: u64 = 16 << 20;

/// What outlives the program.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptState {
    /// What was told.
    pub book: KeptAlerts,
    /// What waits for each sink.
    #[serde(default)]
    pub pending: BTreeMap<String, PendingQueue>,
    /// The ends that Alertmanager is told again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<EndedAlert>,
}

/// The files of one source.
#[derive(Debug, Clone)]
pub struct AlertFiles {
    book: PathBuf,
    receipts: PathBuf,
    lock: PathBuf,
}

/// The right to write the files and to tell the programs, as long as it is there.
#[derive(Debug)]
pub struct AlertLock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl AlertFiles {
    /// The files beside this state file.
    pub fn beside(state: &Path) -> Self {
        let named = |end: &str| {
            let mut name: OsString = state.file_stem().unwrap_or_default().to_owned();
            name.push(end);
            state.with_file_name(name)
        };
        Self {
            book: named(".alerts.json"),
            receipts: named(".alerts.jsonl"),
            lock: named(".alerts.lock"),
        }
    }

    /// Takes the lock; `None` where another program holds it.
    pub fn lock(&self) -> io::Result<Option<AlertLock>> {
        if let Some(folder) = self.lock.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = private()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.lock)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(AlertLock(file))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What an earlier run kept, if it can be read.
    pub fn read(&self) -> Option<KeptState> {
        let file = private().read(true).open(&self.book).ok()?;
        if file.metadata().ok()?.len() > LARGEST_BOOK {
            return None;
        }
        serde_json::from_reader(io::BufReader::new(file)).ok()
    }

    /// Writes what is to outlive the program.
    pub fn write(&self, state: &KeptState) -> io::Result<()> {
        let fresh = self.book.with_extension("json.new");
        let mut file = private().write(true).create(true).truncate(true).open(&fresh)?;
        serde_json::to_writer(io::BufWriter::new(&mut file), state)?;
        file.sync_data()?;
        fs::rename(&fresh, &self.book)
    }

    /// Adds receipts.
    pub fn append(&self, receipts: &[AlertReceipt]) -> io::Result<()> {
        let mut file = private().append(true).create(true).open(&self.receipts)?;
        if file.metadata()?.len() >= MOST_RECEIPTS {
            fs::rename(&self.receipts, self.older())?;
            file = private().append(true).create(true).open(&self.receipts)?;
        }
        let lines: String = receipts.iter().map(|receipt| receipt.line() + "\n").collect();
        file.write_all(lines.as_bytes())
    }

    /// All receipts, the oldest first; invalid lines are left out.
    pub fn receipts(&self) -> io::Result<Vec<AlertReceipt>> {
        let mut receipts = Vec::new();
        for path in [self.older(), self.receipts.clone()] {
            let text = match private().read(true).open(&path) {
                Ok(file) => io::read_to_string(io::BufReader::new(file))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            receipts.extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
        }
        Ok(receipts)
    }

    fn older(&self) -> PathBuf {
        self.receipts.with_extension("jsonl.1")
    }
}

/// Neither follows a link nor waits for the writer of a pipe.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    options.mode(0o600).custom_flags(flags);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{AlertWay, NoticeKind};
    use crate::sinks::ReceiptResult;
    use jiff::Timestamp;
    use std::os::unix::fs::PermissionsExt as _;

    fn receipt(number: usize) -> AlertReceipt {
        AlertReceipt {
            at: Timestamp::UNIX_EPOCH,
            rule: "risk".to_owned(),
            kind: NoticeKind::Firing,
            way: AlertWay::Bell,
            count: number,
            text: "x".repeat(1000),
            result: ReceiptResult::Sent,
            why: None,
        }
    }

    #[test]
    fn one_program_at_a_time_writes_and_what_it_kept_is_private_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = AlertFiles::beside(&folder.path().join("state/a-1.sqlite"));
        let lock = files.lock().unwrap();
        assert!(lock.is_some());
        assert!(files.lock().unwrap().is_none());
        assert_eq!(files.read(), None);
        let kept = KeptState::default();
        files.write(&kept).unwrap();
        assert_eq!(files.read(), Some(kept));
        let mode = fs::metadata(folder.path().join("state/a-1.alerts.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(lock);
        assert!(files.lock().unwrap().is_some());
    }

    #[test]
    fn receipts_are_bounded_and_the_newest_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let files = AlertFiles::beside(&folder.path().join("a.sqlite"));
        assert_eq!(files.receipts().unwrap(), []);
        for number in 0..3000 {
            files.append(&[receipt(number)]).unwrap();
        }
        let receipts = files.receipts().unwrap();
        assert_eq!(receipts.last(), Some(&receipt(2999)));
        assert!(
            receipts.len() > 900 && receipts.len() < 2500,
            "{}",
            receipts.len()
        );
    }

    #[test]
    fn what_is_no_book_is_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let files = AlertFiles::beside(&folder.path().join("a.sqlite"));
        fs::write(folder.path().join("a.alerts.json"), "{\"book\":7}").unwrap();
        assert_eq!(files.read(), None);
    }
}
