//! The number of a source.

use std::fmt;

/// The number of a source, which is one project in one region with its credential. It identifies the source
/// while the program runs; another run may use other numbers, so nothing on disk contains it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u16);

impl SourceId {
    /// The source with this number, counted from 0.
    pub const fn new(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
