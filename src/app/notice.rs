//! A sentence for the operator, for a while, in the last line of the screen.
//!
//! Owns how long it stays, and where: an overlay that opens next has its own hints in that line, which an
//! unrelated sentence must not hide. It belongs to the view and the moment in which it was told: with another one on the screen
//! it would read as its answer.

use std::time::Duration;

use jiff::Timestamp;

use super::Model;
use super::changes_view::ChangesList;
use super::compare::Compared;
use crate::keys::{Mode, ViewKind};

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
    /// Whether it answers a key or the mouse: then it goes with the next one that does something, which may make it untrue.
    /// What was told by itself stays for its time.
    pub is_answer: bool,
    /// Whether it says that HSS is asked: the result takes its place.
    pub is_asking: bool,
}

/// What is on the screen, as far as a notice belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoticePlace {
    view: ViewKind,
    list: ChangesList,
    as_of: Option<Timestamp>,
    compared: Option<Compared>,
}

impl Model {
    /// Where the notice that is shown belongs; `None` without one.
    pub(super) fn notice_place(&self) -> Option<(Notice, NoticePlace)> {
        let notice = self.notice.clone()?;
        Some((notice, self.place()))
    }

    fn place(&self) -> NoticePlace {
        NoticePlace {
            view: self.focus.view(),
            list: self.changes.list,
            as_of: self.time.chosen_as_of(),
            compared: self.focus.comparison().map(|comparison| comparison.of.clone()),
        }
    }

    /// Takes away a notice that was told elsewhere.
    pub(super) fn leave_notice(&mut self, before: Option<(Notice, NoticePlace)>) {
        let Some((notice, place)) = before else { return };
        if self.notice.as_ref() == Some(&notice) && self.place() != place {
            self.notice = None;
        }
    }

    /// Does what a key or the mouse means: an earlier answer goes, and what is told meanwhile is the answer to this one. `Esc` and
    /// its like take a notice away themselves.
    pub(super) fn answering<T>(&mut self, takes_notice: bool, act: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.notice.clone();
        let is_answered = before.as_ref().is_some_and(|notice| notice.is_answer);
        if is_answered && !takes_notice {
            self.notice = None;
        }
        let before = before.filter(|_| self.notice.is_some());
        let done = act(self);
        if self.notice == before && is_answered {
            self.notice = None;
        } else if self.notice != before
            && let Some(notice) = &mut self.notice
        {
            notice.is_answer = !notice.is_asking;
        }
        done
    }

    /// Shows a sentence for a while.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notify_for(STAYS, text);
    }

    /// Shows that HSS is asked, until the result takes its place.
    pub(super) fn notify_asking(&mut self, text: &str) {
        self.notify(text);
        if let Some(notice) = &mut self.notice {
            notice.is_asking = true;
        }
    }

    /// Shows a sentence for this time.
    pub fn notify_for(&mut self, stays: Duration, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            until: self.now.checked_add(stays).unwrap_or(self.now),
            told_in: self.mode(),
            is_answer: false,
            is_asking: false,
        });
    }

    /// The notice in the last line. An earlier notice does not hide the hints of an overlay that opened
    /// since; after the overlay closes, it is shown again.
    pub fn shown_notice(&self) -> Option<&Notice> {
        let is_of_overlay =
            |mode: Mode| self.focus.top().is_none() && !mode.is_view() && mode != Mode::Decisions;
        let notice = self.notice.as_ref()?;
        (notice.told_in == self.mode() || is_of_overlay(notice.told_in)).then_some(notice)
    }
}
