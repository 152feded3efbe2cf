//! Alerts in the binary: what the terminal gets, byte by byte, and what it does not get; and the recipes for a wall.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "alerts/multiplexers.rs"]
mod multiplexers;
mod support;
#[path = "alerts/wall.rs"]
mod wall;

use std::time::Duration;

use regex::bytes::Regex;
use support::corpus::{assert_harmless, corpus, is_allowed, sequences};
use support::pty::Pty;
use support::run::{Folder, each_second, run};
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

/// Rules for whatever changes in the simulator's story.
const ALL: &str = "[[alerts]]\nname = \"bad\"\non = \"risk\"\nmerge = \"0s\"\nVIA\n\
    [[alerts]]\nname = \"failed\"\non = \"failed\"\nmerge = \"0s\"\nVIA\n\
    [[alerts]]\nname = \"gone\"\non = \"vanished\"\nmerge = \"0s\"\nVIA\n";

/// A dashboard with these rules, on a fleet that changes every two seconds or not at all.
fn dashboard(folder: &Folder, rules: &str, changes: bool, variables: &[(&str, &str)]) -> (Simulate, Pty) {
    let every: &[&str] = if changes { &["--snapshot-every", "2s"] } else { &[] };
    let hss = Simulate::start(&[&["--serverless", "120"], every].concat(), &[]);
    let config = folder.write("config.toml", rules);
    let flags = [&hss.watched_each_second(&config)[..], &["--no-state"]].concat();
    let variables = [&[("HSS_TOP_TOKEN", "t")], variables].concat();
    let pty = Pty::start(120, 40, &flags, &variables);
    (hss, pty)
}

/// Bells: those that end a title or another OSC are none.
fn bells(raw: &[u8]) -> usize {
    let osc = Regex::new(r"(?s-u)\x1b\].*?(\x07|\x1b\\)").unwrap();
    osc.replace_all(raw, &b""[..]).split(|byte| *byte == 7).count() - 1
}

fn notifications(raw: &[u8]) -> Vec<String> {
    let osc = Regex::new(r"(?s-u)(\x1bPtmux;\x1b)?\x1b\](9|99|777);.*?(\x07|\x1b\\)").unwrap();
    osc.find_iter(raw)
        .map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned())
        .collect()
}

fn until_told(pty: &Pty) -> String {
    pty.until("the banner", |screen| screen.contains("! acknowledge"))
}

#[test]
fn while_nothing_changes_no_bell_and_no_notification_is_written() {
    let folder = Folder::new("alerts");
    let rules = ALL.replace("VIA", "via = [\"banner\", \"bell\", \"notify\"]");
    let (_hss, mut pty) = dashboard(&folder, &rules, false, &[("TERM", "xterm-kitty")]);
    pty.shows("FRESH");
    // Several looks at a list that does not change.
    let quiet = pty.within(Duration::from_secs(4), |screen| screen.contains("! acknowledge"));
    assert!(quiet.is_err());
    pty.keys("!");
    pty.shows("no alert to acknowledge");
    pty.quit();
    let (_, raw, _) = pty.ended();
    assert_eq!((bells(&raw), notifications(&raw)), (0, vec![]));
}

#[test]
fn by_default_a_new_risk_rings_and_stays_above_the_last_line_until_it_is_acknowledged() {
    let folder = Folder::new("alerts");
    let (_hss, mut pty) = dashboard(&folder, "", true, &[]);
    pty.shows("FRESH");
    let screen = until_told(&pty);
    let mut lines = screen.lines().rev();
    let keys = lines.next().unwrap();
    assert!(keys.contains("? help"), "the banner hides no key: {keys}");
    let banner = lines.next().unwrap();
    assert!(banner.contains("▲") && banner.contains("new risk"), "{banner}");
    // The bell is written behind the frame that shows the banner.
    pty.writes("the bell", |written| bells(written) >= 1);
    assert!(
        notifications(&pty.written()).is_empty(),
        "a bell is no notification"
    );
    assert!(String::from_utf8_lossy(&pty.written()).contains("\x1b]2;hss-top: 1 ALERT"));
    pty.keys("!");
    pty.shows("acknowledged");
    pty.quit();
    pty.ended();
}

