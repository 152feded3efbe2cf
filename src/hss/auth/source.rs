//! The sources of credentials, before anything is fetched.
//!
//! Owns the data that each kind of source needs. [`super::chain`] chooses one, [`super::cache`] fetches from
//! it.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;

use super::Credential;
use super::secret_file::{self, Stamp};
use crate::hss::endpoint::Endpoint;

/// A source and its name.
#[derive(Debug, Clone)]
pub struct ResolvedSource {
    /// The source.
    pub source: CredentialSource,
    /// Its name for people; holds no secret.
    pub name: String,
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
            Self::Given(_) | Self::Metadata(_) => None,
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

impl From<Credential> for ResolvedSource {
    /// A source that holds this credential.
    fn from(credential: Credential) -> Self {
        Self {
            source: CredentialSource::Given(credential),
            name: "given".to_owned(),
        }
    }
}
