//! The records of rows, one after the other.
//!
//! Owns the order of the fields, and that what neighbours have in common is copied. Must not: look for secrets; whoever writes
//! rows here knows that they have none.

use super::super::record::put_text;
use super::field::RecordFields;
use crate::fleet::Field;
use crate::fleet::create_time::CreateTime;
use crate::fleet::fields::{Lists, TextField};
use crate::fleet::piece_writer::{PieceWriter, put_whole};
use crate::fleet::row_texts::{BatchRow, COMMON_FIELDS};

/// Writes the records of rows of one batch.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    /// Where they are written.
    pub out: &'a mut PieceWriter,
    fields: &'a RecordFields,
    list: Lists,
    /// Whether no text has anything that JSON escapes.
    is_plain: bool,
    /// The record before.
    before: CommonEnd,
    /// Whether there is one.
    is_behind: bool,
}

/// What a record has of [`COMMON_FIELDS`].
#[derive(Debug, Default)]
struct CommonEnd {
    /// Where it ends.
    end: usize,
    /// How many bytes before that each field begins.
    before_end: [usize; COMMON_FIELDS.len()],
}

impl<'a> RecordWriter<'a> {
    /// Writes records of this list.
    pub fn new(out: &'a mut PieceWriter, fields: &'a RecordFields, list: Lists, is_plain: bool) -> Self {
        Self {
            out,
            fields,
            list,
            is_plain,
            before: CommonEnd::default(),
            is_behind: false,
        }
    }

    /// Writes something else. The next record has nothing in common with it.
    pub fn put_other(&mut self, record: &[u8]) {
        self.is_behind = false;
        self.out.put(record);
    }

    /// Writes the record of a row, the one behind the row before.
    #[inline]
    pub fn put(&mut self, row: BatchRow<'_>) {
        let begin = self.out.len();
        self.put_name(row);
        self.put_id(row);
        self.put_address(row);
        self.put_quantity::<3>(row);
        self.put_quantity::<4>(row);
        self.put_created(row);
        self.put_common(row);
        // Each field begins with a comma.
        self.out.put_at(begin, b'{');
        self.out.put_byte(b'}');
    }

    #[inline]
    fn put_name(&mut self, row: BatchRow<'_>) {
        let [name, ..] = &self.fields.own;
        match row.name_and_more() {
            Some((len, text)) if self.is_plain => {
                name.quoted.put(self.out);
                self.out.put_first(len, text);
                self.out.put_byte(b'"');
            }
            _ => self.put_own::<0>(row),
        }
    }

    #[inline]
    fn put_id(&mut self, row: BatchRow<'_>) {
        let [_, id, ..] = &self.fields.own;
        match row.uuid() {
            Some(uuid) if id.is_in(self.list) => id.put_uuid(self.out, uuid),
            _ => self.put_own::<1>(row),
        }
    }

    #[inline]
    fn put_address(&mut self, row: BatchRow<'_>) {
        let [_, _, ip, ..] = &self.fields.own;
        match row.address() {
            Some(bits) if ip.is_in(self.list) => ip.put_address(self.out, bits),
            _ => self.put_own::<2>(row),
        }
    }

    #[inline]
    fn put_quantity<const FIELD: usize>(&mut self, row: BatchRow<'_>) {
        let pieces = &self.fields.own[FIELD];
        match row.own_quantity::<FIELD>() {
            Some(quantity) if pieces.is_in(self.list) => pieces.put_quantity(self.out, quantity),
            _ => self.put_own::<FIELD>(row),
        }
    }

    /// Writes a field with any text that it may have.
    #[cold]
    #[inline(never)]
    fn put_own<const FIELD: usize>(&mut self, row: BatchRow<'_>) {
        let pieces = &self.fields.own[FIELD];
        if pieces.is_in(self.list) {
            pieces.put(self.out, row.own::<FIELD>(), self.is_plain);
        }
    }

    #[inline]
    fn put_created(&mut self, row: BatchRow<'_>) {
        let (name, out) = (&self.fields.created, &mut *self.out);
        if let Some(ms) = row.created_ms() {
            name.put(out);
            out.put_with(|room| put_whole(room, ms));
            return;
        }
        match row.texts().created() {
            Field::Absent => {}
            Field::Unreadable => {
                name.put(out);
                out.put(b"null");
            }
            Field::Value(CreateTime::Milliseconds(ms)) => {
                name.put(out);
                out.put(ms.to_string().as_bytes());
            }
            Field::Value(CreateTime::Word(word)) => {
                let mut text = Vec::new();
                put_text(&mut text, word.raw());
                name.put(out);
                out.put(&text);
            }
        }
    }

    /// Writes what the pod may have in common with the one before: as much of it as is the same is copied.
    #[inline]
    fn put_common(&mut self, row: BatchRow<'_>) {
        let new = if self.is_behind {
            row.same_from()
        } else {
            COMMON_FIELDS.len()
        };
        let end = self.before.end;
        for field in 0..new {
            if let Some(begin) = self.before.before_end.get_mut(field) {
                *begin = self.out.len();
            }
            self.put_one(row, field);
        }
        // From here on it is the same as in the record before.
        let same = self.before.before_end.get(new).copied().unwrap_or(0);
        self.out.put_again(end.saturating_sub(same)..end);
        self.is_behind = true;
        self.before.end = self.out.len();
        for begin in self.before.before_end.get_mut(..new).unwrap_or_default() {
            *begin = self.before.end - *begin;
        }
    }

    #[inline]
    fn put_one(&mut self, row: BatchRow<'_>, field: usize) {
        let Some(pieces) = self.fields.common.get(field) else {
            return;
        };
        if !pieces.is_in(self.list) {
            return;
        }
        let out = &mut *self.out;
        match (&pieces.words, pieces.field) {
            (Some(words), _) => words.put(out, row.common(field)),
            (None, TextField::CpuLimit | TextField::MemoryLimit) => {
                pieces.put(out, row.quantity(row.common(field)), self.is_plain);
            }
            (None, field) => pieces.put(out, row.texts().text(field), self.is_plain),
        }
    }
}
