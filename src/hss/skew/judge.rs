//! Which of two clocks is likely wrong.
//!
//! Pure. Up to a difference of a day the service's clock is believed: signatures are judged by it, and a
//! wrong time zone explains the difference. Beyond that the list's own `last_update_time` decides: HSS renews
//! its list once a day, so by the right clock it is some hours old and never in the future.

use jiff::{SignedDuration, Timestamp};

/// Differences up to this are believed without further evidence.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// The usual maximum age of a list: it is renewed once a day, plus two hours of delay.
const RENEWED_WITHIN: SignedDuration = SignedDuration::from_hours(26);
/// The greatest possible age of a list.
const OLDEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);
/// How far a list may be ahead of the right clock: two machines of the service may differ a little.
const NEWEST: SignedDuration = SignedDuration::from_mins(-5);

/// Which clock is likely wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikelyWrong {
    /// This machine's.
    Ours,
    /// The service's, or that of a proxy in between.
    Theirs,
    /// One of the two; the evidence does not say which.
    Unknown,
}

/// How well an age fits a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Impossible,
    Possible,
    Usual,
}

impl Fit {
    fn of(age: SignedDuration) -> Self {
        if (NEWEST..=RENEWED_WITHIN).contains(&age) {
            Self::Usual
        } else if (NEWEST..=OLDEST).contains(&age) {
            Self::Possible
        } else {
            Self::Impossible
        }
    }
}

/// Decides which clock is likely wrong. `difference` is how far the service's clock is ahead of ours, which
/// says `now`; `list` is the `last_update_time` of the newest list.
pub(super) fn likely_wrong(
    difference: SignedDuration,
    list: Option<Timestamp>,
    now: Timestamp,
) -> LikelyWrong {
    if difference.abs() <= BELIEVED {
        return LikelyWrong::Ours;
    }
    let Some(list) = list else {
        return LikelyWrong::Unknown;
    };
    let ours = now.duration_since(list);
    let theirs = ours.checked_add(difference).unwrap_or(SignedDuration::MAX);
    match (Fit::of(theirs), Fit::of(ours)) {
        (Fit::Usual, Fit::Usual) if theirs < ours => LikelyWrong::Ours,
        (Fit::Usual, Fit::Usual) => LikelyWrong::Theirs,
        (by_theirs, by_ours) if by_theirs > by_ours => LikelyWrong::Ours,
        (by_theirs, by_ours) if by_theirs < by_ours => LikelyWrong::Theirs,
        _ => LikelyWrong::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_own_date_tells_which_clock_is_wrong() {
        const DAY: i64 = 24;
        const YEAR: i64 = 366 * DAY;
        let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        let hours = SignedDuration::from_hours;
        // How many hours the service is ahead, the age of the list in hours by our clock, and which clock is
        // wrong.
        for (ahead, age, wrong) in [
            (0, Some(5), LikelyWrong::Ours),
            (8, None, LikelyWrong::Ours),
            (-24, Some(300), LikelyWrong::Ours),
            (25, None, LikelyWrong::Unknown),
            // `Date: 2099` with a list of this morning.
            (74 * YEAR, Some(5), LikelyWrong::Theirs),
            (-12 * DAY, Some(5), LikelyWrong::Theirs),
            // Our clock is behind: the list is in our future, and some hours old by the service's clock.
            (12 * DAY, Some(-12 * DAY + 5), LikelyWrong::Ours),
            (-12 * DAY, Some(12 * DAY + 5), LikelyWrong::Ours),
            (55 * YEAR, Some(-55 * YEAR + 5), LikelyWrong::Ours),
            // A list that was not renewed for long.
            (12 * DAY, Some(40 * DAY), LikelyWrong::Unknown),
            (12 * DAY, Some(-2 * DAY), LikelyWrong::Ours),
            (-12 * DAY, Some(10 * DAY), LikelyWrong::Theirs),
            // Both are wrong.
            (130 * YEAR, Some(-55 * YEAR), LikelyWrong::Unknown),
            // By both clocks the list is less than a day old.
            (25, Some(1), LikelyWrong::Theirs),
            (-25, Some(26), LikelyWrong::Ours),
        ] {
            let list = age.map(|age| now.checked_sub(hours(age)).unwrap());
            assert_eq!(
                likely_wrong(hours(ahead), list, now),
                wrong,
                "{ahead} h, {age:?} h"
            );
        }
    }
}
