//! Screens and commands on a collector: as current as the collector, without the limit of calls, and with one
//! journal for all.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::pty::Pty;
use support::run::{Folder, each_second, run};
use support::serving::Serving;
use support::simulate::Simulate;
use tokio::time::Instant;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-t");

/// A collector of this server at a port that it has again after a restart.
fn collector(hss: &str, state: &Folder, port: u16) -> Serving {
    let flags = each_second(hss);
    let listen = format!("127.0.0.1:{port}");
    Serving::start_at(&listen, &flags, &[TOKEN, ("XDG_STATE_HOME", state.path())])
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// A dashboard on the collector, with the default limit of calls.
fn screen(url: &str, state: &Folder, flags: &[&str]) -> Pty {
    let base = ["--endpoint", url, "--project-id", "p", "--interval", "1h"];
    let variables = [
        TOKEN,
        ("XDG_STATE_HOME", state.path()),
        ("XDG_RUNTIME_DIR", state.path()),
    ];
    Pty::start(140, 40, &[&base, flags].concat(), &variables)
}

/// Lets HSS take a new snapshot, in which pods differ, and waits until the collector has all of it.
fn renew(hss: &Simulate, serving: &Serving) {
    let state = || {
        serving
            .until("/v1/state", |answer| answer.body.contains("\"state\":\"FRESH\""))
            .body
    };
    let date = |body: &str| serde_json::from_str::<Value>(body).unwrap()["last_update_time"].clone();
    let before = date(&state());
    let mut stream = TcpStream::connect(hss.address()).unwrap();
    let request = format!(
        "POST /v5/p/kubernetes/save-clusters HTTP/1.1\r\nHost: {}\r\nX-Auth-Token: {}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n",
        hss.address(),
        TOKEN.1
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    let begun = Instant::now();
    while date(&state()) == before || total(serving, "/v1/changes") == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn total(serving: &Serving, path: &str) -> u64 {
    let body: Value = serde_json::from_str(&serving.get(path).body).unwrap_or_default();
    body["total"].as_u64().unwrap_or(0)
}

/// The number before a word.
fn number(screen: &str, word: &str) -> Option<u32> {
    let words: Vec<&str> = screen.split_whitespace().collect();
    let at = words.iter().position(|it| *it == word)?;
    words[at.checked_sub(1)?].parse().ok()
}

#[test]
fn two_screens_share_one_journal_that_survives_the_restart_of_each_part() {
    let folders = ["team-one", "team-other", "team-third"].map(Folder::new);
    let (state, port) = (Folder::new("team-collector"), free_port());
    let hss = Simulate::start(&[], &[]);
    let serving = collector(&hss.url, &state, port);
    renew(&hss, &serving);
    // From here on nothing changes any more, and the collector says so.
    let upstream = hss.url.clone();
    drop(hss);
    serving.until("/v1/state", |answer| answer.body.contains("OFFLINE"));
    let url = format!("http://127.0.0.1:{port}");
    let mut one = screen(&url, &folders[0], &[]);
    one.until("the collector's own word", |screen| {
        screen.contains("OFFLINE") && screen.contains("collector")
    });
    one.keys("3");
    // It did not run when they happened.
    one.until("the collector's changes", |screen| {
        screen.contains("HSS's list of")
    });
    let mut other = screen(&url, &folders[1], &["--no-state"]);
    other.keys("3");
    other.until("the collector's changes", |screen| {
        screen.contains("HSS's list of")
    });
    one.keys("ga");
    let known = one.until("the acknowledgement", |screen| {
        number(screen, "acknowledged").is_some() && screen.contains("u undoes it")
    });
    let known = number(&known, "acknowledged");
    other.until("the acknowledgement of the one", |screen| {
        number(screen, "acknowledged") == known
    });
    other.keys("jjmm");
    one.until("the mute of the other", |screen| screen.contains("muted hidden"));

    // The collector restarts: its journal and the screens are there again.
    serving.signal("TERM");
    assert_eq!(serving.end().0, Some(0));
    let serving = collector(&upstream, &state, port);
    serving.until("/v1/mutes", |answer| answer.body.contains("\"total\":1"));
    // An undone decision is undone for all, also for a screen that begins later.
    one.keys("L");
    one.until("the list of decisions", |screen| {
        screen.contains("muted until it changes")
    });
    one.keys("u");
    serving.until("/v1/mutes", |answer| !answer.body.contains("\"undone\":null"));
    other.until("the end of the mute", |screen| !screen.contains("muted hidden"));
    for dashboard in [&one, &other] {
        dashboard.signal("KILL");
    }
    drop((one, other));
    let mut third = screen(&url, &folders[2], &[]);
    third.keys("3");
    third.until("what was decided before", |screen| {
        number(screen, "acknowledged") == known && !screen.contains("muted hidden")
    });
    third.keys("\x03");
    assert_eq!(third.ended().0, 0);
}

#[test]
fn a_decision_that_was_made_while_the_collector_was_away_arrives_later() {
    let (mine, state, port) = (Folder::new("team-mine"), Folder::new("team-away"), free_port());
    let hss = Simulate::start(&[], &[]);
    let serving = collector(&hss.url, &state, port);
    renew(&hss, &serving);
    let url = format!("http://127.0.0.1:{port}");
    let mut one = screen(&url, &mine, &[]);
    one.keys("3");
    one.until("changes", |screen| screen.contains("HSS's list of"));
    let upstream = hss.url.clone();
    drop(hss);
    serving.signal("KILL");
    drop(serving);
    // The screen itself asks each hour.
    one.until("that the collector is away, and not HSS", |screen| {
        screen.contains("collector away")
    });
    one.keys("4");
    one.shows("the hss-top collector does not answer, and HSS is not asked instead");
    one.keys("3ga");
    one.until("the acknowledgement", |screen| {
        screen.contains("the team sees it when the collector answers; u undoes it")
    });
    one.keys("\x03");
    assert_eq!(one.ended().0, 0);
    let serving = collector(&upstream, &state, port);
    serving.until("/v1/acks", |answer| answer.body.contains("\"total\":0"));
    // The screen has it in its own logbook, and sends it when the collector answers again.
    let mut again = screen(&url, &mine, &[]);
    let begun = Instant::now();
    while total(&serving, "/v1/acks") == 0 {
        assert!(begun.elapsed() < Duration::from_mins(1));
        std::thread::park_timeout(Duration::from_millis(50));
    }
    again.keys("\x03");
    assert_eq!(again.ended().0, 0);
}

#[test]
fn a_reader_of_a_collector_makes_as_many_calls_as_it_needs() {
    let hss = Simulate::start(&["--pods", "4000"], &[]);
    let serving = Serving::of(&hss.url, &["--calls-per-minute", "6000"]);
    serving.until("/readyz", |answer| answer.status == 200);
    let url = format!("http://{}", serving.address);
    let base = ["--endpoint", &url, "--project-id", "p", "--no-state"];
    // Twenty-one pages, and five calls a minute.
    let begun = Instant::now();
    for _ in 0..6 {
        let (code, out, err) = run(
            &[&["list"][..], &base, &["--output", "name", "--quiet"]].concat(),
            &[TOKEN],
        );
        assert_eq!((code, out.lines().count()), (Some(0), 4040), "{err}");
    }
    assert!(begun.elapsed() < Duration::from_secs(50), "{:?}", begun.elapsed());
}

#[test]
fn a_reader_of_a_collector_learns_of_each_list_at_once() {
    let hss = Simulate::start(&["--pods", "4000", "--snapshot-every", "4s"], &[]);
    let serving = Serving::of(&hss.url, &["--calls-per-minute", "6000", "--interval", "1s"]);
    serving.until("/readyz", |answer| answer.status == 200);
    let url = format!("http://{}", serving.address);
    let base = ["--endpoint", &url, "--project-id", "p", "--no-state"];
    // A new list every four seconds, and an interval of an hour.
    let mut watch = Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args([&["watch"][..], &base, &["--interval", "1h", "--output", "jsonl"]].concat())
        .env_clear()
        .envs([TOKEN])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(watch.stdout.take().unwrap()));
    let mut snapshots = Vec::new();
    for line in lines {
        let change: Value = serde_json::from_str(&line.unwrap()).unwrap();
        snapshots.push(change["snapshot_at"].to_string());
        snapshots.dedup();
        if snapshots.len() == 3 {
            break;
        }
    }
    let _ = watch.kill();
    let _ = watch.wait();
    assert_eq!(snapshots.len(), 3);
}
