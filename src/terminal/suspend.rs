//! Suspends the program to the shell, and resumes it.
//!
//! The program stops itself with SIGSTOP after the screen is restored: a SIGTSTP that a process sends itself
//! is dropped if its process group is orphaned, and our handler has replaced its action.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGSTOP, SIGTSTP};
use signal_hook::low_level::raise;

use super::screen::{enter, in_foreground, leave};
use super::signals::end_asked;

/// Signals that were sent together have arrived after this time.
const TOGETHER: Duration = Duration::from_millis(100);

/// Whether the operator asked for it, and not another process.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether a shell could resume us. A program that a terminal runs directly leads its session, and nobody
/// would resume it.
pub fn possible() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Requests the effect that Ctrl-Z has on a program that does not read it as a key.
pub fn ask() {
    ASKED.store(true, Ordering::SeqCst);
    let _ = raise(SIGTSTP);
}

/// Restores the screen and stops, unless the program is about to end; returns when resumed.
pub(super) fn stop() {
    leave();
    if end_asked() {
        return;
    }
    // Ctrl-Z stops everything that the shell waits for, including a script that runs us.
    let whole = ASKED.swap(false, Ordering::SeqCst) && kill_current_process_group(Signal::STOP).is_ok();
    if !whole {
        let _ = raise(SIGSTOP);
    }
}

/// Takes the screen again after the program was resumed. In the background it must not, and stops again.
pub(super) fn resume() -> io::Result<()> {
    if super::end::is_due() {
        return Ok(());
    }
    if !in_foreground() {
        // The shell's `kill` sends the ending signal and then SIGCONT; another thread may be about to handle
        // the first.
        thread::park_timeout(TOGETHER);
    }
    if in_foreground() {
        return enter();
    }
    stop();
    Ok(())
}
