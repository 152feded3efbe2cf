//! A file of lines that has a bound.
//!
//! Owns the log's files: `NAME`, and up to four older ones, `NAME.1` to `NAME.4`, each about [`LARGEST`] at most. A file is
//! one of ours and only ours: a regular file of this user that nobody else may read, never what a link leads to, so that
//! whoever may write to the folder cannot make us write elsewhere; a device, a pipe or a socket is refused. Where a line
//! cannot be written the file is tried again after a rest; where it was removed or exchanged it is begun anew. Must not: be
//! called by anybody who must not wait for a disk.

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, OFlags, access};
use rustix::process::geteuid;
use tokio::time::Instant;

/// Bytes of a file, from which on the next one is begun.
pub const LARGEST: u64 = 4 << 20;
/// How many files there are, the one that is written included.
pub const FILES: usize = 5;
/// After a failure the file is left alone for so long.
const RESTS: Duration = Duration::from_mins(1);
/// Who may read and write a log.
const MODE: u32 = 0o600;

/// Why a line is not written, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFault {
    /// The file must not be a log, and why.
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

/// The files.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    largest: u64,
    file: Option<OpenLogFile>,
    /// Whether the last line is there in part only.
    torn: bool,
    /// When and why it could not be written.
    failed: Option<(Instant, LogFault)>,
}

#[derive(Debug)]
struct OpenLogFile {
    file: File,
    bytes: u64,
    identity: (u64, u64),
}

impl Rotating {
    /// Lines for the file at `path`, which is opened with the first one.
    pub fn at(path: &Path, largest: u64) -> Self {
        Self {
            path: path.to_owned(),
            largest,
            file: None,
            torn: false,
            failed: None,
        }
    }

    /// Opens the file, so that what is wrong with it is known before there is a line to write.
    pub fn begin(&mut self, now: Instant) -> io::Result<()> {
        let result = self.open().map(drop);
        self.note(result.as_ref().err(), now);
        result
    }

    /// Writes a line, its end included.
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
        // Somebody removed or exchanged the file: what is written to it now nobody would find.
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

    /// The file that has the log's name at the moment.
    fn identity_there(&self) -> Option<(u64, u64)> {
        fs::symlink_metadata(&self.path).ok().map(|it| identity(&it))
    }

    /// Makes room: every file gets the next number, and the last one goes. Where another process of ours did so already, its new
    /// file is taken. A rename moves a link, and does not follow it.
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
            // A file that was exchanged or a disk that was full is looked at anew the next time.
            self.file = None;
        }
    }
}

