//! What Alertmanager gets, against a look-alike that is held to what the real one does.
//!
//! The tests with Debian's own are opt-in, since they download it: `cargo test --locked --test alertmanager -- --ignored`

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use hss_top::alerts::{AlertFinding, AlertSeverity, ToldAlert};
use hss_top::clock::Clock;
use hss_top::hss::Endpoint;
use hss_top::sinks::alertmanager::{Alertmanager, MOST_OWN, RoundResult, SentAlert};
use hss_top::sinks::body::AlertOrigin;
use hss_top::sinks::http::SinkSecret;
use hss_top::sinks::{AlertmanagerSetup, ServerSetup, StatedFile};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use support::alertmanager::{LookAlike, RealAlertmanager, Receiver, ask};
use support::pty::Pty;
use support::run::{Folder, run};
use support::schema::faults;
use support::simulate::Simulate;

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + 60 * minute).unwrap()
}

fn alert(name: &str, cluster: &str, began: i64, ended: Option<i64>) -> ToldAlert {
    ToldAlert {
        rule: "risk".to_owned(),
        finding: AlertFinding::Risk,
        severity: AlertSeverity::Critical,
        pod: format!("id/{name}"),
        name: name.to_owned(),
        namespace: "pay".to_owned(),
        cluster: cluster.to_owned(),
        words: "clean → risk".to_owned(),
        change: None,
        began: minute(began),
        // HSS found it before that was seen here.
        seen: minute(began + 1),
        ended: ended.map(minute),
    }
}

fn client_of(url: &str, secret: Option<SinkSecret>) -> Alertmanager {
    let setup = AlertmanagerSetup {
        server: ServerSetup {
            endpoint: Endpoint::parse(url, false).unwrap(),
            ca_file: None,
            secret,
            stated_at: "F line 5: alertmanager.url".to_owned(),
        },
        has_pod_label: true,
        link: Some("https://console.example.com/hss".to_owned()),
    };
    let origin = AlertOrigin {
        project: "p1".to_owned(),
        region: "cn-north-4".to_owned(),
    };
    Alertmanager::of(&setup, origin, &Clock::fixed(minute(0)))
}

/// The alerts of a first round.
fn round(client: &Alertmanager, pods: &[ToldAlert], now: Timestamp) -> Vec<SentAlert> {
    client.alerts(pods, now, |_| false)
}

fn client(server: &LookAlike, secret: Option<SinkSecret>) -> Alertmanager {
    client_of(&server.url(), secret)
}

#[tokio::test]
async fn an_alert_lasts_with_the_same_labels_and_start_and_ends_with_what_was_said_of_it() {
    let server = LookAlike::start();
    let client = Alertmanager {
        has_pod_label: false,
        ..client(&server, None)
    };
    let mut pods = vec![
        alert("a", "c1", 0, None),
        alert("b", "c1", 2, None),
        alert("x", "c2", 1, None),
    ];
    let sent = round(&client, &pods, minute(3));
    assert_eq!(sent.len(), 2, "one for the pods of a namespace");
    assert_eq!(
        client.send(sent, &HashSet::new()).await,
        RoundResult::Taken(vec![])
    );
    let known = server.received.lock().unwrap().known.clone();
    let of = |cluster: &str| {
        known
            .values()
            .find(|it| it.labels["cluster"] == cluster)
            .cloned()
            .unwrap()
    };
    let first = of("c1");
    assert_eq!((first.starts, first.ends), (minute(1), minute(7)));
    assert_eq!(
        first.annotations["began"],
        minute(0).to_string(),
        "HSS's own date"
    );
    assert_eq!(first.annotations["summary"], "2 new risks: a, b");
    assert_eq!(first.labels["alertname"], "HssPodRisk");
    assert!(!first.labels.contains_key("pod"), "{:?}", first.labels);
    // The first one is well again; the other still lasts.
    pods[0].ended = Some(minute(4));
    let still = round(&client, &pods, minute(5));
    assert!(!still[0].is_over(minute(5)));
    assert_eq!(still[0].starts, minute(1));
    pods[1].ended = Some(minute(6));
    let over = round(&client, &pods, minute(7));
    let json = client.json(&over[0], SignedDuration::ZERO);
    assert_eq!(json["endsAt"], minute(6).to_string());
    assert_eq!(json["annotations"]["pods"], "a, b");
    assert_eq!(json["generatorURL"], "https://console.example.com/hss");
    assert_eq!(over[0].labels, round(&client, &pods[..2], minute(99))[0].labels);
    client.send(over, &HashSet::new()).await;
    let received = server.received.lock().unwrap();
    assert_eq!(received.requests, [(200, 2), (200, 2)], "one request a round");
}

