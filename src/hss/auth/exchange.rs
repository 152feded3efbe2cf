//! Exchanges an identity token for a temporary key pair.
//!
//! Owns which service each kind of source asks: IAM for a provider's id, STS for an agency, the service of the
//! cluster for a pod. The token is read for each exchange, because a platform rotates it. Must not: decide when
//! a key pair is due.

use std::sync::Arc;
use std::time::Duration;

use super::TemporaryKeys;
use super::cached::{FETCHES_APART, Moment, WatchedFiles};
use super::identity::IdentityToken;
use super::keys_file::{self, FileCredential};
use super::pod_identity;
use super::rests::PasswordRest;
use super::secret_file;
use super::source::{CredentialSource, ResolvedSource};
use crate::hss::endpoint::Endpoint;
use crate::hss::error::Error;
use crate::hss::iam::Iam;
use crate::hss::sts::Sts;
use crate::hss::transport::{Transport, TransportContext};

/// An exchange without a key pair: the same token rests after it.
#[derive(Debug)]
pub(super) struct FailedExchange {
    at: Moment,
    rest: Duration,
    /// The files of the token, as they were.
    files: WatchedFiles,
    error: Error,
}

impl FailedExchange {
    /// An exchange at `at` that ended with `error`; `None` if the token was not sent.
    pub(super) fn of(error: &Error, at: Moment, files: &WatchedFiles) -> Option<Self> {
        PasswordRest::after(error, at.wall)?;
        Some(Self {
            at,
            rest: error.named_wait().unwrap_or_default().max(FETCHES_APART),
            files: files.clone(),
            error: error.clone(),
        })
    }

    /// Its error, while the token rests and its files are the same.
    pub(super) fn resting(&self, now: Moment, files: &WatchedFiles) -> Option<Error> {
        let rests = self.files == *files && self.at.age(now) < self.rest;
        rests.then(|| self.error.clone())
    }
}

/// The services that exchange tokens.
#[derive(Debug)]
pub(super) struct Exchanges {
    iam: Option<Arc<Iam>>,
    sts: Option<Sts>,
    pod: Option<Transport>,
}

impl Exchanges {
    /// Those that `source` may need.
    pub(super) fn of(
        source: &CredentialSource,
        iam: Option<Arc<Iam>>,
        sts: Option<Endpoint>,
        context: &TransportContext,
    ) -> Self {
        let pod = match source {
            CredentialSource::Pod(pod) => {
                let context = TransportContext {
                    limits: pod_identity::limits(),
                    ..context.clone()
                };
                Some(Transport::directly_to(pod.endpoint().clone(), context))
            }
            _ => None,
        };
        Self {
            iam,
            sts: sts.map(|endpoint| Sts::new(Transport::to(endpoint, context.clone()))),
            pod,
        }
    }

    /// Fetches a key pair for the identity token of `resolved`.
    pub(super) async fn key_pair(&self, resolved: &ResolvedSource) -> Result<TemporaryKeys, Error> {
        let read = |token: &IdentityToken| token.read().map_err(|fault| resolved.failed(&fault.to_string()));
        match &resolved.source {
            CredentialSource::Identity { provider, token } => self.of_iam(resolved, provider, token).await,
            CredentialSource::KeysFile(path) => {
                let text = secret_file::read(path).map_err(|fault| resolved.failed(&fault.to_string()))?;
                match keys_file::read(&text).map_err(|fault| resolved.failed(&fault.to_string()))? {
                    FileCredential::Identity { provider, token_file } => {
                        let token = IdentityToken::File(token_file);
                        self.of_iam(resolved, &provider, &token).await
                    }
                    FileCredential::Pair(_) => Err(resolved.failed("it changed while it was read")),
                }
            }
            CredentialSource::Agency { session, token } => {
                let sts = self.sts.as_ref();
                let sts =
                    sts.ok_or_else(|| resolved.failed("this cloud's STS is unknown: --sts-endpoint URL"))?;
                sts.assume(session, &read(token)?).await
            }
            CredentialSource::Pod(pod) => {
                let token = read(&IdentityToken::File(pod.token_file.clone()))?;
                let transport = self.pod.as_ref();
                let transport = transport.ok_or_else(|| resolved.failed("its address is missing"))?;
                pod.key_pair(transport, &token).await
            }
            _ => Err(resolved.failed("it has no identity token")),
        }
    }

    async fn of_iam(
        &self,
        resolved: &ResolvedSource,
        provider: &str,
        token: &IdentityToken,
    ) -> Result<TemporaryKeys, Error> {
        let iam = self.iam.as_ref();
        let iam = iam.ok_or_else(|| resolved.failed("it needs --region or --iam-endpoint"))?;
        if !fits_in_a_header(provider) {
            return Err(resolved.failed("the identity provider's id must be visible ASCII characters"));
        }
        let token = token
            .read()
            .map_err(|fault| resolved.failed(&fault.to_string()))?;
        iam.keys_for_identity(provider, &token).await
    }
}

/// Whether an identity provider's id can be sent.
fn fits_in_a_header(provider: &str) -> bool {
    provider.bytes().all(|byte| byte.is_ascii_graphic())
}
