//! A client whose calls are counted, for callers that make one call at a time: `doctor` and requests for a
//! new snapshot.
//!
//! Owns the claim before a call, from the budgets of the program and from the ledger that all programs share,
//! and the record after it. A rule of the service that another program learnt holds here too, and what is
//! learnt here is told to all. Must not: decide how long to wait.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::budget::CallBudget;
use super::budgets::{BudgetShare, SourceClaim};
use super::ledger::record::{ClaimAnswer, LearntRule};
use super::ledger::{HELD, Ledger, LedgerFault, LedgerView};
use crate::hss::quota::Throttle;
use crate::hss::{Answer, Call, Client, Error, SendBy};

/// Whether a call may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now; it is counted already.
    Go,
    /// Not before.
    Later(Instant),
}

/// The calls of one operation, and how they are counted.
#[derive(Debug)]
pub struct CountedClient {
    client: Arc<Client>,
    budget: BudgetShare,
    ledger: Option<Ledger>,
    last: Option<LedgerView>,
    /// The service's rule that all programs know.
    shared: Option<Throttle>,
}

impl CountedClient {
    /// Calls of `client`, counted in `budget` and, if there is one, in `ledger`.
    pub(super) fn new(client: Arc<Client>, budget: BudgetShare, ledger: Option<Ledger>) -> Self {
        Self {
            client,
            budget,
            ledger,
            last: None,
            shared: None,
        }
    }

    /// The client, with its credential and its knowledge of the clock.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Claims a call for an operator who waits.
    pub async fn claim(&mut self) -> Turn {
        let claim = SourceClaim {
            need: 1,
            urgent: true,
        };
        let Some(ledger) = &mut self.ledger else {
            return self.claim_alone(claim);
        };
        match ledger.claim(1, true).await {
            Ok((ClaimAnswer::Go, view)) => self.heed_the_rule(view).await,
            Ok((ClaimAnswer::Wait(wait), view)) => {
                self.take(view);
                Turn::Later(Instant::now() + wait)
            }
            Err(LedgerFault::Busy(_)) => Turn::Later(Instant::now() + HELD),
            Err(LedgerFault::Unusable(_)) => self.claim_alone(claim),
        }
    }

    /// Returns a claim that the operator's limit allows but a rule of the service does not.
    async fn heed_the_rule(&mut self, view: LedgerView) -> Turn {
        let mut before = view.clone();
        // The call that was just claimed.
        before.ages.pop();
        self.take(before);
        let now = Instant::now();
        let ready = self.budget.view(now).of_the_service().ready_at(now);
        if ready > now {
            if let Some(ledger) = &mut self.ledger {
                ledger.withdraw(0).await;
            }
            return Turn::Later(ready);
        }
        self.take(view);
        Turn::Go
    }

    fn claim_alone(&mut self, claim: SourceClaim) -> Turn {
        match self.budget.claim(claim, Instant::now()) {
            Ok(()) => Turn::Go,
            Err(at) => Turn::Later(at),
        }
    }

    /// Makes a call that was claimed, once.
    ///
    /// # Errors
    /// The call failed; [`Error::Lapsed`] if it was too late to send it, so that it must be claimed again.
    pub async fn call<C: Call>(&mut self, call: &C) -> Result<Answer<C::Answer>, Error> {
        let by = self.ledger.as_ref().map_or(SendBy::ANY, Ledger::send_by);
        let result = Box::pin(self.client.call(by, call)).await;
        if matches!(result, Err(Error::Lapsed)) {
            self.budget.give_back(0);
            if let Some(ledger) = &mut self.ledger {
                ledger.withdraw(0).await;
            }
            return result;
        }
        let now = Instant::now();
        self.budget.settle(now, 0);
        if let Some(ledger) = &mut self.ledger
            && let Some(view) = ledger.settle(0).await
        {
            self.take(view);
        }
        let mut is_refused = false;
        match &result {
            Ok(answer) => self.budget.observe(&answer.quotas, now),
            Err(Error::Service(service)) => {
                self.budget.observe(&service.quotas, now);
                if let Some(rule) = service.rule() {
                    is_refused = true;
                    self.budget.learn(rule, now);
                }
            }
            Err(_) => {}
        }
        self.share_rule(is_refused).await;
        if let Some(wait) = result.as_ref().err().and_then(Error::named_wait) {
            self.budget.block(now + wait, now + wait);
            if let Some(ledger) = &mut self.ledger {
                ledger.pause(wait).await;
            }
        }
        result
    }

    /// Tells the other programs the service's rule, if they do not know it yet or it was confirmed.
    async fn share_rule(&mut self, is_confirmed: bool) {
        let Some(learnt) = self.learnt() else { return };
        if let Some(ledger) = &mut self.ledger
            && (is_confirmed || self.shared != Some(learnt.rule))
        {
            ledger.learn(learnt.rule, learnt.left).await;
            self.shared = Some(learnt.rule);
        }
    }

    /// Gives up waiting for a call.
    pub async fn leave(&mut self) {
        self.budget.leave();
        if let Some(ledger) = &mut self.ledger {
            ledger.leave().await;
        }
    }

    /// The budget as it is now.
    pub fn budget(&self) -> CallBudget {
        self.budget.view(Instant::now())
    }

    /// The rule that this program or another one learnt from the service, while it is believed.
    pub fn learnt(&self) -> Option<LearntRule> {
        let now = Instant::now();
        let learnt = self.budget.view(now).learnt(now);
        learnt.map(|(rule, left)| LearntRule { rule, left })
    }

    /// Until when the service allows no call, as far as this program and the others know.
    pub fn held_until(&self) -> Option<Instant> {
        let now = Instant::now();
        let ready = self.budget.view(now).of_the_service().ready_at(now);
        (ready > now).then_some(ready)
    }

    /// The ledger as last read.
    pub fn ledger_view(&self) -> Option<&LedgerView> {
        self.last.as_ref()
    }

    /// Why calls of other programs are not counted at the moment.
    pub fn trouble(&self) -> Option<&str> {
        self.ledger.as_ref()?.trouble()
    }

    /// The path of the ledger, if it is known at the moment.
    pub fn ledger_path(&self) -> Option<PathBuf> {
        self.ledger.as_ref()?.path()
    }

    fn take(&mut self, view: LedgerView) {
        let now = Instant::now();
        self.budget.take_ledger(&view.ages, now);
        self.shared = view.rule.map(|learnt| learnt.rule);
        if let Some(learnt) = view.rule {
            self.budget.take_learnt(learnt.rule, learnt.left, now);
        }
        self.last = Some(view);
    }
}

/// The wait until `at`, from now.
pub fn wait_until(at: Instant) -> Duration {
    at.saturating_duration_since(Instant::now())
}
