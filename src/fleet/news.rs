//! What is new about the pods since the operator last looked.
//!
//! Owns what follows from the [changes](super::changes): whether a pod's score rose or fell, which pods
//! entered a state that is counted above the table, and since when a pod has a reason of its score. Must not:
//! store a change, or read a clock.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;

use super::changes::{ChangeKind, Recorded};
use super::filter;
use super::pod::{Pod, PodKey};
use super::risk::{MAX_SCORE, PROBLEM_SCORE, Reason, is_problem};
use super::scope::Scope;
use super::score_shift::{brings, shift};
use super::snapshot::Fleet;
use super::store::chunk::{CHUNK_ROWS, Col};
use super::store::counts::of_row;
use super::store::mask::Mask;
use super::summary::Summary;
use super::words::Detection;

/// The most pods that changed whose rows are searched: after a longer absence the counts say more.
const MOST_RISEN: usize = 1_000;
/// The most pods in the counted states whose changes are looked up, which takes some milliseconds. With more of them nothing is
/// told to be new of the counts; the changes have it anyway.
const MOST_IN_STATES: usize = 5_000;
/// The scores of which a pod in one of the counted states has one.
const SCORES: RangeInclusive<u64> = PROBLEM_SCORE as u64..=MAX_SCORE as u64;

/// The states for which new pods are counted, in the order of the risk score.
pub const COUNTED: [Reason; 4] = [
    Reason::DetectionRisk,
    Reason::ProtectionException,
    Reason::Failed,
    Reason::ProtectionClosed,
];

/// A change of a pod, or a decision about it, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeMark {
    /// HSS found a risk in it.
    NewRisk,
    /// Its score rose.
    Rose,
    /// Its score fell.
    Fell,
    /// It is muted.
    Muted,
    /// Its finding is acknowledged.
    Acknowledged,
}

/// What is new about one pod.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct PodNews {
    /// The number of its newest change.
    newest: i64,
    /// The snapshot of its latest change, new or not.
    latest: Option<Timestamp>,
    /// By how much its score rose in that snapshot; zero if none of these changes is unread.
    shift: i32,
    /// Whether it is a new pod.
    has_appeared: bool,
    /// What its changes say of each of [`COUNTED`].
    came_to: [Came; COUNTED.len()],
}

/// What the latest change that is about a state says of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Came {
    /// It is not in that state, or is in it since a change that is not new, or that nobody saw.
    #[default]
    No,
    /// A new change brought it there.
    There,
    /// It is a new pod. If it is in that state, it came with it: no change says so, but the pod itself does.
    With,
}

impl Came {
    /// What `change` says; `None` if it is not about `reason`.
    fn by(change: &ChangeKind, reason: Reason, is_new: bool) -> Option<Self> {
        let came = match change {
            ChangeKind::Appeared => Some(Self::With),
            change => brings(change, reason).map(|is_so| if is_so { Self::There } else { Self::No }),
        };
        came.map(|came| if is_new { came } else { Self::No })
    }
}

/// What is new about the pods. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct FleetNews {
    pods: Arc<HashMap<PodKey, PodNews>>,
    counts: [usize; COUNTED.len()],
    /// The pods that are counted.
    scope: Scope,
    /// How many of them were in these states when these were counted.
    counted_of: [usize; COUNTED.len()],
}

