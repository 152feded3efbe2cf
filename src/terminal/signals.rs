//! The thread that handles signals. Not a task, because a signal must act while every task waits.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use tokio::sync::{mpsc, watch};

use super::{Cause, Screen, end, suspend, watchdog};

/// The signals that end the program in an orderly manner: those that people and the system send and that end
/// a program by default. Real-time signals are handled in addition. Faults have a handler of their own
/// (`fault`); SIGPIPE and SIGXFSZ appear as failed writes; signals that stop the program or are ignored by
/// default keep that effect.
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

/// Whether one of them arrived. The handler itself sets it, before the thread wakes up.
static END_ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Whether the program was asked to end. Then it must not be suspended any more, because nobody would resume
/// it.
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
            // Signals that arrived together, in no order.
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

/// A hang-up usually means the loss of the terminal.
fn cause(signal: i32) -> Cause {
    if signal == libc::SIGHUP && watchdog::is_gone() {
        Cause::TerminalLost
    } else {
        Cause::Signal(signal)
    }
}

/// The name of the signal, as in `kill -l`.
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
        assert_eq!(name(libc::SIGRTMAX()), "SIGRTMIN+30");
        assert_eq!(name(libc::SIGRTMAX() + 1), "signal 65");
        assert_eq!(name(0), "signal 0");
    }

    #[test]
    fn no_signal_ends_the_program_in_two_ways() {
        let all: Vec<i32> = ending_signals().collect();
        assert!(all.contains(&libc::SIGTERM) && all.contains(&libc::SIGRTMAX()));
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
