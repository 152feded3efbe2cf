//! One program at a time signs in as a user.
//!
//! Dashboards that start together would each send a wrong password before any of them has noted that it was
//! refused. So a sign-in holds a lock on a file, and a program that waited for it checks what was noted
//! meanwhile. The kernel releases the lock of a program that died. A program that is stopped keeps it. After
//! [`PATIENCE`] without a note the file is replaced by a new one, and the sign-in of the stopped program
//! counts as one with an unknown result, so the password rests nevertheless. Must not: know what is noted.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::OFlags;
use tokio::time::{Instant, sleep};

/// A holder that notes nothing for this long counts as stopped: a call takes 30 s at most.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// How long to wait between two attempts.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often to try a lock that is held for microseconds, once per millisecond.
const LOOKS: u32 = 250;

/// The right to sign in, until this is dropped.
#[derive(Debug)]
pub(super) struct SignInTurn(#[expect(dead_code, reason = "held, and not used")] File);

impl SignInTurn {
    /// Waits for the lock on the file at `path`. `noted_at` is when the holder last noted something;
    /// `exchange` is the file that is locked while a stopped holder's file is removed.
    pub(super) async fn take(
        path: &Path,
        exchange: &Path,
        noted_at: impl Fn() -> Option<Timestamp>,
    ) -> io::Result<Self> {
        let (mut seen, mut since) = (None, Instant::now());
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) if identity(&file.metadata()?) == identity_at(path) => return Ok(Self(file)),
                // The file was replaced in between.
                Ok(()) => {}
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) => {
                    let holder = (identity(&file.metadata()?), noted_at());
                    if seen != Some(holder) {
                        (seen, since) = (Some(holder), Instant::now());
                    } else if since.elapsed() >= PATIENCE {
                        tracing::warn!(
                            "another program was stopped during its sign-in: its lock is replaced"
                        );
                        remove(path, exchange, holder.0)?;
                        since = Instant::now();
                        continue;
                    }
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

/// A lock that is held for microseconds, until this is dropped.
#[derive(Debug)]
pub(super) struct FileGuard(#[expect(dead_code, reason = "held, and not used")] File);

impl FileGuard {
    /// Takes the lock, or fails after a quarter of a second.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        for _ in 0..LOOKS {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => std::thread::park_timeout(Duration::from_millis(1)),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }
}

/// Device and inode number of a file; `None` if the file is gone.
type FileIdentity = Option<(u64, u64)>;

#[expect(clippy::unnecessary_wraps, reason = "compared with a file that may be gone")]
fn identity(metadata: &fs::Metadata) -> FileIdentity {
    Some((metadata.dev(), metadata.ino()))
}

fn identity_at(path: &Path) -> FileIdentity {
    identity(&fs::symlink_metadata(path).ok()?)
}

/// Removes the file of a stopped holder, unless another program has replaced it already.
fn remove(path: &Path, exchange: &Path, stopped: FileIdentity) -> io::Result<()> {
    let _alone = FileGuard::take(exchange)?;
    if identity_at(path) == stopped {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Opens a private file. A link is not followed, and a pipe in its place does not block.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};
    use tempfile::TempDir;

    const ALMOST: Duration = Duration::from_secs(39);

    struct Folder(TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        async fn take(&self) -> io::Result<SignInTurn> {
            SignInTurn::take(
                &self.0.path().join("a.lock"),
                &self.0.path().join("x.lock"),
                || None,
            )
            .await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stopped_holder_is_replaced_after_its_time_by_one_program_at_a_time() {
        let folder = Folder::new();
        let stopped = folder.take().await.unwrap();
        let began = Instant::now();
        let waiters = || async {
            let turn = folder.take().await.unwrap();
            (began.elapsed(), turn)
        };
        let (first, second) = tokio::join!(
            async {
                let (at, turn) = waiters().await;
                sleep(Duration::from_secs(1)).await;
                drop(turn);
                at
            },
            async {
                let (at, turn) = waiters().await;
                sleep(Duration::from_secs(1)).await;
                drop(turn);
                at
            },
        );
        let (early, late) = (first.min(second), first.max(second));
        assert!(
            early >= PATIENCE && early < PATIENCE + Duration::from_secs(1),
            "{early:?}"
        );
        assert!(late >= early + Duration::from_secs(1), "{late:?}");
        drop(stopped);
    }

    #[tokio::test(start_paused = true)]
    async fn a_note_of_the_holder_restarts_the_wait_and_a_release_ends_it_at_once() {
        let folder = Folder::new();
        let holder = folder.take().await.unwrap();
        let (noted, began) = (AtomicI64::new(0), Instant::now());
        let at = || Timestamp::from_second(noted.load(Ordering::Relaxed)).ok();
        let (lock, exchange) = (folder.0.path().join("a.lock"), folder.0.path().join("x.lock"));
        let (waited, ()) = tokio::join!(
            async {
                SignInTurn::take(&lock, &exchange, at).await.unwrap();
                began.elapsed()
            },
            async {
                sleep(ALMOST).await;
                noted.store(1, Ordering::Relaxed);
                sleep(ALMOST).await;
                drop(holder);
            }
        );
        let released = 2 * ALMOST;
        assert!(
            waited >= released && waited < released + Duration::from_secs(1),
            "{waited:?}"
        );
    }

    #[tokio::test]
    async fn a_link_or_a_missing_folder_is_an_error() {
        let folder = Folder::new();
        let target = folder.0.path().join("target");
        std::os::unix::fs::symlink(&target, folder.0.path().join("a.lock")).unwrap();
        assert!(folder.take().await.is_err() && !target.exists());
        let none = folder.0.path().join("none/a.lock");
        assert!(SignInTurn::take(&none, &none, || None).await.is_err());
    }

    #[test]
    fn waiting_for_a_short_lock_ends() {
        let folder = Folder::new();
        let path = folder.0.path().join("x.lock");
        let held = FileGuard::take(&path).unwrap();
        assert!(FileGuard::take(&path).is_err());
        drop(held);
        assert!(FileGuard::take(&path).is_ok());
    }
}
