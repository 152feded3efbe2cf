//! The usage in each column of a chart.
//!
//! A sample is valid until the next one, because HSS's list does not change in between: the picture has steps
//! and invents no slope. It is not valid in a gap, which is a time much longer than the usual distance of the
//! samples around it; the usage in a gap is unknown. After the last sample it is unknown too. A pod with a few samples does not
//! show what is usual: then two samples belong together if hss-top watched all the time between their lists.

use jiff::Timestamp;

use super::axis::TimeAxis;
use crate::fleet::history::Point;
use crate::fleet::watched::{WatchedSpan, gaps_ended_by};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// How many samples on each side determine the usual distance.
const AROUND: usize = 4;
/// The distance in seconds of thinned-out samples from each age on (see [`crate::state::usage`]).
const THINNED: [(i64, i64); 2] = [(7 * DAY, 6 * HOUR), (DAY, 900)];
/// The shortest gap in seconds: HSS's list is checked once a minute.
const SHORTEST: i64 = 60;
/// Fewer distances around do not tell what is usual.
const FEWEST: usize = 2;
/// How long in seconds a sample is valid at most where that is not known, though hss-top watched.
const LONGEST_ALONE: i64 = HOUR;

/// The highest usage in each column, oldest first; `None` if unknown. The age of samples is measured from
/// `now`; `watched` says when hss-top looked at HSS's list.
pub fn readings(
    points: &[Point],
    axis: &TimeAxis,
    now: Timestamp,
    watched: &[WatchedSpan],
) -> Vec<Option<u64>> {
    let mut columns = vec![None; axis.columns()];
    let apart: Vec<i64> = points
        .windows(2)
        .map(|pair| match pair {
            [one, other] => other.at.duration_since(one.at).as_secs(),
            _ => 0,
        })
        .collect();
    for (number, point) in points.iter().enumerate() {
        let next = points.get(number + 1);
        let is_gap = || is_gap(&apart, number, now.duration_since(point.at).as_secs());
        let holds = next.is_some_and(|next| {
            let around = around(&apart, number).len();
            let is_alone = around < FEWEST && apart.get(number) <= Some(&LONGEST_ALONE);
            (is_alone && is_watched(watched, point.at, next.at)) || !is_gap()
        });
        let first = match axis.column(point.at) {
            Some(column) => {
                raise(&mut columns, column, point.amount);
                column + 1
            }
            None if axis.is_before(point.at) => 0,
            None => continue,
        };
        let Some(next) = next.filter(|_| holds) else {
            continue;
        };
        let end = match axis.column(next.at) {
            Some(column) => column,
            None if axis.is_before(next.at) => 0,
            None => axis.columns(),
        };
        for column in first..end {
            raise(&mut columns, column, point.amount);
        }
    }
    columns
}

fn raise(columns: &mut [Option<u64>], column: usize, amount: u64) {
    if let Some(most) = columns.get_mut(column) {
        *most = (*most).max(Some(amount));
    }
}

/// Whether hss-top watched from the list of one date to that of another.
fn is_watched(spans: &[WatchedSpan], from: Timestamp, to: Timestamp) -> bool {
    let is_known = spans.first().is_some_and(|first| first.from <= to);
    is_known && gaps_ended_by(spans, from, to).is_empty()
}

/// The distances before and after that of this number.
fn around(apart: &[i64], number: usize) -> Vec<i64> {
    let before = apart.get(number.saturating_sub(AROUND)..number);
    let after = apart.get(number + 1..apart.len().min(number + 1 + AROUND));
    let [before, after] = [before, after].map(Option::unwrap_or_default);
    before.iter().chain(after).copied().collect()
}

