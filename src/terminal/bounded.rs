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

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{fcntl_getfl, fcntl_setfl};
    use rustix::io::{FdFlags, fcntl_getfd};
    use std::io::Read as _;
    use tokio::time::Instant;

    /// The two ends of a pipe; writing does not block if `is_own`.
    fn ends(is_own: bool) -> (std::fs::File, OwnedFd) {
        let (read, write) = std::io::pipe().unwrap();
        let (read, write) = (OwnedFd::from(read), OwnedFd::from(write));
        if is_own {
            fcntl_setfl(&write, fcntl_getfl(&write).unwrap() | OFlags::NONBLOCK).unwrap();
        }
        (read.into(), write)
    }

    /// A pipe that accepts nothing.
    fn full(is_own: bool) -> (std::fs::File, OwnedFd) {
        let (read, write) = ends(true);
        while rustix::io::write(&write, &[0; 4096]).is_ok() {}
        if !is_own {
            let flags = fcntl_getfl(&write).unwrap() - OFlags::NONBLOCK;
            fcntl_setfl(&write, flags).unwrap();
        }
        (read, write)
    }

    fn send(is_own: bool, write: &OwnedFd, bytes: &[u8]) -> bool {
        send_in_time(is_own.then(|| write.as_fd()), write.as_fd(), bytes)
    }

    #[test]
    fn all_bytes_arrive_however_slowly_they_are_read() {
        let sent: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        let (mut read, write) = ends(true);
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            read.read_to_end(&mut all).map(|_| all).unwrap()
        });
        assert!(send(true, &write, &sent));
        drop(write);
        assert_eq!(reader.join().unwrap(), sent);
        let (mut read, write) = ends(false);
        assert!(send(false, &write, b"few"));
        write_in_time(write.as_fd(), b" more");
        drop(write);
        let mut all = String::new();
        read.read_to_string(&mut all).unwrap();
        assert_eq!(all, "few more");
    }

    #[test]
    fn what_is_not_accepted_is_given_up_after_a_while() {
        for is_own in [true, false] {
            let (_read, write) = full(is_own);
            let began = Instant::now();
            assert!(!send(is_own, &write, b"x"), "{is_own}");
            let took = began.elapsed();
            assert!(took >= LOOK * LOOKS_FOR_ROOM, "{took:?}");
            assert!(took < LOOK * LOOKS_FOR_ROOM * 8, "{took:?}");
        }
    }

    #[test]
    fn nobody_reads_is_known_at_once() {
        for is_own in [true, false] {
            let (read, write) = ends(is_own);
            drop(read);
            assert!(!send(is_own, &write, b"x"), "{is_own}");
        }
        assert!(send(true, &ends(true).1, b""), "nothing to write");
    }

    #[test]
    fn room_is_known_and_waited_for() {
        let (_read, write) = ends(true);
        assert!(takes_bytes(write.as_fd()));
        let (_read, write) = full(true);
        let began = Instant::now();
        assert!(!takes_bytes(write.as_fd()));
        assert!(began.elapsed() >= LOOK);
        let began = Instant::now();
        pause(2 * LOOK);
        assert!(began.elapsed() >= 2 * LOOK);
        let time = timespec(Duration::from_millis(1250));
        assert_eq!((time.tv_sec, time.tv_nsec), (1, 250_000_000));
    }

    #[test]
    fn only_a_terminal_is_opened_again_and_without_waiting() {
        let (_read, write) = ends(false);
        assert!(reopened(write.as_fd()).is_none());
        let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default());
        let pair = pair.unwrap();
        let name = pair.master.tty_name().unwrap();
        let terminal = std::fs::File::options()
            .read(true)
            .write(true)
            .open(name)
            .unwrap();
        let own = reopened(terminal.as_fd()).unwrap();
        let flags = fcntl_getfl(&own).unwrap();
        assert!(flags.contains(OFlags::NONBLOCK | OFlags::WRONLY), "{flags:?}");
        assert!(fcntl_getfd(&own).unwrap().contains(FdFlags::CLOEXEC));
        assert!(!fcntl_getfl(&terminal).unwrap().contains(OFlags::NONBLOCK));
    }
}
