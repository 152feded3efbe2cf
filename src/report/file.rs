//! A file that is written atomically: it appears complete or not at all.
//!
//! If the file system allows it, the file has no name while it is written, so nothing remains of it if the
//! process ends for any reason. It gets its name when it is complete, unless that name is taken. On other
//! file systems it has a temporary name until then, which this process removes if it can.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, linkat, open, renameat_with};

/// Permissions: only the owner may read and write it.
const MODE: u32 = 0o600;

/// A file that does not have its final name yet.
#[derive(Debug)]
pub struct Unfinished {
    file: File,
    /// Its temporary name, if the file system requires one.
    temporary: Option<PathBuf>,
}

impl Unfinished {
    /// Creates a file that will be in `folder`; an empty path means the current folder.
    pub fn within(folder: &Path) -> io::Result<Self> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        Self::unnamed(folder).or_else(|_| Self::named(folder))
    }

    fn unnamed(folder: &Path) -> io::Result<Self> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = File::from(open(folder, flags, Mode::from_raw_mode(MODE))?);
        // Fails without /proc, through which `appear_as` gives the file its name.
        fs::metadata(descriptor(&file))?;
        Ok(Self {
            file,
            temporary: None,
        })
    }

    fn named(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!(".hss-top-pods-{}.part", std::process::id()));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(&path)?;
        Ok(Self {
            file,
            temporary: Some(path),
        })
    }

    /// Flushes all data to the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Gives it this name in place of the file that has it, if there is one.
    pub fn replace(&self, path: &Path) -> io::Result<()> {
        let name = format!(".hss-top-{}.new", std::process::id());
        let passing = path.with_file_name(name);
        match self.appear_as(&passing) {
            // Of a process that was killed and had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_file(&passing)?;
                self.appear_as(&passing)?;
            }
            result => result?,
        }
        fs::rename(&passing, path).inspect_err(|_| {
            let _ = fs::remove_file(&passing);
        })
    }

    /// Gives it its final name, or fails if that name is taken.
    pub fn appear_as(&self, path: &Path) -> io::Result<()> {
        let Some(temporary) = &self.temporary else {
            linkat(CWD, descriptor(&self.file), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
            return Ok(());
        };
        match fs::hard_link(temporary, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                // A file system without hard links.
                renameat_with(CWD, temporary, CWD, path, RenameFlags::NOREPLACE)?;
                Ok(())
            }
            result => result,
        }
    }
}

/// The error message for a file that cannot be written, with advice if there is any.
pub fn refusal(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{path} already exists; choose another name"),
        _ => format!("{path}: {error}"),
    }
}

/// Expands `~` at the beginning of a path as a shell does; without a home folder the path stays unchanged.
pub fn at_home(typed: &str, home: Option<&OsStr>) -> PathBuf {
    let home = home.filter(|home| !home.is_empty()).map(Path::new);
    match (typed.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) => match rest.strip_prefix('/') {
            Some(within) => home.join(within.trim_start_matches('/')),
            // Another user's home folder, or a name that begins with `~`.
            None => typed.into(),
        },
        _ => typed.into(),
    }
}

/// The link in `/proc` through which the kernel exposes an open file.
fn descriptor(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_tilde_stands_for_the_home_folder() {
        let home = Some(OsStr::new("/home/op"));
        for (typed, home, path) in [
            ("~/x.csv", home, "/home/op/x.csv"),
            ("~//x.csv", home, "/home/op/x.csv"),
            ("~", home, "/home/op"),
            ("~/", home, "/home/op/"),
            ("~ops/x.csv", home, "~ops/x.csv"),
            ("a/~/x.csv", home, "a/~/x.csv"),
            ("~x.csv", home, "~x.csv"),
            ("~/x.csv", None, "~/x.csv"),
            ("~/x.csv", Some(OsStr::new("")), "~/x.csv"),
        ] {
            assert_eq!(at_home(typed, home), Path::new(path), "{typed}");
        }
    }

    #[test]
    fn both_kinds_of_file_appear_completely_or_not_at_all() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let names = || -> Vec<_> {
            fs::read_dir(folder)
                .unwrap()
                .map(|it| it.unwrap().file_name().into_string().unwrap())
                .collect()
        };
        for (at, begin) in [Unfinished::unnamed, Unfinished::named].into_iter().enumerate() {
            let (first, second) = (
                folder.join(format!("{at}-first")),
                folder.join(format!("{at}-second")),
            );
            let mut file = begin(folder).unwrap();
            file.write_all(b"all").unwrap();
            file.sync().unwrap();
            assert!(!first.exists());
            file.appear_as(&first).unwrap();
            assert_eq!(
                file.appear_as(&first).unwrap_err().kind(),
                io::ErrorKind::AlreadyExists
            );
            drop(file);
            assert_eq!(fs::read(&first).unwrap(), b"all");
            assert_eq!(fs::metadata(&first).unwrap().mode() & 0o7777, 0o600);
            let mut file = begin(folder).unwrap();
            file.write_all(b"a").unwrap();
            drop(file);
            assert!(!second.exists());
            assert_eq!(names().len(), at + 1, "{:?}", names());
        }
    }
}
