//! The part of IAM that a client of HSS needs.
//!
//! Owns its operations: sign-in with a password or an identity token for a token, the list of projects, and a
//! temporary key pair for a token; beside them what STS and pod identity answer. The gate decides who may call
//! and issues the credentials; this module asks it. Must not: store a token or a key, or return one anywhere
//! except where the API does.

mod answer;
mod body;
mod fault;
mod identity;
mod project;
mod security_token;
mod token;

use std::net::SocketAddr;
use std::time::Duration;

use hyper::http::request::Parts;
use jiff::Timestamp;

pub(super) use answer::IamAnswer;
use body::Body;
pub(super) use fault::IamFault;
pub use identity::{AcceptedToken, KnownAgency, KnownIdentities, KnownProvider};
pub use project::IamProject;
use security_token::Exchange;
pub use token::PasswordLogin;
use token::SignIn;

use super::auth::{self, Gate};
use super::hex;
use super::query::QueryParameters;
use super::settings::SimulatorSettings;

/// An operation of IAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IamOperation {
    /// Creates a token for a name and a password.
    CreateToken,
    /// Lists the projects of the account.
    ListProjects,
    /// Creates a temporary key pair for a token.
    CreateSecurityToken,
    /// Creates a token without a project for an identity token.
    CreateIdentityToken,
    /// Creates a temporary key pair of an agency for an identity token (STS).
    AssumeAgency,
    /// Creates a temporary key pair for a pod (pod identity).
    CreatePodCredential,
}

/// The account: its one user and its projects.
#[derive(Debug)]
pub(super) struct IamService {
    login: Option<PasswordLogin>,
    identities: KnownIdentities,
    /// How long the key pair of a pod is valid.
    lifetime: Duration,
    projects: Vec<IamProject>,
    home: String,
}

/// The account's name if nobody can sign in.
const NAMELESS: &str = "simulated";

impl IamService {
    pub(super) fn new(settings: &SimulatorSettings) -> Self {
        Self {
            login: settings.login.clone(),
            identities: settings.identities.clone(),
            lifetime: settings.token_lifetime,
            projects: settings.projects.clone(),
            home: String::new(),
        }
    }

    /// Sets the address that the links begin with.
    pub(super) fn settle(&mut self, address: SocketAddr) {
        self.home = format!("http://{address}");
    }

    pub(super) fn answer(
        &self,
        operation: IamOperation,
        call: &Parts,
        body: &[u8],
        gate: &Gate,
        now: Timestamp,
    ) -> Result<IamAnswer, IamFault> {
        let query = QueryParameters::parse(call.uri.query().unwrap_or_default());
        match operation {
            IamOperation::CreateToken => {
                let with_catalog = query.get("nocatalog").unwrap_or_default().is_empty();
                self.create_token(&Body::parse(body)?, with_catalog, gate, now)
            }
            IamOperation::ListProjects => {
                gate.admit(call, body, now)?;
                let listed = project::list(&self.projects, query.get("name"), self.domain(), &self.home);
                Ok(IamAnswer::found(&listed))
            }
            IamOperation::CreateSecurityToken => {
                let body = Body::parse(body)?;
                let exchange = Exchange::read(&body)?;
                let token = match exchange.token {
                    Some(token) => token.as_bytes(),
                    None => auth::token(&call.headers)?,
                };
                gate.tokens.check(token, now)?;
                let issued = gate.guard.issue(exchange.lifetime, now)?;
                Ok(IamAnswer::created(&security_token::spell_out(&issued)))
            }
            IamOperation::CreateIdentityToken => {
                identity::admit_to_iam(&self.identities, &call.headers, &Body::parse(body)?)?;
                let issued = gate.tokens.issue(now)?;
                let answer = IamAnswer::created(&identity::describe(&issued));
                Ok(answer.with_subject_token(issued.token))
            }
            IamOperation::AssumeAgency => {
                let lifetime = identity::admit_to_agency(&self.identities, &Body::parse(body)?)?;
                let issued = gate.guard.issue(lifetime, now)?;
                Ok(IamAnswer::found(&identity::of_agency(&issued)))
            }
            IamOperation::CreatePodCredential => {
                Body::parse(body)?;
                identity::admit_pod(&self.identities, &call.headers)?;
                let issued = gate.guard.issue(self.lifetime, now)?;
                Ok(IamAnswer::found(&identity::of_pod(&issued)))
            }
        }
    }

    fn create_token(
        &self,
        body: &Body,
        with_catalog: bool,
        gate: &Gate,
        now: Timestamp,
    ) -> Result<IamAnswer, IamFault> {
        let sign_in = SignIn::read(body)?;
        let login = self.login.as_ref().filter(|login| login.is_of(&sign_in));
        let login = login.ok_or(IamFault::LoginWrong)?;
        let project = sign_in.scope.find(&self.projects).ok_or(IamFault::ScopeWrong)?;
        let issued = gate.tokens.issue(now)?;
        let home = with_catalog.then_some(self.home.as_str());
        let answer = IamAnswer::created(&token::spell_out(login, project, &issued, home));
        Ok(answer.with_subject_token(issued.token))
    }

    fn domain(&self) -> &str {
        self.login.as_ref().map_or(NAMELESS, |login| &login.domain)
    }
}

/// The id that belongs to a name; the same name always has the same id.
fn id_of(name: &str) -> String {
    hex::sha256(name.as_bytes()).chars().take(32).collect()
}
