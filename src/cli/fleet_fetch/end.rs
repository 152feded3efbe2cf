//! How loading the list ended.
//!
//! Owns what is wrong with the list then, and what to do about it. Must not: decide when it ends.

use std::time::Duration;

use crate::collector::SyncStatus;
use crate::exit_codes::ExitReason;
use crate::hss::error::{Error, ErrorKind};
use crate::ui::format::{age, count};

/// The pods of a page, as many as HSS allows (`limit` of ListK8sPods).
const PAGE_PODS: u64 = 200;

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchEnd {
    /// The list is complete.
    Complete {
        /// Whether it comes from an earlier run, without a call.
        is_stored: bool,
    },
    /// The sweep ended, and pods are missing.
    Short,
    /// The time for the whole was over.
    TimedOut {
        /// How long it was.
        after: Duration,
        /// Whether HSS had answered by then.
        is_answered: bool,
    },
    /// The time for the whole was over, and no call was free until then.
    Unasked {
        /// How long it was.
        after: Duration,
    },
    /// HSS could not be asked, or refused.
    Failed(Box<Error>),
    /// The collector ended without a reason.
    Lost,
}

impl FetchEnd {
    /// Whether no pod is missing.
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete { .. })
    }

    /// The exit reason, unless something else decides it.
    pub fn reason(&self) -> ExitReason {
        match self {
            Self::Complete { .. } => ExitReason::Done,
            Self::Short
            | Self::Unasked { .. }
            | Self::TimedOut {
                is_answered: true, ..
            } => ExitReason::Incomplete,
            Self::TimedOut {
                is_answered: false, ..
            } => ExitReason::Unreachable,
            Self::Failed(error) if is_of_the_setup(error) => ExitReason::Configuration,
            Self::Failed(error) if matches!(**error, Error::NotRecorded { .. }) => ExitReason::Incomplete,
            Self::Failed(_) => ExitReason::Unreachable,
            Self::Lost => ExitReason::Crash,
        }
    }

    /// What is wrong with the list, in a sentence; `None` if nothing is.
    pub fn trouble(&self, status: &SyncStatus) -> Option<String> {
        match self {
            Self::Complete { .. } => None,
            Self::Short => {
                let total = status.total.map_or_else(|| "all".to_owned(), count);
                let met = count(status.met);
                Some(format!("HSS listed {met} of {total} pods: fewer than it counts"))
            }
            Self::TimedOut { after, is_answered } => Some(timed_out(*after, *is_answered, status)),
            Self::Unasked { after } => {
                let others = status.others.words();
                let by = if others.is_empty() {
                    String::new()
                } else {
                    format!(", {others}")
                };
                let (spent, after) = (status.calls_of_others, in_words(*after));
                let spent = match spent {
                    0 => String::new(),
                    spent => format!(" ({spent} of {} are spent{by})", status.calls_limit),
                };
                Some(format!(
                    "waiting for the call budget: no call was free within {after}{spent}"
                ))
            }
            Self::Failed(error) => Some(error.to_string()),
            Self::Lost => Some("the task that asks HSS ended without a reason".to_owned()),
        }
    }

    /// What to do about it, in sentences.
    pub fn advice(&self) -> Vec<&'static str> {
        let advice = match self {
            Self::Complete { .. } | Self::Lost => return Vec::new(),
            Self::Short => return vec!["try again in a minute"],
            Self::Unasked { .. }
            | Self::TimedOut {
                is_answered: true, ..
            } => {
                return vec!["let hss-top watch or hss-top serve keep the list, and read it with --max-age"];
            }
            Self::TimedOut {
                is_answered: false, ..
            } => "",
            Self::Failed(error) if matches!(**error, Error::NotRecorded { .. }) => {
                return vec![error.advice()];
            }
            Self::Failed(error) => error.advice(),
        };
        let all = [
            advice,
            "hss-top doctor checks every step between this machine and the pods",
        ];
        all.into_iter().filter(|advice| !advice.is_empty()).collect()
    }
}

/// What is missing when the time was over, and how long the rest takes where calls are what it lacks.
fn timed_out(after: Duration, is_answered: bool, status: &SyncStatus) -> String {
    let after = in_words(after);
    if !is_answered {
        return format!("HSS did not answer within {after}");
    }
    let total = status.total.map_or_else(|| "all".to_owned(), count);
    let met = count(status.met);
    let pages = status.total.unwrap_or_default().div_ceil(PAGE_PODS);
    let limit = status.calls_limit as u64;
    let more = if limit > 0 && pages > limit {
        let whole = in_words(Duration::from_secs(60 * (pages - 1) / limit));
        format!(
            "; its {} pages take {whole} at {limit} calls a minute",
            count(pages)
        )
    } else {
        String::new()
    };
    format!("HSS listed {met} of {total} pods within {after}{more}")
}

fn in_words(time: Duration) -> String {
    age(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// Whether the credential or the configuration fails, and not the network or the service.
fn is_of_the_setup(error: &Error) -> bool {
    let is_setup = matches!(error, Error::Refused(_) | Error::Proxy(_) | Error::Project { .. });
    let kind = error.kind();
    is_setup
        || matches!(
            kind,
            ErrorKind::SignIn | ErrorKind::KeyRefused | ErrorKind::Denied
        )
}
