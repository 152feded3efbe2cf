//! When hss-top watched HSS's list, and when it did not.
//!
//! Owns the gaps: changes in a gap were only seen afterwards. Must not: read a clock.

use std::time::Duration;

use jiff::Timestamp;

use super::changes::Change;

/// However often HSS is asked, a shorter time without an answer is no gap.
const SHORTEST_GAP: Duration = Duration::from_mins(1);
/// Times of day that are less than this apart read alike.
const SHORTEST_TOLD: Duration = Duration::from_mins(1);

/// A stretch of time in which hss-top looked, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchedSpan {
    /// Its first check.
    pub from: Timestamp,
    /// Its last check.
    pub to: Timestamp,
}

/// The gaps between `from` and `to` in sorted spans, oldest first. The time before the first span is unknown
/// and not a gap.
pub fn gaps(spans: &[WatchedSpan], from: Timestamp, to: Timestamp) -> Vec<WatchedSpan> {
    let between = spans.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(WatchedSpan {
            from: before.to,
            to: after.from,
        }),
        _ => None,
    });
    between
        .map(|gap| WatchedSpan {
            from: gap.from.max(from),
            to: gap.to.min(to),
        })
        .filter(|gap| gap.from < gap.to)
        .collect()
}

/// The gaps that ended with the snapshot of the date `at`, oldest first and whole: those that began since the snapshot before it,
/// of the date `before`, was taken. One that began earlier ended with that one: it was the first that was seen afterwards,
/// however long after its date.
pub fn gaps_ended_by(spans: &[WatchedSpan], before: Timestamp, at: Timestamp) -> Vec<WatchedSpan> {
    let last = spans.last().map_or(at, |span| span.to.max(at));
    let mut gaps = gaps(spans, Timestamp::MIN, last);
    gaps.retain(|gap| gap.from >= before && gap.from < at);
    gaps
}

/// The same with the time from the last look on, if that is longer than `within`: a look is missing there too.
pub fn gaps_until_now(
    spans: &[WatchedSpan],
    from: Timestamp,
    now: Timestamp,
    within: Duration,
) -> Vec<WatchedSpan> {
    let mut all = gaps(spans, from, now);
    let open = spans.last().map(|last| WatchedSpan {
        from: last.to.max(from),
        to: now,
    });
    all.extend(open.filter(|gap| gap.length() > within));
    all
}

impl WatchedSpan {
    /// How long it is; zero where its ends are in the wrong order.
    pub fn length(&self) -> Duration {
        Duration::try_from(self.to.duration_since(self.from)).unwrap_or_default()
    }
}

/// The shortest time without an answer of HSS that is a gap, while HSS is asked at this interval: one answer may be late, and
/// a call may be repeated.
pub fn least_gap(interval: Duration) -> Duration {
    SHORTEST_GAP.max(interval.saturating_mul(3))
}

/// The gap that the time of a change lies in, if that is most of the time in which it can have happened: between the list
/// that does not have it and the one that has it first.
pub fn gap_of(change: &Change, spans: &[WatchedSpan]) -> Option<WatchedSpan> {
    let (before, after) = (change.before?, change.after?);
    let possible = WatchedSpan {
        from: before,
        to: after,
    };
    let seen = change.noticed.map_or(after, |noticed| noticed.max(after));
    let unseen: Duration = gaps(spans, before, seen).iter().map(WatchedSpan::length).sum();
    (possible.length() > SHORTEST_TOLD && unseen * 2 >= possible.length()).then_some(possible)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn span(from: i64, to: i64) -> WatchedSpan {
        WatchedSpan {
            from: at(from),
            to: at(to),
        }
    }

    #[test]
    fn a_gap_is_what_lies_between_two_spans_within_the_time_asked_for() {
        let spans = [span(0, 10), span(20, 30), span(50, 60)];
        let within = |from, to| {
            let asked = span(from, to);
            gaps(&spans, asked.from, asked.to)
        };
        assert_eq!(within(0, 100), [span(10, 20), span(30, 50)]);
        assert_eq!(within(15, 40), [span(15, 20), span(30, 40)]);
        assert_eq!(within(20, 30), []);
        assert_eq!(within(-50, 5), [], "nothing is known of before the first span");
        assert_eq!(gaps(&[], span(0, 1).from, span(0, 1).to), []);
    }

    #[test]
    fn a_gap_belongs_to_the_snapshot_that_was_seen_at_its_end() {
        // A list is dated 100 and was seen at 102; the next is dated 200 and was seen at 203, after a gap; 300 follows.
        let spans = [span(0, 102), span(203, 400)];
        let ended_by = |before, after| gaps_ended_by(&spans, at(before), at(after));
        assert_eq!(ended_by(100, 200), [span(102, 203)], "whole");
        assert_eq!(ended_by(200, 300), [], "the next one is seen without a gap");
        assert_eq!(ended_by(0, 100), []);
        assert_eq!(gaps_ended_by(&[], at(0), at(1)), []);
    }

    #[test]
    fn a_look_that_is_missing_now_is_a_gap_as_well() {
        let spans = [span(0, 100), span(200, 300)];
        let until = |now| gaps_until_now(&spans, at(0), at(now), Duration::from_mins(1));
        assert_eq!(until(350), [span(100, 200)]);
        assert_eq!(until(361), [span(100, 200), span(300, 361)]);
        assert_eq!(least_gap(Duration::from_secs(5)), Duration::from_mins(1));
        assert_eq!(least_gap(Duration::from_mins(5)), Duration::from_mins(15));
    }

    #[test]
    fn a_change_is_between_two_lists_where_that_time_was_not_watched() {
        let change = |before, after| Change {
            before: Some(at(before)),
            after: Some(at(after)),
            noticed: Some(at(after + 5)),
            ..Change::of(&node("a").build(), ChangeKind::Vanished)
        };
        let spans = [span(0, 1000), span(1300, 90_000)];
        assert_eq!(gap_of(&change(980, 1290), &spans), Some(span(980, 1290)));
        assert_eq!(gap_of(&change(500, 525), &spans), None, "it was watched");
        assert_eq!(
            gap_of(&change(900, 86_400), &spans),
            None,
            "the gap is a small part of the day between two lists"
        );
    }
}
