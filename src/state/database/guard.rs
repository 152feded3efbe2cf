//! Checks whether a file may be used, before its name is passed to SQLite, which opens by name.
//!
//! Only regular files, never through a link, and nothing that another user may write to: the contents of the
//! state are shown as pods, and SQLite itself has been attacked through crafted files. The folder is checked
//! first: if nobody else may write to it, nobody can replace the file between the check and the opening. Must
//! not: open the file (a named pipe would block us, and closing any other handle drops SQLite's locks on the
//! file).

use std::fs::{self, DirBuilder, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use super::file::{SIDE_SUFFIXES, with_suffix};

/// The mode bits that let others write.
const OTHERS_WRITE: u32 = 0o022;
/// The mode bits that give others any right.
const OTHERS: u32 = 0o077;

/// Why a file is not used.
#[derive(Debug)]
pub(in crate::state) enum FileRefusal {
    /// It is not a suitable file; the sentence says why.
    Unfit(String),
    /// It cannot be examined or created.
    Failed(io::Error),
}

impl From<io::Error> for FileRefusal {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// What to do about a file or folder before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileVerdict {
    Fine,
    /// It is ours, but others have too many rights.
    Tighten,
    /// Others may write to it, and we may not change that.
    Foreign,
}

/// Decides by owner and mode; `us` is our user id, and `too_much` the rights that others must not have.
fn judge(owner: u32, mode: u32, us: u32, too_much: u32) -> FileVerdict {
    const ROOT: u32 = 0;
    if owner == us {
        return if mode & too_much == 0 {
            FileVerdict::Fine
        } else {
            FileVerdict::Tighten
        };
    }
    // Root may write anywhere anyway.
    if owner == ROOT && mode & OTHERS_WRITE == 0 {
        FileVerdict::Fine
    } else {
        FileVerdict::Foreign
    }
}

/// Creates the folder and the file if missing, private from the start, and checks both and the files that
/// SQLite keeps next to the file. Returns the name to open, in which no folder is a link, and a notice if
/// there is one.
pub(in crate::state) fn prepare(path: &Path) -> Result<(PathBuf, Option<String>), FileRefusal> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let (path, mut told) = check_folder(path)?;
    for suffix in SIDE_SUFFIXES {
        told = told.or(check_file(&with_suffix(&path, suffix))?);
    }
    told = told.or(check_file(&path)?);
    make(&path)?;
    Ok((path, told))
}

/// Checks a file for reading only. Returns the name to open, if the file exists.
pub(in crate::state) fn readable(path: &Path) -> Result<Option<PathBuf>, FileRefusal> {
    if !path.exists() {
        return Ok(None);
    }
    let (path, _) = check_folder(path)?;
    for suffix in SIDE_SUFFIXES {
        check_file(&with_suffix(&path, suffix))?;
    }
    check_file(&path)?;
    Ok(Some(path))
}

/// Checks a file and one beside it, without correcting anything: that is for [`prepare`], which reports it. Returns the name to
/// open, if the file exists and all that belongs to it is as it must be.
pub(in crate::state) fn fit_as_it_is(path: &Path, beside: &str) -> Option<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("/")).canonicalize().ok()?;
    let is_fine = |found: &Metadata, too_much: u32| {
        judge(found.uid(), found.mode(), us(), too_much) == FileVerdict::Fine
    };
    if !is_fine(&fs::symlink_metadata(&folder).ok()?, OTHERS_WRITE) {
        return None;
    }
    let path = folder.join(path.file_name()?);
    let suffixes = SIDE_SUFFIXES.into_iter().chain(["", beside]);
    for suffix in suffixes {
        match fs::symlink_metadata(with_suffix(&path, suffix)) {
            Ok(found) if odd_kind(&found).is_none() && is_fine(&found, OTHERS) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound && SIDE_SUFFIXES.contains(&suffix) => {}
            _ => return None,
        }
    }
    Some(path)
}

/// Creates an empty file if it is missing. SQLite gives its own files next to it the same mode.
fn make(path: &Path) -> io::Result<()> {
    // Never through a link, not even a dangling one.
    match OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
    {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn us() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Checks the folder of `path`.
fn check_folder(path: &Path) -> Result<(PathBuf, Option<String>), FileRefusal> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
    let folder = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
    let found = fs::symlink_metadata(&folder)?;
    let mut told = None;
    match judge(found.uid(), found.mode(), us(), OTHERS_WRITE) {
        FileVerdict::Fine => {}
        FileVerdict::Tighten => {
            tighten(&folder, &found, OTHERS_WRITE)?;
            told = Some(format!(
                "other users could write to {}; their right was removed",
                folder.display()
            ));
        }
        FileVerdict::Foreign => {
            let why = format!("other users can write to the folder {}", folder.display());
            return Err(FileRefusal::Unfit(why));
        }
    }
    Ok((folder.join(name), told))
}

/// Checks a file, if it exists.
fn check_file(path: &Path) -> Result<Option<String>, FileRefusal> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let name = || path.file_name().unwrap_or_default().display().to_string();
    if let Some(kind) = odd_kind(&found) {
        return Err(FileRefusal::Unfit(format!(
            "{} is {kind}, not a regular file",
            name()
        )));
    }
    match judge(found.uid(), found.mode(), us(), OTHERS) {
        FileVerdict::Fine => Ok(None),
        FileVerdict::Tighten => {
            tighten(path, &found, OTHERS)?;
            // That others could read it was the owner's choice or the umask; its contents are not in doubt.
            let told = format!(
                "other users could write to {}; their right was removed",
                path.display()
            );
            Ok((found.mode() & OTHERS_WRITE != 0).then_some(told))
        }
        FileVerdict::Foreign => Err(FileRefusal::Unfit(format!("other users can write to {}", name()))),
    }
}

fn tighten(path: &Path, found: &Metadata, too_much: u32) -> io::Result<()> {
    tracing::info!(path = %path.display(), mode = found.mode(), "rights of others taken away");
    match fs::set_permissions(path, Permissions::from_mode(found.mode() & 0o7777 & !too_much)) {
        // Another program has put it aside since then: the next one is made with the right mode.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        tightened => tightened,
    }
}

/// The kind of something that is not a regular file.
fn odd_kind(found: &Metadata) -> Option<&'static str> {
    let kind = found.file_type();
    let kinds = [
        (kind.is_symlink(), "a symbolic link"),
        (kind.is_fifo(), "a named pipe"),
        (kind.is_socket(), "a socket"),
        (kind.is_dir(), "a folder"),
        (kind.is_char_device() || kind.is_block_device(), "a device"),
        (!kind.is_file(), "something unknown"),
    ];
    kinds.iter().find(|(is_it, _)| *is_it).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests;
