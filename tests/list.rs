//! `hss-top list`, as a script runs it: what it prints, what it says on stderr, and how it ends.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use support::pty::Pty;
use support::run::{Folder, run};
use support::schema::faults;
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-t");
const FORMS: [&str; 9] = [
    "table", "wide", "json", "jsonl", "csv", "tsv", "yaml", "name", "markdown",
];
const PAGE: &str = r#"{"total_num":3,"last_update_time":1755250215000,"data_list":[
    {"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"c","status":"Running","cpu":"183m","cpu_limit":"2",
     "memory":"1Gi","memory_limit":"1Gi","create_time":1755000000000},
    {"id":"2","pod_name":"=2+3","namespace_name":"pay","cluster_name":"c","status":"Failed"}],
    "pod_info_list":[{"pod_name":"settle","namespace_name":"cci","cluster_name":"d","status":"Running",
     "protect_status":"opened","detect_result":"undetected"}]}"#;

/// What a run gave: exit code, stdout, stderr.
type Ran = (Option<i32>, String, String);

/// `list` of the server, without saved state. The age of its list is no matter, unless a flag says so.
fn list_at(url: &str, flags: &[&str]) -> Ran {
    let all = [
        &["list", "--endpoint", url, "--project-id", "p", "--no-state"][..],
        &["--list-old-after", "100years"],
        flags,
    ]
    .concat();
    let ran = run(&all, &[TOKEN]);
    assert!(!ran.1.contains("canary") && !ran.2.contains("canary"), "{ran:?}");
    ran
}

/// `list` of a server that gives this answer to every call.
async fn list_of(step: Step, flags: &[&str]) -> Ran {
    let server = Scripted::start(vec![step]).await;
    let (url, flags) = (server.url(), flags.join(" "));
    let ask = move || list_at(&url, &flags.split_whitespace().collect::<Vec<_>>());
    tokio::task::spawn_blocking(ask).await.unwrap()
}

async fn list_of_page(flags: &[&str]) -> Ran {
    list_of(Step::json("200 OK", PAGE), flags).await
}

