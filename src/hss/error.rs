//! What can go wrong with a call, typed.
//!
//! Owns the classification: a code says more than a status, because HSS sends "denied" and "not found" with
//! status 400. Every error has one sentence ([`Error`]'s `Display`) with code and request id, and no secret: it
//! names the host but never the URL or a header.

use std::fmt;
use std::time::Duration;

use super::auth::sign::{CanonicalRequest, first_difference};
use super::error_body::ErrorBody;
use super::request::OutOfRange;
use crate::fleet::RemoteText;

/// Why a call brought no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A parameter out of its range: nothing was sent.
    Refused(OutOfRange),
    /// No connection: no such host, refused, unreachable, TLS.
    Connect {
        /// Host and port.
        place: String,
        /// What the system or the TLS library said.
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
    /// An answer that leads elsewhere. It is not followed: the token would go along.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// The host it leads to.
        host: RemoteText,
    },
    /// An answer, but not from the API.
    NotTheApi {
        /// The HTTP status.
        status: u16,
        /// What it looked like.
        what: &'static str,
    },
    /// More bytes, after decompression, than a page can have.
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// The answer ended before it was complete.
    Incomplete,
    /// An answer of the API that is no page.
    Unreadable {
        /// Why.
        why: RemoteText,
    },
}

/// An error answer of the service or its gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// The HTTP status.
    pub status: u16,
    /// Code and message, if the body had any.
    pub body: ErrorBody,
    /// The request's id, from the header or else the body.
    pub request_id: Option<RemoteText>,
    /// `Retry-After`, if it was sent in seconds.
    pub retry_after: Option<Duration>,
}

/// What kind of trouble an error is; this decides the state word and whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The service cannot be reached.
    Offline,
    /// The service is asked too often.
    Throttled,
    /// The credential is not accepted.
    SignIn,
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

    fn trouble(&self) -> Trouble {
        let code = self.code();
        if code == THROTTLED || self.status == 429 {
            Trouble::Throttled
        } else if SIGN_IN.contains(&code.as_str()) || self.status == 401 {
            Trouble::SignIn
        } else if DENIED.contains(&code.as_str()) || self.status == 403 {
            Trouble::Denied
        } else if matches!(self.status, 500 | 502 | 503 | 504) {
            Trouble::Passing
        } else {
            Trouble::Lasting
        }
    }

    /// The rule that a throttling message tells.
    pub fn rule(&self) -> Option<Throttle> {
        Throttle::read(self.body.message.as_ref()?.raw())
    }

    /// How long a throttled client should wait: `Retry-After`, or the window that the message names, or a minute.
    pub fn wait(&self) -> Duration {
        let wait = self.retry_after.or_else(|| self.rule().map(|rule| rule.window));
        wait.unwrap_or(Duration::from_mins(1))
            .clamp(Duration::from_secs(1), Duration::from_mins(5))
    }
}

/// What the gateway's throttling message says of its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Calls allowed in the window.
    pub limit: u32,
    /// The window.
    pub window: Duration,
}

impl Throttle {
    /// Reads `…policy user over ratelimit,limit:5,time:1 minute`.
    pub fn read(message: &str) -> Option<Self> {
        let (_, after) = message.split_once("limit:")?;
        let (limit, after) = after.split_once(",time:")?;
        let mut words = after.split(|c: char| c.is_whitespace() || c == ',' || c == '.');
        let count: u64 = words.next()?.parse().ok()?;
        let unit = match words.next()?.trim_end_matches('s') {
            "second" => 1,
            "minute" => 60,
            "hour" => 3600,
            "day" => 86_400,
            _ => return None,
        };
        let window = Duration::from_secs(count.checked_mul(unit)?);
        Some(Self {
            limit: limit.parse().ok()?,
            window,
        })
    }
}

