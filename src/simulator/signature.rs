//! Who may call with an access key pair.
//!
//! Owns the gateway's side of `SDK-HMAC-SHA256`: it rebuilds the canonical request from what arrived, and tells a
//! caller whose signature differs what it built. A pair that fails more than [`FAILURES`] times in a row is locked
//! for [`LOCK`]. It shares no code with the signer of the client. It never shows a secret key.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::answers::Refusal;
use super::hex;

/// The pair that is taken.
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

/// The guard of one pair.
#[derive(Debug)]
pub(super) struct Guard {
    keys: SigningKeys,
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    failures: u32,
    locked_until: Option<Instant>,
}

/// What `Authorization` says.
struct Claim<'a> {
    access: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl Guard {
    pub(super) fn new(keys: SigningKeys) -> Self {
        Self {
            keys,
            record: Mutex::default(),
        }
    }

    /// Checks a signed call; answers the access key that made it.
    pub(super) fn check<'a>(
        &self,
        call: &'a Parts,
        body: &[u8],
        now: Timestamp,
        tick: Instant,
    ) -> Result<&'a [u8], Refusal> {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        if record.locked_until.is_some_and(|until| tick < until) {
            return Err(Refusal::KeyLocked);
        }
        record.locked_until = None;
        let result = self.judge(call, body, now);
        record.failures = if result.is_ok() { 0 } else { record.failures + 1 };
        if record.failures > FAILURES {
            *record = Record {
                failures: 0,
                locked_until: Some(tick + LOCK),
            };
        }
        result
    }

    fn judge<'a>(&self, call: &'a Parts, body: &[u8], now: Timestamp) -> Result<&'a [u8], Refusal> {
        let claim = claim(&call.headers).ok_or(Refusal::SignatureMalformed)?;
        if claim.access != self.keys.access {
            return Err(Refusal::KeyUnknown);
        }
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
            _ => Ok(claim.access.as_bytes()),
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
        Guard::new(SigningKeys {
            access: "AK".into(),
            secret: "canary-sk".into(),
            security_token: None,
        })
    }

    /// A call without a body, signed by hand with `secret`, at `date`.
    fn call(secret: &str, date: &str) -> Parts {
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
            format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature={signature}");
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
}
