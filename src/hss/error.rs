//! What can go wrong with a call, typed.
//!
//! Owns the classification: a code says more than a status, because HSS sends "denied" and "not found" with
//! status 400. Every error has one sentence ([`Error`]'s `Display`) with code and request id, and no secret: it
//! names the host but never the URL or a header.

mod sentence;

use std::fmt;
use std::time::Duration;

use super::auth::credential::AuthHeaders;
use super::auth::sign::first_difference;
use super::calls::Project;
use super::error_body::ErrorBody;
use super::quota::{Quota, Throttle};
use super::request::OutOfRange;
use super::retry_after;
use super::transport::proxy::BadProxy;
use crate::fleet::RemoteText;

/// Why a call brought no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A parameter out of its range: nothing was sent.
    Refused(OutOfRange),
    /// The claim on the call lapsed before it was sent, because this program was stopped or signed in for long: nothing was sent.
    Lapsed,
    /// No connection: no such host, refused, unreachable, TLS.
    Connect {
        /// Host and port.
        place: String,
        /// The proxy on the way: host and port.
        proxy: Option<String>,
        /// What the system or the TLS library said.
        cause: RemoteText,
    },
    /// No connection, because the proxy opened no tunnel.
    Tunnel {
        /// Host and port.
        place: String,
        /// The proxy: host and port.
        proxy: String,
        /// The HTTP status with which it answered, as far as it could be read.
        status: Option<u16>,
    },
    /// No connection, because of TLS: a certificate, or no CA to trust.
    Tls {
        /// Host and port.
        place: String,
        /// The proxy on the way: host and port.
        proxy: Option<String>,
        /// What happened, and what helps.
        cause: RemoteText,
    },
    /// A proxy is set that cannot be read: nothing was sent.
    Proxy(BadProxy),
    /// This machine has no descriptor, memory or port left for a call.
    Machine {
        /// What the system said.
        cause: RemoteText,
    },
    /// The time was up.
    TimedOut {
        /// What was waited for: "connecting", "an answer", "the rest of the answer".
        waiting_for: &'static str,
        /// For how long.
        after: Duration,
    },
    /// The service or its gateway answered with an error.
    Service(Box<ServiceError>),
    /// The source of the credential gave none.
    NoCredential {
        /// What the source is called.
        source: String,
        /// Why.
        why: RemoteText,
    },
    /// No project, or not just one, is named like the region: nobody said which one is meant.
    Project {
        /// The region.
        region: String,
        /// Names and ids of what there is instead.
        found: Vec<Project>,
    },
    /// An answer that leads elsewhere. It is not followed: the token would go along.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The host it leads to.
        host: RemoteText,
        /// `Retry-After`, if it was sent and could be read.
        retry_after: Option<Duration>,
    },
    /// An answer, but not from the API.
    NotTheApi {
        /// The HTTP status.
        status: u16,
        /// What it looked like.
        what: &'static str,
        /// How it begins, where that is worth reading.
        begins: Option<RemoteText>,
        /// `Retry-After`, if it was sent and could be read.
        retry_after: Option<Duration>,
    },
    /// More bytes, after decompression, than a page can have.
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// More headers than an API sends.
    HeadTooLarge,
    /// The answer ended before it was complete.
    Incomplete,
    /// The service closed a connection that was used again, and no answer came. It may have been about to close it anyway,
    /// so the call is worth another connection.
    Dropped {
        /// Host and port.
        place: String,
    },
    /// An answer of the API that is no page.
    Unreadable {
        /// Why.
        why: RemoteText,
    },
}

