//! The problems that keep the fleet, or the shown part, from being current.
//!
//! Owns one problem for all calls, which the next answer ends, one for the shown part and one for the
//! selected pod: an answer about the fleet does not end a part's problem. Must not: know what follows from a
//! problem.

use crate::collector::planned::{CallPurpose, PlannedCall};
use crate::collector::source::FetchRequest;
use crate::collector::status::Problem;
use crate::fleet::Scope;
use crate::hss::Error;

/// The problems.
#[derive(Debug, Default)]
pub(super) struct Problems {
    any: Option<Problem>,
    part: Option<(Scope, Problem)>,
    pod: Option<(Scope, Problem)>,
}

impl Problems {
    /// `planned` failed, because of its own list or not.
    pub(super) fn failed(&mut self, planned: &PlannedCall, is_of_the_list: bool, problem: Problem) {
        let own = match planned.purpose {
            CallPurpose::Part if is_of_the_list => &mut self.part,
            CallPurpose::Pod if is_of_the_list => &mut self.pod,
            CallPurpose::Fleet | CallPurpose::Part | CallPurpose::Pod => {
                self.any = Some(problem);
                return;
            }
        };
        // A call that was not sent does not show whether the service can be reached.
        if !matches!(problem.error, Error::Refused(_)) {
            self.any = None;
        }
        *own = Some((planned.scope.clone(), problem));
    }

    /// `planned` was answered.
    pub(super) fn answered(&mut self, planned: &PlannedCall) {
        (self.any, self.pod) = (None, None);
        self.part.take_if(|(scope, _)| *scope == planned.scope);
    }

    /// The problem for a screen with this request.
    pub(super) fn shown(&self, wanted: &FetchRequest) -> Option<&Problem> {
        let part = self.part.as_ref().filter(|(scope, _)| *scope == wanted.scope);
        let pod = self
            .pod
            .as_ref()
            .filter(|(scope, _)| Some(scope) == wanted.pod.as_ref());
        let own = pod.or(part).map(|(_, problem)| problem);
        self.any.as_ref().or(own)
    }
}
