//! The ledger's file: found, locked, read, written.
//!
//! Owns where it lies and who may touch it: a folder of ours that is private (0700), a regular file of ours in it (0600), never
//! reached through a link. The lock is held for one reading and writing, some microseconds, and never across a call. Must not:
//! know the rules.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::coding::{self, MOST_BYTES};
use super::machine::{MachineTime, ProgramId};
use super::record::{COUNTS, LedgerRecord};

/// How long to wait between two looks whether another program is done that reads and writes.
const LOOK: Duration = Duration::from_millis(1);
/// How many looks are worth it.
const LOOKS: u32 = 250;
/// How often the file may be exchanged while it is opened.
const ATTEMPTS: u32 = 4;

/// What is said of a damaged file.
const DAMAGED: &str = "the record of calls was damaged: all calls of the last minute count as spent";

/// Where the ledger of an account lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPlace {
    /// The folders that are tried, the best first.
    pub folders: Vec<PathBuf>,
    /// The file's name.
    pub name: String,
}

/// Why the ledger cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerFault {
    /// Another program holds it: that will pass.
    Busy(PathBuf),
    /// It cannot be read or written, and why.
    Unusable(String),
}

/// What was done, and what is worth a word.
#[derive(Debug)]
pub(super) struct Turned<T> {
    pub(super) value: T,
    pub(super) notice: Option<String>,
}

/// An open file.
#[derive(Debug)]
struct Open {
    file: File,
    path: PathBuf,
    /// Whether this program has not read it yet.
    is_new: bool,
}

/// The file, opened when it is needed.
#[derive(Debug)]
pub(super) struct LedgerFile {
    place: LedgerPlace,
    open: Option<Open>,
    /// As it was last written: where somebody removes the file, what is known goes into the next one.
    last: Option<LedgerRecord>,
}

impl LedgerFile {
    pub(super) fn new(place: LedgerPlace) -> Self {
        Self {
            place,
            open: None,
            last: None,
        }
    }

    /// Where it lies, once it was opened.
    pub(super) fn path(&self) -> Option<&Path> {
        self.open.as_ref().map(|open| open.path.as_path())
    }

    /// Reads the record without the lock and without a change. Nothing where it cannot be read, as while another program
    /// writes.
    pub(super) fn look(&self, now: impl Fn() -> MachineTime) -> Option<LedgerRecord> {
        let open = self.open.as_ref()?;
        let mut bytes = vec![0; usize::try_from(MOST_BYTES).ok()?];
        let length = rustix::io::pread(&open.file, &mut bytes, 0).ok()?;
        let mut record = coding::read(bytes.get(..length)?)?;
        record.advance(now(), ProgramId::is_alive);
        Some(record)
    }

    /// Locks the file, lets `turn` change the record, and writes it. The time is read after the lock was had.
    pub(super) fn turn<T>(
        &mut self,
        now: impl Fn() -> MachineTime,
        turn: impl FnOnce(&mut LedgerRecord) -> T,
    ) -> Result<Turned<T>, LedgerFault> {
        let mut open = self.locked(&now)?;
        let result = self.turn_locked(&mut open, &now, turn);
        // The lock ends with the file, if not before.
        let _ = flock(&open.file, FlockOperation::Unlock);
        if result.is_ok() {
            self.open = Some(open);
        }
        result
    }

    fn turn_locked<T>(
        &mut self,
        open: &mut Open,
        now: &impl Fn() -> MachineTime,
        turn: impl FnOnce(&mut LedgerRecord) -> T,
    ) -> Result<Turned<T>, LedgerFault> {
        let shown = open.path.display().to_string();
        let unusable = |error: io::Error| LedgerFault::Unusable(format!("{shown}: {error}"));
        let mut bytes = Vec::new();
        open.file.rewind().map_err(unusable)?;
        let limit = MOST_BYTES + 1;
        (&open.file)
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(unusable)?;
        let now = now();
        let (mut record, is_damaged) = coding::found(&bytes, self.last.as_ref(), now);
        let notice = is_damaged.then(|| DAMAGED.to_owned());
        record.advance(now, ProgramId::is_alive);
        let is_new = std::mem::take(&mut open.is_new);
        if let Some(known) = &mut self.last {
            if is_new {
                // What this program knows of the file that was here before.
                known.advance(now, ProgramId::is_alive);
                record.merge(known);
            } else {
                record.recall(known);
            }
        }
        let value = turn(&mut record);
        let bytes = coding::write(&record)
            .ok_or_else(|| LedgerFault::Unusable(format!("{shown}: too many programs")))?;
        // Never empty in between: a program that is killed here leaves a record that is known to be damaged.
        open.file.rewind().map_err(unusable)?;
        open.file.write_all(&bytes).map_err(unusable)?;
        open.file.set_len(bytes.len() as u64).map_err(unusable)?;
        self.last = Some(record);
        Ok(Turned { value, notice })
    }

