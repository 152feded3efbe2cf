//! `hss-top export`, `mutes` and `report`: what the saved state tells without a screen.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs::File;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;
use support::child::Running;
use support::pty::Pty;
use support::run::{Folder, run};
use support::schema::faults;
use support::simulate::Simulate;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-t");

/// A source with some minutes of history, in a state of its own.
struct Saved {
    folder: Folder,
    hss: Option<Simulate>,
    url: String,
}

impl Saved {
    /// What a watch of `count` changes leaves.
    fn of(count: usize) -> Self {
        let folder = Folder::new("history");
        let hss = Simulate::start(&["--pods", "300", "--snapshot-every", "1s"], &[TOKEN]);
        let saved = Self {
            folder,
            url: hss.url.clone(),
            hss: Some(hss),
        };
        let watch = [
            "watch",
            "--interval",
            "1s",
            "--calls-per-minute",
            "600",
            "--output",
            "jsonl",
        ];
        let flags = saved.flags(&watch);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let watch = Running::start(&flags, &saved.variables());
        watch.lines(count);
        assert_eq!(watch.end(Signal::TERM).0, Some(143));
        saved
    }

    fn flags(&self, command: &[&str]) -> Vec<String> {
        let place = ["--endpoint", &self.url, "--project-id", "p"];
        command
            .iter()
            .chain(&place)
            .map(|flag| (*flag).to_owned())
            .collect()
    }

    fn variables(&self) -> Vec<(&str, &str)> {
        vec![
            TOKEN,
            ("XDG_STATE_HOME", self.folder.path()),
            ("TZ", "UTC"),
            ("USER", "ops"),
        ]
    }

    fn run(&self, command: &[&str]) -> (Option<i32>, String, String) {
        let flags = self.flags(command);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let ran = run(&flags, &self.variables());
        assert!(!ran.1.contains("canary") && !ran.2.contains("canary"), "{ran:?}");
        ran
    }
}

