//! The log never stops the program: if it cannot be written, a mark says so. Nothing else that hangs prevents
//! the screen from showing its age either.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests, which say what they measured"
)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use support::measure::Meter;
use support::pty::{Ending, Pty};
use support::run::{Folder, run};

fn assert_goes_on(mut pty: Pty, what: &str) {
    let meter = Meter::of(pty.pid());
    let before = meter.resident();
    pty.keys("4");
    pty.shows("▲ log off: ");
    pty.keys("1\x0e");
    pty.shows("POD△");
    let grown = meter.resident().saturating_sub(before);
    println!("T15 {what}: the program goes on, memory +{grown} KiB");
    assert!(grown <= 4 << 10, "memory grew by {grown} KiB");
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
}

#[test]
fn a_log_that_cannot_be_opened_is_a_mark() {
    let flags = ["--demo", "--log-file", "/proc/self/none/hss-top.log"];
    let pty = Pty::start(120, 40, &flags, &[]);
    pty.shows("FRESH");
    pty.shows("▲ log off");
    assert_goes_on(pty, "no folder");
}

#[test]
fn a_command_without_a_screen_says_that_nothing_is_logged_and_where() {
    let flags = [
        "list",
        "--demo",
        "--pods",
        "3",
        "--serverless",
        "0",
        "--log-file",
        "/proc/self/none/hss-top.log",
    ];
    let (code, _, err) = support::run::run(&flags, &[]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains("hss-top: nothing is logged to /proc/self/none/hss-top.log: "),
        "{err}"
    );
}

#[test]
fn a_log_that_may_not_grow_is_a_mark() {
    let folder = Folder::new("log-limit");
    let log = folder.join("hss-top.log").display().to_string();
    let flags = ["--demo", "--interval", "1s", "--log-file", &log];
    let mut pty = Pty::start(120, 40, &flags, &[]);
    pty.shows("FRESH");
    let limited = Command::new("prlimit")
        .args(["--fsize=1024", "--pid", &pty.pid().to_string()])
        .status();
    if !limited.is_ok_and(|status| status.success()) {
        println!("prlimit is not there: not tried");
        return;
    }
    pty.keys("]");
    pty.shows("▲ log off");
    assert!(std::fs::metadata(&log).unwrap().len() <= 64 << 10);
    assert_goes_on(pty, "a limit on files");
}

#[test]
fn a_log_that_cannot_be_written_never_holds_the_screen() {
    let folder = Folder::new("log-hangs");
    let log = folder.join("hss-top.log").display().to_string();
    let stall = folder.join("stall");
    let flags = [
        "--demo",
        "--interval",
        "1s",
        "--log-level",
        "trace",
        "--log-file",
        &log,
    ];
    let variables = format!("log:{}", stall.display());
    let mut pty = Pty::start(120, 40, &flags, &[("HSS_TOP_TEST_STALL", &variables)]);
    pty.shows("FRESH");
    std::fs::write(&stall, "").unwrap();
    pty.keys("\x12");
    pty.shows("▲ log behind");
    for round in 0..20 {
        pty.draws_after(if round % 2 == 0 { "4" } else { "1" });
    }
    pty.keys("4");
    pty.shows("log behind: the file accepts no lines at the moment");
    // It can be written again: the mark goes, and what waited is there.
    std::fs::remove_file(&stall).unwrap();
    pty.until("no mark", |screen| !screen.contains("log behind"));
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.lines().count() > 5 && text.ends_with('\n'), "{text}");
    std::fs::write(&stall, "").unwrap();
    pty.shows("log behind");
    pty.keys("1");
    let began = Instant::now();
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
    let took = began.elapsed();
    assert!(
        took < Duration::from_secs(2),
        "the end waited {took:?} for the log"
    );
}

#[test]
fn the_last_lines_are_there_when_the_program_has_ended() {
    let folder = Folder::new("log-end");
    let log = folder.join("hss-top.log").display().to_string();
    let mut pty = Pty::start(120, 40, &["--demo", "--log-file", &log], &[]);
    pty.shows("FRESH");
    pty.quit();
    assert_eq!(pty.ended().0, 0);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(
        text.lines().last().unwrap().contains("\"message\":\"quit\""),
        "{text}"
    );
}

#[test]
fn what_is_no_file_of_ours_is_refused_with_a_sentence() {
    let folder = Folder::new("log-refused-run");
    let pipe = folder.join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (path, why) in [
        (pipe.as_str(), "it is a pipe"),
        ("/dev/null", "it is a device"),
        ("/dev/stderr", "it is a link"),
    ] {
        let (code, _, told) = run(&["--demo", "--log-file", path], &[]);
        assert_eq!(code, Some(3), "{told}");
        assert!(
            told.starts_with(&format!("hss-top: cannot log to {path}: {why}")),
            "{told}"
        );
    }
}

#[test]
fn an_event_loop_that_is_stuck_is_told_by_whoever_draws() {
    let folder = Folder::new("loop-stuck");
    let stall = folder.join("stall");
    let variable = format!("loop:{}", stall.display());
    let mut pty = Pty::start(120, 40, &["--demo"], &[("HSS_TOP_TEST_STALL", &variable)]);
    pty.shows("FRESH");
    std::fs::write(&stall, "").unwrap();
    let screen = pty.shows("hss-top has been stuck for ");
    assert!(screen.contains("STALE") && !screen.contains("FRESH"), "{screen}");
    pty.shows("stuck for 8s");
    std::fs::remove_file(&stall).unwrap();
    pty.shows("FRESH");
    pty.quit();
    let (code, _, ending) = pty.ended();
    assert_eq!((code, ending), (0, Ending::CLEAN));
}
