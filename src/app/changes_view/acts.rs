//! What operators decided, one entry for each key that was pressed: a key may acknowledge many changes at once.
//!
//! Owns the list of the decisions that hold, its cursor, and what an acknowledgement is about, in words. Must not: decide or undo
//! anything.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::app::model::Model;
use crate::fleet::decisions::{Acknowledgement, Mute, MuteTarget};
use crate::fleet::text::RemoteText;
use crate::ui::format::{counted, width};
use crate::ui::signs;

/// A row of the list of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecisionRow<'a> {
    /// What one key acknowledged, at least one finding.
    Acknowledged(Vec<&'a Acknowledgement>),
    /// A mute, and its place among all mutes.
    Muted(usize, &'a Mute),
}

/// What tells the decisions in the list apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DecisionId {
    who: String,
    /// In milliseconds, as the state file has it.
    at: i64,
    is_mute: bool,
}

/// The cursor of the list of decisions.
#[derive(Debug, Clone, Default)]
pub struct DecisionCursor {
    /// Its line.
    pub line: usize,
    /// The first line on the screen.
    pub top: usize,
    /// The decision on its line.
    held: Option<DecisionId>,
}

impl DecisionRow<'_> {
    fn id(&self) -> DecisionId {
        let (who, is_mute) = match self {
            Self::Acknowledged(rows) => (rows.first().map_or("", |row| row.who.as_str()), false),
            Self::Muted(_, row) => (row.who.as_str(), true),
        };
        DecisionId {
            who: who.to_owned(),
            at: self.at().as_millisecond(),
            is_mute,
        }
    }

    /// When it was decided.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Acknowledged(rows) => rows.first().map_or(Timestamp::MIN, |row| row.at),
            Self::Muted(_, row) => row.at,
        }
    }
}

impl Model {
    /// The decisions that hold, the newest first.
    pub fn decision_rows(&self) -> Vec<DecisionRow<'_>> {
        let decisions = &self.changes.book.decisions;
        let holding = decisions.acknowledgements.iter();
        let mut holding: Vec<&Acknowledgement> = holding.filter(|row| row.holds(self.now)).collect();
        holding.sort_by_key(|row| (row.at.as_millisecond(), row.who.as_str()));
        let acts = holding.chunk_by(|one, other| one.is_of_same_act(other));
        let muted = decisions.mutes.iter().enumerate();
        let muted = muted.filter(|(_, row)| row.holds(self.now));
        let mut rows: Vec<DecisionRow<'_>> = acts
            .map(|act| DecisionRow::Acknowledged(act.to_vec()))
            .chain(muted.map(|(at, row)| DecisionRow::Muted(at, row)))
            .collect();
        rows.sort_by_key(|row| Reverse(row.at()));
        rows
    }

    /// Puts the cursor on this line of the decisions, or on the last one.
    pub(in crate::app) fn select_decision(&mut self, line: usize) {
        let screen = self.change_rows();
        let rows = self.decision_rows();
        let line = line.min(rows.len().saturating_sub(1));
        let held = rows.get(line).map(DecisionRow::id);
        let top = self.changes.decision.top;
        let top = top.clamp((line + 1).saturating_sub(screen), line);
        self.changes.decision = DecisionCursor { line, top, held };
    }

    /// Somebody decided something, or a mute ended: the cursor stays on its decision, so that no other one is undone; if it is no
    /// longer in the list, on its line.
    pub(in crate::app) fn follow_decision(&mut self) {
        let cursor = &self.changes.decision;
        let held = cursor.held.as_ref();
        let rows = self.decision_rows();
        let place = held.and_then(|held| rows.iter().position(|row| row.id() == *held));
        self.select_decision(place.unwrap_or(cursor.line));
    }

    /// What was acknowledged together: `11 changes of pod tax-cache-1`, `1,547 changes of 900 pods`.
    pub fn acknowledged_words(&self, rows: &[&Acknowledgement]) -> String {
        let pods: HashSet<&str> = rows.iter().map(|row| row.pod.as_str()).collect();
        let of = match (rows.first(), pods.len()) {
            (Some(row), 1) => self.pod_words(row),
            (_, pods) => counted(pods, "pod"),
        };
        format!("{} of {of}", counted(rows.len(), "change"))
    }

    /// What is muted, by names that may be shown: `pod tax-cache-1`, `namespace checkout of prod-north-4a`.
    pub fn target_words(&self, target: &MuteTarget) -> String {
        match &self.fleet.shown_target(target) {
            MuteTarget::Pod { name, .. } => format!("pod {}", name.shown()),
            MuteTarget::Namespace { namespace, cluster } => {
                format!("namespace {} of {}", namespace.shown(), cluster.shown())
            }
            MuteTarget::Filter(filter) => format!("filter {}", RemoteText::name(filter).shown()),
        }
    }

    /// The same for a list, in about this many cells: without room for both, the cluster of a namespace is left out, because
    /// the name of the namespace says more.
    pub fn target_in(&self, target: &MuteTarget, cells: usize) -> String {
        let whole = self.target_words(target);
        match self.fleet.shown_target(target) {
            MuteTarget::Namespace { namespace, .. } if width(&whole) > cells => {
                format!("namespace {}", namespace.shown())
            }
            _ => whole,
        }
    }

    /// The pod of an acknowledgement, by a name that may be shown.
    fn pod_words(&self, row: &Acknowledgement) -> String {
        let key = row.pod.clone().within(self.fleet.source());
        let listed = self.fleet.row_of(&key, None).and_then(|row| self.fleet.pod(row));
        if let Some(pod) = listed {
            return format!("pod {}", signs::name(pod.name()).0);
        }
        let mut changes = self.fleet.changes().iter().rev();
        changes
            .find(|change| change.pod.as_str() == row.pod.as_str())
            .map_or_else(
                || "a pod that is gone".to_owned(),
                |change| {
                    let change = self.fleet.shown_change(change);
                    format!("pod {}", signs::name(&change.name).0)
                },
            )
    }

    /// The time of a decision that is made now: later than that of the one before, also if the clock stands between two keys, so
    /// that each key has its own entry. In milliseconds, as the state file has it.
    pub(super) fn decided_now(&mut self) -> Timestamp {
        let now = Timestamp::from_millisecond(self.now.as_millisecond()).unwrap_or(self.now);
        let next = |before: Timestamp| {
            before
                .checked_add(SignedDuration::from_millis(1))
                .unwrap_or(before)
        };
        let before = self.changes.decided_at.filter(|before| now <= *before);
        let at = before.map_or(now, next);
        self.changes.decided_at = Some(at);
        at
    }
}
