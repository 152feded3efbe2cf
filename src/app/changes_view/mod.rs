//! The view of the changes: which of them it shows, in what order, and where the cursor is.
//!
//! Owns the log of the changes of the pods in scope, without those that are muted or do not match the typed filter. [`decide`] has what
//! operators decide here. Must not: read a clock; a muted change that is hidden is counted.

pub mod acts;
mod counts;
pub mod decide;
pub mod muting;
mod opened;
mod pod_decisions;
mod presence;
mod rows;
mod scope;
mod scrolled;
pub(in crate::app) mod typed;
mod undo;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::model::Model;
use super::prompt::TypedFault;
use crate::fleet::change_log::{ChangeGroup, ChangeLog, LoggedChange, whole_scans};
use crate::fleet::changed_pods::ChangedPods;
use crate::fleet::changes::{Change, ChangeId, Changes};
use crate::fleet::decisions::{MutedChanges, muted};
use crate::fleet::query::{ChangeQuery, ParseError, draft};
use crate::fleet::watched::{gaps_until_now, least_gap};
use crate::fleet::{Fleet, Pod, PodKey, Scope};
use crate::keys::ViewKind;
use crate::report::shift::ReportedShift;
use crate::state::Logbook;
use crate::state::past::MomentWanted;
use decide::{Acknowledged, ChangesQuestion, acknowledged};
use rows::between;
use undo::Undo;

pub use counts::ChangeCounts;
pub use opened::KnownAs;
pub use presence::Presence;
pub use rows::{Between, ChangesRow};

/// What the view lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChangesList {
    /// The changes.
    #[default]
    Changes,
    /// What operators decided, the newest first: it is undone most often.
    Decisions,
}

/// What the view of the changes keeps for itself.
#[derive(Debug, Clone, Default)]
pub struct ChangesView {
    /// What is listed.
    pub list: ChangesList,
    /// The scope with which the program began: a report of it leaves out no pod of ours.
    begun_within: Scope,
    /// The pods that `log` is about.
    scope: Scope,
    /// All changes of the pods in scope.
    log: Arc<ChangeLog>,
    /// The changes that `log` is of.
    log_of: Changes,
    /// Whether something came since the list was made. Ten thousand changes are put in order only for someone who looks.
    is_behind: bool,
    /// The rows that are shown: of the changes of a pod in one snapshot the gravest.
    pub shown: Arc<ChangeLog>,
    /// The other changes of a row, by the id of its first one.
    others: Arc<HashMap<ChangeId, Vec<LoggedChange>>>,
    /// How many of those that pass the filter are hidden because they are muted.
    pub hidden: usize,
    /// Whether muted changes are shown too.
    pub shows_muted: bool,
    /// The change under the cursor, as a place among those that are shown.
    pub cursor: usize,
    /// The first row on the screen; a heading is a row.
    pub top: usize,
    /// What lies above each group of those that are shown.
    between: Vec<Vec<Between>>,
    /// Whether only changes are shown that began or ended a problem.
    pub only_problems: bool,
    /// When the operator was here before, and when that was last written.
    pub presence: Presence,
    /// The changes that are marked, for what is done next.
    pub marked: BTreeSet<ChangeId>,
    /// The filter as it was typed.
    pub filter_text: String,
    /// The filter in force.
    pub query: ChangeQuery,
    /// The cursor of the list of decisions.
    pub decision: acts::DecisionCursor,
    /// The pod whose detail lies on the view, with its names.
    pub opened: Option<Arc<Pod>>,
    /// How much of that pod is known.
    pub(in crate::app) opened_as: KnownAs,
    /// The stored snapshot that is looked up, the last one with that pod.
    pub(in crate::app) opened_request: Option<MomentWanted>,
    /// The question that waits for a yes.
    pub question: Option<ChangesQuestion>,
    /// Whose decisions are made here.
    pub who: Arc<str>,
    /// The shift of the last report in this run where the next one begins.
    reported: Option<ReportedShift>,
    /// How many entries were sent to the state file.
    pub sent: u64,
    /// What the state file has, and what was decided since.
    pub book: Arc<Logbook>,
    muted: Arc<MutedChanges>,
    acknowledged: Arc<HashMap<ChangeId, Acknowledged>>,
    /// Of the pods whose latest finding is acknowledged.
    acknowledged_pods: Arc<HashMap<PodKey, Acknowledged>>,
    /// When something was decided last in this run.
    decided_at: Option<Timestamp>,
    /// What was decided in this run, the newest last.
    undos: Vec<Undo>,
    /// What is wrong with the state file, as it was told last.
    trouble: Option<String>,
    /// The pods that are filtered.
    pods: Arc<ChangedPods>,
}

