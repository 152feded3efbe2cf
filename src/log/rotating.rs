//! Log files with a size limit.
//!
//! Owns the log's files: `NAME`, and up to four older ones, `NAME.1` to `NAME.4`, each about [`LARGEST`] at
//! most. A file must be a regular file of this user that nobody else may read, and never the target of a
//! link, so that others who may write to the folder cannot redirect the log; a device, a pipe or a socket is
//! refused. If a line cannot be written, the file is tried again after a pause; if it was removed or
//! replaced, a new one is created. Must not: be called by code that must not wait for a disk.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, OFlags, access};
use rustix::process::geteuid;
use tokio::time::Instant;

/// The size in bytes at which the next file begins.
pub const LARGEST: u64 = 4 << 20;
/// The number of files, including the current one.
pub const FILES: usize = 5;
/// The pause after a failure.
const RESTS: Duration = Duration::from_mins(1);
/// The mode of a log file: only its owner may read and write it.
const MODE: u32 = 0o600;

/// Why a line was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFault {
    /// The file must not be used as a log, for this reason.
    Refused(String),
    /// It cannot be written at the moment.
    Failed(io::ErrorKind),
}

impl From<&io::Error> for LogFault {
    fn from(error: &io::Error) -> Self {
        if is_refusal(error) {
            Self::Refused(error.to_string())
        } else {
            Self::Failed(error.kind())
        }
    }
}

impl fmt::Display for LogFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::Failed(kind) => kind.fmt(f),
        }
    }
}

impl std::error::Error for LogFault {}

/// The log files.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    largest: u64,
    file: Option<OpenLogFile>,
    /// Whether the last line was written only in part.
    torn: bool,
    /// When and why the last write failed.
    failed: Option<(Instant, LogFault)>,
}

#[derive(Debug)]
struct OpenLogFile {
    file: File,
    bytes: u64,
    identity: (u64, u64),
}

impl Rotating {
    /// The log files at `path`; the first line opens the file.
    pub fn at(path: &Path, largest: u64) -> Self {
        Self {
            path: path.to_owned(),
            largest,
            file: None,
            torn: false,
            failed: None,
        }
    }

    /// Opens the file, so that problems are known before the first line.
    pub fn begin(&mut self, now: Instant) -> io::Result<()> {
        let result = self.open().map(drop);
        self.note(result.as_ref().err(), now);
        result
    }

    /// Writes a line including its line end.
    pub fn write_line(&mut self, line: &[u8], now: Instant) -> Result<(), LogFault> {
        if let Some((failed, why)) = &self.failed
            && now - *failed < RESTS
        {
            return Err(why.clone());
        }
        let result = self.try_line(line);
        self.note(result.as_ref().err(), now);
        result.map_err(|error| LogFault::from(&error))
    }

    fn try_line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|it| it.bytes >= self.largest) {
            self.rotate()?;
        }
        // The file was removed or replaced: nobody would find lines written to it now.
        let there = self.identity_there();
        self.file.take_if(|it| Some(it.identity) != there);
        let torn = self.torn;
        let written = self.open()?;
        let whole = if torn {
            [b"\n", line].concat()
        } else {
            line.to_vec()
        };
        let result = written.file.write_all(&whole);
        written.bytes = written.file.metadata().map_or(written.bytes, |it| it.len());
        self.torn = result.is_err();
        result
    }

    fn open(&mut self) -> io::Result<&mut OpenLogFile> {
        if self.file.is_none() {
            self.file = Some(opened(&self.path)?);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The identity of the file that has the log's name now.
    fn identity_there(&self) -> Option<(u64, u64)> {
        fs::symlink_metadata(&self.path).ok().map(|it| identity(&it))
    }

    /// Rotates the files: each gets the next number, and the last one is deleted. If another process of ours
    /// has rotated already, its new file is used. A rename moves a link and does not follow it.
    fn rotate(&mut self) -> io::Result<()> {
        let ours = self.file.take().map(|it| it.identity);
        if ours != self.identity_there() {
            return Ok(());
        }
        for number in (1..FILES).rev() {
            let from = if number == 1 {
                self.path.clone()
            } else {
                numbered(&self.path, number - 1)
            };
            match fs::rename(&from, numbered(&self.path, number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, error: Option<&io::Error>, now: Instant) {
        self.failed = error.map(|error| (now, error.into()));
        if self.failed.is_some() {
            // A replaced file or a full disk is checked again the next time.
            self.file = None;
        }
    }
}

/// Opens or creates a log. Never waits for the other end of a pipe.
fn opened(path: &Path) -> io::Result<OpenLogFile> {
    if let Ok(there) = fs::symlink_metadata(path) {
        fit(&there)?;
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(MODE);
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    let file = options.open(path)?;
    // The path may have been replaced since the check, so the open file is checked too.
    let metadata = file.metadata()?;
    fit(&metadata)?;
    if metadata.mode() & 0o777 != MODE {
        file.set_permissions(Permissions::from_mode(MODE))?;
    }
    Ok(OpenLogFile {
        bytes: metadata.len(),
        identity: identity(&metadata),
        file,
    })
}

/// Whether a log could be written there, as far as this can be known without creating it.
pub fn probe(path: &Path) -> io::Result<()> {
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.unwrap_or(Path::new("."));
            return Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?);
        }
        Err(error) => return Err(error),
    };
    fit(&there)?;
    Ok(access(path, Access::WRITE_OK)?)
}

/// Checks that a file may be used as our log.
fn fit(file: &fs::Metadata) -> io::Result<()> {
    let kind = file.file_type();
    let what = if kind.is_file() && file.uid() == geteuid().as_raw() {
        return Ok(());
    } else if kind.is_file() {
        "it belongs to another user"
    } else if kind.is_symlink() {
        "it is a link; name its target instead"
    } else if kind.is_dir() {
        "it is a folder"
    } else if kind.is_fifo() || kind.is_socket() {
        "it is a pipe or a socket, not a file"
    } else {
        "it is a device, not a file; without --log-file nothing is logged"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Whether the file must not be used as a log, as opposed to a temporary failure.
pub fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput
}

fn identity(file: &fs::Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
