//! Which changes the operator has not read yet, and which of them are marked in their rows.
//!
//! Owns the two limits: a change is unread until it is read, in this run or an earlier one, and is marked
//! until then, but for an hour at most after it was seen first, whichever run saw it. Changes that an
//! earlier run left unread are unread here too. Only the changes of the pods in scope are counted, like the counts beside
//! these. Must not: read a clock; the time is an argument.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::fleet::changes::{ChangeId, Changes, Recorded};
use crate::fleet::news::{ChangeMark, FleetNews};
use crate::fleet::risk::Reason;
use crate::fleet::{Fleet, Pod, Scope};

/// How long an unread change is marked: after a longer absence the counts say more.
const MARKED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Read changes are kept up to this number, whether they are listed or not: as many as the state file has, which may be read
/// before the changes that they are of.
const MOST_READ: usize = 20_000;

/// The unread changes.
#[derive(Debug, Clone)]
pub struct UnreadChanges {
    /// The changes that were read.
    read: Arc<HashSet<ChangeId>>,
    /// Whether the read changes of earlier runs are loaded; until then all their changes count as read.
    knows_earlier: bool,
    /// Changes of muted pods: they do not count as unread.
    muted: Arc<HashSet<ChangeId>>,
    /// The pods whose changes are counted.
    scope: Scope,
    count: u64,
    /// The changes that were counted last.
    counted: Changes,
    /// Changes before this number are older than an hour.
    marked_from: i64,
    news: FleetNews,
}

impl Default for UnreadChanges {
    fn default() -> Self {
        Self {
            read: Arc::default(),
            knows_earlier: false,
            muted: Arc::default(),
            scope: Scope::default(),
            count: 0,
            counted: Changes::default(),
            marked_from: i64::MAX,
            news: FleetNews::default(),
        }
    }
}

impl UnreadChanges {
    /// Those of the pods in `scope`.
    pub fn within(scope: &Scope) -> Self {
        Self {
            scope: scope.clone(),
            ..Self::default()
        }
    }

    /// Whether the read changes of earlier runs are loaded.
    pub fn knows_earlier(&self) -> bool {
        self.knows_earlier
    }

    /// This number of unread changes, without the changes.
    #[cfg(test)]
    pub(crate) fn of_number(count: u64) -> Self {
        Self {
            count,
            ..Self::default()
        }
    }

    /// Counts the changes of the pods in `scope` from now on.
    pub fn turn_to(&mut self, scope: &Scope, fleet: &Fleet) {
        if self.scope != *scope {
            self.scope = scope.clone();
            self.count_changes(fleet);
            self.news.turn_to(scope.clone(), fleet);
        }
    }

    /// The pods whose changes are counted.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many changes of pods in scope are unread.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether this change is unread.
    pub fn is_unread(&self, recorded: &Recorded<'_>) -> bool {
        self.is_unread_change(recorded.number, recorded.id)
    }

    /// Whether the change with this number and this id is unread.
    pub fn is_unread_change(&self, number: i64, id: ChangeId) -> bool {
        (self.knows_earlier || number >= 0) && !self.read.contains(&id) && !self.muted.contains(&id)
    }

    /// Takes the changes of a new picture of the fleet.
    pub fn arrive(&mut self, fleet: &Fleet, now: Timestamp) {
        // Most pictures bring no change, and counting thousands of changes again costs more than the rest of
        // a picture.
        if self.counted.is(fleet.changes()) {
            self.news.follow(fleet);
            return;
        }
        self.tick(fleet, now);
        self.recount(fleet);
    }

