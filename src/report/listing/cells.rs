//! The cells of a record, each made once.
//!
//! Many pods have the same namespace, node, limit or status. Their cells are the same bytes in every record, so
//! they are remembered by [`RowFacts::key`] and copied, from one picture of a store to the next. Must not: remember a cell for a
//! picture in which the same key may mean another value.

use std::io;

use super::ListForm;
use crate::fleet::Fleet;
use crate::fleet::row_facts::{RowFacts, ValueKey};
use crate::report::columns::FileColumn;

/// The most bytes of remembered cells. More would not fit the caches of a processor.
const MOST_BYTES: usize = 256 << 10;
/// How many cells of a column are remembered, as a power of two. Two whose keys have the same place replace each other.
const PLACE_BITS: u32 = 9;

/// A remembered cell.
#[derive(Debug, Clone, Copy)]
struct CellPlace {
    key: ValueKey,
    begin: usize,
    length: usize,
}

/// The cells of the records of a list.
#[derive(Debug, Default)]
pub(super) struct CellCache {
    fleet: Fleet,
    by_column: Vec<Vec<Option<CellPlace>>>,
    bytes: Vec<u8>,
}

/// The place of a key.
fn place(key: ValueKey) -> usize {
    let [code, more] = key;
    let mixed = (code ^ more.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - PLACE_BITS)).unwrap_or(0)
}

impl CellCache {
    /// Appends the cell of the column `at` in a row of the fleet that it was turned to.
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
            self.by_column.resize_with(at + 1, || vec![None; 1 << PLACE_BITS]);
        }
        let place = place(key);
        let known = self.by_column.get(at).and_then(|cells| *cells.get(place)?);
        let known = known.filter(|cell| cell.key == key);
        if let Some(cell) = known.and_then(|cell| self.bytes.get(cell.begin..cell.begin + cell.length)) {
            out.extend_from_slice(cell);
            return Ok(());
        }
        let begin = out.len();
        form.cell(at, column, &column.value_of(facts), out)?;
        let cell = out.get(begin..).unwrap_or_default();
        if self.bytes.len() + cell.len() > MOST_BYTES {
            self.clear();
        }
        if let Some(known) = self.by_column.get_mut(at).and_then(|cells| cells.get_mut(place)) {
            *known = Some(CellPlace {
                key,
                begin: self.bytes.len(),
                length: cell.len(),
            });
            self.bytes.extend_from_slice(cell);
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.by_column.iter_mut().for_each(|cells| cells.fill(None));
    }

    /// Forgets the cells of a picture in which the same key may mean another value.
    pub(super) fn turn_to(&mut self, fleet: &Fleet) {
        if self.fleet.is(fleet) {
            return;
        }
        if !self.fleet.has_keys_of(fleet) {
            self.clear();
        }
        self.fleet = fleet.clone();
    }
}
