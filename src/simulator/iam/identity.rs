//! Sign-in with an identity token: `POST /v3.0/OS-AUTH/id-token/tokens` of IAM, `POST
//! /v5/agencies/assume-with-oidc` of STS, and pod identity.
//!
//! Owns which tokens are accepted, what a call has to contain, and the two bodies with a key pair that differ
//! from IAM's own. A token is compared as it is: nothing here checks a signature. The errors have IAM's form,
//! since nobody documents another.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use hyper::http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;

use super::super::auth::{IssuedToken, same};
use super::super::signature::IssuedKeys;
use super::IamFault;
use super::body::{Body, malformed};
use super::token::precise;

/// How long a key pair of an agency may be valid, in seconds.
const LIFETIMES: RangeInclusive<u64> = 900..=43_200;

/// The identities that can sign in. `None` refuses everybody.
#[derive(Clone, Debug, Default)]
pub struct KnownIdentities {
    /// Those of IAM's identity provider.
    pub provider: Option<KnownProvider>,
    /// Those that may assume an agency.
    pub agency: Option<KnownAgency>,
    /// The pod that has an identity.
    pub pod: Option<AcceptedToken>,
}

/// An identity provider of IAM.
#[derive(Clone, Debug)]
pub struct KnownProvider {
    /// Its id.
    pub id: String,
    /// Whose token is accepted.
    pub token: AcceptedToken,
}

/// An agency of STS.
#[derive(Clone, Debug)]
pub struct KnownAgency {
    /// The URN of its identity provider.
    pub provider_urn: String,
    /// Its own URN.
    pub urn: String,
    /// Whose token is accepted.
    pub token: AcceptedToken,
}

/// The identity token that is accepted.
#[derive(Clone, Debug)]
pub enum AcceptedToken {
    /// This one.
    Text(SecretString),
    /// What this file holds at the time of a call.
    File(PathBuf),
}

impl KnownIdentities {
    /// Whether there is any.
    pub(in crate::simulator) fn any(&self) -> bool {
        self.provider.is_some() || self.agency.is_some() || self.pod.is_some()
    }
}

impl AcceptedToken {
    fn accepts(&self, token: &str) -> bool {
        let expected = match self {
            Self::Text(text) => text.expose_secret().to_owned(),
            Self::File(path) => std::fs::read_to_string(path).unwrap_or_default(),
        };
        let expected = expected.trim();
        !expected.is_empty() && same(token.as_bytes(), expected.as_bytes())
    }
}

/// Checks a call that asks IAM for a token without a project.
pub(super) fn admit_to_iam(
    known: &KnownIdentities,
    headers: &HeaderMap,
    body: &Body,
) -> Result<(), IamFault> {
    let provider = headers.get("x-idp-id").and_then(|id| id.to_str().ok());
    let provider = provider.ok_or_else(|| malformed("the header X-Idp-Id", "be set"))?;
    let token = body.text("auth.id_token.id")?;
    match &known.provider {
        Some(known) if known.id == provider && known.token.accepts(token) => Ok(()),
        _ => Err(IamFault::IdentityWrong),
    }
}

/// Checks a call that asks STS for an agency's key pair; returns how long it is to be valid.
pub(super) fn admit_to_agency(known: &KnownIdentities, body: &Body) -> Result<Duration, IamFault> {
    const LIFETIME: &str = "duration_seconds";
    let (provider, agency) = (body.text("provider_urn")?, body.text("agency_urn")?);
    let token = body.text("id_token")?;
    body.text("agency_session_name")?;
    let seconds = match body.field(LIFETIME).map(Value::as_u64) {
        None => Some(3600),
        Some(seconds) => seconds.filter(|seconds| LIFETIMES.contains(seconds)),
    };
    let seconds = seconds.ok_or_else(|| malformed(LIFETIME, "be an integer from 900 to 43200"))?;
    match &known.agency {
        Some(known)
            if known.provider_urn == provider && known.urn == agency && known.token.accepts(token) =>
        {
            Ok(Duration::from_secs(seconds))
        }
        _ => Err(IamFault::IdentityWrong),
    }
}

/// Checks a call of a pod.
pub(super) fn admit_pod(known: &KnownIdentities, headers: &HeaderMap) -> Result<(), IamFault> {
    let token = headers.get("authorization").and_then(|token| token.to_str().ok());
    match (&known.pod, token) {
        (Some(known), Some(token)) if known.accepts(token) => Ok(()),
        _ => Err(IamFault::IdentityWrong),
    }
}

