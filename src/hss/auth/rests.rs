//! How long a password rests after a sign-in, depending on its result.
//!
//! Owns that rule. IAM counts wrong passwords per user: five within a quarter of an hour lock the user for a
//! quarter of an hour (IAM's default rule for a login lockout). So whatever IAM answers, at least a minute
//! passes before a password is sent again, and more after a refusal. A password that was not sent does not
//! rest. Must not: know a clock.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::hss::error::{Error, ServiceError};

/// How long a refused password is not sent again.
const REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// The rest for a locked user: as long as IAM's lock lasts by default.
const LOCKED: SignedDuration = SignedDuration::from_mins(15);
/// The rest after any other sign-in without a token, and after one with an unknown result.
const FAILED: SignedDuration = SignedDuration::from_mins(1);
/// The longest rest, whatever `Retry-After` says.
pub const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);

/// Why a password rests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestCause {
    /// IAM refused it.
    #[default]
    Refused,
    /// IAM said that the user is locked.
    Locked,
    /// It was sent, and the answer had no token.
    Failed,
    /// It may have been sent; the program ended, or was stopped, before the answer was noted.
    Begun,
}

impl RestCause {
    /// How long a password rests for this cause, unless IAM asks for longer.
    pub const fn length(self) -> SignedDuration {
        match self {
            Self::Refused => REFUSED,
            Self::Locked => LOCKED,
            Self::Failed | Self::Begun => FAILED,
        }
    }
}

/// A pause in which a password is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRest {
    /// Why.
    pub cause: RestCause,
    /// When it began.
    pub at: Timestamp,
    /// For how long.
    pub length: SignedDuration,
}

impl PasswordRest {
    /// The rest for `cause` from `at` on.
    pub const fn of(cause: RestCause, at: Timestamp) -> Self {
        Self {
            cause,
            at,
            length: cause.length(),
        }
    }

    /// The rest after a sign-in that ended at `at` with `error`; `None` if the password was not sent.
    pub fn after(error: &Error, at: Timestamp) -> Option<Self> {
        let cause = match error {
            Error::Refused(_)
            | Error::Connect { .. }
            | Error::Tunnel { .. }
            | Error::Tls { .. }
            | Error::Proxy(_)
            | Error::Machine { .. }
            | Error::NoCredential { .. }
            | Error::Project { .. }
            | Error::TimedOut {
                waiting_for: "a connection",
                ..
            } => return None,
            Error::Service(error) => of_answer(error),
            // A page of a gateway: IAM behind it may have counted a wrong password.
            Error::NotTheApi { status: 401, .. } => RestCause::Refused,
            _ => RestCause::Failed,
        };
        let named = match error {
            Error::Service(error) => error.retry_after,
            Error::Redirected { retry_after, .. } | Error::NotTheApi { retry_after, .. } => *retry_after,
            _ => None,
        };
        let named = named.map(|wait| SignedDuration::try_from(wait).unwrap_or(LONGEST_REST));
        let length = named.unwrap_or_default().clamp(cause.length(), LONGEST_REST);
        Some(Self { cause, at, length })
    }

    /// When it is over.
    pub fn until(&self) -> Timestamp {
        self.at.checked_add(self.length).unwrap_or(self.at)
    }

    /// Whether a corrected password may be sent before the rest is over: a lock or a failing IAM does not
    /// depend on the password.
    pub fn ends_with_correction(&self) -> bool {
        matches!(self.cause, RestCause::Refused)
    }

    /// The sentence for a program that did not get the answer itself.
    pub fn sentence(&self) -> String {
        let (at, until) = (self.at, self.until());
        match self.cause {
            RestCause::Refused => format!(
                "IAM refused this password at {at:.0}; it is not sent again before {until:.0}, because IAM locks a user after \
                 five wrong ones"
            ),
            RestCause::Locked => {
                format!(
                    "IAM said at {at:.0} that this user is locked; the password is not sent again before {until:.0}"
                )
            }
            RestCause::Failed => {
                format!(
                    "the last sign-in failed at {at:.0}; the password is not sent again before {until:.0}"
                )
            }
            RestCause::Begun => format!(
                "a sign-in began at {at:.0} and its result is unknown; the password is not sent again before {until:.0}"
            ),
        }
    }
}

