mod ahead;
mod held;
mod on_collector;
mod throttled;

use std::sync::Mutex;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};

use super::attempt::HANGS;
use super::*;
use crate::collector::status::SyncState;
use crate::fleet::Scope;
use crate::fleet::raw::List;
use crate::hss::error::ServiceError;
use crate::hss::wire::read_page;
use crate::hss::{Answer, SendBy};

/// The place of a call among all of them, and the call.
type Hss = dyn Fn(usize, &ListPods) -> Result<String, Error> + Send + Sync;

/// The number of a credential that can be renewed.
const REPLACEABLE: u64 = 7;

/// A replacement of HSS that records the requests.
#[derive(Clone)]
struct Source {
    hss: Arc<Hss>,
    asked: Arc<Mutex<Vec<ListPods>>>,
    latency: Duration,
}

impl Source {
    fn of(hss: impl Fn(usize, &ListPods) -> Result<String, Error> + Send + Sync + 'static) -> Self {
        Self {
            hss: Arc::new(hss),
            asked: Arc::default(),
            latency: Duration::from_millis(50),
        }
    }

    fn calls(&self, is_counted: impl Fn(&Scope) -> bool) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|call| is_counted(call.scope())).count()
    }
}

impl PodSource for Source {
    async fn list_pods(&self, _: SendBy, call: &ListPods) -> Result<Answer, Error> {
        let place = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(call.clone());
            asked.len() - 1
        };
        sleep(self.latency).await;
        let body = (self.hss)(place, call)?;
        Ok(Answer {
            value: read_page(body.as_bytes()).unwrap(),
            ..Answer::default()
        })
    }

    async fn mend(&self, error: Error) -> Result<(), Error> {
        match error {
            Error::Dropped { .. } => Ok(()),
            Error::Service(service) if service.credential == REPLACEABLE => Ok(()),
            error => Err(error),
        }
    }
}

