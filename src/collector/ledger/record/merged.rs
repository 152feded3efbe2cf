//! Two records made into one: of the same moment, or of this program and of the file.
//!
//! Owns that no call is lost, and none counted twice. Must not: read a clock.

use super::super::entries::OpenCall;
use super::{COUNTS, LedgerRecord};

impl LedgerRecord {
    /// Merges another record of the same moment: every call of either counts.
    pub(in crate::collector::ledger) fn merge(&mut self, other: &Self) {
        for made in &other.made {
            let own = self.count_at(made.at);
            (own..made.count).for_each(|_| self.note(made.at));
        }
        // Calls that were claimed at once are alike.
        let alike = |calls: &[OpenCall], one: &OpenCall| calls.iter().filter(|call| *call == one).count();
        for open in &other.open {
            if alike(&self.open, open) < alike(&other.open, open) {
                self.open.push(*open);
            }
        }
        for caller in &other.callers {
            self.note_caller(caller.who, caller.at);
        }
        self.paused = self.paused.max(other.paused);
        self.rule = self.rule.or(other.rule);
    }

    /// Whether it was written before `other`, which a program of this boot wrote.
    pub(in crate::collector::ledger) fn is_before(&self, other: &Self) -> bool {
        other.boot != 0 && (self.boot != other.boot || self.now < other.now)
    }

    /// Merges the calls of `last`, which this program wrote some time ago. Its calls in progress may have
    /// ended.
    pub(in crate::collector::ledger) fn recall(&mut self, last: &Self) {
        if last.boot != self.boot || self.boot == 0 {
            return;
        }
        let now = self.now;
        for made in last.made.iter().filter(|made| made.at + COUNTS > now) {
            let own = self.count_at(made.at);
            (own..made.count).for_each(|_| self.note(made.at));
        }
        let paused = last.paused.filter(|until| *until > now);
        self.paused = self.paused.max(paused);
    }
}
