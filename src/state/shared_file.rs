//! A small text file that every hss-top of one user reads and changes.
//!
//! ```text
//! views.toml        the file: mode 0600, its first line says which form it has
//! views.toml.lock   held while the file is changed
//! views.toml.new    what replaces it at once, while that is written
//! ```
//!
//! Owns how the file is changed so that nothing is lost: one program at a time reads it, changes what it read and replaces the
//! file, so two programs that save at once both find their change in it. A file that cannot be understood, or that a newer
//! hss-top wrote, is put aside under another name. Must not: know what the lines mean.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::database::{FileRefusal, prepare, readable};
use crate::files::{self, FileFault};

/// How often a lock is tried that is held for microseconds, and how long each time is.
const LOCK_TRIES: (u32, Duration) = (250, Duration::from_millis(2));
/// How many files are kept that were put aside.
const MOST_ASIDE: u32 = 9;

/// The file of a name in a folder.
#[derive(Debug, Clone)]
pub struct SharedFile {
    path: PathBuf,
    /// Begins the first line; the number of the form follows.
    mark: &'static str,
    form: u32,
}

/// Why the file was not read or not changed, as a sentence with its path.
#[derive(Debug)]
pub enum SharedFileFault {
    /// It cannot be read or written.
    System(PathBuf, String),
    /// It is not understood.
    Damaged(PathBuf, String),
    /// A newer hss-top wrote it.
    Newer(PathBuf),
}

impl SharedFileFault {
    /// Whether putting the file aside helps.
    pub const fn is_of_contents(&self) -> bool {
        !matches!(self, Self::System(..))
    }
}

impl fmt::Display for SharedFileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(path, why) => write!(f, "{}: {why}", path.display()),
            Self::Damaged(path, why) => write!(f, "{} is damaged: {why}", path.display()),
            Self::Newer(path) => write!(f, "{} was written by a newer hss-top", path.display()),
        }
    }
}

impl std::error::Error for SharedFileFault {}

/// The content, and the new name of a file that could not be used.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SharedText {
    /// The lines behind the first one; none where there is no file.
    pub text: String,
    /// Says that a file was put aside.
    pub notice: Option<String>,
}

