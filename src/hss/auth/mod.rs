//! Authentication of calls.
//!
//! [`chain`] chooses a [`source`], [`cache`] fetches the credential from it and renews it, [`credential`]
//! adds it to a call, and [`sign`] signs with an access key pair, as pure functions. `sign_in` gets a token
//! for a password, and `exchange` a key pair for an [`identity`]; `turn`, [`rests`] and [`refusals`] keep a wrong password from being sent often. Nothing
//! here shows a secret.

mod access_list;
pub mod cache;
mod cached;
pub mod chain;
pub mod credential;
mod exchange;
pub mod identity;
pub mod keys_file;
pub mod koocli;
pub mod metadata;
pub mod pod_identity;
pub mod process;
pub mod refusals;
pub mod rests;
pub mod secret_file;
pub mod sign;
mod sign_in;
pub mod source;
pub mod temporary;
pub mod token;
mod turn;

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::secrets;
pub use crate::secrets::values::masked;
pub use credential::Credential;
pub use source::{CredentialSource, ResolvedSource};
pub use temporary::TemporaryKeys;
pub use token::Token;

/// An access key pair; a temporary one comes with a security token. `Debug` shows the first four characters
/// of the access key and nothing else.
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
    fn is_the_same_as(&self, other: &Self) -> bool {
        let exposed = |keys: &Self| {
            let token = keys
                .security_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned());
            (keys.access.clone(), keys.secret.expose_secret().to_owned(), token)
        };
        exposed(self) == exposed(other)
    }

    /// The part of the access key that may be shown: its first four characters.
    pub fn masked(&self) -> String {
        masked(&self.access)
    }

    /// From now on it is redacted in whatever is shown or written.
    fn protect(&self) {
        secrets::protect_access_key(&self.access);
        secrets::protect(self.secret.expose_secret());
        if let Some(token) = &self.security_token {
            secrets::protect(token.expose_secret());
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(access: &str, secret: &str, token: Option<&str>) -> KeyPair {
        KeyPair {
            access: access.to_owned(),
            secret: secret.into(),
            security_token: token.map(SecretString::from),
        }
    }

    #[test]
    fn two_pairs_differ_if_any_part_differs() {
        let one = || pair("HSTAABCDEF", "s3cret", Some("t0ken"));
        assert!(one().is_the_same_as(&one()));
        for other in [
            pair("HSTAABCDEX", "s3cret", Some("t0ken")),
            pair("HSTAABCDEF", "another", Some("t0ken")),
            pair("HSTAABCDEF", "s3cret", Some("another")),
            pair("HSTAABCDEF", "s3cret", None),
        ] {
            assert!(!one().is_the_same_as(&other), "{other:?}");
        }
    }

    #[test]
    fn a_pair_shows_four_characters_and_no_secret() {
        assert_eq!(
            format!("{:?}", pair("HSTAABCDEF", "s3cret", Some("t0ken"))),
            "KeyPair(HSTA…, temporary)"
        );
        assert_eq!(
            format!("{:?}", pair("HS", "s3cret", None)),
            "KeyPair(HS…, permanent)"
        );
    }
}
