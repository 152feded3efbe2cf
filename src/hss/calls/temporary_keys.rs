//! `CreateTemporaryAccessKeyByToken`: `POST /v3.0/OS-CREDENTIAL/securitytokens` of IAM (IAM API reference). The
//! token is in the body, and the call itself is not authenticated, as in the official SDK.

use reqwest::Method;
use serde_json::json;

use crate::hss::auth::{TemporaryKeys, Token};
use crate::hss::call::{Call, DecodeError, Received};
use crate::hss::error::ServiceName;

/// For how long the official SDK asks, in seconds; IAM allows 15 minutes to a day.
const DURATION: u32 = 6 * 60 * 60;

/// A temporary key pair for a token.
#[derive(Debug, Clone, Copy)]
pub struct CreateTemporaryKeys<'a> {
    /// The token.
    pub token: &'a Token,
}

impl Call for CreateTemporaryKeys<'_> {
    const NAME: &'static str = "CreateTemporaryAccessKeyByToken";
    const METHOD: Method = Method::POST;
    const SERVICE: ServiceName = ServiceName::Iam;
    type Answer = TemporaryKeys;

    fn path(&self) -> String {
        "/v3.0/OS-CREDENTIAL/securitytokens".to_owned()
    }

    fn body(&self) -> Vec<u8> {
        let token = json!({ "id": self.token.exposed(), "duration_seconds": DURATION });
        json!({ "auth": { "identity": { "methods": ["token"], "token": token } } })
            .to_string()
            .into_bytes()
    }

    fn decode(&self, received: Received<'_>) -> Result<TemporaryKeys, DecodeError> {
        received.temporary_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_pair_for_six_hours_is_asked_for() {
        let token = Token::new("canary").unwrap();
        let call = CreateTemporaryKeys { token: &token };
        let body: Value = serde_json::from_slice(&call.body()).unwrap();
        assert_eq!(
            body,
            json!({"auth": {"identity": {"methods": ["token"], "token": {
                "id": "canary", "duration_seconds": 21600}}}})
        );
        assert!(!format!("{call:?}").contains("canary"));
    }
}
