//! Obtains calls for the fetch task.
//!
//! Owns the claim before each call, and the ledger's answer. Without a usable ledger, the task's own budget
//! decides. Must not: send a call.

use std::time::Duration;

use tokio::time::Instant;

use super::{Fetcher, Gone};
use crate::collector::budget::WINDOW;
use crate::collector::budgets::SourceClaim;
use crate::collector::counted::Turn;
use crate::collector::ledger::record::ClaimAnswer;
use crate::collector::ledger::{ASKS_AGAIN, HELD, Ledger, LedgerFault, LedgerView};
use crate::collector::planned::{CallPurpose, PlannedCall, WaitCause};
use crate::collector::source::PodSource;
use crate::hss::quota::Throttle;
use crate::hss::{Error, SendBy};

/// How often the end of a wait is reported at least.
const TOLD_EVERY: Duration = Duration::from_secs(5);
/// A wait that changes by more is reported at once.
const WORTH_TELLING: Duration = Duration::from_secs(1);
/// If another program locks the ledger for longer, this is reported.
const HELD_LONG: Duration = Duration::from_secs(3);
/// How many calls are claimed in advance where calls are not scarce.
const IN_ADVANCE: u32 = 15;
/// The shortest wait, so that a wrong clock cannot cause a busy loop.
const SHORTEST: Duration = Duration::from_millis(5);

/// The state of the task's claims.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Whether the operator has asked since the last call.
    pub(super) asked: bool,
    /// The end of the wait for a call, and when it was reported.
    told: Option<(Instant, Instant)>,
    /// Since when another program has locked the ledger.
    held: Option<Instant>,
    /// The service's rule that all programs know.
    shared: Option<Throttle>,
}

impl<S: PodSource> Fetcher<S> {
    /// Claims a call for `planned`.
    pub(super) async fn claim(&mut self, planned: &PlannedCall) -> Turn {
        let leaves_free = self.plan.leaves_one_free(planned.purpose, planned.offset);
        let is_looked_at = match planned.purpose {
            CallPurpose::Pod => true,
            CallPurpose::Part => planned.offset == 0,
            CallPurpose::Fleet => false,
        };
        // A program that shows nothing at all is urgent too.
        let urgent = is_looked_at || self.turns.asked || self.status.asked_at.is_none();
        self.claim_calls(1 + u32::from(leaves_free), urgent).await
    }

    /// Claims another call after the first one failed.
    pub(super) async fn claim_again(&mut self) -> Turn {
        self.claim_calls(1, true).await
    }

    async fn claim_calls(&mut self, need: u32, urgent: bool) -> Turn {
        if self.is_on_collector() {
            self.budget.sent();
            self.turns = Turns::default();
            return Turn::Go;
        }
        let claim = SourceClaim { need, urgent };
        let is_ample = self.has_calls_to_spare(Instant::now());
        let has_one = is_ample && self.ledger.as_mut().is_some_and(Ledger::take_unsent);
        if has_one {
            self.granted();
            return Turn::Go;
        }
        let more = if is_ample { IN_ADVANCE } else { 0 };
        let turn = match &mut self.ledger {
            None => None,
            Some(ledger) => match ledger.claim_with(claim, more).await {
                Ok((answer, view)) => {
                    self.turns.held = None;
                    let now = Instant::now();
                    Some(match answer {
                        ClaimAnswer::Go => self.heed_the_rule(&view).await,
                        ClaimAnswer::Wait(wait) => {
                            self.take_view(&view);
                            Turn::Later(now + wait)
                        }
                    })
                }
                Err(LedgerFault::Busy(_)) => {
                    let now = Instant::now();
                    self.turns.held.get_or_insert(now);
                    Some(Turn::Later(now + HELD))
                }
                Err(LedgerFault::Unusable(_)) => {
                    self.turns.held = None;
                    None
                }
            },
        };
        self.take_ledgers_words();
        let turn = turn.unwrap_or_else(|| self.claim_alone(claim));
        match turn {
            Turn::Go => {
                self.granted();
                Turn::Go
            }
            Turn::Later(at) => Turn::Later(at.max(Instant::now() + SHORTEST)),
        }
    }

    fn granted(&mut self) {
        self.budget.sent();
        self.turns = Turns {
            shared: self.turns.shared,
            ..Turns::default()
        };
    }

    /// Returns a claim that this program's limit allows but a rule of the service does not, because other
    /// programs may have made calls since the plan was made.
    async fn heed_the_rule(&mut self, view: &LedgerView) -> Turn {
        let now = Instant::now();
        if view.rule.is_none() && !self.budget.view(now).has_words_of_the_service() {
            self.take_view(view);
            return Turn::Go;
        }
        let mut before = view.clone();
        // The call that was just claimed.
        before.ages.pop();
        self.take_view(&before);
        let ready = self.budget.view(now).of_the_service().ready_at(now);
        if ready > now {
            if let Some(ledger) = &mut self.ledger {
                ledger.withdraw(self.ahead.len()).await;
            }
            return Turn::Later(ready);
        }
        self.take_view(view);
        Turn::Go
    }

    /// Tells the other programs the service's limits, if they do not know them yet.
    pub(super) async fn share_rule(&mut self, is_new: bool) {
        let learnt = self.learnt();
        let Some((rule, left)) = learnt.filter(|(rule, _)| is_new || self.turns.shared != Some(*rule)) else {
            return;
        };
        self.turns.shared = Some(rule);
        if let Some(ledger) = &mut self.ledger {
            ledger.learn(rule, left).await;
        }
    }

    fn learnt(&self) -> Option<(Throttle, Duration)> {
        let now = Instant::now();
        self.budget.view(now).learnt(now)
    }

