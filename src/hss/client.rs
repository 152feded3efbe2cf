//! The client of one project: makes any call, including its preparations.
//!
//! Owns the choice of endpoint, credential and project. One call sends one request to HSS; a missing
//! credential or project is requested from IAM first. Nothing is retried: [`Client::mend`] returns whether
//! another attempt may succeed, and the fetch task, which pays each call from its budget, makes it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use super::auth::cache::{CredentialCache, InUse, SignInPlaces};
use super::auth::credential::Credential;
use super::auth::refusals::Refusals;
use super::auth::source::ResolvedSource;
use super::call::Call;
use super::call_record::CallRecords;
use super::calls::ListPods;
use super::collector_mark::CollectorState;
use super::endpoint::Endpoint;
use super::error::Error;
use super::exchange::{exchange, logged};
use super::iam::{Iam, Project, TokenScope};
use super::quota::Quota;
use super::request::ProjectId;
use super::send_by::SendBy;
use super::skew::ClockDoubt;
use super::transport::{Carrier, Transport, TransportContext};
use super::wire::Page;
use crate::fleet::RemoteText;

/// The result of a call, for example a page of pods, and other facts from its answer.
#[derive(Debug, Clone, Default)]
pub struct Answer<T = Page> {
    /// The content of the answer.
    pub value: T,
    /// `X-Request-Id`
    pub request_id: Option<RemoteText>,
    /// The project of the call.
    pub project: Option<ProjectId>,
    /// How far this machine's clock is behind the service's.
    pub skew: Option<SignedDuration>,
    /// The difference between the service's clock and this machine's, if it is not believed.
    pub clock_doubt: Option<ClockDoubt>,
    /// The `Date` of the answer, if it is impossible.
    pub odd_date: Option<RemoteText>,
    /// The gateway's limits in the headers.
    pub quotas: Vec<Quota>,
    /// How old the answer is, where another hss-top answers in the place of HSS.
    pub age: AnswerAge,
    /// The state of the other hss-top, if one answered.
    pub collector: Option<CollectorState>,
}

/// How old an answer was when it came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerAge(pub(super) Duration);

impl AnswerAge {
    /// When HSS itself answered; `received_at` is when this came.
    pub fn told_at(self, received_at: Timestamp) -> Timestamp {
        received_at.checked_sub(self.0).unwrap_or(received_at)
    }
}

/// Whom to ask, and as whom.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The endpoints of HSS; if one cannot be reached, the next one is used.
    pub endpoints: Vec<Endpoint>,
    /// The endpoint of IAM, if it is needed.
    pub iam: Option<Endpoint>,
    /// The endpoint of STS, if it is needed.
    pub sts: Option<Endpoint>,
    /// The region, which is also the name of its default project.
    pub region: Option<String>,
    /// The project, if it is known.
    pub project: Option<ProjectId>,
    /// The source of the credential.
    pub found: ResolvedSource,
    /// What carries the calls.
    pub carrier: Carrier,
}

impl Setup {
    /// One endpoint, one project, and a source of credentials that needs no IAM.
    pub fn new(endpoint: Endpoint, project: ProjectId, found: impl Into<ResolvedSource>) -> Self {
        Self {
            endpoints: vec![endpoint],
            iam: None,
            sts: None,
            region: None,
            project: Some(project),
            found: found.into(),
            carrier: Carrier::Network,
        }
    }
}

