//! Finds, locks, reads and writes the ledger's file.
//!
//! Owns the choice of its folder: the first one in which it can be written. `opened::OpenLedger` owns the
//! file. The lock is held for one reading and writing, some microseconds, and never during a call.
//!
//! A folder in which the record cannot be written (a full disk, a quota, a read-only file system, a failing
//! disk) is skipped, and tried again each time, so that all programs use the same folder and return to the
//! first once it works again. No call is lost in such a move, because each turn also reads the files in the
//! other folders. Must not: know the rules.

mod opened;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::coding::{self, MOST_BYTES};
use super::machine::{MachineTime, ProgramId};
use super::place::LedgerPlace;
use super::record::LedgerRecord;
use opened::{OpenLedger, WriteBytes, overhear, write_whole};

/// How often the file may be replaced while it is opened.
const ATTEMPTS: u32 = 4;

/// The message about a damaged file.
const DAMAGED: &str = "the ledger of calls was damaged: all calls of the last minute count as spent";

/// Why the ledger cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerFault {
    /// Another program has locked it; that will pass.
    Busy(PathBuf),
    /// It cannot be read or written, and why.
    Unusable(String),
}

/// The result, and messages.
#[derive(Debug)]
pub(super) struct Turned<T> {
    pub(super) value: T,
    /// For the screen and the log.
    pub(super) notice: Option<String>,
    /// The new place of the record, for the log.
    pub(super) moved: Option<String>,
}

/// The errors of the folders that were skipped.
#[derive(Default)]
struct Passed {
    heard: Vec<LedgerRecord>,
    whys: Vec<String>,
    /// Locked until the turn ends, so that only one program at a time continues in the next folder.
    held: Vec<OpenLedger>,
    /// Whether one of their files is unreadable, and when it was last written.
    is_unheard: bool,
    unheard_at: Option<SystemTime>,
}

/// The file, opened on demand.
#[derive(Debug)]
pub(super) struct LedgerFile {
    place: LedgerPlace,
    /// The folder of the open file.
    open: Option<(usize, OpenLedger)>,
    /// The record as last written: if somebody removes the file, it goes into the next one.
    last: Option<LedgerRecord>,
    /// The folder in use.
    used: Option<usize>,
    write: WriteBytes,
}

impl LedgerFile {
    pub(super) fn new(place: LedgerPlace) -> Self {
        Self {
            place,
            open: None,
            last: None,
            used: None,
            write: write_whole,
        }
    }

    /// Its path, once it was opened.
    pub(super) fn path(&self) -> Option<&Path> {
        self.open.as_ref().map(|(_, open)| open.path.as_path())
    }

    /// Reads the record without the lock and without a change. `None` if it cannot be read, for example while
    /// another program writes.
    pub(super) fn look(&self, now: impl Fn() -> MachineTime) -> Option<LedgerRecord> {
        let (_, open) = self.open.as_ref()?;
        let mut bytes = vec![0; usize::try_from(MOST_BYTES).ok()?];
        let length = rustix::io::pread(&open.file, &mut bytes, 0).ok()?;
        let mut record = coding::read(bytes.get(..length)?)?;
        record.advance(now(), ProgramId::is_alive);
        Some(record)
    }

    /// Locks the file, lets `turn` change the record, and writes it. The time is read after the lock was
    /// obtained. If the record cannot be written, `turn` is repeated with the record of the next folder.
    pub(super) fn turn<T>(
        &mut self,
        now: impl Fn() -> MachineTime,
        turn: impl Fn(&mut LedgerRecord) -> T,
    ) -> Result<Turned<T>, LedgerFault> {
        let mut passed = Passed::default();
        for at in 0..self.place.folders.len() {
            let mut open = match self.locked(at, now()) {
                Ok(open) => open,
                Err(LedgerFault::Unusable(why)) => {
                    passed.heard.extend(overhear(&self.path_in(at)));
                    passed.whys.push(why);
                    continue;
                }
                Err(busy) => return Err(busy),
            };
            let result = self.turn_in(at, &mut open, &passed, &now, &turn);
            match result {
                Ok(mut turned) => {
                    open.unlock();
                    turned.moved = self.moved(at, &open.path, &passed.whys);
                    self.open = Some((at, open));
                    return Ok(turned);
                }
                Err(Unwritten { heard, written, why }) => {
                    if heard.is_none() {
                        passed.is_unheard = true;
                        passed.unheard_at = passed.unheard_at.max(written);
                    }
                    passed.heard.extend(heard.map(|heard| *heard));
                    passed.whys.push(why);
                    passed.held.push(open);
                }
            }
        }
        if passed.whys.is_empty() {
            passed.whys.push("no folder is known for it".to_owned());
        }
        Err(LedgerFault::Unusable(passed.whys.join("; ")))
    }

