//! Why a call of the API is not answered, in the API's own form.
//!
//! Owns the codes and the texts. Clients of HSS know the form: `error_code` and `error_msg`, and what is wrong in
//! `error_description`. Must not: repeat what the client sent.

use std::time::Duration;

use hyper::StatusCode;
use serde::Serialize;

/// Why a call is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiRefusal {
    /// A parameter is out of its range.
    Invalid(&'static str),
    /// The same, with what is known only now.
    Wrong(String),
    /// The collector keeps other pods than these.
    NotKept(String),
    /// Not all pods are known yet.
    NotReady {
        /// When it is worth asking again.
        after: Duration,
        /// The state word of the source.
        state: &'static str,
        /// What it waits for, in a sentence.
        why: String,
    },
    /// There is no such call here.
    NoSuchApi,
    /// The client shows no token, or a wrong one.
    NoToken,
    /// The client asks too often.
    TooOften,
    /// The client's token only reads.
    OnlyReads,
    /// A web page sent the request.
    FromAPage,
    /// The body does not say that it is JSON.
    NotJson,
    /// The body is too long.
    TooLong,
    /// There are as many decisions as the journal holds.
    JournalFull,
    /// The journal cannot be read or written at the moment.
    NoJournal,
}

#[derive(Serialize)]
struct RefusalText<'a> {
    #[serde(rename = "error_code")]
    code: &'a str,
    #[serde(rename = "error_msg")]
    text: &'a str,
    #[serde(rename = "error_description", skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl ApiRefusal {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Wrong(_) => StatusCode::BAD_REQUEST,
            Self::NotKept(_) | Self::OnlyReads | Self::FromAPage => StatusCode::FORBIDDEN,
            Self::NotReady { .. } | Self::NoJournal => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSuchApi => StatusCode::NOT_FOUND,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::JournalFull => StatusCode::INSUFFICIENT_STORAGE,
        }
    }

    /// When to ask again, if that is worth it.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotReady { after, .. } => Some(*after),
            Self::TooOften => Some(Duration::from_secs(1)),
            Self::NoJournal => Some(Duration::from_secs(5)),
            _ => None,
        }
    }

    /// The code, and the text that goes with it.
    fn told(&self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid(_) | Self::Wrong(_) => ("HSS.0001", "Invalid parameter."),
            Self::NotKept(_) => ("HSS.0013", "Insufficient permission."),
            Self::NotReady { .. } => ("HSSTOP.0001", "This hss-top collector has not seen all pods yet."),
            Self::NoSuchApi => ("APIG.0101", "The API does not exist or has not been published"),
            Self::NoToken => (
                "APIGW.0301",
                "Incorrect IAM authentication information: this hss-top collector accepts its own token (--client-token-file or \
                 --deciding-token-file of hss-top serve) in X-Auth-Token or as Authorization: Bearer",
            ),
            Self::TooOften => ("APIG.0308", "The throttling threshold has been reached"),
            Self::OnlyReads => (
                "HSSTOP.0002",
                "This token can only read: the collector has another for decisions.",
            ),
            Self::FromAPage => ("HSSTOP.0003", "A web page cannot decide for the team."),
            Self::NotJson => (
                "HSSTOP.0004",
                "The body must be JSON, with Content-Type: application/json.",
            ),
            Self::TooLong => (
                "HSSTOP.0005",
                "The body is too long: send fewer decisions at once.",
            ),
            Self::JournalFull => ("HSSTOP.0006", "The journal holds no more decisions."),
            Self::NoJournal => (
                "HSSTOP.0007",
                "The journal cannot be read or written at the moment.",
            ),
        }
    }

    /// What is wrong, in a sentence.
    pub fn text(&self) -> &'static str {
        self.told().1
    }

    /// The body: a plain struct of texts, which cannot fail to be written.
    pub fn body(&self) -> Vec<u8> {
        let (code, text) = self.told();
        let description = match self {
            Self::Invalid(what) => Some(*what),
            Self::NotKept(what) | Self::Wrong(what) | Self::NotReady { why: what, .. } => Some(what.as_str()),
            _ => None,
        };
        let body = RefusalText {
            code,
            text,
            description,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}
