//! The terminal's guard: what stands between the dashboard and whoever started it.
//!
//! Whatever ends or stops the program (return, error, panic of any thread or task, signal, lost terminal, Ctrl-Z)
//! goes through [`leave`], which acts once, never waits for a terminal that takes no output, ignores errors and
//! prints with no macro that could panic.
//!
//! | file | what it owns |
//! |---|---|
//! | `screen` | enter and leave, in the right order, and whose turn it is to write |
//! | `mode` | the terminal's mode before it was ours |
//! | `bounded` | writing that gives up after a while |
//! | `fault` | signals that a fault of the program raises: the screen back, without locks or memory |
//! | `end` | the one way out of the process, and its deadline |
//! | `signals` | the thread that takes signals |
//! | `suspend` | to the shell and back |
//! | `watchdog` | the thread that sees when the terminal is gone |
//! | `panic` | a panic anywhere ends the program |
//! | [`display`] | from a picture to bytes: few of them, and a frame is one write |
//! | [`once`] | bells, titles, notifications, copies: their bytes |
//! | [`input`] | keys, pastes and mouse reports from bytes |
//!
//! Must not: draw, nor ask the terminal anything.

mod bounded;
pub mod display;
mod end;
mod fault;
pub mod input;
mod mode;
pub mod once;
mod panic;
mod screen;
mod signals;
mod suspend;
mod watchdog;

use std::io::{self, IsTerminal as _};

use ratatui::layout::Size;
use rustix::termios::tcgetwinsize;
use tokio::sync::{mpsc, watch};

pub use display::Display;
pub use end::{begin as begin_end, claim as claim_end, say};
pub use once::{OnceOutput, TerminalTraits};
pub use panic::install_hook as install_panic_hook;
pub use screen::{Output, ask_for_mouse, enter, leave};
pub use signals::name as signal_name;
pub use suspend::{ask as suspend, possible as can_suspend};

use crate::exit_codes::ExitReason;

/// The exit code after a panic, or a task that ended without reason.
pub const CRASH: i32 = ExitReason::Crash.code() as i32;
/// The exit code when the terminal is gone: what a shell reports of a program that SIGHUP ended.
pub const TERMINAL_LOST: i32 = ExitReason::TerminalLost.code() as i32;
/// What a terminal that tells no size is taken for.
const USUAL: Size = Size::new(80, 24);

/// The largest picture that is drawn: more than a wall of screens has, and still cheap. Of a window that claims to be larger,
/// as some do that are none, the rest stays blank.
const LARGEST: Size = Size::new(1000, 400);

/// What the guard's threads have to tell that ends the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// This signal came.
    Signal(i32),
    /// There is no terminal any more.
    TerminalLost,
}

/// The screen as it is now. Latest wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns and rows.
    pub size: Size,
    /// How often it was entered anew: what was drawn before is gone.
    pub entries: u64,
}

/// The guard's threads, as the event loop sees them.
#[derive(Debug)]
pub struct Guard {
    /// What ends the program.
    pub causes: mpsc::Receiver<Cause>,
    /// The screen's changes.
    pub screen: watch::Receiver<Screen>,
}

/// Starts the guard's threads. From here on no signal leaves the terminal in disorder.
pub fn guard() -> io::Result<Guard> {
    let (causes_in, causes) = mpsc::channel(1);
    let now = Screen {
        size: size().unwrap_or(USUAL),
        entries: 0,
    };
    let (screen_in, screen) = watch::channel(now);
    end::watch()?;
    fault::watch()?;
    signals::watch(causes_in.clone(), screen_in)?;
    watchdog::watch(causes_in)?;
    Ok(Guard { causes, screen })
}

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

/// The terminal's size, if it tells one. (crossterm would open `/dev/tty`, or run the program `tput`.)
fn size() -> Option<Size> {
    let told = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    drawable(Size::new(told.ws_col, told.ws_row))
}

/// As much of a window of this size as is drawn; `None` where there is none.
fn drawable(size: Size) -> Option<Size> {
    let (width, height) = (size.width.min(LARGEST.width), size.height.min(LARGEST.height));
    (width > 0 && height > 0).then_some(Size::new(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_beyond_any_screen_is_drawn_in_part() {
        for (told, drawn) in [
            ((80, 24), Some((80, 24))),
            ((1000, 400), Some((1000, 400))),
            ((1001, 24), Some((1000, 24))),
            ((80, 401), Some((80, 400))),
            ((u16::MAX, u16::MAX), Some((1000, 400))),
            ((0, 24), None),
            ((80, 0), None),
        ] {
            assert_eq!(drawable(told.into()), drawn.map(Size::from), "{told:?}");
        }
    }
}