/// A client of one project.
#[derive(Debug)]
pub struct Client {
    ways: Vec<Transport>,
    /// The number of the endpoint in use; grows when that one cannot be reached.
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
        let of_secrets = TransportContext {
            carrier: setup.carrier.of_secrets(),
            ..context.clone()
        };
        let context = TransportContext {
            carrier: setup.carrier,
            ..context
        };
        let way = |endpoint: Endpoint| Transport::to(endpoint, context.clone());
        let iam = |endpoint: &Endpoint| Iam::new(Transport::to(endpoint.clone(), of_secrets.clone()));
        let scope = match (&setup.project, &setup.region) {
            (Some(project), _) => Some(TokenScope::Id(project.as_str().to_owned())),
            (None, region) => region.clone().map(TokenScope::Name),
        };
        let places = SignInPlaces {
            iam: setup.iam.as_ref().map(iam),
            scope,
            sts: setup.sts,
        };
        Self {
            ways: setup.endpoints.into_iter().map(way).collect(),
            turn: AtomicUsize::default(),
            cache: CredentialCache::new(setup.found, places, of_secrets.clone()),
            iam: setup.iam.as_ref().map(iam),
            region: setup.region,
            project: OnceCell::new_with(setup.project),
            context,
        }
    }

    /// Remembers refused passwords in `refusals`, which also holds those of earlier runs.
    #[must_use]
    pub fn remembering(mut self, refusals: Option<Refusals>) -> Self {
        if let Some(refusals) = refusals {
            self.cache.remember(refusals);
        }
        self
    }

    /// The cache of the credential.
    pub fn credentials(&self) -> &CredentialCache {
        &self.cache
    }

    /// How far this machine's clock is behind the service's, as last measured; `None` if it is unknown or not
    /// believed.
    pub fn skew(&self) -> Option<SignedDuration> {
        self.context.skew.measured()
    }

    /// The difference of both clocks, if it is not believed.
    pub fn clock_doubt(&self) -> Option<ClockDoubt> {
        self.context.skew.doubt()
    }

    /// The date of the newest answer, if it is impossible.
    pub fn odd_date(&self) -> Option<RemoteText> {
        self.context.skew.odd()
    }

    /// The last calls, those of IAM too.
    pub fn calls(&self) -> CallRecords {
        self.context.calls.records()
    }

    /// Asks for one page.
    pub async fn list_pods(&self, call: &ListPods) -> Result<Answer, Error> {
        self.call(SendBy::ANY, call).await
    }

    /// Makes a call of HSS, but not after its claim has expired: a sign-in may come first, and the program
    /// may be stopped meanwhile.
    ///
    /// # Errors
    /// Why there is no answer; [`Error::Lapsed`] if the claim had expired.
    pub async fn call<C: Call>(&self, by: SendBy, call: &C) -> Result<Answer<C::Answer>, Error> {
        logged(call, self.ask(by, call)).await
    }

    async fn ask<C: Call>(&self, by: SendBy, call: &C) -> Result<Answer<C::Answer>, Error> {
        let InUse { credential, serial } = self.cache.credential().await?;
        let project = self.project(&credential).await?;
        let turn = self.turn.load(Ordering::Relaxed);
        let Some(way) = self.ways.get(turn % self.ways.len().max(1)) else {
            return Err(Error::Unreadable {
                why: RemoteText::message("no endpoint is set"),
            });
        };
        match exchange(way, by, call, Some(&credential), Some(project)).await {
            Ok(answer) => {
                self.cache.accepted();
                self.context.skew.list_of(call.dated(&answer.value));
                Ok(Answer {
                    project: Some(project.clone()),
                    skew: self.skew(),
                    clock_doubt: self.clock_doubt(),
                    odd_date: self.odd_date(),
                    ..answer
                })
            }
            Err(error) => {
                if error.leads_nowhere() {
                    self.turn.store(turn + 1, Ordering::Relaxed);
                }
                Err(error.with_credential(serial))
            }
        }
    }

    /// After a call failed with `error`: corrects the cause if possible, so that another attempt may succeed.
    /// It replaces a refused credential, and uses the service's clock if a date was refused.
    ///
    /// # Errors
    /// The error to report, if another attempt would fail too.
    pub async fn mend(&self, error: Error) -> Result<(), Error> {
        if error.blames_the_clock() {
            return if self.context.skew.correct() {
                Ok(())
            } else {
                Err(error)
            };
        }
        if matches!(error, Error::Dropped { .. }) {
            // Only reads report this error, and the next one uses a new connection.
            return Ok(());
        }
        if let Some(serial) = error.refused_credential() {
            return self.cache.replace(error, serial).await;
        }
        Err(error)
    }

    /// The project, once it is known.
    pub fn known_project(&self) -> Option<&str> {
        self.project.get().map(ProjectId::as_str)
    }

    /// The project: the given one, or the one with the region's name.
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
        // IAM may also return names that contain this one.
        let named: Vec<&Project> = found
            .iter()
            .filter(|project| project.name.raw() == region)
            .collect();
        if let [project] = named.as_slice() {
            return ProjectId::new(project.id.raw()).map_err(|wrong| Error::Unreadable {
                why: RemoteText::message(&format!("the project that IAM named cannot be used: {wrong}")),
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
