//! The simulator over the wire: what a client of the real service would see.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot talk to its simulator has failed"
)]

#[path = "simulator/storms.rs"]
mod storms;
mod support;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::simulator::fleet::ENTERPRISE_PROJECTS;
use hss_top::simulator::{IamProject, ListMode, PasswordLogin, SigningKeys, Simulator, SimulatorSettings};
use jiff::Timestamp;
use ring::{digest, hmac};
use serde_json::{Value, json};
use support::simulate::Simulate;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// 2025-11-24T16:00:00Z
const START: i64 = 1_764_000_000_000;
const PODS: &str = "/v5/0a1b2c/kubernetes/pods";
const SYNC: &str = "/v5/0a1b2c/kubernetes/save-clusters";
const TOKENS: &str = "/v3/auth/tokens";
const PROJECTS: &str = "/v3/projects";
const EXCHANGE: &str = "/v3.0/OS-CREDENTIAL/securitytokens";
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
    async fn start(settings: SimulatorSettings) -> Self {
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
        send(self.address, method, target, headers, body).await
    }
}

async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: hss\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    if !body.is_empty() {
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    write!(request, "\r\n{body}").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
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

#[tokio::test]
async fn a_page_looks_like_one_of_the_service() {
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let simulator = Running::start(SimulatorSettings {
        token: Some("right".into()),
        ..SimulatorSettings::default()
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
    let simulator = Running::start(SimulatorSettings::default()).await;
    let told = async |method, target| {
        let reply = simulator.call(method, target, &[]).await;
        (
            reply.status,
            reply.body["error_code"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(told("GET", "/").await, (404, "APIG.0101".to_owned()));
    assert_eq!(
        told("GET", "/v5/p/kubernetes/no-such-list").await,
        (404, "APIG.0101".to_owned())
    );
    assert_eq!(told("DELETE", PODS).await, (404, "APIG.0103".to_owned()));
    assert_eq!(told("GET", SYNC).await, (404, "APIG.0103".to_owned()));
}

#[tokio::test]
async fn a_wrong_parameter_is_told_by_the_service() {
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let settings = SimulatorSettings {
        calls_per_minute: Some(5),
        ..SimulatorSettings::default()
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
    let settings = SimulatorSettings {
        calls_per_minute: Some(2),
        ..SimulatorSettings::default()
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
    let unlimited = Running::start(SimulatorSettings::default()).await;
    let headers = [("X-Auth-Token", "a"), ("X-Apig-Mode", "debug")];
    let reply = unlimited.call("GET", PODS, &headers).await;
    assert_eq!((reply.status, reply.header("X-Apig-RateLimit-ip")), (200, None));
}

#[tokio::test]
async fn a_body_is_read_up_to_a_limit() {
    let simulator = Running::start(SimulatorSettings::default()).await;
    let token = [("X-Auth-Token", "gAAAA")];
    let fits = "x".repeat(65_536);
    assert_eq!(simulator.send("POST", SYNC, &token, &fits).await.status, 200);
    for target in [SYNC, TOKENS] {
        let reply = simulator.send("POST", target, &token, &format!("{fits}x")).await;
        assert_eq!(refusal(&reply), (413, "APIG.0201", "Request entity too large"));
    }
}

#[tokio::test]
async fn filters_leave_what_contains_their_text() {
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let simulator = Running::start(SimulatorSettings::default()).await;
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
    let settings = SimulatorSettings {
        snapshot_every: Some(Duration::from_mins(5)),
        ..SimulatorSettings::default()
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
    let settings = SimulatorSettings {
        lists: ListMode::Parallel,
        ..SimulatorSettings::default()
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
    let mut simulator = Running::start(SimulatorSettings::default()).await;
    assert_eq!(simulator.get(PODS).await.status, 200);
    simulator.shutdown.send(()).unwrap();
    assert!(simulator.tasks.join_next().await.unwrap().unwrap().is_ok());
}

/// A simulator whose one user is `ada` of `company`.
fn with_login() -> SimulatorSettings {
    SimulatorSettings {
        login: Some(PasswordLogin {
            user: "ada".into(),
            password: "canary".into(),
            domain: "company".into(),
        }),
        ..SimulatorSettings::default()
    }
}

fn sign_in(password: &str, scope: &Value) -> String {
    let user = json!({"name": "ada", "password": password, "domain": {"name": "company"}});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    json!({"auth": {"identity": identity, "scope": scope}}).to_string()
}

fn region() -> Value {
    json!({"project": {"name": "cn-north-4"}})
}

impl Running {
    /// A new token.
    async fn token(&self) -> String {
        let body = sign_in("canary", &region());
        let reply = self.send("POST", TOKENS, &[], &body).await;
        assert_eq!(reply.status, 201);
        reply.header("X-Subject-Token").unwrap().to_owned()
    }

    async fn list(&self, token: &str) -> Reply {
        self.call("GET", PODS, &[("X-Auth-Token", token)]).await
    }

    /// Exchanges a token for a key pair.
    async fn exchange(&self, token: &Value) -> Reply {
        let body = json!({"auth": {"identity": {"methods": ["token"], "token": token}}});
        self.send("POST", EXCHANGE, &[], &body.to_string()).await
    }

    /// A call signed by hand. It has no query.
    async fn signed(&self, keys: &Keys, method: &str, path: &str, body: &str) -> Reply {
        let at = Timestamp::from_millisecond(self.now.load(Ordering::Relaxed)).unwrap();
        let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let names = "host;x-sdk-date;x-security-token";
        let token = keys.security_token.as_str();
        let canonical = format!(
            "{method}\n{path}/\n\nhost:hss\nx-sdk-date:{date}\nx-security-token:{token}\n\n{names}\n{}",
            sha256(body)
        );
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", sha256(&canonical));
        let key = hmac::Key::new(hmac::HMAC_SHA256, keys.secret.as_bytes());
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let claim = format!(
            "SDK-HMAC-SHA256 Access={}, SignedHeaders={names}, Signature={signature}",
            keys.access
        );
        let headers = [
            ("X-Sdk-Date", &*date),
            ("X-Security-Token", token),
            ("Authorization", &claim),
        ];
        self.send(method, path, &headers, body).await
    }
}

struct Keys {
    access: String,
    secret: String,
    security_token: String,
}

impl Keys {
    fn of(reply: &Reply) -> Self {
        let text = |name: &str| reply.body["credential"][name].as_str().unwrap().to_owned();
        Self {
            access: text("access"),
            secret: text("secret"),
            security_token: text("securitytoken"),
        }
    }
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// What IAM says, having said it in its own shape.
fn fault(reply: &Reply) -> (u16, &str) {
    let error = &reply.body["error"];
    let title = if reply.status == 400 {
        "Bad Request"
    } else {
        "Unauthorized"
    };
    assert_eq!(
        (&error["code"], &error["title"]),
        (&json!(reply.status), &json!(title))
    );
    assert!(reply.body.get("error_code").is_none());
    let trace = reply.header("X-IAM-Trace-Id").unwrap();
    assert!(!trace.is_empty() && reply.header("X-Request-Id").is_some());
    (reply.status, error["message"].as_str().unwrap())
}

/// What the gateway says.
fn refusal(reply: &Reply) -> (u16, &str, &str) {
    let text = |name: &str| reply.body[name].as_str().unwrap();
    (reply.status, text("error_code"), text("error_msg"))
}

#[tokio::test]
async fn a_sign_in_is_answered_with_a_token_in_a_header_and_its_description() {
    let simulator = Running::start(with_login()).await;
    let body = sign_in("canary", &region());
    let reply = simulator.send("POST", TOKENS, &[], &body).await;
    assert_eq!(reply.status, 201);
    assert!(reply.header("X-IAM-Trace-Id").is_some() && reply.header("X-Request-Id").is_some());
    let subject = reply.header("X-Subject-Token").unwrap();
    assert!(subject.len() > 200);
    assert!(!reply.body.to_string().contains(subject) && !reply.body.to_string().contains("canary"));
    let token = &reply.body["token"];
    assert_eq!(token["issued_at"], "2025-11-24T16:00:00.000000Z");
    assert_eq!(token["expires_at"], "2025-11-25T16:00:00.000000Z");
    assert_eq!(
        (&token["methods"], &token["roles"]),
        (&json!(["password"]), &json!([]))
    );
    let (user, project) = (&token["user"], &token["project"]);
    assert_eq!(
        (&user["name"], &project["name"]),
        (&json!("ada"), &json!("cn-north-4"))
    );
    assert_eq!(
        (&user["domain"], &project["domain"]["name"]),
        (&project["domain"], &json!("company"))
    );
    let id = project["id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let hss = format!("http://{}/v5/{id}", simulator.address);
    assert_eq!(token["catalog"][1]["endpoints"][0]["url"], hss);

    let by_id = sign_in("canary", &json!({"project": {"id": id}}));
    let brief = simulator
        .send("POST", &format!("{TOKENS}?nocatalog=true"), &[], &by_id)
        .await;
    assert_eq!(brief.status, 201);
    assert!(brief.body["token"].get("catalog").is_none());
    assert_ne!(brief.header("X-Subject-Token"), Some(subject));
}

#[tokio::test]
async fn a_sign_in_that_is_wrong_is_refused_as_iam_does() {
    let simulator = Running::start(with_login()).await;
    let refused = async |body: &str| {
        let reply = simulator.send("POST", TOKENS, &[], body).await;
        assert!(reply.header("X-Subject-Token").is_none());
        let (status, message) = fault(&reply);
        (status, message.to_owned())
    };
    let wrong = "The username or password is wrong.";
    assert_eq!(
        refused(&sign_in("another", &region())).await,
        (401, wrong.to_owned())
    );
    let elsewhere = json!({"project": {"name": "cn-south-1"}});
    let not_granted = "The project of the scope does not exist or is not granted to the user.";
    assert_eq!(
        refused(&sign_in("canary", &elsewhere)).await,
        (401, not_granted.to_owned())
    );
    let no_scope = "Invalid request body: auth.scope.project must have a name or an id.";
    assert_eq!(
        refused(&sign_in("canary", &json!(null))).await,
        (400, no_scope.to_owned())
    );
    for malformed in [
        "",
        "{",
        "{}",
        "[]",
        r#"{"auth": {"identity": {"methods": ["password"]}}}"#,
    ] {
        assert_eq!(refused(malformed).await.0, 400, "{malformed}");
    }
    let closed = Running::start(SimulatorSettings::default()).await;
    let body = sign_in("canary", &region());
    assert_eq!(
        fault(&closed.send("POST", TOKENS, &[], &body).await),
        (401, wrong)
    );
}

#[tokio::test]
async fn an_issued_token_is_taken_until_it_expires() {
    let settings = SimulatorSettings {
        token: Some("right".into()),
        token_lifetime: Duration::from_hours(1),
        ..with_login()
    };
    let simulator = Running::start(settings).await;
    let token = simulator.token().await;
    for taken in [&*token, "right"] {
        assert_eq!(simulator.list(taken).await.status, 200);
    }
    let unknown = "Incorrect IAM authentication information: decrypt token fail";
    assert_eq!(
        refusal(&simulator.list("wrong").await),
        (401, "APIGW.0301", unknown)
    );
    simulator.wait(Duration::from_secs(3599));
    assert_eq!(simulator.list(&token).await.status, 200);
    simulator.wait(Duration::from_secs(1));
    let expired = "Incorrect IAM authentication information: \
                   token expires, expires_at: 2025-11-24T17:00:00.000000Z";
    assert_eq!(
        refusal(&simulator.list(&token).await),
        (401, "APIGW.0307", expired)
    );
    assert_eq!(simulator.list("right").await.status, 200);
    let renewed = simulator.token().await;
    assert_eq!(simulator.list(&renewed).await.status, 200);
}

#[tokio::test]
async fn projects_are_listed_for_those_who_may_call() {
    let project = |name: &str, id: &str| IamProject {
        name: name.into(),
        id: id.into(),
    };
    let settings = SimulatorSettings {
        projects: vec![project("cn-north-4", "0a1b"), project("cn-north-4_test", "2c3d")],
        ..with_login()
    };
    let simulator = Running::start(settings).await;
    let token = simulator.token().await;
    let headers = [("X-Auth-Token", &*token)];
    let all = simulator.call("GET", PROJECTS, &headers).await;
    assert_eq!((all.status, all.list("projects").len()), (200, 2));
    assert!(all.header("X-IAM-Trace-Id").is_some());
    let home = format!("http://{}", simulator.address);
    assert_eq!(all.body["links"]["self"], format!("{home}/v3/projects"));
    let target = format!("{PROJECTS}?name=cn-north%2D4");
    let named = simulator.call("GET", &target, &headers).await;
    let only = &named.body["projects"][0];
    assert_eq!(named.list("projects").len(), 1);
    assert_eq!(
        (&only["name"], &only["id"]),
        (&json!("cn-north-4"), &json!("0a1b"))
    );
    assert_eq!(
        (&only["enabled"], &only["is_domain"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&only["parent_id"], &only["description"]),
        (&only["domain_id"], &json!(""))
    );
    assert_eq!(only["links"]["self"], format!("{home}/v3/projects/0a1b"));

    let nobody = simulator.call("GET", PROJECTS, &[]).await;
    let missing = "Incorrect IAM authentication information: x-auth-token not found";
    assert_eq!(fault(&nobody), (401, missing));
    let stranger = simulator
        .call("GET", PROJECTS, &[("X-Auth-Token", "wrong")])
        .await;
    let unknown = "Incorrect IAM authentication information: decrypt token fail";
    assert_eq!(fault(&stranger), (401, unknown));
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_key_pair_that_signs_until_it_expires() {
    let simulator = Running::start(with_login()).await;
    let token = simulator.token().await;
    let issued = simulator.exchange(&json!({"id": token})).await;
    assert_eq!(issued.status, 201);
    assert!(issued.header("X-IAM-Trace-Id").is_some());
    assert_eq!(
        issued.body["credential"]["expires_at"],
        "2025-11-24T16:15:00.000000Z"
    );
    let keys = Keys::of(&issued);
    assert_eq!(simulator.signed(&keys, "GET", PODS, "").await.status, 200);
    assert_eq!(simulator.signed(&keys, "GET", PROJECTS, "").await.status, 200);

    let longer = json!({"id": token, "duration_seconds": 3600});
    let longer = Keys::of(&simulator.exchange(&longer).await);
    simulator.wait(Duration::from_mins(15));
    let expired = "Incorrect IAM authentication information: \
                   security token expires, expires_at: 2025-11-24T16:15:00.000000Z";
    let refused = simulator.signed(&keys, "GET", PODS, "").await;
    assert_eq!(refusal(&refused), (401, "APIGW.0301", expired));
    let refused = simulator.signed(&keys, "GET", PROJECTS, "").await;
    assert_eq!(fault(&refused), (401, expired));
    assert_eq!(simulator.signed(&longer, "GET", PODS, "").await.status, 200);
}

#[tokio::test]
async fn an_issued_pair_is_taken_with_its_own_security_token_only() {
    let simulator = Running::start(with_login()).await;
    let token = json!({"id": simulator.token().await});
    let one = Keys::of(&simulator.exchange(&token).await);
    let other = Keys::of(&simulator.exchange(&token).await);
    let mixed = Keys {
        security_token: other.security_token,
        ..one
    };
    let invalid = "Incorrect IAM authentication information: security token is invalid";
    let refused = simulator.signed(&mixed, "GET", PODS, "").await;
    assert_eq!(refusal(&refused), (401, "APIGW.0301", invalid));
}

#[tokio::test]
async fn an_exchange_needs_a_token_that_is_taken_and_a_lifetime_in_bounds() {
    let simulator = Running::start(with_login()).await;
    let missing = "Incorrect IAM authentication information: x-auth-token not found";
    assert_eq!(fault(&simulator.exchange(&json!(null)).await), (401, missing));
    assert_eq!(fault(&simulator.exchange(&json!({"id": "wrong"})).await).0, 401);
    let token = simulator.token().await;
    let short = json!({"id": token, "duration_seconds": 899});
    let bounds = "Invalid request body: \
                  auth.identity.token.duration_seconds must be an integer from 900 to 86400.";
    assert_eq!(fault(&simulator.exchange(&short).await), (400, bounds));
    let body = r#"{"auth": {"identity": {"methods": ["token"]}}}"#;
    let headers = [("X-Auth-Token", &*token)];
    assert_eq!(simulator.send("POST", EXCHANGE, &headers, body).await.status, 201);
}

#[tokio::test]
async fn a_signed_body_is_verified() {
    let settings = SimulatorSettings {
        keys: Some(SigningKeys {
            access: "AK".into(),
            secret: "canary".into(),
            security_token: None,
        }),
        ..SimulatorSettings::default()
    };
    let simulator = Running::start(settings).await;
    let keys = Keys {
        access: "AK".into(),
        secret: "canary".into(),
        security_token: "not asked for".into(),
    };
    for body in ["", r#"{"cluster_ids": []}"#] {
        let reply = simulator.signed(&keys, "POST", SYNC, body).await;
        assert_eq!(reply.status, 200, "{body}: {}", reply.body);
    }
}

#[tokio::test]
async fn calls_of_iam_are_not_throttled() {
    let settings = SimulatorSettings {
        calls_per_minute: Some(1),
        ..with_login()
    };
    let simulator = Running::start(settings).await;
    let token = simulator.token().await;
    let headers = [("X-Auth-Token", &*token), ("X-Apig-Mode", "debug")];
    for _ in 0..3 {
        let listed = simulator.call("GET", PROJECTS, &headers).await;
        assert_eq!(
            (listed.status, listed.header("X-Apig-RateLimit-user")),
            (200, None)
        );
        assert_eq!(simulator.exchange(&json!({"id": token})).await.status, 201);
    }
    assert_eq!(simulator.list(&token).await.status, 200);
    assert_eq!(simulator.list(&token).await.status, 429);
}

#[tokio::test]
async fn the_program_takes_its_login_from_variables_and_the_rest_from_flags() {
    let flags = ["--project", "eu-west-0=4e5f", "--token-lifetime", "90m"];
    let login = [
        ("HSS_TOP_IAM_USER", "ada"),
        ("HSS_TOP_IAM_PASSWORD", "canary"),
        ("HSS_TOP_IAM_DOMAIN", "company"),
    ];
    let simulate = Simulate::start(&flags, &login);
    let address = simulate.address().parse().unwrap();
    let body = sign_in("canary", &json!({"project": {"name": "eu-west-0"}}));
    let reply = send(address, "POST", TOKENS, &[], &body).await;
    let token = &reply.body["token"];
    assert_eq!((reply.status, &token["project"]["id"]), (201, &json!("4e5f")));
    let time = |name: &str| token[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    let lifetime = time("expires_at").duration_since(time("issued_at"));
    assert_eq!(lifetime.as_mins(), 90);
    let headers = [("X-Auth-Token", reply.header("X-Subject-Token").unwrap())];
    let listed = send(address, "GET", PROJECTS, &headers, "").await;
    assert_eq!((listed.status, listed.list("projects").len()), (200, 1));
}
