//! What most pods have for themselves, of some rows of one part.
//!
//! A number of a row lies in the memory of its column, so reading a row means as many jumps as it has fields. Owns the numbers of
//! a few rows side by side, and reading values in their usual forms from them. Pages that are sent on and printed lists are written
//! from them. Must not: read any other form of a value; whoever writes such a row asks for it in another way.

use std::net::Ipv4Addr;

use super::{OWN_FIELDS, SentQuantity, own_place};
use crate::fleet::quantity::{MOST, Measure};
use crate::fleet::store::chunk::{Chunk, Col, flag};
use crate::fleet::store::dictionary::ABSENT;
use crate::fleet::store::encoding::{IS_UUID, address, parts};

/// The most rows whose numbers are read together: all of a page, and their numbers fit into the fastest cache.
pub const BATCH_ROWS: usize = 256;

/// The numbers of some rows in a column.
type NumberColumn = [u64; BATCH_ROWS];

/// The numbers of some rows of one part, by the place of each row among them.
#[derive(Debug)]
pub struct OwnNumbers {
    fields: [NumberColumn; OWN_FIELDS.len()],
    created: NumberColumn,
}

impl Default for OwnNumbers {
    fn default() -> Self {
        let column = [0; BATCH_ROWS];
        Self {
            fields: [column; OWN_FIELDS.len()],
            created: column,
        }
    }
}

impl OwnNumbers {
    /// Reads the numbers of the rows at these places of a chunk, which are in ascending order, [`BATCH_ROWS`] of them at most.
    pub(in crate::fleet) fn read(&mut self, chunk: &Chunk, ats: &[usize]) {
        for (field, into) in OWN_FIELDS.into_iter().zip(&mut self.fields) {
            chunk.column(field.col()).read(ats, into);
        }
        chunk.column(Col::Created).read(ats, &mut self.created);
    }

    /// The number of one of [`OWN_FIELDS`], by its place there, of the row at this place among those that were read.
    #[inline]
    pub(in crate::fleet) fn of<const FIELD: usize>(&self, place: usize) -> u64 {
        at(&self.fields[FIELD], place)
    }

    /// The row of the chunk that was read to this place; `None` if it has no pod.
    #[inline]
    pub(in crate::fleet) fn row<'a>(
        &'a self,
        chunk: &'a Chunk,
        place: usize,
        at: usize,
    ) -> Option<OwnValues<'a>> {
        let is_there = place < BATCH_ROWS && at < chunk.len() && self.of::<0>(place) & flag::VACANT == 0;
        is_there.then_some(OwnValues {
            chunk,
            numbers: self,
            place,
            at,
        })
    }
}

/// Every place is below [`BATCH_ROWS`].
#[inline]
fn at(column: &NumberColumn, place: usize) -> u64 {
    column.get(place).copied().unwrap_or(0)
}

/// What a pod has for itself.
#[derive(Debug, Clone, Copy)]
pub struct OwnValues<'a> {
    chunk: &'a Chunk,
    numbers: &'a OwnNumbers,
    /// Among the rows that were read.
    place: usize,
    /// In the chunk.
    at: usize,
}

impl<'a> OwnValues<'a> {
    /// Its name and how long it is, with the names of the rows behind it; `None` if it has no name.
    #[inline]
    pub fn name_and_more(self) -> Option<(usize, &'a [u8])> {
        let is_named = self.numbers.of::<0>(self.place) & flag::NAMELESS == 0;
        is_named.then(|| self.chunk.name_and_more(self.at))
    }

    /// Its id, if that is a UUID.
    #[inline]
    pub fn uuid(self) -> Option<u128> {
        (self.numbers.of::<{ own_place::ID }>(self.place) == IS_UUID).then(|| self.chunk.uuid(self.at))
    }

    /// Its address, if that is an IPv4 address, the first number in the highest bits.
    #[inline]
    pub fn address(self) -> Option<u32> {
        address(self.numbers.of::<{ own_place::POD_IP }>(self.place)).map(Ipv4Addr::to_bits)
    }

    /// One of [`OWN_FIELDS`] that is a quantity, by its place there; `None` if its text is not one.
    #[inline]
    pub fn quantity<const FIELD: usize>(self) -> Option<SentQuantity> {
        SentQuantity::of(self.numbers.of::<FIELD>(self.place))
    }

    /// The amount of one of [`OWN_FIELDS`] that is a quantity, in billionths of a core or in bytes; `None` if its text is not one,
    /// and if the amount is capped.
    #[inline]
    pub fn amount<const FIELD: usize>(self, measure: Measure) -> Option<u64> {
        let parts = parts(self.numbers.of::<FIELD>(self.place))?;
        parts.amount(measure).filter(|amount| *amount < MOST)
    }

    /// Whether HSS does not report one of [`OWN_FIELDS`] but the name, by its place there.
    #[inline]
    pub fn is_absent<const FIELD: usize>(self) -> bool {
        self.numbers.of::<FIELD>(self.place) == ABSENT
    }

    /// Whether HSS does not report its creation time.
    #[inline]
    pub fn is_creation_absent(self) -> bool {
        at(&self.numbers.created, self.place) == ABSENT
    }

    /// Its creation time in milliseconds, if it is one after 1970.
    #[inline]
    pub fn created_ms(self) -> Option<u64> {
        let ms = crate::fleet::store::encoding::created_ms(at(&self.numbers.created, self.place))?;
        u64::try_from(ms).ok()
    }
}
