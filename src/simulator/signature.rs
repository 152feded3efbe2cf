//! Who may call with an access key pair.
//!
//! Owns the gateway's side of `SDK-HMAC-SHA256`: it rebuilds the canonical request from what arrived, and tells a
//! caller whose signature differs what it built. It knows the pair that is set and those that were issued, until they
//! expire. A pair that fails more than [`FAILURES`] times in a row is locked for [`LOCK`]. It shares no code with the signer of the client. It never shows a secret key.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::answers::Refusal;
use super::auth::after;
use super::hex;

/// A pair that is taken.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    /// The access key.
    pub access: String,
    /// The secret key.
    pub secret: SecretString,
    /// The security token that has to come along, if the pair is a temporary one.
    pub security_token: Option<SecretString>,
}

/// Failures in a row that a pair survives.
const FAILURES: u32 = 5;
/// How long a pair is locked.
const LOCK: Duration = Duration::from_mins(5);
/// How far the caller's clock may be off, in seconds.
const SKEW: i64 = 15 * 60;

/// How many issued pairs are remembered; beyond it the oldest is forgotten.
const MOST_ISSUED: usize = 1024;

/// The guard of all pairs.
#[derive(Debug)]
pub(super) struct Guard {
    pairs: Mutex<Pairs>,
}

#[derive(Debug)]
struct Pairs {
    set: Option<Pair>,
    /// Oldest first.
    issued: VecDeque<Pair>,
}

/// A pair and its record.
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

/// What `Authorization` says.
struct Claim<'a> {
    access: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl Guard {
    pub(super) fn new(set: Option<SigningKeys>) -> Self {
        Self {
            pairs: Mutex::new(Pairs {
                set: set.map(|keys| Pair::new(keys, None)),
                issued: VecDeque::new(),
            }),
        }
    }

    /// Makes a pair that is good for that long.
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

    /// Checks a signed call; answers the access key that made it.
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

    /// Judges a call and keeps the record. A pair that has expired is told so whatever it signed.
    fn check(
        &mut self,
        claim: &Claim<'_>,
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

    fn judge(&self, claim: &Claim<'_>, call: &Parts, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
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

/// Whether a call comes signed.
pub(super) fn is_signed(headers: &HeaderMap) -> bool {
    text(headers, "authorization").starts_with("SDK-HMAC-SHA256 ")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim()
}

fn claim(headers: &HeaderMap) -> Option<Claim<'_>> {
    let parts = text(headers, "authorization").strip_prefix("SDK-HMAC-SHA256 ")?;
    let parts: BTreeMap<&str, &str> = parts
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    Some(Claim {
        access: parts.get("Access")?,
        signed_headers: parts.get("SignedHeaders")?,
        signature: parts.get("Signature")?,
    })
}

fn parse_date(date: &str) -> Option<Timestamp> {
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?;
    civil
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|at| at.timestamp())
}

fn canonical(call: &Parts, body: &[u8], names: &[&str]) -> String {
    let mut path = recode(call.uri.path());
    if !path.ends_with('/') {
        path.push('/');
    }
    let mut query: Vec<(String, String)> = call
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (recode(name), recode(value)))
        .collect();
    query.sort();
    let query: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let headers: String = names
        .iter()
        .flat_map(|name| [*name, ":", text(&call.headers, name), "\n"])
        .collect();
    let (method, query, signed) = (call.method.as_str(), query.join("&"), names.join(";"));
    format!(
        "{method}\n{path}\n{query}\n{headers}\n{signed}\n{}",
        hex::sha256(body)
    )
}

