//! Refused passwords, remembered across runs.
//!
//! IAM locks a user whose password is refused five times, so a program that is started again after a refusal must not send
//! the password again at once. What is remembered is the time, under a salted hash of who signs in where; never anything of
//! the password. So a password that was corrected waits too, unless its file is newer than the refusal. The file lies beside
//! the state and may be removed at any time. Must not: stop a sign-in because of a file that cannot be read.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::secret_file;
use crate::secrets::values;

/// The file's name in the folder of the state.
const NAME: &str = "refused-sign-ins.json";
/// Users are remembered up to this number; the ones that were refused last.
const MOST_USERS: usize = 64;

/// Where refusals are remembered.
#[derive(Debug, Clone)]
pub struct Refusals {
    path: PathBuf,
    /// Why the last one could not be remembered; shared by all who hold this.
    trouble: Arc<Mutex<Option<String>>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    salt: String,
    /// When each was refused, the latest last.
    users: Vec<Refused>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Refused {
    user: String,
    at: Timestamp,
}

impl Refusals {
    /// In this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join(NAME),
            trouble: Arc::default(),
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When the password of `user` was refused, if that is less than `rest` ago. A time that lies ahead, because the clock was
    /// set back, counts as now.
    pub fn since(&self, user: &[&str], now: Timestamp, rest: SignedDuration) -> Option<Timestamp> {
        let remembered = self.read()?;
        let hashed = hash(&remembered.salt, user);
        let refused = remembered.users.iter().rfind(|it| it.user == hashed)?;
        // After a clock set back nobody knows how long ago it was: the rest begins anew, once.
        if refused.at > now && self.change(user, Some(now)).is_ok() {
            return Some(now);
        }
        (now.duration_since(refused.at).abs() < rest).then_some(refused.at)
    }

    /// Remembers that the password of `user` was refused.
    pub fn note(&self, user: &[&str], at: Timestamp) {
        let failed = self.change(user, Some(at)).err();
        let told = failed.map(|error| {
            tracing::warn!(error = %error, "the refusal could not be remembered");
            format!("{}: {error}", values::path(&self.path.display().to_string()))
        });
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }

    /// Forgets `user`, whose password was taken.
    pub fn forget(&self, user: &[&str]) {
        if self.path.exists()
            && let Err(error) = self.change(user, None)
        {
            tracing::warn!(error = %error, "an accepted sign-in could not be noted");
        }
    }

    /// Why the last refusal could not be remembered.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone()
    }

    fn change(&self, user: &[&str], at: Option<Timestamp>) -> io::Result<()> {
        let mut remembered = self.read().unwrap_or_default();
        if remembered.salt.is_empty() {
            remembered = Remembered {
                salt: fresh_salt(),
                users: Vec::new(),
            };
        }
        let user = hash(&remembered.salt, user);
        remembered.users.retain(|it| it.user != user);
        remembered.users.extend(at.map(|at| Refused { user, at }));
        let surplus = remembered.users.len().saturating_sub(MOST_USERS);
        remembered.users.drain(..surplus);
        self.write(&remembered)
    }

    fn read(&self) -> Option<Remembered> {
        // It may say who signs in where, so it is read by the same rule as a secret.
        let text = secret_file::read(&self.path).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes it in one step: another program that reads at the same time sees the old file or the new one.
    fn write(&self, remembered: &Remembered) -> io::Result<()> {
        let text = serde_json::to_string(remembered)?;
        if let Some(folder) = self.path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let fresh = self.path.with_extension(format!("{}.new", std::process::id()));
        let _ = fs::remove_file(&fresh);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&fresh)?;
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| fs::rename(&fresh, &self.path));
        if written.is_err() {
            let _ = fs::remove_file(&fresh);
        }
        written
    }
}

fn fresh_salt() -> String {
    let mut salt = [0; 16];
    // Without it the hash would only be easier to guess.
    let _ = SystemRandom::new().fill(&mut salt);
    hex(&salt)
}

