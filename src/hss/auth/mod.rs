//! How a call proves who makes it.
//!
//! [`chain`] finds a credential, [`credential`] puts it on a call, [`sign`] signs with an access key pair, as pure
//! functions. Nothing here sends, and nothing here shows a secret.

pub mod chain;
pub mod credential;
pub mod secret_file;
pub mod sign;
pub mod token;

use std::fmt;

use secrecy::SecretString;

pub use credential::Credential;
pub use token::Token;

/// An access key pair; a temporary one comes with a security token. `Debug` shows the first four characters of
/// the access key and nothing else.
#[derive(Clone)]
pub struct KeyPair {
    /// The access key's id (AK).
    pub access: String,
    /// The secret key (SK).
    pub secret: SecretString,
    /// The security token of a temporary pair.
    pub security_token: Option<SecretString>,
}

impl KeyPair {
    /// The access key as it may be shown: its first four characters.
    pub fn masked(&self) -> String {
        let start: String = self.access.chars().take(4).collect();
        format!("{start}…")
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.security_token.is_some() {
            "temporary"
        } else {
            "permanent"
        };
        write!(f, "KeyPair({}, {kind})", self.masked())
    }
}
