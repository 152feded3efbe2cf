//! A chunk as bytes, and back.
//!
//! ```text
//! rows │ bytes of names │ end of each name │ names │ column by column: width, numbers │ rows with a UUID, UUIDs │ both lists
//! later columns: name, width, numbers
//! ```
//!
//! Owns that form: it is nearly the one in memory, so reading is copying. Nothing that is read is trusted to be what was
//! written. Must not: store what can be computed.

use std::collections::BTreeMap;

use super::{CHUNK_ROWS, Chunk, Col, PackedRow, Twin, flag};
use crate::fleet::blocks::{BadBlock, BlockBytes, put_number};
use crate::fleet::filter::search::is_plain;
use crate::fleet::store::dictionary::ABSENT;
use crate::fleet::store::packed::Packed;
use crate::fleet::store::stored_columns::{FIRST_FORM, later, later_named};
use crate::fleet::text::{NAME_CHARS, cells};

/// The columns that are computed from others.
const COMPUTED: [usize; 3] = [
    Col::CpuUsage as usize,
    Col::MemoryUsage as usize,
    Col::Risk as usize,
];
/// The flags that a stored row may have.
const OF_POD: u64 = flag::NODE | flag::SERVERLESS | flag::NAMELESS;
/// The most bytes of a name: it was cut to this many characters when it was received.
const NAME_BYTES: usize = NAME_CHARS * 4;

/// The rows that are in both lists, and the bytes behind them.
pub(in crate::fleet) type StoredTwins<'a> = (BTreeMap<u16, Twin>, &'a [u8]);

impl Chunk {
    /// Appends a copy of a row of `other`, which has the same dictionaries.
    pub(in crate::fleet) fn push_row_of(&mut self, other: &Self, at: usize) {
        let uuid = other.uuid(at);
        let (name, codes) = (other.name(at), other.codes(at));
        if let (Some(twin), Ok(place)) = (
            u16::try_from(at).ok().and_then(|at| other.twins.get(&at)),
            u16::try_from(self.len()),
        ) {
            self.twins.insert(place, twin.clone());
        }
        self.extend(&[PackedRow { name, codes, uuid }]);
    }

