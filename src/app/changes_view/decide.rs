//! The operators' decisions about changes: read marks, acknowledgements and mutes. The module beside this one undoes them.
//!
//! Owns what each does to the model at once, and what is sent to the state file. Must not: wait for the file; what it has is
//! taken when it has all that was sent.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::muting::Muting;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::fleet::changes::{Change, ChangeId, ChangeKind};
use crate::fleet::decisions::{Acknowledgement, Mute, MuteEnd, MuteTarget};
use crate::fleet::{Pod, risk};
use crate::keys::ViewKind;
use crate::state::{LogbookEntry, LogbookNews};
use crate::ui::format::{count, counted};
use crate::ui::moment::moment;

/// Who acknowledged a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
}

/// What is asked before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangesQuestion {
    /// Acknowledge all changes that are shown: how many of them nobody acknowledged, and how many these are in all.
    AcknowledgeAll(usize, usize),
    /// Undo a decision of somebody else.
    Undo(Box<UndoneDecision>),
}

/// A decision that is, or may be, undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndoneDecision {
    /// What was acknowledged with one key.
    pub acknowledged: Vec<Acknowledgement>,
    /// The mute, if it is one.
    pub muted: Option<Mute>,
}

impl UndoneDecision {
    /// A mute.
    pub(super) fn of_mute(mute: Mute) -> Self {
        Self {
            acknowledged: vec![],
            muted: Some(mute),
        }
    }

    /// Who decided; empty if nothing was.
    pub fn who(&self) -> &str {
        let acknowledged = self.acknowledged.first().map(|row| row.who.as_str());
        let muted = self.muted.as_ref().map(|mute| mute.who.as_str());
        acknowledged.or(muted).unwrap_or_default()
    }

    /// Whether nothing was acknowledged or muted.
    pub fn is_empty(&self) -> bool {
        self.acknowledged.is_empty() && self.muted.is_none()
    }
}

impl Acknowledged {
    /// Who acknowledged it, and when.
    pub(super) fn of(row: &Acknowledgement) -> Self {
        Self {
            who: row.who.clone(),
            at: row.at,
        }
    }
}

/// Who acknowledged what, of what holds.
pub(super) fn acknowledged(rows: &[Acknowledgement], now: Timestamp) -> HashMap<ChangeId, Acknowledged> {
    let holding = rows.iter().filter(|row| row.holds(now));
    let of = |row: &Acknowledgement| Some((row.change()?, Acknowledged::of(row)));
    // Of several the first counts: it was known since then.
    holding.rev().filter_map(of).collect()
}

impl Model {
    /// Takes what the state file has.
    pub(in crate::app) fn take_logbook(&mut self, news: LogbookNews) {
        if news.trouble != self.changes.trouble {
            self.changes.trouble.clone_from(&news.trouble);
            if let Some(trouble) = news.trouble {
                let trouble = self.masking.sentence(&trouble).into_owned();
                self.notify(trouble);
            }
        }
        // While something is on its way, the file is behind the screen.
        let Some(book) = news.book.filter(|_| news.written >= self.changes.sent) else {
            return;
        };
        self.changes.presence.know(book.used_at);
        self.unread.know_read(&book.read, &self.fleet);
        self.changes.book = book;
        self.follow_decision();
        self.weigh_changes();
    }

    /// Marks the change under the cursor, or no longer, and goes on to the next.
    pub(in crate::app) fn mark_change(&mut self) {
        let Some(id) = self.changes.selected().map(|logged| logged.id) else {
            return;
        };
        if !self.changes.marked.remove(&id) {
            self.changes.marked.insert(id);
        }
        self.select_change(self.changes.cursor + 1);
    }

    /// Marks changes as read.
    pub(in crate::app) fn read_changes(&mut self, ids: impl IntoIterator<Item = ChangeId>) -> Vec<Effect> {
        let read = self.unread.read(ids, &self.fleet);
        self.sent_as_read(read)
    }

