//! IAM: tokens for a password, and the projects that a credential sees.
//!
//! Owns the two calls, `POST /v3/auth/tokens` (password method, scope of a project, without the catalogue) and
//! `GET /v3/projects`, as IAM's API reference describes them. Must not: decide when to call, or keep what comes back.

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::answer;
use super::auth::credential::{Call, Credential};
use super::auth::token::Token;
use super::error::{Error, ServiceName};
use super::json;
use super::request::percent_encode;
use super::transport::{Outgoing, Transport};
use crate::fleet::RemoteText;

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

/// The project that a token is for.
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
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: RemoteText,
    /// Such as `cn-north-4` or `cn-north-4_payments`.
    pub name: RemoteText,
}

/// The way to IAM.
#[derive(Debug)]
pub struct Iam {
    transport: Transport,
}

impl Iam {
    /// Over `transport`.
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Host and port.
    pub fn place(&self) -> String {
        self.transport.endpoint().place()
    }

    /// Asks for a token.
    pub async fn token(&self, login: &Login, scope: &TokenScope) -> Result<Issued, Error> {
        let incoming = self.transport.send(token_request(login, scope)).await;
        let mut incoming = incoming.inspect_err(|error| log("CreateToken", Err(error)))?;
        let result = answer::body(&mut incoming, ServiceName::Iam, self.transport.endpoint())
            .map_err(Error::of_sign_in)
            .and_then(|body| read_token(&incoming.headers, &body));
        log("CreateToken", result.as_ref().map(|_| ()));
        result
    }

    /// Lists the projects that `credential` sees, those of this name only where one is given.
    pub async fn projects(&self, credential: &Credential, name: Option<&str>) -> Result<Vec<Project>, Error> {
        let endpoint = self.transport.endpoint();
        let query = name
            .map(|name| format!("name={}", percent_encode(name)))
            .unwrap_or_default();
        let url = endpoint.url("/v3/projects", &query);
        let auth_headers = credential.authenticate(&Call {
            path: url.path(),
            query: &query,
            host: &endpoint.place(),
            project_id: None,
            at: self.transport.now(),
        });
        let request = Outgoing {
            method: Method::GET,
            path: "/v3/projects".to_owned(),
            query,
            headers: auth_headers.headers.clone(),
            body: Vec::new(),
        };
        let result = self.transport.send(request).await.and_then(|mut incoming| {
            let body = answer::body(&mut incoming, ServiceName::Iam, endpoint);
            read_projects(&body.map_err(|error| error.of_call(&auth_headers))?)
        });
        log("ListProjects", result.as_ref().map(|_| ()));
        result
    }
}

fn log(call: &str, result: Result<(), &Error>) {
    match result {
        Ok(()) => tracing::info!(call, "answered"),
        Err(error) => tracing::warn!(call, error = %error, "failed"),
    }
}

fn token_request(login: &Login, scope: &TokenScope) -> Outgoing {
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
    Outgoing {
        method: Method::POST,
        path: "/v3/auth/tokens".to_owned(),
        query: "nocatalog=true".to_owned(),
        headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
        body: body.to_string().into_bytes(),
    }
}

fn read_token(headers: &HeaderMap, body: &[u8]) -> Result<Issued, Error> {
    let token = headers
        .get("x-subject-token")
        .and_then(|token| token.to_str().ok())
        .and_then(|token| Token::new(token).ok())
        .ok_or_else(|| unreadable("IAM answered without a token"))?;
    let body = json::value(body).unwrap_or_default();
    let expires_at = body.pointer("/token/expires_at").and_then(Value::as_str);
    Ok(Issued {
        token,
        expires_at: expires_at.and_then(|at| at.parse().ok()),
    })
}

/// The projects of an answer. One without id or name is no project that could be meant.
fn read_projects(body: &[u8]) -> Result<Vec<Project>, Error> {
    let body = json::value(body).unwrap_or_default();
    let Some(list) = body.get("projects").and_then(Value::as_array) else {
        return Err(unreadable("IAM's answer has no list of projects"));
    };
    let text = |project: &Value, name: &str| project.get(name).and_then(Value::as_str).map(RemoteText::name);
    let projects: Vec<Project> = list
        .iter()
        .filter_map(|project| {
            Some(Project {
                id: text(project, "id")?,
                name: text(project, "name")?,
            })
        })
        .collect();
    if projects.is_empty() && !list.is_empty() {
        return Err(unreadable("IAM's list of projects has neither ids nor names"));
    }
    Ok(projects)
}

fn unreadable(what: &str) -> Error {
    Error::Unreadable {
        why: RemoteText::message(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_asked_for_as_documented() {
        let login = Login {
            user: "ops".into(),
            password: "canary \"pw\"".into(),
            domain: "acme".into(),
        };
        let request = token_request(&login, &TokenScope::Name("cn-north-4".into()));
        assert_eq!(
            (request.path.as_str(), request.query.as_str()),
            ("/v3/auth/tokens", "nocatalog=true")
        );
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(
            body,
            json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": {
                    "name": "ops", "password": "canary \"pw\"", "domain": {"name": "acme"}}}},
                "scope": {"project": {"name": "cn-north-4"}},
            }})
        );
        assert!(!format!("{login:?}").contains("canary"));
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
    fn projects_are_read_and_made_safe() {
        let body = br#"{"links":{},"projects":[{"id":"1a","name":"cn-north-4\u001b[2J","enabled":true}]}"#;
        let projects = read_projects(body).unwrap();
        assert_eq!(projects[0].id.shown(), "1a");
        assert_eq!(projects[0].name.shown(), "cn-north-4\\u{1b}[2J");
        assert_eq!(read_projects(br#"{"projects":[]}"#).unwrap(), []);
        for body in [
            "[]",
            "{}",
            r#"{"projects":null}"#,
            r#"{"projects":{}}"#,
            r#"{"projects":[{"id":7}]}"#,
        ] {
            let error = read_projects(body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("answer unreadable: IAM's "), "{error}");
        }
    }

    #[test]
    fn one_bad_text_costs_neither_the_projects_nor_the_end_of_a_token() {
        let body = br#"{"projects":[{"id":"1a","name":"a","d":"\ud83d"},{"id":"2b"},{"id":"3c","name":"c","n":NaN}]}"#;
        let names: Vec<String> = read_projects(body)
            .unwrap()
            .iter()
            .map(|project| project.name.to_string())
            .collect();
        assert_eq!(names, ["a", "c"]);
        let headers = HeaderMap::from_iter([("x-subject-token".parse().unwrap(), "canary".parse().unwrap())]);
        let body = br#"{"token":{"expires_at":"2015-11-09T01:42:57Z","user":{"name":"\ud83d"}}}"#;
        assert!(read_token(&headers, body).unwrap().expires_at.is_some());
    }
}
