//! What an answer is: JSON of the service, an error of the service, or nothing of the service at all.
//!
//! Owns that verdict, for HSS, IAM and the metadata service alike. Must not: read what the JSON says.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};

use super::endpoint::Endpoint;
use super::error::{Error, Party, ServiceError};
use super::error_body::read_error_body;
use super::quota::Quota;
use super::skew::http_date;
use super::transport::Incoming;
use crate::fleet::RemoteText;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_IAM_TRACE_ID: HeaderName = HeaderName::from_static("x-iam-trace-id");

/// Takes the body of a success, which is JSON; anything else is an error.
pub(super) fn json(incoming: &mut Incoming, party: Party, endpoint: &Endpoint) -> Result<Vec<u8>, Error> {
    let (status, headers) = (incoming.status, &incoming.headers);
    if status.is_redirection() {
        return Err(redirected(status, headers, endpoint));
    }
    if let Some(what) = named_non_api(status) {
        return Err(Error::NotTheApi {
            status: status.as_u16(),
            what,
        });
    }
    if !status.is_success() {
        // A body that cannot be read does not hide the status.
        let body = incoming.body.as_deref().unwrap_or_default();
        return Err(error(incoming, party, body));
    }
    let body = std::mem::replace(&mut incoming.body, Ok(Vec::new()))?;
    match not_json(headers, &body) {
        None => Ok(body),
        Some(what) => Err(Error::NotTheApi {
            status: status.as_u16(),
            what,
        }),
    }
}

/// The error that an answer tells.
pub(super) fn error(incoming: &Incoming, party: Party, body: &[u8]) -> Error {
    let (status, headers) = (incoming.status, &incoming.headers);
    let read = read_error_body(body);
    let not_the_api = not_json(headers, body).filter(|_| status.is_client_error() && !body.is_empty());
    if let (None, Some(what)) = (&read, not_the_api) {
        return Error::NotTheApi {
            status: status.as_u16(),
            what,
        };
    }
    let body = read.unwrap_or_default();
    Error::from(ServiceError {
        party,
        status: status.as_u16(),
        request_id: request_id(headers).or_else(|| body.request_id.clone()),
        retry_after: retry_after(headers),
        quotas: Quota::read(headers),
        signed: false,
        is_sign_in: false,
        credential: 0,
        body,
    })
}

/// The request's id, as the gateway or IAM names it.
pub(super) fn request_id(headers: &HeaderMap) -> Option<RemoteText> {
    let value = headers
        .get(X_REQUEST_ID)
        .or_else(|| headers.get(X_IAM_TRACE_ID))?;
    Some(RemoteText::name(&String::from_utf8_lossy(value.as_bytes())))
}

/// `Retry-After`: seconds, or a date, which is read against the answer's own.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let sent_at = http_date(headers.get(DATE)?.to_str().ok()?)?;
    let wait = http_date(text)?.duration_since(sent_at);
    Some(Duration::try_from(wait).unwrap_or_default())
}

fn redirected(status: StatusCode, headers: &HeaderMap, endpoint: &Endpoint) -> Error {
    let base = endpoint.url("/", "");
    let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let url = target.and_then(|target| base.join(target).ok());
    let host = url.as_ref().and_then(reqwest::Url::host_str);
    Error::Redirected {
        status: status.as_u16(),
        host: RemoteText::name(host.unwrap_or("an unnamed host")),
    }
}

/// Statuses that only something between us and the API sends, or that bring no page.
fn named_non_api(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => Some("a proxy asks for a sign-in"),
        StatusCode::NETWORK_AUTHENTICATION_REQUIRED => Some("the network asks for a sign-in"),
        StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => Some("an empty answer"),
        _ => None,
    }
}

/// What an answer is that is not JSON.
fn not_json(headers: &HeaderMap, bytes: &[u8]) -> Option<&'static str> {
    if bytes.trim_ascii().is_empty() {
        return Some("an empty answer");
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    match kind.as_deref() {
        None if bytes.trim_ascii_start().starts_with(b"{") => None,
        Some(kind) if kind.contains("json") => None,
        Some(kind) if kind.contains("html") => Some("an HTML page"),
        _ if bytes.trim_ascii_start().starts_with(b"<") => Some("an HTML page"),
        _ => Some("an answer that is not JSON"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let wait = |value: &str| {
            let headers = HeaderMap::from_iter([
                (DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap()),
                (RETRY_AFTER, value.parse().unwrap()),
            ]);
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(
            (wait("7"), wait("0"), wait(" 99999999 ")),
            (Some(7), Some(0), Some(99_999_999))
        );
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:44 GMT"), Some(7));
        assert_eq!(
            wait("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(0),
            "a date that is gone"
        );
        for junk in ["-1", "soon", "", "1.5"] {
            assert_eq!(wait(junk), None, "{junk}");
        }
    }
}
