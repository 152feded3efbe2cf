//! The recent calls: the purpose of each, and its result.
//!
//! ```text
//!  21:59:03  page 2 of 6    200               5d21f0a3c7e94b6f…   212 ms  96.3Ki
//!  21:59:02  sign-in        401  IAM.0101     9a0c…                88 ms     312
//! ```
//!
//! Owns the list, which has a bound ([`MOST_CALLS`]), and the notes in it. A support ticket needs the request id of the call that
//! failed, and the log may be off. A note has no address, no requested name, no header and no body: only the
//! kind of call and a few facts about the answer, made safe to show where they were decoded. Must not: know a screen.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use tokio::time::Instant;

use super::error::Error;
use crate::fleet::RemoteText;

/// The most calls that are kept; the oldest make room.
pub const MOST_CALLS: usize = 100;

/// What a call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallSubject {
    /// A page of a list of pods.
    Page {
        /// The place of its first record in the list.
        offset: u32,
        /// Records of a page.
        limit: u32,
        /// Records of the list, if the answer has it.
        total: Option<u64>,
        /// Whether HSS was asked for a part of the pods: those of a namespace, of a cluster or of a name.
        is_search: bool,
    },
    /// A new snapshot of the clusters.
    Synchronise,
    /// A token for a password.
    SignIn,
    /// The projects that the credential sees.
    Projects,
    /// A key pair of the cloud server.
    ServerKey,
    /// What a team shares through a collector.
    Team,
    /// A decision for the journal of a team.
    TeamDecision,
    /// Another call, by the operation's name in the API's documentation.
    Other(&'static str),
}

/// The result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Its number; later calls have larger ones.
    pub number: u64,
    /// When it was begun, by this machine's clock.
    pub at: Timestamp,
    /// What it was for.
    pub subject: CallSubject,
    /// The HTTP status; `None` if there was no answer.
    pub status: Option<u16>,
    /// The service's own error code, such as `APIGW.0301`.
    pub code: Option<RemoteText>,
    /// What went wrong, where it was no error of the service that has a code.
    pub fault: Option<&'static str>,
    /// The request's id, for a support ticket.
    pub request_id: Option<RemoteText>,
    /// How long it took, from the request to the end of the answer.
    pub took: Duration,
    /// Bytes of the answer's body, decompressed; `None` if there was no whole body.
    pub bytes: Option<u64>,
}

impl CallRecord {
    /// Whether it brought what it was made for.
    pub fn is_fine(&self) -> bool {
        self.code.is_none() && self.fault.is_none()
    }
}

/// The calls of the last time, the oldest first.
pub type CallRecords = Arc<[Arc<CallRecord>]>;

/// The list that all connections of a client share.
#[derive(Debug, Default)]
pub struct CallLog(Mutex<CallRing>);

#[derive(Debug, Default)]
struct CallRing {
    calls: VecDeque<Arc<CallRecord>>,
    noted: u64,
    /// The list as last reported; `None` once another call was noted.
    told: Option<CallRecords>,
}

impl CallLog {
    fn ring(&self) -> MutexGuard<'_, CallRing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls, the oldest first. The same list again costs nothing.
    pub fn records(&self) -> CallRecords {
        let CallRing { calls, told, .. } = &mut *self.ring();
        let told = told.get_or_insert_with(|| calls.iter().cloned().collect());
        Arc::clone(told)
    }

    /// Begins a note of a call that is sent now. If it is dropped without an end, the call was given up.
    pub fn begin(self: &Arc<Self>, subject: CallSubject, at: Timestamp) -> CallNote {
        CallNote {
            log: Arc::clone(self),
            begun: Instant::now(),
            record: Some(CallRecord {
                number: 0,
                at,
                subject,
                status: None,
                code: None,
                fault: Some("given up"),
                request_id: None,
                took: Duration::ZERO,
                bytes: None,
            }),
        }
    }

    fn take(&self, mut record: CallRecord) {
        let ring = &mut *self.ring();
        ring.noted += 1;
        record.number = ring.noted;
        if ring.calls.len() == MOST_CALLS {
            ring.calls.pop_front();
        }
        ring.calls.push_back(Arc::new(record));
        ring.told = None;
    }
}

/// A note of a call under way.
#[derive(Debug)]
pub struct CallNote {
    log: Arc<CallLog>,
    begun: Instant,
    record: Option<CallRecord>,
}

impl CallNote {
    /// An answer arrived, with this status and a body of this many bytes.
    pub fn came(&mut self, status: StatusCode, bytes: Option<usize>) {
        let took = self.begun.elapsed();
        if let Some(record) = &mut self.record {
            record.status = Some(status.as_u16());
            record.bytes = bytes.and_then(|bytes| u64::try_from(bytes).ok());
            record.took = took;
        }
    }

    /// It brought what it was made for.
    pub fn succeeded(mut self, subject: CallSubject, request_id: Option<&RemoteText>) {
        if let Some(record) = &mut self.record {
            record.subject = subject;
            record.fault = None;
            record.request_id = request_id.cloned();
        }
    }

