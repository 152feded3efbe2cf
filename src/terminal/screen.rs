//! Enter and leave: mode and screen of the terminal, and whose turn it is to write to it.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::getpgrp;
use rustix::stdio::{stdin, stdout};
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr, ttyname};

/// Alternate screen, the window's title put by, hidden cursor, bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[22;2t\x1b[?25l\x1b[?2004h";
/// Buttons and wheel, in the form whose numbers have no limit. Without this tmux with `mouse on` takes the wheel for its
/// copy mode, in which the picture stands still and looks alive.
const MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1006h";
/// The reverse, after the end of a synchronized update, of all colours, and of mouse and focus reports. The title is emptied
/// before the old one is taken back: not every terminal kept it.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b]2;\x07\x1b[23;2t\
\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\
\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// How long one look lasts for whether the terminal takes bytes, or whether it is our turn.
const LOOK: Duration = Duration::from_millis(10);
/// How many looks a frame that is being written gets to come to its end.
const LOOKS_FOR_A_TURN: u32 = 10;
/// How many looks a terminal that takes no bytes gets to take our last ones.
const LOOKS_FOR_ROOM: u32 = 15;

/// Whether mouse reports are asked for.
static WITH_MOUSE: AtomicBool = AtomicBool::new(true);
/// Whether the screen is ours.
static INSIDE: AtomicBool = AtomicBool::new(false);
/// The terminal's mode before it was ours. Held while the mode is changed, which never waits.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Held while bytes are written, so that none come after the last ones.
static TURN: Mutex<()> = Mutex::new(());

/// Whether the terminal is asked for mouse reports, from the next time on that it is taken over.
pub fn ask_for_mouse(wanted: bool) {
    WITH_MOUSE.store(wanted, Ordering::SeqCst);
}

/// The mouse reports that are asked for.
fn mouse() -> &'static [u8] {
    if WITH_MOUSE.load(Ordering::SeqCst) {
        MOUSE
    } else {
        b""
    }
}

/// Takes the terminal over; once more after the program was stopped.
pub fn enter() -> io::Result<()> {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if super::end::is_claimed() {
        return Err(io::Error::other("the program is ending"));
    }
    // Stopped from outside we could not leave: then the mode before is the one we know, not what a shell made of ours.
    let kept = before.take().filter(|_| INSIDE.load(Ordering::SeqCst));
    let mode = match kept {
        Some(mode) => mode,
        None => tcgetattr(stdin())?,
    };
    let mut raw = mode.clone();
    raw.make_raw();
    *before = Some(mode);
    INSIDE.store(true, Ordering::SeqCst);
    tcsetattr(stdin(), OptionalActions::Now, &raw)?;
    drop(before);
    Output.write_all(&[ENTER, mouse()].concat())
}

/// Gives the terminal back as it was. Acts once each time that it was taken; waits a quarter of a second at most.
pub fn leave() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if !INSIDE.swap(false, Ordering::SeqCst) {
        return;
    }
    // In the background the mode is the shell's business, and to touch it would stop us.
    if let Some(mode) = before.as_ref().filter(|_| in_foreground()) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, mode);
    }
    drop(before);
    let _turn = turn_in_time();
    write_in_time(stdout(), LEAVE);
}

/// Writes `bytes` unless `to` takes none for a while: then they are lost, and we are not.
pub(super) fn write_in_time(to: BorrowedFd<'_>, mut bytes: &[u8]) {
    let own = reopened(to);
    let (to, waits) = match &own {
        Some(own) => (own.as_fd(), false),
        None => (to, true),
    };
    let mut looks = 0;
    while !bytes.is_empty() && looks < LOOKS_FOR_ROOM {
        if waits && !takes_bytes(to) {
            looks += 1;
            continue;
        }
        match rustix::io::write(to, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                looks += 1;
                let _ = takes_bytes(to);
                // It may say that it takes bytes and not do so.
                thread::park_timeout(LOOK);
            }
            Err(_) => return,
        }
    }
}

/// The terminal once more, so that not to wait is a property of our end only; `None` if it is none or not ours to open.
fn reopened(terminal: BorrowedFd<'_>) -> Option<OwnedFd> {
    if !isatty(terminal) {
        return None;
    }
    let name = ttyname(terminal, Vec::new()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(name, flags, Mode::empty()).ok()
}

/// Whether bytes would be taken, after a look.
fn takes_bytes(to: BorrowedFd<'_>) -> bool {
    let look = Timespec {
        tv_sec: 0,
        tv_nsec: LOOK.subsec_nanos().into(),
    };
    let mut fds = [PollFd::new(&to, PollFlags::OUT)];
    poll(&mut fds, Some(&look)).is_ok_and(|ready| ready > 0)
}

/// Whether the terminal listens to us, and not to a shell that runs us in the background.
pub(super) fn in_foreground() -> bool {
    tcgetpgrp(stdin()).map_or(true, |group| group == getpgrp())
}

/// Our turn to write, unless a frame is stuck.
fn turn_in_time() -> Option<MutexGuard<'static, ()>> {
    for _ in 0..LOOKS_FOR_A_TURN {
        match TURN.try_lock() {
            Ok(turn) => return Some(turn),
            Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => thread::park_timeout(LOOK),
        }
    }
    None
}

/// Where frames are written to: the terminal, while it is ours; what comes at another time is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        while !bytes.is_empty() && INSIDE.load(Ordering::SeqCst) {
            match rustix::io::write(stdout(), bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                // Somebody made our end of the terminal one that does not wait.
                Err(Errno::AGAIN) => drop(takes_bytes(stdout())),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
