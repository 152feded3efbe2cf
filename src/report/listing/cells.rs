//! The cells of a record, each made once.
//!
//! Many pods have the same namespace, node, limit or status. Their cells are the same bytes in every record, so
//! they are remembered by [`RowFacts::key`] and copied, from one picture of a store to the next. Neighbours have even more in
//! common: what is the same as in the record before is copied from there in one piece, however many cells that are. Must not:
//! remember a cell for a picture in which the same key may mean another value.

use std::io;
use std::ops::Range;

use super::ListForm;
use super::direct::{self, DirectValue, LastDay};
use crate::fleet::Fleet;
use crate::fleet::row_facts::{FieldKey, RowFacts, ValueKey};
use crate::report::columns::FileColumn;

/// The most bytes of remembered cells. More would not fit the caches of a processor.
const MOST_BYTES: usize = 256 << 10;
/// How many cells of a group are remembered, as a power of two. Two whose keys have the same place replace each other.
const PLACE_BITS: u32 = 9;

/// A remembered group of cells; without a length there is none.
#[derive(Debug, Clone, Copy, Default)]
struct CellPlace {
    key: ValueKey,
    begin: u32,
    length: u32,
}

/// How a cell is made.
#[derive(Debug)]
struct CellPlan {
    /// The number of its column.
    at: usize,
    column: FileColumn,
    /// The text before a value that is written at once.
    name: Vec<u8>,
    direct: Option<DirectValue>,
}

/// Neighbouring columns whose values have the same key, such as an amount as it was sent and as a number.
#[derive(Debug)]
struct CellGroup {
    key: FieldKey,
    cells: Vec<CellPlan>,
    /// The remembered cells, by the place of their key.
    known: Vec<CellPlace>,
    /// The key in the record before, and where its cells are in there.
    last: (Option<ValueKey>, Range<usize>),
}

/// The cells of the records of a list.
#[derive(Debug)]
pub(super) struct CellCache {
    fleet: Fleet,
    maker: CellMaker,
    groups: Vec<CellGroup>,
    bytes: Vec<u8>,
    /// The cells of the record before.
    last: Vec<u8>,
}

/// What cells are made with.
#[derive(Debug)]
struct CellMaker {
    form: ListForm,
    /// What is in front of each cell but the first.
    between: &'static [u8],
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
        let (_, between, _) = form.frame();
        let mut groups: Vec<CellGroup> = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let key = column.field().map_or(FieldKey::Own, FieldKey::of);
            let separator = if at > 0 { between } else { b"" };
            let plan = CellPlan {
                at,
                column: *column,
                name: [separator, format!("\"{}\":", column.name).as_bytes()].concat(),
                direct: match form {
                    ListForm::Json | ListForm::Jsonl => column.direct(),
                    ListForm::Csv | ListForm::Tsv | ListForm::Yaml | ListForm::Name => None,
                },
            };
            match groups.last_mut() {
                Some(group) if group.key == key => group.cells.push(plan),
                _ => groups.push(CellGroup {
                    key,
                    cells: vec![plan],
                    known: Vec::new(),
                    last: (None, 0..0),
                }),
            }
        }
        Self {
            fleet: Fleet::default(),
            maker: CellMaker {
                form,
                between,
                day: LastDay::default(),
            },
            groups,
            bytes: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Appends the cells of a row of the fleet that it was turned to.
    pub(super) fn put(&mut self, facts: &RowFacts<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let begin = out.len();
        // Cells of the record before that are to be copied.
        let mut same = 0..0;
        for group in &mut self.groups {
            let key = facts.key(group.key);
            let (before, cells) = &mut group.last;
            let at = out.len() - begin + same.len();
            if key.is_some() && key == *before {
                let begins = if same.is_empty() { cells.start } else { same.start };
                same = begins..cells.end;
                *cells = at..at + cells.len();
                continue;
            }
            out.extend_from_slice(self.last.get(same.clone()).unwrap_or_default());
            same = 0..0;
            match key {
                Some(key) => group.put_known(key, facts, &mut self.maker, &mut self.bytes, out)?,
                None => group.put_new(facts, &mut self.maker, out)?,
            }
            group.last = (key, at..out.len() - begin);
        }
        out.extend_from_slice(self.last.get(same).unwrap_or_default());
        self.last.clear();
        self.last.extend_from_slice(out.get(begin..).unwrap_or_default());
        if self.bytes.len() > MOST_BYTES {
            self.forget();
        }
        Ok(())
    }

    /// Forgets the cells, except those of the record before.
    fn forget(&mut self) {
        self.bytes.clear();
        for group in &mut self.groups {
            group.known.fill(CellPlace::default());
        }
    }

    /// Forgets the cells of a picture in which the same key may mean another value.
    pub(super) fn turn_to(&mut self, fleet: &Fleet) {
        if self.fleet.is(fleet) {
            return;
        }
        if !self.fleet.has_keys_of(fleet) {
            self.forget();
            for group in &mut self.groups {
                group.last = (None, 0..0);
            }
        }
        self.fleet = fleet.clone();
    }
}

impl CellGroup {
    /// Appends the cells of a value that other rows may have too.
    fn put_known(
        &mut self,
        key: ValueKey,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        bytes: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let place = place(key);
        if let Some(known) = self.known.get(place).filter(|it| it.length > 0 && it.key == key) {
            let begin = known.begin as usize;
            if let Some(cells) = bytes.get(begin..begin + known.length as usize) {
                out.extend_from_slice(cells);
                return Ok(());
            }
        }
        let begin = out.len();
        self.put_new(facts, maker, out)?;
        let cells = out.get(begin..).unwrap_or_default();
        if self.known.is_empty() {
            self.known = vec![CellPlace::default(); 1 << PLACE_BITS];
        }
        let place = self.known.get_mut(place);
        let length = u32::try_from(cells.len()).ok();
        if let (Some(place), Ok(begin), Some(length)) = (place, u32::try_from(bytes.len()), length) {
            *place = CellPlace { key, begin, length };
            bytes.extend_from_slice(cells);
        }
        Ok(())
    }

    fn put_new(&self, facts: &RowFacts<'_>, maker: &mut CellMaker, out: &mut Vec<u8>) -> io::Result<()> {
        for plan in &self.cells {
            maker.put(plan, facts, out)?;
        }
        Ok(())
    }
}

impl CellMaker {
    fn put(&mut self, plan: &CellPlan, facts: &RowFacts<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let begin = out.len();
        if let Some(value) = plan.direct {
            out.extend_from_slice(&plan.name);
            if direct::put(value, facts, &mut self.day, out) {
                return Ok(());
            }
            out.truncate(begin);
        }
        if plan.at > 0 {
            out.extend_from_slice(self.between);
        }
        self.form
            .cell(plan.at, plan.column, &plan.column.value_of(facts), out)
    }
}