    /// Pays from the budgets of this program.
    fn claim_alone(&mut self, claim: SourceClaim) -> Turn {
        match self.budget.claim(claim, Instant::now()) {
            Ok(()) => Turn::Go,
            Err(at) => Turn::Later(at),
        }
    }

    /// Notes that all calls have ended but those that are sent ahead. The ledger is told with the next claim, so that a sweep turns
    /// to it once a page, or less often where calls are not scarce, and before any wait ([`Self::tell_the_ledger`]); until then they
    /// count as in progress.
    pub(super) async fn settle(&mut self) {
        if self.is_on_collector() {
            return self.settle_uncounted().await;
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.settle_later(self.ahead.len());
        }
        self.budget.settle(Instant::now(), self.ahead.len());
    }

    /// Records which calls have ended, if the ledger does not know that yet.
    pub(super) async fn tell_the_ledger(&mut self) {
        let view = match &mut self.ledger {
            Some(ledger) => ledger.settle(self.ahead.len()).await,
            None => None,
        };
        if let Some(view) = view {
            self.take_view(&view);
        }
        self.take_ledgers_words();
    }

    /// Until when the claimed call may be sent.
    pub(super) fn send_by(&self) -> SendBy {
        let counting = self.ledger.as_ref().filter(|_| !self.is_on_collector());
        counting.map_or(SendBy::ANY, Ledger::send_by)
    }

    /// The claimed call was not sent.
    pub(super) async fn withdraw(&mut self) {
        self.status.calls_made = self.status.calls_made.saturating_sub(1);
        self.budget.give_back(self.ahead.len());
        if let Some(ledger) = &mut self.ledger {
            ledger.withdraw(self.ahead.len()).await;
        }
    }

    /// Nothing is due: others need not wait for this program.
    pub(super) async fn leave_the_queue(&mut self) {
        self.turns.told = None;
        self.budget.leave();
        if let Some(ledger) = &mut self.ledger {
            ledger.leave().await;
        }
    }

    /// Waits for a turn, or until the request changes. The ledger is asked again every second.
    pub(super) async fn wait_for_turn(&mut self, at: Instant) -> Result<(), Gone> {
        self.tell_the_ledger().await;
        let now = Instant::now();
        let is_told = self.turns.told.is_some_and(|(until, told)| {
            let change = until.max(at) - until.min(at);
            change <= WORTH_TELLING && now - told < TOLD_EVERY
        });
        if !is_told {
            self.turns.told = Some((at, now));
            let at = self.time_of(at);
            // A locked ledger does not show when a call becomes available, so the call stays due.
            let due = self.status.next_at.filter(|_| self.turns.held.is_some());
            self.status.next_at = Some(due.map_or(at, |due| due.min(at)));
            self.name_turn(now);
            self.tell(true).await?;
        }
        let until = if self.ledger.is_some() {
            at.min(now + ASKS_AGAIN)
        } else {
            at.min(now + TOLD_EVERY)
        };
        self.sleep(until).await
    }

    /// Says why nothing is asked before the plan's `until`, where the budget lets a call go from `ready` on.
    pub(super) fn name_wait(&mut self, until: Instant, ready: Instant) {
        let now = Instant::now();
        let service = self.budget_at(now).of_the_service();
        self.status.wait_cause = if ready > until {
            WaitCause::Calls
        } else {
            self.plan.wait_cause(until, now, &service)
        };
    }

    /// Says why a call that is due waits for its turn.
    fn name_turn(&mut self, now: Instant) {
        let service = self.budget_at(now).of_the_service();
        self.status.wait_cause = if self.turns.held.is_some() {
            WaitCause::Ledger
        } else if service.ready_at(now) > now {
            WaitCause::Service
        } else {
            WaitCause::Calls
        };
    }

    /// No call before `until`, the service said with `error`. What it said of a window only is a rule that is learnt: the
    /// operator may try after a minute.
    pub(super) async fn hold_back(&mut self, error: &Error, until: Instant) {
        // The plan waits for a collector, and other programs go on.
        if self.is_on_collector() {
            return;
        }
        let now = Instant::now();
        let is_named = error.named_wait().is_some();
        let firm = if is_named { until } else { until.min(now + WINDOW) };
        self.budget.block(until, firm);
        if let Some(ledger) = &mut self.ledger {
            ledger.pause(firm - now).await;
        }
    }

    /// Reads the calls that other programs have made meanwhile.
    pub(super) async fn look_at_the_ledger(&mut self) {
        let view = match &mut self.ledger {
            _ if self.status.through.is_some() => None,
            Some(ledger) => ledger.look().await,
            None => None,
        };
        if let Some(view) = view {
            self.take_view(&view);
        }
    }

    fn take_view(&mut self, view: &LedgerView) {
        let now = Instant::now();
        self.budget.take_ledger(&view.ages, now);
        self.turns.shared = view.rule.map(|learnt| learnt.rule);
        if let Some(learnt) = view.rule {
            self.budget.take_learnt(learnt.rule, learnt.left, now);
        }
        self.status.calls_of_others = view.ages.len().saturating_sub(view.own);
        self.status.others = view.others;
    }

    fn take_ledgers_words(&mut self) {
        let Some(ledger) = &mut self.ledger else { return };
        let is_short = self.turns.held.is_some_and(|since| since.elapsed() < HELD_LONG);
        let trouble = ledger.trouble().filter(|_| !is_short);
        self.status.calls_trouble = trouble.map(str::to_owned);
        if let Some(notice) = ledger.notice() {
            self.status.state_notice = Some(notice);
        }
    }
}
