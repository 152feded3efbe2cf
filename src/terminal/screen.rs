//! Enter and leave: mode and screen of the terminal, and whose turn it is to write to it.
//!
//! The order of leaving matters. As soon as the mode is the shell's again, a Ctrl-C that arrives makes the kernel discard
//! all output that the terminal has not read yet: the bytes that bring back the screen would be lost. So they go first,
//! the terminal gets time to read them, and only then is the mode restored.

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

/// The alternate screen, the window's title put by; [`modes`] follow.
const ENTER: &str = "\x1b[?1049h\x1b[22;2t";
/// Hidden cursor and bracketed paste. Sent again with each whole frame: a multiplexer may have attached another terminal
/// since, which was never told (dtach restores none).
const MODES: &str = "\x1b[?25l\x1b[?2004h";
/// The same, with reports of buttons and wheel, in the form whose numbers have no limit. Without them tmux with `mouse on`
/// takes the wheel for its copy mode, in which the picture stands still and looks alive.
const MODES_WITH_MOUSE: &str = "\x1b[?25l\x1b[?2004h\x1b[?1000h\x1b[?1006h";
/// The reverse, after the end of a synchronized update, of all colours, and of mouse and focus reports. The title is emptied
/// before the old one is taken back: not every terminal kept it. Where there is no alternate screen to leave (GNU screen,
/// mosh) the picture stays: then the shell goes on in the last line, cleared, as after a program that uses curses.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b]2;\x07\x1b[23;2t\
\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\
\x1b[?2004l\x1b[?25h\x1b[999;1H\x1b[J\x1b[?1049l";
/// How many looks a frame that is being written gets to come to its end.
const LOOKS_FOR_A_TURN: u32 = 10;
/// How many looks a terminal gets to read our last bytes. Only time can tell: what a pseudo-terminal's other side has not
/// read yet is told nowhere (TIOCOUTQ is always 0 there, and tcdrain returns at once).
const LOOKS_TO_READ: u32 = 15;
/// How many looks another thread gets that gives the terminal back already: as many as all of that may take.
const LOOKS_FOR_ANOTHER: u32 = 40;

/// Whether mouse reports are asked for.
static WITH_MOUSE: AtomicBool = AtomicBool::new(true);
/// Whether the screen is ours.
static INSIDE: AtomicBool = AtomicBool::new(false);
/// Held while the terminal is taken or given back, so that one comes after the other.
static CHANGE: Mutex<()> = Mutex::new(());
/// Held while bytes are written.
static TURN: Mutex<()> = Mutex::new(());
/// Whether bytes are being written: what [`TURN`] says, for a signal handler, which must not touch a lock.
static WRITING: AtomicBool = AtomicBool::new(false);
/// The terminal once more, opened while there are descriptors to be had.
static OWN: OnceLock<Option<OwnedFd>> = OnceLock::new();

/// Whether the terminal is asked for mouse reports, from the next time on that it is taken over.
pub fn ask_for_mouse(wanted: bool) {
    WITH_MOUSE.store(wanted, Ordering::SeqCst);
}

/// What the terminal is to do as long as it is ours.
pub(super) fn modes() -> &'static str {
    if WITH_MOUSE.load(Ordering::SeqCst) {
        MODES_WITH_MOUSE
    } else {
        MODES
    }
}

/// Takes the terminal over; once more after the program was stopped. Does nothing when the program is about to end.
pub fn enter() -> io::Result<()> {
    let change = CHANGE.lock().unwrap_or_else(PoisonError::into_inner);
    if super::end::is_due() {
        return Ok(());
    }
    OWN.get_or_init(|| reopened(stdout()));
    INSIDE.store(true, Ordering::SeqCst);
    mode::make_raw()?;
    drop(change);
    Output.write_all([ENTER, modes()].concat().as_bytes())
}

/// Gives the terminal back as it was. Acts once each time that it was taken; waits four tenths of a second at most.
pub fn leave() {
    let _change = CHANGE.lock().unwrap_or_else(PoisonError::into_inner);
    give_back();
}

/// The same for a signal handler: takes no lock, allocates nothing, and may interrupt [`leave`] anywhere.
pub(super) fn give_back() {
    if INSIDE.swap(false, Ordering::SeqCst) {
        await_turn();
        let is_sent = send_in_time(own(), stdout(), LEAVE);
        for _ in 0..LOOKS_TO_READ {
            // A terminal that takes nothing will not read it either.
            if is_sent && mode::is_raw() {
                pause(LOOK);
            }
        }
    } else {
        await_another();
    }
    mode::restore();
}

/// Waits for a thread that gives the terminal back already, in a handler or outside: to restore the mode before it does
/// would spoil its work. One that was interrupted by a handler on its own stack does not come back.
fn await_another() {
    for _ in 0..LOOKS_FOR_ANOTHER {
        if !mode::is_raw() {
            return;
        }
        pause(LOOK);
    }
}

/// The terminal by a descriptor of our own, which never waits.
pub(super) fn own() -> Option<BorrowedFd<'static>> {
    OWN.get()?.as_ref().map(AsFd::as_fd)
}

/// Whether the terminal listens to us, and not to a shell that runs us in the background.
pub(super) fn in_foreground() -> bool {
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// Waits until nothing is being written, unless a frame is stuck. None begins any more: it would see that the screen is
/// not ours.
fn await_turn() {
    for _ in 0..LOOKS_FOR_A_TURN {
        if !WRITING.load(Ordering::SeqCst) {
            return;
        }
        pause(LOOK);
    }
}

/// Where frames are written to: the terminal, while it is ours; what comes at another time is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Output;

impl Write for Output {
    /// Returns how many bytes the terminal took; fewer than there are, where it stopped to be ours meanwhile.
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
            // Somebody made our end of the terminal one that does not wait.
            Err(Errno::AGAIN) => drop(takes_bytes(stdout())),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(bytes.len() - rest.len())
}
