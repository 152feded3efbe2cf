//! IAM: tokens for a password, key pairs for an identity token, and the projects that a credential sees.
//!
//! Owns the connection; the calls are [`CreateToken`], [`CreateIdentityToken`], [`CreateTemporaryKeys`] and
//! [`ListProjects`]. Must not: decide when to call, or cache answers.

use secrecy::SecretString;

use super::auth::TemporaryKeys;
use super::auth::credential::Credential;
use super::calls::{CreateIdentityToken, CreateTemporaryKeys, CreateToken, ListProjects};
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

    /// Exchanges the identity token of this provider for a token, and that for a key pair.
    pub async fn keys_for_identity(
        &self,
        provider: &str,
        token: &SecretString,
    ) -> Result<TemporaryKeys, Error> {
        let call = CreateIdentityToken { provider, token };
        let unscoped = logged(&call, exchange(&self.transport, SendBy::ANY, &call, None, None)).await?;
        unscoped.value.protect();
        let call = CreateTemporaryKeys {
            token: &unscoped.value,
        };
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