impl SharedFile {
    /// The file of this name. `mark` begins its first line, and `form` is the number of the form that is written.
    pub fn new(folder: &Path, name: &str, mark: &'static str, form: u32) -> Self {
        let path = folder.join(name);
        Self { path, mark, form }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its lines behind the first one; none where there is no file.
    ///
    /// # Errors
    /// It cannot be read, or is not of a form that is known here. Nothing is changed on the disk.
    pub fn read(&self) -> Result<String, SharedFileFault> {
        let found = readable(&self.path).map_err(|refusal| self.refused(refusal))?;
        let Some(path) = found else {
            return Ok(String::new());
        };
        let text = match files::read_text(&path) {
            Ok((text, _)) => text,
            Err(FileFault::System(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(String::new());
            }
            Err(fault @ (FileFault::TooLarge(_) | FileFault::NotText)) => {
                return Err(self.damaged(&fault.to_string()));
            }
            Err(fault) => return Err(self.failed(&fault)),
        };
        if text.is_empty() {
            return Ok(text);
        }
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let form = first
            .strip_prefix(self.mark)
            .and_then(|number| number.trim().parse::<u32>().ok());
        match form {
            Some(form) if form == self.form => Ok(rest.to_owned()),
            Some(form) if form > self.form => Err(SharedFileFault::Newer(self.path.clone())),
            _ => Err(self.damaged("its first line does not say what it is")),
        }
    }

    /// Replaces the lines behind the first one by what `change` makes of them, while no other program does. A file that cannot
    /// be understood is put aside first, and the change is made to an empty one.
    ///
    /// # Errors
    /// The file cannot be read or written; then it is as before.
    pub fn change(
        &self,
        change: impl Fn(&str) -> Result<String, SharedFileFault>,
    ) -> Result<SharedText, SharedFileFault> {
        let (path, _) = prepare(&self.path).map_err(|refusal| self.refused(refusal))?;
        let _alone = lock(&path).map_err(|error| self.failed(&error))?;
        let (text, notice) = match self.read().and_then(|text| change(&text)) {
            Ok(text) => (text, None),
            Err(fault) if fault.is_of_contents() => {
                let notice = self.put_aside(&fault)?;
                (change("")?, Some(notice))
            }
            Err(fault) => return Err(fault),
        };
        self.replace(&path, &text).map_err(|error| self.failed(&error))?;
        Ok(SharedText { text, notice })
    }

    /// What is read, after a file that cannot be understood was put aside; `check` says whether its lines can.
    ///
    /// # Errors
    /// The file cannot be read, or not be put aside.
    pub fn read_or_put_aside(
        &self,
        check: impl Fn(&str) -> Result<(), SharedFileFault>,
    ) -> Result<SharedText, SharedFileFault> {
        match self.read().and_then(|text| check(&text).map(|()| text)) {
            Ok(text) => Ok(SharedText { text, notice: None }),
            Err(fault) if fault.is_of_contents() => self.change(|text| check(text).map(|()| text.to_owned())),
            Err(fault) => Err(fault),
        }
    }

    /// A fault of what is in the file.
    pub fn damaged(&self, why: &str) -> SharedFileFault {
        SharedFileFault::Damaged(self.path.clone(), why.to_owned())
    }

    fn failed(&self, why: &dyn fmt::Display) -> SharedFileFault {
        SharedFileFault::System(self.path.clone(), why.to_string())
    }

    fn refused(&self, refusal: FileRefusal) -> SharedFileFault {
        match refusal {
            FileRefusal::Unfit(why) => self.failed(&why),
            FileRefusal::Failed(error) => self.failed(&error),
        }
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        let new = beside(path, "new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private(OpenOptions::new().create_new(true)).open(&new)?;
        let written = file
            .write_all(format!("{} {}\n{text}", self.mark, self.form).as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }

    /// Renames the file, and says so.
    fn put_aside(&self, fault: &SharedFileFault) -> Result<String, SharedFileFault> {
        let word = match fault {
            SharedFileFault::Newer(_) => "newer",
            SharedFileFault::System(..) | SharedFileFault::Damaged(..) => "damaged",
        };
        let name = |number| beside(&self.path, &format!("{word}-{number}"));
        let free = (1..MOST_ASIDE).find(|number| !name(*number).exists());
        let aside = name(free.unwrap_or(MOST_ASIDE));
        fs::rename(&self.path, &aside).map_err(|error| self.failed(&error))?;
        Ok(format!("{fault}; it is now {}", aside.display()))
    }
}

fn lock(path: &Path) -> io::Result<File> {
    let file = private(OpenOptions::new().create(true)).open(beside(path, "lock"))?;
    let (tries, each) = LOCK_TRIES;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(each),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// For reading and writing by this user alone; a link is not followed.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    let flags = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    options.read(true).write(true).mode(0o600).custom_flags(flags)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn shared(folder: &Path) -> SharedFile {
        SharedFile::new(folder, "views.toml", "# a mark", 2)
    }

    fn add(file: &SharedFile, line: &str) -> SharedText {
        file.change(|text| Ok(format!("{text}{line}\n"))).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = files
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_change_is_in_the_file_at_once_and_only_for_us() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("state/hss-top");
        let file = shared(&folder);
        assert_eq!(file.read().unwrap(), "");
        assert!(!folder.exists(), "reading makes nothing");
        add(&file, "a");
        assert_eq!(add(&shared(&folder), "b").text, "a\nb\n");
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "# a mark 2\na\nb\n");
        assert_eq!(names(&folder), ["views.toml", "views.toml.lock"]);
        for name in names(&folder) {
            let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn programs_that_change_it_at_once_lose_nothing() {
        let temp = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let file = shared(temp.path());
                scope.spawn(move || (0..10).for_each(|line| drop(add(&file, &format!("{writer}.{line}")))));
            }
        });
        let text = shared(temp.path()).read().unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 40, "{text}");
    }

