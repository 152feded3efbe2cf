//! T7: to the shell and back. The shell is a real one, with job control, in the same pseudo-terminal.

use std::time::Duration;

use crate::subject::{Pods, START, Subject, Verdict, ensure, passes, path, seconds, twin_fails};
use crate::support::measure::Meter;
use crate::support::mishap::{child_of, pass, signal, watch_for};
use crate::support::program::Program;
use crate::support::pty::{Ending, Pty};
use crate::support::scripted::{Scripted, Step};

/// What runs the program in the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    /// Nothing else.
    Itself,
    /// A script that goes on after it.
    Script,
    /// Nothing else, and once stopped it is continued in the background before it is brought to the front.
    Background,
}

/// Who stops the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The key.
    CtrlZ,
    /// The signal that the key is to other programs, from outside.
    Tstp,
    /// The signal that no program can handle.
    Stop,
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// A terminal gets 0.3 s to read our last bytes; the rest is for a machine that has other work.
const STOPS_WITHIN: Duration = Duration::from_secs(1);
pub const PROMPT: &str = "shell> ";

/// A shell with job control, which edits no lines: its terminal is in the usual mode.
pub fn shell(subject: &Subject<'_>) -> Pty {
    let before = ["bash", "--norc", "--noprofile", "--noediting", "-i"];
    let mut command = portable_pty::CommandBuilder::new(before[0]);
    command.args(&before[1..]);
    command.cwd(subject.folder.dir());
    let mut variables = subject.environment();
    variables.push(path());
    let mut variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    variables.push(("PS1", PROMPT));
    Pty::launch(subject.columns, subject.rows, command, &variables)
}