    /// Marks the changes that are shown as read, and says how many these were, and how many unread ones are not shown.
    pub(in crate::app) fn read_shown_changes(&mut self) -> Vec<Effect> {
        let rows = self.changes.shown.changes().iter();
        let changes = rows.flat_map(|logged| self.changes.in_row(logged));
        let unread = changes.filter(|logged| self.unread.is_unread_change(logged.number, logged.id));
        let ids: Vec<ChangeId> = unread.map(|logged| logged.id).collect();
        let read = self.unread.read(ids, &self.fleet);
        let left = match self.unread.count() {
            0 => String::new(),
            left => format!("{} unread are not shown; ", count(left)),
        };
        if read.is_empty() {
            self.notify(if left.is_empty() {
                "no change is unread".to_owned()
            } else {
                format!(
                    "no change that is shown is unread; {}",
                    left.trim_end_matches("; ")
                )
            });
            return vec![];
        }
        self.notify(format!(
            "{} marked as read; {left}u undoes it",
            counted(read.len(), "change")
        ));
        self.keep_undo(vec![], None, read.clone());
        self.sent_as_read(read)
    }

    fn sent_as_read(&self, read: Vec<ChangeId>) -> Vec<Effect> {
        if read.is_empty() {
            return vec![];
        }
        vec![Effect::Logbook(LogbookEntry::Read(read, self.now))]
    }

    /// The changes that a decision is about: those that are marked, or the one under the cursor.
    fn meant(&self) -> Vec<ChangeId> {
        let changes = &self.changes;
        if changes.marked.is_empty() {
            return changes.selected_ids();
        }
        let marked = changes.marked.iter();
        marked.flat_map(|id| changes.of_row(*id)).collect()
    }

    /// Acknowledges what is meant.
    pub(in crate::app) fn acknowledge_meant(&mut self) -> Vec<Effect> {
        let meant = self.meant();
        self.changes.marked.clear();
        self.acknowledge_changes(&meant)
    }

    /// Asks whether all changes that are shown are to be acknowledged; false where there is none.
    pub(in crate::app) fn ask_to_acknowledge_all(&mut self) -> bool {
        let open = self.changes.shown_ids();
        let open = open.filter(|id| self.changes.acknowledgement(*id).is_none());
        let open = open.count();
        let all = self.changes.shown_ids().count();
        if open == 0 {
            self.notify("no unacknowledged change is shown");
            return false;
        }
        self.changes.question = Some(ChangesQuestion::AcknowledgeAll(open, all));
        true
    }

    /// Acknowledges all changes that are shown.
    pub(in crate::app) fn acknowledge_all(&mut self) -> Vec<Effect> {
        let ids: Vec<ChangeId> = self.changes.shown_ids().collect();
        self.acknowledge_changes(&ids)
    }

    /// Acknowledges what was found of the pod under the cursor: its changes, or else what it has since before hss-top watched.
    pub(in crate::app) fn acknowledge_pod(&mut self) -> Vec<Effect> {
        let Some(pod) = self.real_pod() else {
            self.notify("there is no pod to acknowledge");
            return vec![];
        };
        let changes = self.fleet.changes().recorded();
        let changes: Vec<ChangeId> = changes
            .filter(|recorded| recorded.change.pod == pod.key)
            .map(|recorded| recorded.id)
            .collect();
        let is_open = |id: &ChangeId| self.changes.acknowledgement(*id).is_none();
        if changes.iter().any(is_open) {
            return self.acknowledge_changes(&changes);
        }
        let found = risk::main_reason(&pod).filter(|reason| risk::is_problem_score(reason.weight().into()));
        let Some(found) = found.filter(|_| self.acknowledgement_of(&pod).is_none()) else {
            self.notify("nothing to acknowledge on this pod");
            return vec![];
        };
        let row = Acknowledgement {
            who: self.changes.who.to_string(),
            at: self.decided_now(),
            pod: pod.key,
            finding: found.name().to_owned(),
            until: None,
            undone: None,
        };
        self.notify_decision(&format!("acknowledged: {}", found.label()));
        self.take_acknowledgements(vec![row], vec![])
    }

