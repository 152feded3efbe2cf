//! The end of the process, always by this route, and its deadline.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use signal_hook::low_level::exit;
use tokio::time::Instant;

use super::bounded::write_in_time;
use super::screen::leave;
use crate::env;
use crate::fleet::RemoteText;
use crate::log;

/// The time from the first reason to end until the terminal is restored, whatever hangs. Restoring takes four
/// tenths of a second at most.
const DEADLINE: Duration = Duration::from_millis(1400);

/// How long the last log lines may take. Together with [`DEADLINE`] and [`leave`] that is less than two
/// seconds.
const LAST_LINES: Duration = Duration::from_millis(100);

/// Whether a thread is ending the process already.
static CLAIMED: AtomicBool = AtomicBool::new(false);
/// The exit code that is due; [`NONE`] while there is no reason to end.
static DUE: AtomicI32 = AtomicI32::new(NONE);
const NONE: i32 = -1;
static WATCHER: OnceLock<Thread> = OnceLock::new();

/// Starts the thread that enforces the deadline. It starts early, because at the end of the program it may be
/// impossible to start a thread.
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

/// Notes the first reason to end: from now on the deadline runs, and the exit code is `code`.
pub fn begin(code: i32) {
    DUE.store(code, Ordering::SeqCst);
    if let Some(watcher) = WATCHER.get() {
        watcher.unpark();
    }
}

/// Makes the caller the thread that ends the process. Any other caller waits here for that end.
pub fn claim() {
    if CLAIMED.swap(true, Ordering::SeqCst) {
        loop {
            thread::park();
        }
    }
}

/// Whether the program is about to end. Then the terminal is not taken over again, as nothing would restore
/// it.
pub(super) fn is_due() -> bool {
    DUE.load(Ordering::SeqCst) != NONE
}

/// Ends the process now: restores the screen, and writes a line to stderr and to the log.
pub(super) fn now(code: i32, line: &str) -> ! {
    begin(code);
    claim();
    leave();
    say(&format!("hss-top: {line}"));
    // The log comes last, because its disk may be slow.
    tracing::error!(code, "{line}");
    log::flush(LAST_LINES);
    exit(code);
}

/// Says each of these sentences, as [`say`] does.
pub fn say_each(sentences: &[String]) {
    for sentence in sentences {
        say(&format!("hss-top: {sentence}"));
    }
}

/// Writes to stderr without anything that a terminal could execute. Errors are ignored: there is no place to
/// report them.
///
/// In the journal of systemd each line has the priority of a notice, so that it differs from what a command prints: `journalctl
/// _SYSTEMD_UNIT=hss-top-watch@prod.service _TRANSPORT=stdout -p info..info` shows the records of a `watch` alone.
pub fn say(text: &str) {
    let priority = if is_journal() { NOTICE } else { "" };
    let lines = text
        .lines()
        .map(|line| format!("{priority}{}\n", RemoteText::message(line)));
    write_in_time(rustix::stdio::stderr(), lines.collect::<String>().as_bytes());
}

/// The prefix of a notice in the journal ("Log level prefixes" of `sd-daemon`).
const NOTICE: &str = "<5>";

/// Whether stderr is the journal: systemd names its device and inode in `JOURNAL_STREAM`.
fn is_journal() -> bool {
    static IS_JOURNAL: OnceLock<bool> = OnceLock::new();
    *IS_JOURNAL.get_or_init(|| {
        let Some(named) = env::text("JOURNAL_STREAM") else {
            return false;
        };
        let stat = rustix::fs::fstat(rustix::stdio::stderr());
        stat.is_ok_and(|stat| named == format!("{}:{}", stat.st_dev, stat.st_ino))
    })
}
