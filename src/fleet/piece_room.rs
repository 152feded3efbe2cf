//! Short pieces that are written into memory whose writer knows their place itself.
//!
//! [`PieceWriter`](super::piece_writer::PieceWriter) notes its length in memory after each piece, and the next piece waits for
//! that. Here the place is a number of the caller, which stays in a register. Owns that nothing is written behind the memory:
//! then there is too little room, and whoever writes goes another way. Must not: make room.

use std::ops::Range;

use super::piece_writer::WINDOW;

/// A piece of a few bytes that are known when the program is built.
#[derive(Debug)]
pub struct FixedPiece {
    text: [u8; Self::ROOM],
    len: usize,
}

impl FixedPiece {
    /// The most bytes of a piece.
    pub const ROOM: usize = 32;
    /// A piece of this many bytes or less is copied with half of its room.
    const HALF: usize = Self::ROOM / 2;

    /// The piece of these texts, one behind the other.
    ///
    /// # Panics
    /// When the program is built, if they are too long together.
    pub const fn of(texts: &[&str]) -> Self {
        let (mut text, mut len, mut number) = ([0; Self::ROOM], 0, 0);
        while number < texts.len() {
            let bytes = texts[number].as_bytes();
            let mut at = 0;
            while at < bytes.len() {
                text[len] = bytes[at];
                (len, at) = (len + 1, at + 1);
            }
            number += 1;
        }
        Self { text, len }
    }
}

/// Memory, and the place in it where the next piece begins. Every write returns `None` if there is too little room for it.
#[derive(Debug)]
pub struct PieceRoom<'a> {
    memory: &'a mut [u8],
    at: usize,
}

#[expect(
    clippy::inline_always,
    reason = "the place stays in a register only if no function is called with it"
)]
impl<'a> PieceRoom<'a> {
    /// Writes into this memory from this place on.
    #[inline(always)]
    pub fn new(memory: &'a mut [u8], at: usize) -> Self {
        Self { memory, at }
    }

    /// Where the next piece begins.
    #[inline(always)]
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is written from this place on.
    #[inline(always)]
    pub fn since(&self, begin: usize) -> &[u8] {
        self.memory.get(begin..self.at).unwrap_or_default()
    }

    /// Writes a piece.
    #[inline(always)]
    pub fn put(&mut self, piece: &FixedPiece) -> Option<()> {
        let room = self.memory.get_mut(self.at..)?;
        if piece.len <= FixedPiece::HALF {
            let text: &[u8; FixedPiece::HALF] = piece.text.first_chunk()?;
            *room.first_chunk_mut()? = *text;
        } else {
            *room.first_chunk_mut()? = piece.text;
        }
        self.at += piece.len;
        Some(())
    }

    /// Writes a byte.
    #[inline(always)]
    pub fn put_byte(&mut self, byte: u8) -> Option<()> {
        *self.memory.get_mut(self.at)? = byte;
        self.at += 1;
        Some(())
    }

    /// Writes over the byte at this place.
    #[inline(always)]
    pub fn put_at(&mut self, at: usize, byte: u8) -> Option<()> {
        *self.memory.get_mut(at)? = byte;
        Some(())
    }

    /// Writes the first `len` bytes of a text, which is faster if the text has [`WINDOW`] bytes more.
    #[inline(always)]
    pub fn put_first(&mut self, len: usize, text: &[u8]) -> Option<()> {
        if len <= WINDOW
            && let Some(from) = text.first_chunk::<WINDOW>()
        {
            *self.memory.get_mut(self.at..)?.first_chunk_mut()? = *from;
        } else {
            let room = self.memory.get_mut(self.at..self.at.checked_add(len)?)?;
            room.copy_from_slice(text.get(..len)?);
        }
        self.at += len;
        Some(())
    }

    /// Writes once more what is written there.
    #[inline(always)]
    pub fn put_again(&mut self, part: Range<usize>) -> Option<()> {
        let (len, memory) = (part.len(), &mut *self.memory);
        if part.end > self.at || memory.len() < self.at.checked_add(len + WINDOW)? {
            return None;
        }
        for done in (0..len).step_by(WINDOW) {
            let from = *memory.get(part.start + done..)?.first_chunk::<WINDOW>()?;
            *memory.get_mut(self.at + done..)?.first_chunk_mut()? = from;
        }
        self.at += len;
        Some(())
    }

    /// Writes what is rare: `write` gets the memory and the place, and returns the place behind what it wrote.
    #[inline(always)]
    pub fn put_elsewhere(&mut self, write: impl FnOnce(&mut [u8], usize) -> Option<usize>) -> Option<()> {
        self.at = write(self.memory, self.at)?;
        Some(())
    }

    /// Writes a short piece in place; `fill` writes it and returns its length.
    #[inline(always)]
    pub fn put_with(&mut self, fill: impl FnOnce(&mut [u8; WINDOW]) -> usize) -> Option<()> {
        let room = self.memory.get_mut(self.at..)?.first_chunk_mut()?;
        self.at += fill(room).min(WINDOW);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_that_fits_is_written_and_what_does_not_changes_nothing(
            pieces in prop::collection::vec((0_u8..6, prop::collection::vec(any::<u8>(), 0..150), 0_usize..300), 0..30),
            (begin, room) in (0_usize..30, 30_usize..1500),
        ) {
            const SHORT: FixedPiece = FixedPiece::of(&["sixteen ", "letters "]);
            const LONG: FixedPiece = FixedPiece::of(&["", "seventeen letters"]);
            let mut memory = vec![7; room];
            let mut expected = memory[..begin].to_vec();
            let mut at = begin;
            for (kind, text, number) in pieces {
                let mut room = PieceRoom::new(&mut memory, at);
                let len = number.min(text.len());
                let part = number.min(at)..at.min(number.min(at) + text.len());
                let place = number.min(expected.len().saturating_sub(1));
                let (written, more): (_, Vec<u8>) = match kind {
                    0 => (room.put(&SHORT), b"sixteen letters ".to_vec()),
                    1 => (room.put(&LONG), b"seventeen letters".to_vec()),
                    2 => (room.put_byte(9), vec![9]),
                    3 => (room.put_first(len, &text), text[..len].to_vec()),
                    4 => (room.put_again(part.clone()), expected[part].to_vec()),
                    _ => {
                        let len = len.min(WINDOW);
                        let fill = |room: &mut [u8; WINDOW]| {
                            room[..len].copy_from_slice(&text[..len]);
                            len
                        };
                        (room.put_with(fill), text[..len].to_vec())
                    }
                };
                if written.is_some() {
                    prop_assert_eq!(room.since(at), &more[..]);
                    expected.extend(more);
                }
                if kind == 2 && !expected.is_empty() {
                    prop_assert!(room.put_at(place, 3).is_some());
                    expected[place] = 3;
                }
                at = room.at();
                prop_assert!(written.is_some() || at + FixedPiece::ROOM + 150 + WINDOW > memory.len());
                prop_assert_eq!(&memory[..at], &expected[..]);
            }
        }
    }

    #[test]
    fn a_record_that_does_not_fit_is_not_begun() {
        let mut out = crate::fleet::piece_writer::PieceWriter::into_memory(vec![0; 70]);
        out.put(b"before");
        let put = |room: &mut PieceRoom<'_>| {
            room.put_byte(b'a')?;
            room.put_with(|_| 1)
        };
        assert!(!out.put_in_place(put), "64 bytes are needed, and 63 are left");
        assert_eq!(out.written(), b"before");
        out.make_room(71);
        assert!(out.put_in_place(put));
        assert_eq!(out.written().len(), 8);
    }
}
