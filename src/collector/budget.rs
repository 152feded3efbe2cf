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
pub(super) const MARGIN: Duration = Duration::from_millis(250);
/// The longest window that is counted in; a rule for a longer one is kept as if it were for this one.
const LONGEST_WINDOW: Duration = Duration::from_hours(1);

/// What the service told is believed for one window of it, but not longer than this: it may have told it of a moment.
pub(super) const BELIEVED_FOR: Duration = Duration::from_mins(10);

/// Counts calls in sliding windows.
#[derive(Debug, Clone)]
pub struct CallBudget {
    own: Rule,
    /// The service's rule, where it told one.
    told: Option<Told>,
    /// When calls were paid for, oldest first: as many, and as old, as a rule could ask about.
    calls: VecDeque<Instant>,
    blocked: Option<Block>,
    /// Until when the service says that no call is left.
    used_up_until: Option<Instant>,
    /// Whether the operator asks: then the next call is held back only by the operator's own rule and by the service's word.
    asked: bool,
}

/// A rule that the service told, and until when it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Told {
    rule: Rule,
    ends: Instant,
}

/// Until when there is no call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    until: Instant,
    /// The same for a call that the operator asks for.
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
            blocked: None,
            used_up_until: None,
            asked: false,
        }
    }

    /// The earliest moment at which the next call may be paid for; `now` if at once.
    pub fn ready_at(&self, now: Instant) -> Instant {
        self.ready_for(1, now)
    }

    /// The earliest moment at which `wanted` calls may be paid for at once; more than the limit are never waited for.
    pub fn ready_for(&self, wanted: usize, now: Instant) -> Instant {
        let own = self.own.ready_for(wanted, &self.calls, now);
        let told = self.told(now);
        let told = told.map(|told| told.rule.ready_for(wanted, &self.calls, now).min(told.ends));
        told.into_iter()
            .chain(self.blocked_until())
            .chain(self.used_up_until)
            .fold(own, Instant::max)
    }

    /// The calls that it remembers, the oldest first.
    pub(super) fn calls(&self) -> impl Iterator<Item = Instant> + '_ {
        self.calls.iter().copied()
    }

    /// The same rules with another limit of the operator's, and with these calls, the oldest first.
    pub(super) fn with_calls(&self, limit: u32, calls: Vec<Instant>) -> Self {
        Self {
            own: Rule::new(limit, WINDOW),
            calls: calls.into(),
            ..self.clone()
        }
    }

    /// Remembers as many calls as a limit of so many may ask about.
    pub(super) fn remember_for(&mut self, limit: u32) {
        let own = Rule::new(limit, WINDOW);
        self.own.limit = self.own.limit.max(own.limit);
    }

    /// When the operator's own rule, whatever the service wants, lets `wanted` calls go at once.
    pub(super) fn own_rule_ready_for(&self, wanted: usize, now: Instant) -> Instant {
        self.own.ready_for(wanted, &self.calls, now)
    }

    /// The same budget without the operator's own rule: what the service wants of us, and nothing else.
    pub(super) fn of_the_service(&self) -> Self {
        Self {
            own: Rule {
                limit: usize::MAX,
                window: WINDOW,
            },
            ..self.clone()
        }
    }

    /// The rule that the service told, as long as it is believed.
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

    /// Counts a call that the service counted by `now`.
    pub(super) fn count(&mut self, now: Instant) {
        let most = self.rules(now).map(|rule| rule.limit).max().unwrap_or(1);
        let is_over = |call: &Instant| now.saturating_duration_since(*call) > LONGEST_WINDOW + MARGIN;
        while self.calls.len() >= most || self.calls.front().is_some_and(is_over) {
            self.calls.pop_front();
        }
        self.calls.push_back(now);
    }

    /// Takes how long ago each call of the last [`WINDOW`] was made, the oldest first, by whichever program.
    pub fn share(&mut self, ages: &[Duration], now: Instant) {
        let is_older = |call: &Instant| *call + WINDOW + MARGIN <= now;
        self.calls
            .retain(|call| is_older(call) && *call + LONGEST_WINDOW + MARGIN > now);
        self.calls
            .extend(ages.iter().filter_map(|age| now.checked_sub(*age)));
        let most = self.rules(now).map(|rule| rule.limit).max().unwrap_or(1);
        while self.calls.len() > most.max(ages.len()) {
            self.calls.pop_front();
        }
    }

    /// The operator asks for a call. What was only learnt does not hold it back.
    pub fn ask_anew(&mut self) {
        self.asked = true;
    }

    /// The call that the operator asked for, or any other, is sent.
    pub fn sent(&mut self) {
        self.asked = false;
    }

    /// Forgets what is not believed any more.
    pub fn forget(&mut self, now: Instant) {
        self.told.take_if(|told| told.ends <= now);
    }

    /// When more calls will be left than at `now`; `None` where all are.
    pub fn next_free(&self, now: Instant) -> Option<Instant> {
        let left = self.left(now);
        (left < self.limit()).then(|| self.ready_for(left + 1, now))
    }

    /// No call before `until`: the service said so.
    pub fn block_until(&mut self, until: Instant) {
        self.block(until, until);
    }

    /// No call before `until`, but for one that the operator asks for, from `firm_until` on.
    pub fn block(&mut self, until: Instant, firm_until: Instant) {
        let block = Block { until, firm_until };
        self.blocked = Some(self.blocked.map_or(block, |other| Block {
            until: until.max(other.until),
            firm_until: firm_until.max(other.firm_until),
        }));
    }

    /// Learns the rule by which the service turned a call away at `now`. It cannot be laxer than the one that is known: other
    /// callers may share it. It is believed for one window without another such answer.
    pub fn learn(&mut self, rule: Throttle, now: Instant) {
        self.forget(now);
        let rule = Rule::new(rule.limit, rule.window);
        let known = self.told.map(|told| told.rule);
        let rule = known
            .filter(|known| !rule.is_stricter_than(*known))
            .unwrap_or(rule);
        self.told = Some(Told::new(rule, now));
    }

    /// Takes the rule that the service told another program, and for how long that believes it.
    pub fn take_learnt(&mut self, rule: Throttle, left: Duration, now: Instant) {
        let (rule, mut ends) = (Rule::new(rule.limit, rule.window), now + left.min(BELIEVED_FOR));
        if let Some(told) = self.told.filter(|told| told.rule == rule) {
            ends = ends.max(told.ends);
        }
        self.told = Some(Told { rule, ends });
    }

    /// The rule that the service told, and for how long it is believed.
    pub fn learnt(&self, now: Instant) -> Option<(Throttle, Duration)> {
        let told = self.told.filter(|told| told.ends > now)?;
        let rule = Throttle {
            limit: u32::try_from(told.rule.limit).unwrap_or(u32::MAX),
            window: told.rule.window,
        };
        Some((rule, told.ends - now))
    }

    /// Learns what an answer's headers tell: the service's rules as they are now, laxer ones too. Where one has nothing
    /// left, no call is made for its window.
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

    /// Until when the service wants no call, not even one that the operator asks for.
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
        self.rules(now).map(time).max().unwrap_or_default()
    }

    /// How many calls a minute a sweep can make in the long run, where each window leaves one free for what is wanted in
    /// between.
    pub fn a_minute(&self, now: Instant) -> u64 {
        let a_minute = |rule: Rule| {
            let calls = u128::from(rule.in_a_window()) * Duration::from_mins(1).as_nanos();
            u64::try_from(calls / rule.window.as_nanos().max(1)).unwrap_or(u64::MAX)
        };
        self.rules(now).map(a_minute).min().unwrap_or(0)
    }

    /// How many calls there are in a window, by the stricter rule.
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
