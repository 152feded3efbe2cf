//! How often HSS is asked, and the limits of that interval.

use std::fmt;
use std::time::Duration;

/// HSS is asked at most once a second.
pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// HSS is asked at least once a day.
pub const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// The text is not an interval within the limits; the message says what an interval is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalFault;

impl fmt::Display for IntervalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an interval is a time from 1s to 24h, such as 60s or 5m")
    }
}

impl std::error::Error for IntervalFault {}

/// Reads an interval within the limits: `60s`, `5m`.
pub fn parse_interval(text: &str) -> Result<Duration, IntervalFault> {
    let range = SHORTEST_INTERVAL..=LONGEST_INTERVAL;
    humantime::parse_duration(text)
        .ok()
        .filter(|interval| range.contains(interval))
        .ok_or(IntervalFault)
}
