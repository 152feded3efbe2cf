//! The time that a report covers, for the notice about it and for the next report.

use jiff::Timestamp;

use super::{ShiftReport, age};

/// The time of a report that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedShift {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, by our own clock.
    pub to: Timestamp,
    /// Whether it ended at an earlier moment than that of the writing.
    pub is_of_past: bool,
    /// Whether it is about a scope only, while more pods are loaded.
    pub leaves_out_scopes: bool,
}

impl ReportedShift {
    /// How long it is: `8h`, `1d12h`.
    pub fn length(&self) -> String {
        age(self.to.duration_since(self.from).as_secs())
    }
}

impl ShiftReport {
    /// Its time.
    pub fn shift(&self) -> ReportedShift {
        ReportedShift {
            from: self.from,
            to: self.to,
            is_of_past: self.is_of_past,
            leaves_out_scopes: self.selection.as_ref().is_some_and(|only| only.leaves_out_scopes),
        }
    }
}
