//! The client of one project: a page of pods, with all that stands before it.
//!
//! Owns which endpoint is asked, with which credential and for which project, and the way from an answer to an
//! [`Answer`] or an [`Error`]. One call sends one request to HSS; the credential and the project are asked of IAM where
//! they are not known yet. Nothing is retried: [`Client::mend`] says whether another attempt may fare better, and the
//! fetch task, which pays each call from its budget, makes it.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;
use reqwest::Method;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::answer;
use super::auth::cache::{CredentialCache, InUse};
use super::auth::credential::{AuthHeaders, Call, Credential};
use super::auth::refusals::Refusals;
use super::auth::source::ResolvedSource;
use super::endpoint::Endpoint;
use super::error::{Error, ServiceName};
use super::error_body::{excerpt, is_error_body, is_error_page};
use super::iam::{Iam, Project, TokenScope};
use super::quota::Quota;
use super::request::{ListPods, ProjectId};
use super::send_by::SendBy;
use super::skew::ClockDoubt;
use super::transport::{Incoming, Outgoing, Transport, TransportContext};
use super::wire::{Page, read_page};
use crate::fleet::RemoteText;

/// A page, and what else its answer told.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The page.
    pub page: Page,
    /// `X-Request-Id`
    pub request_id: Option<RemoteText>,
    /// The project that was asked about.
    pub project: Option<ProjectId>,
    /// How far this machine's clock is behind the service's.
    pub skew: Option<SignedDuration>,
    /// By how much the service's clock and this machine's differ, where that is not believed.
    pub clock_doubt: Option<ClockDoubt>,
    /// The `Date` of the answer, where it cannot be so.
    pub odd_date: Option<RemoteText>,
    /// What the gateway told of its limits beside the page.
    pub quotas: Vec<Quota>,
}

/// Whom to ask, and as whom.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where HSS answers; the next one is taken where one cannot be reached.
    pub endpoints: Vec<Endpoint>,
    /// Where IAM answers, if anything is to be asked of it.
    pub iam: Option<Endpoint>,
    /// The region, which is the name of the project in it.
    pub region: Option<String>,
    /// The project, if it is known.
    pub project: Option<ProjectId>,
    /// Where the credential comes from.
    pub found: ResolvedSource,
}

impl Setup {
    /// One endpoint, one project, and a source of credentials that needs no IAM.
    pub fn new(endpoint: Endpoint, project: ProjectId, found: impl Into<ResolvedSource>) -> Self {
        Self {
            endpoints: vec![endpoint],
            iam: None,
            region: None,
            project: Some(project),
            found: found.into(),
        }
    }
}

/// A client of one project.
#[derive(Debug)]
pub struct Client {
    ways: Vec<Transport>,
    /// Grows when the way in use leads nowhere.
    turn: AtomicUsize,
    cache: CredentialCache,
    iam: Option<Iam>,
    region: Option<String>,
    project: OnceCell<ProjectId>,
    context: TransportContext,
}

impl Client {
    /// Prepares a client; nothing is sent yet.
    pub fn new(setup: Setup, context: TransportContext) -> Self {
        let way = |endpoint: Endpoint| Transport::to(endpoint, context.clone());
        let iam = |endpoint: &Endpoint| Iam::new(way(endpoint.clone()));
        let scope = match (&setup.project, &setup.region) {
            (Some(project), _) => Some(TokenScope::Id(project.as_str().to_owned())),
            (None, region) => region.clone().map(TokenScope::Name),
        };
        let sign_in = setup.iam.as_ref().map(iam).zip(scope);
        Self {
            ways: setup.endpoints.into_iter().map(way).collect(),
            turn: AtomicUsize::default(),
            cache: CredentialCache::new(setup.found, sign_in, context.clone()),
            iam: setup.iam.as_ref().map(iam),
            region: setup.region,
            project: OnceCell::new_with(setup.project),
            context,
        }
    }

    /// Remembers refused passwords there, also those of earlier runs.
    #[must_use]
    pub fn remembering(mut self, refusals: Option<Refusals>) -> Self {
        if let Some(refusals) = refusals {
            self.cache.remember(refusals);
        }
        self
    }

    /// What keeps the credential.
    pub fn credentials(&self) -> &CredentialCache {
        &self.cache
    }

    /// How far this machine's clock is behind the service's, as last measured; `None` where that is not known or not believed.
    pub fn skew(&self) -> Option<SignedDuration> {
        self.context.skew.measured()
    }

    /// By how much both clocks differ, where that is not believed.
    pub fn clock_doubt(&self) -> Option<ClockDoubt> {
        self.context.skew.doubt()
    }

    /// The date that the newest answer told, where it cannot be so.
    pub fn odd_date(&self) -> Option<RemoteText> {
        self.context.skew.odd()
    }

    /// Asks for one page.
    pub async fn list_pods(&self, call: &ListPods) -> Result<Answer, Error> {
        self.list_pods_by(SendBy::ANY, call).await
    }

