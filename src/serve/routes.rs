//! Requests and their answers.
//!
//! Owns the answer to each request, from the published data. Metrics are ready as bytes; a page of pods is
//! written from the list, and a search for names waits for its turn, because it reads all pods. Must not:
//! repeat a text of a client in an answer or in the log.

use std::sync::Arc;

use hyper::header::{
    ACCEPT, AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderValue, ORIGIN, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::answers::{
    FROM_STORE, JSON, RefusalReason, SOURCE, STATE, is_of_the_api, json, kept_out, list_of_all, readiness,
    refused, text,
};
use super::guard::{ClientRole, RequestGuard};
use super::journal::{self, PageWish, TeamJournal};
use super::moved::{ConfirmationTurns, NewsTag, StateWish};
use super::pods::{ApiRefusal, PageBuffers, PodsQuery};
use super::published::{Published, PublishedSource};
use super::requests::{RequestCounts, ServedPath, project_of};
use crate::clock::Clock;
use crate::fleet::decisions::{Acknowledgement, Mute};
use crate::http_server::{HttpAnswer, WholeRequest};
use crate::metrics::accept;

/// The most searches at once: each keeps a processor or two busy.
const SEARCHES: usize = 2;

/// How many headers a page of pods has, with those that all answers have and its length.
const PAGE_HEADERS: usize = 9;

/// The description of the paths below `/v1`.
pub const OPEN_API: &str = include_str!("../../assets/openapi/hss-top-serve.json");

/// What requests are answered from.
#[derive(Debug)]
pub struct ServedData {
    /// The lists, the metrics and the changes.
    pub published: watch::Receiver<Published>,
    /// What else there is of each source, in the same order.
    pub sources: Vec<ServedSource>,
}

/// What there is of a source beside its pods.
#[derive(Debug)]
pub struct ServedSource {
    /// Whether anything of it moved.
    pub moved: watch::Receiver<NewsTag>,
    /// Whose turn it is to be told.
    pub turns: ConfirmationTurns,
    /// The decisions of the team.
    pub journal: TeamJournal,
}

/// Answers requests.
#[derive(Debug)]
pub struct RequestAnswerer {
    data: ServedData,
    counts: Arc<RequestCounts>,
    guard: RequestGuard,
    searches: Semaphore,
    buffers: PageBuffers,
    clock: Clock,
}

impl RequestAnswerer {
    /// Answers the requests that the guard accepts from this data, and counts all.
    pub fn new(data: ServedData, counts: Arc<RequestCounts>, guard: RequestGuard, clock: Clock) -> Self {
        Self {
            data,
            counts,
            guard,
            searches: Semaphore::new(SEARCHES),
            buffers: PageBuffers::default(),
            clock,
        }
    }

    /// The answer to a request.
    pub async fn answer(&self, request: &WholeRequest) -> HttpAnswer {
        let head = &request.head;
        let endpoint = ServedPath::of(head.uri.path());
        let pages = self.data.published.borrow().pages();
        let may_ask = self
            .guard
            .check(endpoint, head, request.caller.ip(), pages, Instant::now());
        let mut answer = match may_ask {
            Ok(role) => self.found(endpoint, role, request).await,
            Err(why) => kept_out(why, head),
        };
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let status = answer.status();
        self.counts.add(endpoint, status);
        let (caller, name, status) = (request.caller.ip(), endpoint.name(), status.as_u16());
        let why = answer.extensions_mut().remove::<RefusalReason>().map(|why| why.0);
        let method = head.method.as_str();
        // Probes, scrapes and pages arrive every few seconds.
        if status < 400 {
            tracing::debug!(%caller, endpoint = name, method, status, "a request was answered");
        } else {
            tracing::info!(%caller, endpoint = name, method, status, why, "a request was refused");
        }
        answer
    }

    async fn found(&self, endpoint: ServedPath, role: ClientRole, request: &WholeRequest) -> HttpAnswer {
        let head = &request.head;
        if endpoint.takes_posts() && head.method == Method::POST {
            let taken = self.decided(endpoint, role, request).await;
            return taken.map_or_else(|refusal| refused(&refusal), json);
        }
        if endpoint != ServedPath::Other && ![Method::GET, Method::HEAD].contains(&head.method) {
            let (told, allowed) = if endpoint.takes_posts() {
                ("only GET, HEAD and POST\n", "GET, HEAD, POST")
            } else {
                ("only GET and HEAD\n", "GET, HEAD")
            };
            let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, told);
            answer
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static(allowed));
            return answer;
        }
        match endpoint {
            ServedPath::Pods => self.pods(head).await.unwrap_or_else(|refusal| refused(&refusal)),
            ServedPath::State | ServedPath::Changes | ServedPath::Acks | ServedPath::Mutes => {
                let page = self.team(endpoint, head.uri.query().unwrap_or_default()).await;
                page.map_or_else(|refusal| refused(&refusal), json)
            }
            ServedPath::OpenApi => json(OPEN_API.into()),
            ServedPath::Metrics => self.metrics(head),
            ServedPath::Health => text(StatusCode::OK, "alive\n"),
            ServedPath::Ready => readiness(&self.data.published.borrow().not_ready(self.clock.now())),
            ServedPath::Other if is_of_the_api(head) => refused(&ApiRefusal::NoSuchApi),
            ServedPath::Other => text(StatusCode::NOT_FOUND, list_of_all()),
        }
    }

    /// The state of a source, or a page of its journal.
    async fn team(&self, endpoint: ServedPath, query: &str) -> Result<Vec<u8>, ApiRefusal> {
        let (place, source) = self.source_of(query)?;
        match endpoint {
            ServedPath::State => self.state(place, source, &StateWish::read(query)?).await,
            ServedPath::Changes => {
                let changes = self.published(place).changes;
                Ok(journal::changes_page(&changes, &PageWish::read(query)?))
            }
            ServedPath::Acks => source.journal.page::<Acknowledgement>(&PageWish::read(query)?),
            _ => source.journal.page::<Mute>(&PageWish::read(query)?),
        }
    }

    /// The source of the project that this query names.
    fn source_of(&self, query: &str) -> Result<(usize, &ServedSource), ApiRefusal> {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let project = pairs.find(|(name, _)| name == "project_id").map(|(_, id)| id);
        let place = self.data.published.borrow().place_of(project.as_deref())?;
        let source = self.data.sources.get(place).ok_or(ApiRefusal::NoSuchApi)?;
        Ok((place, source))
    }

    fn published(&self, place: usize) -> PublishedSource {
        let published = self.data.published.borrow();
        published.sources.get(place).cloned().unwrap_or_default()
    }

    /// How current the list is, once something moved since the tag that the client has seen.
    async fn state(
        &self,
        place: usize,
        source: &ServedSource,
        wish: &StateWish,
    ) -> Result<Vec<u8>, ApiRefusal> {
        let mut moved = source.moved.clone();
        source.turns.wait(&mut moved, wish).await;
        let moved = *moved.borrow();
        let published = self.published(place);
        let (list, currency) = (published.list, published.currency);
        let age = list.as_ref().map(|_| currency.age(self.clock.now()).as_secs());
        let snapshot_at = list.as_ref().and_then(|list| list.snapshot_at());
        let body = json!({
            "schema": "hss-top.team-state/1",
            "tag": moved.to_string(),
            "list": moved.list,
            "journal": moved.journal,
            "project_id": published.kept.project,
            "state": currency.state.word(),
            "age_seconds": age,
            "last_update_time": snapshot_at.map(Timestamp::as_millisecond),
            "total_num": list.map(|list| list.records()),
        });
        Ok(journal::ascii(&body))
    }

    /// Takes decisions that a client sent.
    async fn decided(
        &self,
        endpoint: ServedPath,
        role: ClientRole,
        request: &WholeRequest,
    ) -> Result<Vec<u8>, ApiRefusal> {
        if role != ClientRole::Decides {
            return Err(ApiRefusal::OnlyReads);
        }
        let headers = &request.head.headers;
        // A page that a browser shows may send some requests anywhere, but not with this type, and its
        // browser says where it comes from.
        if headers.contains_key(ORIGIN) {
            return Err(ApiRefusal::FromAPage);
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case(JSON) {
            return Err(ApiRefusal::NotJson);
        }
        let body = request.body.as_ref().map_err(|_| ApiRefusal::TooLong)?;
        let (_, source) = self.source_of(request.head.uri.query().unwrap_or_default())?;
        let (journal, now) = (&source.journal, self.clock.now());
        let caller = request.caller.ip();
        if endpoint == ServedPath::Acks {
            journal.take::<Acknowledgement>(body, now, caller).await
        } else {
            journal.take::<Mute>(body, now, caller).await
        }
    }

    /// A page of pods.
    async fn pods(&self, head: &Parts) -> Result<HttpAnswer, ApiRefusal> {
        let query = PodsQuery::read(head.uri.query().unwrap_or_default())?;
        let project = project_of(head.uri.path()).unwrap_or_default();
        let place = self.data.published.borrow().place_of(Some(project))?;
        let PublishedSource {
            kept, list, currency, ..
        } = self.published(place);
        kept.check(project, &query)?;
        let now = self.clock.now();
        let (Some(list), true) = (list, kept.project.is_some()) else {
            return Err(currency.not_ready(now));
        };
        let rows = if let Some(rows) = list.known_rows(&query.scope) {
            rows
        } else {
            // Equal searches are one: those who come later wait for it.
            let _turn = self.searches.acquire().await;
            let (list, scope) = (Arc::clone(&list), query.scope.clone());
            let found = spawn_blocking(move || list.rows(&scope)).await;
            found.map_err(|_| currency.not_ready(now))?
        };
        let mut answer = HttpAnswer::new(list.answer(&rows, query, &self.buffers).into());
        let age = currency.age(now).as_secs();
        let state = currency.state.word();
        let headers = answer.headers_mut();
        // A map that grows is filled anew.
        headers.reserve(PAGE_HEADERS);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        headers.insert(AGE, age.into());
        headers.insert("x-hss-top-age", age.into());
        headers.insert(SOURCE, FROM_STORE);
        headers.insert(STATE, HeaderValue::from_static(state));
        // The date is that of HSS's answer; together with the age it is the current time, as for a cache (RFC
        // 9111, 5.1).
        let date = now.checked_sub(SignedDuration::from_secs(i64::try_from(age).unwrap_or(0)));
        let date = date
            .ok()
            .and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
        if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
            headers.insert(DATE, date);
        }
        Ok(answer)
    }

    fn metrics(&self, head: &Parts) -> HttpAnswer {
        let asked = head.headers.get(ACCEPT);
        let format = accept::chosen(asked.and_then(|value| value.to_str().ok()));
        // Whoever publishes does not wait while the page is written.
        let page = Arc::clone(&self.data.published.borrow().metrics);
        let mut answer = HttpAnswer::new(page.parts(format).iter().cloned().collect());
        let kind = HeaderValue::from_static(format.content_type());
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        answer
    }
}
