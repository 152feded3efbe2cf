//! Writing with a time limit: for last messages to a terminal that may no longer accept output.
//!
//! [`send_in_time`] and what it calls take no lock and allocate nothing, so signal handlers may use them.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{isatty, ttyname};

/// How long one check takes whether the terminal accepts bytes, or whether it is our turn.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// How many checks a terminal gets before our last bytes are given up.
const LOOKS_FOR_ROOM: u32 = 25;

/// Writes `bytes`, or drops them if `to` accepts none for a while, so that the program can go on.
pub(super) fn write_in_time(to: BorrowedFd<'_>, bytes: &[u8]) {
    let own = reopened(to);
    send_in_time(own.as_ref().map(AsFd::as_fd), to, bytes);
}

/// Writes to `own`, a descriptor that never blocks, or else to `to`; returns whether all bytes were accepted.
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
                // It may be reported as writable and still accept nothing.
                pause(LOOK);
            }
            Err(_) => return false,
        }
    }
    bytes.is_empty()
}

/// Opens the terminal a second time, so that only our descriptor is non-blocking; `None` if it is not a
/// terminal or may not be opened.
pub(super) fn reopened(terminal: BorrowedFd<'_>) -> Option<OwnedFd> {
    if !isatty(terminal) {
        return None;
    }
    let name = ttyname(terminal, Vec::new()).ok()?;
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(name, flags, Mode::empty()).ok()
}

/// Checks once whether bytes would be accepted.
pub(super) fn takes_bytes(to: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::new(&to, PollFlags::OUT)];
    poll(&mut fds, Some(&timespec(LOOK))).is_ok_and(|ready| ready > 0)
}

/// Sleeps; a signal may end the sleep early.
pub(super) fn pause(time: Duration) {
    let _ = poll(&mut [], Some(&timespec(time)));
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: time.as_secs().cast_signed(),
        tv_nsec: time.subsec_nanos().into(),
    }
}
