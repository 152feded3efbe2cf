//! `CreateUnscopedTokenWithIdToken`: `POST /v3.0/OS-AUTH/id-token/tokens` of IAM (IAM API reference, "OpenID
//! Connect"), as the official SDK calls it: the identity provider in a header, the identity token in the body,
//! and no scope. The token is in the header `X-Subject-Token` of the answer.

use std::fmt;

use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use crate::hss::auth::Token;
use crate::hss::call::{Call, DecodeError, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::error::ServiceName;

/// A token without a project for an identity token. `Debug` shows neither the provider nor the token.
#[derive(Clone, Copy)]
pub struct CreateIdentityToken<'a> {
    /// The identity provider's id, which must fit in a header.
    pub provider: &'a str,
    /// The identity token.
    pub token: &'a SecretString,
}

impl fmt::Debug for CreateIdentityToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CreateIdentityToken")
    }
}

impl Call for CreateIdentityToken<'_> {
    const NAME: &'static str = "CreateUnscopedTokenWithIdToken";
    const METHOD: Method = Method::POST;
    const SERVICE: ServiceName = ServiceName::Iam;
    type Answer = Token;

    fn subject(&self, _: Option<&Token>) -> CallSubject {
        CallSubject::SignIn
    }

    fn path(&self) -> String {
        "/v3.0/OS-AUTH/id-token/tokens".to_owned()
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("x-idp-id", self.provider.to_owned())]
    }

    fn body(&self) -> Vec<u8> {
        let id = self.token.expose_secret();
        json!({ "auth": { "id_token": { "id": id } } })
            .to_string()
            .into_bytes()
    }

    fn decode(&self, received: Received<'_>) -> Result<Token, DecodeError> {
        received.subject_token()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    #[test]
    fn the_provider_is_in_a_header_and_the_token_in_the_body() {
        let token = SecretString::from("canary");
        let call = CreateIdentityToken {
            provider: "corp",
            token: &token,
        };
        assert_eq!(call.headers(), [("x-idp-id", "corp".to_owned())]);
        assert_eq!(call.body(), br#"{"auth":{"id_token":{"id":"canary"}}}"#);
        assert!(!format!("{call:?}").contains("canary") && !format!("{call:?}").contains("corp"));
        let headers = HeaderMap::from_iter([("x-subject-token".parse().unwrap(), "t".parse().unwrap())]);
        let received = |headers| Received {
            headers,
            body: b"{}".to_vec(),
        };
        assert!(call.decode(received(&headers)).is_ok());
        assert!(call.decode(received(&HeaderMap::new())).is_err());
    }
}
