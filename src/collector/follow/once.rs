//! The mutes of a team, for a program that soon ends: `hss-top mutes`.
//!
//! Owns one round: whether a collector answers, what it has that this machine does not, and what it lacks. This program makes no
//! other call, so it asks for the collector's state first, and only where the host is not one of HSS. Must not: know a file, or
//! what is printed.

use jiff::Timestamp;

use super::decisions::{AT_ONCE, KnownDecisions};
use super::{SeenState, useful};
use crate::clock::Clock;
use crate::collector::SourceSetup;
use crate::fleet::decisions::Mute;
use crate::hss::call::Parameters;
use crate::hss::calls::ReadTeam;
use crate::hss::{Client, Error, SendBy, Setup};

/// A collector, and the mutes on both sides.
#[derive(Debug)]
pub struct TeamMutes {
    client: Client,
    muted: KnownDecisions<Mute>,
}

impl TeamMutes {
    /// Whether a collector may answer there: not at a host of HSS, and not where the next call may go to another one.
    pub fn may_be_at(setup: &Setup) -> bool {
        matches!(setup.endpoints.as_slice(), [endpoint] if endpoint.region().is_none())
    }

    /// The collector that answers, if it is one; `saved` are the mutes of this machine at `now`.
    ///
    /// # Errors
    /// Nobody answers, or a collector refuses the credential.
    pub async fn find(
        source: &SourceSetup,
        saved: Vec<Mute>,
        now: Timestamp,
        clock: &Clock,
    ) -> Result<Option<Self>, Error> {
        let client = source.client(clock);
        let call = ReadTeam {
            path: "/v1/state",
            parameters: Parameters::default().with("project_id", client.known_project()),
        };
        match client.call(SendBy::ANY, &call).await {
            Ok(answer) if SeenState::read(&answer.value).is_some() => Ok(Some(Self {
                client,
                muted: KnownDecisions::new("/v1/mutes", useful(saved, |row| row.holds(now))),
            })),
            Err(error) if error.is_of_collector() || is_away(&error) => Err(error),
            // HSS, a simulator or a gateway before them: it has no such path.
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// Reads the mutes of the collector. Returns what is new here, or undone there.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub async fn read(&mut self, now: Timestamp) -> Result<Vec<Mute>, Error> {
        self.muted.read(&self.client, true, now).await
    }

    /// Sends what the collector lacks of the mutes that this machine has by now. Returns how many these are.
    ///
    /// # Errors
    /// Why the collector does not take them.
    pub async fn send(&mut self, saved: Vec<Mute>) -> Result<usize, Error> {
        self.muted.own_new(saved);
        let mut sent = 0;
        while !self.muted.waiting.is_empty() {
            let count = self.muted.waiting.len().min(AT_ONCE);
            self.muted.post(&self.client, count).await?;
            self.muted.waiting.drain(..count);
            sent += count;
        }
        Ok(sent)
    }
}

/// Whether it is unknown who would have answered.
fn is_away(error: &Error) -> bool {
    match error {
        Error::Service(service) => service.status >= 500,
        Error::NotTheApi { status, .. } => *status >= 500,
        Error::Redirected { .. } | Error::Unreadable { .. } | Error::Incomplete => false,
        _ => true,
    }
}
