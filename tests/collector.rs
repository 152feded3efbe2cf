//! The collector without a screen: several sources on one channel, their budgets, and what only it may build.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../examples/list_pods.rs"]
#[expect(dead_code, reason = "the example's main")]
mod list_pods;
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::collector::ledger::LedgerPlace;
use hss_top::collector::{
    Budgets, Collector, CollectorSettings, FetchRequest, Handle, News, PAGES_AHEAD, SnapshotNews,
    SourceSetup, SweepPictures,
};
use hss_top::fleet::{Scope, SourceId};
use hss_top::hss::{Credential, Endpoint, ListPods, ProjectId, Setup, Token};
use hss_top::simulator::{Simulator, SimulatorSettings};
use hss_top::state::DiskWait;
use support::scripted::{Scripted, Step};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

fn request() -> FetchRequest {
    FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: Duration::from_hours(1),
    }
}

fn source(number: u16, url: &str, calls_per_minute: u32) -> SourceSetup {
    let project = ProjectId::new(&format!("project-{number}")).unwrap();
    let token = Credential::Token(Token::new(&format!("token-{number}")).unwrap());
    SourceSetup {
        id: SourceId::new(number),
        name: None,
        setup: Setup::new(Endpoint::parse(url, false).unwrap(), project, token),
        trust: Arc::default(),
        call: ListPods::new("all_granted_eps", 200, Scope::default()).unwrap(),
        calls_per_minute,
        state: None,
        disk: DiskWait::Never,
        ledger: None,
        refusals: None,
        accepted_age: None,
        pages_ahead: PAGES_AHEAD,
        request: request(),
        after: None,
        team: None,
    }
}

fn start(sources: Vec<SourceSetup>) -> Handle {
    Collector::start(
        sources,
        CollectorSettings::default(),
        &Budgets::default(),
        &Clock::system(),
    )
}

fn of_pods(pods: u64) -> SimulatorSettings {
    SimulatorSettings {
        pods,
        serverless: 0,
        ..SimulatorSettings::default()
    }
}

/// An imitation of HSS with this many pods.
async fn simulator(pods: u64) -> (String, JoinSet<()>) {
    simulated(of_pods(pods)).await
}

async fn simulated(settings: SimulatorSettings) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let simulator = Simulator::new(settings, Clock::system());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { drop(simulator.serve(listener, std::future::pending()).await) });
    (url, tasks)
}

#[tokio::test]
async fn two_sources_report_on_one_channel_and_their_pods_are_told_apart() {
    let (first, _one) = simulator(300).await;
    let (second, _two) = simulator(150).await;
    let mut collector = start(vec![source(0, &first, 600), source(1, &second, 600)]);
    let mut fleets = BTreeMap::new();
    while fleets.len() < 2 {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        let source = reply.source;
        let (status, fleet) = reply.into_list().unwrap();
        assert_eq!(status.problem, None);
        if let Some(fleet) = fleet.filter(|_| status.complete) {
            fleets.insert(source, fleet);
        }
    }
    for (source, fleet) in &fleets {
        assert_eq!(fleet.source(), *source);
        assert!(fleet.pods().all(|pod| pod.key.source() == *source));
    }
    // Both list the same pods, as another would see them.
    let [one, two] = [0, 1].map(|number| &fleets[&SourceId::new(number)]);
    let key = one.pods().next().unwrap().key;
    assert!(one.row_of(&key, None).is_some());
    assert_eq!(two.row_of(&key, None), None);
    let elsewhere = key.within(SourceId::new(1));
    assert_ne!(two.row_of(&elsewhere, None), one.row_of(&elsewhere, None));
    // Both end with whoever started them.
    let Handle {
        requests,
        replies,
        tasks,
    } = collector;
    drop((requests, replies));
    timeout(SOON, tasks.ended()).await.unwrap();
}

