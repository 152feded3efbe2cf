//! The next pages of a sweep, requested while the page before them is merged.
//!
//! A page takes less time to merge than the next one takes to arrive, so if calls are not scarce, others are requested meanwhile.
//! Owns when that is so. Such calls are claimed, counted and noted in the ledger like any other, and their answers are taken in
//! page order. If the page before them shows that others or none are needed, or if it fails, these calls were made in vain.
//! Must not: merge anything.

use std::sync::Arc;

use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::Fetcher;
use crate::collector::budget::AMPLE;
use crate::collector::counted::Turn;
use crate::collector::planned::PlannedCall;
use crate::collector::source::PodSource;
use crate::collector::sweep::PageFacts;
use crate::hss::{Answer, Error};

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
    /// Requests the pages behind this one, if calls are not scarce and such pages are expected.
    pub(super) async fn ask_ahead(&mut self, planned: &PlannedCall, page: PageFacts) {
        let now = Instant::now();
        if !self.has_calls_to_spare(now) {
            return;
        }
        let expected = self.plan.pages_behind(planned, page, self.pages_ahead, now);
        for (place, next) in expected.into_iter().enumerate() {
            let is_next = match self.ahead.get(place) {
                Some(sent) => sent.planned == next,
                None => self.send_ahead(next).await,
            };
            // What was sent and is not needed is forgotten with the next step.
            if !is_next {
                return;
            }
        }
    }

    /// Sends a call. Returns whether that was possible: if it has to wait, the next step claims it.
    async fn send_ahead(&mut self, next: PlannedCall) -> bool {
        let Ok(call) = self.call_for(&next) else {
            return false;
        };
        if self.claim(&next).await != Turn::Go {
            return false;
        }
        let (source, by) = (Arc::clone(&self.source), self.send_by());
        let mut answer = JoinSet::new();
        // With the name of its source in the log.
        answer.spawn(async move { source.list_pods(by, &call).await }.in_current_span());
        let sent = self.note_sent();
        self.ahead.push_back(AheadCall {
            planned: next,
            sent,
            answer,
        });
        // The new task is the next one of this thread and no other thread may run it. Merging waits for nothing, so without this
        // the request would be sent when the page is merged.
        yield_now().await;
        true
    }

    /// Whether calls are not scarce. HSS allows five a minute.
    pub(super) fn has_calls_to_spare(&self, now: Instant) -> bool {
        let budget = self.budget_at(now);
        let are_ample = || budget.left(now) as u64 >= u64::from(AMPLE);
        self.is_on_collector() || (!budget.has_words_of_the_service() && are_ample())
    }

    /// Whether this is the next one of the calls that were sent ahead.
    pub(super) fn is_sent(&self, planned: &PlannedCall) -> bool {
        self.ahead.front().is_some_and(|ahead| ahead.planned == *planned)
    }

    /// Takes this call, if it was sent ahead.
    pub(super) fn take_ahead(&mut self, planned: &PlannedCall) -> Option<AheadCall> {
        self.ahead.pop_front_if(|ahead| ahead.planned == *planned)
    }

    /// The calls that were sent ahead are not needed.
    pub(super) async fn forget_ahead(&mut self) {
        if !self.ahead.is_empty() {
            self.ahead.clear();
            self.settle().await;
        }
    }

    /// A call failed. What was sent behind it would fail for the same reason, unless only its connection was closed.
    pub(super) async fn doubt_ahead(&mut self, error: &Error) {
        if !matches!(error, Error::Dropped { .. }) {
            self.forget_ahead().await;
        }
    }

    /// Notes that a call is sent; returns when.
    pub(super) fn note_sent(&mut self) -> Instant {
        self.status.calls_made += 1;
        self.status.called_at = Some(self.clock.now());
        Instant::now()
    }
}
