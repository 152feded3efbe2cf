//! Bytes that are written in many short pieces.
//!
//! A long list consists of nothing else: names of fields, words that many pods have, numbers. Owns writing such a piece in a few
//! instructions, and the digits of numbers, addresses and UUIDs. Must not: know what is written.

mod ids;

use std::ops::Range;

use super::piece_room::PieceRoom;
pub use ids::{put_address, put_uuid};

/// How many bytes are copied at once, whatever the length of a short piece: that takes two instructions, and a copy of just as
/// many bytes as there are takes a call.
pub const WINDOW: usize = 64;

/// A text that is being written. What is behind its length is left of earlier texts.
#[derive(Debug, Default)]
pub struct PieceWriter {
    bytes: Vec<u8>,
    len: usize,
}

impl From<Vec<u8>> for PieceWriter {
    /// All of these bytes are written.
    fn from(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self { bytes, len }
    }
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

    /// Makes room for this many bytes at least.
    pub fn make_room(&mut self, bytes: usize) {
        if self.bytes.len() < bytes {
            self.bytes.resize(bytes, 0);
        }
    }

    /// Makes room for this many bytes more, and then for half as many again as are written: what follows seldom needs much more.
    #[inline]
    pub fn make_room_for(&mut self, more: usize) {
        if self.bytes.len() < self.len + more {
            self.make_room(self.len + more.max(self.len / 2));
        }
    }

    /// The bytes of its memory.
    pub const fn room(&self) -> usize {
        self.bytes.capacity()
    }

    /// The bytes that are written.
    #[inline]
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

    /// Writes a byte.
    #[inline]
    pub fn put_byte(&mut self, byte: u8) {
        match self.bytes.get_mut(self.len) {
            Some(place) => {
                *place = byte;
                self.len += 1;
            }
            None => self.put(&[byte]),
        }
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
        let (len, end) = (part.len(), self.len + part.len());
        if part.end > self.len {
            return;
        }
        if self.bytes.len() < end + WINDOW {
            self.bytes.resize(2 * self.bytes.len() + len + WINDOW, 0);
        }
        for done in (0..len).step_by(WINDOW) {
            let from = self
                .bytes
                .get(part.start + done..)
                .and_then(|from| from.first_chunk::<WINDOW>());
            let Some(from) = from.copied() else {
                return;
            };
            let to = self.bytes.get_mut(self.len + done..);
            if let Some(to) = to.and_then(|to| to.first_chunk_mut()) {
                *to = from;
            }
        }
        self.len = end;
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

    /// Writes pieces that follow one another without a note of each place. Returns whether they are written: nothing is if `fill`
    /// returns `None`, because there is too little room or for a reason of its own.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the place stays in a register only if no function is called with it"
    )]
    pub fn put_in_place(&mut self, fill: impl FnOnce(&mut PieceRoom<'_>) -> Option<()>) -> bool {
        let mut room = PieceRoom::new(&mut self.bytes, self.len);
        let is_written = fill(&mut room).is_some();
        let end = room.at();
        if is_written {
            self.len = end;
        }
        is_written
    }

    /// Writes over the byte at this place, or behind the end.
    #[inline]
    pub fn put_at(&mut self, at: usize, byte: u8) {
        if at >= self.len {
            self.put(&[byte]);
        } else if let Some(place) = self.bytes.get_mut(at) {
            *place = byte;
        }
    }
}

/// The numbers below 100, in two digits each, and some more places, so that seven bits are always one of them.
const PAIRS: [[u8; 2]; 128] = {
    let mut pairs = [[b'0'; 2]; 128];
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
    let len = if fraction == 0 {
        put_whole(room, number)
    } else {
        put_with_point(room, number, fraction)
    };
    match *letters {
        [] => {}
        [one] => room[len] = one,
        [one, two] => [room[len], room[len + 1]] = [one, two],
        _ => {
            for (place, letter) in room[len..].iter_mut().zip(letters) {
                *place = *letter;
            }
        }
    }
    (len + letters.len()).min(WINDOW)
}

/// The two digits of a number below 100.
#[inline]
pub fn two_digits(number: u64) -> [u8; 2] {
    PAIRS[usize::try_from(number & 127).unwrap_or(0)]
}

/// Writes a number of billionths below 10,000 times a billion: the digits before the point, the point, and those behind it without
/// the zeros at the end, but one digit at least. Returns its length.
#[inline]
pub fn put_billionths(room: &mut [u8; WINDOW], billionths: u64) -> usize {
    const ONE: u64 = 1_000_000_000;
    const TENTH: u64 = ONE / 10;
    let (whole, part) = (billionths / ONE, billionths % ONE);
    let len = put_whole(room, whole);
    let (first, rest) = (part / TENTH, eight_digits(part % TENTH));
    set(room, len, [b'.', b'0' + u8::try_from(first).unwrap_or(0)]);
    set(room, len + 2, rest.to_le_bytes());
    let zeros = (rest ^ 0x3030_3030_3030_3030).leading_zeros() / 8;
    len + 10 - zeros as usize
}

