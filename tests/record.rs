//! `hss-top record` and `--replay`: the binary records a service that fails in many ways, and shows the recording
//! without a network, without a credential, and without a trace in the saved state.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use support::answering::{Answering, number};
use support::child::Running;
use support::pty::Pty;
use support::run::{Folder, run};
use support::schema::faults;
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-token-8d2f5a1b9c3e");
/// A project's id, a domain's, and what the fleet of the tests names.
const PROJECT: &str = "05b0d1c8a2800f3d2f2ac01d3c8a4e21";
const DOMAIN: &str = "99b0d1c8a2800f3d2f2ac01d3c8a4e99";
const NAMES: [&str; 8] = [
    "canary-api",
    "canary-pay",
    "canary-prod",
    "canary-node",
    "10.77.1.",
    "10.88.2.",
    "canary-id",
    "cn-canary-1",
];

/// A page of a fleet of this many pods.
fn page(total: usize, head: &str) -> String {
    let now = hss_top::clock::Clock::system().now().as_millisecond();
    let offset = number(head, "offset").unwrap_or(0);
    let limit = number(head, "limit").unwrap_or(200);
    let pods: Vec<String> = (offset..total.min(offset + limit))
        .map(|at| {
            format!(
                r#"{{"id":"canary-id-{at}","pod_name":"canary-api-{at}","namespace_name":"canary-pay-{}",
                "cluster_name":"canary-prod","cluster_id":"canary-id-c","node_name":"canary-node-1","pod_ip":"10.77.1.{at}",
                "node_ip":"10.88.2.1","region_id":"cn-canary-1","status":"Running","cpu":"{at}m","memory":"1Mi",
                "domain_id":"{DOMAIN}","token":"{}"}}"#,
                at % 3,
                TOKEN.1
            )
        })
        .collect();
    // The list keeps its date for a minute, so that a sweep does not start again.
    let updated = now - now % 600_000;
    format!(
        r#"{{"total_num":{total},"last_update_time":{updated},"data_list":[{}]}}"#,
        pods.join(",")
    )
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let headers = format!(
        "Content-Type: application/json\r\nX-Request-Id: 0123456789abcdef\r\nSet-Cookie: canary-session=1\r\n{headers}"
    );
    Step::http(status, &headers, body).bytes()
}

/// 25 pods in three pages, of a service that is throttled, fails, breaks off and is slow before it answers.
async fn troubled() -> Answering {
    let tried = Mutex::new(std::collections::HashMap::<usize, usize>::new());
    Answering::start(move |_, head| {
        let offset = number(head, "offset").unwrap_or(0);
        let mut tried = tried.lock().unwrap();
        let times = tried.entry(offset).or_default();
        *times += 1;
        let error = |code: &str| {
            format!(
                r#"{{"error_code":"{code}","error_msg":"{} of canary-pay-0 in domain {DOMAIN}","request_id":"0123456789abcdef"}}"#,
                TOKEN.1
            )
        };
        match (offset, *times) {
            (0, 1) => answer("429 Too Many Requests", "Retry-After: 1\r\n", &error("APIG.0308")),
            (10, 1) => answer("500 Internal Server Error", "", &error("HSS.0500")),
            (20, 1) => {
                let whole = answer("200 OK", "", &page(25, head));
                whole.get(..whole.len() - 40).unwrap().to_vec()
            }
            _ => answer("200 OK", "", &page(25, head)),
        }
    })
    .await
}

fn flags<'a>(command: &[&'a str], url: &'a str) -> Vec<&'a str> {
    let place = [
        "--endpoint",
        url,
        "--project-id",
        PROJECT,
        "--page-size",
        "10",
        "--calls-per-minute",
        "600",
    ];
    [command, &place].concat()
}

