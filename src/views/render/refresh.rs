//! When the whole picture is written again, although nothing says that the terminal lost it.
//!
//! Owns the times. Must not: draw.

use std::time::Duration;

use tokio::time::Instant;

/// A web terminal that was loaded again is wrong for this long at most; 20 kB in this time are 67 bytes a second.
const REFRESH_EVERY: Duration = Duration::from_mins(5);
/// A frame that takes the terminal this long to accept shows that it is behind.
const BEHIND_FROM: Duration = Duration::from_millis(100);
/// How long a terminal that was behind gets small frames only.
const CATCH_UP: Duration = Duration::from_secs(30);

/// When the next refresh is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefreshTimes {
    due: Instant,
    every: Duration,
}

impl RefreshTimes {
    /// The whole picture was written now.
    pub(super) fn from(now: Instant) -> Self {
        Self {
            due: now + REFRESH_EVERY,
            every: REFRESH_EVERY,
        }
    }

    /// The whole picture was written now, for another reason.
    pub(super) fn restart(&mut self, now: Instant) {
        self.due = now + self.every;
    }

    /// Every frame is due.
    #[cfg(test)]
    pub(super) fn always(now: Instant) -> Self {
        Self {
            due: now,
            every: Duration::ZERO,
        }
    }

    /// Whether the frame that begins now is a refresh. After it, the next one is due a whole time later.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.due;
        if is_due {
            self.restart(now);
        }
        is_due
    }

    /// A frame that began at this time was accepted now.
    pub(super) fn drawn(&mut self, began: Instant, now: Instant) {
        if now.duration_since(began) >= BEHIND_FROM {
            self.due = self.due.max(now + CATCH_UP);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_is_due_every_five_minutes_and_not_while_the_terminal_is_behind() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut times = RefreshTimes::from(start);
        let due: Vec<u64> = (0..1000).filter(|now| times.is_due(at(*now))).collect();
        assert_eq!(due, [300, 600, 900]);

        let mut times = RefreshTimes::from(start);
        times.drawn(at(10), at(11));
        assert!(!times.is_due(at(299)), "soon enough after it");
        for slow in [290, 310, 330] {
            times.drawn(at(slow), at(slow + 1));
            assert!(!times.is_due(at(slow + 20)));
        }
        times.drawn(at(340), at(340) + Duration::from_millis(5));
        assert!(!times.is_due(at(360)) && times.is_due(at(361)) && !times.is_due(at(362)));
    }
}
