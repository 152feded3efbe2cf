//! Which changes the operator has not read yet, and which of them are marked in their rows.
//!
//! Owns the two limits: a change counts as unread until it is acknowledged, and is marked until then or for an hour. Must
//! not: read a clock; the time is an argument.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::fleet::news::{ChangeMark, FleetNews};
use crate::fleet::risk::Reason;
use crate::fleet::{Fleet, Pod};

/// How long a change is marked that nobody acknowledges: who comes back later reads the counts.
const MARKED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// Arrivals of changes that are told apart; the oldest two become one.
const MOST_ARRIVALS: usize = 64;

/// The changes since the operator last acknowledged.
#[derive(Debug, Clone, Default)]
pub struct UnreadChanges {
    /// How many changes there were then.
    read: u64,
    /// Changes before this number were there for an hour.
    unmarked: u64,
    /// When changes arrived, and how many there were afterwards; oldest first.
    arrivals: VecDeque<(Timestamp, u64)>,
    news: FleetNews,
}

impl UnreadChanges {
    /// How many of the changes of `fleet` are unread.
    pub fn count(&self, fleet: &Fleet) -> u64 {
        fleet.changes().total().saturating_sub(self.read)
    }

    /// Takes the changes of a new picture of the fleet.
    pub fn arrive(&mut self, fleet: &Fleet, now: Timestamp) {
        let total = fleet.changes().total();
        let known = self.arrivals.back().map_or(self.unmarked, |(_, after)| *after);
        if total > known {
            if self.arrivals.len() == MOST_ARRIVALS {
                self.arrivals.pop_front();
            }
            self.arrivals.push_back((now, total));
        }
        self.news = FleetNews::since(fleet, self.read);
    }

    /// Lets the marks go of what arrived an hour ago.
    pub fn tick(&mut self, now: Timestamp) {
        let is_old = |at: &Timestamp| now.duration_since(*at) >= MARKED_FOR;
        while let Some((_, after)) = self.arrivals.front().filter(|(at, _)| is_old(at)) {
            self.unmarked = *after;
            self.arrivals.pop_front();
        }
    }

    /// Counts all changes of `fleet` as read.
    pub fn acknowledge(&mut self, fleet: &Fleet) {
        self.read = fleet.changes().total();
        self.unmarked = self.read;
        self.arrivals.clear();
        self.news = FleetNews::default();
    }

    /// How many pods came to this state unread, and did not leave it again.
    pub fn new_in(&self, reason: Reason) -> usize {
        self.news.count(reason)
    }

    /// What marks the row of `pod`.
    pub fn mark(&self, pod: &Pod) -> Option<ChangeMark> {
        self.news.mark(pod, self.unmarked)
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

    /// Pods in which a risk was found, one after the other.
    fn fleet(names: &[&str]) -> (Fleet, Vec<Pod>) {
        let pod = |name: &&str| serverless(name).security("opened", "risk").build();
        let pods: Vec<Pod> = names.iter().map(pod).collect();
        let change = |pod: &Pod| Change {
            pod: pod.key.clone(),
            name: pod.name().clone(),
            namespace: pod.namespace().clone(),
            cluster: pod.cluster().clone(),
            kind: ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into()),
            before: None,
            after: None,
        };
        let changes = pods.iter().map(change).collect();
        let fleet: Fleet = pods.iter().cloned().collect();
        (fleet.with_changes(changes), pods)
    }

    #[test]
    fn a_mark_stays_an_hour_and_the_count_until_it_is_acknowledged() {
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
            unread.tick(minute(minutes));
            assert_eq!(marks(&unread), marked, "{minutes}");
            assert_eq!(
                (unread.count(&both), unread.new_in(Reason::DetectionRisk)),
                (2, 2)
            );
        }
        unread.acknowledge(&both);
        assert_eq!(
            (unread.count(&both), unread.new_in(Reason::DetectionRisk)),
            (0, 0)
        );
    }

    #[test]
    fn what_arrives_after_an_acknowledgement_is_unread_again() {
        let mut unread = UnreadChanges::default();
        let (one, _) = fleet(&["a"]);
        let (both, pods) = fleet(&["a", "b"]);
        unread.arrive(&one, minute(0));
        unread.acknowledge(&one);
        unread.arrive(&both, minute(1));
        assert_eq!(unread.count(&both), 1);
        let marks = [0, 1].map(|at| unread.mark(&pods[at]));
        assert_eq!(marks, [None, Some(ChangeMark::NewRisk)]);
    }
}
