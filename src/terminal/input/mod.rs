//! Keys, pastes and mouse reports from the bytes that the terminal sends.
//!
//! Owns the terminal's input: [`decoder`] is the pure part, with `unmarked` for pastes that look like keys, and [`start`]
//! the thread that reads. Only the event types are crossterm's. Its reader spins forever on a lost terminal (crossterm#793), waits forever for the
//! end of a paste or of an incomplete escape sequence while it collects everything that is typed, opens
//! `/dev/tty` or runs `tput` at each new size, and decrements a mouse coordinate of 0, which panics in a
//! debug build.
//!
//! Must not: know what a key means.

mod colours;
pub mod decoder;
mod extended;
mod sequence;
mod state;
#[cfg(test)]
mod tests;
mod unmarked;

use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::Stream;
use futures_util::stream::poll_fn;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;
use tokio::sync::{mpsc, watch};

use super::screen::in_foreground;
pub use colours::TerminalColours;
use unmarked::UnmarkedPastes;

/// The most events that wait for the event loop. At this number the thread waits too, and the terminal with
/// it.
const EVENTS: usize = 256;
/// How often to check for the terminal while another program has it.
const ELSEWHERE: Duration = Duration::from_millis(50);
/// The size of one read in bytes.
const BUFFER: usize = 4096;

/// Starts the thread that reads; the stream ends with an error when there is no more input. The terminal's
/// reports about its colours go to `colours`. GNU screen may paste without marks.
pub fn start(
    colours: watch::Sender<TerminalColours>,
    may_type_pastes: bool,
) -> io::Result<impl Stream<Item = io::Result<Event>> + Unpin> {
    let (events_in, mut events) = mpsc::channel(EVENTS);
    thread::Builder::new().name("input".to_owned()).spawn(move || {
        // If the event loop is gone, nobody needs the error.
        let Err(error) = read(&events_in, &colours, may_type_pastes) else {
            return;
        };
        let _ = events_in.blocking_send(Err(error));
    })?;
    Ok(poll_fn(move |context| events.poll_recv(context)))
}

/// Reads until the event loop or the terminal is gone.
fn read(
    events: &mpsc::Sender<io::Result<Event>>,
    colours: &watch::Sender<TerminalColours>,
    may_type_pastes: bool,
) -> io::Result<()> {
    let mut decoder = UnmarkedPastes::new(may_type_pastes);
    let mut buffer = [0; BUFFER];
    let mut pending = Vec::new();
    loop {
        if bytes_came(decoder.patience())? {
            // Input typed at the shell belongs to the shell; reading it would stop us, again after each
            // SIGCONT.
            if !in_foreground() {
                thread::park_timeout(ELSEWHERE);
                continue;
            }
            let count = match rustix::io::read(stdin(), &mut buffer) {
                Ok(0) => return Err(io::Error::other("the terminal closed")),
                Ok(count) => count,
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(error) => return Err(error.into()),
            };
            decoder.take(buffer.get(..count).unwrap_or_default(), &mut pending);
        } else {
            decoder.give_up(&mut pending);
        }
        colours.send_if_modified(|told| {
            let before = std::mem::replace(told, decoder.colours());
            before != *told
        });
        for event in pending.drain(..) {
            if events.blocking_send(Ok(event)).is_err() {
                return Ok(());
            }
        }
    }
}

/// Whether bytes arrived; waits for them up to `patience`, or without limit.
fn bytes_came(patience: Option<Duration>) -> io::Result<bool> {
    let time = patience.map(|time| Timespec {
        tv_sec: time.as_secs().cast_signed(),
        tv_nsec: time.subsec_nanos().into(),
    });
    let stdin = stdin();
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut fds, time.as_ref()) {
            Ok(count) => return Ok(count > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
