//! Why the state word is what it is, and why the next call is made when it is.
//!
//! ```text
//!  THROTTLED   HSS turned the last call away: too many calls
//!  Next        in 41s, at 09:30:56: HSS asked us to wait
//! ```
//!
//! Pure: the status and the time are in the model. Contains no text from HSS: the error has its own line. Must not: guess; the
//! collector reports what it waits for.

use crate::app::Model;
use crate::collector::planned::WaitCause;
use crate::collector::{SyncState, SyncStatus};
use crate::hss::error::{Error, ErrorKind};
use crate::hss::transport::LONGEST_CALL;
use crate::keys::Action;
use crate::ui::format::{AHEAD, CORRECTED, age, clock, count, countdown, date, elapsed, seconds_since};

/// The story of the state word, in two sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateStory {
    /// Why the word is what it is.
    pub why: String,
    /// When the next call is made, and why then.
    pub next: String,
}

impl StateStory {
    /// As of now.
    pub fn of(model: &Model) -> Self {
        Self {
            why: why(model),
            next: next(model),
        }
    }
}

fn why(model: &Model) -> String {
    let status = &model.status;
    if let Some(stuck) = model.stuck {
        let seconds = i64::try_from(stuck.as_secs()).unwrap_or(i64::MAX);
        return format!("hss-top itself has been stuck for {}", age(seconds));
    }
    match model.state() {
        SyncState::Fresh | SyncState::Recorded => {
            let part = if model.wanted.scope.is_whole() {
                "all pods"
            } else {
                "all pods of this scope"
            };
            let of = status.snapshot_at.map_or_else(
                || "the list of the last check".to_owned(),
                |at| {
                    // The zone has a fact of its own.
                    let date = date(at, &model.zone);
                    let date = date.rsplit_once(' ').map_or(date.as_str(), |(date, _)| date);
                    format!("HSS's list of {date}")
                },
            );
            format!("{part} are loaded, as of {of}")
        }
        SyncState::Loading { met: 0, total: None } => "the first answer has not arrived yet".to_owned(),
        SyncState::Loading { met, total } => loading(model, met, total),
        SyncState::Partial { met, total } => format!(
            "the last sweep saw {} of {} records: pages failed, or the list changed during it",
            count(met),
            count(total)
        ),
        SyncState::Old(at) => {
            let old = elapsed(at, status.service_time(model.now), AHEAD)
                .map_or_else(String::new, |seconds| format!(", {} ago", age(seconds)));
            let date = date(at, &model.zone);
            format!(
                "HSS last synchronised on {date}{old}; asking again returns the same list. :sync requests a new one; check the cluster's agent"
            )
        }
        SyncState::Offline | SyncState::Stale(_) if status.is_collector_away() => {
            "the hss-top collector does not answer, and HSS is not asked instead".to_owned()
        }
        SyncState::Stale(since) => stale(model, since),
        SyncState::Throttled(_) => "the last call was refused: too many calls".to_owned(),
        SyncState::Auth => {
            "the credential is missing or not accepted; hss-top doctor says what to check".to_owned()
        }
        SyncState::Denied
            if status
                .problem
                .as_ref()
                .is_some_and(|it| it.error.is_of_collector()) =>
        {
            "the hss-top collector answers, but does not keep this project; check project and endpoint"
                .to_owned()
        }
        SyncState::Denied if status.through.is_some() => {
            "the hss-top collector answers, but its own credential cannot list pods".to_owned()
        }
        SyncState::Denied => {
            "the credential is accepted, but cannot list pods; it needs a role that can read HSS here"
                .to_owned()
        }
        SyncState::Offline if status.through.is_some() => {
            "the hss-top collector answers, but cannot reach HSS".to_owned()
        }
        SyncState::Offline => "HSS cannot be reached; hss-top doctor checks every step".to_owned(),
    }
}

fn loading(model: &Model, met: u64, total: Option<u64>) -> String {
    let of = total.map_or_else(String::new, |total| format!(" of {}", count(total)));
    let pace = model.status.pace;
    let pace = pace.map_or_else(String::new, |pace| format!(", {} a minute", count(pace)));
    let left = model.status.done_at.map(|at| seconds_since(model.now, at));
    let left = left
        .filter(|left| *left > 0)
        .map_or_else(String::new, |left| format!(", about {} left", age(left)));
    format!("the list is being read: {}{of} records{pace}{left}", count(met))
}

