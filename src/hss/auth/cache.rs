//! The credential in use: fetched, kept, renewed.
//!
//! Owns when a credential is fetched. One that ends is renewed alone, ahead of its end, by one caller while the others
//! wait for the result; a file is read again when it changes. A credential that the service refuses is due at once and is
//! replaced once, and then not again before one was accepted or [`REPLACEMENT_RESTS`] is over, so that a refusal never
//! becomes a loop. A password is sent by [`super::sign_in`], which goes on where its caller gives up. [`super::cached`] knows how
//! long a credential is good.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::cached::{CachedCredential, Moment};
use super::refusals::Refusals;
use super::secret_file;
use super::sign_in::{OwnRests, PasswordSignIn};
use super::source::{CredentialSource, Password, ResolvedSource};
use super::{Credential, Token, keys_file, metadata, process};
use crate::fleet::RemoteText;
use crate::hss::error::Error;
use crate::hss::iam::{Iam, Issued, TokenScope};
use crate::hss::transport::{Transport, TransportContext};

/// A credential that came in place of a refused one, and was refused too, is not replaced for so long.
pub const REPLACEMENT_RESTS: SignedDuration = SignedDuration::from_mins(15);
/// A token of IAM is renewed so long before its end, or after nine tenths of its life if that is later.
const TOKEN_MARGIN: SignedDuration = SignedDuration::from_mins(10);
/// A key pair of the metadata service is renewed so long before its end, as the official SDK does.
const SERVER_MARGIN: SignedDuration = SignedDuration::from_mins(40);
/// A key pair of a program is renewed so long before its end.
const PROCESS_MARGIN: SignedDuration = SignedDuration::from_mins(1);
/// A renewal that failed while the old credential is still good is tried again after so long.
const RENEWAL_RESTS: Duration = Duration::from_mins(1);

/// Keeps the credential of one source.
#[derive(Debug)]
pub struct CredentialCache {
    found: ResolvedSource,
    iam: Option<(Arc<Iam>, TokenScope)>,
    metadata: Option<Transport>,
    context: TransportContext,
    held: Mutex<CacheState>,
    refusals: Option<Refusals>,
    own_rests: OwnRests,
    /// What is held came in place of a refused one, and nothing was accepted since.
    spent: AtomicBool,
}

/// The credential in use.
#[derive(Debug, Clone)]
pub struct InUse {
    /// The credential.
    pub credential: Credential,
    /// Its number among those that were fetched.
    pub serial: u64,
}

#[derive(Debug, Default)]
struct CacheState {
    held: Option<CachedCredential>,
    fetched: u64,
    /// A sign-in that is under way, also after its caller gave it up.
    signing_in: JoinSet<Result<Issued, Error>>,
    /// When a credential last came in place of a refused one.
    replaced_at: Option<Timestamp>,
}

impl CacheState {
    fn hold(&mut self, fresh: CachedCredential) -> InUse {
        fresh.credential.protect();
        self.fetched += 1;
        let serial = self.fetched;
        self.held.insert(CachedCredential { serial, ..fresh }).in_use()
    }
}

impl CredentialCache {
    /// Keeps what `found` gives. `iam` is where to sign in with a password, and for which project.
    pub fn new(found: ResolvedSource, iam: Option<(Iam, TokenScope)>, context: TransportContext) -> Self {
        let metadata = match &found.source {
            CredentialSource::Metadata(endpoint) => {
                let limits = metadata::limits();
                let context = TransportContext {
                    limits,
                    ..context.clone()
                };
                Some(Transport::to(endpoint.clone(), context))
            }
            _ => None,
        };
        Self {
            found,
            iam: iam.map(|(iam, scope)| (Arc::new(iam), scope)),
            metadata,
            context,
            held: Mutex::default(),
            refusals: None,
            own_rests: OwnRests::default(),
            spent: AtomicBool::default(),
        }
    }

    /// Remembers refused passwords there, also those of earlier runs.
    pub fn remember(&mut self, refusals: Refusals) {
        self.refusals = Some(refusals);
    }

    /// Why a refused password could not be remembered for other programs and for the next start.
    pub fn trouble(&self) -> Option<String> {
        self.refusals.as_ref()?.trouble()
    }

    /// What the source is called.
    pub fn name(&self) -> &str {
        &self.found.name
    }

    /// When the credential in use ends, if that is known.
    pub async fn expires_at(&self) -> Option<Timestamp> {
        self.held.lock().await.held.as_ref()?.expires_at
    }

    /// The credential, fetched first where that is due.
    pub async fn credential(&self) -> Result<InUse, Error> {
        let mut keep = self.held.lock().await;
        let now = self.moment();
        if let Some(held) = &keep.held
            && !held.is_due(now)
            && !self.file_changed(held)
        {
            return Ok(held.in_use());
        }
        match self.fetch(&mut keep).await {
            Ok(fresh) => Ok(self.hold(&mut keep, fresh)),
            Err(error) => match &mut keep.held {
                Some(old) if !old.is_over(now) => {
                    tracing::warn!(source = self.found.name, error = %error, "not renewed yet");
                    old.postpone(now, RENEWAL_RESTS);
                    Ok(old.in_use())
                }
                _ => Err(error),
            },
        }
    }

    /// Notes that the service took the credential.
    pub fn accepted(&self) {
        self.spent.store(false, Ordering::Relaxed);
    }

