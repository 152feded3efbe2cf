//! The parts that [`super::staged`] runs: each in a process and a terminal of its own.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::stdio::stdin;
use rustix::termios::tcgetattr;
use signal_hook::low_level::{exit, raise};

use super::staged::{NOTES, PART, PLAYER};
use super::*;

fn variable(name: &str) -> String {
    crate::env::text(name).unwrap_or_default()
}

fn note(text: impl std::fmt::Display) {
    let file = OpenOptions::new().create(true).append(true).open(variable(NOTES));
    writeln!(file.unwrap(), "{text}").unwrap();
}

fn mode() -> String {
    format!("{:?}", tcgetattr(stdin()).unwrap())
}

fn show(text: &str) {
    Output.write_all(text.as_bytes()).unwrap();
}

fn wait_for_key() {
    rustix::io::read(stdin(), &mut [0; 1]).unwrap();
}

fn forever() -> ! {
    loop {
        std::thread::park();
    }
}

/// The causes, noted as they come.
fn note_causes(mut causes: mpsc::Receiver<Cause>) -> ! {
    while let Some(cause) = causes.blocking_recv() {
        note(format!("{cause:?}"));
    }
    forever()
}

#[test]
#[ignore = "a part of other tests, which run it in a terminal of its own"]
fn part() {
    let part = variable(PART);
    match part.as_str() {
        "screen" => screen(),
        "due" => due(),
        "group" => group(),
        "another" => another(),
        "guard" => {
            let guard = guard().unwrap();
            let sizes = guard.screen.clone();
            note(format!("{:?}", sizes.borrow().size));
            std::thread::spawn(move || note_screens(sizes));
            note(format!("can be suspended: {}", can_suspend()));
            enter().unwrap();
            show("<inside>");
            note_causes(guard.causes)
        }
        "suspended" => {
            let guard = guard().unwrap();
            enter().unwrap();
            let sizes = guard.screen.clone();
            std::thread::spawn(move || note_screens(sizes));
            show("<inside>");
            suspend();
            note_causes(guard.causes)
        }
        "lost, by a signal" => {
            let (causes, received) = mpsc::channel(1);
            signals::watch(causes, watch::channel(Screen::default()).0).unwrap();
            note("ready");
            note_causes(received)
        }
        "lost, without a signal" => {
            let ignored = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(libc::SIGHUP, ignored).unwrap();
            let (causes, received) = mpsc::channel(1);
            end::watch().unwrap();
            watchdog::watch(causes, watch::channel(Screen::default()).0).unwrap();
            note("ready");
            note_causes(received)
        }
        "panic" => {
            install_panic_hook(|_| Some("and a report".to_owned()));
            enter().unwrap();
            let nothing: Option<u8> = None;
            panic!("boom {nothing:?} \x1b[31m");
        }
        "panic of a plug-in" => {
            install_plugin_panic_hook(|line| format!("UNKNOWN - {line}\n"));
            panic!("a plain text");
        }
        "claimed" => claimed(),
        "status line" => status(),
        "no size" => {
            note(format!("{:?} {:?}", size(), stdout_width()));
            let mut line = StatusLine::of_stderr(Some("xterm")).unwrap();
            line.show(&"y".repeat(200));
        }
        fault if fault.starts_with("fault ") => {
            let none = Rlimit {
                current: Some(0),
                maximum: Some(0),
            };
            setrlimit(Resource::Core, none).unwrap();
            super::fault::watch().unwrap();
            enter().unwrap();
            show("<inside>");
            let signal = fault.trim_start_matches("fault ").parse().unwrap();
            raise(signal).unwrap();
            note("went on");
        }
        // It runs as one of all ignored tests.
        _ => {}
    }
}

fn note_screens(mut screens: watch::Receiver<Screen>) {
    let waits = tokio::runtime::Builder::new_current_thread().build().unwrap();
    while waits.block_on(screens.changed()).is_ok() {
        let screen = *screens.borrow_and_update();
        note(format!(
            "{}x{} {}",
            screen.size.width, screen.size.height, screen.entries
        ));
    }
}

fn screen() {
    note(format!(
        "{:?} {:?}",
        unfit(Some("xterm")),
        unfit(Some("dumb")).is_some()
    ));
    note(format!("{:?}", size().unwrap()));
    let before = mode();
    leave();
    note(format!("unchanged: {}", mode() == before));
    note(format!(
        "written too early: {}",
        Output.write(b"<early>").unwrap()
    ));
    ask_for_colours(true);
    enter().unwrap();
    note(format!("raw: {} {}", mode::is_raw(), screen::in_foreground()));
    note(format!("written: {}", Output.write(b"<inside>").unwrap()));
    wait_for_key();
    leave();
    note(format!("restored: {} {}", mode() == before, mode::is_raw()));
    note(format!("written too late: {}", Output.write(b"<late>").unwrap()));
    say("said \x1b[2J");
    ask_for_colours(false);
    ask_for_mouse(false);
    enter().unwrap();
    show("<again>");
    leave();
    leave();
    note(format!("restored: {} {}", mode() == before, mode::is_raw()));
    exit(7);
}

fn due() {
    note(format!("due: {}", end::is_due()));
    begin_end(5);
    note(format!("due: {}", end::is_due()));
    enter().unwrap();
    note(format!("raw: {}", mode::is_raw()));
    exit(0);
}

/// In the background of the terminal the mode belongs to somebody else.
fn group() {
    let part = |name: &str| {
        let mut command = Command::new("/proc/self/exe");
        command.args([PLAYER, "--exact", "--ignored", "--nocapture"]);
        command.env(PART, name).process_group(0);
        command
    };
    if variable("HSS_TOP_TEST_BEHIND").is_empty() {
        let mut behind = part("group");
        behind.env("HSS_TOP_TEST_BEHIND", "yes");
        note(format!("ended well: {}", behind.status().unwrap().success()));
    } else {
        note(format!(
            "in front: {}, can be suspended: {}",
            screen::in_foreground(),
            can_suspend()
        ));
    }
}

/// A handler that finds the screen given back, but the mode not restored, waits for whoever does that.
fn another() {
    mode::make_raw().unwrap();
    let began = tokio::time::Instant::now();
    let other = std::thread::spawn(|| {
        std::thread::park_timeout(Duration::from_millis(200));
        mode::restore();
    });
    screen::give_back();
    let took = began.elapsed();
    note(format!("waited: {}", (150..700).contains(&took.as_millis())));
    other.join().unwrap();
    exit(0);
}

/// Only the first thread that claims the end goes on.
fn claimed() {
    static WENT_ON: AtomicBool = AtomicBool::new(false);
    claim_end();
    std::thread::spawn(|| {
        claim_end();
        WENT_ON.store(true, Ordering::SeqCst);
    });
    std::thread::park_timeout(Duration::from_millis(300));
    note(format!("the second went on: {}", WENT_ON.load(Ordering::SeqCst)));
    exit(0);
}

fn status() {
    note(format!("{:?}", stdout_width()));
    let able = [None, Some(""), Some("dumb"), Some("xterm")];
    note(format!(
        "{:?}",
        able.map(|term| StatusLine::of_stderr(term).is_some())
    ));
    let mut line = StatusLine::of_stderr(Some("xterm")).unwrap();
    line.clear();
    line.show("one");
    line.show("one");
    line.show(&"x".repeat(200));
    line.clear();
    line.clear();
    exit(0);
}
