//! The answers that need no published data: refusals, readiness, and how each kind of body is marked.
//!
//! Must not: decide which request gets one.

use std::fmt::Write as _;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::http::request::Parts;

use super::guard::GuardRefusal;
use super::pods::ApiRefusal;
use super::requests::SERVED_PATHS;
use crate::http_server::HttpAnswer;

/// The media type of answers for people.
const TEXT: &str = "text/plain; charset=utf-8";

/// The media type of the API's answers.
pub const JSON: &str = "application/json";
/// Tells that a collector answers in the place of HSS.
pub const SOURCE: HeaderName = HeaderName::from_static("x-hss-top-source");
/// How current its list is.
pub const STATE: HeaderName = HeaderName::from_static("x-hss-top-state");
/// Where its answers come from.
pub const FROM_STORE: HeaderValue = HeaderValue::from_static("store");

/// Why a request is refused, on the way from its answer to the log.
#[derive(Debug, Clone, Copy)]
pub struct RefusalReason(pub &'static str);

/// The answer to whoever asks whether there are pods; `without` has a line for each source that has none yet.
pub fn readiness(without: &[String]) -> HttpAnswer {
    if without.is_empty() {
        return text(StatusCode::OK, "ready\n");
    }
    text(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("{}\n", without.join("\n")),
    )
}

/// The answer to a request that the guard refuses.
pub fn kept_out(why: GuardRefusal, head: &Parts) -> HttpAnswer {
    let refusal = match why {
        GuardRefusal::NoToken => ApiRefusal::NoToken,
        GuardRefusal::TooOften => ApiRefusal::TooOften,
        GuardRefusal::ForeignHost => {
            let told = "this hss-top only answers its own machine: use localhost or its address\n";
            return text(StatusCode::MISDIRECTED_REQUEST, told);
        }
    };
    let mut answer = if is_of_the_api(head) {
        refused(&refusal)
    } else {
        let mut answer = text(refusal.status(), format!("{}\n", refusal.text()));
        if let Some(wait) = refusal.retry_after() {
            answer.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
        }
        answer
    };
    if why == GuardRefusal::NoToken {
        let bearer = HeaderValue::from_static("Bearer realm=\"hss-top\"");
        answer.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    answer
}

/// Whether the request is for the API: its clients read the API's errors.
pub fn is_of_the_api(head: &Parts) -> bool {
    ["/v5/", "/v1/"]
        .iter()
        .any(|begin| head.uri.path().starts_with(begin))
}

/// An answer of the API.
pub fn json(body: Vec<u8>) -> HttpAnswer {
    let mut answer = HttpAnswer::new(body.into());
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    answer
}

/// A refusal in the API's form.
pub fn refused(refusal: &ApiRefusal) -> HttpAnswer {
    let mut answer = HttpAnswer::new(refusal.body().into());
    *answer.status_mut() = refusal.status();
    answer.extensions_mut().insert(RefusalReason(refusal.text()));
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    if let Some(wait) = refusal.retry_after() {
        answer.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
    }
    // A screen then knows that neither the limit nor the right is that of HSS.
    answer.headers_mut().insert(SOURCE, FROM_STORE);
    if let ApiRefusal::NotReady { state, .. } = refusal {
        answer
            .headers_mut()
            .insert(STATE, HeaderValue::from_static(state));
    }
    answer
}

/// An answer for people.
pub fn text(status: StatusCode, text: impl Into<Bytes>) -> HttpAnswer {
    let mut answer = HttpAnswer::new(text.into().into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(TEXT));
    answer
}

/// The list of paths.
pub fn list_of_all() -> String {
    let mut list = "not found; the paths of hss-top serve:\n".to_owned();
    for row in &SERVED_PATHS {
        // Writing to a String cannot fail.
        let _ = writeln!(list, "  GET {:<33} {}", row.path, row.about);
        if row.takes_posts {
            let _ = writeln!(list, "  POST {}", row.path);
        }
    }
    list
}
