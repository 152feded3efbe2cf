//! A sentence for the operator, for a while, in the last line of the screen.
//!
//! Owns how long it stays, and where: an overlay that opens next has its own hints in that line, which an
//! unrelated sentence must not hide.

use std::time::Duration;

use jiff::Timestamp;

use super::Model;
use crate::keys::Mode;

/// How long a notice stays.
const STAYS: Duration = Duration::from_secs(6);

/// A sentence for the operator, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its text.
    pub text: String,
    /// When it ends.
    pub until: Timestamp,
    /// What was in front when it began.
    pub told_in: Mode,
}

impl Model {
    /// Shows a sentence for a while.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notify_for(STAYS, text);
    }

    /// Shows a sentence for this time.
    pub fn notify_for(&mut self, stays: Duration, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            until: self.now.checked_add(stays).unwrap_or(self.now),
            told_in: self.mode(),
        });
    }

    /// The notice in the last line. An earlier notice does not hide the hints of an overlay that opened
    /// since; after the overlay closes, it is shown again.
    pub fn shown_notice(&self) -> Option<&Notice> {
        let is_of_overlay = |mode: Mode| self.focus.top().is_none() && !mode.is_view() && mode != Mode::Decisions;
        let notice = self.notice.as_ref()?;
        (notice.told_in == self.mode() || is_of_overlay(notice.told_in)).then_some(notice)
    }
}