#[tokio::test]
async fn each_pod_is_told_and_beyond_a_thousand_those_of_a_namespace_together() {
    let server = LookAlike::start();
    let client = client(&server, None);
    let mut pods = vec![alert("a", "c", 0, None)];
    for now in [2, 3] {
        let sent = round(&client, &pods, minute(now));
        client.send(sent, &HashSet::new()).await;
        pods.push(alert("b", "c", 1, None));
    }
    let told = server.received.lock().unwrap().told.clone();
    assert_eq!(
        told,
        ["firing a", "firing b"],
        "of a second pod, whoever reads it is told"
    );

    let of = |number: usize| ToldAlert {
        seen: minute(i64::try_from(number).unwrap()),
        ..alert(&format!("p{number:05}"), "c", 0, None)
    };
    let mut pods: Vec<ToldAlert> = (0..10_000).rev().map(of).collect();
    let now = minute(10_000);
    let sent = round(&client, &pods, now);
    assert_eq!(sent.len(), MOST_OWN + 1);
    let (shared, own): (Vec<&SentAlert>, Vec<&SentAlert>) =
        sent.iter().partition(|alert| !alert.labels.contains_key("pod"));
    assert!(
        own.iter().all(|alert| *alert.labels["pod"] < *"p01000"),
        "the first ones"
    );
    assert_eq!(shared[0].labels["namespace"], "pay");
    let summary = &shared[0].annotations["summary"];
    assert!(summary.starts_with("9000 new risks: p"), "{summary}");
    // One that was seen before the others is told later: nothing that is known there ends because of it.
    pods.push(ToldAlert {
        seen: minute(-1),
        ..alert("late", "c", -1, None)
    });
    let known: Vec<_> = own.iter().map(|alert| alert.labels.clone()).collect();
    let next = client.alerts(&pods, now, |labels| known.contains(labels));
    assert_eq!(next.len(), MOST_OWN + 1);
    assert!(
        next.iter()
            .all(|alert| alert.labels.get("pod").is_none_or(|pod| pod != "late"))
    );
}

#[tokio::test]
async fn the_bad_one_of_a_batch_is_found_and_the_good_ones_are_there() {
    let server = LookAlike::start();
    let client = client(&server, None);
    server.received.lock().unwrap().poison = Some("c7".to_owned());
    let pods: Vec<ToldAlert> = (0..20)
        .map(|number| alert("a", &format!("c{number}"), 0, None))
        .collect();
    let RoundResult::Taken(bad) = client
        .send(round(&client, &pods, minute(1)), &HashSet::new())
        .await
    else {
        panic!("not taken");
    };
    assert_eq!(
        (bad.len(), bad[0].0["cluster"].as_str(), bad[0].1.as_str()),
        (1, "c7", "\"poisoned\"")
    );
    assert_eq!(server.received.lock().unwrap().known.len(), 19);
    let requests = server.received.lock().unwrap().requests.len();
    assert!(requests <= 12, "{requests}");
    // It is not sent again.
    let refused = HashSet::from([bad[0].0.clone()]);
    let again = client.send(round(&client, &pods, minute(2)), &refused).await;
    assert_eq!(again, RoundResult::Taken(vec![]));
    assert_eq!(server.received.lock().unwrap().requests.last(), Some(&(200, 19)));
}

#[tokio::test]
async fn what_is_wrong_with_the_configuration_and_what_passes_are_told_apart() {
    let server = LookAlike::start();
    let client = client(&server, None);
    let pods = [alert("a", "c", 0, None)];
    for (status, is_configuration) in [
        (404, true),
        (410, true),
        (415, true),
        (422, true),
        (500, false),
        (503, false),
    ] {
        server.received.lock().unwrap().scripted.push(status);
        let result = client
            .send(round(&client, &pods, minute(1)), &HashSet::new())
            .await;
        match result {
            RoundResult::Misconfigured(why) => {
                assert!(is_configuration && why.contains(&status.to_string()), "{why}");
            }
            RoundResult::Failed(why) => {
                assert!(!is_configuration && why.contains(&status.to_string()), "{why}");
            }
            RoundResult::Taken(_) => panic!("{status}"),
        }
    }
}

