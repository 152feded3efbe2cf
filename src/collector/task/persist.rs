//! Saves the fetch task's data for the next run.
//!
//! Owns what is worth saving. Must not: wait for the disk in a program that stays.

use jiff::Timestamp;

use super::restore::next_restored;
use super::{Fetcher, Gone};
use crate::collector::planned::{CallPurpose, Outcome};
use crate::collector::source::PodSource;
use crate::fleet::changes::Change;
use crate::fleet::watched::least_gap;
use crate::state::{DiskWait, Note, Recorder};

impl<S: PodSource> Fetcher<S> {
    /// Waits until the disk has room for the next page, in a command that ends with its list.
    pub(super) async fn wait_for_the_disk(&mut self) -> Result<(), Gone> {
        if matches!(self.disk, DiskWait::Never) || self.recorder.as_ref().is_none_or(Recorder::has_room) {
            return Ok(());
        }
        // Calls that were claimed in advance are not sent meanwhile.
        self.tell_the_ledger().await;
        while let Some(recorder) = &mut self.recorder {
            tokio::select! {
                biased;
                () = recorder.room() => return Ok(()),
                () = self.replies.closed() => return Err(Gone),
                // Whoever writes may wait until these are taken.
                part = next_restored(&mut self.restoring) => self.take_restored(part).await?,
            }
        }
        Ok(())
    }

    /// Saves what is worth saving of a page, or of the end of a sweep without one.
    pub(super) fn note(
        &mut self,
        offset: u32,
        page: Option<String>,
        snapshot_at: Option<Timestamp>,
        total: Option<u64>,
        outcome: Outcome,
    ) {
        let scope = self.call.scope();
        let moved = self.totals.shown(CallPurpose::Fleet, scope).moved;
        let interval = self.status.interval;
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        if recorder.began_anew() {
            // The new file does not contain the earlier data: everything is written again.
            self.plan.unlearn();
            self.noted = 0;
        }
        // Before the page that shows them: a program that is killed in between finds them again, and nobody would find them
        // behind a page that has them already.
        self.note_changes();
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        recorder.keep(Note::Looked {
            at: self.clock.now(),
            within: least_gap(interval),
        });
        let is_unchanged = outcome == Outcome::Unchanged;
        // If the list moved during its sweep, no state is completely loaded, although probes see nothing new.
        let mut complete = is_unchanged && !moved;
        if let Some(page) = page.filter(|_| !is_unchanged) {
            recorder.keep(Note::Page {
                offset,
                body: page.into_bytes(),
            });
        }
        if let Outcome::Over { proves_gone, end, .. } = outcome {
            // A part of it may belong to an older state: the next run sweeps again.
            complete = proves_gone;
            recorder.keep(Note::End {
                offset: end,
                complete,
            });
            // After an incomplete sweep it is unknown which usages belong to this snapshot.
            let at = snapshot_at.or(self.status.asked_at);
            if let Some(at) = at.filter(|_| complete) {
                recorder.keep(Note::Snapshot {
                    fleet: self.store.snapshot(),
                    at,
                    now: self.clock.now(),
                });
            }
        }
        self.note_facts(snapshot_at, total, complete);
    }

