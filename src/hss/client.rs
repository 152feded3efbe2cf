//! The one place that sends.
//!
//! Owns the connection, its limits of time and size, and the way from a response to an [`Answer`] or an
//! [`Error`]. Redirects are not followed, nothing is retried, no header and no URL is logged. Must not: decide
//! when to call; that is the fetch task's, which pays each call from its budget.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url, redirect};
use tokio::time::{Instant, timeout_at};

use super::auth::credential::{Call, Credential};
use super::endpoint::Endpoint;
use super::error::{Error, ServiceError};
use super::error_body::read_error_body;
use super::request::ListPods;
use super::wire::{Page, read_page};
use crate::clock::Clock;
use crate::fleet::RemoteText;

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// To have a connection.
    pub connect: Duration,
    /// For the whole call.
    pub total: Duration,
    /// An answer that brings less than [`Limits::stall_bytes`] in this time is given up.
    pub stall: Duration,
    /// See [`Limits::stall`].
    pub stall_bytes: usize,
    /// Bytes of an answer, after decompression. A page of 200 pods has some 90 KiB.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            stall: Duration::from_secs(10),
            stall_bytes: 10 << 10,
            body: 4 << 20,
        }
    }
}

/// A page, and what else its answer told.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The page.
    pub page: Page,
    /// `X-Request-Id`
    pub request_id: Option<RemoteText>,
}

/// A client of one endpoint with one credential.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    credential: Credential,
    limits: Limits,
    clock: Clock,
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

impl Client {
    /// Prepares a client; nothing is sent yet. Reads the platform's roots, which takes some milliseconds.
    pub fn new(
        endpoint: Endpoint,
        credential: Credential,
        limits: Limits,
        clock: Clock,
    ) -> Result<Self, Error> {
        // Answers an error if it was installed before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .user_agent(concat!("hss-top/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(endpoint.url("/", "").scheme() == "https")
            .connect_timeout(limits.connect)
            .pool_idle_timeout(Duration::from_secs(30));
        let builder = if endpoint.is_loopback() {
            builder.no_proxy()
        } else {
            builder
        };
        let http = builder.build().map_err(|error| Error::Connect {
            place: endpoint.place(),
            cause: cause_of(&error.without_url()),
        })?;
        Ok(Self {
            http,
            endpoint,
            credential,
            limits,
            clock,
        })
    }

