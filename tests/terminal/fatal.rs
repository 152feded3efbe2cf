//! T18: the signals that end a program by themselves, and the faults behind them.

use std::path::Path;
use std::time::Duration;

use crate::lag::Way;
use crate::subject::{Pods, Subject, Verdict, ensure, logged, passes, seconds, twin_fails};
use crate::support::mishap::watch_for;
use crate::support::program::Program;
use crate::support::pty::{Ending, Pty};
use crate::support::scripted::{Scripted, Step};

/// What every end must leave behind: a clean terminal that reads late, one line, in time.
fn ends_clean(pty: &mut Pty, limit: Duration, line: &str) -> Result<(Result<u32, String>, Duration), String> {
    let (code, time) = pty.ends(limit * 2)?;
    ensure(time <= limit, || format!("ended after {}", seconds(time)))?;
    ensure(pty.state() == Ending::CLEAN, || {
        format!("left behind {:?}", pty.state())
    })?;
    let screen = pty.screen();
    let lines: Vec<&str> = screen.trim_end().lines().collect();
    ensure(
        lines.len() == 1 && lines.iter().all(|it| it.starts_with(line)),
        || format!("not one line {line:?} on the screen:\n{screen}"),
    )?;
    Ok((code, time))
}

/// A signal that somebody sends ends the program in order.
fn sent(program: Program, name: &str, number: u32) -> Verdict {
    let subject = Subject::new(program, &format!("sent-{name}"));
    let mut pty = subject.start_ready()?;
    pty.lag(Duration::from_millis(90));
    pty.signal(name);
    let line = format!("hss-top: ended by SIG{name}");
    let (code, time) = ends_clean(&mut pty, Duration::from_secs(2), &line)?;
    ensure(code == Ok(128 + number), || format!("exit {code:?}"))?;
    logged(&subject, &format!("ended by SIG{name}"))?;
    Ok(format!("ended in {}, exit {}", seconds(time), 128 + number))
}

/// A fault ends it by the signal itself, which a shell reports as 128 + n.
fn faulty(program: Program, way: Way, signal: &str, says: &str) -> Verdict {
    let name = format!("fault-{way:?}").replace(['(', ')', '"'], "-");
    let subject = way.prepare(Subject::new(program, &name));
    let mut pty = subject.start_ready()?;
    pty.lag(Duration::from_millis(90));
    way.act(&mut pty, &subject);
    let line = format!("hss-top: crashed: {says}");
    let (code, time) = ends_clean(&mut pty, Duration::from_secs(2), &line)?;
    ensure(code == Err(format!("killed: {signal}")), || {
        format!("ended as {code:?}")
    })?;
    Ok(format!("ended in {} by {signal}", seconds(time)))
}

#[test]
fn t18_signals_that_people_send_end_it_in_order() {
    for (name, number) in [
        ("USR1", 10),
        ("USR2", 12),
        ("ALRM", 14),
        ("STKFLT", 16),
        ("XCPU", 24),
        ("VTALRM", 26),
        ("PROF", 27),
        ("IO", 29),
        ("PWR", 30),
        ("RTMIN", 34),
        ("RTMIN+5", 39),
        ("RTMIN+30", 64),
    ] {
        passes(&format!("T18 SIG{name}"), |program| sent(program, name, number));
    }
    twin_fails("T18 SIGUSR1", |program| sent(program, "USR1", 10));
}

#[test]
fn t18_signals_that_are_failed_writes_change_nothing() {
    let subject = Subject::new(Program::Ours, "ignored");
    let mut pty = subject.start_ready().unwrap();
    for name in ["PIPE", "XFSZ", "CHLD", "URG", "WINCH", "CONT"] {
        pty.signal(name);
    }
    pty.keys("?");
    pty.shows("Keys of the table");
    pty.keys("\x03");
    assert_eq!(pty.ends(Duration::from_secs(2)).unwrap().0, Ok(0));
}

#[test]
fn t18_faults_give_the_terminal_back_first() {
    for (way, signal, says) in [
        (Way::Signal("SEGV"), "Segmentation fault", "SIGSEGV"),
        (Way::Signal("BUS"), "Bus error", "SIGBUS"),
        (Way::Signal("ILL"), "Illegal instruction", "SIGILL"),
        (Way::Signal("FPE"), "Floating point exception", "SIGFPE"),
        (Way::Signal("ABRT"), "Aborted", "SIGABRT"),
        (Way::Signal("TRAP"), "Trace/breakpoint trap", "SIGTRAP"),
        (Way::Signal("SYS"), "Bad system call", "SIGSYS"),
        (Way::Fault("overflow"), "Segmentation fault", "SIGSEGV"),
        (Way::Fault("allocation"), "Aborted", "SIGABRT"),
    ] {
        passes(&format!("T18 {way:?}"), |program| {
            faulty(program, way, signal, says)
        });
    }
    twin_fails("T18 SIGSEGV", |program| {
        faulty(program, Way::Signal("SEGV"), "Segmentation fault", "SIGSEGV")
    });
}

/// A shell reports the end by a fault as 128 + n.
#[test]
fn t18_a_shell_reports_the_fault() {
    let subject = Subject::new(Program::Ours, "fault-shell");
    let script = "\"$@\"; echo \"exit $?\"";
    let pty = subject.launch(&["bash", "-c", script, "bash"], true);
    pty.shows("FRESH");
    let pid = crate::support::mishap::child_of(pty.pid(), "hss-top").unwrap();
    crate::support::mishap::signal(pid, "BUS").unwrap();
    let screen = pty.shows("exit 135");
    assert!(screen.contains("hss-top: crashed: SIGBUS"), "{screen}");
}

fn shared_memory(folder: &Path) -> Option<std::path::PathBuf> {
    let files = std::fs::read_dir(folder.join("hss-top")).ok()?;
    let mut paths = files.flatten().map(|file| file.path());
    paths.find(|path| path.to_string_lossy().ends_with("-shm"))
}

/// Somebody cuts the shared memory of the state file, which is mapped: the kernel raises SIGBUS in whichever thread
/// touches it next.
#[test]
fn t18_a_mapped_file_cut_short_leaves_a_clean_terminal() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let page = r#"{"total_num":1,"data_list":[{"id":"1","pod_name":"pay","status":"Running"}]}"#;
    let hss = runtime.block_on(Scripted::start(vec![Step::json("200 OK", page)]));
    let url = hss.url();
    let subject = Subject::new(Program::Ours, "cut").pods(Pods::Server(&url));
    let state = subject.folder.join("state");
    let subject = subject
        .variable("XDG_STATE_HOME", &state.display().to_string())
        .flags(&["--interval", "1s"]);
    let mut pty = subject.start_ready().unwrap();
    let (file, _) = watch_for(Duration::from_secs(5), "shared memory", || shared_memory(&state)).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(0).unwrap();
    // Whatever is stored next finds it gone.
    let line = "hss-top: crashed: SIGBUS";
    let (code, _) = ends_clean(&mut pty, Duration::from_secs(10), line).unwrap();
    assert_eq!(code, Err("killed: Bus error".to_owned()));
}
