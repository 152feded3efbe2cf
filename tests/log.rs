//! The log never stops the program: where it cannot be written, a mark says so.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests, which say what they measured"
)]

mod support;

use std::process::Command;

use support::measure::Meter;
use support::pty::{Ending, Pty};
use support::run::Folder;

fn assert_goes_on(mut pty: Pty, what: &str) {
    let meter = Meter::of(pty.pid());
    let before = meter.resident();
    pty.keys("4");
    pty.shows("▲ log off: ");
    pty.keys("1N");
    pty.shows("POD△");
    let grown = meter.resident().saturating_sub(before);
    println!("T15 {what}: the program goes on, memory +{grown} KiB");
    assert!(grown <= 4 << 10, "memory grew by {grown} KiB");
    pty.keys("q");
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
fn a_log_that_may_not_grow_is_a_mark() {
    let folder = Folder::new("log-limit");
    let log = folder.0.join("hss-top.log").display().to_string();
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
