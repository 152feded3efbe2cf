//! Where a credential comes from, before it is fetched.
//!
//! Owns what each kind of source needs. [`super::chain`] chooses one, [`super::cache`] fetches from it.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use secrecy::SecretString;

use super::Credential;
use super::secret_file::{self, Stamp};
use crate::hss::endpoint::Endpoint;

/// A source with its name.
#[derive(Debug, Clone)]
pub struct ResolvedSource {
    /// The source.
    pub source: CredentialSource,
    /// What it is called in front of people; names no secret.
    pub name: String,
}

/// A source of credentials.
#[derive(Clone)]
pub enum CredentialSource {
    /// A credential that is what it is.
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
    /// The metadata service of the cloud server that this runs on.
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
    /// What tells one content of its file from the next.
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
    /// Its kind alone: the arguments of a program may be secrets, against all advice.
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
    /// Whose calls it proves, as far as that is known before any is made: a word that stays the same as long as the account
    /// does, and is no secret. `None` for a token, which is another every day, and for a cloud server's own.
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

    /// Whether it proves calls with a token. Key pairs sign, and a pair that is refused too often is locked.
    pub fn is_token(&self) -> bool {
        matches!(
            self,
            Self::Given(Credential::Token(_)) | Self::TokenFile(_) | Self::Password { .. }
        )
    }
}

impl From<Credential> for ResolvedSource {
    /// A credential that is at hand.
    fn from(credential: Credential) -> Self {
        Self {
            source: CredentialSource::Given(credential),
            name: "given".to_owned(),
        }
    }
}
