//! Files that the operator names: read with limits of size and time.
//!
//! A configuration, a CA or a table of regions is small. But the operator may name a device, a disk image, or
//! a pipe without a writer; none of these may fill the memory or block the start. A pipe is accepted, because
//! shells make one from `<(command)`, and is awaited for [`PATIENCE`]. Files with secrets have a rule of
//! their own ([`crate::hss::auth::secret_file`]). Must not: know what a file means.

use std::fmt;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::time::Instant;

/// The largest file in bytes.
pub const LARGEST: u64 = 1 << 20;
/// How long to wait for the writer of a pipe.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a file was not read, as a sentence without the path, which the caller adds.
#[derive(Debug)]
pub enum FileFault {
    /// The system reported an error.
    System(io::Error),
    /// It is a folder, a device or a socket.
    NotAFile,
    /// It is not a regular file, and only such a file can be read here.
    Irregular,
    /// It is larger than this number of bytes.
    TooLarge(u64),
    /// It is not UTF-8.
    NotText,
    /// The writer of the pipe did not finish within this time.
    SlowPipe(Duration),
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::NotAFile => f.write_str("it is neither a regular file nor a pipe"),
            Self::Irregular => f.write_str("it is not a regular file"),
            Self::TooLarge(most) => write!(f, "it is larger than {} KiB", most >> 10),
            Self::NotText => f.write_str("it is not UTF-8"),
            Self::SlowPipe(patience) => write!(
                f,
                "the writer of the pipe did not finish within {} s",
                patience.as_secs()
            ),
        }
    }
}

impl std::error::Error for FileFault {}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

/// Opens a file without waiting: a pipe without a writer must not block.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let unblocked = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(unblocked).open(path)
}

/// Reads a text file of at most [`LARGEST`] bytes and its metadata.
pub fn read_text(path: &Path) -> Result<(String, Metadata), FileFault> {
    let (bytes, metadata) = read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| FileFault::NotText)?;
    Ok((text, metadata))
}

/// Reads a file of at most [`LARGEST`] bytes and its metadata.
pub fn read(path: &Path) -> Result<(Vec<u8>, Metadata), FileFault> {
    read_open(&open(path)?)
}

/// Reads the text of an open file of at most [`LARGEST`] bytes.
pub(crate) fn text_of(file: &File) -> Result<String, FileFault> {
    let (bytes, _) = read_open(file)?;
    String::from_utf8(bytes).map_err(|_| FileFault::NotText)
}

fn read_open(file: &File) -> Result<(Vec<u8>, Metadata), FileFault> {
    let metadata = file.metadata()?;
    let bytes = if metadata.is_file() {
        read_bounded(file, LARGEST)?
    } else if metadata.file_type().is_fifo() {
        read_pipe(file, PATIENCE)?
    } else {
        return Err(FileFault::NotAFile);
    };
    Ok((bytes, metadata))
}

/// Checks a file that a library reads by itself and without limits: it must be a regular file of at most
/// `most` bytes.
pub(crate) fn check_bounded(path: &Path, most: u64) -> Result<(), FileFault> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(FileFault::Irregular);
    }
    if metadata.len() > most {
        return Err(FileFault::TooLarge(most));
    }
    Ok(())
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read_bounded(file: &File, most: u64) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(FileFault::TooLarge(most));
    }
    Ok(bytes)
}

/// Reads a pipe to its end.
fn read_pipe(mut pipe: &File, patience: Duration) -> Result<Vec<u8>, FileFault> {
    let (deadline, mut bytes, mut part) = (Instant::now() + patience, Vec::new(), [0; 4096]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(FileFault::SlowPipe(patience));
        }
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&pipe, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(FileFault::System(error.into())),
        }
        match pipe.read(&mut part) {
            Ok(0) => return Ok(bytes),
            Ok(length) => bytes.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error.into()),
        }
        if bytes.len() as u64 > LARGEST {
            return Err(FileFault::TooLarge(LARGEST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::path::PathBuf;
    use tempfile::{TempDir, tempdir};

    fn fifo_in(folder: &TempDir) -> PathBuf {
        let path = folder.path().join("fifo");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
        path
    }

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("file");
        for (length, fits) in [(0, true), (LARGEST, true), (LARGEST + 1, false)] {
            File::create(&path).unwrap().set_len(length).unwrap();
            match read(&path) {
                Ok((bytes, _)) => assert!(fits && bytes.len() as u64 == length),
                Err(fault) => assert!(
                    !fits && fault.to_string() == "it is larger than 1024 KiB",
                    "{fault}"
                ),
            }
        }
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text(&path).unwrap_err().to_string(), "it is not UTF-8");
    }

    #[test]
    fn an_endless_file_is_refused_at_once() {
        for path in ["/dev/zero", "/dev/null", "/tmp"] {
            let why = read(Path::new(path)).unwrap_err().to_string();
            assert!(
                why == "it is neither a regular file nor a pipe" || why.contains("directory"),
                "{why}"
            );
        }
        assert!(
            read(Path::new("/nonexistent"))
                .unwrap_err()
                .to_string()
                .contains("No such file")
        );
    }

    #[test]
    fn a_file_for_a_library_is_regular_and_bounded() {
        let folder = tempdir().unwrap();
        let fifo = fifo_in(&folder);
        for path in [Path::new("/dev/zero"), &fifo, folder.path()] {
            let fault = check_bounded(path, 9).unwrap_err();
            assert_eq!(fault.to_string(), "it is not a regular file");
        }
        let path = folder.path().join("file");
        for (length, fits) in [(0, true), (2048, true), (2049, false)] {
            File::create(&path).unwrap().set_len(length).unwrap();
            let told = check_bounded(&path, 2048).map_err(|fault| fault.to_string());
            assert!(
                told == if fits {
                    Ok(())
                } else {
                    Err("it is larger than 2 KiB".to_owned())
                },
                "{length}: {told:?}"
            );
        }
        let why = check_bounded(&folder.path().join("none"), 9);
        let why = why.unwrap_err().to_string();
        assert!(why.contains("No such file"), "{why}");
    }

    #[test]
    fn a_pipe_is_read_to_its_end_within_the_time_limit() {
        let folder = tempdir().unwrap();
        let path = fifo_in(&folder);
        let late = Duration::from_millis(30);
        let why = read_pipe(&open(&path).unwrap(), late);
        let why = why.unwrap_err().to_string();
        assert!(why.contains("within 0 s"), "{why}");
        let reader = open(&path).unwrap();
        let mut writer = OpenOptions::new().write(true).open(&path).unwrap();
        writer.write_all(b"half").unwrap();
        assert!(read_pipe(&reader, late).is_err(), "it has no end yet");
        writer.write_all(b"region = 'x'").unwrap();
        drop(writer);
        assert_eq!(read_pipe(&reader, PATIENCE).unwrap(), b"region = 'x'");
        // A pipe whose writer never arrived.
        drop(reader);
        let reader = open(&path).unwrap();
        let writer = std::thread::spawn(move || {
            let mut writer = OpenOptions::new().write(true).open(path).unwrap();
            // The reader closes in the middle.
            let _ = writer.write_all(&vec![0; 2 << 20]);
        });
        assert_eq!(
            read_pipe(&reader, PATIENCE).unwrap_err().to_string(),
            "it is larger than 1024 KiB"
        );
        drop(reader);
        writer.join().unwrap();
    }
}
