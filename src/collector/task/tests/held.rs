//! A ledger that another program has locked, and claims that expire.

use std::fs::{self, File};

use jiff::SignedDuration;
use rustix::fs::{FlockOperation, flock};

use super::*;
use crate::collector::ledger::LedgerPlace;
use crate::fleet::RemoteText;
use crate::hss::error_body::ErrorBody;
use crate::hss::quota::Throttle;

#[tokio::test(start_paused = true)]
async fn a_ledger_that_another_program_holds_is_named_and_the_picture_goes_stale() {
    let folder = tempfile::tempdir().unwrap();
    let place = LedgerPlace {
        folders: vec![folder.path().to_owned()],
        name: "it.calls".to_owned(),
    };
    let source = Source::of(|_, call| Ok(page_of(call, 5)));
    let ledger = Ledger::new(place, 5, Clock::system());
    let mut run = Run::start_sharing(Some(ledger), &source, Scope::default(), 5, None);
    let fresh = run.until(is_fresh).await;
    assert_eq!(fresh.calls_trouble, None);
    let holder = File::open(folder.path().join("it.calls")).unwrap();
    flock(&holder, FlockOperation::LockExclusive).unwrap();
    let named = |status: &SyncStatus| status.calls_trouble.is_some();
    let held = run.until(named).await;
    assert!(
        held.calls_trouble
            .clone()
            .unwrap()
            .contains("another program has locked")
    );
    let due = held.next_at.unwrap();
    let later = due + SignedDuration::from_secs(151);
    // However long it takes: the file is locked in real time, and the clock of the task is not.
    for _ in 0..3 {
        let told = run.until(|_| true).await;
        assert_eq!(told.next_at, Some(due));
        assert_eq!(told.state(later).word(), "STALE");
    }
    drop(holder);
    run.until(|status| status.calls_trouble.is_none() && status.asked_at > fresh.asked_at)
        .await;
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_lapsed_before_its_call_was_sent_is_made_anew_and_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let place = LedgerPlace {
        folders: vec![folder.path().to_owned()],
        name: "it.calls".to_owned(),
    };
    let source = Source::of(|number, call| match number {
        0 | 1 => Err(Error::Lapsed),
        _ => Ok(page_of(call, 5)),
    });
    let ledger = Ledger::new(place, 5, Clock::system());
    let mut run = Run::start_sharing(Some(ledger), &source, Scope::default(), 5, None);
    let fresh = run.until(is_fresh).await;
    assert_eq!(
        (fresh.calls_made, fresh.calls_failed, fresh.calls_left),
        (1, 0, 4)
    );
    assert!(fresh.problem.is_none());
    run.end().await;
}

/// Another program learnt that there is one call an hour, and made it.
#[tokio::test(start_paused = true)]
async fn a_limit_that_another_program_learnt_holds_without_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let place = LedgerPlace {
        folders: vec![folder.path().to_owned()],
        name: "it.calls".to_owned(),
    };
    let mut other = Ledger::new(place.clone(), 5, Clock::system());
    other.claim(1, true).await.unwrap();
    let rule = Throttle {
        limit: 1,
        window: Duration::from_hours(1),
    };
    other.learn(rule, Duration::from_hours(1)).await;
    let source = Source::of(|_, call| Ok(page_of(call, 5)));
    let ledger = Ledger::new(place.clone(), 5, Clock::system());
    let mut run = Run::start_sharing(Some(ledger), &source, Scope::default(), 5, None);
    let told = run.told_for(Duration::from_secs(30)).await;
    let last = told.last().unwrap();
    assert_eq!(
        (source.calls(|_| true), last.calls_limit, last.calls_left),
        (0, 1, 0)
    );
    // The operator may try.
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    run.until(is_fresh).await;
    assert_eq!(source.calls(|_| true), 1);
    run.end().await;

    // The next program knows the rule that one learnt from a refusal.
    fs::remove_file(folder.path().join("it.calls")).unwrap();
    let source = Source::of(|_, _| Err(throttled()));
    let ledger = Ledger::new(place.clone(), 5, Clock::system());
    let mut run = Run::start_sharing(Some(ledger), &source, Scope::default(), 5, None);
    run.until(|status| status.problem.is_some()).await;
    let mut next = Ledger::new(place, 5, Clock::system());
    let (_, view) = next.claim(1, true).await.unwrap();
    let rule = Throttle {
        limit: 2,
        window: Duration::from_mins(1),
    };
    assert_eq!(view.rule.unwrap().rule, rule);
    run.end().await;
}

fn throttled() -> Error {
    let message = "policy user over ratelimit,limit:2,time:1 minute";
    Error::from(ServiceError {
        status: 429,
        body: ErrorBody {
            message: Some(RemoteText::message(message)),
            ..ErrorBody::default()
        },
        ..ServiceError::default()
    })
}
