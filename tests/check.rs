//! `hss-top check`, as cron, a build server and a monitoring system run it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::run::{Folder, run};
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;
use tokio::time::Instant;

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-t");
const RISK: [&str; 2] = ["--fail-on", "detect:risk"];

type Ran = (Option<i32>, String, String);

fn check(flags: &[&str]) -> Ran {
    run(&[&["check", "--demo"], flags].concat(), &[])
}

/// `check` of a server that gives this answer to every call.
async fn check_of(step: Step, flags: &[&str]) -> Ran {
    let server = Scripted::start(vec![step]).await;
    let (url, flags) = (server.url(), flags.join(" "));
    let ask = move || {
        let mut all = vec!["check", "--endpoint", &url, "--project-id", "p", "--no-state"];
        all.extend(RISK);
        all.extend(["--give-up-after", "0s"]);
        if flags.contains("--give-up-after") {
            all.truncate(all.len() - 2);
        }
        all.extend(flags.split_whitespace());
        run(&all, &[TOKEN])
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

/// A page of three pods, of which `total` are told, as old as `age` says.
fn page(total: u32, age: jiff::SignedDuration) -> Step {
    let at = (hss_top::clock::Clock::system().now() - age).as_millisecond();
    let page = format!(
        r#"{{"total_num":{total},"last_update_time":{at},"data_list":[{{"id":"1","pod_name":"a","namespace_name":"n"}}],
        "pod_info_list":[{{"pod_name":"b","namespace_name":"n","protect_status":"opened","detect_result":"clean"}}]}}"#
    );
    Step::json("200 OK", &page)
}

const HOUR: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);
const WEEK: jiff::SignedDuration = jiff::SignedDuration::from_hours(7 * 24);

