//! The pods that the operator marked.
//!
//! Owns the marked pods and their limit. A mark belongs to its pod, whatever its row: it survives refreshing,
//! sorting and filtering, and disappears when the pod is forgotten. Must not: know what marks are used for.

use crate::fleet::{Fleet, Pod, PodKey};

/// The most marked pods: more than anybody compares, but few enough to search for each row.
pub const MOST_MARKS: usize = 100;

/// The result of a toggle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggled {
    /// The pod is marked now.
    Marked,
    /// The pod is not marked any more.
    Unmarked,
    /// Too many pods are marked.
    Full,
}

/// The marked pods, in the order in which they were marked. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Each with its last known row.
    pods: Vec<(PodKey, u32)>,
}

impl Marks {
    /// Marks the pod in this row, or removes its mark.
    pub fn toggle(&mut self, key: &PodKey, row: u32) -> Toggled {
        if self.has(key) {
            self.pods.retain(|(marked, _)| marked != key);
            return Toggled::Unmarked;
        }
        if self.pods.len() >= MOST_MARKS {
            return Toggled::Full;
        }
        self.pods.push((key.clone(), row));
        Toggled::Marked
    }

    /// Whether the pod is marked.
    pub fn has(&self, key: &PodKey) -> bool {
        self.pods.iter().any(|(marked, _)| marked == key)
    }

    /// How many are.
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether no pod is marked.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// Removes all marks; returns how many there were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.pods).len()
    }

    /// Drops pods that `fleet` has forgotten.
    pub fn keep_known(&mut self, fleet: &Fleet) {
        self.pods.retain_mut(|(key, row)| {
            let found = fleet.row_of(key, Some(*row));
            *row = found.unwrap_or(*row);
            found.is_some()
        });
    }

    /// The rows of the marked pods in `fleet`.
    pub fn rows(&self, fleet: &Fleet) -> Vec<u32> {
        let pods = self.pods.iter();
        pods.filter_map(|(key, row)| fleet.row_of(key, Some(*row)))
            .collect()
    }

    /// The marked pods with their rows in `fleet`.
    pub fn pods(&self, fleet: &Fleet) -> Vec<(Pod, u32)> {
        let known = self.pods.iter().filter_map(|(key, row)| {
            let row = fleet.row_of(key, Some(*row))?;
            Some((fleet.pod(row)?, row))
        });
        known.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;

    fn fleet(names: &[&str]) -> Fleet {
        names.iter().map(|name| node(name).build()).collect()
    }

    fn marked(marks: &Marks, fleet: &Fleet) -> Vec<String> {
        let pods = marks.pods(fleet).into_iter();
        pods.map(|(pod, _)| pod.name().value().unwrap().raw().to_owned())
            .collect()
    }

    #[test]
    fn a_mark_stays_with_its_pod_and_goes_with_it() {
        let before = fleet(&["a", "b", "c"]);
        let mut marks = Marks::default();
        for row in [2, 0] {
            assert_eq!(marks.toggle(&before.pod(row).unwrap().key, row), Toggled::Marked);
        }
        assert_eq!(marked(&marks, &before), ["c", "a"], "in the order of marking");
        // The rows have changed.
        let after = fleet(&["x", "c", "b"]);
        marks.keep_known(&after);
        assert_eq!((marked(&marks, &after), marks.len()), (vec!["c".to_owned()], 1));
        let key = after.pod(1).unwrap().key;
        assert_eq!(marks.toggle(&key, 1), Toggled::Unmarked);
        assert!(marks.is_empty());
    }

    #[test]
    fn marks_are_bounded_and_all_go_at_once() {
        let names: Vec<String> = (0..=MOST_MARKS).map(|at| format!("pod-{at}")).collect();
        let fleet = fleet(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut marks = Marks::default();
        let mut toggled = Vec::new();
        for row in fleet.rows() {
            toggled.push(marks.toggle(&fleet.pod(row).unwrap().key, row));
        }
        assert_eq!(toggled.pop(), Some(Toggled::Full));
        assert!(toggled.iter().all(|it| *it == Toggled::Marked));
        assert_eq!(
            (marks.len(), marks.clear(), marks.len()),
            (MOST_MARKS, MOST_MARKS, 0)
        );
    }
}
