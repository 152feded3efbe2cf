//! Standard output that takes nothing when the program starts: it is closed, as `>&-` leaves it, or only open for reading.
//!
//! The runtime of Rust opens /dev/null in the place of a closed one before `main`, and a list would be lost with exit code 0. Only
//! what the loader calls before the runtime sees that it was closed; whoever wants /dev/null can still have it. A command that prints
//! ends before it makes a call or changes anything. Must not: know what a command does.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use hss_top::cli::stdout::{self, UselessStdout};
use hss_top::cli::{Cli, CliCommand};
use hss_top::exit_codes::{ExitReason, PluginState};
use hss_top::terminal::say;
use rustix::io::Errno;

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Makes writing fail where standard output takes nothing when the program starts.
pub(super) fn refuse() {
    let why = if IS_CLOSED.load(Ordering::Relaxed) {
        UselessStdout::Closed
    } else if stdout::is_read_only() {
        UselessStdout::ReadOnly
    } else {
        return;
    };
    // Should that fail, what is printed is lost, as without it.
    let _ = stdout::refuse(why);
}

/// The exit code of a command that prints, if nothing can be printed.
pub(super) fn end(cli: &Cli, is_plugin: bool) -> Option<ExitCode> {
    let prints = cli.command.as_ref().is_some_and(CliCommand::prints);
    let why = stdout::refusal().filter(|_| prints)?;
    say(&format!("hss-top: the output cannot be written: {why}"));
    Some(ExitCode::from(if is_plugin {
        PluginState::Unknown.code()
    } else {
        ExitReason::Output.code()
    }))
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
