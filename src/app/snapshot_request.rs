//! The operator's request for a new snapshot, from the question to the result.
//!
//! Owns when HSS may be asked again, and the sentences about it. A request is not repeated soon, because HSS
//! collects for everybody who reads the project; only the date of the list shows whether HSS did it. Must
//! not: send.

use std::time::Duration;

use jiff::Timestamp;

use super::effect::Effect;
use super::model::Model;
use crate::collector::SnapshotNews;
use crate::hss::error::{Error, ErrorKind};
use crate::keys::Mode;
use crate::ui::format::clock;

/// HSS may still be collecting this long after a request: it names no time, and its lists of servers take
/// about as long.
const COLLECTS_FOR: Duration = Duration::from_mins(10);
/// Without a newer list by then, nothing is expected any more.
const EXPECTED_FOR: Duration = Duration::from_mins(15);

/// The state of the last request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SnapshotRequest {
    /// There is none, or its result was reported.
    #[default]
    None,
    /// The collector has it. `before` is the date of the list then.
    Asked {
        /// The date of the list.
        before: Option<Timestamp>,
    },
    /// HSS accepted it.
    Accepted {
        /// When.
        at: Timestamp,
        /// The date of the list when it was asked.
        before: Option<Timestamp>,
        /// Whether it had no result in time.
        is_overdue: bool,
    },
}

/// The question, line by line: what is sent, and whom it affects.
pub fn question(model: &Model) -> Vec<String> {
    let source = model.shown_source();
    let project = match source.project.as_str() {
        "" => "this project".to_owned(),
        project => format!("project {project}"),
    };
    vec![
        "Ask HSS to take a new snapshot of the clusters now?".to_owned(),
        String::new(),
        format!(
            "The clusters do not change. Everybody who reads the lists of {project}, enterprise project {}, gets the new snapshot. It may take minutes.",
            source.enterprise_project
        ),
        String::new(),
        "It takes one call. HSS does this by itself every 24 h.".to_owned(),
    ]
}

/// Asks the operator, unless HSS was asked a short time ago.
pub(super) fn ask(model: &mut Model) -> bool {
    if model.source.recorded_at.is_some() {
        model.notify("this is a recording: HSS is not asked");
        return false;
    }
    let sentence = match model.snapshot_request {
        SnapshotRequest::Asked { .. } => "already asking HSS for a new snapshot".to_owned(),
        SnapshotRequest::Accepted { at, .. } if is_within(at, COLLECTS_FOR, model.now) => {
            let again = at.checked_add(COLLECTS_FOR).unwrap_or(at);
            let (at, again) = (clock(at, &model.zone), clock(again, &model.zone));
            format!(
                "HSS was asked for a snapshot at {at} and may still be collecting; ask again after {again}"
            )
        }
        SnapshotRequest::None | SnapshotRequest::Accepted { .. } => return true,
    };
    model.notify(sentence);
    false
}

/// The operator confirmed.
pub(super) fn confirmed(model: &mut Model) -> Vec<Effect> {
    if model.mode() != Mode::Confirm {
        return vec![];
    }
    model.focus.close();
    model.snapshot_request = SnapshotRequest::Asked {
        before: model.status.snapshot_at,
    };
    model.wanted.syncs = model.wanted.syncs.wrapping_add(1);
    model.notify("asking HSS for a new snapshot");
    vec![Effect::Want]
}

/// Takes the collector's report about the request.
pub(super) fn take_news(model: &mut Model, news: SnapshotNews) -> Vec<Effect> {
    match news {
        SnapshotNews::Waits(until) => {
            let until = clock(until, &model.zone);
            model.notify(format!(
                "no call is left before {until}; the snapshot is requested then"
            ));
            vec![]
        }
        SnapshotNews::Accepted(at) => {
            let before = match model.snapshot_request {
                SnapshotRequest::Asked { before } => before,
                SnapshotRequest::None | SnapshotRequest::Accepted { .. } => model.status.snapshot_at,
            };
            model.snapshot_request = SnapshotRequest::Accepted {
                at,
                before,
                is_overdue: false,
            };
            model.notify("HSS is taking a new snapshot; the list is updated when it is ready");
            if model.status.calls_left == 0 {
                return vec![];
            }
            // It may be ready at once.
            model.wanted.asks = model.wanted.asks.wrapping_add(1);
            vec![Effect::Want]
        }
        SnapshotNews::Failed(error) => {
            model.snapshot_request = SnapshotRequest::None;
            let sentence = sentence(&error);
            let sentence = model.masking.sentence(&sentence).into_owned();
            model.notify(sentence);
            vec![]
        }
    }
}

/// Takes the date of the list: a newer one than at the time of the request is the result.
pub(super) fn take_date(model: &mut Model) {
    let SnapshotRequest::Accepted { before, .. } = model.snapshot_request else {
        return;
    };
    if let Some(at) = model
        .status
        .snapshot_at
        .filter(|at| before.is_none_or(|before| *at > before))
    {
        model.snapshot_request = SnapshotRequest::None;
        model.notify(format!(
            "the new snapshot is ready, as of {}",
            clock(at, &model.zone)
        ));
    }
}

/// Takes the time: a snapshot that does not arrive is reported once.
pub(super) fn take_time(model: &mut Model) {
    if let SnapshotRequest::Accepted { at, is_overdue, .. } = &mut model.snapshot_request
        && !*is_overdue
        && !is_within(*at, EXPECTED_FOR, model.now)
    {
        *is_overdue = true;
        let at = clock(*at, &model.zone);
        model.notify(format!(
            "HSS has not published the snapshot that was requested at {at}"
        ));
    }
}

fn is_within(at: Timestamp, time: Duration, now: Timestamp) -> bool {
    now.duration_since(at).unsigned_abs() < time
}

fn sentence(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Denied => format!("your role cannot request snapshots: {error}"),
        // The call may have arrived.
        ErrorKind::Passing => format!("HSS may or may not be taking a new snapshot: {error}"),
        _ => format!("no new snapshot: {error}"),
    }
}
