//! The connection to one endpoint: sends a request and receives an answer, within limits of time and size.
//!
//! Owns the connections and their limits. Redirects are not followed, nothing is retried, no header and no
//! URL is logged. New connections are made after a failure and every [`CONNECTIONS_LIVE`], so that a change
//! of the host's address is noticed. Must not: know what an answer means.

mod carrier;
mod coding;
mod fault;
mod limits;
mod outgoing;
pub mod proxy;
mod renewal;
pub mod tls;
pub(crate) mod tls_fault;
mod tunnel;

pub use carrier::{AnswerReplay, Carrier, ExchangeListener, HeardAnswer, HeardExchange, ReplayedAnswer};
use limits::in_time;
pub use limits::{LONGEST_CALL, TransportLimits};

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT_ENCODING, CONNECTION, HeaderMap, HeaderValue};
use reqwest::{Response, StatusCode, redirect};
use tokio::time::{Instant, timeout_at};

use super::call_record::{CallLog, CallNote, CallSubject};
use super::endpoint::Endpoint;
use super::error::Error;
use super::send_by::SendBy;
use super::skew::{CallTimes, Skew};
use crate::clock::{Clock, uptime};
use crate::fleet::RemoteText;
use coding::BodyDecoder;
pub use outgoing::Outgoing;
use proxy::ProxyRoute;
use tls::Trust;

/// How often a host name is resolved again at least.
const CONNECTIONS_LIVE: Duration = Duration::from_mins(10);
/// How long an unused connection stays open.
const IDLE: Duration = Duration::from_secs(30);

/// What the connections to all endpoints share.
#[derive(Debug, Clone)]
pub struct TransportContext {
    /// Limits of each call.
    pub limits: TransportLimits,
    /// The trusted CAs and the client certificate.
    pub trust: Arc<Trust>,
    /// The wall clock.
    pub clock: Clock,
    /// How far it differs from the clocks of the services.
    pub skew: Arc<Skew>,
    /// The last calls.
    pub calls: Arc<CallLog>,
    /// What carries the calls.
    pub carrier: Carrier,
}

impl TransportContext {
    /// Default limits, the platform's roots, and a clock that was not compared yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            limits: TransportLimits::default(),
            trust: Arc::default(),
            clock,
            skew: Arc::default(),
            calls: Arc::default(),
            carrier: Carrier::Network,
        }
    }
}

/// An answer, not yet judged.
#[derive(Debug)]
pub struct Incoming {
    /// Host and port of the endpoint.
    pub place: String,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, Error>,
    /// How long it took.
    pub took: Duration,
    /// When its headers arrived, by the service's clock as last measured.
    pub received_at: Timestamp,
}

/// The connection to one endpoint. It connects at the first call.
#[derive(Debug)]
pub struct Transport {
    endpoint: Endpoint,
    context: TransportContext,
    route: ProxyRoute,
    http: Mutex<Option<Connections>>,
}

/// The client of the HTTP library, and when it was built, by both clocks: the monotonic one stops while the
/// machine sleeps.
#[derive(Debug)]
struct Connections {
    client: reqwest::Client,
    built: (Instant, Timestamp),
    /// When the last complete answer arrived over a connection that stays open.
    answered: Option<Instant>,
}

impl Connections {
    fn may_live(&self, now: (Instant, Timestamp)) -> bool {
        let by_wall = now.1.duration_since(self.built.1).unsigned_abs();
        now.0.saturating_duration_since(self.built.0).max(by_wall) < CONNECTIONS_LIVE
    }

    /// Whether a call at `now` reuses a connection.
    fn is_reused(&self, now: Instant) -> bool {
        self.answered
            .is_some_and(|answered| now.saturating_duration_since(answered) < IDLE)
    }
}

impl Transport {
    /// Prepares a connection to `endpoint`, through the proxy that the environment names for it.
    pub fn to(endpoint: Endpoint, context: TransportContext) -> Self {
        Self {
            route: ProxyRoute::of_process(&endpoint),
            endpoint,
            context,
            http: Mutex::default(),
        }
    }

    /// Prepares a connection to `endpoint` without a proxy, whatever the environment names.
    pub fn directly_to(endpoint: Endpoint, context: TransportContext) -> Self {
        Self {
            route: ProxyRoute::Direct(None),
            ..Self::to(endpoint, context)
        }
    }

