//! What a record lists: claims, calls, programs.
//!
//! Owns the entries and what one of them says by itself. [`super::record`] has the rules for all of them together.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::machine::ProgramId;
use super::record::COUNTS;
use crate::hss::quota::Throttle;

/// A claim that has waited this long becomes urgent, and need not leave a call free any more.
const WAITED_LONG: i64 = 2 * COUNTS;

/// Whoever wants to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallClaim {
    /// Who.
    pub who: ProgramId,
    /// The most calls that it allows in any minute, all programs together.
    pub limit: u32,
    /// How many calls have to be free: 1, or one more for a call that leaves one free.
    pub need: u32,
    /// Whether somebody looks at what the call brings, or nothing is shown yet.
    pub urgent: bool,
}

/// What a claim is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// The call is noted: send it now.
    Go,
    /// Not before this time has passed, as far as is known now.
    Wait(Duration),
}

/// What programs beside one have spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OtherPrograms {
    /// How many of them made a call that counts; of very many, not all are told.
    pub programs: usize,
    /// How many of their calls are not over, as far as is known.
    pub under_way: usize,
    /// How long ago the oldest of these was claimed.
    pub oldest: Duration,
}

/// A rule that the service told, and for how long it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearntRule {
    /// The rule.
    pub rule: Throttle,
    /// How long it is believed from now on.
    pub left: Duration,
}

/// The same as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RuleEntry {
    pub(super) limit: u32,
    pub(super) window: Duration,
    pub(super) until: i64,
}

/// A call that is under way for longer may be that of a program that is stopped.
const UNUSUAL: Duration = Duration::from_secs(10);

impl OtherPrograms {
    /// Who spent so many calls, in words: "3 other runs of hss-top on this machine".
    pub fn words(&self) -> String {
        let runs = match self.programs {
            0 => "other runs".to_owned(),
            1 => "another run".to_owned(),
            many => format!("{many} other runs"),
        };
        let mut words = format!("{runs} of hss-top on this machine");
        if self.oldest >= UNUSUAL {
            let (count, since) = (self.under_way, self.oldest.as_secs());
            let _ = write!(
                words,
                " (a call is under way for {since} s, {count} in all: is a run stopped?)"
            );
        }
        words
    }
}

/// Calls that are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CallsMade {
    /// When the service may have counted the last of them.
    pub(super) at: i64,
    pub(super) count: u32,
}

/// A call under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpenCall {
    pub(super) who: ProgramId,
    /// When it was claimed.
    pub(super) since: i64,
}

/// A program whose last call may still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Caller {
    pub(super) who: ProgramId,
    /// When that call was made or claimed.
    pub(super) at: i64,
}

/// One who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiter {
    pub(super) claim: CallClaim,
    pub(super) since: i64,
    /// When it last asked.
    pub(super) seen: i64,
}

impl Waiter {
    /// What decides who goes first: the least goes.
    pub(super) fn rank(&self, now: i64) -> (bool, i64, ProgramId) {
        (!self.is_first_class(now), self.since, self.claim.who)
    }

    fn is_first_class(&self, now: i64) -> bool {
        self.claim.urgent || now - self.since >= WAITED_LONG
    }

    pub(super) fn need(&self, now: i64) -> u32 {
        if self.is_first_class(now) {
            1
        } else {
            self.claim.need
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_programs_are_told_in_words_and_one_that_may_be_stopped_too() {
        let words = |programs, under_way, seconds| {
            let oldest = Duration::from_secs(seconds);
            OtherPrograms {
                programs,
                under_way,
                oldest,
            }
            .words()
        };
        assert_eq!(words(0, 0, 0), "other runs of hss-top on this machine");
        assert_eq!(words(1, 1, 9), "another run of hss-top on this machine");
        assert_eq!(
            words(3, 2, 10),
            "3 other runs of hss-top on this machine (a call is under way for 10 s, 2 in all: is a run stopped?)"
        );
    }
}
