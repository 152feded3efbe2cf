//! The real view worker with a fleet that is large enough for a window to go out first.

#![expect(clippy::unwrap_used, reason = "tests")]

use hss_top::app::view_worker::{self, ViewJob};
use hss_top::fleet::fields::PodField;
use hss_top::fleet::query::Query;
use hss_top::fleet::{Fleet, Store, View, ViewRequest};
use hss_top::hss::wire::read_page;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

const PODS: usize = 60_000;

fn fleet() -> Fleet {
    let record = |number: usize| {
        let name = (number * 7919) % PODS;
        format!(r#"{{"id":"{number}","pod_name":"pod-{name:05}"}}"#)
    };
    let records: Vec<String> = (0..PODS).map(record).collect();
    let page = read_page(format!(r#"{{"data_list":[{}]}}"#, records.join(",")).into_bytes()).unwrap();
    let mut store = Store::default();
    store.take(None, &page.pods);
    store.snapshot()
}

fn name(view: &View, place: usize) -> String {
    let pod = view.pod(place).unwrap();
    pod.name().value().unwrap().raw().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_window_comes_first_then_the_whole_and_reversing_needs_no_window() {
    let (orders, orders_out) = watch::channel(ViewJob::default());
    let (views_in, mut views) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(view_worker::run(orders_out, views_in));
    let sort = PodField::Name.first_direction();
    let order = ViewJob {
        fleet: fleet(),
        request: ViewRequest {
            sort,
            ..ViewRequest::default()
        },
        window: 30_000..30_060,
        now: Timestamp::UNIX_EPOCH,
    };
    orders.send_replace(order.clone());

    let window = views.recv().await.unwrap();
    assert_eq!((window.len(), window.knows(30_000..30_060)), (PODS, true));
    assert!(!window.knows(0..1), "only what the screen shows");
    let whole = views.recv().await.unwrap();
    assert!(whole.knows(0..PODS));
    assert_eq!(name(&whole, 30_000), "pod-30000");
    assert!((30_000..30_060).all(|place| whole.row(place) == window.row(place)));

    let mut reversed = order.clone();
    reversed.request.sort = sort.reversed();
    orders.send_replace(reversed);
    let turned = views.recv().await.unwrap();
    assert!(turned.knows(0..PODS), "all rows at once");
    assert_eq!(name(&turned, 0), "pod-59999");

    // Another filter while the whole view of the one before is still to come.
    let filtered = |filter: &str| {
        let mut order = order.clone();
        order.request.filter = Query::parse(filter).unwrap();
        order.request.sort = PodField::Age.first_direction();
        order
    };
    orders.send_replace(filtered("pod-1"));
    let few = views.recv().await.unwrap();
    assert!(few.knows(0..few.len()), "an order that is known needs no window");
    assert_eq!(few.len(), 10_000);
    drop(orders);
    assert!(views.recv().await.is_none(), "it ends with the event loop");
}

#[tokio::test(start_paused = true)]
async fn a_newer_request_comes_before_the_whole_view_of_an_older_one() {
    let (orders, orders_out) = watch::channel(ViewJob::default());
    let (views_in, mut views) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(view_worker::run(orders_out, views_in));
    let order = |filter: &str, fleet: &Fleet| ViewJob {
        fleet: fleet.clone(),
        request: ViewRequest {
            filter: Query::parse(filter).unwrap(),
            ..ViewRequest::default()
        },
        window: 0..60,
        now: Timestamp::UNIX_EPOCH,
    };
    let fleet = fleet();
    orders.send_replace(order("", &fleet));
    let window = views.recv().await.unwrap();
    assert!(!window.knows(0..PODS));
    orders.send_replace(order("pod-0000", &fleet));
    let newer = views.recv().await.unwrap();
    assert_eq!(newer.len(), 10, "the whole view of all pods is not waited for");
}

/// The worker with all pods ordered by name, a window of them sent, and the whole view being sorted.
async fn sorting() -> (watch::Sender<ViewJob>, mpsc::Receiver<View>, ViewJob, JoinSet<()>) {
    let (orders, orders_out) = watch::channel(ViewJob::default());
    let (views_in, mut views) = mpsc::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(view_worker::run(orders_out, views_in));
    let order = ViewJob {
        fleet: fleet(),
        request: ViewRequest {
            sort: PodField::Name.first_direction(),
            ..ViewRequest::default()
        },
        window: 0..60,
        now: Timestamp::UNIX_EPOCH,
    };
    orders.send_replace(order.clone());
    assert!(!views.recv().await.unwrap().knows(0..PODS));
    // By now the sort has begun, which takes a debug build much longer than what comes next.
    tokio::time::sleep(std::time::Duration::from_millis(320)).await;
    (orders, views, order, tasks)
}

#[tokio::test]
async fn another_part_of_the_rows_is_shown_while_all_are_sorted() {
    let (orders, mut views, mut order, _tasks) = sorting().await;
    order.window = PODS - 60..PODS;
    orders.send_replace(order);
    let last = views.recv().await.unwrap();
    assert!(last.knows(PODS - 60..PODS) && !last.knows(0..PODS));
    assert_eq!(name(&last, PODS - 1), "pod-59999");
    assert!(views.recv().await.unwrap().knows(0..PODS), "once is enough");
}

#[tokio::test]
async fn a_newer_request_does_not_wait_for_the_sort_of_an_older_one() {
    let (orders, mut views, mut order, _tasks) = sorting().await;
    order.request.filter = Query::parse("pod-0000").unwrap();
    orders.send_replace(order);
    let few = views.recv().await.unwrap();
    assert_eq!((few.len(), name(&few, 9).as_str()), (10, "pod-00009"));
    let whole = views.recv().await.unwrap();
    assert_eq!(whole.len(), 10, "the older one's view is not wanted any more");
    assert!(whole.knows(0..10));
}