fn hash(salt: &str, parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in [&[salt], parts].concat() {
        context.update(&part.len().to_le_bytes());
        context.update(part.as_bytes());
    }
    hex(context.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const REST: SignedDuration = SignedDuration::from_mins(5);

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hss-top-refusals-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_refusal_is_remembered_for_its_user_and_its_time() {
        let folder = Folder::new("time");
        let refusals = Refusals::in_folder(&folder.0);
        let (ops, dev) = (["iam", "acme", "ops"], ["iam", "acme", "dev"]);
        refusals.forget(&ops);
        assert!(!folder.0.exists(), "nothing to forget");
        refusals.note(&ops, at(0));
        refusals.note(&ops, at(10));
        let again = Refusals::in_folder(&folder.0);
        assert_eq!(again.since(&ops, at(11), REST), Some(at(10)));
        assert_eq!(again.since(&ops, at(309), REST), Some(at(10)));
        assert_eq!(again.since(&ops, at(310), REST), None);
        assert_eq!(
            again.since(&ops, at(-280), REST),
            Some(at(-280)),
            "a clock set back"
        );
        assert_eq!(again.since(&ops, at(-9000), REST), Some(at(-9000)), "by hours");
        assert_eq!(again.since(&ops, at(-8701), REST), Some(at(-9000)));
        assert_eq!(again.since(&ops, at(-8700), REST), None, "its time is over");
        assert_eq!(again.since(&dev, at(11), REST), None);
        assert_eq!(again.since(&["iam", "acmeo", "ps"], at(11), REST), None);
        again.note(&dev, at(20));
        again.forget(&ops);
        assert_eq!(refusals.since(&ops, at(21), REST), None);
        assert_eq!(refusals.since(&dev, at(21), REST), Some(at(20)));
    }

    #[test]
    fn the_file_is_private_bounded_and_names_nobody() {
        let folder = Folder::new("file");
        let refusals = Refusals::in_folder(&folder.0);
        for number in 0..200 {
            refusals.note(&["iam.example", "acme", &format!("ops-{number}")], at(number));
        }
        let text = fs::read_to_string(refusals.path()).unwrap();
        assert!(
            !text.contains("ops") && !text.contains("acme") && !text.contains("iam."),
            "{text}"
        );
        assert_eq!(text.matches("\"at\"").count(), MOST_USERS);
        assert_eq!(
            fs::metadata(refusals.path()).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::read_dir(&folder.0).unwrap().count(),
            1,
            "nothing is left beside it"
        );
        assert!(
            refusals
                .since(&["iam.example", "acme", "ops-199"], at(199), REST)
                .is_some()
        );
        assert!(
            refusals
                .since(&["iam.example", "acme", "ops-0"], at(0), REST)
                .is_none()
        );
        let other = Folder::new("salt");
        let elsewhere = Refusals::in_folder(&other.0);
        elsewhere.note(&["iam.example", "acme", "ops-199"], at(199));
        let hash = &elsewhere.read().unwrap().users[0].user;
        assert!(!text.contains(hash.as_str()), "each file has a salt of its own");
    }

    #[test]
    fn a_refusal_that_cannot_be_remembered_is_told() {
        let folder = Folder::new("unwritable");
        let refusals = Refusals::in_folder(&folder.0);
        let in_client = refusals.clone();
        fs::create_dir_all(refusals.path()).unwrap();
        in_client.note(&["a"], at(0));
        let trouble = refusals.trouble().unwrap();
        assert!(
            trouble.contains(NAME) && trouble.contains("directory"),
            "{trouble}"
        );
        fs::remove_dir(refusals.path()).unwrap();
        in_client.note(&["a"], at(0));
        assert_eq!(refusals.trouble(), None);
    }

    #[test]
    fn a_file_of_no_use_is_replaced() {
        let folder = Folder::new("junk");
        fs::create_dir_all(&folder.0).unwrap();
        let refusals = Refusals::in_folder(&folder.0);
        fs::write(refusals.path(), "junk").unwrap();
        assert_eq!(refusals.since(&["a"], at(0), REST), None);
        refusals.note(&["a"], at(0));
        assert_eq!(refusals.since(&["a"], at(0), REST), Some(at(0)));
    }
}
