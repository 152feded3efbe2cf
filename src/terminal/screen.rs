//! Enter and leave: mode and screen of the terminal, and whose turn it is to write to it.
//!
//! The order of leaving matters. Once the shell's mode is restored, a Ctrl-C makes the kernel discard all
//! output that the terminal has not read yet, and the bytes that restore the screen would be lost. So these
//! bytes go first, the terminal gets time to read them, and only then is the mode restored.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::stdio::{stdin, stdout};
use rustix::termios::tcgetpgrp;

use super::bounded::{LOOK, pause, reopened, send_in_time, takes_bytes};
use super::mode;

/// Enters the alternate screen; [`SAVE_TITLE`] and [`modes`] follow, and [`ASK_FOR_COLOURS`] if requested.
const ENTER: &str = "\x1b[?1049h";
/// Saves the window's title.
const SAVE_TITLE: &str = "\x1b[22;2t";
/// Switches to the alternate screen of a terminal that has lost it, as a part of a frame: a web terminal whose page was loaded
/// again shows only the last output. In the alternate screen it changes nothing. 1049 there saves the cursor again and, in xterm
/// and VTE, clears the picture.
pub(super) const ALTERNATE_SCREEN: &str = "\x1b[?47h";
/// Requests the terminal's background ([`super::input`]). Never part of a frame, because kitty does not
/// answer while a synchronized update is open. Its scheme (`CSI ? 996 n`) is not requested: the background
/// shows it too, and some parsers may mishandle the private form of a status report.
pub(super) const ASK_FOR_COLOURS: &str = "\x1b]11;?\x07";
/// Requests reports when the scheme changes between dark and light.
pub(super) const WATCH_COLOURS: &str = "\x1b[?2031h";
/// Hides the cursor and turns bracketed paste on. Sent again with each full frame: a multiplexer may have
/// attached another terminal since, without these modes (dtach restores none). Mouse reports are off: they
/// may have been on.
const MODES: &str = "\x1b[?25l\x1b[?2004h\x1b[?1000l\x1b[?1002l\x1b[?1006l";
/// The same with mouse reports of buttons, wheel and of moves while a button is held, in the form with unlimited
/// numbers. Without them tmux with `mouse on` uses the wheel for its copy mode, in which the picture is frozen but
/// looks live. A terminal that does not know the reports of moves (1002) still reports buttons (1000).
const MODES_WITH_MOUSE: &str = "\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// The reverse, after the end of a synchronized update, of all colours, and of mouse, focus and scheme reports. The
/// title is emptied before the old one is restored, because not every terminal saved it. Without an alternate
/// screen (GNU screen, mosh) the picture stays, and the shell goes on in the cleared last line, as after a
/// program that uses curses.
macro_rules! leave {
    ($title:literal) => {
        concat!(
            "\x1b[?2026l\x1b[m",
            $title,
            "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2031l",
            "\x1b[?2004l\x1b[?25h\x1b[999;1H\x1b[J\x1b[?1049l"
        )
        .as_bytes()
    };
}
const LEAVE: &[u8] = leave!("\x1b]2;\x07\x1b[23;2t");
/// The same without a title.
const LEAVE_WITHOUT_STRINGS: &[u8] = leave!("");
/// How many checks a frame that is being written gets to finish.
const LOOKS_FOR_A_TURN: u32 = 10;
/// How many checks a terminal gets to read our last bytes. Waiting is the only method: the kernel does not
/// report what the other side of a pseudo-terminal has not read yet (TIOCOUTQ is always 0 there, and tcdrain
/// returns at once). Ctrl-C in a restored terminal throws away what was not read, and a terminal that lags by a
/// tenth of a second may have two reads of frames before our last bytes.
const LOOKS_TO_READ: u32 = 30;
/// How many checks another thread gets that is restoring the terminal already: as many as all of that may
/// take.
const LOOKS_FOR_ANOTHER: u32 = 100;

/// Whether mouse reports are requested.
static WITH_MOUSE: AtomicBool = AtomicBool::new(true);
/// Whether the terminal is queried for its colours.
static WITH_COLOURS: AtomicBool = AtomicBool::new(false);
/// Whether the terminal takes sequences that end with BEL or ST, such as a title.
static WITH_STRINGS: AtomicBool = AtomicBool::new(true);
/// Whether hss-top has the screen.
static INSIDE: AtomicBool = AtomicBool::new(false);
/// Held while the terminal is entered or left, so that the two never overlap.
static CHANGE: Mutex<()> = Mutex::new(());
/// Held while bytes are written.
static TURN: Mutex<()> = Mutex::new(());
/// Whether bytes are being written: the state of [`TURN`] for a signal handler, which must not use a lock.
static WRITING: AtomicBool = AtomicBool::new(false);
/// A second descriptor of the terminal, opened early, while descriptors are available.
static OWN: OnceLock<Option<OwnedFd>> = OnceLock::new();