#[tokio::test]
async fn what_is_wanted_of_one_source_is_not_wanted_of_the_other() {
    let (url, _tasks) = simulator(60).await;
    let mut collector = start(vec![source(0, &url, 600), source(1, &url, 600)]);
    let wanted = SourceId::new(1);
    let slower = FetchRequest {
        interval: Duration::from_mins(7),
        ..request()
    };
    collector.requests.send(wanted, slower.clone());
    let mut seen = BTreeMap::new();
    while seen.get(&wanted) != Some(&slower.interval) || seen.len() < 2 {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        let source = reply.source;
        let (status, _) = reply.into_list().unwrap();
        // Before the first call nothing is known.
        if status.asked_at.is_some() {
            assert!(source == wanted || status.interval == request().interval);
            seen.insert(source, status.interval);
        }
    }
}

#[tokio::test]
async fn where_sweeps_are_not_shown_the_first_picture_has_all_pods() {
    let (url, _tasks) = simulator(2000).await;
    let settings = CollectorSettings {
        pictures: SweepPictures::Never,
        ..CollectorSettings::default()
    };
    let sources = vec![source(0, &url, 6000)];
    let mut collector = Collector::start(sources, settings, &Budgets::default(), &Clock::system());
    let first = loop {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        let (status, fleet) = reply.into_list().unwrap();
        match fleet.filter(|_| status.asked_at.is_some()) {
            Some(fleet) => break (status.complete, fleet.len()),
            None => assert!(!status.complete, "it comes with the end of the sweep"),
        }
    };
    assert_eq!(first, (true, 2000));
}

/// Two sources at one address, each with ten pages and five calls a minute: together they make five. The
/// service would refuse the sixth.
#[tokio::test]
async fn sources_behind_one_address_share_what_the_service_counts() {
    let settings = SimulatorSettings {
        calls_per_minute: Some(5),
        ..of_pods(2000)
    };
    let (url, _tasks) = simulated(settings).await;
    let mut collector = start(vec![source(0, &url, 5), source(1, &url, 5)]);
    let mut waits = BTreeMap::new();
    while waits.len() < 2 {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        let source = reply.source;
        let (status, _) = reply.into_list().unwrap();
        assert_eq!(status.problem, None);
        // Each has some pods, and waits for a call that is nearly a minute away.
        let wait = status
            .next_at
            .map(|at| at.duration_since(Clock::system().now()).as_secs());
        if status.met > 0 && wait.is_some_and(|wait| wait > 40) {
            waits.insert(source, (status.calls_made, status.calls_left));
        }
    }
    let made: u64 = waits.values().map(|(made, _)| made).sum();
    assert!(
        made <= 5 && waits.values().all(|(_, left)| *left <= 1),
        "{waits:?}"
    );
}

/// Two sources of one program and one of another, which know each other by the ledger alone: together they make five.
#[tokio::test]
async fn two_sources_and_another_program_share_one_ledger() {
    let settings = SimulatorSettings {
        calls_per_minute: Some(5),
        ..of_pods(2000)
    };
    let (url, _tasks) = simulated(settings).await;
    let folder = tempfile::tempdir().unwrap();
    let ledger = LedgerPlace {
        folders: vec![folder.path().to_owned()],
        name: "service.calls".to_owned(),
    };
    let with_ledger = |number| SourceSetup {
        ledger: Some(ledger.clone()),
        ..source(number, &url, 5)
    };
    let mut both = start(vec![with_ledger(0), with_ledger(1)]);
    let mut other = start(vec![with_ledger(0)]);
    let mut made = BTreeMap::new();
    let is_settled = |made: &BTreeMap<_, (u64, bool)>| made.len() == 3 && made.values().all(|it| it.1);
    while !is_settled(&made) {
        let next = async {
            tokio::select! {
                reply = both.replies.recv() => ("both", reply.unwrap()),
                reply = other.replies.recv() => ("other", reply.unwrap()),
            }
        };
        let (program, reply) = timeout(SOON, next).await.unwrap();
        let place = (program, reply.source);
        let (status, _) = reply.into_list().unwrap();
        assert_eq!(status.problem, None, "the service refused a call");
        let wait = status
            .next_at
            .map(|at| at.duration_since(Clock::system().now()).as_secs());
        made.insert(place, (status.calls_made, wait.is_some_and(|wait| wait > 30)));
    }
    let calls: u64 = made.values().map(|(calls, _)| calls).sum();
    assert!((4..=5).contains(&calls), "{made:?}");
}

