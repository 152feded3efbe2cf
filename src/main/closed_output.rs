//! Standard output that is closed when the program starts, as `>&-` leaves it.
//!
//! The runtime of Rust opens /dev/null in its place before `main`, and a list would be lost with exit code 0. Only what the loader
//! calls before the runtime sees that it was closed; whoever wants /dev/null can still have it. Must not: print.

use std::sync::atomic::{AtomicBool, Ordering};

use hss_top::cli::stdout;
use rustix::io::Errno;

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Makes writing fail where standard output was closed when the program started.
pub(super) fn refuse() {
    if IS_CLOSED.load(Ordering::Relaxed) {
        // Should that fail, everything goes to /dev/null, as without it.
        let _ = stdout::refuse();
    }
}

/// One system call: the runtime is not there yet.
extern "C" fn look() {
    let found = rustix::io::fcntl_getfd(rustix::stdio::stdout());
    IS_CLOSED.store(found == Err(Errno::BADF), Ordering::Relaxed);
}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the section has functions that are called before `main`; this one needs nothing of the runtime"
)]
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;
