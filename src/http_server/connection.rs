//! One connection, from the first byte to the last.
//!
//! Owns the settings of hyper, and the order of steps of a call: head, body, handler, answer.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::attendance::{Attendance, left};
use super::connections::Seat;
use super::line::{LineIo, WatchedSocket};
use super::{Arrival, BodyTooLong, HttpAnswer, ServerLimits, Shared, WholeRequest};

/// The settings of hyper. Its time-out for the head also runs while it waits for the next request.
pub(super) fn builder(limits: &ServerLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_within)
        .max_header_size(limits.longest_head)
        .max_buf_size(limits.longest_head.max(64 * 1024) * 2)
        .half_close(true);
    builder
}

/// Serves one connection until it ends, has to make room for another, or the server stops.
pub(super) async fn attend<H, F>(
    shared: Arc<Shared<H>>,
    stream: TcpStream,
    caller: SocketAddr,
    seat: Seat,
    mut stopped: watch::Receiver<bool>,
) where
    H: Fn(WholeRequest) -> F + Send + Sync + 'static,
    F: Future<Output = HttpAnswer> + Send + 'static,
{
    let line = WatchedSocket::new(stream);
    let io = LineIo::new(Arc::clone(&line), shared.limits.taken_within);
    let guest = Guest { line, caller, seat };
    let Some(tls) = &shared.tls else {
        converse(&shared, io, guest, stopped).await;
        return;
    };
    // The handshake is a part of the first request's head.
    let shaken = timeout(shared.limits.head_within, TlsAcceptor::from(tls()).accept(io));
    tokio::select! {
        shaken = shaken => match shaken {
            Ok(Ok(io)) => Box::pin(converse(&shared, io, guest, stopped)).await,
            Ok(Err(error)) => tracing::debug!(%caller, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%caller, "a TLS handshake took too long"),
        },
        () = guest.seat.ended() => tracing::debug!(%caller, "a connection made room for another"),
        () = asked_to_stop(&mut stopped) => {}
    }
}

/// One caller and its place.
struct Guest {
    line: Arc<WatchedSocket>,
    caller: SocketAddr,
    seat: Seat,
}

/// Serves the requests on one connection.
async fn converse<H, F, I>(
    shared: &Shared<H>,
    io: I,
    Guest { line, caller, seat }: Guest,
    mut stopped: watch::Receiver<bool>,
) where
    H: Fn(WholeRequest) -> F + Send + Sync + 'static,
    F: Future<Output = HttpAnswer> + Send + 'static,
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(|request| answer(shared, &line, &seat, caller, request));
    let mut connection = pin!(shared.http.serve_connection(TokioIo::new(io), service));
    tokio::select! {
        result = connection.as_mut() => {
            if let Err(error) = result {
                tracing::debug!(%caller, %error, "a connection ended early");
            }
            tokio::select! { () = line.linger() => {}, () = seat.ended() => {} }
        }
        () = seat.ended() => tracing::debug!(%caller, "a connection made room for another"),
        () = asked_to_stop(&mut stopped) => {
            connection.as_mut().graceful_shutdown();
            // An incomplete request is not waited for.
            if seat.is_working() || line.has_unsent() {
                let _ = connection.await;
            }
        }
    }
}

/// Resolves when the server is asked to stop. A server that is gone counts as stopped.
async fn asked_to_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// The error that ends a connection because nobody waits for the answer.
#[derive(Debug)]
struct CallerLeft;

impl fmt::Display for CallerLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the caller left")
    }
}

impl Error for CallerLeft {}

async fn answer<H, F>(
    shared: &Shared<H>,
    line: &WatchedSocket,
    seat: &Seat,
    caller: SocketAddr,
    request: Request<Incoming>,
) -> Result<HttpAnswer, CallerLeft>
where
    H: Fn(WholeRequest) -> F,
    F: Future<Output = HttpAnswer>,
{
    let (head, body) = request.into_parts();
    let body = match shared.read(body).await {
        Arrival::Whole(body) => Ok(body),
        Arrival::TooLong => Err(BodyTooLong),
        Arrival::Late => return Ok(bare(StatusCode::REQUEST_TIMEOUT)),
        Arrival::Cut => return Ok(bare(StatusCode::BAD_REQUEST)),
    };
    let working = seat.work().ok_or(CallerLeft)?;
    let (closed, attendance) = Attendance::new();
    let answer = (shared.handler)(WholeRequest {
        head,
        body,
        caller,
        attendance,
    });
    tokio::select! {
        biased;
        answer = answer => Ok(answer),
        () = left(line, &working, closed, shared.limits.half_closed_for) => Err(CallerLeft),
    }
}

fn bare(status: StatusCode) -> HttpAnswer {
    let mut answer = HttpAnswer::default();
    *answer.status_mut() = status;
    answer
}
