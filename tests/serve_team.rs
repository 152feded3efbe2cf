//! What a collector shares with a team: its state, its changes, and decisions.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::run::{Folder, run};
use support::schema::faults;
use support::scripted::{Scripted, Step};
use support::serving::{Answered, Serving};
use tokio::time::Instant;

const DEMO: [&str; 3] = ["--demo", "--pods", "300"];
const READS: &str = "canary-reads-0123456789";
const DECIDES: &str = "canary-decides-0123456789";

fn object(answer: &Answered) -> Value {
    let is_plain = answer
        .body
        .bytes()
        .all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte));
    assert!(is_plain, "{}", answer.head);
    serde_json::from_str(&answer.body).unwrap_or_else(|error| unreachable!("{error}: {answer:?}"))
}

/// Now, in milliseconds.
fn now() -> i64 {
    hss_top::clock::Clock::system().now().as_millisecond()
}

fn ack(finding: &str) -> Value {
    json!({ "who": "ops-a", "at": now(), "pod": "id\u{0}a", "finding": finding, "until": null, "undone": null })
}

fn mute(filter: &str) -> Value {
    json!({ "who": "ops-b", "at": now(), "target": { "filter": filter }, "ends": "never", "until": null, "undone": null })
}

fn body(record: &Value) -> String {
    json!({ "records": [record] }).to_string()
}

/// The description, with what it refers to in place.
fn described() -> Value {
    fn filled(value: &Value, all: &Value) -> Value {
        if let Some(name) = value.get("$ref").and_then(Value::as_str) {
            return filled(all.pointer(name.trim_start_matches('#')).unwrap(), all);
        }
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), filled(member, all)))
                .collect(),
            Value::Array(items) => items.iter().map(|item| filled(item, all)).collect(),
            other => other.clone(),
        }
    }
    let (code, out, err) = run(&["schema", "openapi"], &[]);
    assert_eq!(code, Some(0), "{err}");
    let all: Value = serde_json::from_str(&out).unwrap();
    filled(&all, &all)
}

/// What is wrong with an answer by the description.
fn unlike(described: &Value, path: &str, method: &str, answer: &Answered) -> Vec<String> {
    let responses = &described["paths"][path][method]["responses"];
    let response = &responses[answer.status.to_string()];
    let schema = &response["content"]["application/json"]["schema"];
    assert!(
        schema.is_object(),
        "{method} {path} {}: not described",
        answer.status
    );
    faults(schema, &object(answer), path)
}

#[test]
fn every_path_of_the_team_answers_as_it_is_described() {
    let described = described();
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    serving.post("/v1/acks", &body(&ack("dd23e1be204952fe")), "");
    serving.post("/v1/mutes", &body(&mute("ns:load-*")), "");
    let listed = serving.get("/nothing").body;
    let paths = described["paths"].as_object().unwrap();
    assert_eq!(listed.matches("GET /v1/").count(), paths.len(), "{listed}");
    for (path, methods) in paths {
        assert!(listed.contains(&format!("GET {path} ")), "{path}: {listed}");
        let takes_posts = listed.contains(&format!("POST {path}\n"));
        assert_eq!(methods.get("post").is_some(), takes_posts, "{path}");
        let mut answers = vec![("get", serving.get(path))];
        if path != "/v1/openapi.json" && path != "/v1/state" {
            answers.push(("get", serving.get(&format!("{path}?limit=0"))));
        }
        if takes_posts {
            answers.push(("post", serving.post(path, "{}", "")));
            answers.push(("post", serving.post(path, "{\"records\":[]}", "")));
            answers.push(("post", serving.post(path, "no json", "")));
            answers.push(("post", serving.post(path, &"x".repeat(200_000), "")));
            answers.push((
                "post",
                serving.post(path, "{\"records\":[]}", "Origin: http://evil.example\r\n"),
            ));
        }
        for (method, answer) in answers {
            assert_eq!(unlike(&described, path, method, &answer), [""; 0], "{answer:?}");
        }
    }
    let served = serving.get("/v1/openapi.json");
    assert_eq!(object(&served)["openapi"], "3.1.0");
}

