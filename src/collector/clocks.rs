//! Whether the machine slept, or its clock was set.
//!
//! The monotonic clock stops while a machine sleeps, and the wall clock jumps when somebody sets it. Both
//! look alike: between two readings, one clock advanced more than the other. Owns that comparison. Must not:
//! decide what follows from it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;

/// How often the two are compared.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The least difference between two readings that counts; normal corrections of a clock are smaller.
const TOLERANCE: Duration = Duration::from_secs(10);

/// Both clocks, as last read.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    steady: Instant,
    wall: Timestamp,
}

impl Clocks {
    /// Reads the clocks for the first time.
    pub fn new(steady: Instant, wall: Timestamp) -> Self {
        Self { steady, wall }
    }

    /// Reads them again; returns the clock jump since the last reading, if there was one.
    pub fn look(&mut self, steady: Instant, wall: Timestamp) -> Option<Duration> {
        let before = std::mem::replace(self, Self::new(steady, wall));
        let steadily = steady.saturating_duration_since(before.steady);
        let expected = before.wall.checked_add(steadily).unwrap_or(wall);
        let jumped = wall.duration_since(expected).unsigned_abs();
        (jumped > TOLERANCE).then_some(jumped)
    }

    /// Resolves after a clock jump. May be dropped at any time; the next reading then finds the jump.
    pub async fn jumped(&mut self, clock: &Clock) {
        loop {
            sleep_until(self.steady + LOOK_EVERY).await;
            if let Some(by) = self.look(Instant::now(), clock.now()) {
                tracing::info!(seconds = by.as_secs(), "the machine slept, or its clock was set");
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_look_is_due_however_often_the_wait_for_it_is_given_up() {
        let start = Instant::now();
        let clock = Clock::from_fn(move || {
            let set = if start.elapsed() > 5 * LOOK_EVERY { 3600 } else { 0 };
            Timestamp::UNIX_EPOCH + start.elapsed() + Duration::from_secs(set)
        });
        let mut clocks = Clocks::new(start, clock.now());
        let mut looks = 0;
        while tokio::time::timeout(Duration::from_secs(1), clocks.jumped(&clock))
            .await
            .is_err()
        {
            looks += 1;
            assert!(looks < 20, "it never came to a look");
        }
    }

    #[test]
    fn clocks_part_when_one_of_them_jumps() {
        let (steady, wall) = (Instant::now(), Timestamp::UNIX_EPOCH);
        let mut clocks = Clocks::new(steady, wall);
        let second = Duration::from_secs(1);
        assert_eq!(clocks.look(steady + 2 * second, wall + 2 * second), None);
        assert_eq!(
            clocks.look(steady + 4 * second, wall + 9 * second),
            None,
            "corrected in passing"
        );
        let woken = wall + 8 * 3600 * second;
        assert_eq!(
            clocks
                .look(steady + 6 * second, woken)
                .map(|by| by.as_secs() / 60),
            Some(479)
        );
        assert_eq!(
            clocks.look(steady + 8 * second, woken + 2 * second),
            None,
            "told once"
        );
        assert!(clocks.look(steady + 10 * second, wall).is_some(), "set back");
    }
}