#[test]
fn a_notification_has_the_bytes_of_the_terminal_and_an_id_where_it_has_ids() {
    let via = ALL.replace("VIA", "via = [\"banner\", \"notify\"]");
    for (variables, begins, ends) in [
        (&[("TERM", "xterm-kitty")][..], "\x1b]99;i=hss-top-", "\x1b\\"),
        (&[("TERM", "foot")], "\x1b]777;notify;hss-top;", "\x07"),
        (&[("TERM_PROGRAM", "WezTerm")], "\x1b]9;hss-top: ", "\x07"),
        (
            &[
                ("TERM", "tmux-256color"),
                ("TMUX", "/tmp/t"),
                ("KITTY_WINDOW_ID", "1"),
            ],
            "\x1bPtmux;\x1b\x1b]99;i=hss-top-",
            "\x1b\\",
        ),
    ] {
        let folder = Folder::new("alerts");
        let (_hss, mut pty) = dashboard(&folder, &via, true, variables);
        pty.shows("FRESH");
        until_told(&pty);
        pty.quit();
        let (_, raw, _) = pty.ended();
        let told = notifications(&raw);
        assert!(
            !told.is_empty() && told[0].starts_with(begins) && told[0].ends_with(ends),
            "{told:?}"
        );
        assert_eq!(bells(&raw), told.len(), "each rings: {variables:?}");
    }
}

#[test]
fn a_command_gets_json_and_one_that_hangs_or_fails_stops_nothing() {
    let folder = Folder::new("alerts");
    let told = folder.join("told");
    let script = format!(
        "cat >> {}; echo >> {0}; env | grep -q HSS_TOP_TOKEN= && echo LEAKED >> {0}; exit 0",
        told.display()
    );
    let good = format!("via = [\"banner\", \"command\"]\ncommand = [\"/bin/sh\", \"-c\", \"{script}\"]");
    let rules = ALL.replace("VIA", &good)
        + "[[alerts]]\nname = \"hangs\"\non = \"vanished\"\nvia = [\"command\"]\ncommand = [\"/bin/sleep\", \"600\"]\n\
           [[alerts]]\nname = \"wrong\"\non = \"risk\"\nfilter = \"ns:\"\n";
    let (_hss, mut pty) = dashboard(&folder, &rules, true, &[]);
    pty.shows("the rule is not used");
    pty.shows("FRESH");
    until_told(&pty);
    pty.within(Duration::from_secs(20), |_| {
        std::fs::read_to_string(&told).is_ok_and(|text| text.contains('\n'))
    })
    .unwrap();
    pty.keys("j");
    pty.shows("row 2 of");
    pty.quit();
    let (code, ..) = pty.ended();
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(&told).unwrap();
    assert!(!text.contains("LEAKED"));
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(
        (first["version"].as_u64(), first["kind"].as_str()),
        (Some(1), Some("firing"))
    );
    assert!(first["alerts"][0]["starts_at"].is_string());
}

/// Mistakes of each kind in one file, and a file and a program that are missing.
const MISTAKES: &str = "[[alerts]]\nname = \"pay\"\non = \"risk\"\nvia = [\"bell\", \"command\", \"webhook\"]\n\
    command = [\"/nonexistent/page\"]\n[[alerts]]\nname = \"typo\"\non = \"risk\"\nfiltr = \"ns:pay\"\n\
    [[alerts]]\nname = \"kind\"\non = \"risk\"\nseverity = 3\n[webhook]\nurl = \"http://127.0.0.1:9/\"\n\
    secret_file = \"/nonexistent/webhook.key\"\n[kiosk]\nevery = 30\n";

/// What is told of them.
const TOLD: [&str; 5] = [
    "line 9: unknown key alerts.filtr; did you mean filter?",
    "line 13: alerts.severity is 3, but must be info, warning or critical; the rule is not used",
    "line 18: kiosk.every is 30, but must be a time from 5s to 1day, such as 30s; the default is used",
    "line 5: alerts.command: there is no program page; install it, or correct its path",
    "line 16: webhook.secret_file: there is no file /nonexistent/webhook.key; create it with mode 0600, or correct the path",
];

