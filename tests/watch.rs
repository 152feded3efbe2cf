//! `hss-top watch`, as a shipper of logs runs it: what it prints, what it says on stderr, and how it ends.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::HashSet;
use std::fs::File;
use std::process::Command;

use rustix::process::Signal;
use serde_json::Value;
use support::child::{Running, Unread};
use support::run::{Folder, run};
use support::schema::faults;
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-t");
const FAST: [&str; 4] = ["--interval", "1s", "--calls-per-minute", "600"];

/// A page of three pods, as HSS lists them at this second.
fn page(second: i64, words: [&str; 2], last: &str) -> Step {
    let [status, detect] = words;
    let page = format!(
        r#"{{"total_num":3,"last_update_time":{},"data_list":[
        {{"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"prod","status":"{status}"}}],
        "pod_info_list":[{{"pod_name":"settle","namespace_name":"cci","cluster_name":"d","status":"Running",
         "protect_status":"opened","detect_result":"{detect}"}},
         {{"pod_name":"{last}","namespace_name":"cci","cluster_name":"d","status":"Running",
         "protect_status":"opened","detect_result":"clean"}}]}}"#,
        (1_755_250_215 + second) * 1000
    );
    Step::json("200 OK", &page)
}

/// Two lists: in the second one a pod failed, one became risky, one went and another one came.
async fn changing() -> Scripted {
    Scripted::start(vec![
        page(0, ["Running", "clean"], "old"),
        page(86_400, ["Failed", "risk"], "new"),
    ])
    .await
}

fn flags<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [
        &["watch", "--endpoint", url, "--project-id", "p"][..],
        &FAST,
        more,
    ]
    .concat()
}

