//! The pods as blocks of bytes that are read back at once: a program that starts again has them on the screen without reading
//! its pages.
//!
//! ```text
//! words   every word of the dictionaries
//! block   some thousand present pods: names, columns of numbers     (any number of blocks; all but the last are full)
//! ```
//!
//! Owns that form, which is nearly that of the store. Texts are stored as HSS sent them and are made safe like those of an
//! answer whenever they are shown ([`crate::fleet::RemoteText`]). What can be computed (usage in percent, the risk score) is
//! computed again. Bytes that make no sense are refused as a whole; nothing in them is trusted to be right because their
//! checksum is. Must not: know a file.

mod bytes;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;

pub(super) use bytes::{BlockBytes, put_number};
pub use read::{BlockReader, PodBlock, StoredPods};
pub use write::{count, pod_blocks, words};

/// The number of the form. It grows with every change of what a block holds: blocks of another number are not read, and the
/// pages are, as if there were no blocks. A field more is no such change: its column has a name, see
/// [`stored_columns`](super::store::stored_columns).
pub const FORM: u32 = 1;

/// Bytes that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadBlock;

impl fmt::Display for BadBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored pods are invalid")
    }
}

impl std::error::Error for BadBlock {}