impl Error {
    /// If the gateway refused a signature and told its canonical request: says where it differs from `ours`
    /// instead of repeating all of it.
    #[must_use]
    pub fn with_signature_compared(mut self, ours: &CanonicalRequest) -> Self {
        if let Self::Service(error) = &mut self
            && let Some(message) = &error.body.message
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

    /// What kind of trouble it is.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Connect { .. } => Trouble::Offline,
            Self::Service(error) => error.trouble(),
            Self::TimedOut { .. } | Self::Incomplete => Trouble::Passing,
            Self::Refused(_)
            | Self::Redirected { .. }
            | Self::NotTheApi { .. }
            | Self::TooLarge { .. }
            | Self::Unreadable { .. } => Trouble::Lasting,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(out_of_range) => write!(f, "not sent: {out_of_range}"),
            Self::Connect { place, cause } => write!(f, "cannot connect to {place}: {cause}"),
            Self::TimedOut { waiting_for, after } => {
                write!(
                    f,
                    "timed out after {} s waiting for {waiting_for}",
                    after.as_secs()
                )
            }
            Self::Service(error) => error.fmt(f),
            Self::Redirected { status, host } => {
                write!(f, "redirect ({status}) to {host} refused: is the endpoint right?")
            }
            Self::NotTheApi { status, what } => {
                write!(f, "not the API: {what} ({status}): a proxy or a sign-in page?")
            }
            Self::TooLarge { limit } => {
                write!(f, "answer too large: more than {} MiB for one page", limit >> 20)
            }
            Self::Incomplete => f.write_str("answer incomplete: it ended early"),
            Self::Unreadable { why } => write!(f, "answer unreadable: {why}"),
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body.message {
            Some(message) => write!(f, "HSS says: {message}")?,
            None => f.write_str("HSS answered with an error")?,
        }
        if self.body.has_encoded_reason {
            f.write_str(" (with an encoded reason)")?;
        }
        write!(f, " ({}", self.status)?;
        if let Some(code) = &self.body.code {
            write!(f, " {code}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
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
mod tests {
    use super::*;

    fn service(status: u16, code: &str, message: &str) -> ServiceError {
        let text = |text: &str| (!text.is_empty()).then(|| RemoteText::message(text));
        let body = ErrorBody {
            code: text(code),
            message: text(message),
            ..ErrorBody::default()
        };
        ServiceError {
            status,
            body,
            request_id: Some(RemoteText::name("req-1")),
            retry_after: None,
        }
    }

    #[test]
    fn the_code_decides_before_the_status() {
        for (status, code, trouble) in [
            (401, "APIGW.0301", Trouble::SignIn),
            (401, "", Trouble::SignIn),
            (400, "APIG.0307", Trouble::SignIn),
            (400, "HSS.0010", Trouble::Denied),
            (400, "00000010", Trouble::Denied),
            (403, "", Trouble::Denied),
            (429, "", Trouble::Throttled),
            (400, "APIG.0308", Trouble::Throttled),
            (502, "APIG.0201", Trouble::Passing),
            (500, "HSS.0041", Trouble::Passing),
            (400, "HSS.0001", Trouble::Lasting),
            (404, "APIG.0101", Trouble::Lasting),
        ] {
            assert_eq!(service(status, code, "").trouble(), trouble, "{status} {code}");
        }
    }

    #[test]
    fn the_throttling_rule_is_read_from_its_message() {
        let rule = |text: &str| Throttle::read(text).map(|it| (it.limit, it.window.as_secs()));
        let field =
            "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:1 minute";
        assert_eq!(rule(field), Some((5, 60)));
        assert_eq!(
            rule("policy user over ratelimit,limit:100,time:10 seconds"),
            Some((100, 10))
        );
        for text in [
            "",
            "limit:5",
            "limit:x,time:1 minute",
            "limit:5,time:1 fortnight",
            "limit:5,time:",
        ] {
            assert_eq!(rule(text), None, "{text}");
        }
        assert_eq!(service(429, "APIG.0308", field).wait(), Duration::from_mins(1));
        let hurried = ServiceError {
            retry_after: Some(Duration::ZERO),
            ..service(429, "", "")
        };
        assert_eq!(hurried.wait(), Duration::from_secs(1));
        let slow = ServiceError {
            retry_after: Some(Duration::from_secs(99_999)),
            ..service(429, "", "")
        };
        assert_eq!(slow.wait(), Duration::from_mins(5));
    }

    #[test]
    fn sentences_name_code_and_request() {
        assert_eq!(
            Error::from(service(400, "HSS.0001", "invalid limit")).to_string(),
            "HSS says: invalid limit (400 HSS.0001, request req-1)"
        );
        assert_eq!(
            Error::from(service(503, "", "")).to_string(),
            "HSS answered with an error (503, request req-1)"
        );
    }
}
