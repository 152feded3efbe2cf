//! Some rows of one part, whose numbers are read column by column before their texts are needed.
//!
//! Owns what neighbours have in common, and the order in which the fields of a record of HSS are written: what most pods have for
//! themselves ([`OwnNumbers`]) comes first, and behind it what neighbours have in common, the least common first. So the end of a
//! record is often that of the record before. Must not: write anything.

use super::own::{BATCH_ROWS, OwnNumbers, OwnValues};
use super::{RowTexts, SentQuantity, SentText, quantity, text_of, word_code};
use crate::fleet::field::Field;
use crate::fleet::fields::TextField;
use crate::fleet::fields::orders::is_one_of;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::{Chunk, Col, flag};

/// What most pods have for themselves. In a record, the creation time follows.
pub const OWN_FIELDS: [TextField; 5] = [
    TextField::Name,
    TextField::Id,
    TextField::PodIp,
    TextField::Cpu,
    TextField::Memory,
];

/// Places in [`OWN_FIELDS`].
pub mod own_place {
    /// That of the id.
    pub const ID: usize = 1;
    /// That of the address.
    pub const POD_IP: usize = 2;
    /// That of the CPU that is used.
    pub const CPU: usize = 3;
    /// That of the memory that is used.
    pub const MEMORY: usize = 4;
}
const _: () = assert!(matches!(
    OWN_FIELDS,
    [
        TextField::Name,
        TextField::Id,
        TextField::PodIp,
        TextField::Cpu,
        TextField::Memory
    ]
));

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

/// Room for the numbers of a batch, for one batch after the other.
#[derive(Debug)]
pub struct BatchRoom {
    own: OwnNumbers,
    /// From which of [`COMMON_FIELDS`] on a row is like the row before.
    same_from: [u8; BATCH_ROWS],
}

impl Default for BatchRoom {
    fn default() -> Self {
        Self {
            own: OwnNumbers::default(),
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
        room.own.read(chunk, ats);
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
        let (both, at) = (flag::NODE | flag::SERVERLESS, (row - self.first) as usize);
        let own = self.room.own.row(self.chunk, place, at)?;
        let is_one = self.room.own.of::<0>(place) & both != both;
        is_one.then_some(BatchRow {
            batch: self,
            own,
            place,
            at,
        })
    }
}

/// A row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct BatchRow<'a> {
    batch: &'a RowBatch<'a>,
    own: OwnValues<'a>,
    /// In the batch.
    place: usize,
    /// In the chunk.
    at: usize,
}

impl<'a> BatchRow<'a> {
    /// What its pod has for itself, in the usual forms.
    #[inline]
    pub const fn own(self) -> OwnValues<'a> {
        self.own
    }

    /// The text of one of [`OWN_FIELDS`], by its place there, in whatever form.
    #[inline]
    pub fn own_text<const FIELD: usize>(self) -> Field<SentText<'a>> {
        text_of(
            self.batch.fleet,
            self.batch.chunk,
            self.at,
            const { OWN_FIELDS[FIELD] },
            self.batch.room.own.of::<FIELD>(self.place),
        )
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
