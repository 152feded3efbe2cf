//! The memory that the process has, as the kernel counts it.
//!
//! Owns reading it. Where there is no `/proc` every amount is 0.

use std::fs;

/// Resident memory in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Resident(u32);

impl Resident {
    /// What there is now.
    pub fn now() -> Self {
        Self::of("VmRSS:")
    }

    /// The most that there was since [`Resident::forget_peak`].
    pub fn peak() -> Self {
        Self::of("VmHWM:")
    }

    /// Resets the peak.
    pub fn forget_peak() {
        // Not everywhere allowed; the peak is then that of the whole run, which only makes the goal harder.
        fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
    }

    fn of(key: &str) -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let amount = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Self(amount.unwrap_or(0))
    }

    /// In MiB.
    pub fn mib(self) -> f64 {
        f64::from(self.0) / 1024.0
    }

    /// How many times as much as `other` it is.
    pub fn ratio(self, other: &Self) -> f64 {
        f64::from(self.0) / f64::from(other.0.max(1))
    }
}
