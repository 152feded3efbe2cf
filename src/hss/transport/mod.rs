//! The way to one endpoint: a request out, an answer in, within limits of time and size.
//!
//! Owns the connections and their limits. Redirects are not followed, nothing is retried, no header and no URL is
//! logged. Connections do not outlive a change of the host's address: they are made anew after a failure and every
//! [`CONNECTIONS_LIVE`]. Must not: know what an answer means.

mod coding;
mod fault;
pub mod proxy;
pub mod tls;
pub(crate) mod tls_fault;
mod tunnel;

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT_ENCODING, CONNECTION, HeaderMap, HeaderValue};
use reqwest::{Method, Response, StatusCode, redirect};
use tokio::time::{Instant, timeout_at};

use super::endpoint::Endpoint;
use super::error::Error;
use super::send_by::SendBy;
use super::skew::{CallTimes, Skew};
use crate::clock::{Clock, uptime};
use crate::fleet::RemoteText;
use coding::BodyDecoder;
use proxy::ProxyRoute;
use tls::Trust;

/// A host's name is resolved anew at least this often.
const CONNECTIONS_LIVE: Duration = Duration::from_mins(10);
/// A call takes no longer than that, from its first byte to its last.
pub const LONGEST_CALL: Duration = Duration::from_secs(30);
/// A connection that was not used for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportLimits {
    /// To have a connection.
    pub connect: Duration,
    /// For the whole call.
    pub total: Duration,
    /// An answer that brings less than [`TransportLimits::stall_bytes`] in this time is given up.
    pub stall: Duration,
    /// See [`TransportLimits::stall`].
    pub stall_bytes: usize,
    /// Bytes of an answer, after decompression. A page of 200 pods has some 90 KiB.
    pub body: usize,
}

impl Default for TransportLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: LONGEST_CALL,
            stall: Duration::from_secs(10),
            stall_bytes: 10 << 10,
            body: 4 << 20,
        }
    }
}

/// What the ways to all endpoints have in common.
#[derive(Debug, Clone)]
pub struct TransportContext {
    /// Limits of each call.
    pub limits: TransportLimits,
    /// Whom to trust, and who we are, in TLS.
    pub trust: Arc<Trust>,
    /// The time of day.
    pub clock: Clock,
    /// How far it is off, as the services see it.
    pub skew: Arc<Skew>,
}

impl TransportContext {
    /// Default limits, the platform's roots, a clock that nobody has judged yet.
    pub fn new(clock: Clock) -> Self {
        Self {
            limits: TransportLimits::default(),
            trust: Arc::default(),
            clock,
            skew: Arc::default(),
        }
    }
}

/// A request as a value. It has no `Debug`, because a header or the body may be a secret.
pub struct Outgoing {
    /// `GET`, `POST`, `PUT`
    pub method: Method,
    /// The path, encoded, below the endpoint's own.
    pub path: String,
    /// The query, encoded; empty for none.
    pub query: String,
    /// Headers beside those of HTTP itself.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// An answer, whatever it says.
#[derive(Debug)]
pub struct Incoming {
    /// Where it comes from: host and port.
    pub place: String,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or why it could not be read to its end.
    pub body: Result<Vec<u8>, Error>,
    /// How long it took.
    pub took: Duration,
    /// When its headers came, by the services' clock as last measured.
    pub received_at: Timestamp,
}

/// The way to one endpoint. Nothing is connected before the first call.
#[derive(Debug)]
pub struct Transport {
    endpoint: Endpoint,
    context: TransportContext,
    route: ProxyRoute,
    http: Mutex<Option<Connections>>,
}

/// The client of the HTTP library, and when it was built, by both clocks: one stands while the machine sleeps.
#[derive(Debug)]
struct Connections {
    client: reqwest::Client,
    built: (Instant, Timestamp),
    /// When the last answer came whole, over a connection that stays open.
    answered: Option<Instant>,
}

impl Connections {
    fn may_live(&self, now: (Instant, Timestamp)) -> bool {
        let by_wall = now.1.duration_since(self.built.1).unsigned_abs();
        now.0.saturating_duration_since(self.built.0).max(by_wall) < CONNECTIONS_LIVE
    }

    /// Whether a call at `now` goes over a connection that brought an answer before.
    fn is_reused(&self, now: Instant) -> bool {
        self.answered
            .is_some_and(|answered| now.saturating_duration_since(answered) < IDLE)
    }
}

impl Transport {
    /// Prepares the way to `endpoint`, through the proxy that the environment names for it.
    pub fn to(endpoint: Endpoint, context: TransportContext) -> Self {
        Self {
            route: ProxyRoute::of_process(&endpoint),
            endpoint,
            context,
            http: Mutex::default(),
        }
    }

    /// Where it leads.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The proxy on the way: host and port.
    pub fn proxy(&self) -> Option<&str> {
        self.route.proxy()
    }

    /// The time of day as the services see it.
    pub fn now(&self) -> Timestamp {
        self.context.skew.corrected(self.context.clock.now())
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// Only where there is no answer at all: no connection, or no status in time.
    pub async fn send(&self, request: Outgoing) -> Result<Incoming, Error> {
        self.send_by(SendBy::ANY, request).await
    }

    /// The same, but nothing is sent once it is too late for that.
    ///
    /// # Errors
    /// As [`Transport::send`], and [`Error::Lapsed`].
    pub async fn send_by(&self, by: SendBy, request: Outgoing) -> Result<Incoming, Error> {
        let result = self.exchange(by, request).await;
        let mut http = self.http.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Ok(incoming) if incoming.body.is_ok() => {
                if let Some(connections) = &mut *http {
                    connections.answered = Some(Instant::now()).filter(|_| stays_open(&incoming.headers));
                }
            }
            // The next call looks the host up again, over a connection of its own.
            _ => *http = None,
        }
        drop(http);
        result
    }