/// Whether the time after the sample of this number is a gap: more than two and a half times as long as usual
/// there.
fn is_gap(apart: &[i64], number: usize, age: i64) -> bool {
    let Some(time) = apart.get(number) else {
        return true;
    };
    let mut around = around(apart, number);
    around.sort_unstable();
    let usual = around.get(around.len() / 2).copied().unwrap_or(0);
    let thinned = THINNED.iter().find(|(from, _)| age >= *from);
    let thinned = thinned.map_or(SHORTEST, |(_, step)| *step);
    time.saturating_mul(2) > usual.max(thinned).saturating_mul(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: i64 = 1_755_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Points at these ages in seconds, each with its number as its amount.
    fn points(ages: &[i64]) -> Vec<Point> {
        let mut ages = ages.to_vec();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        (1..)
            .zip(ages)
            .map(|(amount, age)| Point {
                at: at(NOW - age),
                amount,
            })
            .collect()
    }

    fn known(ages: &[i64], seconds: i64, columns: usize) -> String {
        let axis = TimeAxis::ending(at(NOW), seconds, columns);
        readings(&points(ages), &axis, at(NOW), &[])
            .iter()
            .map(|it| {
                it.map_or('.', |amount| {
                    char::from_digit(u32::try_from(amount % 10).unwrap(), 10).unwrap()
                })
            })
            .collect()
    }

    #[test]
    fn a_sample_holds_until_the_next_one_and_the_last_one_for_itself() {
        assert_eq!(known(&[3000, 2400, 1800, 1200, 600], 3600, 13), "..112233445..");
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let every_five = (0..=12).map(|at| at * 300);
        let with_hole: Vec<i64> = every_five.filter(|age| !(900..2400).contains(age)).collect();
        let drawn = known(&with_hole, 3600, 25);
        assert!(drawn.trim_matches('.').contains("...."), "{drawn}");
        assert!(drawn.ends_with('8'), "{drawn}");
        let whole: Vec<i64> = (0..=12).map(|at| at * 300).collect();
        assert!(!known(&whole, 3600, 25).trim_start_matches('.').contains('.'));
    }

    #[test]
    fn what_was_thinned_out_has_no_gaps_by_that() {
        let mut ages: Vec<i64> = (0..288).map(|at| at * 300).collect();
        ages.extend((1..6 * 96).map(|at| DAY + at * 900));
        ages.extend((0..332).map(|at| 7 * DAY + at * 6 * HOUR));
        for span in [6 * HOUR, DAY, 7 * DAY, 80 * DAY] {
            let drawn = known(&ages, span, 160);
            assert!(!drawn.contains('.'), "{span}: {drawn}");
        }
    }

    #[test]
    fn one_list_a_day_is_a_line_and_few_samples_are_none() {
        let daily: Vec<i64> = (0..8).map(|at| at * DAY + 3600).collect();
        assert!(!known(&daily, 7 * DAY, 80).trim_matches('.').contains('.'));
        assert_eq!(
            known(&[3500, 100], 3600, 13).matches('.').count(),
            11,
            "two are no line"
        );
        assert_eq!(known(&[], 3600, 13), ".............");
    }

    #[test]
    fn what_began_before_the_first_column_holds_in_it() {
        assert!(known(&[4800, 4200, 3000, 1800, 600], 3600, 13).starts_with("22"));
    }

    proptest! {
        /// Each sample is in its column, no column is higher than a sample, and columns after the last one
        /// are unknown.
        #[test]
        fn every_sample_is_in_its_column(
            ages in prop::collection::vec(0_i64..8_000_000, 0..60),
            seconds in 900_i64..8_000_000,
            columns in 16_usize..400,
        ) {
            let (axis, points) = (TimeAxis::ending(at(NOW), seconds, columns), points(&ages));
            let readings = readings(&points, &axis, at(NOW), &[]);
            prop_assert_eq!(readings.len(), columns);
            for point in &points {
                if let Some(column) = axis.column(point.at) {
                    prop_assert!(readings[column] >= Some(point.amount));
                }
            }
            let last = points.last().and_then(|point| axis.column(point.at));
            let behind = last.map_or(0, |column| column + 1);
            prop_assert!(readings.iter().skip(behind).all(Option::is_none));
            for amount in readings.iter().flatten() {
                prop_assert!(points.iter().any(|point| point.amount == *amount));
            }
        }

        /// A hole in regular samples is at least one empty column, wherever it is.
        #[test]
        fn a_hole_is_never_drawn_over(step in 30_i64..600, begin in 5_usize..20, length in 3_usize..20) {
            let ages: Vec<i64> = (0_usize..60)
                .filter(|number| !(begin..begin + length).contains(number))
                .map(|number| i64::try_from(number).unwrap() * step)
                .collect();
            let drawn = known(&ages, 60 * step, 120);
            let apart = i64::try_from(length + 1).unwrap() * step;
            prop_assert!(drawn.trim_matches('.').contains("..") || apart <= SHORTEST * 5 / 2, "{drawn}");
        }
    }
}