fn stale(model: &Model, since: Option<jiff::Timestamp>) -> String {
    let status = &model.status;
    let ago = since.and_then(|at| elapsed(at, model.now, CORRECTED)).map(age);
    if status.overdue(model.now).is_some() {
        return "a call was due but not made: the machine slept, or its clock was set".to_owned();
    }
    if status.restored {
        return "these pods are from an earlier run; this one has received nothing yet".to_owned();
    }
    match ago {
        Some(ago) => format!("the last good answer arrived {ago} ago; the calls since then failed"),
        None => "no good answer has arrived yet; all calls failed".to_owned(),
    }
}

fn next(model: &Model) -> String {
    let status = &model.status;
    if model.stuck.is_some() {
        return format!("none; kill {} ends this program", std::process::id());
    }
    if model.source.recorded_at.is_some() {
        return "none to HSS: the recording answers".to_owned();
    }
    if let Some(since) = status.asking_since {
        let waits =
            elapsed(since, model.now, CORRECTED).map_or_else(String::new, |it| format!(" for {}", age(it)));
        let most = LONGEST_CALL.as_secs();
        return format!("a call has waited{waits} for its answer; it times out after {most}s");
    }
    let Some(at) = status.next_at else {
        return "a call is being made now".to_owned();
    };
    let seconds = seconds_since(model.now, at);
    let when = if seconds > 0 {
        format!("in {}, at {}", countdown(seconds), clock(at, &model.zone))
    } else {
        "now".to_owned()
    };
    format!("{when}: {}", cause(model))
}

/// Whether what was refused locks somebody out if it is refused again: a key pair or a password, and not a token.
fn can_lock_out(status: &SyncStatus) -> bool {
    let error = status.problem.as_ref().map(|problem| &problem.error);
    error.is_some_and(|error| match error {
        Error::Service(service) => service.is_sign_in || error.kind() == ErrorKind::KeyRefused,
        _ => true,
    })
}

fn seconds_of_next(model: &Model) -> i64 {
    let next = model.status.next_at;
    next.map_or(0, |at| seconds_since(model.now, at))
}

/// What the collector waits for.
fn cause(model: &Model) -> String {
    let status = &model.status;
    let ask = || {
        let key = model.keys.key_of(model.focus.view().mode(), Action::AskNow);
        key.map_or_else(String::new, |key| format!("; {} asks at once", key.label()))
    };
    match status.wait_cause {
        WaitCause::Interval => {
            let interval = humantime::format_duration(status.interval);
            format!("the list is checked every {interval}")
        }
        WaitCause::Pause => "a call failed; a short pause spreads out the retries".to_owned(),
        WaitCause::Rest => match status.problem.as_ref().map(|problem| problem.error.kind()) {
            Some(ErrorKind::SignIn | ErrorKind::KeyRefused) if can_lock_out(status) => {
                format!("paused: more refusals could lock the account{}", ask())
            }
            Some(ErrorKind::SignIn | ErrorKind::KeyRefused) => {
                format!("the same token would be refused again{}", ask())
            }
            Some(ErrorKind::Denied | ErrorKind::Lasting) => {
                format!("an attempt now would fail too{}", ask())
            }
            _ if seconds_of_next(model) > 0 => format!("calls failed in a row, so all calls pause{}", ask()),
            _ => "the pause after failed calls is over".to_owned(),
        },
        WaitCause::Service => match status.held_until.filter(|until| *until > model.now) {
            Some(_) => "HSS asked us to wait".to_owned(),
            None => "HSS allows fewer calls than this program may make".to_owned(),
        },
        WaitCause::Calls => calls(model),
        WaitCause::Ledger => "another program holds the shared ledger of calls".to_owned(),
    }
}

/// Why the budget lets no call go.
fn calls(model: &Model) -> String {
    let status = &model.status;
    let limit = status.calls_limit;
    let others = match status.calls_of_others {
        0 => String::new(),
        others => format!(", {} of them by {}", others, status.others.words()),
    };
    if status.calls_left > 0 {
        return format!("one of {limit} calls a minute is reserved for what you look at{others}");
    }
    format!("all {limit} calls of this minute are spent{others}")
}

#[cfg(test)]
mod tests;
