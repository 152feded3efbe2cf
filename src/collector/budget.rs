//! The call budget: a limit of calls in any 60 s, and the stricter limits that the service announces.
//!
//! HSS allows one user, and one source address, 5 calls a minute for each API (HSS documentation, "API
//! throttling"). Every attempt is counted before it is sent, even if it fails, because the gateway may count
//! it as well. The operator's rule always applies; a stricter rule from the service applies in addition until
//! the service announces another. Time is an argument.

mod call_ages;
mod spent_calls;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::hss::quota::{Quota, Throttle};
pub use call_ages::CallAges;
pub use spent_calls::SpentCalls;

/// The published limit per user and per source address, in calls a minute.
pub const PUBLISHED_LIMIT: u32 = 5;
/// Calls are not scarce where at least this many are left.
pub(super) const AMPLE: u32 = 600;
/// The window of the limit.
pub const WINDOW: Duration = Duration::from_mins(1);
/// Added to a window, because the gateway's clock may differ and a call takes time to arrive.
pub(super) const MARGIN: Duration = Duration::from_millis(250);
/// The longest window; a rule with a longer one is treated as if it had this one.
const LONGEST_WINDOW: Duration = Duration::from_hours(1);

/// A rule of the service is believed for one of its windows, but not longer than this: it may only describe a
/// moment.
pub(super) const BELIEVED_FOR: Duration = Duration::from_mins(10);

/// Counts calls in sliding windows.
#[derive(Debug, Clone)]
pub struct CallBudget {
    own: Rule,
    /// The service's rule, if it announced one.
    told: Option<Told>,
    /// When calls were paid for; trimmed to the largest limit and the longest window. Shared, because budgets are copied several
    /// times a call.
    calls: Arc<SpentCalls>,
    blocked: Option<Block>,
    /// Until when no call is left, according to the service.
    used_up_until: Option<Instant>,
    /// Whether the operator requested the next call: then only the operator's own rule and a pause named by
    /// the service delay it.
    asked: bool,
}

/// A rule of the service, and until when it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    rule: Rule,
    ends: Instant,
}

/// Until when no call is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    until: Instant,
    /// The same for a call that the operator requests.
    firm_until: Instant,
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

    /// When this rule allows `wanted` calls at once.
    fn ready_for(self, wanted: usize, calls: &SpentCalls, now: Instant) -> Instant {
        let most = self.limit.saturating_sub(wanted.saturating_sub(1)).max(1);
        let nth_last = calls.before_last(most - 1);
        nth_last.map_or(now, |call| (call + self.window + MARGIN).max(now))
    }

    /// How many calls a sweep makes in a window.
    fn in_a_window(self) -> u64 {
        u64::try_from(self.limit.saturating_sub(1).max(1)).unwrap_or(u64::MAX)
    }

    fn left(self, calls: &SpentCalls, now: Instant) -> usize {
        let begin = now.checked_sub(self.window + MARGIN);
        let counted = begin.map_or(calls.len(), |begin| calls.count_after(begin));
        self.limit.saturating_sub(counted)
    }
}

impl CallBudget {
    /// A budget of `limit` calls (at least 1) in any [`WINDOW`].
    pub fn new(limit: u32) -> Self {
        Self {
            own: Rule::new(limit, WINDOW),
            told: None,
            calls: Arc::default(),
            blocked: None,
            used_up_until: None,
            asked: false,
        }
    }

    /// The earliest time of the next call; `now` if it is allowed at once.
    pub fn ready_at(&self, now: Instant) -> Instant {
        self.ready_for(1, now)
    }

    /// The earliest time for `wanted` calls at once, but never more than the limit.
    pub fn ready_for(&self, wanted: usize, now: Instant) -> Instant {
        let own = self.own.ready_for(wanted, &self.calls, now);
        let told = self.told(now);
        let told = told.map(|told| told.rule.ready_for(wanted, &self.calls, now).min(told.ends));
        told.into_iter()
            .chain(self.blocked_until())
            .chain(self.used_up_until)
            .fold(own, Instant::max)
    }

