//! The present pods of a fleet in one order, and what two line-ups have in common.
//!
//! Owns the order: by cluster, namespace and name, and by row where these are the same. It depends on nothing else, so that
//! whoever reads a snapshot finds each pod at the place that whoever wrote it meant.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::fleet::order::fixed;
use crate::fleet::store::chunk::{Chunk, Col, flag};
use crate::fleet::{Field, Fleet};

/// The present pods of a fleet, in their order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lineup {
    pub(super) fleet: Fleet,
    pub(super) rows: Arc<Vec<u32>>,
}

impl Lineup {
    /// Of a fleet; pods that are gone have no place.
    pub fn of(fleet: Fleet) -> Self {
        let mut rows = fixed(&fleet);
        rows.retain(|row| {
            let place = fleet.at(*row);
            place.is_some_and(|(chunk, at)| !chunk.has(at, flag::GONE))
        });
        Self {
            fleet,
            rows: Arc::new(rows),
        }
    }

    /// Of rows that are in their order.
    pub(super) fn ordered(fleet: Fleet, rows: Arc<Vec<u32>>) -> Self {
        Self { fleet, rows }
    }

    /// The fleet.
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The number of pods.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no pods.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is the same of a pod as long as it has its place.
    fn identity(&self, row: u32) -> [Field<&str>; 3] {
        let words = self.fleet.words();
        let Some((chunk, at)) = self.fleet.at(row) else {
            return [Field::Absent; 3];
        };
        let word = |col| words.of(col).get(chunk.code(col, at));
        [word(Col::Cluster), word(Col::Namespace), words.name(chunk, at)]
    }

    pub(super) fn chunk(&self, row: u32) -> Option<(&Chunk, usize)> {
        self.fleet.at(row)
    }
}

/// The difference from a line-up to the next one.
#[derive(Debug, Default)]
pub(super) struct Merge {
    /// The places of those that went.
    pub went: Vec<u32>,
    /// Those that came: the place before which they stand, and their row.
    pub came: Vec<(u32, u32)>,
    /// Those that stayed: the place, the row then, and the row now.
    pub stayed: Vec<(u32, u32, u32)>,
}

/// Merges two line-ups.
pub(super) fn merge(before: &Lineup, after: &Lineup) -> Merge {
    let mut merge = Merge::default();
    let mut now = after.rows.iter().copied().peekable();
    for (place, then) in (0_u32..).zip(before.rows.iter().copied()) {
        let identity = before.identity(then);
        loop {
            let Some(row) = now.peek().copied() else {
                merge.went.push(place);
                break;
            };
            match identity.cmp(&after.identity(row)) {
                Ordering::Less => {
                    merge.went.push(place);
                    break;
                }
                Ordering::Equal => {
                    merge.stayed.push((place, then, row));
                    now.next();
                    break;
                }
                Ordering::Greater => {
                    merge.came.push((place, row));
                    now.next();
                }
            }
        }
    }
    let end = u32::try_from(before.len()).unwrap_or(u32::MAX);
    merge.came.extend(now.map(|row| (end, row)));
    merge
}
