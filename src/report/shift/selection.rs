//! The pods that a report is about, if it is not about all.
//!
//! Owns which pods these are and how the report names them. A finding that has ended belongs to its pod as HSS lists it
//! now, or as its changes describe it. Must not: parse a filter.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::ShiftReport;
use crate::fleet::change_log::last_records;
use crate::fleet::changes::Change;
use crate::fleet::query::{Query, matches};
use crate::fleet::risk::{self, PROBLEM_SCORE};
use crate::fleet::summary::Summary;
use crate::fleet::{Pod, PodKey, Scope};

/// Which pods a report is about.
#[derive(Debug, Clone, Default)]
pub struct ReportSelection {
    /// The filter, as it was typed.
    pub text: String,
    /// The same, parsed.
    pub filter: Query,
    /// Whether it is only about pods with problems.
    pub problems: bool,
    /// The scope that the pods are in.
    pub scope: Scope,
    /// The scope in words, with names that may be shown; `None` if it is all pods.
    pub scope_words: Option<String>,
    /// Whether more pods than those in this scope are loaded: then it hands over a part only, and the next report is of the
    /// same time again.
    pub leaves_out_scopes: bool,
}

impl ReportSelection {
    /// What the report says about it.
    pub(super) fn words(&self) -> String {
        let only = if self.problems {
            "only pods with problems"
        } else {
            "only pods"
        };
        let scope = self.scope_words.as_deref();
        let scope = scope.map_or_else(String::new, |scope| format!(" in {}", super::code(scope)));
        if self.text.is_empty() {
            return format!("{only}{scope}");
        }
        format!("{only}{scope} that match {}", super::code(&self.text))
    }
}

/// The rows of the pods in the scope of a report, whatever their names are shown as.
pub(super) struct RowsInScope(Option<HashSet<u32, RandomState>>);

impl RowsInScope {
    /// Whether the pod in this row is in scope.
    pub fn has(&self, row: u32) -> bool {
        self.0.as_ref().is_none_or(|rows| rows.contains(&row))
    }
}

/// The last data of pods that are no longer listed.
#[derive(Debug, Default)]
pub(super) struct UnlistedPods(HashMap<PodKey, Pod, RandomState>);

impl ShiftReport {
    /// The rows of the pods that the scope of the report has.
    pub(super) fn rows_in_scope(&self) -> RowsInScope {
        let scope = self.selection.as_ref().map(|only| &only.scope);
        let scope = scope.filter(|scope| !scope.is_whole());
        RowsInScope(scope.map(|scope| self.fleet.rows_in(scope).into_iter().collect()))
    }

    /// Whether the report is about this pod, which is in scope.
    pub(super) fn is_about(&self, pod: &Pod) -> bool {
        let is_chosen = |only: &ReportSelection| {
            (!only.problems || risk::score(pod) >= PROBLEM_SCORE)
                && matches(&only.filter, pod, self.service_now)
        };
        self.selection.as_ref().is_none_or(is_chosen)
    }

    /// The pods that are no longer listed, as far as the report has to know them.
    pub(super) fn unlisted(&self) -> UnlistedPods {
        let of_changes = || last_records(self.fleet.changes().iter(), |_| true);
        UnlistedPods(self.selection.as_ref().map(|_| of_changes()).unwrap_or_default())
    }

    /// Whether the report is about the pod of a finding that this change ended. A pod that is well again has no problem any
    /// more, and is still meant.
    pub(super) fn is_about_pod_of(&self, change: &Change, unlisted: &UnlistedPods) -> bool {
        let Some(only) = &self.selection else {
            return true;
        };
        if !only.scope.may_hold_pod_of(change) {
            return false;
        }
        let row = self.fleet.row_of(&change.pod, None);
        let listed = row.and_then(|row| self.fleet.pod(row));
        let pod = listed.or_else(|| unlisted.0.get(&change.pod).cloned());
        let pod = pod.unwrap_or_else(|| change.pod_then());
        matches(&only.filter, &pod, self.service_now)
    }

    /// The counts of the pods that the report is about.
    pub(super) fn summary(&self) -> Summary {
        if self.selection.is_none() {
            return self.fleet.summary();
        }
        let in_scope = self.rows_in_scope();
        let listed = self
            .fleet
            .rows()
            .filter(|row| in_scope.has(*row) && self.fleet.gone_since(*row).is_none());
        let pods = listed.filter_map(|row| self.fleet.pod(row));
        pods.filter(|pod| self.is_about(pod))
            .map(|pod| Summary::of(std::iter::once(&pod)))
            .sum()
    }
}
