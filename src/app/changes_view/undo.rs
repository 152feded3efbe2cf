//! Undoing decisions: one's own last one with one key for a while, any that holds from the list.
//!
//! Owns what a decision of this run marked as read: that is unread again when the decision is undone, whichever way. A decision
//! of somebody else is only undone after a question, because there is no way to make it again in their name. Must not: wait for
//! the file.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::acts::DecisionRow;
use super::decide::{ChangesQuestion, UndoneDecision};
use crate::alerts::AlertAct;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::fleet::changes::ChangeId;
use crate::fleet::decisions::{Acknowledgement, Mute};
use crate::keys::Mode;
use crate::sinks::AlertOrder;
use crate::state::LogbookEntry;
use crate::ui::format::counted;

/// How long a decision can be undone with one key.
const UNDO_FOR: Duration = Duration::from_mins(2);

/// The most decisions of this run whose marks as read can be undone.
const MOST_UNDOS: usize = 100;

/// A decision, and until when one key undoes it.
#[derive(Debug, Clone)]
pub(super) struct Undo {
    until: Timestamp,
    acknowledged: Vec<Acknowledgement>,
    muted: Option<Mute>,
    read: Vec<ChangeId>,
    /// The act that took note of all alerts.
    alerts: Option<AlertAct>,
}

impl Model {
    pub(super) fn keep_undo(
        &mut self,
        acknowledged: Vec<Acknowledgement>,
        muted: Option<Mute>,
        read: Vec<ChangeId>,
    ) {
        let until = self.now.checked_add(UNDO_FOR).unwrap_or(self.now);
        let undos = &mut self.changes.undos;
        if undos.len() == MOST_UNDOS {
            undos.remove(0);
        }
        undos.push(Undo {
            until,
            acknowledged,
            muted,
            read,
            alerts: None,
        });
    }

    /// The same for all alerts: with the last decision if that was `part_of_last`, the changes of these alerts.
    pub(in crate::app) fn keep_undo_of_alerts(&mut self, act: AlertAct, part_of_last: bool) {
        if !part_of_last {
            self.keep_undo(vec![], None, vec![]);
        }
        if let Some(undo) = self.changes.undos.last_mut() {
            undo.alerts = Some(act);
        }
    }

    /// Undoes the last decision of this run; in the list of decisions the selected one; in the menu of mutes the mute that holds.
    pub(in crate::app) fn undo_decision(&mut self) -> Vec<Effect> {
        match self.mode() {
            Mode::Decisions => return self.undo_selected(),
            Mode::Mute => return self.end_mute(),
            _ => {}
        }
        let now = self.now;
        let Some(undo) = self.changes.undos.pop_if(|undo| now <= undo.until) else {
            self.notify("nothing to undo; L in the changes lists the decisions");
            return vec![];
        };
        let decision = UndoneDecision {
            acknowledged: undo.acknowledged,
            muted: undo.muted,
        };
        let what = if decision.is_empty() && undo.alerts.is_none() {
            format!("{} unread again", counted(undo.read.len(), "change"))
        } else if decision.is_empty() {
            "the banner shows its alerts again".to_owned()
        } else {
            self.undone_words(&decision)
        };
        self.notify(format!("undone: {what}"));
        let mut effects = self.unread_again(undo.read);
        effects.extend(self.withdraw(decision));
        effects.extend(undo.alerts.map(undo_act));
        effects
    }

    /// A decision in words: `mute of pod tax-cache-1`, `acknowledgement of 3 changes of pod tax-cache-1`.
    pub fn undone_words(&self, decision: &UndoneDecision) -> String {
        match &decision.muted {
            Some(mute) => format!("mute of {}", self.target_words(&mute.target)),
            None => format!(
                "acknowledgement of {}",
                self.acknowledged_words(&decision.acknowledged.iter().collect::<Vec<_>>())
            ),
        }
    }

    /// Marks changes as unread again that a decision had marked as read.
    fn unread_again(&mut self, read: Vec<ChangeId>) -> Vec<Effect> {
        if read.is_empty() {
            return vec![];
        }
        self.unread.unread(&read, &self.fleet);
        vec![Effect::Logbook(LogbookEntry::Unread(read))]
    }

