//! One planned call, from its first attempt to its answer or its failure.
//!
//! Owns when a call is repeated, and when its answer is no longer useful. Must not: know what the answer means.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until};

use super::restore::next_restored;
use super::{Fetcher, Gone};
use crate::collector::counted::Turn;
use crate::collector::ledger::ASKS_AGAIN;
use crate::collector::planned::PlannedCall;
use crate::collector::source::PodSource;
use crate::hss::{Answer, Error, ListPods};

/// A call that takes longer is reported, and is given up for a new one when the operator asks.
pub(super) const HANGS: Duration = Duration::from_secs(3);

impl<S: PodSource> Fetcher<S> {
    /// Sends the claimed call, and once more if the cause of its failure could be corrected. Every attempt is
    /// claimed. `None` if the answer is no longer useful.
    pub(super) async fn call(
        &mut self,
        planned: &PlannedCall,
        call: &ListPods,
    ) -> Result<Option<Result<Answer, Error>>, Gone> {
        self.resent = false;
        let result = self.attempt(planned, call).await;
        self.status.asking_since = None;
        // A sign-in may have come first, so that the service counted the call much later than its claim.
        self.settle().await;
        result
    }

    async fn attempt(
        &mut self,
        planned: &PlannedCall,
        call: &ListPods,
    ) -> Result<Option<Result<Answer, Error>>, Gone> {
        let source = Arc::clone(&self.source);
        let mut mended = false;
        loop {
            let ahead = self.take_ahead(planned);
            let sent = ahead
                .as_ref()
                .map_or_else(|| self.note_sent(), |ahead| ahead.sent);
            let by = self.send_by();
            let work: BoxFuture<'_, _> = match ahead {
                Some(ahead) => Box::pin(ahead.answer()),
                None => Box::pin(source.list_pods(by, call)),
            };
            let Some(result) = self.unless_superseded(planned, sent, Some(sent), work).await? else {
                return Ok(None);
            };
            if matches!(result, Err(Error::Lapsed)) {
                self.withdraw().await;
                if self.obtain_again(planned, sent).await?.is_none() {
                    return Ok(None);
                }
                continue;
            }
            self.recognise(&result);
            self.settle().await;
            let error = match result {
                Err(error) if !mended => error,
                result => {
                    self.status.calls_failed += u64::from(result.is_err());
                    return Ok(Some(result));
                }
            };
            self.doubt_ahead(&error).await;
            // If the service closed an idle connection just when it was used again, this is not a failure;
            // the next connection decides. The service may have counted the call nevertheless, so both count.
            let was_dropped = matches!(error, Error::Dropped { .. });
            // The correction helps the next call, which is not made before the time that the service named.
            let waits = error.named_wait().is_some().then(|| error.clone());
            self.status.calls_failed += u64::from(!was_dropped);
            match self
                .unless_superseded(planned, sent, Some(sent), Box::pin(source.mend(error)))
                .await?
            {
                None => return Ok(None),
                Some(_) if let Some(waits) = waits => return Ok(Some(Err(waits))),
                Some(Err(error)) => return Ok(Some(Err(error))),
                Some(Ok(())) => (mended, self.resent) = (true, was_dropped),
            }
            if self.obtain_again(planned, sent).await?.is_none() {
                return Ok(None);
            }
        }
    }

    /// Waits for another call after the first one failed. `None` if its answer is no longer useful.
    async fn obtain_again(&mut self, planned: &PlannedCall, sent: Instant) -> Result<Option<()>, Gone> {
        while let Turn::Later(at) = self.claim_again().await {
            let ready = Box::pin(sleep_until(at.min(Instant::now() + ASKS_AGAIN)));
            // Waiting for the budget does not count as hanging.
            self.status.asking_since = None;
            if self
                .unless_superseded(planned, sent, None, ready)
                .await?
                .is_none()
            {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }

    /// Does `work` for the call `planned`. `None` if its answer is no longer useful: the screen shows
    /// something else, or the operator asks again while the call hangs. A hanging call is reported with
    /// `since` as its beginning.
    async fn unless_superseded<T: Send>(
        &mut self,
        planned: &PlannedCall,
        sent: Instant,
        since: Option<Instant>,
        mut work: impl Future<Output = T> + Send + Unpin,
    ) -> Result<Option<T>, Gone> {
        loop {
            tokio::select! {
                biased;
                changed = self.wanted.changed() => {
                    changed.map_err(|_| Gone)?;
                    let asks_anew = self.look().await?;
                    if (asks_anew && sent.elapsed() >= HANGS) || !self.plan.is_wanted(planned) {
                        return Ok(None);
                    }
                }
                () = self.clocks.jumped(&self.clock) => {
                    // An answer on its way while the machine slept is lost: it is requested again.
                    self.plan.clocks_parted(Instant::now());
                    return Ok(None);
                }
                result = &mut work => return Ok(Some(result)),
                () = sleep_until(since.unwrap_or(sent) + HANGS), if since.is_some() && self.status.asking_since.is_none() => {
                    self.status.asking_since = self.status.called_at;
                    self.tell(false).await?;
                }
                part = next_restored(&mut self.restoring) => self.take_restored(part).await?,
            }
        }
    }
}
