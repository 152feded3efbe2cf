//! When hss-top watched HSS's list, and when it did not.
//!
//! Owns the gaps: changes in a gap were only seen afterwards. Must not: read a clock.

use jiff::Timestamp;

/// A period in which hss-top watched, both ends included.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> WatchedSpan {
        let at = |second| Timestamp::from_second(second).unwrap();
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
}