    #[test]
    fn a_damaged_file_and_one_of_a_newer_program_are_put_aside_with_a_notice() {
        let temp = tempfile::tempdir().unwrap();
        let file = shared(temp.path());
        for (contents, told, aside) in [
            (
                &b"# a mark 3\nx = 1\n"[..],
                "was written by a newer hss-top; it is now ",
                "newer-1",
            ),
            (b"junk", "is damaged: its first line", "damaged-1"),
            (b"# a mark 2\n\xff", "is damaged: it is not UTF-8", "damaged-2"),
        ] {
            fs::write(file.path(), contents).unwrap();
            assert!(file.read().unwrap_err().is_of_contents());
            let read = file.read_or_put_aside(|_| Ok(())).unwrap();
            assert_eq!(read.text, "");
            assert!(read.notice.as_ref().unwrap().contains(told), "{read:?}");
            let put = temp.path().join(format!("views.toml.{aside}"));
            assert_eq!(fs::read(put).unwrap(), contents);
            assert_eq!(file.read().unwrap(), "");
        }
    }

    #[test]
    fn a_change_that_fails_leaves_the_file_as_it_was() {
        let temp = tempfile::tempdir().unwrap();
        let file = shared(temp.path());
        add(&file, "a");
        fs::create_dir(beside(file.path(), "new")).unwrap();
        assert!(
            !file
                .change(|_| Ok("b\n".to_owned()))
                .unwrap_err()
                .is_of_contents()
        );
        assert_eq!(file.read().unwrap(), "a\n");
    }

    #[test]
    fn lines_that_the_change_does_not_understand_are_put_aside_too() {
        let temp = tempfile::tempdir().unwrap();
        let file = shared(temp.path());
        add(&file, "junk");
        let strict = |text: &str| match text {
            "" => Ok("fine\n".to_owned()),
            _ => Err(file.damaged("junk")),
        };
        assert!(
            file.change(strict)
                .unwrap()
                .notice
                .unwrap()
                .contains("damaged: junk")
        );
        assert_eq!(file.read().unwrap(), "fine\n");
    }

    #[test]
    fn an_older_form_is_damaged_and_a_newer_one_is_newer() {
        let temp = tempfile::tempdir().unwrap();
        let file = shared(temp.path());
        add(&file, "a");
        fs::write(file.path(), "# a mark 1\na\n").unwrap();
        assert!(matches!(file.read(), Err(SharedFileFault::Damaged(..))));
        fs::write(file.path(), "# a mark 3\na\n").unwrap();
        assert!(matches!(file.read(), Err(SharedFileFault::Newer(_))));
    }

    #[test]
    fn a_fault_that_is_not_of_the_contents_moves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let file = shared(temp.path());
        add(&file, "a");
        let fault = || file.failed(&"the disk is gone");
        for told in [
            file.change(|_| Err(fault())).unwrap_err(),
            file.read_or_put_aside(|_| Err(fault())).unwrap_err(),
        ] {
            assert_eq!(told.to_string(), fault().to_string());
        }
        assert_eq!(file.read().unwrap(), "a\n");
        assert_eq!(names(temp.path()), ["views.toml", "views.toml.lock"]);
    }

    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("target");
        fs::write(&target, "# a mark 2\nsecret\n").unwrap();
        let file = shared(temp.path());
        std::os::unix::fs::symlink(&target, file.path()).unwrap();
        assert!(!file.read().unwrap_err().is_of_contents());
        assert!(file.change(|_| Ok(String::new())).is_err());
        assert_eq!(fs::read_to_string(&target).unwrap(), "# a mark 2\nsecret\n");
    }
}
