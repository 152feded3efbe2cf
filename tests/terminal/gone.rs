//! T4, T5: the terminal closes.

use std::io::Read as _;
use std::time::Duration;

use portable_pty::{PtySize, native_pty_system};

use crate::subject::{START, Subject, Verdict, ensure, logged, passes, seconds, twin_fails};
use crate::support::mishap::watch_for;
use crate::support::program::Program;
use crate::support::pty::Ending;

/// How the program stands to the terminal that closes.
#[derive(Debug, Clone, Copy)]
enum Tie {
    /// It gets SIGHUP.
    Usual,
    /// It was started with SIGHUP ignored, as by `nohup`.
    Ignoring,
    /// The terminal is not the one that controls it: nobody sends SIGHUP.
    NotControlled,
}

/// The terminal closes: the end comes within a second, without work and without remains.
fn terminal_closes(program: Program, tie: Tie) -> Verdict {
    let subject = Subject::new(program, &format!("closes-{tie:?}"));
    let ignoring = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"];
    let pty = match tie {
        Tie::Usual => subject.launch(&[], true),
        Tie::Ignoring => subject.launch(&ignoring, true),
        Tie::NotControlled => subject.launch(&[], false),
    };
    pty.comes_text(START, subject.ready())?;
    let mut orphan = pty.hang_up();
    let (code, took, cpu) = orphan.ends(Duration::from_secs(3))?;
    ensure(code == 129, || format!("exit {code}"))?;
    ensure(took <= Duration::from_secs(1), || {
        format!("ended after {}", seconds(took))
    })?;
    // Five hundredths of the second that it has.
    ensure(cpu <= Duration::from_millis(50), || {
        format!("took {} ms of processor time", cpu.as_millis())
    })?;
    logged(&subject, "terminal lost")?;
    let left: Vec<_> = std::fs::read_dir(subject.folder.dir())
        .unwrap()
        .flatten()
        .map(|file| file.file_name())
        .collect();
    ensure(left == ["log"], || format!("left behind {left:?}"))?;
    Ok(format!(
        "ended in {}, exit 129, {} ms of processor time",
        seconds(took),
        cpu.as_millis()
    ))
}

/// Output goes to another terminal than the one that is typed on, and that other one closes: the next frame fails.
fn output_closes(program: Program) -> Verdict {
    let subject = Subject::new(program, "output-closes");
    let other = native_pty_system().openpty(PtySize::default()).unwrap();
    let name = other.master.tty_name().unwrap();
    let mut output = other.master.try_clone_reader().unwrap();
    let script = format!("exec \"$@\" > {}", name.display());
    let mut pty = subject.launch(&["sh", "-c", &script, "sh"], true);
    // The first bytes take the screen; frames come at least once a second from then on.
    let count = output.read(&mut [0; 512]).map_err(|error| error.to_string())?;
    ensure(count > 0, || "nothing was drawn".to_owned())?;
    watch_for(START, "raw mode", || {
        (!pty.state().termios_restored).then_some(())
    })?;
    drop((output, other));
    let (code, took) = pty.ends(Duration::from_secs(4))?;
    ensure(code == Ok(129), || format!("exit {code:?}"))?;
    ensure(took <= Duration::from_secs(2), || {
        format!("ended after {}", seconds(took))
    })?;
    ensure(pty.state() == Ending::CLEAN, || {
        format!("left behind {:?}", pty.state())
    })?;
    let screen = pty.screen();
    ensure(screen.trim_end().starts_with("hss-top: terminal lost: "), || {
        screen.clone()
    })?;
    logged(&subject, "terminal lost: Input/output error")?;
    Ok(format!("ended in {}, exit 129", seconds(took)))
}

#[test]
fn t5_a_frame_that_fails_ends_it() {
    passes("T5 output", output_closes);
    twin_fails("T5 output", output_closes);
}

#[test]
fn t4_closes() {
    passes("T4", |program| terminal_closes(program, Tie::Usual));
}

#[test]
fn t5_closes_and_nobody_is_told() {
    for tie in [Tie::Ignoring, Tie::NotControlled] {
        passes(&format!("T5 {tie:?}"), |program| terminal_closes(program, tie));
        twin_fails(&format!("T5 {tie:?}"), |program| terminal_closes(program, tie));
    }
}
