//! Whether the caller of a call is still there.
//!
//! Owns the watch over a connection while its call is worked on, and what the handler can see of it.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::connections::Working;
use super::line::WatchedSocket;

/// What a handler can know of its caller.
#[derive(Clone, Debug)]
pub struct Attendance(watch::Receiver<bool>);

impl Attendance {
    /// A caller, and how to say that it has closed its side.
    pub(super) fn new() -> (watch::Sender<bool>, Self) {
        let (closed, seen) = watch::channel(false);
        (closed, Self(seen))
    }

    /// A caller that stays.
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

    /// Resolves once the caller has closed its side: it may have left. Costly work should end here, or make way
    /// for that of others.
    pub async fn half_closed(&mut self) {
        if self.0.wait_for(|closed| *closed).await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Resolves once nobody waits for the answer: the connection was reset, or was closed `patience` ago.
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
        // The next request has come already, and hides what may come after it.
        Ok(_) => pending().await,
        Err(_) => {}
    }
}
