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
use crate::collector::SyncState;
use crate::collector::planned::WaitCause;
use crate::hss::error::ErrorKind;
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
                "all pods of this part"
            };
            let of = status.snapshot_at.map_or_else(
                || "the list of the last check".to_owned(),
                |at| format!("HSS's list of {}", date(at, &model.zone)),
            );
            format!("{part} are loaded, as of {of}")
        }
        SyncState::Loading { met: 0, total: None } => "the first answer has not arrived yet".to_owned(),
        SyncState::Loading { met, total } => loading(model, met, total),
        SyncState::Partial { met, total } => format!(
            "the last sweep saw {} of {} records: pages failed, or the list changed meanwhile",
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
        SyncState::Stale(since) => stale(model, since),
        SyncState::Throttled(_) => "the last call was refused: too many calls".to_owned(),
        SyncState::Auth => {
            "the credential is missing or not accepted; hss-top doctor says what to check".to_owned()
        }
        SyncState::Denied => {
            "the credential is accepted, but may not list pods; it needs a role that can read HSS here"
                .to_owned()
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
        return "no call was made though one was due: the machine slept, or its clock was set".to_owned();
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
    if let Some(since) = status.asking_since {
        let waits =
            elapsed(since, model.now, CORRECTED).map_or_else(String::new, |it| format!(" for {}", age(it)));
        let most = LONGEST_CALL.as_secs();
        return format!("a call has waited{waits} for its answer; it is given up after {most}s");
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
        WaitCause::Pause => "a call failed, and a short pause spreads the attempts".to_owned(),
        WaitCause::Rest => match status.problem.as_ref().map(|problem| problem.error.kind()) {
            Some(ErrorKind::SignIn | ErrorKind::KeyRefused) => {
                format!(
                    "a refused credential pauses, because more refusals could lock it{}",
                    ask()
                )
            }
            Some(ErrorKind::Denied | ErrorKind::Lasting) => {
                format!("another attempt soon would fail too{}", ask())
            }
            _ => format!("calls failed in a row, so all calls pause{}", ask()),
        },
        WaitCause::Service => match status.held_until.filter(|until| *until > model.now) {
            Some(_) => "HSS asked us to wait".to_owned(),
            None => "HSS allows fewer calls than this program may make".to_owned(),
        },
        WaitCause::Calls => calls(model),
        WaitCause::Ledger => "another program holds the shared record of calls".to_owned(),
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
mod tests {
    use super::*;
    use crate::app::health_view::tests::model;
    use crate::collector::status::Problem;
    use crate::hss::Error;
    use crate::hss::error::ServiceError;
    use jiff::SignedDuration;
    use ratatui::layout::Size;
    use std::time::Duration;

    fn refused(status: u16) -> Problem {
        let error = ServiceError {
            status,
            ..ServiceError::default()
        };
        Problem {
            error: error.into(),
            until: None,
        }
    }

    /// A model whose list is known whole, with the next check in 48 s.
    fn settled() -> Model {
        let mut model = model(Size::new(80, 24));
        let status = &mut model.status;
        status.asked_at = Some(model.now - SignedDuration::from_secs(12));
        status.next_at = Some(model.now + SignedDuration::from_secs(48));
        status.snapshot_at = Some(model.now - SignedDuration::from_mins(14));
        (status.complete, status.whole) = (true, true);
        (status.met, status.total) = (809, Some(809));
        (status.calls_limit, status.calls_left) = (5, 4);
        model
    }

    type Case = (&'static str, fn(&mut Model), &'static str, &'static str);

    /// The word, what makes it so, why it is so, and what comes next.
    const CASES: &[Case] = &[
        (
            "FRESH",
            |_| (),
            "all pods are loaded, as of HSS's list of 2025-08-15 09:16:15",
            "in 48s, at 09:31:03: the list is checked every 1m",
        ),
        (
            "FRESH",
            |model| {
                model.wanted.scope.namespace = Some("pay".into());
                model.status.next_at = Some(model.now);
            },
            "all pods of this part are loaded",
            "now: the list is checked",
        ),
        (
            "LOADING",
            |model| {
                (model.status.loading, model.status.met, model.status.pace) = (true, 400, Some(800));
                model.status.done_at = Some(model.now + SignedDuration::from_secs(31));
                model.status.wait_cause = WaitCause::Calls;
            },
            "400 of 809 records, 800 a minute, about 31s left",
            "one of 5 calls a minute is reserved for what you look at",
        ),
        (
            "LOADING",
            |model| {
                (model.status.loading, model.status.met, model.status.calls_left) = (true, 400, 0);
                model.status.wait_cause = WaitCause::Calls;
                model.status.calls_of_others = 3;
                model.status.others.programs = 2;
            },
            "the list is being read: 400 of 809 records",
            "all 5 calls of this minute are spent, 3 of them by",
        ),
        (
            "LOADING",
            |model| {
                model.status = crate::collector::SyncStatus::default();
            },
            "the first answer has not arrived yet",
            "a call is being made now",
        ),
        (
            "LOADING",
            |model| {
                (model.status.loading, model.status.met) = (true, 400);
                model.status.asking_since = Some(model.now - SignedDuration::from_secs(7));
            },
            "400 of 809",
            "a call has waited for 7s for its answer; it is given up after ",
        ),
        (
            "PARTIAL",
            |model| {
                (model.status.complete, model.status.met) = (false, 600);
            },
            "the last sweep saw 600 of 809 records",
            "in 48s",
        ),
        (
            "OLD",
            |model| {
                model.status.snapshot_at = Some(model.now - SignedDuration::from_hours(4 * 24));
            },
            "HSS last synchronised on 2025-08-11 09:30:15 +00:00, 4d ago; asking again",
            "the list is checked every 1m",
        ),
        (
            "STALE",
            |model| {
                model.status.problem = Some(refused(500));
                model.status.wait_cause = WaitCause::Pause;
            },
            "the last good answer arrived 12s ago; the calls since then failed",
            "a short pause",
        ),
        (
            "STALE",
            |model| {
                model.status.problem = Some(refused(500));
                model.status.wait_cause = WaitCause::Rest;
            },
            "the calls since then failed",
            "calls failed in a row, so all calls pause; Ctrl-r asks at once",
        ),
        (
            "STALE",
            |model| model.status.restored = true,
            "from an earlier run",
            "in 48s",
        ),
        (
            "STALE",
            |model| {
                let past = model.now - SignedDuration::from_hours(1);
                (
                    model.status.asked_at,
                    model.status.next_at,
                    model.status.called_at,
                ) = (Some(past), Some(past), Some(past));
            },
            "no call was made though one was due",
            "now: ",
        ),
        (
            "STALE",
            |model| model.stuck = Some(Duration::from_secs(20)),
            "hss-top itself has been stuck for 20s",
            "none; kill ",
        ),
        (
            "THROTTLED",
            |model| {
                model.status.problem = Some(refused(429));
                model.status.held_until = Some(model.now + SignedDuration::from_secs(41));
                model.status.wait_cause = WaitCause::Service;
            },
            "refused: too many calls",
            ": HSS asked us to wait",
        ),
        (
            "THROTTLED",
            |model| {
                model.status.problem = Some(refused(429));
                model.status.wait_cause = WaitCause::Service;
            },
            "too many calls",
            "HSS allows fewer calls than this program may make",
        ),
        (
            "AUTH",
            |model| {
                model.status.problem = Some(refused(401));
                model.status.wait_cause = WaitCause::Rest;
            },
            "the credential is missing or not accepted",
            "a refused credential pauses",
        ),
        (
            "DENIED",
            |model| {
                model.status.problem = Some(refused(403));
                model.status.wait_cause = WaitCause::Rest;
            },
            "may not list pods",
            "another attempt soon would fail too",
        ),
        (
            "OFFLINE",
            |model| {
                let error = Error::Connect {
                    place: "hss.example".into(),
                    proxy: None,
                    cause: crate::fleet::RemoteText::message("Connection refused"),
                };
                model.status.problem = Some(Problem { error, until: None });
                model.status.wait_cause = WaitCause::Ledger;
            },
            "HSS cannot be reached",
            "another program holds the shared record of calls",
        ),
    ];

    #[test]
    fn each_state_word_has_a_reason_and_what_comes_next() {
        for (word, make, why, next) in CASES {
            let mut model = settled();
            make(&mut model);
            let story = StateStory::of(&model);
            assert_eq!(model.state().word(), *word, "{story:?}");
            assert!(story.why.contains(why), "{word}: {story:?}");
            assert!(story.next.contains(next), "{word}: {story:?}");
        }
        let words = [
            "FRESH",
            "LOADING",
            "PARTIAL",
            "OLD",
            "STALE",
            "THROTTLED",
            "AUTH",
            "DENIED",
            "OFFLINE",
        ];
        for word in words {
            assert!(CASES.iter().any(|case| case.0 == word), "{word} has a case");
        }
    }
}
