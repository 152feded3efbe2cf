//! The wall clock, at the edge.
//!
//! Owns the one place that reads the time of day. Everything else gets a [`Clock`] or a [`Timestamp`] as an
//! argument, so that a test decides what time it is. Durations are not its business: those come from
//! `tokio::time`, which tests can pause. [`uptime`] is for what several programs measure together.
//!
//! A build with the cargo feature `fault-injection` lets a test of the whole program set the clock, see
//! `fault_injection::ClockShift`. No other build does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::time::{ClockId, clock_gettime};

/// A source of the time of day. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    pub fn system() -> Self {
        #[cfg(feature = "fault-injection")]
        if let Some(shift) = crate::fault_injection::ClockShift::wanted() {
            return Self::from_fn(move || {
                let now = Timestamp::now();
                now.checked_add(shift.now()).unwrap_or(now)
            });
        }
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that is stopped.
    pub fn fixed(at: Timestamp) -> Self {
        Self(Arc::new(move || at))
    }

    /// A clock that asks `now` each time: tests move it.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time of day, UTC.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// How long this machine has been up, including the time it slept (`CLOCK_BOOTTIME`). It advances while a program is stopped,
/// and nobody can set it.
pub fn uptime() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

/// The machine's time zone; where it cannot be read, UTC and why. `/etc/localtime` is read as it is: asking for the zone's name
/// as well means a walk over all zones there are, which takes longer than a first frame.
pub fn local_zone() -> (TimeZone, Option<String>) {
    let utc = |why: String| (TimeZone::UTC, Some(format!("{why}: times are in UTC")));
    if let Some(zone) = crate::env::os("TZ").filter(|zone| !zone.is_empty()) {
        let zone = zone.to_string_lossy();
        return TimeZone::try_system().map_or_else(
            |_| utc(format!("TZ={zone} is not a time zone that this machine knows")),
            |zone| (zone, None),
        );
    }
    // A machine without the file is one in UTC.
    let Ok(file) = std::fs::read("/etc/localtime") else {
        return (TimeZone::UTC, None);
    };
    TimeZone::tzif("local", &file).map_or_else(
        |_| utc("/etc/localtime cannot be read".to_owned()),
        |zone| (zone, None),
    )
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
