//! Which part of the list of changes is on the screen.

use super::ChangesList;
use super::rows::ChangesRow;
use crate::app::model::Model;
use crate::app::scroll::ScrolledRows;

impl Model {
    /// Which part of the list is on the screen, where that is not all; a heading is a row.
    pub fn scrolled_changes(&self) -> Option<ScrolledRows> {
        let (rows, top) = match self.changes.list {
            ChangesList::Changes => (self.changes.row_count(), self.changes.top),
            ChangesList::Decisions => (self.decision_rows().len(), self.changes.decision.top),
        };
        ScrolledRows::of(rows, self.change_rows(), top)
    }

    /// Puts a row first on the screen; the cursor stays on its change, or on the nearest that is on the screen.
    pub(in crate::app) fn scroll_changes(&mut self, top: usize) {
        let rows = self.change_rows();
        if self.changes.list == ChangesList::Decisions {
            self.changes.decision.top = top;
            let line = self.changes.decision.line;
            return self.select_decision(line.clamp(top, top + rows.saturating_sub(1)));
        }
        self.changes.top = top;
        let mut places = self.changes.on_screen(rows).filter_map(|row| match row {
            ChangesRow::Change(place, _) => Some(place),
            ChangesRow::Heading(_) | ChangesRow::Between(_) => None,
        });
        let first = places.next();
        let last = places.last().or(first);
        let Some((first, last)) = first.zip(last) else {
            return;
        };
        self.select_change(self.changes.cursor.clamp(first, last));
    }

    /// Rows that the list has room for, below the banner of the past.
    pub fn change_rows(&self) -> usize {
        self.areas().map_or(1, |areas| usize::from(areas.body.height))
    }
}
