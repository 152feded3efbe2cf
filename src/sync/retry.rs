//! How long to wait before another attempt.
//!
//! Full jitter: any time between nothing and a bound that doubles, so that dashboards that failed together do not
//! come back together. Chance is an argument.

use std::time::Duration;

/// Attempts that one page is worth.
pub const ATTEMPTS: u32 = 3;
const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(20);

/// The wait after the attempt number `attempt` (from 1) failed; `chance` is uniform over all of `u64`.
pub fn backoff(attempt: u32, chance: u64) -> Duration {
    let bound = BASE
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
        .min(CAP);
    let millis = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(chance % millis.saturating_add(1))
}

/// A small source of chance (SplitMix64): good enough to spread retries, not for secrets.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Begins from `seed`.
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, uniform over all of `u64`.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_spread_over_a_bound_that_doubles_up_to_a_cap() {
        let mut chance = Chance::from_seed(7);
        for (attempt, bound_ms) in [(1, 500), (2, 1000), (3, 2000), (7, 20_000), (60, 20_000)] {
            let waits: Vec<u128> = (0..2000)
                .map(|_| backoff(attempt, chance.roll()).as_millis())
                .collect();
            assert!(waits.iter().all(|wait| *wait <= bound_ms));
            let mean = waits.iter().sum::<u128>() / 2000;
            assert!(
                (bound_ms * 45 / 100..=bound_ms * 55 / 100).contains(&mean),
                "{attempt}: {mean}"
            );
        }
    }
}
