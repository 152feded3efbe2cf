//! The fetch task on a collector of hss-top, which answers in the place of HSS.
//!
//! Owns what is different there: calls are not counted, because they cause none to HSS, and news of the
//! collector make a call due at once. All of that ends with the first failure, and with the first answer
//! without the mark: the next call is counted again, whoever answers it. A collector that asks for patience, because the
//! clients behind one address are too fast for it or because it has no list yet, is one that answers: how long it wants to be left
//! alone concerns no call to HSS. Must not: make a call.

use std::future::pending;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::{Fetcher, Gone};
use crate::collector::budget::CallBudget;
use crate::collector::source::PodSource;
use crate::collector::status::UNCOUNTED;
use crate::fleet::changes::Change;
use crate::hss::collector_mark::CollectorState;
use crate::hss::error::ErrorKind;
use crate::hss::{Answer, Error};

/// News of a collector.
#[derive(Debug)]
pub enum CollectorNews {
    /// Its list moved, or it may be away.
    ListMoved,
    /// HSS confirmed its list this long ago, and its state is this.
    Confirmed(Duration, CollectorState),
    /// It has these changes, oldest first.
    Changes(Vec<Change>),
    /// A sentence for the operator.
    Told(String),
}

/// How the task is connected with the one that follows the collector.
#[derive(Debug)]
pub struct CollectorPort {
    /// Whether a collector answers.
    pub(crate) is_there: watch::Sender<bool>,
    /// Its news.
    pub(crate) news: mpsc::Receiver<CollectorNews>,
}

/// The next news; never resolves without a port.
pub(super) async fn next_news(port: &mut Option<CollectorPort>) -> CollectorNews {
    if let Some(port) = port
        && let Some(news) = port.news.recv().await
    {
        return news;
    }
    pending().await
}

/// The state of a collector that asks for patience: its clients are too fast, or it has no list yet. Its other refusals are about
/// the client or its request.
fn patient_collector(error: &Error) -> Option<CollectorState> {
    let Error::Service(service) = error else {
        return None;
    };
    let is_for_later = matches!(error.kind(), ErrorKind::Throttled | ErrorKind::Passing);
    service.collector.filter(|_| is_for_later)
}

impl<S: PodSource> Fetcher<S> {
    /// Whether calls are not counted.
    pub(super) fn is_on_collector(&self) -> bool {
        self.status.through.is_some()
    }

    /// Takes the mark of an answer, or that there is none.
    pub(super) fn recognise(&mut self, result: &Result<Answer, Error>) {
        let Some(port) = &self.collector else { return };
        self.status.through = match result {
            Ok(answer) => answer.collector,
            // A client that is too fast learns no state, and knows the one of the last page.
            Err(error) if error.kind() == ErrorKind::Throttled => {
                patient_collector(error).map(|state| self.status.through.unwrap_or(state))
            }
            Err(error) => patient_collector(error),
        };
        self.status.is_on_collector = match result {
            Ok(answer) => answer.collector.is_some(),
            Err(error) if error.is_of_collector() => true,
            Err(Error::Service(_)) => false,
            // Nobody answered, or somebody in between.
            Err(_) => self.status.is_on_collector,
        };
        let is_there = self.status.through.is_some();
        let changed = |known: &mut bool| std::mem::replace(known, is_there) != is_there;
        if port.is_there.send_if_modified(changed) {
            tracing::info!(is_there, "a collector answers in the place of HSS");
        }
    }

    /// The budget at `now`; without a limit on a collector.
    pub(super) fn budget_at(&self, now: Instant) -> CallBudget {
        if self.is_on_collector() {
            CallBudget::new(u32::MAX)
        } else {
            self.budget.view(now)
        }
    }

    /// Calls of a collector have ended: they are not counted. The first ones were claimed.
    pub(super) async fn settle_uncounted(&mut self) {
        self.budget.give_back(self.ahead.len());
        if let Some(ledger) = &mut self.ledger {
            ledger.withdraw(self.ahead.len()).await;
        }
    }

    /// Shows that nothing is counted.
    pub(super) fn show_uncounted(&mut self) {
        if self.is_on_collector() {
            self.status.calls_left = UNCOUNTED;
            self.status.calls_limit = UNCOUNTED;
            self.status.calls_of_others = 0;
            self.status.calls_trouble = None;
        }
    }

    /// Takes news of the collector. Returns whether a call may be due.
    pub(super) async fn take_news(&mut self, news: CollectorNews) -> Result<bool, Gone> {
        match news {
            CollectorNews::ListMoved => {
                self.plan.list_moved(Instant::now());
                return Ok(true);
            }
            CollectorNews::Confirmed(age, state) => {
                // A call that failed since knows better.
                if self.is_on_collector() && !self.status.restored {
                    let now = self.clock.now();
                    let at = now.checked_sub(age).unwrap_or(now);
                    self.status.asked_at = self.status.asked_at.max(Some(at));
                    self.status.through = Some(state);
                }
            }
            CollectorNews::Changes(changes) => self.store.add_changes(changes),
            CollectorNews::Told(sentence) => self.status.state_notice = Some(sentence),
        }
        self.tell(false).await?;
        Ok(false)
    }
}