#[tokio::test]
async fn the_token_is_read_for_each_request_and_never_told() {
    let server = LookAlike::start();
    let folder = Folder::new("alertmanager");
    let token = folder.write("token", "canary-token-1\n");
    let file = StatedFile {
        path: token.clone().into(),
        stated_at: "F line 6: alertmanager.token_file".to_owned(),
    };
    let client = client(&server, Some(SinkSecret::Token(file)));
    let pods = [alert("a", "c", 0, None)];
    client
        .send(round(&client, &pods, minute(1)), &HashSet::new())
        .await;
    folder.write("token", "canary-token-2\n");
    server.received.lock().unwrap().scripted.push(500);
    let failed = client
        .send(round(&client, &pods, minute(1)), &HashSet::new())
        .await;
    assert!(!format!("{failed:?}").contains("canary"), "{failed:?}");
    let sent = server.received.lock().unwrap().authorizations.clone();
    assert_eq!(
        sent,
        [
            Some("Bearer canary-token-1".to_owned()),
            Some("Bearer canary-token-2".to_owned())
        ]
    );
    std::fs::remove_file(&token).unwrap();
    let RoundResult::Failed(why) = client
        .send(round(&client, &pods, minute(1)), &HashSet::new())
        .await
    else {
        panic!("taken without a token");
    };
    let told = "F line 6: alertmanager.token_file: there is no file ";
    assert!(why.starts_with(told), "{why}");
}

/// A configuration that sends everything that changes to this server.
fn config(folder: &Folder, url: &str) -> String {
    let rule = |on: &str| {
        format!(
            "[[alerts]]\nname = \"{on}\"\non = \"{on}\"\nmerge = \"0s\"\nvia = [\"banner\", \"alertmanager\"]\n"
        )
    };
    let rules: String = ["risk", "failed", "vanished", "protection"].map(rule).concat();
    folder.write(
        "config.toml",
        &format!("{rules}[alertmanager]\nurl = \"{url}\"\n"),
    )
}

