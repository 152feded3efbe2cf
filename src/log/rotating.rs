//! Log files with a size limit.
//!
//! Owns the log's files: `NAME`, and up to four older ones, `NAME.1` to `NAME.4`, each about [`LARGEST`] at
//! most. A file must be a regular file of this user that nobody else may read, and never the target of a
//! link, so that others who may write to the folder cannot redirect the log; a device, a pipe or a socket is
//! refused. If a line cannot be written, the file is tried again after a pause; if it was removed or
//! replaced, a new one is created. Must not: be called by code that must not wait for a disk.

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

/// The log files.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    largest: u64,
    file: Option<OpenLogFile>,
    /// Whether the last line was written only in part.
    torn: bool,
    /// When and why the last write failed.
    failed: Option<(Instant, String)>,
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

    /// Writes a line including its line end, or says why it cannot.
    pub fn write_line(&mut self, line: &[u8], now: Instant) -> Result<(), String> {
        if let Some((failed, why)) = &self.failed
            && now - *failed < RESTS
        {
            return Err(why.clone());
        }
        let result = self.try_line(line);
        self.note(result.as_ref().err(), now);
        result.map_err(|error| sentence(&error))
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
        self.failed = error.map(|error| (now, sentence(error)));
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

/// Why a file is not written, as a sentence.
pub fn sentence(error: &io::Error) -> String {
    if is_refusal(error) {
        error.to_string()
    } else {
        error.kind().to_string()
    }
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

    /// A folder for one test, removed on drop.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hss-top-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn there_are_at_most_five_files_each_within_its_limit() {
        let folder = Folder::new("log-rotation");
        let path = folder.0.join("log");
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
        let folder = Folder::new("log-shared");
        let path = folder.0.join("log");
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
    fn a_failed_write_is_reported_and_tried_again_after_a_pause() {
        let folder = Folder::new("log-later");
        let missing = folder.0.join("not-there");
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
            Err("entity not found".to_owned())
        );
        assert!(!path.exists());
        log.write_line(b"kept\n", start + RESTS).unwrap();
        assert_eq!(lines(&path), ["kept"]);
    }

    #[test]
    fn a_link_a_pipe_a_device_and_a_folder_are_refused() {
        let folder = Folder::new("log-refused");
        let target = folder.0.join("target");
        fs::write(&target, "of somebody").unwrap();
        let [link, dangling, pipe] = ["link", "dangling", "pipe"].map(|name| folder.0.join(name));
        symlink(&target, &link).unwrap();
        symlink(folder.0.join("none"), &dangling).unwrap();
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
            (&folder.0, "a folder"),
        ];
        for (path, what) in cases {
            let error = Rotating::at(path, 100).begin(Instant::now()).unwrap_err();
            assert!(
                is_refusal(&error) && sentence(&error).contains(what),
                "{}: {error}",
                path.display()
            );
        }
        assert_eq!(lines(&target), ["of somebody"]);
        assert!(
            !folder.0.join("none").exists(),
            "the target of a link is not created"
        );
    }

    #[test]
    fn a_log_is_made_private_and_a_link_in_its_place_is_not_followed() {
        let folder = Folder::new("log-mode");
        let [path, target] = ["log", "target"].map(|name| folder.0.join(name));
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let mut log = Rotating::at(&path, 12);
        log.write_line(b"0123456789\n", Instant::now()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        for at in [Instant::now(), Instant::now() + RESTS] {
            assert!(log.write_line(b"more\n", at).unwrap_err().contains("a link"));
        }
        assert!(!target.exists());
        // The same when a new file is due, and when an older one has become a link.
        fs::remove_file(&path).unwrap();
        symlink(&target, numbered(&path, 1)).unwrap();
        for _ in 0..4 {
            let later = Instant::now() + 3 * RESTS;
            log.write_line(b"0123456789\n", later).unwrap();
        }
        assert!(!target.exists());
    }

    #[test]
    fn a_log_that_was_removed_or_moved_is_created_again() {
        let folder = Folder::new("log-removed");
        let path = folder.0.join("log");
        let mut log = Rotating::at(&path, 100);
        log.write_line(b"one\n", Instant::now()).unwrap();
        fs::remove_file(&path).unwrap();
        log.write_line(b"two\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["two"]);
        fs::rename(&path, folder.0.join("away")).unwrap();
        log.write_line(b"three\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["three"]);
    }

    #[test]
    fn a_line_after_a_torn_one_is_separate() {
        let folder = Folder::new("log-torn");
        let path = folder.0.join("log");
        let mut log = Rotating::at(&path, 100);
        fs::write(&path, "half a li").unwrap();
        log.torn = true;
        log.write_line(b"whole\n", Instant::now()).unwrap();
        log.write_line(b"next\n", Instant::now()).unwrap();
        assert_eq!(lines(&path), ["half a li", "whole", "next"]);
    }
}
