//! An HTTP/1 server for untrusted callers.
//!
//! Owns the sockets: the number of connections and which one makes room for a new one, the time limits for
//! requests and answers, the handling of calls whose caller has left, and the time limit for stopping. A
//! handler only gets complete requests, and is dropped once nobody waits for its answer.
//!
//! It must not know requests or answers: the simulator uses it, and any other service could.
//!
//! hyper reads and writes the messages. It has a time-out for the head of a request, but none for the body or
//! for answers that nobody reads, and it does not limit connections. This module adds those limits.

mod attendance;
mod body;
mod connection;
mod connections;
mod line;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::body::Bytes;
use hyper::http::request::Parts;
use hyper::{Response, body::Incoming};
use rustix::process::{Resource, getrlimit};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

pub use attendance::Attendance;
pub use body::AnswerBody;
pub use connections::CallerKey;
use connections::{ConnectionTable, Seat};

/// A complete answer.
pub type HttpAnswer = Response<AnswerBody>;

/// The pause after an `accept` that failed for lack of resources.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a new connection waits for a slot if its caller has too many running calls.
const LOBBY_TIME: Duration = Duration::from_millis(500);

/// The limits on what callers may use of the server.
#[derive(Clone, Copy, Debug)]
pub struct ServerLimits {
    /// Simultaneous connections. One more closes the oldest idle one of the caller with the most connections.
    pub connections: usize,
    /// Simultaneous connections per caller, which is an IPv4 address or an IPv6 network of 64 bits.
    pub connections_per_caller: usize,
    /// Time limit for the head of a request, from the start of the connection or the end of the last answer.
    pub head_within: Duration,
    /// Time limit for the body of a request.
    pub body_within: Duration,
    /// Time limit for a caller to read the next byte of its answer.
    pub taken_within: Duration,
    /// The longest head of a request, in bytes. A token alone may have 32 KiB.
    pub longest_head: usize,
    /// The longest body of a request, in bytes.
    pub longest_body: usize,
    /// How long a call continues after its caller has closed its side. The caller may have left, or it may have
    /// sent everything and be waiting for the answer: on the wire both look the same.
    pub half_closed_for: Duration,
    /// Time limit for running calls when the server is asked to stop.
    pub stop_within: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl ServerLimits {
    /// What suits a service on this machine.
    pub const DEFAULT: Self = Self {
        connections: 512,
        connections_per_caller: 128,
        head_within: Duration::from_secs(30),
        body_within: Duration::from_secs(10),
        taken_within: Duration::from_secs(20),
        longest_head: 128 * 1024,
        longest_body: 64 * 1024,
        half_closed_for: Duration::from_secs(30),
        stop_within: Duration::from_secs(1),
    };

    /// The same limits, but with at most half as many connections as the process may open files: the other
    /// half is for everything else.
    #[must_use]
    pub fn within_file_limit(self) -> Self {
        let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        let half = usize::try_from(files / 2).unwrap_or(usize::MAX).max(2);
        let connections = self.connections.min(half);
        Self {
            connections,
            connections_per_caller: self.connections_per_caller.min(connections / 2),
            ..self
        }
    }
}

/// The error for a body that is longer than [`ServerLimits::longest_body`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyTooLong;

/// A request that has arrived completely, or whose body is too long.
#[derive(Debug)]
pub struct WholeRequest {
    /// Method, target and headers.
    pub head: Parts,
    /// The body.
    pub body: Result<Bytes, BodyTooLong>,
    /// Where it came from.
    pub caller: SocketAddr,
    /// Whether the caller is still connected.
    pub attendance: Attendance,
}

/// What a new TLS connection begins with. It is asked for each connection, so that a renewed certificate is used.
pub type TlsSource = Arc<dyn Fn() -> Arc<ServerConfig> + Send + Sync>;

/// What all connections share.
struct Shared<H> {
    tls: Option<TlsSource>,
    limits: ServerLimits,
    http: hyper::server::conn::http1::Builder,
    handler: H,
    connections: Arc<Mutex<ConnectionTable>>,
    /// How many more connections may wait for a slot.
    lobby: Semaphore,
}

/// Serves until `shutdown` resolves. Calls that are running then are answered if they end in time.
pub async fn serve<H, F>(
    listener: TcpListener,
    limits: ServerLimits,
    handler: H,
    shutdown: impl Future<Output = ()> + Send,
) where
    H: Fn(WholeRequest) -> F + Send + Sync + 'static,
    F: Future<Output = HttpAnswer> + Send + 'static,
{
    serve_with(listener, None, limits, handler, shutdown).await;
}

/// The same over TLS, if there is any.
pub async fn serve_with<H, F>(
    listener: TcpListener,
    tls: Option<TlsSource>,
    limits: ServerLimits,
    handler: H,
    shutdown: impl Future<Output = ()> + Send,
) where
    H: Fn(WholeRequest) -> F + Send + Sync + 'static,
    F: Future<Output = HttpAnswer> + Send + 'static,
{
    let connections = ConnectionTable::new(limits.connections, limits.connections_per_caller);
    let shared = Arc::new(Shared {
        tls,
        http: connection::builder(&limits),
        connections: Arc::new(Mutex::new(connections)),
        lobby: Semaphore::new(limits.connections / 4),
        limits,
        handler,
    });
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, caller)) => admit(&shared, &mut tasks, stream, caller, &stopped),
                Err(error) => recover(&shared, &error).await,
            },
        }
    }
    drop(listener);
    stop.send_replace(true);
    let ends = async { while tasks.join_next().await.is_some() {} };
    if timeout(limits.stop_within, ends).await.is_err() {
        tracing::info!(connections = tasks.len(), "connections cut off at shutdown");
    }
}

