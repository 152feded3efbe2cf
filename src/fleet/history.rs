//! The usage of one pod by snapshot, and its trend.
//!
//! Pure. A trend runs from one snapshot to another, never up to the present, whose usage is unknown.

use jiff::{SignedDuration, Timestamp};

use super::pod::PodKey;

/// The usage at a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The snapshot's date.
    pub at: Timestamp,
    /// Nanocores or bytes.
    pub amount: u64,
}

/// The usage of one pod, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The pod.
    pub pod: PodKey,
    /// Nanocores.
    pub cpu: Vec<Point>,
    /// Bytes.
    pub memory: Vec<Point>,
}

/// The requested pod, and how far back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// The pod.
    pub pod: PodKey,
    /// How far back.
    pub span: ChartSpan,
}

/// The same as a request to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryOrder {
    /// The pod.
    pub pod: PodKey,
    /// The first moment of interest.
    pub since: Timestamp,
}

impl HistoryRequest {
    /// The request at `now`. It begins a little earlier than the chart, whose columns are whole seconds.
    pub fn order(&self, now: Timestamp) -> HistoryOrder {
        let back = SignedDuration::from_secs(self.span.seconds() * 9 / 8);
        HistoryOrder {
            pod: self.pod.clone(),
            since: now.checked_sub(back).unwrap_or(Timestamp::MIN),
        }
    }
}

/// The time range of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChartSpan {
    /// A quarter of an hour.
    QuarterHour,
    /// Six hours.
    SixHours,
    /// A day.
    Day,
    /// A week.
    Week,
    /// As long as usage is saved.
    NinetyDays,
}

impl ChartSpan {
    /// Every one, the shortest first.
    pub const ALL: [Self; 5] = [
        Self::QuarterHour,
        Self::SixHours,
        Self::Day,
        Self::Week,
        Self::NinetyDays,
    ];

    /// Its length in seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::QuarterHour => 15 * 60,
            Self::SixHours => 6 * HOUR,
            Self::Day => 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::NinetyDays => 90 * 24 * HOUR,
        }
    }

    /// Its name on the screen.
    pub const fn words(self) -> &'static str {
        match self {
            Self::QuarterHour => "15 min",
            Self::SixHours => "6 h",
            Self::Day => "1 d",
            Self::Week => "7 d",
            Self::NinetyDays => "90 d",
        }
    }

    /// The next longer one, or the longest.
    #[must_use]
    pub fn longer(self) -> Self {
        Self::ALL.into_iter().find(|it| *it > self).unwrap_or(self)
    }

    /// The next shorter one, or the shortest.
    #[must_use]
    pub fn shorter(self) -> Self {
        Self::ALL.into_iter().rev().find(|it| *it < self).unwrap_or(self)
    }

    /// The shortest one with enough snapshots for a line at `now`; if there are few, the shortest one with
    /// the most snapshots.
    pub fn fitting(points: &[Point], now: Timestamp) -> Self {
        let count = |span: Self| {
            let is_older = |point: &Point| now.duration_since(point.at).as_secs() > span.seconds();
            points.len() - points.partition_point(is_older)
        };
        let most = count(Self::NinetyDays).min(ENOUGH);
        if most == 0 {
            return Self::Day;
        }
        let fits = Self::ALL.into_iter().find(|span| count(*span) >= most);
        fits.unwrap_or(Self::NinetyDays)
    }
}

/// The usage over a period, in slots of equal length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    /// From the first snapshot shown to the last.
    pub seconds: i64,
    /// The highest usage in the period.
    pub peak: u64,
    /// The number of snapshots in the period.
    pub samples: usize,
    /// The highest usage in each slot, oldest first; `None` for a slot without a snapshot.
    pub slots: Vec<Option<u64>>,
}

const HOUR: i64 = 3600;
/// The periods of a trend in seconds: the shortest one with [`ENOUGH`] snapshots is used, or all snapshots.
const REACHES: [i64; 5] = [6 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 90 * 24 * HOUR];
/// The number of snapshots that make a useful line.
const ENOUGH: usize = 8;

impl Trend {
    /// The trend of `points`, oldest first, in at most `slots` slots; `None` if they have fewer than two
    /// different times.
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
        assert_eq!(
            Trend::of(&points([5, 5]), 24),
            None,
            "two points of the same time"
        );
        let trend = Trend::of(&points([0, 2]), 4).unwrap();
        assert_eq!((trend.seconds, trend.peak, trend.samples), (2, 3, 2));
        assert_eq!(trend.slots, [Some(1), None, None, Some(3)]);
    }

    #[test]
    fn a_slot_shows_the_maximum_and_a_gap_stays_empty() {
        let trend = Trend::of(&points([0, 1, 2, 70, 100]), 5).unwrap();
        assert_eq!(trend.slots, [Some(3), None, Some(71), None, Some(101)]);
    }

    #[test]
    fn a_trend_covers_six_hours_or_as_long_as_it_needs() {
        let five_minutes = Trend::of(&points((0..2000).map(|at| at * 300)), 24).unwrap();
        assert_eq!((five_minutes.seconds, five_minutes.samples), (6 * HOUR, 73));
        let hourly = Trend::of(&points((0..200).map(|at| at * HOUR)), 24).unwrap();
        assert_eq!(hourly.seconds, 24 * HOUR);
        let daily = Trend::of(&points((0..200).map(|at| at * 24 * HOUR)), 24).unwrap();
        assert_eq!(daily.seconds, 7 * 24 * HOUR);
        let three = Trend::of(&points([0, 24 * HOUR, 100 * 24 * HOUR]), 24).unwrap();
        assert_eq!(three.seconds, 100 * 24 * HOUR, "all points if there are few");
    }

    #[test]
    fn a_chart_begins_with_the_shortest_time_that_has_a_line() {
        let now = Timestamp::from_second(1_755_000_000 + 100 * 24 * HOUR).unwrap();
        let ago = |seconds: &[i64]| -> Vec<Point> {
            let at = |ago: &i64| now.checked_sub(SignedDuration::from_secs(*ago)).unwrap();
            seconds
                .iter()
                .map(|ago| Point {
                    at: at(ago),
                    amount: 1,
                })
                .collect()
        };
        let every = |step: i64| (0..20).rev().map(|at| at * step).collect::<Vec<i64>>();
        for (ages, span) in [
            (vec![], ChartSpan::Day),
            (vec![300], ChartSpan::QuarterHour),
            (vec![7200, 300], ChartSpan::SixHours),
            (every(60), ChartSpan::QuarterHour),
            (every(900), ChartSpan::SixHours),
            (every(HOUR), ChartSpan::Day),
            (every(24 * HOUR), ChartSpan::Week),
            (vec![80 * 24 * HOUR, 300], ChartSpan::NinetyDays),
        ] {
            assert_eq!(ChartSpan::fitting(&ago(&ages), now), span, "{ages:?}");
        }
    }

    #[test]
    fn spans_go_up_and_down_one_by_one_and_end() {
        for pair in ChartSpan::ALL.windows(2) {
            assert_eq!((pair[0].longer(), pair[1].shorter()), (pair[1], pair[0]));
            assert!(pair[0].seconds() < pair[1].seconds());
        }
        assert_eq!(ChartSpan::NinetyDays.longer(), ChartSpan::NinetyDays);
        assert_eq!(ChartSpan::QuarterHour.shorter(), ChartSpan::QuarterHour);
    }

    #[test]
    fn points_in_the_wrong_order_do_not_panic() {
        assert_eq!(Trend::of(&points([9, 0]), 24), None);
    }
}