    /// It did not, because of this. A call that was not sent leaves no note.
    pub fn failed(mut self, error: &Error) {
        let Some(fault) = CallFault::of(error) else {
            self.record = None;
            return;
        };
        let took = self.begun.elapsed();
        if let Some(record) = &mut self.record {
            record.status = record.status.or(fault.status);
            record.fault = fault.word;
            record.code = fault.code;
            record.request_id = fault.request_id;
            record.took = took;
        }
    }
}

impl Drop for CallNote {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            if record.took.is_zero() {
                record.took = self.begun.elapsed();
            }
            self.log.take(record);
        }
    }
}

/// An error as a note has it.
struct CallFault {
    status: Option<u16>,
    code: Option<RemoteText>,
    word: Option<&'static str>,
    request_id: Option<RemoteText>,
}

impl CallFault {
    /// `None` where nothing was sent.
    fn of(error: &Error) -> Option<Self> {
        let (status, word) = match error {
            Error::Refused(_)
            | Error::Lapsed
            | Error::Proxy(_)
            | Error::NoCredential { .. }
            | Error::Project { .. } => return None,
            Error::Service(service) => {
                let code = service.body.code.clone();
                return Some(Self {
                    status: Some(service.status),
                    word: code.is_none().then_some("no code"),
                    code,
                    request_id: service.request_id.clone(),
                });
            }
            Error::Connect { .. } => (None, "no connection"),
            Error::Tunnel { .. } => (None, "proxy refused"),
            Error::Tls { .. } => (None, "TLS"),
            Error::Machine { .. } => (None, "no resources"),
            Error::TimedOut { .. } => (None, "timed out"),
            Error::Redirected { status, .. } => (Some(*status), "redirect"),
            Error::NotTheApi { status, .. } => (Some(*status), "not the API"),
            Error::TooLarge { .. } | Error::HeadTooLarge => (None, "too large"),
            Error::Incomplete => (None, "cut short"),
            Error::Dropped { .. } => (None, "closed"),
            Error::Unreadable { .. } => (None, "unreadable"),
            Error::NotRecorded { .. } => (None, "not recorded"),
        };
        Some(Self {
            status,
            code: None,
            word: Some(word),
            request_id: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hss::error::ServiceError;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn page(offset: u32) -> CallSubject {
        CallSubject::Page {
            offset,
            limit: 200,
            total: None,
            is_search: false,
        }
    }

    #[test]
    fn a_note_has_what_a_support_ticket_needs() {
        let log = Arc::new(CallLog::default());
        let mut note = log.begin(page(0), at(1));
        note.came(StatusCode::OK, Some(4096));
        note.succeeded(page(0), Some(&RemoteText::name("5d21")));
        let mut error = ServiceError {
            status: 401,
            request_id: Some(RemoteText::name("9a0c\u{1b}[2J")),
            ..ServiceError::default()
        };
        error.body.code = Some(RemoteText::name("APIGW.0301"));
        log.begin(CallSubject::SignIn, at(2)).failed(&error.into());
        log.begin(page(200), at(3)).failed(&Error::Lapsed);
        drop(log.begin(page(200), at(4)));
        let records = log.records();
        let told: Vec<_> = records
            .iter()
            .map(|it| {
                let text = |text: &Option<RemoteText>| text.as_ref().map(|it| it.shown().to_owned());
                (
                    it.number,
                    it.status,
                    text(&it.code),
                    it.fault,
                    text(&it.request_id),
                    it.bytes,
                )
            })
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                (1, Some(200), None, None, some("5d21"), Some(4096)),
                (
                    2,
                    Some(401),
                    some("APIGW.0301"),
                    None,
                    some("9a0c\\u{1b}[2J"),
                    None
                ),
                (3, None, None, Some("given up"), None, None),
            ],
            "a call that was not sent leaves no note"
        );
        assert!(records[0].is_fine() && !records[1].is_fine() && !records[2].is_fine());
    }

    #[test]
    fn every_error_of_an_answer_has_a_code_or_a_word() {
        for error in [
            Error::Incomplete,
            Error::HeadTooLarge,
            Error::Unreadable {
                why: RemoteText::message("x"),
            },
            Error::Dropped { place: "p".into() },
            ServiceError::default().into(),
        ] {
            let fault = CallFault::of(&error).unwrap();
            assert!(fault.word.is_some() || fault.code.is_some(), "{error}");
        }
    }

    proptest! {
        #[test]
        fn it_keeps_the_newest_calls_and_no_more(calls in 0_usize..400, every in 1_usize..50) {
            let log = Arc::new(CallLog::default());
            for number in 1..=calls {
                log.begin(page(0), at(1)).succeeded(page(0), None);
                if number % every == 0 {
                    prop_assert!(Arc::ptr_eq(&log.records(), &log.records()), "asking again costs nothing");
                }
                prop_assert!(log.records().len() <= MOST_CALLS);
            }
            let kept: Vec<usize> = log.records().iter().map(|it| usize::try_from(it.number).unwrap()).collect();
            let first = calls.saturating_sub(MOST_CALLS) + 1;
            prop_assert_eq!(kept, (first..=calls).collect::<Vec<_>>());
        }
    }
}
