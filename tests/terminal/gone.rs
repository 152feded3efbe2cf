//! T4, T5: the terminal closes.

use std::time::Duration;

use crate::subject::{START, Subject, Verdict, ensure, logged, passes, seconds, twin_fails};
use crate::support::program::Program;

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
    let left: Vec<_> = std::fs::read_dir(&subject.folder.0)
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