#[test]
fn a_mistake_is_told_in_the_same_words_by_the_test_the_doctor_and_config_show() {
    let folder = Folder::new("alerts");
    let config = folder.write("config.toml", MISTAKES);
    for (command, code) in [
        (&["alerts", "test"][..], 1),
        (&["doctor"], 1),
        (&["doctor", "--output", "json"], 1),
        (&["config", "show"], 3),
    ] {
        let (ended, out, err) = run(&[command, &["--config", &config]].concat(), &[]);
        assert_eq!(ended, Some(code), "{command:?}: {out}{err}");
        for told in TOLD {
            let printed = format!("{out}{err}");
            let times = printed.matches(&format!("{config} {told}")).count();
            assert_eq!(times, 1, "{command:?}: {told}\n{printed}");
        }
    }
}

#[test]
fn the_dashboard_starts_with_mistakes_and_tells_a_missing_file_before_the_first_alert() {
    let folder = Folder::new("alerts");
    let (config, log) = (folder.write("config.toml", MISTAKES), folder.join("log"));
    let shown = log.display().to_string();
    let hss = Simulate::start(&["--serverless", "20"], &[]);
    let flags = [
        &hss.watched_each_second(&config)[..],
        &["--no-state", "--log-file", &shown],
    ]
    .concat();
    let mut pty = Pty::start(200, 50, &flags, &[("HSS_TOP_TOKEN", "t")]);
    pty.shows("line 9: unknown key alerts.filtr; did you mean filter? (and 2 more: hss-top config show)");
    pty.shows("FRESH");
    pty.keys("4");
    pty.until("both sinks", |screen| {
        [
            "line 5: alerts.command:",
            "there is no program page; install it",
            "webhook.secret_file: there is no file",
        ]
        .iter()
        .all(|part| screen.contains(part))
    });
    // The mark that stays takes no key away.
    pty.shows("page fails, see Health  ? help");
    pty.keys("B");
    pty.until("the hint of the box", |screen| {
        screen
            .lines()
            .rev()
            .find(|line| !line.is_empty())
            .is_some_and(|last| last.contains("Esc close"))
    });
    pty.keys("\x1b");
    pty.shows("page fails, see Health  ? help");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
    let log = std::fs::read_to_string(log).unwrap();
    for told in &TOLD[3..] {
        assert_eq!(log.matches(told).count(), 1, "{told}: {log}");
    }
}

