//! The memory that pages are written into.
//!
//! A page of 200 pods has some 90 KiB, and a client reads thousands of them. Each in a block of its own, they left holes
//! between other blocks and had to be cleared by the system again and again. So a buffer whose page was sent is used for the
//! next one. Owns the buffers that are free, within a bound. Must not: know what is written.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;

use crate::fleet::piece_writer::PieceWriter;

/// The most buffers that wait for a page. More than these are in use only while as many clients read at once.
const FREE_BUFFERS: usize = 16;
/// The bytes of a new buffer: a usual page of 200 pods.
const USUAL_BYTES: usize = 104 << 10;
/// A longer buffer is not used again.
const LONGEST_BYTES: usize = 2 * USUAL_BYTES;

/// The buffers that are free.
#[derive(Debug, Clone, Default)]
pub struct PageBuffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl PageBuffers {
    /// A page that nothing is written in.
    pub fn page(&self) -> PageWriter {
        let free = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        PageWriter {
            text: PieceWriter::into_memory(free.unwrap_or_else(|| vec![0; USUAL_BYTES])),
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

/// A page that is being written, in a buffer that is free again once nobody needs it.
#[derive(Debug)]
pub struct PageWriter {
    /// What is written.
    pub text: PieceWriter,
    home: PageBuffers,
}

impl PageWriter {
    /// What is written. Its buffer is free again when nobody needs the bytes any more.
    pub fn written(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for PageWriter {
    fn as_ref(&self) -> &[u8] {
        self.text.written()
    }
}

impl Drop for PageWriter {
    fn drop(&mut self) {
        self.home.take_back(std::mem::take(&mut self.text).memory());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_once_its_page_was_sent_and_few_are_kept() {
        let buffers = PageBuffers::default();
        let written = |text: &[u8]| {
            let mut page = buffers.page();
            page.text.put(text);
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
}
