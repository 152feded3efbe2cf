//! One file of the ledger: opened so that nobody else can interfere, locked, read, written.
//!
//! Owns the access rules: a private folder of ours (0700), a regular file of ours in it (0600), never reached
//! through a link. Must not: know other folders.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use super::super::coding::{self, MOST_BYTES};
use super::super::machine::MachineTime;
use super::super::record::{COUNTS, LedgerRecord};

/// The pause between two attempts to obtain the lock.
pub(super) const LOOK: Duration = Duration::from_millis(1);
/// The number of attempts.
const LOOKS: u32 = 250;
/// The bytes of an ordinary record.
const USUAL_BYTES: usize = 4 << 10;

/// Writes a record into the file of that name, from its beginning. A test replaces it to simulate a full
/// disk.
pub(super) type WriteBytes = fn(&Path, &File, &[u8]) -> io::Result<()>;

/// An open file.
#[derive(Debug)]
pub(super) struct OpenLedger {
    pub(super) file: File,
    pub(super) path: PathBuf,
    /// Whether this program has not read it yet.
    pub(super) is_new: bool,
    /// Whether this program has created it.
    pub(super) is_begun: bool,
}

impl OpenLedger {
    /// Opens the file in its folder; creates both if they are missing.
    pub(super) fn open(folder: &Path, name: &str, now: MachineTime) -> Result<Self, String> {
        let path = folder.join(name);
        let (file, is_begun) =
            open_private(folder, &path, now).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self {
            file,
            path,
            is_new: true,
            is_begun,
        })
    }

    /// Its content; a file longer than a record is not read to its end.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        (&self.file).rewind()?;
        (&self.file).take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// When it was last written.
    pub(super) fn written(&self) -> Option<SystemTime> {
        self.file.metadata().ok()?.modified().ok()
    }

    /// Waits for the lock, for at most [`LOOKS`] attempts. Returns whether it was obtained.
    pub(super) fn lock(&self) -> io::Result<bool> {
        for _ in 0..LOOKS {
            match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(true),
                Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::park_timeout(LOOK),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    /// Releases the lock, which also ends with the file.
    pub(super) fn unlock(&self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }

    /// Removes the file.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Whether the open file still has its name.
    pub(super) fn is_at_its_name(&self) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        let named = fs::symlink_metadata(&self.path).map(identity).ok();
        named.is_some() && named == self.file.metadata().map(identity).ok()
    }
}

/// Never empty in between: a program that is killed here leaves a record that is recognised as damaged.
pub(super) fn write_whole(_: &Path, file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, 0)?;
    file.set_len(bytes.len() as u64)
}

/// Reads the record of that file without the lock and without a change. `None` if it cannot be read.
pub(super) fn overhear(path: &Path) -> Option<LedgerRecord> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(careful())
        .open(path)
        .ok()?;
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || check_owner(&metadata).is_err() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
    coding::read(&bytes)
}

/// A pipe in its place must not block us, and a link is not followed.
fn careful() -> i32 {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    i32::try_from(flags.bits()).unwrap_or_default()
}

fn open_private(folder: &Path, path: &Path, now: MachineTime) -> Result<(File, bool), String> {
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
    let is_begun = begin(path, now);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(careful())
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
    Ok((file, is_begun))
}

/// Creates a missing file together with a record, so that an empty file is one that somebody emptied. Soon
/// after a boot a crash may have taken the record, so the file stays empty then, and also on file systems
/// without hard links. Returns whether the file was missing.
fn begin(path: &Path, now: MachineTime) -> bool {
    static NUMBERS: AtomicU32 = AtomicU32::new(0);
    if fs::symlink_metadata(path).is_ok() {
        return false;
    }
    let bytes = coding::write(&LedgerRecord::empty(now)).filter(|_| now.up >= COUNTS);
    let Some(bytes) = bytes else { return true };
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let new = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new);
    // If this fails, opening the file reports why.
    if file.and_then(|mut file| file.write_all(&bytes)).is_ok() {
        let _ = fs::hard_link(&new, path);
    }
    let _ = fs::remove_file(&new);
    true
}

fn check_owner(metadata: &fs::Metadata) -> Result<(), String> {
    if metadata.uid() == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(format!("it belongs to another user (uid {})", metadata.uid()))
    }
}
