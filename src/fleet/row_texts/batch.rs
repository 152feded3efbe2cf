//! Some rows of one part, whose numbers are read column by column before their texts are needed.
//!
//! A number of a row lies in the memory of its column, so reading a row means as many jumps as it has fields. Owns the numbers of
//! a few rows side by side, what neighbours have in common, and the order in which the fields of a record are written: what most pods have for themselves comes
//! first, and behind it what neighbours have in common, the least common first. So the end of a record is often that of the
//! record before. Must not: write anything.

use std::net::Ipv4Addr;

use super::{RowTexts, SentQuantity, SentText, quantity, text_of, word_code};
use crate::fleet::field::Field;
use crate::fleet::fields::TextField;
use crate::fleet::fields::orders::is_one_of;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{Chunk, Col, flag};
use crate::fleet::store::encoding::{IS_UUID, address};

/// The most rows of a batch: all of a page, and their numbers fit into the fastest cache.
pub const BATCH_ROWS: usize = 256;

/// What most pods have for themselves. In a record, the creation time follows.
pub const OWN_FIELDS: [TextField; 5] = [
    TextField::Name,
    TextField::Id,
    TextField::PodIp,
    TextField::Cpu,
    TextField::Memory,
];

/// What neighbours have in common, the least common first. Of a text that is not named here nobody has measured how common
/// it is, so it comes before all of them.
pub const COMMON_FIELDS: [TextField; TextField::ALL.len() - OWN_FIELDS.len()] = {
    let mut fields = [TextField::Name; TextField::ALL.len() - OWN_FIELDS.len()];
    let (mut count, mut at) = (0, 0);
    while at < TextField::ALL.len() {
        let field = TextField::ALL[at];
        if !is_one_of(field, &OWN_FIELDS) && !is_one_of(field, &MOST_COMMON) {
            fields[count] = field;
            count += 1;
        }
        at += 1;
    }
    at = 0;
    while at < MOST_COMMON.len() {
        fields[count] = MOST_COMMON[at];
        count += 1;
        at += 1;
    }
    fields
};

/// The fields of which it is known how common they are, the least common first.
const MOST_COMMON: [TextField; 12] = [
    TextField::Node,
    TextField::NodeIp,
    TextField::Status,
    TextField::CpuLimit,
    TextField::MemoryLimit,
    TextField::Namespace,
    TextField::Detection,
    TextField::Protection,
    TextField::Region,
    TextField::ClusterType,
    TextField::ClusterId,
    TextField::Cluster,
];

/// The columns of [`COMMON_FIELDS`].
const COMMON_COLS: [Col; COMMON_FIELDS.len()] = {
    let mut columns = [Col::Flags; COMMON_FIELDS.len()];
    let mut at = 0;
    while at < COMMON_FIELDS.len() {
        columns[at] = COMMON_FIELDS[at].col();
        at += 1;
    }
    columns
};

/// The numbers of some rows in a column.
type BatchColumn = [u64; BATCH_ROWS];

/// Room for the numbers of a batch, for one batch after the other.
#[derive(Debug)]
pub struct BatchRoom {
    own: [BatchColumn; OWN_FIELDS.len()],
    created: BatchColumn,
    /// From which of [`COMMON_FIELDS`] on a row is like the row before.
    same_from: [u8; BATCH_ROWS],
}

impl Default for BatchRoom {
    fn default() -> Self {
        let column = [0; BATCH_ROWS];
        Self {
            own: [column; OWN_FIELDS.len()],
            created: column,
            same_from: [0; BATCH_ROWS],
        }
    }
}

/// Some rows of one part.
#[derive(Debug)]
pub struct RowBatch<'a> {
    fleet: &'a Fleet,
    chunk: &'a Chunk,
    first: u32,
    len: usize,
    room: &'a BatchRoom,
}

impl<'a> RowBatch<'a> {
    /// The first of these rows, which are in ascending order, as many as are in one part, at most [`BATCH_ROWS`]; `None` if
    /// names are masked.
    pub fn of(fleet: &'a Fleet, rows: &[u32], room: &'a mut BatchRoom) -> Option<Self> {
        let part = Fleet::part_of(*rows.first()?);
        let chunk = fleet
            .chunks()
            .get(part)
            .filter(|_| fleet.pseudonyms().is_none())?;
        let mut ats = [0_usize; BATCH_ROWS];
        let (mut len, first) = (0, u32::try_from(part).ok()?.checked_mul(super::CHUNK_ROWS)?);
        let of_part = rows.iter().take_while(|row| Fleet::part_of(**row) == part);
        for (at, row) in ats.iter_mut().zip(of_part) {
            *at = (*row - first) as usize;
            len += 1;
        }
        let ats = ats.get(..len)?;
        for (field, into) in OWN_FIELDS.into_iter().zip(&mut room.own) {
            chunk.column(field.col()).read(ats, into);
        }
        chunk.column(Col::Created).read(ats, &mut room.created);
        room.same_from = [0; BATCH_ROWS];
        for (col, behind) in COMMON_COLS.into_iter().zip(1..) {
            chunk.column(col).mark_new(ats, behind, &mut room.same_from);
        }
        Some(Self {
            fleet,
            chunk,
            first,
            len,
            room,
        })
    }

