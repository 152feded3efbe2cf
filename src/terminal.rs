//! The terminal's guard: enter, leave, signals, watchdog.
//!
//! Owns the terminal's state. Whatever ends the program (return, error, panic of any thread, signal, lost
//! terminal) goes through [`leave`], which acts once, ignores errors and prints with no macro that could panic.
//! Must not: draw.

use std::io::{self, IsTerminal as _, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use tokio::sync::mpsc;

/// Alternate screen, hidden cursor, bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// The reverse, after the end of a synchronized update and of all colours.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// From a signal to the end of the process, if the event loop does not make it.
const DEADLINE: Duration = Duration::from_secs(1);
/// How often the watchdog looks after the terminal.
const WATCH_EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};
/// The exit code when the terminal is gone.
pub const TERMINAL_LOST: i32 = 129;

static ENTERED: AtomicBool = AtomicBool::new(false);
static SAVED: OnceLock<Termios> = OnceLock::new();

/// Why the terminal cannot show the dashboard; `None` if it can. `term` is the variable `TERM`.
pub fn unfit(term: Option<&str>) -> Option<&'static str> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some("the dashboard needs a terminal for input and output");
    }
    match term {
        None | Some("" | "dumb") => Some("the terminal (TERM) is too simple for the dashboard"),
        Some(_) => None,
    }
}

/// Takes the terminal over.
pub fn enter() -> io::Result<()> {
    let saved = tcgetattr(rustix::stdio::stdin())?;
    let _ = SAVED.set(saved);
    ENTERED.store(true, Ordering::SeqCst);
    crossterm::terminal::enable_raw_mode()?;
    let mut out = io::stdout().lock();
    out.write_all(ENTER)?;
    out.flush()
}

/// Gives the terminal back as it was. Acts once; later calls do nothing.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // The mode first: it does not wait for a terminal that takes no output.
    if let Some(saved) = SAVED.get() {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, saved);
    }
    let _ = rustix::io::write(rustix::stdio::stdout(), LEAVE);
}

/// Makes a panic in any thread end the program: screen back, one line, exit code 101.
pub fn install_panic_hook(
    report: impl Fn(&std::panic::PanicHookInfo<'_>) -> Option<String> + Send + Sync + 'static,
) {
    std::panic::set_hook(Box::new(move |info| {
        leave();
        let line = format!("hss-top crashed: {}", one_line(info));
        tracing::error!("{line}");
        let mut err = io::stderr().lock();
        let _ = writeln!(err, "{line}");
        if let Some(report) = report(info) {
            let _ = writeln!(err, "{report}");
        }
        signal_hook::low_level::exit(101);
    }));
}

fn one_line(info: &std::panic::PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let message = crate::fleet::RemoteText::message(message);
    info.location().map_or_else(
        || message.shown().to_owned(),
        |at| format!("{} ({}:{})", message.shown(), at.file(), at.line()),
    )
}

/// Watches for signals that end the program, on a thread of its own: the first is passed on, and if the program
/// is still there after [`DEADLINE`], the thread ends it.
pub fn watch_signals(ends: mpsc::Sender<i32>) -> io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let Some(signal) = signals.forever().next() else {
            return;
        };
        let _ = ends.try_send(signal);
        thread::park_timeout(DEADLINE);
        leave();
        signal_hook::low_level::exit(128 + signal);
    })?;
    Ok(())
}

/// Watches the terminal, on a thread of its own: when it is gone, so is the program. (crossterm's reader would
/// spin for ever: crossterm#793.)
pub fn watch_terminal() -> io::Result<()> {
    thread::Builder::new().name("watchdog".to_owned()).spawn(|| {
        loop {
            let stdin = rustix::stdio::stdin();
            let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
            let gone = match poll(&mut fds, Some(&WATCH_EVERY)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => false,
                Ok(_) => true,
                Err(_) => true,
            };
            if gone {
                tracing::error!("terminal lost");
                leave();
                signal_hook::low_level::exit(TERMINAL_LOST);
            }
        }
    })?;
    Ok(())
}
