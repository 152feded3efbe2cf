//! Restores the data of an earlier run without delaying the first call.
//!
//! Owns how long that call waits, and how later pages are merged: never over newer data. Must not: wait for
//! the disk beyond that.

use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::totals::ListTotals;
use super::{Fetcher, Gone};
use crate::collector::source::PodSource;
use crate::fleet::store::Rows;
use crate::state::{Facts, Note, OfferedPods, Recorder, Restore, Restored, RestoredHead};

/// How long the first call waits for saved data.
const WAITS: Duration = Duration::from_secs(2);
/// The same if saved data may be all that is requested: millions of pods take longer to read.
const WAITS_FOR_ALL: Duration = Duration::from_mins(1);
/// A shorter restore is not reported, because the word would only flash.
const TOLD_AFTER: Duration = Duration::from_millis(300);
/// While pages arrive late, a picture of the fleet is sent at most this often.
const TOLD_EVERY: Duration = Duration::from_millis(200);

/// A running restore.
#[derive(Debug)]
pub(super) struct Restoring {
    source: Restore,
    facts: Facts,
    pages: u64,
    /// The restored rows, once calls are made: the others are newer.
    late: Option<Rows>,
}

/// The next part of a restore; never resolves without one.
pub(super) async fn next_restored(restoring: &mut Option<Restoring>) -> Restored {
    match restoring {
        Some(restoring) => restoring.source.next().await,
        None => pending().await,
    }
}

impl<S: PodSource> Fetcher<S> {
    /// Restores the data of an earlier run, and shows it with its age. After [`WAITS`] it continues in
    /// parallel with the calls.
    pub(super) async fn restore(&mut self) -> Result<(), Gone> {
        let Some(source) = self.recorder.as_mut().and_then(Recorder::restore) else {
            return Ok(());
        };
        self.restoring = Some(Restoring {
            source,
            facts: Facts::default(),
            pages: 0,
            late: None,
        });
        self.store.begin_restore();
        let began = Instant::now();
        let waits = self.accepted_age.map_or(WAITS, |_| WAITS_FOR_ALL);
        let (mut told, mut late) = (
            pin!(sleep_until(began + TOLD_AFTER)),
            pin!(sleep_until(began + waits)),
        );
        while self.restoring.is_some() {
            tokio::select! {
                biased;
                () = &mut late => return self.restore_later().await,
                () = &mut told, if !self.status.restoring => {
                    self.status.restoring = true;
                    self.report(true).await?;
                }
                part = next_restored(&mut self.restoring) => self.take_restored(part).await?,
            }
        }
        Ok(())
    }

    /// Continues without the saved data, which is merged later, below newer data.
    async fn restore_later(&mut self) -> Result<(), Gone> {
        let Some(restoring) = &mut self.restoring else {
            return Ok(());
        };
        restoring.late = Some(self.store.rows());
        let is_silent = restoring.source.is_silent();
        tracing::info!(is_silent, "calls are made before all saved data is read");
        self.store.end_restore(None);
        self.status.restoring = true;
        self.status.state_notice =
            is_silent.then(|| "the state file is too slow: asking HSS without the saved pods".to_owned());
        self.report(true).await
    }

    /// Merges a part of the saved data, and reports it if calls are made already.
    pub(super) async fn take_restored(&mut self, part: Restored) -> Result<(), Gone> {
        match part {
            Restored::Head(head) => self.take_head(*head),
            Restored::Pods(pods) => self.take_pods(pods),
            Restored::Page(page) => {
                let Some(restoring) = &mut self.restoring else {
                    return Ok(());
                };
                restoring.pages += 1;
                match &mut restoring.late {
                    Some(rows) => self.store.take_older(&page.pods, rows),
                    None => {
                        self.store.take(None, &page.pods);
                    }
                }
                let is_late = restoring.late.is_some();
                let told = self.last_picture.is_some_and(|last| last.elapsed() < TOLD_EVERY);
                if is_late && !told {
                    return self.tell(true).await;
                }
            }
            Restored::End => {
                if let Some(restoring) = self.restoring.take() {
                    return self.restored(restoring).await;
                }
            }
        }
        Ok(())
    }

    /// Takes the pods of all pages, where no newer ones are known. Otherwise the pages come.
    fn take_pods(&mut self, offered: Box<OfferedPods>) {
        let OfferedPods { pods, pages, taken } = *offered;
        if let Some(restoring) = &mut self.restoring
            && restoring.late.is_none()
            && self.store.adopt(pods)
        {
            restoring.pages = pages;
            let _ = taken.send(());
        }
    }

    fn take_head(&mut self, head: RestoredHead) {
        let facts = head.facts;
        self.store.restore_changes(head.changes);
        self.store.restore_rescans(head.rescans);
        if let Some(restoring) = &mut self.restoring {
            restoring.facts = facts;
            if restoring.late.is_none() {
                self.store.date(facts.snapshot_at);
            }
        }
    }

    /// All saved data is merged.
    async fn restored(&mut self, restoring: Restoring) -> Result<(), Gone> {
        let Restoring {
            facts, pages, late, ..
        } = restoring;
        // If a page was lost, all pages are requested.
        let complete = pages > 0 && facts.are_met_by(pages);
        let scope = self.call.scope().clone();
        let all_of = Some(&scope).filter(|_| complete);
        match late {
            None => self.store.end_restore(all_of),
            Some(_) => self.store.end_restore_older(all_of, facts.snapshot_at),
        }
        // The request may differ from the saved scope by now.
        let is_current = complete && self.plan.knows(facts.total, facts.snapshot_at, Instant::now());
        let is_all_there_is = self.status.asked_at.is_none();
        if pages > 0 && (is_all_there_is || is_current) {
            let fleet = self.store.snapshot();
            tracing::info!(pages, pods = fleet.len(), late = late.is_some(), "restored");
            let totals = ListTotals {
                met: fleet.len() as u64,
                total: facts.total,
                complete,
                moved: false,
                unproven: false,
            };
            self.totals.restore(scope, totals);
        }
        if pages > 0 && is_all_there_is {
            self.status.asked_at = facts.asked_at;
            self.status.snapshot_at = facts.snapshot_at;
            self.status.restored = true;
            if is_current {
                self.rest_while_accepted();
            }
        } else if is_current {
            self.note_facts(facts.snapshot_at, facts.total, true);
        }
        self.status.restoring = false;
        self.report(true).await
    }

    /// Makes no call while the restored list is young enough. A list with a date in the future has no age.
    fn rest_while_accepted(&mut self) {
        let age = |at: jiff::Timestamp| Duration::try_from(self.clock.now().duration_since(at)).ok();
        let age = self.status.asked_at.and_then(age);
        if let Some(left) = age.and_then(|age| self.accepted_age?.checked_sub(age)) {
            self.plan.rest(Instant::now() + left);
        }
    }

    /// Saves the facts about all pages together.
    pub(super) fn note_facts(
        &mut self,
        snapshot_at: Option<jiff::Timestamp>,
        total: Option<u64>,
        complete: bool,
    ) {
        let facts = Facts {
            asked_at: self.status.asked_at,
            snapshot_at,
            total,
            complete,
            pages: None,
        };
        if let Some(recorder) = &mut self.recorder {
            recorder.keep(Note::Facts(facts));
        }
    }
}