    /// Saves the new changes.
    pub(super) fn note_changes(&mut self) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        let changes = self.store.changes();
        if self.plan.fleet_scope() != self.call.scope() {
            // They cover more than the scope that is saved here.
            self.noted = changes.total();
            return;
        }
        let new = usize::try_from(changes.total() - self.noted).unwrap_or(usize::MAX);
        if new > 0 {
            let mut newest: Vec<Change> = changes.iter().rev().take(new).cloned().collect();
            newest.reverse();
            // The changes that were not accepted are saved next time.
            if recorder.keep(Note::Changes(newest)) {
                self.noted = changes.total();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FetchRequest, Reply, SyncSettings, run};
    use super::*;
    use crate::clock::Clock;
    use crate::fleet::{Fleet, Scope};
    use crate::hss::wire::read_page;
    use crate::hss::{Answer, Error, ListPods, SendBy};
    use crate::state::database::tests::Folder;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use std::time::Duration;
    use tokio::sync::{mpsc, watch};
    use tokio::task::JoinSet;
    use tokio::time::Instant;

    const PODS: u32 = 15;

    /// Fifteen pods in pages of ten, whose status differs in each snapshot.
    #[derive(Clone, Default)]
    struct Source {
        snapshot: Arc<AtomicUsize>,
        calls: Arc<AtomicUsize>,
    }

    impl PodSource for Source {
        async fn list_pods(&self, _: SendBy, call: &ListPods) -> Result<Answer, Error> {
            self.calls.fetch_add(1, Relaxed);
            tokio::time::sleep(Duration::from_millis(30)).await;
            let snapshot = self.snapshot.load(Relaxed);
            let (from, to) = match call.scope().namespace {
                Some(_) => (0, 1),
                None => (call.offset(), PODS.min(call.offset() + call.limit())),
            };
            let status = ["Running", "Failed", "Pending"][snapshot];
            let pods: Vec<String> = (from..to)
                .map(|id| {
                    format!(r#"{{"id":"{id}","pod_name":"p{id}","namespace_name":"n","status":"{status}"}}"#)
                })
                .collect();
            let total = if call.scope().is_whole() { PODS } else { 1 };
            let body = format!(
                r#"{{"total_num":{total},"last_update_time":{},"data_list":[{}]}}"#,
                1_755_000_000_000_u64 + snapshot as u64,
                pods.join(",")
            );
            Ok(Answer {
                value: read_page(body.as_bytes()).unwrap(),
                ..Answer::default()
            })
        }

        async fn mend(&self, error: Error) -> Result<(), Error> {
            Err(error)
        }
    }

    struct Run {
        wanted: watch::Sender<FetchRequest>,
        replies: mpsc::Receiver<Reply>,
        tasks: JoinSet<()>,
    }

    fn start(source: &Source, folder: &Folder, calls_per_minute: u32) -> Run {
        let began = Instant::now();
        let clock = Clock::from_fn(move || {
            let zero = Timestamp::from_second(1_755_250_215).unwrap();
            zero.checked_add(began.elapsed()).unwrap()
        });
        let (wanted, wanted_out) = watch::channel(FetchRequest {
            scope: Scope::default(),
            pod: None,
            asks: 0,
            syncs: 0,
            interval: Duration::from_hours(1),
        });
        let (replies_in, replies) = mpsc::channel(4);
        let settings = SyncSettings {
            call: ListPods::new("all_granted_eps", 10, Scope::default()).unwrap(),
            calls_per_minute,
        };
        let recorder = Recorder::start(folder.file()).unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(run(
            source.clone(),
            settings,
            Some(recorder),
            wanted_out,
            replies_in,
            clock,
        ));
        Run {
            wanted,
            replies,
            tasks,
        }
    }

    impl Run {
        /// The newest fleet that is reported within this number of milliseconds.
        async fn told(&mut self, millis: u64) -> Option<Fleet> {
            let end = Instant::now() + Duration::from_millis(millis);
            let mut fleet = None;
            while let Ok(Some(reply)) = tokio::time::timeout_at(end, self.replies.recv()).await {
                fleet = reply.into_list().and_then(|(_, fleet)| fleet).or(fleet);
            }
            fleet
        }

        fn ask(&self) {
            self.wanted.send_modify(|wanted| wanted.asks += 1);
        }

        async fn end(mut self) {
            drop((self.wanted, self.replies));
            while self.tasks.join_next().await.is_some() {}
        }
    }

    #[tokio::test]
    async fn changes_outlive_a_run_that_ended_in_a_sweep() {
        let (source, folder) = (Source::default(), Folder::new());
        let mut run = start(&source, &folder, 1000);
        run.told(500).await;
        source.snapshot.store(1, Relaxed);
        run.ask();
        let changes = run.told(500).await.unwrap().changes().iter().count();
        assert_eq!(changes, 15);
        source.snapshot.store(2, Relaxed);
        run.ask();
        run.told(45).await; // one page of two
        run.end().await;
        let mut run = start(&source, &folder, 1);
        let (_, fleet) = run.replies.recv().await.unwrap().into_list().unwrap();
        let fleet = fleet.unwrap();
        assert!(fleet.changes().iter().count() >= changes);
        assert_eq!(fleet.changes().total(), 0, "none of them is news");
        run.end().await;
    }
}
