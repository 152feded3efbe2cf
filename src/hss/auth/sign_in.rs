//! Signing in with a password.
//!
//! Owns the order that keeps a wrong password from locking its user: check whether the password rests; wait
//! for this user's turn; check again, because another program may have been refused meanwhile; note that the
//! password is about to be sent; send it; note the result. It is a task of its own: the password of a caller
//! that gives up is still on its way, and its result must be noted. Without a writable folder the program
//! still remembers its own results. Must not: decide when a token is due.

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};

use super::cached::Moment;
use super::refusals::Refusals;
use super::rests::{PasswordRest, RestCause};
use super::secret_file::{self, Stamp};
use super::source::Password;
use crate::clock::Clock;
use crate::fleet::RemoteText;
use crate::hss::error::Error;
use crate::hss::iam::{Iam, Issued, Login, TokenScope};
use crate::secrets;

/// Why the password rests, from this program's own sign-in.
pub(super) type OwnRests = Arc<Mutex<Option<OwnRest>>>;

/// A sign-in without a token.
#[derive(Debug, Clone)]
pub(super) struct OwnRest {
    at: Moment,
    rest: PasswordRest,
    error: Error,
    /// The stamp of the password's file.
    stamp: Option<Stamp>,
}

/// One sign-in.
pub(super) struct PasswordSignIn {
    pub(super) iam: Arc<Iam>,
    pub(super) scope: TokenScope,
    pub(super) user: String,
    pub(super) domain: String,
    pub(super) password: Password,
    /// The name of the source of the password.
    pub(super) source: String,
    pub(super) refusals: Option<Refusals>,
    pub(super) own_rests: OwnRests,
    pub(super) clock: Clock,
}

impl PasswordSignIn {
    /// Signs in, unless the password rests.
    pub(super) async fn run(self) -> Result<Issued, Error> {
        // A sign-in without a result may be under way in another program: the turn shows that.
        self.check_rest(|cause| cause != RestCause::Begun)?;
        let place = self.iam.place();
        let user = [place.as_str(), &self.domain, &self.user];
        let _turn = match &self.refusals {
            Some(refusals) => refusals.turn(&user).await,
            None => None,
        };
        self.check_rest(|_| true)?;
        // The stamp first, so that a change in between is noticed.
        let stamp = self.password.stamp();
        let login = Login {
            user: self.user.clone(),
            password: self.read_password()?,
            domain: self.domain.clone(),
        };
        if let Some(refusals) = &self.refusals {
            refusals.begin(&user, self.clock.now());
        }
        let result = self.iam.token(&login, &self.scope).await;
        self.note(&user, stamp, &login.password, &result);
        result
    }

    fn read_password(&self) -> Result<SecretString, Error> {
        let password = match &self.password {
            Password::Given(password) => password.clone(),
            Password::File(path) => {
                let text = secret_file::read(path).map_err(|fault| self.failed(&fault.to_string()))?;
                text.trim_end_matches(['\r', '\n']).into()
            }
        };
        secrets::protect(password.expose_secret());
        Ok(password)
    }

    /// Checks that no rest which `counts` keeps the password from being sent.
    ///
    /// # Errors
    /// While the password rests: what IAM answered this program, or what another program noted.
    fn check_rest(&self, counts: impl Fn(RestCause) -> bool) -> Result<(), Error> {
        let own = self.own_rest();
        let now = self.moment();
        let was_corrected =
            |own: &OwnRest| own.rest.ends_with_correction() && self.password.stamp() != own.stamp;
        if let Some(own) = own.as_ref().filter(|own| !was_corrected(own))
            && own.at.age(now) < own.rest.length.unsigned_abs()
        {
            return Err(own.error.clone());
        }
        let place = self.iam.place();
        let user = [place.as_str(), &self.domain, &self.user];
        let Some(refusals) = &self.refusals else {
            return Ok(());
        };
        let rest = refusals.resting(&user, now.wall);
        let Some(rest) = rest.filter(|rest| counts(rest.cause)) else {
            return Ok(());
        };
        let is_own = own.is_some_and(|own| own.rest.at == rest.at);
        let is_newer = self
            .password
            .changed_at()
            .is_some_and(|changed| changed > rest.at);
        // A file says by its date that it was corrected; a variable can only be compared.
        let is_other = match &self.password {
            Password::Given(password) => refusals.is_other(&user, password),
            Password::File(_) => false,
        };
        if rest.ends_with_correction() && (is_own || is_newer || is_other) {
            return Ok(());
        }
        let (sentence, path) = (rest.sentence(), refusals.path().display());
        Err(self.failed(&if rest.ends_with_correction() {
            format!("{sentence}. A corrected password is sent at once; to send this one again, remove {path}")
        } else {
            format!("{sentence}. Remove {path} to sign in at once")
        }))
    }

    fn note(
        &self,
        user: &[&str],
        stamp: Option<Stamp>,
        password: &SecretString,
        result: &Result<Issued, Error>,
    ) {
        let at = self.moment();
        let error = result.as_ref().err();
        let rest = error.and_then(|error| PasswordRest::after(error, at.wall));
        let own = error.zip(rest).map(|(error, rest)| OwnRest {
            at,
            rest,
            error: error.clone(),
            stamp,
        });
        *self.own_rests.lock().unwrap_or_else(PoisonError::into_inner) = own;
        match (&self.refusals, rest) {
            (Some(refusals), Some(rest)) => {
                let refused = Some(password).filter(|_| rest.ends_with_correction());
                refusals.note(user, rest, refused);
            }
            (Some(refusals), None) => refusals.forget(user),
            (None, _) => {}
        }
    }

    fn own_rest(&self) -> Option<OwnRest> {
        self.own_rests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn moment(&self) -> Moment {
        Moment {
            steady: tokio::time::Instant::now(),
            wall: self.clock.now(),
        }
    }

    fn failed(&self, why: &str) -> Error {
        Error::NoCredential {
            source: self.source.clone(),
            why: RemoteText::message(why),
        }
    }
}
