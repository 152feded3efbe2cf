//! What the fetch task takes from an earlier run and leaves for the next.
//!
//! Owns what is worth keeping. Must not: wait for the disk while the task runs.

use std::time::Duration;

use tokio::time::Instant;

use super::tally::Tally;
use super::{Fetcher, Gone};
use crate::fleet::changes::Change;
use crate::state::{Facts, Note, Recorder};
use crate::sync::order::Outcome;
use crate::sync::source::PodSource;
use crate::sync::walk::PageFacts;

impl<S: PodSource> Fetcher<S> {
    /// Takes what an earlier run kept, and shows it with its age.
    pub(super) async fn restore(&mut self) -> Result<(), Gone> {
        let Some(recorder) = &mut self.recorder else {
            return Ok(());
        };
        let kept = recorder.kept().await;
        let facts = kept.facts;
        self.pay_again(&facts);
        self.store.date(facts.snapshot_at);
        let mut pages = 0;
        if let Some(mut coming) = kept.pages {
            while let Some(page) = coming.recv().await {
                self.store.take(None, &page.pods);
                pages += 1;
            }
        }
        self.status.state_notice = self.recorder.as_mut().and_then(Recorder::notice);
        // A page that was lost is not missed in silence: then all of them are asked for.
        let complete = facts.are_met_by(pages);
        if pages > 0 && complete {
            let scope = self.wanted.borrow().scope.clone();
            self.store.restore(&scope, kept.changes);
            self.plan.knows(facts.total, facts.snapshot_at);
        }
        if pages > 0 {
            let fleet = self.store.snapshot();
            tracing::info!(pages, pods = fleet.len(), "restored");
            self.status.asked_at = facts.asked_at;
            self.status.snapshot_at = facts.snapshot_at;
            let tally = Tally {
                met: fleet.len() as u64,
                total: facts.total,
                complete,
            };
            self.tallies.restore(self.wanted.borrow().scope.clone(), tally);
            self.status.restored = true;
        }
        self.report(true).await?;
        self.status.state_notice = None;
        Ok(())
    }

    /// The service still counts what was spent a moment before the last run ended.
    fn pay_again(&mut self, facts: &Facts) {
        let ago = facts.asked_at.map(|at| self.clock.now().duration_since(at));
        // A date in the future tells nothing.
        let ago = ago.and_then(|ago| Duration::try_from(ago).ok());
        if let Some(at) = ago.and_then(|ago| Instant::now().checked_sub(ago)) {
            let spent = usize::try_from(facts.spent).unwrap_or(usize::MAX);
            (0..spent.min(self.budget.limit())).for_each(|_| self.budget.pay(at));
        }
    }

    /// Has what is worth keeping kept.
    pub(super) fn note(&mut self, offset: u32, page: String, facts: PageFacts, outcome: Outcome) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        self.status.state_notice = recorder.notice();
        let mut complete = outcome == Outcome::Unchanged;
        if !complete {
            recorder.keep(Note::Page {
                offset,
                body: page.into_bytes(),
            });
        }
        if let Outcome::Over {
            complete: all, end, ..
        } = outcome
        {
            complete = all;
            recorder.keep(Note::End {
                offset: end,
                complete,
            });
            if let Some(at) = facts.snapshot_at.or(self.status.asked_at) {
                recorder.keep(Note::Usage {
                    fleet: self.store.snapshot(),
                    at,
                    now: self.clock.now(),
                });
            }
        }
        recorder.keep(Note::Facts(Facts {
            asked_at: self.status.asked_at,
            snapshot_at: facts.snapshot_at,
            total: facts.total,
            complete,
            pages: None,
            spent: self.budget.spent(Instant::now()) as u64,
        }));
        let changes = self.store.changes();
        let new = usize::try_from(changes.total() - self.noted).unwrap_or(usize::MAX);
        if new > 0 {
            let mut newest: Vec<Change> = changes.iter().rev().take(new).cloned().collect();
            newest.reverse();
            // What was not taken is noted the next time.
            if recorder.keep(Note::Changes(newest)) {
                self.noted = changes.total();
            }
        }
    }
}
