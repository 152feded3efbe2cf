//! The thread that takes signals. Not a task: a signal must act while every task waits.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use tokio::sync::{mpsc, watch};

use super::{Cause, Screen, end, suspend, watchdog};

/// The signals that end the program in order: those that people and the system send and whose default action is to end a
/// program. Real-time signals are beside them. Faults have a handler of their own (`fault`); SIGPIPE and SIGXFSZ are
/// failed writes here; what stops the program or is ignored by default does so.
const ENDING: [(i32, &str); 13] = [
    (libc::SIGTERM, "SIGTERM"),
    (libc::SIGINT, "SIGINT"),
    (libc::SIGQUIT, "SIGQUIT"),
    (libc::SIGHUP, "SIGHUP"),
    (libc::SIGUSR1, "SIGUSR1"),
    (libc::SIGUSR2, "SIGUSR2"),
    (libc::SIGALRM, "SIGALRM"),
    (libc::SIGVTALRM, "SIGVTALRM"),
    (libc::SIGPROF, "SIGPROF"),
    (libc::SIGXCPU, "SIGXCPU"),
    (libc::SIGIO, "SIGIO"),
    (libc::SIGPWR, "SIGPWR"),
    (libc::SIGSTKFLT, "SIGSTKFLT"),
];

/// Whether one of them came. Set by the handler itself, before the thread has a look.
static END_ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Whether the program was asked to end: then it must not stop any more, for nobody would continue it.
pub(super) fn end_asked() -> bool {
    END_ASKED.get().is_some_and(|asked| asked.load(Ordering::SeqCst))
}

/// Starts the thread. The first signal to end is passed on; a second one ends the program at once.
pub(super) fn watch(causes: mpsc::Sender<Cause>, screen: watch::Sender<Screen>) -> io::Result<()> {
    let asked = END_ASKED.get_or_init(Arc::default);
    for signal in ending_signals() {
        flag::register(signal, Arc::clone(asked))?;
    }
    let mut signals = Signals::new(ending_signals().chain([SIGTSTP, SIGCONT, SIGWINCH]))?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut ending = false;
        loop {
            // Those that came together, in no order.
            let came: Vec<i32> = signals.wait().collect();
            if let Some(signal) = came
                .iter()
                .copied()
                .find(|it| ending_signals().any(|end| end == *it))
            {
                if ending {
                    end::now(128 + signal, &format!("ended by {}", name(signal)));
                }
                ending = true;
                end::begin(128 + signal);
                let _ = causes.try_send(cause(signal));
                continue;
            }
            let continued = came.contains(&SIGCONT);
            if came.contains(&SIGTSTP) && !continued && !ending {
                suspend::stop();
            }
            if continued && suspend::resume().is_err() {
                end::begin(super::TERMINAL_LOST);
                let _ = causes.try_send(Cause::TerminalLost);
            }
            if continued || came.contains(&SIGWINCH) {
                screen.send_modify(|screen| {
                    screen.size = super::size().unwrap_or_default();
                    screen.entries += u64::from(continued);
                });
            }
        }
    })?;
    Ok(())
}

fn ending_signals() -> impl Iterator<Item = i32> {
    let named = ENDING.iter().map(|(signal, _)| *signal);
    named.chain(libc::SIGRTMIN()..=libc::SIGRTMAX())
}

/// A hang-up is mostly the end of the terminal.
fn cause(signal: i32) -> Cause {
    if signal == libc::SIGHUP && watchdog::is_gone() {
        Cause::TerminalLost
    } else {
        Cause::Signal(signal)
    }
}

/// The signal as `kill -l` calls it.
pub fn name(signal: i32) -> String {
    if let Some((_, name)) = ENDING.iter().find(|(it, _)| *it == signal) {
        return (*name).to_owned();
    }
    let (first, last) = (libc::SIGRTMIN(), libc::SIGRTMAX());
    match signal - first {
        0 => "SIGRTMIN".to_owned(),
        above if above > 0 && signal <= last => format!("SIGRTMIN+{above}"),
        _ => format!("signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_named_as_kill_names_them() {
        assert_eq!(name(15), "SIGTERM");
        assert_eq!(name(16), "SIGSTKFLT");
        assert_eq!(name(libc::SIGRTMIN()), "SIGRTMIN");
        assert_eq!(name(libc::SIGRTMIN() + 3), "SIGRTMIN+3");
        assert_eq!(name(libc::SIGRTMAX() + 1), "signal 65");
        assert_eq!(name(0), "signal 0");
    }

    #[test]
    fn no_signal_ends_the_program_in_two_ways() {
        let all: Vec<i32> = ending_signals().collect();
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
        assert!(
            !crate::terminal::fault::FATAL
                .iter()
                .any(|(it, _)| all.contains(it))
        );
    }
}
