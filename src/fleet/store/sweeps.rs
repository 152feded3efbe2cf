//! The scopes of completed sweeps, and what they say about a pod.
//!
//! Owns the knowledge about the service's filters, and the date of the last snapshot in which a pod's state
//! is known. Must not: know rows.

use jiff::Timestamp;

use crate::fleet::pod::Pod;
use crate::fleet::scope::{Reach, Scope};

/// The largest number of scopes that are remembered.
const SCOPES: usize = 16;

/// The completed sweeps.
#[derive(Debug, Default)]
pub(super) struct Sweeps {
    swept: Vec<Swept>,
    reach: Reach,
}

/// The scope of a completed sweep.
#[derive(Debug)]
struct Swept {
    scope: Scope,
    /// The dates of the last two snapshots that were swept, the older first.
    dates: [Option<Timestamp>; 2],
}

impl Sweeps {
    /// Records the end of a complete sweep over `scope` in the snapshot of that date.
    pub(super) fn ended(&mut self, scope: &Scope, snapshot_at: Option<Timestamp>) {
        if scope.is_whole() {
            self.swept.retain(|swept| swept.scope.is_whole());
        }
        let known = self.swept.iter_mut().find(|swept| swept.scope == *scope);
        if let Some(known) = known {
            if known.dates[1] != snapshot_at {
                known.dates = [known.dates[1], snapshot_at];
            }
        } else if self.swept.len() < SCOPES {
            self.swept.push(Swept {
                scope: scope.clone(),
                dates: [None, snapshot_at],
            });
        }
    }

    /// Records a proven minimum of how far the service's filters reach.
    pub(super) fn learn(&mut self, reach: Reach) {
        self.reach = self.reach.max(reach);
    }

    /// The proven minimum of how far the service's filters reach.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether no sweep has completed yet.
    pub(super) fn is_empty(&self) -> bool {
        self.swept.is_empty()
    }

    /// Whether a completed sweep would have seen `pod` if it had existed.
    pub(super) fn would_know(&self, pod: &Pod) -> bool {
        self.of(pod).next().is_some()
    }

    /// The date of the last snapshot before `present` in which a completed sweep saw the state of `pod` for
    /// certain.
    pub(super) fn last_knew(&self, pod: &Pod, present: Option<Timestamp>) -> Option<Timestamp> {
        let dates = self.of(pod).flat_map(|swept| swept.dates).flatten();
        dates
            .filter(|at| present.is_none_or(|present| *at < present))
            .max()
    }

    fn of(&self, pod: &Pod) -> impl Iterator<Item = &Swept> {
        self.swept
            .iter()
            .filter(move |swept| swept.scope.surely_holds(pod, self.reach))
    }
}
