//! The call budgets of all sources: one for each user, source address and API, above the tasks that call.
//!
//! HSS counts the calls of a user and those of a source address, for each API (HSS documentation, "API
//! throttling"). So a source counts its own calls and those of every source that calls as the same user or
//! from the same address; together they never exceed the limit. A rule that one of them learnt applies to all
//! with the same key. [`BudgetTable`] has the rules and is pure; time is an argument. [`Budgets`] is shared
//! by the sources, and each has a [`BudgetShare`].
//!
//! The next free call goes to the source that has waited longest, and urgent calls go first. The ledger
//! decides between programs, because it has the calls of all programs of this machine to an endpoint; then
//! these budgets only copy its calls. Must not: wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::budget::{CallAges, CallBudget, MARGIN, SpentCalls, WINDOW};
use crate::hss::Setup;
use crate::hss::quota::{Quota, Throttle};
use crate::hss::transport::proxy::ProxyRoute;

/// A claim that has waited this long becomes urgent and no longer has to leave a call free.
const WAITED_LONG: Duration = Duration::from_secs(2 * (WINDOW.as_secs() + 1));
/// A source that waits asks again every few seconds. One that stops asking loses its place.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(15);

/// The key by which calls are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetKey {
    /// Who counts: host and port of the endpoint, which differ between regions.
    pub gateway: String,
    /// The operation.
    pub api: &'static str,
    /// The user who makes them, as far as that is known; all tokens count as one user's.
    pub user: String,
    /// Their source address: the proxy, or nothing for this machine's own address.
    pub address: String,
}

impl BudgetKey {
    /// The key of calls of `api` made with `setup`.
    pub fn of(setup: &Setup, api: &'static str) -> Self {
        let endpoint = setup.endpoints.first();
        let route = endpoint.map(ProxyRoute::of_process);
        Self {
            gateway: endpoint.map(crate::hss::Endpoint::place).unwrap_or_default(),
            api,
            user: setup.found.source.account().unwrap_or_default(),
            address: route
                .as_ref()
                .and_then(ProxyRoute::proxy)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    fn is_of_one_api_with(&self, other: &Self) -> bool {
        self.gateway == other.gateway && self.api == other.api
    }

    /// Whether both are the same user for the service.
    fn is_of_one_user_with(&self, other: &Self) -> bool {
        self.is_of_one_api_with(other) && self.user == other.user
    }

    /// Whether both have the same address for the service.
    fn is_of_one_address_with(&self, other: &Self) -> bool {
        self.is_of_one_api_with(other) && self.address == other.address
    }

    fn is_counted_with(&self, other: &Self) -> bool {
        self.is_of_one_user_with(other) || self.is_of_one_address_with(other)
    }
}

/// A caller.
type ShareId = u32;

/// Who claims a call, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceClaim {
    /// How many calls must be free: 1, or 2 for a call that leaves one free.
    pub need: u32,
    /// Whether an operator waits for the answer, or nothing is shown yet.
    pub urgent: bool,
}

/// A waiting caller.
#[derive(Debug, Clone)]
struct WaitingSource {
    who: ShareId,
    key: BudgetKey,
    limit: u32,
    urgent: bool,
    since: Instant,
    /// When it asked last.
    seen: Instant,
}

impl WaitingSource {
    fn is_first_class(&self, now: Instant) -> bool {
        self.urgent || now.saturating_duration_since(self.since) >= WAITED_LONG
    }

    /// The order of claims: the least goes first.
    fn rank(&self, now: Instant) -> (bool, Instant, ShareId) {
        (!self.is_first_class(now), self.since, self.who)
    }
}

/// The calls of one key.
#[derive(Debug)]
struct KeyedCalls {
    /// The finished calls, and the service's rules.
    budget: CallBudget,
    /// The calls in progress, and when they were paid for: the service may count them at any moment until
    /// they end.
    open: Vec<(ShareId, Instant)>,
    /// Whether the ledger reports all calls of this key and of all others at the gateway, including those in
    /// progress.
    is_told_by_ledger: bool,
}

/// All keys and all waiting callers. Pure.
#[derive(Debug, Default)]
pub struct BudgetTable {
    keys: BTreeMap<BudgetKey, KeyedCalls>,
    waiting: Vec<WaitingSource>,
    shares: ShareId,
}

impl BudgetTable {
    fn join(&mut self, key: &BudgetKey, limit: u32) -> ShareId {
        self.shares += 1;
        let calls = self.keys.entry(key.clone()).or_insert_with(|| KeyedCalls {
            budget: CallBudget::new(limit),
            open: Vec::new(),
            is_told_by_ledger: false,
        });
        calls.budget.remember_for(limit);
        self.shares
    }

