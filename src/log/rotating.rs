//! A file of lines that has a bound, and never stops the program.
//!
//! Owns the log's files: `NAME`, and up to four older ones, `NAME.1` to `NAME.4`, each about [`LARGEST`] at most. Where a
//! line cannot be written it is dropped, that is told, and the file is tried again after a rest. Must not: wait, or
//! answer an error to those who log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// Bytes of a file, from which on the next one is begun.
pub const LARGEST: u64 = 4 << 20;
/// How many files there are, the one that is written included.
pub const FILES: usize = 5;
/// After a failure the file is left alone for so long.
const RESTS: Duration = Duration::from_mins(1);

/// The files.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    largest: u64,
    file: Option<Written>,
    /// Whether the last line is there in part only.
    torn: bool,
    failed_at: Option<Instant>,
    trouble: watch::Sender<Option<String>>,
}

#[derive(Debug)]
struct Written {
    file: File,
    bytes: u64,
}

impl Rotating {
    /// Lines for the file at `path`, which is opened with the first one. The receiver tells why nothing is written at the
    /// moment.
    pub fn at(path: &Path, largest: u64) -> (Self, watch::Receiver<Option<String>>) {
        let (trouble, told) = watch::channel(None);
        let rotating = Self {
            path: path.to_owned(),
            largest,
            file: None,
            torn: false,
            failed_at: None,
            trouble,
        };
        (rotating, told)
    }

    /// Opens the file, so that what is wrong with it is told before there is a line to write.
    pub fn begin(&mut self, now: Instant) {
        let result = self.open().map(drop);
        self.tell(result, now);
    }

    /// Writes a line, its end included; or drops it.
    pub fn write_line(&mut self, line: &[u8], now: Instant) {
        if self.failed_at.is_some_and(|failed| now - failed < RESTS) {
            return;
        }
        let result = self.try_line(line);
        self.tell(result, now);
    }

    fn try_line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.file.as_ref().is_some_and(|it| it.bytes >= self.largest) {
            self.rotate()?;
        }
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

    fn open(&mut self) -> io::Result<&mut Written> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            let file = options.create(true).append(true).mode(0o600).open(&self.path)?;
            let bytes = file.metadata()?.len();
            self.file = Some(Written { file, bytes });
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Makes room: every file gets the next number, and the last one goes. Where another process of ours did so already, its new
    /// file is taken.
    fn rotate(&mut self) -> io::Result<()> {
        let ours = self.file.take().and_then(|it| it.file.metadata().ok());
        let there = fs::metadata(&self.path).ok();
        let inode = |it: &fs::Metadata| (it.dev(), it.ino());
        if ours.as_ref().map(inode) != there.as_ref().map(inode) {
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

    fn tell(&mut self, result: io::Result<()>, now: Instant) {
        let trouble = result.err().map(|error| error.kind().to_string());
        self.failed_at = trouble.as_ref().map(|_| now);
        if trouble.is_some() {
            // A file that was exchanged or a disk that was full is looked at anew the next time.
            self.file = None;
        }
        self.trouble.send_if_modified(|told| {
            let changes = *told != trouble;
            *told = trouble;
            changes
        });
    }
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    /// A folder of the test's own, gone when dropped.
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
    fn five_files_at_most_and_each_within_its_bound() {
        let folder = Folder::new("log-rotation");
        let path = folder.0.join("log");
        let (mut log, told) = Rotating::at(&path, 100);
        for number in 0..200 {
            log.write_line(format!("line {number:04}\n").as_bytes(), Instant::now());
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
        assert_eq!(*told.borrow(), None);
    }

    #[test]
    fn two_processes_share_the_files_and_lose_no_line_to_each_other() {
        let folder = Folder::new("log-shared");
        let path = folder.0.join("log");
        let (mut one, _told) = Rotating::at(&path, 100);
        let (mut other, _told) = Rotating::at(&path, 100);
        for number in 0..30 {
            one.write_line(format!("one   {number:04}\n").as_bytes(), Instant::now());
            other.write_line(format!("other {number:04}\n").as_bytes(), Instant::now());
        }
        let all: usize = (1..FILES)
            .map(|number| lines(&numbered(&path, number)).len())
            .sum();
        assert!(all + lines(&path).len() >= 40, "{all}");
        assert!(lines(&path).iter().all(|line| line.len() == 10));
    }

    #[test]
    fn what_cannot_be_written_is_told_and_tried_again_after_a_rest() {
        let folder = Folder::new("log-later");
        let missing = folder.0.join("not-there");
        let path = missing.join("log");
        let (mut log, told) = Rotating::at(&path, 100);
        let start = Instant::now();
        log.begin(start);
        assert_eq!(told.borrow().as_deref(), Some("entity not found"));
        fs::create_dir(&missing).unwrap();
        log.write_line(b"dropped\n", start + RESTS / 2);
        assert!(told.borrow().is_some() && !path.exists());
        log.write_line(b"kept\n", start + RESTS);
        assert_eq!(
            (told.borrow().clone(), lines(&path)),
            (None, vec!["kept".to_owned()])
        );
    }

    #[test]
    fn a_line_after_a_torn_one_stands_alone() {
        let folder = Folder::new("log-torn");
        let path = folder.0.join("log");
        let (mut log, _told) = Rotating::at(&path, 100);
        fs::write(&path, "half a li").unwrap();
        log.torn = true;
        log.write_line(b"whole\n", Instant::now());
        log.write_line(b"next\n", Instant::now());
        assert_eq!(lines(&path), ["half a li", "whole", "next"]);
    }
}
