//! Where the pods that the operator marked, and those that lately came to be at risk, are among the rows.
//!
//! Owns the places that a scroll bar shows beside the risks. They are computed when the rows, the marks or the unread changes
//! change, and not for each frame. Must not: look at more rows than [`MOST_ROWS`] while the screen waits; in a longer list only
//! the risks are shown.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::model::Model;

/// The most rows that are searched: one or two milliseconds.
const MOST_ROWS: usize = 200_000;

/// Places among the rows, in order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct NotedPlaces {
    marked: Arc<[usize]>,
    new: Arc<[usize]>,
    /// Which unread changes the places are of.
    stamp: (u64, i64),
}

impl NotedPlaces {
    /// Whether a marked pod is at one of these places.
    pub fn has_marked(&self, places: &Range<usize>) -> bool {
        has(&self.marked, places)
    }

    /// Whether a pod that lately came to be at risk is at one of these places.
    pub fn has_new(&self, places: &Range<usize>) -> bool {
        has(&self.new, places)
    }
}

fn has(noted: &[usize], places: &Range<usize>) -> bool {
    let first = noted.partition_point(|place| *place < places.start);
    noted.get(first).is_some_and(|place| places.contains(place))
}

impl Model {
    /// Finds the places again, because rows or marks changed.
    pub(super) fn note_places(&mut self) {
        let view = &self.view;
        let is_known = view.len() <= MOST_ROWS && view.knows(0..view.len());
        let marked = if is_known {
            self.marks.rows(&view.fleet)
        } else {
            vec![]
        };
        let new = if is_known && self.time.is_live() {
            self.unread.rows_of_new_risks(&view.fleet)
        } else {
            vec![]
        };
        let places = |rows: Vec<u32>| -> Arc<[usize]> {
            if rows.is_empty() {
                return Arc::default();
            }
            let rows: HashSet<u32> = rows.into_iter().collect();
            let is_noted = |place: &usize| view.row(*place).is_some_and(|row| rows.contains(&row));
            (0..view.len()).filter(is_noted).collect()
        };
        self.noted = NotedPlaces {
            marked: places(marked),
            new: places(new),
            stamp: self.unread.stamp(),
        };
    }

    /// Finds the places again if changes were read, or are not new any more.
    pub(super) fn renew_noted_places(&mut self) {
        if self.noted.stamp != self.unread.stamp() {
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
            parts.map(|part| noted.has_marked(&part)),
            [false, true, false, true, false]
        );
        assert!(!noted.has_new(&(0..99)));
    }
}
