//! The token that authenticates a call.
//!
//! Owns the secret and its documented length. Must not: show the token in any form.

use std::ops::RangeInclusive;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use crate::hss::request::OutOfRange;

/// The documented length of `X-Auth-Token` in characters (API page).
const TOKEN_CHARS: RangeInclusive<usize> = 1..=32_768;

/// An `X-Auth-Token`. `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Token(SecretString);

impl Token {
    /// Trims the token; refuses one that no header could carry.
    pub fn new(text: &str) -> Result<Self, OutOfRange> {
        let text = text.trim();
        let length = text.chars().count();
        let refused = |value: String| OutOfRange {
            parameter: "X-Auth-Token",
            value,
            range: format!(
                "{} to {} visible ASCII characters",
                TOKEN_CHARS.start(),
                TOKEN_CHARS.end()
            ),
        };
        if length == 0 {
            return Err(refused("empty".to_owned()));
        }
        if !TOKEN_CHARS.contains(&length) {
            return Err(refused(format!("{length} characters long")));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused(
                "a text with spaces, control or non-ASCII characters".to_owned(),
            ));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// Whether both are the same token.
    pub(super) fn is_the_same_as(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }

    /// From now on it is redacted in whatever is shown or written.
    pub(in crate::hss) fn protect(&self) {
        crate::secrets::protect(self.0.expose_secret());
    }

    /// The token itself, for the body of a call that exchanges it.
    pub(in crate::hss) fn exposed(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value of the header, marked as sensitive.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.0.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_and_characters_are_checked_without_showing_the_token() {
        assert!(Token::new("a").is_ok() && Token::new(&"a".repeat(32_768)).is_ok());
        assert!(Token::new(" token\n").is_ok());
        for text in [
            "",
            " \n",
            &"secret".repeat(6000),
            "secret secret",
            "secret\u{7f}",
            "секрет",
        ] {
            let sentence = Token::new(text).unwrap_err().to_string();
            assert!(sentence.starts_with("X-Auth-Token is "), "{sentence}");
            assert!(
                sentence.contains("1 to 32768") && !sentence.contains("secret"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::new("canary-token").unwrap();
        assert!(!format!("{token:?} {:?}", token.header()).contains("canary"));
    }
}
