//! Authentication with an access key pair.
//!
//! Owns the gateway's side of `SDK-HMAC-SHA256`: it rebuilds the canonical request from the call, and sends
//! it back if the caller's signature differs. It knows the configured pair, and issued pairs until they
//! expire. A pair that fails more than [`FAILURES`] times in a row is locked for [`LOCK`]. It shares no code
//! with the client's signer, and it never shows a secret key.

mod canonical;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::http::request::Parts;
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::answers::Refusal;
use super::auth::after;
use super::hex;
pub(super) use canonical::is_signed;
use canonical::{SignatureHeader, canonical, claim, parse_date, text};

/// A pair that is accepted.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// The access key.
    pub access: String,
    /// The secret key.
    pub secret: SecretString,
    /// The security token that a call must contain if the pair is a temporary one.
    pub security_token: Option<SecretString>,
}

/// The number of failures in a row that do not lock a pair yet.
const FAILURES: u32 = 5;
/// How long a pair stays locked.
const LOCK: Duration = Duration::from_mins(5);
/// The largest allowed difference between the clocks, in seconds.
const SKEW: i64 = 15 * 60;

/// The largest number of issued pairs that are remembered; beyond it the oldest is forgotten.
const MOST_ISSUED: usize = 1024;

/// The check of all pairs.
#[derive(Debug)]
pub(super) struct ReplayGuard {
    pairs: Mutex<Pairs>,
}

#[derive(Debug)]
struct Pairs {
    set: Option<Pair>,
    /// Oldest first.
    issued: VecDeque<Pair>,
}

/// A pair and its state.
#[derive(Debug)]
struct Pair {
    keys: SigningKeys,
    expires_at: Option<Timestamp>,
    failures: u32,
    locked_until: Option<Instant>,
}

/// A new temporary pair; it has a security token.
#[derive(Debug)]
pub(super) struct IssuedKeys {
    pub(super) keys: SigningKeys,
    pub(super) expires_at: Timestamp,
}

impl ReplayGuard {
    pub(super) fn new(set: Option<SigningKeys>) -> Self {
        Self {
            pairs: Mutex::new(Pairs {
                set: set.map(|keys| Pair::new(keys, None)),
                issued: VecDeque::new(),
            }),
        }
    }

    /// Creates a pair that is valid for `lifetime`.
    pub(super) fn issue(&self, lifetime: Duration, now: Timestamp) -> Result<IssuedKeys, Refusal> {
        let keys = SigningKeys {
            access: hex::random::<10>()?.to_uppercase(),
            secret: hex::random::<20>()?.into(),
            security_token: Some(hex::random::<256>()?.into()),
        };
        let expires_at = after(now, lifetime);
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        if pairs.issued.len() >= MOST_ISSUED {
            pairs.issued.pop_front();
        }
        pairs.issued.push_back(Pair::new(keys.clone(), Some(expires_at)));
        Ok(IssuedKeys { keys, expires_at })
    }

    /// Checks a signed call; returns its access key.
    pub(super) fn check<'a>(
        &self,
        call: &'a Parts,
        body: &[u8],
        now: Timestamp,
        tick: Instant,
    ) -> Result<&'a [u8], Refusal> {
        let claim = claim(&call.headers).ok_or(Refusal::SignatureMalformed)?;
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let Pairs { set, issued } = &mut *pairs;
        set.iter_mut()
            .chain(issued)
            .find(|pair| pair.keys.access == claim.access)
            .ok_or(Refusal::KeyUnknown)?
            .check(&claim, call, body, now, tick)?;
        Ok(claim.access.as_bytes())
    }
}

impl Pair {
    fn new(keys: SigningKeys, expires_at: Option<Timestamp>) -> Self {
        Self {
            keys,
            expires_at,
            failures: 0,
            locked_until: None,
        }
    }

    /// Checks a call and counts failures. For an expired pair the error is always that it has expired, even
    /// if the signature is wrong too.
    fn check(
        &mut self,
        claim: &SignatureHeader<'_>,
        call: &Parts,
        body: &[u8],
        now: Timestamp,
        tick: Instant,
    ) -> Result<(), Refusal> {
        if let Some(expires_at) = self.expires_at.filter(|expires_at| *expires_at <= now) {
            return Err(Refusal::SecurityTokenExpired { expires_at });
        }
        if self.locked_until.is_some_and(|until| tick < until) {
            return Err(Refusal::KeyLocked);
        }
        self.locked_until = None;
        let result = self.judge(claim, call, body, now);
        self.failures = if result.is_ok() { 0 } else { self.failures + 1 };
        if self.failures > FAILURES {
            self.failures = 0;
            self.locked_until = Some(tick + LOCK);
        }
        result
    }

    fn judge(
        &self,
        claim: &SignatureHeader<'_>,
        call: &Parts,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let date = text(&call.headers, "x-sdk-date");
        let signed_at = parse_date(date).ok_or(Refusal::SignatureMalformed)?;
        let names: Vec<&str> = claim.signed_headers.split(';').collect();
        if !names.contains(&"x-sdk-date") {
            return Err(Refusal::SignatureMalformed);
        }
        if now.duration_since(signed_at).as_secs().abs() > SKEW {
            return Err(Refusal::ClockOff {
                signed: date.to_owned(),
                now,
            });
        }
        let canonical = canonical(call, body, &names);
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex::sha256(canonical.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.keys.secret.expose_secret().as_bytes());
        let expected = hex::decode(claim.signature).unwrap_or_default();
        if hmac::verify(&key, to_sign.as_bytes(), &expected).is_err() {
            return Err(Refusal::SignatureWrong {
                canonical: canonical.replace('\n', "|"),
            });
        }
        let token = self
            .keys
            .security_token
            .as_ref()
            .map(secrecy::ExposeSecret::expose_secret);
        let token_signed = names.contains(&"x-security-token");
        match token {
            Some(token) if !token_signed || token != text(&call.headers, "x-security-token") => {
                Err(Refusal::SecurityTokenWrong)
            }
            _ => Ok(()),
        }
    }
}
