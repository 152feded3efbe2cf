//! A server that is told over HTTP: on the same transport as HSS, with its proxies, limits and TLS.
//!
//! Owns how a secret gets into a header: from a private file that is read for each request, so that it may change, and never
//! into a message. An answer is judged by its status; what it says is shown in one short, safe sentence.

use std::path::PathBuf;
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use ring::hmac;
use tokio::task::spawn_blocking;

use crate::clock::Clock;
use crate::fleet::RemoteText;
use crate::hss::Endpoint;
use crate::hss::auth::secret_file;
use crate::hss::transport::tls::Trust;
use crate::hss::transport::{Outgoing, Transport, TransportContext};
use crate::secrets;

/// The header with the signature of a webhook.
const SIGNATURE: HeaderName = HeaderName::from_static("x-hss-top-signature-256");
/// The longest part of an answer that is repeated, in characters.
const LONGEST_ANSWER: usize = 200;

/// What a private file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSecret {
    /// A bearer token.
    Token(PathBuf),
    /// The key of a signature: HMAC-SHA256 over the body, in hexadecimal digits, after `sha256=`.
    SigningKey(PathBuf),
}

/// A server.
#[derive(Debug)]
pub struct HttpSink {
    transport: Transport,
    secret: Option<SinkSecret>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkAnswer {
    /// It took it.
    Taken,
    /// It will not take this, whenever it is sent.
    Refused(StatusCode, String),
    /// It may take it later; why not now, as a sentence.
    Failed(String),
}

impl HttpSink {
    /// A server at `endpoint`.
    pub fn new(endpoint: Endpoint, trust: Arc<Trust>, secret: Option<SinkSecret>, clock: Clock) -> Self {
        let context = TransportContext {
            trust,
            ..TransportContext::new(clock)
        };
        Self {
            transport: Transport::to(endpoint, context),
            secret,
        }
    }

    /// Host and port.
    pub fn place(&self) -> String {
        self.transport.endpoint().place()
    }

    /// What a refusal means, as a sentence.
    pub fn refusal(&self, status: StatusCode, said: &str) -> String {
        let advice = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; check its secret",
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE => "; check the URL",
            _ => "",
        };
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(": {said}")
        };
        format!("{} answered {status}{said}{advice}", self.place())
    }

    /// Sends a request with a body of JSON.
    pub async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> SinkAnswer {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        if let Some(secret) = self.secret.clone() {
            match header(secret, &body).await {
                Ok((name, value)) => drop(headers.insert(name, value)),
                Err(why) => return SinkAnswer::Failed(why),
            }
        }
        let sent = self.transport.send(Outgoing {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body,
            may_be_repeated: true,
        });
        match sent.await {
            Err(error) => SinkAnswer::Failed(error.to_string()),
            Ok(answer) => judge(answer.status, &self.place(), &answer.body.unwrap_or_default()),
        }
    }
}

fn judge(status: StatusCode, place: &str, body: &[u8]) -> SinkAnswer {
    if status.is_success() {
        return SinkAnswer::Taken;
    }
    let said: String = String::from_utf8_lossy(body)
        .trim()
        .chars()
        .take(LONGEST_ANSWER)
        .collect();
    let said = secrets::redact(&said).into_owned();
    let said = RemoteText::message(&said).shown().to_owned();
    let is_later = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    );
    if status.is_client_error() && !is_later {
        return SinkAnswer::Refused(status, said);
    }
    let said = if said.is_empty() {
        said
    } else {
        format!(": {said}")
    };
    SinkAnswer::Failed(format!("{place} answered {status}{said}"))
}

/// The header that a secret makes, of a body.
async fn header(secret: SinkSecret, body: &[u8]) -> Result<(HeaderName, HeaderValue), String> {
    let (SinkSecret::Token(path) | SinkSecret::SigningKey(path)) = secret.clone();
    let shown = secrets::values::path(&path.display().to_string());
    // A disk that hangs must not hold up the task.
    let read = spawn_blocking(move || secret_file::read(&path)).await;
    let text = match read {
        Ok(Ok(text)) => text.trim().to_owned(),
        Ok(Err(fault)) => return Err(format!("{shown}: {fault}")),
        Err(_) => return Err(format!("{shown} cannot be read")),
    };
    if text.is_empty() {
        return Err(format!("{shown} is empty"));
    }
    secrets::protect(&text);
    let (name, value) = match secret {
        SinkSecret::Token(_) => (AUTHORIZATION, format!("Bearer {text}")),
        SinkSecret::SigningKey(_) => (SIGNATURE, format!("sha256={}", signature(text.as_bytes(), body))),
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_| format!("{shown} holds no header value"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// HMAC-SHA256 in hexadecimal digits.
fn signature(key: &[u8], body: &[u8]) -> String {
    use std::fmt::Write as _;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), body);
    tag.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        let tag = signature(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            tag,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn an_answer_is_taken_refused_for_good_or_to_be_tried_again() {
        let judged = |status: u16, body: &str| {
            judge(StatusCode::from_u16(status).unwrap(), "am:9093", body.as_bytes())
        };
        assert_eq!(judged(200, ""), SinkAnswer::Taken);
        assert_eq!(judged(204, ""), SinkAnswer::Taken);
        assert_eq!(
            judged(400, "\"start time must be before end time\"\n"),
            SinkAnswer::Refused(
                StatusCode::BAD_REQUEST,
                "\"start time must be before end time\"".to_owned()
            )
        );
        let failed = |words: &str| SinkAnswer::Failed(words.to_owned());
        assert_eq!(
            judged(503, ""),
            failed("am:9093 answered 503 Service Unavailable")
        );
        assert_eq!(
            judged(429, "slow\u{1b}[2J"),
            failed("am:9093 answered 429 Too Many Requests: slow\\u{1b}[2J")
        );
        assert!(matches!(judged(302, ""), SinkAnswer::Failed(_)));
    }
}
