//! Passwords that may not be sent for a while, remembered across programs and runs.
//!
//! IAM locks a user after five refused passwords, so a refused password must not be sent again at once:
//! neither by a program that is started again nor by others that were started with it. The file stores why a
//! password rests and since when, under a salted hash of the user and the endpoint. Of a refused password it
//! stores eight bits of a salted hash: with another value the password was corrected and does not rest, while
//! whoever reads the file can hardly guess it. The file lies next to the state and may be removed at any
//! time; [`super::turn`] lets one program at a time sign in. Must not:
//! prevent a sign-in because a file cannot be read.

mod marks;

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use marks::{fresh_salt, hash, mark};

use super::rests::{LONGEST_REST, PasswordRest, RestCause};
use super::secret_file;
use super::turn::{FileGuard, SignInTurn};
use crate::secrets::values;

/// The file's name in the folder of the state.
const NAME: &str = "refused-sign-ins.json";
/// The lock that is held while the file is changed.
const LOCK: &str = "refused-sign-ins.lock";
/// The most users that are remembered: those refused last.
const MOST_USERS: usize = 64;

/// The file in which refusals are remembered.
#[derive(Debug, Clone)]
pub struct Refusals {
    path: PathBuf,
    /// Why the last refusal could not be remembered; shared by all clones.
    trouble: Arc<Mutex<Option<String>>>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Remembered {
    salt: String,
    /// Why each user's password rests, the latest last.
    users: Vec<RestingUser>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct RestingUser {
    user: String,
    at: Timestamp,
    #[serde(default)]
    cause: RestCause,
    /// For how long, in seconds. A file without it means the default of the cause.
    seconds: Option<u32>,
    /// The mark of the password; missing where the password does not matter.
    #[serde(default)]
    mark: Option<String>,
}

impl RestingUser {
    fn rest(&self) -> PasswordRest {
        let length = self.seconds.map_or(self.cause.length(), |seconds| {
            SignedDuration::from_secs(seconds.into())
        });
        PasswordRest {
            cause: self.cause,
            at: self.at,
            length: length.min(LONGEST_REST),
        }
    }
}

impl Refusals {
    /// The refusals that are remembered in this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join(NAME),
            trouble: Arc::default(),
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why the password of `user` rests at `now`, if it does. A time in the future, because the clock was set
    /// back, counts as now.
    pub fn resting(&self, user: &[&str], now: Timestamp) -> Option<PasswordRest> {
        let remembered = self.read()?;
        let hashed = hash(&remembered.salt, user);
        let rest = remembered.users.iter().rfind(|it| it.user == hashed)?.rest();
        // After the clock was set back the elapsed time is unknown, so the rest starts again, once.
        if rest.at > now {
            let restarted = PasswordRest { at: now, ..rest };
            let mark = self.mark(user);
            if self.change(user, Some(restarted), |_| mark).is_ok() {
                return Some(restarted);
            }
        }
        (now.duration_since(rest.at).abs() < rest.length).then_some(rest)
    }

    /// When something was last remembered about `user`.
    fn noted_at(&self, user: &[&str]) -> Option<Timestamp> {
        self.remembered(user).map(|it| it.at)
    }

    /// The mark of the password of `user` that was refused.
    fn mark(&self, user: &[&str]) -> Option<String> {
        self.remembered(user)?.mark
    }

    fn remembered(&self, user: &[&str]) -> Option<RestingUser> {
        let remembered = self.read()?;
        let hashed = hash(&remembered.salt, user);
        remembered.users.into_iter().rfind(|it| it.user == hashed)
    }

    /// Whether another password of `user` was refused than this one. Not certain for one in 256 passwords, which then
    /// rest as if they were the same.
    pub fn is_other(&self, user: &[&str], password: &SecretString) -> bool {
        let Some(remembered) = self.read() else {
            return false;
        };
        let mark = mark(&remembered.salt, user, password);
        self.mark(user).is_some_and(|refused| refused != mark)
    }

    /// Remembers that a sign-in of `user` begins. A program that later finds this without a result knows that
    /// a password may have been sent.
    pub fn begin(&self, user: &[&str], at: Timestamp) {
        let begun = PasswordRest::of(RestCause::Begun, at);
        if let Err(error) = self.change(user, Some(begun), |_| None) {
            tracing::warn!(error = %error, "the start of a sign-in could not be recorded");
        }
    }

    /// Remembers why the password of `user` rests. `refused` is the password, if another one need not rest.
    pub fn note(&self, user: &[&str], rest: PasswordRest, refused: Option<&SecretString>) {
        let mark = |salt: &str| refused.map(|password| mark(salt, user, password));
        let failed = self.change(user, Some(rest), mark).err();
        let told = failed.map(|error| {
            tracing::warn!(error = %error, "the refusal could not be remembered");
            format!("{}: {error}", values::path(&self.path.display().to_string()))
        });
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = told;
    }

    /// Forgets `user`, whose password was accepted or was not sent.
    pub fn forget(&self, user: &[&str]) {
        if self.path.exists()
            && let Err(error) = self.change(user, None, |_| None)
        {
            tracing::warn!(error = %error, "an accepted sign-in could not be recorded");
        }
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Why the last refusal could not be remembered.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.clone()
    }

    /// Waits until no other program signs in as `user`. `None` if the lock cannot be taken; then the
    /// remembered refusals alone protect the user.
    pub(super) async fn turn(&self, user: &[&str]) -> Option<SignInTurn> {
        let folder = self.folder();
        // The file's name holds only eight bits of the user's hash, so it does not identify the user.
        let bits = hash("", user).get(..2).unwrap_or_default().to_owned();
        let lock = folder.join(format!("sign-in-{bits}.lock"));
        let exchange = folder.join(LOCK);
        let turn = match prepare(folder) {
            Ok(()) => SignInTurn::take(&lock, &exchange, || self.noted_at(user)).await,
            Err(error) => Err(error),
        };
        turn.inspect_err(|error| tracing::warn!(error = %error, "signing in without a lock"))
            .ok()
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Replaces what is remembered about `user`; `mark` is that of the password, by the salt of the file.
    fn change(
        &self,
        user: &[&str],
        rest: Option<PasswordRest>,
        mark: impl FnOnce(&str) -> Option<String>,
    ) -> io::Result<()> {
        prepare(self.folder())?;
        // The lock preserves what another sign-in records at the same moment; without it one of the two may
        // be lost.
        let _alone = FileGuard::take(&self.folder().join(LOCK)).ok();
        let mut remembered = self.read().unwrap_or_default();
        if remembered.salt.is_empty() {
            remembered = Remembered {
                salt: fresh_salt(),
                users: Vec::new(),
            };
        }
        let mark = mark(&remembered.salt);
        let user = hash(&remembered.salt, user);
        remembered.users.retain(|it| it.user != user);
        remembered.users.extend(rest.map(|rest| RestingUser {
            user,
            at: rest.at,
            cause: rest.cause,
            seconds: u32::try_from(rest.length.as_secs()).ok(),
            mark,
        }));
        let surplus = remembered.users.len().saturating_sub(MOST_USERS);
        remembered.users.drain(..surplus);
        self.write(&remembered)
    }

    fn read(&self) -> Option<Remembered> {
        // It may reveal who signs in where, so the rule for secret files applies.
        let text = secret_file::read(&self.path).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes it atomically: another program sees the old file or the new one.
    fn write(&self, remembered: &Remembered) -> io::Result<()> {
        static NUMBERS: AtomicU32 = AtomicU32::new(0);
        let text = serde_json::to_string(remembered)?;
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let fresh = self
            .path
            .with_extension(format!("{}-{number}.new", std::process::id()));
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

/// Creates the folder if it is missing.
fn prepare(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests;
