//! Which source something came from.

use std::fmt;

/// The number of a source: one project in one region with its credential. It stands for the source while the program
/// runs; another run may number its sources otherwise, so nothing on disk is named by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u16);

impl SourceId {
    /// The source of this number, counted from 0.
    pub const fn new(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
