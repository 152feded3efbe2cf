//! The mutes of a collector of hss-top, where one answers in the place of HSS.
//!
//! Owns the round that a dashboard makes too: first this machine's logbook learns what the team decided, then the command works on
//! the logbook, and then the collector is sent what it lacks. Must not: choose what is muted.

use std::path::Path;

use crate::cli::fleet_fetch::FetchEnd;
use crate::clock::Clock;
use crate::collector::TeamMutes;
use crate::exit_codes::ExitReason;
use crate::fleet::decisions::{Decisions, Mute};
use crate::hss::Error;
use crate::settings::{Settings, Target};
use crate::state::Database;
use crate::state::database::Unusable;
use crate::state::logbook::saved_decisions;
use crate::terminal::say;
use crate::ui::format::counted;

/// The collector of a team, if there is one.
#[derive(Debug)]
pub(super) enum TeamAtHand {
    /// There is none.
    Nobody,
    /// It answers, and the logbook has what it has.
    There(Box<TeamMutes>),
    /// Only this machine's logbook can be used; why is told.
    Unknown(ExitReason),
}

impl TeamAtHand {
    /// Asks whether a collector answers, and brings its mutes into the logbook in `file`.
    ///
    /// # Errors
    /// The logbook cannot be used.
    pub(super) async fn meet(settings: &Settings, file: &Path, clock: &Clock) -> Result<Self, Unusable> {
        let Target::Api(api) = &settings.target else {
            return Ok(Self::Nobody);
        };
        if !TeamMutes::may_be_at(&api.setup) {
            return Ok(Self::Nobody);
        }
        let place = &settings.source.place;
        if !settings.source.has_credential() {
            say(&format!(
                "hss-top: {place} is not asked for the mutes of a team: no credential is set (HSS_TOP_TOKEN=none is enough for hss-top \
                 serve without tokens); these are those of this machine"
            ));
            return Ok(Self::Unknown(ExitReason::Configuration));
        }
        let source = settings.source_setup(api.setup.clone(), api.trust.clone(), settings.request());
        let now = clock.now();
        let found = match TeamMutes::find(&source, saved(file), now, clock).await {
            Ok(Some(mut team)) => team.read(now).await.map(|arrived| Some((team, arrived))),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        Ok(match found {
            Ok(None) => Self::Nobody,
            Ok(Some((team, arrived))) => {
                let mut database = Database::open_unmoved(file)?;
                let arrived = Decisions {
                    mutes: arrived,
                    ..Decisions::default()
                };
                database.write(|writing| writing.share(&arrived))?;
                Self::There(Box::new(team))
            }
            Err(error) => Self::Unknown(told(
                &format!("{place} cannot be asked for the mutes of a team; these are those of this machine"),
                error,
            )),
        })
    }

    /// Why the command fails where this machine has no logbook: the collector's reason goes first, because it may have what is
    /// missing here.
    pub(super) fn without_a_logbook(&self) -> ExitReason {
        match self {
            Self::Unknown(reason) => *reason,
            Self::Nobody | Self::There(_) => ExitReason::Failed,
        }
    }

    /// Sends what the collector lacks; returns the exit code of a command that otherwise ends well.
    pub(super) async fn send(self, settings: &Settings, file: &Path) -> ExitReason {
        let mut team = match self {
            Self::Nobody => return ExitReason::Done,
            Self::Unknown(reason) => return reason,
            Self::There(team) => team,
        };
        let place = &settings.source.place;
        match team.send(saved(file)).await {
            Ok(0) => ExitReason::Done,
            Ok(sent) => {
                let sent = counted(sent, "decision");
                say(&format!("hss-top: the collector {place} took {sent}"));
                ExitReason::Done
            }
            Err(Error::Service(service)) if service.status == 403 => {
                say(&format!(
                    "hss-top: the collector {place} does not take it: this token can only read; it holds on this machine"
                ));
                ExitReason::Configuration
            }
            Err(error) => told(
                &format!(
                    "the collector {place} does not take it yet; the next dashboard or mutes command here sends it"
                ),
                error,
            ),
        }
    }
}

/// The mutes of the logbook.
fn saved(file: &Path) -> Vec<Mute> {
    saved_decisions(file).mutes
}

/// Says what does not work and why; returns the reason for the exit code.
fn told(what: &str, error: Error) -> ExitReason {
    say(&format!("hss-top: {what}: {error}"));
    let end = FetchEnd::Failed(Box::new(error));
    for advice in end.advice() {
        say(&format!("hss-top: → {advice}"));
    }
    end.reason()
}
