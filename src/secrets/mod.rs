//! The secrets in use, and their redaction in whatever is shown or written.
//!
//! A server, a proxy or a helper program may repeat the credential that it received. So every secret is
//! registered here where it is resolved or renewed ([`protect`]), and three places search for it:
//! [`crate::fleet::RemoteText`], through which all remote text passes; the bytes of a page before they are
//! decoded and stored ([`redact_page`]); and, as the last barrier, each line of the log and each text that a
//! command prints. A secret that is found becomes [`MARK`].
//!
//! The registry belongs to the process and not to a client, because a panic message and a log line have no
//! client. It holds at most [`MOST_SECRETS`]; the least recently used one leaves first. A secret shorter than
//! [`SHORTEST`] characters is not searched for: it would blank out ordinary words, and the service refuses
//! such passwords. `redactor` explains what is searched for in lists, where a password may look like an
//! honest pod's name; `plain` why escapes are decoded instead of listed as forms; `starts` what else looks
//! like a token. Must not: show a secret, or know where a text goes.

mod forms;
mod glance;
mod middles;
mod plain;
mod redactor;
mod starts;
pub mod values;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret as _, SecretString};

use redactor::Redactor;
pub use starts::SEPARATORS;

/// The mark in place of a secret.
pub const MARK: &str = "‹secret›";
/// Shorter secrets, in characters, are not searched for.
pub const SHORTEST: usize = 8;
/// The most secrets that are searched for.
const MOST_SECRETS: usize = 32;

/// A secret and the text that replaces it.
#[derive(Clone)]
struct Secret {
    text: SecretString,
    replacement: String,
}

struct Live {
    /// The most recently used secret is the last.
    secrets: VecDeque<Secret>,
    redactor: Option<Arc<Redactor>>,
}

static LIVE: RwLock<Live> = RwLock::new(Live {
    secrets: VecDeque::new(),
    redactor: None,
});
/// Whether any secret is registered: a cheap check before every search.
static ANY: AtomicBool = AtomicBool::new(false);
/// See [`version`].
static VERSION: AtomicU64 = AtomicU64::new(0);

/// Registers a secret: from now on it is redacted.
pub fn protect(secret: &str) {
    register(secret, MARK.to_owned());
}

/// Registers the id of an access key. Its first four characters may be shown.
pub fn protect_access_key(access: &str) {
    register(access, values::masked(access));
}

fn register(text: &str, replacement: String) {
    let text = text.trim();
    if text.chars().count() < SHORTEST {
        return;
    }
    let mut live = LIVE.write().unwrap_or_else(PoisonError::into_inner);
    if note(&mut live.secrets, text, replacement) {
        live.redactor =
            Some(Arc::new(Redactor::of(live.secrets.iter().map(|secret| {
                (secret.text.expose_secret(), secret.replacement.as_str())
            }))));
        ANY.store(true, Ordering::Release);
        VERSION.fetch_add(1, Ordering::AcqRel);
    }
}

/// Changes when a secret is registered: a text that was searched before is searched again after that.
pub fn version() -> u64 {
    VERSION.load(Ordering::Acquire)
}

/// Notes that a secret is in use; returns whether it is new.
fn note(secrets: &mut VecDeque<Secret>, text: &str, replacement: String) -> bool {
    let known = secrets.iter().position(|it| it.text.expose_secret() == text);
    if let Some(again) = known.and_then(|at| secrets.remove(at)) {
        secrets.push_back(again);
        return false;
    }
    if secrets.len() == MOST_SECRETS {
        secrets.pop_front();
    }
    secrets.push_back(Secret {
        text: text.into(),
        replacement,
    });
    true
}

fn redactor() -> Option<Arc<Redactor>> {
    if !ANY.load(Ordering::Acquire) {
        return None;
    }
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    live.redactor.clone()
}

fn without_secrets(text: &[u8]) -> Option<Vec<u8>> {
    if !ANY.load(Ordering::Acquire) {
        return redactor::without_foreign_tokens(text);
    }
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    match &live.redactor {
        Some(redactor) => redactor.redact(text),
        None => redactor::without_foreign_tokens(text),
    }
}

/// The text with every secret redacted.
pub fn redact(text: &str) -> Cow<'_, str> {
    let redacted = without_secrets(text.as_bytes());
    redacted.map_or(Cow::Borrowed(text), |bytes| {
        Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// Whether [`redact`] returns the text as it is, for certain: nearly every name.
pub fn is_clean(text: &[u8]) -> bool {
    if !redactor::has_no_foreign_token(text) {
        return false;
    }
    if !ANY.load(Ordering::Acquire) {
        return true;
    }
    let live = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    live.redactor
        .as_ref()
        .is_none_or(|redactor| redactor.is_clean(text))
}

/// The search for secrets as it is now, for many texts one after the other: a look at the registry takes a lock for which all
/// threads take turns.
#[derive(Clone, Default)]
pub struct HeldSearch {
    version: u64,
    redactor: Option<Arc<Redactor>>,
}

impl HeldSearch {
    /// That of the secrets that are registered now.
    pub fn now() -> Self {
        // A secret that is registered in between makes it look old, and not new.
        let version = version();
        Self {
            version,
            redactor: redactor(),
        }
    }

    /// Whether no secret was registered since.
    pub fn is_current(&self) -> bool {
        self.version == version()
    }

    /// [`is_clean`], as long as the search is current.
    pub fn is_clean(&self, text: &[u8]) -> bool {
        // A text that is shorter than any secret, such as an amount, holds none in whatever form.
        text.len() < SHORTEST || self.is_long_and_clean(text)
    }

    /// The same for a text without any of [`SEPARATORS`], such as an id or a usual name, which saves the search for them.
    #[inline]
    pub fn is_clean_word(&self, text: &[u8]) -> bool {
        self.redactor
            .as_ref()
            .is_none_or(|redactor| text.len() < SHORTEST || redactor.is_clean(text))
    }

    fn is_long_and_clean(&self, text: &[u8]) -> bool {
        redactor::has_no_foreign_token(text)
            && self
                .redactor
                .as_ref()
                .is_none_or(|redactor| redactor.is_clean(text))
    }
}

impl fmt::Debug for HeldSearch {
    /// The secrets are not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldSearch({})", self.version)
    }
}

/// A log line, which is JSON, with every secret redacted.
pub fn redact_line(line: &[u8]) -> Cow<'_, [u8]> {
    let redacted = without_secrets(line);
    redacted.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// A page of pods with every secret redacted, to be decoded and stored. Nearly always the text as received.
pub fn redact_page(page: String) -> String {
    match redactor().and_then(|redactor| redactor.redact_page(page.as_bytes())) {
        Some(redacted) => String::from_utf8_lossy(&redacted).into_owned(),
        None => page,
    }
}

/// Whether a text of a stored list of pods holds a secret, as a page would be searched for it.
pub fn is_in_list(text: &str) -> bool {
    redactor().is_some_and(|redactor| redactor.redact_page(text.as_bytes()).is_some())
}

#[cfg(test)]
mod tests;
