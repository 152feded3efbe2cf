//! `AssumeAgencyWithOidc`: `POST /v5/agencies/assume-with-oidc` of STS, as the official SDK calls it: not
//! authenticated, everything in the body.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::hss::auth::TemporaryKeys;
use crate::hss::call::{Call, DecodeError, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::error::ServiceName;

/// The agency to assume, and how. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct AgencySession {
    /// The URN of the identity provider.
    pub provider_urn: String,
    /// The URN of the agency.
    pub agency_urn: String,
    /// The name of the session, for the audit log.
    pub name: String,
    /// How long the key pair should be valid, in seconds.
    pub duration: u32,
    /// A policy that narrows the agency's own, as JSON.
    pub policy: Option<String>,
    /// The ids of policies that narrow it.
    pub policy_ids: Vec<String>,
}

impl fmt::Debug for AgencySession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgencySession")
    }
}

/// A temporary key pair of an agency for an identity token. `Debug` does not show the token.
#[derive(Debug, Clone, Copy)]
pub struct AssumeAgency<'a> {
    /// The agency.
    pub session: &'a AgencySession,
    /// The identity token.
    pub token: &'a SecretString,
}

impl Call for AssumeAgency<'_> {
    const NAME: &'static str = "AssumeAgencyWithOidc";
    const METHOD: Method = Method::POST;
    const SERVICE: ServiceName = ServiceName::Sts;
    type Answer = TemporaryKeys;

    fn subject(&self, _: Option<&TemporaryKeys>) -> CallSubject {
        CallSubject::SignIn
    }

    fn path(&self) -> String {
        "/v5/agencies/assume-with-oidc".to_owned()
    }

    fn body(&self) -> Vec<u8> {
        let session = self.session;
        let mut body = json!({
            "provider_urn": session.provider_urn,
            "agency_urn": session.agency_urn,
            "agency_session_name": session.name,
            "id_token": self.token.expose_secret(),
            "duration_seconds": session.duration,
        });
        let ids = (!session.policy_ids.is_empty()).then(|| json!(session.policy_ids));
        let policy = session.policy.as_ref().map(|policy| json!(policy));
        let narrowed = [("policy", policy), ("policy_ids", ids)];
        let narrowed = narrowed
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        if let Value::Object(body) = &mut body {
            body.extend(narrowed.map(|(name, value)| (name.to_owned(), value)));
        }
        body.to_string().into_bytes()
    }

    fn decode(&self, received: Received<'_>) -> Result<TemporaryKeys, DecodeError> {
        received.temporary_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_set_narrows_the_agency() {
        let token = SecretString::from("canary");
        let body = |session: &AgencySession| -> Value {
            let call = AssumeAgency {
                session,
                token: &token,
            };
            assert!(!format!("{call:?}").contains("canary"));
            serde_json::from_slice(&call.body()).unwrap()
        };
        let plain = AgencySession {
            provider_urn: "purn".into(),
            agency_urn: "aurn".into(),
            name: "s".into(),
            duration: 3600,
            policy: None,
            policy_ids: Vec::new(),
        };
        let mut expected = json!({"provider_urn": "purn", "agency_urn": "aurn", "agency_session_name": "s",
            "id_token": "canary", "duration_seconds": 3600});
        assert_eq!(body(&plain), expected);
        let narrowed = AgencySession {
            policy: Some("{}".into()),
            policy_ids: vec!["a".into(), "b".into()],
            ..plain
        };
        expected["policy"] = json!("{}");
        expected["policy_ids"] = json!(["a", "b"]);
        assert_eq!(body(&narrowed), expected);
    }
}
