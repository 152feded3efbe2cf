//! What a record lists: claims, calls, programs.
//!
//! Owns the entries and the rules for a single one. [`super::record`] has the rules for all of them together.

use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::machine::ProgramId;
use super::record::COUNTS;
use crate::hss::quota::Throttle;

/// A claim that has waited this long becomes urgent and no longer has to leave a call free.
const WAITED_LONG: i64 = 2 * COUNTS;

/// A caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallClaim {
    /// Who.
    pub who: ProgramId,
    /// The most calls in any minute that it accepts, all programs together.
    pub limit: u32,
    /// How many calls must be free: 1, or 2 for a call that leaves one free.
    pub need: u32,
    /// Whether an operator waits for the answer, or nothing is shown yet.
    pub urgent: bool,
}

/// The answer to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimAnswer {
    /// The call is recorded: send it now.
    Go,
    /// Not before this time has passed, as far as known now.
    Wait(Duration),
}

/// The calls that other programs spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OtherPrograms {
    /// How many of them made a call that counts; very many are not all counted.
    pub programs: usize,
    /// How many of their calls are still in progress, as far as known.
    pub under_way: usize,
    /// How long ago the oldest of these was claimed.
    pub oldest: Duration,
}

/// A rule of the service, and for how long it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearntRule {
    /// The rule.
    pub rule: Throttle,
    /// How long it is believed from now on.
    pub left: Duration,
}

/// The same in its written form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RuleEntry {
    pub(super) limit: u32,
    pub(super) window: Duration,
    pub(super) until: i64,
}

/// If a call is in progress for longer, its program may be stopped.
const UNUSUAL: Duration = Duration::from_secs(10);

impl OtherPrograms {
    /// Who spent the calls, in words: "3 other runs of hss-top on this machine".
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
                " (a call has been in progress for {since} s, {count} in total: is a program stopped?)"
            );
        }
        words
    }
}

/// Finished calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CallsMade {
    /// The latest time at which the service may have counted them.
    pub(super) at: i64,
    pub(super) count: u32,
}

/// A call in progress.
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

/// A waiting caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiter {
    pub(super) claim: CallClaim,
    pub(super) since: i64,
    /// When it asked last.
    pub(super) seen: i64,
}

impl Waiter {
    /// The order of claims: the least goes first.
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
    fn a_claim_becomes_urgent_after_two_windows() {
        let claim = CallClaim {
            who: ProgramId::new(),
            limit: 5,
            need: 2,
            urgent: false,
        };
        let waiter = Waiter {
            claim,
            since: 1000,
            seen: 1000,
        };
        let at = 1000 + WAITED_LONG;
        assert_eq!((waiter.need(at - 1), waiter.need(at)), (2, 1));
        assert!(waiter.rank(at) < waiter.rank(at - 1));
    }

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
            "3 other runs of hss-top on this machine (a call has been in progress for 10 s, 2 in total: is a program stopped?)"
        );
    }
}
