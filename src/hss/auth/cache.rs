//! The credential in use: fetched, cached, renewed.
//!
//! Owns when a credential is fetched. A credential that expires is renewed before it does, by one caller
//! while the others wait for the result; a file is read again when it changes. A credential that the service
//! refuses is due at once and is replaced once. It is not replaced again before one was accepted or
//! [`REPLACEMENT_RESTS`] has passed, so a refusal never becomes a loop. [`super::sign_in`] sends passwords
//! and continues if its caller gives up; [`super::exchange`] sends identity tokens. [`super::cached`] knows how
//! long a credential is valid.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::cached::{CachedCredential, Moment, WatchedFiles};
use super::exchange::{Exchanges, FailedExchange};
use super::keys_file::FileCredential;
use super::refusals::Refusals;
use super::secret_file;
use super::sign_in::{OwnRests, PasswordSignIn};
use super::source::{CredentialSource, Password, ResolvedSource};
use super::{Credential, TemporaryKeys, Token, keys_file, koocli, metadata, process};
use crate::hss::endpoint::Endpoint;
use crate::hss::error::Error;
use crate::hss::iam::{Iam, Issued, TokenScope};
use crate::hss::transport::{Carrier, Transport, TransportContext};

/// How long a replacement that was refused too is not replaced.
pub const REPLACEMENT_RESTS: SignedDuration = SignedDuration::from_mins(15);
/// An IAM token is renewed this long before it expires, or after nine tenths of its life if that is later.
const TOKEN_MARGIN: SignedDuration = SignedDuration::from_mins(10);
/// A key pair of the metadata service is renewed this long before it expires, as in the official SDK.
const SERVER_MARGIN: SignedDuration = SignedDuration::from_mins(40);
/// A key pair from a program is renewed this long before it expires.
const PROCESS_MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// The wait after a failed renewal while the old credential is still valid.
const RENEWAL_RESTS: Duration = Duration::from_mins(1);

/// Where to sign in.
#[derive(Debug, Default)]
pub struct SignInPlaces {
    /// IAM.
    pub iam: Option<Iam>,
    /// The project of a token for a password.
    pub scope: Option<TokenScope>,
    /// STS.
    pub sts: Option<Endpoint>,
}

/// Caches the credential of one source.
#[derive(Debug)]
pub struct CredentialCache {
    resolved: ResolvedSource,
    iam: Option<Arc<Iam>>,
    scope: Option<TokenScope>,
    exchanges: Exchanges,
    metadata: Option<Transport>,
    context: TransportContext,
    state: Mutex<CacheState>,
    refusals: Option<Refusals>,
    own_rests: OwnRests,
    /// The cached credential replaced a refused one, and the service has accepted nothing since.
    spent: AtomicBool,
}

/// The credential in use.
#[derive(Debug, Clone)]
pub struct InUse {
    /// The credential.
    pub credential: Credential,
    /// Its number, counting every credential that was fetched.
    pub serial: u64,
}

#[derive(Debug, Default)]
struct CacheState {
    cached: Option<CachedCredential>,
    fetched: u64,
    /// The current sign-in. It continues if its caller gives up.
    signing_in: JoinSet<Result<Issued, Error>>,
    /// When a refused credential was last replaced.
    replaced_at: Option<Timestamp>,
    /// The last exchange of an identity token, if it failed after the token was sent.
    failed: Option<FailedExchange>,
}

impl CacheState {
    fn insert(&mut self, fresh: CachedCredential) -> InUse {
        fresh.credential.protect();
        self.fetched += 1;
        let serial = self.fetched;
        self.cached.insert(CachedCredential { serial, ..fresh }).in_use()
    }
}

impl CredentialCache {
    /// A cache for the source `resolved`, which signs in at `places` if it has to.
    pub fn new(resolved: ResolvedSource, places: SignInPlaces, context: TransportContext) -> Self {
        let metadata = match &resolved.source {
            CredentialSource::Metadata(endpoint) => {
                let limits = metadata::limits();
                // Its answers are credentials: nobody listens.
                let context = TransportContext {
                    limits,
                    carrier: Carrier::Network,
                    ..context.clone()
                };
                Some(Transport::to(endpoint.clone(), context))
            }
            _ => None,
        };
        let iam = places.iam.map(Arc::new);
        Self {
            exchanges: Exchanges::of(&resolved.source, iam.clone(), places.sts, &context),
            resolved,
            iam,
            scope: places.scope,
            metadata,
            context,
            state: Mutex::default(),
            refusals: None,
            own_rests: OwnRests::default(),
            spent: AtomicBool::default(),
        }
    }

