//! A credential that was fetched, and how long it is good.
//!
//! Its life is what the service's clock left of it when it came; from then on its age counts, by whichever of the two local
//! clocks says more: one stands while the machine sleeps, the other one may be set. So a local clock that is off by a day
//! does not make every token look expired. Time is an argument.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::Credential;
use super::cache::InUse;
use super::secret_file::Stamp;
use crate::hss::error::Error;

/// A credential that has an end is not fetched again sooner than this, whatever its end says: IAM counts sign-ins.
pub(super) const FETCHES_APART: Duration = Duration::from_mins(1);
/// Tokens and temporary key pairs live a day at most; an end that is later comes from a clock that is wrong.
const LONGEST_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// A point in time by both local clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// By the clock that nobody sets.
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

/// A credential with what is known of its life.
#[derive(Debug, Clone)]
pub(super) struct CachedCredential {
    pub(super) credential: Credential,
    /// Counts what was fetched.
    pub(super) serial: u64,
    /// For people, by the service's clock.
    pub(super) expires_at: Option<Timestamp>,
    pub(super) stamp: Option<Stamp>,
    /// Whether the service refused it and another is due.
    pub(super) refused: bool,
    /// Why another could not be fetched when it was refused.
    pub(super) irreplaceable: Option<Error>,
    pub(super) life: Option<Lifetime>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    fetched: Moment,
    /// The age at which it ends.
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
            stamp: None,
            refused: false,
            irreplaceable: None,
            life: None,
        }
    }

    /// A credential that ends at `expires_at`, fetched at `fetched`, when the service's clock said `served_at`. It is renewed
    /// `margin` before its end, or after nine tenths of its life if that is later.
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

    /// Whether it is of no use any more.
    pub(super) fn is_over(&self, now: Moment) -> bool {
        self.refused || self.life.is_some_and(|life| life.fetched.age(now) >= life.ends)
    }

    /// Whether another is to be fetched.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        self.refused || self.life.is_some_and(|life| life.fetched.age(now) >= life.due)
    }

    /// Another is due only after `rest`: just now there was none.
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

    /// A token that has so many seconds left; whether it is due and over after so many.
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
    fn the_life_of_a_token_is_what_the_services_clock_leaves_of_it() {
        let hour = token(3600);
        assert_eq!(hour(3239, 3239), (false, false));
        assert_eq!(hour(3240, 3240), (true, false), "a tenth is left");
        assert_eq!(hour(3600, 3600), (true, true));
        let day = token(86_400);
        assert_eq!(day(85_799, 85_799), (false, false));
        assert_eq!(day(85_800, 85_800), (true, false), "ten minutes are left");
    }

    #[test]
    fn the_clock_that_says_more_counts() {
        let hour = token(3600);
        assert_eq!(hour(0, 3600), (true, true), "the machine slept");
        assert_eq!(hour(3600, -90_000), (true, true), "the wall clock was set back");
        assert_eq!(hour(0, -90_000), (false, false));
    }

    #[test]
    fn a_token_born_expired_is_used_for_a_minute() {
        for left in [0, 1, -90_000] {
            let token = token(left);
            assert!(!token(0, 0).0 && !token(59, 59).0);
            assert!(token(60, 60).0 && token(0, 60).0);
        }
    }

    #[test]
    fn no_life_is_longer_than_a_day() {
        let ages = token(86_400 * 365);
        assert!(!ages(85_000, 85_000).0 && ages(86_400, 86_400).1);
    }
}