/// A page whose pods have hostile names; `scan` is what HSS found in each.
fn hostile_page(date: i64, scan: &str) -> String {
    let pod = |text: &str| {
        serde_json::json!({
            "pod_name": text, "namespace_name": text, "cluster_name": "c", "status": "Running", "protect_status": "opened",
            "detect_result": scan,
        })
    };
    let texts = corpus();
    serde_json::json!({
        "total_num": texts.len(),
        "last_update_time": date,
        "pod_info_list": texts.iter().map(|(_, text)| pod(text)).collect::<Vec<_>>(),
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_reach_neither_the_terminal_nor_a_program_nor_a_server() {
    let steps = [(1_755_000_000_000, "clean"), (1_755_000_060_000, "risk")];
    let steps = steps.map(|(date, scan)| Step::json("200 OK", &hostile_page(date, scan)));
    let server = Scripted::start(steps.to_vec()).await;
    let url = server.url();
    let hook = Scripted::start(vec![Step::json("200 OK", "{}")]).await;
    let manager = Scripted::start(vec![Step::json("200 OK", "{}")]).await;
    tokio::task::block_in_place(|| {
        let folder = Folder::new("alerts");
        let told = folder.join("told");
        let script = format!("cat >> {}", told.display());
        let key = folder.write("key", "canary-key\n");
        let rules = format!(
            "[[alerts]]\nname = \"bad\"\non = \"risk\"\n\
             via = [\"banner\", \"notify\", \"command\", \"webhook\", \"alertmanager\"]\n\
             command = [\"/bin/sh\", \"-c\", \"{script}\"]\n\
             [webhook]\nurl = \"{}\"\nsecret_file = \"{key}\"\n[alertmanager]\nurl = \"{}\"\n",
            hook.url(),
            manager.url()
        );
        let config = folder.write("config.toml", &rules);
        let flags = each_second(&url);
        let flags = [&flags[..], &["--no-state", "--config", &config]].concat();
        let variables = [("HSS_TOP_TOKEN", "t"), ("TERM", "xterm-kitty")];
        let mut pty = Pty::start(120, 40, &flags, &variables);
        until_told(&pty);
        pty.within(Duration::from_secs(20), |_| {
            let is_told = std::fs::read_to_string(&told).is_ok_and(|text| text.ends_with('}'));
            is_told && !hook.requests().is_empty() && !manager.requests().is_empty()
        })
        .unwrap();
        // The list of the alerts, down to its end.
        pty.keys("B");
        pty.until("the alerts", |screen| screen.contains(" alerts: "));
        pty.keys(&"j".repeat(corpus().len()));
        pty.keys("\x1b[27u");
        pty.until("the pods", |screen| !screen.contains(" alerts: "));
        pty.quit();
        let (_, raw, _) = pty.ended();
        let notified = notifications(&raw);
        assert!(!notified.is_empty());
        for text in notified {
            let text = text.trim_start_matches("\u{1b}]99;").trim_end_matches("\u{1b}\\");
            assert_harmless("a notification", text, &[]);
        }
        // Each notification rings before it.
        let osc = Regex::new(r"(?s-u)\x07\x1b\]99;.*?\x1b\\").unwrap();
        let (found, text) = sequences(&osc.replace_all(&raw, &b""[..]));
        assert!(found.keys().all(|sequence| is_allowed(sequence)), "{found:?}");
        assert_harmless("the terminal's bytes", &text, &[]);
        // The same pods on a wall.
        let wall = Pty::start(120, 40, &[&flags[..], &["--kiosk"]].concat(), &variables);
        wall.until("the wall", |screen| {
            screen.contains("FRESH") && screen.contains("▲ 60")
        });
        wall.signal("TERM");
        let (found, text) = sequences(&wall.ended().1);
        assert!(found.keys().all(|sequence| is_allowed(sequence)), "{found:?}");
        let text = text.trim_end_matches("hss-top: ended by SIGTERM\r\n");
        assert_harmless("the terminal's bytes of a wall", text, &[]);
        let of_hook = body_of(&hook.requests()[0]);
        let signed = format!("x-hss-top-signature-256: sha256={}", hmac("canary-key", &of_hook));
        assert!(hook.requests()[0].contains(&signed), "{}", hook.requests()[0]);
        for body in [std::fs::read_to_string(&told).unwrap(), of_hook] {
            assert_harmless("a body", &body, &[]);
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            assert!(body["alerts"].as_array().unwrap().len() > 50);
            for alert in body["alerts"].as_array().unwrap() {
                for key in ["pod", "namespace", "cluster", "change"] {
                    assert_harmless(key, alert[key].as_str().unwrap(), &[]);
                }
            }
        }
        let body = body_of(&manager.requests()[0]);
        assert_harmless("a batch", &body, &[]);
        let batch: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert!(!batch.as_array().unwrap().is_empty());
        for alert in batch.as_array().unwrap() {
            for texts in [&alert["labels"], &alert["annotations"]] {
                for (name, text) in texts.as_object().unwrap() {
                    assert_harmless(name, text.as_str().unwrap(), &['\n']);
                }
            }
        }
    });
}

/// What a request carries behind its head.
fn body_of(request: &str) -> String {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    body.to_owned()
}

/// The HMAC-SHA256 of a text as Python calculates it.
fn hmac(key: &str, text: &str) -> String {
    use std::io::Write as _;
    let script = "import hmac, sys; print(hmac.new(sys.argv[1].encode(), sys.stdin.buffer.read(), 'sha256').hexdigest())";
    let mut python = std::process::Command::new("python3")
        .args(["-c", script, key])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let told = python.wait_with_output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().to_owned()
}