    /// The rows as bytes; `twins` are those that are in both lists, as bytes.
    pub(in crate::fleet) fn to_bytes(&self, twins: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes());
        put_number(&mut out, self.len());
        put_number(&mut out, self.names.len());
        for end in self.ends.iter() {
            out.extend_from_slice(&end.to_le_bytes());
        }
        out.extend_from_slice(self.names.as_bytes());
        for col in FIRST_FORM {
            put_column(&mut out, self.column(col));
        }
        put_number(&mut out, self.uuids.len());
        out.extend(self.uuids.iter().flat_map(|uuid| uuid.to_le_bytes()));
        out.extend_from_slice(twins);
        for (col, name) in later() {
            let column = self.column(col);
            if column.most() != ABSENT {
                put_number(&mut out, name.len());
                out.extend_from_slice(name.as_bytes());
                put_column(&mut out, column);
            }
        }
        out
    }

    /// Reads rows, without what is computed. `twins` reads the rows that are in both lists.
    pub(in crate::fleet) fn of_bytes(
        bytes: &[u8],
        twins: impl FnOnce(&[u8]) -> Result<StoredTwins<'_>, BadBlock>,
    ) -> Result<Self, BadBlock> {
        let mut bytes = BlockBytes(bytes);
        let (rows, length) = (bytes.number()?, bytes.number()?);
        if rows > CHUNK_ROWS as usize {
            return Err(BadBlock);
        }
        let ends = numbers(&mut bytes, rows, u32::from_le_bytes)?;
        let names = bytes.text(length)?.to_owned();
        let mut chunk = Self {
            names: names.into(),
            ends: ends.into(),
            ..Self::default()
        };
        chunk.check_names()?;
        for col in FIRST_FORM {
            chunk.columns[col as usize] = column(&mut bytes, rows)?.into();
        }
        let mut is_of_pod = true;
        chunk.column(Col::Flags).for_each(|_, flags| {
            is_of_pod &= flags & !OF_POD == 0 && flags & (flag::NODE | flag::SERVERLESS) != 0;
        });
        if !is_of_pod {
            return Err(BadBlock);
        }
        let with_uuid = bytes.number()?;
        if with_uuid > rows {
            return Err(BadBlock);
        }
        chunk.uuids = numbers(&mut bytes, with_uuid, u128::from_le_bytes)?.into();
        (chunk.twins, bytes.0) = twins(bytes.0)?;
        for (col, _) in later() {
            chunk.columns[col as usize] = Packed::One(vec![0; rows]).into();
        }
        while !bytes.0.is_empty() {
            let length = bytes.number()?;
            let known = later_named(bytes.text(length)?);
            let column = column(&mut bytes, rows)?;
            if let Some(col) = known {
                chunk.columns[col as usize] = column.into();
            }
        }
        Ok(chunk)
    }

    /// Sets the computed numbers of all rows: usage of CPU, usage of memory, risk.
    pub(in crate::fleet) fn compute(&mut self, computed: [Packed; COMPUTED.len()]) {
        for (col, mut numbers) in COMPUTED.into_iter().zip(computed) {
            numbers.shrink();
            self.columns[col] = numbers.into();
        }
    }

    /// Checks the names, and notes their longest and whether all are plain.
    fn check_names(&mut self) -> Result<(), BadBlock> {
        let mut start = 0;
        let whole = self.names.len();
        let (is_plain, is_printed) = (is_plain(&self.names), is_printed(&self.names));
        let mut longest = 0;
        for end in self.ends.iter() {
            let end = *end as usize;
            let name = self.names.get(start..end).ok_or(BadBlock)?;
            if name.len() > NAME_BYTES {
                return Err(BadBlock);
            }
            longest = longest.max(if is_printed { name.len() } else { cells(name) });
            start = end;
        }
        self.odd_names = !is_plain;
        self.longest_name = u16::try_from(longest).unwrap_or(u16::MAX);
        if start == whole { Ok(()) } else { Err(BadBlock) }
    }
}

/// Whether each byte of a text is a character that takes one cell.
fn is_printed(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Writes a column: the width of its numbers, then the numbers.
fn put_column(out: &mut Vec<u8>, column: &Packed) {
    match column {
        Packed::One(numbers) => {
            out.push(1);
            out.extend_from_slice(numbers);
        }
        Packed::Two(numbers) => {
            out.push(2);
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        Packed::Four(numbers) => {
            out.push(4);
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        Packed::Eight(numbers) => {
            out.push(8);
            out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
    }
}

/// Reads a column of this many rows.
fn column(bytes: &mut BlockBytes<'_>, rows: usize) -> Result<Packed, BadBlock> {
    let [width] = bytes.array()?;
    Ok(match width {
        1 => Packed::One(bytes.take(rows)?.to_vec()),
        2 => Packed::Two(numbers(bytes, rows, u16::from_le_bytes)?),
        4 => Packed::Four(numbers(bytes, rows, u32::from_le_bytes)?),
        8 => Packed::Eight(numbers(bytes, rows, u64::from_le_bytes)?),
        _ => return Err(BadBlock),
    })
}

/// Numbers of one width.
fn numbers<const WIDTH: usize, T>(
    bytes: &mut BlockBytes<'_>,
    count: usize,
    of: impl Fn([u8; WIDTH]) -> T,
) -> Result<Vec<T>, BadBlock> {
    let length = count.checked_mul(WIDTH).ok_or(BadBlock)?;
    let (each, _) = bytes.take(length)?.as_chunks::<WIDTH>();
    Ok(each.iter().map(|bytes| of(*bytes)).collect())
}
