//! The real loop with its real tasks except the terminal: simulated keys, a paused clock, a replacement of
//! HSS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use futures_util::StreamExt as _;
use hss_top::alerts::{AlertLook, AlertRule};
use hss_top::app::Frame;
use hss_top::app::Model;
use hss_top::app::event_loop::{self, AlertPorts, Ended, Ports};
use hss_top::app::outbox;
use hss_top::app::view_worker::{self, ViewJob};
use hss_top::clock::Clock;
use hss_top::collector::{self, Extent, PodSource, Requests, SyncState};
use hss_top::health::Vitals;
use hss_top::hss::error::{ErrorKind, ServiceError};
use hss_top::hss::quota::{Quota, Throttle};
use hss_top::hss::wire::read_page;
use hss_top::hss::{Answer, Error, ListPods, SendBy};
use hss_top::keys::Mode;
use hss_top::sinks::body::AlertOrigin;
use hss_top::sinks::{self, AlertSetup};
use hss_top::state::history;
use hss_top::terminal::{Cause, OnceOutput, Screen, TerminalTraits};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;
use support::stage::{empty_model, wanted};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Whether a loop went to the shell.
static SUSPENDED: AtomicBool = AtomicBool::new(false);

/// A call, when it came, and what it asked for.
type Call = (Instant, ListPods);

/// Answers with the next of its replies; the last one stays.
#[derive(Clone)]
struct Script {
    replies: Arc<Mutex<VecDeque<Result<String, Error>>>>,
    calls: Arc<Mutex<Vec<Call>>>,
    /// What every answer's headers tell.
    quota: Option<Quota>,
    /// How long an answer takes.
    latency: Duration,
    /// How far this machine's clock is behind the service's, as each answer tells.
    skew: Option<SignedDuration>,
}

