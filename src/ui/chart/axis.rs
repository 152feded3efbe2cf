//! Maps the columns of a chart to times.
//!
//! A column is a whole number of seconds, and its boundaries do not depend on the present second. So the
//! picture moves by one column from time to time, and not a little each second.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The columns of a chart: the first begins at `from`, and each lasts `step` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeAxis {
    from: i64,
    step: i64,
    columns: usize,
}

/// A label on the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisTick {
    /// The cell that begins with it; a cell has two columns.
    pub cell: usize,
    /// Its text.
    pub label: String,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 86_400;
/// The possible distances between two ticks, in seconds.
const STEPS: [i64; 18] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    28 * DAY,
    56 * DAY,
];
/// The least cells from one tick to the next: its sign, the longest label, and some space.
const APART: i64 = 10;

impl TimeAxis {
    /// The axis for at least `seconds` that ends in the column of `now`.
    pub fn ending(now: Timestamp, seconds: i64, columns: usize) -> Self {
        let count = i64::try_from(columns).unwrap_or(i64::MAX).max(1);
        // Another column may have begun by now.
        let step = seconds.max(1).div_euclid((count - 1).max(1)).saturating_add(1);
        let end = (now.as_second().div_euclid(step) + 1).saturating_mul(step);
        Self {
            from: end.saturating_sub(step.saturating_mul(count)),
            step,
            columns,
        }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The column of a moment; `None` before the first and after the last.
    pub fn column(&self, at: Timestamp) -> Option<usize> {
        let column = (at.as_second() - self.from).div_euclid(self.step);
        usize::try_from(column).ok().filter(|at| *at < self.columns)
    }

    /// Whether a moment is before the first column.
    pub fn is_before(&self, at: Timestamp) -> bool {
        at.as_second() < self.from
    }

    /// The labels on the axis: round times of the zone's clock, as many as fit.
    pub fn ticks(&self, zone: &TimeZone) -> Vec<AxisTick> {
        let cell = 2 * self.step;
        let apart = STEPS.into_iter().find(|step| *step >= APART * cell);
        let Some(apart) = apart else { return Vec::new() };
        let cells = i64::try_from(self.columns / 2).unwrap_or(i64::MAX);
        let first = local(self.from, zone).div_euclid(apart);
        let most = cells * cell / apart + 2;
        let ticks = (first..=first.saturating_add(most)).filter_map(|number| {
            let at = instant(number * apart, zone)?;
            let place = (at.as_second() - self.from).div_euclid(cell);
            let label = label(at, apart, zone);
            let is_whole = place >= 0 && place + i64::try_from(label.len()).ok()? < cells;
            let cell = usize::try_from(place).ok().filter(|_| is_whole)?;
            Some(AxisTick { cell, label })
        });
        let mut ticks: Vec<AxisTick> = ticks.collect();
        // When daylight saving time ends, two hours have the same name.
        ticks.dedup_by(|later, earlier| later.cell < earlier.cell + earlier.label.len() + 2);
        ticks
    }
}

/// The local time of a second, as if it were UTC.
fn local(second: i64, zone: &TimeZone) -> i64 {
    let offset = Timestamp::from_second(second).map_or(0, |at| zone.to_offset(at).seconds());
    second.saturating_add(offset.into())
}

/// The second of a local time.
fn instant(local: i64, zone: &TimeZone) -> Option<Timestamp> {
    let as_utc = Timestamp::from_second(local).ok()?;
    let back = |offset: i32| as_utc.checked_sub(SignedDuration::from_secs(offset.into())).ok();
    let guess = back(zone.to_offset(as_utc).seconds())?;
    back(zone.to_offset(guess).seconds())
}

/// The time of day, or the date at midnight.
fn label(at: Timestamp, apart: i64, zone: &TimeZone) -> String {
    let at = at.to_zoned_datetime(zone.clone());
    let is_day = apart >= DAY || (at.hour() == 0 && at.minute() == 0);
    let form = if is_day { "%b %-d" } else { "%H:%M" };
    at.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn written(ticks: &[AxisTick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn times_are_whole_and_those_of_the_operators_clock() {
        let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        let axis = |hours: i64| TimeAxis::ending(now, hours * HOUR, 120);
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(written(&axis(6).ticks(&paris)), ["06:00", "08:00", "10:00"]);
        let kathmandu = TimeZone::get("Asia/Kathmandu").unwrap();
        assert_eq!(written(&axis(6).ticks(&kathmandu)), ["10:00", "12:00", "14:00"]);
        assert_eq!(
            written(&axis(24).ticks(&paris)),
            ["12:00", "18:00", "Aug 15", "06:00"]
        );
        let days = axis(90 * 24).ticks(&TimeZone::UTC);
        assert_eq!(
            days.iter().filter(|tick| tick.label.contains(' ')).count(),
            days.len()
        );
        let quarter = TimeAxis::ending(now, 900, 120).ticks(&TimeZone::UTC);
        assert_eq!(written(&quarter), ["09:15", "09:20", "09:25"]);
    }

    #[test]
    fn the_night_in_which_the_clock_is_set_has_no_hour_twice() {
        for (now, zone) in [
            ("2025-10-26T06:00:00Z", "Europe/Paris"),
            ("2025-03-30T06:00:00Z", "Europe/Paris"),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let axis = TimeAxis::ending(now.parse().unwrap(), 10 * HOUR, 200);
            let ticks = axis.ticks(&zone);
            assert!(ticks.len() >= 4, "{ticks:?}");
            for pair in ticks.windows(2) {
                assert!(pair[0].cell + pair[0].label.len() < pair[1].cell, "{ticks:?}");
            }
        }
    }

    #[test]
    fn a_picture_stands_still_within_a_column() {
        let moved: Vec<TimeAxis> = (0..360)
            .map(|second| TimeAxis::ending(at(1_755_000_000 + second), 6 * HOUR, 120))
            .collect();
        let mut different = moved.clone();
        different.dedup();
        assert!(different.len() <= 3, "{}", different.len());
    }

    proptest! {
        /// Every moment of the range has a column, and no two columns overlap.
        #[test]
        fn every_moment_is_in_its_column(
            now in 0_i64..4_000_000_000,
            seconds in 60_i64..8_000_000,
            columns in 2_usize..600,
            ago in 0.0_f64..1.0,
        ) {
            let axis = TimeAxis::ending(at(now), seconds, columns);
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a test's moment")]
            let moment = now - (seconds as f64 * ago) as i64;
            let column = axis.column(at(moment));
            prop_assert!(column.is_some(), "{axis:?} {moment}");
            let begin = axis.from + i64::try_from(column.unwrap()).unwrap() * axis.step;
            prop_assert!((begin..begin + axis.step).contains(&moment));
            prop_assert_eq!(axis.column(at(now)), Some(columns - 1));
            prop_assert_eq!(axis.column(at(now + axis.step)), None);
            prop_assert!(axis.column(at(axis.from - 1)).is_none() && axis.is_before(at(axis.from - 1)));
        }

        /// A label is at the cell of its time.
        #[test]
        fn a_tick_is_at_its_time(now in 1_000_000_000_i64..2_000_000_000, seconds in 600_i64..700_000) {
            let axis = TimeAxis::ending(at(now), seconds, 160);
            for tick in axis.ticks(&TimeZone::UTC) {
                let from = axis.from + i64::try_from(tick.cell).unwrap() * 2 * axis.step;
                let of = |second: i64| label(at(second), if tick.label.contains(' ') { DAY } else { HOUR }, &TimeZone::UTC);
                let is_in_cell = (from..from + 2 * axis.step).any(|second| {
                    second % 60 == 0 && of(second) == tick.label
                });
                prop_assert!(is_in_cell, "{tick:?}");
            }
        }
    }
}
