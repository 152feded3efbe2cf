//! How many changes are shown, and how many of them are unread, acknowledged, muted or marked.
//!
//! Owns the unit of these counts, which is the change: a row may have several. Must not: count what is not shown.

use super::ChangesView;
use crate::app::unread::UnreadChanges;
use crate::fleet::change_log::LoggedChange;

/// Counts of the changes that are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// All of them.
    pub all: usize,
    /// Those above the row of the cursor.
    pub before: usize,
    /// Those that nobody has read.
    pub unread: usize,
    /// Those that somebody acknowledged.
    pub acknowledged: usize,
    /// Those of muted pods.
    pub muted: usize,
    /// Those of marked rows.
    pub marked: usize,
}

impl ChangesView {
    /// All changes of this row.
    pub(in crate::app) fn in_row<'a>(
        &'a self,
        first: &'a LoggedChange,
    ) -> impl Iterator<Item = &'a LoggedChange> {
        std::iter::once(first).chain(self.others_of(first.id))
    }

    /// Counts the changes that are shown.
    pub fn counts(&self, unread: &UnreadChanges) -> ChangeCounts {
        let mut counts = ChangeCounts::default();
        for (place, first) in self.shown.changes().iter().enumerate() {
            if place == self.cursor {
                counts.before = counts.all;
            }
            let is_marked = self.marked.contains(&first.id);
            for logged in self.in_row(first) {
                let one = |is_so: bool| usize::from(is_so);
                counts.all += 1;
                counts.unread += one(unread.is_unread_change(logged.number, logged.id));
                counts.acknowledged += one(self.acknowledged.contains_key(&logged.id));
                counts.muted += one(self.muted.ids.contains(&logged.id));
                counts.marked += one(is_marked);
            }
        }
        counts
    }
}
