//! The commands without a screen when something around them is wrong: the same few faults for each of them.
//!
//! What a list, a check or a stream of changes says about its own troubles is tested in the suites of those
//! commands. Here is one table: each command ends, with the code of its fault, and with a sentence where the
//! fault is not wanted.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs::{self, File};
use std::io::pipe;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use support::run::{Folder, run};
use support::scripted::{Scripted, Step};

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "canary-token-1");
/// Nothing listens there.
const NOBODY: &str = "http://127.0.0.1:9";
const REFUSED: &str = r#"{"error_code":"APIG.0301","error_msg":"Incorrect IAM authentication information"}"#;

/// The command that asks for what a team decided, if there is a collector, and knows its own decisions without.
const MUTES: &[&str] = &["mutes", "list"];

/// A command: its words, whether it asks HSS, and what cannot be written if its output cannot.
const COMMANDS: &[(&[&str], bool, &str)] = &[
    (&["list"], true, "the list"),
    (&["list", "--output", "jsonl"], true, "the list"),
    (&["check", "--fail-on", "ns:none-of-them"], true, "the verdict"),
    (&["report"], true, "the report"),
    (&["record", "--quiet", "--out", "-"], true, "the recording"),
    (&["export", "history"], false, "the records"),
    (&["export", "history", "--output", "csv"], false, "the records"),
    (MUTES, false, "the mutes"),
];

/// Two pods of this many, in a list that is new.
fn page(total: u32) -> Step {
    let now = hss_top::clock::Clock::system().now().as_millisecond();
    Step::json(
        "200 OK",
        &format!(
            r#"{{"total_num":{total},"last_update_time":{now},"data_list":[
            {{"id":"1","pod_name":"api-1","namespace_name":"pay","cluster_name":"c","status":"Running","cpu":"1m","memory":"1Mi"}},
            {{"id":"2","pod_name":"api-2","namespace_name":"pay","cluster_name":"c","status":"Running","cpu":"2m","memory":"2Mi"}}]}}"#
        ),
    )
}

/// A service, and what an earlier list of it has saved. A command that does not ask reads that.
struct Place {
    url: String,
    state: Folder,
    server: Option<Scripted>,
}

impl Place {
    async fn of(step: Step) -> Self {
        let server = Scripted::start(vec![step]).await;
        let place = Self {
            url: server.url(),
            state: Folder::new("headless-state"),
            server: Some(server),
        };
        let saved = place.run(&["list", "--output", "name", "--quiet"]).await;
        assert!(matches!(saved.0, Some(0 | 3 | 4)), "{saved:?}");
        place
    }

    fn flags(&self, command: &[&str]) -> Vec<String> {
        let place = ["--endpoint", &self.url, "--project-id", "p"];
        let asks = COMMANDS.iter().any(|(words, asks, _)| *asks && *words == command);
        let patience = if asks { &["--give-up-after", "0s"][..] } else { &[] };
        let all = command.iter().chain(&place).chain(patience);
        all.map(|word| (*word).to_owned()).collect()
    }

    async fn run(&self, command: &[&str]) -> (Option<i32>, String, String) {
        let (flags, state) = (self.flags(command), self.state.path().to_owned());
        let ran = tokio::task::spawn_blocking(move || {
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            run(&flags, &[TOKEN, ("XDG_STATE_HOME", &state)])
        });
        let ran = ran.await.unwrap();
        assert!(!ran.1.contains("canary") && !ran.2.contains("canary"), "{ran:?}");
        ran
    }

