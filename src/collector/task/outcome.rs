//! What an answer or a failure changes: in the store, in the plan and in the status.

use tokio::time::Instant;

use super::totals::ListTotals;
use super::{Fetcher, Gone};
use crate::collector::dates;
use crate::collector::planned::{CallPurpose, Fault, Outcome, PlannedCall};
use crate::collector::source::PodSource;
use crate::collector::status::Problem;
use crate::collector::sweep::PageFacts;
use crate::fleet::raw::List;
use crate::hss::wire::stored;
use crate::hss::{Answer, Error};

impl<S: PodSource> Fetcher<S> {
    /// Takes an answer: merges its page, and tells the plan.
    pub(super) async fn answered(&mut self, planned: &PlannedCall, answer: Answer) -> Result<(), Gone> {
        self.failures = 0;
        self.budget.observe(&answer.quotas, Instant::now());
        self.share_rule(false).await;
        let page = answer.value;
        let (total, silent) = (page.total, page.is_silent());
        let (snapshot_at, odd_snapshot) = dates::believed(
            page.snapshot_at,
            page.odd_snapshot.clone(),
            self.clock.now(),
            answer.skew,
        );
        let (node, serverless) = (
            page.pods.count(List::Node) as u64,
            page.pods.count(List::Serverless) as u64,
        );
        let facts = PageFacts {
            node,
            serverless,
            new: node + serverless,
            total,
            snapshot_at,
            silent,
        };
        self.ask_ahead(planned, facts).await;
        self.store.date(snapshot_at);
        self.store.received(self.clock.now());
        let new = self.store.take(planned.purpose.kind(), &page.pods) as u64;
        let facts = PageFacts { new, ..facts };
        self.problems.answered(planned);
        self.status.restored = false;
        self.status.asked_at = Some(answer.age.told_at(self.clock.now()));
        self.status.skew = answer.skew;
        self.status.clock_doubt = answer.clock_doubt;
        self.status.odd_date = answer.odd_date;
        self.status.project = answer.project;
        if planned.purpose == CallPurpose::Pod {
            self.plan.answered(planned, facts, Instant::now());
            return self.tell(false).await;
        }
        self.status.snapshot_at = snapshot_at;
        self.status.odd_snapshot = odd_snapshot;
        self.status.odd_total.clone_from(&page.odd_total);
        let outcome = self.plan.answered(planned, facts, Instant::now());
        self.conclude(planned, outcome);
        if self.is_persisted(planned) && self.recorder.is_some() {
            self.note(planned.offset, Some(stored(page)), snapshot_at, total, outcome);
        }
        let pages_are_due = matches!(outcome, Outcome::More | Outcome::Restarted);
        if matches!(outcome, Outcome::More | Outcome::Restarted)
            && let Some(totals) = self.totals.of(planned)
        {
            totals.total = total;
        }
        self.tell(!pages_are_due).await
    }

    /// Updates the store at the end or the restart of a sweep.
    fn conclude(&mut self, planned: &PlannedCall, outcome: Outcome) {
        let Some(kind) = planned.purpose.kind() else {
            return;
        };
        match outcome {
            Outcome::Restarted => self.store.begin_sweep(kind),
            Outcome::Over {
                complete,
                mixed,
                proves_gone,
                met,
                total,
                ..
            } => {
                if proves_gone {
                    let gone = self.store.end_sweep(kind, &planned.scope, self.clock.now());
                    tracing::info!(purpose = ?planned.purpose, pods = met, total, gone, "a sweep is complete");
                }
                if let Some(totals) = self.totals.of(planned) {
                    *totals = ListTotals {
                        met,
                        total,
                        complete,
                        moved: mixed,
                        unproven: !proves_gone,
                    };
                }
            }
            Outcome::More | Outcome::Unchanged => {}
        }
    }

    /// Records a failed call: the loaded data stays.
    pub(super) async fn failed(&mut self, planned: &PlannedCall, error: Error) -> Result<(), Gone> {
        self.failures += 1;
        let (fault, until) = self.fault(&error, planned.offset);
        let mut end = self.plan.failed(planned, fault, Instant::now());
        if std::mem::take(&mut self.resent) && end.is_none() {
            // That was two attempts.
            end = self.plan.failed(planned, fault, Instant::now());
        }
        if let Some(until) = until {
            self.hold_back(&error, until).await;
        }
        self.share_rule(matches!(fault, Fault::Throttled(_))).await;
        if let Some(end) = end {
            return self.ended_without_last(planned, end).await;
        }
        let until = until.map(|until| self.time_of(until));
        let problem = Problem { error, until };
        self.problems.failed(planned, fault.is_of_the_list(), problem);
        self.tell(true).await
    }

    /// The sweep has all records, although the page behind them failed: that is the end of the list, and no
    /// problem.
    async fn ended_without_last(&mut self, planned: &PlannedCall, end: Outcome) -> Result<(), Gone> {
        self.failures = 0;
        self.problems.answered(planned);
        self.conclude(planned, end);
        if self.is_persisted(planned) {
            let total = self.totals.shown(planned.purpose, &planned.scope).total;
            self.note(planned.offset, None, self.status.snapshot_at, total, end);
        }
        self.tell(true).await
    }
}
