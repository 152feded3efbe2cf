//! T1, T2: a panic anywhere ends the program.

use std::time::Duration;

use crate::subject::{Subject, Verdict, ensure, logged, passes, seconds, twin_fails};
use crate::support::program::Program;
use crate::support::pty::Ending;

/// A panic in `place` ends the program within a second: screen back, one line, exit code 101.
fn panic_in(place: &str, program: Program, size: (u16, u16)) -> Verdict {
    let subject = Subject::new(program, &format!("panic-{place}-{}", size.0)).size(size);
    let trigger = subject.folder.join("now");
    let subject = subject.variable("HSS_TOP_TEST_PANIC", &format!("{place}:{}", trigger.display()));
    let mut pty = subject.start_ready()?;
    std::fs::write(&trigger, "").unwrap();
    // Frames come once a second by themselves; of a key at once.
    pty.keys("j");
    let (code, time) = pty.ends(Duration::from_secs(3))?;
    ensure(code == Ok(101), || format!("exit {code:?}"))?;
    ensure(time <= Duration::from_secs(1), || {
        format!("ended after {}", seconds(time))
    })?;
    ensure(pty.state() == Ending::CLEAN, || {
        format!("left behind {:?}", pty.state())
    })?;
    let screen = pty.screen();
    let lines: Vec<&str> = screen.trim_end().lines().collect();
    let is_ours = |line: &str| line.starts_with("hss-top: crashed: injected fault (src/fault_injection.rs:");
    ensure(lines.len() == 1 && lines.iter().all(|line| is_ours(line)), || {
        format!("not one line about it on the screen:\n{screen}")
    })?;
    logged(&subject, "crashed: injected fault")?;
    Ok(format!("ended in {}, exit 101", seconds(time)))
}

#[test]
fn t1_in_a_task() {
    for size in crate::subject::SIZES {
        passes(&format!("T1 at {size:?}"), |program| {
            panic_in("task", program, size)
        });
    }
    twin_fails("T1", |program| panic_in("task", program, (80, 24)));
}

#[test]
fn t2_in_a_thread_while_a_frame_is_drawn() {
    for size in crate::subject::SIZES {
        passes(&format!("T2 thread at {size:?}"), |program| {
            panic_in("thread", program, size)
        });
        passes(&format!("T2 draw at {size:?}"), |program| {
            panic_in("draw", program, size)
        });
    }
    twin_fails("T2", |program| panic_in("thread", program, (80, 24)));
}