impl FleetNews {
    /// The news in the new changes; the pods in `scope` are counted.
    pub fn of(fleet: &Fleet, scope: Scope, is_new: impl Fn(&Recorded<'_>) -> bool) -> Self {
        let mut pods: HashMap<PodKey, PodNews> = HashMap::new();
        for recorded in fleet.changes().recorded() {
            let Recorded { number, change, .. } = recorded;
            if change.kind == ChangeKind::Vanished {
                pods.remove(&change.pod);
                continue;
            }
            let is_new = is_new(&recorded);
            let news = if is_new {
                let news = pods.entry(change.pod.clone()).or_default();
                news.newest = number;
                news.has_appeared |= change.kind == ChangeKind::Appeared;
                news
            } else if let Some(news) = pods.get_mut(&change.pod) {
                news
            } else {
                continue;
            };
            // One that was read ends what an unread one before it brought.
            for (reason, came_to) in COUNTED.iter().zip(&mut news.came_to) {
                *came_to = Came::by(&change.kind, *reason, is_new).unwrap_or(*came_to);
            }
        }
        tell_the_latest(fleet, &mut pods, &is_new);
        let mut news = Self {
            pods: Arc::new(pods),
            scope,
            ..Self::default()
        };
        news.count_in(fleet);
        news
    }

    /// Counts again in a new picture with the same changes: pods or their values may be loaded after their changes.
    pub fn follow(&mut self, fleet: &Fleet) {
        // Where as many pods are in each state as before, nearly always the same ones are.
        if self.has_come() && self.counted_of != self.states_in(fleet) {
            self.count_in(fleet);
        }
    }

    /// Counts the pods of this scope from now on.
    pub fn turn_to(&mut self, scope: Scope, fleet: &Fleet) {
        self.scope = scope;
        self.count_in(fleet);
    }

    /// Whether a new change may have brought a pod to a state.
    fn has_come(&self) -> bool {
        let comes = |news: &PodNews| news.came_to.iter().any(|came| *came != Came::No);
        self.pods.values().any(comes)
    }

    /// How many pods of the scope are in each state.
    fn states_in(&self, fleet: &Fleet) -> [usize; COUNTED.len()] {
        states_of(&filter::summary_in(fleet, &self.scope))
    }

    /// Counts the pods that are in a state and came to it.
    fn count_in(&mut self, fleet: &Fleet) {
        self.counts = [0; COUNTED.len()];
        if !self.has_come() {
            return;
        }
        self.counted_of = self.states_in(fleet);
        if self.counted_of.iter().sum::<usize>() > MOST_IN_STATES {
            return;
        }
        let in_scope = (!self.scope.is_whole()).then(|| filter::in_scope(fleet, &self.scope));
        for (number, chunk) in (0_u32..).zip(fleet.chunks()) {
            let scored = Mask::within(chunk.column(Col::Risk), &SCORES);
            let mask = in_scope.as_ref().and_then(|masks| masks.get(number as usize));
            for at in mask.map_or(scored, |mask| scored.and(*mask)).rows() {
                let states = states_of(&of_row(|col| chunk.code(col, at)));
                if states.iter().all(|state| *state == 0) {
                    continue;
                }
                let row = number.saturating_mul(CHUNK_ROWS) + u32::try_from(at).unwrap_or(0);
                let pod = fleet.pod(row).filter(|_| fleet.gone_since(row).is_none());
                let Some(news) = pod.and_then(|pod| self.pods.get(&pod.key)) else {
                    continue;
                };
                let came = news.came_to.iter().zip(states).zip(&mut self.counts);
                for ((came, state), count) in came {
                    *count += if *came == Came::No { 0 } else { state };
                }
            }
        }
    }

    /// How many pods are in this state since a new change; 0 if they are not counted.
    pub fn count(&self, reason: Reason) -> usize {
        let counts = COUNTED.iter().zip(self.counts);
        counts
            .filter(|(it, _)| **it == reason)
            .map(|(_, count)| count)
            .sum()
    }

    /// What changed of `pod`, if its newest change has at least the number `from`.
    pub fn mark(&self, pod: &Pod, from: i64) -> Option<ChangeMark> {
        let news = self.pods.get(&pod.key).filter(|news| news.newest >= from)?;
        let is_at_risk = pod.detection().value().is_some_and(Detection::is_risk);
        let [came_to_risk, ..] = news.came_to;
        if is_at_risk && came_to_risk != Came::No {
            Some(ChangeMark::NewRisk)
        } else if news.shift > 0 {
            Some(ChangeMark::Rose)
        } else if news.shift < 0 {
            Some(ChangeMark::Fell)
        } else {
            // One that came with a problem rose from nothing.
            (news.has_appeared && is_problem(pod)).then_some(ChangeMark::Rose)
        }
    }

    /// The rows that [`Self::mark`] marks with a new risk or a score that rose, each with its mark; none if more than
    /// [`MOST_RISEN`] pods changed.
    pub fn risen(&self, fleet: &Fleet, from: i64) -> Vec<(u32, ChangeMark)> {
        let recent = self.pods.iter().filter(|(_, news)| news.newest >= from);
        let keys: Vec<&PodKey> = recent.map(|(key, _)| key).take(MOST_RISEN + 1).collect();
        if keys.is_empty() || keys.len() > MOST_RISEN {
            return vec![];
        }
        let risen = |row: u32| {
            let mark = self.mark(&fleet.pod(row)?, from)?;
            matches!(mark, ChangeMark::NewRisk | ChangeMark::Rose).then_some((row, mark))
        };
        let rows = fleet.rows_with(keys.into_iter()).into_iter();
        rows.filter_map(risen).collect()
    }
}

/// The numbers of pods in the [`COUNTED`] states.
fn states_of(summary: &Summary) -> [usize; COUNTED.len()] {
    [
        summary.risk,
        summary.exception,
        summary.failed,
        summary.unprotected,
    ]
}

/// What the latest snapshot that changed a pod did to its score. What came before that, new or not, is past.
fn tell_the_latest(
    fleet: &Fleet,
    pods: &mut HashMap<PodKey, PodNews>,
    is_new: impl Fn(&Recorded<'_>) -> bool,
) {
    let mut is_told: HashMap<&PodKey, bool> = HashMap::new();
    for recorded in fleet.changes().recorded() {
        let change = recorded.change;
        let Some(news) = pods.get_mut(&change.pod) else {
            continue;
        };
        let told = is_told.entry(&change.pod).or_default();
        if news.latest != change.after {
            (news.latest, news.shift, *told) = (change.after, 0, false);
        }
        news.shift += shift(&change.kind);
        *told |= is_new(&recorded);
    }
    for (pod, told) in is_told {
        if let Some(news) = pods.get_mut(pod).filter(|_| !told) {
            news.shift = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::Change;
    use crate::fleet::fixture::serverless;
    use crate::fleet::score_shift::since_which;
    use crate::fleet::usage::Pressure;
    use crate::fleet::words::{Protection, Status};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A change of `pod`, first seen in the snapshot of this second.
    fn change(pod: &Pod, kind: ChangeKind, second: i64) -> Change {
        Change {
            after: Some(at(second)),
            ..Change::of(pod, kind)
        }
    }

    fn detection(from: Detection, to: Detection) -> ChangeKind {
        ChangeKind::Detection(from.into(), to.into())
    }

    fn with(pods: &[Pod], changes: Vec<Change>) -> Fleet {
        pods.iter().cloned().collect::<Fleet>().with_changes(changes)
    }

    #[test]
    fn a_risk_that_was_found_is_new_until_it_is_seen_or_gone() {
        let risky = serverless("a").security("opened", "risk").build();
        let well = serverless("b").security("opened", "clean").build();
        let found = |pod: &Pod| change(pod, detection(Detection::Clean, Detection::Risk), 1);
        let cleared = change(&well, detection(Detection::Risk, Detection::Clean), 2);
        let fleet = with(
            &[risky.clone(), well.clone()],
            vec![found(&risky), found(&well), cleared],
        );
        let news = FleetNews::of(&fleet, Scope::default(), |_| true);
        assert_eq!(news.mark(&risky, 0), Some(ChangeMark::NewRisk));
        assert_eq!(news.mark(&well, 0), Some(ChangeMark::Fell), "the latest change");
        assert_eq!(news.count(Reason::DetectionRisk), 1);
        assert_eq!(news.count(Reason::ProtectionException), 0);
        assert_eq!(news.mark(&risky, 1), None, "its change is older than that");
        let seen = FleetNews::of(&fleet, Scope::default(), |recorded| recorded.number >= 1);
        assert_eq!(
            (seen.mark(&risky, 0), seen.count(Reason::DetectionRisk)),
            (None, 0)
        );
    }

    #[test]
    fn more_pods_than_can_be_looked_up_at_once_are_not_said_to_be_new() {
        let failed = |count: usize, changed: usize| {
            let pods = (0..count).map(|at| serverless(&format!("p{at}")).status("Failed").build());
            let pods: Vec<Pod> = pods.collect();
            let kind = ChangeKind::Status(Status::Running.into(), Status::Failed.into());
            let changes = pods.iter().take(changed);
            let changes = changes.map(|pod| change(pod, kind.clone(), 1)).collect();
            let fleet = with(&pods, changes);
            let news = FleetNews::of(&fleet, Scope::default(), |_| true);
            (news.count(Reason::Failed), news.risen(&fleet, 0).len())
        };
        assert_eq!(failed(MOST_IN_STATES, 3), (3, 3));
        assert_eq!(failed(MOST_IN_STATES + 1, 3), (0, 3));
        assert_eq!(failed(MOST_RISEN, MOST_RISEN), (MOST_RISEN, MOST_RISEN));
        assert_eq!(failed(MOST_RISEN + 1, MOST_RISEN + 1), (MOST_RISEN + 1, 0));
    }

    #[test]
    fn a_score_rose_or_fell_by_all_its_changes_together() {
        let pod = serverless("a")
            .security("closed", "clean")
            .status("Pending")
            .build();
        let status = |from: Status, to: Status| ChangeKind::Status(from.into(), to.into());
        let closed = ChangeKind::Protection(Protection::Opened.into(), Protection::Closed.into());
        let mark = |kinds: &[ChangeKind]| {
            let changes = kinds.iter().map(|kind| change(&pod, kind.clone(), 1)).collect();
            FleetNews::of(
                &with(std::slice::from_ref(&pod), changes),
                Scope::default(),
                |_| true,
            )
            .mark(&pod, 0)
        };
        let failed = status(Status::Running, Status::Failed);
        let pending = status(Status::Failed, Status::Pending);
        let near = ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Warn);
        assert_eq!(mark(std::slice::from_ref(&closed)), Some(ChangeMark::Rose));
        assert_eq!(mark(std::slice::from_ref(&near)), Some(ChangeMark::Rose));
        assert_eq!(mark(std::slice::from_ref(&pending)), Some(ChangeMark::Fell));
        assert_eq!(
            mark(&[failed, pending]),
            Some(ChangeMark::Rose),
            "Pending is worse than Running"
        );
    }

    #[test]
    fn the_arrow_is_that_of_the_latest_change() {
        let pod = serverless("a").status("Failed").build();
        let status =
            |from: Status, to: Status, at| change(&pod, ChangeKind::Status(from.into(), to.into()), at);
        let changes = vec![
            status(Status::Unknown, Status::Running, 1),
            status(Status::Running, Status::Failed, 2),
        ];
        let fleet = with(std::slice::from_ref(&pod), changes);
        let mark =
            |is_new: fn(&Recorded<'_>) -> bool| FleetNews::of(&fleet, Scope::default(), is_new).mark(&pod, 0);
        assert_eq!(mark(|_| true), Some(ChangeMark::Rose));
        assert_eq!(
            mark(|recorded| recorded.number == 0),
            None,
            "the latest one was read"
        );
        assert_eq!(mark(|recorded| recorded.number == 1), Some(ChangeMark::Rose));
    }

    #[test]
    fn a_pod_that_appears_at_risk_is_a_new_risk() {
        let risky = serverless("a").security("closed", "risk").build();
        let well = serverless("b").security("opened", "clean").build();
        let changes = [&risky, &well].map(|pod| change(pod, ChangeKind::Appeared, 7));
        let fleet = with(&[risky.clone(), well.clone()], changes.to_vec());
        let news = FleetNews::of(&fleet, Scope::default(), |_| true);
        assert_eq!(news.mark(&risky, 0), Some(ChangeMark::NewRisk));
        assert_eq!(news.mark(&well, 0), None);
        let broken = serverless("c").security("protection_exception", "clean").build();
        let appeared = change(&broken, ChangeKind::Appeared, 7);
        let of_broken = FleetNews::of(
            &with(std::slice::from_ref(&broken), vec![appeared]),
            Scope::default(),
            |_| true,
        );
        assert_eq!(of_broken.mark(&broken, 0), Some(ChangeMark::Rose));
        let counts = COUNTED.map(|reason| news.count(reason));
        assert_eq!(counts, [1, 0, 0, 1]);
    }

    #[test]
    fn a_reason_holds_since_the_change_that_brought_it() {
        let pod = serverless("a").security("opened", "risk").build();
        let closed = ChangeKind::Protection(Protection::Opened.into(), Protection::Closed.into());
        let opened = ChangeKind::Protection(Protection::Closed.into(), Protection::Opened.into());
        let changes = vec![
            change(&pod, detection(Detection::Clean, Detection::Risk), 10),
            change(&pod, closed, 20),
            change(&pod, opened, 30),
        ];
        let fleet = with(std::slice::from_ref(&pod), changes);
        let since = |reason| since_which(fleet.changes(), &pod.key, reason).and_then(|change| change.after);
        assert_eq!(since(Reason::DetectionRisk), Some(at(10)));
        assert_eq!(since(Reason::ProtectionClosed), None, "it is on again");
        assert_eq!(since(Reason::Failed), None, "that was never seen");
        let other = serverless("b").build();
        assert_eq!(
            since_which(fleet.changes(), &other.key, Reason::DetectionRisk),
            None
        );
    }
}
