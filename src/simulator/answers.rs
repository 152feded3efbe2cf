//! What the caller gets back.
//!
//! Owns the response bodies, the error codes and texts, and the headers of every response. Some errors come
//! from the gateway in front of the service and some from the service itself, and their formats differ. IAM
//! has a third format; its responses are complete when they arrive here. A response repeats nothing that the
//! caller sent, except the canonical request of a call whose signature is wrong.

use std::fmt;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use hyper::http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde::Serialize;

use super::iam;
use super::throttle::{CallsLeft, Policy};
use crate::http_server::HttpAnswer;

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoSuchApi,
    NoSuchMethod,
    BodyTooLarge,
    TokenMissing,
    TokenWrong,
    TokenExpired {
        expires_at: Timestamp,
    },
    SignatureMalformed,
    SignatureWrong {
        canonical: String,
    },
    SecurityTokenWrong,
    SecurityTokenExpired {
        expires_at: Timestamp,
    },
    KeyUnknown,
    KeyLocked,
    ClockOff {
        signed: String,
        now: Timestamp,
    },
    Throttled {
        policy: Policy,
        limit: u32,
    },
    Invalid(&'static str),
    ProjectNotGranted,
    /// The caller has probably left.
    Abandoned,
    Broken,
}

/// A response without its headers.
pub(super) enum ServerAnswer {
    PageAnswer(Vec<u8>),
    Done,
    IamService(iam::IamAnswer),
    Refused(Refusal),
}

/// The body of a refusal: the service adds a description, the gateway adds the request id.
#[derive(Serialize)]
struct RefusalBody<'a> {
    error_msg: &'a str,
    error_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchApi | Self::NoSuchMethod => StatusCode::NOT_FOUND,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TokenMissing
            | Self::TokenWrong
            | Self::TokenExpired { .. }
            | Self::SignatureMalformed
            | Self::SignatureWrong { .. }
            | Self::SecurityTokenWrong
            | Self::SecurityTokenExpired { .. }
            | Self::KeyUnknown
            | Self::KeyLocked
            | Self::ClockOff { .. } => StatusCode::UNAUTHORIZED,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::ProjectNotGranted => StatusCode::FORBIDDEN,
            Self::Abandoned => StatusCode::GATEWAY_TIMEOUT,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchApi => "APIG.0101",
            Self::NoSuchMethod => "APIG.0103",
            Self::BodyTooLarge => "APIG.0201",
            Self::TokenMissing
            | Self::TokenWrong
            | Self::SignatureMalformed
            | Self::SignatureWrong { .. }
            | Self::SecurityTokenWrong
            | Self::SecurityTokenExpired { .. }
            | Self::KeyUnknown
            | Self::KeyLocked => "APIGW.0301",
            Self::TokenExpired { .. } => "APIGW.0307",
            Self::ClockOff { .. } => "APIG.0303",
            Self::Throttled { .. } => "APIG.0308",
            Self::Invalid(_) => "HSS.0001",
            Self::ProjectNotGranted => "HSS.0013",
            Self::Abandoned => "APIG.0203",
            Self::Broken => "APIG.0611",
        }
    }

    /// What is wrong, if the service itself found it.
    fn description(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(what) => Some(what),
            Self::ProjectNotGranted => Some("the caller has no access to this enterprise project"),
            _ => None,
        }
    }

    fn body(&self, request_id: &str) -> Vec<u8> {
        let description = self.description();
        json(&RefusalBody {
            error_msg: &self.to_string(),
            error_code: self.code(),
            error_description: description,
            request_id: description.is_none().then_some(request_id),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const IAM: &str = "Incorrect IAM authentication information";
        match self {
            Self::NoSuchApi => f.write_str("The API does not exist or has not been published"),
            Self::NoSuchMethod => f.write_str("The API does not support this method"),
            Self::BodyTooLarge => f.write_str("Request entity too large"),
            Self::TokenMissing => write!(f, "{IAM}: x-auth-token not found"),
            Self::TokenWrong => write!(f, "{IAM}: decrypt token fail"),
            Self::TokenExpired { expires_at } => {
                write!(f, "{IAM}: token expires, expires_at: {expires_at:.6}")
            }
            Self::SignatureMalformed => write!(f, "{IAM}: authorization format is incorrect"),
            Self::SignatureWrong { canonical } => {
                write!(
                    f,
                    "{IAM}: verify aksk signature fail, canonicalRequest:{canonical}"
                )
            }
            Self::SecurityTokenWrong => write!(f, "{IAM}: security token is invalid"),
            Self::SecurityTokenExpired { expires_at } => {
                write!(f, "{IAM}: security token expires, expires_at: {expires_at:.6}")
            }
            Self::KeyUnknown => write!(f, "{IAM}: the ak does not exist"),
            Self::KeyLocked => write!(f, "{IAM}: AK access failed to reach the limit,forbidden"),
            Self::ClockOff { signed, now } => write!(
                f,
                "Incorrect app authentication information: signature expired, signature time:{signed},server time:{}",
                now.strftime("%Y%m%dT%H%M%SZ")
            ),
            Self::Throttled { policy, limit } => write!(
                f,
                "The throttling threshold has been reached: \
                 policy {policy} over ratelimit,limit:{limit},time:1 minute"
            ),
            Self::Invalid(_) => f.write_str("Invalid parameter."),
            Self::ProjectNotGranted => f.write_str("Insufficient permission."),
            Self::Abandoned => f.write_str("Backend timeout"),
            Self::Broken => f.write_str("Internal error"),
        }
    }
}

impl ServerAnswer {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::PageAnswer(_) | Self::Done => StatusCode::OK,
            Self::IamService(answer) => answer.status,
            Self::Refused(refusal) => refusal.status(),
        }
    }

    /// Adds the headers of every response.
    pub(super) fn seal(self, request_id: &RequestId, at: Timestamp) -> HttpAnswer {
        let mut response = HttpAnswer::default();
        *response.status_mut() = self.status();
        let request_id = request_id.to_string();
        put_headers(response.headers_mut(), &request_id, at);
        let body = match self {
            Self::PageAnswer(page) => page,
            Self::Done => Vec::new(),
            Self::IamService(answer) => {
                put_iam_headers(response.headers_mut(), &answer, &request_id);
                answer.body
            }
            Self::Refused(refusal) => refusal.body(&request_id),
        };
        *response.body_mut() = body.into();
        response
    }
}

