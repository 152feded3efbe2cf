//! The limits of a call.

use std::time::Duration;

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