/// The body that describes a token without a project.
pub(super) fn describe(issued: &IssuedToken) -> impl Serialize {
    serde_json::json!({ "token": {
        "expires_at": precise(issued.expires_at),
        "issued_at": precise(issued.issued_at),
        "methods": ["mapped"],
        "catalog": [],
    }})
}

/// The body of STS.
pub(super) fn of_agency(issued: &IssuedKeys) -> impl Serialize {
    serde_json::json!({ "credentials": {
        "access_key_id": issued.keys.access,
        "secret_access_key": issued.keys.secret.expose_secret(),
        "security_token": token(issued),
        "expiration": precise(issued.expires_at),
    }})
}

/// The body of pod identity.
pub(super) fn of_pod(issued: &IssuedKeys) -> impl Serialize {
    serde_json::json!({ "credentials": {
        "accessKeyId": issued.keys.access,
        "secretAccessKey": issued.keys.secret.expose_secret(),
        "securityToken": token(issued),
        "expiration": precise(issued.expires_at),
    }})
}

fn token(issued: &IssuedKeys) -> &str {
    let token = issued.keys.security_token.as_ref();
    token.map_or("", |token| token.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known(token: AcceptedToken) -> KnownIdentities {
        KnownIdentities {
            provider: Some(KnownProvider {
                id: "corp".into(),
                token: token.clone(),
            }),
            agency: Some(KnownAgency {
                provider_urn: "purn".into(),
                urn: "aurn".into(),
                token: token.clone(),
            }),
            pod: Some(token),
        }
    }

    fn body(value: &Value) -> Body {
        Body::parse(value.to_string().as_bytes()).ok().unwrap()
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn only_the_right_provider_and_token_sign_in() {
        let known = known(AcceptedToken::Text("canary".into()));
        let ask = |known: &KnownIdentities, provider: &str, token: &str| {
            let body = body(&json!({"auth": {"id_token": {"id": token}}}));
            admit_to_iam(known, &headers("x-idp-id", provider), &body)
        };
        assert_eq!(ask(&known, "corp", "canary"), Ok(()));
        for (provider, token) in [("other", "canary"), ("corp", "other")] {
            assert_eq!(ask(&known, provider, token), Err(IamFault::IdentityWrong));
        }
        let nobody = KnownIdentities::default();
        assert_eq!(ask(&nobody, "corp", "canary"), Err(IamFault::IdentityWrong));
        let whole = body(&json!({"auth": {"id_token": {"id": "canary"}}}));
        assert!(matches!(
            admit_to_iam(&known, &HeaderMap::new(), &whole),
            Err(IamFault::Malformed { .. })
        ));
        assert!(!format!("{known:?}").contains("canary"));
    }

    #[test]
    fn an_agency_needs_its_urns_its_token_and_a_duration() {
        let known = known(AcceptedToken::Text("t".into()));
        let whole = json!({"provider_urn": "purn", "agency_urn": "aurn", "agency_session_name": "s",
            "id_token": "t", "duration_seconds": 900});
        let ask = |name: &str, value: Value| {
            let mut asked = whole.clone();
            asked[name] = value;
            admit_to_agency(&known, &body(&asked))
        };
        assert_eq!(
            ask("duration_seconds", json!(43_200)),
            Ok(Duration::from_hours(12))
        );
        assert_eq!(ask("duration_seconds", json!(null)), Ok(Duration::from_hours(1)));
        for (name, value) in [
            ("duration_seconds", json!(899)),
            ("duration_seconds", json!("900")),
            ("agency_session_name", json!("")),
            ("id_token", json!(null)),
        ] {
            assert!(
                matches!(ask(name, value), Err(IamFault::Malformed { .. })),
                "{name}"
            );
        }
        for name in ["provider_urn", "agency_urn", "id_token"] {
            assert_eq!(ask(name, json!("other")), Err(IamFault::IdentityWrong), "{name}");
        }
    }

    #[test]
    fn a_file_is_read_at_each_call() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let known = known(AcceptedToken::File(path.clone()));
        let ask = |token: &str| admit_pod(&known, &headers("authorization", token)).is_ok();
        assert!(!ask("one"), "no file, no token");
        std::fs::write(&path, "one\n").unwrap();
        assert!(ask("one") && !ask("two"));
        std::fs::write(&path, "two\n").unwrap();
        assert!(!ask("one") && ask("two"));
    }
}
