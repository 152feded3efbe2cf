//! Some thousand neighbouring rows, stored by column.
//!
//! Owns the layout of the fleet in memory: every field of a pod is a number in a [`Packed`] column.
//! Exceptions are its name, which is stored together with its neighbours' names in one text, and its id, if
//! that is a UUID. Snapshots of the store share chunks, so a page only rewrites the chunks that it touches.
//! A chunk shares each of its columns with the chunks that it was copied from until that column changes: most pages only bring
//! other usages, and a picture that is held while data goes on holds no second copy of anything else. Must not: know what
//! the numbers mean.

mod stored;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::mask::Mask;
use super::packed::Packed;
pub use crate::fleet::fields::Col;
use crate::fleet::filter::search::is_plain;
use crate::fleet::pod::CommonFields;
use crate::fleet::text::cells;

/// Rows of a chunk. A power of two, so that a row's chunk and place are bits of its number; a place fits into
/// a `u16`.
pub const CHUNK_ROWS: u32 = 4096;

/// How many columns there are.
pub const COLS: usize = Col::Risk as usize + 1;
/// Sets of columns are the bits of a number.
const _: () = assert!(COLS <= u32::BITS as usize);

/// A row's numbers, by column.
pub type Codes = [u64; COLS];

/// The properties of a row, as bits of its number in [`Col::Flags`].
pub mod flag {
    /// It has a record in `data_list`.
    pub const NODE: u64 = 1;
    /// It has a record in `pod_info_list`.
    pub const SERVERLESS: u64 = 2;
    /// It vanished; its last data is still stored.
    pub const GONE: u64 = 4;
    /// It has no name.
    pub const NAME_ABSENT: u64 = 8;
    /// Its name was unreadable.
    pub const NAME_UNREADABLE: u64 = 16;
    /// It has no name or an unreadable one: its name in the chunk's text is empty.
    pub const NAMELESS: u64 = NAME_ABSENT | NAME_UNREADABLE;
    /// The row is unused: the next new pod gets it.
    pub const VACANT: u64 = 32;
    /// Larger than every combination of flags.
    pub const ALL: u64 = 64;
}

/// One row that is ready to be written into a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedRow<'a> {
    /// The pod's name; empty if it has none, see [`Col::Flags`].
    pub name: &'a str,
    /// The numbers by column.
    pub codes: Codes,
    /// The id, if [`Col::Id`] says that it is a UUID.
    pub uuid: u128,
}

/// The data of a pod in both lists that its columns do not hold; the columns hold the pod's effective values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Bits of the common fields that its node record lacks, in the order of [`CommonFields`].
    pub silent: u32,
    /// The common fields of its serverless record, if they differ from the effective values.
    pub differs: Option<Box<CommonFields>>,
}

/// The rows, stored by column.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    names: Arc<String>,
    /// Whether a name contains other characters than ASCII without upper-case letters.
    odd_names: bool,
    /// The cells of the longest name that it ever had.
    longest_name: u16,
    /// The end of each name in `names`.
    ends: Arc<Vec<u32>>,
    columns: [Arc<Packed>; COLS],
    uuids: Arc<Vec<u128>>,
    /// The rows that are in both lists.
    pub twins: BTreeMap<u16, Twin>,
    /// The number of vacant rows.
    pub vacant: usize,
    /// When the gone rows vanished, in seconds since 1970.
    pub gone_at: BTreeMap<u16, i64>,
}

impl Chunk {
    /// The number of rows, including vacant ones.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// A column.
    #[inline]
    pub fn column(&self, col: Col) -> &Packed {
        // In bounds by the type of `Col`.
        &self.columns[col as usize]
    }

    /// The number in a column.
    #[inline]
    pub fn code(&self, col: Col, at: usize) -> u64 {
        self.column(col).get(at)
    }

    /// Whether a row has at least one of these flags.
    pub fn has(&self, at: usize, flags: u64) -> bool {
        self.code(Col::Flags, at) & flags != 0
    }