/// An error answer of the service or its gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// Who answered.
    pub service: ServiceName,
    /// The HTTP status.
    pub status: u16,
    /// Code and message, if the body had any.
    pub body: ErrorBody,
    /// The request's id, from the header or else the body.
    pub request_id: Option<RemoteText>,
    /// `Retry-After`, if it was sent and could be read.
    pub retry_after: Option<Duration>,
    /// What the headers told of the gateway's limits.
    pub quotas: Vec<Quota>,
    /// Whether the call was signed with a key pair: one that is refused too often is locked.
    pub signed: bool,
    /// Whether it answers a sign-in with a password.
    pub is_sign_in: bool,
    /// The number of the credential that the call came with ([`InUse::serial`](super::auth::cache::InUse)).
    pub credential: u64,
}

/// Who answers a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServiceName {
    /// HSS and the gateway in front of it.
    #[default]
    Hss,
    /// IAM.
    Iam,
    /// The metadata service of a cloud server.
    Metadata,
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hss => "HSS",
            Self::Iam => "IAM",
            Self::Metadata => "the metadata service",
        })
    }
}

/// What kind of trouble an error is; this decides the state word and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The service cannot be reached.
    Offline,
    /// The service is asked too often.
    Throttled,
    /// The credential is not accepted, or there is none.
    SignIn,
    /// A key pair is not accepted. More than five refusals in a row lock it for five minutes, for everybody.
    KeyRefused,
    /// The credential is accepted but may not do this.
    Denied,
    /// A passing fault: worth another try soon.
    Passing,
    /// A fault that another try soon would not mend.
    Lasting,
}

/// Gateway codes (APIG./APIGW.) and HSS codes that mean a missing right, whatever the status.
const DENIED: [&str; 12] = [
    "APIG.0302",
    "APIG.0304",
    "APIG.0306",
    "APIG.0310",
    "APIG.0401",
    "APIG.0402",
    "APIG.0404",
    "APIG.0801",
    "APIG.0802",
    "HSS.0010",
    "HSS.0013",
    "00000010",
];
/// Gateway codes that mean a credential that is not accepted.
const SIGN_IN: [&str; 5] = ["APIG.0301", "APIG.0303", "APIG.0305", "APIG.0307", "APIG.0311"];
/// The gateway's code for too many calls.
const THROTTLED: &str = "APIG.0308";

impl ServiceError {
    /// The code with the gateway's two prefixes made one.
    fn code(&self) -> String {
        let code = self.body.code.as_ref().map(RemoteText::raw).unwrap_or_default();
        code.replacen("APIGW.", "APIG.", 1)
    }

    fn is_refusal(&self) -> bool {
        matches!(self.kind(), ErrorKind::SignIn | ErrorKind::KeyRefused)
    }

    fn kind(&self) -> ErrorKind {
        let code = self.code();
        if code == THROTTLED || self.status == 429 {
            ErrorKind::Throttled
        } else if self.is_sign_in && (matches!(self.status, 401 | 403) || self.is_locked_user()) {
            // Whatever the code: a locked user or one who may not sign in from here is a 403, and a right is not at issue.
            ErrorKind::SignIn
        } else if SIGN_IN.contains(&code.as_str()) || self.status == 401 {
            if self.signed {
                ErrorKind::KeyRefused
            } else {
                ErrorKind::SignIn
            }
        } else if DENIED.contains(&code.as_str()) || self.status == 403 {
            ErrorKind::Denied
        } else if matches!(self.status, 500 | 502 | 503 | 504) {
            ErrorKind::Passing
        } else {
            ErrorKind::Lasting
        }
    }

    /// Whether IAM says that the user who signs in is locked. It does so with several statuses.
    pub fn is_locked_user(&self) -> bool {
        let message = self
            .body
            .message
            .as_ref()
            .map_or("", RemoteText::raw)
            .to_lowercase();
        let says_locked = message.contains("locked") && !message.contains("be locked");
        self.is_sign_in && (self.status == 423 || (matches!(self.status, 400..500) && says_locked))
    }

    /// The rule that a throttling message tells.
    pub fn rule(&self) -> Option<Throttle> {
        Throttle::read(self.body.message.as_ref()?.raw())
    }

