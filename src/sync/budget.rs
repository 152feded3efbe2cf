//! The call budget: at most so many calls in any 60 s, and no more than the service says it takes.
//!
//! HSS allows one user, and one source address, 5 calls a minute for each API (HSS documentation, "API
//! throttling"). Every attempt is counted before it is sent, failed ones too: the gateway may count them as well.
//! The operator's rule always holds; a stricter one that the service tells is kept beside it until the service tells
//! another. Time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::hss::quota::{Quota, Throttle};

/// The published limit per user and per source address, in calls a minute.
pub const PUBLISHED_LIMIT: u32 = 5;
/// The window that the limit speaks of.
pub const WINDOW: Duration = Duration::from_mins(1);
/// Added to a window, since the gateway's clock and the way there are not ours.
const MARGIN: Duration = Duration::from_millis(250);
/// The longest window that is counted in; a rule for a longer one is kept as if it were for this one.
const LONGEST_WINDOW: Duration = Duration::from_hours(1);

/// Counts calls in sliding windows.
#[derive(Debug)]
pub struct CallBudget {
    own: Rule,
    /// The service's rule, where it told one.
    told: Option<Rule>,
    /// When calls were paid for, oldest first: as many, and as old, as a rule could ask about.
    calls: VecDeque<Instant>,
    blocked_until: Option<Instant>,
}

/// At most `limit` calls in any `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rule {
    limit: usize,
    window: Duration,
}

impl Rule {
    fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit: usize::try_from(limit.max(1)).unwrap_or(usize::MAX),
            window: window.min(LONGEST_WINDOW),
        }
    }

    /// When this rule lets `wanted` calls go at once.
    fn ready_for(self, wanted: usize, calls: &VecDeque<Instant>, now: Instant) -> Instant {
        let most = self.limit.saturating_sub(wanted.saturating_sub(1)).max(1);
        let nth_last = calls.len().checked_sub(most).and_then(|at| calls.get(at));
        nth_last.map_or(now, |call| (*call + self.window + MARGIN).max(now))
    }

    /// How many calls a sweep makes in a window.
    fn in_a_window(self) -> u64 {
        u64::try_from(self.limit.saturating_sub(1).max(1)).unwrap_or(u64::MAX)
    }

    fn left(self, calls: &VecDeque<Instant>, now: Instant) -> usize {
        let recent = calls
            .iter()
            .rev()
            .take_while(|call| **call + self.window + MARGIN > now);
        self.limit.saturating_sub(recent.count())
    }
}

impl CallBudget {
    /// A budget of `limit` calls (at least 1) in any [`WINDOW`].
    pub fn new(limit: u32) -> Self {
        Self {
            own: Rule::new(limit, WINDOW),
            told: None,
            calls: VecDeque::new(),
            blocked_until: None,
        }
    }

    /// The earliest moment at which the next call may be paid for; `now` if at once.
    pub fn ready_at(&self, now: Instant) -> Instant {
        self.ready_for(1, now)
    }

    /// The earliest moment at which `wanted` calls may be paid for at once; more than the limit are never waited for.
    pub fn ready_for(&self, wanted: usize, now: Instant) -> Instant {
        let free = self
            .rules()
            .map(|rule| rule.ready_for(wanted, &self.calls, now))
            .max();
        free.into_iter().chain(self.blocked_until).fold(now, Instant::max)
    }