    /// Looks for another credential after a call with the one of this serial number was refused.
    ///
    /// # Errors
    /// `refusal` where there is none; or why there is none, if that says more.
    pub async fn replace(&self, refusal: Error, serial: u64) -> Result<(), Error> {
        let mut keep = self.held.lock().await;
        if let Some(held) = &keep.held {
            if held.serial > serial {
                return Ok(());
            }
            if let Some(why) = &held.irreplaceable {
                return Err(why.clone());
            }
        }
        let renewable = !matches!(self.found.source, CredentialSource::Given(_));
        if !renewable || self.is_spent(&keep) {
            return Err(refusal);
        }
        // Before the fetch, which may fail or be given up: it is due in any case.
        if let Some(held) = &mut keep.held {
            held.refused = true;
        }
        let fetched = self.fetch(&mut keep).await;
        let old = keep.held.as_mut();
        match fetched {
            Ok(fresh) => {
                let differs = old.is_none_or(|old| !old.credential.is_the_same_as(&fresh.credential));
                self.hold(&mut keep, fresh);
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

    /// Holds what was fetched; notes where it comes in place of a refused one.
    fn hold(&self, keep: &mut CacheState, fresh: CachedCredential) -> InUse {
        if keep.held.as_ref().is_some_and(|old| old.refused) {
            keep.replaced_at = Some(self.now());
            self.spent.store(true, Ordering::Relaxed);
        }
        keep.hold(fresh)
    }

    /// Whether what is held came in place of a refused one a short time ago, and nothing was accepted since.
    fn is_spent(&self, keep: &CacheState) -> bool {
        let rests = |at: Timestamp| self.now().duration_since(at).abs() < REPLACEMENT_RESTS;
        self.spent.load(Ordering::Relaxed) && keep.replaced_at.is_some_and(rests)
    }

    async fn fetch(&self, keep: &mut CacheState) -> Result<CachedCredential, Error> {
        match &self.found.source {
            CredentialSource::Given(credential) => Ok(CachedCredential::forever(credential.clone())),
            CredentialSource::TokenFile(path) => {
                self.read_file(path, |text| Token::new(text).map(Credential::Token))
            }
            CredentialSource::KeysFile(path) => {
                self.read_file(path, |text| keys_file::read(text).map(Credential::Keys))
            }
            CredentialSource::Process(command) => {
                let (keys, end) = process::key_pair(command)
                    .await
                    .map_err(|fault| self.failed(&fault.to_string()))?;
                Ok(CachedCredential::until(
                    Credential::Keys(keys),
                    end,
                    self.served(),
                    PROCESS_MARGIN,
                ))
            }
            CredentialSource::Metadata(_) => {
                let transport = self
                    .metadata
                    .as_ref()
                    .ok_or_else(|| self.failed("it has no address"))?;
                let (keys, end) = metadata::key_pair(transport).await?;
                Ok(CachedCredential::until(
                    Credential::Keys(keys),
                    end,
                    self.served(),
                    SERVER_MARGIN,
                ))
            }
            CredentialSource::Password {
                user,
                domain,
                password,
            } => {
                // One that a caller gave up, and that brought a token since.
                let earlier = keep.signing_in.try_join_next().and_then(Result::ok);
                let ended = if let Some(issued) = earlier.filter(Result::is_ok) {
                    Some(issued)
                } else {
                    if keep.signing_in.is_empty() {
                        let sign_in = self.sign_in(user, domain, password)?;
                        keep.signing_in.spawn(sign_in.run());
                    }
                    keep.signing_in.join_next().await.and_then(Result::ok)
                };
                let issued = ended.unwrap_or_else(|| Err(self.failed("the sign-in was broken off")))?;
                Ok(CachedCredential::until(
                    Credential::Token(issued.token),
                    issued.expires_at,
                    self.served(),
                    TOKEN_MARGIN,
                ))
            }
        }
    }

    fn sign_in(&self, user: &str, domain: &str, password: &Password) -> Result<PasswordSignIn, Error> {
        let Some((iam, scope)) = &self.iam else {
            return Err(self.failed("it needs --region, or --iam-endpoint and --project-id"));
        };
        Ok(PasswordSignIn {
            iam: iam.clone(),
            scope: scope.clone(),
            user: user.to_owned(),
            domain: domain.to_owned(),
            password: password.clone(),
            source: self.found.name.clone(),
            refusals: self.refusals.clone(),
            own_rests: self.own_rests.clone(),
            clock: self.context.clock.clone(),
        })
    }

    fn read_file<E: fmt::Display>(
        &self,
        path: &Path,
        read: impl FnOnce(&str) -> Result<Credential, E>,
    ) -> Result<CachedCredential, Error> {
        // The stamp first: a change in between is then seen at the next call.
        let stamp = secret_file::stamp(path);
        let text = secret_file::read(path).map_err(|fault| self.failed(&fault.to_string()))?;
        let credential = read(&text).map_err(|error| self.failed(&error.to_string()))?;
        Ok(CachedCredential {
            stamp,
            ..CachedCredential::forever(credential)
        })
    }

    fn file_changed(&self, held: &CachedCredential) -> bool {
        match &self.found.source {
            CredentialSource::TokenFile(path) | CredentialSource::KeysFile(path) => {
                secret_file::stamp(path) != held.stamp
            }
            _ => false,
        }
    }

    fn failed(&self, why: &str) -> Error {
        Error::NoCredential {
            source: self.found.name.clone(),
            why: RemoteText::message(why),
        }
    }

    /// Now, by the service's clock as its last answer told it, and by ours.
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
