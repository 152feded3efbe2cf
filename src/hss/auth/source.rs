//! The sources of credentials, before anything is fetched.
//!
//! Owns the data that each kind of source needs. [`super::chain`] chooses one, [`super::cache`] fetches from
//! it.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::SecretString;

use super::Credential;
use super::identity::IdentityToken;
use super::keys_file::{self, FileCredential};
use super::pod_identity::PodIdentity;
use super::secret_file::{self, Stamp};
use crate::fleet::RemoteText;
use crate::hss::calls::AgencySession;
use crate::hss::endpoint::Endpoint;
use crate::hss::error::Error;

/// A source and its name.
#[derive(Debug, Clone)]
pub struct ResolvedSource {
    /// The source.
    pub source: CredentialSource,
    /// Its name for people; holds no secret.
    pub name: String,
}

impl ResolvedSource {
    /// The error of a source that returned no credential.
    pub(super) fn failed(&self, why: &str) -> Error {
        Error::NoCredential {
            source: self.name.clone(),
            why: RemoteText::message(why),
        }
    }
}

/// A source of credentials.
#[derive(Clone)]
pub enum CredentialSource {
    /// A credential that is given and never renewed.
    Given(Credential),
    /// A file that holds a token; read again when it changes.
    TokenFile(PathBuf),
    /// The SDK's own file with a key pair (`~/.huaweicloud/credentials`); read again when it changes.
    KeysFile(PathBuf),
    /// An IAM user's password, for which IAM issues tokens.
    Password {
        /// The IAM user's name.
        user: String,
        /// The account's name.
        domain: String,
        /// The password.
        password: Password,
    },
    /// An identity token of a provider, for which IAM issues key pairs.
    Identity {
        /// The identity provider's id.
        provider: String,
        /// The identity token.
        token: IdentityToken,
    },
    /// An identity token, for which STS issues key pairs of an agency (OIDC).
    Agency {
        /// The agency.
        session: Box<AgencySession>,
        /// The identity token.
        token: IdentityToken,
    },
    /// The service of pod identity in the cluster in which hss-top runs.
    Pod(Box<PodIdentity>),
    /// The file of KooCLI with a key pair; read again when it changes.
    KooCli {
        /// The file.
        path: PathBuf,
        /// The profile in it, if it is not the current one.
        profile: Option<String>,
    },
    /// A program that prints a key pair.
    Process(Vec<String>),
    /// The metadata service of the cloud server on which hss-top runs.
    Metadata(Endpoint),
}

/// A password, or the file that holds it.
#[derive(Debug, Clone)]
pub enum Password {
    /// The password.
    Given(SecretString),
    /// The file, which is read for each sign-in.
    File(PathBuf),
}

impl Password {
    /// The stamp of its file, which changes with the file; `None` without a file.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        match self {
            Self::Given(_) => None,
            Self::File(path) => secret_file::stamp(path),
        }
    }

    /// When its file was last written.
    pub(super) fn changed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Given(_) => None,
            Self::File(path) => path.metadata().ok()?.modified().ok()?.try_into().ok(),
        }
    }
}

impl fmt::Debug for CredentialSource {
    /// Only the kind: the arguments of a program may be secrets, against all advice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Given(_) => "Given",
            Self::TokenFile(_) => "TokenFile",
            Self::KeysFile(_) => "KeysFile",
            Self::Password { .. } => "Password",
            Self::Identity { .. } => "Identity",
            Self::Agency { .. } => "Agency",
            Self::Pod(_) => "Pod",
            Self::KooCli { .. } => "KooCli",
            Self::Process(_) => "Process",
            Self::Metadata(_) => "Metadata",
        })
    }
}

impl CredentialSource {
    /// The account whose calls it authenticates, as far as known before the first call: a text that stays the
    /// same as long as the account does, and holds no secret. `None` for a token, which changes daily, and
    /// for a cloud server's own credential.
    pub fn account(&self) -> Option<String> {
        match self {
            Self::Given(Credential::Keys(pair)) if pair.security_token.is_none() => {
                Some(format!("key {}", pair.access))
            }
            Self::Given(_) | Self::Metadata(_) | Self::Pod(_) => None,
            Self::Identity { provider, .. } => Some(format!("identity {provider}")),
            Self::Agency { session, .. } => Some(format!("agency {}", session.agency_urn)),
            Self::KooCli { path, profile } => {
                let profile = profile.as_deref().unwrap_or_default();
                Some(format!("file {} {profile}", path.display()))
            }
            Self::TokenFile(path) | Self::KeysFile(path) => Some(format!("file {}", path.display())),
            Self::Password { user, domain, .. } => Some(format!("user {domain} {user}")),
            Self::Process(command) => Some(format!("process {}", command.join(" "))),
        }
    }

    /// Whether it authenticates calls with a token. Key pairs sign, and a pair that is refused too often is
    /// locked.
    pub fn is_token(&self) -> bool {
        matches!(
            self,
            Self::Given(Credential::Token(_)) | Self::TokenFile(_) | Self::Password { .. }
        )
    }
}

impl CredentialSource {
    /// The files that decide what it gives: a change of one of them makes another credential due.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let of_token = |token: &IdentityToken| token.file().map(Path::to_owned).into_iter().collect();
        match self {
            Self::TokenFile(path) | Self::KooCli { path, .. } => vec![path.clone()],
            Self::KeysFile(path) => {
                let text = secret_file::read(path).ok();
                let read = text.and_then(|text| keys_file::read(&text).ok());
                let token = match read {
                    Some(FileCredential::Identity { token_file, .. }) => Some(token_file),
                    _ => None,
                };
                [Some(path.clone()), token].into_iter().flatten().collect()
            }
            Self::Identity { token, .. } | Self::Agency { token, .. } => of_token(token),
            Self::Pod(pod) => vec![pod.token_file.clone()],
            Self::Given(_) | Self::Password { .. } | Self::Process(_) | Self::Metadata(_) => Vec::new(),
        }
    }

    /// The file of its identity token, and the mode of that file if others can read it.
    pub fn shared_token_file(&self) -> Option<(PathBuf, u32)> {
        let is_of_a_platform = matches!(
            self,
            Self::Identity { .. } | Self::Agency { .. } | Self::Pod(_) | Self::KeysFile(_)
        );
        let last = self.files().pop().filter(|_| is_of_a_platform)?;
        let mode = secret_file::open_mode(&last)?;
        Some((last, mode))
    }
}

impl From<Credential> for ResolvedSource {
    /// A source that holds this credential.
    fn from(credential: Credential) -> Self {
        Self {
            source: CredentialSource::Given(credential),
            name: "given".to_owned(),
        }
    }
}
