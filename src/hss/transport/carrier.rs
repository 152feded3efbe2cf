//! What carries the calls of a client: the network, the network with a listener, or a replay of answers that
//! were recorded earlier.
//!
//! Owns the two seams. A listener hears each call after its end, never a header of the request. A replay takes
//! the place of the network: nothing is resolved, connected or sent. Must not: know how answers are stored.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Incoming, Outgoing, Transport};
use crate::hss::error::Error;
use crate::hss::send_by::SendBy;
use crate::hss::skew::{CallTimes, http_date};

/// What carries the calls.
#[derive(Debug, Clone, Default)]
pub enum Carrier {
    /// The network.
    #[default]
    Network,
    /// The network, and somebody hears each exchange.
    Heard(ExchangeListener),
    /// Recorded answers, without the network.
    Replayed(Arc<dyn AnswerReplay>),
}

impl Carrier {
    /// The same for calls with secrets in their bodies: only their outcome is heard.
    #[must_use]
    pub fn of_secrets(&self) -> Self {
        match self {
            Self::Heard(listener) => Self::Heard(ExchangeListener {
                is_of_secrets: true,
                ..listener.clone()
            }),
            other => other.clone(),
        }
    }
}

/// Where exchanges are heard.
#[derive(Debug, Clone)]
pub struct ExchangeListener {
    exchanges: mpsc::Sender<HeardExchange>,
    is_of_secrets: bool,
}

impl ExchangeListener {
    /// Sends what it hears there. The calls wait while the channel is full.
    pub fn new(exchanges: mpsc::Sender<HeardExchange>) -> Self {
        Self {
            exchanges,
            is_of_secrets: false,
        }
    }
}

/// A call and its outcome. It has nothing of the request that may be a secret: no header, no body.
#[derive(Debug, Clone)]
pub struct HeardExchange {
    /// `GET`, `POST`
    pub method: Method,
    /// The path, encoded, below the endpoint's own.
    pub path: String,
    /// The query, encoded; empty for none.
    pub query: String,
    /// When the call began, by this machine's clock.
    pub sent_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The answer, or why there is none.
    pub outcome: Result<HeardAnswer, Error>,
}

/// An answer as it arrived.
#[derive(Debug, Clone)]
pub struct HeardAnswer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers; none for a call with secrets.
    pub headers: HeaderMap,
    /// The body, or why it could not be read; `None` for a call with secrets.
    pub body: Option<Result<Vec<u8>, Error>>,
}

/// Recorded answers in the place of the network.
pub trait AnswerReplay: fmt::Debug + Send + Sync {
    /// The answer to a call.
    ///
    /// # Errors
    /// [`Error::NotRecorded`] if there is none.
    fn answer(&self, method: &Method, path: &str, query: &str) -> Result<ReplayedAnswer, Error>;
}

/// A recorded answer.
#[derive(Debug, Clone)]
pub struct ReplayedAnswer {
    /// When it arrived, by the clock of the machine that recorded it.
    pub arrived_at: Timestamp,
    /// How long it is to take now.
    pub takes: Duration,
    /// The answer, or why there was none.
    pub outcome: Result<HeardAnswer, Error>,
}

impl Transport {
    /// Like [`Transport::send`], but sends nothing after `by`.
    ///
    /// # Errors
    /// Those of [`Transport::send`], and [`Error::Lapsed`].
    pub async fn send_by(&self, by: SendBy, request: Outgoing) -> Result<Incoming, Error> {
        match &self.context.carrier {
            Carrier::Network => self.send_over_network(by, request).await,
            Carrier::Heard(listener) => {
                let (method, path, query) = (
                    request.method.clone(),
                    request.path.clone(),
                    request.query.clone(),
                );
                let (sent_at, started) = (self.context.clock.now(), Instant::now());
                let result = self.send_over_network(by, request).await;
                // What was not sent is no exchange.
                if !matches!(result, Err(Error::Lapsed)) {
                    let exchange = HeardExchange {
                        method,
                        path,
                        query,
                        sent_at,
                        took: started.elapsed(),
                        outcome: listener.outcome(&result),
                    };
                    // A listener that is gone hears nothing more; the call itself goes on.
                    let _ = listener.exchanges.send(exchange).await;
                }
                result
            }
            Carrier::Replayed(replay) => self.replay(by, replay.as_ref(), &request).await,
        }
    }

