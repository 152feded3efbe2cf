//! A server as a sink, over HTTP: on the same transport as HSS, with its proxies, limits and TLS.
//!
//! Owns how a secret gets into a header: from a private file that is read for each request, so that it may change, and never
//! into a message. An answer is judged by its status; what it says is shown in one short, safe sentence.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use ring::hmac;
use tokio::task::spawn_blocking;

use super::servers::ServerSetup;
use super::stated_file::StatedFile;
use crate::clock::Clock;
use crate::fleet::RemoteText;
use crate::hss::auth::secret_file::{self, SecretFileFault, Stamp};
use crate::hss::skew::Skew;
use crate::hss::transport::tls::Trust;
use crate::hss::transport::{Outgoing, Transport, TransportContext};
use crate::secrets;

/// The header with the signature of a webhook.
const SIGNATURE: HeaderName = HeaderName::from_static("x-hss-top-signature-256");
/// The longest part of an answer that is repeated, in characters.
const LONGEST_ANSWER: usize = 200;

/// A smaller difference of clocks changes nothing: a `Date` has whole seconds, and an answer takes its time.
const WORTH_A_SHIFT: SignedDuration = SignedDuration::from_secs(30);

/// What a private file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkSecret {
    /// A bearer token.
    Token(StatedFile),
    /// The key of a signature: HMAC-SHA256 over the body, in hexadecimal digits, after `sha256=`.
    SigningKey(StatedFile),
}

impl SinkSecret {
    /// Where it is.
    pub const fn file(&self) -> &StatedFile {
        let (Self::Token(file) | Self::SigningKey(file)) = self;
        file
    }
}

/// A server.
#[derive(Debug)]
pub struct HttpSink {
    setup: Arc<ServerSetup>,
    clock: Clock,
    /// How far the server's clock is ahead, by the dates of its answers.
    skew: Arc<Skew>,
    reached: Mutex<Option<ReachedServer>>,
}

/// The way to a server, and the CA file that it was made with.
#[derive(Debug, Clone)]
struct ReachedServer {
    transport: Arc<Transport>,
    stamp: Option<Stamp>,
}

/// What the files of a server hold.
struct ServerFiles {
    secret: Option<String>,
    /// Whom to trust; `None` where it is unchanged.
    trust: Option<(Trust, Option<Stamp>)>,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkAnswer {
    /// It took it. The start of what it said, safe to show: the status alone does not tell whether anybody acts on it.
    Taken(String),
    /// It will not take this, whenever it is sent.
    Refused(StatusCode, String),
    /// It may take it later; why not now, as a sentence that begins with the file and line of what is wrong.
    Failed(String),
}

impl ServerSetup {
    /// Reads its files; the CA only where the file is another one than that with which it was reached. Blocking.
    fn read(&self, reached: Option<&ReachedServer>) -> Result<ServerFiles, String> {
        let secret = self
            .secret
            .as_ref()
            .map(|secret| secret.file().secret())
            .transpose()?;
        let stamp = self
            .ca_file
            .as_ref()
            .and_then(|file| secret_file::stamp(&file.path));
        let trust = if reached.is_some_and(|reached| reached.stamp == stamp) {
            None
        } else {
            let trust = self.ca_file.as_ref().map(StatedFile::authority).transpose()?;
            Some((trust.unwrap_or_default(), stamp))
        };
        Ok(ServerFiles { secret, trust })
    }

    /// Whether its files are there and can be used. Blocking.
    pub(super) fn check(&self) -> Result<(), String> {
        let files = self.read(None)?;
        if let Some((secret, text)) = self.secret.as_ref().zip(files.secret) {
            header(secret, &text, &[])?;
        }
        Ok(())
    }
}

impl HttpSink {
    /// A server that is set up so.
    pub fn new(setup: Arc<ServerSetup>, clock: Clock) -> Self {
        Self {
            setup,
            clock,
            skew: Arc::default(),
            reached: Mutex::default(),
        }
    }

    /// How it is set up.
    pub(super) fn setup(&self) -> Arc<ServerSetup> {
        Arc::clone(&self.setup)
    }

    /// How far the server's clock is ahead of this machine's, in whole seconds; zero where that is too little to matter, or
    /// before its first answer.
    pub(super) fn ahead(&self) -> SignedDuration {
        let doubted = self.skew.doubt().map(|doubt| doubt.difference);
        let ahead = doubted.or_else(|| self.skew.measured()).unwrap_or_default();
        if ahead.abs() < WORTH_A_SHIFT {
            return SignedDuration::ZERO;
        }
        SignedDuration::from_secs(ahead.as_secs())
    }