    /// The recorded calls.
    pub(super) fn calls(&self) -> &SpentCalls {
        &self.calls
    }

    /// The same rules with another limit of the operator and with these calls.
    pub(super) fn with_calls(&self, limit: u32, calls: SpentCalls) -> Self {
        Self {
            own: Rule::new(limit, WINDOW),
            calls: Arc::new(calls),
            ..self.clone()
        }
    }

    /// The same rules and calls with another limit of the operator.
    pub(super) fn with_limit(&self, limit: u32) -> Self {
        Self {
            own: Rule::new(limit, WINDOW),
            ..self.clone()
        }
    }

    /// Whether the service has announced anything that may delay a call.
    pub(super) fn has_words_of_the_service(&self) -> bool {
        self.told.is_some() || self.blocked.is_some() || self.used_up_until.is_some()
    }

    /// Keeps room for the calls that this limit needs.
    pub(super) fn remember_for(&mut self, limit: u32) {
        let own = Rule::new(limit, WINDOW);
        self.own.limit = self.own.limit.max(own.limit);
    }

    /// When the operator's own rule allows `wanted` calls at once, whatever the service says.
    pub(super) fn own_rule_ready_for(&self, wanted: usize, now: Instant) -> Instant {
        self.own.ready_for(wanted, &self.calls, now)
    }

    /// The same budget with only the service's rules.
    pub(super) fn of_the_service(&self) -> Self {
        Self {
            own: Rule {
                limit: usize::MAX,
                window: WINDOW,
            },
            ..self.clone()
        }
    }

    /// The service's rule, while it is believed.
    fn told(&self, now: Instant) -> Option<Told> {
        self.told.filter(|told| told.ends > now && !self.asked)
    }

    fn blocked_until(&self) -> Option<Instant> {
        let asked = self.asked;
        let until = |block: Block| if asked { block.firm_until } else { block.until };
        self.blocked.map(until)
    }

    /// Pays for a call that is sent at `now`.
    pub fn pay(&mut self, now: Instant) {
        self.sent();
        self.count(now);
    }

    /// Counts a call that the service has counted by `now`.
    pub(super) fn count(&mut self, now: Instant) {
        let most = self.rules(now).map(|rule| rule.limit).max().unwrap_or(1);
        let calls = Arc::make_mut(&mut self.calls);
        calls.push(now);
        calls.trim(now.checked_sub(LONGEST_WINDOW + MARGIN), most);
    }

    /// Replaces the calls by those of all programs in the last [`WINDOW`].
    pub fn share(&mut self, ages: &CallAges, now: Instant) {
        let most = self.rules(now).map(|rule| rule.limit).max().unwrap_or(1);
        let calls = Arc::make_mut(&mut self.calls);
        match now.checked_sub(WINDOW + MARGIN) {
            Some(older) => calls.forget_after(older),
            None => *calls = SpentCalls::default(),
        }
        calls.extend(ages, now);
        calls.trim(now.checked_sub(LONGEST_WINDOW + MARGIN), most.max(ages.len()));
    }

    /// The operator requests a call; rules that were only learnt do not delay it.
    pub fn ask_anew(&mut self) {
        self.asked = true;
    }

    /// The requested call, or any other, is sent.
    pub fn sent(&mut self) {
        self.asked = false;
    }

    /// Drops rules that are not believed any more.
    pub fn forget(&mut self, now: Instant) {
        self.told.take_if(|told| told.ends <= now);
    }

    /// When more calls will be left than at `now`; `None` if all are left.
    pub fn next_free(&self, now: Instant) -> Option<Instant> {
        let left = self.left(now);
        (left < self.limit()).then(|| self.ready_for(left + 1, now))
    }

    /// No call before `until`, because the service said so.
    pub fn block_until(&mut self, until: Instant) {
        self.block(until, until);
    }

    /// No call before `until`, except one that the operator requests after `firm_until`.
    pub fn block(&mut self, until: Instant, firm_until: Instant) {
        let block = Block { until, firm_until };
        self.blocked = Some(self.blocked.map_or(block, |other| Block {
            until: until.max(other.until),
            firm_until: firm_until.max(other.firm_until),
        }));
    }

