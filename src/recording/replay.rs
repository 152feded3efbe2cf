//! Chooses the recorded answer to a call.
//!
//! Each call has its own list of answers, in the order in which they came; a call that is repeated gets the
//! next one, and after the last one the last one again. So a replay that asks like the recorder sees what the
//! recorder saw. Two rules keep a replay that asks more often in step:
//!
//! * With [`ReplayPace::AsRecorded`] an answer is not given long before its time ([`EARLY`]): until then, the
//!   one before it is repeated.
//! * A failure that the recorder overcame at once, with another credential or over another connection, is
//!   left out, because a replay has no credential to change. With [`ReplayPace::AtOnce`], for commands that ask
//!   once, every failure before a success is left out, and nothing waits.
//!
//! Must not: wait, or know the form of the file.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use tokio::time::Instant;

use super::PROJECT;
use super::read::{Recording, Taped, TapedAnswer, call_name};
use crate::fleet::RemoteText;
use crate::hss::Error;
use crate::hss::transport::{AnswerReplay, HeardAnswer, LONGEST_CALL, ReplayedAnswer};

/// How much earlier than recorded an answer may be given: a replay is never exactly as fast as the recorder.
const EARLY: Duration = Duration::from_secs(20);
/// A refusal that was followed by the next answer within this time was overcome with another credential.
const AT_ONCE: Duration = Duration::from_secs(5);

/// How fast a recording is replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayPace {
    /// With the recorded times.
    AsRecorded,
    /// Without any wait.
    AtOnce,
}

/// A recording in the place of the network.
#[derive(Debug)]
pub struct RecordingReplay {
    recording: Recording,
    pace: ReplayPace,
    began: Instant,
    /// The index of the answer that each call got last.
    given: Mutex<HashMap<String, usize>>,
}

impl RecordingReplay {
    /// A replay that begins now.
    pub fn begin(recording: Recording, pace: ReplayPace) -> Self {
        Self {
            recording,
            pace,
            began: Instant::now(),
            given: Mutex::default(),
        }
    }

    /// The index of the next answer among those of a call.
    fn next(&self, taped: &[Taped], given: Option<usize>) -> usize {
        let Some(given) = given else {
            return self.from(taped, 0).unwrap_or(0);
        };
        let Some(next) = self.from(taped, given + 1) else {
            return given;
        };
        let is_early = taped
            .get(next)
            .is_some_and(|taped| taped.at > self.began.elapsed() + EARLY);
        // A failure is not repeated: its answer may have been skipped because somebody asked again.
        let failed = taped.get(given).is_some_and(|taped| !taped.is_good());
        if self.pace == ReplayPace::AsRecorded && is_early && !failed {
            given
        } else {
            next
        }
    }

    /// The first answer from `start` on that is not left out.
    fn from(&self, taped: &[Taped], start: usize) -> Option<usize> {
        let rest = taped.get(start..)?;
        let first = match self.pace {
            ReplayPace::AtOnce => rest.iter().position(Taped::is_good),
            ReplayPace::AsRecorded => {
                let is_overcome = |at: usize| {
                    let pair = rest.get(at).zip(rest.get(at + 1));
                    pair.is_some_and(|(taped, after)| {
                        taped.is_of_the_credential() && after.at.saturating_sub(taped.at) < AT_ONCE
                    })
                };
                (0..rest.len()).find(|at| !is_overcome(*at))
            }
        };
        // If all of them failed, the failure is what was recorded.
        let first = first.or_else(|| rest.len().checked_sub(1));
        first.map(|first| start + first)
    }
}

impl Taped {
    fn is_good(&self) -> bool {
        let answer = self.outcome.as_ref();
        answer.is_ok_and(|answer| answer.status.is_success() && answer.body.is_ok())
    }

    fn is_of_the_credential(&self) -> bool {
        let answer = self.outcome.as_ref();
        answer.is_ok_and(|answer| matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
    }

    fn replayed(&self, recording: &Recording, pace: ReplayPace) -> ReplayedAnswer {
        let took = self.took;
        let outcome = match &self.outcome {
            Ok(answer) => Ok(answer.heard(took)),
            Err(failure) => Err(failure.error(took)),
        };
        ReplayedAnswer {
            arrived_at: recording.time(self.at + took),
            takes: match pace {
                ReplayPace::AsRecorded => took.min(LONGEST_CALL),
                ReplayPace::AtOnce => Duration::ZERO,
            },
            outcome,
        }
    }
}

impl TapedAnswer {
    fn heard(&self, took: Duration) -> HeardAnswer {
        HeardAnswer {
            status: self.status,
            headers: self.headers.clone(),
            body: Some(match &self.body {
                Ok(body) => Ok(body.bytes()),
                Err(failure) => Err(failure.error(took)),
            }),
        }
    }
}

impl AnswerReplay for RecordingReplay {
    fn answer(&self, method: &Method, path: &str, query: &str) -> Result<ReplayedAnswer, Error> {
        let name = call_name(method.as_str(), path, query);
        let Some(taped) = self.recording.calls.get(&name) else {
            return Err(not_recorded(&name));
        };
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.next(taped, given.get(&name).copied());
        given.insert(name.clone(), next);
        drop(given);
        let taped = taped.get(next).ok_or_else(|| not_recorded(&name))?;
        Ok(taped.replayed(&self.recording, self.pace))
    }
}

/// The error names the call without the parts that all calls of a recording share.
fn not_recorded(name: &str) -> Error {
    let name = name.replacen(&format!("/v5/{PROJECT}/"), "/", 1);
    let call = match name.split_once('?') {
        Some((path, query)) => {
            let own = query
                .split('&')
                .filter(|it| !it.starts_with("enterprise_project_id="));
            format!("{path}?{}", own.collect::<Vec<_>>().join("&"))
        }
        None => name,
    };
    Error::NotRecorded {
        call: RemoteText::message(&call),
    }
}
