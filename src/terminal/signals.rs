//! The thread that takes signals. Not a task: a signal must act while every task waits.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::signal_name;
use tokio::sync::{mpsc, watch};

use super::{Cause, Screen, end, suspend, watchdog};

/// The signals that end the program.
const ENDING: [i32; 4] = [SIGTERM, SIGINT, SIGQUIT, SIGHUP];

/// Whether one of them came. Set by the handler itself, before the thread has a look.
static END_ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Whether the program was asked to end: then it must not stop any more, for nobody would continue it.
pub(super) fn end_asked() -> bool {
    END_ASKED.get().is_some_and(|asked| asked.load(Ordering::SeqCst))
}

/// Starts the thread. The first signal to end is passed on; a second one ends the program at once.
pub(super) fn watch(causes: mpsc::Sender<Cause>, screen: watch::Sender<Screen>) -> io::Result<()> {
    let asked = END_ASKED.get_or_init(Arc::default);
    for signal in ENDING {
        flag::register(signal, Arc::clone(asked))?;
    }
    let others = [SIGTSTP, SIGCONT, SIGWINCH];
    let mut signals = Signals::new(ENDING.iter().chain(&others))?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut ending = false;
        loop {
            // Those that came together, in no order.
            let came: Vec<i32> = signals.wait().collect();
            if let Some(signal) = came.iter().copied().find(|it| ENDING.contains(it)) {
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

/// A hang-up is mostly the end of the terminal.
fn cause(signal: i32) -> Cause {
    if signal == SIGHUP && watchdog::is_gone() {
        Cause::TerminalLost
    } else {
        Cause::Signal(signal)
    }
}

/// The signal as `kill -l` calls it.
pub fn name(signal: i32) -> String {
    signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
}