fn id(line: &str) -> String {
    let record: Value = serde_json::from_str(line).unwrap();
    record["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_is_a_line_of_json_as_its_schema_says() {
    let (code, schema, _) = run(&["schema", "watch"], &[]);
    assert_eq!(code, Some(0));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let server = changing().await;
    let url = server.url();
    let watch = Running::start(&flags(&url, &["--no-state", "--output", "jsonl"]), &[TOKEN]);
    let lines = watch.lines(4);
    let (code, rest, err) = watch.end(Signal::TERM);
    assert_eq!((code, rest.as_str()), (Some(143), ""));
    let port = url.rsplit(':').next().unwrap();
    let watched = format!("hss-top: watching 3 pods of p (127.0.0.1:{port})\n");
    assert_eq!(err, watched + "hss-top: ended by SIGTERM\n");
    let mut changes = Vec::new();
    for line in &lines {
        let record = serde_json::from_str(line).unwrap();
        assert_eq!(faults(&schema, &record, ""), [""; 0], "{line}");
        let told = ["pod_name", "change", "from", "to"].map(|name| record[name].as_str().unwrap());
        changes.push(told.join(" "));
    }
    changes.sort();
    assert_eq!(
        changes,
        [
            "api-1 status Running Failed",
            "new appeared  ",
            "old vanished  ",
            "settle detection clean risk",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_for_people_says_from_what_to_what_and_the_id() {
    let server = changing().await;
    let url = server.url();
    let watch = Running::start(
        &flags(&url, &["--no-state", "--filter", "to:risk,Failed"]),
        &[TOKEN],
    );
    let mut lines = watch.lines(2);
    drop(watch);
    lines.sort_by_key(|line| line.contains("settle"));
    let date = regex::Regex::new(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d").unwrap();
    let lines: Vec<_> = lines.iter().map(|line| date.replace(line, "DATE")).collect();
    insta::assert_snapshot!(lines.concat(), @r"
    DATE ✗ Running → Failed · score  0 → 35 · pay/api-1 of prod · 85d492272f8f7072
    DATE ▲ clean → risk · score  0 → 60 · cci/settle of d · ec0b3272ef8f373e
    ");
}

/// Killed again and again, with another program on the same state: a reader that goes on after the last whole line has every
/// change once, in one order.
#[test]
fn nothing_is_lost_or_told_twice_over_a_kill_and_a_restart() {
    let folder = Folder::new("watch-kill");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let hss = Simulate::start(&["--pods", "900", "--snapshot-every", "1s"], &[TOKEN]);
    let url = hss.url.clone();
    let jsonl = ["--output", "jsonl"];
    let other = Running::start(&flags(&url, &jsonl), &set);
    let mut read = vec![id(&other.line())];
    for round in 0..6 {
        let after = read.last().unwrap().clone();
        let watch = Running::start(&flags(&url, &["--output", "jsonl", "--after", &after]), &set);
        let mut lines = watch.lines(3 + 7 * round);
        // Whatever it is doing now.
        let (code, rest, err) = watch.end(Signal::KILL);
        assert_eq!(code, None, "{err}");
        lines.extend(rest.split_inclusive('\n').map(str::to_owned));
        let whole = lines.iter().filter(|line| line.ends_with('\n'));
        read.extend(whole.map(|line| id(line)));
    }
    // HSS is gone: the log stays as it is, and each reads it to its end.
    drop((hss, other));
    let rest = |after: &str| {
        let more = ["--output", "jsonl", "--give-up-after", "1s", "--after", after];
        let mut watch = Running::start(&flags(&url, &more), &set);
        let (code, out, err) = watch.ended();
        assert_eq!(code, Some(5), "{err}");
        out.lines().map(id).collect::<Vec<_>>()
    };
    let last = read.last().unwrap().clone();
    read.extend(rest(&last));
    let log = rest("start");
    let from = log.iter().position(|id| *id == read[0]).unwrap();
    assert_eq!(read, log[from..], "each once, in the order of the log");
    assert_eq!(log.iter().collect::<HashSet<_>>().len(), log.len());
    assert!(read.len() > 60, "{}", read.len());
}

#[test]
fn what_changed_while_nobody_watched_is_told_by_the_next_watch() {
    let folder = Folder::new("watch-gap");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let hss = Simulate::start(&["--pods", "300"], &[TOKEN]);
    let url = hss.url.clone();
    let list = [
        "list",
        "--endpoint",
        &url,
        "--project-id",
        "p",
        "--output",
        "name",
    ];
    assert_eq!(run(&list, &set).0, Some(0));
    // HSS takes a new snapshot while no hss-top is there.
    let curl = [
        "-sf",
        "-X",
        "POST",
        "-H",
        "X-Auth-Token: canary-t",
        "-H",
        "Content-Type: application/json",
    ];
    let request = format!("{url}/v5/p/kubernetes/save-clusters");
    let asked = Command::new("curl")
        .args(curl)
        .args(["-d", "{}", &request])
        .status()
        .unwrap();
    assert!(asked.success());
    let watch = Running::start(&flags(&url, &["--output", "jsonl"]), &set);
    let first = watch.line();
    drop(watch);
    let record: Value = serde_json::from_str(&first).unwrap();
    let [before, after] = ["previous_snapshot_at", "snapshot_at"].map(|name| record[name].as_str().unwrap());
    assert!(!before.is_empty() && before < after, "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_it_quietly_before_anything_else_changes() {
    let server = Scripted::start(vec![page(0, ["Running", "clean"], "old")]).await;
    let mut watch = Unread::start(&flags(&server.url(), &["--no-state", "--quiet"]), &[TOKEN]);
    watch.out.take();
    assert_eq!(watch.ended(), (Some(0), String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_ends_it_with_its_code() {
    let server = changing().await;
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args(flags(&server.url(), &["--no-state"]))
        .env_clear()
        .envs([TOKEN, ("HSS_TOP_METADATA_ENDPOINT", "off")])
        .stdout(full)
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.contains("hss-top: the changes cannot be written: No space left on device"),
        "{err}"
    );
    assert_eq!(output.status.code(), Some(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_cannot_be_written_holds_no_change_back() {
    let server = changing().await;
    let set = [TOKEN, ("XDG_STATE_HOME", "/proc/self/none")];
    let watch = Running::start(&flags(&server.url(), &["--output", "jsonl"]), &set);
    let ids: HashSet<String> = watch.lines(4).iter().map(|line| id(line)).collect();
    let (code, _, err) = watch.end(Signal::INT);
    assert_eq!((code, ids.len()), (Some(130), 4));
    assert!(
        err.contains("changes are still printed, but --after may not find them later"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_is_told_once_and_a_refused_credential_ends_it() {
    let refused = r#"{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication information"}"#;
    let server = Scripted::start(vec![Step::json("401 Unauthorized", refused)]).await;
    let (code, out, err) = Running::start(&flags(&server.url(), &["--no-state"]), &[TOKEN]).ended();
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(
        err.contains("Is the token for this project") && !err.contains("canary"),
        "{err}"
    );

    let (code, _, err) = run(
        &flags("http://127.0.0.1:9", &["--no-state", "--give-up-after", "2s"]),
        &[TOKEN],
    );
    assert_eq!(code, Some(5));
    let sentence = "cannot connect to 127.0.0.1:9: Connection refused (os error 111); hss-top tries again";
    assert_eq!(err.matches(sentence).count(), 1, "{err}");

    let short = r#"{"total_num":5,"last_update_time":1755250215000,"data_list":[{"id":"1","pod_name":"a"}]}"#;
    let server = Scripted::start(vec![Step::json("200 OK", short)]).await;
    let watch = Running::start(&flags(&server.url(), &["--no-state"]), &[TOKEN]);
    assert_eq!(
        watch.said(),
        "hss-top: HSS listed 1 of 5 pods: the changes of the others are not known yet\n"
    );
}

#[test]
fn what_cannot_be_meant_is_told_before_anything_is_asked() {
    for (flags, code, told) in [
        (
            &["--after", "7"][..],
            2,
            "the id of a change, which has 16 hexadecimal digits, or start",
        ),
        (&["--mask"], 2, "'--mask' only applies to the dashboard"),
        (
            &["--filter", "to:risk", "--filter", "ns:a"],
            2,
            "'--filter' cannot be used more than once",
        ),
        (&["--after", "start"], 3, "a demo does not save it"),
        (
            &["--filter", "to:"],
            2,
            "invalid value 'to:' for '--filter <TEXT>'",
        ),
        (&["--output", "xml"], 2, "possible values: text, jsonl"),
        (&["--give-up-after", "5"], 2, "it must be a time with its unit"),
    ] {
        let (ended, out, err) = run(&[&["watch", "--demo"], flags].concat(), &[]);
        assert_eq!((ended, out.as_str()), (Some(code), ""), "{flags:?}: {err}");
        assert!(err.contains(told), "{flags:?}: {err}");
    }
}
