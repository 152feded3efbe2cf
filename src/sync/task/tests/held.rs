//! A ledger of calls that another program holds; claims that lapse.

use std::fs::File;

use jiff::SignedDuration;
use rustix::fs::{FlockOperation, flock};

use super::*;
use crate::sync::ledger::LedgerPlace;

#[tokio::test(start_paused = true)]
async fn a_ledger_that_another_program_holds_is_named_and_the_picture_goes_stale() {
    let folder = env::temp_dir().join(format!("hss-top-held-{}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let place = LedgerPlace {
        folders: vec![folder.clone()],
        name: "it.calls".to_owned(),
    };
    let source = Source::of(|_, call| Ok(page_of(call, 5)));
    let ledger = Ledger::new(place, 5, Clock::system());
    let mut run = Run::start_sharing(Some(ledger), &source, Scope::default(), 5, None);
    let fresh = run.until(is_fresh).await;
    assert_eq!(fresh.calls_trouble, None);
    let holder = File::open(folder.join("it.calls")).unwrap();
    flock(&holder, FlockOperation::LockExclusive).unwrap();
    let named = |status: &SyncStatus| status.calls_trouble.is_some();
    let held = run.until(named).await;
    assert!(
        held.calls_trouble
            .clone()
            .unwrap()
            .contains("another program holds")
    );
    let due = held.next_at.unwrap();
    let told = run.told_for(Duration::from_secs(4)).await;
    assert!(!told.is_empty() && told.iter().all(|status| status.next_at == Some(due)));
    let later = due + SignedDuration::from_secs(151);
    assert_eq!(told.last().unwrap().state(later).word(), "STALE");
    drop(holder);
    run.until(|status| status.calls_trouble.is_none() && status.asked_at > fresh.asked_at)
        .await;
    run.end().await;
    fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_claim_that_lapsed_before_its_call_was_sent_is_made_anew_and_is_no_failure() {
    let folder = env::temp_dir().join(format!("hss-top-lapsed-{}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let place = LedgerPlace {
        folders: vec![folder.clone()],
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
    fs::remove_dir_all(&folder).unwrap();
}