#[test]
fn a_dashboard_tells_it_and_a_server_that_fails_is_a_mark_and_gets_it_later() {
    let server = LookAlike::start();
    server.received.lock().unwrap().scripted = vec![500; 2];
    let folder = Folder::new("alertmanager");
    let config = config(&folder, &server.url());
    let hss = Simulate::start(&["--serverless", "120", "--snapshot-every", "2s"], &[]);
    let flags = hss.watched_each_second(&config);
    let state = folder.path().to_owned();
    let variables = [("HSS_TOP_TOKEN", "t"), ("XDG_STATE_HOME", state.as_str())];
    let mut pty = Pty::start(160, 40, &flags, &variables);
    pty.shows("FRESH");
    pty.until("the banner", |screen| screen.contains("! acknowledge"));
    pty.keys("!");
    pty.shows("alertmanager");
    pty.until("an alert there", |_| {
        !server.received.lock().unwrap().known.is_empty()
    });
    pty.quit();
    let (code, ..) = pty.ended();
    assert_eq!(code, 0);
    let (code, out, err) = run(&[&["alerts", "log"], &flags[..]].concat(), &variables);
    assert_eq!(code, Some(0), "{err}");
    let (_, schema, _) = run(&["schema", "alerts"], &[]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    for line in out.lines() {
        let line = serde_json::from_str(line).unwrap();
        assert_eq!(faults(&schema, &line, ""), [""; 0], "{line}");
    }
    assert!(
        out.contains("\"way\":\"alertmanager\"") && out.contains("\"result\":\"delivered\""),
        "{out}"
    );
}

#[test]
fn an_alert_is_dated_by_the_clock_of_the_server() {
    for (ahead, words) in [
        (600, "its clock is "),
        (-600, "its clock is "),
        (0, "it ends in 4 minutes\n"),
    ] {
        let server = LookAlike::start();
        server.received.lock().unwrap().ahead = Some(ahead);
        let folder = Folder::new("alertmanager");
        let config = config(&folder, &server.url());
        let test = [
            "alerts",
            "test",
            "--via",
            "alertmanager",
            "--rule",
            "risk",
            "--config",
            &config,
        ];
        let (code, out, err) = run(&test, &[]);
        assert!(code == Some(0) && out.contains(words), "{ahead}: {out}{err}");
        let which = if ahead < 0 {
            "behind this machine's"
        } else {
            "ahead of this machine's"
        };
        assert_eq!(out.contains(which), ahead != 0, "{out}");
        let received = server.received.lock().unwrap();
        let there = Clock::system().now() + SignedDuration::from_secs(ahead);
        let known: Vec<_> = received.known.values().collect();
        assert_eq!(known.len(), 1);
        let left = known[0].ends.duration_since(there).as_secs();
        assert!((180..=245).contains(&left), "{ahead}: ends in {left} s there");
        assert_eq!(received.requests.len(), if ahead == 0 { 1 } else { 2 });
    }
}

#[test]
fn a_test_says_of_each_way_what_became_of_it() {
    let server = LookAlike::start();
    let folder = Folder::new("alertmanager");
    let config = config(&folder, &server.url());
    let (code, out, err) = run(&["alerts", "test", "--rule", "risk", "--config", &config], &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    let place = server.address.to_string();
    assert!(
        out.contains("risk             banner        the dashboard shows it above its last line"),
        "{out}"
    );
    assert!(
        out.contains(&format!("risk             alertmanager  delivered to {place}")),
        "{out}"
    );
    let known = server.received.lock().unwrap().known.clone();
    assert!(known.values().all(|it| it.labels["namespace"] == "hss-top-test"));
    assert!(
        known.values().all(|it| it.labels.contains_key("pod")),
        "without a word about it"
    );
    server.received.lock().unwrap().scripted = vec![415];
    let (code, out, _) = run(
        &[
            "alerts",
            "test",
            "--via",
            "alertmanager",
            "--rule",
            "risk",
            "--config",
            &config,
        ],
        &[],
    );
    assert_eq!(code, Some(1));
    assert!(out.contains("FAILED: ") && out.contains("415"), "{out}");
    let (code, _, err) = run(&["alerts", "test", "--rule", "rsik", "--config", &config], &[]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("no alert rule has the name rsik; the rules are risk, failed"),
        "{err}"
    );
}

/// Like a daemon for webhooks that takes what none of its rules is about.
#[test]
fn a_test_repeats_what_a_server_says_that_takes_the_alert() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = std::io::Read::read(&mut stream, &mut [0; 8192]);
            let said = "Hook rules were not satisfied.\u{1b}[2J\n";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{said}",
                said.len()
            );
            let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    let folder = Folder::new("webhook");
    let rule = "[[alerts]]\nname = \"risk\"\non = \"risk\"\nvia = [\"webhook\", \"alertmanager\"]\n";
    let servers =
        format!("[webhook]\nurl = \"http://{address}/\"\n[alertmanager]\nurl = \"http://{address}\"\n");
    let config = folder.write("config.toml", &format!("{rule}{servers}"));
    let (code, out, err) = run(&["alerts", "test", "--config", &config], &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    let said = "; it answered: Hook rules were not satisfied.\\u{1b}[2J";
    assert!(out.contains(&format!("delivered to {address}{said}\n")), "{out}");
    assert!(
        out.contains(&format!("delivered to {address}; it ends in 4 minutes{said}\n")),
        "{out}"
    );
}

/// An alert of this name from one minute to another, from now.
fn posted(name: &str, from: i64, to: i64) -> Value {
    json!({
        "labels": {"alertname": name},
        "annotations": {"summary": "x"},
        "startsAt": minutes_from_now(from).to_string(),
        "endsAt": minutes_from_now(to).to_string(),
    })
}

fn minutes_from_now(minutes: i64) -> Timestamp {
    let now = Clock::system().now();
    let whole = Timestamp::from_second(now.as_second() / 3600 * 3600).unwrap();
    // Within an hour all cases use the same times; the ends are far enough ahead to be there at its end too.
    whole.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn with(mut alert: Value, key: &str, value: Value) -> Value {
    alert[key] = value;
    alert
}

/// What is posted, with which answer, and what it knows then: the minute of its start, and its summary.
type Case = (
    &'static str,
    Vec<Value>,
    (u16, &'static str),
    Vec<(&'static str, i64, &'static str)>,
);

/// How an Alertmanager has to take what it gets.
fn cases() -> Vec<Case> {
    let long = 600;
    vec![
        (
            "good",
            vec![json!([posted("a", 0, long)])],
            (200, ""),
            vec![("a", 0, "x")],
        ),
        (
            "a bad one among good ones",
            vec![json!([
                posted("b", 0, long),
                posted("worse", 10, 0),
                posted("c", 0, long)
            ])],
            (400, "start time must be before end time"),
            vec![("b", 0, "x"), ("c", 0, "x")],
        ),
        (
            "again with a later start",
            vec![json!([posted("d", -30, long)]), json!([posted("d", -10, long)])],
            (200, ""),
            vec![("d", -30, "x")],
        ),
        (
            "again without annotations",
            vec![
                json!([posted("e", 0, long)]),
                json!([with(posted("e", 0, long), "annotations", json!({}))]),
            ],
            (200, ""),
            vec![("e", 0, "")],
        ),
        (
            "a name with a hyphen",
            vec![json!([with(
                posted("f", 0, long),
                "labels",
                json!({"alertname": "f", "a-b": "x"})
            )])],
            (400, "invalid"),
            vec![],
        ),
        (
            "a number as a label, beside a good one",
            vec![json!([
                posted("good", 0, long),
                with(posted("g", 0, long), "labels", json!({"alertname": "g", "n": 1}))
            ])],
            (400, "cannot unmarshal number"),
            vec![],
        ),
        (
            "no label",
            vec![json!([with(posted("h", 0, long), "labels", json!({}))])],
            (400, "at least one label pair required"),
            vec![],
        ),
        (
            "no labels at all, beside a good one",
            vec![json!([posted("i", 0, long), {"startsAt": minutes_from_now(0).to_string()}])],
            (422, "labels in body is required"),
            vec![],
        ),
        (
            "a link that is no URI",
            vec![json!([with(
                posted("j", 0, long),
                "generatorURL",
                json!("no uri")
            )])],
            (422, "must be of type uri"),
            vec![],
        ),
        (
            "an empty link and a line break",
            vec![json!([with(
                with(posted("k", 0, long), "generatorURL", json!("")),
                "labels",
                json!({"alertname": "k", "pod": "a\nb"})
            )])],
            (200, ""),
            vec![("k", 0, "x")],
        ),
        ("an empty list", vec![json!([])], (200, ""), vec![]),
        ("no list", vec![json!({})], (400, "parsing alerts body"), vec![]),
    ]
}

/// Whether what listens there takes all cases as it has to; `known` has what it knows.
fn takes_all_cases(address: SocketAddr, known: &dyn Fn() -> BTreeMap<String, (Timestamp, String)>) {
    for (case, requests, (status, said), wanted) in cases() {
        let before = known();
        let mut answer = (0, String::new());
        for request in requests {
            let body = request.to_string();
            answer = ask(address, "POST", "/api/v2/alerts", "application/json", &body);
        }
        let (answered, text) = answer;
        assert_eq!(answered, status, "{case}: {text}");
        assert!(text.contains(said), "{case}: {text}");
        let mut now = known();
        now.retain(|name, _| !before.contains_key(name));
        let wanted: BTreeMap<String, (Timestamp, String)> = wanted
            .into_iter()
            .map(|(name, starts, summary)| (name.to_owned(), (minutes_from_now(starts), summary.to_owned())))
            .collect();
        assert_eq!(now, wanted, "{case}");
    }
    let body = json!([posted("plain", 0, 600)]).to_string();
    let (status, text) = ask(address, "POST", "/api/v2/alerts", "text/plain", &body);
    assert_eq!(status, 415, "{text}");
}

#[test]
fn the_look_alike_takes_what_the_real_one_takes() {
    let server = LookAlike::start();
    let known = || {
        let received = server.received.lock().unwrap();
        let known = received.known.values().map(|it| {
            let summary = it.annotations["summary"].as_str().unwrap_or_default();
            (it.labels["alertname"].clone(), (it.starts, summary.to_owned()))
        });
        known.collect()
    };
    takes_all_cases(server.address, &known);
}

/// Debian's Alertmanager, ready.
fn real(name: &str, receiver: &Receiver) -> RealAlertmanager {
    let real = RealAlertmanager::start(name, receiver.address);
    within(20, "Alertmanager is ready", || real.is_ready());
    real
}

fn within(seconds: u32, what: &str, is_it: impl Fn() -> bool) {
    let is_there = (0..seconds * 10).any(|_| {
        let is_there = is_it();
        if !is_there {
            std::thread::park_timeout(Duration::from_millis(100));
        }
        is_there
    });
    assert!(is_there, "not within {seconds} s: {what}");
}

#[test]
#[ignore = "downloads a Debian package"]
fn the_real_one_takes_the_same() {
    let receiver = Receiver::start();
    let server = real("cases", &receiver);
    let known = || {
        let known = server.known().into_iter().map(|it| {
            let summary = it["annotations"]["summary"].as_str().unwrap_or_default();
            let starts = it["startsAt"].as_str().unwrap().parse().unwrap();
            let name = it["labels"]["alertname"].as_str().unwrap();
            (name.to_owned(), (starts, summary.to_owned()))
        });
        known.collect()
    };
    takes_all_cases(server.address, &known);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "downloads a Debian package"]
async fn of_a_batch_that_the_real_one_refuses_the_bad_one_is_found() {
    let receiver = Receiver::start();
    let server = real("batch", &receiver);
    let client = client_of(&format!("http://{}", server.address), None);
    let now = minutes_from_now(0);
    let pods: Vec<ToldAlert> = (0..20)
        .map(|number| ToldAlert {
            began: now,
            ..alert("a", &format!("c{number}"), 0, None)
        })
        .collect();
    let mut sent = round(&client, &pods, Clock::system().now());
    sent[7].ends = minute(-99);
    let labels = sent[7].labels.clone();
    let result = client.send(sent, &HashSet::new()).await;
    let RoundResult::Taken(bad) = result else {
        panic!("{result:?}")
    };
    assert_eq!(bad.len(), 1, "{bad:?}");
    assert_eq!(bad[0].0, labels);
    assert!(bad[0].1.contains("start time must be before end time"), "{bad:?}");
    assert_eq!(server.known().len(), 19);
}

/// From the simulator to the receiver of a real Alertmanager, through the dashboard.
#[test]
#[ignore = "downloads a Debian package"]
fn the_real_one_tells_a_receiver_of_the_beginning_and_the_end_with_the_same_labels() {
    let receiver = Receiver::start();
    let server = real("whole", &receiver);
    let folder = Folder::new("alertmanager");
    let config = config(&folder, &format!("http://{}", server.address));
    let hss = Simulate::start(&["--serverless", "120", "--snapshot-every", "2s"], &[]);
    let flags = hss.watched_each_second(&config);
    let state = folder.path().to_owned();
    let variables = [("HSS_TOP_TOKEN", "t"), ("XDG_STATE_HOME", state.as_str())];
    let mut pty = Pty::start(160, 40, &flags, &variables);
    pty.shows("FRESH");
    let told = |status: &str| -> Vec<Value> {
        let alerts = receiver.alerts.lock().unwrap().clone();
        let of_status = alerts.into_iter().filter(|alert| alert["status"] == status);
        of_status.collect()
    };
    let is_over = || {
        told("resolved").iter().any(|over| {
            told("firing")
                .iter()
                .any(|firing| firing["labels"] == over["labels"] && firing["startsAt"] == over["startsAt"])
        })
    };
    within(90, "an alert is told, and its end", is_over);
    let over = told("resolved").remove(0);
    for key in ["alertname", "rule", "severity", "project", "cluster", "namespace"] {
        assert!(over["labels"][key].is_string(), "{key}: {over}");
    }
    assert!(
        over["annotations"]["summary"].is_string(),
        "its end says what it was: {over}"
    );
    pty.quit();
    pty.ended();

    // What lasts has the same start after a restart.
    let starts = |server: &RealAlertmanager| -> BTreeMap<String, (Value, Value)> {
        let known = server.known().into_iter();
        let known = known.map(|it| {
            let fingerprint = it["fingerprint"].as_str().unwrap().to_owned();
            (fingerprint, (it["startsAt"].clone(), it["updatedAt"].clone()))
        });
        known.collect()
    };
    let before = starts(&server);
    assert!(!before.is_empty(), "something lasts");
    let mut again = Pty::start(160, 40, &flags, &variables);
    within(60, "an alert of before is sent again", || {
        let now = starts(&server);
        let sent_again = now.iter().filter(|(alert, (start, updated))| {
            before
                .get(*alert)
                .is_some_and(|(old, before)| old == start && before != updated)
        });
        sent_again.count() > 0
    });
    again.quit();
    again.ended();
}
