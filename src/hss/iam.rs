//! IAM: tokens for a password, and the projects that a credential sees.
//!
//! Owns the connection; the calls are [`CreateToken`] and [`ListProjects`]. Must not: decide when to call, or
//! cache answers.

use super::auth::credential::Credential;
use super::calls::{CreateToken, ListProjects};
pub use super::calls::{Issued, Login, Project, TokenScope};
use super::error::Error;
use super::exchange::{exchange, logged};
use super::send_by::SendBy;
use super::transport::Transport;

/// The connection to IAM.
#[derive(Debug)]
pub struct Iam {
    transport: Transport,
}

impl Iam {
    /// Over `transport`.
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Host and port.
    pub fn place(&self) -> String {
        self.transport.endpoint().place()
    }

    /// Requests a token.
    pub async fn token(&self, login: &Login, scope: &TokenScope) -> Result<Issued, Error> {
        let call = CreateToken { login, scope };
        let answer = logged(&call, exchange(&self.transport, SendBy::ANY, &call, None, None)).await?;
        Ok(answer.value)
    }

    /// Lists the projects that `credential` sees, or only those of the given name.
    pub async fn projects(&self, credential: &Credential, name: Option<&str>) -> Result<Vec<Project>, Error> {
        let call = ListProjects { name };
        let work = exchange(&self.transport, SendBy::ANY, &call, Some(credential), None);
        let answer = logged(&call, work).await?;
        Ok(answer.value)
    }
}
