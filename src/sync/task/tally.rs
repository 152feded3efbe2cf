//! How many records the lists have that are walked over.
//!
//! Owns one tally for the fleet and one for the part of it that is looked at: what ends one walk says nothing of the other's
//! list. Must not: know why a walk ended.

use crate::fleet::Scope;
use crate::sync::order::{Order, Purpose};

/// The records of one list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Those that the last walk met.
    pub(super) met: u64,
    /// Those that there are, as the answers say.
    pub(super) total: Option<u64>,
    /// Whether the last walk that ended met everything.
    pub(super) complete: bool,
}

/// The tallies.
#[derive(Debug)]
pub(super) struct Tallies {
    pub(super) fleet: Tally,
    /// What the fleet is that `fleet` counts.
    fleet_scope: Scope,
    part: Option<(Scope, Tally)>,
}

impl Tallies {
    /// Nothing is known of the fleet `scope`.
    pub(super) fn of_fleet(scope: Scope) -> Self {
        Self {
            fleet: Tally::default(),
            fleet_scope: scope,
            part: None,
        }
    }

    /// Takes that the fleet is `scope`: what is known of another says nothing of it.
    pub(super) fn turn_to(&mut self, scope: &Scope) {
        if self.fleet_scope != *scope {
            let part = self.part.take();
            *self = Self {
                part,
                ..Self::of_fleet(scope.clone())
            };
        }
    }

    /// Of the list that `order` asks for; a pod is no list.
    pub(super) fn of(&mut self, order: &Order) -> Option<&mut Tally> {
        match order.purpose {
            Purpose::Fleet => Some(&mut self.fleet),
            Purpose::Part => {
                let part = self.part.take().filter(|(scope, _)| *scope == order.scope);
                let part = part.unwrap_or_else(|| (order.scope.clone(), Tally::default()));
                Some(&mut self.part.insert(part).1)
            }
            Purpose::Pod => None,
        }
    }

    /// Of the fleet, or of the part `scope`, of which nothing is known at first.
    pub(super) fn shown(&self, purpose: Purpose, scope: &Scope) -> Tally {
        match purpose {
            Purpose::Fleet => self.fleet,
            Purpose::Part | Purpose::Pod => {
                let part = self.part.as_ref().filter(|(of, _)| of == scope);
                part.map(|(_, tally)| *tally).unwrap_or_default()
            }
        }
    }
}