    /// Asks for one page.
    pub async fn list_pods(&self, call: &ListPods) -> Result<Answer, Error> {
        let started = Instant::now();
        let result = self.send(call, started + self.limits.total).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => tracing::info!(
                call = "ListK8sPods",
                offset = call.offset(),
                pods = answer.page.records.len(),
                total = answer.page.total,
                request_id = answer.request_id.as_ref().map(RemoteText::shown),
                ms,
                "answered"
            ),
            Err(error) => {
                tracing::warn!(call = "ListK8sPods", offset = call.offset(), ms, error = %error, "failed");
            }
        }
        result
    }

    async fn send(&self, call: &ListPods, deadline: Instant) -> Result<Answer, Error> {
        let url = self.endpoint.url(&call.path(), &call.query());
        let proof = self.credential.prove(&Call {
            path: url.path(),
            query: url.query().unwrap_or_default(),
            host: &self.endpoint.place(),
            project_id: call.project_id(),
            at: self.clock.now(),
        });
        let request = self.http.get(url).headers(proof.headers);
        let response = match timeout_at(deadline, request.send()).await {
            Err(_) => {
                return Err(Error::TimedOut {
                    waiting_for: "an answer",
                    after: self.limits.total,
                });
            }
            Ok(Err(error)) => return Err(self.explain(error)),
            Ok(Ok(response)) => response,
        };
        let request_id = text_of(response.headers(), &X_REQUEST_ID);
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_redirection() {
            return Err(self.redirected(status, &headers));
        }
        let named = named_non_api(status);
        if let Some(what) = named {
            return Err(Error::NotTheApi {
                status: status.as_u16(),
                what,
            });
        }
        let body = self.read_body(response, deadline).await;
        if !status.is_success() {
            // A body that cannot be read does not hide the status.
            let bytes = body.unwrap_or_default();
            let error = error_answer(status, &headers, request_id, &bytes);
            let error = match &proof.canonical {
                Some(ours) => error.with_signature_compared(ours),
                None => error,
            };
            return Err(error);
        }
        let bytes = body?;
        if let Some(what) = not_json(&headers, &bytes) {
            return Err(Error::NotTheApi {
                status: status.as_u16(),
                what,
            });
        }
        let page = read_page(&bytes).map_err(|error| {
            if error.is_eof() {
                return Error::Incomplete;
            }
            Error::Unreadable {
                why: RemoteText::message(&error.to_string()),
            }
        })?;
        if page.is_silent() && read_error_body(&bytes).is_some() {
            return Err(error_answer(status, &headers, request_id, &bytes));
        }
        Ok(Answer { page, request_id })
    }

    /// Reads the body within the limits of time and size.
    async fn read_body(&self, mut response: Response, deadline: Instant) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        let mut window_ends = Instant::now() + self.limits.stall;
        let mut window_bytes = 0;
        loop {
            let chunk = match timeout_at(window_ends.min(deadline), response.chunk()).await {
                Ok(Ok(None)) => return Ok(body),
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Err(error)) => return Err(self.explain(error)),
                Err(_) if window_bytes >= self.limits.stall_bytes && Instant::now() < deadline => {
                    window_ends = Instant::now() + self.limits.stall;
                    window_bytes = 0;
                    continue;
                }
                Err(_) => {
                    let late = Instant::now() >= deadline;
                    let after = if late {
                        self.limits.total
                    } else {
                        self.limits.stall
                    };
                    return Err(Error::TimedOut {
                        waiting_for: "the rest of the answer: too slow",
                        after,
                    });
                }
            };
            window_bytes += chunk.len();
            if body.len() + chunk.len() > self.limits.body {
                return Err(Error::TooLarge {
                    limit: self.limits.body,
                });
            }
            body.extend_from_slice(&chunk);
        }
    }

    /// Names what the HTTP library failed at.
    fn explain(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if error.is_timeout() {
            let (waiting_for, after) = if error.is_connect() {
                ("a connection", self.limits.connect)
            } else {
                ("an answer", self.limits.total)
            };
            return Error::TimedOut { waiting_for, after };
        }
        if error.is_connect() {
            return Error::Connect {
                place: self.endpoint.place(),
                cause: cause_of(&error),
            };
        }
        if was_cut(&error) {
            return Error::Incomplete;
        }
        if error.is_body() || error.is_decode() {
            return Error::Unreadable {
                why: cause_of(&error),
            };
        }
        Error::Connect {
            place: self.endpoint.place(),
            cause: cause_of(&error),
        }
    }

    fn redirected(&self, status: StatusCode, headers: &HeaderMap) -> Error {
        let base = self.endpoint.url("/", "");
        let target = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = target.and_then(|target| base.join(target).ok());
        let host = url.as_ref().and_then(Url::host_str).unwrap_or("an unnamed host");
        Error::Redirected {
            status: status.as_u16(),
            host: RemoteText::name(host),
        }
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<RemoteText> {
    let value = headers.get(name)?;
    Some(RemoteText::name(&String::from_utf8_lossy(value.as_bytes())))
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

fn error_answer(
    status: StatusCode,
    headers: &HeaderMap,
    request_id: Option<RemoteText>,
    bytes: &[u8],
) -> Error {
    let Some(body) = read_error_body(bytes) else {
        let html = not_json(headers, bytes).filter(|_| status.is_client_error() && !bytes.is_empty());
        return html.map_or_else(
            || {
                Error::from(ServiceError {
                    status: status.as_u16(),
                    request_id,
                    retry_after: retry_after(headers),
                    ..ServiceError::default()
                })
            },
            |what| Error::NotTheApi {
                status: status.as_u16(),
                what,
            },
        );
    };
    let request_id = request_id.or_else(|| body.request_id.clone());
    Error::from(ServiceError {
        status: status.as_u16(),
        body,
        request_id,
        retry_after: retry_after(headers),
    })
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost cause: the one that says what happened.
fn cause_of(error: &dyn StdError) -> RemoteText {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    RemoteText::message(&innermost.to_string())
}

/// Whether the connection ended before the answer did.
fn was_cut(error: &reqwest::Error) -> bool {
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(
            kind,
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        ) {
            return true;
        }
        // hyper does not say it by type: "connection closed before message completed".
        if error.to_string().contains("before message completed") {
            return true;
        }
        next = error.source();
    }
    false
}