    pub(in crate::app) fn acknowledge_changes(&mut self, ids: &[ChangeId]) -> Vec<Effect> {
        let wanted: std::collections::HashSet<ChangeId> = ids
            .iter()
            .copied()
            .filter(|id| self.changes.acknowledgement(*id).is_none())
            .collect();
        let at = self.decided_now();
        let changes = self.fleet.changes().recorded();
        let rows: Vec<Acknowledgement> = changes
            .filter(|recorded| wanted.contains(&recorded.id))
            .map(|recorded| Acknowledgement {
                who: self.changes.who.to_string(),
                at,
                pod: recorded.change.pod.clone(),
                finding: recorded.id.to_string(),
                until: None,
                undone: None,
            })
            .collect();
        if rows.is_empty() {
            self.notify("already acknowledged");
            return vec![];
        }
        let what = self.acknowledged_words(&rows.iter().collect::<Vec<_>>());
        self.notify_decision(&format!("acknowledged {what}"));
        let read = self.unread.read(wanted, &self.fleet);
        self.take_acknowledgements(rows, read)
    }

    /// Shows what was decided, and when the team will see it if that takes a while.
    fn notify_decision(&mut self, what: &str) {
        let team = if self.status.is_collector_away() {
            "; the team sees it when the collector answers"
        } else {
            ""
        };
        self.notify(format!("{what}{team}; u undoes it"));
    }

    fn take_acknowledgements(&mut self, rows: Vec<Acknowledgement>, read: Vec<ChangeId>) -> Vec<Effect> {
        let book = Arc::make_mut(&mut self.changes.book);
        book.decisions.acknowledgements.extend(rows.iter().cloned());
        self.keep_undo(rows.clone(), None, read.clone());
        self.weigh_changes();
        let mut effects = vec![Effect::Logbook(LogbookEntry::Acknowledge(rows))];
        effects.extend(self.sent_as_read(read));
        effects
    }

    /// What is muted if the menu of mutes opens now: the pod of the change under the cursor.
    pub(in crate::app) fn about_to_mute(&self) -> Option<Muting> {
        let holds = self
            .pod_in_question()
            .and_then(|pod| self.mute_of(&pod, None).cloned());
        let muting = self.change_of_pod().as_ref().map(Muting::of);
        muting.map(|muting| Muting { holds, ..muting })
    }

    /// The pod that a key is about, with its names.
    fn pod_in_question(&self) -> Option<Pod> {
        match self.focus.view() {
            ViewKind::Changes => self.pod_of_change().map(|(pod, _)| pod),
            _ => self.real_pod(),
        }
    }

    /// A change that names the pod under the cursor.
    pub(super) fn change_of_pod(&self) -> Option<Change> {
        match self.focus.view() {
            ViewKind::Changes => self.selected_change().cloned(),
            _ => self.real_pod().map(|pod| Change::of(&pod, ChangeKind::Appeared)),
        }
    }

    /// Mutes what the menu is about, and closes it.
    pub(in crate::app) fn mute_begun(&mut self, end: MuteEnd) -> Vec<Effect> {
        let target = self.focus.mute().map(|muting| muting.target().clone());
        self.focus.close();
        target.map_or_else(Vec::new, |target| self.mute(target, end))
    }

    /// Mutes `target`; what it changed so far counts as read.
    pub(in crate::app) fn mute(&mut self, target: MuteTarget, end: MuteEnd) -> Vec<Effect> {
        let mute = Mute {
            who: self.changes.who.to_string(),
            at: self.decided_now(),
            target,
            end,
            undone: None,
        };
        let book = Arc::make_mut(&mut self.changes.book);
        book.decisions.mutes.push(mute.clone());
        self.weigh_changes();
        let covered = self.changes.muted.ids.clone();
        let read = self.unread.read(covered, &self.fleet);
        self.keep_undo(vec![], Some(mute.clone()), read.clone());
        let until = end.words(|at| moment(at, self.now, &self.zone));
        let what = self.target_words(&mute.target);
        self.notify_decision(&format!("muted {what} {until}"));
        let mut effects = vec![Effect::Logbook(LogbookEntry::Mute(mute))];
        effects.extend(self.sent_as_read(read));
        effects
    }
}
