//! T16: in a real tmux.

use std::process::Command;
use std::time::Duration;

use portable_pty::CommandBuilder;

use crate::subject::{START, Subject, Verdict, ensure, passes, passes_in_three, path, seconds};
use crate::support::measure::Meter;
use crate::support::mishap::watch_for;
use crate::support::program::Program;
use crate::support::pty::Pty;

/// A tmux server of the test's own; killed when dropped.
struct Tmux {
    socket: String,
}

impl Tmux {
    /// A session in which the program runs; `None` where there is no tmux.
    fn start(subject: &Subject<'_>) -> Option<Self> {
        let socket = subject.folder.join("socket").display().to_string();
        let tmux = Self { socket };
        let words: Vec<String> = subject.words().iter().map(|word| format!("'{word}'")).collect();
        let command = format!("exec {}", words.join(" "));
        let size = (subject.columns.to_string(), subject.rows.to_string());
        let mut new = tmux.command(&["new-session", "-d", "-x", &size.0, "-y", &size.1, &command]);
        new.envs(subject.environment())
            .env("HSS_TOP_METADATA_ENDPOINT", "off")
            .env("HSS_TOP_LIST_OLD_AFTER", "100years");
        match new.status() {
            Ok(status) => assert!(status.success(), "tmux does not start"),
            Err(_) => return None,
        }
        Some(tmux)
    }

    fn words<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        [&["-S", self.socket.as_str(), "-f", "/dev/null"], words].concat()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(self.words(words)).env_remove("TMUX");
        command
    }

    fn ask(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn attach(&self, columns: u16, rows: u16) -> Pty {
        self.attach_in("C.UTF-8", columns, rows)
    }

    /// The same in a terminal of this locale.
    fn attach_in(&self, locale: &str, columns: u16, rows: u16) -> Pty {
        let mut command = CommandBuilder::new("tmux");
        command.args(self.words(&["attach-session"]));
        let (name, path) = path();
        Pty::launch(columns, rows, command, &[("LC_ALL", locale), (name, &path)])
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}

const NO_TMUX: &str = "not run: there is no tmux on this machine";

fn session_ends(program: Program) -> Verdict {
    let subject = Subject::new(program, "tmux-kill");
    let Some(tmux) = Tmux::start(&subject) else {
        return Ok(NO_TMUX.to_owned());
    };
    let shows = || tmux.ask(&["capture-pane", "-p"]).contains("FRESH").then_some(());
    watch_for(START, "FRESH", shows)?;
    let pid = tmux.ask(&["list-panes", "-F", "#{pane_pid}"]).parse();
    let meter = Meter::of(pid.map_err(|error| format!("no pane: {error}"))?);
    tmux.ask(&["kill-session"]);
    let ((), time) = watch_for(Duration::from_secs(3), "the end", || {
        matches!(meter.state(), None | Some('Z' | 'X')).then_some(())
    })?;
    ensure(time <= Duration::from_secs(1), || {
        format!("ended after {}", seconds(time))
    })?;
    Ok(format!("ended in {} after kill-session", seconds(time)))
}

fn attaches_again(program: Program) -> Verdict {
    let subject = Subject::new(program, "tmux-attach");
    let Some(tmux) = Tmux::start(&subject) else {
        return Ok(NO_TMUX.to_owned());
    };
    let mut first = tmux.attach(80, 24);
    first.comes_text(START, "FRESH")?;
    first.keys("jj/Running\r");
    first.comes_text(START, "filtered from")?;
    tmux.ask(&["detach-client"]);
    first.ends(START)?.0?;
    let second = tmux.attach(120, 40);
    let time = second.comes(Duration::from_secs(2), "the whole frame", |screen| {
        let text = screen.contents();
        let lines: Vec<&str> = text.lines().collect();
        // The last line is tmux's own.
        let ours = lines
            .get(38)
            .is_some_and(|line| line.contains("? help") && line.contains("e export"));
        ours && text.contains("filtered from") && text.contains("FRESH")
    })?;
    ensure(time <= Duration::from_millis(500), || {
        format!("after {}", seconds(time))
    })?;
    Ok(format!(
        "whole frame {} after attaching at another size",
        seconds(time)
    ))
}

fn wheel_reaches_us(program: Program) -> Verdict {
    let subject = Subject::new(program, "tmux-wheel").flags(&["--interval", "1h"]);
    let Some(tmux) = Tmux::start(&subject) else {
        return Ok(NO_TMUX.to_owned());
    };
    tmux.ask(&["set-option", "-g", "mouse", "on"]);
    let mut outer = tmux.attach(80, 24);
    // The state stands there before the rows.
    outer.comes_text(START, "row 1 of")?;
    // One notch down, which moves the cursor, and one up, which tmux would take for its copy mode.
    for (button, pod) in [(65, 4), (64, 1)] {
        outer.keys(&format!("\x1b[<{button};20;10M"));
        outer.comes(START, "the cursor", |screen| selected_row(screen) == Some(pod))?;
    }
    let mode = tmux.ask(&["display-message", "-p", "#{pane_in_mode} #{alternate_on}"]);
    ensure(mode == "0 1", || {
        format!("pane_in_mode and alternate_on are {mode}")
    })?;
    let title = |screen: &vt100::Screen| screen.contents_between(0, 0, 1, 0);
    let before = outer.with_screen(title);
    let time = outer.comes(Duration::from_secs(5), "the clocks", |screen| {
        title(screen) != before
    })?;
    Ok(format!(
        "the wheel moves the cursor; the clocks went on after {}",
        seconds(time)
    ))
}

/// The number of the row that is drawn reversed, from 1.
fn selected_row(screen: &vt100::Screen) -> Option<u16> {
    (4..23)
        .find(|row| screen.cell(*row, 0).is_some_and(|cell| cell.contents() == "▌"))
        .map(|row| row - 3)
}

#[test]
fn with_its_mouse_on_tmux_leaves_the_wheel_to_us() {
    passes("T1", wheel_reaches_us);
}

/// In a client that is not UTF-8, tmux shows `_` for what is not ASCII.
fn without_utf8(program: Program, locale: &str) -> Verdict {
    let subject = Subject::new(program, "tmux-ascii").variable("LC_ALL", locale);
    let Some(tmux) = Tmux::start(&subject) else {
        return Ok(NO_TMUX.to_owned());
    };
    let client = tmux.attach_in("C", 80, 24);
    client.comes_text(START, "FRESH")?;
    let beat = |screen: &vt100::Screen| screen.cell(0, 78).map(|cell| cell.contents().to_owned());
    let first = client.look(beat);
    let time = client.comes(Duration::from_secs(5), "the next beat", |screen| {
        beat(screen) != first
    })?;
    let screen = client.screen();
    ensure(locale != "C" || !screen.contains('_'), || screen.clone())?;
    Ok(format!("locale {locale}: a beat after {}", seconds(time)))
}

#[test]
fn in_a_tmux_without_utf8_the_heart_beats_and_the_signs_are_ascii() {
    for locale in ["C", "C.UTF-8"] {
        passes("T4", |program| without_utf8(program, locale));
    }
}

#[test]
fn t16_tmux() {
    passes("T16", session_ends);
    passes_in_three("T16", attaches_again);
}
