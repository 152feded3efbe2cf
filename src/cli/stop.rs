//! The signals that end a command without a screen: SIGHUP, SIGINT and SIGTERM.
//!
//! Owns two ways to handle them: [`told_to_stop`] for a command that waits, and [`end_at_once`] for one that waits for nothing,
//! or not yet. Must not: know what a command does.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level;
use tokio::signal::unix::{SignalKind, signal};

use super::stdout::takes_at_once;

/// Whether a signal ends the program at once.
static ENDS_AT_ONCE: AtomicBool = AtomicBool::new(false);

/// The number of the first such signal.
///
/// # Errors
/// Those of the system, if it does not deliver signals.
pub fn told_to_stop() -> io::Result<impl Future<Output = u8>> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // From here on these heed them, so that none is lost in between.
    heed_no_more();
    Ok(async move {
        tokio::select! {
            _ = hangup.recv() => 1,
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    })
}

/// How a program ends when a signal comes before its work has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWord {
    /// The exit code.
    pub code: u8,
    /// What is written, with its line feed.
    pub text: Vec<u8>,
    /// Whether it is written to standard output, and otherwise to standard error.
    pub is_on_stdout: bool,
}

/// From now on each of the signals ends the program with its last word, until [`told_to_stop`] heeds them or
/// [`heed_no_more`] is called.
///
/// # Errors
/// Those of the system, if it does not deliver signals.
#[expect(unsafe_code, reason = "what a signal does has no safe interface")]
pub fn end_at_once(last_word: impl Fn(u8) -> LastWord) -> io::Result<()> {
    for (signal, number) in [(SIGHUP, 1), (SIGINT, 2), (SIGTERM, 15)] {
        let LastWord {
            code,
            text,
            is_on_stdout,
        } = last_word(number);
        let end = move || {
            if !ENDS_AT_ONCE.load(Ordering::SeqCst) {
                return;
            }
            let out = if is_on_stdout {
                rustix::stdio::stdout()
            } else {
                rustix::stdio::stderr()
            };
            // Whoever does not read does not keep the program.
            if takes_at_once(out) {
                let _ = rustix::io::write(out, &text);
            }
            low_level::exit(code.into());
        };
        // SAFETY: the action only reads an atomic and what it owns, and calls poll, write and _exit, which a signal may interrupt
        // anything with. It allocates and frees nothing.
        unsafe { low_level::register(signal, end) }?;
    }
    ENDS_AT_ONCE.store(true, Ordering::SeqCst);
    Ok(())
}

/// From now on a signal no longer ends the program at once.
pub fn heed_no_more() {
    ENDS_AT_ONCE.store(false, Ordering::SeqCst);
}