impl ChangesView {
    /// The change under the cursor.
    pub fn selected(&self) -> Option<&LoggedChange> {
        self.shown.changes().get(self.cursor)
    }

    /// The other changes of the same pod in the same snapshot, which have no row of their own.
    pub fn others_of(&self, id: ChangeId) -> &[LoggedChange] {
        self.others.get(&id).map_or(&[], Vec::as_slice)
    }

    /// All changes of the row with this one: this one first.
    pub fn of_row(&self, id: ChangeId) -> impl Iterator<Item = ChangeId> {
        std::iter::once(id).chain(self.others_of(id).iter().map(|logged| logged.id))
    }

    /// All changes of the row under the cursor.
    pub(in crate::app) fn selected_ids(&self) -> Vec<ChangeId> {
        let selected = self.selected().into_iter();
        selected.flat_map(|logged| self.of_row(logged.id)).collect()
    }

    /// All changes that are shown, row by row.
    pub(super) fn shown_ids(&self) -> impl Iterator<Item = ChangeId> {
        let rows = self.shown.changes().iter();
        rows.flat_map(|logged| self.of_row(logged.id))
    }

    /// Whether a change is muted.
    pub fn is_muted(&self, id: ChangeId) -> bool {
        self.muted.ids.contains(&id)
    }

    /// In how many pods each mute holds.
    pub fn muted_pods(&self) -> &[usize] {
        &self.muted.pods
    }

    /// Who acknowledged a change, and when.
    pub fn acknowledgement(&self, id: ChangeId) -> Option<&Acknowledged> {
        self.acknowledged.get(&id)
    }

    /// How many changes of the pods in scope there are, before the filter.
    pub fn all(&self) -> usize {
        self.log.changes().len()
    }

    /// Follows what was decided, and the time.
    fn weigh(&mut self, fleet: &Fleet, now: Timestamp) {
        let decisions = &self.book.decisions;
        self.muted = Arc::new(muted(fleet.changes(), &decisions.mutes, now));
        self.acknowledged = Arc::new(acknowledged(&decisions.acknowledgements, now));
        self.acknowledged_pods = Arc::new(self.pods_acknowledged(fleet, now));
    }

    /// Chooses the changes that are shown. The cursor stays on its change.
    fn choose(&mut self, fleet: &Fleet, now: Timestamp, least_gap: Duration) {
        let selected = self.selected().map(|logged| logged.id);
        let is_at_first = self.cursor == 0;
        if !self.query.pods().is_empty() || !self.query.words().is_empty() {
            Arc::make_mut(&mut self.pods).follow(fleet);
        }
        let pods = self.query.pods();
        let of_pods = (!pods.is_empty()).then(|| self.pods.passing(pods, now));
        // Who asks for `from:clean to:risk` does not mean the scan between the two.
        let scans = self
            .query
            .asks_for_value_before()
            .then(|| whole_scans(fleet.changes()));
        let whole_scan = |number: i64| scans.as_ref().and_then(|scans| scans.get(&number));
        let passes = |number: i64, change: &Change| {
            let mut forms = std::iter::once(change).chain(whole_scan(number));
            forms.any(|change| self.query.admits(change, now))
                && of_pods.as_ref().is_none_or(|pods| pods.has(&change.pod))
        };
        let mut hidden = 0;
        let words = self.query.words().iter();
        let words: Vec<_> = words
            .map(|word| (word, self.pods.passing(word.pods(), now)))
            .collect();
        // A bare word is in what the row shows, or in a name of the pod.
        let has_words = |logged: &LoggedChange, change: &Change| {
            let mut words = words.iter();
            words.all(|(word, pods)| {
                let who = self.acknowledged.get(&logged.id);
                word.is_in_change(change)
                    || word.is_in_story(&logged.story)
                    || who.is_some_and(|known| word.is_in(&known.who))
                    || pods.has(&change.pod)
            })
        };
        let passing = |logged: &LoggedChange| {
            let change = fleet.changes().numbered(logged.number);
            let passes =
                change.is_some_and(|change| passes(logged.number, change) && has_words(logged, change));
            passes && (!self.only_problems || logged.is_of_problem())
        };
        let filtered = if self.query.is_empty() && !self.only_problems {
            Arc::clone(&self.log)
        } else {
            Arc::new(self.log.filtered(passing))
        };
        let shown = if self.shows_muted || self.muted.ids.is_empty() {
            filtered
        } else {
            let shown = filtered.filtered(|logged| !self.is_muted(logged.id));
            hidden = filtered.changes().len() - shown.changes().len();
            Arc::new(shown)
        };
        self.hidden = hidden;
        let pod_of =
            |logged: &LoggedChange| fleet.changes().numbered(logged.number).map(|change| &change.pod);
        let (rows, others) = shown.by_pod(pod_of);
        (self.shown, self.others) = (Arc::new(rows), Arc::new(others));
        let oldest = self
            .shown
            .groups()
            .last()
            .and_then(ChangeGroup::seen_at)
            .unwrap_or(now);
        let gaps = gaps_until_now(&self.book.watched, oldest, now, least_gap);
        self.between = between(self.shown.groups(), &gaps, self.presence.last_here);
        let is_in_row =
            |logged: &LoggedChange, id: ChangeId| self.of_row(logged.id).any(|of_row| of_row == id);
        let same = |id: ChangeId| {
            let mut rows = self.shown.changes().iter();
            rows.position(|logged| is_in_row(logged, id))
        };
        let last = self.shown.changes().len().saturating_sub(1);
        self.cursor = match selected.filter(|_| !is_at_first).and_then(same) {
            Some(place) => place,
            None => self.cursor.min(last),
        };
    }
}

