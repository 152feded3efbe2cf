//! Who may call.
//!
//! Owns the check of a call's token or signature, and the set of accepted tokens: the configured one, and
//! issued ones until they expire. It never shows a token, not even in the message that the token is wrong,
//! and it stores only a digest of an issued token.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::http::HeaderMap;
use hyper::http::request::Parts;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::answers::Refusal;
use super::hex;
use super::settings::SimulatorSettings;
use super::signature::{self, ReplayGuard};

/// The longest accepted token, in bytes.
const LONGEST: usize = 32_768;

/// The largest number of issued tokens that are remembered; beyond it the oldest is forgotten.
const MOST_ISSUED: usize = 1024;

/// The check that every call has to pass.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) tokens: Tokens,
    pub(super) guard: ReplayGuard,
}

impl Gate {
    pub(super) fn new(settings: &SimulatorSettings) -> Self {
        Self {
            tokens: Tokens::new(settings),
            guard: ReplayGuard::new(settings.keys.clone()),
        }
    }

    /// Identifies the caller by a token or by a key pair.
    pub(super) fn admit<'a>(
        &self,
        call: &'a Parts,
        body: &[u8],
        now: Timestamp,
    ) -> Result<&'a [u8], Refusal> {
        if signature::is_signed(&call.headers) {
            return self.guard.check(call, body, now, Instant::now());
        }
        let token = token(&call.headers)?;
        self.tokens.check(token, now)?;
        Ok(token)
    }
}

/// The token of a call.
pub(super) fn token(headers: &HeaderMap) -> Result<&[u8], Refusal> {
    headers
        .get("x-auth-token")
        .map(hyper::http::HeaderValue::as_bytes)
        .filter(|token| (1..=LONGEST).contains(&token.len()))
        .ok_or(Refusal::TokenMissing)
}

/// The accepted tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    set: Option<SecretString>,
    /// Whether every other token is accepted too.
    any: bool,
    lifetime: Duration,
    /// Oldest first.
    issued: Mutex<VecDeque<Record>>,
}

/// What is remembered of an issued token.
#[derive(Debug)]
struct Record {
    digest: String,
    expires_at: Timestamp,
}

