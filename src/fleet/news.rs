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
mod tests;