    /// The same, but the call is not sent once it is too late for that: a sign-in may come before it, and the program may be
    /// stopped.
    ///
    /// # Errors
    /// As [`Client::list_pods`], and [`Error::Lapsed`].
    pub async fn list_pods_by(&self, by: SendBy, call: &ListPods) -> Result<Answer, Error> {
        let started = Instant::now();
        let result = self.ask(by, call).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => {
                self.cache.accepted();
                tracing::info!(
                    call = "ListK8sPods",
                    offset = call.offset(),
                    pods = answer.page.pods.len(),
                    total = answer.page.total,
                    request_id = answer.request_id.as_ref().map(RemoteText::shown),
                    ms,
                    "answered"
                );
            }
            Err(error) => {
                tracing::warn!(call = "ListK8sPods", offset = call.offset(), ms, error = %error, "failed");
            }
        }
        result
    }

    /// After a call failed with `error`: puts right what can be, so that another attempt may
    /// fare better: another credential for a refused one, the service's clock for one that it refused.
    ///
    /// # Errors
    /// What to report, where another attempt would fare no better.
    pub async fn mend(&self, error: Error) -> Result<(), Error> {
        if error.blames_the_clock() {
            return if self.context.skew.correct() {
                Ok(())
            } else {
                Err(error)
            };
        }
        if matches!(error, Error::Dropped { .. }) {
            // Only reads are reported so, and the next one goes over a new connection.
            return Ok(());
        }
        if let Some(serial) = error.refused_credential() {
            return self.cache.replace(error, serial).await;
        }
        Err(error)
    }

    async fn ask(&self, by: SendBy, call: &ListPods) -> Result<Answer, Error> {
        let InUse { credential, serial } = self.cache.credential().await?;
        let project = self.project(&credential).await?.clone();
        let turn = self.turn.load(Ordering::Relaxed);
        let Some(way) = self.ways.get(turn % self.ways.len().max(1)) else {
            return Err(Error::Unreadable {
                why: RemoteText::message("no endpoint is set"),
            });
        };
        let (path, query) = (ListPods::path(&project), call.query());
        let auth_headers = authenticate(&credential, way, &path, &query, Some(&project));
        let request = Outgoing {
            method: Method::GET,
            path,
            query,
            headers: auth_headers.headers.clone(),
            body: Vec::new(),
        };
        let mut incoming = way.send_by(by, request).await.inspect_err(|error| {
            if matches!(
                error,
                Error::Connect { .. } | Error::Tunnel { .. } | Error::Tls { .. }
            ) {
                self.turn.store(turn + 1, Ordering::Relaxed);
            }
        })?;
        let page = read(&mut incoming, way, &auth_headers, call.offset() == 0)
            .map_err(|error| error.with_credential(serial))?;
        self.context.skew.list_of(page.snapshot_at);
        Ok(Answer {
            page,
            request_id: answer::request_id(&incoming.headers),
            project: Some(project),
            skew: self.skew(),
            clock_doubt: self.clock_doubt(),
            odd_date: self.odd_date(),
            quotas: Quota::read(&incoming.headers),
        })
    }

    /// The project: as it was given, or the one that is named like the region.
    async fn project(&self, credential: &Credential) -> Result<&ProjectId, Error> {
        self.project
            .get_or_try_init(|| self.find_project(credential))
            .await
    }

    async fn find_project(&self, credential: &Credential) -> Result<ProjectId, Error> {
        let (Some(iam), Some(region)) = (&self.iam, &self.region) else {
            return Err(Error::Project {
                region: "the region".to_owned(),
                found: Vec::new(),
            });
        };
        let mut found = iam.projects(credential, Some(region)).await?;
        // IAM may take the name for a part of one.
        let named: Vec<&Project> = found
            .iter()
            .filter(|project| project.name.raw() == region)
            .collect();
        if let [project] = named.as_slice() {
            return ProjectId::new(project.id.raw()).map_err(|wrong| Error::Unreadable {
                why: RemoteText::message(&format!(
                    "the project that IAM names cannot be asked about: {wrong}"
                )),
            });
        }
        if found.is_empty() {
            found = iam.projects(credential, None).await?;
        }
        Err(Error::Project {
            region: region.clone(),
            found,
        })
    }
}

fn authenticate(
    credential: &Credential,
    way: &Transport,
    path: &str,
    query: &str,
    project: Option<&ProjectId>,
) -> AuthHeaders {
    let endpoint = way.endpoint();
    credential.authenticate(&Call {
        path: endpoint.url(path, query).path(),
        query,
        host: &endpoint.place(),
        project_id: project.map(ProjectId::as_str),
        at: way.now(),
    })
}

/// Reads a page, which may be the first of its list.
fn read(
    incoming: &mut Incoming,
    way: &Transport,
    auth_headers: &AuthHeaders,
    is_first: bool,
) -> Result<Page, Error> {
    let body = answer::body(incoming, ServiceName::Hss, way.endpoint())
        .map_err(|error| error.of_call(auth_headers))?;
    let page = read_page(body).map_err(|error| {
        if error.is_eof() {
            return Error::Incomplete;
        }
        Error::Unreadable {
            why: RemoteText::message(&error.to_string()),
        }
    })?;
    let body = page.pods.page();
    // What stands beside an error may be a part of the list, or nothing.
    if page.has_code && is_error_page(body.as_bytes()) {
        return Err(answer::error(incoming, ServiceName::Hss, body.as_bytes()));
    }
    let unproven = || page.unproven().filter(|_| is_first);
    let Some(lacks) = page.lacks().or_else(unproven) else {
        return Ok(page);
    };
    if is_error_body(body.as_bytes()) {
        return Err(answer::error(incoming, ServiceName::Hss, body.as_bytes()));
    }
    let begins = excerpt(body).map(|text| format!(": {}", text.raw()));
    let why = format!("{lacks}{}", begins.unwrap_or_default());
    Err(Error::Unreadable {
        why: RemoteText::message(&why),
    })
}