    /// The endpoint.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Host and port of the proxy, if one is used.
    pub fn proxy(&self) -> Option<&str> {
        self.route.proxy()
    }

    /// The time by the service's clock, as last measured.
    pub fn now(&self) -> Timestamp {
        self.context.skew.corrected(self.context.clock.now())
    }

    /// Begins a note of a call that is sent now.
    pub fn note(&self, subject: CallSubject) -> CallNote {
        self.context.calls.begin(subject, self.context.clock.now())
    }

    /// Sends a request and receives the answer.
    ///
    /// # Errors
    /// Only if there is no answer: no connection, or no status in time.
    pub async fn send(&self, request: Outgoing) -> Result<Incoming, Error> {
        self.send_by(SendBy::ANY, request).await
    }

    async fn send_over_network(&self, by: SendBy, request: Outgoing) -> Result<Incoming, Error> {
        let result = self.exchange(by, request).await;
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Ok(incoming) if incoming.body.is_ok() => {
                if let Some(connections) = &mut *http {
                    connections.answered = Some(Instant::now()).filter(|_| stays_open(&incoming.headers));
                }
            }
            // The next call resolves the host again and makes a new connection.
            _ => *http = None,
        }
        drop(http);
        result
    }

    async fn exchange(&self, by: SendBy, request: Outgoing) -> Result<Incoming, Error> {
        let (started, sent_at) = (Instant::now(), self.context.clock.now());
        let deadline = started + self.context.limits.total;
        let last = SendBy::uptime(uptime() + self.context.limits.total);
        // Checked after the deadline was set: if the program is stopped from here on, the deadline ends the
        // call.
        if by.is_over() {
            return Err(Error::Lapsed);
        }
        let url = self.endpoint.url(&request.path, &request.query);
        if !self.may_reuse((started, sent_at)) {
            self.context.trust.renew().await;
        }
        let client = self.client((started, sent_at))?;
        let may_be_dropped = request.may_be_repeated && self.is_reused(started);
        let mut builder = client.request(request.method, url).headers(request.headers);
        if !request.body.is_empty() {
            builder = builder.body(request.body);
        }
        let response = match in_time(deadline, last, builder.send()).await {
            None => {
                return Err(Error::TimedOut {
                    waiting_for: "an answer",
                    after: self.context.limits.total,
                });
            }
            Some(Err(error)) if may_be_dropped && !error.is_timeout() && fault::was_cut(&error) => {
                return Err(Error::Dropped {
                    place: self.endpoint.place(),
                });
            }
            Some(Err(error)) => {
                let refused = fault::refused_tunnel(&error);
                let explained = self.explain(error);
                return Err(match (refused, &self.route) {
                    (Some(refused), ProxyRoute::Via(proxy)) => Error::Tunnel {
                        place: self.endpoint.place(),
                        proxy: proxy.place.clone(),
                        status: tunnel::status(refused, proxy, &self.endpoint).await,
                    },
                    _ => explained,
                });
            }
            Some(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let received_at = self.context.clock.now();
        let times = CallTimes {
            sent: sent_at,
            received: received_at,
            steady: Instant::now(),
        };
        self.context.skew.observe(&headers, times);
        let received_at = self.context.skew.service_time(received_at);
        let body = self.read_body(response, deadline).await;
        Ok(Incoming {
            place: self.endpoint.place(),
            status,
            headers,
            body,
            took: started.elapsed(),
            received_at,
        })
    }

    fn is_reused(&self, now: Instant) -> bool {
        let http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        http.as_ref()
            .is_some_and(|connections| connections.is_reused(now))
    }

    /// Whether the client of the last call is used again.
    fn may_reuse(&self, now: (Instant, Timestamp)) -> bool {
        let http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        http.as_ref().is_some_and(|it| it.may_live(now))
    }

    /// The client of the HTTP library; the same one until [`CONNECTIONS_LIVE`] has passed.
    fn client(&self, now: (Instant, Timestamp)) -> Result<reqwest::Client, Error> {
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = http.as_ref().filter(|it| it.may_live(now)) {
            return Ok(connections.client.clone());
        }
        let client = self.build()?;
        *http = Some(Connections {
            client: client.clone(),
            built: now,
            answered: None,
        });
        Ok(client)
    }

    fn build(&self) -> Result<reqwest::Client, Error> {
        let tls = self.context.trust.config_for(&self.endpoint);
        let tls = tls.map_err(|fault| self.untrusted(&fault.to_string()))?;
        let builder = reqwest::Client::builder()
            .user_agent(concat!("hss-top/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(coding::ACCEPTED),
            )]))
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .https_only(self.endpoint.is_https())
            .tls_backend_preconfigured(tls)
            .connect_timeout(self.context.limits.connect)
            .pool_idle_timeout(IDLE);
        // Only the chosen proxy; the library must not pick one itself.
        let builder = builder.no_proxy();
        let client = match &self.route {
            ProxyRoute::Direct(_) => builder.build(),
            ProxyRoute::Via(proxy) => proxy.for_library().and_then(|proxy| builder.proxy(proxy).build()),
            ProxyRoute::Unreadable(bad) => return Err(Error::Proxy(*bad)),
        };
        client.map_err(|error| self.unconnected(fault::cause_of(&error.without_url())))
    }

    /// Reads the body within the limits of time and size.
    async fn read_body(&self, mut response: Response, deadline: Instant) -> Result<Vec<u8>, Error> {
        let limits = &self.context.limits;
        // A declared length that is too large is refused at once. (For a compressed body it counts the
        // compressed bytes.)
        let told = response.content_length().map(usize::try_from);
        if told.is_some_and(|told| told.is_ok_and(|length| length > limits.body) || told.is_err()) {
            return Err(Error::TooLarge { limit: limits.body });
        }
        let expected = told.and_then(Result::ok).unwrap_or_default();
        let undecoded = |fault: coding::CodingFault| fault.into_error(limits);
        let mut body = BodyDecoder::of(response.headers(), limits.body, expected).map_err(undecoded)?;
        let mut window_ends = Instant::now() + limits.stall;
        let mut window_bytes = 0;
        loop {
            match timeout_at(window_ends.min(deadline), response.chunk()).await {
                Ok(Ok(None)) => return body.finish().map_err(undecoded),
                Ok(Ok(Some(chunk))) => window_bytes += body.take(&chunk).map_err(undecoded)?,
                Ok(Err(error)) => return Err(self.explain(error)),
                Err(_) if window_bytes >= limits.stall_bytes && Instant::now() < deadline => {
                    window_ends = Instant::now() + limits.stall;
                    window_bytes = 0;
                }
                Err(_) => {
                    let late = Instant::now() >= deadline;
                    let after = if late { limits.total } else { limits.stall };
                    return Err(Error::TimedOut {
                        waiting_for: "the rest of the answer: too slow",
                        after,
                    });
                }
            }
        }
    }

    /// Translates an error of the HTTP library.
    fn explain(&self, error: reqwest::Error) -> Error {
        let error = error.without_url();
        if error.is_timeout() {
            let (waiting_for, after) = if error.is_connect() {
                ("a connection", self.context.limits.connect)
            } else {
                ("an answer", self.context.limits.total)
            };
            return Error::TimedOut { waiting_for, after };
        }
        if let Some(fault) = tls_fault::fault_of(&error) {
            return self.untrusted(&format!("{} ({})", fault.what, fault.advice));
        }
        let cause = fault::cause_of(&error);
        if let Some(cause) = fault::lacks(&error) {
            Error::Machine { cause }
        } else if error.is_connect() {
            self.unconnected(cause)
        } else if fault::was_cut(&error) {
            Error::Incomplete
        } else if fault::has_too_large_a_head(&error) {
            Error::HeadTooLarge
        } else if fault::is_of_the_system(&error) && !error.is_decode() {
            self.unconnected(cause)
        } else {
            Error::Unreadable { why: cause }
        }
    }

    fn untrusted(&self, cause: &str) -> Error {
        Error::Tls {
            place: self.endpoint.place(),
            proxy: self.route.proxy().map(str::to_owned),
            cause: RemoteText::message(cause),
        }
    }

    fn unconnected(&self, cause: RemoteText) -> Error {
        Error::Connect {
            place: self.endpoint.place(),
            proxy: self.route.proxy().map(str::to_owned),
            cause,
        }
    }
}

/// Whether the connection of an answer with these headers may be reused.
fn stays_open(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONNECTION)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    value.is_none_or(|value| value != b"close")
}

#[cfg(test)]
mod tests;