/// Opens a log, or begins it. Never waits for the other end of a pipe.
fn opened(path: &Path) -> io::Result<OpenLogFile> {
    if let Ok(there) = fs::symlink_metadata(path) {
        fit(&there)?;
    }
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(MODE);
    options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    let file = options.open(path)?;
    // What was looked at may have been exchanged since: what counts is what was opened.
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

/// Whether a log could be written there, as far as can be told without beginning one.
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

/// Whether this can be a log of ours.
fn fit(file: &fs::Metadata) -> io::Result<()> {
    let kind = file.file_type();
    let what = if kind.is_file() && file.uid() == geteuid().as_raw() {
        return Ok(());
    } else if kind.is_file() {
        "it belongs to another user"
    } else if kind.is_symlink() {
        "it is a link; name the file that it leads to"
    } else if kind.is_dir() {
        "it is a folder"
    } else if kind.is_fifo() || kind.is_socket() {
        "it is a pipe or a socket, not a file"
    } else {
        "it is a device, not a file; without --log-file nothing is logged"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Whether the file must not be a log, rather than that it cannot be one now.
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
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::tempdir;

    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn five_files_at_most_and_each_within_its_bound() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Rotating::at(&path, 100);
        for number in 0..200 {
            let line = format!("line {number:04}\n");
            log.write_line(line.as_bytes(), Instant::now()).unwrap();
        }
        let files: Vec<PathBuf> = (0..10)
            .map(|number| {
                if number == 0 {
                    path.clone()
                } else {
                    numbered(&path, number)
                }
            })
            .filter(|path| path.exists())
            .collect();
        assert_eq!(files.len(), FILES);
        for file in &files {
            let metadata = fs::metadata(file).unwrap();
            assert!(metadata.len() <= 110, "{}", metadata.len());
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
        let newest = lines(&path).pop();
        assert_eq!(newest.as_deref(), Some("line 0199"));
        assert_eq!(lines(&numbered(&path, 1)).len(), 10);
    }

    #[test]
    fn two_processes_share_the_files_and_lose_no_line_to_each_other() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("log");
        let (mut one, mut other) = (Rotating::at(&path, 100), Rotating::at(&path, 100));
        for number in 0..30 {
            for (log, name) in [(&mut one, "one  "), (&mut other, "other")] {
                let line = format!("{name} {number:04}\n");
                log.write_line(line.as_bytes(), Instant::now()).unwrap();
            }
        }
        let all: usize = (1..FILES)
            .map(|number| lines(&numbered(&path, number)).len())
            .sum();
        assert!(all + lines(&path).len() >= 40, "{all}");
        assert!(lines(&path).iter().all(|line| line.len() == 10));
    }

    #[test]
    fn what_cannot_be_written_is_said_and_tried_again_after_a_rest() {
        let folder = tempdir().unwrap();
        let missing = folder.path().join("not-there");
        let path = missing.join("log");
        let mut log = Rotating::at(&path, 100);
        let start = Instant::now();
        assert_eq!(
            log.begin(start).map_err(|error| error.kind()),
            Err(io::ErrorKind::NotFound)
        );
        fs::create_dir(&missing).unwrap();
        assert_eq!(
            log.write_line(b"dropped\n", start + RESTS / 2),
            Err(LogFault::Failed(io::ErrorKind::NotFound))
        );
        assert!(!path.exists());
        log.write_line(b"kept\n", start + RESTS).unwrap();
        assert_eq!(lines(&path), ["kept"]);
    }

    #[test]
    fn a_link_a_pipe_a_device_and_a_folder_are_no_log() {
        let folder = tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "of somebody").unwrap();
        let [link, dangling, pipe] = ["link", "dangling", "pipe"].map(|name| folder.path().join(name));
        symlink(&target, &link).unwrap();
        symlink(folder.path().join("none"), &dangling).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let cases = [
            (link.as_path(), "a link"),
            (&dangling, "a link"),
            (Path::new("/dev/stderr"), "a link"),
            (&pipe, "a pipe"),
            (Path::new("/dev/null"), "a device"),
            (folder.path(), "a folder"),
        ];
        for (path, what) in cases {
            let error = Rotating::at(path, 100).begin(Instant::now()).unwrap_err();
            assert!(
                is_refusal(&error) && LogFault::from(&error).to_string().contains(what),
                "{}: {error}",
                path.display()
            );
        }
        assert_eq!(lines(&target), ["of somebody"]);
        assert!(
            !folder.path().join("none").exists(),
            "a link's target is not made"
        );
    }

    #[test]
    fn a_log_is_made_its_owners_alone_and_a_link_that_takes_its_place_is_not_followed() {
        let folder = tempdir().unwrap();
        let [path, target] = ["log", "target"].map(|name| folder.path().join(name));
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let mut log = Rotating::at(&path, 12);
        log.write_line(b"0123456789\n", Instant::now()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        for at in [Instant::now(), Instant::now() + RESTS] {
            let fault = log.write_line(b"more\n", at).unwrap_err();
            assert!(fault.to_string().contains("a link"));
        }
        assert!(!target.exists());
        // The same where a new file is due, and where an older one has become a link.
        fs::remove_file(&path).unwrap();
        symlink(&target, numbered(&path, 1)).unwrap();
        for _ in 0..4 {
            let later = Instant::now() + 3 * RESTS;
            log.write_line(b"0123456789\n", later).unwrap();
        }
        assert!(!target.exists());
    }

    #[test]
    fn a_log_that_somebody_removed_or_moved_away_is_begun_anew() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Rotating::at(&path, 100);
        log.write_line(b"one\n", Instant::now()).unwrap();
        fs::remove_file(&path).unwrap();
        log.write_line(b"two\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["two"]);
        fs::rename(&path, folder.path().join("away")).unwrap();
        log.write_line(b"three\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["three"]);
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Rotating::at(&path, 100);
        fs::write(&path, "half a li").unwrap();
        log.torn = true;
        log.write_line(b"whole\n", Instant::now()).unwrap();
        log.write_line(b"next\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["half a li", "whole", "next"]);
    }
}
