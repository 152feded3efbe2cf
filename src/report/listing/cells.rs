//! The cells of a record, each made once.
//!
//! Many pods have the same namespace, node, limit or status. Their cells are the same bytes in every record, so
//! they are remembered by [`RowFacts::key`] and copied, from one picture of a store to the next. Neighbours have even more in
//! common: what is the same as in the record before is copied from there in one piece, however many cells that are. Records are
//! written where they stay, and a record of JSON whose values have the usual forms is written [at once](at_once). Must not: remember
//! a cell for a picture in which the same key may mean another value.

mod at_once;

use std::io;

use super::ListForm;
use super::direct::{self, DirectValue, KnownDays};
use super::own::OwnCell;
use crate::fleet::Fleet;
use crate::fleet::piece_writer::{PieceWriter, WINDOW};
use crate::fleet::row_facts::{
    FieldKey, NEVER_SAME, NeighbourDifferences, OwnPart, PlainWords, RowFacts, ValueKey, sent_words_of,
};
use crate::report::columns::FileColumn;
use crate::secrets::HeldSearch;

/// The most bytes of remembered cells. More would not fit the caches of a processor.
const MOST_BYTES: usize = 256 << 10;
/// How many cells of a group are remembered, a power of two. Two whose keys have the same place replace each other.
const PLACES: usize = 512;

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
    /// The text before a value that is written at once, a quotation mark, and [`WINDOW`] more bytes, so that it is copied in one step.
    name: Vec<u8>,
    /// The bytes of that text.
    name_len: usize,
    direct: Option<DirectValue>,
    /// The value that is written at once from what a pod has for itself.
    own: Option<OwnCell>,
    /// How rows with the same cell are told.
    key: FieldKey,
}

/// How the cells of a group are written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupKind {
    /// They are what a pod has for itself.
    Own,
    /// It is a word as it was sent; the number of its column among the plain ones.
    Word(usize),
    /// They are remembered.
    Known,
}

/// Neighbouring columns whose values have the same key, such as an amount as it was sent and as a number.
#[derive(Debug)]
struct CellGroup {
    key: FieldKey,
    cells: Vec<CellPlan>,
    /// The remembered cells, by the place of their key.
    known: Vec<CellPlace>,
    /// The columns of the store that its cells depend on, or [`NEVER_SAME`].
    columns: u32,
    /// The bytes of its cells in the record before.
    len: usize,
    /// How they are written at once; `None` if they are not.
    kind: Option<GroupKind>,
}

/// The cells of the records of a list.
#[derive(Debug)]
pub(super) struct CellCache {
    fleet: Fleet,
    maker: CellMaker,
    groups: Vec<CellGroup>,
    known: KnownCells,
    /// The record before, if parts of that may be copied: it is of the same picture and stands in the same text.
    last: Option<LastRecord>,
    differences: NeighbourDifferences,
    /// Whether records are written at once.
    is_quick: bool,
    part: OwnPart,
    words: PlainWords,
}

/// A record that was written.
#[derive(Debug, Clone, Copy)]
struct LastRecord {
    row: u32,
    /// Where its cells begin.
    begin: usize,
}

/// The bytes of remembered cells, and [`WINDOW`] more, so that each can be copied with what is behind it.
#[derive(Debug, Default)]
struct KnownCells {
    bytes: Vec<u8>,
    len: usize,
}

/// What cells are made with.
#[derive(Debug)]
struct CellMaker {
    form: ListForm,
    /// What is in front of each cell but the first.
    between: &'static [u8],
    days: KnownDays,
    search: HeldSearch,
    /// What the form writes one cell into.
    cell: Vec<u8>,
}

/// The place of a key.
fn place(key: ValueKey) -> usize {
    let [code, more] = key;
    // Small numbers, such as those of words, have a place each.
    let mixed = code ^ (code >> 8) ^ (code >> 17) ^ (more << 8);
    usize::try_from(mixed % PLACES as u64).unwrap_or(0)
}

impl KnownCells {
    fn put(&self, known: CellPlace, out: &mut PieceWriter) {
        let from = self.bytes.get(known.begin as usize..).unwrap_or_default();
        out.put_first(known.length as usize, from);
    }

