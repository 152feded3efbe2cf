//! Until when a request may go out.
//!
//! A call is claimed before it is sent, and a claim does not last: whoever was stopped in between (Ctrl-z, a debugger, a machine
//! that slept) must claim anew, because other programs have made calls meanwhile. So the client looks at the clock again just
//! before it sends. Must not: know who counts the calls.

use std::time::Duration;

use crate::clock::uptime;

/// Until when a request may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendBy(Option<Duration>);

impl SendBy {
    /// At any time: nobody else counts the call.
    pub const ANY: Self = Self(None);

    /// Until the machine is up for this long, by [`uptime`].
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
    fn it_is_over_once_the_machine_is_up_for_longer() {
        let hour = Duration::from_hours(1);
        assert!(!SendBy::ANY.is_over() && !SendBy::uptime(uptime() + hour).is_over());
        assert!(SendBy::uptime(Duration::ZERO).is_over());
    }
}
