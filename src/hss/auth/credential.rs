//! A credential, and the headers that it adds to a call.

use std::fmt;

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret as _;

use super::KeyPair;
use super::sign::{CanonicalRequest, Request, authorization, sdk_date};
use super::token::Token;

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");
const X_SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const X_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");

/// What authenticates a call.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A token, sent in a header.
    Token(Token),
    /// An access key pair, which signs each call.
    Keys(KeyPair),
}

/// What a signature covers of a call. It has no `Debug`, because the body may be a secret.
#[derive(Clone, Copy)]
pub struct SignInput<'a> {
    /// `GET`, `POST`
    pub method: &'a str,
    /// The path, as sent.
    pub path: &'a str,
    /// The query, as sent.
    pub query: &'a str,
    /// The call's own headers, in small letters.
    pub headers: &'a [(&'static str, String)],
    /// The body as sent.
    pub body: &'a [u8],
    /// The value of `Host`, with the port if it is not the scheme's default.
    pub host: &'a str,
    /// The project of the call; `None` before it is known.
    pub project_id: Option<&'a str>,
    /// The time of the signature.
    pub at: Timestamp,
}

/// The headers that authenticate a call. Secret ones are marked as sensitive.
#[derive(Clone, Default)]
pub struct AuthHeaders {
    /// The headers to send.
    pub headers: HeaderMap,
    /// What was signed, to compare with the gateway's version if it refuses the signature.
    pub canonical: Option<CanonicalRequest>,
}

impl fmt::Debug for AuthHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthHeaders")
    }
}

impl Credential {
    /// Whether both are the same secret.
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Token(one), Self::Token(another)) => one.is_the_same_as(another),
            (Self::Keys(one), Self::Keys(another)) => one.is_the_same_as(another),
            _ => false,
        }
    }

    /// From now on it is redacted in whatever is shown or written.
    pub(super) fn protect(&self) {
        match self {
            Self::Token(token) => token.protect(),
            Self::Keys(keys) => keys.protect(),
        }
    }

    /// The headers that authenticate `call`.
    pub fn authenticate(&self, call: &SignInput<'_>) -> AuthHeaders {
        match self {
            Self::Token(token) => {
                let headers = token
                    .header()
                    .map(|token| (X_AUTH_TOKEN, token))
                    .into_iter()
                    .collect();
                AuthHeaders {
                    headers,
                    canonical: None,
                }
            }
            Self::Keys(keys) => sign(keys, call),
        }
    }
}

fn sign(keys: &KeyPair, call: &SignInput<'_>) -> AuthHeaders {
    let date = sdk_date(call.at);
    let mut signed = vec![("host", call.host), ("x-sdk-date", &date)];
    signed.extend(call.project_id.map(|project| ("x-project-id", project)));
    if let Some(token) = &keys.security_token {
        signed.push(("x-security-token", token.expose_secret()));
    }
    signed.extend(call.headers.iter().map(|(name, value)| (*name, value.as_str())));
    let query: Vec<(String, String)> = form_urlencoded::parse(call.query.as_bytes())
        .into_owned()
        .collect();
    let query: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let canonical = CanonicalRequest::of(&Request {
        method: call.method,
        path: call.path,
        query: &query,
        headers: &signed,
        body: call.body,
    });
    let values = [
        (X_PROJECT_ID, call.project_id.map(str::to_owned), false),
        (X_SDK_DATE, Some(date.clone()), false),
        (
            X_SECURITY_TOKEN,
            keys.security_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
            true,
        ),
        (AUTHORIZATION, Some(authorization(keys, &date, &canonical)), true),
    ];
    let headers = values.into_iter().filter_map(|(name, value, secret)| {
        let mut value = HeaderValue::from_str(&value?).ok()?;
        value.set_sensitive(secret);
        Some((name, value))
    });
    AuthHeaders {
        headers: headers.collect(),
        canonical: Some(canonical),
    }
}
