//! The thread that notices what no signal tells: a lost terminal, and a new size.
//!
//! `su ACCOUNT -c` and `setsid` give a program a session without a controlling terminal: the kernel sends it no SIGWINCH. A size
//! that changes between the first look and the registration of signals is told to nobody either.

use std::io;
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::{mpsc, watch};

use super::{Cause, Screen, TERMINAL_LOST, end};

/// How often it checks. Usually the kernel wakes it, but not after every kind of hang-up.
const EVERY: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 250_000_000,
};
const AT_ONCE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// Starts the thread.
pub(super) fn watch(causes: mpsc::Sender<Cause>, screen: watch::Sender<Screen>) -> io::Result<()> {
    thread::Builder::new()
        .name("watchdog".to_owned())
        .spawn(move || {
            while !gone_within(&EVERY) {
                if let Some(size) = super::size() {
                    screen.send_if_modified(|screen| std::mem::replace(&mut screen.size, size) != size);
                }
            }
            end::begin(TERMINAL_LOST);
            let _ = causes.try_send(Cause::TerminalLost);
        })?;
    Ok(())
}

pub(super) fn is_gone() -> bool {
    gone_within(&AT_ONCE)
}

/// Whether the terminal is gone; waits this long for it. No event is requested, because poll always reports a
/// hang-up.
fn gone_within(time: &Timespec) -> bool {
    let stdin = rustix::stdio::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
    !matches!(poll(&mut fds, Some(time)), Ok(0) | Err(Errno::INTR))
}
