//! The limits of a call.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::hss::send_by::SendBy;

/// The time limit of a call, from its first byte to its last.
pub const LONGEST_CALL: Duration = Duration::from_secs(30);

/// Limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransportLimits {
    /// The time to connect.
    pub connect: Duration,
    /// The time for the complete call.
    pub total: Duration,
    /// The call is given up if less than [`TransportLimits::stall_bytes`] arrive in this time.
    pub stall: Duration,
    /// See [`TransportLimits::stall`].
    pub stall_bytes: usize,
    /// The size of an answer in bytes, after decompression. A page of 200 pods has about 90 KiB.
    pub body: usize,
}

impl Default for TransportLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: LONGEST_CALL,
            stall: Duration::from_secs(10),
            stall_bytes: 10 << 10,
            body: 4 << 20,
        }
    }
}

/// Waits for `work` until `deadline`, or until `last`, which goes on while the machine sleeps. Both are
/// checked before each step: a program that was stopped while it connected must not send an outdated call.
pub(super) async fn in_time<T>(deadline: Instant, last: SendBy, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let guarded = poll_fn(|context| {
        if Instant::now() >= deadline || last.is_over() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    });
    timeout_at(deadline, guarded).await.ok().flatten()
}
