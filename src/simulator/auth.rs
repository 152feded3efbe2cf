//! Who may call.
//!
//! Owns the check of `X-Auth-Token`. It never shows a token, not even to say that it is wrong.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};

use super::answers::Refusal;

/// The longest token there is.
const LONGEST: usize = 32_768;

/// The token of a call, if it is one that is taken.
pub(super) fn token<'a>(
    headers: &'a HeaderMap,
    expected: Option<&SecretString>,
) -> Result<&'a [u8], Refusal> {
    let given = headers
        .get("x-auth-token")
        .map(axum::http::HeaderValue::as_bytes)
        .filter(|token| (1..=LONGEST).contains(&token.len()))
        .ok_or(Refusal::TokenMissing)?;
    match expected {
        Some(expected) if !same(given, expected.expose_secret().as_bytes()) => Err(Refusal::TokenWrong),
        _ => Ok(given),
    }
}

/// Compares without stopping at the first difference.
fn same(given: &[u8], expected: &[u8]) -> bool {
    let differences = given
        .iter()
        .zip(expected)
        .fold(0, |seen, (one, other)| seen | (one ^ other));
    given.len() == expected.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(token: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            "x-auth-token".parse().unwrap(),
            HeaderValue::from_str(token).unwrap(),
        )])
    }

    #[test]
    fn any_token_is_taken_where_none_is_set() {
        assert_eq!(token(&headers("anything"), None), Ok(&b"anything"[..]));
        assert_eq!(token(&HeaderMap::new(), None), Err(Refusal::TokenMissing));
        assert_eq!(token(&headers(""), None), Err(Refusal::TokenMissing));
        assert!(token(&headers(&"x".repeat(LONGEST)), None).is_ok());
        assert_eq!(
            token(&headers(&"x".repeat(LONGEST + 1)), None),
            Err(Refusal::TokenMissing)
        );
    }

    #[test]
    fn only_the_set_token_is_taken() {
        let expected = SecretString::from("secret");
        assert!(token(&headers("secret"), Some(&expected)).is_ok());
        for wrong in ["Secret", "secre", "secrets", "x"] {
            assert_eq!(token(&headers(wrong), Some(&expected)), Err(Refusal::TokenWrong));
        }
    }
}