    /// Host and port.
    pub fn place(&self) -> String {
        self.setup.endpoint.place()
    }

    /// What a refusal means, as a sentence that begins with the file and line of what is wrong.
    pub fn refusal(&self, status: StatusCode, said: &str) -> String {
        let secret = self.setup.secret.as_ref().map(SinkSecret::file);
        let (stated_at, advice) = match (status, secret) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(file)) => {
                (&file.stated_at, "; check the secret in this file")
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => (
                &self.setup.stated_at,
                "; it asks for a secret, and none is configured",
            ),
            (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE, _) => {
                (&self.setup.stated_at, "; check the URL")
            }
            _ => (&self.setup.stated_at, ""),
        };
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(": {said}")
        };
        format!("{stated_at}: {} answered {status}{said}{advice}", self.place())
    }

    /// What it means that it refuses a part of what it got, as a sentence.
    pub(super) fn refuses(&self, what: &str, said: &str) -> String {
        format!(
            "{}: {} refuses {what}: {said}",
            self.setup.stated_at,
            self.place()
        )
    }

    /// Sends a request with a body of JSON.
    pub async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> SinkAnswer {
        let (transport, secret) = match self.prepared().await {
            Ok(prepared) => prepared,
            Err(why) => return SinkAnswer::Failed(why),
        };
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        if let Some((secret, text)) = self.setup.secret.as_ref().zip(secret) {
            match header(secret, &text, &body) {
                Ok((name, value)) => drop(headers.insert(name, value)),
                Err(why) => return SinkAnswer::Failed(why),
            }
        }
        let sent = transport.send(Outgoing {
            method,
            path: path.to_owned(),
            query: String::new(),
            headers,
            body,
            may_be_repeated: true,
        });
        let failed = |why: String| SinkAnswer::Failed(format!("{}: {why}", self.setup.stated_at));
        match sent.await {
            Err(error) => failed(error.to_string()),
            Ok(answer) => match judge(answer.status, &self.place(), &answer.body.unwrap_or_default()) {
                SinkAnswer::Failed(why) => failed(why),
                answer => answer,
            },
        }
    }

    /// The way there, and the secret: both are read from their files, so that these may change and appear later.
    async fn prepared(&self) -> Result<(Arc<Transport>, Option<String>), String> {
        let reached = || self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        let (setup, known) = (self.setup(), reached().clone());
        let of_thread = known.clone();
        // A disk that hangs must not hold up the task.
        let read = spawn_blocking(move || setup.read(of_thread.as_ref())).await;
        let files = read.map_err(|_| format!("{}: its files cannot be read", self.setup.stated_at))??;
        let transport = match (files.trust, known) {
            (None, Some(known)) => known.transport,
            (trust, _) => {
                let (trust, stamp) = trust.unwrap_or_default();
                let context = TransportContext {
                    trust: Arc::new(trust),
                    skew: Arc::clone(&self.skew),
                    ..TransportContext::new(self.clock.clone())
                };
                let transport = Arc::new(Transport::to(self.setup.endpoint.clone(), context));
                *reached() = Some(ReachedServer {
                    transport: Arc::clone(&transport),
                    stamp,
                });
                transport
            }
        };
        Ok((transport, files.secret))
    }
}

fn judge(status: StatusCode, place: &str, body: &[u8]) -> SinkAnswer {
    let said: String = String::from_utf8_lossy(body)
        .trim()
        .chars()
        .take(LONGEST_ANSWER)
        .collect();
    let said = secrets::redact(&said).into_owned();
    let said = RemoteText::message(&said).shown().to_owned();
    if status.is_success() {
        return SinkAnswer::Taken(said);
    }
    let is_later = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
    );
    if status.is_client_error() && !is_later {
        return SinkAnswer::Refused(status, said);
    }
    // The body of a redirect only repeats where it leads.
    let said = match said {
        _ if status.is_redirection() => "; a redirect is not followed, so correct the URL".to_owned(),
        said if said.is_empty() => said,
        said => format!(": {said}"),
    };
    SinkAnswer::Failed(format!("{place} answered {status}{said}"))
}

/// The header that a secret with this text makes, of a body.
fn header(secret: &SinkSecret, text: &str, body: &[u8]) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = match secret {
        SinkSecret::Token(_) => (AUTHORIZATION, format!("Bearer {text}")),
        SinkSecret::SigningKey(_) => (SIGNATURE, format!("sha256={}", signature(text.as_bytes(), body))),
    };
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| secret.file().told(&format!(": {}", SecretFileFault::NotAToken)))?;
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
mod tests;
