//! The next page of a sweep, requested while the page before it is merged.
//!
//! Merging a page takes about as long as the next one takes to arrive; where calls are not scarce, both happen at the same time.
//! Owns when that is so. Such a call is claimed, counted and told to the ledger like any other, and there is only one of them; if
//! the page before it shows that another one or none is needed, that call was one too many. Must not: merge anything.

use std::sync::Arc;

use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;

use super::Fetcher;
use crate::collector::counted::Turn;
use crate::collector::planned::PlannedCall;
use crate::collector::source::PodSource;
use crate::collector::sweep::PageFacts;
use crate::hss::{Answer, Error};

/// Calls are not scarce if at least this many are left. HSS allows five a minute.
const AMPLE: usize = 600;

/// A call whose answer is not needed yet.
#[derive(Debug)]
pub(super) struct AheadCall {
    planned: PlannedCall,
    /// When it was sent.
    pub(super) sent: Instant,
    answer: JoinSet<Result<Answer, Error>>,
}

impl AheadCall {
    /// Waits for its answer.
    pub(super) async fn answer(mut self) -> Result<Answer, Error> {
        match self.answer.join_next().await {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Lapsed),
            },
            // It has one task.
            None => Err(Error::Lapsed),
        }
    }
}

impl<S: PodSource> Fetcher<S> {
    /// Requests the page behind this one, if calls are not scarce and such a page is expected.
    pub(super) async fn ask_ahead(&mut self, planned: &PlannedCall, page: PageFacts) {
        let now = Instant::now();
        if !self.has_calls_to_spare(now) {
            return;
        }
        let Some(next) = self.plan.page_behind(planned, page, now) else {
            return;
        };
        let Ok(call) = self.call_for(&next) else {
            return;
        };
        // If it has to wait, the next step claims it.
        if self.claim(&next).await != Turn::Go {
            return;
        }
        let (source, by) = (Arc::clone(&self.source), self.send_by());
        let mut answer = JoinSet::new();
        answer.spawn(async move { source.list_pods(by, &call).await });
        self.ahead = Some(AheadCall {
            planned: next,
            sent: self.note_sent(),
            answer,
        });
        // The new task is the next one of this thread and no other thread may run it. Merging waits for nothing, so without this
        // the request would be sent when the page is merged.
        yield_now().await;
    }

    fn has_calls_to_spare(&self, now: Instant) -> bool {
        let budget = self.budget_at(now);
        self.is_on_collector() || (!budget.has_words_of_the_service() && budget.left(now) >= AMPLE)
    }

    /// Whether this is the call that was sent ahead.
    pub(super) fn is_sent(&self, planned: &PlannedCall) -> bool {
        self.ahead.as_ref().is_some_and(|ahead| ahead.planned == *planned)
    }

    /// The call that was sent ahead is not needed.
    pub(super) async fn forget_ahead(&mut self) {
        if self.ahead.take().is_some() {
            self.settle().await;
        }
    }

    /// Notes that a call is sent; returns when.
    pub(super) fn note_sent(&mut self) -> Instant {
        self.status.calls_made += 1;
        self.status.called_at = Some(self.clock.now());
        Instant::now()
    }
}
