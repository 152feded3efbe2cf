//! The latest time at which a request may be sent.
//!
//! A call is claimed before it is sent, and a claim expires: a program that was stopped in between (Ctrl-z, a
//! debugger, a sleeping machine) must claim again, because other programs may have made calls meanwhile. So
//! the client checks the clock again just before it sends. Must not: know who counts the calls.

use std::time::Duration;

use crate::clock::uptime;

/// The latest time at which a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendBy(Option<Duration>);

impl SendBy {
    /// No limit: the call is not counted.
    pub const ANY: Self = Self(None);

    /// Until the uptime of the machine, by [`uptime`], reaches `until`.
    pub fn uptime(until: Duration) -> Self {
        Self(Some(until))
    }

    /// Whether it is too late.
    pub fn is_over(self) -> bool {
        self.0.is_some_and(|until| uptime() > until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_once_the_uptime_is_longer() {
        let hour = Duration::from_hours(1);
        assert!(!SendBy::ANY.is_over() && !SendBy::uptime(uptime() + hour).is_over());
        assert!(SendBy::uptime(Duration::ZERO).is_over());
    }
}
