//! Files that the operator names: read with limits of size and time.
//!
//! A configuration, a CA or a table of regions is small. But the operator may name a device, a disk image, or
//! a pipe without a writer; none of these may fill the memory or block the start. A pipe is accepted, because
//! shells make one from `<(command)`, and is awaited for [`PATIENCE`]. Files with secrets have a rule of
//! their own ([`crate::hss::auth::secret_file`]). Must not: know what a file means.

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

/// Opens a file without waiting: a pipe without a writer must not block.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let unblocked = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(unblocked).open(path)
}

/// Reads a text file of at most [`LARGEST`] bytes and its metadata.
///
/// # Errors
/// A sentence without the path, which the caller adds.
pub fn read_text(path: &Path) -> Result<(String, Metadata), String> {
    let (bytes, metadata) = read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    Ok((text, metadata))
}

/// Reads a file of at most [`LARGEST`] bytes and its metadata.
///
/// # Errors
/// A sentence without the path, which the caller adds.
pub fn read(path: &Path) -> Result<(Vec<u8>, Metadata), String> {
    let file = open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    let bytes = if metadata.is_file() {
        read_bounded(&file, LARGEST)?
    } else if metadata.file_type().is_fifo() {
        read_pipe(&file, PATIENCE)?
    } else {
        return Err("it is neither a regular file nor a pipe".to_owned());
    };
    Ok((bytes, metadata))
}

/// Checks a file that a library reads by itself and without limits: it must be a regular file of at most
/// `most` bytes.
///
/// # Errors
/// A sentence without the path, which the caller adds.
pub(crate) fn check_bounded(path: &Path, most: u64) -> Result<(), String> {
    let metadata = path.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if metadata.len() > most {
        return Err(too_large(most));
    }
    Ok(())
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read_bounded(file: &File, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

fn too_large(most: u64) -> String {
    format!("it is larger than {} KiB", most >> 10)
}

/// Reads a pipe to its end.
fn read_pipe(mut pipe: &File, patience: Duration) -> Result<Vec<u8>, String> {
    let (deadline, mut bytes, mut part) = (Instant::now() + patience, Vec::new(), [0; 4096]);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(format!(
                "the writer of the pipe did not finish within {} s",
                patience.as_secs()
            ));
        }
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&pipe, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) | Err(Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(error.to_string()),
        }
        match pipe.read(&mut part) {
            Ok(0) => return Ok(bytes),
            Ok(length) => bytes.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error.to_string()),
        }
        if bytes.len() as u64 > LARGEST {
            return Err(too_large(LARGEST));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write as _;
    use std::path::PathBuf;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hss-top-files-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn fifo(&self) -> PathBuf {
            let path = self.0.join("fifo");
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(&path)
                    .status()
                    .unwrap()
                    .success()
            );
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = Folder::new("bound");
        let path = folder.0.join("file");
        for (length, fits) in [(0, true), (LARGEST, true), (LARGEST + 1, false)] {
            File::create(&path).unwrap().set_len(length).unwrap();
            match read(&path) {
                Ok((bytes, _)) => assert!(fits && bytes.len() as u64 == length),
                Err(why) => assert!(!fits && why == "it is larger than 1024 KiB", "{why}"),
            }
        }
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text(&path).unwrap_err(), "it is not UTF-8");
    }

    #[test]
    fn an_endless_file_is_refused_at_once() {
        for path in ["/dev/zero", "/dev/null", "/tmp"] {
            let why = read(Path::new(path)).unwrap_err();
            assert!(
                why == "it is neither a regular file nor a pipe" || why.contains("directory"),
                "{why}"
            );
        }
        assert!(
            read(Path::new("/nonexistent"))
                .unwrap_err()
                .contains("No such file")
        );
    }

    #[test]
    fn a_file_for_a_library_is_regular_and_bounded() {
        let folder = Folder::new("library");
        let fifo = folder.fifo();
        for path in [Path::new("/dev/zero"), &fifo, &folder.0] {
            assert_eq!(check_bounded(path, 9).unwrap_err(), "it is not a regular file");
        }
        let path = folder.0.join("file");
        for (length, fits) in [(0, true), (2048, true), (2049, false)] {
            File::create(&path).unwrap().set_len(length).unwrap();
            let told = check_bounded(&path, 2048);
            assert!(
                told == if fits {
                    Ok(())
                } else {
                    Err("it is larger than 2 KiB".to_owned())
                },
                "{length}: {told:?}"
            );
        }
        let why = check_bounded(&folder.0.join("none"), 9).unwrap_err();
        assert!(why.contains("No such file"), "{why}");
    }

    #[test]
    fn a_pipe_is_read_to_its_end_within_the_time_limit() {
        let folder = Folder::new("pipe");
        let path = folder.fifo();
        let late = Duration::from_millis(30);
        let why = read_pipe(&open(&path).unwrap(), late).unwrap_err();
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
            read_pipe(&reader, PATIENCE).unwrap_err(),
            "it is larger than 1024 KiB"
        );
        drop(reader);
        writer.join().unwrap();
    }
}
