//! The rows of the list: a heading for each snapshot, and its changes below.

use super::ChangesView;
use crate::fleet::change_log::{ChangeGroup, LoggedChange};

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesRow<'a> {
    /// The heading of a snapshot.
    Heading(&'a ChangeGroup),
    /// A change, and its place among those that are shown.
    Change(usize, &'a LoggedChange),
}

impl ChangesView {
    /// The rows from `first` on.
    pub fn rows_from(&self, first: usize) -> impl Iterator<Item = ChangesRow<'_>> {
        // The heading of a group is as many rows above its first change as there are groups above it, and one.
        let groups = self.shown.groups();
        let start = |at: usize| {
            groups
                .get(at)
                .map_or(usize::MAX, |group| group.changes.start + at)
        };
        let group = (0..groups.len())
            .rev()
            .find(|at| start(*at) <= first)
            .unwrap_or(0);
        let skipped = first.saturating_sub(start(group));
        let rows = groups.iter().skip(group).flat_map(|group| {
            let changes = (group.changes.start..).zip(self.shown.of_group(group));
            let changes = changes.map(|(place, logged)| ChangesRow::Change(place, logged));
            std::iter::once(ChangesRow::Heading(group)).chain(changes)
        });
        rows.skip(skipped)
    }

    /// The row of the change at this place.
    pub(super) fn row_of(&self, place: usize) -> usize {
        let above = self
            .shown
            .groups()
            .partition_point(|group| group.changes.start <= place);
        place + above
    }

    /// How many rows there are.
    pub(super) fn row_count(&self) -> usize {
        self.shown.changes().len() + self.shown.groups().len()
    }

    /// Scrolls so that the cursor is on a screen of this many rows, with its heading if that is next to it.
    pub(super) fn reveal(&mut self, rows: usize) {
        let row = self.row_of(self.cursor);
        let is_first = self
            .shown
            .groups()
            .iter()
            .any(|group| group.changes.start == self.cursor);
        let wanted = row.saturating_sub(usize::from(is_first && rows > 1));
        let last_top = self.row_count().saturating_sub(rows);
        let lowest = (row + 1).saturating_sub(rows);
        self.top = self.top.clamp(lowest.min(wanted), wanted).min(last_top);
    }
}
