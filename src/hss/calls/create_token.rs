//! `CreateToken`: `POST /v3/auth/tokens` of IAM, password method, scope of a project, without the catalogue
//! (IAM API reference). The token is in the header `X-Subject-Token`, its expiry in the body.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::hss::auth::Token;
use crate::hss::call::{Call, DecodeError, Parameters, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::error::ServiceName;
use crate::hss::json;

/// An IAM user's sign-in. `Debug` does not show the password.
#[derive(Debug, Clone)]
pub struct Login {
    /// The IAM user's name.
    pub user: String,
    /// Its password.
    pub password: SecretString,
    /// The account's name (IAM calls it domain).
    pub domain: String,
}

/// The project of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenScope {
    /// By its id.
    Id(String),
    /// By its name, which is that of its region.
    Name(String),
}

/// A token as IAM issued it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The token.
    pub token: Token,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// A token for a password. `Debug` does not show the password.
#[derive(Debug, Clone)]
pub struct CreateToken<'a> {
    /// Who signs in.
    pub login: &'a Login,
    /// The token's project.
    pub scope: &'a TokenScope,
}

impl Call for CreateToken<'_> {
    const NAME: &'static str = "CreateToken";
    const METHOD: Method = Method::POST;
    const SERVICE: ServiceName = ServiceName::Iam;
    type Answer = Issued;

    fn subject(&self, _: Option<&Issued>) -> CallSubject {
        CallSubject::SignIn
    }

    fn path(&self) -> String {
        "/v3/auth/tokens".to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default().with("nocatalog", Some(true))
    }

    fn body(&self) -> Vec<u8> {
        let Self { login, scope } = self;
        let project = match scope {
            TokenScope::Id(id) => json!({ "id": id }),
            TokenScope::Name(name) => json!({ "name": name }),
        };
        let user = json!({
            "name": login.user,
            "password": login.password.expose_secret(),
            "domain": { "name": login.domain },
        });
        let body = json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": user } },
            "scope": { "project": project },
        }});
        body.to_string().into_bytes()
    }

    fn decode(&self, received: Received<'_>) -> Result<Issued, DecodeError> {
        let token = received.subject_token()?;
        let body = json::value(&received.body).unwrap_or_default();
        let expires_at = body.pointer("/token/expires_at").and_then(Value::as_str);
        Ok(Issued {
            token,
            expires_at: expires_at.and_then(|at| at.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn login() -> Login {
        Login {
            user: "ops".into(),
            password: "canary \"pw\"".into(),
            domain: "acme".into(),
        }
    }

    fn read_token(headers: &HeaderMap, body: &[u8]) -> Result<Issued, DecodeError> {
        let call = CreateToken {
            login: &login(),
            scope: &TokenScope::Name("cn-north-4".into()),
        };
        let body = body.to_vec();
        call.decode(Received { headers, body })
    }

    #[test]
    fn a_token_is_asked_for_as_documented() {
        let call = CreateToken {
            login: &login(),
            scope: &TokenScope::Name("cn-north-4".into()),
        };
        assert_eq!(
            (call.path(), call.query().encoded()),
            ("/v3/auth/tokens".to_owned(), "nocatalog=true".to_owned())
        );
        let body: Value = serde_json::from_slice(&call.body()).unwrap();
        assert_eq!(
            body,
            json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": {
                    "name": "ops", "password": "canary \"pw\"", "domain": {"name": "acme"}}}},
                "scope": {"project": {"name": "cn-north-4"}},
            }})
        );
        assert!(!format!("{call:?}").contains("canary"));
    }

    #[test]
    fn the_token_is_in_the_header_and_its_end_in_the_body() {
        let headers = HeaderMap::from_iter([("x-subject-token".parse().unwrap(), "canary".parse().unwrap())]);
        let body = br#"{"token":{"expires_at":"2015-11-09T01:42:57.527363Z"}}"#;
        let issued = read_token(&headers, body).unwrap();
        assert_eq!(
            issued.expires_at,
            Some("2015-11-09T01:42:57.527363Z".parse().unwrap())
        );
        assert!(!format!("{issued:?}").contains("canary"));
        assert_eq!(read_token(&headers, b"{}").unwrap().expires_at, None);
        assert!(read_token(&HeaderMap::new(), body).is_err());
    }

    #[test]
    fn one_bad_text_does_not_cost_the_end_of_a_token() {
        let headers = HeaderMap::from_iter([("x-subject-token".parse().unwrap(), "canary".parse().unwrap())]);
        let body = br#"{"token":{"expires_at":"2015-11-09T01:42:57Z","user":{"name":"\ud83d"}}}"#;
        assert!(read_token(&headers, body).unwrap().expires_at.is_some());
    }
}