    /// Learns the rule with which the service refused a call at `now`. It never replaces a stricter one,
    /// because other callers may share it. It is believed for one window after the last such answer.
    pub fn learn(&mut self, rule: Throttle, now: Instant) {
        self.forget(now);
        let rule = Rule::new(rule.limit, rule.window);
        let known = self.told.map(|told| told.rule);
        let rule = known
            .filter(|known| !rule.is_stricter_than(*known))
            .unwrap_or(rule);
        self.told = Some(Told::new(rule, now));
    }

    /// Adopts the rule that another program learnt, and for how long that program believes it.
    pub fn take_learnt(&mut self, rule: Throttle, left: Duration, now: Instant) {
        let (rule, mut ends) = (Rule::new(rule.limit, rule.window), now + left.min(BELIEVED_FOR));
        if let Some(told) = self.told.filter(|told| told.rule == rule) {
            ends = ends.max(told.ends);
        }
        self.told = Some(Told { rule, ends });
    }

    /// The service's rule, and for how long it is believed.
    pub fn learnt(&self, now: Instant) -> Option<(Throttle, Duration)> {
        let told = self.told.filter(|told| told.ends > now)?;
        let rule = Throttle {
            limit: u32::try_from(told.rule.limit).unwrap_or(u32::MAX),
            window: told.rule.window,
        };
        Some((rule, told.ends - now))
    }

    /// Learns from an answer's headers: the service's current rules, even if they are less strict. If a rule
    /// has nothing left, no call is made for its window.
    pub fn observe(&mut self, quotas: &[Quota], now: Instant) {
        let rules = quotas
            .iter()
            .map(|quota| Rule::new(quota.throttle.limit, quota.throttle.window));
        let strictest = rules.reduce(|one, other| if other.is_stricter_than(one) { other } else { one });
        self.told = strictest.map(|rule| Told::new(rule, now)).or(self.told);
        for quota in quotas.iter().filter(|quota| quota.remain == 0) {
            let until = now + quota.throttle.window.min(BELIEVED_FOR);
            self.used_up_until = self.used_up_until.max(Some(until));
        }
    }

    /// Until when the service allows no call, not even one that the operator requests.
    pub fn held_until(&self, now: Instant) -> Option<Instant> {
        let until = self.blocked.map(|block| block.firm_until);
        until.filter(|until| *until > now)
    }

    /// How many calls the limits leave at `now`, even if the service asked to wait.
    pub fn left(&self, now: Instant) -> usize {
        if self.used_up_until.is_some_and(|until| until > now) {
            return 0;
        }
        self.rules(now)
            .map(|rule| rule.left(&self.calls, now))
            .min()
            .unwrap_or(0)
    }

    /// The least time for this many calls, if each leaves one call free for requests in between.
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
        self.rules(now).map(time).max().unwrap_or_default()
    }

    /// How many calls a minute a sweep can make in the long run, if each window leaves one call free for
    /// requests in between.
    pub fn a_minute(&self, now: Instant) -> u64 {
        let a_minute = |rule: Rule| {
            let calls = u128::from(rule.in_a_window()) * Duration::from_mins(1).as_nanos();
            u64::try_from(calls / rule.window.as_nanos().max(1)).unwrap_or(u64::MAX)
        };
        self.rules(now).map(a_minute).min().unwrap_or(0)
    }

    /// How many calls the stricter rule allows in a window.
    pub fn limit(&self) -> usize {
        match self.told {
            Some(told) if told.rule.is_stricter_than(self.own) => told.rule.limit,
            _ => self.own.limit,
        }
    }

    fn rules(&self, now: Instant) -> impl Iterator<Item = Rule> {
        let told = self.told(now).map(|told| told.rule);
        [Some(self.own), told].into_iter().flatten()
    }
}

impl Told {
    fn new(rule: Rule, now: Instant) -> Self {
        let ends = now + (rule.window + MARGIN).min(BELIEVED_FOR);
        Self { rule, ends }
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
mod tests;
