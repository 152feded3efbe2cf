//! The identity and the lock of the file, and the names of unusable files that are put aside.
//!
//! Owns the lock on the folder. It is shared while a file is opened and exclusive while one is put aside, so
//! that the file that is moved is the one that was found, and no program sees a new file next to the
//! write-ahead log of the old one.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

/// Device and inode of a file.
pub(in crate::state) type Identity = (u64, u64);

/// The suffixes of the files that SQLite keeps next to a database.
pub(super) const SIDE_SUFFIXES: [&str; 3] = ["-wal", "-shm", "-journal"];
/// The suffixes of the files that are put aside with a database, because they may hold its newest data. The
/// index of the log is made again.
const ASIDE_SUFFIXES: [&str; 2] = ["-wal", "-journal"];
/// How many files that were put aside for one reason are retained.
const MOST_RETAINED: usize = 2;
/// The interval at which a lock is tried.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The identity of the file with this name; of a link, that of the link itself.
pub(in crate::state) fn identity(path: &Path) -> Option<Identity> {
    let file = fs::symlink_metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

/// A lock on the folder that a file is in, until it is dropped.
#[derive(Debug)]
pub(super) struct FolderLock(#[expect(dead_code, reason = "held, and not used")] File);

impl FolderLock {
    /// Takes the shared lock, which opening a file needs; waits at most `patience`.
    pub(super) fn shared(path: &Path, patience: Duration) -> io::Result<Self> {
        Self::take(path, patience, File::try_lock_shared)
    }

    /// Takes the exclusive lock; waits at most `patience`.
    pub(super) fn exclusive(path: &Path, patience: Duration) -> io::Result<Self> {
        Self::take(path, patience, File::try_lock)
    }

    fn take(
        path: &Path,
        patience: Duration,
        lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> io::Result<Self> {
        let folder = File::open(path.parent().unwrap_or(Path::new("/")))?;
        let until = Instant::now() + patience;
        loop {
            match lock(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::park_timeout(TRY_EVERY);
                }
                Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::ResourceBusy.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// Why a file is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AsideReason {
    /// It is damaged, at least in part.
    Damaged,
    /// It has the pods of another source.
    OtherSource,
    /// A newer version of hss-top wrote it.
    NewerVersion,
    /// The log next to it belongs to another file. Only the log is put aside.
    OtherLog,
}

impl AsideReason {
    /// The word in the new name.
    const fn word(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::OtherSource => "other-source",
            Self::NewerVersion => "newer-version",
            Self::OtherLog => "other-log",
        }
    }

    /// The reason in the notice.
    const fn told(self) -> &'static str {
        match self {
            Self::Damaged => "was damaged",
            Self::OtherSource => "is of another source",
            Self::NewerVersion => "was written by a newer hss-top",
            Self::OtherLog => "had the log of another file next to it",
        }
    }

    /// What the operator can do about it, if anything.
    const fn advice(self) -> &'static str {
        match self {
            Self::Damaged | Self::OtherSource | Self::OtherLog => "",
            Self::NewerVersion => "; to use it with that version again, rename it back",
        }
    }

    /// Why the file is not used, if it cannot be put aside either.
    pub(super) const fn why(self) -> &'static str {
        match self {
            Self::Damaged => "the file is damaged",
            Self::OtherSource => "the file is not of this source",
            Self::NewerVersion => "the file was written by a newer hss-top",
            Self::OtherLog => "the log next to the file belongs to another file",
        }
    }
}

/// Renames an unusable file together with its log, and returns the notice. The oldest files that were put
/// aside for the same reason are deleted.
pub(super) fn put_aside(path: &Path, why: AsideReason, _alone: &FolderLock) -> io::Result<String> {
    let numbers = set_aside(path, why);
    let next = numbers.last().map_or(1, |last| last + 1);
    let aside = aside(path, why, next);
    fs::rename(path, &aside)?;
    for suffix in ASIDE_SUFFIXES {
        move_along(&with_suffix(path, suffix), &with_suffix(&aside, suffix))?;
    }
    discard(&with_suffix(path, "-shm"));
    discard_oldest(path, why, &numbers);
    Ok(format!(
        "the state file {} and is now {}{}",
        why.told(),
        aside.display(),
        why.advice()
    ))
}

/// Renames the logs next to a file that are not its own, and returns the notice. The file stays.
pub(super) fn put_log_aside(path: &Path, _alone: &FolderLock) -> io::Result<String> {
    let why = AsideReason::OtherLog;
    let numbers = set_aside(path, why);
    let aside = aside(path, why, numbers.last().map_or(1, |last| last + 1));
    let mut moved = Vec::new();
    for suffix in ASIDE_SUFFIXES {
        let (from, to) = (with_suffix(path, suffix), with_suffix(&aside, suffix));
        if from.exists() {
            move_along(&from, &to)?;
            moved.push(to.display().to_string());
        }
    }
    discard(&with_suffix(path, "-shm"));
    discard_oldest(path, why, &numbers);
    Ok(format!(
        "the log of another file was next to the state file and is now {}",
        moved.join(" and ")
    ))
}

/// Deletes all but the newest files that were put aside before, so that a new one has room.
fn discard_oldest(path: &Path, why: AsideReason, numbers: &BTreeSet<u64>) {
    for number in numbers.iter().rev().skip(MOST_RETAINED - 1) {
        let oldest = aside(path, why, *number);
        discard(&oldest);
        for suffix in ASIDE_SUFFIXES {
            discard(&with_suffix(&oldest, suffix));
        }
    }
}

fn aside(path: &Path, why: AsideReason, number: u64) -> PathBuf {
    with_suffix(path, &format!(".{}-{number}", why.word()))
}

/// The numbers of the files that were put aside for this reason.
fn set_aside(path: &Path, why: AsideReason) -> BTreeSet<u64> {
    let Some(name) = path.file_name() else {
        return BTreeSet::new();
    };
    let prefix = format!("{}.{}-", name.display(), why.word());
    let files = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    let names = files.into_iter().flatten().flatten().map(|file| file.file_name());
    // A log that was put aside has a suffix, and maybe no file of its own.
    let number = |name: &str| name.strip_prefix(&prefix)?.split('-').next()?.parse().ok();
    names.filter_map(|name| number(name.to_str()?)).collect()
}

/// Renames a file, if it exists.
fn move_along(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a file, if it exists. A failure is only logged, because the file does no harm.
pub(in crate::state) fn discard(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "cannot remove");
    }
}