    /// The budget as the share `who` sees it: its own key's rules, its own limit, and the calls that are
    /// counted with its own. The calls of its user and those of its address must each fit the limit. So the
    /// two lists are merged from the end: of the two last calls the later one counts, of the two before them
    /// the later one, and so on.
    fn view(&self, (who, key, limit): (ShareId, &BudgetKey, u32), now: Instant) -> CallBudget {
        if let Some(own) = self.keys.get(key).filter(|own| own.is_told_by_ledger) {
            return own.budget.with_limit(limit);
        }
        let of_user = self.calls(who, |other| key.is_of_one_user_with(other), now);
        let of_address = self.calls(who, |other| key.is_of_one_address_with(other), now);
        let calls = of_user.later_of(&of_address);
        let own = self.keys.get(key).map(|keyed| &keyed.budget);
        own.map_or_else(|| CallBudget::new(limit), |own| own.with_calls(limit, calls))
    }

    /// The calls of all keys that are `counted`, as the share `who` sees them.
    fn calls(&self, who: ShareId, counted: impl Fn(&BudgetKey) -> bool, now: Instant) -> SpentCalls {
        let keyed: Vec<&KeyedCalls> = self
            .keys
            .iter()
            .filter_map(|(other, keyed)| counted(other).then_some(keyed))
            .collect();
        let at = |(by, at): &(ShareId, Instant)| if *by == who { *at } else { now };
        let open = keyed.iter().flat_map(|keyed| keyed.open.iter().map(at));
        SpentCalls::merged(keyed.iter().map(|keyed| keyed.budget.calls()), open)
    }

    /// Claims a call; the error says when to ask again.
    fn claim(
        &mut self,
        share: (ShareId, &BudgetKey, u32),
        claim: SourceClaim,
        asked: bool,
        now: Instant,
    ) -> Result<(), Instant> {
        let (who, key, limit) = share;
        self.waiting
            .retain(|other| now.saturating_duration_since(other.seen) < GIVEN_UP_AFTER);
        let before = self.waiting.iter().find(|other| other.who == who);
        let own = WaitingSource {
            who,
            key: key.clone(),
            limit,
            urgent: claim.urgent,
            since: before.map_or(now, |own| own.since),
            seen: now,
        };
        self.leave(who);
        let rank = own.rank(now);
        let ahead: Vec<&WaitingSource> = self
            .waiting
            .iter()
            .filter(|other| key.is_counted_with(&other.key) && other.rank(now) < rank)
            .collect();
        // The limit of a caller that goes first also applies to those behind it; otherwise its own limit
        // would never be met.
        let strictest = ahead.iter().map(|other| other.limit).fold(limit, u32::min).max(1);
        let need = if own.is_first_class(now) {
            1
        } else {
            claim.need.clamp(1, strictest)
        };
        let in_turn = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
        let wanted = need.saturating_add(in_turn);
        let mut view = self.view((who, key, strictest), now);
        if asked {
            view.ask_anew();
        }
        let ready = turn_of(&view, wanted, strictest, now);
        if ready > now {
            // A caller that must wait for the service keeps no place, so that others may go meanwhile.
            if view.ready_for(1, now) <= view.own_rule_ready_for(1, now) {
                self.waiting.push(own);
            }
            return Err(ready);
        }
        if let Some(keyed) = self.keys.get_mut(key) {
            keyed.open.push((who, now));
        }
        Ok(())
    }

    /// `who` no longer waits.
    fn leave(&mut self, who: ShareId) {
        self.waiting.retain(|other| other.who != who);
    }

    /// The calls of `who` but this many, the newest, have ended, or were not made.
    fn end(&mut self, who: ShareId, key: &BudgetKey, made_by: Option<Instant>, in_progress: usize) {
        let Some(keyed) = self.keys.get_mut(key) else {
            return;
        };
        let own = keyed.open.iter().filter(|(by, _)| *by == who).count();
        let mut left = own.saturating_sub(in_progress);
        let is_over = |(by, _): &mut (ShareId, Instant)| {
            let is_over = *by == who && left > 0;
            left -= usize::from(is_over);
            is_over
        };
        let ended = keyed.open.extract_if(.., is_over).count();
        if let Some(now) = made_by.filter(|_| !keyed.is_told_by_ledger) {
            (0..ended).for_each(|_| keyed.budget.count(now));
        }
    }
}

/// When `wanted` calls will be free, if nobody makes another one. More calls than a window has become free in
/// several windows.
fn turn_of(view: &CallBudget, wanted: u32, limit: u32, now: Instant) -> Instant {
    let (windows, last) = ((wanted - 1) / limit, (wanted - 1) % limit + 1);
    let ready = view.ready_for(usize::try_from(last).unwrap_or(usize::MAX), now);
    ready + (WINDOW + MARGIN) * windows
}

/// The budgets of a program. Cheap to clone: all clones are the same budgets.
#[derive(Debug, Clone, Default)]
pub struct Budgets(Arc<Mutex<BudgetTable>>);

impl Budgets {
    /// The share of a caller that makes calls of `key`: at most `limit` a minute together with all calls that
    /// are counted with them.
    pub fn share(&self, key: BudgetKey, limit: u32) -> BudgetShare {
        let limit = limit.max(1);
        let who = self.table().join(&key, limit);
        BudgetShare {
            budgets: self.clone(),
            who,
            key,
            limit,
            asked: false,
        }
    }