const TEN_THOUSAND: u64 = 10_000;
/// The least number of 13 digits.
const DATE_FROM: u64 = TEN_THOUSAND * TEN_THOUSAND * TEN_THOUSAND;

/// Writes a whole number; returns its length.
#[inline]
pub fn put_whole(room: &mut [u8; WINDOW], number: u64) -> usize {
    // Leading zeros are left out at once: to count digits first, and to write pairs of them one after the other, takes three
    // times as long.
    if number < TEN_THOUSAND {
        let digits = four_digits(number);
        let zeros = (digits ^ 0x3030_3030).trailing_zeros().min(24) / 8;
        set(room, 0, (digits >> (8 * zeros)).to_le_bytes());
        return 4 - zeros as usize;
    }
    put_large(room, number)
}

/// Writes a number of five digits or more; returns its length. Most numbers are smaller, and writing those is part of the caller.
#[inline(never)]
fn put_large(room: &mut [u8; WINDOW], number: u64) -> usize {
    const HALF: u64 = TEN_THOUSAND * TEN_THOUSAND;
    if number < HALF {
        return put_up_to_eight(room, number);
    }
    // A date of our time in milliseconds: a length that is known makes nothing wait for it.
    if (DATE_FROM..10 * DATE_FROM).contains(&number) {
        let (high, low) = (number / HALF, number % HALF);
        set(room, 0, [b'0' + u8::try_from(high / TEN_THOUSAND).unwrap_or(0)]);
        set(room, 1, four_digits(high % TEN_THOUSAND).to_le_bytes());
        set(room, 5, eight_digits(low).to_le_bytes());
        return 13;
    }
    if number < HALF * HALF {
        let len = put_up_to_eight(room, number / HALF);
        set(room, len, eight_digits(number % HALF).to_le_bytes());
        return len + 8;
    }
    let digits = number.ilog10() as usize + 1;
    put_digits(&mut room[..digits], number);
    digits
}

/// Writes a number of at most eight digits, and not 0; returns its length.
#[inline]
fn put_up_to_eight(room: &mut [u8; WINDOW], number: u64) -> usize {
    let digits = eight_digits(number);
    let zeros = (digits ^ 0x3030_3030_3030_3030).trailing_zeros().min(56) / 8;
    set(room, 0, (digits >> (8 * zeros)).to_le_bytes());
    8 - zeros as usize
}

/// The digits of a number below 100,000,000, the first one in the lowest byte.
///
/// All are made at once: four of them in each half, then two in each quarter, then one in each byte. The factors divide by 100 and
/// by 10, for numbers as small as these.
#[inline]
const fn eight_digits(number: u64) -> u64 {
    let fours = (number / TEN_THOUSAND) | ((number % TEN_THOUSAND) << 32);
    let high = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = high | ((fours - 100 * high) << 16);
    let high = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    (high | ((twos - 10 * high) << 8)) + 0x3030_3030_3030_3030
}

/// The digits of a number below 10,000, the first one in the lowest byte.
#[inline]
fn four_digits(number: u64) -> u32 {
    let number = usize::try_from(number).unwrap_or(0);
    let (high, low) = (number / 100, number % 100);
    let ([a, b], [c, d]) = (PAIRS[high & 127], PAIRS[low]);
    u32::from_le_bytes([a, b, c, d])
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

/// Writes a number with a point in it; returns its length.
#[inline(never)]
fn put_with_point(room: &mut [u8; WINDOW], mut number: u64, fraction: usize) -> usize {
    let digits = number.checked_ilog10().map_or(1, |most| most as usize + 1);
    let len = (digits.max(fraction + 1) + 1).min(LONGEST_NUMBER);
    let room = &mut room[..len];
    for (digit, place) in room.iter_mut().rev().enumerate() {
        if digit == fraction {
            *place = b'.';
        } else {
            *place = PAIRS[usize::try_from(number % 10).unwrap_or(0)][1];
            number /= 10;
        }
    }
    len
}

/// Writes letters and how many they are, as in a table of them, behind a text of this length; returns the length of both.
#[inline]
pub fn put_letters(room: &mut [u8; WINDOW], len: usize, (letters, more): ([u8; 4], u8)) -> usize {
    set(room, len, letters);
    (len + usize::from(more)).min(WINDOW)
}

/// Writes a fixed number of bytes, which needs no function call.
#[inline]
fn set<const COUNT: usize>(room: &mut [u8; WINDOW], at: usize, bytes: [u8; COUNT]) {
    if let Some(place) = room.get_mut(at..).and_then(|room| room.first_chunk_mut()) {
        *place = bytes;
    }
}

#[cfg(test)]
mod tests;
