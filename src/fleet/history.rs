//! What one pod used, snapshot by snapshot, and the trend of it.
//!
//! Pure. A trend runs from one snapshot to another, never up to a "now" of which nothing is known.

use jiff::Timestamp;

use super::pod::PodKey;

/// How much was used at a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The snapshot's date.
    pub at: Timestamp,
    /// Nanocores or bytes.
    pub amount: u64,
}

/// What one pod used, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The pod.
    pub pod: PodKey,
    /// Nanocores.
    pub cpu: Vec<Point>,
    /// Bytes.
    pub memory: Vec<Point>,
}

/// The use over a while, in slots of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// From the first snapshot shown to the last.
    pub seconds: i64,
    /// The most that was used in that time.
    pub peak: u64,
    /// How many snapshots there are of it.
    pub samples: usize,
    /// The most that was used in each slot, oldest first; `None` where there is no snapshot.
    pub slots: Vec<Option<u64>>,
}

const HOUR: i64 = 3600;
/// How far back a trend may go: no further than it takes to show [`ENOUGH`] snapshots.
const REACHES: [i64; 5] = [6 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 90 * 24 * HOUR];
/// So many snapshots make a line that says something.
const ENOUGH: usize = 8;

impl Trend {
    /// The trend of points, oldest first, in at most so many slots; `None` where there are no two of them.
    pub fn of(points: &[Point], slots: usize) -> Option<Self> {
        let last = points.last()?.at;
        let within = |reach: i64| {
            let first = points.partition_point(|point| last.duration_since(point.at).as_secs() > reach);
            points.get(first..).unwrap_or_default()
        };
        let shown = REACHES
            .into_iter()
            .map(within)
            .find(|shown| shown.len() >= ENOUGH)
            .unwrap_or(points);
        let first = shown.first()?.at;
        let seconds = last.duration_since(first).as_secs();
        let steps = i64::try_from(slots).ok()? - 1;
        if seconds <= 0 || steps <= 0 {
            return None;
        }
        let mut filled = vec![None; slots];
        for point in shown {
            let slot = point.at.duration_since(first).as_secs() * steps / seconds;
            if let Some(most) = usize::try_from(slot).ok().and_then(|at| filled.get_mut(at)) {
                *most = (*most).max(Some(point.amount));
            }
        }
        Some(Self {
            seconds,
            peak: shown.iter().map(|point| point.amount).max()?,
            samples: shown.len(),
            slots: filled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(seconds: impl IntoIterator<Item = i64>) -> Vec<Point> {
        let at = |second| Timestamp::from_second(1_755_000_000 + second).unwrap();
        let points = seconds.into_iter().map(|second| Point {
            at: at(second),
            amount: second.unsigned_abs() + 1,
        });
        points.collect()
    }

    #[test]
    fn a_trend_needs_two_snapshots() {
        assert_eq!(Trend::of(&[], 24), None);
        assert_eq!(Trend::of(&points([5]), 24), None);
        assert_eq!(Trend::of(&points([5, 5]), 24), None, "at two times");
        let trend = Trend::of(&points([0, 2]), 4).unwrap();
        assert_eq!((trend.seconds, trend.peak, trend.samples), (2, 3, 2));
        assert_eq!(trend.slots, [Some(1), None, None, Some(3)]);
    }

    #[test]
    fn a_slot_shows_the_most_and_a_gap_stays_one() {
        let trend = Trend::of(&points([0, 1, 2, 70, 100]), 5).unwrap();
        assert_eq!(trend.slots, [Some(3), None, Some(71), None, Some(101)]);
    }

    #[test]
    fn it_goes_back_six_hours_or_as_far_as_it_takes() {
        let five_minutes = Trend::of(&points((0..2000).map(|at| at * 300)), 24).unwrap();
        assert_eq!((five_minutes.seconds, five_minutes.samples), (6 * HOUR, 73));
        let hourly = Trend::of(&points((0..200).map(|at| at * HOUR)), 24).unwrap();
        assert_eq!(hourly.seconds, 24 * HOUR);
        let daily = Trend::of(&points((0..200).map(|at| at * 24 * HOUR)), 24).unwrap();
        assert_eq!(daily.seconds, 7 * 24 * HOUR);
        let three = Trend::of(&points([0, 24 * HOUR, 100 * 24 * HOUR]), 24).unwrap();
        assert_eq!(three.seconds, 100 * 24 * HOUR, "all, where there are few");
    }

    #[test]
    fn points_that_go_backwards_do_no_harm() {
        assert_eq!(Trend::of(&points([9, 0]), 24), None);
    }
}
