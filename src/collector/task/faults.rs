//! The meaning of an error for the plan and the budget.

use tokio::time::Instant;

use super::Fetcher;
use crate::collector::planned::Fault;
use crate::collector::retry::{backoff, spread};
use crate::collector::source::PodSource;
use crate::hss::Error;
use crate::hss::error::ErrorKind;

impl<S: PodSource> Fetcher<S> {
    /// The meaning of an error for the plan, and when calls are allowed again, if the service said so.
    pub(super) fn fault(&mut self, error: &Error, offset: u32) -> (Fault, Option<Instant>) {
        let now = Instant::now();
        // Any answer may name a time, not only one about throttling (RFC 9110, 10.2.3).
        let named = error.named_wait().map(|wait| spread(wait, self.chance.roll()));
        let pause = backoff(self.failures, self.chance.roll());
        let fault = match (error.kind(), error) {
            (ErrorKind::Throttled, Error::Service(service)) => {
                self.budget.observe(&service.quotas, now);
                if let Some(rule) = service.rule() {
                    self.budget.learn(rule, now);
                }
                let until = now + spread(service.wait(), self.chance.roll());
                return (Fault::Throttled(until), Some(until));
            }
            // If the service names a time, the error will pass, whatever it is.
            (ErrorKind::Passing | ErrorKind::Denied | ErrorKind::Lasting, _) if let Some(wait) = named => {
                Fault::Passing(wait)
            }
            // An error for one page does not mean that the pages after it fail.
            (ErrorKind::Lasting, Error::Service(service)) if service.status == 200 && offset > 0 => {
                Fault::Passing(pause)
            }
            (ErrorKind::Throttled | ErrorKind::Passing, _) => Fault::Passing(pause),
            (ErrorKind::Offline, _) => Fault::Unreachable(pause),
            (ErrorKind::SignIn, _) => Fault::SignIn,
            (ErrorKind::KeyRefused, _) => Fault::KeyRefused,
            (ErrorKind::Denied | ErrorKind::Lasting, _) => Fault::Lasting,
        };
        (fault, named.map(|wait| now + wait))
    }
}
