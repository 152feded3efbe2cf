//! Where the risky rows of a view are, part by part.
//!
//! Owns one mark for each part of the rows in their order, so that a scroll bar and a jump to the next risky
//! row read some hundred marks, or the rows of one part, and never all rows. It is computed once, with the
//! complete order. Must not: know which pods are gone; the caller leaves them out.

use std::ops::Range;
use std::thread;

use super::order::{Sorted, WORTH_TWO_THREADS};
use super::risk::{BAD_SCORE, HIGH_SCORE};
use super::snapshot::Fleet;
use super::store::chunk::Col;
use super::store::mask::Mask;
use super::store::place;

/// The most parts. A view with fewer rows has one part per row.
const PARTS: usize = 1024;

/// The worst pod of some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskMark {
    /// None has a high score.
    #[default]
    None,
    /// One has a score from [`HIGH_SCORE`] on.
    High,
    /// One has a score from [`BAD_SCORE`] on.
    Bad,
}

/// The marks of all rows, in the order of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RiskMarks {
    part: usize,
    marks: Vec<RiskMark>,
}

impl RiskMarks {
    /// The marks of these rows of `fleet`; the rows from `alive` on are gone and not at risk any more.
    pub fn of(fleet: &Fleet, sorted: &Sorted, alive: usize) -> Self {
        let part = sorted.rows.len().div_ceil(PARTS).max(1);
        // One bit per row can be read much faster, in any order, than its score.
        let from = |score: u32| -> Vec<Mask> {
            let chunks = fleet.chunks().iter();
            let scores = u64::from(score)..=u64::MAX;
            chunks
                .map(|chunk| Mask::within(chunk.column(Col::Risk), &scores))
                .collect()
        };
        let (high, bad) = (from(HIGH_SCORE), from(BAD_SCORE));
        let has = |masks: &[Mask], row: u32| {
            let (chunk, at) = place(row);
            masks.get(chunk).is_some_and(|mask| mask.has(at))
        };
        let mark = |row: &u32| {
            if !has(&high, *row) {
                RiskMark::None
            } else if has(&bad, *row) {
                RiskMark::Bad
            } else {
                RiskMark::High
            }
        };
        // Nothing is worse than a bad one, so the rest of its part need not be read.
        let worst = |rows: &[u32]| {
            rows.iter()
                .map(mark)
                .try_fold(RiskMark::None, |worst, mark| match mark {
                    RiskMark::Bad => Err(mark),
                    _ => Ok(worst.max(mark)),
                })
                .unwrap_or_else(|bad| bad)
        };
        let of = |rows: &[u32]| rows.chunks(part).map(worst).collect::<Vec<_>>();
        let alive = sorted.rows.get(..alive).unwrap_or(&sorted.rows);
        let half = alive.len() / part / 2 * part;
        let (first, second) = alive.split_at(half);
        let marks = if alive.len() < WORTH_TWO_THREADS {
            of(alive)
        } else {
            thread::scope(|scope| {
                let other = scope.spawn(|| of(second));
                let mut marks = of(first);
                marks.extend(other.join().unwrap_or_else(|_| of(second)));
                marks
            })
        };
        Self { part, marks }
    }

    /// The same for rows that are sorted by their risk: the worst come first, so two borders tell the marks of all parts, and none of
    /// the other rows has to be read.
    pub fn of_worst_first(fleet: &Fleet, sorted: &Sorted, alive: usize) -> Self {
        let part = sorted.rows.len().div_ceil(PARTS).max(1);
        let rows = sorted.rows.get(..alive).unwrap_or(&sorted.rows);
        let from = |score: u32| {
            let is_within = |row: &u32| fleet.score(*row).is_some_and(|found| found >= u64::from(score));
            rows.partition_point(is_within).div_ceil(part)
        };
        let (high, bad) = (from(HIGH_SCORE), from(BAD_SCORE));
        let mark = |at| match at {
            _ if at < bad => RiskMark::Bad,
            _ if at < high => RiskMark::High,
            _ => RiskMark::None,
        };
        let marks = (0..rows.len().div_ceil(part)).map(mark).collect();
        Self { part, marks }
    }

    /// The worst of these rows, or of other rows in the same parts.
    pub fn worst(&self, rows: Range<usize>) -> RiskMark {
        if rows.is_empty() {
            return RiskMark::None;
        }
        let first = rows.start / self.part.max(1);
        let behind = rows.end.div_ceil(self.part.max(1)).min(self.marks.len());
        let marks = self.marks.get(first..behind).unwrap_or_default();
        marks.iter().copied().max().unwrap_or_default()
    }

