//! Names as sort keys.
//!
//! Owns reading the names of rows, and the numbers made of their bytes. Must not: know which rows are chosen.

use crate::fleet::Field;
use crate::fleet::snapshot::Fleet;
use crate::fleet::store::chunk::Chunk;

/// The number of bytes of a name that form one number.
pub const PIECE: usize = 6;
/// A number that is larger than all of these.
pub const PAST_PIECES: u64 = 1 << (8 * PIECE);

/// The raw name of a row.
pub fn name(fleet: &Fleet, row: u32) -> Field<&str> {
    fleet
        .at(row)
        .map_or(Field::Absent, |(chunk, at)| fleet.words().name(chunk, at))
}

/// The name of a row as bytes, which need no UTF-8 check; empty if it has none.
pub fn bytes(chunk: &Chunk, at: usize) -> &[u8] {
    let ends = chunk.ends();
    let end = |at: usize| ends.get(at).map(|end| *end as usize);
    let start = at.checked_sub(1).and_then(end).unwrap_or(0);
    let bytes = chunk.names().as_bytes();
    bytes.get(start..end(at).unwrap_or(start)).unwrap_or_default()
}

/// Calls `visit` with each row's place in the chunk and its name, which is empty if there is none.
pub fn each<'a>(chunk: &'a Chunk, mut visit: impl FnMut(usize, &'a [u8])) {
    let (names, mut start) = (chunk.names().as_bytes(), 0);
    for (at, end) in chunk.ends().iter().enumerate() {
        let end = *end as usize;
        visit(at, names.get(start..end).unwrap_or_default());
        start = end;
    }
}

/// [`PIECE`] bytes of a name as a number: if two names differ in them, the numbers have the order of the
/// names.
pub fn piece(name: &[u8], start: usize) -> u64 {
    let rest = name.get(start..).unwrap_or_default();
    let eight = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
        let mut padded = [0; 8];
        padded.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        padded
    });
    u64::from_be_bytes(eight) >> (64 - 8 * PIECE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_differ_have_the_order_of_their_names() {
        let names = [
            "",
            "a",
            "a-",
            "api",
            "api-12",
            "api-123",
            "web",
            "\u{10ffff}\u{10ffff}",
        ];
        let pieces = names.map(|name| piece(name.as_bytes(), 0));
        assert!(pieces.is_sorted() && pieces[4] == pieces[5] && pieces[7] < PAST_PIECES);
        let further = names.map(|name| piece(name.as_bytes(), PIECE));
        assert_eq!((further[4], further[5] > 0, further[0]), (0, true, 0));
    }
}