/// Writes what is percent-encoded in the one form that signatures know.
fn recode(text: &str) -> String {
    let mut recoded = String::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escaped = rest
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| hex::decode(std::str::from_utf8(digits).ok()?));
        let byte = escaped.and_then(|bytes| bytes.first().copied());
        if byte.is_some() {
            rest = rest.get(2..).unwrap_or_default();
        }
        let byte = byte.unwrap_or(*first);
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) && (byte != b'/' || *first == b'/') {
            recoded.push(char::from(byte));
        } else {
            recoded.push('%');
            recoded.push_str(&hex::encode(&[byte]).to_uppercase());
        }
    }
    recoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(Some(keys("AK", None)))
    }

    fn keys(access: &str, security_token: Option<SecretString>) -> SigningKeys {
        SigningKeys {
            access: access.into(),
            secret: "canary-sk".into(),
            security_token,
        }
    }

    /// A call without a body, signed by hand with `secret`, at `date`.
    fn call(secret: &str, date: &str) -> Parts {
        call_of("AK", secret, date)
    }

    fn call_of(access: &str, secret: &str, date: &str) -> Parts {
        let mut call = axum::http::Request::get("/v5/p/kubernetes/pods?limit=10&cluster_name=a%20b%2F~")
            .header("x-sdk-date", date)
            .header("host", "h:1")
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let canonical = format!(
            "GET\n/v5/p/kubernetes/pods/\ncluster_name=a%20b%2F~&limit=10\nhost:h:1\nx-sdk-date:{date}\n\n\
             host;x-sdk-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex::sha256(canonical.as_bytes()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hex::encode(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let value =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders=host;x-sdk-date, Signature={signature}");
        call.headers.insert("authorization", value.parse().unwrap());
        call
    }

    fn now() -> Timestamp {
        "2025-08-15T09:30:15Z".parse().unwrap()
    }

    #[test]
    fn a_right_signature_is_taken_and_a_wrong_one_is_told_what_was_built() {
        let (guard, tick) = (guard(), Instant::now());
        let right = call("canary-sk", "20250815T093015Z");
        assert_eq!(guard.check(&right, b"", now(), tick), Ok(&b"AK"[..]));
        let Err(Refusal::SignatureWrong { canonical }) = guard
            .check(&call("another", "20250815T093015Z"), b"", now(), tick)
            .map(<[u8]>::to_vec)
        else {
            panic!("taken")
        };
        assert!(
            canonical.starts_with("GET|/v5/p/kubernetes/pods/|cluster_name=a%20b%2F~&limit=10|host:h:1|")
        );
        assert!(!canonical.contains("canary"));
    }

    #[test]
    fn a_body_that_was_not_signed_is_refused() {
        let (guard, tick) = (guard(), Instant::now());
        let call = call("canary-sk", "20250815T093015Z");
        let refused = guard.check(&call, b"{}", now(), tick);
        let Err(Refusal::SignatureWrong { canonical }) = refused else {
            panic!("{refused:?}")
        };
        assert!(canonical.ends_with("|44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    }

    #[test]
    fn clocks_may_differ_by_a_quarter_of_an_hour() {
        let (guard, tick) = (guard(), Instant::now());
        for (date, fine) in [
            ("20250815T091515Z", true),
            ("20250815T094515Z", true),
            ("20250815T091514Z", false),
            ("20250815T094516Z", false),
            ("yesterday", false),
        ] {
            assert_eq!(
                guard.check(&call("canary-sk", date), b"", now(), tick).is_ok(),
                fine,
                "{date}"
            );
        }
    }

    #[test]
    fn a_pair_that_fails_too_often_is_locked_for_five_minutes() {
        let (guard, tick) = (guard(), Instant::now());
        let (wrong, right) = (
            call("another", "20250815T093015Z"),
            call("canary-sk", "20250815T093015Z"),
        );
        for _ in 0..=FAILURES {
            assert!(matches!(
                guard.check(&wrong, b"", now(), tick),
                Err(Refusal::SignatureWrong { .. })
            ));
        }
        assert_eq!(guard.check(&right, b"", now(), tick), Err(Refusal::KeyLocked));
        assert!(guard.check(&right, b"", now(), tick + LOCK).is_ok());
    }

    #[test]
    fn the_failures_of_one_pair_do_not_lock_another() {
        let (guard, tick) = (guard(), Instant::now());
        let issued = guard.issue(LOCK, now()).unwrap().keys;
        let date = "20250815T093015Z";
        for _ in 0..=FAILURES {
            for access in [&*issued.access, "nobody's"] {
                let wrong = call_of(access, "another", date);
                assert!(guard.check(&wrong, b"", now(), tick).is_err());
            }
        }
        let check = |call| guard.check(&call, b"", now(), tick).map(<[u8]>::to_vec);
        let locked = call_of(&issued.access, issued.secret.expose_secret(), date);
        assert_eq!(check(locked), Err(Refusal::KeyLocked));
        assert_eq!(
            check(call_of("nobody's", "another", date)),
            Err(Refusal::KeyUnknown)
        );
        assert!(check(call("canary-sk", date)).is_ok());
    }

    #[test]
    fn an_issued_pair_needs_its_security_token_and_expires() {
        let (guard, tick) = (Guard::new(None), Instant::now());
        let issued = guard.issue(Duration::from_mins(10), now()).unwrap();
        let keys = &issued.keys;
        let call = call_of(&keys.access, keys.secret.expose_secret(), "20250815T093015Z");
        let check = |now| guard.check(&call, b"", now, tick).map(<[u8]>::to_vec);
        assert_eq!(check(now()), Err(Refusal::SecurityTokenWrong));
        let expires_at = issued.expires_at;
        assert_eq!(
            check(expires_at),
            Err(Refusal::SecurityTokenExpired { expires_at })
        );
    }

    #[test]
    fn a_crowd_of_pairs_does_not_fill_the_memory_nor_push_the_set_one_out() {
        let guard = guard();
        for _ in 0..=MOST_ISSUED {
            guard.issue(LOCK, now()).unwrap();
        }
        assert_eq!(guard.pairs.lock().unwrap().issued.len(), MOST_ISSUED);
        let call = call("canary-sk", "20250815T093015Z");
        assert!(guard.check(&call, b"", now(), Instant::now()).is_ok());
    }

    #[test]
    fn no_secret_shows() {
        let guard = Guard::new(Some(keys("AK", Some("canary-token".into()))));
        let issued = guard.issue(LOCK, now()).unwrap();
        let shown = format!("{guard:?} {issued:?}");
        assert!(!shown.contains("canary"));
        assert!(!shown.contains(issued.keys.secret.expose_secret()));
    }
}