fn records(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn schema(of: &str) -> Value {
    let (code, text, _) = run(&["schema", of], &[]);
    assert_eq!(code, Some(0), "{of}");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn usage_and_changes_are_exported_with_names_and_without_a_call() {
    let mut saved = Saved::of(5);
    drop(saved.hss.take());
    for (what, member) in [("history", "memory_bytes_max"), ("changes", "id")] {
        let (code, out, err) = saved.run(&["export", what]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{what}");
        let schema = schema(what);
        let all = records(&out);
        for record in &all {
            assert_eq!(faults(&schema, record, ""), [""; 0], "{record}");
            assert!(record["pod_name"] != "", "{record}");
        }
        assert!(all.iter().any(|record| !record[member].is_null()), "{out}");
        let (_, csv, _) = saved.run(&["export", what, "--output", "csv"]);
        assert_eq!(csv.lines().count(), all.len() + 1);
        let told = |what: &str| match what {
            "changes" => "hss-top: none of the saved changes is of this time and passes the filter\n",
            _ => "hss-top: none of the saved usage is of this time and passes the filter\n",
        };
        let (code, none, err) = saved.run(&["export", what, "--until", "2d"]);
        assert_eq!(
            (code, none.as_str(), err.as_str()),
            (Some(0), "", told(what)),
            "nothing is so old"
        );
        let (code, none, err) = saved.run(&["export", what, "--until", "2d", "--output", "csv", "--quiet"]);
        assert_eq!(
            (code, none.lines().count(), err.as_str()),
            (Some(0), 1, ""),
            "{what}"
        );
        // No call is made.
        let project = saved.flags(&["export", what]);
        let project: Vec<&str> = project.iter().map(String::as_str).collect();
        let (code, without, err) = run(&project, &[("XDG_STATE_HOME", saved.folder.path())]);
        assert_eq!(
            (code, without == out, err.as_str()),
            (Some(0), true, ""),
            "{what} without a credential"
        );
        let (_, recent, _) = saved.run(&["export", what, "--since", "2h"]);
        assert!(what == "history" || recent == out);
    }
    let days = records(&saved.run(&["export", "history"]).1);
    let pods: std::collections::HashSet<_> = days.iter().map(|day| day["pod_number"].to_string()).collect();
    assert!(
        days.len() >= pods.len() && pods.len() > 300,
        "{} {}",
        days.len(),
        pods.len()
    );
    assert!(
        days.iter()
            .all(|day| day["from_at"].as_str().unwrap().ends_with("T00:00:00Z"))
    );
    let hours = records(&saved.run(&["export", "history", "--by", "hour"]).1);
    let lists = |all: &[Value]| all.iter().map(|it| it["lists"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(lists(&days), lists(&hours));

    let all = records(&saved.run(&["export", "changes"]).1);
    let namespace = all[0]["namespace_name"].as_str().unwrap();
    let of_it = |all: &[Value]| all.iter().filter(|it| it["namespace_name"] == namespace).count();
    let filter = format!("ns:/^{namespace}$/");
    for (what, all) in [("changes", &all), ("history", &days)] {
        let (code, out, err) = saved.run(&["export", what, "--filter", &filter]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{what}");
        let (count, found) = (of_it(all), records(&out));
        assert_eq!((found.len(), of_it(&found)), (count, count), "{what}");
        assert!(0 < count && count < all.len(), "{what}: {count} of {}", all.len());
    }
    let of_changes = format!("changed:1h {filter}");
    let (code, out, err) = saved.run(&["export", "changes", "--filter", &of_changes]);
    assert_eq!((code, records(&out).len()), (Some(0), of_it(&all)), "{err}");
    let (code, out, err) = saved.run(&["export", "changes", "--filter", "!changed:1h"]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");

    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args(saved.flags(&["export", "history"]))
        .env_clear()
        .envs(saved.variables())
        .stdout(full)
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.contains("the records cannot be written: No space left on device"),
        "{err}"
    );
    assert_eq!(output.status.code(), Some(6));
}

#[test]
fn where_nothing_is_saved_or_a_time_cannot_be_meant_it_is_said() {
    let folder = Folder::new("history-none");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let place = ["--endpoint", "http://127.0.0.1:9", "--project-id", "p"];
    for (command, code, told) in [
        (&["export", "history"][..], 1, "nothing is saved for this source"),
        // Nothing listens there, so it is not known whether a collector has mutes.
        (&["mutes", "list"], 5, "nothing is saved for this source"),
        (
            &["export", "changes", "--since", "soon"],
            2,
            "expected a time such as",
        ),
        (
            &["export", "changes", "--since", "2999-01-01"],
            2,
            "--since 2999-01-01: this time is in the future",
        ),
        (
            &["export", "history", "--since", "1d", "--until", "2d"],
            2,
            "--since must be earlier than --until",
        ),
        (
            &["export", "history", "--filter", "risk>5"],
            2,
            "a record of usage can only be filtered by cluster, ns and pod, but not by risk",
        ),
        (
            &["mutes", "list", "--filter", "ns:a"],
            2,
            "'--filter' does not apply to 'mutes'",
        ),
        (
            &["export", "changes", "--no-state"],
            3,
            "the saved state is turned off",
        ),
        (
            &["mutes", "add", "cpu%>90"],
            2,
            "a mute can only filter by cluster, ns and pod",
        ),
        (&["mutes", "add", ""], 2, "an empty filter matches every pod"),
        (
            &["mutes", "add", "ns:a", "--until", "yesterday"],
            2,
            "--until accepts changed, a time",
        ),
    ] {
        let (ended, out, err) = run(&[command, &place].concat(), &set);
        assert_eq!((ended, out.as_str()), (Some(code), ""), "{command:?}: {err}");
        assert!(err.contains(told), "{command:?}: {err}");
    }
}

#[test]
fn mutes_are_added_listed_and_ended_and_a_dashboard_sees_them() {
    let saved = Saved::of(1);
    let (code, out, err) = saved.run(&["mutes", "add", "ns:payments", "--until", "2h"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(
        err.starts_with("hss-top: mute 1 is active: it matches ")
            && err.contains(" saved pods; hss-top mutes expire 1 ends it\n")
            && err.lines().count() == 1,
        "{err}"
    );
    let (code, _, err) = saved.run(&["mutes", "add", "pod:nosuch", "--until", "worse"]);
    assert_eq!(code, Some(0));
    assert!(
        err.contains("it matches none of ") && err.contains(" saved pods; "),
        "{err}"
    );
    let (_, text, _) = saved.run(&["mutes", "list"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("NUMBER  SINCE") && lines.len() == 3,
        "{text}"
    );
    assert!(
        lines[1].contains("filter ns:payments") && lines[2].ends_with("until it gets worse"),
        "{text}"
    );

    let flags = saved.flags(&["--interval", "1s", "--calls-per-minute", "600"]);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let state = [
        TOKEN,
        ("XDG_STATE_HOME", saved.folder.path()),
        ("XDG_RUNTIME_DIR", saved.folder.path()),
    ];
    let mut dashboard = Pty::start(140, 30, &flags, &state);
    dashboard.until("the fleet", |screen| screen.contains("FRESH"));
    dashboard.keys("3L");
    dashboard.until("both mutes", |screen| screen.contains("2 decisions"));
    let (code, _, err) = saved.run(&["mutes", "expire", "1", "7"]);
    assert_eq!(code, Some(1));
    let lines: Vec<&str> = err.lines().collect();
    assert!(
        lines[0].starts_with("hss-top: mute 1 of ") && lines[0].ends_with(" ended: filter ns:payments"),
        "{err}"
    );
    assert_eq!(lines[1..], ["hss-top: there is no active mute 7"]);
    let (code, _, err) = saved.run(&["mutes", "expire", "ns:payments"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("it must be the number of a mute, as hss-top mutes list shows it"),
        "{err}"
    );
    dashboard.until("one of them", |screen| {
        screen.contains("1 decision") && !screen.contains("2 decisions")
    });
    dashboard.signal("KILL");

    let schema = schema("mutes");
    let all = records(&saved.run(&["mutes", "list", "--all", "--output", "jsonl"]).1);
    let states: Vec<&str> = all.iter().map(|mute| mute["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["ended", "active"]);
    for record in &all {
        assert_eq!(faults(&schema, record, ""), [""; 0], "{record}");
        assert_eq!(record["who"].as_str().map(str::is_empty), Some(false));
        let place = saved.url.trim_start_matches("http://");
        assert_eq!(
            (record["project"].as_str(), record["region"].as_str()),
            (Some("p"), Some(place))
        );
    }
}

#[test]
fn every_record_for_programs_names_its_project_and_its_region() {
    for of in [
        "list", "check", "watch", "report", "history", "changes", "mutes", "alerts",
    ] {
        let schema = schema(of);
        for member in ["schema", "project", "region"] {
            let all = schema.to_string();
            assert!(all.contains(&format!("\"{member}\":")), "{of} {member}");
        }
    }
}

#[test]
fn an_empty_log_of_alerts_is_told_unless_it_is_to_be_quiet() {
    let folder = Folder::new("alerts-none");
    let set = [("XDG_STATE_HOME", folder.path())];
    let log = [
        "alerts",
        "log",
        "--endpoint",
        "https://hss.example",
        "--project-id",
        "p",
    ];
    let told = "hss-top: no alert was sent from this machine for this source\n";
    assert_eq!(run(&log, &set), (Some(0), String::new(), told.to_owned()));
    let quiet = [&log[..], &["--quiet"]].concat();
    assert_eq!(run(&quiet, &set), (Some(0), String::new(), String::new()));
}

#[test]
fn a_report_has_the_same_lines_in_every_form() {
    let saved = Saved::of(40);
    let (code, markdown, err) = saved.run(&["report", "--since", "1h"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        markdown.starts_with("# Shift report: 127") && markdown.contains("## Still open"),
        "{markdown}"
    );
    let (_, json, _) = saved.run(&["report", "--since", "1h", "--output", "json", "--max-age", "1h"]);
    let lines: Value = serde_json::from_str(&json).unwrap();
    let lines = lines.as_array().unwrap();
    let schema = schema("report");
    let place = saved.url.trim_start_matches("http://");
    for line in lines {
        assert_eq!(faults(&schema, line, ""), [""; 0], "{line}");
        let [project, region] = [&line["project"], &line["region"]];
        assert_eq!(
            (project.as_str(), region.as_str()),
            (Some("p"), Some(place)),
            "{line}"
        );
        assert_eq!(line["source"], format!("{place} · p"));
    }
    assert!(lines.iter().any(|line| line["section"] == "open"), "{json}");
    let (_, csv, _) = saved.run(&["report", "--since", "1h", "--output", "csv", "--max-age", "1h"]);
    assert_eq!(csv.lines().count(), lines.len() + 1);

    let open = lines.iter().find(|line| line["section"] == "open").unwrap();
    let namespace = open["namespace_name"].as_str().unwrap();
    let filter = format!("ns:/^{namespace}$/");
    let only = ["report", "--since", "1h", "--max-age", "1h", "--filter", &filter];
    let (code, markdown, err) = saved.run(&only);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        markdown.contains(&format!("\n* only pods that match `{filter}`\n")),
        "{markdown}"
    );
    let (_, json, _) = saved.run(&[&only[..], &["--output", "json"]].concat());
    let chosen: Value = serde_json::from_str(&json).unwrap();
    let of_pods = |lines: &[Value]| -> Vec<Value> {
        // The pods with the highest usage are only the first ones of all.
        let is_of_pod = |line: &&Value| line["pod_name"] != "" && line["section"] != "usage";
        lines.iter().filter(is_of_pod).cloned().collect()
    };
    let (chosen, all) = (of_pods(chosen.as_array().unwrap()), of_pods(lines));
    let is_of_it = |line: &&Value| line["namespace_name"] == namespace;
    assert!(chosen.iter().all(|line| is_of_it(&line)), "{json}");
    assert_eq!(chosen.len(), all.iter().filter(is_of_it).count(), "{json}");
    assert!(chosen.len() < all.len());

    let (code, _, err) = run(
        &[
            "report",
            "--endpoint",
            "http://127.0.0.1:9",
            "--project-id",
            "p",
            "--no-state",
            "--give-up-after",
            "0s",
        ],
        &[TOKEN],
    );
    assert_eq!(code, Some(5));
    assert!(
        err.contains("the report is incomplete: cannot connect to 127.0.0.1:9"),
        "{err}"
    );
}

#[test]
fn a_report_of_an_outage_says_so_in_every_form_and_counts_nothing() {
    let nobody = [
        "report",
        "--endpoint",
        "http://127.0.0.1:9",
        "--project-id",
        "p",
        "--no-state",
    ];
    let report = |form: &str| {
        let flags = [&nobody[..], &["--give-up-after", "0s", "--output", form]].concat();
        let (code, out, err) = run(&flags, &[TOKEN]);
        assert_eq!(code, Some(5), "{err}");
        out
    };
    let markdown = report("markdown");
    assert!(
        markdown.contains("\n**INCOMPLETE:** cannot connect to 127.0.0.1:9")
            && markdown.contains("what is open is unknown")
            && !markdown.contains("0 pods")
            && !markdown.contains("## New in this shift"),
        "{markdown}"
    );
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let first = &json[0];
    assert_eq!(first["section"], "INCOMPLETE");
    assert!(
        first["what"].as_str().unwrap().starts_with("cannot connect"),
        "{json}"
    );
    assert_eq!(faults(&schema("report"), first, ""), [""; 0]);
    let csv = report("csv");
    let line = csv.lines().nth(1).unwrap();
    assert!(
        line.contains(",INCOMPLETE,cannot connect to 127.0.0.1:9"),
        "{csv}"
    );
}

/// Runs a command with the state in this folder, for a source that does not answer.
fn run_offline(command: &[&str], folder: &Folder) -> (Option<i32>, String, String) {
    let place = ["--endpoint", "http://127.0.0.1:9", "--project-id", "p"];
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    run(&[command, &place].concat(), &set)
}

/// A source whose state file has one mute, and was then changed by `spoil`.
fn spoilt(name: &str, spoil: impl Fn(&std::path::Path)) -> (Folder, std::path::PathBuf) {
    let folder = Folder::new(name);
    let (code, _, err) = run_offline(&["mutes", "add", "ns:a"], &folder);
    assert_eq!(code, Some(5), "it holds on this machine: {err}");
    let files = std::fs::read_dir(folder.join("hss-top")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let file = files
        .find(|path| path.extension().is_some_and(|it| it == "sqlite"))
        .unwrap();
    spoil(&file);
    (folder, file)
}

#[test]
fn a_state_file_of_a_newer_version_stays_and_no_command_takes_it_for_an_empty_one() {
    let (folder, file) = spoilt("history-newer", |file| {
        let connection = rusqlite::Connection::open(file).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
    });
    for command in [
        &["mutes", "list"][..],
        &["mutes", "add", "ns:b"],
        &["mutes", "expire", "1"],
        &["export", "changes"],
        &["export", "history"],
    ] {
        let (code, out, err) = run_offline(command, &folder);
        assert_eq!((code, out.as_str()), (Some(4), ""), "{command:?}: {err}");
        assert!(
            err.contains("the file was written by a newer hss-top (")
                && err.contains("→ the file stays as it is"),
            "{command:?}: {err}"
        );
    }
    assert!(file.exists(), "nobody renamed it");
    let report = ["report", "--give-up-after", "0s", "--output", "json"];
    let (code, out, err) = run_offline(&report, &folder);
    assert_eq!(code, Some(5), "{err}");
    assert!(
        err.contains("the state file was written by a newer hss-top and is now "),
        "{err}"
    );
    assert!(out.contains("\"section\":\"INCOMPLETE\""), "{out}");
}

#[test]
fn a_list_and_a_watch_say_that_they_put_a_damaged_state_file_aside() {
    let (folder, file) = spoilt("history-damaged", |file| std::fs::write(file, "garbage").unwrap());
    let hss = Simulate::start(&["--pods", "20"], &[TOKEN]);
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let (code, _, err) = run_offline(&["mutes", "list"], &folder);
    assert!(
        code == Some(4) && err.contains("→ the file stays as it is"),
        "{code:?} {err}"
    );
    let place = [
        "--endpoint",
        &hss.url,
        "--project-id",
        "p",
        "--calls-per-minute",
        "600",
    ];
    let saves = run(&[&["list"], &place[..]].concat(), &set);
    assert_eq!(saves.0, Some(0), "{saves:?}");
    let of_list = std::fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|it| it.unwrap().path());
    let mut of_list =
        of_list.filter(|path| path.extension().is_some_and(|it| it == "sqlite") && *path != file);
    let of_list = of_list.next().unwrap();
    let told = "the state file was damaged and is now ";
    for command in [&["list"][..], &["check", "--fail-on", "ns:nosuch"], &["report"]] {
        std::fs::write(&of_list, "garbage").unwrap();
        let (code, _, err) = run(&[command, &place].concat(), &set);
        let expected = if command[0] == "report" { 4 } else { 0 };
        assert!(
            code == Some(expected) && err.contains(told),
            "{command:?} {code:?}: {err}"
        );
    }
    std::fs::write(&of_list, "garbage").unwrap();
    let watch = Running::start(&[&["watch", "--after", "start"], &place[..]].concat(), &set);
    let said = watch.said();
    assert!(said.contains(told), "{said}");
    assert_eq!(watch.end(Signal::TERM).0, Some(143));
}
