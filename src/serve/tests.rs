//! A day of a team on one collector, in simulated time and without sockets.

use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::BodyExt as _;
use hyper::Request;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use super::*;
use crate::collector::task;
use crate::collector::{FetchRequest, PodSource, Reply, SyncSettings};
use crate::fleet::Scope;
use crate::fleet::list_age::ListAgeLimit;
use crate::hss::Error;
use crate::hss::wire::read_page;
use crate::hss::{Answer, ListPods, SendBy};
use crate::http_server::Attendance;

const PODS: u32 = 1000;
/// The simulated time: a day where `LONG_TESTS` is set.
fn day() -> Duration {
    Duration::from_hours(crate::long_tests::or_more(2, 24))
}

/// HSS with a new snapshot every six hours; counts the calls.
#[derive(Clone)]
struct CountingHss {
    began: Instant,
    calls: Arc<AtomicU64>,
}

impl PodSource for CountingHss {
    async fn list_pods(&self, _: SendBy, call: &ListPods) -> Result<Answer, Error> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(80)).await;
        let snapshot = self.began.elapsed().as_secs() / (6 * 3600);
        let pods: Vec<String> = (call.offset()..PODS.min(call.offset() + call.limit()))
            .map(|id| {
                let status = ["Running", "Failed"][usize::from(u64::from(id) % 7 == snapshot)];
                format!(r#"{{"id":"{id}","pod_name":"p{id}","namespace_name":"n","status":"{status}"}}"#)
            })
            .collect();
        let at = 1_755_000_000_000 + snapshot * 6 * 3_600_000;
        let list = pods.join(",");
        let body = format!(r#"{{"total_num":{PODS},"last_update_time":{at},"data_list":[{list}]}}"#);
        Ok(Answer {
            value: read_page(body.as_bytes()).unwrap(),
            ..Answer::default()
        })
    }

    async fn mend(&self, error: Error) -> Result<(), Error> {
        Err(error)
    }
}

/// Asks a path every so often; returns how many answers were good.
async fn client(service: Arc<RequestAnswerer>, targets: Vec<String>, every: Duration) -> u64 {
    let (end, mut good) = (Instant::now() + day(), 0);
    while Instant::now() < end {
        for target in &targets {
            let request = WholeRequest {
                head: Request::get(target).body(()).unwrap().into_parts().0,
                body: Ok(hyper::body::Bytes::new()),
                caller: ([127, 0, 0, 1], 1).into(),
                attendance: Attendance::staying(),
            };
            let answer = service.answer(&request).await;
            good += u64::from(answer.status() == 200);
            drop(answer.into_body().collect().await);
        }
        sleep(every).await;
    }
    good
}

/// A screen: it waits for news, and reads a page when there is some.
async fn screen(service: Arc<RequestAnswerer>) -> u64 {
    let (end, mut pages, mut tag) = (Instant::now() + day(), 0, String::new());
    while Instant::now() < end {
        let request = |target: &str| WholeRequest {
            head: Request::get(target).body(()).unwrap().into_parts().0,
            body: Ok(hyper::body::Bytes::new()),
            caller: ([127, 0, 0, 2], 1).into(),
            attendance: Attendance::staying(),
        };
        let answer = service
            .answer(&request(&format!("/v1/state?seen={tag}&wait=20")))
            .await;
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let state: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let newer = state["tag"].as_str().unwrap().to_owned();
        if newer != tag {
            tag = newer;
            let page = service.answer(&request("/v5/p/kubernetes/pods?limit=200")).await;
            pages += u64::from(page.status() == 200);
        }
        sleep(Duration::from_millis(50)).await;
    }
    pages
}

