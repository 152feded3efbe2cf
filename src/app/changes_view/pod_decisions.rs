//! What was decided about a pod, for its row and its detail.
//!
//! Owns when a pod counts as acknowledged: its latest finding is. One that was there before hss-top watched has no change; it is
//! acknowledged by the name of its reason. Must not: decide anything.

use std::collections::HashMap;

use jiff::Timestamp;

use super::ChangesView;
use super::decide::Acknowledged;
use crate::app::model::Model;
use crate::fleet::change_log::gravity;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::Mute;
use crate::fleet::news::ChangeMark;
use crate::fleet::{Fleet, Pod, PodKey};

impl ChangesView {
    /// The pods whose latest finding is acknowledged.
    pub(super) fn pods_acknowledged(&self, fleet: &Fleet, now: Timestamp) -> HashMap<PodKey, Acknowledged> {
        if self.book.decisions.acknowledgements.is_empty() {
            return HashMap::new();
        }
        let mut latest: HashMap<&PodKey, (i64, ChangeId)> = HashMap::new();
        for recorded in fleet.changes().recorded() {
            if gravity(recorded.change) > 0 {
                let this = (recorded.number, recorded.id);
                let newest = latest.entry(&recorded.change.pod).or_insert(this);
                *newest = (*newest).max(this);
            }
        }
        let by_name = self
            .book
            .decisions
            .acknowledgements
            .iter()
            .filter(|row| row.holds(now));
        let by_name = by_name.filter(|row| row.change().is_none());
        let by_name = by_name.map(|row| (row.pod.clone().within(fleet.source()), row));
        let mut known: HashMap<PodKey, Acknowledged> = by_name
            .filter(|(pod, _)| !latest.contains_key(pod))
            .map(|(pod, row)| (pod, Acknowledged::of(row)))
            .collect();
        for (pod, (_, id)) in latest {
            if let Some(acknowledged) = self.acknowledged.get(&id) {
                known.insert(pod.clone(), acknowledged.clone());
            }
        }
        known
    }
}

impl Model {
    /// The mute that holds for a pod, whose row is perhaps known.
    pub fn mute_of(&self, pod: &Pod, row: Option<u32>) -> Option<&Mute> {
        if !self.masking.is_on() {
            return self.changes.muted.of_pod(pod, self.now);
        }
        let fleet = self.fleet.masked_by(None);
        let real = fleet.pod(fleet.row_of(&pod.key, row)?)?;
        self.changes.muted.of_pod(&real, self.now)
    }

    /// Who acknowledged what was found of a pod.
    pub fn acknowledgement_of(&self, pod: &Pod) -> Option<&Acknowledged> {
        self.changes.acknowledged_pods.get(&pod.key)
    }

    /// What marks the row of a pod: what is new of it, or else what was decided.
    pub fn row_mark(&self, pod: &Pod, row: Option<u32>) -> Option<ChangeMark> {
        self.unread
            .mark(pod)
            .or_else(|| self.mute_of(pod, row).map(|_| ChangeMark::Muted))
            .or_else(|| self.acknowledgement_of(pod).map(|_| ChangeMark::Acknowledged))
    }
}
