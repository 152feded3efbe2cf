//! The rows of the pods that the operator marked, and of those whose risk rose lately.
//!
//! Owns the places that a scroll bar shows beside the risks. They are computed when the rows, the marks or the
//! unread changes change, and not for each frame. Must not: look at more rows than [`MOST_ROWS`] while the screen
//! waits; in a longer list only the risks are shown.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::model::Model;
use crate::fleet::news::ChangeMark;

/// The most rows that are searched: one or two milliseconds.
const MOST_ROWS: usize = 200_000;

/// Places among the rows, in order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct NotedPlaces {
    marked: Arc<[usize]>,
    new_risks: Arc<[usize]>,
    risen: Arc<[usize]>,
    /// Which unread changes the places are of.
    stamp: (u64, i64),
}

impl NotedPlaces {
    /// The first of these places that has a marked pod.
    pub fn first_marked(&self, places: &Range<usize>) -> Option<usize> {
        first(&self.marked, places)
    }

    /// The first of these places that has a pod in which a risk was found lately, else one whose score rose, with
    /// that mark.
    pub fn first_risen(&self, places: &Range<usize>) -> Option<(usize, ChangeMark)> {
        let with = |noted: &[usize], mark| Some((first(noted, places)?, mark));
        with(&self.new_risks, ChangeMark::NewRisk).or_else(|| with(&self.risen, ChangeMark::Rose))
    }
}

fn first(noted: &[usize], places: &Range<usize>) -> Option<usize> {
    let at = noted.partition_point(|place| *place < places.start);
    noted.get(at).copied().filter(|place| places.contains(place))
}

impl Model {
    /// Finds the places again, because rows or marks changed.
    pub(super) fn note_places(&mut self) {
        let view = &self.view;
        let is_known = view.len() <= MOST_ROWS && view.knows(0..view.len());
        let marked = if is_known {
            self.pods.marks.rows(&view.fleet)
        } else {
            vec![]
        };
        let changed = if is_known && self.time.is_live() {
            self.unread.risen(&view.fleet)
        } else {
            vec![]
        };
        let with = |mark| {
            let rows = changed.iter().filter(move |(_, it)| *it == mark);
            rows.map(|(row, _)| *row).collect()
        };
        let places = |rows: HashSet<u32>| -> Arc<[usize]> {
            if rows.is_empty() {
                return Arc::default();
            }
            let is_noted = |place: &usize| view.row(*place).is_some_and(|row| rows.contains(&row));
            (0..view.len()).filter(is_noted).collect()
        };
        self.pods.noted = NotedPlaces {
            marked: places(marked.into_iter().collect()),
            new_risks: places(with(ChangeMark::NewRisk)),
            risen: places(with(ChangeMark::Rose)),
            stamp: self.unread.stamp(),
        };
    }

    /// Finds the places again if changes were read, or are not new any more.
    pub(super) fn renew_noted_places(&mut self) {
        if self.pods.noted.stamp != self.unread.stamp() {
            self.note_places();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_the_part_that_has_it() {
        let noted = NotedPlaces {
            marked: Arc::from([3, 17]),
            ..NotedPlaces::default()
        };
        let parts = [0..3, 3..4, 4..17, 10..20, 18..99];
        assert_eq!(
            parts.map(|part| noted.first_marked(&part)),
            [None, Some(3), None, Some(17), None]
        );
        assert_eq!(noted.first_marked(&(0..99)), Some(3));
        assert_eq!(noted.first_risen(&(0..99)), None);
    }

    #[test]
    fn a_new_risk_comes_before_a_score_that_rose() {
        let noted = NotedPlaces {
            new_risks: Arc::from([9]),
            risen: Arc::from([4]),
            ..NotedPlaces::default()
        };
        assert_eq!(noted.first_risen(&(0..20)), Some((9, ChangeMark::NewRisk)));
        assert_eq!(noted.first_risen(&(0..9)), Some((4, ChangeMark::Rose)));
    }
}
