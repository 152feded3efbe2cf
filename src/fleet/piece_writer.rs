//! Bytes that are written in many short pieces.
//!
//! A long list consists of nothing else: names of fields, words that many pods have, numbers. Owns writing such a piece in a few
//! instructions, and the digits of numbers, addresses and UUIDs. Must not: know what is written.

use std::ops::Range;

/// How many bytes are copied at once, whatever the length of a short piece: that takes two instructions, and a copy of just as
/// many bytes as there are takes a call.
pub const WINDOW: usize = 64;

/// A text that is being written. What is behind its length is left of earlier texts.
#[derive(Debug, Default)]
pub struct PieceWriter {
    bytes: Vec<u8>,
    len: usize,
}

impl PieceWriter {
    /// Writes into this memory, whatever is in it.
    pub const fn into_memory(bytes: Vec<u8>) -> Self {
        Self { bytes, len: 0 }
    }

    /// The memory.
    pub fn memory(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes that are written.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is written.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What is written.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// What is written from this place on, and what is left behind it: a part that is copied from here is followed by more.
    #[inline]
    pub fn memory_from(&self, begin: usize) -> &[u8] {
        self.bytes.get(begin..).unwrap_or_default()
    }

    /// Forgets what is written behind this place.
    #[inline]
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes a piece.
    #[inline]
    pub fn put(&mut self, piece: &[u8]) {
        let end = self.len + piece.len();
        if self.bytes.len() < end {
            self.bytes.resize(end.max(2 * self.bytes.len()), 0);
        }
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(piece);
        }
        self.len = end;
    }

    /// Writes the first `len` bytes of a text, which is faster than [`Self::put`] if the text has [`WINDOW`] bytes or more.
    #[inline]
    pub fn put_first(&mut self, len: usize, text: &[u8]) {
        let from = text.first_chunk::<WINDOW>().filter(|_| len <= WINDOW);
        let room = self.bytes.get_mut(self.len..);
        if let (Some(from), Some(to)) = (from, room.and_then(|room| room.first_chunk_mut())) {
            *to = *from;
            self.len += len;
        } else {
            self.put(text.get(..len).unwrap_or(text));
        }
    }

    /// Writes once more what is written there.
    #[inline]
    pub fn put_again(&mut self, part: Range<usize>) {
        let len = part.len();
        let from = self
            .bytes
            .get(part.start..)
            .and_then(|from| from.first_chunk::<WINDOW>());
        let from = from.copied().filter(|_| len <= WINDOW);
        let room = self.bytes.get_mut(self.len..);
        if let (Some(from), Some(to)) = (from, room.and_then(|room| room.first_chunk_mut())) {
            *to = from;
            self.len += len;
            return;
        }
        let end = self.len + len;
        if self.bytes.len() < end {
            self.bytes.resize(end.max(2 * self.bytes.len()), 0);
        }
        if part.end <= self.len {
            self.bytes.copy_within(part, self.len);
            self.len = end;
        }
    }

    /// Writes a short piece in place; `fill` writes it and returns its length.
    ///
    /// Bytes that were written one by one and are then copied many at once make the processor wait.
    #[inline]
    pub fn put_with(&mut self, fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) {
        if self.bytes.len() < self.len + WINDOW {
            self.bytes.resize(2 * self.bytes.len() + WINDOW, 0);
        }
        let room = self.bytes.get_mut(self.len..);
        if let Some(room) = room.and_then(|room| room.first_chunk_mut()) {
            self.len += fill(room).min(WINDOW);
        }
    }

    /// Writes over the byte at this place, or behind the end.
    pub fn put_at(&mut self, at: usize, byte: u8) {
        if at >= self.len {
            self.put(&[byte]);
        } else if let Some(place) = self.bytes.get_mut(at) {
            *place = byte;
        }
    }
}

/// The numbers below 100, in two digits each.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0_u8;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// The most characters of a number: the digits of a `u64`, a zero and a point.
const LONGEST_NUMBER: usize = 22;

/// Writes a number with a point before the last `fraction` digits, if there are any, and some letters; returns their length.
#[inline]
pub fn put_number(room: &mut [u8; WINDOW], number: u64, fraction: usize, letters: &[u8]) -> usize {
    let digits = number.checked_ilog10().map_or(1, |most| most as usize + 1);
    let len = if fraction == 0 {
        put_digits(&mut room[..digits], number);
        digits
    } else {
        let len = (digits.max(fraction + 1) + 1).min(LONGEST_NUMBER);
        put_with_point(&mut room[..len], number, fraction);
        len
    };
    for (place, letter) in room[len..].iter_mut().zip(letters) {
        *place = *letter;
    }
    (len + letters.len()).min(WINDOW)
}

