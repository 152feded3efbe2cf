//! Which changes are to be printed, each of them once.
//!
//! The order is that of the saved log, because a reader can only continue there after a restart: what this run finds is printed
//! when it is read back. If the file cannot be written, or there is none, it is printed anyway and
//! remembered. Must not: read the file.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::fleet::changes::{Change, ChangeId, Changes, KEPT};

/// How long a change may take to be in a file that is said to be in trouble.
const WAITS: Duration = Duration::from_secs(5);

/// The changes on their way.
#[derive(Debug)]
pub(super) struct WatchQueue {
    /// Whether changes are kept in a file.
    is_kept: bool,
    /// The number of the next change of this run.
    next: i64,
    /// Changes of this run that were not told yet, and since when they are known.
    waiting: VecDeque<(ChangeId, Change, Instant)>,
    told: ToldChanges,
}

impl WatchQueue {
    pub(super) fn new(is_kept: bool) -> Self {
        Self {
            is_kept,
            next: 0,
            waiting: VecDeque::new(),
            told: ToldChanges::default(),
        }
    }

    /// Takes what this run found so far. Returns how many changes came and went between two looks: more at once than the log holds.
    pub(super) fn found(&mut self, changes: &Changes, at: Instant) -> u64 {
        let mut missed = 0;
        for recorded in changes.recorded() {
            if recorded.number < self.next {
                continue;
            }
            missed += recorded.number.abs_diff(self.next);
            self.next = recorded.number + 1;
            if !self.told.has(recorded.id) {
                self.waiting.push_back((recorded.id, recorded.change.clone(), at));
            }
        }
        missed
    }

    /// The changes to tell of those that were read from the file.
    pub(super) fn read(&mut self, changes: Vec<Change>) -> Vec<Change> {
        let mut fresh = Vec::new();
        for change in changes {
            let id = ChangeId::of(&change);
            if self.told.add(id) {
                fresh.push(change);
            }
        }
        self.waiting.retain(|(id, ..)| !self.told.has(*id));
        fresh
    }

    /// The changes to tell although no file has them: there is none, or it `is_in_trouble` and they waited for long.
    pub(super) fn unread(&mut self, is_in_trouble: bool, now: Instant) -> Vec<Change> {
        let mut fresh = Vec::new();
        while let Some((id, change, since)) = self.waiting.pop_front() {
            let is_due = !self.is_kept || (is_in_trouble && now - since >= WAITS);
            if !is_due {
                self.waiting.push_front((id, change, since));
                break;
            }
            if self.told.add(id) {
                fresh.push(change);
            }
        }
        fresh
    }
}

/// The newest changes that were told; twice as many as the log holds.
#[derive(Debug, Default)]
struct ToldChanges {
    order: VecDeque<ChangeId>,
    ids: HashSet<ChangeId>,
}

impl ToldChanges {
    fn has(&self, id: ChangeId) -> bool {
        self.ids.contains(&id)
    }

    /// Returns whether it is new.
    fn add(&mut self, id: ChangeId) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > 2 * KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Fleet;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;

    fn change(pod: &str) -> Change {
        Change {
            after: jiff::Timestamp::from_second(1_760_000_000).ok(),
            ..Change::of(&node(pod).build(), ChangeKind::Appeared)
        }
    }

    fn changes(pods: &[&str]) -> Fleet {
        let changes = pods.iter().map(|pod| change(pod)).collect();
        Fleet::default().with_changes(changes)
    }

    fn names(changes: &[Change]) -> Vec<&str> {
        changes
            .iter()
            .filter_map(|change| change.name.value().map(crate::fleet::RemoteText::raw))
            .collect()
    }

    #[test]
    fn without_a_file_each_change_is_told_as_it_is_found() {
        let (mut queue, now) = (WatchQueue::new(false), Instant::now());
        queue.found(changes(&["a", "b"]).changes(), now);
        assert_eq!(names(&queue.unread(false, now)), ["a", "b"]);
        queue.found(changes(&["a", "b", "c"]).changes(), now);
        assert_eq!(names(&queue.unread(false, now)), ["c"]);
    }

    #[test]
    fn with_a_file_its_order_holds_and_what_another_program_recorded_is_told_too() {
        let (mut queue, now) = (WatchQueue::new(true), Instant::now());
        queue.found(changes(&["a", "b"]).changes(), now);
        assert_eq!(
            queue.unread(false, now + 2 * WAITS),
            [],
            "the file will have them"
        );
        let read = queue.read(["b", "x", "a"].map(change).to_vec());
        assert_eq!(names(&read), ["b", "x", "a"]);
        assert_eq!(queue.unread(true, now + 2 * WAITS), []);
    }

    #[test]
    fn a_file_that_cannot_be_written_holds_nothing_back_and_is_not_told_again_later() {
        let (mut queue, now) = (WatchQueue::new(true), Instant::now());
        queue.found(changes(&["a"]).changes(), now);
        assert_eq!(queue.unread(true, now + WAITS / 2), [], "it may still be written");
        assert_eq!(names(&queue.unread(true, now + WAITS)), ["a"]);
        assert_eq!(names(&queue.read(["a", "b"].map(change).to_vec())), ["b"]);
    }
}
