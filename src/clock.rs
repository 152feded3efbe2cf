//! The wall clock, at the edge.
//!
//! Owns the one place that reads the time of day. Everything else gets a [`Clock`] or a [`Timestamp`] as an
//! argument, so that a test decides what time it is. Durations are not its business: those come from
//! `tokio::time`, which tests can pause.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

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
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands still.
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

/// The machine's time zone. `/etc/localtime` is read as it is: asking for the zone's name as well means a walk over all
/// zones there are, which takes longer than a first frame.
pub fn local_zone() -> TimeZone {
    let is_set = std::env::var_os("TZ").is_some_and(|zone| !zone.is_empty());
    let file = || TimeZone::tzif("local", &std::fs::read("/etc/localtime").ok()?).ok();
    if is_set {
        TimeZone::system()
    } else {
        file().unwrap_or(TimeZone::UTC)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