    fn turn_in<T>(
        &mut self,
        at: usize,
        open: &mut OpenLedger,
        passed: &Passed,
        now: &impl Fn() -> MachineTime,
        turn: &impl Fn(&mut LedgerRecord) -> T,
    ) -> Result<Turned<T>, Unwritten> {
        let shown = open.path.display().to_string();
        let written = open.written();
        let unread = |error: std::io::Error| Unwritten {
            heard: None,
            written,
            why: format!("{shown}: {error}"),
        };
        let bytes = open.read().map_err(unread)?;
        let now = now();
        // The record that this program wrote elsewhere may be newer.
        let last = self.last.as_ref().filter(|_| self.used == Some(at));
        let (mut record, is_damaged) = coding::found(&bytes, last, now);
        // The program that found the damaged record of a better folder has written here since; otherwise its
        // content is lost.
        let is_lost = passed.is_unheard && (open.is_begun || open.written() < passed.unheard_at);
        if is_lost {
            record = LedgerRecord::all_spent(now);
        }
        record.advance(now, ProgramId::is_alive);
        self.take_in(at, open, passed, &mut record, now);
        let before = (!is_damaged).then(|| record.clone());
        let value = turn(&mut record);
        let result = coding::write(&record)
            .ok_or_else(|| std::io::Error::other("too many programs"))
            .and_then(|bytes| (self.write)(&open.path, &open.file, &bytes));
        if let Err(error) = result {
            let is_blank = open.is_begun && bytes.is_empty();
            if is_blank {
                // There was no room for the first record: the empty file must not look like one that somebody
                // emptied.
                open.remove();
            }
            let blank = || is_blank.then(|| LedgerRecord::empty(now));
            let heard = before.or_else(blank).map(Box::new);
            return Err(Unwritten {
                heard,
                ..unread(error)
            });
        }
        (open.is_new, open.is_begun) = (false, false);
        self.last = Some(record);
        let notice = (is_damaged || is_lost).then(|| DAMAGED.to_owned());
        Ok(Turned {
            value,
            notice,
            moved: None,
        })
    }

    /// Merges this program's record and those of the other folders.
    fn take_in(
        &self,
        at: usize,
        open: &OpenLedger,
        passed: &Passed,
        record: &mut LedgerRecord,
        now: MachineTime,
    ) {
        // This program's record of the previous file here.
        let before = self.last.clone().filter(|_| open.is_new);
        if let (Some(known), false) = (&self.last, open.is_new) {
            record.recall(known);
        }
        let behind = (at + 1..self.place.folders.len()).filter_map(|at| overhear(&self.path_in(at)));
        for mut heard in before
            .into_iter()
            .chain(passed.heard.iter().cloned())
            .chain(behind)
        {
            heard.advance(now, ProgramId::is_alive);
            record.merge(&heard);
        }
    }

    fn path_in(&self, at: usize) -> PathBuf {
        let folder = self.place.folders.get(at).map(PathBuf::as_path);
        folder.unwrap_or(Path::new("")).join(&self.place.name)
    }

    /// Remembers the folder of the record; reports it if it changed or is not the best.
    fn moved(&mut self, at: usize, path: &Path, whys: &[String]) -> Option<String> {
        let before = self.used.replace(at).unwrap_or_default();
        let path = path.display();
        match at {
            _ if at == before => None,
            0 => Some(format!("the ledger of calls is in {path} again")),
            _ => Some(format!("the ledger of calls is in {path} ({})", whys.join("; "))),
        }
    }

    /// Opens the file in that folder unless it is open, and locks it. A file that somebody removed or
    /// replaced is closed.
    fn locked(&mut self, at: usize, now: MachineTime) -> Result<OpenLedger, LedgerFault> {
        let folder = self.place.folders.get(at).map(PathBuf::as_path);
        for _ in 0..ATTEMPTS {
            let open = match self.open.take_if(|(open_at, _)| *open_at == at) {
                Some((_, open)) => open,
                None => OpenLedger::open(folder.unwrap_or(Path::new("")), &self.place.name, now)
                    .map_err(LedgerFault::Unusable)?,
            };
            let had = open.lock();
            if !had.map_err(|error| LedgerFault::Unusable(format!("{}: {error}", open.path.display())))? {
                let path = open.path.clone();
                self.open = Some((at, open));
                return Err(LedgerFault::Busy(path));
            }
            if open.is_at_its_name() {
                return Ok(open);
            }
        }
        Err(LedgerFault::Unusable("its file keeps being replaced".to_owned()))
    }
}

/// A folder that could not be used.
struct Unwritten {
    /// The content of its file; `None` if it cannot be read.
    heard: Option<Box<LedgerRecord>>,
    /// When its file was last written, before this program tried to: a full disk may take a part of a record.
    written: Option<SystemTime>,
    why: String,
}

#[cfg(test)]
mod tests;
