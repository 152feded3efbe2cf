//! A credential that was fetched, and how long it is valid.
//!
//! Its lifetime is what the service's clock left of it when it arrived. From then on its age counts, by
//! whichever of the two local clocks shows more: the monotonic clock stops while the machine sleeps, and the
//! wall clock may be set. So a local clock that is off by a day does not make every token look expired. Time
//! is an argument.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::Credential;
use super::cache::InUse;
use super::secret_file::{self, Stamp};
use crate::hss::error::Error;

/// A credential that expires is not fetched again sooner than this, whatever its expiry says: IAM counts
/// sign-ins.
pub(super) const FETCHES_APART: Duration = Duration::from_mins(1);
/// Tokens and temporary key pairs live a day at most; a later expiry comes from a wrong clock.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A point in time by both local clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// By the monotonic clock.
    pub(super) steady: Instant,
    /// By the wall clock.
    pub(super) wall: Timestamp,
}

impl Moment {
    pub(super) fn age(self, now: Self) -> Duration {
        let by_wall = Duration::try_from(now.wall.duration_since(self.wall)).unwrap_or_default();
        now.steady.saturating_duration_since(self.steady).max(by_wall)
    }
}

/// Files, each with its stamp at some time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WatchedFiles(Vec<(PathBuf, Option<Stamp>)>);

impl WatchedFiles {
    pub(super) fn now(paths: Vec<PathBuf>) -> Self {
        let stamped = paths.into_iter().map(|path| {
            let stamp = secret_file::stamp(&path);
            (path, stamp)
        });
        Self(stamped.collect())
    }

    /// Whether one of them is not as it was.
    pub(super) fn changed(&self) -> bool {
        self.0
            .iter()
            .any(|(path, stamp)| secret_file::stamp(path) != *stamp)
    }
}

/// A credential and its lifetime, as far as known.
#[derive(Debug, Clone)]
pub(super) struct CachedCredential {
    pub(super) credential: Credential,
    /// Its number, counting every credential that was fetched.
    pub(super) serial: u64,
    /// When it expires by the service's clock, for people.
    pub(super) expires_at: Option<Timestamp>,
    /// The files that it depends on, as they were when it was fetched.
    pub(super) files: WatchedFiles,
    /// The service refused it, so another is due.
    pub(super) refused: bool,
    /// Why no other could be fetched when it was refused.
    pub(super) irreplaceable: Option<Error>,
    pub(super) life: Option<Lifetime>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    fetched: Moment,
    /// The age at which it expires.
    ends: Duration,
    /// The age at which another is due.
    due: Duration,
}

impl CachedCredential {
    pub(super) fn in_use(&self) -> InUse {
        InUse {
            credential: self.credential.clone(),
            serial: self.serial,
        }
    }

    pub(super) fn forever(credential: Credential) -> Self {
        Self {
            credential,
            serial: 0,
            expires_at: None,
            files: WatchedFiles::default(),
            refused: false,
            irreplaceable: None,
            life: None,
        }
    }

    /// A credential that expires at `expires_at`, fetched at `fetched`, when the service's clock said
    /// `served_at`. It is renewed `margin` before it expires, or after nine tenths of its life if that is
    /// later.
    pub(super) fn until(
        credential: Credential,
        expires_at: Option<Timestamp>,
        (served_at, fetched): (Timestamp, Moment),
        margin: SignedDuration,
    ) -> Self {
        let life = expires_at.map(|end| {
            let left = end.duration_since(served_at).min(LONGEST_LIFE);
            let ends = Duration::try_from(left).unwrap_or_default();
            let margin = Duration::try_from(margin).unwrap_or_default();
            let due = ends.saturating_sub(margin.min(ends / 10));
            Lifetime {
                fetched,
                ends,
                due: due.max(FETCHES_APART),
            }
        });
        Self {
            expires_at,
            life,
            ..Self::forever(credential)
        }
    }

    /// Whether it has expired.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        self.refused || self.life.is_some_and(|life| life.fetched.age(now) >= life.ends)
    }

    /// Whether another is due.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        self.refused || self.life.is_some_and(|life| life.fetched.age(now) >= life.due)
    }

    /// Makes another due only after `rest`, because the fetch just failed.
    pub(super) fn postpone(&mut self, now: Moment, rest: Duration) {
        if let Some(life) = &mut self.life {
            life.due = life.fetched.age(now) + rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::auth::Token;

    const MARGIN: SignedDuration = SignedDuration::from_mins(10);

    fn wall(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    /// A token that has `left` seconds; returns whether it is due and expired after some seconds of each
    /// clock.
    fn token(left: i64) -> impl Fn(u64, i64) -> (bool, bool) {
        let begin = Instant::now();
        let fetched = Moment {
            steady: begin,
            wall: wall(0),
        };
        let served_at = wall(86_400);
        let token = Credential::Token(Token::new("t").unwrap());
        let held = CachedCredential::until(token, Some(wall(86_400 + left)), (served_at, fetched), MARGIN);
        move |steady, by_wall| {
            let now = Moment {
                steady: begin + Duration::from_secs(steady),
                wall: wall(by_wall),
            };
            (held.is_due(now), held.is_over(now))
        }
    }

    #[test]
    fn the_lifetime_of_a_token_is_what_the_services_clock_leaves_of_it() {
        let hour = token(3600);
        assert_eq!(hour(3239, 3239), (false, false));
        assert_eq!(hour(3240, 3240), (true, false), "a tenth is left");
        assert_eq!(hour(3600, 3600), (true, true));
        let day = token(86_400);
        assert_eq!(day(85_799, 85_799), (false, false));
        assert_eq!(day(85_800, 85_800), (true, false), "ten minutes are left");
    }

    #[test]
    fn the_clock_that_shows_more_time_counts() {
        let hour = token(3600);
        assert_eq!(hour(0, 3600), (true, true), "the machine slept");
        assert_eq!(hour(3600, -90_000), (true, true), "the wall clock was set back");
        assert_eq!(hour(0, -90_000), (false, false));
    }

    #[test]
    fn a_token_that_arrives_expired_is_used_for_a_minute() {
        for left in [0, 1, -90_000] {
            let token = token(left);
            assert!(!token(0, 0).0 && !token(59, 59).0);
            assert!(token(60, 60).0 && token(0, 60).0);
        }
    }

    #[test]
    fn no_lifetime_is_longer_than_a_day() {
        let ages = token(86_400 * 365);
        assert!(!ages(85_000, 85_000).0 && ages(86_400, 86_400).1);
    }
}