    /// The id of a row whose [`Col::Id`] says that it is a UUID.
    #[inline]
    pub fn uuid(&self, at: usize) -> u128 {
        self.uuids.get(at).copied().unwrap_or_default()
    }

    /// The text that all names are stored in, one after the other.
    pub fn names(&self) -> &str {
        &self.names
    }

    /// The names of these rows, one after the other.
    pub fn names_of(&self, rows: std::ops::Range<usize>) -> &[u8] {
        let end = self.start(rows.end.min(self.len()));
        let names = self.names.as_bytes().get(self.start(rows.start)..end);
        names.unwrap_or_default()
    }

    /// The end of each name in the text.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The rows that hold a pod, present or gone.
    pub fn taken(&self) -> Mask {
        let all = Mask::first(self.len());
        if self.vacant == 0 {
            return all;
        }
        all.without(Mask::of(self.column(Col::Flags), |flags| {
            flags & flag::VACANT != 0
        }))
    }

    /// The name of a row.
    pub fn name(&self, at: usize) -> &str {
        let start = self.start(at);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.names.get(start..end).unwrap_or_default()
    }

    /// The length of a row's name, and the text from its name on: whoever copies a name may copy more than it.
    #[inline]
    pub fn name_and_more(&self, at: usize) -> (usize, &[u8]) {
        let start = self.start(at);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        (
            end - start,
            self.names.as_bytes().get(start..).unwrap_or_default(),
        )
    }

