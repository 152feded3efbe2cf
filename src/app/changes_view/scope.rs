//! The changes in a scope: those of its pods, as all else on the screen is about its pods.
//!
//! Owns which changes are in the log. Must not: leave a mark on a change that is not listed.

use std::collections::HashSet;
use std::sync::Arc;

use super::ChangesView;
use crate::app::model::Model;
use crate::fleet::change_log::{ChangeLog, LoggedChange};
use crate::fleet::changes::ChangeId;
use crate::fleet::{Fleet, Scope};

impl ChangesView {
    /// The view of a program that begins with this scope.
    pub fn begun_within(scope: &Scope) -> Self {
        Self {
            begun_within: scope.clone(),
            ..Self::default()
        }
    }

    /// Puts the changes of the pods in `scope` in order.
    pub(super) fn renew(&mut self, fleet: &Fleet, scope: &Scope) {
        let changes = fleet.changes();
        if !self.log_of.is(changes) || self.scope != *scope {
            let log = ChangeLog::of(changes);
            let is_meant = |logged: &LoggedChange| {
                let change = changes.numbered(logged.number);
                change.is_some_and(|change| scope.may_hold_pod_of(change))
            };
            self.log = Arc::new(if scope.is_whole() {
                log
            } else {
                log.filtered(is_meant)
            });
            self.log_of = changes.clone();
            self.scope = scope.clone();
        }
        self.is_behind = false;
    }
}

impl Model {
    /// After the scope changed: what is counted, listed and marked for a decision are changes of its pods.
    pub(in crate::app) fn changes_rescoped(&mut self) {
        let scope = &self.request.scope;
        self.unread.turn_to(scope, &self.fleet);
        let changes = self.fleet.changes().recorded();
        let meant = changes.filter(|recorded| scope.may_hold_pod_of(recorded.change));
        let meant: HashSet<ChangeId> = meant.map(|recorded| recorded.id).collect();
        self.changes.marked.retain(|id| meant.contains(id));
        self.changes.is_behind = true;
        self.catch_up_changes();
    }
}
