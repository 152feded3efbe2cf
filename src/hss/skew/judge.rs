//! Which of two clocks is likely wrong.
//!
//! Pure. Up to a day apart the service's clock is believed: it is the one that signatures are judged by, and a time zone that is
//! set wrongly explains the difference. Beyond that a third witness decides, the list's own `last_update_time`: HSS renews its
//! list once a day, so by the right clock it is some hours old, and never of tomorrow.

use jiff::{SignedDuration, Timestamp};

/// Differences up to this are believed without a witness.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// A list is usually no older: it is renewed once a day, and two hours are for being late.
const RENEWED_WITHIN: SignedDuration = SignedDuration::from_hours(26);
/// No list is older.
const OLDEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);
/// And none is newer than the clock by more, since two machines of the service may differ a little.
const NEWEST: SignedDuration = SignedDuration::from_mins(-5);

/// Which clock is likely wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LikelyWrong {
    /// This machine's.
    Ours,
    /// The service's, or that of a proxy on the way.
    Theirs,
    /// One of both; nothing tells which.
    Unknown,
}

/// How well an age suits a list.
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

/// Judges `difference`, by which the service's clock is ahead of ours, which says `now`. `list` is `last_update_time` of the
/// newest list.
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
        // How many hours the service is ahead, how many the list is old by our clock, and whose clock is wrong.
        for (ahead, age, wrong) in [
            (0, Some(5), LikelyWrong::Ours),
            (8, None, LikelyWrong::Ours),
            (-24, Some(300), LikelyWrong::Ours),
            (25, None, LikelyWrong::Unknown),
            // `Date: 2099` beside a list of this morning.
            (74 * YEAR, Some(5), LikelyWrong::Theirs),
            (-12 * DAY, Some(5), LikelyWrong::Theirs),
            // Our clock is behind: the list is of our future, and some hours old by the service's clock.
            (12 * DAY, Some(-12 * DAY + 5), LikelyWrong::Ours),
            (-12 * DAY, Some(12 * DAY + 5), LikelyWrong::Ours),
            (55 * YEAR, Some(-55 * YEAR + 5), LikelyWrong::Ours),
            // A list that nobody renewed for long.
            (12 * DAY, Some(40 * DAY), LikelyWrong::Unknown),
            (12 * DAY, Some(-2 * DAY), LikelyWrong::Ours),
            (-12 * DAY, Some(10 * DAY), LikelyWrong::Theirs),
            // Both are wrong.
            (130 * YEAR, Some(-55 * YEAR), LikelyWrong::Unknown),
            // By both clocks it is of the last day.
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
