//! The simulator as a running service.
//!
//! Owns the order of the checks of a call, which is the order of a gateway: route, size, token, throttle, and
//! then the parameters. Other modules decide what it answers.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::http::request::Parts;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::answers::{Refusal, RequestId, ServerAnswer, json, put_quota};
use super::auth::Gate;
use super::fleet::SimulatedFleet;
use super::iam::IamService;
use super::page::PageAnswer;
use super::query::{self, ListQuery};
use super::route::{ApiRoute, Operation};
use super::searches::{SearchStop, Searches};
use super::settings::SimulatorSettings;
use super::snapshot::Snapshots;
use super::throttle::{CallCounter, CallsLeft};
use crate::clock::Clock;
use crate::http_server::{self, Attendance, BodyTooLong, CallerKey, HttpAnswer, ServerLimits, WholeRequest};

/// The longest accepted body, in bytes. No call needs more; the gateway itself accepts 12 MB.
const LONGEST_BODY: usize = 64 * 1024;

/// A service that behaves like HSS and lists simulated pods.
#[derive(Debug)]
pub struct Simulator {
    settings: SimulatorSettings,
    clock: Clock,
    fleet: SimulatedFleet,
    snapshots: Snapshots,
    throttle: Option<CallCounter>,
    gate: Gate,
    iam: IamService,
    /// Turns of pages that need no search of single pods, so they are fast.
    pages: Searches,
    /// Turns of pages that need a search of single pods.
    searches: Searches,
    calls: AtomicU64,
}

impl Simulator {
    /// A simulator whose first snapshot is some minutes old.
    pub fn new(settings: SimulatorSettings, clock: Clock) -> Self {
        let SimulatorSettings {
            seed,
            pods,
            serverless,
            mirrored,
            ..
        } = settings;
        Self {
            fleet: SimulatedFleet::new(seed, pods, serverless, mirrored),
            snapshots: Snapshots::new(clock.clone(), settings.snapshot_every, settings.past.as_ref()),
            throttle: settings.calls_per_minute.map(CallCounter::new),
            gate: Gate::new(&settings),
            iam: IamService::new(&settings),
            pages: Searches::new(),
            searches: Searches::new(),
            calls: AtomicU64::new(0),
            settings,
            clock,
        }
    }

    /// Answers calls until `shutdown` resolves; calls that are running by then are finished if they end soon.
    pub async fn serve(
        mut self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        self.iam.settle(listener.local_addr()?);
        let limits = ServerLimits {
            longest_body: LONGEST_BODY,
            ..ServerLimits::default()
        };
        let simulator = Arc::new(self);
        let handler = move |request| receive(Arc::clone(&simulator), request);
        http_server::serve(listener, limits.within_file_limit(), handler, shutdown).await;
        Ok(())
    }

    /// Handles one call; adds the caller's quota if the call asks for it.
    async fn answer(
        self: Arc<Self>,
        request: &WholeRequest,
    ) -> Result<(ServerAnswer, Option<CallsLeft>), Refusal> {
        let WholeRequest {
            head: call, caller, ..
        } = request;
        let route = ApiRoute::find(&call.method, call.uri.path())?;
        let body = request
            .body
            .as_ref()
            .map_err(|BodyTooLong| Refusal::BodyTooLarge)?;
        match route {
            ApiRoute::Hss { operation, project } => {
                let user = self.gate.admit(call, body, self.clock.now())?;
                let admitted = self.admit(operation, user, caller.ip());
                let quota = is_debug(call).then(|| self.quota(operation, user, caller.ip()));
                let attendance = request.attendance.clone();
                let key = CallerKey::of(caller.ip());
                let answer = match admitted {
                    Ok(()) => self.perform(operation, project, call, key, attendance).await,
                    Err(refusal) => Err(refusal),
                };
                Ok((answer.into(), quota.flatten()))
            }
            ApiRoute::IamService(operation) => {
                let now = self.clock.now();
                let answer = self.iam.answer(operation, call, body, &self.gate, now);
                Ok((answer.into(), None))
            }
        }
    }

    async fn perform(
        self: Arc<Self>,
        operation: Operation,
        project: &str,
        call: &Parts,
        caller: CallerKey,
        attendance: Attendance,
    ) -> Result<ServerAnswer, Refusal> {
        query::check_project(project)?;
        let asked = call.uri.query().unwrap_or_default();
        match operation {
            Operation::ListPods => self.page(ListQuery::parse(asked)?, caller, attendance).await,
            Operation::Synchronise => {
                query::enterprise_project(asked)?;
                self.snapshots.take();
                Ok(ServerAnswer::Done)
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

    fn quota(&self, operation: Operation, user: &[u8], caller: IpAddr) -> Option<CallsLeft> {
        let throttle = self.throttle.as_ref()?;
        Some(throttle.quota(operation, user, caller, Instant::now()))
    }

    /// Pages without a search have turns of their own, so they never wait for a search.
    async fn page(
        self: Arc<Self>,
        query: ListQuery,
        caller: CallerKey,
        attendance: Attendance,
    ) -> Result<ServerAnswer, Refusal> {
        let is_at_hand = query.filter.takes_whole_clusters();
        let snapshot = self.snapshots.current();
        let simulator = Arc::clone(&self);
        let find = move |stop: &SearchStop| {
            let Self { fleet, settings, .. } = &*simulator;
            json(&PageAnswer::of(fleet, &snapshot, &query, settings.lists, stop))
        };
        let turns = if is_at_hand { &self.pages } else { &self.searches };
        let page = turns.run(caller, attendance, find).await;
        page.map(ServerAnswer::PageAnswer)
    }

    fn next_request_id(&self) -> RequestId {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        RequestId::of(self.settings.seed, call)
    }
}

/// Whether the caller asks for the gateway's quota headers.
fn is_debug(call: &Parts) -> bool {
    call.headers
        .get("x-apig-mode")
        .is_some_and(|mode| mode == "debug")
}

/// Handles one request: answers it, delays the answer as the settings say, and adds the headers.
async fn receive(simulator: Arc<Simulator>, request: WholeRequest) -> HttpAnswer {
    let request_id = simulator.next_request_id();
    tokio::time::sleep(simulator.settings.latency).await;
    let answer = Arc::clone(&simulator).answer(&request).await;
    let (answer, quota) = answer.unwrap_or_else(|refusal| (ServerAnswer::Refused(refusal), None));
    let WholeRequest { head, .. } = request;
    tracing::info!(%request_id, method = %head.method, uri = %head.uri, status = answer.status().as_u16());
    let mut response = answer.seal(&request_id, simulator.clock.now());
    if let Some(quota) = quota {
        put_quota(response.headers_mut(), &quota);
    }
    response
}
