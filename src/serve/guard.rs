//! Which requests are answered, and how often.
//!
//! Owns three answers that come before all others: 401 for a client without a required token; 421 for a
//! browser that another site sent here; 429 for a client that sends too many requests. Also owns what a client
//! may do, by its token. Time is an argument.
//! Must not: show or log a token.

use std::net::{IpAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use ring::hmac;
use ring::rand::SystemRandom;
use tokio::time::Instant;

use super::rates::ClientRates;
use super::requests::ServedPath;
use crate::hss::auth::secret_file::{self, SecretFileFault, Stamp};
use crate::http_server::CallerKey;
use crate::secrets::values;

/// How often the file is checked for changes.
const LOOKED_EVERY: Duration = Duration::from_secs(2);
/// The fewest characters of a token: a shorter one can be guessed.
const FEWEST: usize = 16;

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientRole {
    /// Read everything.
    Reads,
    /// Also acknowledge and mute, for the whole team.
    Decides,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardRefusal {
    /// It has no token, or a wrong one.
    NoToken,
    /// It names a host that is not this machine: a site may have sent a browser here under its own name.
    ForeignHost,
    /// Its client sends too many requests.
    TooOften,
}

/// Why there is no token for comparison.
#[derive(Debug)]
pub enum ClientTokenFault {
    /// The file cannot be read.
    Unread(String, SecretFileFault),
    /// Its content is not a token.
    Weak(String),
    /// Both files have the same token.
    Same,
    /// The system provides no random bytes.
    NoRandom,
}

impl std::fmt::Display for ClientTokenFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unread(name, fault) => write!(f, "{name}: {fault}"),
            Self::Weak(name) => write!(
                f,
                "{name}: a token needs at least {FEWEST} printable characters without spaces, as from: openssl \
                 rand -hex 32"
            ),
            Self::Same => f.write_str(
                "the files of --client-token-file and --deciding-token-file have the same token, so whoever may read could also \
                 decide: write another one into one of them",
            ),
            Self::NoRandom => f.write_str("the system provides no random bytes"),
        }
    }
}

impl std::error::Error for ClientTokenFault {}

/// The token of the clients: a file that is read again when it changes. Only a tag with a random key is
/// stored, and two tags are compared in constant time.
#[derive(Debug)]
pub struct ClientToken {
    path: PathBuf,
    key: hmac::Key,
    known: Mutex<KnownToken>,
}

#[derive(Debug)]
struct KnownToken {
    tag: hmac::Tag,
    stamp: Option<Stamp>,
    looked_at: Instant,
}

impl ClientToken {
    /// Reads the file.
    ///
    /// # Errors
    /// Why there is no token in it.
    pub fn read(path: &Path, now: Instant) -> Result<Self, ClientTokenFault> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| ClientTokenFault::NoRandom)?;
        let stamp = secret_file::stamp(path);
        let tag = tag(&key, path)?;
        Ok(Self {
            path: path.to_owned(),
            key,
            known: Mutex::new(KnownToken {
                tag,
                stamp,
                looked_at: now,
            }),
        })
    }

    fn tag(&self) -> hmac::Tag {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).tag
    }

    /// Whether this is the token of the file. While a changed file has no token, the previous one stays
    /// valid.
    fn is(&self, token: &[u8], now: Instant) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(known.looked_at) >= LOOKED_EVERY {
            known.looked_at = now;
            let stamp = secret_file::stamp(&self.path);
            if stamp != known.stamp {
                // Also of a file that has no token: it is told once, and read again after the next change.
                known.stamp = stamp;
                match tag(&self.key, &self.path) {
                    Ok(tag) => {
                        known.tag = tag;
                        let file = values::path(&self.path.display().to_string());
                        tracing::info!(%file, "the changed client token is in use");
                    }
                    Err(fault) => tracing::warn!(
                        %fault,
                        "the changed client token cannot be used: the previous one stays valid"
                    ),
                }
            }
        }
        let tag = known.tag;
        drop(known);
        hmac::verify(&self.key, token, tag.as_ref()).is_ok()
    }
}

fn tag(key: &hmac::Key, path: &Path) -> Result<hmac::Tag, ClientTokenFault> {
    let name = || values::path(&path.display().to_string());
    let text = secret_file::read(path).map_err(|fault| ClientTokenFault::Unread(name(), fault))?;
    let token = text.trim();
    if token.len() < FEWEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ClientTokenFault::Weak(name()));
    }
    Ok(hmac::sign(key, token.as_bytes()))
}

