//! What keeps the fleet, or what the screen looks at, from being current.
//!
//! Owns one problem for all calls, which the next answer ends, and one for the part and one for the pod that are looked
//! at: an answer of the fleet does not end what is odd about a part of it. Must not: know what follows from a problem.

use crate::fleet::Scope;
use crate::hss::Error;
use crate::sync::order::{Order, Purpose};
use crate::sync::source::Wanted;
use crate::sync::status::Problem;

/// The problems.
#[derive(Debug, Default)]
pub(super) struct Problems {
    any: Option<Problem>,
    part: Option<(Scope, Problem)>,
    pod: Option<(Scope, Problem)>,
}

impl Problems {
    /// Takes that `order` failed, through a fault of its own list or not.
    pub(super) fn failed(&mut self, order: &Order, is_of_the_list: bool, problem: Problem) {
        let own = match order.purpose {
            Purpose::Part if is_of_the_list => &mut self.part,
            Purpose::Pod if is_of_the_list => &mut self.pod,
            Purpose::Fleet | Purpose::Part | Purpose::Pod => {
                self.any = Some(problem);
                return;
            }
        };
        // What was not sent shows nothing of the way there.
        if !matches!(problem.error, Error::Refused(_)) {
            self.any = None;
        }
        *own = Some((order.scope.clone(), problem));
    }

    /// Takes that `order` was answered.
    pub(super) fn answered(&mut self, order: &Order) {
        (self.any, self.pod) = (None, None);
        self.part.take_if(|(scope, _)| *scope == order.scope);
    }

    /// What is to be told to a screen that looks there.
    pub(super) fn shown(&self, wanted: &Wanted) -> Option<&Problem> {
        let part = self.part.as_ref().filter(|(scope, _)| *scope == wanted.scope);
        let pod = self
            .pod
            .as_ref()
            .filter(|(scope, _)| Some(scope) == wanted.pod.as_ref());
        let own = pod.or(part).map(|(_, problem)| problem);
        self.any.as_ref().or(own)
    }
}
