//! A record of JSON in one go.
//!
//! It is written without a note of each place, by the means that also write the pages of `serve`: what neighbours have in common is
//! copied from the record before, words are copied from the store if all words of their column are plain, values that many pods have
//! are remembered, and what a pod has for itself is written from numbers that were read side by side. Whatever has another form than
//! most is left to the parent. Must not: write another byte than the parent.

use super::{CellCache, CellGroup, CellMaker, GroupKind, KnownCells, LastRecord, NEVER_SAME};
use crate::fleet::piece_room::PieceRoom;
use crate::fleet::piece_writer::PieceWriter;
use crate::fleet::row_facts::{PlainWords, RowFacts, ValueKey};
use crate::report::listing::own::OwnWriter;

/// The room for a record that is written at once. A longer one is not.
const RECORD_ROOM: usize = 8 << 10;

impl CellCache {
    /// Appends the record of a row that differs from the one before in these columns of the store. Returns whether it did.
    #[inline]
    pub(super) fn put_at_once(
        &mut self,
        row: u32,
        last: Option<LastRecord>,
        differences: u32,
        facts: &RowFacts<'_>,
        out: &mut PieceWriter,
    ) -> bool {
        self.part.turn_to(&self.fleet, last.map(|last| last.row), row);
        let Some(own) = self.part.values(row, facts) else {
            return false;
        };
        out.make_room_for(RECORD_ROOM);
        let (before, _, after) = self.maker.form.frame();
        let differences = last.map_or(u32::MAX, |_| differences | NEVER_SAME);
        let (groups, known, maker, words) = (&mut self.groups, &mut self.known, &mut self.maker, &self.words);
        let part = &self.part;
        out.put_in_place(|room| {
            put_bytes(before, room)?;
            // Where the next group is in the record before, and the first group there that is to be copied.
            let mut from = last.map_or(0, |last| last.begin);
            let mut same = from;
            for group in groups {
                let len = group.len;
                if group.columns & differences != 0 {
                    if same < from {
                        room.put_again(same..from)?;
                    }
                    let begin = room.at();
                    match group.kind? {
                        GroupKind::Own => {
                            let writer = OwnWriter {
                                part,
                                own,
                                search: &maker.search,
                            };
                            for plan in &group.cells {
                                let cell = plan.own?;
                                room.put_first(plan.name_len + usize::from(cell.is_text()), &plan.name)?;
                                writer.put(cell, &mut maker.days, room)?;
                            }
                        }
                        GroupKind::Word(number) => match group.word(number, words, facts) {
                            Some((name, len, word)) => {
                                room.put_first(name.0, name.1)?;
                                room.put_first(len, word)?;
                                room.put_byte(b'"')?;
                            }
                            None => group.put_remembered(facts, maker, known, room)?,
                        },
                        GroupKind::Known => group.put_remembered(facts, maker, known, room)?,
                    }
                    group.len = room.at() - begin;
                    same = from + len;
                }
                from += len;
            }
            if same < from {
                room.put_again(same..from)?;
            }
            put_bytes(after, room)
        })
    }
}

/// Writes very few bytes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "see PieceRoom")]
fn put_bytes(bytes: &[u8], room: &mut PieceRoom<'_>) -> Option<()> {
    for byte in bytes {
        room.put_byte(*byte)?;
    }
    Some(())
}

/// A text and how much of it is meant.
type FirstOf<'a> = (usize, &'a [u8]);

#[expect(clippy::inline_always, reason = "see PieceRoom")]
impl CellGroup {
    /// The name of its only cell, and the word in it.
    #[inline(always)]
    fn word<'a>(
        &'a self,
        number: usize,
        words: &PlainWords,
        facts: &RowFacts<'a>,
    ) -> Option<(FirstOf<'a>, usize, &'a [u8])> {
        let (len, word) = words.word(number, facts)?;
        let plan = self.cells.first()?;
        Some(((plan.name_len + 1, &plan.name), len, word))
    }

    /// Writes the cells of a value that other rows may have too.
    #[inline(always)]
    fn put_remembered(
        &mut self,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        known: &mut KnownCells,
        room: &mut PieceRoom<'_>,
    ) -> Option<()> {
        let key = facts.key(self.key)?;
        match self.find(key) {
            Some(place) => {
                let from = known.bytes.get(place.begin as usize..)?;
                room.put_first(place.length as usize, from)
            }
            None => room.put_elsewhere(|memory, at| self.put_unknown(key, facts, maker, known, memory, at)),
        }
    }

    /// The same for a value whose cells are not remembered yet.
    #[cold]
    #[inline(never)]
    fn put_unknown(
        &mut self,
        key: ValueKey,
        facts: &RowFacts<'_>,
        maker: &mut CellMaker,
        known: &mut KnownCells,
        memory: &mut [u8],
        at: usize,
    ) -> Option<usize> {
        let mut cells = PieceWriter::default();
        self.put_known(key, facts, maker, known, &mut cells).ok()?;
        let mut room = PieceRoom::new(memory, at);
        room.put_first(cells.len(), cells.written())?;
        Some(room.at())
    }
}