fn spawn(flags: &[&str]) -> Child {
    let runtime = Folder::new("list-runtime");
    Command::new(env!("CARGO_BIN_EXE_hss-top"))
        .args(flags)
        .env_clear()
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_has_the_same_pods() {
    let asked = regex::Regex::new(r#"("asked_at": ?)"20[^"]*""#).unwrap();
    let place = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let mut all = Vec::new();
    let columns = ["--columns", "ns,pod,detect,risk,cpu%,cpu_cores"];
    for form in FORMS {
        let (code, out, err) = list_of_page(&[&["--output", form], &columns[..]].concat()).await;
        assert_eq!((code, err.as_str()), (Some(0), ""), "{form}");
        let out = asked.replace(&out, "$1\"NOW\"");
        all.push(format!("--- {form}\n{}", place.replace(&out, "HOST")));
    }
    insta::assert_snapshot!(all.concat().replace('\r', "␍"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pythons_readers_get_what_was_sent() {
    let script = "import csv, json, sys\n\
        text = sys.stdin.buffer.read().decode('utf-8')\n\
        rows = json.loads(text)['pods'] if sys.argv[1] == 'json' else \
          [json.loads(line) for line in text.splitlines()] if sys.argv[1] == 'jsonl' else \
          list(csv.DictReader(text.splitlines(), dialect='excel-tab' if sys.argv[1] == 'tsv' else 'excel', strict=True))\n\
        assert len(rows) == 3, rows\n\
        for row in rows: print(row['namespace_name'], row['pod_name'], row['risk'], sep='|')\n";
    for form in ["json", "jsonl", "csv", "tsv"] {
        let (_, out, _) = list_of_page(&["--output", form]).await;
        let mut python = Command::new("python3")
            .args(["-c", script, form])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(out.as_bytes()).unwrap();
        let read = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
        let formula = if form.starts_with("json") { "=2+3" } else { "'=2+3" };
        assert_eq!(
            read,
            format!("pay|api-1|30\npay|{formula}|35\ncci|settle|3\n"),
            "{form}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_as_its_schema_says_complete_or_not() {
    let (code, schema, _) = run(&["schema", "list"], &[]);
    assert_eq!(code, Some(0));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let refused = Step::json("403 Forbidden", r#"{"error_code":"HSS.0013","error_msg":"no"}"#);
    for step in [Step::json("200 OK", PAGE), refused] {
        let (_, out, _) = list_of(step, &["--output", "json"]).await;
        let list = serde_json::from_str(&out).unwrap();
        assert_eq!(faults(&schema, &list, ""), [""; 0], "{out}");
    }
    let wrong = serde_json::json!({"schema": "hss-top.list/1", "pods": [{"risk": "3"}], "more": 1});
    assert!(faults(&schema, &wrong, "").len() > 10, "the judge finds faults");
}

#[test]
fn filter_view_order_and_limit_choose_the_pods() {
    let folder = Folder::new("list-views");
    let config = folder.write(
        "config.toml",
        "filter = \"ns:of-the-file\"\n[views.hot]\nfilter = \"cpu%>=80\"\nsort = \"cpu%\"\n",
    );
    let list = |flags: &[&str]| {
        let (code, out, err) = run(
            &[
                &[
                    "list",
                    "--demo",
                    "--config",
                    &config,
                    "--output",
                    "csv",
                    "--no-headers",
                ],
                flags,
            ]
            .concat(),
            &[],
        );
        assert_eq!((code, err.as_str()), (Some(0), ""), "{flags:?}");
        out.lines()
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect::<Vec<Vec<String>>>()
    };
    assert_eq!(
        list(&["--columns", "pod"]).len(),
        1111,
        "the file's filter is the dashboard's"
    );
    let hot = list(&["--columns", "pod,cpu%", "--view", "hot"]);
    let shares: Vec<u32> = hot.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(
        shares.len() > 1 && shares.iter().all(|share| *share >= 80) && shares.is_sorted_by(|a, b| a >= b)
    );
    let by_name = list(&["--columns", "pod", "--sort", "name", "--limit", "5"]);
    let reversed = list(&["--columns", "pod", "--sort", "name", "--reverse"]);
    assert_eq!((by_name.len(), reversed.len()), (5, 1111));
    assert_eq!(by_name[0], reversed[1110]);
    assert!(by_name.is_sorted());
    assert_eq!(
        list(&[
            "--filter",
            "ns:payments,search",
            "--columns",
            "ns",
            "--limit",
            "0"
        ])
        .len(),
        0
    );
    let in_payments = list(&["--filter", "ns:payments", "--columns", "ns"]);
    assert!(in_payments.len() > 10 && in_payments.iter().all(|row| row[0] == "payments"));
}

#[test]
fn a_list_that_is_empty_because_of_a_misspelt_word_says_so() {
    let list = |filter: &str| run(&["list", "--demo", "--output", "name", "--filter", filter], &[]);
    let (code, out, err) = list("status:Faild");
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(err.contains("no pod can match: status can only be"), "{err}");
    let (_, out, err) = list("status:Failed");
    assert!(!out.is_empty() && err.is_empty(), "{err}");
    let (_, out, err) = list("ns:nowhere");
    assert!(out.is_empty() && err.is_empty(), "{err}");
    // A person sees headings alone, and is told why.
    let table = ["list", "--demo", "--filter", "ns:nowhere"];
    let (code, out, err) = run(&table, &[]);
    assert_eq!((code, out.lines().count()), (Some(0), 1));
    assert_eq!(err, "hss-top: none of 1,111 pods matches ns:nowhere\n");
    let (_, _, err) = run(&[&table[..], &["--quiet"]].concat(), &[]);
    assert_eq!(err, "");
}

#[test]
fn the_table_has_the_characters_that_the_flag_or_the_locale_asks_for() {
    let is_ascii = |flags: &[&str], set: &[(&str, &str)]| {
        let line = [&["list", "--demo", "--limit", "40", "--sort", "node"], flags].concat();
        let (code, out, _) = run(&line, set);
        assert_eq!((code, out.lines().count()), (Some(0), 41));
        out.is_ascii()
    };
    let utf8 = ("LC_ALL", "C.UTF-8");
    assert!(!is_ascii(&[], &[utf8]));
    assert!(is_ascii(&["--ascii"], &[utf8]));
    assert!(is_ascii(&[], &[("LC_ALL", "C")]));
    assert!(!is_ascii(&[], &[("LC_ALL", "C"), ("HSS_TOP_ASCII", "false")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_list_and_a_name_without_pods_are_told_on_stderr() {
    let aged = |flags: &'static [&'static str], hours: i64| async move {
        let age = jiff::SignedDuration::from_hours(hours);
        let at = (hss_top::clock::Clock::system().now() - age).as_millisecond();
        let page = PAGE.replace("1755250215000", &at.to_string());
        list_of(Step::json("200 OK", &page), flags).await
    };
    let (code, out, err) = aged(&["--list-old-after", "26h"], 30).await;
    assert_eq!((code, out.lines().count()), (Some(0), 4), "{err}");
    assert_eq!(
        err,
        "hss-top: HSS's list is 1d6h old: synchronise it in the console, or with :sync\n"
    );
    let quiet = aged(&["--list-old-after", "26h", "--quiet"], 30).await;
    assert_eq!((quiet.0, quiet.2.as_str()), (Some(0), ""));
    assert_eq!(aged(&["--list-old-after", "26h"], 1).await.2, "");

    let empty = r#"{"total_num":0,"last_update_time":1755250215000,"data_list":[],"pod_info_list":[]}"#;
    let empty = Step::json("200 OK", empty);
    let (code, out, err) = list_of(empty.clone(), &["--namespace", "paymnets", "--output", "name"]).await;
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(
        err,
        "hss-top: HSS lists no pods of namespace paymnets (is the name right?)\n"
    );
    let (code, _, err) = list_of(empty, &["--output", "name"]).await;
    assert_eq!((code, err.as_str()), (Some(0), ""), "a project may have no pods");
}

#[test]
fn a_view_has_its_columns_and_programs_have_every_field() {
    let folder = Folder::new("list-view-columns");
    let config = folder.write(
        "config.toml",
        "[views.hot]\ncolumns = [\"risk\", \"pod:40\", \"ns\", \"memlimit\"]\n",
    );
    let first = |more: &[&str]| {
        let flags = [
            "list", "--demo", "--config", &config, "--view", "hot", "--limit", "2",
        ];
        let (code, out, err) = run(&[&flags[..], more].concat(), &[]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let line = out.lines().next().unwrap().to_owned();
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(first(&[]), "RISK POD NAMESPACE MEM LIMIT");
    assert_eq!(first(&["--columns", "pod"]), "POD");
    assert!(first(&["--output", "wide"]).starts_with("RISK POD NAMESPACE STATUS "));
    assert!(first(&["--output", "csv"]).starts_with("pod_name,namespace_name,cluster_name,"));
}

#[test]
fn where_names_are_to_be_masked_a_line_says_that_these_are_real() {
    let folder = Folder::new("list-mask");
    let config = folder.write("config.toml", "mask = true\n");
    let told = "names are real here: mask (file line 1) only applies to the dashboard and to record";
    for (command, is_of_it) in [
        (&["list", "--limit", "1"][..], true),
        (&["check", "--fail-on", "ns:nowhere"], true),
        (&["report"], true),
        (&["list", "--limit", "1", "--quiet"], false),
    ] {
        let (code, _, err) = run(&[command, &["--demo", "--config", &config]].concat(), &[]);
        assert_eq!(
            (code, err.contains(told)),
            (Some(0), is_of_it),
            "{command:?}: {err}"
        );
    }
    let (_, _, err) = run(&["list", "--demo", "--limit", "1"], &[("HSS_TOP_MASK", "true")]);
    assert!(err.contains("mask (HSS_TOP_MASK) only applies"), "{err}");
}

#[test]
fn a_wrong_column_order_or_form_is_told_before_anything_is_asked() {
    for (flags, told) in [
        (["--columns", "pod,nodee"], "no column nodee; did you mean node?"),
        (["--sort", "stauts"], "unknown field; did you mean status?"),
        (["--sort", "zzzzzz"], "unknown field; hss-top fields lists them"),
        (
            ["--output", "xml"],
            "possible values: table, wide, json, jsonl, csv, tsv, yaml, name, markdown",
        ),
        (
            ["--max-age", "soon"],
            "invalid value 'soon' for '--max-age <TIME>'",
        ),
        // A month would be surprising where a minute was meant.
        (
            ["--max-age", "1M"],
            "it must be a time with its unit, such as 90s, 15m, 12h or 7d",
        ),
    ] {
        let (code, out, err) = run(&[&["list", "--demo"], &flags[..]].concat(), &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{flags:?}");
        assert!(err.contains(told), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_from_which_pods_are_missing_says_so_in_every_form() {
    let short = Step::json("200 OK", &PAGE.replace("\"total_num\":3", "\"total_num\":5"));
    for form in FORMS {
        let (code, out, err) = list_of(short.clone(), &["--output", form, "--columns", "ns,pod"]).await;
        assert_eq!(code, Some(4), "{form}: {err}");
        assert!(
            err.starts_with("hss-top: the list is incomplete, 3 pods printed: HSS listed 3 of 5 pods"),
            "{form}: {err}"
        );
        let last = out.lines().last().unwrap();
        match form {
            "json" => assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["complete"], false),
            "jsonl" => assert_eq!(serde_json::from_str::<Value>(last).unwrap()["complete"], false),
            "yaml" => assert!(out.contains("\"complete\": false\n")),
            "name" => assert_eq!(out.lines().count(), 3),
            _ => assert!(
                last.replace("**", "").starts_with("INCOMPLETE: "),
                "{form}: {out}"
            ),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_closes_the_connection_behind_the_last_pod_ends_the_list() {
    let pods: Vec<String> = (0..200)
        .map(|at| format!(r#"{{"id":"{at}","pod_name":"p-{at}","namespace_name":"n"}}"#))
        .collect();
    let page = format!(
        r#"{{"total_num":200,"last_update_time":1755250215000,"data_list":[{}]}}"#,
        pods.join(",")
    );
    let server = Scripted::start(vec![Step::json("200 OK", &page), Step::Answer(Vec::new())]).await;
    let url = server.url();
    let flags = ["--output", "name", "--calls-per-minute", "100"];
    let (code, out, err) = tokio::task::spawn_blocking(move || list_at(&url, &flags))
        .await
        .unwrap();
    assert_eq!((code, out.lines().count(), err.as_str()), (Some(0), 200, ""));
    assert!(server.requests().len() <= 4, "{:?}", server.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_has_its_sentence_its_next_step_and_its_code() {
    let at_once = ["--give-up-after", "0s", "--output", "name"];
    let (code, out, err) = list_at("http://127.0.0.1:9", &at_once);
    assert_eq!((code, out.as_str()), (Some(5), ""), "{err}");
    assert_eq!(
        err,
        "hss-top: cannot connect to 127.0.0.1:9: Connection refused (os error 111)\n\
         hss-top: → is hss-top serve running there, and is the port right?\n\
         hss-top: → hss-top doctor checks every step between this machine and the pods\n"
    );
    let throttled =
        r#"{"error_code":"APIG.0308","error_msg":"policy ip over ratelimit,limit:5,time:1 minute"}"#;
    let denied = r#"{"error_code":"HSS.0013","error_msg":"no"}"#;
    let refused = r#"{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication information"}"#;
    for (status, body, wanted, told) in [
        ("429 Too Many Requests", throttled, 5, "wait a minute"),
        ("403 Forbidden", denied, 3, "a role that can read HSS"),
        ("401 Unauthorized", refused, 3, "Is the token for this project"),
        ("503 Service Unavailable", "{}", 5, "try again in a moment"),
    ] {
        let (code, _, err) = list_of(Step::json(status, body), &at_once).await;
        assert_eq!(code, Some(wanted), "{status}: {err}");
        assert!(
            err.contains(told) && err.contains("hss-top doctor"),
            "{status}: {err}"
        );
    }
    let (code, out, err) = run(&["list", "--region", "cn-north-4"], &[]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    assert!(err.contains("HSS_TOP_TOKEN"), "{err}");
}

#[test]
fn a_saved_list_that_is_young_enough_costs_no_call() {
    let folder = Folder::new("list-state");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let hss = Simulate::start(&["--pods", "500"], &[TOKEN]);
    let url = hss.url.clone();
    let list = |more: &[&str]| {
        let flags = [
            "list",
            "--endpoint",
            &url,
            "--project-id",
            "p",
            "--output",
            "json",
            "--sort",
            "name",
        ];
        let (code, out, err) = run(&[&flags[..], more, &["--give-up-after", "0s"]].concat(), &set);
        (code, serde_json::from_str::<Value>(&out).unwrap(), err)
    };
    let (code, asked, err) = list(&[]);
    assert_eq!(
        (code, &asked["stored"], asked["listed"].as_u64()),
        (Some(0), &false.into(), Some(540)),
        "{err}"
    );
    // HSS is gone: what is taken now comes from the disk.
    drop(hss);
    let (code, stored, err) = list(&["--max-age", "15m"]);
    assert_eq!(
        (code, err.as_str(), &stored["stored"]),
        (Some(0), "", &true.into())
    );
    assert_eq!(
        (&stored["pods"], &stored["asked_at"]),
        (&asked["pods"], &asked["asked_at"])
    );
    for too_old in [&["--max-age", "0s"][..], &[], &["--max-age", "15m", "--no-state"]] {
        let (code, list, _) = list(too_old);
        assert_eq!(
            (code, &list["complete"], list["pods"].as_array().map(Vec::len)),
            (Some(5), &false.into(), Some(0)),
            "{too_old:?}"
        );
    }
}

/// The disk is slower than the server: another program keeps the file for a second, while all pages come.
#[test]
fn a_list_that_came_faster_than_the_disk_writes_is_saved_completely() {
    let folder = Folder::new("list-slow-disk");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let hss = Simulate::start(&["--pods", "12000"], &[TOKEN]);
    let url = hss.url.clone();
    let flags = [
        "list",
        "--endpoint",
        &url,
        "--project-id",
        "p",
        "--calls-per-minute",
        "100000",
        "--output",
        "name",
    ];
    let list = |more: &[&str]| run(&[&flags[..], more].concat(), &set);
    // It makes the file.
    assert_eq!(list(&["--limit", "1"]).0, Some(0));
    let saved = std::fs::read_dir(folder.join("hss-top")).unwrap();
    let file = saved
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "sqlite"));
    let holder = rusqlite::Connection::open(file.unwrap()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (code, asked, err) = std::thread::scope(|scope| {
        let asked = scope.spawn(|| list(&[]));
        // As long as another program has it.
        std::thread::park_timeout(std::time::Duration::from_millis(1500));
        holder.execute_batch("ROLLBACK").unwrap();
        asked.join().unwrap()
    });
    assert_eq!((code, err.as_str(), asked.lines().count()), (Some(0), "", 12_040));
    // What is taken now comes from the disk.
    drop(hss);
    let lines = |out: &str| out.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (code, stored, err) = list(&["--max-age", "15m", "--give-up-after", "0s"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(lines(&stored) == lines(&asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_hss_has_not_renewed_costs_one_call_and_a_young_one_none() {
    let server = Scripted::start(vec![Step::json("200 OK", PAGE)]).await;
    let folder = Folder::new("list-calls");
    let mut calls = Vec::new();
    for more in [&[][..], &[], &["--max-age", "15m"]] {
        let (url, state) = (server.url(), folder.path().to_owned());
        let ask = move || {
            let flags = [
                "list",
                "--endpoint",
                &url,
                "--project-id",
                "p",
                "--output",
                "name",
            ];
            run(&[&flags[..], more].concat(), &[TOKEN, ("XDG_STATE_HOME", &state)])
        };
        let (code, out, err) = tokio::task::spawn_blocking(ask).await.unwrap();
        assert_eq!((code, out.lines().count()), (Some(0), 3), "{err}");
        calls.push(server.requests().len());
    }
    assert_eq!(calls, [1, 2, 2]);
}

/// Four of six pages come at once, the rest within a minute: rows are there before.
#[test]
fn without_an_order_the_first_pods_are_printed_before_the_last_page_is_there() {
    let mut child = spawn(&["list", "--demo", "--calls-per-minute", "5", "--output", "json"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut lines = [String::new(), String::new(), String::new()];
    for line in &mut lines {
        out.read_line(line).unwrap();
    }
    assert!(lines[2].starts_with("{\"pod_name\":"), "{lines:?}");
    // And whoever ends it now gets a whole document that says it is not.
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(143));
    let list: Value = serde_json::from_str(&(lines.concat() + &rest)).unwrap();
    assert_eq!(
        (&list["complete"], &list["missing"]),
        (&false.into(), &"signal 15 ended it".into())
    );
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(err.starts_with("hss-top: the list is incomplete, "), "{err}");
}

/// One is printed by two threads when all of it is there, one while it is loaded.
#[test]
fn a_long_list_has_each_pod_once_and_in_its_order() {
    for order in [&["--sort", "pod"][..], &[]] {
        let flags = "list --demo --pods 9000 --calls-per-minute 100000 --output json --quiet";
        let flags: Vec<&str> = flags.split(' ').chain(order.iter().copied()).collect();
        let (code, out, err) = run(&flags, &[]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        let list: Value = serde_json::from_str(&out).unwrap();
        let pods = list["pods"].as_array().unwrap();
        let name = |pod: &Value| ["cluster_name", "namespace_name", "pod_name"].map(|it| pod[it].to_string());
        let names: Vec<_> = pods.iter().map(name).collect();
        assert_eq!((names.len(), list["listed"].as_u64()), (9040, Some(9040)));
        assert!(order.is_empty() || names.is_sorted_by_key(|[.., pod]| pod));
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>().len(), 9040);
    }
}

#[test]
fn a_limit_without_an_order_asks_for_no_more_pages_than_it_needs() {
    let flags = [
        "list",
        "--demo",
        "--calls-per-minute",
        "1",
        "--output",
        "json",
        "--limit",
        "7",
    ];
    let (code, out, err) = run(&flags, &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let list: Value = serde_json::from_str(&out).unwrap();
    let facts = ["listed", "total", "limited", "complete"].map(|name| list[name].clone());
    assert_eq!(
        Value::from(facts.to_vec()),
        serde_json::json!([7, 1111, true, true])
    );
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    for form in ["jsonl", "table"] {
        let mut child = spawn(&["list", "--demo", "--pods", "20000", "--output", form]);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ended = child.wait_with_output().unwrap();
        let err = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), err.as_str()), (Some(0), ""), "{form}");
    }
}

#[test]
fn a_list_that_a_signal_ends_counts_the_pods_that_its_reader_gets() {
    // In an order, all rows are written when the list is loaded: more than the reader takes at once.
    let flags = [
        "list", "--demo", "--pods", "20000", "--output", "json", "--sort", "name",
    ];
    let mut child = spawn(&flags);
    let mut out = child.stdout.take().unwrap();
    let mut begin = vec![0; 4096];
    out.read_exact(&mut begin).unwrap();
    let process = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    std::thread::park_timeout(std::time::Duration::from_millis(200));
    out.read_to_end(&mut begin).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let list: Value = serde_json::from_slice(&begin).unwrap();
    let pods = list["pods"].as_array().unwrap().len() as u64;
    assert!((1..20_000).contains(&pods), "{pods}");
    assert_eq!(
        (&list["listed"], &list["complete"]),
        (&pods.into(), &false.into())
    );
}

#[test]
fn a_full_disk_is_an_error_whatever_is_printed() {
    for flags in [
        &["list", "--demo"][..],
        &["list", "--demo", "--output", "csv"],
        &["schema", "list"],
        &["config", "schema"],
        &["doctor", "--output", "json"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(flags)
            .env_clear()
            .env("HSS_TOP_METADATA_ENDPOINT", "off")
            .stdout(full)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(
            err.contains("cannot be written: No space left on device"),
            "{flags:?}: {err}"
        );
        assert_eq!(output.status.code(), Some(6), "{flags:?}: {err}");
    }
}

#[test]
fn on_a_terminal_the_table_fits_and_progress_leaves_no_trace() {
    for columns in [60, 100, 200] {
        let pty = Pty::start(columns, 30, &["list", "--demo", "--limit", "20"], &[]);
        let (code, raw, _) = pty.ended();
        assert_eq!(code, 0);
        let text = String::from_utf8(raw).unwrap();
        assert!(text.contains("\r\u{1b}[2Kasking HSS"), "{text}");
        let (_, table) = text.rsplit_once("\u{1b}[2K").unwrap();
        let mut lines = table.lines().filter(|line| !line.starts_with("hss-top: "));
        assert!(lines.next().unwrap().starts_with("RISK  "), "{table}");
        assert!(!table.contains('\u{1b}'), "{table}");
        let longest = table
            .lines()
            .filter(|line| !line.starts_with("hss-top: "))
            .map(|line| line.trim_end().chars().count())
            .max();
        assert!(longest <= Some(usize::from(columns)), "{table}");
        assert_eq!(text.contains("hss-top: no room for "), columns < 200, "{text}");
    }
}

#[test]
fn in_the_journal_remarks_differ_from_records() {
    use std::os::unix::fs::MetadataExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("journal")).unwrap();
    let metadata = file.metadata().unwrap();
    let told_of = |stream: String| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hss-top"));
        command
            .env_clear()
            .env("JOURNAL_STREAM", stream)
            .env("HSS_TOP_TOKEN", "canary-t");
        command.args([
            "list",
            "--endpoint",
            "http://127.0.0.1:9",
            "--project-id",
            "p",
            "--no-state",
        ]);
        command
            .args(["--give-up-after", "0s"])
            .stderr(file.try_clone().unwrap());
        command.output().unwrap();
        let told = std::fs::read_to_string(folder.path().join("journal")).unwrap();
        file.set_len(0).unwrap();
        told
    };
    let told = told_of(format!("{}:{}", metadata.dev(), metadata.ino()));
    assert!(told.lines().count() > 1, "{told}");
    assert!(
        told.lines()
            .all(|line| line.trim_start_matches('\0').starts_with("<5>hss-top: ")),
        "{told}"
    );
    // Inherited from a service, while stderr is something else.
    let told = told_of("1:1".to_owned());
    assert!(!told.contains("<5>"), "{told}");
}

/// What was printed is right, but the next run finds no list.
#[test]
fn a_list_that_cannot_be_saved_says_so() {
    let hss = Simulate::start(&["--pods", "20"], &[("HSS_TOP_TOKEN", "t")]);
    let set = [("HSS_TOP_TOKEN", "t"), ("XDG_STATE_HOME", "/proc/self/none")];
    let place = ["--endpoint", hss.url.as_str(), "--project-id", "p"];
    for (command, code) in [
        (&["list", "--output", "name"][..], 0),
        (&["check", "--fail-on", "pod:nothing"], 0),
    ] {
        let (ended, out, err) = run(&[command, &place].concat(), &set);
        assert_eq!((ended, out.is_empty()), (Some(code), false), "{command:?}: {err}");
        assert_eq!(err.matches("nothing is saved").count(), 1, "{command:?}: {err}");
    }
}
