//! What has happened since the moment on the screen, or since the picture was frozen.
//!
//! Owns the counts over the pods in scope. Must not: count pods that are not in scope.

use std::sync::Arc;

use super::{HeldPicture, ShownPicture};
use crate::app::Model;
use crate::fleet::PodKey;

impl Model {
    /// Whether HSS lists this pod no more, whatever the picture on the screen says.
    pub fn is_gone_now(&self, pod: &PodKey) -> bool {
        let row = self.fleet.row_of(pod, None);
        row.is_none_or(|row| self.fleet.gone_since(row).is_some())
    }

    /// How many changes of the pods in scope have arrived since the picture was frozen.
    pub fn changes_since(&self, held: &HeldPicture) -> u64 {
        let all = self.fleet.changes().total().saturating_sub(held.changes);
        let scope = &self.request.scope;
        if scope.is_whole() {
            return all;
        }
        let newest = self.fleet.changes().recorded().rev();
        let newest = newest.take(usize::try_from(all).unwrap_or(usize::MAX));
        newest
            .filter(|recorded| scope.may_hold_pod_of(recorded.change))
            .count() as u64
    }

    /// Counts what has happened to the pods in scope since the moment that is shown, and since the chosen one.
    pub(in crate::app) fn count_standings(&mut self) {
        let scope = &self.request.scope;
        for picture in [&mut self.time.chosen, &mut self.time.viewed] {
            if let ShownPicture::Past(past) = picture {
                let past = Arc::make_mut(past);
                past.counts = past.standings.counts(&past.fleet, scope);
            }
        }
    }
}