    /// Pays for a call that is sent at `now`.
    pub fn pay(&mut self, now: Instant) {
        let most = self.rules().map(|rule| rule.limit).max().unwrap_or(1);
        let is_over = |call: &Instant| now.saturating_duration_since(*call) > LONGEST_WINDOW + MARGIN;
        while self.calls.len() >= most || self.calls.front().is_some_and(is_over) {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
    }

    /// Takes that the service may have counted the last call as late as `now`.
    pub fn last_counted_by(&mut self, now: Instant) {
        if let Some(last) = self.calls.back_mut() {
            *last = now.max(*last);
        }
    }

    /// How many calls of the last [`WINDOW`] were paid for, as far as a rule could ask.
    pub fn spent(&self, now: Instant) -> usize {
        let recent = self.calls.iter().rev();
        recent.take_while(|call| **call + WINDOW + MARGIN > now).count()
    }

    /// When the last call was paid for.
    pub fn last(&self) -> Option<Instant> {
        self.calls.back().copied()
    }

    /// When more calls will be left than at `now`; `None` where all are.
    pub fn next_free(&self, now: Instant) -> Option<Instant> {
        let left = self.left(now);
        (left < self.limit()).then(|| self.ready_for(left + 1, now))
    }

    /// No call before `until`: the service said so.
    pub fn block_until(&mut self, until: Instant) {
        self.blocked_until = Some(self.blocked_until.map_or(until, |other| other.max(until)));
    }

    /// Learns the rule by which the service turned a call away. It cannot be laxer than the one that is kept: other
    /// callers may share it.
    pub fn learn(&mut self, rule: Throttle) {
        let rule = Rule::new(rule.limit, rule.window);
        if self.told.is_none_or(|told| rule.is_stricter_than(told)) {
            self.told = Some(rule);
        }
    }

    /// Learns what an answer's headers tell: the service's rules as they are now, laxer ones too. Where one has nothing
    /// left, no call is made for its window.
    pub fn observe(&mut self, quotas: &[Quota], now: Instant) {
        let rules = quotas
            .iter()
            .map(|quota| Rule::new(quota.throttle.limit, quota.throttle.window));
        let strictest = rules.reduce(|one, other| if other.is_stricter_than(one) { other } else { one });
        self.told = strictest.or(self.told);
        for quota in quotas.iter().filter(|quota| quota.remain == 0) {
            self.block_until(now + quota.throttle.window.min(LONGEST_WINDOW));
        }
    }

    /// How many calls may be paid for at `now`.
    pub fn left(&self, now: Instant) -> usize {
        if self.blocked_until.is_some_and(|until| until > now) {
            return 0;
        }
        self.rules()
            .map(|rule| rule.left(&self.calls, now))
            .min()
            .unwrap_or(0)
    }

    /// How long it takes at the least to make so many calls, where each leaves one free for what is wanted in between.
    pub fn time_for(&self, calls: u64, now: Instant) -> Duration {
        let next = self.ready_for(2, now).saturating_duration_since(now);
        let time = |rule: Rule| {
            let at_once = rule.left(&self.calls, now).saturating_sub(1) as u64;
            let Some(after_the_next) = calls.saturating_sub(at_once).checked_sub(1) else {
                return if calls == 0 { Duration::ZERO } else { next };
            };
            let first = if at_once == 0 { next } else { next.max(rule.window) };
            let in_a_window = rule.in_a_window();
            let windows = u32::try_from(after_the_next / in_a_window).unwrap_or(u32::MAX);
            first.saturating_add(rule.window.saturating_mul(windows))
        };
        self.rules().map(time).max().unwrap_or_default()
    }

    /// How many calls a minute a sweep can make in the long run, where each window leaves one free for what is wanted in
    /// between.
    pub fn a_minute(&self) -> u64 {
        let a_minute = |rule: Rule| {
            let calls = u128::from(rule.in_a_window()) * Duration::from_mins(1).as_nanos();
            u64::try_from(calls / rule.window.as_nanos().max(1)).unwrap_or(u64::MAX)
        };
        self.rules().map(a_minute).min().unwrap_or(0)
    }

    /// How many calls there are in a window, by the stricter rule.
    pub fn limit(&self) -> usize {
        match self.told {
            Some(told) if told.is_stricter_than(self.own) => told.limit,
            _ => self.own.limit,
        }
    }

    fn rules(&self) -> impl Iterator<Item = Rule> {
        [Some(self.own), self.told].into_iter().flatten()
    }
}

impl Rule {
    /// Whether it allows fewer calls over a long time.
    fn is_stricter_than(self, other: Self) -> bool {
        let rate = |rule: Self, window: Duration| rule.limit as u128 * window.as_nanos();
        rate(self, other.window) < rate(other, self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(limit: u32, seconds: u64) -> Throttle {
        Throttle {
            limit,
            window: Duration::from_secs(seconds),
        }
    }

    fn within(paid: &[Instant], window: Duration) -> usize {
        let starts = paid.iter().enumerate();
        let counts =
            starts.map(|(at, first)| paid[at..].iter().filter(|call| **call - *first < window).count());
        counts.max().unwrap_or(0)
    }

    #[test]
    fn what_a_sweep_makes_in_a_minute_is_by_the_stricter_rule() {
        let mut budget = CallBudget::new(5);
        assert_eq!(budget.a_minute(), 4);
        budget.learn(rule(31, 3600));
        assert_eq!(budget.a_minute(), 0, "not one a minute");
        assert_eq!(CallBudget::new(1).a_minute(), 1);
    }

    proptest! {
        /// However eager the caller, and whatever the service tells in between: never more than the limit in any
        /// minute, nor more than a rule told at the start in its window.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1_u32..8,
            told in prop::option::of((1_u32..12, 1_u64..100)),
            waits in prop::collection::vec(0_u64..40_000, 1..80),
        ) {
            let mut now = Instant::now();
            let mut budget = CallBudget::new(limit);
            if let Some((limit, seconds)) = told {
                budget.learn(rule(limit, seconds));
            }
            let mut paid = Vec::new();
            for wait in waits {
                now = (now + Duration::from_millis(wait)).max(budget.ready_at(now));
                prop_assert!(budget.left(now) > 0);
                budget.pay(now);
                paid.push(now);
            }
            prop_assert!(within(&paid, WINDOW) <= limit as usize);
            if let Some((limit, seconds)) = told {
                prop_assert!(within(&paid, Duration::from_secs(seconds)) <= limit as usize);
            }
        }
    }

    #[test]
    fn a_call_counts_from_when_the_service_may_have_seen_it_last() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut budget = CallBudget::new(1);
        budget.pay(start);
        budget.last_counted_by(after(8));
        assert_eq!(budget.ready_at(after(8)), after(68) + MARGIN);
        budget.last_counted_by(after(3));
        assert_eq!(budget.ready_at(after(8)), after(68) + MARGIN, "never earlier");
    }

