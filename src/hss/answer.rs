//! Classifies an answer: JSON of the service, an error of the service, or not from the service at all.
//!
//! Owns that classification, for HSS, IAM and the metadata service alike. The bytes decide, not the
//! `Content-Type`: gateways send JSON as `text/plain`, and sign-in pages as anything. Must not: read what the
//! JSON says.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};

use super::collector_mark::CollectorState;
use super::endpoint::Endpoint;
use super::error::{Error, ServiceError, ServiceName};
use super::error_body;
use super::json;
use super::quota::Quota;
use super::retry_after;
use super::transport::Incoming;
use crate::fleet::RemoteText;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_HSS_TOP_AGE: HeaderName = HeaderName::from_static("x-hss-top-age");
/// The greatest age that is believed.
const OLDEST: Duration = Duration::from_hours(24 * 366);
const X_IAM_TRACE_ID: HeaderName = HeaderName::from_static("x-iam-trace-id");

/// The body of a success, which is JSON, or nothing if it `may_be_empty`; anything else is an error.
pub(super) fn body(
    incoming: &mut Incoming,
    service: ServiceName,
    endpoint: &Endpoint,
    may_be_empty: bool,
) -> Result<Vec<u8>, Error> {
    let status = incoming.status;
    if status.is_redirection() {
        return Err(redirected(incoming, endpoint));
    }
    if let Some(what) = named_non_api(status).filter(|what| *what != EMPTY || !may_be_empty) {
        return Err(not_the_api(incoming, what, None));
    }
    if !status.is_success() {
        // A body that cannot be read does not hide the status.
        let body = incoming.body.as_deref().unwrap_or_default();
        return Err(error(incoming, service, body));
    }
    let body = std::mem::replace(&mut incoming.body, Ok(Vec::new()))?;
    match not_json(&incoming.headers, &body) {
        None => Ok(body),
        Some(EMPTY) if may_be_empty => Ok(Vec::new()),
        Some(NOT_JSON) => Err(not_the_api(
            incoming,
            NOT_JSON,
            error_body::excerpt(&json::text(body)),
        )),
        Some(what) => Err(not_the_api(incoming, what, None)),
    }
}

fn not_the_api(incoming: &Incoming, what: &'static str, begins: Option<RemoteText>) -> Error {
    Error::NotTheApi {
        status: incoming.status.as_u16(),
        what,
        begins,
        retry_after: wait_named_by(incoming),
    }
}

fn wait_named_by(incoming: &Incoming) -> Option<Duration> {
    retry_after::read(&incoming.headers, incoming.received_at)
}

/// The error that an answer reports.
pub(super) fn error(incoming: &Incoming, service: ServiceName, body: &[u8]) -> Error {
    let (status, headers) = (incoming.status, &incoming.headers);
    let page = not_json(headers, body).filter(|what| *what == HTML);
    // A proxy may send its page with any client error. But a 429 means too many calls, whoever sends it.
    if let Some(what) = page.filter(|_| status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS) {
        return not_the_api(incoming, what, None);
    }
    let collector = CollectorState::read(headers);
    let own_words = error_body::description(body).filter(|_| collector.is_some());
    let mut body = match page {
        Some(_) => error_body::ErrorBody::default(),
        None => error_body::read(body),
    };
    body.message = own_words.or(body.message);
    Error::from(ServiceError {
        service,
        status: status.as_u16(),
        request_id: request_id(headers).or_else(|| body.request_id.clone()),
        retry_after: wait_named_by(incoming),
        quotas: Quota::read(headers),
        collector,
        signed: false,
        is_sign_in: false,
        credential: 0,
        body,
    })
}

/// The request id in the headers of the gateway or of IAM.
pub(super) fn request_id(headers: &HeaderMap) -> Option<RemoteText> {
    let value = headers
        .get(X_REQUEST_ID)
        .or_else(|| headers.get(X_IAM_TRACE_ID))?;
    Some(RemoteText::name(&String::from_utf8_lossy(value.as_bytes())))
}

/// How old the answer of another hss-top is; the answers of HSS have no age.
pub(super) fn age(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(X_HSS_TOP_AGE).and_then(|value| value.to_str().ok());
    let seconds = seconds.and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(0)).min(OLDEST)
}

fn redirected(incoming: &Incoming, endpoint: &Endpoint) -> Error {
    let base = endpoint.url("/", "");
    let target = incoming
        .headers
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    let url = target.and_then(|target| base.join(target).ok());
    let host = url.as_ref().and_then(reqwest::Url::host_str);
    Error::Redirected {
        status: incoming.status.as_u16(),
        retry_after: wait_named_by(incoming),
        host: RemoteText::name(host.unwrap_or("an unnamed host")),
    }
}

/// What an answer is by its status, if only something between us and the API sends that status, or if it
/// carries no page.
fn named_non_api(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Some("a proxy asks for a sign-in"),
        StatusCode::NETWORK_AUTHENTICATION_REQUIRED => Some("the network asks for a sign-in"),
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => Some(EMPTY),
        // No part was requested.
        StatusCode::PARTIAL_CONTENT => Some("only a part of an answer"),
        _ => None,
    }
}

const EMPTY: &str = "an empty answer";
const HTML: &str = "an HTML page";
const NOT_JSON: &str = "an answer that is not JSON";

/// What an answer is instead of JSON; `None` if it may be JSON.
fn not_json(headers: &HeaderMap, bytes: &[u8]) -> Option<&'static str> {
    let kind = headers
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    match (json::first_byte(bytes), kind.as_deref()) {
        (None, _) => Some(EMPTY),
        (Some(b'{' | b'['), _) => None,
        (Some(b'<'), _) => Some(HTML),
        (_, Some(kind)) if kind.contains("json") => None,
        (_, Some(kind)) if kind.contains("html") => Some(HTML),
        _ => Some(NOT_JSON),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_hss_top_tells_how_long_ago_hss_answered() {
        for (value, seconds) in [
            ("7", 7),
            ("0", 0),
            ("-1", 0),
            ("soon", 0),
            ("", 0),
            ("99999999999999999999", 0),
        ] {
            let headers = HeaderMap::from_iter([(X_HSS_TOP_AGE, value.parse().unwrap())]);
            assert_eq!(age(&headers).as_secs(), seconds, "{value}");
        }
        let old = HeaderMap::from_iter([(X_HSS_TOP_AGE, u64::MAX.to_string().parse().unwrap())]);
        assert_eq!((age(&old), age(&HeaderMap::new())), (OLDEST, Duration::ZERO));
    }

    #[test]
    fn the_bytes_decide_what_is_json() {
        let what = |kind: &str, bytes: &[u8]| {
            let headers = match kind {
                "" => HeaderMap::new(),
                kind => HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]),
            };
            not_json(&headers, bytes)
        };
        for kind in [
            "",
            "application/json",
            "text/plain",
            "application/octet-stream",
            "text/html",
        ] {
            for json in [&b"{}"[..], b" \n[1]", b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0"] {
                assert_eq!(what(kind, json), None, "{kind}");
            }
            assert_eq!(what(kind, b" <html>"), Some(HTML), "{kind}");
            assert_eq!(what(kind, b"\xef\xbb\xbf \n"), Some(EMPTY), "{kind}");
        }
        assert_eq!(what("application/json", b"null"), None, "the parser says why");
        assert_eq!(what("text/html", b"Sign in"), Some(HTML));
        assert_eq!(what("text/plain", b"hello"), Some(NOT_JSON));
    }
}
