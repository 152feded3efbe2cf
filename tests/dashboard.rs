//! The binary in a pseudo-terminal against the binary that simulates HSS.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hss_top::fault_injection::CLOCK_SHIFT;
use support::pty::{Ending, Pty};
use support::run::{Folder, run};
use support::simulate::Simulate;

const CANARY: &str = "canary-token-8d2f";

/// A simulator that takes the canary as its token.
fn simulate(flags: &[&str]) -> Simulate {
    Simulate::start(flags, &[("HSS_TOP_TOKEN", CANARY)])
}

/// A dashboard of that simulator.
fn dashboard(hss: &Simulate, columns: u16, rows: u16, flags: &[&str]) -> Pty {
    let base = [
        "--endpoint",
        &hss.url,
        "--project-id",
        "p-1",
        "--calls-per-minute",
        "1000",
    ];
    Pty::start(
        columns,
        rows,
        &[&base, flags].concat(),
        &[("HSS_TOP_TOKEN", CANARY)],
    )
}

fn assert_clean_end(pty: Pty, code: u32) {
    let (exit_code, raw, ending) = pty.ended();
    assert_eq!((exit_code, ending), (code, Ending::CLEAN));
    let text = String::from_utf8_lossy(&raw);
    assert!(!text.contains(CANARY), "the token was written to the terminal");
    assert!(
        !text.contains("\x1b[6n"),
        "the terminal was asked where its cursor is"
    );
}

