//! The terminal's guard: restores the terminal however the dashboard ends or stops.
//!
//! Everything that ends or stops the program (return, error, panic of any thread or task, signal, lost
//! terminal, Ctrl-Z) calls [`leave`], which acts once, never waits for a terminal that accepts no output,
//! ignores errors and uses no print macro that could panic.
//!
//! | file | what it owns |
//! |---|---|
//! | `screen` | enter and leave, in the right order, and whose turn it is to write |
//! | `mode` | the terminal's mode before hss-top changed it |
//! | `bounded` | writing with a time limit |
//! | `fault` | signals from a fault of the program: restores the screen without locks or allocations |
//! | `end` | the end of the process, and its deadline |
//! | `signals` | the thread that handles signals |
//! | `status_line` | one line of stderr that replaces itself, for commands without a screen |
//! | `suspend` | suspend to the shell, and resume |
//! | `watchdog` | the thread that notices a lost terminal |
//! | `panic` | a panic anywhere ends the program |
//! | [`display`] | turns a picture into few bytes, and one write per frame |
//! | [`once`] | the bytes of bells, titles, notifications and copies |
//! | [`multiplexer`] | tmux, GNU screen or none between us and the terminal |
//! | [`input`] | keys, pastes and mouse reports from bytes |
//!
//! Must not: draw, or wait for an answer of the terminal. Its background is requested (`input`), and the
//! answer may arrive at any time or never; a library that waits for the answer, such as terminal-colorsaurus,
//! would delay the first frame on terminals that do not answer, and leave a late answer to be read as keys.

mod bounded;
pub mod display;
mod end;
mod fault;
pub mod input;
mod mode;
pub mod multiplexer;
pub mod once;
mod panic;
mod screen;
mod signals;
#[cfg(test)]
mod staged;
#[cfg(test)]
mod staged_parts;
#[cfg(test)]
mod staged_tests;
mod status_line;
mod suspend;
mod watchdog;

use std::io::{self, IsTerminal as _};

use ratatui::layout::Size;
use rustix::termios::tcgetwinsize;
use tokio::sync::{mpsc, watch};

pub use display::Display;
pub use end::{begin as begin_end, claim as claim_end, say, say_each};
pub use input::TerminalColours;
pub use multiplexer::Multiplexer;
pub use once::{OnceOutput, TerminalTraits};
pub use panic::{install_hook as install_panic_hook, install_plugin_hook as install_plugin_panic_hook};
pub use screen::{Output, ask_for_colours, ask_for_mouse, enter, leave, use_strings};
pub use signals::name as signal_name;
pub use status_line::{StatusLine, stdout_width};
pub use suspend::{ask as suspend, possible as can_suspend};

use crate::exit_codes::ExitReason;

/// The exit code after a panic, or after a task that ended unexpectedly.
pub const CRASH: i32 = ExitReason::Crash.code() as i32;
/// The exit code for a lost terminal: the one that a shell reports for a program ended by SIGHUP.
pub const TERMINAL_LOST: i32 = ExitReason::TerminalLost.code() as i32;
/// The assumed size of a terminal that reports none.
const USUAL: Size = Size::new(80, 24);

/// The largest picture that is drawn, in cells: larger than a wall of screens, and still cheap. If a window
/// reports a larger size, which may be wrong, the rest stays blank.
const LARGEST: Size = Size::new(1000, 400);

/// A reason to end the program, reported by the guard's threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// This signal arrived.
    Signal(i32),
    /// The terminal is gone.
    TerminalLost,
}

/// The current screen. The latest value wins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns and rows.
    pub size: Size,
    /// How often the screen was entered. After each time nothing of the earlier picture is left.
    pub entries: u64,
}

/// The guard's threads, as the event loop sees them.
#[derive(Debug)]
pub struct Guard {
    /// Receives reasons to end the program.
    pub causes: mpsc::Receiver<Cause>,
    /// Receives changes of the screen.
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
    signals::watch(causes_in.clone(), screen_in.clone())?;
    watchdog::watch(causes_in, screen_in)?;
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

/// The size that the terminal reports, if any. (crossterm would open `/dev/tty`, or run the program `tput`.)
fn size() -> Option<Size> {
    let told = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    drawable(Size::new(told.ws_col, told.ws_row))
}

/// The part of a window of this size that is drawn; `None` for an empty window.
fn drawable(size: Size) -> Option<Size> {
    let (width, height) = (size.width.min(LARGEST.width), size.height.min(LARGEST.height));
    (width > 0 && height > 0).then_some(Size::new(width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_larger_than_any_screen_is_drawn_in_part() {
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