/// Sets whether mouse reports are requested, from the next [`enter`] or full frame on.
pub fn ask_for_mouse(wanted: bool) {
    WITH_MOUSE.store(wanted, Ordering::SeqCst);
}

/// Sets whether the terminal is queried for its colours, from the next [`enter`] on.
pub fn ask_for_colours(wanted: bool) {
    WITH_COLOURS.store(wanted, Ordering::SeqCst);
}

/// Sets whether the terminal has a title, from the next [`enter`] or [`leave`] on.
pub fn use_strings(wanted: bool) {
    WITH_STRINGS.store(wanted, Ordering::SeqCst);
}

/// The modes of the terminal while hss-top has it.
pub(super) fn modes() -> String {
    let modes = if WITH_MOUSE.load(Ordering::SeqCst) {
        MODES_WITH_MOUSE
    } else {
        MODES
    };
    let colours = if WITH_COLOURS.load(Ordering::SeqCst) {
        WATCH_COLOURS
    } else {
        ""
    };
    [modes, colours].concat()
}

/// Takes the terminal over, at the start and after each suspension. Does nothing if the program is about to
/// end.
pub fn enter() -> io::Result<()> {
    let change = CHANGE.lock().unwrap_or_else(PoisonError::into_inner);
    if super::end::is_due() {
        return Ok(());
    }
    OWN.get_or_init(|| reopened(stdout()));
    INSIDE.store(true, Ordering::SeqCst);
    mode::make_raw()?;
    drop(change);
    let ask = if WITH_COLOURS.load(Ordering::SeqCst) {
        ASK_FOR_COLOURS
    } else {
        ""
    };
    let title = if WITH_STRINGS.load(Ordering::SeqCst) {
        SAVE_TITLE
    } else {
        ""
    };
    Output.write_all([ENTER, title, &modes(), ask].concat().as_bytes())
}

/// Restores the terminal. Acts once per [`enter`]; waits nine tenths of a second at most.
pub fn leave() {
    let _change = CHANGE.lock().unwrap_or_else(PoisonError::into_inner);
    give_back();
}

/// Like [`leave`], for a signal handler: takes no lock, allocates nothing, and may interrupt [`leave`]
/// anywhere.
pub(super) fn give_back() {
    if INSIDE.swap(false, Ordering::SeqCst) {
        await_turn();
        let bytes = if WITH_STRINGS.load(Ordering::SeqCst) {
            LEAVE
        } else {
            LEAVE_WITHOUT_STRINGS
        };
        let is_sent = send_in_time(own(), stdout(), bytes);
        for _ in 0..LOOKS_TO_READ {
            // A terminal that accepts nothing will not read it either.
            if is_sent && mode::is_raw() {
                pause(LOOK);
            }
        }
    } else {
        await_another();
    }
    mode::restore();
}

/// Waits for a thread that is restoring the terminal already, in a handler or outside: restoring the mode
/// before it does would undo its work. A thread that was interrupted by a handler on its own stack does not
/// return.
fn await_another() {
    for _ in 0..LOOKS_FOR_ANOTHER {
        if !mode::is_raw() {
            return;
        }
        pause(LOOK);
    }
}

/// Our own descriptor of the terminal, which never blocks.
pub(super) fn own() -> Option<BorrowedFd<'static>> {
    OWN.get()?.as_ref().map(AsFd::as_fd)
}

/// Whether we are in the foreground of the terminal, and not run in the background by a shell.
pub(super) fn in_foreground() -> bool {
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// Waits until nothing is being written, unless a frame is stuck. No new frame begins, because the screen no
/// longer counts as ours.
fn await_turn() {
    for _ in 0..LOOKS_FOR_A_TURN {
        if !WRITING.load(Ordering::SeqCst) {
            return;
        }
        pause(LOOK);
    }
}

/// The target of frames: the terminal while hss-top has it. Anything else is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Output;

impl Write for Output {
    /// Returns how many bytes the terminal accepted: fewer than given if it was left meanwhile.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        WRITING.store(true, Ordering::SeqCst);
        let result = write_while_inside(bytes);
        WRITING.store(false, Ordering::SeqCst);
        result
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(drop)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_while_inside(bytes: &[u8]) -> io::Result<usize> {
    let mut rest = bytes;
    while !rest.is_empty() && INSIDE.load(Ordering::SeqCst) {
        match rustix::io::write(stdout(), rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Another program made our descriptor of the terminal non-blocking.
            Err(Errno::AGAIN) => drop(takes_bytes(stdout())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes.len() - rest.len())
}
