//! Whether the caller of a call is still connected.
//!
//! Owns the watch on a connection while a handler works on its call, and the part of it that the handler
//! sees.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::connections::Working;
use super::line::WatchedSocket;

/// What a handler knows about its caller's connection.
#[derive(Clone, Debug)]
pub struct Attendance(watch::Receiver<bool>);

impl Attendance {
    /// A connected caller, and the sender that reports that it has closed its side.
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (closed, seen) = watch::channel(false);
        (closed, Self(seen))
    }

    /// A caller that stays connected.
    #[cfg(test)]
    pub(crate) fn staying() -> Self {
        Self::new().1
    }

    /// A caller that has closed its side.
    #[cfg(test)]
    pub(crate) fn leaving() -> Self {
        let (closed, seen) = Self::new();
        closed.send_replace(true);
        seen
    }

    /// Resolves once the caller has closed its side and may have left. Expensive work should stop then, or
    /// let the work for other callers go first.
    pub async fn half_closed(&mut self) {
        if self.0.wait_for(|closed| *closed).await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Resolves once nobody waits for the answer: the connection was reset, or the caller closed its side
/// `patience` ago.
pub(super) async fn left(
    line: &WatchedSocket,
    working: &Working<'_>,
    closed: watch::Sender<bool>,
    patience: Duration,
) {
    match line.peek().await {
        Ok(0) => {
            working.half_closed();
            closed.send_replace(true);
            sleep(patience).await;
        }
        // The next request has arrived already and hides everything after it.
        Ok(_) => pending().await,
        Err(_) => {}
    }
}