impl Script {
    fn of(replies: Vec<Result<String, Error>>) -> Self {
        Self {
            replies: Arc::new(Mutex::new(replies.into())),
            calls: Arc::default(),
            quota: None,
            latency: Duration::from_millis(50),
            skew: None,
        }
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

impl PodSource for Script {
    async fn list_pods(&self, _: SendBy, call: &ListPods) -> Result<Answer, Error> {
        self.calls.lock().unwrap().push((Instant::now(), call.clone()));
        tokio::time::sleep(self.latency).await;
        let mut replies = self.replies.lock().unwrap();
        let reply = if replies.len() > 1 {
            replies.pop_front()
        } else {
            replies.front().cloned()
        };
        let body = reply.unwrap()?;
        Ok(Answer {
            value: read_page(body.as_bytes()).unwrap(),
            quotas: self.quota.into_iter().collect(),
            skew: self.skew,
            ..Answer::default()
        })
    }

    /// A refused token always has a successor here.
    async fn mend(&self, error: Error) -> Result<(), Error> {
        match error.kind() {
            ErrorKind::SignIn => Ok(()),
            _ => Err(error),
        }
    }
}

/// A page of the pods `names`, of a fleet of `total`, in the snapshot number `snapshot`.
#[expect(clippy::unnecessary_wraps, reason = "stands in a script beside errors")]
fn page(names: std::ops::Range<u32>, total: u32, snapshot: i64) -> Result<String, Error> {
    let pods: Vec<String> = names
        .map(|name| {
            format!(
                r#"{{"id":"{name}","pod_name":"pod-{name:03}","namespace_name":"n{}"}}"#,
                name % 2
            )
        })
        .collect();
    let at = 1_755_000_000_000 + snapshot * 3_600_000;
    Ok(format!(
        r#"{{"total_num":{total},"last_update_time":{at},"data_list":[{}]}}"#,
        pods.join(",")
    ))
}

fn timed_out() -> Result<String, Error> {
    Err(Error::TimedOut {
        waiting_for: "an answer",
        after: Duration::from_secs(30),
    })
}

/// A running loop.
struct Stage {
    keys: mpsc::Sender<io::Result<Input>>,
    frames: watch::Receiver<Frame>,
    outputs: mpsc::Receiver<OnceOutput>,
    causes: mpsc::Sender<Cause>,
    screen: watch::Sender<Screen>,
    tasks: JoinSet<Option<Ended>>,
    /// Seconds by which the wall clock is off.
    shift: Arc<AtomicI64>,
}

impl Stage {
    fn start(script: &Script, calls_per_minute: u32) -> Self {
        let began = Instant::now();
        let shift = Arc::new(AtomicI64::new(0));
        let off = Arc::clone(&shift);
        let clock = Clock::from_fn(move || {
            Timestamp::from_second(1_755_250_215 + off.load(Ordering::Relaxed))
                .unwrap()
                .checked_add(began.elapsed())
                .unwrap()
        });
        let mut model = empty_model(Size::new(120, 24));
        model.has_shell = true;
        model.now = clock.now();
        let call = ListPods::new("all_granted_eps", 10, hss_top::fleet::Scope::default()).unwrap();
        let settings = collector::SyncSettings {
            call,
            calls_per_minute,
        };
        let (wanted_in, wanted_out) = watch::channel(wanted());
        let (orders_in, orders_out) = watch::channel(ViewJob::default());
        let (pasts_in, pasts) = watch::channel(None);
        let (histories_in, histories) = mpsc::channel(1);
        let (frames_in, frames) = watch::channel(Frame::default());
        let (outbox, outputs) = outbox::channel(TerminalTraits::default());
        let (replies_in, replies) = mpsc::channel(4);
        let (views_in, views) = mpsc::channel(1);
        let (exports, exports_out) = mpsc::channel(1);
        let (exported_in, exported) = mpsc::channel(1);
        let (causes, causes_out) = mpsc::channel(1);
        let (screen_in, screen) = watch::channel(Screen::default());
        let (keys, key_events) = mpsc::channel(64);
        let (looks, looks_out) = watch::channel(AlertLook::default());
        let (alert_orders, alert_orders_out) = mpsc::channel(4);
        let (alert_news_in, alert_news) = mpsc::channel(1);
        let alerts = AlertPorts {
            looks,
            orders: alert_orders,
            news: alert_news,
        };
        let setup = AlertSetup {
            rules: AlertRule::defaults(),
            state: None,
            origin: AlertOrigin::default(),
            is_demo: false,
            servers: sinks::AlertServers::default(),
            clock: clock.clone(),
        };
        let ports = Ports {
            requests: Requests::from_iter([(hss_top::fleet::SourceId::default(), wanted_in)]),
            orders: orders_in,
            pasts: pasts_in,
            moments: watch::channel(None).0,
            frames: frames_in,
            outbox,
            replies,
            views,
            vitals: watch::channel(Vitals::default()).1,
            log: watch::channel(None).1,
            exports,
            exported,
            causes: causes_out,
            screen,
            colours: watch::channel(hss_top::terminal::TerminalColours::default()).1,
            suspend: || SUSPENDED.store(true, Ordering::SeqCst),
            histories,
            past_news: mpsc::channel(1).1,
            logbook: mpsc::channel(1).0,
            logbook_news: mpsc::channel(1).1,
            alerts,
            own: mpsc::channel(1).0,
            own_news: mpsc::channel(1).1,
        };
        let input = futures_util::stream::unfold(key_events, |mut keys: mpsc::Receiver<_>| async {
            let key = keys.recv().await?;
            Some((key, keys))
        });
        let mut tasks = JoinSet::new();
        let fetch = Box::pin(collector::task::run(
            script.clone(),
            settings,
            None,
            wanted_out,
            replies_in,
            clock.clone(),
        ));
        tasks.spawn(async {
            fetch.await;
            None
        });
        tasks.spawn(async {
            hss_top::report::worker::run(exports_out, exported_in).await;
            None
        });
        tasks.spawn(async {
            sinks::worker::run(setup, looks_out, alert_orders_out, alert_news_in).await;
            None
        });
        tasks.spawn(async {
            view_worker::run(orders_out, views_in).await;
            None
        });
        tasks.spawn(async {
            history::run(None, pasts, histories_in).await;
            None
        });
        tasks.spawn(async move { Some(event_loop::run(model, Box::pin(input.boxed()), ports, clock).await) });
        Self {
            keys,
            frames,
            outputs,
            causes,
            screen: screen_in,
            tasks,
            shift,
        }
    }

    async fn press(&self, keys: &str) {
        for character in keys.chars() {
            let code = match character {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                other => KeyCode::Char(other),
            };
            let key = Input::Key(KeyEvent::new(code, KeyModifiers::NONE));
            self.keys.send(Ok(key)).await.unwrap();
        }
    }

    /// Waits for a frame whose model fulfils `condition`.
    async fn until(&mut self, condition: impl Fn(&Model) -> bool) -> Arc<Model> {
        let holds = |frame: &Frame| frame.model.as_ref().is_some_and(|model| condition(model));
        let frame = tokio::time::timeout(Duration::from_hours(1), self.frames.wait_for(holds)).await;
        frame.unwrap().unwrap().model.clone().unwrap()
    }

    async fn ended(mut self) -> Ended {
        loop {
            if let Some(ended) = self.tasks.join_next().await.unwrap().unwrap() {
                return ended;
            }
        }
    }
}

fn fresh(model: &Model) -> bool {
    model.status.state(model.now) == SyncState::Fresh && model.view.summary.pods == model.fleet.len()
}

#[tokio::test(start_paused = true)]
async fn what_happens_once_is_sent_as_often_as_it_was_asked_for_and_a_title_when_it_changes() {
    let mut stage = Stage::start(&Script::of(vec![page(0..2, 2, 0)]), 5);
    stage.until(fresh).await;
    stage.press("RNccjc").await;
    stage
        .until(|model| {
            let notice = model.notice.as_ref();
            notice.is_some_and(|notice| notice.text == "sent to the terminal: pod-001")
        })
        .await;
    let sent: Vec<OnceOutput> = std::iter::from_fn(|| stage.outputs.try_recv().ok()).collect();
    let copy = |name: &str| OnceOutput::Copy(name.to_owned());
    let (titles, copies): (Vec<_>, Vec<_>) = sent
        .into_iter()
        .partition(|output| matches!(output, OnceOutput::Title(_)));
    assert_eq!(copies, [copy("pod-000"), copy("pod-000"), copy("pod-001")]);
    let title = |state: &str| OnceOutput::Title(format!("hss-top: {state}"));
    assert_eq!(titles, [title("LOADING"), title("FRESH")]);
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_loaded_and_then_one_call_an_interval_is_enough() {
    let script = Script::of(vec![
        page(0..10, 25, 0),
        page(10..20, 25, 0),
        page(20..25, 25, 0),
        page(0..10, 25, 0),
    ]);
    let mut stage = Stage::start(&script, 100);
    let model = stage.until(fresh).await;
    assert_eq!(model.view.len(), 25);
    let offsets: Vec<u32> = script.calls().iter().map(|(_, call)| call.offset()).collect();
    assert_eq!(offsets, [0, 10, 20]);
    tokio::time::sleep(Duration::from_secs(299)).await;
    let probes = script.calls().len() - 3;
    assert!((4..=5).contains(&probes), "{probes} calls in five minutes");
    assert!(script.calls().iter().skip(3).all(|(_, call)| call.offset() == 0));
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_while_a_fleet_is_loaded() {
    let replies = (0..12).map(|at| page(at * 10..at * 10 + 10, 120, 0)).collect();
    let script = Script::of(replies);
    let mut stage = Stage::start(&script, 5);
    stage.until(|model| model.fleet.len() == 120).await;
    let times: Vec<Instant> = script.calls().iter().map(|(at, _)| *at).collect();
    for first in &times {
        let window = times
            .iter()
            .filter(|at| **at >= *first && **at - *first < Duration::from_mins(1));
        assert!(window.count() <= 5);
    }
}

#[tokio::test(start_paused = true)]
async fn keys_act_while_a_call_is_under_way_and_rows_outlive_an_error() {
    let script = Script::of(vec![page(0..5, 5, 0), timed_out()]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    let model = stage.until(|model| model.status.problem.is_some()).await;
    assert_eq!(model.status.state(model.now).word(), "STALE");
    assert_eq!(model.view.len(), 5, "nothing is removed by a failure");
    stage.press("/pod-003\n").await;
    let model = stage
        .until(|model| model.mode() == Mode::Table && model.view.len() == 1)
        .await;
    assert!(
        model.status.problem.is_some(),
        "the filter works without an answer"
    );
    let before = script.calls().len();
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert!(
        script.calls().len() - before <= 3 * 3,
        "at most three attempts a cycle"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_vanishes_only_after_a_complete_sweep_shows_it() {
    let script = Script::of(vec![page(0..5, 5, 0), page(0..4, 9, 1), page(0..4, 4, 2)]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    stage
        .until(|model| {
            matches!(
                model.status.state(model.now),
                SyncState::Loading { .. } | SyncState::Partial { .. }
            )
        })
        .await;
    let model = stage.until(|model| fresh(model) && model.fleet.len() == 4).await;
    assert_eq!(model.status.total, Some(4));
    assert_eq!(
        (model.view.len(), model.view.gone()),
        (5, 1),
        "it is told and stays for a while"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_gone_leaves_the_screen_after_ten_minutes() {
    let script = Script::of(vec![page(0..5, 5, 0), page(0..4, 4, 1)]);
    let mut stage = Stage::start(&script, 100);
    let model = stage
        .until(|model| model.fleet.gone() == 1 && model.fleet.len() == 4)
        .await;
    let vanished = model.now;
    stage
        .until(|model| model.view.fleet.gone() == 1 && model.view.len() == 5)
        .await;
    let model = stage
        .until(|model| model.fleet.gone() == 0 && model.view.len() == 4)
        .await;
    let minutes = (model.now.duration_since(vanished)).as_secs_f64() / 60.0;
    assert!((10.0..10.1).contains(&minutes), "after {minutes} minutes");
}

#[tokio::test(start_paused = true)]
async fn a_scope_supersedes_what_is_under_way() {
    let script = Script::of(vec![page(0..10, 10, 0), page(0..10, 10, 0)]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    stage.press(":ns n1\n").await;
    let model = stage
        .until(|model| !model.wanted.scope.is_whole() && model.view.len() == 5)
        .await;
    assert_eq!(model.view.summary.pods, 5);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let asked = script.calls().last().unwrap().1.scope().clone();
    assert_eq!(asked.namespace.as_deref(), Some("n1"));
}

#[tokio::test(start_paused = true)]
async fn what_a_part_lacks_is_not_said_of_the_fleet() {
    let part = |names| page(names, 9, 0);
    // The part's list says nine and ends after three; the fleet's is whole.
    let script = Script::of(vec![page(0..5, 5, 0), part(0..3), part(3..3), page(0..5, 5, 0)]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    stage.press(":ns n1\n").await;
    let partial = SyncState::Partial { met: 3, total: 9 };
    stage
        .until(|model| model.status.state(model.now) == partial)
        .await;
    stage.press(":all\n").await;
    let model = stage
        .until(|model| model.wanted.scope.is_whole() && fresh(model))
        .await;
    assert_eq!((model.status.met, model.status.total), (5, Some(5)));
}

#[tokio::test(start_paused = true)]
async fn it_is_told_when_the_budget_has_a_call_again() {
    let script = Script::of(vec![page(0..5, 5, 0)]);
    let mut stage = Stage::start(&script, 1);
    stage.press(":interval 1h\n").await;
    stage.until(fresh).await;
    let since = Instant::now();
    let model = stage.until(|model| model.status.calls_left == 1).await;
    assert!(since.elapsed() < Duration::from_secs(70), "{:?}", since.elapsed());
    assert_eq!((model.status.calls_made, script.calls().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_age_in_the_filter_is_measured_with_the_services_clock() {
    for (hours, passing) in [(-2, 1), (0, 0), (2, 0)] {
        // The pod is three hours old by this machine's clock.
        let created = (1_755_250_215_i64 - 3 * 3600) * 1000;
        let body = format!(
            r#"{{"total_num":1,"last_update_time":{created},
                "data_list":[{{"id":"1","pod_name":"a","create_time":{created}}}]}}"#
        );
        let mut script = Script::of(vec![Ok(body)]);
        script.skew = Some(SignedDuration::from_hours(hours));
        let mut stage = Stage::start(&script, 5);
        stage.press("/age<2h\n").await;
        stage
            .until(|model| fresh(model) && model.view.fleet.len() == 1)
            .await;
        let model = stage.until(|model| model.view.len() == passing).await;
        assert_eq!(model.status.skew, script.skew);
    }
}

/// A call that is on its way for long may be counted at its end by the service.
#[tokio::test(start_paused = true)]
async fn a_minute_of_the_budget_begins_when_a_call_ends() {
    let mut script = Script::of(vec![page(0..5, 5, 0)]);
    script.latency = Duration::from_secs(20);
    let mut stage = Stage::start(&script, 1);
    stage.until(fresh).await;
    while script.calls().len() < 2 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let calls = script.calls();
    assert!(calls[1].0 - calls[0].0 >= Duration::from_secs(80));
}

#[tokio::test(start_paused = true)]
async fn another_interval_costs_no_call_by_itself() {
    let script = Script::of(vec![page(0..5, 5, 0)]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    let before = script.calls().len();
    stage.press("++--").await;
    stage.press(":interval 10m\n").await;
    stage
        .until(|model| model.wanted.interval == Duration::from_mins(10))
        .await;
    tokio::time::sleep(Duration::from_secs(500)).await;
    assert_eq!(script.calls().len(), before);
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(script.calls().len(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_page_is_asked_again_after_the_window_and_the_rule_is_learned() {
    let throttled = ServiceError {
        status: 429,
        body: hss_top::hss::error_body::ErrorBody {
            message: Some(hss_top::fleet::RemoteText::message(
                "policy ip over ratelimit,limit:3,time:1 minute",
            )),
            ..Default::default()
        },
        ..Default::default()
    };
    let script = Script::of(vec![
        page(0..10, 20, 0),
        Err(Error::from(throttled)),
        page(10..20, 20, 0),
        page(20..20, 20, 0),
    ]);
    let mut stage = Stage::start(&script, 5);
    let model = stage
        .until(|model| model.status.state(model.now).word() == "THROTTLED")
        .await;
    assert_eq!(
        (model.fleet.len(), model.status.calls_limit),
        (10, 3),
        "what came stays, and the rule is learned"
    );
    assert_eq!(
        model.status.extent(),
        Extent::Short(Some(20)),
        "half of it is not all of it"
    );
    let model = stage.until(|model| fresh(model) && model.fleet.len() == 20).await;
    assert_eq!(model.status.extent(), Extent::Whole);
    let calls = script.calls();
    let offsets: Vec<u32> = calls.iter().map(|(_, call)| call.offset()).collect();
    assert_eq!(offsets.get(..4), Some(&[0, 10, 10, 20][..]));
    let waited = calls[2].0 - calls[1].0;
    assert!((60..=72).contains(&waited.as_secs()), "{waited:?}");
}

/// A refused credential: a token, or a signature.
fn refused(signed: bool) -> Result<String, Error> {
    Err(Error::from(ServiceError {
        status: 401,
        signed,
        ..ServiceError::default()
    }))
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_a_page_and_every_attempt_is_paid_for() {
    let script = Script::of(vec![refused(false), page(0..5, 5, 0), refused(false)]);
    let mut stage = Stage::start(&script, 5);
    let model = stage.until(fresh).await;
    assert_eq!((script.calls().len(), model.status.calls_left), (2, 3));
    // From now on forever: two attempts per cycle, and never more than the budget.
    stage
        .until(|model| model.status.state(model.now) == SyncState::Auth)
        .await;
    let before = script.calls().len();
    assert_eq!(before, 4);
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(script.calls().len() - before, 2 * 10);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_pair_rests_until_the_operator_asks() {
    let script = Script::of(vec![refused(true)]);
    let mut stage = Stage::start(&script, 5);
    stage
        .until(|model| model.status.state(model.now) == SyncState::Auth)
        .await;
    tokio::time::sleep(Duration::from_mins(14)).await;
    assert_eq!(script.calls().len(), 1);
    stage.keys.send(Ok(ask_now())).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(script.calls().len(), 2);
    tokio::time::sleep(Duration::from_mins(16)).await;
    assert_eq!(script.calls().len(), 3, "it heals by itself, slowly");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_headers_tell_is_kept() {
    let mut script = Script::of(vec![page(0..10, 40, 0), page(10..20, 40, 0), page(20..30, 40, 0)]);
    script.quota = Some(Quota {
        throttle: Throttle {
            limit: 2,
            window: Duration::from_mins(1),
        },
        remain: 1,
    });
    let mut stage = Stage::start(&script, 100);
    let model = stage.until(|model| model.fleet.len() == 30).await;
    assert_eq!(model.status.calls_limit, 2);
    let times: Vec<Instant> = script.calls().iter().map(|(at, _)| *at).collect();
    assert!(times[2] - times[0] >= Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_looked_at_during_a_sweep_is_asked_for_ahead_of_it() {
    let replies = (0..30).map(|at| page(at * 10..at * 10 + 10, 300, 0)).collect();
    let script = Script::of(replies);
    let mut stage = Stage::start(&script, 5);
    let model = stage.until(|model| model.view.len() == 40).await;
    assert_eq!(
        model.status.calls_left, 1,
        "one call is kept free of the sweep's pages"
    );
    assert!(model.status.done_at.is_some());
    stage.press("j\n").await;
    stage.until(|model| model.status.calls_left == 0).await;
    let (_, call) = script.calls().pop().unwrap();
    assert_eq!(call.scope().pod.as_deref(), Some("pod-002"));
    assert_eq!(call.scope().namespace.as_deref(), Some("n0"));
    stage.press("k").await;
    stage
        .until(|model| {
            model
                .wanted
                .pod
                .as_ref()
                .is_some_and(|pod| pod.pod.as_deref() == Some("pod-000"))
        })
        .await;
    stage.press("j").await;
    stage.until(|model| model.fleet.len() >= 80).await;
    let looks = script
        .calls()
        .iter()
        .filter(|(_, call)| call.scope().pod.is_some())
        .count();
    assert_eq!(
        looks, 1,
        "the eye only passed over the other, and once a sweep is enough for the one"
    );
}

fn ask_now() -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL))
}

/// The most calls in any minute.
fn most_in_a_minute(calls: &[Call]) -> usize {
    let within = |first: Instant| {
        let window = calls
            .iter()
            .filter(|(at, _)| *at >= first && *at - first < Duration::from_mins(1));
        window.count()
    };
    calls.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn ten_minutes_of_429_cost_no_more_than_the_budget_however_often_the_operator_asks() {
    let throttled = |retry_after: Option<u64>| {
        Err(Error::from(ServiceError {
            status: 429,
            retry_after: retry_after.map(Duration::from_secs),
            ..ServiceError::default()
        }))
    };
    for (retry_after, most) in [(None, 11), (Some(7), 51), (Some(0), 51), (Some(99_999_999), 3)] {
        let script = Script::of(vec![page(0..5, 5, 0), throttled(retry_after)]);
        let mut stage = Stage::start(&script, 5);
        stage.until(fresh).await;
        stage
            .until(|model| model.status.state(model.now).word() == "THROTTLED")
            .await;
        let began = script.calls().len();
        for _ in 0..600 {
            stage.keys.send(Ok(ask_now())).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let model = stage.frames.borrow().model.clone().unwrap();
        assert_eq!(model.status.state(model.now).word(), "THROTTLED");
        assert_eq!(model.view.len(), 5, "the rows stay");
        let calls = script.calls();
        assert!(
            calls.len() - began <= most,
            "{} calls at {retry_after:?}",
            calls.len() - began
        );
        assert!(most_in_a_minute(&calls) <= 5);
        let waits = calls[1..].windows(2).map(|pair| pair[1].0 - pair[0].0);
        let named = Duration::from_secs(retry_after.unwrap_or(60).clamp(1, 300));
        for wait in waits {
            assert!(wait >= named, "asked again after {wait:?} of {named:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_eight_hours_of_sleep_one_call_is_enough() {
    for slept in [8 * 3600, -8 * 3600] {
        let script = Script::of(vec![page(0..5, 5, 0)]);
        let mut stage = Stage::start(&script, 5);
        stage.until(fresh).await;
        let before = script.calls().len();
        let woken = Instant::now();
        stage.shift.fetch_add(slept, Ordering::Relaxed);
        stage
            .until(|model| model.status.state(model.now).word() == "STALE")
            .await;
        stage.until(fresh).await;
        assert!(woken.elapsed() < Duration::from_secs(5), "{:?}", woken.elapsed());
        assert_eq!(script.calls().len(), before + 1);
        tokio::time::sleep(Duration::from_secs(50)).await;
        assert_eq!(script.calls().len(), before + 1, "and then as ever");
    }
}

#[tokio::test(start_paused = true)]
async fn asking_again_gives_a_call_up_that_hangs_and_not_one_that_is_under_way() {
    let mut script = Script::of(vec![page(0..5, 5, 0)]);
    script.latency = Duration::from_secs(20);
    let stage = Stage::start(&script, 100);
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.keys.send(Ok(ask_now())).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(script.calls().len(), 1);
    stage.keys.send(Ok(ask_now())).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(script.calls().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_keeps_failing_is_missing_for_a_minute_and_not_for_a_long_interval() {
    let failing = [timed_out(), timed_out(), timed_out()];
    let replies = [page(0..10, 20, 0)].into_iter().chain(failing);
    let script = Script::of(replies.chain([page(10..20, 20, 0), page(0..10, 20, 0)]).collect());
    let mut stage = Stage::start(&script, 100);
    stage.press(":interval 10m\n").await;
    let since = Instant::now();
    stage.until(|model| model.status.problem.is_some()).await;
    stage.until(fresh).await;
    assert!(since.elapsed() < Duration::from_secs(65), "{:?}", since.elapsed());
}

#[tokio::test(start_paused = true)]
async fn every_end_has_its_reason() {
    let script = Script::of(vec![page(0..5, 5, 0)]);
    let stage = Stage::start(&script, 100);
    stage.press("qq").await;
    assert_eq!(stage.ended().await, Ended::Quit);

    let stage = Stage::start(&script, 100);
    stage.causes.send(Cause::Signal(15)).await.unwrap();
    assert_eq!(stage.ended().await, Ended::Signal(15));

    let stage = Stage::start(&script, 100);
    stage.keys.send(Err(io::Error::other("gone"))).await.unwrap();
    assert_eq!(stage.ended().await, Ended::TerminalLost("gone".into()));
}

#[tokio::test(start_paused = true)]
async fn back_from_the_shell_everything_is_drawn_at_the_size_of_now() {
    let script = Script::of(vec![page(0..3, 3, 0)]);
    let mut stage = Stage::start(&script, 100);
    stage.until(fresh).await;
    stage.press("j").await;
    let key = Input::Key(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL));
    stage.keys.send(Ok(key)).await.unwrap();
    stage.until(|model| model.pods.cursor == 1).await;
    while !SUSPENDED.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let redraws = stage.frames.borrow().redraws;
    let size = Size::new(61, 17);
    stage.screen.send_replace(Screen { size, entries: 1 });
    let model = stage.until(|model| model.size == size).await;
    assert_eq!(model.pods.cursor, 1);
    assert!(stage.frames.borrow().redraws > redraws);
    stage.causes.send(Cause::TerminalLost).await.unwrap();
    let ended = stage.ended().await;
    assert_eq!(
        (ended.code(), ended.reason().unwrap().as_str()),
        (129, "terminal lost: it closed")
    );
}
