//! How current the pods on the screen are.
//!
//! Owns the state word, which is about the rows that are shown: a list that has just come is not on the screen before the view
//! worker has sorted it. Must not: read a clock.

use super::Model;
use crate::collector::SyncState;
use crate::fleet::list_age::ListCurrency;

impl Model {
    /// The state word: how current the pods on the screen are. A stuck event loop does not refresh the
    /// picture, and a complete list is not on the screen before its rows are.
    pub fn state(&self) -> SyncState {
        if self.stuck.is_some() {
            return SyncState::Stale(self.status.asked_at);
        }
        let state = self.status.state_within(self.now, self.list_age_limit);
        let waits_for_rows = self.time.is_live() && !self.shows_current && !self.view.fleet.is(&self.fleet);
        match state {
            SyncState::Fresh if waits_for_rows && !self.fleet.is_empty() => {
                let pods = self.fleet.len() as u64;
                SyncState::Loading {
                    met: pods,
                    total: Some(pods),
                }
            }
            // Likewise, a list that is incomplete is incomplete on the screen only once its first rows are there.
            SyncState::Partial { met, total }
                if waits_for_rows && self.view.fleet.is_empty() && !self.fleet.is_empty() =>
            {
                SyncState::Loading {
                    met,
                    total: Some(total),
                }
            }
            SyncState::Fresh if self.source.recorded_at.is_some() => SyncState::Recorded,
            state => state,
        }
    }

    /// Notes whether the rows on the screen are those of a current list; they stay so until the list is not current.
    pub(super) fn know_rows(&mut self) {
        let state = self.status.state_within(self.now, self.list_age_limit);
        let has_rows = !self.time.is_live() || self.view.fleet.is(&self.fleet);
        self.shows_current = state == SyncState::Fresh && (self.shows_current || has_rows);
    }

    /// How current HSS's own list is, whenever it was last checked.
    pub fn list_currency(&self) -> ListCurrency {
        self.status.list_currency(self.now, self.list_age_limit)
    }
}
