//! Rows of one picture, while they are written.
//!
//! Owns which of them comes next. A newer picture may come meanwhile, in which rows may have other numbers. Must not: write.

use std::vec;

use crate::fleet::Fleet;

/// The rows.
#[derive(Debug)]
pub(super) struct PictureRows {
    fleet: Fleet,
    rows: vec::IntoIter<u32>,
}

impl PictureRows {
    /// These rows of this picture.
    pub(super) fn new(fleet: Fleet, rows: Vec<u32>) -> Self {
        Self {
            fleet,
            rows: rows.into_iter(),
        }
    }

    /// Their picture.
    pub(super) fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Option<u32> {
        self.rows.next()
    }

    /// How many are left.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }
}