/// The cause that follows from an error of IAM.
fn of_answer(error: &ServiceError) -> RestCause {
    if error.is_locked_user() {
        RestCause::Locked
    } else if matches!(error.status, 401 | 403) {
        RestCause::Refused
    } else {
        RestCause::Failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::RemoteText;
    use std::time::Duration;

    fn service(status: u16, message: &str, retry_after: Option<u64>) -> Error {
        let mut error = ServiceError {
            status,
            is_sign_in: true,
            retry_after: retry_after.map(Duration::from_secs),
            ..ServiceError::default()
        };
        error.body.message = Some(RemoteText::message(message));
        error.into()
    }

    fn minutes(error: &Error) -> Option<(RestCause, i64)> {
        let rest = PasswordRest::after(error, Timestamp::UNIX_EPOCH)?;
        Some((rest.cause, rest.length.as_secs() / 60))
    }

    #[test]
    fn every_failed_sign_in_means_a_rest_of_a_minute_and_a_lock_a_longer_one() {
        let page = |status| Error::NotTheApi {
            status,
            what: "an HTML page",
            begins: None,
            retry_after: None,
        };
        let named = Error::Redirected {
            status: 302,
            host: RemoteText::name("portal"),
            retry_after: Some(Duration::from_mins(7)),
        };
        let timed_out = |waiting_for| Error::TimedOut {
            waiting_for,
            after: Duration::from_secs(30),
        };
        let unreadable = Error::Unreadable {
            why: RemoteText::message("IAM answered without a token"),
        };
        for (error, rest) in [
            (
                service(401, "The password is wrong.", None),
                Some((RestCause::Refused, 5)),
            ),
            (
                service(401, "3 more and the user will be locked", None),
                Some((RestCause::Refused, 5)),
            ),
            (service(403, "Forbidden", None), Some((RestCause::Refused, 5))),
            (
                service(403, "The user is locked.", None),
                Some((RestCause::Locked, 15)),
            ),
            (
                service(400, "Your account has been LOCKED", None),
                Some((RestCause::Locked, 15)),
            ),
            (service(423, "no", None), Some((RestCause::Locked, 15))),
            (service(400, "bad", None), Some((RestCause::Failed, 1))),
            (service(429, "slow down", None), Some((RestCause::Failed, 1))),
            (service(500, "oh", None), Some((RestCause::Failed, 1))),
            (service(502, "oh", None), Some((RestCause::Failed, 1))),
            (service(503, "oh", Some(7)), Some((RestCause::Failed, 1))),
            (service(503, "oh", Some(600)), Some((RestCause::Failed, 10))),
            (service(423, "no", Some(1800)), Some((RestCause::Locked, 30))),
            (
                service(503, "oh", Some(99_999_999)),
                Some((RestCause::Failed, 60)),
            ),
            (
                service(503, "the table is locked", None),
                Some((RestCause::Failed, 1)),
            ),
            (page(401), Some((RestCause::Refused, 5))),
            (page(403), Some((RestCause::Failed, 1))),
            (page(200), Some((RestCause::Failed, 1))),
            (named, Some((RestCause::Failed, 7))),
            (service(503, "oh", Some(u64::MAX)), Some((RestCause::Failed, 60))),
            (unreadable, Some((RestCause::Failed, 1))),
            (Error::Incomplete, Some((RestCause::Failed, 1))),
            (timed_out("an answer"), Some((RestCause::Failed, 1))),
            (timed_out("a connection"), None),
        ] {
            assert_eq!(minutes(&error), rest, "{error}");
        }
        let unsent = Error::Connect {
            place: "iam:443".to_owned(),
            proxy: None,
            cause: RemoteText::message("refused"),
        };
        assert_eq!(minutes(&unsent), None, "nothing was sent");
    }

    #[test]
    fn each_cause_says_until_when_and_a_correction_ends_only_a_refusal() {
        for (cause, said, until, corrected) in [
            (RestCause::Refused, "refused this password", "00:05:00Z", true),
            (RestCause::Locked, "user is locked", "00:15:00Z", false),
            (RestCause::Failed, "sign-in failed", "00:01:00Z", false),
            (RestCause::Begun, "its result is unknown", "00:01:00Z", false),
        ] {
            let rest = PasswordRest::of(cause, Timestamp::UNIX_EPOCH);
            let sentence = rest.sentence();
            assert!(
                sentence.contains(said) && sentence.contains("1970-01-01T00:00:00Z"),
                "{sentence}"
            );
            assert!(sentence.contains(until), "{sentence}");
            assert_eq!(rest.ends_with_correction(), corrected, "{sentence}");
        }
    }
}