    /// The code and stderr of a command that writes there.
    async fn run_into(
        &self,
        command: &[&str],
        out: impl Into<Stdio> + Send + 'static,
    ) -> (Option<i32>, String) {
        let runtime = Folder::new("headless-runtime");
        let mut program = Command::new(env!("CARGO_BIN_EXE_hss-top"));
        program
            .args(self.flags(command))
            .env_clear()
            .env("HSS_TOP_METADATA_ENDPOINT", "off")
            .env("XDG_RUNTIME_DIR", runtime.path())
            .env("XDG_STATE_HOME", self.state.path())
            .env(TOKEN.0, TOKEN.1)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::piped());
        let ran = tokio::task::spawn_blocking(move || program.output().unwrap()).await;
        let ran = ran.unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_gone_is_no_fault() {
    let place = Place::of(page(2)).await;
    for (command, ..) in COMMANDS {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let (code, err) = place.run_into(command, writer).await;
        assert_eq!((code, err.as_str()), (Some(0), ""), "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_has_its_code_and_says_what_is_not_written() {
    let place = Place::of(page(2)).await;
    for (command, _, what) in COMMANDS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, err) = place.run_into(command, full).await;
        let told = format!("hss-top: {what} cannot be written: No space left on device (os error 28)\n");
        assert_eq!((code, err), (Some(6), told), "{command:?}");
    }
}

#[test]
fn help_and_version_have_the_same_code_on_a_full_disk_and_none_without_a_reader() {
    let run_into = |asked: &[&str], stdout: Stdio| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_hss-top"));
        let ran = program.args(asked).stdout(stdout).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    for asked in [
        &["--help"][..],
        &["list", "-h"],
        &["help", "check"],
        &["--version"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let told = "hss-top: the output cannot be written: No space left on device (os error 28)\n";
        assert_eq!(
            run_into(asked, full.into()),
            (Some(6), told.to_owned()),
            "{asked:?}"
        );
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        assert_eq!(
            run_into(asked, writer.into()),
            (Some(0), String::new()),
            "{asked:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_only_what_asks_fails() {
    let mut place = Place::of(page(2)).await;
    drop(place.server.take());
    for (command, asks, _) in COMMANDS {
        let (code, out, err) = place.run(command).await;
        if *asks {
            assert_eq!(code, Some(5), "{command:?}: {err}");
            assert!(err.contains("hss-top doctor"), "{command:?}: {err}");
            assert!(!out.contains("api-1"), "{command:?} shows old pods: {out}");
        } else if *command == MUTES {
            // The address may be that of a collector, which would know those of the team.
            assert_eq!(code, Some(5), "{command:?}: {err}");
            assert!(err.contains("these are those of this machine"), "{err}");
        } else {
            assert_eq!((code, err.as_str()), (Some(0), ""), "{command:?}");
        }
    }
    // Nothing was saved of a service that never answered.
    place.url = NOBODY.to_owned();
    for (command, asks, _) in COMMANDS {
        let (code, _, err) = place.run(command).await;
        let wanted = if *asks || *command == MUTES { 5 } else { 0 };
        assert_eq!(code, Some(wanted), "{command:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_credential_ends_at_once_what_asks() {
    let place = Place::of(Step::json("401 Unauthorized", REFUSED)).await;
    for (command, asks, _) in COMMANDS {
        let (code, _, err) = place.run(command).await;
        let wanted = if *asks { 3 } else { 0 };
        assert_eq!(code, Some(wanted), "{command:?}: {err}");
        assert_eq!(err.contains("Is the token for this project"), *asks, "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_sweep_never_looks_complete() {
    let place = Place::of(page(3)).await;
    for (command, asks, _) in COMMANDS {
        let (code, out, err) = place.run(command).await;
        let wanted = if *asks { 4 } else { 0 };
        assert_eq!(code, Some(wanted), "{command:?}: {err}");
        let told = format!("{out}{err}").contains("HSS listed 2 of 3 pods");
        assert_eq!(told, *asks, "{command:?}: {out}{err}");
    }
}

/// The lines for cron in the manual: their fields of time, and the command.
fn cron_lines() -> Vec<(Vec<String>, String)> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md")).unwrap();
    let line = regex::Regex::new(
        r"(?m)^([0-9*/,-]+) +([0-9*/,-]+) +([0-9*/,-]+) +([0-9*/,-]+) +([0-9*/,-]+) +(.*hss-top.*)$",
    );
    let line = line.unwrap();
    let lines = line.captures_iter(&page).map(|found| {
        let times = (1..=5).map(|at| found[at].to_owned()).collect();
        (times, found[6].to_owned())
    });
    lines.collect()
}

/// As cron starts them: `/bin/sh -c`, a few variables, no terminal. The manual's profile is one of a file at home.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_manual_has_for_cron_runs_as_cron_runs_it() {
    let lines = cron_lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let server = Scripted::start(vec![page(2)]).await;
    let home = Folder::new("cron");
    let token = home.write("token", TOKEN.1);
    let url = server.url();
    let config =
        format!("[profiles.prod]\nendpoint = \"{url}\"\nproject_id = \"p\"\ntoken_file = \"{token}\"\n");
    home.write(".config/hss-top/config.toml", &config);
    fs::create_dir(home.join("bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_hss-top"), home.join("bin/hss-top")).unwrap();
    for (times, command) in lines {
        assert_eq!(times.len(), 5);
        assert!(
            !command.contains('%'),
            "cron ends a command at a percent sign: {command}"
        );
        assert!(
            !command.contains("/tmp/"),
            "a name in everybody's folder can be taken by another user: {command}"
        );
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &command])
            .env_clear()
            .env("HOME", home.path())
            .env("LOGNAME", "ops")
            .env("SHELL", "/bin/sh")
            .env("PATH", format!("{}:/usr/bin:/bin", home.join("bin").display()))
            .current_dir(home.dir())
            .stdin(Stdio::null());
        let ran = tokio::task::spawn_blocking(move || shell.output().unwrap())
            .await
            .unwrap();
        let said = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
        assert_eq!((ran.status.code(), said.as_str()), (Some(0), ""), "{command}");
    }
    let list = fs::read_to_string(home.join("pods.csv")).unwrap();
    assert_eq!(list.lines().count(), 3, "{list}");
    let verdict = fs::read_to_string(home.join("hss.txt")).unwrap();
    assert!(
        verdict.starts_with("OK: none of 2 pods matches detect:risk."),
        "{verdict}"
    );
}