pub(in crate::state) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;

    fn names(folder: &Folder) -> BTreeSet<String> {
        let files = fs::read_dir(folder.path().join("hss-top")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_damaged_file_retains_its_log_and_the_newest_two_stay() {
        let folder = Folder::new();
        let file = folder.file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let alone = FolderLock::exclusive(&file, Duration::ZERO).unwrap();
        for number in 1..=11 {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                fs::write(with_suffix(&file, suffix), format!("{number}{suffix}")).unwrap();
            }
            let told = put_aside(&file, AsideReason::Damaged, &alone).unwrap();
            assert!(told.ends_with(&format!("a.sqlite.damaged-{number}")), "{told}");
            let last = if number == 1 { 1 } else { number - 1 };
            let expected = (last..=number).flat_map(|number| {
                ["", "-journal", "-wal"].map(|suffix| format!("a.sqlite.damaged-{number}{suffix}"))
            });
            assert_eq!(names(&folder), expected.collect());
        }
        let log = fs::read_to_string(with_suffix(&aside(&file, AsideReason::Damaged, 11), "-wal")).unwrap();
        assert_eq!(log, "11-wal");
    }

    #[test]
    fn a_log_that_cannot_be_moved_is_an_error_and_a_missing_one_is_not() {
        let folder = Folder::new();
        let file = folder.file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "x").unwrap();
        fs::write(with_suffix(&file, "-wal"), "its log").unwrap();
        let alone = FolderLock::exclusive(&file, Duration::ZERO).unwrap();
        let aside = aside(&file, AsideReason::Damaged, 1);
        fs::create_dir_all(with_suffix(&aside, "-wal").join("in the way")).unwrap();
        // The name of the folder has the number 1, so the next one is free.
        put_aside(&file, AsideReason::Damaged, &alone).unwrap();
        let regular = folder.path().join("regular");
        fs::write(&regular, "").unwrap();
        assert!(move_along(&with_suffix(&aside, "-wal"), &regular.join("below")).is_err());
        move_along(&with_suffix(&file, "-wal"), &file).unwrap();
    }

    #[test]
    fn the_identity_of_a_file_is_its_own() {
        let folder = Folder::new();
        fs::write(folder.path().join("a"), "").unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        let of = |name: &str| identity(&folder.path().join(name));
        assert!(of("a").is_some() && of("a") == of("a") && of("a") != of("b"));
        assert_eq!(of("c"), None);
    }

    #[test]
    fn a_lock_is_waited_for() {
        let folder = Folder::new();
        fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
        let held = FolderLock::shared(&folder.file(), Duration::ZERO).unwrap();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| FolderLock::exclusive(&folder.file(), Duration::from_secs(20)));
            std::thread::park_timeout(3 * TRY_EVERY);
            drop(held);
            assert!(waits.join().unwrap().is_ok());
        });
    }

    #[test]
    fn opening_a_file_shares_the_folder_and_moving_one_excludes_others() {
        let folder = Folder::new();
        fs::create_dir_all(folder.file().parent().unwrap()).unwrap();
        let shared = || FolderLock::shared(&folder.file(), Duration::ZERO);
        let alone = || FolderLock::exclusive(&folder.file(), Duration::from_millis(30));
        let both = (shared().unwrap(), shared().unwrap());
        assert_eq!(alone().unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        drop(both);
        let held = alone().unwrap();
        assert!(shared().is_err());
        drop(held);
        assert!(shared().is_ok());
    }
}
