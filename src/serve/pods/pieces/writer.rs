//! The records of rows, one after the other.
//!
//! Owns the order of the fields, and that what neighbours have in common is copied. Must not: look for secrets; whoever writes
//! rows here knows that they have none.

use super::super::record::put_text;
use super::field::{CREATED, RecordFields, put_quoted_address, put_quoted_quantity, put_quoted_uuid, quoted};
use crate::fleet::Field;
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, TextField};
use crate::fleet::piece_room::PieceRoom;
use crate::fleet::piece_writer::{PieceWriter, put_whole};
use crate::fleet::row_texts::{BatchRow, COMMON_FIELDS, OWN_FIELDS, TextsState};

/// The room that is made for a record if there is too little. A longer one is not written here.
const RECORD_ROOM: usize = 64 << 10;

/// Writes the records of rows of one batch.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    out: &'a mut PieceWriter,
    form: RecordForm<'a>,
    /// The record before, if there is one.
    before: Option<CommonEnd>,
}

/// What is the same for all records of a batch.
#[derive(Debug, Clone, Copy)]
struct RecordForm<'a> {
    fields: &'a RecordFields,
    list: Lists,
    /// Whether no name has anything that JSON escapes.
    has_plain_names: bool,
    /// Whether no text has.
    is_plain: bool,
}

/// What a record has of [`COMMON_FIELDS`].
#[derive(Debug, Clone, Copy, Default)]
struct CommonEnd {
    /// Where it ends.
    end: usize,
    /// How many bytes before that each field begins.
    before_end: [usize; COMMON_FIELDS.len()],
}

impl<'a> RecordWriter<'a> {
    /// Writes records of this list, whose rows have texts in these states: those of their own, and those in common.
    pub fn new(
        out: &'a mut PieceWriter,
        fields: &'a RecordFields,
        list: Lists,
        states: [TextsState; 2],
    ) -> Self {
        let [own, _] = states;
        Self {
            out,
            form: RecordForm {
                fields,
                list,
                has_plain_names: own == TextsState::Plain,
                // A text that a few rows have is among those that rows have in common.
                is_plain: states == [TextsState::Plain; 2],
            },
            before: None,
        }
    }

    /// Writes something else and a comma, if it is not empty. The next record has nothing in common with it.
    pub fn put_other(&mut self, record: &[u8]) {
        self.before = None;
        if !record.is_empty() {
            self.out.put(record);
            self.out.put_byte(b',');
        }
    }

    /// Writes the record of a row, the one behind the row before, and a comma. Returns whether it is written: a very long one is
    /// not.
    #[inline]
    pub fn put(&mut self, row: BatchRow<'_>) -> bool {
        let Self { out, form, before } = self;
        out.put_in_place(|room| form.put(room, row, before)) || self.put_with_more_room(row)
    }

    #[cold]
    #[inline(never)]
    fn put_with_more_room(&mut self, row: BatchRow<'_>) -> bool {
        let Self { out, form, before } = self;
        out.make_room(out.len() + RECORD_ROOM);
        *before = None;
        out.put_in_place(|room| form.put(room, row, before))
    }
}

