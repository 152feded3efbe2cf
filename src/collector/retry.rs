//! How long to wait before another attempt.
//!
//! Full jitter: a random time between zero and a limit that doubles, so that dashboards that failed together
//! do not return together. After some failures in a row everything pauses. Jitter is an argument.

use std::time::Duration;

use super::planned::Fault;
use crate::hss::LONGEST_WAIT;

/// The number of attempts for one page.
pub const ATTEMPTS: u32 = 3;
const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(20);
/// After failures everything pauses for an interval, but not longer than this.
pub const HEAL_WITHIN: Duration = Duration::from_mins(1);
/// The pause after a refused key pair, unless the operator asks: more than five refusals in a row lock the
/// pair for everybody who uses it.
const KEY_RESTS: Duration = Duration::from_mins(15);

/// The pause after failure number `failures` (from 1) in a row, counted from the first of them; `None` if the
/// next attempt only waits for its [`backoff`].
pub fn rest_after(fault: Fault, failures: u32, interval: Duration) -> Option<Duration> {
    match fault {
        Fault::KeyRefused => Some(interval.max(KEY_RESTS)),
        Fault::SignIn => Some(interval.max(HEAL_WITHIN)),
        Fault::Lasting => Some(interval.min(HEAL_WITHIN)),
        _ if failures >= ATTEMPTS => Some(interval.min(HEAL_WITHIN)),
        Fault::Unreachable(_) | Fault::Passing(_) | Fault::Throttled(_) => None,
    }
}

/// The wait after the attempt number `attempt` (from 1) failed; `chance` is uniform over all of `u64`.
pub fn backoff(attempt: u32, chance: u64) -> Duration {
    let bound = BASE
        .saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
        .min(CAP);
    let millis = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(chance % millis.saturating_add(1))
}

/// The wait that the service named, and up to a tenth more, so that callers who share its limit do not return
/// together; never more than the longest allowed wait.
pub fn spread(named: Duration, chance: u64) -> Duration {
    let tenth = u64::try_from(named.as_millis() / 10).unwrap_or(u64::MAX);
    let more = Duration::from_millis(chance % tenth.saturating_add(1));
    (named + more).min(LONGEST_WAIT.max(named))
}

/// A small source of randomness (SplitMix64): good enough to spread retries, but not for secrets.
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    /// Starts from `seed`.
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
        let mut chance = Jitter::from_seed(7);
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

    /// Two hundred dashboards that saw the same outage: their attempts spread, with the mean in the middle.
    #[test]
    fn two_hundred_dashboards_do_not_come_back_together() {
        for (attempt, bound_ms) in [(1, 500_u64), (2, 1000), (3, 2000)] {
            let wait = |seed| backoff(attempt, Jitter::from_seed(seed).roll());
            let waits: Vec<u64> = (0..200)
                .map(|seed| u64::try_from(wait(seed).as_millis()).unwrap())
                .collect();
            let mean = waits.iter().sum::<u64>() / 200;
            let half = bound_ms / 2;
            assert!(
                (half * 85 / 100..=half * 115 / 100).contains(&mean),
                "attempt {attempt}: {mean} ms"
            );
            let in_the_fullest_tenth = (0..10)
                .map(|tenth| {
                    let range = bound_ms * tenth / 10..bound_ms * (tenth + 1) / 10;
                    waits.iter().filter(|wait| range.contains(wait)).count()
                })
                .max();
            assert!(
                in_the_fullest_tenth < Some(40),
                "{in_the_fullest_tenth:?} of 200 at once"
            );
        }
    }

    #[test]
    fn a_named_wait_is_kept_and_spread_a_little() {
        let mut chance = Jitter::from_seed(3);
        for named in [1, 7, 60, 300].map(Duration::from_secs) {
            let waits: Vec<Duration> = (0..200).map(|_| spread(named, chance.roll())).collect();
            let (least, most) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            assert!(*least >= named && *most <= named + named / 10);
            assert!(*most <= LONGEST_WAIT);
            assert!(named == LONGEST_WAIT || least < most, "{named:?}");
        }
    }

    #[test]
    fn what_lasts_rests_at_once_and_what_passes_after_three_attempts() {
        let (minute, long) = (Duration::from_mins(1), Duration::from_mins(5));
        let pause = Duration::from_millis(200);
        for (fault, failures, rest) in [
            (Fault::Passing(pause), 1, None),
            (Fault::Unreachable(pause), 2, None),
            (Fault::Passing(pause), 3, Some(minute)),
            (Fault::Lasting, 1, Some(minute)),
            (Fault::SignIn, 1, Some(long)),
            (Fault::KeyRefused, 1, Some(KEY_RESTS)),
        ] {
            assert_eq!(rest_after(fault, failures, long), rest, "{fault:?}, {failures}");
        }
        assert_eq!(rest_after(Fault::Lasting, 1, pause), Some(pause));
    }

    /// The first numbers of SplitMix64 from this seed, as in its authors' program.
    #[test]
    fn chance_is_the_generator_that_it_says() {
        let mut chance = Jitter::from_seed(1_234_567);
        let rolled = [(); 5].map(|()| chance.roll());
        assert_eq!(
            rolled,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ]
        );
    }
}