    fn undo_selected(&mut self) -> Vec<Effect> {
        self.follow_decision();
        let rows = self.decision_rows();
        let decision = match rows.get(self.changes.decision.line) {
            Some(DecisionRow::Acknowledged(rows)) => UndoneDecision {
                acknowledged: rows.iter().map(|row| (*row).clone()).collect(),
                muted: None,
            },
            Some(DecisionRow::Muted(_, row)) => UndoneDecision::of_mute((*row).clone()),
            None => return vec![],
        };
        if decision.who() == &*self.changes.who {
            return self.take_back(decision);
        }
        self.changes.question = Some(ChangesQuestion::Undo(Box::new(decision)));
        self.focus.open(Overlay::Confirm);
        vec![]
    }

    /// Ends the mute that holds for the pod that is about to be muted. Its menu says whose mute it is, and of what.
    fn end_mute(&mut self) -> Vec<Effect> {
        let mute = self.focus.mute().and_then(|muting| muting.holds.clone());
        let Some(mute) = mute else {
            self.notify("the pod is not muted");
            return vec![];
        };
        self.focus.close();
        self.take_back(UndoneDecision::of_mute(mute))
    }

    /// Undoes a decision that holds, whoever made it.
    pub(in crate::app) fn take_back(&mut self, decision: UndoneDecision) -> Vec<Effect> {
        let what = self.undone_words(&decision);
        self.notify(format!("undone: {what}"));
        let UndoneDecision { acknowledged, muted } = decision;
        let (mut read, mut acts) = (Vec::new(), Vec::new());
        for undo in &mut self.changes.undos {
            let had_rows = !undo.acknowledged.is_empty();
            read.extend(undo.without(&acknowledged, muted.as_ref()));
            if had_rows && undo.acknowledged.is_empty() {
                acts.extend(undo.alerts.take());
            }
        }
        self.changes.undos.retain(|undo| !undo.is_empty());
        let mut effects = self.unread_again(read);
        effects.extend(self.withdraw(UndoneDecision { acknowledged, muted }));
        effects.extend(acts.into_iter().map(undo_act));
        self.follow_decision();
        effects
    }

    fn withdraw(&mut self, decision: UndoneDecision) -> Vec<Effect> {
        let UndoneDecision {
            mut acknowledged,
            muted,
        } = decision;
        let now = self.now;
        let book = Arc::make_mut(&mut self.changes.book);
        for row in &mut acknowledged {
            row.undone = Some(now.max(row.at));
        }
        let muted = muted.map(|mute| Mute {
            undone: Some(now.max(mute.at)),
            ..mute
        });
        book.undo(&acknowledged, muted.as_ref());
        self.weigh_changes();
        let mut effects = Vec::new();
        if !acknowledged.is_empty() {
            effects.push(Effect::Logbook(LogbookEntry::Withdraw(acknowledged)));
        }
        effects.extend(muted.map(|mute| Effect::Logbook(LogbookEntry::Unmute(mute))));
        effects
    }
}

/// The alerts of this act wait again.
fn undo_act(act: AlertAct) -> Effect {
    Effect::AlertOrder(AlertOrder::UndoAct(act))
}

impl Undo {
    fn is_empty(&self) -> bool {
        self.acknowledged.is_empty() && self.muted.is_none() && self.read.is_empty() && self.alerts.is_none()
    }

    /// Takes these decisions out, and returns what they had marked as read.
    fn without(&mut self, acknowledged: &[Acknowledgement], muted: Option<&Mute>) -> Vec<ChangeId> {
        let is_muted = self
            .muted
            .as_ref()
            .zip(muted)
            .is_some_and(|(one, other)| one.is_same(other));
        if is_muted {
            self.muted = None;
            return std::mem::take(&mut self.read);
        }
        let is_it = |row: &Acknowledgement| acknowledged.iter().any(|other| other.is_same(row));
        let (gone, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.acknowledged)
            .into_iter()
            .partition(is_it);
        self.acknowledged = left;
        let ids: Vec<ChangeId> = gone.iter().filter_map(Acknowledgement::change).collect();
        let (read, left): (Vec<_>, Vec<_>) = std::mem::take(&mut self.read)
            .into_iter()
            .partition(|id| ids.contains(id));
        self.read = left;
        read
    }
}