    async fn replay(
        &self,
        by: SendBy,
        replay: &dyn AnswerReplay,
        request: &Outgoing,
    ) -> Result<Incoming, Error> {
        if by.is_over() {
            return Err(Error::Lapsed);
        }
        let (started, sent) = (Instant::now(), self.context.clock.now());
        let replayed = replay.answer(&request.method, &request.path, &request.query)?;
        sleep(replayed.takes).await;
        let answer = replayed.outcome?;
        let received = self.context.clock.now();
        let times = CallTimes {
            sent,
            received,
            steady: Instant::now(),
        };
        let shift = received.duration_since(replayed.arrived_at);
        self.context
            .skew
            .observe(&dated_later(answer.headers.clone(), shift), times);
        Ok(Incoming {
            place: self.endpoint.place(),
            status: answer.status,
            headers: answer.headers,
            body: answer.body.unwrap_or_else(|| Ok(Vec::new())),
            took: started.elapsed(),
            received_at: self.context.skew.service_time(received),
        })
    }
}

impl ExchangeListener {
    fn outcome(&self, result: &Result<Incoming, Error>) -> Result<HeardAnswer, Error> {
        let incoming = result.as_ref().map_err(Clone::clone)?;
        if self.is_of_secrets {
            return Ok(HeardAnswer {
                status: incoming.status,
                headers: HeaderMap::new(),
                body: None,
            });
        }
        Ok(HeardAnswer {
            status: incoming.status,
            headers: incoming.headers.clone(),
            body: Some(incoming.body.clone()),
        })
    }
}

/// The headers with a `Date` that is this much later, so that both clocks differ by as much as they did when
/// the answer was recorded.
fn dated_later(mut headers: HeaderMap, shift: SignedDuration) -> HeaderMap {
    let date = headers.get(DATE).and_then(|value| value.to_str().ok());
    let date = date
        .and_then(http_date)
        .and_then(|date| date.checked_add(shift).ok());
    let text = date.and_then(|date| DateTimePrinter::new().timestamp_to_rfc9110_string(&date).ok());
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(DATE, value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::hss::endpoint::Endpoint;
    use crate::hss::transport::TransportContext;

    /// Answers everything, as recorded at this second with this date.
    #[derive(Debug)]
    struct Always(i64, &'static str);

    impl AnswerReplay for Always {
        fn answer(&self, _: &Method, path: &str, _: &str) -> Result<ReplayedAnswer, Error> {
            Ok(ReplayedAnswer {
                arrived_at: Timestamp::from_second(self.0).unwrap(),
                takes: Duration::from_secs(2),
                outcome: Ok(HeardAnswer {
                    status: StatusCode::OK,
                    headers: HeaderMap::from_iter([(DATE, self.1.parse().unwrap())]),
                    body: Some(Ok(path.as_bytes().to_vec())),
                }),
            })
        }
    }

    fn request() -> Outgoing {
        Outgoing {
            method: Method::GET,
            path: "/v5/x".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            may_be_repeated: true,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_replay_needs_no_network_and_keeps_the_difference_of_the_clocks() {
        // Recorded when the service was a minute ahead, and replayed a year later.
        let recorded = 784_111_777;
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let context = TransportContext {
            carrier: Carrier::Replayed(Arc::new(Always(recorded - 60, "Sun, 06 Nov 1994 08:49:37 GMT"))),
            ..TransportContext::new(Clock::fixed(now))
        };
        let skew = Arc::clone(&context.skew);
        let endpoint = Endpoint::parse("https://nowhere.invalid", false).unwrap();
        let way = Transport::to(endpoint, context);
        let began = Instant::now();
        for _ in 0..3 {
            let incoming = way.send(request()).await.unwrap();
            assert_eq!(incoming.body.unwrap(), b"/v5/x");
        }
        assert_eq!(began.elapsed(), Duration::from_secs(6), "as long as it took");
        let told = skew.doubt().map(|doubt| doubt.difference).or(skew.measured());
        assert_eq!(told, Some(SignedDuration::from_mins(1)));
        let moved = dated_later(
            HeaderMap::from_iter([(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap())]),
            SignedDuration::from_secs(60),
        );
        assert_eq!(moved[DATE], "Sun, 06 Nov 1994 08:50:37 GMT");
    }

    #[tokio::test]
    async fn of_a_call_with_secrets_only_the_outcome_is_heard() {
        let (exchanges, mut heard) = mpsc::channel(2);
        let listener = ExchangeListener::new(exchanges);
        let carrier = Carrier::Heard(listener.clone()).of_secrets();
        let Carrier::Heard(of_secrets) = carrier else {
            panic!("{carrier:?}")
        };
        let incoming = || {
            Ok(Incoming {
                place: String::new(),
                status: StatusCode::CREATED,
                headers: HeaderMap::from_iter([(DATE, "canary".parse().unwrap())]),
                body: Ok(b"canary".to_vec()),
                took: Duration::ZERO,
                received_at: Timestamp::UNIX_EPOCH,
            })
        };
        assert!(!format!("{:?}", of_secrets.outcome(&incoming())).contains("canary"));
        let open = listener.outcome(&incoming()).unwrap();
        assert_eq!(open.body.unwrap().unwrap(), b"canary");
        drop((listener, of_secrets));
        assert!(heard.recv().await.is_none());
    }
}
