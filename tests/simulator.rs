//! The simulator over the wire: what a client of the real service would see.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot talk to its simulator has failed"
)]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::simulator::estate::ENTERPRISE_PROJECTS;
use hss_top::simulator::{Lists, Settings, Simulator};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// 2025-11-24T16:00:00Z
const START: i64 = 1_764_000_000_000;
const PODS: &str = "/v5/0a1b2c/kubernetes/pods";
const SYNC: &str = "/v5/0a1b2c/kubernetes/save-clusters";
const ALL: &str = "enterprise_project_id=all_granted_eps";

/// A simulator that runs until it is dropped.
struct Running {
    address: SocketAddr,
    now: Arc<AtomicI64>,
    shutdown: oneshot::Sender<()>,
    tasks: JoinSet<std::io::Result<()>>,
}

struct Reply {
    status: u16,
    head: String,
    body: Value,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn total(&self) -> u64 {
        self.body["total_num"].as_u64().unwrap()
    }

    fn list(&self, name: &str) -> &[Value] {
        self.body[name].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

impl Running {
    async fn start(settings: Settings) -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let hand = Arc::clone(&now);
        let clock =
            Clock::from_fn(move || Timestamp::from_millisecond(hand.load(Ordering::Relaxed)).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, asked) = oneshot::channel();
        let mut tasks = JoinSet::new();
        let simulator = Simulator::new(settings, clock);
        tasks.spawn(simulator.serve(listener, async { drop(asked.await) }));
        Self {
            address,
            now,
            shutdown,
            tasks,
        }
    }

    fn wait(&self, time: Duration) {
        self.now
            .fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    async fn get(&self, target: &str) -> Reply {
        self.call("GET", target, &[("X-Auth-Token", "gAAAA")]).await
    }

    async fn call(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(method, target, headers, "").await
    }

    async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: hss\r\nConnection: close\r\n");
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        if !body.is_empty() {
            write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        write!(request, "\r\n{body}").unwrap();
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        Reply {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }
}

#[tokio::test]
async fn a_page_looks_like_one_of_the_service() {
    let simulator = Running::start(Settings::default()).await;
    let reply = simulator.get(&format!("{PODS}?{ALL}&limit=200")).await;
    assert_eq!((reply.status, reply.total()), (200, 1111));
    assert_eq!(reply.list("data_list").len(), 200);
    assert!(reply.body.get("pod_info_list").is_none());
    assert_eq!(reply.body["last_update_time"], START - 14 * 60_000);
    let pod = reply
        .list("data_list")
        .iter()
        .find(|pod| pod["status"] == "Running")
        .unwrap();
    for field in [
        "id",
        "pod_name",
        "namespace_name",
        "cluster_name",
        "cluster_id",
        "node_name",
        "node_ip",
    ] {
        assert!(pod[field].is_string(), "{field}: {pod}");
    }
    let last = simulator.get(&format!("{PODS}?{ALL}&limit=20&offset=1065")).await;
    assert_eq!(
        (last.list("data_list").len(), last.list("pod_info_list").len()),
        (6, 14)
    );
    let pod = &last.list("pod_info_list")[0];
    assert!(pod["protect_status"].is_string() && pod["detect_result"].is_string());
    assert!(pod.get("id").is_none() && pod.get("cluster_id").is_none());
    let behind = simulator.get(&format!("{PODS}?{ALL}&offset=2000000")).await;
    assert_eq!((behind.status, &behind.body["data_list"]), (200, &json!([])));
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_gateway() {
    let simulator = Running::start(Settings::default()).await;
    let replies = [
        simulator.get(PODS).await,
        simulator.get("/v5").await,
        simulator.call("POST", SYNC, &[]).await,
    ];
    for reply in &replies {
        let request_id = reply.header("x-request-id").unwrap();
        assert!(request_id.len() == 32 && request_id.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(reply.header("date"), Some("Mon, 24 Nov 2025 16:00:00 GMT"));
        assert_eq!(reply.header("server"), Some("api-gateway"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        if reply.status != 200 {
            assert_eq!(reply.body["request_id"], request_id);
        }
    }
    assert_ne!(
        replies[0].header("x-request-id"),
        replies[1].header("x-request-id")
    );
}

#[tokio::test]
async fn a_call_needs_the_token() {
    let simulator = Running::start(Settings {
        token: Some("right".into()),
        ..Settings::default()
    })
    .await;
    let refused = async |headers: &[(&str, &str)]| {
        let reply = simulator.call("GET", PODS, headers).await;
        assert_eq!(
            (reply.status, &reply.body["error_code"]),
            (401, &json!("APIGW.0301"))
        );
        reply.body["error_msg"].as_str().unwrap().to_owned()
    };
    let missing = "Incorrect IAM authentication information: x-auth-token not found";
    assert_eq!(refused(&[]).await, missing);
    assert_eq!(refused(&[("X-Auth-Token", "")]).await, missing);
    assert_eq!(refused(&[("X-Auth-Token", &"x".repeat(32_769))]).await, missing);
    assert_eq!(
        refused(&[("X-Auth-Token", "wrong")]).await,
        "Incorrect IAM authentication information: decrypt token fail"
    );
    assert_eq!(
        simulator
            .call("GET", PODS, &[("X-Auth-Token", "right")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let simulator = Running::start(Settings::default()).await;
    let told = async |method, target| {
        let reply = simulator.call(method, target, &[]).await;
        (
            reply.status,
            reply.body["error_code"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(told("GET", "/").await, (404, "APIG.0101".to_owned()));
    assert_eq!(
        told("GET", "/v5/p/kubernetes/clusters").await,
        (404, "APIG.0101".to_owned())
    );
    assert_eq!(told("DELETE", PODS).await, (404, "APIG.0103".to_owned()));
    assert_eq!(told("GET", SYNC).await, (404, "APIG.0103".to_owned()));
}

#[tokio::test]
async fn a_wrong_parameter_is_told_by_the_service() {
    let simulator = Running::start(Settings::default()).await;
    let long = "x".repeat(257);
    for (target, word) in [
        (format!("{PODS}?limit=9"), "limit"),
        (format!("{PODS}?limit=201"), "limit"),
        (format!("{PODS}?offset=2000001"), "offset"),
        (format!("{PODS}?offset=-1"), "offset"),
        (format!("{PODS}?pod_name={long}"), "pod_name"),
        (format!("{PODS}?enterprise_project_id="), "enterprise_project_id"),
        (format!("/v5/{long}/kubernetes/pods"), "project_id"),
        ("/v5//kubernetes/pods".to_owned(), "project_id"),
    ] {
        let reply = simulator.get(&target).await;
        assert_eq!(
            (reply.status, &reply.body["error_code"]),
            (400, &json!("HSS.0001")),
            "{target}"
        );
        assert!(
            reply.body["error_description"]
                .as_str()
                .unwrap()
                .starts_with(word),
            "{target}"
        );
        assert!(reply.body["error_msg"].is_string() && reply.body.get("request_id").is_none());
    }
    assert_eq!(
        simulator
            .get(&format!("{PODS}?page=3&limit=10&pod_name="))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_throttled() {
    let settings = Settings {
        calls_per_minute: Some(5),
        ..Settings::default()
    };
    let simulator = Running::start(settings).await;
    // A call without a token is turned away before it is counted, one with a wrong parameter is not.
    assert_eq!(simulator.call("GET", PODS, &[]).await.status, 401);
    assert_eq!(simulator.get(&format!("{PODS}?limit=1")).await.status, 400);
    for _ in 0..4 {
        assert_eq!(simulator.get(PODS).await.status, 200);
    }
    let reply = simulator.get(PODS).await;
    assert_eq!(
        (reply.status, &reply.body["error_code"]),
        (429, &json!("APIG.0308"))
    );
    assert_eq!(
        reply.body["error_msg"],
        "The throttling threshold has been reached: policy user over ratelimit,limit:5,time:1 minute"
    );
    let other = simulator.call("GET", PODS, &[("X-Auth-Token", "other")]).await;
    assert_eq!(
        other.body["error_msg"],
        "The throttling threshold has been reached: policy ip over ratelimit,limit:5,time:1 minute"
    );
    assert_eq!(
        simulator
            .call("POST", SYNC, &[("X-Auth-Token", "gAAAA")])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn in_debug_mode_the_gateway_tells_what_it_counts() {
    let settings = Settings {
        calls_per_minute: Some(2),
        ..Settings::default()
    };
    let simulator = Running::start(settings).await;
    let told = async |token, target| {
        let headers = [("X-Auth-Token", token), ("X-Apig-Mode", "debug")];
        let reply = simulator.call("GET", target, &headers).await;
        let header = |name| reply.header(name).unwrap_or_default().to_owned();
        let counts = [header("X-Apig-RateLimit-user"), header("X-Apig-RateLimit-ip")];
        (reply.status, counts)
    };
    let counts = |user, ip| [user, ip].map(|left| format!("remain:{left},limit:2,time:1 minute"));
    assert_eq!(told("", PODS).await, (401, <[String; 2]>::default()));
    assert_eq!(told("a", PODS).await, (200, counts(1, 1)));
    let wrong = format!("{PODS}?limit=1");
    assert_eq!(told("b", &wrong).await, (400, counts(1, 0)));
    assert_eq!(told("b", PODS).await, (429, counts(1, 0)));
    let plain = simulator.get(PODS).await;
    assert!(plain.header("X-Apig-RateLimit-user").is_none());
    let unlimited = Running::start(Settings::default()).await;
    let headers = [("X-Auth-Token", "a"), ("X-Apig-Mode", "debug")];
    let reply = unlimited.call("GET", PODS, &headers).await;
    assert_eq!((reply.status, reply.header("X-Apig-RateLimit-ip")), (200, None));
}

#[tokio::test]
async fn a_body_is_read_up_to_a_limit() {
    let simulator = Running::start(Settings::default()).await;
    let token = [("X-Auth-Token", "gAAAA")];
    let fits = "x".repeat(65_536);
    assert_eq!(simulator.send("POST", SYNC, &token, &fits).await.status, 200);
    let reply = simulator.send("POST", SYNC, &token, &format!("{fits}x")).await;
    let told = (&reply.body["error_code"], &reply.body["error_msg"]);
    assert_eq!(reply.status, 413);
    assert_eq!(told, (&json!("APIG.0201"), &json!("Request entity too large")));
}

#[tokio::test]
async fn filters_leave_what_contains_their_text() {
    let simulator = Running::start(Settings::default()).await;
    let everything = simulator.get(&format!("{PODS}?{ALL}")).await.total();
    for (parameter, field, text) in [
        ("cluster_name", "cluster_name", "prod"),
        ("namespace_name", "namespace_name", "system"),
        ("pod_name", "pod_name", "kube-proxy-"),
    ] {
        let reply = simulator
            .get(&format!("{PODS}?{ALL}&limit=200&{parameter}={text}"))
            .await;
        assert!((1..everything).contains(&reply.total()), "{parameter}");
        assert!(!reply.list("data_list").is_empty());
        for pod in reply.list("data_list") {
            assert!(pod[field].as_str().unwrap().contains(text), "{pod}");
        }
        let upper = text.to_uppercase();
        assert_eq!(
            simulator
                .get(&format!("{PODS}?{ALL}&{parameter}={upper}"))
                .await
                .total(),
            0
        );
    }
}

#[tokio::test]
async fn enterprise_projects_share_the_clusters_out() {
    let simulator = Running::start(Settings::default()).await;
    let total = async |project: &str| {
        simulator
            .get(&format!("{PODS}?enterprise_project_id={project}"))
            .await
            .total()
    };
    let everything = total("all_granted_eps").await;
    let [default, one, other] = ENTERPRISE_PROJECTS;
    let shares = [total(default).await, total(one).await, total(other).await];
    assert_eq!(shares.iter().sum::<u64>(), everything);
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
    assert_eq!(simulator.get(PODS).await.total(), shares[0]);
    let reply = simulator
        .get(&format!("{PODS}?enterprise_project_id=nobody"))
        .await;
    assert_eq!(
        (reply.status, &reply.body["error_code"]),
        (403, &json!("HSS.0013"))
    );
}

#[tokio::test]
async fn the_picture_stands_still_until_somebody_synchronises() {
    let simulator = Running::start(Settings::default()).await;
    let page = format!("{PODS}?{ALL}&limit=200");
    let before = simulator.get(&page).await.body;
    simulator.wait(Duration::from_hours(1));
    assert_eq!(simulator.get(&page).await.body, before);
    let synchronised = simulator.call("POST", SYNC, &[("X-Auth-Token", "gAAAA")]).await;
    assert_eq!(
        (synchronised.status, synchronised.header("content-length")),
        (200, Some("0"))
    );
    let after = simulator.get(&page).await.body;
    assert_eq!(after["last_update_time"], START + 3_600_000);
    assert_eq!(after["total_num"], before["total_num"]);
    assert_ne!(after["data_list"], before["data_list"]);
}

#[tokio::test]
async fn the_picture_is_retaken_as_time_passes_if_so_set() {
    let settings = Settings {
        snapshot_every: Some(Duration::from_mins(5)),
        ..Settings::default()
    };
    let simulator = Running::start(settings).await;
    assert_eq!(
        simulator.get(PODS).await.body["last_update_time"],
        START - 14 * 60_000
    );
    simulator.wait(Duration::from_mins(12));
    assert_eq!(
        simulator.get(PODS).await.body["last_update_time"],
        START + 10 * 60_000
    );
}

#[tokio::test]
async fn parallel_lists_share_the_window() {
    let settings = Settings {
        lists: Lists::Parallel,
        ..Settings::default()
    };
    let simulator = Running::start(settings).await;
    let reply = simulator.get(&format!("{PODS}?{ALL}&limit=30&offset=30")).await;
    assert_eq!(reply.total(), 1071);
    assert_eq!(
        (reply.list("data_list").len(), reply.list("pod_info_list").len()),
        (30, 10)
    );
}

#[tokio::test]
async fn a_simulator_ends_when_it_is_asked_to() {
    let mut simulator = Running::start(Settings::default()).await;
    assert_eq!(simulator.get(PODS).await.status, 200);
    simulator.shutdown.send(()).unwrap();
    assert!(simulator.tasks.join_next().await.unwrap().unwrap().is_ok());
}
