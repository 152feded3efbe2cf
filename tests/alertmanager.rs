//! What Alertmanager gets, against a look-alike that is as strict as the real one.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use hss_top::alerts::{AlertFinding, AlertSeverity, ToldAlert};
use hss_top::clock::Clock;
use hss_top::hss::Endpoint;
use hss_top::hss::transport::tls::Trust;
use hss_top::sinks::alertmanager::{Alertmanager, RoundResult};
use hss_top::sinks::body::AlertOrigin;
use hss_top::sinks::http::SinkSecret;
use hss_top::sinks::{AlertmanagerSetup, ServerSetup};
use jiff::Timestamp;
use support::alertmanager::LookAlike;
use support::pty::Pty;
use support::run::{Folder, run};
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
        seen: minute(began),
        ended: ended.map(minute),
    }
}

fn client(server: &LookAlike, secret: Option<SinkSecret>) -> Alertmanager {
    let setup = AlertmanagerSetup {
        server: ServerSetup {
            endpoint: Endpoint::parse(&server.url(), false).unwrap(),
            trust: Arc::new(Trust::default()),
            secret,
        },
        has_pod_label: false,
        link: Some("https://console.example.com/hss".to_owned()),
    };
    let origin = AlertOrigin {
        project: "p1".to_owned(),
        region: "cn-north-4".to_owned(),
    };
    Alertmanager::of(&setup, origin, &Clock::fixed(minute(0)))
}

#[tokio::test]
async fn an_alert_lasts_with_the_same_labels_and_start_and_ends_with_what_was_said_of_it() {
    let server = LookAlike::start();
    let client = client(&server, None);
    let mut pods = vec![
        alert("a", "c1", 0, None),
        alert("b", "c1", 2, None),
        alert("x", "c2", 1, None),
    ];
    let sent = client.alerts(&pods, minute(3));
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
    assert_eq!((first.starts, first.ends), (minute(0), minute(7)));
    assert_eq!(first.annotations["summary"], "2 new risks: a, b");
    assert_eq!(first.labels["alertname"], "HssPodRisk");
    assert!(!first.labels.contains_key("pod"), "{:?}", first.labels);
    // The first one is well again; the other still lasts.
    pods[0].ended = Some(minute(4));
    let still = client.alerts(&pods, minute(5));
    assert!(
        still[0].json["endsAt"]
            .as_str()
            .unwrap()
            .parse::<Timestamp>()
            .unwrap()
            > minute(5)
    );
    pods[1].ended = Some(minute(6));
    let over = client.alerts(&pods, minute(7));
    assert_eq!(over[0].json["endsAt"], minute(6).to_string());
    assert_eq!(over[0].json["annotations"]["pods"], "a, b");
    assert_eq!(over[0].json["generatorURL"], "https://console.example.com/hss");
    assert_eq!(over[0].labels, client.alerts(&pods[..2], minute(99))[0].labels);
    client.send(over, &HashSet::new()).await;
    let received = server.received.lock().unwrap();
    assert_eq!(received.requests, [(200, 2), (200, 2)], "one request a round");
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
        .send(client.alerts(&pods, minute(1)), &HashSet::new())
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
    let again = client.send(client.alerts(&pods, minute(2)), &refused).await;
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
            .send(client.alerts(&pods, minute(1)), &HashSet::new())
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
    let client = client(&server, Some(SinkSecret::Token(token.clone().into())));
    let pods = [alert("a", "c", 0, None)];
    client
        .send(client.alerts(&pods, minute(1)), &HashSet::new())
        .await;
    folder.write("token", "canary-token-2\n");
    server.received.lock().unwrap().scripted.push(500);
    let failed = client
        .send(client.alerts(&pods, minute(1)), &HashSet::new())
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
        .send(client.alerts(&pods, minute(1)), &HashSet::new())
        .await
    else {
        panic!("taken without a token");
    };
    assert!(why.contains("No such file"), "{why}");
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
    let flags = [
        "--endpoint",
        &hss.url,
        "--project-id",
        "p-1",
        "--calls-per-minute",
        "1000",
        "--interval",
        "1s",
        "--config",
        &config,
    ];
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
    assert!(
        out.lines()
            .all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok())
    );
    assert!(
        out.contains("\"way\":\"alertmanager\"") && out.contains("\"result\":\"delivered\""),
        "{out}"
    );
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
        out.contains("risk             banner        the dashboard shows it in its last line"),
        "{out}"
    );
    assert!(
        out.contains(&format!("risk             alertmanager  delivered to {place}")),
        "{out}"
    );
    let known = server.received.lock().unwrap().known.clone();
    assert!(known.values().all(|it| it.labels["namespace"] == "hss-top-test"));
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
    assert_eq!(code, Some(3));
    assert!(
        err.contains("no alert rule has the name rsik; the rules are risk, failed"),
        "{err}"
    );
}