#[test]
fn a_decision_is_there_for_all_and_survives_a_restart() {
    let state = Folder::new("team-state");
    let simulated = support::simulate::Simulate::start(&["--pods", "50"], &[]);
    let start = || {
        let variables = [("HSS_TOP_TOKEN", "canary-t"), ("XDG_STATE_HOME", state.path())];
        Serving::start(&["--endpoint", &simulated.url, "--project-id", "p"], &variables)
    };
    let serving = start();
    serving.until("/readyz", |answer| answer.status == 200);
    let (one, two) = (ack("dd23e1be204952fe"), ack("00000000000000ff"));
    for (record, added) in [(&one, 1), (&one, 0), (&two, 1)] {
        let answer = serving.post("/v1/acks", &body(record), "");
        assert_eq!(
            (answer.status, object(&answer)["added"].as_u64()),
            (200, Some(added)),
            "{answer:?}"
        );
    }
    serving.post("/v1/mutes", &body(&mute("ns:load-*")), "");
    let before = object(&serving.get("/v1/acks"));
    assert_eq!(before["total"], 2);
    let mut undone = one.clone();
    undone["undone"] = (now() + 1).into();
    assert_eq!(object(&serving.post("/v1/acks", &body(&undone), ""))["undone"], 1);
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0));
    let serving = start();
    let after = serving.until("/v1/acks", |answer| answer.status == 200);
    let after = object(&after);
    assert_eq!(after["total"], 2);
    for at in [0, 1] {
        assert_eq!(after["records"][at]["id"], before["records"][at]["id"]);
    }
    assert!(after["records"][0]["undone"].is_i64() && after["records"][1]["undone"].is_null());
    assert_eq!(
        object(&serving.get("/v1/mutes"))["records"][0]["target"]["filter"],
        "ns:load-*"
    );
}

