//! Writing that gives up after a while: for last words, when the terminal may take nothing any more.
//!
//! [`send_in_time`] and what it uses take no lock and allocate nothing: they are for signal handlers too.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{isatty, ttyname};

/// How long one look lasts for whether the terminal takes bytes, or whether it is our turn.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// How many looks a terminal that takes no bytes gets to take our last ones.
const LOOKS_FOR_ROOM: u32 = 15;

/// Writes `bytes` unless `to` takes none for a while: then they are lost, and we are not.
pub(super) fn write_in_time(to: BorrowedFd<'_>, bytes: &[u8]) {
    let own = reopened(to);
    send_in_time(own.as_ref().map(AsFd::as_fd), to, bytes);
}

/// Writes to `own`, a descriptor that never waits, or else to `to`; returns whether all bytes were taken.
pub(super) fn send_in_time(own: Option<BorrowedFd<'_>>, to: BorrowedFd<'_>, mut bytes: &[u8]) -> bool {
    let (to, waits) = own.map_or((to, true), |own| (own, false));
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
                pause(LOOK);
            }
            Err(_) => return false,
        }
    }
    bytes.is_empty()
}

/// The terminal once more, so that not to wait is a property of our end only; `None` if it is none or not ours to open.
pub(super) fn reopened(terminal: BorrowedFd<'_>) -> Option<OwnedFd> {
    if !isatty(terminal) {
        return None;
    }
    let name = ttyname(terminal, Vec::new()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(name, flags, Mode::empty()).ok()
}

/// Whether bytes would be taken, after a look.
pub(super) fn takes_bytes(to: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(&to, PollFlags::OUT)];
    poll(&mut fds, Some(&timespec(LOOK))).is_ok_and(|ready| ready > 0)
}

/// Lets time pass; a signal shortens it.
pub(super) fn pause(time: Duration) {
    let _ = poll(&mut [], Some(&timespec(time)));
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: time.as_secs().cast_signed(),
        tv_nsec: time.subsec_nanos().into(),
    }
}