#[test]
fn the_verdict_is_one_line_and_a_code() {
    let (code, out, err) = check(&RISK);
    assert_eq!((code, err.as_str()), (Some(1), ""));
    assert!(
        out.starts_with("FINDINGS: 3 of 1,111 pods match detect:risk: burst-web/cci-")
            && out.lines().count() == 1,
        "{out}"
    );
    let (code, out, _) = check(&["--fail-on", "ns:nowhere"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("OK: none of 1,111 pods matches ns:nowhere. List collected "),
        "{out}"
    );
    let warn = ["--fail-on", "ns:nowhere", "--warn-on", "detect:risk"];
    let (code, out, _) = check(&warn);
    assert_eq!(code, Some(0), "a warning is told and is no failure");
    assert!(
        out.starts_with("WARNINGS: 3 of 1,111 pods match detect:risk: "),
        "{out}"
    );
    let narrowed = ["--fail-on", "detect:risk", "--filter", "ns:settlement"];
    let (_, out, _) = check(&narrowed);
    assert!(
        out.starts_with("FINDINGS: 1 of ") && !out.contains("1,111"),
        "{out}"
    );
}

#[test]
fn a_filter_that_cannot_be_meant_is_told() {
    for (flags, told) in [
        (
            &["--fail-on", "cpu>x"][..],
            "invalid value 'cpu>x' for '--fail-on <FILTER>'",
        ),
        (&["--fail-on", ""], "an empty filter matches every pod"),
        (&[], "--fail-on <FILTER>"),
        // No Tab is behind a flag.
        (
            &["--fail-on", "color:x"],
            "cluster node, hss-top fields lists all)",
        ),
        (
            &["--fail-on", "x", "--filter", "color:x"],
            "cluster node, hss-top fields lists all)",
        ),
    ] {
        let (code, out, err) = check(flags);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{flags:?}");
        assert!(err.contains(told), "{err}");
    }
    let flags = ["--fail-on", "detect:rsik"];
    let (code, out, _) = check(&flags);
    assert_eq!(code, Some(2), "that no pod matches proves nothing");
    assert!(out.starts_with("UNKNOWN: --fail-on: detect can only be"), "{out}");
    assert!(out.contains("write it as an expression: /rsik/"), "{out}");
    let (code, out, _) = check(&[&flags[..], &["--output", "nagios"]].concat());
    assert_eq!(code, Some(3));
    assert!(out.starts_with("HSS UNKNOWN"), "{out}");
    let (code, out, _) = check(&["--fail-on", "detect:/rsik/"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn a_second_filter_is_refused_instead_of_replacing_the_first() {
    let both = ["--fail-on", "detect:risk", "--fail-on", "ns:nowhere"];
    let (code, out, err) = check(&both);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let told =
        "'--fail-on' cannot be used more than once; write one filter: 'a b' for both, 'a or b' for either";
    assert!(err.contains(told), "{err}");
    let (code, out, _) = check(&[&both[..], &["--output", "nagios"]].concat());
    assert_eq!(code, Some(3));
    assert!(
        out.starts_with("HSS UNKNOWN: ") && out.contains("'--fail-on' cannot be used more than once"),
        "{out}"
    );
    let joined = ["--fail-on", "detect:risk or ns:nowhere"];
    assert_eq!(check(&joined).0, Some(1));
    for more in [
        ["--warn-on", "x", "--warn-on", "y"],
        ["--filter", "x", "--filter", "y"],
        ["--namespace", "x", "--namespace", "y"],
        ["--profile", "x", "--profile", "y"],
    ] {
        let (code, _, err) = check(&[&RISK[..], &more].concat());
        assert_eq!(code, Some(2), "{err}");
        let told = format!("'{}' cannot be used more than once", more[0]);
        assert!(err.contains(&told), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_pods_is_never_ok() {
    let empty = |age: jiff::SignedDuration| {
        let at = (hss_top::clock::Clock::system().now() - age).as_millisecond();
        let page = format!(r#"{{"total_num":0,"last_update_time":{at},"data_list":[],"pod_info_list":[]}}"#);
        Step::json("200 OK", &page)
    };
    let told = "HSS lists no pods of cluster nosuch, namespace paymnets (are the names right?)";
    let names = "--namespace paymnets --cluster nosuch";
    let (code, out, _) = check_of(empty(HOUR), &[names]).await;
    assert_eq!(code, Some(4), "{out}");
    assert!(out.starts_with(&format!("UNKNOWN: {told}")), "{out}");
    // It is the question that is wrong, and not the data.
    let (code, out, _) = check_of(empty(HOUR), &[names, "--output nagios --stale critical"]).await;
    assert_eq!(code, Some(3), "{out}");
    assert!(out.starts_with(&format!("HSS UNKNOWN: {told}")), "{out}");
    let (code, out, _) = check_of(empty(HOUR), &[]).await;
    assert_eq!(code, Some(0), "a project may have no pods: {out}");
    assert!(out.starts_with("OK: none of 0 pods matches"), "{out}");
    let (code, out, _) = check_of(page(2, HOUR), &["--namespace n"]).await;
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn names_that_no_pod_has_prove_nothing_and_a_state_that_none_has_is_good_news() {
    let folder = Folder::new("check-names");
    let config = folder.write("config.toml", "[views.typo]\nfilter = \"ns:setlement\"\n");
    let unmatched = "UNKNOWN: no pod matches the filter ns:setlement (is the name right?)";
    let odd = |flag: &str, typed: &str| format!("UNKNOWN: {flag}: {typed} cannot match: no name of a ");
    for (flags, code, told) in [
        (&["--filter", "ns:setlement"][..], 4, unmatched.to_owned()),
        (
            &["--filter", "ns:setlement status:Running cpu%>1"],
            4,
            unmatched.to_owned(),
        ),
        (&["--view", "typo", "--config", &config], 4, unmatched.to_owned()),
        (
            &["--filter", "ns:settlement cpu%>=9999"],
            0,
            "OK: none of 0 pods matches".to_owned(),
        ),
        (
            &["--filter", "status:Unknown cpu%>=9999"],
            0,
            "OK: none of 0 pods".to_owned(),
        ),
        (&["--filter", "ns:pay$"], 4, odd("--filter", "ns:\"pay$\"")),
        (&["--warn-on", "pod:a$"], 4, odd("--warn-on", "pod:\"a$\"")),
    ] {
        let flags = [&["--fail-on", "pod:no-such-pod"][..], flags].concat();
        let (found, out, err) = check(&flags);
        assert_eq!((found, err.as_str()), (Some(code), ""), "{flags:?}: {out}");
        assert!(out.starts_with(&told), "{flags:?}: {out}");
    }
    let nagios = ["--output", "nagios", "--stale", "critical", "--fail-on"];
    for flags in [
        &["ns:pay$"][..],
        &["node:n_1"],
        &["detect:risk", "--filter", "ns:setlement"],
    ] {
        let (code, out, _) = check(&[&nagios[..], flags].concat());
        assert_eq!(code, Some(3), "{out}");
    }
}

#[test]
fn a_plug_in_writes_nothing_to_stderr_and_its_notes_behind_the_verdict() {
    let folder = Folder::new("check-notes");
    let config = folder.write("config.toml", "colour = 1\n");
    let file = folder.write("file", "");
    let log = folder.join("none/log").display().to_string();
    let hss = Simulate::start(&["--pods", "60"], &[]);
    let flags = [
        "check",
        "--output",
        "nagios",
        "--fail-on",
        "pod:no-such-pod",
        "--config",
        &config,
        "--endpoint",
        &hss.url,
        "--project-id",
        "p",
        "--calls-per-minute",
        "600",
        "--log-file",
        &log,
    ];
    // The state cannot be saved below a file.
    let variables = [TOKEN, ("XDG_STATE_HOME", file.as_str())];
    let (code, out, err) = run(&flags, &variables);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("HSS OK: ") && lines[0].contains(" | 'findings'=0;"),
        "{out}"
    );
    assert!(
        lines.len() > 2 && lines[1..].iter().all(|line| line.starts_with("note: ")),
        "{out}"
    );
    assert!(
        out.contains("unknown key colour") && out.contains("XDG_STATE_HOME") | out.contains("saved"),
        "{out}"
    );
    let (_, out, err) = run(
        &[
            "check",
            "--demo",
            "--output",
            "nagios",
            "--fail-on",
            "x-y",
            "--config",
            &config,
        ],
        &[],
    );
    assert_eq!((out.lines().count(), err.as_str()), (2, ""), "{out}");
    let quiet = [
        "check",
        "--demo",
        "--output",
        "nagios",
        "--fail-on",
        "x-y",
        "--quiet",
        "--config",
        &config,
    ];
    let (_, out, err) = run(&quiet, &[]);
    assert_eq!((out.lines().count(), err.as_str()), (1, ""), "{out}");
}

#[test]
fn a_check_that_gets_no_call_waits_for_the_budget_and_says_nothing_of_hss() {
    let hss = Simulate::start(&["--pods", "3000"], &[]);
    let folder = Folder::new("check-budget");
    let variables = [TOKEN, ("XDG_RUNTIME_DIR", folder.path())];
    let ask = |more: &[&str]| {
        let flags = ["check", "--endpoint", &hss.url, "--project-id", "p", "--no-state"];
        run(&[&flags[..], &RISK, more].concat(), &variables)
    };
    // They spend the five calls; one of these is for another program.
    ask(&["--timeout", "3s"]);
    ask(&["--timeout", "3s"]);
    let told = "waiting for the call budget: no call was free within 1s (5 of 5 are spent, ";
    let (code, out, err) = ask(&["--timeout", "1s"]);
    assert_eq!(code, Some(4), "{out}{err}");
    assert!(out.starts_with(&format!("UNKNOWN: {told}")), "{out}");
    let (code, out, _) = ask(&["--timeout", "1s", "--output", "nagios", "--stale", "critical"]);
    assert_eq!(code, Some(3), "{out}");
    assert!(out.starts_with(&format!("HSS UNKNOWN: {told}")), "{out}");
}

#[test]
fn a_saved_list_that_nobody_can_keep_is_told() {
    let hss = Simulate::start(&["--pods", "60"], &[]);
    let flags = [
        "check",
        "--endpoint",
        &hss.url,
        "--project-id",
        "p",
        "--calls-per-minute",
        "600",
        "--max-age",
        "1h",
    ];
    let flags = [&flags[..], &RISK].concat();
    let told = "--max-age has no saved list to read: set XDG_STATE_HOME or HOME";
    let (_, out, _) = run(&flags, &[TOKEN]);
    assert!(out.contains(told), "{out}");
    let folder = Folder::new("check-state");
    let (_, out, _) = run(&flags, &[TOKEN, ("XDG_STATE_HOME", folder.path())]);
    assert!(!out.contains(told), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_ends_when_its_time_is_over() {
    let asks = async |server: Step, flags: &'static str| {
        let began = Instant::now();
        let ran = check_of(server, &["--give-up-after 90s", flags]).await;
        assert!(began.elapsed() < Duration::from_secs(25), "a call may take 30 s");
        ran
    };
    let (code, out, _) = asks(Step::Silence, "--timeout 1s").await;
    assert_eq!(code, Some(5), "{out}");
    assert!(out.starts_with("UNKNOWN: HSS did not answer within 1s"), "{out}");
    let (code, out, _) = asks(Step::Silence, "--timeout 1s --output nagios").await;
    assert_eq!(code, Some(2), "{out}");
    assert!(
        out.starts_with("HSS CRITICAL: HSS did not answer within 1s"),
        "{out}"
    );
}

#[test]
fn a_list_that_takes_longer_than_the_check_may_says_how_long_and_what_helps() {
    let hss = Simulate::start(&["--pods", "3000"], &[]);
    let url = hss.url.clone();
    let flags = [
        "--endpoint",
        &url,
        "--project-id",
        "p",
        "--no-state",
        "--timeout",
        "2s",
    ];
    let (code, out, err) = run(&[&["check"], &RISK[..], &flags].concat(), &[TOKEN]);
    assert_eq!(code, Some(4), "{out}{err}");
    assert!(
        out.contains("of 3,040 pods within 2s; its 16 pages take 3m at 5 calls a minute"),
        "{out}"
    );
    assert!(
        err.contains("→ let hss-top watch or hss-top serve keep the list"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_a_date_proves_nothing() {
    let page = r#"{"total_num":1,"data_list":[{"id":"1","pod_name":"a","namespace_name":"n"}]}"#;
    let (code, out, _) = check_of(Step::json("200 OK", page), &[]).await;
    assert_eq!(code, Some(4), "{out}");
    assert!(out.starts_with("UNKNOWN: HSS's list has no date"), "{out}");
    let (code, out, _) = check_of(self::page(2, -WEEK), &[]).await;
    assert_eq!(code, Some(4), "{out}");
    assert!(
        out.starts_with("UNKNOWN: the date of HSS's list is impossible"),
        "{out}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_all_pods_or_with_an_old_list_nothing_is_proven() {
    for (step, code, told) in [
        (page(2, HOUR), 0, "OK: none of 2 pods matches"),
        (page(5, HOUR), 4, "UNKNOWN: HSS listed 2 of 5 pods"),
        (page(2, WEEK), 4, "UNKNOWN: HSS's list is 7d old"),
        (
            Step::json("503 Service Unavailable", "{}"),
            5,
            "UNKNOWN: HSS answered with an error (503",
        ),
        (
            Step::json("403 Forbidden", r#"{"error_code":"HSS.0013","error_msg":"no"}"#),
            3,
            "UNKNOWN: HSS says: no (403",
        ),
    ] {
        let (found, out, err) = check_of(step, &[]).await;
        assert_eq!(found, Some(code), "{out}{err}");
        assert!(out.starts_with(told) && out.lines().count() == 1, "{out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plug_in_ends_with_one_of_four_codes_and_a_line_on_stdout_whatever_happens() {
    let nagios = ["--output", "nagios"];
    let (code, out, _) = check(&[&RISK[..], &nagios].concat());
    assert_eq!(code, Some(2));
    let shape = regex::Regex::new(
        r"^HSS CRITICAL: 3 of 1,111 pods match detect:risk: [^|;]+ \| 'findings'=3;;0;0; 'pods'=1111;;;0; 'list_age'=\d+s;;;0;\n$",
    );
    assert!(shape.unwrap().is_match(&out), "{out}");
    let both = ["--fail-on", "ns:nowhere", "--warn-on", "detect:risk"];
    let (code, out, _) = check(&[&both[..], &nagios].concat());
    assert!(
        code == Some(1) && out.contains(" | 'findings'=0;;0;0; 'warnings'=3;0;;0; "),
        "{out}"
    );
    let (code, out, _) = check(&[&["--fail-on", "ns:nowhere"][..], &nagios].concat());
    assert!(code == Some(0) && out.starts_with("HSS OK: "), "{out}");
    for (step, more, code, told) in [
        (page(5, HOUR), "", 1, "HSS WARNING: HSS listed 2 of 5 pods"),
        (
            page(2, WEEK),
            "--stale critical",
            2,
            "HSS CRITICAL: HSS's list is 7d old",
        ),
        (
            page(2, WEEK),
            "--stale unknown",
            3,
            "HSS UNKNOWN: HSS's list is 7d old",
        ),
        (
            Step::json("503 Service Unavailable", "{}"),
            "",
            2,
            "HSS CRITICAL: HSS answered",
        ),
        (
            Step::json("401 Unauthorized", "{}"),
            "",
            3,
            "HSS UNKNOWN: HSS answered",
        ),
    ] {
        let (found, out, _) = check_of(step, &["--output", "nagios", more]).await;
        assert_eq!(found, Some(code), "{out}");
        assert!(out.starts_with(told) && out.lines().count() == 1, "{out}");
        assert!(
            code != 1 || !out.contains("'pods'"),
            "what is not known is left out: {out}"
        );
    }
    // Even a wrong command line has no other code.
    for flags in [
        &["check", "--output", "nagios"][..],
        &["check", "--output=nagios", "--fail-on", "cpu>x"],
        &[
            "check",
            "--fail-on",
            "x",
            "--output",
            "nagios",
            "--region",
            "cn-north-4",
        ],
        &[
            "check",
            "--fail-on",
            "x",
            "--output",
            "nagios",
            "--config",
            "/nonexistent",
        ],
    ] {
        let (code, out, _) = run(flags, &[]);
        assert_eq!(code, Some(3), "{flags:?}: {out}");
        assert!(
            out.starts_with("HSS UNKNOWN: ") && out.lines().count() == 1,
            "{out}"
        );
    }
}

#[test]
fn a_defect_and_a_signal_are_unknown_to_a_monitoring_system() {
    let folder = Folder::new("check-panic");
    let fault = format!("task:{}", folder.write("now", ""));
    // One call a minute: the second page is far away.
    let flags = [
        "check",
        "--demo",
        "--calls-per-minute",
        "1",
        "--fail-on",
        "x",
        "--output",
        "nagios",
    ];
    let (code, out, _) = run(&flags, &[("HSS_TOP_TEST_PANIC", &fault)]);
    assert_eq!(code, Some(3), "{out}");
    assert!(
        out.starts_with("HSS UNKNOWN: crashed: injected fault") && out.lines().count() == 1,
        "{out}"
    );

    let hss = Simulate::start(&["--latency", "60s"], &[TOKEN]);
    for (form, code, told) in [
        ("nagios", 3, "HSS UNKNOWN: signal 15 ended the check\n"),
        ("text", 143, ""),
    ] {
        let runtime = Folder::new("check-signal");
        let child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args([
                "check",
                "--fail-on",
                "x",
                "--no-state",
                "--project-id",
                "p",
                "--log-level",
                "debug",
            ])
            .args(["--endpoint", &hss.url, "--output", form])
            .arg("--log-file")
            .arg(runtime.join("log"))
            .env_clear()
            .envs([TOKEN, ("XDG_RUNTIME_DIR", runtime.path())])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Its ledger of calls is there once it listens for signals and has begun to call.
        let has_begun =
            || std::fs::read_dir(runtime.join("hss-top")).is_ok_and(|mut files| files.next().is_some());
        while !has_begun() {
            std::thread::yield_now();
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{form}");
        assert_eq!(String::from_utf8(ended.stdout).unwrap(), told);
    }
}

#[test]
fn a_signal_before_the_check_has_begun_ends_it_with_the_same_word() {
    let folder = Folder::new("check-early-signal");
    for (form, signal, code, told, said) in [
        (
            "nagios",
            rustix::process::Signal::TERM,
            3,
            "HSS UNKNOWN: signal 15 ended the check\n",
            "",
        ),
        (
            "text",
            rustix::process::Signal::INT,
            130,
            "",
            "hss-top: signal 2 ended the check\n",
        ),
    ] {
        let pipe = folder.join(form);
        let made = rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU);
        made.unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(["check", "--demo", "--fail-on", "x", "--output", form, "--config"])
            .arg(&pipe)
            .env_clear()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It can be opened once the program reads its configuration, and then the program waits for more of that.
        let _writer = File::options().write(true).open(&pipe).unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).unwrap();
        let ended = child.wait_with_output().unwrap();
        let texts = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(
            (ended.status.code(), texts),
            (Some(code), [told, said].map(str::to_owned)),
            "{form}"
        );
    }
}

#[test]
fn build_servers_and_programs_read_it() {
    let xml = "import sys, xml.etree.ElementTree as tree\n\
        suite = tree.fromstring(sys.stdin.buffer.read()).find('testsuite')\n\
        print(suite.get('name'), suite.get('tests'), suite.get('failures'), suite.get('errors'), suite.get('skipped'))\n\
        print(*[(it.get('name'), it.get('value')) for it in suite.iter('property') if it.get('name') != 'region'])\n\
        for case in suite.iter('testcase'): print(case.get('name'), *[part.tag for part in case])\n";
    let both = [&RISK[..], &["--warn-on", "risk>30"]].concat();
    let read = |flags: &[&str]| {
        let (code, out, _) = check(&[&both[..], &["--output", "junit"], flags].concat());
        let mut python = Command::new("python3")
            .args(["-c", xml])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        python.stdin.take().unwrap().write_all(out.as_bytes()).unwrap();
        let read = python.wait_with_output().unwrap().stdout;
        (code, String::from_utf8(read).unwrap())
    };
    let (code, suite) = read(&[]);
    assert_eq!(code, Some(1));
    let (facts, cases) = suite.split_once("\n--fail-on").unwrap();
    assert!(
        facts.starts_with("hss-top check 3 1 0 0\n('project', '")
            && facts.contains("('enterprise_project', 'all_granted_eps')"),
        "{facts}"
    );
    assert_eq!(
        cases,
        " detect:risk failure\n--warn-on risk>30 system-out\ndata system-out\n"
    );
    // The suite's name has what chooses the pods, and where nothing is proven, no case has passed.
    let folder = Folder::new("check-junit");
    let config = folder.write("config.toml", "[profiles.prod]\n");
    let nowhere = [
        "--config",
        &config,
        "--profile",
        "prod",
        "--namespace",
        "no&where",
        "--filter",
        "age>1d",
    ];
    let (code, suite) = read(&nowhere);
    assert_eq!(code, Some(4));
    assert!(
        suite.starts_with("hss-top check prod ns:no&where age>1d 3 0 1 2\n"),
        "{suite}"
    );
    let (_, cases) = suite.split_once("\n--fail-on").unwrap();
    assert_eq!(
        cases,
        " detect:risk skipped\n--warn-on risk>30 skipped\ndata error\n"
    );
    let (_, out, _) = check(&[&both[..], &["--output", "json"]].concat());
    let verdict: Value = serde_json::from_str(&out).unwrap();
    let facts = ["schema", "verdict", "exit_code", "checked", "complete"].map(|name| verdict[name].clone());
    assert_eq!(
        Value::from(facts.to_vec()),
        serde_json::json!(["hss-top.check/1", "findings", 1, 1111, true])
    );
    assert_eq!(verdict["fail_on"]["pods"][0]["detect_result"], "risk");
    // What was checked has the same names as in a list.
    let (_, list, _) = run(&["list", "--demo", "--limit", "1", "--output", "json"], &[]);
    let list: Value = serde_json::from_str(&list).unwrap();
    for name in ["project", "region", "enterprise_project", "filter"] {
        assert_eq!(verdict[name].is_string(), list[name].is_string(), "{name}");
    }
    assert_eq!(verdict["enterprise_project"], list["enterprise_project"]);
    let (_, schema, _) = run(&["schema", "check"], &[]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&schema["properties"]), names(&verdict));
}

#[test]
fn a_young_saved_list_is_checked_without_a_call() {
    let folder = Folder::new("check-state");
    let set = [TOKEN, ("XDG_STATE_HOME", folder.path())];
    let hss = Simulate::start(&["--pods", "500"], &[TOKEN]);
    let url = hss.url.clone();
    let check = |more: &[&str]| {
        let flags = [
            "check",
            "--endpoint",
            &url,
            "--project-id",
            "p",
            "--fail-on",
            "detect:risk",
        ];
        run(&[&flags[..], more, &["--give-up-after", "0s"]].concat(), &set)
    };
    let asked = check(&[]);
    assert_eq!(asked.0, Some(1), "{asked:?}");
    drop(hss);
    let stored = check(&["--max-age", "1h"]);
    let verdict = |out: &str| out.split(". List").next().unwrap().to_owned();
    assert_eq!((stored.0, verdict(&stored.1)), (Some(1), verdict(&asked.1)));
    let (code, out, err) = check(&["--max-age", "0s"]);
    assert_eq!(code, Some(5), "{out}{err}");
    assert!(
        out.starts_with("UNKNOWN: cannot connect to 127.0.0.1:") && !out.contains("collected"),
        "{out}"
    );
}

#[test]
fn what_is_printed_to_a_closed_output_is_an_error_and_to_dev_null_it_is_none() {
    let told = "cannot be written: standard output is closed; > /dev/null prints to nobody";
    for (line, code) in [
        ("check --demo --fail-on ns:nowhere", 6),
        ("check --demo --fail-on ns:nowhere --output nagios", 3),
        ("list --demo --limit 1", 6),
        ("list --demo --output json", 6),
        ("report --demo", 6),
        ("fields", 6),
        ("man", 6),
        ("--version", 6),
        ("list --help", 6),
    ] {
        let ran = |output: &str| {
            let script = format!("exec \"$0\" {line} {output}");
            let output = Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_hss-top")])
                .env_clear()
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let (closed, err) = ran(">&-");
        assert_eq!((closed, err.contains(told)), (Some(code), true), "{line}: {err}");
        assert_eq!(ran("> /dev/null"), (Some(0), String::new()), "{line}");
        // As a program may open it for another one.
        assert_eq!(ran("1<> /dev/null"), (Some(0), String::new()), "{line}");
    }
}

#[test]
fn a_command_whose_output_takes_nothing_ends_before_it_does_anything() {
    let folder = Folder::new("takes-nothing");
    let config = folder.join("config.toml");
    // Each would work for long, change something or have nothing to print.
    let init = format!("config init --config {}", config.display());
    let saved = "--endpoint https://hss.example --project-id p";
    let lines = [
        "watch --demo".to_owned(),
        "record --demo --out - --for 1h".to_owned(),
        "simulate".to_owned(),
        "doctor".to_owned(),
        "list --demo --output csv".to_owned(),
        "alerts test".to_owned(),
        format!("alerts log {saved}"),
        format!("export changes {saved}"),
        format!("export history {saved}"),
        format!("mutes list {saved}"),
        "schema list".to_owned(),
        "keys".to_owned(),
        "themes".to_owned(),
        "config show".to_owned(),
        "config schema".to_owned(),
        "completions bash".to_owned(),
        "values region".to_owned(),
        init,
    ];
    for (to, why) in [
        (">&-", "standard output is closed; > /dev/null prints to nobody"),
        (
            "1< /dev/null",
            "standard output is only open for reading; > FILE opens one for writing",
        ),
    ] {
        for line in &lines {
            let began = Instant::now();
            let output = Command::new("sh")
                .args([
                    "-c",
                    &format!("exec timeout 20 \"$0\" {line} {to}"),
                    env!("CARGO_BIN_EXE_hss-top"),
                ])
                .env_clear()
                .env("PATH", std::env::var("PATH").unwrap())
                .env("HOME", folder.path())
                .output()
                .unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            let told = format!("hss-top: the output cannot be written: {why}\n");
            assert_eq!((output.status.code(), err), (Some(6), told), "{line} {to}");
            assert!(began.elapsed() < Duration::from_secs(5), "{line} {to}");
        }
        // What prints nothing works without it.
        let file = folder.join(format!("{}.jsonl", to.len()));
        let script = format!("exec \"$0\" record --demo --quiet --out {} {to}", file.display());
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_hss-top")])
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(file.exists() && !config.exists());
    }
    let help = Command::new("sh")
        .args([
            "-c",
            "exec \"$0\" --help 1< /dev/null",
            env!("CARGO_BIN_EXE_hss-top"),
        ])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(help.status.code(), Some(6), "{help:?}");
}

#[test]
fn a_verdict_that_cannot_be_written_is_no_verdict() {
    for (form, code) in [("text", 6), ("nagios", 3)] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_hss-top"))
            .args(["check", "--demo", "--fail-on", "ns:nowhere", "--output", form])
            .env_clear()
            .stdout(full)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{form}: {err}");
        assert!(
            err.contains("the verdict cannot be written: No space left"),
            "{err}"
        );
    }
}

/// The page of a collector in this state, whose list HSS confirmed this many hours ago.
fn collected(state: &str, hours: u64) -> Step {
    let at = (hss_top::clock::Clock::system().now() - HOUR).as_millisecond();
    let page = format!(
        r#"{{"total_num":1,"last_update_time":{at},"data_list":[],
        "pod_info_list":[{{"pod_name":"b","namespace_name":"n","protect_status":"opened","detect_result":"clean"}}]}}"#
    );
    let mark = format!(
        "X-Hss-Top-Source: store\r\nX-Hss-Top-State: {state}\r\nX-Hss-Top-Age: {}\r\n",
        hours * 3600
    );
    Step::http(
        "200 OK",
        &format!("Content-Type: application/json\r\n{mark}"),
        page,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hss_left_alone_proves_nothing() {
    let why = "the collector is OFFLINE: it cannot reach HSS; HSS confirmed its list 10h ago";
    let ask = "hss-top: → ask whoever runs the collector to run hss-top doctor there\n";
    let (code, out, err) = check_of(collected("OFFLINE", 10), &[]).await;
    assert_eq!((code, err.as_str()), (Some(4), ask), "{out}");
    assert_eq!(out, format!("UNKNOWN: {why}. List collected 1h ago\n"));
    let (code, out, _) = check_of(
        collected("OFFLINE", 10),
        &["--output", "nagios", "--stale", "critical"],
    )
    .await;
    // A semicolon would end the text for a monitoring system.
    assert!(
        code == Some(2) && out.contains(&why.replace(';', ",")),
        "{code:?} {out}"
    );
    let (code, out, _) = check_of(collected("AUTH", 10), &["--output", "json"]).await;
    let verdict: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &verdict["collector"]), (Some(4), &Value::from("AUTH")));
    assert!(
        verdict["doubt"]
            .as_str()
            .unwrap()
            .contains("HSS refuses its credential")
    );
    // As young as it was asked to be, or in order.
    for (state, hours, flags) in [
        ("OFFLINE", 0, &[][..]),
        ("OFFLINE", 10, &["--max-age", "11h"]),
        ("LOADING", 10, &[]),
        ("FRESH", 10, &[]),
    ] {
        let (code, out, _) = check_of(collected(state, hours), flags).await;
        assert_eq!(code, Some(0), "{state} {hours}: {out}");
    }
    let (code, out, _) = check_of(collected("FRESH", 10), &["--max-age", "1h"]).await;
    assert!(
        code == Some(4) && out.contains("HSS confirmed its list 10h ago"),
        "{out}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_says_that_a_collector_is_in_trouble() {
    let server = Scripted::start(vec![collected("AUTH", 10)]).await;
    let url = server.url();
    let work = move || {
        let folder = Folder::new("collector-word");
        let variables = [TOKEN, ("HOME", folder.path())];
        let ask = |words: &[&str]| {
            let all = [words, &["--endpoint", &url, "--project-id", "p"]].concat();
            run(&all, &variables)
        };
        let why = "the collector is AUTH: HSS refuses its credential; HSS confirmed its list 10h ago";
        let advice = "ask whoever runs the collector to run hss-top doctor there";
        let (code, out, err) = ask(&["list", "--output", "json", "--no-state", "--quiet"]);
        let list: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &list["collector"]), (Some(0), &Value::from("AUTH")));
        assert_eq!(err, format!("hss-top: {why}\nhss-top: → {advice}\n"));
        let (code, out, err) = ask(&["report", "--since", "1h"]);
        assert!(
            code == Some(4) && out.contains(why) && err.contains(why),
            "{code:?} {out} {err}"
        );
        let (code, out, _) = ask(&["doctor"]);
        let found = "from an hss-top collector, which is AUTH: HSS refuses its credential; HSS confirmed its list 10h ago";
        assert!(
            code == Some(1) && out.contains(found) && out.contains(advice),
            "{code:?} {out}"
        );
        assert!(!out.contains("All is well"), "{out}");
    };
    tokio::task::spawn_blocking(work).await.unwrap();
}
