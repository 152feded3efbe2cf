//! The errors of a call.
//!
//! Owns the classification. A code says more than a status, because HSS sends "denied" and "not found" with
//! status 400. Every error has one sentence ([`Error`]'s `Display`) with code and request id, and no secret:
//! it names the host but never the URL or a header.

mod advice;
mod kind;
mod sentence;
mod service_name;

use std::time::Duration;

use super::auth::credential::AuthHeaders;
use super::auth::sign::first_difference;
use super::calls::Project;
use super::collector_mark::CollectorState;
use super::error_body::ErrorBody;
use super::quota::{Quota, Throttle};
use super::request::OutOfRange;
use super::retry_after;
use super::transport::proxy::BadProxy;
use crate::fleet::RemoteText;
pub use advice::{NOTHING_LISTENS, is_of_this_machine};
pub use kind::ErrorKind;
pub use service_name::ServiceName;

/// Why a call returned no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A parameter is out of range: nothing was sent.
    Refused(OutOfRange),
    /// The claim on the call expired, because this program was stopped or its sign-in took long: nothing was
    /// sent.
    Lapsed,
    /// No connection: unknown host, refused, unreachable.
    Connect {
        /// Host and port.
        place: String,
        /// Host and port of the proxy, if one is used.
        proxy: Option<String>,
        /// The cause, from the system or the HTTP library.
        cause: RemoteText,
    },
    /// No connection, because the proxy opened no tunnel.
    Tunnel {
        /// Host and port.
        place: String,
        /// Host and port of the proxy.
        proxy: String,
        /// The HTTP status of its answer, if it could be read.
        status: Option<u16>,
    },
    /// No connection, because of TLS: a certificate, or no CA to trust.
    Tls {
        /// Host and port.
        place: String,
        /// Host and port of the proxy, if one is used.
        proxy: Option<String>,
        /// What happened, and the advice.
        cause: RemoteText,
    },
    /// The value of a proxy variable is invalid: nothing was sent.
    Proxy(BadProxy),
    /// This machine has no descriptor, memory or port left for a call.
    Machine {
        /// The cause, from the system.
        cause: RemoteText,
    },
    /// The time limit was reached.
    TimedOut {
        /// What the call waited for: "a connection", "an answer", "the rest of the answer".
        waiting_for: &'static str,
        /// How long it waited.
        after: Duration,
    },
    /// The service or its gateway answered with an error.
    Service(Box<ServiceError>),
    /// The source returned no credential.
    NoCredential {
        /// The name of the source.
        source: String,
        /// Why.
        why: RemoteText,
    },
    /// No project, or more than one, has the name of the region, and none was chosen.
    Project {
        /// The region.
        region: String,
        /// The projects that exist.
        found: Vec<Project>,
    },
    /// A redirect. It is not followed, because the token would be sent along.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The host of the target.
        host: RemoteText,
        /// `Retry-After`, if present and readable.
        retry_after: Option<Duration>,
    },
    /// The answer is not from the API.
    NotTheApi {
        /// The HTTP status.
        status: u16,
        /// What it looked like.
        what: &'static str,
        /// Its beginning, if that is readable text.
        begins: Option<RemoteText>,
        /// `Retry-After`, if present and readable.
        retry_after: Option<Duration>,
    },
    /// The answer is larger, after decompression, than a page can be.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The answer has more headers than an API sends.
    HeadTooLarge,
    /// The answer ended before it was complete.
    Incomplete,
    /// The service closed a reused connection before it answered. It may have been about to close it anyway,
    /// so the call is worth a try over another connection.
    Dropped {
        /// Host and port.
        place: String,
    },
    /// The answer is from the API, but not a page.
    Unreadable {
        /// Why.
        why: RemoteText,
    },
    /// A replay has no answer to this call.
    NotRecorded {
        /// Method, path and query.
        call: RemoteText,
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
    /// `Retry-After`, if present and readable.
    pub retry_after: Option<Duration>,
    /// The gateway's limits, from the headers.
    pub quotas: Vec<Quota>,
    /// The state of the collector of hss-top that answered in the place of HSS: it counts no calls.
    pub collector: Option<CollectorState>,
    /// Whether the call was signed with a key pair. A pair that is refused too often is locked.
    pub signed: bool,
    /// Whether it answers a sign-in.
    pub is_sign_in: bool,
    /// The number of the credential of the call ([`InUse::serial`](super::auth::cache::InUse)).
    pub credential: u64,
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
/// Gateway codes that mean that the credential is not accepted.
const SIGN_IN: [&str; 5] = ["APIG.0301", "APIG.0303", "APIG.0305", "APIG.0307", "APIG.0311"];
/// The gateway's code for too many calls.
const THROTTLED: &str = "APIG.0308";

impl ServiceError {
    /// The code, with `APIGW.` normalised to `APIG.`.
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
            // Whatever the code: a 403 on a sign-in means a locked user or a forbidden place, not a missing
            // right.
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

    /// Whether IAM says that the user is locked, which it does with several statuses.
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

    /// The limit that a throttling message names.
    pub fn rule(&self) -> Option<Throttle> {
        Throttle::read(self.body.message.as_ref()?.raw())
    }

    /// How long a throttled client should wait: `Retry-After`, else the window that the message names, else a
    /// minute.
    pub fn wait(&self) -> Duration {
        let wait = self.retry_after.or_else(|| self.rule().map(|rule| rule.window));
        retry_after::bounded(wait.unwrap_or(Duration::from_mins(1)))
    }
}

impl Error {
    /// Notes whether the call was signed. If the gateway refused the signature and returned its canonical
    /// request, the message says where it differs from ours instead of repeating all of it.
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
                Some((ours, theirs)) => format!("we signed \"{ours}\", the gateway read \"{theirs}\""),
                None => "both sides signed the same text, so the secret key does not match".to_owned(),
            };
            let before = before.trim_end_matches([' ', ',']);
            error.body.message = Some(RemoteText::message(&format!("{before}; {verdict}")));
        }
        self
    }

    /// Notes that the call was a sign-in.
    #[must_use]
    pub fn of_sign_in(mut self) -> Self {
        if let Self::Service(error) = &mut self {
            error.is_sign_in = true;
        }
        self
    }

    /// Notes the credential of the call.
    #[must_use]
    pub fn with_credential(mut self, serial: u64) -> Self {
        if let Self::Service(error) = &mut self {
            error.credential = serial;
        }
        self
    }

    /// Whether the service refused the call because the date of its signature differs from its own clock by
    /// more than 15 minutes.
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

    /// The number of the credential, if HSS does not accept the credential itself; a missing right does not
    /// count.
    pub fn refused_credential(&self) -> Option<u64> {
        match self {
            Self::Service(error) if error.service == ServiceName::Hss && error.is_refusal() => {
                Some(error.credential)
            }
            _ => None,
        }
    }

    /// Whether the endpoint could not be reached, so that another one may work.
    pub fn leads_nowhere(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. } | Self::Tunnel { .. } | Self::Tls { .. }
        )
    }

    /// Whether a collector of hss-top answered in the place of HSS.
    pub fn is_of_collector(&self) -> bool {
        matches!(self, Self::Service(error) if error.collector.is_some())
    }

    /// How long the service asked to wait before another call, within bounds; `None` if it named no time.
    pub fn named_wait(&self) -> Option<Duration> {
        let named = match self {
            Self::Service(error) => error.retry_after,
            Self::Redirected { retry_after, .. } | Self::NotTheApi { retry_after, .. } => *retry_after,
            _ => None,
        };
        named.map(retry_after::bounded)
    }

    /// Whether nobody answered, or not to the end.
    pub fn is_without_answer(&self) -> bool {
        let is_cut = matches!(
            self,
            Self::TimedOut { .. } | Self::Incomplete | Self::Dropped { .. }
        );
        is_cut || self.kind() == ErrorKind::Offline
    }

    /// The kind of the error.
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
            | Self::Unreadable { .. }
            | Self::NotRecorded { .. } => ErrorKind::Lasting,
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