#[test]
fn the_overview_leads_to_the_pods_of_a_namespace_and_back() {
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let mut pty = dashboard(&hss, 120, 40, &[]);
    pty.shows("FRESH");
    pty.keys("2");
    pty.shows("computed over 1,111 of 1,111 pods");
    pty.shows("1 cell = 1 namespace");
    pty.keys("jj");
    let screen = pty.shows("row 3 of");
    let row = screen.lines().find(|line| line.starts_with('▌')).unwrap();
    let headings = screen.lines().find(|line| line.contains("CLUSTER")).unwrap();
    let before = headings.split("NAMESPACE").next().unwrap().chars().count();
    let from_namespace: String = row.chars().skip(before).collect();
    let mut words = from_namespace.split_whitespace().map(str::to_owned);
    let (namespace, pods) = (words.next().unwrap(), words.next().unwrap());
    pty.keys("\r");
    pty.shows(&format!("row 1 of {pods}"));
    pty.shows(&format!("ns={namespace} cluster="));
    pty.keys("\x1b");
    let back = pty.shows("row 3 of");
    assert!(
        back.lines()
            .any(|line| line.starts_with('▌') && line.contains(&namespace))
    );
    pty.keys("q");
    pty.shows("RISK▼ POD");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn the_health_tells_of_the_last_calls_and_copies_a_request_id() {
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let mut pty = dashboard(&hss, 120, 40, &["--no-state"]);
    pty.shows("FRESH");
    pty.keys("4");
    pty.shows("all pods are loaded, as of HSS's list of");
    pty.shows("the list is checked every");
    let screen = pty.shows("page 6 of 6");
    assert!(
        screen.contains("page 1 of 6") && screen.contains("call 1 of 6"),
        "{screen}"
    );
    pty.keys("jj");
    let screen = pty.shows("call 3 of 6");
    let row = screen.lines().find(|line| line.starts_with('▌')).unwrap();
    let id = row.split_whitespace().nth(8).unwrap().to_owned();
    // Two pages are on their way at once: either may be answered first.
    let is_in_the_middle = ["page 3 of 6", "page 4 of 6", "page 5 of 6"]
        .iter()
        .any(|page| row.contains(page));
    assert!(is_in_the_middle && id.len() >= 16, "{row}");
    pty.keys("c");
    pty.shows(&format!("sent to the terminal: {id}"));
    pty.quit();
    let (code, raw, _) = pty.ended();
    let copy = format!("\x1b]52;c;{}\x07", STANDARD.encode(&id));
    assert!(code == 0 && String::from_utf8_lossy(&raw).contains(&copy));
}

#[test]
fn pods_pages_filter_detail_sort_and_quit() {
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let mut pty = dashboard(&hss, 120, 40, &[]);
    pty.shows("FRESH");
    pty.shows("row 1 of 1,111");
    pty.keys("]]");
    pty.shows("row 401 of 1,111");
    pty.keys("[");
    pty.shows("row 201 of 1,111");
    pty.keys("g/payments");
    pty.until("a filtered list", |screen| screen.contains("filtered from 1,111"));
    pty.keys("\r");
    pty.shows("? help");
    pty.keys("\x1b");
    pty.until("all pods", |screen| !screen.contains("filtered from"));
    pty.keys("\x0e");
    pty.shows("POD△");
    pty.keys("\x0e");
    pty.shows("POD▼");
    pty.keys("s");
    pty.shows("sort by");
    pty.keys("g\r");
    pty.shows("RISK▼");
    pty.keys("\r");
    let screen = pty.until("the detail", |screen| {
        screen.contains("Timeline") && !screen.contains("RISK▼")
    });
    for field in [
        "CPU",
        "Memory",
        "Protection",
        "Detection",
        "Why",
        "Namespace",
        "Cluster",
        "Created",
    ] {
        assert!(screen.contains(field), "{field} is not in\n{screen}");
    }
    pty.keys("\x1b");
    pty.shows("RISK▼");
    pty.keys("?");
    pty.shows("Keys of the table");
    pty.keys("\x1b");
    pty.until("the table", |screen| !screen.contains("Keys of the table"));
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn columns_are_chosen_and_scrolled() {
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let mut pty = dashboard(&hss, 80, 24, &[]);
    pty.shows("FRESH");
    pty.until("more on the right", |screen| screen.contains("MEM ›"));
    pty.keys("\x1b[C");
    pty.shows("‹STATUS");
    pty.keys("lllllllll");
    pty.shows("NODE IP");
    pty.keys("hhhhhhhhhhh");
    pty.until("the first columns", |screen| {
        screen.contains("POD                   NAMESPACE")
    });
    pty.keys("w");
    pty.shows("[x] risk");
    pty.keys("jj ");
    pty.shows("[ ] ns");
    pty.keys("\x1b");
    pty.until("no namespace", |screen| {
        !screen.contains("[x]") && !screen.contains("NAMESPACE") && screen.contains("STATUS")
    });
    pty.keys(":columns pod:12,create_time,clu\t\r");
    pty.shows("POD          CREATED             CLUSTER");
    pty.keys(":columns stauts\r");
    pty.shows("no column stauts; did you mean status?");
    pty.keys(":columns reset\r");
    pty.shows("NAMESPACE");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn a_saved_view_and_keys_of_the_file_are_in_force() {
    let folder = Folder::new("dashboard-sections");
    folder.write(
        "config.toml",
        "[views.pay]\nfilter = \"ns:payments\"\n[views.all]\n[keys]\nx = \"problems\"\np = \"none\"\n\"f5\" = \"refresh\"\n",
    );
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let file = folder.join("config.toml");
    let flags = ["--config", file.to_str().unwrap(), "--view", "pay"];
    let mut pty = dashboard(&hss, 120, 40, &flags);
    pty.until("the view", |screen| {
        screen.contains("filtered from 1,111") && screen.contains("ns:payments")
    });
    let screen = pty.shows("x problems");
    assert!(!screen.contains("p problems"), "{screen}");
    pty.keys(":view all\r");
    pty.until("all pods", |screen| {
        screen.contains("of 1,111") && !screen.contains("filtered from")
    });
    pty.keys("x");
    pty.until("only problems", |screen| screen.contains("filtered from 1,111"));
    pty.keys("x?");
    pty.shows("x                      only problems");
    pty.keys("q");
    pty.until("the table", |screen| !screen.contains("Keys of the table"));
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn a_scope_is_asked_of_the_api() {
    let hss = simulate(&[]);
    let mut pty = dashboard(&hss, 120, 40, &[]);
    pty.shows("FRESH");
    pty.keys(":ns payments\r");
    let screen = pty.until("the scope", |screen| {
        screen.contains("ns:payments") && screen.contains("FRESH")
    });
    assert!(!screen.contains("of 1,111"), "{screen}");
    pty.keys("\x1b");
    pty.shows("of 1,111");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn rows_outlive_the_service_and_come_alive_with_it() {
    let hss = simulate(&[]);
    let address = hss.address();
    let mut pty = dashboard(&hss, 120, 40, &["--interval", "1s"]);
    pty.until("the fleet", |screen| {
        screen.contains("FRESH") && screen.contains("of 1,111")
    });
    drop(hss);
    let screen = pty.shows("OFFLINE");
    assert!(screen.contains("row 1 of 1,111"), "{screen}");
    pty.until("the cause", |screen| screen.contains("cannot connect to"));
    pty.keys("]");
    pty.shows("row 201 of 1,111");
    let _again = simulate(&["--listen", &address]);
    pty.shows("FRESH");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn sizes_change_and_every_one_is_drawn() {
    let hss = simulate(&[]);
    let mut pty = dashboard(&hss, 200, 60, &[]);
    pty.shows("FRESH");
    pty.shows("PROTECT");
    for (columns, rows) in [(80, 24), (40, 10), (20, 4), (120, 40)] {
        pty.resize(columns, rows);
        pty.until("the last line", |screen| {
            if columns < 30 {
                screen.contains("too small")
            } else {
                screen.contains("? help") && screen.contains("POD")
            }
        });
    }
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn trouble_is_named_with_its_code() {
    let hss = simulate(&["--calls-per-minute", "2"]);
    let pty = dashboard(&hss, 140, 40, &[]);
    pty.until("what came, and why no more", |screen| {
        ["THROTTLED until", "(429 APIG.0308", "row 1 of 400"]
            .iter()
            .all(|it| screen.contains(it))
    });
    pty.signal("TERM");
    assert_clean_end(pty, 128 + 15);

    let base = ["--endpoint", hss.url.as_str(), "--project-id", "p-1"];
    let mut pty = Pty::start(140, 40, &base, &[("HSS_TOP_TOKEN", "another")]);
    pty.shows("AUTH");
    pty.shows("401 APIGW.0301");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn the_log_has_one_object_a_line_and_no_secret() {
    let hss = simulate(&["--mirrored", "40"]);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("hss-top.log");
    let mut pty = dashboard(
        &hss,
        120,
        40,
        &["--log-file", log.to_str().unwrap(), "--log-level", "trace"],
    );
    // All forty serverless pods are in the other list too: one row each.
    pty.until("the merged fleet", |screen| {
        screen.contains("FRESH") && screen.contains("of 1,071")
    });
    pty.quit();
    assert_clean_end(pty, 0);
    let text = std::fs::read_to_string(&log).unwrap();
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&log).unwrap());
    assert_eq!(mode & 0o777, 0o600);
    assert!(text.lines().count() > 6 && !text.contains(CANARY), "{text}");
    for line in text.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line)
                .unwrap()
                .is_object(),
            "{line}"
        );
    }
}

#[test]
fn a_key_pair_signs_in_and_a_wrong_one_is_told() {
    const AK: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0001");
    let hss = Simulate::start(&[], &[AK, ("HUAWEICLOUD_SDK_SK", CANARY)]);
    let flags = [
        "--endpoint",
        &hss.url,
        "--project-id",
        "p-1",
        "--namespace",
        "pay ~*'",
        "--calls-per-minute",
        "1000",
    ];
    let mut pty = Pty::start(120, 40, &flags, &[AK, ("HUAWEICLOUD_SDK_SK", CANARY)]);
    pty.shows("FRESH");
    pty.keys("\x1b");
    pty.shows("of 1,111");
    pty.quit();
    assert_clean_end(pty, 0);

    let mut pty = Pty::start(200, 40, &flags, &[AK, ("HUAWEICLOUD_SDK_SK", "another")]);
    pty.shows("AUTH");
    pty.until("the cause", |screen| {
        screen.contains("verify aksk signature fail") && screen.contains("401 APIGW.0301, request ")
    });
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn a_password_signs_in_finds_the_project_and_outlives_its_tokens() {
    const LOGIN: [(&str, &str); 3] = [
        ("HSS_TOP_IAM_USER", "ops"),
        ("HSS_TOP_IAM_PASSWORD", CANARY),
        ("HSS_TOP_IAM_DOMAIN", "acme"),
    ];
    let hss = Simulate::start(&["--token-lifetime", "2s"], &LOGIN);
    let flags = [
        "--endpoint",
        &hss.url,
        "--iam-endpoint",
        &hss.url,
        "--region",
        "cn-north-4",
        "--interval",
        "1s",
        "--calls-per-minute",
        "1000",
    ];
    let mut pty = Pty::start(200, 40, &flags, &LOGIN);
    let screen = pty.shows("FRESH");
    assert!(
        screen.contains("05f2c1a7d84b4e0c9d36e7b1f0a8c245") && screen.contains("HSS_TOP_IAM_USER ops"),
        "{screen}"
    );
    // Six more probes, so three tokens at least.
    pty.until("six more calls", |screen| {
        assert!(!screen.contains("AUTH"), "{screen}");
        let calls = screen
            .split(" calls ")
            .next()
            .and_then(|title| title.rsplit(' ').next());
        calls
            .and_then(|calls| calls.parse::<u32>().ok())
            .is_some_and(|calls| calls <= 988)
    });
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn signals_end_it_with_the_screen_given_back() {
    let hss = simulate(&[]);
    for (name, number) in [("TERM", 15), ("HUP", 1), ("INT", 2), ("QUIT", 3)] {
        let pty = dashboard(&hss, 80, 24, &[]);
        pty.shows("FRESH");
        pty.signal(name);
        assert_clean_end(pty, 128 + number);
    }
}

#[test]
fn the_demo_counts_its_unread_changes_from_the_first_picture_on() {
    let mut pty = Pty::start(120, 40, &["--demo"], &[]);
    let screen = pty.until("unread changes", |screen| screen.contains("3 Changes +"));
    // Its past has far more than a thousand, and most of them were read.
    assert!(!screen.contains("3 Changes +1k"), "{screen}");
    pty.keys("\x03");
    assert_eq!(pty.ended().0, 0);
}

#[test]
fn the_demo_says_that_it_is_one_and_no_color_is_honoured() {
    let mut pty = Pty::start(120, 40, &["--demo"], &[("NO_COLOR", "1")]);
    pty.until("the demo", |screen| {
        ["FRESH", "DEMO", "row 1 of 1,111"]
            .iter()
            .all(|it| screen.contains(it))
    });
    pty.keys("jjj/pay\r");
    pty.shows("filtered from 1,111");
    pty.quit();
    let (code, raw, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
    let text = String::from_utf8_lossy(&raw);
    for sequence in text.split("\x1b[").skip(1) {
        let Some((parameters, _)) = sequence.split_once('m') else {
            continue;
        };
        if parameters
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';')
        {
            let coloured = parameters
                .split(';')
                .any(|it| matches!(it.parse(), Ok(30..=38 | 40..=48 | 90..=107)));
            assert!(!coloured, "colour {parameters}");
        }
    }
}

#[test]
fn without_what_it_needs_it_says_so_in_plain_text() {
    let (code, out, err) = run(&[], &[]);
    assert_eq!((code, out.as_str()), (Some(3), ""));
    for word in ["--endpoint", "--region", "HSS_TOP_TOKEN", "hss-top --demo"] {
        assert!(err.contains(word), "{word} is not in {err}");
    }
    assert!(!err.contains('\x1b') && err.lines().count() < 24, "{err}");

    let (code, out, err) = run(&["--demo"], &[("TERM", "xterm")]);
    assert_eq!((code, out.as_str(), err.lines().count()), (Some(2), "", 1));
    assert!(err.contains("needs a terminal") && !err.contains('\x1b'));

    let base = ["--endpoint", "http://hss.example.com", "--project-id", "p"];
    let (code, _, err) = run(&base, &[("HSS_TOP_TOKEN", CANARY)]);
    assert!(
        code == Some(3) && err.contains("--allow-http") && !err.contains(CANARY),
        "{err}"
    );

    let (code, _, err) = run(&["--token", "x"], &[]);
    assert!(code == Some(2) && err.contains("unexpected argument"), "{err}");
}

#[test]
fn a_dumb_terminal_is_refused() {
    let (code, raw, ending) = Pty::start(80, 24, &["--demo"], &[("TERM", "dumb")]).ended();
    assert_eq!((code, ending), (2, Ending::CLEAN));
    assert!(!raw.contains(&0x1b));
}

/// The texts that were sent to the clipboard, from the bytes that were written.
fn copied(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let mut parts = text.split("\x1b]52;c;");
    parts.next();
    let decode = |part: &str| {
        let (code, _) = part.split_once('\x07').unwrap();
        let bytes = STANDARD.decode(code).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    parts.map(decode).collect()
}

#[test]
fn each_copy_is_written_once_with_the_bytes_that_osc_52_has() {
    let hss = simulate(&[]);
    let mut pty = dashboard(&hss, 120, 40, &[]);
    pty.shows("FRESH");
    pty.shows("row 1 of 1,111");
    pty.keys("\x0e/ns:payments\r");
    pty.shows("filtered from 1,111");
    pty.keys("c");
    let screen = pty.shows("sent to the terminal: ");
    let told = |screen: &str| {
        let (_, rest) = screen.split_once("sent to the terminal: ").unwrap();
        rest.lines().next().unwrap().trim_end().to_owned()
    };
    let name = told(&screen);
    pty.keys(":copy kubectl\r");
    pty.shows(&format!(
        "sent to the terminal: kubectl get pod -n payments {name}"
    ));
    pty.keys("Y");
    pty.shows(&format!("sent to the terminal: {name} as JSON"));
    pty.keys("o");
    pty.shows("copy namespace");
    pty.keys("jjj\r");
    pty.until("the notice", |screen| {
        screen.contains("sent to the terminal: payments")
    });
    pty.quit();
    let (_, raw, _) = pty.ended();
    let copies = copied(&raw);
    let [first, line, json, namespace] = copies.as_slice() else {
        panic!("{copies:?}");
    };
    assert_eq!(
        (first, line.as_str(), namespace.as_str()),
        (
            &name,
            format!("kubectl get pod -n payments {name}").as_str(),
            "payments"
        )
    );
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["pod_name"], name.as_str());
}

#[test]
fn marked_pods_are_compared_and_the_menu_filters() {
    let hss = simulate(&[]);
    let mut pty = dashboard(&hss, 120, 40, &[]);
    pty.shows("FRESH");
    pty.shows("row 1 of 1,111");
    pty.keys("jj ");
    pty.shows("1 marked");
    pty.keys("G");
    pty.until("the last row", |screen| {
        let is_read = |line: &str| line.starts_with('▌') && line.trim().len() > 40;
        screen.contains("row 1,111 of 1,111") && screen.lines().any(is_read)
    });
    pty.keys("=");
    pty.shows("of 18 fields differ");
    pty.keys("a");
    pty.shows("Cluster type");
    pty.keys("q");
    pty.shows("1 marked");
    pty.keys("oGkkkkk");
    pty.shows("only this cluster");
    pty.keys("\r");
    pty.until("the filter", |screen| {
        screen.contains("filtered from 1,111") && screen.contains("/ cluster=")
    });
    pty.keys("U");
    pty.quit();
    assert_clean_end(pty, 0);
}

#[test]
fn a_screen_that_nobody_touches_comes_home_in_plain_ascii_and_q_asks_first() {
    let hss = simulate(&["--pods", "1071", "--serverless", "40"]);
    let folder = Folder::new("comes-home");
    let shift = folder.write("shift", "0");
    let flags = [
        "--endpoint",
        &hss.url,
        "--project-id",
        "p-1",
        "--calls-per-minute",
        "1000",
        "--ascii",
    ];
    let variables = [("HSS_TOP_TOKEN", CANARY), (CLOCK_SHIFT, shift.as_str())];
    let mut pty = Pty::start(110, 30, &flags, &variables);
    pty.shows("FRESH");
    pty.keys("G");
    pty.shows("row 1,111 of 1,111");
    // A minute passes.
    folder.write("shift", "61");
    let screen = pty.until("the worst pods", |screen| {
        screen.contains("your pod is row 1,111 of 1,111") && screen.contains("! 60")
    });
    assert!(screen.is_ascii(), "{screen}");
    pty.keys("q");
    pty.shows("q again to quit");
    pty.keys("q");
    assert_clean_end(pty, 0);
}