/// The tokens of the clients, by what they allow.
#[derive(Debug, Default)]
pub struct ClientTokens {
    /// For [`ClientRole::Reads`].
    pub reads: Option<ClientToken>,
    /// For [`ClientRole::Decides`].
    pub decides: Option<ClientToken>,
}

impl ClientTokens {
    /// Reads these files.
    ///
    /// # Errors
    /// Why there is no token in one of them, or that they do not tell the roles apart.
    pub fn read(
        reads: Option<&Path>,
        decides: Option<&Path>,
        now: Instant,
    ) -> Result<Self, ClientTokenFault> {
        let read = |path: Option<&Path>| path.map(|path| ClientToken::read(path, now)).transpose();
        let tokens = Self {
            reads: read(reads)?,
            decides: read(decides)?,
        };
        if let (Some(reads), Some(path)) = (&tokens.reads, decides)
            && tag(&reads.key, path)?.as_ref() == reads.tag().as_ref()
        {
            return Err(ClientTokenFault::Same);
        }
        Ok(tokens)
    }

    /// Whether a client needs none.
    pub const fn is_empty(&self) -> bool {
        self.reads.is_none() && self.decides.is_none()
    }

    /// What this token allows. Both are compared, so that the time does not tell which one was nearly right.
    fn role(&self, shown: &[u8], now: Instant) -> Option<ClientRole> {
        let is = |token: &Option<ClientToken>| token.as_ref().is_some_and(|token| token.is(shown, now));
        let (reads, decides) = (is(&self.reads), is(&self.decides));
        if decides {
            Some(ClientRole::Decides)
        } else {
            reads.then_some(ClientRole::Reads)
        }
    }
}

/// Decides which requests are answered.
#[derive(Debug, Default)]
pub struct RequestGuard {
    tokens: ClientTokens,
    rates: ClientRates,
}

impl RequestGuard {
    /// With these tokens, or only for this machine.
    pub fn new(tokens: ClientTokens) -> Self {
        Self {
            tokens,
            rates: ClientRates::default(),
        }
    }

    /// What the client at this address may do, while the lists have this many pages. Without tokens, whoever uses this machine
    /// may do everything.
    ///
    /// # Errors
    /// Why its request is not answered.
    pub fn check(
        &self,
        endpoint: ServedPath,
        head: &Parts,
        caller: IpAddr,
        pages: u32,
        now: Instant,
    ) -> Result<ClientRole, GuardRefusal> {
        if !self.rates.admit(CallerKey::of(caller), pages, now) {
            return Err(GuardRefusal::TooOften);
        }
        // A supervisor's probe has no token, and only learns that the process is alive.
        if matches!(endpoint, ServedPath::Health | ServedPath::Ready) {
            return Ok(ClientRole::Reads);
        }
        if !self.tokens.is_empty() {
            let shown = presented(&head.headers);
            let role = shown.and_then(|shown| self.tokens.role(shown, now));
            return role.ok_or(GuardRefusal::NoToken);
        }
        if is_of_this_machine(head) {
            Ok(ClientRole::Decides)
        } else {
            Err(GuardRefusal::ForeignHost)
        }
    }
}

/// The token of a request: as a bearer token, or in the header of clients of HSS.
fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    if let Some(token) = headers.get("x-auth-token") {
        return Some(token.as_bytes());
    }
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// Whether the request names this machine as its host. A browser names the site whose address it believes this to be.
fn is_of_this_machine(head: &Parts) -> bool {
    let named = head.headers.get(HOST).map(|host| host.to_str().ok());
    // This is what most requests name, and it is read without a copy.
    if let (None, Some(Some(host))) = (head.uri.authority(), named)
        && host.parse::<SocketAddrV4>().is_ok()
    {
        return true;
    }
    let host = match (head.uri.authority(), named) {
        (Some(authority), _) => Some(authority.clone()),
        (None, None) => return true,
        (None, Some(host)) => host.and_then(|host| host.parse::<Authority>().ok()),
    };
    host.is_some_and(|host| {
        let name = host.host().trim_start_matches('[').trim_end_matches(']');
        name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
    })
}

#[cfg(test)]
mod tests;
