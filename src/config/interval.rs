//! How often HSS is asked: what an interval may be.

use std::time::Duration;

/// HSS is asked once a second at the most.
pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// HSS is asked once a day at the least.
pub const LONGEST_INTERVAL: Duration = Duration::from_hours(24);

/// Reads an interval within its bounds: `60s`, `5m`.
///
/// # Errors
/// What an interval is, where `text` is not one.
pub fn parse_interval(text: &str) -> Result<Duration, String> {
    let range = SHORTEST_INTERVAL..=LONGEST_INTERVAL;
    humantime::parse_duration(text)
        .ok()
        .filter(|interval| range.contains(interval))
        .ok_or_else(|| "an interval is a time from 1s to 24h, such as 60s or 5m".to_owned())
}
