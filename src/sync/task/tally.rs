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
    /// Whether the list moved under the last walk that ended, so that it is not of one state.
    pub(super) moved: bool,
}

/// A list, and its records.
type Counted = (Scope, Tally);

/// The tallies.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    fleet: Option<Counted>,
    part: Option<Counted>,
}

impl Tallies {
    /// Of the list that `order` asks for; a pod is no list. Of another list than before nothing is known.
    pub(super) fn of(&mut self, order: &Order) -> Option<&mut Tally> {
        let place = match order.purpose {
            Purpose::Fleet => &mut self.fleet,
            Purpose::Part => &mut self.part,
            Purpose::Pod => return None,
        };
        let same = place.take().filter(|(scope, _)| *scope == order.scope);
        let counted = same.unwrap_or_else(|| (order.scope.clone(), Tally::default()));
        Some(&mut place.insert(counted).1)
    }

    /// Takes that the fleet is `scope`: what was counted of another says nothing of it.
    pub(super) fn turn_to(&mut self, scope: &Scope) {
        self.fleet.take_if(|(of, _)| of != scope);
    }

    /// Takes what an earlier run knew of the fleet, which is `scope`.
    pub(super) fn restore(&mut self, scope: Scope, tally: Tally) {
        self.fleet = Some((scope, tally));
    }

    /// Of the fleet, or of the part `scope`, of which nothing is known at first.
    pub(super) fn shown(&self, purpose: Purpose, scope: &Scope) -> Tally {
        let counted = match purpose {
            Purpose::Fleet => self.fleet.as_ref(),
            Purpose::Part | Purpose::Pod => self.part.as_ref().filter(|(of, _)| of == scope),
        };
        counted.map(|(_, tally)| *tally).unwrap_or_default()
    }

    /// Whether a walk met everything that there is in `scope`: one over it or, until that says how much there is, one
    /// over all.
    pub(super) fn is_whole(&self, scope: &Scope) -> bool {
        let counted = || self.part.iter().chain(&self.fleet);
        let own = counted().find(|(of, _)| of == scope).map(|(_, tally)| tally);
        match own {
            Some(tally) if tally.complete || tally.total.is_some() => tally.complete,
            _ => counted().any(|(of, tally)| of.is_whole() && tally.complete),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace(name: &str) -> Scope {
        Scope {
            namespace: Some(name.into()),
            ..Scope::default()
        }
    }

    fn order(purpose: Purpose, scope: Scope) -> Order {
        Order {
            purpose,
            scope,
            offset: 0,
            begins: false,
        }
    }

    #[test]
    fn a_part_of_a_whole_is_whole_and_a_whole_of_a_part_is_not() {
        let mut tallies = Tallies::default();
        let (all, pay) = (Scope::default(), namespace("pay"));
        assert!(!tallies.is_whole(&all), "nothing was asked");
        tallies.of(&order(Purpose::Fleet, pay.clone())).unwrap().complete = true;
        assert!(tallies.is_whole(&pay) && !tallies.is_whole(&all) && !tallies.is_whole(&namespace("web")));
        // More is wanted: what the first, smaller list had says nothing of the new one.
        tallies.turn_to(&pay);
        assert!(tallies.shown(Purpose::Fleet, &pay).complete);
        tallies.turn_to(&all);
        assert_eq!(tallies.shown(Purpose::Fleet, &all), Tally::default());
        tallies.of(&order(Purpose::Fleet, all.clone())).unwrap().total = Some(3040);
        assert!(!tallies.is_whole(&all) && !tallies.is_whole(&pay));
        let shown = tallies.shown(Purpose::Fleet, &all);
        assert_eq!((shown.total, shown.complete), (Some(3040), false));
        tallies.of(&order(Purpose::Fleet, all.clone())).unwrap().complete = true;
        assert!(tallies.is_whole(&all) && tallies.is_whole(&namespace("web")));
        // The part's own list knows better.
        tallies.of(&order(Purpose::Part, namespace("web"))).unwrap().total = Some(9);
        assert!(tallies.is_whole(&all) && !tallies.is_whole(&namespace("web")));
    }
}