/// Starts a task for a connection, or closes it if its caller has too many running calls.
fn admit<H, F>(
    shared: &Arc<Shared<H>>,
    tasks: &mut JoinSet<()>,
    stream: TcpStream,
    caller: SocketAddr,
    stopped: &watch::Receiver<bool>,
) where
    H: Fn(WholeRequest) -> F + Send + Sync + 'static,
    F: Future<Output = HttpAnswer> + Send + 'static,
{
    let seat = ConnectionTable::admit(&shared.connections, caller.ip());
    let (shared, stopped) = (Arc::clone(shared), stopped.clone());
    tasks.spawn(async move {
        let seat = match seat {
            Some(seat) => Some(seat),
            None => shared.wait_for_seat(caller).await,
        };
        if let Some(seat) = seat {
            connection::attend(shared, stream, caller, seat, stopped).await;
        } else {
            tracing::debug!(%caller, "connection refused: its caller has too many running calls");
        }
    });
}

/// Handles an `accept` that failed. A caller that left before its connection was accepted is no reason to
/// wait. A lack of file descriptors is one, and then an idle connection is closed.
async fn recover<H>(shared: &Shared<H>, error: &io::Error) {
    if matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    ) {
        return;
    }
    tracing::warn!(%error, "cannot accept a connection");
    ConnectionTable::relieve(&shared.connections);
    sleep(PAUSE).await;
}

/// The body of a request, or why it did not arrive.
enum Arrival {
    Whole(Bytes),
    TooLong,
    Late,
    Cut,
}

impl<H> Shared<H> {
    /// Waits a short time for a slot; `None` if none becomes free.
    async fn wait_for_seat(&self, caller: SocketAddr) -> Option<Seat> {
        let _place = self.lobby.try_acquire().ok()?;
        let seat = async {
            loop {
                sleep(PAUSE).await;
                if let Some(seat) = ConnectionTable::admit(&self.connections, caller.ip()) {
                    return seat;
                }
            }
        };
        timeout(LOBBY_TIME, seat).await.ok()
    }

    async fn read(&self, body: Incoming) -> Arrival {
        use http_body_util::{BodyExt as _, LengthLimitError, Limited};
        let whole = Limited::new(body, self.limits.longest_body).collect();
        match timeout(self.limits.body_within, whole).await {
            Ok(Ok(body)) => Arrival::Whole(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Arrival::TooLong,
            Ok(Err(_)) => Arrival::Cut,
            Err(_) => Arrival::Late,
        }
    }
}
