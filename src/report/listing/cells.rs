//! The cells of a record, each made once.
//!
//! Many pods have the same namespace, node, limit or status. Their cells are the same bytes in every record, so
//! they are remembered by [`RowFacts::key`] and copied, from one picture of a store to the next. Must not: remember a cell for a
//! picture in which the same key may mean another value.

use std::io;

use super::ListForm;
use super::direct::{self, DirectValue, LastDay};
use crate::fleet::Fleet;
use crate::fleet::row_facts::{FieldKey, RowFacts, ValueKey};
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

/// How the cells of a column are made.
#[derive(Debug)]
struct CellPlan {
    column: FileColumn,
    key: FieldKey,
    /// The text before a value that is written at once.
    name: Vec<u8>,
    direct: Option<DirectValue>,
    /// The remembered cells, by the place of their key.
    known: Vec<Option<CellPlace>>,
}

/// The cells of the records of a list.
#[derive(Debug)]
pub(super) struct CellCache {
    fleet: Fleet,
    form: ListForm,
    plans: Vec<CellPlan>,
    bytes: Vec<u8>,
    day: LastDay,
}

/// The place of a key.
fn place(key: ValueKey) -> usize {
    let [code, more] = key;
    let mixed = (code ^ more.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - PLACE_BITS)).unwrap_or(0)
}

impl CellCache {
    pub(super) fn new(form: ListForm, columns: &[FileColumn]) -> Self {
        let plan = |column: &FileColumn| CellPlan {
            column: *column,
            key: column.field().map_or(FieldKey::Own, FieldKey::of),
            name: format!("\"{}\":", column.name).into_bytes(),
            direct: match form {
                ListForm::Json | ListForm::Jsonl => column.direct(),
                ListForm::Csv | ListForm::Tsv | ListForm::Yaml | ListForm::Name => None,
            },
            known: Vec::new(),
        };
        Self {
            fleet: Fleet::default(),
            form,
            plans: columns.iter().map(plan).collect(),
            bytes: Vec::new(),
            day: LastDay::default(),
        }
    }

    /// Appends the cells of a row of the fleet that it was turned to, with `between` after each but the last.
    pub(super) fn put(&mut self, facts: &RowFacts<'_>, between: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        for at in 0..self.plans.len() {
            if at > 0 {
                out.extend_from_slice(between);
            }
            self.put_cell(at, facts, out)?;
        }
        Ok(())
    }

    fn put_cell(&mut self, at: usize, facts: &RowFacts<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(plan) = self.plans.get_mut(at) else {
            return Ok(());
        };
        let key = facts.key(plan.key);
        if let Some(key) = key
            && let Some(Some(cell)) = plan.known.get(place(key))
            && cell.key == key
            && let Some(cell) = self.bytes.get(cell.begin..cell.begin + cell.length)
        {
            out.extend_from_slice(cell);
            return Ok(());
        }
        let begin = out.len();
        let is_direct = plan.direct.is_some_and(|value| {
            out.extend_from_slice(&plan.name);
            direct::put(value, facts, &mut self.day, out)
        });
        if !is_direct {
            out.truncate(begin);
            self.form
                .cell(at, plan.column, &plan.column.value_of(facts), out)?;
        }
        if let Some(key) = key {
            self.remember(at, key, out.get(begin..).unwrap_or_default());
        }
        Ok(())
    }

    fn remember(&mut self, at: usize, key: ValueKey, cell: &[u8]) {
        if self.bytes.len() + cell.len() > MOST_BYTES {
            self.clear();
        }
        let Some(plan) = self.plans.get_mut(at) else {
            return;
        };
        if plan.known.is_empty() {
            plan.known = vec![None; 1 << PLACE_BITS];
        }
        if let Some(known) = plan.known.get_mut(place(key)) {
            *known = Some(CellPlace {
                key,
                begin: self.bytes.len(),
                length: cell.len(),
            });
            self.bytes.extend_from_slice(cell);
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.plans.iter_mut().for_each(|plan| plan.known.fill(None));
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
