//! T19: the terminal has no alternate screen, as GNU screen by default and mosh: the picture stays, and the shell goes on
//! below it. In a real GNU screen and a real dtach where there are such.

use std::time::Duration;

use portable_pty::CommandBuilder;

use crate::subject::{START, Subject, path};
use crate::support::mishap::signal;
use crate::support::program::Program;
use crate::support::pty::{Pty, cells};
use crate::suspend::{PROMPT, shell};

/// What a terminal that knows no alternate screen makes of these bytes.
fn without_alternate(bytes: &[u8], columns: u16, rows: u16) -> vt100::Parser {
    let text = String::from_utf8_lossy(bytes);
    let text = text.replace("\x1b[?1049h", "").replace("\x1b[?1049l", "");
    let mut terminal = vt100::Parser::new(cells(rows), cells(columns), 0);
    terminal.process(text.as_bytes());
    terminal
}

fn last_line(screen: &vt100::Screen) -> String {
    screen.rows(0, screen.size().1.get()).last().unwrap_or_default()
}

#[test]
fn t19_the_shell_goes_on_in_the_last_line() {
    for end in ["q", "TERM", "SEGV"] {
        let subject = Subject::new(Program::Ours, &format!("plain-{end}"));
        let mut pty = subject.start_ready().unwrap();
        if end == "q" {
            pty.quit();
        } else {
            pty.signal(end);
        }
        pty.ends(Duration::from_secs(2)).unwrap().0.ok();
        let mut bytes = pty.raw();
        // What says why it ended is the shell's part already.
        let left = b"\x1b[?1049l";
        let at = bytes.windows(left.len()).rposition(|it| it == left).unwrap();
        bytes.truncate(at);
        let terminal = without_alternate(&bytes, 80, 24);
        let screen = terminal.screen();
        assert_eq!(screen.cursor_position(), (23, 0), "{end}");
        assert_eq!(last_line(screen).trim_end(), "", "{end}");
        assert!(screen.contents().contains("FRESH"), "the picture stays above");
    }
}

#[test]
fn t19_suspended_too() {
    let subject = Subject::new(Program::Ours, "plain-suspend");
    let mut pty = shell(&subject);
    pty.shows(PROMPT);
    pty.keys(&format!("{}\r", subject.words().join(" ")));
    pty.shows("Running");
    pty.keys("\x1a");
    pty.until("the shell's prompt", |text| {
        text.contains("Stopped") && text.trim_end().ends_with(PROMPT.trim_end())
    });
    let terminal = without_alternate(&pty.raw(), 80, 24);
    let screen = terminal.screen();
    let told = screen.contents();
    assert!(
        last_line(screen).starts_with(PROMPT.trim_end()),
        "not below the picture:\n{told}"
    );
    assert!(told.contains("Running"), "the picture stays above:\n{told}");
}

#[test]
fn t19_in_gnu_screen() {
    if std::process::Command::new("screen").arg("-v").output().is_err() {
        println!("T19: not run: there is no GNU screen on this machine");
        return;
    }
    let subject = Subject::new(Program::Ours, "gnu-screen");
    let mut command = CommandBuilder::new("screen");
    command.args([
        "-U",
        "-c",
        "/dev/null",
        "bash",
        "--norc",
        "--noprofile",
        "--noediting",
        "-i",
    ]);
    command.cwd(subject.folder.dir());
    let sockets = subject.folder.join("sockets");
    std::fs::create_dir(&sockets).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&sockets, mode).unwrap();
    let (sockets, (name, path)) = (sockets.display().to_string(), path());
    let variables = [
        ("SCREENDIR", sockets.as_str()),
        ("LANG", "C.UTF-8"),
        ("PS1", PROMPT),
        (name, &path),
    ];
    let mut pty = Pty::launch(80, 24, command, &variables);
    pty.shows(PROMPT);
    pty.keys(&format!("clear; {}\r", subject.words().join(" ")));
    pty.shows("FRESH");
    pty.quit();
    pty.until("the prompt in the last line", |text| {
        text.lines()
            .nth(23)
            .is_some_and(|line| line.starts_with(PROMPT.trim_end()))
    });
    pty.keys("exit\r");
    pty.ends(START).unwrap().0.unwrap();
}

#[test]
fn t19_a_terminal_that_attaches_later_is_told_the_modes() {
    if std::process::Command::new("dtach")
        .arg("--help")
        .output()
        .is_err()
    {
        println!("T19: not run: there is no dtach on this machine");
        return;
    }
    let subject = Subject::new(Program::Ours, "dtach");
    let socket = subject.folder.join("socket").display().to_string();
    let first = subject.launch(&["dtach", "-c", &socket, "-r", "winch", "-E", "-z"], true);
    first.shows("FRESH");
    let pid = first.pid();
    signal(pid, "HUP").unwrap();
    drop(first);
    let mut command = CommandBuilder::new("dtach");
    command.args(["-a", &socket, "-r", "winch", "-E", "-z"]);
    let (name, path) = path();
    let mut second = Pty::launch(100, 30, command, &[(name, &path)]);
    second
        .comes(START, "the modes", |screen| {
            screen.contents().contains("FRESH") && screen.hide_cursor() && screen.bracketed_paste()
        })
        .unwrap();
    second.quit();
    second.ends(START).unwrap().0.unwrap();
}