/// The calls of a day, with these readers on the collector; how many good answers they had, and how many lists there were.
async fn calls_of_a_day(screens: usize, scrapers: usize, scripts: usize) -> (u64, u64, u64) {
    let began = Instant::now();
    let hss = CountingHss {
        began,
        calls: Arc::default(),
    };
    let zero = Timestamp::from_millisecond(1_755_000_000_000).unwrap();
    let clock = Clock::from_fn(move || {
        zero.checked_add(SignedDuration::try_from(began.elapsed()).unwrap())
            .unwrap()
    });
    let request = FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: Duration::from_mins(1),
    };
    let (wanted, wanted_out) = watch::channel(request);
    let (replies_in, replies) = mpsc::channel::<Reply>(4);
    let settings = SyncSettings {
        call: ListPods::new("all_granted_eps", 200, Scope::default()).unwrap(),
        calls_per_minute: 5,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(task::run(
        hss.clone(),
        settings,
        None,
        wanted_out,
        replies_in,
        clock.clone(),
    ));
    let counts = Arc::new(RequestCounts::default());
    let (moved, _) = watch::channel(NewsTag::since(clock.now()));
    let kept = KeptPart {
        project: Some("p".to_owned()),
        ..KeptPart::default()
    };
    let limits = SeriesLimits {
        namespaces: 500,
        risky_pods: 0,
    };
    let source = KeptSource {
        id: SourceId::default(),
        profile: None,
        labels: "".into(),
        place: "here".to_owned(),
        kept,
        list_age_limit: ListAgeLimit::default(),
        moved: moved.clone(),
    };
    let mut keeper = PictureKeeper::new(vec![source], limits, Arc::clone(&counts), clock.clone());
    let told = moved.subscribe();
    let (publish, published) = watch::channel(keeper.published(Vitals::default()));
    let (_vitals_in, vitals) = watch::channel(Vitals::default());
    tasks.spawn(async move {
        keeper.run(replies, vitals, publish).await;
    });
    let (entries, _entries_out) = mpsc::channel(1);
    let (_news_in, news) = watch::channel(LogbookNews::default());
    let data = ServedData {
        published,
        sources: vec![ServedSource {
            moved: moved.subscribe(),
            turns: ConfirmationTurns::default(),
            journal: TeamJournal::new(entries, news),
        }],
    };
    let service = Arc::new(RequestAnswerer::new(data, counts, RequestGuard::default(), clock));
    let mut readers = JoinSet::new();
    for _ in 0..screens {
        readers.spawn(screen(Arc::clone(&service)));
    }
    for _ in 0..scrapers {
        let metrics = vec!["/metrics".to_owned()];
        readers.spawn(client(Arc::clone(&service), metrics, Duration::from_secs(15)));
    }
    for _ in 0..scripts {
        let page = |at: u32| format!("/v5/p/kubernetes/pods?limit=200&offset={}", at * 200);
        let pages = (0..5).map(page).collect();
        readers.spawn(client(Arc::clone(&service), pages, Duration::from_mins(10)));
    }
    let mut good = 0;
    while let Some(reader) = readers.join_next().await {
        good += reader.unwrap();
    }
    tokio::time::sleep_until(began + day() + Duration::from_secs(30)).await;
    drop(wanted);
    (hss.calls.load(Ordering::Relaxed), good, told.borrow().list)
}

#[tokio::test(start_paused = true)]
async fn a_team_on_one_collector_costs_the_calls_of_one_screen_over_a_day() {
    let (alone, ..) = calls_of_a_day(0, 0, 0).await;
    let (together, answers, lists) = calls_of_a_day(8, 2, 1).await;
    assert_eq!(together, alone);
    // A screen reads all pages of each list, so a probe that brings nothing new makes none.
    let snapshots = day().as_secs().div_ceil(6 * 3600);
    assert!((snapshots..=snapshots + 1).contains(&lists), "{lists}");
    // A probe a minute, and a sweep of five pages every six hours, whose first one is a probe: 1,464 in a day.
    let probes = day().as_secs() / 60;
    assert!((probes..probes + 30).contains(&alone), "{alone}");
    assert!(answers > 10 * alone, "{answers}");
}
