//! T3: signals from outside end the program, whatever it is doing.

use std::time::Duration;

use crate::subject::{Pods, SIZES, START, Subject, Verdict, ensure, logged, passes, seconds, twin_fails};
use crate::support::program::Program;
use crate::support::pty::Ending;
use crate::support::scripted::{Scripted, Step};

/// What the program is doing when the signal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Nothing: all is fresh.
    Idle,
    /// A call waits for its answer.
    Fetching,
    /// Frame after frame.
    Drawing,
}

/// What every end by signal must be: exit code, screen, one line, in time.
fn signal_ends(program: Program, doing: Doing, name: &str, number: u32, size: (u16, u16)) -> Verdict {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let silent = runtime.block_on(Scripted::start(vec![Step::Silence]));
    let url = silent.url();
    let subject = Subject::new(program, &format!("signal-{name}-{doing:?}-{}", size.0)).size(size);
    let subject = match doing {
        Doing::Fetching => subject.pods(Pods::Server(&url)),
        _ => subject,
    };
    let mut pty = subject.start();
    if doing == Doing::Fetching {
        pty.comes_text(START, "LOADING")?;
    } else {
        pty.comes_text(START, subject.ready())?;
    }
    if doing == Doing::Drawing {
        pty.keys(&"jjkk?\x1b".repeat(50));
    }
    pty.signal(name);
    let (code, time) = pty.ends(Duration::from_secs(4))?;
    ensure(code == Ok(128 + number), || format!("exit {code:?}"))?;
    ensure(time <= Duration::from_secs(2), || {
        format!("ended after {}", seconds(time))
    })?;
    ensure(pty.state() == Ending::CLEAN, || {
        format!("left behind {:?}", pty.state())
    })?;
    let line = format!("ended by SIG{name}");
    let screen = pty.screen();
    ensure(screen.trim_end() == format!("hss-top: {line}"), || {
        format!("not one line about it on the screen:\n{screen}")
    })?;
    logged(&subject, &line)?;
    Ok(format!("ended in {}, exit {}", seconds(time), 128 + number))
}

#[test]
fn t3_signals() {
    for (doing, sizes) in [
        (Doing::Idle, &SIZES[..]),
        (Doing::Fetching, &SIZES[..1]),
        (Doing::Drawing, &SIZES[1..]),
    ] {
        for (name, number) in [("TERM", 15), ("INT", 2), ("QUIT", 3), ("HUP", 1)] {
            for size in sizes {
                passes(&format!("T3 SIG{name} {doing:?} at {size:?}"), |program| {
                    signal_ends(program, doing, name, number, *size)
                });
            }
        }
    }
    for (name, number) in [("TERM", 15), ("INT", 2)] {
        twin_fails(&format!("T3 SIG{name}"), |program| {
            signal_ends(program, Doing::Idle, name, number, (80, 24))
        });
    }
}
