//! The memory that pages are written into.
//!
//! A page of 200 pods has some 90 KiB, and a client reads thousands of them. Each in a block of its own, they left holes
//! between other blocks and had to be cleared by the system again and again. So a buffer whose page was sent is used for the
//! next one. Owns the buffers that are free, within a bound, and writing into one. Must not: know what is written.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;

/// The most buffers that wait for a page. More than these are in use only while as many clients read at once.
const FREE_BUFFERS: usize = 16;
/// The bytes of a new buffer: a usual page of 200 pods.
const USUAL_BYTES: usize = 104 << 10;
/// A longer buffer is not used again.
const LONGEST_BYTES: usize = 2 * USUAL_BYTES;
/// How many bytes are copied at once, whatever the length of a short piece: that takes two instructions, and a copy of just as
/// many bytes as there are takes a call.
pub const WINDOW: usize = 64;

/// The buffers that are free.
#[derive(Debug, Clone, Default)]
pub struct PageBuffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl PageBuffers {
    /// A page that nothing is written in.
    pub fn page(&self) -> PageWriter {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        PageWriter {
            bytes: free.unwrap_or_else(|| vec![0; USUAL_BYTES]),
            len: 0,
            home: self.clone(),
        }
    }

    fn take_back(&self, bytes: Vec<u8>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < FREE_BUFFERS && bytes.len() <= LONGEST_BYTES {
            free.push(bytes);
        }
    }
}

/// A page that is being written. What is behind its length is left of earlier pages.
#[derive(Debug)]
pub struct PageWriter {
    bytes: Vec<u8>,
    len: usize,
    home: PageBuffers,
}

impl PageWriter {
    /// The bytes that are written.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Writes a piece.
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

    /// What is written. Its buffer is free again when nobody needs the bytes any more.
    pub fn written(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for PageWriter {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Drop for PageWriter {
    fn drop(&mut self) {
        self.home.take_back(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_buffer_is_used_again_once_its_page_was_sent_and_few_are_kept() {
        let buffers = PageBuffers::default();
        let written = |text: &[u8]| {
            let mut page = buffers.page();
            page.put(text);
            page.written()
        };
        let first = written(b"a page");
        let (place, second) = (first.as_ptr(), written(b"another"));
        assert_ne!(second.as_ptr(), place, "the first one is still needed");
        assert_eq!((&first[..], &second[..]), (&b"a page"[..], &b"another"[..]));
        drop(first);
        assert_eq!(written(b"next").as_ptr(), place);
        let many: Vec<Bytes> = (0..100).map(|_| written(b"at once")).collect();
        drop((many, written(&vec![7; LONGEST_BYTES + 1])));
        let free = buffers.0.lock().unwrap();
        let longest = free.iter().map(Vec::len).max();
        assert_eq!((free.len(), longest), (FREE_BUFFERS, Some(USUAL_BYTES)));
    }

    proptest! {
        #[test]
        fn a_page_has_what_was_written(pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>(), 0_usize..100), 0..20)) {
            let buffers = PageBuffers::default();
            let (mut page, mut expected) = (buffers.page(), Vec::new());
            // Nearly full, so that it grows.
            let begin = vec![1; USUAL_BYTES - 500];
            page.put(&begin);
            expected.extend_from_slice(&begin);
            for (piece, is_part, len) in pieces {
                let len = if is_part { len.min(piece.len()) } else { piece.len() };
                page.put_first(len, &piece);
                expected.extend_from_slice(&piece[..len]);
            }
            page.put_with(|room| {
                room[..2].copy_from_slice(b"ab");
                2
            });
            expected.extend_from_slice(b"ab");
            page.put_at(3, 9);
            expected[3] = 9;
            page.put_at(page.len(), 8);
            expected.push(8);
            prop_assert_eq!(&page.written()[..], &expected[..]);
        }
    }
}