    /// Remembers refused passwords in `refusals`, which also holds those of earlier runs.
    pub fn remember(&mut self, refusals: Refusals) {
        self.refusals = Some(refusals);
    }

    /// Why a refused password could not be remembered for other programs and for the next start.
    pub fn trouble(&self) -> Option<String> {
        self.refusals.as_ref()?.trouble()
    }

    /// The name of the source, for people.
    pub fn name(&self) -> &str {
        &self.resolved.name
    }

    /// When the credential in use expires, if known; the outer `None` while one is being fetched.
    pub fn expires_at_now(&self) -> Option<Option<Timestamp>> {
        let state = self.state.try_lock().ok()?;
        Some(state.cached.as_ref().and_then(|cached| cached.expires_at))
    }

    /// When the credential in use expires, if known.
    pub async fn expires_at(&self) -> Option<Timestamp> {
        self.state.lock().await.cached.as_ref()?.expires_at
    }

    /// The credential, fetched first if one is due.
    pub async fn credential(&self) -> Result<InUse, Error> {
        let mut state = self.state.lock().await;
        let now = self.moment();
        if let Some(cached) = &state.cached
            && !cached.is_due(now)
            && !cached.files.changed()
        {
            return Ok(cached.in_use());
        }
        match self.fetch(&mut state).await {
            Ok(fresh) => Ok(self.insert(&mut state, fresh)),
            Err(error) => match &mut state.cached {
                Some(old) if !old.is_over(now) => {
                    tracing::warn!(source = self.resolved.name, error = %error, "not renewed yet");
                    old.postpone(now, RENEWAL_RESTS);
                    // A file that cannot be used is tried again when it changes again.
                    old.files = WatchedFiles::now(self.resolved.source.files());
                    Ok(old.in_use())
                }
                _ => Err(error),
            },
        }
    }

    /// Notes that the service accepted the credential.
    pub fn accepted(&self) {
        self.spent.store(false, Ordering::Relaxed);
    }

