//! Ages, countdowns and differences of clocks, in forms of different lengths.

use jiff::Timestamp;

/// Units of ages.
const UNITS: [(i64, &str); 5] = [(31_536_000, "y"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
/// The text for an unknown age.
pub const UNKNOWN: &str = "unknown";

/// An age as kubectl writes it: `12s`, `1m47s`, `36m`, `2h10m`, `3d4h`, `128d`, `1y40d`. The second unit is
/// only shown if the first is below ten, and weeks follow years from the fourteenth on, before days need three digits: at most five cells
/// up to a century. It is rounded down to the last unit shown. Never negative: see [`elapsed`].
pub fn age(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let units = UNITS.iter().zip(UNITS.iter().skip(1).map(Some).chain([None]));
    for ((unit, name), next) in units {
        let (whole, rest) = (seconds / unit, seconds % unit);
        if whole == 0 {
            continue;
        }
        return match next {
            Some((day, "d")) if whole < 10 && rest >= 98 * day => {
                format!("{whole}{name}{}w", rest / day / 7)
            }
            Some((next, next_name)) if whole < 10 && rest >= *next => {
                format!("{whole}{name}{}{next_name}", rest / next)
            }
            _ => format!("{whole}{name}"),
        };
    }
    "0s".to_owned()
}

/// The same for an age that ticks next to other text: up to 99 seconds are shown in seconds, so that its
/// width does not change.
pub fn ticking_age(seconds: i64) -> String {
    if (0..100).contains(&seconds) {
        format!("{seconds}s")
    } else {
        age(seconds)
    }
}

/// An age in one unit, if there is no room for two: `12s`, `2m`, `14m`, `47h`, `3d`, `400d`. It is rounded to
/// the nearest unit, and the unit is as small as three cells allow, except for years and many days.
pub fn short_age(seconds: i64) -> String {
    // Up to this many of a unit are shown before the next unit is used.
    const MOST: [(i64, i64, &str); 4] = [
        (100, 1, "s"),
        (100, 60, "m"),
        (48, 3600, "h"),
        (1000, 86_400, "d"),
    ];
    let seconds = seconds.max(0);
    let rounded = |unit: i64| seconds.saturating_add(unit / 2) / unit;
    let unit = MOST.iter().find(|(most, unit, _)| rounded(*unit) < *most);
    let (unit, name) = unit.map_or((31_536_000, "y"), |(_, unit, name)| (*unit, *name));
    format!("{}{name}", rounded(unit))
}

/// The time until something, to the second: `48s`, `99s`, `4m51s`, `1h2m3s`. Every second is visible, so no
/// unit is left out, however long it takes; `now` if it is due.
pub fn countdown(seconds: i64) -> String {
    match seconds {
        ..=0 => return "now".to_owned(),
        1..100 => return format!("{seconds}s"),
        _ => {}
    }
    let mut rest = seconds;
    let parts = UNITS.iter().skip(1).filter_map(|(unit, name)| {
        let whole = rest / unit;
        rest %= unit;
        (whole > 0).then(|| format!("{whole}{name}"))
    });
    parts.collect()
}

/// A duration in words, in one unit, rounded: `1 second`, `20 minutes`, `12 days`, `73 years`.
pub fn in_words(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (31_557_600, "year"),
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ];
    let unit = UNITS.iter().find(|(unit, _)| seconds >= 2 * unit);
    match unit {
        Some((unit, name)) => format!("{} {name}s", seconds.saturating_add(unit / 2) / unit),
        None if seconds == 1 => "1 second".to_owned(),
        None => format!("{seconds} seconds"),
    }
}

/// How far another clock may be ahead of ours before its dates count as in the future.
pub const AHEAD: i64 = 300;
/// How far a normal correction may set a clock back.
pub const CORRECTED: i64 = 10;

/// The age of something created this many seconds ago; with a minus if that is so far in the future that
/// slightly different clocks do not explain it: `-3h`.
pub fn age_or_ahead(seconds: i64) -> String {
    if is_ahead(seconds) {
        format!("-{}", short_age(-seconds))
    } else {
        age(seconds)
    }
}

/// Whether an age of this many seconds is in the future.
pub fn is_ahead(seconds: i64) -> bool {
    seconds < -AHEAD
}

/// The seconds from `then` to `now`.
pub fn seconds_since(then: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(then).as_secs()
}

/// The seconds since `then`, which should be past. `None` if it is in the future by more than `tolerance`
/// seconds: then the clock was set back, or another clock dated it, and the elapsed time is unknown, not
/// zero.
pub fn elapsed(then: Timestamp, now: Timestamp, tolerance: i64) -> Option<i64> {
    let seconds = seconds_since(then, now);
    (seconds >= -tolerance).then_some(seconds.max(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ages_have_two_units() {
        for (seconds, text) in [
            (-5, "0s"),
            (0, "0s"),
            (12, "12s"),
            (60, "1m"),
            (303, "5m3s"),
            (2162, "36m"),
            (11_100_000, "128d"),
            (3600, "1h"),
            (273_600, "3d4h"),
            (31_536_000 + 40 * 86_400, "1y40d"),
            (31_536_000 + 97 * 86_400, "1y97d"),
            (31_536_000 + 98 * 86_400, "1y14w"),
            (2 * 31_536_000 - 1, "1y52w"),
            (56 * 31_536_000 + 200 * 86_400, "56y"),
        ] {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn where_there_is_little_room_an_age_has_one_unit_and_is_rounded() {
        for (seconds, text) in [
            (-5, "0s"),
            (0, "0s"),
            (99, "99s"),
            (100, "2m"),
            (107, "2m"),
            (303, "5m"),
            (331, "6m"),
            (5969, "99m"),
            (5970, "2h"),
            (171_000, "2d"),
            (170_999, "47h"),
            (400 * 86_400, "400d"),
            (1000 * 86_400, "3y"),
        ] {
            assert_eq!(short_age(seconds), text);
        }
    }

    #[test]
    fn a_countdown_shows_each_second() {
        for (seconds, text) in [
            (-1, "now"),
            (0, "now"),
            (1, "1s"),
            (60, "60s"),
            (99, "99s"),
            (100, "1m40s"),
            (291, "4m51s"),
            (300, "5m"),
            (3600, "1h"),
            (3723, "1h2m3s"),
            (90_061, "1d1h1m1s"),
        ] {
            assert_eq!(countdown(seconds), text);
        }
    }

    #[test]
    fn a_difference_is_told_in_words() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (1200, "20 minutes"),
            (28_800, "8 hours"),
            (12 * 86_400 + 3600, "12 days"),
            (2_335_000_000, "74 years"),
        ] {
            assert_eq!(in_words(seconds), text);
        }
    }

    #[test]
    fn what_lies_ahead_was_not_a_moment_ago() {
        let at = |seconds: i64| Timestamp::from_second(1_760_000_000 + seconds).unwrap();
        for (then, tolerance, expected) in [
            (-107, CORRECTED, Some(107)),
            (0, CORRECTED, Some(0)),
            (10, CORRECTED, Some(0)),
            (11, CORRECTED, None),
            (300, AHEAD, Some(0)),
            (301, AHEAD, None),
            (86_400 * 365, AHEAD, None),
        ] {
            assert_eq!(elapsed(at(then), at(0), tolerance), expected, "{then}");
        }
    }

    #[test]
    fn what_lies_ahead_has_no_age_and_every_age_has_five_cells_at_most() {
        let shown = [-30, -300, -301, -3 * 3600, -400 * 86_400].map(age_or_ahead);
        assert_eq!(shown, ["0s", "0s", "-5m", "-3h", "-400d"]);
        for day in 0..36_500 {
            for seconds in [day * 86_400, day * 86_400 + 86_399, -day * 86_400] {
                let age = age_or_ahead(seconds);
                assert!(age.len() <= 5, "{age}");
            }
        }
    }

    /// The value of a shown age in seconds, and its last unit.
    fn read(text: &str) -> (i64, i64) {
        let units = UNITS.iter().copied().chain([(7 * 86_400, "w")]);
        let unit_of = |name: &str| units.clone().find(|(_, it)| *it == name).unwrap().0;
        let (mut sum, mut last) = (0, 0);
        for part in text.split_inclusive(|letter: char| letter.is_ascii_alphabetic()) {
            let (number, name) = part.split_at(part.len() - 1);
            last = unit_of(name);
            sum += number.parse::<i64>().unwrap() * last;
        }
        (sum, last)
    }

    /// Seconds of every magnitude, up to a century.
    fn seconds() -> impl Strategy<Value = i64> {
        (0_u32..32, 0_i64..1 << 32).prop_map(|(bits, seconds)| (seconds >> bits).min(100 * 31_536_000))
    }

    proptest! {
        #[test]
        fn no_age_is_off_by_more_than_it_shows_or_shrinks(one in seconds(), more in seconds()) {
            let other = one + more;
            let (long, unit) = read(&age(one));
            prop_assert!((0..unit).contains(&(one - long)), "{one}: {}", age(one));
            prop_assert!(read(&age(other)).0 >= long, "{one} {other}");
            let (ticking, unit) = read(&ticking_age(one));
            prop_assert!((0..unit).contains(&(one - ticking)), "{one}: {}", ticking_age(one));
            prop_assert!(read(&ticking_age(other)).0 >= ticking, "{one} {other}");
            let (short, unit) = read(&short_age(one));
            prop_assert!(2 * (one - short).abs() <= unit, "{one}: {}", short_age(one));
            prop_assert!(read(&short_age(other)).0 >= short, "{one} {other}");
            prop_assert_eq!(read(&countdown(one + 1)).0, one + 1);
        }
    }
}