    #[test]
    fn it_is_known_when_the_next_call_comes_free() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut budget = CallBudget::new(3);
        assert_eq!(budget.next_free(start), None);
        budget.pay(start);
        budget.pay(after(10));
        assert_eq!(
            (budget.left(after(20)), budget.next_free(after(20))),
            (1, Some(after(60) + MARGIN))
        );
        assert_eq!(
            (budget.left(after(61)), budget.next_free(after(61))),
            (2, Some(after(70) + MARGIN))
        );
        assert_eq!(budget.next_free(after(71)), None);
        budget.block_until(after(90));
        assert_eq!(
            (budget.left(after(71)), budget.next_free(after(71))),
            (0, Some(after(90)))
        );
    }

    #[test]
    fn what_no_rule_can_ask_about_is_forgotten() {
        let mut now = Instant::now();
        let mut budget = CallBudget::new(1_000_000);
        for _ in 0..10_000 {
            now += Duration::from_secs(10);
            budget.pay(now);
        }
        assert!(budget.calls.len() <= 361, "{}", budget.calls.len());
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
    fn a_stricter_rule_is_learned_from_a_refusal_and_a_laxer_one_is_not() {
        let now = Instant::now();
        let mut budget = CallBudget::new(5);
        for _ in 0..4 {
            budget.pay(now);
        }
        budget.learn(rule(600, 60));
        assert_eq!((budget.limit(), budget.left(now)), (5, 1), "that one is not ours");
        budget.learn(rule(2, 60));
        assert_eq!((budget.limit(), budget.left(now)), (2, 0));
        assert_eq!(budget.ready_at(now), now + WINDOW + MARGIN);
        budget.learn(rule(100, 60));
        assert_eq!(budget.limit(), 2);
        budget.learn(rule(0, 60));
        assert_eq!(budget.limit(), 1);
    }

    #[test]
    fn a_short_window_does_not_loosen_the_minute() {
        let now = Instant::now();
        let mut budget = CallBudget::new(5);
        budget.learn(rule(3, 10));
        for _ in 0..3 {
            budget.pay(now);
        }
        let later = now + Duration::from_secs(10) + MARGIN;
        assert_eq!(budget.ready_at(now), later);
        budget.pay(later);
        budget.pay(later);
        assert_eq!(budget.ready_at(later), now + WINDOW + MARGIN);
    }

    #[test]
    fn headers_raise_the_limit_again_up_to_the_operators() {
        let now = Instant::now();
        let quota = |limit, remain| Quota {
            throttle: rule(limit, 60),
            remain,
        };
        let mut budget = CallBudget::new(20);
        budget.learn(rule(5, 60));
        budget.observe(&[], now);
        assert_eq!(budget.limit(), 5, "nothing was told");
        budget.observe(&[quota(600, 500), quota(10, 9)], now);
        assert_eq!((budget.limit(), budget.left(now)), (10, 10));
        budget.observe(&[quota(600, 500)], now);
        assert_eq!(budget.limit(), 20);
        budget.observe(&[quota(600, 0)], now);
        assert_eq!((budget.left(now), budget.ready_at(now)), (0, now + WINDOW));
    }

    #[test]
    fn a_call_counts_until_its_window_and_the_margin_are_over() {
        let now = Instant::now();
        let mut budget = CallBudget::new(1);
        budget.pay(now);
        assert_eq!(
            (budget.left(now + WINDOW), budget.left(now + WINDOW + MARGIN)),
            (0, 1)
        );
        let mut budget = CallBudget::new(9);
        budget.pay(now);
        budget.pay(now + LONGEST_WINDOW + MARGIN);
        assert_eq!(
            budget.calls.len(),
            2,
            "the longest rule may still ask about the first"
        );
        budget.pay(now + LONGEST_WINDOW + MARGIN + Duration::from_millis(1));
        assert_eq!(budget.calls.len(), 2);
    }

    #[test]
    fn time_is_told_by_the_slowest_rule_with_a_call_to_spare() {
        let mut budget = CallBudget::new(5);
        let now = Instant::now();
        assert_eq!(
            [0, 3, 4, 5, 9].map(|calls| budget.time_for(calls, now)),
            [0, 0, 0, 1, 2].map(|windows| WINDOW * windows)
        );
        budget.learn(rule(2, 3600));
        assert_eq!(budget.time_for(3, now), Duration::from_hours(2));
    }

    #[test]
    fn what_is_spent_already_is_waited_for() {
        let start = Instant::now();
        let mut budget = CallBudget::new(5);
        (0..4).for_each(|_| budget.pay(start));
        let now = start + Duration::from_secs(3);
        let rest = Duration::from_secs(57) + MARGIN;
        assert_eq!(
            [1, 2, 4, 5].map(|calls| budget.time_for(calls, now)),
            [rest, rest, rest, rest + WINDOW]
        );
        budget.block_until(start + Duration::from_mins(5));
        assert_eq!(budget.time_for(1, now), Duration::from_secs(297));
        assert_eq!(budget.time_for(0, now), Duration::ZERO);
    }

    #[test]
    fn rules_are_compared_by_their_rate() {
        let mut budget = CallBudget::new(1_000_000);
        budget.learn(rule(10, 60));
        budget.learn(rule(20, 120));
        assert_eq!(budget.limit(), 10, "the same rate is not stricter");
        budget.learn(rule(5, 60));
        budget.learn(rule(10_000, 3600));
        assert_eq!(
            budget.limit(),
            5,
            "more calls in a longer window, at a higher rate"
        );
        budget.learn(rule(100, 3600));
        assert_eq!(budget.limit(), 100, "and at a lower one");
    }
}
