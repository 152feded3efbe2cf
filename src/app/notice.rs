//! A sentence for the operator, for a while, in the last line of the screen.
//!
//! Owns how long it stays, and where: what opens next has hints of its own in that line, which a sentence about something
//! else must not hide.

use std::time::Duration;

use jiff::Timestamp;

use super::Model;
use crate::keys::Mode;

/// How long a notice stays.
const STAYS: Duration = Duration::from_secs(6);

/// A sentence for the operator, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it says.
    pub text: String,
    /// When it goes.
    pub until: Timestamp,
    /// What was in front when it was told.
    pub told_in: Mode,
}

impl Model {
    /// Says something for a while.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notify_for(STAYS, text);
    }

    /// Says something for so long.
    pub fn notify_for(&mut self, stays: Duration, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            until: self.now.checked_add(stays).unwrap_or(self.now),
            told_in: self.mode(),
        });
    }

    /// The notice that the last line shows. What opens next has hints of its own there, which a notice told before does not
    /// hide; where nothing is open any more it is shown again.
    pub fn shown_notice(&self) -> Option<&Notice> {
        let is_of_overlay = |mode: Mode| self.focus.top().is_none() && !mode.is_view();
        let notice = self.notice.as_ref()?;
        (notice.told_in == self.mode() || is_of_overlay(notice.told_in)).then_some(notice)
    }
}
