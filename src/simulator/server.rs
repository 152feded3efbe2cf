//! The simulator at work.
//!
//! Owns the order in which a call is looked at, which is that of a gateway: route, size, token, throttle, and
//! only then what the call asks for. This is the one file here that waits and that has a socket. What it answers is
//! decided elsewhere.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::answers::{Answer, Refusal, RequestId, json, put_quota};
use super::auth::Gate;
use super::estate::Estate;
use super::iam::Iam;
use super::page::Page;
use super::query::{self, Query};
use super::route::{Operation, Route};
use super::settings::Settings;
use super::snapshot::Album;
use super::throttle::{Quota, Throttle};
use crate::clock::Clock;

/// The longest body that is taken, in bytes. No call needs as much; the gateway itself takes 12 MB.
const LONGEST_BODY: usize = 64 * 1024;

/// A service that looks like HSS and knows a company's pods.
#[derive(Debug)]
pub struct Simulator {
    settings: Settings,
    clock: Clock,
    estate: Estate,
    album: Album,
    throttle: Option<Throttle>,
    gate: Gate,
    iam: Iam,
    calls: AtomicU64,
}

impl Simulator {
    /// A simulator whose first snapshot was taken some minutes ago.
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let Settings {
            seed,
            pods,
            serverless,
            mirrored,
            ..
        } = settings;
        Self {
            estate: Estate::new(seed, pods, serverless, mirrored),
            album: Album::new(clock.clone(), settings.snapshot_every),
            throttle: settings.calls_per_minute.map(Throttle::new),
            gate: Gate::new(&settings),
            iam: Iam::new(settings.login.clone(), settings.projects.clone()),
            calls: AtomicU64::new(0),
            settings,
            clock,
        }
    }

    /// Answers calls until `shutdown` resolves; those that are being answered by then are finished.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        self.iam.settle(listener.local_addr()?);
        let service = Router::new()
            .fallback(receive)
            .with_state(Arc::new(self))
            .into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service)
            .with_graceful_shutdown(shutdown)
            .await
    }

    /// Decides about one call; tells the caller's quota if asked to.
    async fn answer(
        self: Arc<Self>,
        call: &Parts,
        body: Body,
        caller: IpAddr,
    ) -> Result<(Answer, Option<Quota>), Refusal> {
        let route = Route::find(&call.method, call.uri.path())?;
        let body = read(body).await?;
        match route {
            Route::Hss { operation, project } => {
                let user = self.gate.admit(call, &body, self.clock.now())?;
                let admitted = self.admit(operation, user, caller);
                let quota = is_debug(call).then(|| self.quota(operation, user, caller));
                let answer = match admitted {
                    Ok(()) => self.perform(operation, project, call).await,
                    Err(refusal) => Err(refusal),
                };
                Ok((answer.into(), quota.flatten()))
            }
            Route::Iam(operation) => {
                let now = self.clock.now();
                let answer = self.iam.answer(operation, call, &body, &self.gate, now);
                Ok((answer.into(), None))
            }
        }
    }

    async fn perform(
        self: Arc<Self>,
        operation: Operation,
        project: &str,
        call: &Parts,
    ) -> Result<Answer, Refusal> {
        query::check_project(project)?;
        let asked = call.uri.query().unwrap_or_default();
        match operation {
            Operation::ListPods => self.page(Query::parse(asked)?).await,
            Operation::Synchronise => {
                query::enterprise_project(asked)?;
                self.album.take();
                Ok(Answer::Done)
            }
        }
    }

    fn admit(&self, operation: Operation, user: &[u8], caller: IpAddr) -> Result<(), Refusal> {
        let Some(throttle) = &self.throttle else {
            return Ok(());
        };
        throttle
            .admit(operation, user, caller, Instant::now())
            .map_err(|policy| Refusal::Throttled {
                policy,
                limit: throttle.limit(),
            })
    }

    fn quota(&self, operation: Operation, user: &[u8], caller: IpAddr) -> Option<Quota> {
        let throttle = self.throttle.as_ref()?;
        Some(throttle.quota(operation, user, caller, Instant::now()))
    }

    /// A search may look at every pod, so it is done where it keeps nobody waiting.
    async fn page(self: Arc<Self>, query: Query) -> Result<Answer, Refusal> {
        let snapshot = self.album.current();
        let page = tokio::task::spawn_blocking(move || {
            json(&Page::of(&self.estate, &snapshot, &query, self.settings.lists))
        });
        page.await.map(Answer::Page).map_err(|_| Refusal::Broken)
    }

    fn next_request_id(&self) -> RequestId {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        RequestId::of(self.settings.seed, call)
    }
}

/// Whether the caller wants to see what the gateway counts.
fn is_debug(call: &Parts) -> bool {
    call.headers
        .get("x-apig-mode")
        .is_some_and(|mode| mode == "debug")
}

/// A body that ends early is called too large as well: nobody is left to be told otherwise.
async fn read(body: Body) -> Result<Bytes, Refusal> {
    to_bytes(body, LONGEST_BODY)
        .await
        .map_err(|_| Refusal::BodyTooLarge)
}

/// The door: holds an answer back for as long as the settings say, and seals it.
async fn receive(
    State(simulator): State<Arc<Simulator>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let request_id = simulator.next_request_id();
    tokio::time::sleep(simulator.settings.latency).await;
    let (call, body) = request.into_parts();
    let answer = Arc::clone(&simulator).answer(&call, body, caller.ip()).await;
    let (answer, quota) = answer.unwrap_or_else(|refusal| (Answer::Refused(refusal), None));
    tracing::info!(%request_id, method = %call.method, uri = %call.uri, status = answer.status().as_u16());
    let mut response = answer.seal(&request_id, simulator.clock.now());
    if let Some(quota) = quota {
        put_quota(response.headers_mut(), &quota);
    }
    response
}