    /// How many rows it has.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A row of the batch, by its place in it; `None` if it has no pod, or one in both lists.
    #[inline]
    pub fn row(&self, place: usize, row: u32) -> Option<BatchRow<'_>> {
        let both = flag::NODE | flag::SERVERLESS;
        let (flags, at) = (*self.room.own[0].get(place)?, (row - self.first) as usize);
        let is_one = flags & flag::VACANT == 0 && flags & both != both && at < self.chunk.len();
        is_one.then_some(BatchRow {
            batch: self,
            place,
            at,
        })
    }
}

/// A row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchRow<'a> {
    batch: &'a RowBatch<'a>,
    /// In the batch.
    place: usize,
    /// In the chunk.
    at: usize,
}

impl<'a> BatchRow<'a> {
    /// The number in one of the columns; every place is below [`BATCH_ROWS`].
    #[inline]
    fn of(self, column: &BatchColumn) -> u64 {
        column.get(self.place).copied().unwrap_or(0)
    }

    /// Its name and how long it is, with the names of the rows behind it; `None` if it has no name.
    #[inline]
    pub fn name_and_more(self) -> Option<(usize, &'a [u8])> {
        let [flags, ..] = &self.batch.room.own;
        let is_named = self.of(flags) & flag::NAMELESS == 0;
        is_named.then(|| self.batch.chunk.name_and_more(self.at))
    }

    /// The text of one of [`OWN_FIELDS`], by its place there.
    #[inline]
    pub fn own<const FIELD: usize>(self) -> Field<SentText<'a>> {
        let code = self.of(&self.batch.room.own[FIELD]);
        text_of(
            self.batch.fleet,
            self.batch.chunk,
            self.at,
            const { OWN_FIELDS[FIELD] },
            code,
        )
    }

    /// Its id, if that is a UUID.
    #[inline]
    pub fn uuid(self) -> Option<u128> {
        let [_, id, ..] = &self.batch.room.own;
        (self.of(id) == IS_UUID).then(|| self.batch.chunk.uuid(self.at))
    }

    /// Its address, if that is an IPv4 address, the first number in the highest bits.
    #[inline]
    pub fn address(self) -> Option<u32> {
        let [_, _, ip, ..] = &self.batch.room.own;
        address(self.of(ip)).map(Ipv4Addr::to_bits)
    }

    /// One of [`OWN_FIELDS`] that is a quantity, by its place there; `None` if its text is not one.
    #[inline]
    pub fn own_quantity<const FIELD: usize>(self) -> Option<SentQuantity> {
        SentQuantity::of(self.of(&self.batch.room.own[FIELD]))
    }

    /// From which of [`COMMON_FIELDS`] on the texts are those of the row before.
    #[inline]
    pub fn same_from(self) -> usize {
        let same_from = self.batch.room.same_from.get(self.place);
        same_from.copied().map_or(COMMON_FIELDS.len(), usize::from)
    }

    /// The number of one of [`COMMON_FIELDS`], by its place there. Few rows need it.
    #[inline]
    pub fn common(self, field: usize) -> u64 {
        let number = |col: &Col| word_code(self.batch.chunk.code(*col, self.at), *col);
        COMMON_COLS.get(field).map_or(0, number)
    }

    /// One of [`COMMON_FIELDS`] that is a quantity, by its place there; `None` if its text is not one.
    #[inline]
    pub fn common_quantity(self, field: usize) -> Option<SentQuantity> {
        let col = COMMON_FIELDS
            .get(field)
            .filter(|field| field.is_quantity())?
            .col();
        SentQuantity::of(self.batch.chunk.code(col, self.at))
    }

    /// The text of a quantity with this number.
    #[inline]
    pub fn quantity(self, code: u64) -> Field<SentText<'a>> {
        quantity(self.batch.fleet, code)
    }

    /// The row, for everything else.
    pub fn texts(self) -> RowTexts<'a> {
        RowTexts {
            fleet: self.batch.fleet,
            chunk: self.batch.chunk,
            at: self.at,
        }
    }

    /// Its creation time in milliseconds, if it is one after 1970.
    #[inline]
    pub fn created_ms(self) -> Option<u64> {
        let ms = crate::fleet::store::encoding::created_ms(self.of(&self.batch.room.created))?;
        u64::try_from(ms).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_in_one_of_the_orders() {
        let mut all: Vec<TextField> = OWN_FIELDS.into_iter().chain(COMMON_FIELDS).collect();
        assert_eq!(all.len(), TextField::ALL.len());
        all.retain(|field| !TextField::ALL.contains(field));
        assert!(all.is_empty(), "{all:?}");
    }
}
