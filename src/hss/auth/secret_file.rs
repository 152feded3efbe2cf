//! Files that hold a secret.
//!
//! Owns the rule for reading them: a regular file that belongs to us (or root) and that nobody else can read
//! or write, as OpenSSH requires for its keys, by its mode or by its [`access_list`]. The open file is checked, not its name, so it cannot be
//! replaced in between.

use std::fmt;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::access_list;
use crate::files::{self, FileFault};
use crate::hss::json;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 64 << 10;

/// Why a secret file was not read, and what to do, as a sentence without the path, which the caller adds.
#[derive(Debug)]
pub enum SecretFileFault {
    /// It cannot be read.
    Unread(FileFault),
    /// It is not a regular file.
    Irregular,
    /// It is not UTF-8 text.
    NotText,
    /// It belongs to another user, with this number.
    OfAnother(u32),
    /// Others can read or write it; this is its mode.
    Open(u32),
    /// Others can write it; this is its mode.
    Writable(u32),
    /// It holds nothing.
    Empty,
    /// What it holds cannot be a token.
    NotAToken,
}

impl fmt::Display for SecretFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(fault) => fault.fmt(f),
            Self::Irregular => f.write_str("it is not a regular file; a pipe could be read only once"),
            Self::NotText => f.write_str("it is not UTF-8 text"),
            Self::OfAnother(uid) => {
                write!(
                    f,
                    "it belongs to another user (uid {uid}), so its secret is refused"
                )
            }
            Self::Open(mode) => write!(
                f,
                "others can read or write it (mode {mode:04o}), so its secret is refused: chmod 600"
            ),
            Self::Writable(mode) => write!(
                f,
                "others can write it (mode {mode:04o}), so its token is refused: chmod go-w"
            ),
            Self::Empty => f.write_str("it is empty"),
            Self::NotAToken => f.write_str("it holds no token: a token has only visible ASCII characters"),
        }
    }
}

impl std::error::Error for SecretFileFault {}

impl From<FileFault> for SecretFileFault {
    fn from(fault: FileFault) -> Self {
        Self::Unread(fault)
    }
}

impl From<io::Error> for SecretFileFault {
    fn from(error: io::Error) -> Self {
        Self::Unread(error.into())
    }
}

/// Reads a secret file.
pub fn read(path: &Path) -> Result<String, SecretFileFault> {
    let file = files::open(path)?;
    check(&file, |_| check_private(&file))?;
    text(&file)
}

/// Reads a secret file that others may read: a platform writes it with the mode that it likes, and what it
/// holds is valid for an hour.
pub fn read_shared(path: &Path) -> Result<String, SecretFileFault> {
    let file = files::open(path)?;
    check(&file, check_unwritable)?;
    text(&file)
}

/// The mode of a file that others can read; `None` if they cannot, or if there is no such file.
pub fn open_mode(path: &Path) -> Option<u32> {
    let mode = path.metadata().ok()?.mode() & 0o777;
    (mode & 0o044 != 0).then_some(mode)
}

fn text(file: &File) -> Result<String, SecretFileFault> {
    let secret = files::read_bounded(file, MOST_BYTES)?;
    // Editors and shells on Windows write a byte order mark, and some write UTF-16.
    let secret = json::text(secret);
    if secret.contains(char::REPLACEMENT_CHARACTER) {
        return Err(SecretFileFault::NotText);
    }
    Ok(secret)
}

/// Detects a change of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device_and_inode: (u64, u64),
    changed: (i64, i64),
    length: u64,
}

/// The stamp of the file at `path`; `None` while the file is missing.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = path.metadata().ok()?;
    Some(Stamp {
        device_and_inode: (metadata.dev(), metadata.ino()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
        length: metadata.len(),
    })
}

fn check(
    file: &File,
    is_ours: impl Fn(&Metadata) -> Result<(), SecretFileFault>,
) -> Result<(), SecretFileFault> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(SecretFileFault::Irregular);
    }
    is_ours(&metadata)
}

fn check_owner(metadata: &Metadata) -> Result<u32, SecretFileFault> {
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != me && metadata.uid() != 0 {
        return Err(SecretFileFault::OfAnother(metadata.uid()));
    }
    Ok(metadata.mode() & 0o777)
}

fn check_unwritable(metadata: &Metadata) -> Result<(), SecretFileFault> {
    match check_owner(metadata)? {
        mode if mode & 0o022 != 0 => Err(SecretFileFault::Writable(mode)),
        _ => Ok(()),
    }
}

/// Checks that only we (or root) can read and write an open file.
pub fn check_private(file: &File) -> Result<(), SecretFileFault> {
    let mode = check_owner(&file.metadata()?)?;
    // The group's bits of its mode may be the limit of a list in which there is no group.
    if mode & 0o077 != 0 && !access_list::lets_only_us_in(file) {
        return Err(SecretFileFault::Open(mode));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_whose_list_lets_only_us_in_is_read_whatever_its_mode() {
        use rustix::fs::{XattrFlags, setxattr};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "canary").unwrap();
        let us = rustix::process::geteuid().as_raw();
        let entry = |tag: u16, permissions: u16, id: u32| {
            let id = id.to_le_bytes();
            [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id].concat()
        };
        let with_list = |group: u16| {
            let entries = [
                entry(1, 4, u32::MAX),
                entry(2, 4, us),
                entry(4, group, u32::MAX),
                entry(16, 4, u32::MAX),
                entry(32, 0, u32::MAX),
            ];
            let list = [&2_u32.to_le_bytes()[..], &entries.concat()].concat();
            setxattr(&path, "system.posix_acl_access", &list, XattrFlags::empty())
        };
        if with_list(0) == Err(rustix::io::Errno::OPNOTSUPP) {
            return; // a file system without lists has no such file either
        }
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o440);
        assert_eq!(read(&path).unwrap(), "canary");
        with_list(4).unwrap();
        assert!(matches!(read(&path), Err(SecretFileFault::Open(0o440))));
    }

    #[test]
    fn only_private_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "canary\n").unwrap();
        let with_mode = |mode: u32| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            read(&path)
        };
        let private = [0o400, 0o600].map(with_mode);
        let holds = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            read(&path)
        };
        let marked = [
            holds(b"\xef\xbb\xbfcanary\n"),
            holds(b"\xff\xfec\0a\0n\0a\0r\0y\0\n\0"),
        ];
        let odd = holds(b"canary\xe9").unwrap_err().to_string();
        let open = [0o640, 0o604, 0o620, 0o644, 0o666].map(with_mode);
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(MOST_BYTES + 1)
            .unwrap();
        let large = read(&path).unwrap_err().to_string();
        assert_eq!(
            large, "it is larger than 64 KiB",
            "a cut file would be another secret"
        );
        let (none, directory) = (read(&folder.path().join("none")), read(folder.path()));
        assert!(
            private
                .iter()
                .all(|secret| matches!(secret, Ok(text) if text == "canary\n"))
        );
        assert!(
            marked
                .iter()
                .all(|secret| matches!(secret, Ok(text) if text == "canary\n"))
        );
        assert!(odd.contains("UTF-8") && !odd.contains("canary"), "{odd}");
        for refused in open {
            let sentence = refused.unwrap_err().to_string();
            assert!(
                sentence.contains("chmod 600") && !sentence.contains("canary"),
                "{sentence}"
            );
        }
        assert!(none.is_err() && directory.unwrap_err().to_string().contains("not a regular file"));
    }
}