    /// Opens the file where it is not open, and locks it. A file that somebody removed or exchanged is let go.
    fn locked(&mut self, now: &impl Fn() -> MachineTime) -> Result<Open, LedgerFault> {
        for _ in 0..ATTEMPTS {
            let open = match self.open.take() {
                Some(open) => open,
                None => self.find(now())?,
            };
            if !lock(&open.file).map_err(|error| LedgerFault::Unusable(error.to_string()))? {
                let path = open.path.clone();
                self.open = Some(open);
                return Err(LedgerFault::Busy(path));
            }
            if is_at(&open.file, &open.path) {
                return Ok(open);
            }
        }
        Err(LedgerFault::Unusable(
            "its file is exchanged again and again".to_owned(),
        ))
    }

    /// Opens the file in the first folder that takes it.
    fn find(&self, now: MachineTime) -> Result<Open, LedgerFault> {
        let mut whys = Vec::new();
        for folder in &self.place.folders {
            let path = folder.join(&self.place.name);
            match open_private(folder, &path, now) {
                Ok(file) => {
                    return Ok(Open {
                        file,
                        path,
                        is_new: true,
                    });
                }
                Err(why) => whys.push(format!("{}: {why}", path.display())),
            }
        }
        if whys.is_empty() {
            whys.push("no folder for it is known".to_owned());
        }
        Err(LedgerFault::Unusable(whys.join("; ")))
    }
}

/// Waits for the lock, at most for [`LOOKS`] looks. Returns whether it was had.
fn lock(file: &File) -> io::Result<bool> {
    for _ in 0..LOOKS {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::park_timeout(LOOK),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// Whether the open file still bears this name.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let named = fs::symlink_metadata(path).map(identity).ok();
    named.is_some() && named == file.metadata().map(identity).ok()
}

fn open_private(folder: &Path, path: &Path, now: MachineTime) -> Result<File, String> {
    let text = |error: io::Error| error.to_string();
    if !folder.is_absolute() {
        return Err("its folder has no absolute path".to_owned());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(text)?;
    let metadata = fs::metadata(folder).map_err(text)?;
    check_owner(&metadata)?;
    if metadata.mode() & 0o022 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(text)?;
    }
    begin(path, now);
    // A pipe in its place must not hold us up, and a link is not followed.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)
        .map_err(text)?;
    let metadata = file.metadata().map_err(text)?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    check_owner(&metadata)?;
    if metadata.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(text)?;
    }
    Ok(file)
}

/// Begins a file where there is none: with a record from its first moment on, so that an empty one is one that was emptied.
/// Soon after a boot it may be one that a crash took, so it is left empty. So it is where there are no hard links.
fn begin(path: &Path, now: MachineTime) {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    if now.up < COUNTS || fs::symlink_metadata(path).is_ok() {
        return;
    }
    let Some(bytes) = coding::write(&LedgerRecord::empty(now)) else {
        return;
    };
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let new = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new);
    // If this fails, opening the file tells why.
    if file.and_then(|mut file| file.write_all(&bytes)).is_ok() {
        let _ = fs::hard_link(&new, path);
    }
    let _ = fs::remove_file(&new);
}

fn check_owner(metadata: &fs::Metadata) -> Result<(), String> {
    if metadata.uid() == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(format!("it belongs to another user (uid {})", metadata.uid()))
    }
}

#[cfg(test)]
mod tests;