    async fn exchange(&self, by: SendBy, request: Outgoing) -> Result<Incoming, Error> {
        let (started, sent_at) = (Instant::now(), self.context.clock.now());
        let deadline = started + self.context.limits.total;
        let last = SendBy::uptime(uptime() + self.context.limits.total);
        // Looked at after the deadline was set: whoever is stopped from here on is stopped by the deadline.
        if by.is_over() {
            return Err(Error::Lapsed);
        }
        let url = self.endpoint.url(&request.path, &request.query);
        let client = self.client((started, sent_at))?;
        let may_be_dropped = request.method == Method::GET && self.is_reused(started);
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

    /// The client of the HTTP library: the same one while its connections may live.
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
        // No other proxy than the one that was chosen.
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
        // A length that is told needs not be waited for. (Of what is compressed, it is that of the compressed bytes.)
        let told = response.content_length().map(usize::try_from);
        if told.is_some_and(|told| told.is_ok_and(|length| length > limits.body) || told.is_err()) {
            return Err(Error::TooLarge { limit: limits.body });
        }
        let expected = told.and_then(Result::ok).unwrap_or_default();
        let undecoded = |fault: coding::CodingFault| undecoded(fault, limits);
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

    /// Names what the HTTP library failed at.
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

/// Waits for `work` until `deadline`, or until `last`, which a machine that sleeps does not put off. Both are looked at before each
/// step: a program that was stopped while it connected must not send what is out of date.
async fn in_time<T>(deadline: Instant, last: SendBy, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let guarded = poll_fn(|context| {
        if Instant::now() >= deadline || last.is_over() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    });
    timeout_at(deadline, guarded).await.ok().flatten()
}

/// Whether the connection that brought these headers may be used again.
fn stays_open(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONNECTION)
        .map(|value| value.as_bytes().to_ascii_lowercase());
    value.is_none_or(|value| value != b"close")
}

/// What a body that cannot be decoded is to the caller.
fn undecoded(fault: coding::CodingFault, limits: &TransportLimits) -> Error {
    match fault {
        coding::CodingFault::TooLarge => Error::TooLarge { limit: limits.body },
        coding::CodingFault::CutOff => Error::Incomplete,
        coding::CodingFault::Unreadable(why) => Error::Unreadable {
            why: RemoteText::message(&why),
        },
        coding::CodingFault::Memory(why) => Error::Machine {
            cause: RemoteText::message(&why.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A transport to nobody: the discard port of this machine.
    fn transport() -> Transport {
        let endpoint = Endpoint::parse("http://127.0.0.1:9", false).unwrap();
        Transport::to(endpoint, TransportContext::new(Clock::system()))
    }

    fn built_at(transport: &Transport) -> Option<Instant> {
        transport.http.lock().unwrap().as_ref().map(|it| it.built.0)
    }

    #[test]
    fn connections_are_made_anew_every_ten_minutes_by_either_clock() {
        let (transport, now, wall) = (transport(), Instant::now(), Timestamp::UNIX_EPOCH);
        let almost = Duration::from_secs(599);
        transport.client((now, wall)).unwrap();
        transport.client((now + almost, wall + almost)).unwrap();
        assert_eq!(built_at(&transport), Some(now));
        let later = now + CONNECTIONS_LIVE;
        transport.client((later, wall)).unwrap();
        assert_eq!(built_at(&transport), Some(later));
        let woken = later + Duration::from_secs(2);
        transport.client((woken, wall + 48 * CONNECTIONS_LIVE)).unwrap();
        assert_eq!(
            built_at(&transport),
            Some(woken),
            "the machine slept for eight hours"
        );
    }

    #[tokio::test]
    async fn nothing_is_sent_once_it_is_too_late() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let transport = Transport::to(
            Endpoint::parse(&url, false).unwrap(),
            TransportContext::new(Clock::system()),
        );
        let request = Outgoing {
            method: Method::GET,
            path: "/".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        let result = transport.send_by(SendBy::uptime(Duration::ZERO), request).await;
        assert!(matches!(result, Err(Error::Lapsed)));
        assert!(listener.accept().is_err(), "nobody connected");
    }

    #[tokio::test]
    async fn the_deadline_is_looked_at_before_each_step() {
        let later = Instant::now() + Duration::from_hours(1);
        let never = SendBy::ANY;
        let steps = std::cell::Cell::new(0);
        let work = || async { steps.set(steps.get() + 1) };
        assert_eq!(in_time(Instant::now(), never, work()).await, None);
        assert_eq!(in_time(later, SendBy::uptime(Duration::ZERO), work()).await, None);
        assert_eq!(steps.get(), 0, "work that was ready has not begun");
        assert_eq!(in_time(later, never, work()).await, Some(()));
        let halts = in_time(
            Instant::now() + Duration::from_millis(5),
            never,
            std::future::pending::<()>(),
        );
        assert_eq!(halts.await, None);
    }

    #[tokio::test]
    async fn a_failure_ends_the_connections() {
        let transport = transport();
        let request = Outgoing {
            method: Method::GET,
            path: "/".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        transport.client((Instant::now(), Timestamp::UNIX_EPOCH)).unwrap();
        assert!(transport.send(request).await.is_err());
        assert_eq!(built_at(&transport), None);
    }
}
