use super::*;
use crate::app::health_view::tests::model;
use crate::collector::status::Problem;
use crate::hss::Error;
use crate::hss::collector_mark::CollectorState;
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
        "RECORDED",
        |model| model.source.recorded_at = Some(model.now),
        "all pods are loaded, as of HSS's list of 2025-08-15 09:16:15",
        "none to HSS: the recording answers",
    ),
    (
        "FRESH",
        |model| {
            model.wanted.scope.namespace = Some("pay".into());
            model.status.next_at = Some(model.now);
        },
        "all pods of this scope are loaded",
        "now: the list is checked",
    ),
    (
        "FRESH",
        |model| {
            model.wanted.scope.namespace = Some("pay".into());
            (model.status.loading, model.status.met) = (true, 400);
            (model.status.complete, model.status.is_scope_current) = (false, true);
        },
        "all pods of this scope are loaded",
        "in 48s",
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
        "a call has waited for 7s for its answer; it times out after ",
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
        "a call was due but not made",
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
        "the same token would be refused again",
    ),
    (
        "AUTH",
        |model| {
            let mut problem = refused(401);
            if let Error::Service(service) = &mut problem.error {
                service.is_sign_in = true;
            }
            model.status.problem = Some(problem);
            model.status.wait_cause = WaitCause::Rest;
        },
        "the credential is missing or not accepted",
        "paused: more refusals could lock the account",
    ),
    (
        "DENIED",
        |model| {
            let error = ServiceError {
                status: 403,
                collector: Some(crate::hss::collector_mark::CollectorState::Fresh),
                ..ServiceError::default()
            };
            model.status.problem = Some(Problem {
                error: error.into(),
                until: None,
            });
        },
        "the hss-top collector answers, but does not keep this project",
        "in 48s",
    ),
    (
        "DENIED",
        |model| model.status.through = Some(CollectorState::Denied),
        "the hss-top collector answers, but its own credential cannot list pods",
        "in 48s",
    ),
    (
        "DENIED",
        |model| {
            model.status.problem = Some(refused(403));
            model.status.wait_cause = WaitCause::Rest;
        },
        "cannot list pods",
        "an attempt now would fail too",
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
        "another program holds the shared ledger of calls",
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