    /// Looks for another credential after the service refused the one with this serial number.
    ///
    /// # Errors
    /// `refusal` if there is no other credential, or the reason for that if it says more.
    pub async fn replace(&self, refusal: Error, serial: u64) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if let Some(cached) = &state.cached {
            if cached.serial > serial {
                return Ok(());
            }
            if let Some(why) = &cached.irreplaceable {
                return Err(why.clone());
            }
        }
        let renewable = !matches!(self.resolved.source, CredentialSource::Given(_));
        if !renewable || self.is_spent(&state) {
            return Err(refusal);
        }
        // Before the fetch, which may fail or be cancelled: another credential is due in any case.
        if let Some(cached) = &mut state.cached {
            cached.refused = true;
        }
        let fetched = self.fetch(&mut state).await;
        let old = state.cached.as_mut();
        match fetched {
            Ok(fresh) => {
                let differs = old.is_none_or(|old| !old.credential.is_the_same_as(&fresh.credential));
                self.insert(&mut state, fresh);
                if differs { Ok(()) } else { Err(refusal) }
            }
            Err(error) => {
                if let Some(old) = old {
                    old.irreplaceable = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Caches what was fetched, and notes whether it replaces a refused credential.
    fn insert(&self, state: &mut CacheState, fresh: CachedCredential) -> InUse {
        if state.cached.as_ref().is_some_and(|old| old.refused) {
            state.replaced_at = Some(self.now());
            self.spent.store(true, Ordering::Relaxed);
        }
        state.insert(fresh)
    }

    /// Whether the cached credential replaced a refused one recently and the service has accepted nothing
    /// since.
    fn is_spent(&self, state: &CacheState) -> bool {
        let rests = |at: Timestamp| self.now().duration_since(at).abs() < REPLACEMENT_RESTS;
        self.spent.load(Ordering::Relaxed) && state.replaced_at.is_some_and(rests)
    }

    async fn fetch(&self, state: &mut CacheState) -> Result<CachedCredential, Error> {
        // The stamps first, so that a change in between is noticed at the next call.
        let files = WatchedFiles::now(self.resolved.source.files());
        let fetched = self.fetch_from_source(state, &files).await?;
        Ok(CachedCredential { files, ..fetched })
    }

    async fn fetch_from_source(
        &self,
        state: &mut CacheState,
        files: &WatchedFiles,
    ) -> Result<CachedCredential, Error> {
        match &self.resolved.source {
            CredentialSource::Given(credential) => Ok(CachedCredential::forever(credential.clone())),
            CredentialSource::TokenFile(path) => {
                let token = self.read_file(path, Token::new)?;
                Ok(CachedCredential::forever(Credential::Token(token)))
            }
            CredentialSource::KeysFile(path) => match self.read_file(path, keys_file::read)? {
                FileCredential::Pair(keys) => Ok(CachedCredential::forever(Credential::Keys(keys))),
                FileCredential::Identity { .. } => self.exchange(state, files).await,
            },
            CredentialSource::KooCli { path, profile } => {
                let read = self.read_file(path, |text| koocli::read(text, profile.as_deref()))?;
                let keys = TemporaryKeys {
                    keys: read.keys,
                    expires_at: read.expires_at,
                };
                Ok(self.temporary(keys, PROCESS_MARGIN))
            }
            CredentialSource::Identity { .. }
            | CredentialSource::Agency { .. }
            | CredentialSource::Pod(_) => self.exchange(state, files).await,
            CredentialSource::Process(command) => {
                let (keys, expires_at) = process::key_pair(command)
                    .await
                    .map_err(|fault| self.failed(&fault.to_string()))?;
                Ok(self.temporary(TemporaryKeys { keys, expires_at }, PROCESS_MARGIN))
            }
            CredentialSource::Metadata(_) => {
                let transport = self
                    .metadata
                    .as_ref()
                    .ok_or_else(|| self.failed("its address is missing"))?;
                Ok(self.temporary(metadata::key_pair(transport).await?, SERVER_MARGIN))
            }
            CredentialSource::Password {
                user,
                domain,
                password,
            } => {
                // The sign-in of a caller that gave up may have returned a token since.
                let earlier = state.signing_in.try_join_next().and_then(Result::ok);
                let ended = if let Some(issued) = earlier.filter(Result::is_ok) {
                    Some(issued)
                } else {
                    if state.signing_in.is_empty() {
                        let sign_in = self.sign_in(user, domain, password)?;
                        state.signing_in.spawn(sign_in.run());
                    }
                    state.signing_in.join_next().await.and_then(Result::ok)
                };
                let issued = ended.unwrap_or_else(|| Err(self.failed("the sign-in was cancelled")))?;
                Ok(CachedCredential::until(
                    Credential::Token(issued.token),
                    issued.expires_at,
                    self.served(),
                    TOKEN_MARGIN,
                ))
            }
        }
    }

    /// Exchanges the identity token of the source for a key pair. After a failure the same token rests, unless
    /// it was not sent.
    async fn exchange(
        &self,
        state: &mut CacheState,
        files: &WatchedFiles,
    ) -> Result<CachedCredential, Error> {
        let now = self.moment();
        if let Some(error) = state
            .failed
            .as_ref()
            .and_then(|failed| failed.resting(now, files))
        {
            return Err(error);
        }
        // Boxed: it is rare, and large beside a call.
        let exchanged = Box::pin(self.exchanges.key_pair(&self.resolved)).await;
        let error = exchanged.as_ref().err();
        state.failed = error.and_then(|error| FailedExchange::of(error, now, files));
        Ok(self.temporary(exchanged?, SERVER_MARGIN))
    }

    fn temporary(&self, pair: TemporaryKeys, margin: SignedDuration) -> CachedCredential {
        CachedCredential::until(
            Credential::Keys(pair.keys),
            pair.expires_at,
            self.served(),
            margin,
        )
    }

    fn sign_in(&self, user: &str, domain: &str, password: &Password) -> Result<PasswordSignIn, Error> {
        let (Some(iam), Some(scope)) = (&self.iam, &self.scope) else {
            return Err(self.failed("it needs --region, or --iam-endpoint and --project-id"));
        };
        Ok(PasswordSignIn {
            iam: iam.clone(),
            scope: scope.clone(),
            user: user.to_owned(),
            domain: domain.to_owned(),
            password: password.clone(),
            source: self.resolved.name.clone(),
            refusals: self.refusals.clone(),
            own_rests: self.own_rests.clone(),
            clock: self.context.clock.clone(),
        })
    }

    fn read_file<T, E: fmt::Display>(
        &self,
        path: &Path,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Error> {
        let text = secret_file::read(path).map_err(|fault| self.failed(&fault.to_string()))?;
        read(&text).map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, why: &str) -> Error {
        self.resolved.failed(why)
    }

    /// Now, by the service's clock according to its last answer, and by ours.
    fn served(&self) -> (Timestamp, Moment) {
        let now = self.moment();
        (self.context.skew.service_time(now.wall), now)
    }

    fn moment(&self) -> Moment {
        Moment {
            steady: Instant::now(),
            wall: self.context.clock.now(),
        }
    }

    fn now(&self) -> Timestamp {
        self.context.skew.corrected(self.context.clock.now())
    }
}