async fn next_news(collector: &mut Handle) -> SnapshotNews {
    loop {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        if let News::Snapshot(news) = reply.news {
            return news;
        }
    }
}

#[tokio::test]
async fn a_requested_snapshot_is_one_call_of_a_budget_of_its_own() {
    let (url, _tasks) = simulator(60).await;
    // The list takes all calls that it may make.
    let mut collector = start(vec![source(0, &url, 1)]);
    let mut request = FetchRequest {
        syncs: 1,
        ..request()
    };
    collector.requests.send(SourceId::new(0), request.clone());
    assert!(matches!(
        next_news(&mut collector).await,
        SnapshotNews::Accepted(_)
    ));
    // Other changes of the request are not a request for a snapshot.
    request.interval = Duration::from_mins(9);
    collector.requests.send(SourceId::new(0), request.clone());
    request.syncs = 2;
    collector.requests.send(SourceId::new(0), request);
    assert!(
        matches!(next_news(&mut collector).await, SnapshotNews::Waits(_)),
        "one a minute"
    );
}

#[tokio::test]
async fn a_refused_snapshot_is_told_and_the_list_goes_on() {
    let page = r#"{"total_num":1,"data_list":[{"id":"a","pod_name":"a"}]}"#;
    let denied = r#"{"error_code":"APIG.0302","error_msg":"not authorised"}"#;
    let server = Scripted::start(vec![
        Step::json("200 OK", page),
        Step::json("403 Forbidden", denied),
    ])
    .await;
    let mut collector = start(vec![source(0, &server.url(), 5)]);
    loop {
        let reply = timeout(SOON, collector.replies.recv()).await.unwrap().unwrap();
        if reply.into_list().is_some_and(|(status, _)| status.complete) {
            break;
        }
    }
    collector.requests.send(
        SourceId::new(0),
        FetchRequest {
            syncs: 1,
            ..request()
        },
    );
    let SnapshotNews::Failed(error) = next_news(&mut collector).await else {
        panic!("it was refused")
    };
    assert!(error.to_string().contains("not authorised"), "{error}");
    let posts = server
        .requests()
        .iter()
        .filter(|request| request.starts_with("POST"))
        .count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_program_without_a_screen_lists_pods_through_it() {
    let (url, _tasks) = simulator(250).await;
    let fleet = list_pods::fleet("p-1", &url, "t").await.unwrap();
    assert_eq!(fleet.len(), 250);
}

/// The sources below `folder`, without their tests.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if !path.ends_with("tests.rs") && path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            found.push((path, code));
        }
    }
}

#[test]
fn nothing_else_builds_a_client_a_recorder_or_a_task_that_calls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let needles = [" Client::new(", "Recorder::start(", "task::run"];
    let builders = found.iter().flat_map(|(path, text)| {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let hits = code.filter(|line| {
            needles
                .iter()
                .any(|needle| format!(" {}", line.trim()).contains(needle))
        });
        hits.map(|line| {
            (
                path.strip_prefix(&root).unwrap().to_owned(),
                line.trim().to_owned(),
            )
        })
        .collect::<Vec<_>>()
    });
    let elsewhere: Vec<_> = builders
        .clone()
        .filter(|(path, _)| !path.starts_with("collector"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    assert_eq!(builders.count(), 3, "one of each");
}