impl From<Result<iam::IamAnswer, iam::IamFault>> for ServerAnswer {
    fn from(outcome: Result<iam::IamAnswer, iam::IamFault>) -> Self {
        Self::IamService(outcome.unwrap_or_else(iam::IamAnswer::from))
    }
}

impl From<Result<ServerAnswer, Refusal>> for ServerAnswer {
    fn from(outcome: Result<ServerAnswer, Refusal>) -> Self {
        outcome.unwrap_or_else(Self::Refused)
    }
}

/// Adds the quota headers that a gateway in debug mode sends.
pub(super) fn put_quota(headers: &mut HeaderMap, quota: &CallsLeft) {
    let CallsLeft { limit, user, address } = quota;
    for (name, left) in [("x-apig-ratelimit-user", user), ("x-apig-ratelimit-ip", address)] {
        let told = format!("remain:{left},limit:{limit},time:1 minute");
        if let Ok(told) = HeaderValue::try_from(told) {
            headers.insert(name, told);
        }
    }
}

/// Adds the headers that IAM sends with its bodies.
fn put_iam_headers(headers: &mut HeaderMap, answer: &iam::IamAnswer, request_id: &str) {
    if let Ok(trace) = HeaderValue::from_str(request_id) {
        headers.insert("x-iam-trace-id", trace);
    }
    let token = answer
        .subject_token
        .as_ref()
        .map(secrecy::ExposeSecret::expose_secret);
    if let Some(mut token) = token.and_then(|token| HeaderValue::from_str(token).ok()) {
        token.set_sensitive(true);
        headers.insert("x-subject-token", token);
    }
}

fn put_headers(headers: &mut HeaderMap, request_id: &str, at: Timestamp) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::SERVER, HeaderValue::from_static("api-gateway"));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", request_id);
    }
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok();
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        headers.insert(header::DATE, date);
    }
}

/// The id of one call: 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestId(u64, u64);

impl RequestId {
    /// The id of the `call`th call to a simulator with this seed.
    pub(super) fn of(seed: u64, call: u64) -> Self {
        let half = |half: u8| BuildHasherDefault::<DefaultHasher>::new().hash_one((seed, call, half));
        Self(half(0), half(1))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

/// The bodies are plain structs of text and numbers, so serializing them cannot fail.
pub(super) fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(refusal: &Refusal) -> serde_json::Value {
        serde_json::from_slice(&refusal.body("0af3")).unwrap()
    }

    #[test]
    fn the_gateway_adds_the_request_id_and_the_service_adds_a_description() {
        assert_eq!(
            body(&Refusal::Throttled {
                policy: Policy::User,
                limit: 5
            }),
            serde_json::json!({
                "error_msg": "The throttling threshold has been reached: \
                              policy user over ratelimit,limit:5,time:1 minute",
                "error_code": "APIG.0308",
                "request_id": "0af3",
            })
        );
        assert_eq!(
            body(&Refusal::Invalid("limit is wrong")),
            serde_json::json!({
                "error_code": "HSS.0001",
                "error_msg": "Invalid parameter.",
                "error_description": "limit is wrong",
            })
        );
    }

    #[test]
    fn every_answer_has_the_headers_of_the_gateway() {
        let at = Timestamp::from_second(784_111_777).unwrap();
        let response = ServerAnswer::Done.seal(&RequestId(1, 0xab), at);
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(header("server"), "api-gateway");
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(header("x-request-id"), "000000000000000100000000000000ab");
    }
}
