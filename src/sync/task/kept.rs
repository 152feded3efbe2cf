//! What the fetch task leaves for the next run.
//!
//! Owns what is worth keeping. Must not: wait for the disk.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::Fetcher;
use crate::fleet::changes::Change;
use crate::state::{Facts, Note, Spent};
use crate::sync::order::{Outcome, Purpose};
use crate::sync::source::PodSource;
use crate::sync::walk::PageFacts;

/// How far a date may lie ahead to be taken for now.
const SET_BACK: SignedDuration = SignedDuration::from_mins(1);

impl<S: PodSource> Fetcher<S> {
    /// The service still counts what was spent a moment before the last run ended.
    pub(super) fn pay_again(&mut self, facts: &Facts) {
        let ago = facts.spent.at.or(facts.asked_at);
        let ago = ago.map(|at| self.clock.now().duration_since(at));
        // A clock may have been set a little back since; a date far ahead tells nothing.
        let ago = ago
            .filter(|ago| *ago > -SET_BACK)
            .map(|ago| ago.max(SignedDuration::ZERO));
        let ago = ago.and_then(|ago| Duration::try_from(ago).ok());
        if let Some(at) = ago.and_then(|ago| Instant::now().checked_sub(ago)) {
            let spent = usize::try_from(facts.spent.calls).unwrap_or(usize::MAX);
            (0..spent.min(self.budget.limit())).for_each(|_| self.budget.pay(at));
        }
    }

    /// Has what is worth keeping kept.
    pub(super) fn note(&mut self, offset: u32, page: String, facts: PageFacts, outcome: Outcome) {
        let scope = self.call.scope();
        let moved = self.tallies.shown(Purpose::Fleet, scope).moved;
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        self.status.state_notice = recorder.notice();
        if recorder.began_anew() {
            // What was written so far is not in the new file: everything known is written again.
            self.plan.unlearn();
            self.noted = 0;
        }
        let is_unchanged = outcome == Outcome::Unchanged;
        // Of a list that moved under its sweep no state is known whole, though its probes see nothing new.
        let mut complete = is_unchanged && !moved;
        if !is_unchanged {
            recorder.keep(Note::Page {
                offset,
                body: page.into_bytes(),
            });
        }
        if let Outcome::Over {
            complete: all,
            mixed,
            end,
            ..
        } = outcome
        {
            // A part of it may be of an older state: the next run sweeps again.
            complete = all && !mixed;
            recorder.keep(Note::End {
                offset: end,
                complete,
            });
            // Of a sweep that is not complete it is not known which usages are this snapshot's.
            let at = facts.snapshot_at.or(self.status.asked_at);
            if let Some(at) = at.filter(|_| complete) {
                recorder.keep(Note::Usage {
                    fleet: self.store.snapshot(),
                    at,
                    now: self.clock.now(),
                });
            }
        }
        self.note_facts(facts.snapshot_at, facts.total, complete);
        self.note_changes();
    }

    /// Has kept what the next run must know of any call, whatever came of it.
    pub(super) fn note_call(&mut self) {
        let spent = self.spent();
        if let Some(recorder) = &mut self.recorder {
            recorder.keep(Note::Spent(spent));
            self.note_changes();
        }
    }

    pub(super) fn spent(&self) -> Spent {
        let now = Instant::now();
        let ago = self.budget.last().map(|last| now.saturating_duration_since(last));
        Spent {
            calls: self.budget.spent(now) as u64,
            at: ago.and_then(|ago| self.clock.now().checked_sub(ago).ok()),
        }
    }

    fn note_changes(&mut self) {
        let Some(recorder) = &mut self.recorder else {
            return;
        };
        let changes = self.store.changes();
        if self.plan.fleet_scope() != self.call.scope() {
            // They are of more than what is kept here.
            self.noted = changes.total();
            return;
        }
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

#[cfg(test)]
mod tests {
    use super::super::{Reply, Settings, Wanted, run};
    use super::*;
    use crate::clock::Clock;
    use crate::fleet::{Fleet, Scope};
    use crate::hss::wire::read_page;
    use crate::hss::{Answer, Error, ListPods};
    use crate::state::Recorder;
    use crate::state::database::tests::Folder;
    use jiff::Timestamp;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    use tokio::sync::{mpsc, watch};
    use tokio::task::JoinSet;

    const PODS: u32 = 15;

    /// Fifteen pods in pages of ten, whose status is another in each snapshot.
    #[derive(Clone, Default)]
    struct Source {
        snapshot: Arc<AtomicUsize>,
        calls: Arc<AtomicUsize>,
    }

    impl PodSource for Source {
        async fn list_pods(&self, call: &ListPods) -> Result<Answer, Error> {
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
                page: read_page(body.as_bytes()).unwrap(),
                ..Answer::default()
            })
        }

        async fn mend(&self, error: Error) -> Result<(), Error> {
            Err(error)
        }
    }

    struct Run {
        wanted: watch::Sender<Wanted>,
        replies: mpsc::Receiver<Reply>,
        tasks: JoinSet<()>,
    }

    fn start(source: &Source, folder: &Folder, calls_per_minute: u32) -> Run {
        let began = Instant::now();
        let clock = Clock::from_fn(move || {
            let zero = Timestamp::from_second(1_755_250_215).unwrap();
            zero.checked_add(began.elapsed()).unwrap()
        });
        let (wanted, wanted_out) = watch::channel(Wanted {
            scope: Scope::default(),
            pod: None,
            asks: 0,
            interval: Duration::from_hours(1),
        });
        let (replies_in, replies) = mpsc::channel(4);
        let settings = Settings {
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
        /// The newest fleet that is told within so many milliseconds.
        async fn told(&mut self, millis: u64) -> Option<Fleet> {
            let end = Instant::now() + Duration::from_millis(millis);
            let mut fleet = None;
            while let Ok(Some(reply)) = tokio::time::timeout_at(end, self.replies.recv()).await {
                fleet = reply.fleet.or(fleet);
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
    async fn what_was_spent_on_a_part_is_spent_too() {
        let (source, folder) = (Source::default(), Folder::new("kept-spent"));
        let mut run = start(&source, &folder, 5);
        run.told(200).await;
        run.wanted
            .send_modify(|wanted| wanted.scope.namespace = Some("n".to_owned()));
        run.told(200).await;
        for _ in 0..2 {
            run.ask();
            run.told(200).await;
        }
        run.end().await;
        assert_eq!(source.calls.load(Relaxed), 5);
        let mut run = start(&source, &folder, 5);
        run.ask();
        run.told(300).await;
        run.end().await;
        assert_eq!(source.calls.load(Relaxed), 5, "no call is left");
    }

    #[tokio::test]
    async fn changes_outlive_a_run_that_ended_in_a_sweep() {
        let (source, folder) = (Source::default(), Folder::new("kept-changes"));
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
        let fleet = run.replies.recv().await.unwrap().fleet.unwrap();
        assert!(fleet.changes().iter().count() >= changes);
        assert_eq!(fleet.changes().total(), 0, "none of them is news");
        run.end().await;
    }
}