    /// How long a throttled client should wait: `Retry-After`, or the window that the message names, or a minute.
    pub fn wait(&self) -> Duration {
        let wait = self.retry_after.or_else(|| self.rule().map(|rule| rule.window));
        retry_after::bounded(wait.unwrap_or(Duration::from_mins(1)))
    }
}

impl Error {
    /// Notes whether the call was signed. If the gateway refused the signature and told its canonical request: says where
    /// it differs from ours instead of repeating all of it.
    #[must_use]
    pub fn of_call(mut self, auth_headers: &AuthHeaders) -> Self {
        let (Self::Service(error), Some(ours)) = (&mut self, &auth_headers.canonical) else {
            return self;
        };
        error.signed = true;
        if let Some(message) = &error.body.message
            && let Some((before, _)) = message.raw().split_once("canonicalRequest:")
        {
            let verdict = match first_difference(ours, message.raw()) {
                Some((ours, theirs)) => format!("signed was \"{ours}\", the gateway read \"{theirs}\""),
                None => "both signed the same text, so the secret key is another".to_owned(),
            };
            let before = before.trim_end_matches([' ', ',']);
            error.body.message = Some(RemoteText::message(&format!("{before}; {verdict}")));
        }
        self
    }

    /// Notes that the call was a sign-in with a password.
    #[must_use]
    pub fn of_sign_in(mut self) -> Self {
        if let Self::Service(error) = &mut self {
            error.is_sign_in = true;
        }
        self
    }

    /// Notes which credential the call came with.
    #[must_use]
    pub fn with_credential(mut self, serial: u64) -> Self {
        if let Self::Service(error) = &mut self {
            error.credential = serial;
        }
        self
    }

    /// Whether the service refused the call for the date of its signature: 15 minutes off its own clock.
    pub fn blames_the_clock(&self) -> bool {
        let Self::Service(error) = self else {
            return false;
        };
        let message = error
            .body
            .message
            .as_ref()
            .map(RemoteText::raw)
            .unwrap_or_default();
        error.is_refusal() && (error.code() == "APIG.0303" || message.contains("signature expired"))
    }

    /// The number of the credential that HSS does not accept; it is no matter of rights.
    pub fn refused_credential(&self) -> Option<u64> {
        match self {
            Self::Service(error) if error.service == ServiceName::Hss && error.is_refusal() => {
                Some(error.credential)
            }
            _ => None,
        }
    }

    /// Whether the endpoint could not be reached, so that another one may fare better.
    pub fn leads_nowhere(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. } | Self::Tunnel { .. } | Self::Tls { .. }
        )
    }

    /// How long the service asked to wait before another call, within bounds; `None` where it named no time.
    pub fn named_wait(&self) -> Option<Duration> {
        let named = match self {
            Self::Service(error) => error.retry_after,
            Self::Redirected { retry_after, .. } | Self::NotTheApi { retry_after, .. } => *retry_after,
            _ => None,
        };
        named.map(retry_after::bounded)
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Connect { .. } | Self::Tunnel { .. } | Self::Tls { .. } => ErrorKind::Offline,
            Self::Service(error) => error.kind(),
            Self::NoCredential { .. } => ErrorKind::SignIn,
            Self::TimedOut { .. }
            | Self::Incomplete
            | Self::Dropped { .. }
            | Self::Lapsed
            | Self::Machine { .. } => ErrorKind::Passing,
            Self::Refused(_)
            | Self::Proxy(_)
            | Self::Project { .. }
            | Self::Redirected { .. }
            | Self::NotTheApi { .. }
            | Self::TooLarge { .. }
            | Self::HeadTooLarge
            | Self::Unreadable { .. } => ErrorKind::Lasting,
        }
    }
}

impl std::error::Error for Error {}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        Self::Service(Box::new(error))
    }
}

impl From<OutOfRange> for Error {
    fn from(out_of_range: OutOfRange) -> Self {
        Self::Refused(out_of_range)
    }
}

#[cfg(test)]
mod tests;
