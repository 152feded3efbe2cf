//! Of which parts of the fleet a complete sweep has ended, and what that tells of a pod.
//!
//! Owns what the service has shown of its filters, and the date of the last snapshot that is known of a pod. Must not: know
//! rows.

use jiff::Timestamp;

use crate::fleet::pod::Pod;
use crate::fleet::scope::{Reach, Scope};

/// Most scopes of which it is remembered that they were swept.
const SCOPES: usize = 16;

/// The complete sweeps so far.
#[derive(Debug, Default)]
pub(super) struct Sweeps {
    swept: Vec<Swept>,
    reach: Reach,
}

/// A scope of which a complete sweep has ended.
#[derive(Debug)]
struct Swept {
    scope: Scope,
    /// The last two snapshots of which one has, the older first.
    dates: [Option<Timestamp>; 2],
}

impl Sweeps {
    /// Notes that a complete sweep over `scope` has ended, of the snapshot of that date.
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

    /// Notes how far the service's filters reach at least.
    pub(super) fn learn(&mut self, reach: Reach) {
        self.reach = self.reach.max(reach);
    }

    /// How far the service's filters reach at least, as far as it has shown.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether none has ended.
    pub(super) fn is_empty(&self) -> bool {
        self.swept.is_empty()
    }

    /// Whether a complete sweep would have met `pod`, had it been there.
    pub(super) fn would_know(&self, pod: &Pod) -> bool {
        self.of(pod).next().is_some()
    }

    /// The date of the last snapshot before that of `present` in which a complete sweep surely saw how things were with `pod`.
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
