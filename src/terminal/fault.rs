//! Signals from a fault of the program or an abort: the terminal is restored, one line says what happened,
//! and the default action follows.
//!
//! They cannot be left to the signal thread, because the faulty thread must not go on. So the handler does
//! the work, with calls that take no lock and allocate nothing. It runs on the alternate stack that the
//! standard library gives each thread, since a stack overflow leaves no other. The standard library's own
//! handler for SIGSEGV and SIGBUS is replaced, because its message would be lost with the alternate screen.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, c_int};
use rustix::stdio::stderr;
use rustix::termios::isatty;
use signal_hook::low_level::{emulate_default_handler, exit};

use super::bounded::{LOOK, pause, send_in_time};
use super::screen::{give_back, own};

/// The signals and the message for each.
pub(super) const FATAL: [(c_int, &str); 7] = [
    (
        SIGSEGV,
        "hss-top: crashed: SIGSEGV (invalid memory access or stack overflow)\n",
    ),
    (
        SIGBUS,
        "hss-top: crashed: SIGBUS (memory error; was a file in use truncated?)\n",
    ),
    (SIGABRT, "hss-top: crashed: SIGABRT (aborted; out of memory?)\n"),
    (SIGILL, "hss-top: crashed: SIGILL (illegal instruction)\n"),
    (SIGFPE, "hss-top: crashed: SIGFPE (arithmetic error)\n"),
    (SIGTRAP, "hss-top: crashed: SIGTRAP (trace trap)\n"),
    (SIGSYS, "hss-top: crashed: SIGSYS (system call not allowed)\n"),
];
/// How many checks a faulty thread waits while another one restores the terminal.
const LOOKS_FOR_ANOTHER: u32 = 60;

/// Installs the handlers.
pub(super) fn watch() -> io::Result<()> {
    for (signal, _) in FATAL {
        install(signal)?;
    }
    Ok(())
}

#[expect(
    unsafe_code,
    reason = "no safe interface installs a handler for SIGSEGV, or one that runs on the alternate stack"
)]
fn install(signal: c_int) -> io::Result<()> {
    let handler: extern "C" fn(c_int) = handle;
    // SAFETY: all zeros are a valid `sigaction` (no flags, an empty mask, the default action), and the
    // handler that is set then has the type for use without SA_SIGINFO. The handler is async-signal-safe:
    // atomics and system calls.
    let result = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut())
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

extern "C" fn handle(signal: c_int) {
    static HANDLED: AtomicBool = AtomicBool::new(false);
    if HANDLED.swap(true, Ordering::SeqCst) {
        // Another thread is handling a fault, or this one faulted in this handler.
        pause(LOOK * LOOKS_FOR_ANOTHER);
    } else {
        give_back();
        say(signal);
    }
    let _ = emulate_default_handler(signal);
    exit(128 + signal);
}

fn say(signal: c_int) {
    let line = FATAL.iter().find(|(it, _)| *it == signal);
    let own = own().filter(|_| isatty(stderr()));
    send_in_time(own, stderr(), line.map_or("", |(_, line)| line).as_bytes());
}
