//! How many records the swept lists have.
//!
//! Owns totals for the fleet and for the shown part: the end of one sweep does not change the other's totals.
//! Must not: know why a sweep ended.

use crate::collector::planned::{CallPurpose, PlannedCall};
use crate::fleet::Scope;

/// The records of one list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ListTotals {
    /// Records seen by the last sweep.
    pub(super) met: u64,
    /// Records in total, according to the answers.
    pub(super) total: Option<u64>,
    /// Whether the last finished sweep saw every record.
    pub(super) complete: bool,
    /// Whether the list moved during the last finished sweep, so that its pages mix two states.
    pub(super) moved: bool,
    /// Whether a pod that the last finished sweep did not see may still be there.
    pub(super) unproven: bool,
}

/// A list, and its records.
type Counted = (Scope, ListTotals);

/// The totals.
#[derive(Debug, Default)]
pub(super) struct TotalsByScope {
    fleet: Option<Counted>,
    part: Option<Counted>,
}

impl TotalsByScope {
    /// The totals of the list of `planned`; a pod is not a list. A new list starts without totals.
    pub(super) fn of(&mut self, planned: &PlannedCall) -> Option<&mut ListTotals> {
        let place = match planned.purpose {
            CallPurpose::Fleet => &mut self.fleet,
            CallPurpose::Part => &mut self.part,
            CallPurpose::Pod => return None,
        };
        let same = place.take().filter(|(scope, _)| *scope == planned.scope);
        let counted = same.unwrap_or_else(|| (planned.scope.clone(), ListTotals::default()));
        Some(&mut place.insert(counted).1)
    }

    /// The fleet is now `scope`; the totals of another scope are dropped.
    pub(super) fn turn_to(&mut self, scope: &Scope) {
        self.fleet.take_if(|(of, _)| of != scope);
    }

    /// Restores the totals of the fleet, which is `scope`, from an earlier run.
    pub(super) fn restore(&mut self, scope: Scope, totals: ListTotals) {
        self.fleet = Some((scope, totals));
    }

    /// The totals of the fleet, or of the part `scope`, which starts without any.
    pub(super) fn shown(&self, purpose: CallPurpose, scope: &Scope) -> ListTotals {
        let counted = match purpose {
            CallPurpose::Fleet => self.fleet.as_ref(),
            CallPurpose::Part | CallPurpose::Pod => self.part.as_ref().filter(|(of, _)| of == scope),
        };
        counted.map(|(_, totals)| *totals).unwrap_or_default()
    }

    /// Whether a sweep saw everything in `scope`: a sweep of it or, before that has a total, a sweep of
    /// everything.
    pub(super) fn is_whole(&self, scope: &Scope) -> bool {
        let counted = || self.part.iter().chain(&self.fleet);
        let own = counted().find(|(of, _)| of == scope).map(|(_, totals)| totals);
        match own {
            Some(totals) if totals.complete || totals.total.is_some() => totals.complete,
            _ => counted().any(|(of, totals)| of.is_whole() && totals.complete),
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

    fn planned(purpose: CallPurpose, scope: Scope) -> PlannedCall {
        PlannedCall {
            purpose,
            scope,
            offset: 0,
            begins: false,
        }
    }

    #[test]
    fn a_part_of_a_whole_is_whole_and_a_whole_of_a_part_is_not() {
        let mut totals = TotalsByScope::default();
        let (all, pay) = (Scope::default(), namespace("pay"));
        assert!(!totals.is_whole(&all), "nothing was asked");
        totals
            .of(&planned(CallPurpose::Fleet, pay.clone()))
            .unwrap()
            .complete = true;
        assert!(totals.is_whole(&pay) && !totals.is_whole(&all) && !totals.is_whole(&namespace("web")));
        // More is requested: the totals of the first, smaller list do not apply to the new one.
        totals.turn_to(&pay);
        assert!(totals.shown(CallPurpose::Fleet, &pay).complete);
        totals.turn_to(&all);
        assert_eq!(totals.shown(CallPurpose::Fleet, &all), ListTotals::default());
        totals
            .of(&planned(CallPurpose::Fleet, all.clone()))
            .unwrap()
            .total = Some(3040);
        assert!(!totals.is_whole(&all) && !totals.is_whole(&pay));
        let shown = totals.shown(CallPurpose::Fleet, &all);
        assert_eq!((shown.total, shown.complete), (Some(3040), false));
        totals
            .of(&planned(CallPurpose::Fleet, all.clone()))
            .unwrap()
            .complete = true;
        assert!(totals.is_whole(&all) && totals.is_whole(&namespace("web")));
        // The part's own totals are better.
        totals
            .of(&planned(CallPurpose::Part, namespace("web")))
            .unwrap()
            .total = Some(9);
        assert!(totals.is_whole(&all) && !totals.is_whole(&namespace("web")));
    }
}
