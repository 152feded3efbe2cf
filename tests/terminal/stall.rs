//! T8: the terminal takes no bytes for a while, or stops its output: for ten seconds where `LONG_TESTS=1`, else for four.

use std::time::Duration;

use rustix::termios::Action;

use crate::subject::{Pods, SIZES, Subject, Verdict, ensure, passes, seconds};
use crate::support::fault_case::is_long_run;
use crate::support::measure::Meter;
use crate::support::mishap::pass;
use crate::support::program::Program;
use crate::support::pty::Pty;
use crate::support::scripted::{Scripted, Step};

/// How output comes to a halt.
#[derive(Debug, Clone, Copy)]
enum Halt {
    /// Whoever shows it does not read.
    Unread,
    /// The terminal was told to stop.
    Flow,
}

impl Halt {
    fn begin(self, pty: &Pty) {
        match self {
            Self::Unread => pty.stall(true),
            Self::Flow => pty.flow(Action::OOff),
        }
    }

    fn end(self, pty: &Pty) {
        match self {
            Self::Unread => pty.stall(false),
            Self::Flow => pty.flow(Action::OOn),
        }
    }
}

/// Makes more frames than the kernel keeps for a terminal that nobody reads.
fn fill(pty: &mut Pty, size: (u16, u16)) {
    for at in 0..100 {
        pty.resize_only(size.0 - at % 2, size.1);
        pty.keys("?");
        pass(Duration::from_millis(10));
    }
    pty.resize_only(size.0, size.1);
}

fn pods() -> Step {
    let pods: Vec<String> = (0..60)
        .map(|at| format!(r#"{{"id":"{at}","pod_name":"pod-{at:03}","status":"Running"}}"#))
        .collect();
    Step::json(
        "200 OK",
        &format!(r#"{{"total_num":60,"data_list":[{}]}}"#, pods.join(",")),
    )
}

fn stalls_and_goes_on(program: Program, halt: Halt, size: (u16, u16)) -> Verdict {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hss = runtime.block_on(Scripted::start(vec![pods()]));
    let url = hss.url();
    let subject = Subject::new(program, &format!("stall-{halt:?}-{}", size.0))
        .size(size)
        .pods(Pods::Server(&url))
        .flags(&["--interval", "1s"]);
    let mut pty = subject.start_ready()?;
    pass(Duration::from_secs(1));
    let meter = Meter::of(pty.pid());
    let (resident, written, calls) = (meter.resident(), pty.bytes_written(), hss.requests().len());
    halt.begin(&pty);
    fill(&mut pty, size);
    let still = pty.bytes_written();
    let filled = hss.requests().len();
    let (rest, least) = if is_long_run() { (9, 5) } else { (3, 2) };
    pass(Duration::from_secs(rest));
    let behind = hss.requests().len() - filled;
    ensure(behind >= least, || {
        format!("{behind} calls while the terminal was stalled")
    })?;
    let grown = meter.resident().saturating_sub(resident);
    ensure(grown <= 4096, || format!("{grown} KiB more"))?;
    pty.keys("/zzz");
    pass(Duration::from_millis(300));
    ensure(pty.bytes_written() == still, || "it was not stalled".to_owned())?;
    halt.end(&pty);
    let time = pty.comes(Duration::from_secs(1), "the newest frame", |screen| {
        screen.contents().contains("/zzz") && screen.contents().contains("FRESH")
    })?;
    // What the kernel kept, the frame that was under way and the newest one: not the hundred between.
    let caught_up = pty.bytes_written() - written;
    ensure(caught_up <= 100 << 10, || {
        format!("{caught_up} bytes of old frames")
    })?;
    pty.keys("\x1b");
    pty.comes(Duration::from_secs(1), "the pods", |screen| {
        screen.contents().contains("pod-0")
    })?;
    pty.quit();
    let (code, _) = pty.ends(Duration::from_secs(2))?;
    ensure(code == Ok(0), || format!("exit {code:?}"))?;
    Ok(format!(
        "caught up in {} with {} bytes, {} calls meanwhile, {grown} KiB more resident",
        seconds(time),
        caught_up,
        hss.requests().len() - calls
    ))
}

/// How the end is asked for.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Key,
    Signal,
}

fn stalls_and_ends(program: Program, halt: Halt, ask: Ask) -> Verdict {
    let size = (200, 60);
    let subject = Subject::new(program, &format!("stall-end-{halt:?}-{ask:?}")).size(size);
    let mut pty = subject.start_ready()?;
    halt.begin(&pty);
    fill(&mut pty, size);
    let due = match ask {
        Ask::Key => {
            pty.quit();
            0
        }
        Ask::Signal => {
            pty.signal("TERM");
            143
        }
    };
    let (code, time) = pty.ends_unread(Duration::from_secs(4))?;
    ensure(code == Ok(due), || format!("exit {code:?}"))?;
    ensure(time <= Duration::from_secs(2), || {
        format!("ended after {}", seconds(time))
    })?;
    ensure(pty.state().termios_restored, || {
        "the mode is not what it was".to_owned()
    })?;
    Ok(format!("ended in {}, exit {due}, mode restored", seconds(time)))
}

#[test]
fn t8_goes_on() {
    for (halt, size) in [(Halt::Unread, SIZES[1]), (Halt::Flow, SIZES[0])] {
        passes(&format!("T8 {halt:?} at {size:?}"), |program| {
            stalls_and_goes_on(program, halt, size)
        });
    }
}

#[test]
fn t8_ends() {
    for halt in [Halt::Unread, Halt::Flow] {
        for ask in [Ask::Key, Ask::Signal] {
            passes(&format!("T8 {halt:?}, end by {ask:?}"), |program| {
                stalls_and_ends(program, halt, ask)
            });
        }
    }
}
