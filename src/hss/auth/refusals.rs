//! Passwords that may not be sent for a while, remembered across programs and runs.
//!
//! IAM locks a user after five refused passwords, so a refused password must not be sent again at once:
//! neither by a program that is started again nor by others that were started with it. The file stores why a
//! password rests and since when, under a salted hash of the user and the endpoint. Of a refused password it
//! stores eight bits of a salted hash: with another value the password was corrected and does not rest, while
//! whoever reads the file can hardly guess it. The file lies next to the state and may be removed at any
//! time; [`super::turn`] lets one program at a time sign in. Must not:
//! prevent a sign-in because a file cannot be read.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

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

fn fresh_salt() -> String {
    let mut salt = [0; 16];
    // Without a salt the hash would only be easier to guess.
    let _ = SystemRandom::new().fill(&mut salt);
    hex(&salt)
}

/// Eight bits of the salted hash of a password: enough to notice a correction, and too few to guess the password by.
fn mark(salt: &str, user: &[&str], password: &SecretString) -> String {
    let mut hashed = hash(salt, &[user, &[password.expose_secret()]].concat());
    hashed.truncate(2);
    hashed
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
    use tempfile::TempDir;

    /// A path of a missing folder, in one that is removed with its test.
    fn missing_folder() -> (TempDir, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("state");
        (temp, folder)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    /// A refusal, which means a rest of five minutes.
    fn refused(seconds: i64) -> PasswordRest {
        PasswordRest::of(RestCause::Refused, at(seconds))
    }

    fn since(refusals: &Refusals, user: &[&str], seconds: i64) -> Option<Timestamp> {
        refusals.resting(user, at(seconds)).map(|rest| rest.at)
    }

    #[test]
    fn a_refusal_is_remembered_for_its_user_until_its_time_is_over() {
        let (_temp, folder) = missing_folder();
        let refusals = Refusals::in_folder(&folder);
        let (ops, dev) = (["iam", "acme", "ops"], ["iam", "acme", "dev"]);
        refusals.forget(&ops);
        assert!(!folder.exists(), "nothing to forget");
        refusals.note(&ops, refused(0), None);
        refusals.note(&ops, refused(10), None);
        let again = Refusals::in_folder(&folder);
        assert_eq!(since(&again, &ops, 11), Some(at(10)));
        assert_eq!(since(&again, &ops, 309), Some(at(10)));
        assert_eq!(since(&again, &ops, 310), None);
        assert_eq!(since(&again, &ops, -280), Some(at(-280)), "a clock set back");
        assert_eq!(since(&again, &ops, -9000), Some(at(-9000)), "by hours");
        assert_eq!(since(&again, &ops, -8701), Some(at(-9000)));
        assert_eq!(since(&again, &ops, -8700), None, "its time is over");
        assert_eq!(since(&again, &dev, 11), None);
        assert_eq!(since(&again, &["iam", "acmeo", "ps"], 11), None);
        again.note(&dev, refused(20), None);
        again.forget(&ops);
        assert_eq!(since(&refusals, &ops, 21), None);
        assert_eq!(since(&refusals, &dev, 21), Some(at(20)));
    }

    #[test]
    fn a_corrected_password_is_told_apart_by_a_mark_that_says_next_to_nothing_of_it() {
        let (_temp, folder) = missing_folder();
        let refusals = Refusals::in_folder(&folder);
        let (ops, wrong) = (["iam", "acme", "ops"], SecretString::from("wrong"));
        assert!(!refusals.is_other(&ops, &wrong), "nothing was refused");
        refusals.note(&ops, refused(0), Some(&wrong));
        assert!(!refusals.is_other(&ops, &wrong));
        let others = (0..64).map(|number| SecretString::from(format!("right-{number}")));
        let other = others
            .filter(|password| refusals.is_other(&ops, password))
            .count();
        assert!(other > 50, "{other} of 64 differ in their mark");
        assert_eq!(refusals.mark(&ops).map(|mark| mark.len()), Some(2), "eight bits");
        // A clock that was set back begins the rest again, for the same password.
        assert_eq!(since(&refusals, &ops, -280), Some(at(-280)));
        assert!(!refusals.is_other(&ops, &wrong) && refusals.mark(&ops).is_some());
        refusals.note(&ops, refused(0), None);
        assert!(!refusals.is_other(&ops, &"right".into()), "any password rests");
    }

    #[test]
    fn the_file_is_private_bounded_and_names_nobody() {
        let (_temp, folder) = missing_folder();
        let refusals = Refusals::in_folder(&folder);
        for number in 0..200 {
            refusals.note(
                &["iam.example", "acme", &format!("ops-{number}")],
                refused(number),
                None,
            );
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
            fs::read_dir(&folder).unwrap().count(),
            2,
            "only the file and its lock are left"
        );
        assert!(since(&refusals, &["iam.example", "acme", "ops-199"], 199).is_some());
        assert!(since(&refusals, &["iam.example", "acme", "ops-0"], 0).is_none());
        let (_temp, other) = missing_folder();
        let elsewhere = Refusals::in_folder(&other);
        elsewhere.note(&["iam.example", "acme", "ops-199"], refused(199), None);
        let hash = &elsewhere.read().unwrap().users[0].user;
        assert!(!text.contains(hash.as_str()), "each file has a salt of its own");
    }

    #[test]
    fn a_refusal_that_cannot_be_remembered_is_reported() {
        let (_temp, folder) = missing_folder();
        let refusals = Refusals::in_folder(&folder);
        let in_client = refusals.clone();
        fs::create_dir_all(refusals.path()).unwrap();
        in_client.note(&["a"], refused(0), None);
        let trouble = refusals.trouble().unwrap();
        assert!(
            trouble.contains(NAME) && trouble.contains("directory"),
            "{trouble}"
        );
        fs::remove_dir(refusals.path()).unwrap();
        in_client.note(&["a"], refused(0), None);
        assert_eq!(refusals.trouble(), None);
        fs::remove_file(refusals.path()).unwrap();
        fs::create_dir_all(refusals.path()).unwrap();
        in_client.note(&["a"], refused(0), None);
        in_client.forget(&["a"]);
        assert_eq!(
            refusals.trouble(),
            None,
            "an accepted password need not be remembered"
        );
    }

    #[test]
    fn an_unreadable_file_is_replaced() {
        let (_temp, folder) = missing_folder();
        fs::create_dir_all(&folder).unwrap();
        let refusals = Refusals::in_folder(&folder);
        fs::write(refusals.path(), "junk").unwrap();
        assert_eq!(since(&refusals, &["a"], 0), None);
        refusals.note(&["a"], refused(0), None);
        assert_eq!(since(&refusals, &["a"], 0), Some(at(0)));
    }
}
