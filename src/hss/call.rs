//! An endpoint of the API: one value, and one file in [`super::calls`].
//!
//! Owns the types that all endpoints share: the request as a value, its effect on the service, the encoding
//! of its parameters, and the faults of an answer. A [`Call`] defines its address and the meaning of its
//! answer; everything else is the same for all calls ([`super::exchange`], [`super::client`]). Must not:
//! send.

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::auth::{TemporaryKeys, Token};
use super::call_record::CallSubject;
use super::client::Answer;
use super::error::{Error, ServiceName};
use super::error_body::{excerpt, is_error_body};
use super::json;
use super::request::percent_encode;
use crate::fleet::RemoteText;

/// The effect of a call on the service. A call that changes something is never sent twice for one request,
/// because its answer may be lost after the service has done it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEffect {
    /// It reads, whichever method it uses: it may be sent again over a new connection.
    Reads,
    /// It changes something.
    Changes,
}

/// One call of one endpoint. Its values are in their ranges, because its constructor checks them.
pub trait Call: Sync {
    /// The operation's name in the API's documentation. HSS counts calls per operation, so this is the
    /// budget's name too.
    const NAME: &'static str;
    /// The method.
    const METHOD: Method = Method::GET;
    /// The service that answers. The paths of HSS begin with `/v5/{project_id}`, which is not part of
    /// [`Call::path`].
    const SERVICE: ServiceName = ServiceName::Hss;
    /// Its effect on the service.
    const EFFECT: CallEffect = CallEffect::Reads;
    /// Whether an answer without a body is a success.
    const MAY_BE_EMPTY: bool = false;
    /// The content of a good answer.
    type Answer;

    /// The path below the service's own, with each value in it completely percent-encoded.
    fn path(&self) -> String;

    /// The parameters.
    fn query(&self) -> Parameters {
        Parameters::default()
    }

    /// Its own headers, which are signed too.
    fn headers(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The body, which is JSON; empty for none.
    fn body(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Reads a good answer.
    ///
    /// # Errors
    /// The fault of the answer.
    fn decode(&self, received: Received<'_>) -> Result<Self::Answer, DecodeError>;

    /// What it is for, in the list of the last calls; a good answer can say more.
    fn subject(&self, _: Option<&Self::Answer>) -> CallSubject {
        CallSubject::Other(Self::NAME)
    }

    /// When HSS collected the list, if the answer has that date.
    fn dated(&self, _: &Self::Answer) -> Option<Timestamp> {
        None
    }

    /// Logs the result, without values that may be secrets.
    fn log(&self, result: Result<&Answer<Self::Answer>, &Error>, ms: u64) {
        match result {
            Ok(answer) => {
                let request_id = answer.request_id.as_ref().map(RemoteText::shown);
                tracing::info!(call = Self::NAME, request_id, ms, "answered");
            }
            Err(error) => tracing::warn!(call = Self::NAME, ms, error = %error, "failed"),
        }
    }
}

/// A good answer as received.
#[derive(Debug)]
pub struct Received<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body: JSON, or empty if the call allows that.
    pub body: Vec<u8>,
}

/// What is wrong with an answer whose status is a success.
#[derive(Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// It ends before it is complete.
    Incomplete,
    /// It is an error of the service: this body.
    Refusal(Vec<u8>),
    /// It is not the expected answer, for this reason.
    Unreadable(String),
}

impl Received<'_> {
    /// The body as a JSON object.
    ///
    /// # Errors
    /// The fault, if it is not one.
    pub fn object(self) -> Result<serde_json::Map<String, Value>, DecodeError> {
        if is_error_body(&self.body) {
            return Err(DecodeError::Refusal(self.body));
        }
        match json::value(&self.body) {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(DecodeError::unlike("no JSON object", &json::text(self.body))),
        }
    }
}

impl Received<'_> {
    /// The token in the header `X-Subject-Token`, by which IAM answers a sign-in.
    ///
    /// # Errors
    /// If there is none.
    pub fn subject_token(&self) -> Result<Token, DecodeError> {
        self.headers
            .get("x-subject-token")
            .and_then(|token| token.to_str().ok())
            .and_then(|token| Token::new(token).ok())
            .ok_or_else(|| DecodeError::Unreadable("IAM answered without a token".to_owned()))
    }

    /// The temporary key pair in the body.
    ///
    /// # Errors
    /// If there is none, without anything of the body, which may hold a part of it.
    pub fn temporary_keys(self) -> Result<TemporaryKeys, DecodeError> {
        if is_error_body(&self.body) {
            return Err(DecodeError::Refusal(self.body));
        }
        TemporaryKeys::read(&self.body)
            .ok_or_else(|| DecodeError::Unreadable("it holds no temporary key pair".to_owned()))
    }
}

impl DecodeError {
    /// The fault with the reason `why` and the beginning of `body`.
    pub fn unlike(why: &str, body: &str) -> Self {
        let begins = excerpt(body).map(|text| format!(": {}", text.raw()));
        Self::Unreadable(format!("{why}{}", begins.unwrap_or_default()))
    }
}

/// Parameters of a query, or of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Adds this parameter, if it has a value.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        let value = value.map(|value| (percent_encode(name), percent_encode(&value.to_string())));
        self.0.extend(value);
        self
    }

    /// Adds this parameter once for each value: HSS takes lists as repeated parameters (as the official SDK
    /// sends them).
    #[must_use]
    pub fn with_each(self, name: &str, values: impl IntoIterator<Item = impl ToString>) -> Self {
        values
            .into_iter()
            .fold(self, |parameters, value| parameters.with(name, Some(value)))
    }

    /// The encoded form: as RFC 3986 requires (a space is `%20`), in the order in which it is signed.
    pub fn encoded(mut self) -> String {
        self.0.sort();
        let pairs: Vec<String> = self
            .0
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::auth::sign::canonical_query;

    #[test]
    fn parameters_are_sent_in_the_order_in_which_they_are_signed() {
        let parameters = Parameters::default()
            .with("severity_list", Some("Medium"))
            .with("offset", Some(0))
            .with("absent", None::<u32>)
            .with_each("severity_list", ["High", "Critical", "a b"])
            .with_each("severity", [""]);
        let encoded = parameters.encoded();
        assert_eq!(
            encoded,
            "offset=0&severity=&severity_list=Critical&severity_list=High&severity_list=Medium\
             &severity_list=a%20b"
        );
        let pairs: Vec<(String, String)> = form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(canonical_query(&pairs), encoded);
    }

    #[test]
    fn an_object_an_error_and_anything_else_are_told_apart() {
        let read = |body: &str| {
            Received {
                headers: &HeaderMap::new(),
                body: body.as_bytes().to_vec(),
            }
            .object()
        };
        assert_eq!(read(r#"{"a":1}"#).unwrap().len(), 1);
        let refusal = r#"{"error_code":"HSS.0010","error_msg":"no"}"#;
        assert_eq!(
            read(refusal),
            Err(DecodeError::Refusal(refusal.as_bytes().to_vec()))
        );
        assert_eq!(
            read("[1]"),
            Err(DecodeError::Unreadable("no JSON object: [1]".to_owned()))
        );
    }
}
