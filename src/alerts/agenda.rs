//! The pods whose alerts a look has to visit.
//!
//! Keeps the cost of a look in proportion to what changes, not to all that is open: an alert that was sent and lasts
//! needs no visit until its pod changes, and one that is over needs one when it can be forgotten. Must not: know why an alert
//! is where it is ([`OpenAlert::next_visit`](super::book::OpenAlert::next_visit) does).

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashSet;
use jiff::Timestamp;

use super::look::AlertLook;
use crate::fleet::PodKey;
use crate::fleet::changes::ChangeId;

/// When the next visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextVisit {
    /// In the next look.
    Soon,
    /// At this time, if nothing happens before.
    At(Timestamp),
}

/// Whose alerts are visited when.
#[derive(Debug, Default)]
pub struct AlertAgenda {
    soon: VisitedPods,
    later: BTreeMap<Timestamp, Vec<PodKey>>,
    looked_at: Option<Timestamp>,
    acknowledged: Arc<std::collections::HashSet<ChangeId>>,
    /// Changes whose acknowledgement was undone since the previous look.
    pub withdrawn: HashSet<ChangeId, RandomState>,
}

/// The pods whose alerts are visited.
pub type VisitedPods = HashSet<PodKey, RandomState>;

impl AlertAgenda {
    /// The alerts of this pod are visited in the next look.
    pub fn add(&mut self, key: &PodKey) {
        if !self.soon.contains(key) {
            self.soon.insert(key.clone());
        }
    }

    /// The alerts of this pod are visited then.
    pub fn plan(&mut self, key: &PodKey, visit: NextVisit) {
        match visit {
            NextVisit::Soon => self.add(key),
            NextVisit::At(at) => self.later.entry(at).or_default().push(key.clone()),
        }
    }

    /// Takes those that are to be visited now, of `all`: all of them if the clock was set back, for then no time that was
    /// planned means anything, or if something else is acknowledged than before.
    pub fn take<'a>(&mut self, look: &AlertLook, all: impl Iterator<Item = &'a PodKey>) -> VisitedPods {
        let is_set_back = self.looked_at.is_some_and(|at| look.now < at);
        self.looked_at = Some(look.now);
        let is_same =
            Arc::ptr_eq(&self.acknowledged, &look.acknowledged) || self.acknowledged == look.acknowledged;
        self.withdrawn.clear();
        if !is_same {
            let before = self.acknowledged.difference(&look.acknowledged);
            self.withdrawn.extend(before.copied());
        }
        self.acknowledged = Arc::clone(&look.acknowledged);
        if is_set_back || !is_same {
            self.soon.clear();
            self.later.clear();
            return all.cloned().collect();
        }
        let mut now = std::mem::take(&mut self.soon);
        while let Some(entry) = self.later.first_entry().filter(|entry| *entry.key() <= look.now) {
            now.extend(entry.remove());
        }
        now
    }
    /// How many visits are due in the next look, and how many later.
    #[cfg(test)]
    pub fn planned(&self) -> (usize, usize) {
        (self.soon.len(), self.later.values().map(Vec::len).sum())
    }
}
