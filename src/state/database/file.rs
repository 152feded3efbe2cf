//! The file itself: private from its beginning, and put aside where it is damaged.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Device and inode.
pub(in crate::state) type Identity = (u64, u64);

/// Which file bears this name.
pub(in crate::state) fn identity(path: &Path) -> Option<Identity> {
    let file = fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

/// Gives a damaged file another name, and says so.
pub(super) fn put_aside(path: &Path) -> io::Result<String> {
    let aside = aside(path);
    fs::rename(path, &aside)?;
    // What SQLite kept beside it belongs to the damaged file.
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
    Ok(format!(
        "the state file was damaged and is now {}",
        aside.display()
    ))
}

/// The first free name for a damaged file.
fn aside(path: &Path) -> PathBuf {
    let mut names = (1..).map(|number| with_suffix(path, &format!(".damaged-{number}")));
    names
        .find(|name| !name.exists())
        .unwrap_or_else(|| with_suffix(path, ".damaged"))
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The folder 0700 and the file 0600 from the beginning; SQLite gives its own files beside it the same mode.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}