    /// Remembers cells; `None` if there are too many.
    fn add(&mut self, key: ValueKey, cells: &[u8]) -> Option<CellPlace> {
        let place = CellPlace {
            key,
            begin: u32::try_from(self.len).ok()?,
            length: u32::try_from(cells.len()).ok()?,
        };
        self.bytes.truncate(self.len);
        if self.bytes.capacity() == 0 {
            // Otherwise it would grow to twice that.
            self.bytes.reserve_exact(MOST_BYTES + MOST_BYTES / 8);
        }
        self.bytes.extend_from_slice(cells);
        self.len = self.bytes.len();
        self.bytes.extend([0; WINDOW]);
        Some(place)
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.len = 0;
    }
}

impl CellCache {
    pub(super) fn new(form: ListForm, columns: &[FileColumn]) -> Self {
        let (_, between, _) = form.frame();
        let mut groups: Vec<CellGroup> = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let direct = match form {
                ListForm::Json | ListForm::Jsonl => column.direct(),
                ListForm::Csv | ListForm::Tsv | ListForm::Yaml | ListForm::Name => None,
            };
            let key = column.field().map_or(FieldKey::Own, FieldKey::of);
            let separator = if at > 0 { between } else { b"" };
            let mut name = [separator, format!("\"{}\":", column.name).as_bytes()].concat();
            let name_len = name.len();
            name.push(b'"');
            name.extend([0; WINDOW]);
            let plan = CellPlan {
                at,
                column: *column,
                name,
                name_len,
                // Where many have the same, it is copied.
                key: if direct.is_some_and(DirectValue::differs_often) {
                    FieldKey::Own
                } else {
                    key
                },
                own: direct.and_then(OwnCell::of),
                direct,
            };
            match groups.last_mut() {
                Some(group) if group.key == plan.key => group.cells.push(plan),
                _ => groups.push(CellGroup {
                    key: plan.key,
                    columns: plan.key.columns().unwrap_or(NEVER_SAME),
                    cells: vec![plan],
                    known: Vec::new(),
                    len: 0,
                    kind: None,
                }),
            }
        }
        let mut words = PlainWords::default();
        for group in &mut groups {
            group.kind = group.kind(&mut words);
        }
        let is_json = matches!(form, ListForm::Json | ListForm::Jsonl);
        Self {
            fleet: Fleet::default(),
            maker: CellMaker {
                form,
                between,
                days: KnownDays::default(),
                search: HeldSearch::now(),
                cell: Vec::new(),
            },
            is_quick: is_json && groups.iter().all(|group| group.kind.is_some()),
            part: OwnPart::default(),
            words,
            groups,
            known: KnownCells::default(),
            last: None,
            differences: NeighbourDifferences::default(),
        }
    }

    /// Appends the record of this row of the fleet that it was turned to. `out` has the record before, unless [`Self::begin`] was
    /// called since.
    pub(super) fn put(&mut self, row: u32, facts: &RowFacts<'_>, out: &mut PieceWriter) -> io::Result<()> {
        let last = self.last.take();
        let differences = last.map_or(u32::MAX, |last| {
            self.differences.between(&self.fleet, last.row, row)
        });
        let (before, _, after) = self.maker.form.frame();
        let begin = out.len() + before.len();
        if !(self.is_quick && self.put_at_once(row, last, differences, facts, out)) {
            // What was written at once in vain left other lengths.
            let last = last.filter(|_| !self.is_quick);
            out.put(before);
            self.put_each(last, differences, facts, out)?;
            if out.len() == begin && matches!(self.maker.form, ListForm::Csv | ListForm::Tsv) {
                // A line without anything would not be a record.
                out.put(b"\"\"");
            }
            out.put(after);
        }
        self.last = Some(LastRecord { row, begin });
        if self.known.len > MOST_BYTES {
            self.forget();
        }
        Ok(())
    }

    /// Appends the cells of a row, whatever they are.
    fn put_each(
        &mut self,
        last: Option<LastRecord>,
        differences: u32,
        facts: &RowFacts<'_>,
        out: &mut PieceWriter,
    ) -> io::Result<()> {
        let differences = last.map_or(u32::MAX, |_| differences | NEVER_SAME);
        // Where the next group is in the record before, and the first group there that is to be copied.
        let mut from = last.map_or(0, |last| last.begin);
        let mut same = from;
        for group in &mut self.groups {
            let len = group.len;
            if group.columns & differences != 0 {
                out.put_again(same..from);
                let begin = out.len();
                match facts.key(group.key) {
                    Some(key) => group.put_known(key, facts, &mut self.maker, &mut self.known, out)?,
                    None => group.put_new(facts, &mut self.maker, out)?,
                }
                group.len = out.len() - begin;
                same = from + len;
            }
            from += len;
        }
        out.put_again(same..from);
        Ok(())
    }

    /// The next record is written where the one before is not.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// Forgets the cells, except those of the record before.
    fn forget(&mut self) {
        self.known.clear();
        for group in &mut self.groups {
            group.known.fill(CellPlace::default());
        }
    }

    /// Forgets the cells of a picture in which the same key may mean another value, and those that were made before a secret was
    /// known.
    pub(super) fn turn_to(&mut self, fleet: &Fleet) {
        let is_searched = self.maker.search.is_current();
        if is_searched && self.fleet.is(fleet) {
            return;
        }
        if !is_searched || !self.fleet.has_keys_of(fleet) {
            self.forget();
            self.words.forget();
            self.maker.search = HeldSearch::now();
        }
        // The row of the record before may have changed.
        self.last = None;
        self.differences.clear();
        self.part.clear();
        if self.is_quick {
            self.words.turn_to(fleet, &self.maker.search);
        }
        self.fleet = fleet.clone();
    }
}