fn pods(count: usize) -> Step {
    let pods: Vec<String> = (0..count)
        .map(|at| {
            format!(r#"{{"id":"{at}","pod_name":"pay-{at:03}","namespace_name":"shop","status":"Running"}}"#)
        })
        .collect();
    let body = format!(
        r#"{{"total_num":{count},"last_update_time":1755250215000,"data_list":[{}]}}"#,
        pods.join(",")
    );
    Step::json("200 OK", &body)
}

/// The name after the cursor's mark, of either program.
fn selected(screen: &vt100::Screen) -> Option<String> {
    let columns = screen.size().1.get();
    (0..screen.size().0.get()).find_map(|row| {
        let text: String = screen.rows(0, columns).nth(row.into())?;
        let at = text.find("pay-")?;
        let column = u16::try_from(text.get(..at)?.chars().count()).ok()?;
        let marked = screen.cell(row, column)?.inverse() || text.starts_with('>') || text.starts_with('▌');
        marked.then(|| text.get(at..at + 7).map(str::to_owned))?
    })
}

fn there_and_back(program: Program, by: By, job: Job, size: (u16, u16)) -> Verdict {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hss = runtime.block_on(Scripted::start(vec![pods(60)]));
    let url = hss.url();
    let subject = Subject::new(program, &format!("suspend-{by:?}-{job:?}"))
        .size(size)
        .pods(Pods::Server(&url))
        .flags(&["--interval", "2s"]);
    let mut pty = shell(&subject);
    pty.comes_text(START, PROMPT)?;
    let words: Vec<String> = subject.words().iter().map(|word| format!("'{word}'")).collect();
    let command = words.join(" ");
    if job == Job::Script {
        let script = format!("{command}\necho the script goes on\n");
        std::fs::write(subject.folder.join("script"), script).unwrap();
        pty.keys("sh script\r");
    } else {
        pty.keys(&format!("{command}\r"));
    }
    pty.comes_text(START, "FRESH")?;
    let path = subject.program.path();
    let name = path.file_name().unwrap().to_str().unwrap();
    let parent = match job {
        Job::Script => child_of(pty.pid(), "sh").ok_or("the shell runs no script")?,
        Job::Itself | Job::Background => pty.pid(),
    };
    let pid = child_of(parent, name).ok_or("the program is not there")?;
    pty.keys("jjj");
    if program == Program::Ours {
        pty.keys("/pay\r");
        pty.comes_text(START, "filtered from")?;
        pty.keys("jjj");
    }
    pass(Duration::from_millis(200));
    pty.comes(START, "a pod under the cursor", |screen| {
        selected(screen).is_some()
    })?;
    let chosen = selected_now(&pty);

    // There.
    match by {
        By::CtrlZ => pty.keys("\x1a"),
        By::Tstp => signal(pid, "TSTP")?,
        By::Stop => signal(pid, "STOP")?,
    }
    let meter = Meter::of(pid);
    let ((), stopped) = watch_for(STOPS_WITHIN, "stopped", || {
        (meter.state() == Some('T')).then_some(())
    })?;
    if by != By::Stop {
        // What the shell writes comes after the program has stopped.
        pty.comes(STOPS_WITHIN, "the shell's screen", |screen| {
            !screen.alternate_screen() && screen.contents().contains("Stopped")
        })?;
        ensure(pty.state() == Ending::CLEAN, || {
            format!("left to the shell: {:?}", pty.state())
        })?;
    }
    if job == Job::Background {
        pty.keys("bg\r");
        pty.comes_text(HALF_A_SECOND, "&")?;
        watch_for(STOPS_WITHIN, "stopped again", || {
            (meter.state() == Some('T')).then_some(())
        })?;
        ensure(pty.state() == Ending::CLEAN, || {
            format!("in the background: {:?}", pty.state())
        })?;
    }
    let wanted = (101, 31);
    pty.resize(wanted.0, wanted.1);
    pass(Duration::from_secs(3));
    let calls = hss.requests().len();

    // And back.
    pty.keys("fg\r");
    let shown = pty.comes(HALF_A_SECOND, "the whole frame", |screen| {
        let text = screen.contents();
        let lines: Vec<&str> = text.lines().collect();
        let ours = program == Program::Twin
            || (text.contains("filtered from")
                && lines.len() == usize::from(wanted.1)
                && lines.last().is_some_and(|line| line.contains("? help")));
        screen.alternate_screen() && screen.hide_cursor() && ours && selected(screen).is_some()
    })?;
    ensure(selected_now(&pty) == chosen, || {
        format!("{chosen:?} became {:?}", selected_now(&pty))
    })?;
    // Raw again: a key acts without Enter and is not echoed.
    pty.keys("k");
    pty.comes(HALF_A_SECOND, "what a key does", |screen| {
        let now = selected(screen);
        now.is_some() && now != chosen
    })?;
    watch_for(Duration::from_secs(2), "a refresh", || {
        (hss.requests().len() > calls).then_some(())
    })?;
    pass(Duration::from_millis(1200));
    let refreshes = hss.requests().len() - calls;
    ensure(refreshes == 1, || format!("{refreshes} refreshes at once"))?;
    let raw = pty.raw();
    ensure(!raw.windows(4).any(|bytes| bytes == b"\x1b[6n"), || {
        "asked where the cursor is".to_owned()
    })?;
    pty.quit();
    pty.comes(HALF_A_SECOND * 2, "the shell again", |screen| {
        let goes_on = job != Job::Script || screen.contents().contains("the script goes on");
        !screen.alternate_screen() && goes_on
    })?;
    watch_for(HALF_A_SECOND, "the shell's mode", || {
        (pty.state() == Ending::CLEAN).then_some(())
    })?;
    Ok(format!(
        "stopped in {}, whole frame {} after fg",
        seconds(stopped),
        seconds(shown)
    ))
}

fn selected_now(pty: &Pty) -> Option<String> {
    pty.look(selected)
}

#[test]
fn t7_there_and_back() {
    for (by, job, size) in [
        (By::CtrlZ, Job::Itself, (80, 24)),
        (By::CtrlZ, Job::Script, (80, 24)),
        (By::CtrlZ, Job::Background, (80, 24)),
        (By::Tstp, Job::Itself, (200, 60)),
        (By::Stop, Job::Itself, (80, 24)),
    ] {
        passes(&format!("T7 {by:?}, {job:?}, at {size:?}"), |program| {
            there_and_back(program, by, job, size)
        });
    }
    for by in [By::CtrlZ, By::Tstp] {
        twin_fails(&format!("T7 {by:?}"), |program| {
            there_and_back(program, by, Job::Itself, (80, 24))
        });
    }
}

/// `kill %1` of the shell: SIGTERM, and SIGCONT so that it can act.
#[test]
fn a_stopped_program_can_be_ended() {
    for in_background in [false, true] {
        let subject = Subject::new(Program::Ours, "stopped-end");
        let mut pty = shell(&subject);
        pty.shows(PROMPT);
        pty.keys(&format!("{}\r", subject.words().join(" ")));
        pty.shows("FRESH");
        let pid = child_of(pty.pid(), "hss-top").unwrap();
        pty.keys("\x1a");
        pty.shows("Stopped");
        if in_background {
            pty.keys("bg\r");
            pty.shows("&");
            // A shell that does not know yet that its job stopped again would not continue it.
            let knows = (0..100).any(|_| {
                pty.keys("jobs\r");
                let twice = |screen: &str| screen.matches("Stopped").count() >= 2;
                pty.within(Duration::from_millis(100), twice).is_ok()
            });
            assert!(knows, "the job does not stop again in the background");
        }
        pty.keys("kill %1\r");
        let meter = Meter::of(pid);
        let gone = || meter.state().is_none().then_some(());
        if let Err(why) = watch_for(Duration::from_secs(2), "the end", gone) {
            panic!(
                "{why}; its state is {:?}; the screen:\n{}",
                meter.state(),
                pty.shows("")
            );
        }
        assert_eq!(pty.state(), Ending::CLEAN);
    }
}

#[test]
fn without_a_shell_there_is_nowhere_to_go() {
    let subject = Subject::new(Program::Ours, "no-shell");
    let mut pty = subject.start_ready().unwrap();
    pty.keys("\x1a");
    pty.shows("cannot suspend: not started from a shell");
    assert_ne!(Meter::of(pty.pid()).state(), Some('T'));
    pty.quit();
    assert_eq!(pty.ends(START).unwrap().0, Ok(0));
}
