//! The call budget: at most so many calls in any 60 s.
//!
//! HSS allows one user, and one source address, 5 calls a minute for each API (HSS documentation, "API
//! throttling"). Every attempt is counted before it is sent, failed ones too: the gateway may count them as well.
//! Time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::hss::error::Throttle;

/// The published limit per user and per source address, in calls a minute.
pub const PUBLISHED_LIMIT: u32 = 5;
/// The window that the limit speaks of.
pub const WINDOW: Duration = Duration::from_mins(1);
/// Added to the window, since the gateway's clock and the way there are not ours.
const MARGIN: Duration = Duration::from_millis(250);

/// Counts calls in a sliding window.
#[derive(Debug)]
pub struct CallBudget {
    limit: usize,
    /// When the calls of the last window were paid for, oldest first; never more than `limit`.
    calls: VecDeque<Instant>,
    blocked_until: Option<Instant>,
    /// The window that calls are counted in.
    window: Duration,
}

impl CallBudget {
    /// A budget of `limit` calls (at least 1) in any [`WINDOW`].
    pub fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        Self {
            limit,
            calls: VecDeque::new(),
            blocked_until: None,
            window: WINDOW,
        }
    }

    /// The earliest moment at which the next call may be paid for; `now` or before if at once.
    pub fn ready_at(&mut self, now: Instant) -> Instant {
        self.forget(now);
        let free = if self.calls.len() < self.limit {
            now
        } else {
            self.calls
                .front()
                .map_or(now, |oldest| *oldest + self.window + MARGIN)
        };
        self.blocked_until.map_or(free, |until| until.max(free))
    }

    /// Pays for a call that is sent at `now`.
    pub fn pay(&mut self, now: Instant) {
        self.forget(now);
        if self.calls.len() == self.limit {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
    }

    /// No call before `until`: the service said so.
    pub fn block_until(&mut self, until: Instant) {
        self.blocked_until = Some(self.blocked_until.map_or(until, |other| other.max(until)));
    }

    /// Learns the service's own rule: its window, and its limit where that is lower. A higher one is the
    /// operator's to set.
    pub fn learn(&mut self, rule: Throttle) {
        let told = usize::try_from(rule.limit.max(1)).unwrap_or(usize::MAX);
        self.limit = self.limit.min(told);
        self.window = rule.window;
        while self.calls.len() > self.limit {
            self.calls.pop_front();
        }
    }

    /// How many calls may be paid for at `now`.
    pub fn left(&mut self, now: Instant) -> usize {
        self.forget(now);
        if self.blocked_until.is_some_and(|until| until > now) {
            0
        } else {
            self.limit - self.calls.len()
        }
    }

    /// How many calls there are in a window.
    pub fn limit(&self) -> usize {
        self.limit
    }

    fn forget(&mut self, now: Instant) {
        while self
            .calls
            .front()
            .is_some_and(|oldest| *oldest + self.window + MARGIN <= now)
        {
            self.calls.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However eager the caller: never more than the limit in any window.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_u32..8,
            waits in prop::collection::vec(0_u64..40_000, 1..80),
        ) {
            let mut now = Instant::now();
            let mut budget = CallBudget::new(limit);
            let mut paid = Vec::new();
            for wait in waits {
                now = (now + Duration::from_millis(wait)).max(budget.ready_at(now));
                prop_assert!(budget.left(now) > 0);
                budget.pay(now);
                paid.push(now);
            }
            for (at, first) in paid.iter().enumerate() {
                let within = paid[at..].iter().filter(|call| **call - *first < WINDOW).count();
                prop_assert!(within <= limit as usize);
            }
        }
    }

    #[test]
    fn a_block_holds_and_ends() {
        let now = Instant::now();
        let mut budget = CallBudget::new(5);
        budget.pay(now);
        assert_eq!((budget.ready_at(now), budget.left(now)), (now, 4));
        let until = now + Duration::from_secs(7);
        budget.block_until(until);
        budget.block_until(now + Duration::from_secs(3));
        assert_eq!((budget.ready_at(now), budget.left(now)), (until, 0));
        assert_eq!(budget.left(until), 4);
    }

    #[test]
    fn the_services_rule_is_learned_but_never_a_higher_limit() {
        let now = Instant::now();
        let rule = |limit, seconds| Throttle {
            limit,
            window: Duration::from_secs(seconds),
        };
        let mut budget = CallBudget::new(5);
        for _ in 0..4 {
            budget.pay(now);
        }
        budget.learn(rule(2, 10));
        assert_eq!((budget.limit(), budget.left(now)), (2, 0));
        assert_eq!(budget.ready_at(now), now + Duration::from_secs(10) + MARGIN);
        budget.learn(rule(100, 60));
        assert_eq!(budget.limit(), 2);
        budget.learn(rule(0, 60));
        assert_eq!(budget.limit(), 1);
    }
}
