//! Where a recording is written: a private file that appears when it is complete, or standard output.
//!
//! Must not: know what is written.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::report::file::{Unfinished, refusal};

/// The name of a file that means standard output.
const STDOUT: &str = "-";

/// Where it is written.
#[derive(Debug)]
pub(super) struct RecordingFile {
    place: Place,
    bytes: u64,
}

#[derive(Debug)]
enum Place {
    File {
        file: Unfinished,
        path: PathBuf,
        replaces: bool,
    },
    Stdout(io::Stdout),
}

/// Why nothing can be written there.
#[derive(Debug)]
pub(super) enum RefusedOutput {
    /// There is a file of this name.
    Exists(PathBuf),
    /// What is there is not a file that could be replaced.
    Irregular(PathBuf),
    /// The system reported an error.
    System(PathBuf, io::Error),
}

impl fmt::Display for RefusedOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => write!(
                f,
                "{} already exists; choose another name, or --overwrite",
                path.display()
            ),
            Self::Irregular(path) => write!(
                f,
                "{} is not a regular file, so it is not replaced; --out - writes to standard output",
                path.display()
            ),
            Self::System(path, error) => {
                write!(f, "the recording cannot be written: {}", refusal(path, error))
            }
        }
    }
}

/// Whether this name means standard output.
pub(super) fn is_stdout(path: &Path) -> bool {
    path == Path::new(STDOUT)
}

impl RecordingFile {
    /// Prepares the file, before anything is asked.
    pub(super) fn open(path: &Path, overwrite: bool) -> Result<Self, RefusedOutput> {
        if is_stdout(path) {
            let place = Place::Stdout(io::stdout());
            return Ok(Self { place, bytes: 0 });
        }
        match fs::symlink_metadata(path) {
            Ok(_) if !overwrite => return Err(RefusedOutput::Exists(path.to_owned())),
            Ok(metadata) if !metadata.is_file() => return Err(RefusedOutput::Irregular(path.to_owned())),
            _ => {}
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = Unfinished::within(folder);
        let file = file.map_err(|error| RefusedOutput::System(path.to_owned(), error))?;
        Ok(Self {
            place: Place::File {
                file,
                path: path.to_owned(),
                replaces: overwrite,
            },
            bytes: 0,
        })
    }

    /// Whether the name asks for gzip.
    pub(super) fn is_gzip(&self) -> bool {
        match &self.place {
            Place::File { path, .. } => path.extension().is_some_and(|it| it.eq_ignore_ascii_case("gz")),
            Place::Stdout(_) => false,
        }
    }

    /// Gives the complete file its name; returns its size in bytes.
    pub(super) fn appear(mut self) -> io::Result<u64> {
        self.flush()?;
        if let Place::File { file, path, replaces } = &self.place {
            file.sync()?;
            if *replaces {
                file.replace(path)?;
            } else {
                file.appear_as(path)?;
            }
        }
        Ok(self.bytes)
    }
}

impl Write for RecordingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.place {
            Place::File { file, .. } => file.write(bytes),
            Place::Stdout(out) => out.write(bytes),
        }?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::File { file, .. } => file.flush(),
            Place::Stdout(out) => out.flush(),
        }
    }
}
