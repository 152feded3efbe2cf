//! The cells of a record, each made once.
//!
//! Many pods have the same namespace, node, limit or status. Their cells are the same bytes in every record, so
//! they are remembered by [`RowFacts::key`] and copied. Must not: remember a cell for another picture, in which
//! the same key may mean another value.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::ListForm;
use crate::fleet::Fleet;
use crate::fleet::row_facts::{RowFacts, ValueKey};
use crate::report::columns::FileColumn;

/// The most bytes of remembered cells. More would not fit the caches of a processor.
const MOST_BYTES: usize = 256 << 10;

/// The cells of one column, by their keys.
type CellsByKey = HashMap<ValueKey, Range<usize>, FixedState>;

/// The cells of the records of one picture.
#[derive(Debug, Default)]
pub(super) struct CellCache {
    fleet: Fleet,
    by_column: Vec<CellsByKey>,
    bytes: Vec<u8>,
}

impl CellCache {
    /// Appends the cell of the column `at` in a row of `fleet`.
    pub(super) fn put(
        &mut self,
        form: ListForm,
        (at, column): (usize, FileColumn),
        facts: &RowFacts<'_>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Some(key) = column.field().and_then(|field| facts.key(field)) else {
            return form.cell(at, column, &column.value_of(facts), out);
        };
        if self.by_column.len() <= at {
            self.by_column.resize_with(at + 1, CellsByKey::default);
        }
        let known = self.by_column.get(at).and_then(|cells| cells.get(&key));
        if let Some(cell) = known.and_then(|range| self.bytes.get(range.clone())) {
            out.extend_from_slice(cell);
            return Ok(());
        }
        let begin = out.len();
        form.cell(at, column, &column.value_of(facts), out)?;
        self.remember(at, key, out.get(begin..).unwrap_or_default());
        Ok(())
    }

    fn remember(&mut self, at: usize, key: ValueKey, cell: &[u8]) {
        if self.bytes.len() + cell.len() > MOST_BYTES {
            self.clear();
        }
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(cell);
        if let Some(cells) = self.by_column.get_mut(at) {
            cells.insert(key, begin..self.bytes.len());
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.by_column.iter_mut().for_each(HashMap::clear);
    }

    /// Forgets the cells of another picture.
    pub(super) fn turn_to(&mut self, fleet: &Fleet) {
        if !self.fleet.is(fleet) {
            self.clear();
            self.fleet = fleet.clone();
        }
    }
}