/// Writes as many digits as there is room for, the last ones of the number.
#[inline]
pub fn put_digits(room: &mut [u8], mut number: u64) {
    let mut pairs = room.rchunks_exact_mut(2);
    for place in &mut pairs {
        // At most 99.
        let pair = usize::try_from(number % 100).unwrap_or(0);
        place.copy_from_slice(&PAIRS[pair]);
        number /= 100;
    }
    if let [first] = pairs.into_remainder() {
        *first = PAIRS[usize::try_from(number % 100).unwrap_or(0)][1];
    }
}

fn put_with_point(room: &mut [u8], mut number: u64, fraction: usize) {
    for (digit, place) in room.iter_mut().rev().enumerate() {
        if digit == fraction {
            *place = b'.';
        } else {
            *place = PAIRS[usize::try_from(number % 10).unwrap_or(0)][1];
            number /= 10;
        }
    }
}

/// Writes an IPv4 address, the first number in the highest bits; returns its length.
#[inline]
pub fn put_address(room: &mut [u8; WINDOW], bits: u32) -> usize {
    let mut len = 0;
    for byte in bits.to_be_bytes() {
        let digits = 1 + usize::from(byte > 9) + usize::from(byte > 99);
        put_digits(&mut room[len..len + digits], byte.into());
        len += digits + 1;
        room[len - 1] = b'.';
    }
    len - 1
}

/// Writes a UUID in its usual form; returns its length.
#[inline]
pub fn put_uuid(room: &mut [u8; WINDOW], uuid: u128) -> usize {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // Behind the hyphens so far.
    let places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    for (at, byte) in places.into_iter().zip(uuid.to_be_bytes()) {
        room[at] = DIGITS[usize::from(byte >> 4)];
        room[at + 1] = DIGITS[usize::from(byte & 15)];
    }
    for hyphen in [8, 13, 18, 23] {
        room[hyphen] = b'-';
    }
    36
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> String {
        let mut out = PieceWriter::default();
        out.put_with(fill);
        String::from_utf8(out.written().to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn all_that_was_written_is_there(
            pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>(), 0_usize..100), 0..20),
            again in prop::collection::vec(0_usize..500, 20),
            room in 0_usize..400,
        ) {
            // What was in the memory before does not show.
            let (mut out, mut expected) = (PieceWriter::into_memory(vec![7; room]), Vec::new());
            for ((piece, is_part, len), again) in pieces.into_iter().zip(again) {
                let len = if is_part { len.min(piece.len()) } else { piece.len() };
                out.put_first(len, &piece);
                expected.extend_from_slice(&piece[..len]);
                let begin = again.min(expected.len());
                let part = begin..expected.len().min(begin + again / 2);
                out.put_again(part.clone());
                expected.extend_from_within(part);
            }
            out.put_with(|room| {
                room[..2].copy_from_slice(b"ab");
                2
            });
            expected.extend_from_slice(b"ab");
            out.put_at(1, 9);
            expected[1] = 9;
            out.put_at(out.len(), 8);
            expected.push(8);
            prop_assert_eq!((out.written(), out.len()), (&expected[..], expected.len()));
            out.truncate(1);
            prop_assert_eq!(out.written(), &expected[..1]);
        }

        #[test]
        fn digits_are_those_of_the_number(number in any::<u64>(), shift in 0_u32..64, fraction in 0_usize..17) {
            let number = number >> shift;
            let mut text = format!("{number:0>width$}", width = fraction + 1);
            if fraction > 0 {
                text.insert(text.len() - fraction, '.');
            }
            text.push('m');
            prop_assert_eq!(written(|room| put_number(room, number, fraction, b"m")), text);
        }

        #[test]
        fn addresses_and_uuids_have_their_usual_form(bits in any::<u32>(), uuid in any::<u128>()) {
            prop_assert_eq!(written(|room| put_address(room, bits)), std::net::Ipv4Addr::from_bits(bits).to_string());
            prop_assert_eq!(written(|room| put_uuid(room, uuid)), crate::fleet::store::encoding::uuid_text(uuid));
        }
    }
}
