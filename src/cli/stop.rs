//! The signals that end a command without a screen: SIGHUP, SIGINT and SIGTERM.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

/// The number of the first such signal.
///
/// # Errors
/// Those of the system, if it does not deliver signals.
pub fn told_to_stop() -> io::Result<impl Future<Output = u8>> {
    let mut hangup = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = hangup.recv() => 1,
            _ = interrupt.recv() => 2,
            _ = terminate.recv() => 15,
        }
    })
}