#[expect(clippy::inline_always, reason = "see PieceRoom")]
impl RecordForm<'_> {
    /// Writes a record behind the one before, and a comma; `None` if there is too little room.
    #[inline(always)]
    fn put(&self, room: &mut PieceRoom<'_>, row: BatchRow<'_>, before: &mut Option<CommonEnd>) -> Option<()> {
        let (begin, own) = (room.at(), row.own());
        match own.name_and_more() {
            Some((len, text)) if self.has_plain_names => {
                room.put(const { &quoted(OWN_FIELDS[0]) })?;
                room.put_first(len, text)?;
                room.put_byte(b'"')?;
            }
            _ => room.put_elsewhere(|memory, at| self.put_own::<0>(memory, at, row))?,
        }
        match own.uuid() {
            Some(uuid) if self.has::<1>() => {
                room.put(const { &quoted(OWN_FIELDS[1]) })?;
                put_quoted_uuid(room, uuid)?;
            }
            _ => room.put_elsewhere(|memory, at| self.put_own::<1>(memory, at, row))?,
        }
        match own.address() {
            Some(bits) if self.has::<2>() => {
                room.put(const { &quoted(OWN_FIELDS[2]) })?;
                put_quoted_address(room, bits)?;
            }
            _ => room.put_elsewhere(|memory, at| self.put_own::<2>(memory, at, row))?,
        }
        self.put_quantity::<3>(room, row)?;
        self.put_quantity::<4>(room, row)?;
        if let Some(ms) = own.created_ms() {
            room.put(const { &CREATED })?;
            room.put_with(|room| put_whole(room, ms))?;
        } else {
            room.put_elsewhere(|memory, at| put_odd_created(memory, at, row))?;
        }
        self.put_common(room, row, before)?;
        room.put_byte(b'}')?;
        room.put_byte(b',')?;
        // Each field begins with a comma.
        room.put_at(begin, b'{')
    }

    /// Whether a record has this one of [`OWN_FIELDS`].
    #[inline(always)]
    fn has<const FIELD: usize>(&self) -> bool {
        let lists = const { OWN_FIELDS[FIELD].sent().lists };
        lists == Lists::Both || lists == self.list
    }

    #[inline(always)]
    fn put_quantity<const FIELD: usize>(&self, room: &mut PieceRoom<'_>, row: BatchRow<'_>) -> Option<()> {
        match row.own().quantity::<FIELD>() {
            Some(quantity) if self.has::<FIELD>() => {
                room.put(const { &quoted(OWN_FIELDS[FIELD]) })?;
                put_quoted_quantity(room, quantity)
            }
            _ => room.put_elsewhere(|memory, at| self.put_own::<FIELD>(memory, at, row)),
        }
    }

    /// Writes a field with any text that it may have.
    #[cold]
    #[inline(never)]
    fn put_own<const FIELD: usize>(&self, memory: &mut [u8], at: usize, row: BatchRow<'_>) -> Option<usize> {
        if !self.has::<FIELD>() {
            return Some(at);
        }
        self.fields.own[FIELD].put(memory, at, row.own_text::<FIELD>(), self.is_plain)
    }

    /// Writes what the pod may have in common with the one before: as much of it as is the same is copied.
    #[inline(always)]
    fn put_common(
        &self,
        room: &mut PieceRoom<'_>,
        row: BatchRow<'_>,
        before: &mut Option<CommonEnd>,
    ) -> Option<()> {
        let new = if before.is_some() {
            row.same_from()
        } else {
            COMMON_FIELDS.len()
        };
        let common = before.get_or_insert_default();
        for (field, begin) in common.before_end.iter_mut().enumerate().take(new) {
            *begin = room.at();
            self.put_one(room, row, field)?;
        }
        // From here on it is the same as in the record before.
        let same = common.before_end.get(new).copied().unwrap_or(0);
        room.put_again(common.end.saturating_sub(same)..common.end)?;
        common.end = room.at();
        for begin in common.before_end.iter_mut().take(new) {
            *begin = common.end - *begin;
        }
        Some(())
    }

    #[inline(always)]
    fn put_one(&self, room: &mut PieceRoom<'_>, row: BatchRow<'_>, field: usize) -> Option<()> {
        let pieces = self.fields.common.get(field)?;
        if !pieces.is_in(self.list) {
            return Some(());
        }
        if let Some(words) = &pieces.words {
            words.put(room, row.common(field))
        } else if let Some(quantity) = row.common_quantity(field) {
            room.put(&pieces.quoted)?;
            put_quoted_quantity(room, quantity)
        } else {
            room.put_elsewhere(|memory, at| self.put_text(memory, at, row, field))
        }
    }

    /// Writes a field whose texts have no pieces, and that is no usual quantity.
    #[cold]
    #[inline(never)]
    fn put_text(&self, memory: &mut [u8], at: usize, row: BatchRow<'_>, field: usize) -> Option<usize> {
        let pieces = self.fields.common.get(field)?;
        let text = match pieces.field {
            TextField::CpuLimit | TextField::MemoryLimit => row.quantity(row.common(field)),
            field => row.texts().text(field),
        };
        pieces.put(memory, at, text, self.is_plain)
    }
}

/// Writes a creation time that is not a usual number of milliseconds.
#[cold]
#[inline(never)]
fn put_odd_created(memory: &mut [u8], at: usize, row: BatchRow<'_>) -> Option<usize> {
    let text = match row.texts().created() {
        Field::Absent => return Some(at),
        Field::Unreadable => b"null".to_vec(),
        Field::Value(CreateTime::Milliseconds(ms)) => ms.to_string().into_bytes(),
        Field::Value(CreateTime::Word(word)) => {
            let mut text = Vec::new();
            put_text(&mut text, word.raw());
            text
        }
    };
    let mut room = PieceRoom::new(memory, at);
    room.put(const { &CREATED })?;
    room.put_first(text.len(), &text)?;
    Some(room.at())
}
