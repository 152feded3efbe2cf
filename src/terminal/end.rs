//! The one way out of the process, and its deadline.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use signal_hook::low_level::exit;
use tokio::time::Instant;

use super::bounded::write_in_time;
use super::screen::leave;
use crate::fleet::RemoteText;
use crate::log;

/// From the first reason to end to the last leave, however much hangs. The leave takes four tenths of a second at most.
const DEADLINE: Duration = Duration::from_millis(1400);

/// How long the last lines of the log may take. With [`DEADLINE`] and [`leave`] that is less than two seconds.
const LAST_LINES: Duration = Duration::from_millis(100);

/// Whether somebody ends the process already.
static CLAIMED: AtomicBool = AtomicBool::new(false);
/// The exit code that is due; [`NONE`] while there is no reason to end.
static DUE: AtomicI32 = AtomicI32::new(NONE);
const NONE: i32 = -1;
static WATCHER: OnceLock<Thread> = OnceLock::new();

/// Starts the thread that keeps the deadline. It is there before it is needed: when the program ends there may be no
/// thread to be had.
pub(super) fn watch() -> io::Result<()> {
    let watcher = thread::Builder::new().name("deadline".to_owned()).spawn(|| {
        while DUE.load(Ordering::SeqCst) == NONE {
            thread::park();
        }
        let until = Instant::now() + DEADLINE;
        while let Some(rest) = until
            .checked_duration_since(Instant::now())
            .filter(|it| !it.is_zero())
        {
            thread::park_timeout(rest);
        }
        leave();
        log::flush(LAST_LINES);
        exit(DUE.load(Ordering::SeqCst));
    })?;
    let _ = WATCHER.set(watcher.thread().clone());
    Ok(())
}

/// There is a reason to end: from now on the deadline runs, and `code` is due.
pub fn begin(code: i32) {
    DUE.store(code, Ordering::SeqCst);
    if let Some(watcher) = WATCHER.get() {
        watcher.unpark();
    }
}

/// The caller is the one who ends the process. Whoever comes second waits here for that end.
pub fn claim() {
    if CLAIMED.swap(true, Ordering::SeqCst) {
        loop {
            thread::park();
        }
    }
}

/// Whether there is a reason to end: then the terminal is not taken any more, as nobody would give it back.
pub(super) fn is_due() -> bool {
    DUE.load(Ordering::SeqCst) != NONE
}

/// Ends the process now: screen back, a line for the log and for whoever reads stderr.
pub(super) fn now(code: i32, line: &str) -> ! {
    begin(code);
    claim();
    leave();
    say(&format!("hss-top: {line}"));
    // The log comes last: nobody waits long for a disk here.
    tracing::error!(code, "{line}");
    log::flush(LAST_LINES);
    exit(code);
}

/// Writes to stderr, with nothing in it that a terminal could obey; if nobody takes it there is nobody to tell.
pub fn say(text: &str) {
    let lines = text
        .lines()
        .map(|line| format!("{}\n", RemoteText::message(line)));
    write_in_time(rustix::stdio::stderr(), lines.collect::<String>().as_bytes());
}