    /// The parts with a risky row, as ranges of rows, from the first to the last.
    pub fn risky(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + '_ {
        let marks = self.marks.iter().enumerate();
        let risky = marks.filter(|(_, mark)| **mark > RiskMark::None);
        risky.map(|(at, _)| at * self.part..(at + 1) * self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fields::PodField;
    use crate::fleet::filter::in_scope;
    use crate::fleet::fixture::{node, serverless};
    use crate::fleet::order::Orders;
    use crate::fleet::scope::Scope;
    use crate::fleet::sort::Sort;
    use crate::fleet::view::Unsorted;
    use crate::fleet::{View, ViewRequest};
    use jiff::Timestamp;
    use proptest::prelude::*;

    /// A fleet with a pod for each number: calm, failed, or with a risk.
    fn fleet(kinds: &[u8]) -> Fleet {
        let pod = |(at, kind): (usize, &u8)| match kind {
            0 => node(&format!("pod-{:04}", (at * 7919) % 5003)).build(),
            1 => node(&format!("pod-{at:04}")).status("Failed").build(),
            _ => serverless(&format!("pod-{at:04}"))
                .security("opened", "risk")
                .build(),
        };
        kinds.iter().enumerate().map(pod).collect()
    }

    fn request(sort: Sort) -> ViewRequest {
        ViewRequest {
            sort,
            ..ViewRequest::default()
        }
    }

    fn is_high(view: &View, place: usize) -> bool {
        let score = view.row(place).and_then(|row| view.fleet.score(row));
        score.is_some_and(|score| score >= 30)
    }

    #[test]
    fn a_view_of_few_rows_has_a_mark_for_each_in_both_directions() {
        for sort in [
            PodField::Name.first_direction(),
            PodField::Name.first_direction().reversed(),
        ] {
            let view = View::of(&fleet(&[0, 1, 2, 0, 1]), request(sort), Timestamp::UNIX_EPOCH);
            for place in 0..5 {
                let mark = view.worst(place..place + 1);
                assert_eq!(mark > RiskMark::None, is_high(&view, place), "{sort:?} {place}");
            }
            assert_eq!(
                (view.worst(0..5), view.worst(7..9)),
                (RiskMark::Bad, RiskMark::None)
            );
        }
    }

    #[test]
    fn two_threads_find_the_marks_that_one_finds() {
        let fleet = fleet(&[0, 0, 0, 1, 2]);
        let mark = |row: u32| match row {
            3 => RiskMark::High,
            4 => RiskMark::Bad,
            _ => RiskMark::None,
        };
        // A risk now and then, so that there are parts of each kind.
        let row = |number: u32| match number % 997 {
            3 if number % 5 > 1 => 3,
            4 if number.is_multiple_of(7) => 4,
            _ => number % 3,
        };
        for len in [0, 1, WORTH_TWO_THREADS - 1, WORTH_TWO_THREADS + 1234] {
            let rows: Vec<u32> = (0..u32::try_from(len).unwrap()).map(row).collect();
            let alive = len - len / 10;
            let part = len.div_ceil(PARTS).max(1);
            let worst = |rows: &[u32]| rows.iter().map(|row| mark(*row)).max().unwrap();
            let expected: Vec<RiskMark> = rows[..alive].chunks(part).map(worst).collect();
            let valued = rows.len();
            let found = RiskMarks::of(&fleet, &Sorted { rows, valued }, alive);
            assert_eq!(found.marks, expected, "{len}");
        }
    }

    proptest! {
        #[test]
        fn in_the_order_of_risk_two_borders_give_the_marks_that_all_rows_give(
            kinds in prop::collection::vec(0_u8..3, 0..40),
            repeated in prop::sample::select(vec![1_usize, 61]),
            gone in 0_usize..9,
        ) {
            let fleet = fleet(&kinds.repeat(repeated));
            let masks = in_scope(&fleet, &Scope::default());
            let sorted = Orders::default().sorted(&fleet, &masks, PodField::Risk);
            let alive = sorted.rows.len().saturating_sub(gone);
            prop_assert_eq!(
                RiskMarks::of_worst_first(&fleet, &sorted, alive),
                RiskMarks::of(&fleet, &sorted, alive)
            );
        }
    }

    #[test]
    fn while_the_order_is_not_known_the_known_rows_are_looked_at_and_earlier_marks_stay() {
        let sort = PodField::Name.first_direction();
        let fleet = fleet(&[1, 0, 0, 1, 0, 1]);
        let unsorted = Unsorted::of(&fleet, request(sort), Timestamp::UNIX_EPOCH);
        let (window, whole) = (
            unsorted.window(1..5),
            View::of(&fleet, request(sort), Timestamp::UNIX_EPOCH),
        );
        assert_eq!(window.worst(0..6), RiskMark::None);
        let known: Vec<usize> = (1..5).filter(|place| is_high(&window, *place)).collect();
        assert_eq!(window.next_risk(0, true), known.first().copied());
        assert_eq!(window.next_risk(6, false), known.last().copied());
        let window = window.with_marks_of(&whole);
        assert_eq!(window.worst(0..6), RiskMark::High);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

        #[test]
        fn the_next_risk_is_the_one_that_a_walk_over_all_rows_finds(
            kinds in prop::collection::vec(prop_oneof![30 => Just(0_u8), 1 => Just(1), 1 => Just(2)], 1..3000),
            field in prop::sample::select(vec![PodField::Risk, PodField::Name, PodField::Status, PodField::CpuPercent]),
            is_reversed in any::<bool>(),
            from in any::<prop::sample::Index>(),
        ) {
            let sort = field.first_direction();
            let sort = if is_reversed { sort.reversed() } else { sort };
            let view = View::of(&fleet(&kinds), request(sort), Timestamp::UNIX_EPOCH);
            let from = from.index(view.len());
            let behind = (from + 1..view.len()).find(|place| is_high(&view, *place));
            let before = (0..from).rev().find(|place| is_high(&view, *place));
            prop_assert_eq!((view.next_risk(from, true), view.next_risk(from, false)), (behind, before));
            for place in (0..view.len()).filter(|place| is_high(&view, *place)) {
                prop_assert!(view.worst(place..place + 1) > RiskMark::None, "{}", place);
            }
        }
    }
}