    /// Nothing waits or panics while it holds the table.
    fn table(&self) -> MutexGuard<'_, BudgetTable> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One caller's share of the budgets.
#[derive(Debug)]
pub struct BudgetShare {
    budgets: Budgets,
    who: ShareId,
    key: BudgetKey,
    limit: u32,
    /// Whether the operator requests a call: see [`CallBudget::ask_anew`].
    asked: bool,
}

impl BudgetShare {
    /// The budget as this share sees it.
    pub fn view(&self, now: Instant) -> CallBudget {
        let mut view = self.budgets.table().view((self.who, &self.key, self.limit), now);
        if self.asked {
            view.ask_anew();
        }
        view
    }

    /// Claims a call, which must be sent at once; the error says when to ask again.
    ///
    /// # Errors
    /// When a call may be free.
    pub fn claim(&mut self, claim: SourceClaim, now: Instant) -> Result<(), Instant> {
        let share = (self.who, &self.key, self.limit);
        let mut table = self.budgets.table();
        if let Some(keyed) = table.keys.get_mut(&self.key) {
            keyed.is_told_by_ledger = false;
        }
        table.claim(share, claim, self.asked, now)
    }

    /// The claimed calls but this many, the newest, are not made.
    pub fn give_back(&mut self, in_progress: usize) {
        self.budgets.table().end(self.who, &self.key, None, in_progress);
    }

    /// The claimed calls but this many, the newest, have ended: the service has counted them by `now`.
    pub fn settle(&mut self, now: Instant, in_progress: usize) {
        let mut table = self.budgets.table();
        table.end(self.who, &self.key, Some(now), in_progress);
    }

    /// Nothing is due: others need not wait for this one.
    pub fn leave(&mut self) {
        self.budgets.table().leave(self.who);
    }

    /// Replaces the calls by those of the ledger, which has those of the last minute.
    pub fn take_ledger(&mut self, ages: &CallAges, now: Instant) {
        self.keyed(|keyed| {
            keyed.is_told_by_ledger = true;
            keyed.budget.share(ages, now);
        });
    }

    /// See [`CallBudget::ask_anew`].
    pub fn ask_anew(&mut self) {
        self.asked = true;
    }

    /// See [`CallBudget::sent`].
    pub fn sent(&mut self) {
        self.asked = false;
    }

    /// See [`CallBudget::forget`].
    pub fn forget(&mut self, now: Instant) {
        self.keyed(|keyed| keyed.budget.forget(now));
    }

    /// See [`CallBudget::learn`].
    pub fn learn(&mut self, rule: Throttle, now: Instant) {
        self.keyed(|keyed| keyed.budget.learn(rule, now));
    }

    /// See [`CallBudget::observe`].
    pub fn observe(&mut self, quotas: &[Quota], now: Instant) {
        self.keyed(|keyed| keyed.budget.observe(quotas, now));
    }

    /// See [`CallBudget::take_learnt`].
    pub fn take_learnt(&mut self, rule: Throttle, left: Duration, now: Instant) {
        self.keyed(|keyed| keyed.budget.take_learnt(rule, left, now));
    }

    /// See [`CallBudget::block`].
    pub fn block(&mut self, until: Instant, firm_until: Instant) {
        self.keyed(|keyed| keyed.budget.block(until, firm_until));
    }

    fn keyed(&self, change: impl FnOnce(&mut KeyedCalls)) {
        if let Some(keyed) = self.budgets.table().keys.get_mut(&self.key) {
            change(keyed);
        }
    }
}

impl Drop for BudgetShare {
    /// Its calls still count: those in progress count as made now.
    fn drop(&mut self) {
        let mut table = self.budgets.table();
        table.leave(self.who);
        table.end(self.who, &self.key, Some(Instant::now()), 0);
    }
}

#[cfg(test)]
mod tests;