/// A page of the pods `names`, of `total`, in the snapshot number `snapshot`; every second one is of namespace `n0`.
fn page(names: std::ops::Range<u32>, total: u32, snapshot: i64) -> String {
    let pod = |name| {
        let namespace = name % 2;
        format!(r#"{{"id":"{name}","pod_name":"pod-{name:03}","namespace_name":"n{namespace}"}}"#)
    };
    let pods: Vec<String> = names.map(pod).collect();
    let (pods, at) = (pods.join(","), 1_755_000_000_000 + snapshot * 3_600_000);
    format!(r#"{{"total_num":{total},"last_update_time":{at},"data_list":[{pods}]}}"#)
}

/// The ten pods that a call requests, of a fleet of this size.
fn page_of(call: &ListPods, total: u32) -> String {
    page(call.offset()..total.min(call.offset() + 10), total, 0)
}

fn denied() -> Error {
    Error::from(ServiceError {
        status: 403,
        ..ServiceError::default()
    })
}

fn namespace(name: &str) -> Scope {
    Scope {
        namespace: Some(name.to_owned()),
        ..Scope::default()
    }
}

/// A task that runs.
struct Run {
    wanted: watch::Sender<FetchRequest>,
    replies: mpsc::Receiver<Reply>,
    tasks: JoinSet<()>,
    began: Instant,
}

impl Run {
    fn start(source: &Source, scope: Scope, calls_per_minute: u32, recorder: Option<Recorder>) -> Self {
        Self::start_sharing(None, source, scope, calls_per_minute, recorder)
    }

    fn start_sharing(
        ledger: Option<Ledger>,
        source: &Source,
        scope: Scope,
        calls_per_minute: u32,
        recorder: Option<Recorder>,
    ) -> Self {
        let source = source.clone();
        Self::start_with(ledger, |_| source, scope, calls_per_minute, recorder)
    }

    fn start_with<S: PodSource>(
        ledger: Option<Ledger>,
        source: impl FnOnce(&mpsc::Sender<Reply>) -> S,
        scope: Scope,
        calls_per_minute: u32,
        recorder: Option<Recorder>,
    ) -> Self {
        let began = Instant::now();
        let start = Timestamp::from_second(1_755_250_215).unwrap();
        let clock = Clock::from_fn(move || start + began.elapsed());
        let settings = SyncSettings {
            call: ListPods::new("all_granted_eps", 10, scope.clone()).unwrap(),
            calls_per_minute,
        };
        let (wanted, wanted_out) = watch::channel(FetchRequest {
            scope,
            pod: None,
            asks: 0,
            syncs: 0,
            interval: Duration::from_mins(1),
        });
        let (replies_in, replies) = mpsc::channel(4);
        let source = source(&replies_in);
        let mut tasks = JoinSet::new();
        let (is_there, _) = watch::channel(false);
        let support = FetchSupport {
            id: SourceId::default(),
            budget: Budgets::default().share(BudgetKey::default(), settings.calls_per_minute),
            ledger,
            recorder,
            disk: DiskWait::Never,
            accepted_age: None,
            pages_ahead: 2,
            pictures: SweepPictures::default(),
            // It has no news.
            collector: Some(CollectorPort {
                is_there,
                news: mpsc::channel(1).1,
            }),
        };
        tasks.spawn(run_supported(
            support, source, settings, wanted_out, replies_in, clock,
        ));
        Self {
            wanted,
            replies,
            tasks,
            began,
        }
    }

    fn look_at(&self, scope: Scope) {
        self.wanted.send_modify(|wanted| wanted.scope = scope);
    }

    /// The reports within this time.
    async fn told_for(&mut self, time: Duration) -> Vec<SyncStatus> {
        let end = Instant::now() + time;
        let mut told = Vec::new();
        while let Ok(Some(reply)) = timeout_at(end, self.replies.recv()).await {
            told.extend(reply.into_list().map(|(status, _)| status));
        }
        told
    }

    /// The first status for which `condition` holds.
    async fn until(&mut self, condition: impl Fn(&SyncStatus) -> bool) -> SyncStatus {
        loop {
            let (status, _) = self.replies.recv().await.unwrap().into_list().unwrap();
            if condition(&status) {
                return status;
            }
        }
    }

    /// Ends the task; everything is written then.
    async fn end(mut self) {
        drop((self.wanted, self.replies));
        while self.tasks.join_next().await.is_some() {}
    }
}

fn state(status: &SyncStatus) -> SyncState {
    status.state(status.asked_at.unwrap())
}

fn is_fresh(status: &SyncStatus) -> bool {
    status.asked_at.is_some() && state(status) == SyncState::Fresh
}

#[tokio::test(start_paused = true)]
async fn what_was_never_asked_for_is_loading_while_the_budget_is_spent() {
    for then in [Scope::default(), namespace("n1")] {
        let source = Source::of(|_, call| {
            Ok(match call.scope().namespace.as_deref() {
                Some("n0") => page(0..1, 1, 0),
                Some(_) => page(1..2, 1, 0),
                None => page(0..5, 5, 0),
            })
        });
        let mut run = Run::start(&source, namespace("n0"), 1, None);
        assert!(is_fresh(
            run.told_for(Duration::from_secs(2)).await.last().unwrap()
        ));
        run.look_at(then.clone());
        let told = run.told_for(Duration::from_secs(30)).await;
        assert_eq!(source.calls(|scope| *scope == then), 0, "the budget is spent");
        let loading = SyncState::Loading { met: 0, total: None };
        assert!(!told.is_empty() && told.iter().all(|status| state(status) == loading));
        let fresh = run.until(is_fresh).await;
        assert_eq!(fresh.total, if then.is_whole() { Some(5) } else { Some(1) });
        run.end().await;
    }
}

/// Some servers close the connection on an offset behind the list, others refuse it.
#[tokio::test(start_paused = true)]
async fn a_list_is_complete_although_the_page_behind_it_fails() {
    let dropped = || Error::Dropped {
        place: "hss:443".to_owned(),
    };
    for (error, most) in [
        (dropped as fn() -> Error, Duration::from_secs(3)),
        (denied, Duration::from_secs(1)),
    ] {
        let source = Source::of(move |_, call| match call.offset() {
            20.. => Err(error()),
            _ => Ok(page_of(call, 20)),
        });
        let mut run = Run::start(&source, Scope::default(), 100, None);
        let end = run.until(|status| status.complete).await;
        assert_eq!((end.met, end.total, end.problem), (20, Some(20), None));
        assert!(end.unproven && !end.moved, "a pod may be in the page that failed");
        assert!(run.began.elapsed() < most, "{:?}", run.began.elapsed());
        // Nothing rests, and nothing is asked again before the next sweep is due.
        let calls = source.calls(Scope::is_whole);
        run.told_for(Duration::from_secs(50)).await;
        assert_eq!(source.calls(Scope::is_whole), calls);
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_never_asked_for_is_loading_while_a_call_for_something_else_is_under_way() {
    let mut source = Source::of(|_, call| {
        Ok(match call.scope().namespace {
            Some(_) => page(1..2, 1, 0),
            None => page(0..5, 5, 0),
        })
    });
    source.latency = Duration::from_secs(20);
    let mut run = Run::start(&source, Scope::default(), 5, None);
    run.until(is_fresh).await;
    // The next probe is on its way.
    while source.calls(Scope::is_whole) < 2 {
        run.told_for(Duration::from_secs(1)).await;
    }
    run.look_at(namespace("n1"));
    let told = run.told_for(Duration::from_secs(10)).await;
    assert_eq!(source.calls(|scope| !scope.is_whole()), 0);
    let loading = SyncState::Loading { met: 0, total: None };
    assert_eq!(told.last().map(state), Some(loading));
    run.end().await;
}

/// A folder that goes with its test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn recorder(&self) -> Recorder {
        Recorder::start(self.0.path().join("state.sqlite")).unwrap()
    }
}

#[tokio::test]
async fn only_what_the_state_file_is_of_is_kept_in_it() {
    let folder = Folder::new();
    let source = Source::of(|_, call| {
        Ok(match call.scope().namespace {
            Some(_) => page(0..1, 1, 0),
            None => page_of(call, 25),
        })
    });
    let mut run = Run::start(&source, namespace("n0"), 100, Some(folder.recorder()));
    run.until(is_fresh).await;
    run.look_at(Scope::default());
    run.until(|status| is_fresh(status) && status.met == 25).await;
    run.end().await;

    let mut kept = folder.recorder().kept().await;
    assert_eq!((kept.head.facts.total, kept.head.facts.complete), (Some(1), true));
    let mut pages = kept.pages.take().unwrap();
    let page = pages.recv().await.unwrap();
    assert_eq!(page.pods.count(List::Node), 1);
    assert!(
        pages.recv().await.is_none(),
        "the fleet's other pages are not kept"
    );
}

/// Locks a state file like another program.
fn hold(file: &std::path::Path) -> rusqlite::Connection {
    let holder = rusqlite::Connection::open(file).unwrap();
    holder.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
    holder
}

#[tokio::test]
async fn a_state_file_that_another_program_holds_does_not_hold_the_first_call() {
    let folder = Folder::new();
    let source = Source::of(|_, call| Ok(page_of(call, 25)));
    let mut run = Run::start(&source, Scope::default(), 100, Some(folder.recorder()));
    run.until(is_fresh).await;
    run.end().await;
    let calls = source.calls(Scope::is_whole);
    let holder = hold(&folder.0.path().join("state.sqlite"));
    // The first answer is only a part of the fleet; the rest is in the file.
    let slow = Source {
        latency: Duration::from_millis(200),
        asked: Arc::clone(&source.asked),
        ..Source::of(|place, call| {
            let total = 25;
            if place % 4 == 3 {
                Ok(page_of(call, total))
            } else {
                Err(denied())
            }
        })
    };
    let began = Instant::now();
    let mut run = Run::start(&slow, Scope::default(), 100, Some(folder.recorder()));
    let waits = run.until(|status| status.restoring).await;
    assert_eq!(waits.calls_made, 0);
    let told = run.until(|status| status.state_notice.is_some()).await;
    assert!(
        told.state_notice
            .unwrap()
            .contains("asking HSS without the saved pods")
    );
    run.until(|status| status.calls_made > 0).await;
    assert!(source.calls(Scope::is_whole) > calls);
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    let troubled = run.until(|status| status.state_trouble.is_some()).await;
    assert!(
        troubled.restoring
            && troubled
                .state_trouble
                .unwrap()
                .contains("another dashboard has locked")
    );
    drop(holder);
    let mut pods = 0;
    loop {
        let (status, fleet) = run.replies.recv().await.unwrap().into_list().unwrap();
        pods = fleet.map_or(pods, |fleet| fleet.len());
        if !status.restoring {
            break;
        }
    }
    assert_eq!(pods, 25, "what was stored is beneath what came");
    run.end().await;
}

/// The call before the saved pods shows that they are complete.
#[tokio::test]
async fn stored_pods_that_come_late_and_are_current_end_the_sweep() {
    let folder = Folder::new();
    let source = Source::of(|_, call| Ok(page_of(call, 1000)));
    let mut run = Run::start(&source, Scope::default(), 1000, Some(folder.recorder()));
    run.until(is_fresh).await;
    run.end().await;
    let file = folder.0.path().join("state.sqlite");
    let holder = hold(&file);
    let calls = source.calls(Scope::is_whole);
    // Two calls now, and the others in a minute.
    let mut run = Run::start(&source, Scope::default(), 3, Some(folder.recorder()));
    run.until(|status| status.met >= 20).await;
    drop(holder);
    let fresh = run.until(is_fresh).await;
    assert_eq!(
        (fresh.met, fresh.total, fresh.restored, fresh.restoring),
        (1000, Some(1000), false, false)
    );
    assert!(source.calls(Scope::is_whole) - calls <= 3);
    run.end().await;
    // And the next run knows it.
    let mut kept = folder.recorder();
    let earlier = kept.kept().await;
    assert!(earlier.head.facts.complete);
    let mut pages = earlier.pages.unwrap();
    let mut count = 0;
    while pages.recv().await.is_some() {
        count += 1;
    }
    assert!(earlier.head.facts.are_met_by(count), "{count}");
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_denied_is_told_of_while_it_is_looked_at_and_the_fleet_goes_on() {
    let source = Source::of(|_, call| match call.scope().namespace {
        Some(_) => Err(denied()),
        None => Ok(page_of(call, 1000)),
    });
    let mut run = Run::start(&source, Scope::default(), 5, None);
    run.told_for(Duration::from_mins(1)).await;
    run.look_at(namespace("odd"));
    run.until(|status| state(status) == SyncState::Denied).await;
    let before = source.calls(Scope::is_whole);
    let told = run.told_for(Duration::from_mins(10)).await;
    assert!(told.iter().all(|status| state(status) == SyncState::Denied));
    let refusals = source.calls(|scope| !scope.is_whole());
    assert!((9..=12).contains(&refusals), "one a minute: {refusals}");
    let pages = source.calls(Scope::is_whole) - before;
    assert!((27..=33).contains(&pages), "{pages} pages in ten minutes");
    run.look_at(Scope::default());
    let told = run.told_for(Duration::from_mins(1)).await;
    assert!(told.iter().all(|status| status.problem.is_none()));
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_part_is_awaited_until_hss_answered_about_it_and_not_while_the_fleet_is_swept() {
    let source = Source::of(|_, call| {
        Ok(match call.scope().namespace {
            Some(_) => page(0..0, 0, 0),
            None => page_of(call, 1000),
        })
    });
    let mut run = Run::start(&source, Scope::default(), 5, None);
    let first = run.told_for(Duration::from_secs(50)).await;
    let last = first.last().unwrap();
    assert!(last.is_scope_awaited, "the fleet is what is looked at");
    run.look_at(namespace("absent"));
    let awaited = run.until(|status| status.loading && status.met == 0).await;
    assert!(awaited.is_scope_awaited);
    let told = run.told_for(Duration::from_mins(2)).await;
    let answered: Vec<_> = told.iter().skip_while(|status| status.is_scope_awaited).collect();
    assert!(answered.len() > 3 && answered.iter().all(|status| !status.is_scope_awaited));
    assert!(answered.iter().any(|status| status.loading), "the fleet goes on");
    run.end().await;
}

/// Answers for a namespace of three pods in a fleet of 1,000. From this call on, the fleet's pages are of a newer list.
fn small_namespace(renewed_from: usize) -> Source {
    Source::of(move |place, call| {
        Ok(match call.scope().namespace {
            Some(_) => page(0..3, 3, 0),
            None => page(
                call.offset()..call.offset() + 10,
                1000,
                i64::from(place >= renewed_from),
            ),
        })
    })
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_is_loaded_is_fresh_while_the_fleet_around_it_is_swept() {
    let mut run = Run::start(&small_namespace(usize::MAX), Scope::default(), 5, None);
    run.until(|status| status.met >= 20).await;
    run.look_at(namespace("small"));
    run.until(|status| status.is_scope_awaited && status.met == 0)
        .await;
    let told = run.told_for(Duration::from_mins(3)).await;
    let loaded: Vec<_> = told.iter().skip_while(|status| status.is_scope_awaited).collect();
    assert!(loaded.iter().all(|status| is_fresh(status)), "{loaded:?}");
    assert!(
        loaded.iter().any(|status| status.loading && status.met > 20),
        "the fleet goes on"
    );
    // The fleet itself is not loaded.
    run.look_at(Scope::default());
    let told = run.told_for(Duration::from_secs(50)).await;
    assert_eq!(state(told.last().unwrap()).word(), "LOADING");
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_scope_is_not_fresh_when_the_pages_of_the_fleet_are_of_a_newer_list() {
    let mut run = Run::start(&small_namespace(6), Scope::default(), 5, None);
    run.until(|status| status.met >= 20).await;
    run.look_at(namespace("small"));
    let loaded = run.until(|status| status.is_scope_current).await;
    assert!(is_fresh(&loaded));
    let newer = run.until(|status| status.snapshot_at > loaded.snapshot_at).await;
    assert_eq!(state(&newer).word(), "LOADING");
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_pod_whose_name_cannot_be_asked_for_stops_no_sweep() {
    let source = Source::of(|_, call| Ok(page_of(call, 1000)));
    let mut run = Run::start(&source, Scope::default(), 5, None);
    run.told_for(Duration::from_mins(1)).await;
    let before = source.calls(Scope::is_whole);
    let pod = Scope {
        pod: Some("x".repeat(257)),
        ..Scope::default()
    };
    run.wanted.send_modify(|wanted| wanted.pod = Some(pod));
    run.until(|status| status.problem.is_some()).await;
    let told = run.told_for(Duration::from_secs(65)).await;
    assert!(told.last().unwrap().problem.is_none(), "the next page ends it");
    assert!(source.calls(Scope::is_whole) - before >= 3);
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn after_the_list_moved_pace_and_time_left_are_those_of_the_present_walk() {
    let mut source = Source::of(|place, call| {
        let snapshot = i64::from(place >= 90);
        Ok(page(call.offset()..call.offset() + 10, 1000, snapshot))
    });
    source.latency = Duration::from_secs(1);
    // One page after the other.
    let mut run = Run::start(&source, Scope::default(), 500, None);
    let before = run.told_for(Duration::from_secs(90)).await;
    assert_eq!(before.last().unwrap().pace, Some(600));
    for _ in 0..8 {
        for status in run.told_for(Duration::from_secs(1)).await {
            let left = status.done_at.unwrap().duration_since(status.asked_at.unwrap());
            assert!(left.as_secs() <= 100, "{left:?} with {} met", status.met);
            assert!(status.pace.is_none_or(|pace| pace == 600), "{:?}", status.pace);
        }
    }
    let last = run.told_for(Duration::from_secs(5)).await;
    assert!(last.iter().all(|status| status.moved && status.pace == Some(600)));
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_a_date_that_cannot_be_so_is_unknown_and_its_raw_value_is_said() {
    for raw in [
        "1755000000",
        "4102444799000",
        "9000000000000000",
        "-1",
        "\"2025-08-15 09:30\"",
        "true",
    ] {
        let source = Source::of(move |_, call| Ok(page_of(call, 5).replace("1755000000000", raw)));
        let mut run = Run::start(&source, Scope::default(), 5, None);
        let status = run.until(is_fresh).await;
        assert_eq!(status.snapshot_at, None);
        assert_eq!(status.odd_snapshot.unwrap().raw(), raw.trim_matches('"'));
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_that_alternate_are_fresh_after_one_sweep_and_it_is_said_that_the_list_changed() {
    for ahead in [0, 1] {
        let source = Source::of(move |place, call| {
            let turn = i64::try_from(place % 2).unwrap();
            let at = format!("{}", 1_755_000_000_000 + turn * (7000 + ahead * 3_600_000));
            Ok(page_of(call, 45).replace("1755000000000", &at))
        });
        let mut run = Run::start(&source, Scope::default(), 5, None);
        let settled = run.until(is_fresh).await;
        assert!(settled.moved && settled.whole, "{settled:?}");
        assert_eq!(settled.met, 45);
        let before = source.calls(Scope::is_whole);
        let told = run.told_for(Duration::from_mins(30)).await;
        assert!(
            told.iter().all(|status| status.complete),
            "never short in between"
        );
        let spent = source.calls(Scope::is_whole) - before;
        assert!(spent <= 31, "{spent} calls in half an hour");
        run.end().await;
    }
}

/// The budget makes the first page of the new sweep wait.
#[tokio::test(start_paused = true)]
async fn the_time_before_the_first_page_of_a_walk_says_nothing_of_its_pace() {
    let source = Source::of(|place, call| {
        let snapshot = i64::from(place >= 1);
        Ok(page(call.offset()..call.offset() + 10, 1000, snapshot))
    });
    let mut run = Run::start(&source, Scope::default(), 1, None);
    let moved = run.until(|status| status.moved).await;
    assert_eq!(moved.met, 0);
    run.told_for(Duration::from_secs(40)).await;
    run.wanted
        .send_modify(|wanted| wanted.interval = Duration::from_mins(2));
    let told = run.told_for(Duration::from_secs(5)).await;
    let waiting = told.last().unwrap();
    assert_eq!(waiting.met, 0);
    let left = waiting.done_at.unwrap().duration_since(waiting.asked_at.unwrap());
    assert!(left.as_mins() <= 101, "100 pages are as many minutes: {left:?}");
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_hangs_is_told_after_a_moment_and_one_that_does_not_is_not() {
    let source = Source {
        latency: Duration::from_secs(20),
        ..Source::of(|_, call| Ok(page_of(call, 5)))
    };
    let mut run = Run::start(&source, Scope::default(), 5, None);
    let began = run.began;
    let hangs = run.until(|status| status.asking_since.is_some()).await;
    assert_eq!(began.elapsed().as_secs(), HANGS.as_secs());
    assert_eq!(hangs.asking_since, hangs.called_at);
    let answered = run.until(|status| status.asked_at.is_some()).await;
    assert_eq!((answered.asking_since, began.elapsed().as_secs()), (None, 20));
    run.end().await;

    let source = Source::of(|_, call| Ok(page_of(call, 5)));
    let mut run = Run::start(&source, Scope::default(), 5, None);
    let told = run.told_for(Duration::from_secs(200)).await;
    assert!(told.len() > 3 && told.iter().all(|status| status.asking_since.is_none()));
    run.end().await;
}