    #[inline]
    fn start(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| *end as usize)
    }

    /// The row's numbers, by column.
    #[inline]
    pub fn codes(&self, at: usize) -> Codes {
        std::array::from_fn(|col| self.columns[col].get(at))
    }

    /// For each of the rows from `first` on, `most` of them at most, the columns in which it differs from the row before it, as bits
    /// in the order of [`Col`]; none for the first row of the chunk.
    pub fn mark_changes(&self, first: usize, most: usize, marks: &mut Vec<u32>) {
        marks.clear();
        marks.resize(self.len().saturating_sub(first).min(most), 0);
        for (column, bit) in self.columns.iter().zip(0..) {
            column.mark_changes(first, bit, marks);
        }
    }

    /// Writes a row at `at`, which is at most the number of rows.
    pub fn set(&mut self, at: usize, row: &PackedRow<'_>) {
        let is_new = at == self.len();
        self.vacant -= usize::from(at < self.len() && self.has(at, flag::VACANT));
        self.vacant += usize::from(row.codes[Col::Flags as usize] & flag::VACANT != 0);
        self.set_name(at, row.name);
        for (column, code) in self.columns.iter_mut().zip(row.codes) {
            if is_new {
                Arc::make_mut(column).push(code);
            } else if column.get(at) != code {
                Arc::make_mut(column).set(at, code);
            }
        }
        if row.uuid != 0 || at < self.uuids.len() {
            self.set_uuid(at, row.uuid);
        }
        if is_new && self.len() == CHUNK_ROWS as usize {
            self.shrink();
        }
    }

    /// Appends new rows; the chunk must have room for them.
    pub fn extend(&mut self, rows: &[PackedRow<'_>]) {
        let first = self.len();
        for row in rows {
            self.push_name(row.name);
        }
        for (col, column) in self.columns.iter_mut().enumerate() {
            Arc::make_mut(column).extend(rows.iter().map(|row| row.codes[col]));
        }
        if rows.iter().any(|row| row.uuid != 0) {
            let uuids = Arc::make_mut(&mut self.uuids);
            uuids.resize(first, 0);
            uuids.extend(rows.iter().map(|row| row.uuid));
        }
        if self.len() == CHUNK_ROWS as usize {
            self.shrink();
        }
    }

    /// Sets one number of an existing row.
    pub fn set_code(&mut self, col: Col, at: usize, code: u64) {
        let column = &mut self.columns[col as usize];
        if at >= self.ends.len() || column.get(at) != code {
            Arc::make_mut(column).set(at, code);
        }
    }

    /// Sets the id of an existing row whose [`Col::Id`] says that it is a UUID.
    pub fn set_uuid(&mut self, at: usize, uuid: u128) {
        if self.uuids.get(at) == Some(&uuid) {
            return;
        }
        let uuids = Arc::make_mut(&mut self.uuids);
        if uuids.len() <= at {
            uuids.resize(at + 1, 0);
        }
        if let Some(place) = uuids.get_mut(at) {
            *place = uuid;
        }
    }

    /// Whether all names are ASCII without upper-case letters.
    pub fn has_plain_names(&self) -> bool {
        !self.odd_names
    }

    /// The cells of the longest name that it ever had.
    pub fn longest_name(&self) -> usize {
        self.longest_name.into()
    }

    fn note_name(&mut self, name: &str) {
        self.odd_names = self.odd_names || !is_plain(name);
        let cells = u16::try_from(cells(name)).unwrap_or(u16::MAX);
        self.longest_name = self.longest_name.max(cells);
    }

    fn push_name(&mut self, name: &str) {
        self.note_name(name);
        Arc::make_mut(&mut self.names).push_str(name);
        let end = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        Arc::make_mut(&mut self.ends).push(end);
    }

    fn set_name(&mut self, at: usize, name: &str) {
        if at >= self.len() {
            self.push_name(name);
            return;
        }
        if self.name(at) == name {
            return;
        }
        self.note_name(name);
        let old = self.start(at)..self.ends.get(at).map_or(0, |end| *end as usize);
        let (start, shorter) = (old.start, old.len());
        Arc::make_mut(&mut self.names).replace_range(old, name);
        debug_assert!(self.names.is_char_boundary(start));
        if shorter == name.len() {
            return;
        }
        for end in Arc::make_mut(&mut self.ends).iter_mut().skip(at) {
            let moved = (*end as usize).saturating_sub(shorter) + name.len();
            *end = u32::try_from(moved).unwrap_or(u32::MAX);
        }
    }

    /// Releases the spare memory of a full chunk, which never grows again.
    fn shrink(&mut self) {
        Arc::make_mut(&mut self.names).shrink_to_fit();
        Arc::make_mut(&mut self.ends).shrink_to_fit();
        Arc::make_mut(&mut self.uuids).shrink_to_fit();
        for column in &mut self.columns {
            Arc::make_mut(column).shrink();
        }
    }

    /// The bytes of memory that it uses, without the fields in [`Twin::differs`].
    pub fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(|column| column.bytes()).sum();
        // Each part is an allocation of its own, with two counters.
        let parts = COLS * (size_of::<Packed>() + 16) + size_of::<String>() + 2 * size_of::<Vec<u32>>() + 48;
        let twins = self.twins.len() * size_of::<(u16, Twin)>() * 2;
        let gone = self.gone_at.len() * size_of::<(u16, i64)>() * 2;
        size_of::<Self>()
            + parts
            + self.names.capacity()
            + self.ends.capacity() * 4
            + self.uuids.capacity() * 16
            + columns
            + twins
            + gone
    }
}

impl Chunk {
    /// The bytes of memory that it does not share with `other`.
    pub fn bytes_apart_from(&self, other: &Self) -> usize {
        let columns = self.columns.iter().zip(&other.columns);
        let apart = columns.filter(|(own, others)| !Arc::ptr_eq(own, others));
        let columns: usize = apart.map(|(own, _)| own.bytes()).sum();
        let bytes = |is_shared: bool, bytes: usize| if is_shared { 0 } else { bytes };
        size_of::<Self>()
            + columns
            + bytes(Arc::ptr_eq(&self.names, &other.names), self.names.capacity())
            + bytes(Arc::ptr_eq(&self.ends, &other.ends), self.ends.capacity() * 4)
            + bytes(Arc::ptr_eq(&self.uuids, &other.uuids), self.uuids.capacity() * 16)
    }
}

#[cfg(test)]
mod tests;