    /// Removes the marks of changes that were seen first an hour ago.
    pub fn tick(&mut self, fleet: &Fleet, now: Timestamp) {
        let is_recent = |recorded: &Recorded<'_>| {
            let seen = recorded.change.seen_at();
            seen.is_some_and(|at| now.duration_since(at) < MARKED_FOR)
        };
        let newest_first = fleet.changes().recorded().rev();
        let recent = newest_first.take_while(is_recent).last();
        self.marked_from = recent.map_or(i64::MAX, |recorded| recorded.number);
    }

    /// Takes the changes that are read according to the state file, which has all that this run read: what another dashboard
    /// read is read here too, and what it made unread again by undoing a decision is unread here too.
    pub fn know_read(&mut self, read: &HashSet<ChangeId>, fleet: &Fleet) {
        if self.knows_earlier && *read == *self.read {
            return;
        }
        self.knows_earlier = true;
        self.read = Arc::new(read.clone());
        self.recount(fleet);
    }

    /// Takes the changes of muted pods.
    pub fn know_muted(&mut self, muted: Arc<HashSet<ChangeId>>, fleet: &Fleet) {
        if self.muted != muted {
            self.muted = muted;
            self.recount(fleet);
        }
    }

    /// Marks these changes as read. Returns those that were not before.
    pub fn read(&mut self, ids: impl IntoIterator<Item = ChangeId>, fleet: &Fleet) -> Vec<ChangeId> {
        let read = Arc::make_mut(&mut self.read);
        let new: Vec<ChangeId> = ids.into_iter().filter(|id| read.insert(*id)).collect();
        if !new.is_empty() {
            self.recount(fleet);
        }
        new
    }

    /// Marks these changes as unread again, because the decision that marked them as read was undone.
    pub fn unread(&mut self, ids: &[ChangeId], fleet: &Fleet) {
        let read = Arc::make_mut(&mut self.read);
        for id in ids {
            read.remove(id);
        }
        self.recount(fleet);
    }

    /// How many pods in scope are in this state since an unread change.
    pub fn new_in(&self, reason: Reason) -> usize {
        self.news.count(reason)
    }

    /// The mark in the row of `pod`.
    pub fn mark(&self, pod: &Pod) -> Option<ChangeMark> {
        self.news.mark(pod, self.marked_from)
    }

    /// The rows of pods in which a risk was found lately, or whose score rose, each with that mark.
    pub fn risen(&self, fleet: &Fleet) -> Vec<(u32, ChangeMark)> {
        self.news.risen(fleet, self.marked_from)
    }

    /// Two numbers that change when the marks of rows do.
    pub fn stamp(&self) -> (u64, i64) {
        (self.count, self.marked_from)
    }

    fn recount(&mut self, fleet: &Fleet) {
        self.counted = fleet.changes().clone();
        self.news = FleetNews::of(fleet, self.scope.clone(), |recorded| self.is_unread(recorded));
        self.count_changes(fleet);
        // Ids of changes that are no longer in the list are not needed.
        let most = MOST_READ.max(2 * fleet.changes().recorded().len());
        if self.read.len() > most {
            let listed: HashSet<ChangeId> = fleet.changes().recorded().map(|recorded| recorded.id).collect();
            Arc::make_mut(&mut self.read).retain(|id| listed.contains(id));
        }
    }

    fn count_changes(&mut self, fleet: &Fleet) {
        let changes = fleet.changes().recorded();
        let unread = changes
            .filter(|recorded| self.is_unread(recorded) && self.scope.may_hold_pod_of(recorded.change));
        self.count = unread.count() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::{Change, ChangeKind};
    use crate::fleet::fixture::serverless;
    use crate::fleet::words::Detection;

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(1_760_000_000 + 60 * minute).unwrap()
    }

    /// Pods in which a risk was found, one after the other, half an hour apart.
    fn fleet(names: &[&str]) -> (Fleet, Vec<Pod>) {
        let pod = |name: &&str| serverless(name).security("opened", "risk").build();
        let pods: Vec<Pod> = names.iter().map(pod).collect();
        let change = |(at, pod): (i64, &Pod)| Change {
            noticed: Some(minute(30 * at)),
            ..Change::of(
                pod,
                ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
            )
        };
        let changes = (0..).zip(&pods).map(change).collect();
        let fleet: Fleet = pods.iter().cloned().collect();
        (fleet.with_changes(changes), pods)
    }

    /// Marks all changes as read.
    fn read_all(unread: &mut UnreadChanges, fleet: &Fleet) {
        let ids: Vec<ChangeId> = fleet.changes().recorded().map(|recorded| recorded.id).collect();
        unread.read(ids, fleet);
    }

    #[test]
    fn a_mark_stays_an_hour_and_the_count_until_it_is_read() {
        let mut unread = UnreadChanges::default();
        let (one, _) = fleet(&["a"]);
        let (both, pods) = fleet(&["a", "b"]);
        unread.arrive(&one, minute(0));
        unread.arrive(&both, minute(30));
        let marks = |unread: &UnreadChanges| [0, 1].map(|at| unread.mark(&pods[at]).is_some());
        for (minutes, marked) in [
            (59, [true, true]),
            (60, [false, true]),
            (89, [false, true]),
            (90, [false, false]),
        ] {
            unread.tick(&both, minute(minutes));
            assert_eq!(marks(&unread), marked, "{minutes}");
            let risen = unread.risen(&both);
            let rows = [0, 1].map(|row| risen.contains(&(row, ChangeMark::NewRisk)));
            assert_eq!(rows, marked, "{minutes}");
            assert_eq!((unread.count(), unread.new_in(Reason::DetectionRisk)), (2, 2));
        }
        read_all(&mut unread, &both);
        assert_eq!((unread.count(), unread.new_in(Reason::DetectionRisk)), (0, 0));
    }

    #[test]
    fn what_arrives_after_all_was_read_is_unread_again() {
        let mut unread = UnreadChanges::default();
        let (one, _) = fleet(&["a"]);
        let (both, pods) = fleet(&["a", "b"]);
        unread.arrive(&one, minute(0));
        read_all(&mut unread, &one);
        unread.arrive(&both, minute(31));
        assert_eq!(unread.count(), 1);
        let marks = [0, 1].map(|at| unread.mark(&pods[at]));
        assert_eq!(marks, [None, Some(ChangeMark::NewRisk)]);
    }

    #[test]
    fn what_an_earlier_run_left_unread_is_unread_and_marked_once_that_is_known() {
        let (fleet, pods) = fleet(&["a", "b"]);
        let earlier = fleet.as_of_an_earlier_run();
        let ids: Vec<ChangeId> = earlier.changes().recorded().map(|recorded| recorded.id).collect();
        let mut unread = UnreadChanges::default();
        unread.arrive(&earlier, minute(0));
        assert_eq!(
            (unread.count(), unread.mark(&pods[0])),
            (0, None),
            "nothing flashes"
        );
        unread.know_read(&HashSet::from([ids[0]]), &earlier);
        assert_eq!(unread.count(), 1);
        let marks = |unread: &UnreadChanges| [0, 1].map(|at| unread.mark(&pods[at]));
        unread.tick(&earlier, minute(40));
        assert_eq!(marks(&unread), [None, Some(ChangeMark::NewRisk)]);
        assert_eq!(unread.new_in(Reason::DetectionRisk), 1);
        unread.tick(&earlier, minute(95));
        assert_eq!(marks(&unread), [None, None], "it was seen an hour ago");
        unread.know_read(&HashSet::new(), &earlier);
        assert_eq!(unread.count(), 2, "another dashboard made it unread again");
    }

    #[test]
    fn a_change_of_a_muted_pod_is_not_news() {
        let (fleet, pods) = fleet(&["a", "b"]);
        let mut unread = UnreadChanges::default();
        unread.arrive(&fleet, minute(0));
        let first = fleet.changes().recorded().next().unwrap().id;
        unread.know_muted(Arc::new(HashSet::from([first])), &fleet);
        let marks = [0, 1].map(|at| unread.mark(&pods[at]).is_some());
        assert_eq!((unread.count(), marks), (1, [false, true]));
        unread.know_muted(Arc::default(), &fleet);
        assert_eq!(unread.count(), 2);
    }

    #[test]
    fn what_was_read_stays_read_if_that_is_known_before_the_changes_are() {
        let names: Vec<String> = (0..300).map(|at| format!("p{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (earlier, _) = fleet(&names);
        let earlier = earlier.as_of_an_earlier_run();
        let read = earlier.changes().recorded().map(|it| it.id).collect();
        let mut unread = UnreadChanges::default();
        unread.know_read(&read, &Fleet::default());
        unread.arrive(&earlier, minute(0));
        assert_eq!(unread.count(), 0);
    }
}
