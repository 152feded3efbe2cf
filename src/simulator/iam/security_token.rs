//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: a temporary key pair for a token.
//!
//! Owns the limits of the pair's lifetime, and the only body that contains a secret key.

use std::ops::RangeInclusive;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::Value;

use super::super::signature::IssuedKeys;
use super::IamFault;
use super::body::{Body, malformed};
use super::token::precise;

/// Lifetimes in seconds: 15 minutes to one day.
const LIFETIMES: RangeInclusive<u64> = 900..=86_400;

/// The request: what the caller exchanges for a key pair.
pub(super) struct Exchange<'a> {
    /// The token, if the body contains one. It takes precedence over the token in the header.
    pub(super) token: Option<&'a str>,
    pub(super) lifetime: Duration,
}

impl<'a> Exchange<'a> {
    pub(super) fn read(body: &'a Body) -> Result<Self, IamFault> {
        const LIFETIME: &str = "auth.identity.token.duration_seconds";
        if !body.has_method("token") {
            return Err(malformed("auth.identity.methods", r#"be ["token"]"#));
        }
        let lifetime = match body.field(LIFETIME).map(Value::as_u64) {
            None => Some(*LIFETIMES.start()),
            Some(seconds) => seconds.filter(|seconds| LIFETIMES.contains(seconds)),
        };
        Ok(Self {
            token: body.optional_text("auth.identity.token.id")?,
            lifetime: lifetime
                .map(Duration::from_secs)
                .ok_or_else(|| malformed(LIFETIME, "be an integer from 900 to 86400"))?,
        })
    }
}

/// The body of the answer.
#[derive(Serialize)]
pub(super) struct CredentialBody<'a> {
    credential: TemporaryCredential<'a>,
}

#[derive(Serialize)]
struct TemporaryCredential<'a> {
    access: &'a str,
    secret: &'a str,
    securitytoken: &'a str,
    expires_at: String,
}

pub(super) fn spell_out(issued: &IssuedKeys) -> CredentialBody<'_> {
    let keys = &issued.keys;
    let token = keys.security_token.as_ref();
    CredentialBody {
        credential: TemporaryCredential {
            access: &keys.access,
            secret: keys.secret.expose_secret(),
            securitytoken: token
                .map(secrecy::ExposeSecret::expose_secret)
                .unwrap_or_default(),
            expires_at: precise(issued.expires_at),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The lifetime in seconds that this `token` object requests.
    fn lifetime(token: &Value) -> Option<u64> {
        let body = json!({"auth": {"identity": {"methods": ["token"], "token": token}}});
        let body = Body::parse(body.to_string().as_bytes()).ok().unwrap();
        Exchange::read(&body)
            .ok()
            .map(|exchange| exchange.lifetime.as_secs())
    }

    #[test]
    fn the_lifetime_of_a_pair_is_15_minutes_to_a_day() {
        assert_eq!(lifetime(&json!(null)), Some(900));
        assert_eq!(lifetime(&json!({"id": "t"})), Some(900));
        for fine in [900, 86_400] {
            assert_eq!(lifetime(&json!({"duration_seconds": fine})), Some(fine));
        }
        for wrong in [json!(899), json!(86_401), json!(-900), json!("900"), json!(900.5)] {
            assert_eq!(lifetime(&json!({"duration_seconds": wrong})), None, "{wrong}");
        }
    }

    #[test]
    fn only_a_token_can_be_exchanged() {
        let body = br#"{"auth": {"identity": {"methods": ["assume_role"]}}}"#;
        assert!(Exchange::read(&Body::parse(body).ok().unwrap()).is_err());
    }
}