impl Model {
    /// Follows the changes of a new picture of the fleet, which is in the model.
    pub(super) fn changes_arrived(&mut self) {
        self.unread.arrive(&self.fleet, self.now);
        self.weigh_changes();
    }

    /// Makes the list of the changes anew where somebody looks at one that is behind.
    pub(super) fn catch_up_changes(&mut self) {
        if self.changes.is_behind && self.focus.view() == ViewKind::Changes {
            self.choose_changes();
        }
    }

    /// After something was decided, or the time went on.
    pub(super) fn weigh_changes(&mut self) {
        self.changes.weigh(&self.fleet, self.now);
        self.weighed();
    }

    fn weighed(&mut self) {
        let muted = Arc::new(self.changes.muted.ids.clone());
        let acknowledged = self.changes.acknowledged.keys().copied().collect();
        let of_pods = Arc::clone(&self.changes.muted);
        self.alerts
            .know_decisions(Arc::clone(&muted), of_pods, acknowledged);
        self.unread.know_muted(muted, &self.fleet);
        self.changes.is_behind = true;
        self.catch_up_changes();
    }

    /// Chooses the changes that are shown, after the filter or what is hidden changed.
    pub(super) fn choose_changes(&mut self) {
        self.changes.renew(&self.fleet, &self.request.scope);
        let least_gap = least_gap(self.status.interval);
        self.changes.choose(&self.fleet, self.now, least_gap);
        let rows = self.change_rows();
        self.changes.reveal(rows);
    }

    /// Puts the cursor on the change at this place.
    pub(super) fn select_change(&mut self, place: usize) {
        let last = self.changes.shown.changes().len().saturating_sub(1);
        self.changes.cursor = place.min(last);
        let rows = self.change_rows();
        self.changes.reveal(rows);
    }

    /// The change under the cursor.
    pub fn selected_change(&self) -> Option<&Change> {
        let logged = self.changes.selected()?;
        self.fleet.changes().numbered(logged.number)
    }

    /// Filters by the finished terms of what is typed, and notes what is wrong or missing in the rest.
    pub(super) fn draft_changes_filter(&mut self, text: &str) {
        let known = self.fleet.masked_by(None);
        let draft = draft(text, |text| ChangeQuery::parse_among(text, &known));
        if let Some(filter) = self.focus.filter_mut() {
            filter.fault = TypedFault::of(&draft);
        }
        self.changes.query = draft.query;
        self.choose_changes();
    }

    /// Sets the filter of the changes. An invalid one changes nothing.
    pub(super) fn filter_changes(&mut self, text: &str) -> Result<(), ParseError> {
        self.changes.query = ChangeQuery::parse_among(text, &self.fleet.masked_by(None))?;
        self.choose_changes();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