/// A new token.
#[derive(Debug)]
pub(super) struct IssuedToken {
    pub(super) token: SecretString,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl Tokens {
    fn new(settings: &SimulatorSettings) -> Self {
        Self {
            set: settings.token.clone(),
            any: settings.token.is_none() && settings.login.is_none() && !settings.identities.any(),
            lifetime: settings.token_lifetime,
            issued: Mutex::default(),
        }
    }

    /// Creates a token as long as a short token of IAM.
    pub(super) fn issue(&self, now: Timestamp) -> Result<IssuedToken, Refusal> {
        let token = hex::random::<256>()?;
        let expires_at = after(now, self.lifetime);
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.len() >= MOST_ISSUED {
            issued.pop_front();
        }
        issued.push_back(Record {
            digest: hex::sha256(token.as_bytes()),
            expires_at,
        });
        Ok(IssuedToken {
            token: token.into(),
            issued_at: now,
            expires_at,
        })
    }

    pub(super) fn check(&self, token: &[u8], now: Timestamp) -> Result<(), Refusal> {
        let set = self.set.as_ref().map(|set| set.expose_secret().as_bytes());
        if self.any || set.is_some_and(|set| same(token, set)) {
            return Ok(());
        }
        let digest = hex::sha256(token);
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        match issued.iter().find(|record| record.digest == digest) {
            None => Err(Refusal::TokenWrong),
            Some(Record { expires_at, .. }) if *expires_at <= now => Err(Refusal::TokenExpired {
                expires_at: *expires_at,
            }),
            Some(_) => Ok(()),
        }
    }
}

/// The time at which something that starts now ends.
pub(super) fn after(now: Timestamp, lifetime: Duration) -> Timestamp {
    now.saturating_add(lifetime).unwrap_or(Timestamp::MAX)
}

/// Compares in constant time: it does not stop at the first difference.
pub(super) fn same(given: &[u8], expected: &[u8]) -> bool {
    let differences = given
        .iter()
        .zip(expected)
        .fold(0, |seen, (one, other)| seen | (one ^ other));
    given.len() == expected.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use hyper::http::HeaderValue;

    use super::*;

    const LIFETIME: Duration = Duration::from_hours(1);

    fn headers(token: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            "x-auth-token".parse().unwrap(),
            HeaderValue::from_str(token).unwrap(),
        )])
    }

    fn tokens(set: Option<&str>) -> Tokens {
        let login = crate::simulator::PasswordLogin {
            user: "ada".into(),
            password: "canary".into(),
            domain: "company".into(),
        };
        Tokens::new(&SimulatorSettings {
            token: set.map(Into::into),
            login: Some(login),
            token_lifetime: LIFETIME,
            ..SimulatorSettings::default()
        })
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    #[test]
    fn a_token_is_neither_empty_nor_too_long() {
        assert_eq!(token(&headers("anything")), Ok(&b"anything"[..]));
        assert_eq!(token(&HeaderMap::new()), Err(Refusal::TokenMissing));
        assert_eq!(token(&headers("")), Err(Refusal::TokenMissing));
        assert!(token(&headers(&"x".repeat(LONGEST))).is_ok());
        assert_eq!(
            token(&headers(&"x".repeat(LONGEST + 1))),
            Err(Refusal::TokenMissing)
        );
    }

    #[test]
    fn any_token_is_accepted_if_neither_a_token_nor_a_login_is_set() {
        let tokens = Tokens::new(&SimulatorSettings::default());
        assert_eq!(tokens.check(b"anything", now()), Ok(()));
    }

    #[test]
    fn only_the_configured_token_and_issued_tokens_are_accepted() {
        let tokens = tokens(Some("secret"));
        let issued = tokens.issue(now()).unwrap();
        for taken in ["secret", issued.token.expose_secret()] {
            assert_eq!(tokens.check(taken.as_bytes(), now()), Ok(()));
        }
        for wrong in ["Secret", "secre", "secrets", "x"] {
            assert_eq!(tokens.check(wrong.as_bytes(), now()), Err(Refusal::TokenWrong));
        }
    }

    #[test]
    fn an_issued_token_is_valid_until_it_expires_even_if_a_new_one_is_issued() {
        let tokens = tokens(None);
        let [one, other] = [0, 60].map(|second| {
            let at = Timestamp::from_second(second).unwrap();
            tokens.issue(at).unwrap()
        });
        let check = |issued: &IssuedToken, second| {
            let at = Timestamp::from_second(second).unwrap();
            tokens.check(issued.token.expose_secret().as_bytes(), at)
        };
        assert_eq!([check(&one, 3599), check(&other, 3659)], [Ok(()), Ok(())]);
        let expires_at = after(now(), LIFETIME);
        assert_eq!(check(&one, 3600), Err(Refusal::TokenExpired { expires_at }));
    }

    #[test]
    fn the_number_of_remembered_tokens_is_limited() {
        let tokens = tokens(None);
        let first = tokens.issue(now()).unwrap().token;
        let second = tokens.issue(now()).unwrap().token;
        for _ in 0..MOST_ISSUED - 1 {
            tokens.issue(now()).unwrap();
        }
        let check = |token: &SecretString| tokens.check(token.expose_secret().as_bytes(), now());
        assert_eq!(check(&first), Err(Refusal::TokenWrong));
        assert_eq!(check(&second), Ok(()));
        assert_eq!(tokens.issued.lock().unwrap().len(), MOST_ISSUED);
    }

    #[test]
    fn debug_output_contains_no_token() {
        let tokens = tokens(Some("canary"));
        let issued = tokens.issue(now()).unwrap();
        let shown = format!("{tokens:?} {issued:?}");
        assert!(!shown.contains("canary") && !shown.contains(issued.token.expose_secret()));
    }
}