#[test]
fn only_the_deciding_token_decides_and_no_web_page_does() {
    let folder = Folder::new("team-tokens");
    let (reads, decides) = (folder.write("reads", READS), folder.write("decides", DECIDES));
    let tokens = ["--client-token-file", &reads, "--deciding-token-file", &decides];
    let serving = Serving::start_at("0.0.0.0:0", &[&DEMO[..], &tokens].concat(), &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    let record = body(&ack("dd23e1be204952fe"));
    for (token, read, decided) in [
        (READS, 200, 403),
        (DECIDES, 200, 200),
        ("canary-other-0123456789", 401, 401),
    ] {
        let token = format!("X-Auth-Token: {token}\r\n");
        for path in [
            "/v1/state",
            "/v1/changes",
            "/v1/acks",
            "/v1/mutes",
            "/v1/openapi.json",
        ] {
            assert_eq!(serving.ask("GET", path, &token).status, read, "{path}");
        }
        assert_eq!(
            serving.post("/v1/acks", &record, &token).status,
            decided,
            "{token}"
        );
    }
    let right = format!("Authorization: Bearer {DECIDES}\r\n");
    let from_a_page = format!("{right}Origin: http://127.0.0.1:9464\r\n");
    assert_eq!(serving.post("/v1/acks", &record, &from_a_page).status, 403);
    let as_text = format!("{right}Content-Type: text/plain\r\nContent-Length: 0\r\n");
    assert_eq!(serving.ask("POST", "/v1/acks", &as_text).status, 415);
    assert_eq!(serving.post("/v1/changes", &record, &right).status, 405);
    assert_eq!(serving.post("/metrics", &record, &right).status, 405);
    serving.signal("TERM");
    let (code, said) = serving.end();
    assert!(code == Some(0) && !said.contains("canary"), "{said}");
}

#[test]
fn the_doctor_knows_a_collector_and_says_what_follows_from_it() {
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    let url = format!("http://{}", serving.address);
    let flags = ["doctor", "--endpoint", &url, "--project-id", "demo-project"];
    let (code, out, err) = run(&flags, &[("HOME", "/tmp"), ("HSS_TOP_TOKEN", "canary-t")]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for line in [
        " from an hss-top collector, which is FRESH",
        "skipped  clock               an hss-top collector answered, not HSS",
        "skipped  permission          an hss-top collector answered, not HSS",
        "ok       limits              none: a collector answers from what it has",
        "skipped  calls left          an hss-top collector answered, not HSS",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
}

/// Runs `hss-top mutes` on a machine with this folder, at this collector and with this token.
fn mutes(folder: &Folder, address: &str, token: &str, command: &[&str]) -> (Option<i32>, String, String) {
    let url = format!("http://{address}");
    let place = ["--endpoint", url.as_str(), "--project-id", "demo-project"];
    let set = [
        ("XDG_STATE_HOME", folder.path()),
        ("HSS_TOP_TOKEN", token),
        ("USER", "ops-c"),
    ];
    run(&[&["mutes"], command, &place].concat(), &set)
}

/// The filters of the listed mutes, and their numbers.
fn listed(out: &str) -> Vec<(String, String)> {
    let records = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of = |record: Value| {
        (
            record["filter"].as_str().unwrap().to_owned(),
            record["number"].to_string(),
        )
    };
    records.map(of).collect()
}

#[test]
fn mutes_without_a_screen_are_those_of_the_collector() {
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/v1/mutes", |answer| answer.status == 200);
    let address = serving.address.to_string();
    let list = ["list", "--output", "jsonl"];
    let [one, other] = [Folder::new("mutes-one"), Folder::new("mutes-other")];
    let (code, out, err) = mutes(&one, &address, "none", &list);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (Some(0), "", "hss-top: there are no mutes\n")
    );
    let (code, out, err) = mutes(&one, &address, "none", &["list", "--output", "jsonl", "--quiet"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));

    assert_eq!(serving.post("/v1/mutes", &body(&mute("ns:x")), "").status, 200);
    let (code, out, err) = mutes(&one, &address, "none", &list);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(listed(&out), [("ns:x".to_owned(), "1".to_owned())]);
    let record: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (record["project"].as_str(), record["region"].as_str()),
        (Some("demo-project"), Some(address.as_str()))
    );

    let (code, _, err) = mutes(
        &one,
        &address,
        "none",
        &["add", "ns:payments", "--until", "worse"],
    );
    let took = format!("hss-top: the collector {address} took 1 decision\n");
    assert!(code == Some(0) && err.ends_with(&took), "{err}");
    let page = object(&serving.get("/v1/mutes"));
    assert_eq!(page["total"], 2, "{page}");
    assert_eq!(page["records"][1]["target"]["filter"], "ns:payments");

    // Another machine sees both, and ends one of them for all.
    let (_, out, _) = mutes(&other, &address, "none", &list);
    let numbers = listed(&out);
    assert_eq!(numbers.len(), 2, "{out}");
    let number = &numbers
        .iter()
        .find(|(filter, _)| filter == "ns:payments")
        .unwrap()
        .1;
    let (code, _, err) = mutes(&other, &address, "none", &["expire", number]);
    assert!(code == Some(0) && err.ends_with(&took), "{err}");
    assert!(object(&serving.get("/v1/mutes"))["records"][1]["undone"].is_i64());
    let (_, out, _) = mutes(&one, &address, "none", &list);
    assert_eq!(listed(&out), [("ns:x".to_owned(), "1".to_owned())]);

    // What is decided while it is away is sent later.
    drop(serving);
    let (code, _, err) = mutes(&one, &address, "none", &["add", "ns:late"]);
    assert!(
        code == Some(5)
            && err.contains("cannot be asked for the mutes of a team")
            && err.contains("mute 3 is active"),
        "{code:?} {err}"
    );
    let (code, out, _) = mutes(&one, &address, "none", &list);
    assert_eq!((code, listed(&out).len()), (Some(5), 2));
    // A machine where nothing is saved gets the same exit code: the collector may have what it asks for.
    let new = Folder::new("mutes-new");
    for command in [&list[..], &["expire", "1"]] {
        let (code, out, err) = mutes(&new, &address, "none", command);
        assert_eq!((code, out.as_str()), (Some(5), ""), "{err}");
    }
    let again = Serving::start_at(&address, &DEMO, &[]);
    again.until("/v1/mutes", |answer| answer.status == 200);
    let (code, out, err) = mutes(&one, &address, "none", &list);
    assert_eq!((code, listed(&out).len()), (Some(0), 2), "{err}");
    let page = object(&again.get("/v1/mutes"));
    let filters: Vec<_> = page["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["target"]["filter"].clone())
        .collect();
    assert!(filters.contains(&"ns:late".into()), "{page}");
}

#[test]
fn mutes_without_a_screen_say_what_a_token_of_a_collector_does_not_allow() {
    let folder = Folder::new("mutes-tokens");
    let (reads, decides) = (folder.write("reads", READS), folder.write("decides", DECIDES));
    let tokens = ["--client-token-file", &reads, "--deciding-token-file", &decides];
    let serving = Serving::start(&[&DEMO[..], &tokens].concat(), &[]);
    let address = serving.address.to_string();
    let header = format!("Authorization: Bearer {READS}\r\n");
    let total = || object(&serving.ask("GET", "/v1/mutes", &header))["total"].clone();
    let state = |name: &str| Folder::new(name);
    let (code, out, err) = mutes(&state("mutes-reads"), &address, READS, &["list"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "no mutes\n", ""));
    let (code, _, err) = mutes(&state("mutes-reads"), &address, READS, &["add", "ns:a"]);
    assert!(
        code == Some(3) && err.contains("this token can only read; it holds on this machine"),
        "{code:?} {err}"
    );
    let (code, _, err) = mutes(&state("mutes-wrong"), &address, "canary-wrong", &["add", "ns:a"]);
    assert!(
        code == Some(3) && err.contains("cannot be asked for the mutes of a team") && !err.contains("canary"),
        "{code:?} {err}"
    );
    let (code, _, err) = mutes(&state("mutes-none"), &address, "", &["add", "ns:a"]);
    assert!(
        code == Some(3) && err.contains("no credential is set"),
        "{code:?} {err}"
    );
    assert_eq!(total(), 0);
    let (code, _, err) = mutes(&state("mutes-decides"), &address, DECIDES, &["add", "ns:a"]);
    assert_eq!((code, total()), (Some(0), 1.into()), "{err}");
}

#[test]
fn decisions_of_strangers_are_safe_to_show() {
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/v1/acks", |answer| answer.status == 200);
    let mut record = ack("dd23e1be204952fe");
    record["who"] = "ops\u{1b}]0;x\u{7}\u{202e}".into();
    assert_eq!(serving.post("/v1/acks", &body(&record), "").status, 200);
    let who = object(&serving.get("/v1/acks"))["records"][0]["who"].clone();
    let who = who.as_str().unwrap();
    assert!(
        who.starts_with("ops") && !who.contains(['\u{1b}', '\u{7}', '\u{202e}']),
        "{who:?}"
    );
    record["who"] = "x".repeat(257).into();
    assert_eq!(serving.post("/v1/acks", &body(&record), "").status, 400);
}

#[test]
fn a_client_that_waits_is_told_when_something_moves_and_not_before() {
    let serving = Serving::start(&DEMO, &[]);
    serving.until("/readyz", |answer| answer.status == 200);
    // Until the first sweep's last words.
    let settled = serving.until("/v1/state", |answer| {
        let first = object(answer);
        let tag = first["tag"].as_str().unwrap();
        first["state"] != "LOADING"
            && object(&serving.get(&format!("/v1/state?seen={tag}&wait=1")))["tag"] == *tag
    });
    let settled = object(&settled);
    assert!(settled["total_num"].as_u64() >= Some(300), "{settled}");
    let target = format!("/v1/state?seen={}&wait=20", settled["tag"].as_str().unwrap());
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    let answer = object(&serving.get(&target));
                    (answer, Instant::now())
                })
            })
            .collect();
        // A page is answered while they wait.
        assert_eq!(serving.get("/v5/demo-project/kubernetes/pods").status, 200);
        assert!(waiting.iter().all(|thread| !thread.is_finished()));
        let sent = Instant::now();
        assert_eq!(serving.post("/v1/mutes", &body(&mute("ns:x")), "").status, 200);
        for thread in waiting {
            let (answer, at) = thread.join().unwrap();
            assert_eq!(
                answer["journal"].as_u64(),
                settled["journal"].as_u64().map(|count| count + 1)
            );
            assert!(at - sent < Duration::from_secs(5), "{:?}", at - sent);
        }
    });
    // Whoever waits does not delay the end.
    let tag = object(&serving.get("/v1/state"))["tag"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut stream = serving.connect();
    let request = format!("GET /v1/state?seen={tag}&wait=20 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    // Its request is there before the signal.
    std::thread::park_timeout(Duration::from_millis(300));
    let begun = Instant::now();
    serving.signal("TERM");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(serving.end().0, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_have_the_ids_that_watch_prints() {
    let page = |status: &str, ms: u64| {
        let pod = format!(
            r#"{{"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"c","status":"{status}"}}"#
        );
        let body = format!(r#"{{"total_num":1,"last_update_time":{ms},"data_list":[{pod}]}}"#);
        Step::json("200 OK", &body)
    };
    let steps = vec![
        page("Running", 1_755_250_215_618),
        page("Failed", 1_755_253_815_618),
    ];
    let server = Scripted::start(steps).await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let serving = Serving::of(&url, &["--interval", "1s", "--calls-per-minute", "600"]);
        let page = serving.until("/v1/changes", |answer| object(answer)["total"] == 1);
        let page = object(&page);
        let change = &page["records"][0];
        assert_eq!(
            (&change["kind"], &change["to"]),
            (&"status".into(), &"Failed".into())
        );
        assert_eq!(change["after"], 1_755_253_815_618_i64);
        let last = page["last"].as_str().unwrap();
        let next = object(&serving.get(&format!("/v1/changes?after={last}")));
        assert_eq!(
            (&next["records"], &next["lost_place"]),
            (&json!([]), &false.into())
        );
    })
    .await
    .unwrap();
}
