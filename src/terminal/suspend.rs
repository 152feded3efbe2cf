//! To the shell and back.
//!
//! The program stops by SIGSTOP once the screen is given back: a SIGTSTP that a process sends itself is dropped
//! where its process group is orphaned, and our handler has taken the place of its action.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, getsid, kill_current_process_group};
use signal_hook::consts::{SIGSTOP, SIGTSTP};
use signal_hook::low_level::raise;

use super::screen::{enter, in_foreground, leave};
use super::signals::end_asked;

/// Signals that are sent together have come after this.
const TOGETHER: Duration = Duration::from_millis(100);

/// Whether the operator asked, and not another process.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether there is a shell that would bring us back. A program that a terminal runs directly leads its session, and
/// nobody would continue it.
pub fn possible() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Asks for what Ctrl-Z does to a program that does not take it as a key.
pub fn ask() {
    ASKED.store(true, Ordering::SeqCst);
    let _ = raise(SIGTSTP);
}

/// Gives the screen back and stops, unless the program is to end; returns when continued.
pub(super) fn stop() {
    leave();
    if end_asked() {
        return;
    }
    // Ctrl-Z stops all that the shell waits for: a script that runs us, too.
    let whole = ASKED.swap(false, Ordering::SeqCst) && kill_current_process_group(Signal::STOP).is_ok();
    if !whole {
        let _ = raise(SIGSTOP);
    }
}

/// Takes the screen again after the program was continued; in the background it has no business there, and stops again.
pub(super) fn resume() -> io::Result<()> {
    if super::end::is_due() {
        return Ok(());
    }
    if !in_foreground() {
        // The shell's `kill` sends a signal to end and then the one to go on; another thread may be about to take the first.
        thread::park_timeout(TOGETHER);
    }
    if in_foreground() {
        return enter();
    }
    stop();
    Ok(())
}