impl CellGroup {
    /// How its cells are written at once, with words of the plain columns; `None` if they are not.
    fn kind(&self, words: &mut PlainWords) -> Option<GroupKind> {
        if self.key == FieldKey::Own {
            let is_own = self.cells.iter().all(|plan| plan.own.is_some());
            return is_own.then_some(GroupKind::Own);
        }
        let word = match (self.key, &*self.cells) {
            (FieldKey::Code(col), [plan]) => match plan.direct {
                Some(DirectValue::Text(text)) => sent_words_of(text).filter(|sent| *sent == col),
                _ => None,
            },
            _ => None,
        };
        Some(word.map_or(GroupKind::Known, |col| GroupKind::Word(words.add(col))))
    }

    /// The remembered cells of a value.
    #[inline]
    fn find(&self, key: ValueKey) -> Option<CellPlace> {
        let known = self.known.get(place(key));
        known
            .copied()
            .filter(|known| known.length > 0 && known.key == key)
    }

    /// Appends the cells of a value that other rows may have too.
    fn put_known(
        &mut self,
        key: ValueKey,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        cells: &mut KnownCells,
        out: &mut PieceWriter,
    ) -> io::Result<()> {
        if let Some(known) = self.find(key) {
            cells.put(known, out);
            return Ok(());
        }
        let begin = out.len();
        self.put_new(facts, maker, out)?;
        if self.known.is_empty() {
            self.known = vec![CellPlace::default(); PLACES];
        }
        let added = cells.add(key, out.written().get(begin..).unwrap_or_default());
        if let (Some(place), Some(added)) = (self.known.get_mut(place(key)), added) {
            *place = added;
        }
        Ok(())
    }

    fn put_new(&self, facts: &RowFacts<'_>, maker: &mut CellMaker, out: &mut PieceWriter) -> io::Result<()> {
        for plan in &self.cells {
            maker.put(plan, facts, out)?;
        }
        Ok(())
    }
}

impl CellMaker {
    fn put(&mut self, plan: &CellPlan, facts: &RowFacts<'_>, out: &mut PieceWriter) -> io::Result<()> {
        let begin = out.len();
        if let Some(value) = plan.direct {
            out.put_first(plan.name_len, &plan.name);
            if direct::put(value, facts, &self.search, &mut self.days, out) {
                return Ok(());
            }
            out.truncate(begin);
        }
        self.cell.clear();
        if plan.at > 0 {
            self.cell.extend_from_slice(self.between);
        }
        let value = plan.column.value_of(facts);
        self.form.cell(plan.at, plan.column, &value, &mut self.cell)?;
        out.put(&self.cell);
        Ok(())
    }
}
