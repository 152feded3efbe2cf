//! T17: a key arrives while the program ends, on a terminal that reads late. As soon as the mode is the shell's again, a
//! Ctrl-C has the kernel discard what the terminal has not read, but for 4 KiB: the screen must be back before.
//!
//! 20 times each where `LONG_TESTS=1`, else 6 times.

use std::time::Duration;

use crate::subject::{SIZES, START, Subject, Verdict, ensure, passes, seconds};
use crate::support::fault_case::is_long_run;
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::{Ending, Pty};
use crate::suspend::{PROMPT, shell};

/// A way to end the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The key.
    Key,
    /// A signal from outside, by name.
    Signal(&'static str),
    /// A fault of the program, which a test wants at this place.
    Fault(&'static str),
}

impl Way {
    /// What has to be set up for it.
    pub fn prepare(self, subject: Subject<'_>) -> Subject<'_> {
        let Self::Fault(place) = self else { return subject };
        let trigger = subject.folder.join("now");
        subject.variable("HSS_TOP_TEST_PANIC", &format!("{place}:{}", trigger.display()))
    }

    /// Sets off the end.
    pub fn act(self, pty: &mut Pty, subject: &Subject<'_>) {
        match self {
            Self::Key => pty.quit(),
            Self::Signal(name) => pty.signal(name),
            Self::Fault(_) => {
                std::fs::write(subject.folder.join("now"), "").unwrap();
                pty.keys("j");
            }
        }
    }
}

/// Ends the program this many times, with Ctrl-C a few milliseconds later; each time the terminal is as it
/// was.
fn ends_clean(program: Program, way: Way, times: u64) -> Verdict {
    let mut longest = Duration::ZERO;
    for at in 0..times {
        let subject = way.prepare(Subject::new(
            program,
            &format!("lag-{way:?}").replace(['(', ')', '"'], "-"),
        ));
        let mut pty = subject.start_ready()?;
        let lag = Duration::from_millis(60 + at * 31 % 61);
        // A shell has the terminal open too, and the kernel obeys Ctrl-C while somebody has.
        let shell = pty.held_open();
        pty.lag(lag);
        // More than those 4 KiB: some whole frames.
        for columns in [199, 200, 199] {
            pty.resize_only(columns, 60);
            pass(Duration::from_millis(15));
        }
        way.act(&mut pty, &subject);
        let start = tokio::time::Instant::now();
        // As an impatient hand does it.
        for pause in [2 + at % 13, 25, 60] {
            pass(Duration::from_millis(pause));
            pty.keys("\x03");
        }
        let _ = pty.ends_unread(Duration::from_secs(3))?.0;
        longest = longest.max(start.elapsed());
        pty.keys("\x03");
        pass(lag * 2);
        drop(shell);
        let _ = pty.ends(Duration::from_secs(1))?.0;
        ensure(pty.state() == Ending::CLEAN, || {
            format!("time {} of {times}: left behind {:?}", at + 1, pty.state())
        })?;
    }
    Ok(format!(
        "{times} of {times} clean, the longest end took {}",
        seconds(longest)
    ))
}

fn times() -> u64 {
    if is_long_run() { 20 } else { 6 }
}

fn all_end_clean(ways: &[Way]) {
    for &way in ways {
        passes(&format!("T17 {way:?}"), |program| {
            ends_clean(program, way, times())
        });
    }
}

#[test]
fn t17_a_key_while_the_program_ends_costs_nothing_of_the_screen() {
    all_end_clean(&[Way::Key, Way::Signal("TERM"), Way::Signal("USR1")]);
}

#[test]
fn t17_a_key_while_the_program_breaks_off_costs_nothing_of_the_screen() {
    all_end_clean(&[Way::Signal("SEGV"), Way::Fault("task"), Way::Fault("allocation")]);
}

/// The program runs on with a terminal that reads late, and takes Ctrl-Z: the shell gets a clean one.
#[test]
fn t17_suspended_on_a_terminal_that_lags() {
    for at in 0..times().min(10) {
        let subject = Subject::new(Program::Ours, "lag-suspend").size(SIZES[1]);
        let mut pty = shell(&subject);
        pty.shows(PROMPT);
        pty.keys(&format!("{}\r", subject.words().join(" ")));
        pty.comes_text(START, "FRESH").unwrap();
        pty.lag(Duration::from_millis(60 + at * 7));
        for _ in 0..3 {
            pty.keys("\x0c");
            pass(Duration::from_millis(15));
        }
        pty.keys("\x1a");
        pass(Duration::from_millis(5 + at * 3));
        pty.keys("\x03");
        pty.comes(Duration::from_secs(3), "the shell's screen", |screen| {
            !screen.alternate_screen() && screen.contents().trim_end().ends_with(PROMPT.trim_end())
        })
        .unwrap();
        assert_eq!(pty.state(), Ending::CLEAN, "time {at}");
    }
}
