//! Failures without an answer, as a recording has them.
//!
//! Owns the kinds of failures, and the errors that they become again. A kind decides what the replay does next,
//! so each that the client treats differently has its own. Must not: contain a host name or an address.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fleet::RemoteText;
use crate::hss::Error;
use crate::hss::transport::LONGEST_CALL;
use crate::secrets;

/// Why a call had no answer, or its answer no body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFailure {
    /// The kind; an unknown one counts as `other`.
    pub kind: String,
    /// What the system or the library said; empty if names are masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Every kind.
pub(super) const KINDS: [&str; 10] = [
    "connect",
    "tunnel",
    "tls",
    "timed-out",
    "incomplete",
    "dropped",
    "too-large",
    "head-too-large",
    "machine",
    "other",
];

impl RecordedFailure {
    /// The failure, without what may be a name if `is_masked`.
    pub fn of(error: &Error, is_masked: bool) -> Self {
        let (kind, why) = match error {
            Error::Connect { cause, .. } => ("connect", cause.raw().to_owned()),
            Error::Tunnel { status, .. } => {
                let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
                ("tunnel", format!("the proxy opened no tunnel: {status}"))
            }
            Error::Tls { cause, .. } => ("tls", cause.raw().to_owned()),
            Error::TimedOut { waiting_for, .. } => ("timed-out", (*waiting_for).to_owned()),
            Error::Incomplete => ("incomplete", String::new()),
            Error::Dropped { .. } => ("dropped", String::new()),
            Error::TooLarge { .. } => ("too-large", String::new()),
            Error::HeadTooLarge => ("head-too-large", String::new()),
            Error::Machine { cause } => ("machine", cause.raw().to_owned()),
            Error::Unreadable { why } => ("other", why.raw().to_owned()),
            other => ("other", other.to_string()),
        };
        Self {
            kind: kind.to_owned(),
            why: if is_masked {
                String::new()
            } else {
                secrets::redact(&why).into_owned()
            },
        }
    }

    /// The error of a replayed call, which waited for `took`.
    pub fn error(&self, took: Duration) -> Error {
        let place = || "the recorded endpoint".to_owned();
        let cause = || match self.why.as_str() {
            "" => RemoteText::message("recorded without a reason"),
            why => RemoteText::message(why),
        };
        match self.kind.as_str() {
            "connect" | "tunnel" => Error::Connect {
                place: place(),
                proxy: None,
                cause: cause(),
            },
            "tls" => Error::Tls {
                place: place(),
                proxy: None,
                cause: cause(),
            },
            "timed-out" => Error::TimedOut {
                waiting_for: "an answer",
                after: took.min(LONGEST_CALL),
            },
            "incomplete" => Error::Incomplete,
            "dropped" => Error::Dropped { place: place() },
            "too-large" => Error::TooLarge { limit: LARGEST_PAGE },
            "head-too-large" => Error::HeadTooLarge,
            "machine" => Error::Machine { cause: cause() },
            _ => Error::Unreadable { why: cause() },
        }
    }
}

/// What the sentence about a page that was too large says.
const LARGEST_PAGE: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_becomes_an_error_of_its_kind_again() {
        let place = || "hss.canary:443".to_owned();
        let cause = || RemoteText::message("refused by 10.0.0.1");
        for error in [
            Error::Connect {
                place: place(),
                proxy: Some(place()),
                cause: cause(),
            },
            Error::Tunnel {
                place: place(),
                proxy: place(),
                status: Some(407),
            },
            Error::Tls {
                place: place(),
                proxy: None,
                cause: cause(),
            },
            Error::TimedOut {
                waiting_for: "a connection",
                after: Duration::from_secs(5),
            },
            Error::Incomplete,
            Error::Dropped { place: place() },
            Error::TooLarge { limit: LARGEST_PAGE },
            Error::HeadTooLarge,
            Error::Machine { cause: cause() },
            Error::Unreadable { why: cause() },
        ] {
            for is_masked in [false, true] {
                let failure = RecordedFailure::of(&error, is_masked);
                assert!(KINDS.contains(&failure.kind.as_str()), "{failure:?}");
                let text = format!("{failure:?}");
                assert!(!text.contains("canary"), "{text}");
                assert!(!is_masked || !text.contains("10.0.0.1"), "{text}");
                let again = failure.error(Duration::from_secs(5));
                assert_eq!(again.kind(), error.kind());
                assert_eq!(
                    matches!(again, Error::Dropped { .. }),
                    matches!(error, Error::Dropped { .. })
                );
            }
        }
        let unknown = RecordedFailure {
            kind: "solar-flare".to_owned(),
            why: String::new(),
        };
        assert!(matches!(unknown.error(Duration::ZERO), Error::Unreadable { .. }));
    }
}