/// Runs it in a thread, because the server of the test runs in the others.
async fn ran(words: Vec<&str>, variables: &[(&'static str, &str)]) -> (Option<i32>, String, String) {
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    let variables: Vec<(&'static str, String)> = variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let work = move || {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        run(&words, &variables)
    };
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// The text of a recording, decompressed.
fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*bytes)
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn sorted(lines: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_troubled_service_answered_is_listed_again_without_it() {
    let (hss, folder) = (troubled().await, Folder::new("record"));
    let (path, state) = (folder.join("r.jsonl.gz"), folder.join("state"));
    let (path_text, state_text) = (path.display().to_string(), state.display().to_string());
    let state_home = ("XDG_STATE_HOME", state_text.as_str());
    let recorded = ran(
        flags(&["record", "--out", &path_text], &hss.url()),
        &[TOKEN, state_home],
    )
    .await;
    assert_eq!(recorded.0, Some(0), "{recorded:?}");
    assert!(
        recorded.2.contains("hss-top: recorded 6 calls in "),
        "{}",
        recorded.2
    );
    assert!(recorded.2.contains("--mask") && recorded.2.contains(&format!("hss-top --replay {path_text}")));
    assert_eq!(mode(&path), 0o600);
    let lines: Vec<Value> = text(&path)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<_> = lines.iter().filter_map(|line| line["status"].as_u64()).collect();
    assert_eq!(statuses, [429, 200, 500, 200, 200, 200], "{statuses:?}");
    assert!(lines.iter().any(|line| line["error"]["kind"] == "incomplete"));
    let (_, schema, _) = ran(vec!["schema", "recording"], &[]).await;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    for (at, line) in lines.iter().enumerate() {
        let kind = if at == 0 {
            0
        } else {
            1 + usize::from(line.get("end").is_some())
        };
        assert_eq!(faults(&schema["oneOf"][kind], line, "line"), Vec::<String>::new());
    }

    let live = ran(flags(&["list", "--output", "name"], &hss.url()), &[TOKEN]).await;
    drop(hss);
    for output in ["name", "json"] {
        let began = tokio::time::Instant::now();
        let replayed = ran(
            vec!["list", "--replay", &path_text, "--output", output],
            &[state_home],
        )
        .await;
        assert_eq!(replayed.0, Some(0), "{replayed:?}");
        assert!(
            replayed
                .2
                .contains("this is a replay: the answers were recorded at 20"),
            "{}",
            replayed.2
        );
        assert!(began.elapsed() < Duration::from_secs(20), "nothing is waited for");
        if output == "name" {
            assert_eq!(
                (sorted(&replayed.1).len(), sorted(&replayed.1)),
                (25, sorted(&live.1))
            );
        }
    }
    let check = ran(
        vec!["check", "--replay", &path_text, "--fail-on", "ns:canary-pay-1"],
        &[],
    )
    .await;
    assert_eq!(check.0, Some(1), "{check:?}");
    let report = ran(vec!["report", "--replay", &path_text, "--quiet"], &[state_home]).await;
    assert_eq!((report.0, report.2.as_str()), (Some(0), ""), "{report:?}");
    assert!(
        !state.join("hss-top").exists() || fs::read_dir(state.join("hss-top")).unwrap().count() == 0,
        "state"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_with_mask_no_name_is_in_the_file() {
    let folder = Folder::new("record-canary");
    for (file, mask) in [
        ("open.jsonl", false),
        ("masked.jsonl", true),
        ("masked.jsonl.gz", true),
    ] {
        let hss = troubled().await;
        let path = folder.join(file);
        let path_text = path.display().to_string();
        let mut words = flags(&["record", "--out", &path_text], "");
        let url = hss.url();
        words[4] = &url;
        if mask {
            words.push("--mask");
        }
        let recorded = ran(words, &[TOKEN]).await;
        assert_eq!(recorded.0, Some(0), "{recorded:?}");
        let text = text(&path);
        for secret in [
            TOKEN.1,
            "canary-token",
            "canary-session",
            PROJECT,
            DOMAIN,
            "X-Auth-Token",
            "uthorization",
        ] {
            assert!(!text.contains(secret), "{secret} is in {file}");
        }
        for name in NAMES {
            assert_eq!(text.contains(name), !mask, "{name} in {file}");
        }
        assert!(!mask || !text.contains("127.0.0.1"), "the address of the service");
        let replayed = ran(
            vec!["list", "--replay", &path_text, "--output", "json", "--quiet"],
            &[],
        )
        .await;
        let list: Value = serde_json::from_str(&replayed.1).unwrap();
        let pods = list["pods"].as_array().unwrap();
        let namespaces: std::collections::HashSet<_> = pods
            .iter()
            .map(|pod| pod["namespace_name"].as_str().unwrap())
            .collect();
        assert_eq!(
            (pods.len(), namespaces.len(), &list["complete"]),
            (25, 3, &Value::Bool(true))
        );
        assert_eq!(namespaces.iter().all(|name| name.starts_with("ns-")), mask);
        // A name of the real project: one that this recording has, if its names are not masked.
        let real = if mask {
            "payments"
        } else {
            pods[0]["namespace_name"].as_str().unwrap()
        };
        let filter = format!("ns:{real}");
        let checked = vec!["check", "--replay", &path_text, "--fail-on", &filter];
        let (code, verdict, said) = ran(checked, &[]).await;
        let (expected, begin) = if mask {
            (
                4,
                "UNKNOWN: --fail-on: names are masked in this recording, so ns:payments cannot be judged",
            )
        } else {
            (1, "FINDINGS: ")
        };
        assert_eq!(
            (code, verdict.starts_with(begin)),
            (Some(expected), true),
            "{verdict}"
        );
        let is_told = said.contains("names are masked in this recording: real names match nothing");
        assert_eq!(is_told, mask, "{said}");
    }
}

#[test]
fn a_sign_in_leaves_its_outcome_and_no_word_of_it() {
    let (user, domain, password) = ("canary-user", "canary-domain", "canary-Passw0rd!xyz");
    let login = [
        ("HSS_TOP_IAM_USER", user),
        ("HSS_TOP_IAM_DOMAIN", domain),
        ("HSS_TOP_IAM_PASSWORD", password),
    ];
    let hss = Simulate::start(&["--pods", "30", "--serverless", "3"], &login);
    let folder = Folder::new("record-sign-in");
    let path = folder.join("r.jsonl").display().to_string();
    let words = [
        "record",
        "--out",
        &path,
        "--endpoint",
        &hss.url,
        "--iam-endpoint",
        &hss.url,
        "--region",
        "cn-north-4",
    ];
    let (code, _, err) = run(&words, &login);
    assert_eq!(code, Some(0), "{err}");
    let text = text(Path::new(&path));
    assert!(
        text.contains(r#""path":"/v3/auth/tokens","status":201}"#),
        "{text}"
    );
    for word in [user, domain, password, "subject"] {
        assert!(!text.contains(word), "{word}");
    }
    let (code, out, err) = run(&["list", "--replay", &path, "--output", "name", "--quiet"], &[]);
    assert_eq!((code, out.lines().count(), err.as_str()), (Some(0), 33, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_exists_is_only_replaced_on_request() {
    let (hss, folder) = (
        Scripted::start(vec![Step::json("200 OK", &page(3, ""))]).await,
        Folder::new("record-exists"),
    );
    let path = folder.write("r.jsonl", "mine");
    let url = hss.url();
    let refused = ran(flags(&["record", "--out", &path], &url), &[TOKEN]).await;
    let told = format!("hss-top: {path} already exists; choose another name, or --overwrite\n");
    assert_eq!(refused, (Some(1), String::new(), told));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert!(hss.requests().is_empty(), "nothing is asked for nothing");
    let replaced = ran(
        flags(&["record", "--overwrite", "--quiet", "--out", &path], &url),
        &[TOKEN],
    )
    .await;
    assert_eq!(replaced, (Some(0), String::new(), String::new()));
    assert!(text(Path::new(&path)).contains("\"exchanges\":1}"));
    assert_eq!(mode(Path::new(&path)), 0o600);
    for (out, code, told) in [
        ("/dev/full", 6, "is not a regular file"),
        (
            "/nonexistent/r.jsonl",
            6,
            "/nonexistent/r.jsonl: No such file or directory",
        ),
    ] {
        let refused = ran(flags(&["record", "--overwrite", "--out", out], &url), &[TOKEN]).await;
        assert_eq!(refused.0, Some(code), "{refused:?}");
        assert!(refused.2.contains(told), "{refused:?}");
    }
    assert_eq!(
        fs::read_dir(folder.dir()).unwrap().count(),
        1,
        "no part of a file is left"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_gets_the_same_lines_and_a_full_one_has_its_code() {
    let hss = Scripted::start(vec![Step::json("200 OK", &page(3, ""))]).await;
    let url = hss.url();
    let (code, out, err) = ran(flags(&["record", "--out", "-", "--quiet"], &url), &[TOKEN]).await;
    assert_eq!((code, err.as_str(), out.lines().count()), (Some(0), "", 3));
    let folder = Folder::new("record-pipe");
    let path = folder.write("r.jsonl", &out);
    let listed = ran(
        vec!["list", "--replay", &path, "--output", "name", "--quiet"],
        &[],
    )
    .await;
    assert_eq!((listed.0, listed.1.lines().count()), (Some(0), 3));
    let words: Vec<String> = flags(&["record", "--out", "-"], &url)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let full = move || {
        Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(words)
            .env_clear()
            .env(TOKEN.0, TOKEN.1)
            .stdin(Stdio::null())
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap()
    };
    let full = tokio::task::spawn_blocking(full).await.unwrap();
    let err = String::from_utf8(full.stderr).unwrap();
    assert_eq!(full.status.code(), Some(6), "{err}");
    assert!(
        err.contains("the recording cannot be written: No space left on device"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_file_in_order() {
    let hss = Answering::start(|_, head| answer("200 OK", "", &page(25, head))).await;
    let folder = Folder::new("record-signal");
    let path = folder.join("r.jsonl");
    let (path_text, url) = (path.display().to_string(), hss.url());
    let recording = Running::start(
        &flags(&["record", "--out", &path_text, "--for", "10m"], &url),
        &[TOKEN],
    );
    while hss.asked() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!path.exists(), "it appears when it is complete");
    let (code, _, err) = recording.end(rustix::process::Signal::TERM);
    assert_eq!(code, Some(143), "{err}");
    let text = text(&path);
    assert!(
        text.lines().last().unwrap().starts_with(r#"{"end":"signal""#),
        "{text}"
    );
    // The last of three calls may not have had its answer.
    let (code, _, err) = ran(vec!["list", "--replay", &path_text, "--output", "name"], &[]).await;
    assert!(matches!(code, Some(0 | 4)), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_of_failures_is_replayed_with_their_exit_codes() {
    let folder = Folder::new("record-failures");
    let refused = r#"{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication information"}"#;
    let server = Scripted::start(vec![Step::json("401 Unauthorized", refused)]).await;
    let (nobody, refusing) = ("http://127.0.0.1:9".to_owned(), server.url());
    for (name, url, code, told) in [
        ("offline", &nobody, 5, "cannot connect to 127.0.0.1:9: "),
        (
            "refused",
            &refusing,
            3,
            "HSS says: Incorrect IAM authentication information",
        ),
    ] {
        let path = folder.join(name).display().to_string();
        let words = flags(&["record", "--give-up-after", "0s", "--out", &path], url);
        let recorded = ran(words, &[TOKEN]).await;
        assert_eq!(recorded.0, Some(code), "{recorded:?}");
        assert!(recorded.2.contains(told), "{recorded:?}");
        let (replayed, _, err) = ran(vec!["list", "--replay", &path], &[]).await;
        let told = told.replace("127.0.0.1:9", "the recorded endpoint");
        assert_eq!(replayed, Some(code), "{err}");
        assert!(err.contains(&told), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_for_a_time_ends_with_the_time_whether_calls_fail_or_not() {
    let folder = Folder::new("record-time");
    let path = folder.join("r.jsonl").display().to_string();
    let words = flags(
        &["record", "--for", "1s", "--quiet", "--out", &path],
        "http://127.0.0.1:9",
    );
    let recorded = ran(words, &[TOKEN]).await;
    assert_eq!(recorded, (Some(0), String::new(), String::new()));
    let text = text(Path::new(&path));
    assert!(text.contains(r#""error":{"kind":"connect""#), "{text}");
    assert!(
        text.lines().last().unwrap().starts_with(r#"{"end":"time""#),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_is_said_and_a_damaged_file_names_its_line() {
    let hss = Scripted::start(vec![Step::json("200 OK", &page(3, ""))]).await;
    let (folder, url) = (Folder::new("record-damaged"), hss.url());
    let path = folder.join("r.jsonl").display().to_string();
    let recorded = ran(flags(&["record", "--quiet", "--out", &path], &url), &[TOKEN]).await;
    assert_eq!(recorded.0, Some(0), "{recorded:?}");
    // A profile and variables say whom to ask otherwise; a replay asks nobody.
    let other = [
        ("HSS_TOP_NAMESPACE", "x"),
        ("HSS_TOP_REGION", "nowhere"),
        ("HSS_TOP_PAGE_SIZE", "50"),
    ];
    let (code, out, _) = ran(vec!["list", "--replay", &path, "--output", "name"], &other).await;
    assert_eq!((code, out.lines().count()), (Some(0), 3));
    let (code, _, err) = ran(
        vec!["list", "--replay", &path, "--namespace", "x", "--quiet"],
        &[],
    )
    .await;
    assert_eq!(code, Some(4), "{err}");
    assert!(
        err.contains("the recording has no answer to GET /kubernetes/pods?limit=10&namespace_name=x"),
        "{err}"
    );
    assert!(err.contains("namespace_name=x"), "{err}");

    let good = fs::read_to_string(&path).unwrap();
    let cut = folder.write("cut.jsonl", good.get(..good.len() - 30).unwrap());
    let newer = folder.write("newer.jsonl", &good.replacen("recording\":1", "recording\":7", 1));
    let hostile = folder.write(
        "hostile.jsonl",
        &good.replacen("{\"at_ms\"", "\u{1b}[2J{\"at_ms\"", 1),
    );
    let cases = [
        (cut.as_str(), "cut.jsonl line 3: the recording is truncated"),
        (
            &newer,
            "newer.jsonl: this recording has version 7, but this hss-top reads version 1",
        ),
        (&hostile, "hostile.jsonl line 2: damaged: expected value"),
        ("/dev/zero", "/dev/zero: a recording must be a regular file"),
        ("/nonexistent", "/nonexistent: No such file or directory"),
    ];
    for (file, told) in cases {
        for command in [
            &["list"][..],
            &["check", "--fail-on", "risk>50"],
            &["watch"],
            &["report"],
        ] {
            let ended = ran([command, &["--replay", file]].concat(), &[]).await;
            assert_eq!(ended.0, Some(3), "{ended:?}");
            assert!(ended.2.contains(told) && !ended.2.contains('\u{1b}'), "{ended:?}");
            assert_eq!(ended.2.lines().count(), 1, "one sentence: {}", ended.2);
        }
    }
    let (code, _, err) = ran(vec!["list", "--replay", &path, "--demo"], &[]).await;
    assert!(code == Some(2) && err.contains("cannot be used with"), "{err}");
    let (code, _, err) = ran(vec!["serve", "--replay", &path], &[]).await;
    assert!(code == Some(2), "what others read must be live: {err}");
}

#[test]
fn the_screen_shows_the_recording_and_when_it_was_made() {
    let hss = Simulate::start(&["--pods", "60", "--serverless", "20"], &[TOKEN]);
    let (folder, state) = (Folder::new("record-screen"), Folder::new("record-screen-state"));
    let path = folder.join("r.jsonl.gz").display().to_string();
    let words = [
        "record",
        "--out",
        &path,
        "--endpoint",
        &hss.url,
        "--project-id",
        "p-1",
        "--calls-per-minute",
        "600",
    ];
    let (code, _, err) = run(&words, &[TOKEN]);
    assert_eq!(code, Some(0), "{err}");
    let (_, names, _) = run(
        &[
            "list", "--replay", &path, "--output", "name", "--quiet", "--sort", "pod",
        ],
        &[],
    );
    drop(hss);
    for (columns, rows) in [(120, 40), (80, 24)] {
        let state = [("XDG_STATE_HOME", state.path())];
        let mut pty = Pty::start(columns, rows, &["--replay", &path], &state);
        let screen = pty.shows("RECORDED");
        assert!(
            screen.contains("REPLAY 20") && screen.contains("80 pods"),
            "{screen}"
        );
        assert!(!screen.contains("FRESH"), "{screen}");
        pty.keys(":sort pod\r");
        let first = names.lines().next().unwrap().split('/').next_back().unwrap();
        pty.shows(first.get(..8).unwrap());
        pty.quit();
        let (code, raw, _) = pty.ended();
        assert_eq!(code, 0);
        assert!(
            !String::from_utf8_lossy(&raw).contains("FRESH"),
            "never, not even for a moment"
        );
    }
    assert_eq!(fs::read_dir(state.dir()).unwrap().count(), 0, "nothing is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_prints_the_recorded_changes_and_ends_with_the_recording() {
    // The second list has another status for one pod.
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let hss = Answering::start(move |_, _| {
        let look = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let later = u64::from(look > 0);
        let status = if look > 0 { "Failed" } else { "Running" };
        let updated = 1_795_900_000_000 + later * 60_000;
        let body = format!(
            r#"{{"total_num":1,"last_update_time":{updated},"data_list":[{{"id":"1","pod_name":"api-1","namespace_name":"pay",
            "cluster_name":"c","status":"{status}","cpu":"1m","memory":"1Mi"}}]}}"#
        );
        answer("200 OK", "", &body)
    })
    .await;
    let (folder, url) = (Folder::new("record-watch"), hss.url());
    let path = folder.join("r.jsonl").display().to_string();
    let words = flags(
        &[
            "record",
            "--quiet",
            "--interval",
            "5s",
            "--sweeps",
            "2",
            "--out",
            &path,
        ],
        &url,
    );
    let recorded = ran(words, &[TOKEN]).await;
    assert_eq!(recorded, (Some(0), String::new(), String::new()));
    drop(hss);
    let (code, out, err) = ran(
        vec!["watch", "--replay", &path, "--output", "jsonl", "--quiet"],
        &[],
    )
    .await;
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line["pod_name"] == "api-1" && line["to"] == "Failed"),
        "{out}"
    );
}

/// Bytes that would take over a terminal, in each text that a recording has.
#[test]
fn a_hostile_recording_is_shown_without_its_control_characters() {
    const EVIL: &str = "\u{1b}]0;evil\u{7}\u{202e}";
    let evil = |text: &str| Value::from(format!("{EVIL}{text}")).to_string();
    let page = format!(
        r#"{{"total_num":1,"last_update_time":1795900000000,"data_list":[{{"id":"1","pod_name":{},"namespace_name":{},"status":{}}}]}}"#,
        evil("pod"),
        evil("ns"),
        evil("Running")
    );
    let recording = format!(
        "{{\"hss_top_recording\":1,\"hss_top\":{0},\"recorded_at\":\"2026-11-29T21:33:12Z\",\"place\":{1},\"calls_per_minute\":0,\
         \"interval_s\":0,\"page_size\":200,\"enterprise_project_id\":\"all_granted_eps\"}}\n\
         {{\"at_ms\":0,\"took_ms\":1,\"method\":\"GET\",\"path\":\"/v5/project/kubernetes/pods\",\
         \"query\":\"enterprise_project_id=all_granted_eps&limit=200&offset=0\",\"status\":200,\
         \"headers\":[[\"x-request-id\",\"r\"]],\"body\":{2}}}\n{{\"end\":{0},\"at_ms\":1,\"exchanges\":1}}\n",
        evil("x"),
        evil("place"),
        Value::from(page)
    );
    let folder = Folder::new("record-hostile");
    let path = folder.write("evil.jsonl", &recording);
    let pty = Pty::start(120, 40, &["--replay", &path], &[]);
    let screen = pty.shows("RECORDED");
    assert!(screen.contains("1 pods") || screen.contains("1 pod"), "{screen}");
    let mut pty = pty;
    pty.keys("\r");
    pty.shows("Esc back");
    pty.quit();
    let (_, raw, _) = pty.ended();
    let raw = String::from_utf8_lossy(&raw);
    assert!(!raw.contains("\u{1b}]0;evil") && !raw.contains('\u{202e}'));
    for command in [&["list"][..], &["report"], &["list", "--output", "wide"]] {
        let (code, out, err) = run(&[command, &["--replay", &path]].concat(), &[]);
        assert_eq!(code, Some(0), "{err}");
        assert!(
            !format!("{out}{err}").contains(['\u{1b}', '\u{7}', '\u{202e}']),
            "{command:?}: {out}{err}"
        );
    }
}
