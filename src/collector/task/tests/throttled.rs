//! Limits that the service announces, and connections that it closes.

use super::*;
use crate::fleet::RemoteText;
use crate::hss::error_body::ErrorBody;

const SECOND: Duration = Duration::from_secs(1);

fn refused(status: u16, message: &str, retry_after: Option<u64>) -> Error {
    Error::from(ServiceError {
        status,
        retry_after: retry_after.map(Duration::from_secs),
        body: ErrorBody {
            message: Some(RemoteText::message(message)),
            ..ErrorBody::default()
        },
        ..ServiceError::default()
    })
}

fn dropped() -> Error {
    Error::Dropped {
        place: "hss.example".to_owned(),
    }
}

/// A service that works, except for the second call.
fn fails_once(error: Error) -> Source {
    Source::of(move |place, _| {
        if place == 1 {
            Err(error.clone())
        } else {
            Ok(page(0..5, 5, 0))
        }
    })
}

/// Starts, and asks again, which triggers the fault.
async fn meets(source: &Source) -> (Run, Instant) {
    let mut run = Run::start(source, Scope::default(), 5, None);
    run.until(is_fresh).await;
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    run.until(|status| status.problem.is_some()).await;
    (run, Instant::now())
}

impl Run {
    /// The time of day now: the clock of [`Run::start`] began with the task.
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_755_250_215).unwrap() + self.began.elapsed()
    }

    /// Checks every second; returns how long it took until the state was fresh. A named time is always in the
    /// future.
    async fn heals(&mut self, since: Instant, patience: Duration) -> Duration {
        let mut last: Option<SyncStatus> = None;
        while since.elapsed() < patience {
            let told = self.told_for(SECOND).await;
            last = told.last().cloned().or(last);
            let Some(status) = &last else { continue };
            match status.state(self.now()) {
                SyncState::Fresh => return since.elapsed(),
                SyncState::Throttled(Some(until)) => assert!(until > self.now(), "a time that is past"),
                _ => {}
            }
        }
        panic!("not fresh after {patience:?}: {last:?}");
    }
}

const AN_HOUR: &str = "policy user over ratelimit,limit:1,time:1 hour";

#[tokio::test(start_paused = true)]
async fn a_long_window_named_once_does_not_rule_for_ever() {
    let source = fails_once(refused(429, AN_HOUR, None));
    let (mut run, since) = meets(&source).await;
    let told = run.told_for(2 * SECOND).await;
    let SyncState::Throttled(Some(until)) = told.last().unwrap().state(run.now()) else {
        panic!("{:?}", told.last());
    };
    let named = until.duration_since(run.now()).as_secs();
    assert!(
        (590..=600).contains(&named),
        "the next call is named: in {named} s"
    );
    run.told_for(590 * SECOND).await;
    assert_eq!(source.calls(|_| true), 2);
    let healed = run.heals(since, Duration::from_mins(11)).await;
    assert!((595 * SECOND..605 * SECOND).contains(&healed), "{healed:?}");
    // Then everything is as before.
    run.told_for(Duration::from_mins(10)).await;
    assert!(source.calls(|_| true) >= 12);
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn the_operator_may_try_a_minute_after_a_long_window_was_named() {
    let source = fails_once(refused(429, AN_HOUR, None));
    let (mut run, since) = meets(&source).await;
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    let healed = run.heals(since, Duration::from_mins(2)).await;
    assert!(
        (59 * SECOND..63 * SECOND).contains(&healed),
        "asked at once: {healed:?}"
    );
    run.end().await;

    let source = fails_once(refused(429, AN_HOUR, None));
    let (mut run, since) = meets(&source).await;
    run.told_for(100 * SECOND).await;
    assert_eq!(source.calls(|_| true), 2);
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    let healed = run.heals(since, Duration::from_mins(2)).await;
    assert!(healed < 103 * SECOND, "asked later: {healed:?}");
    run.end().await;
}

/// An answer that is not a page, and names this time.
fn names(status: u16, seconds: u64) -> Error {
    let retry_after = Some(Duration::from_secs(seconds));
    match status {
        302 | 307 => Error::Redirected {
            status,
            host: RemoteText::name("elsewhere.example"),
            retry_after,
        },
        511 => Error::NotTheApi {
            status,
            what: "the network asks for a sign-in",
            begins: None,
            retry_after,
        },
        _ => refused(status, "busy", Some(seconds)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_an_answer_names_is_kept_whatever_the_status() {
    for status in [
        200, 302, 307, 400, 403, 404, 408, 413, 425, 429, 500, 502, 503, 504, 511,
    ] {
        let source = fails_once(names(status, 40));
        let (mut run, since) = meets(&source).await;
        run.wanted.send_modify(|wanted| wanted.asks += 1);
        let told = run.told_for(SECOND).await;
        let told = told.last().unwrap();
        assert_eq!((told.calls_left, told.calls_limit), (3, 5), "{status}");
        assert!(told.held_until > Some(run.now()), "{status}");
        let waits = told
            .waits_until(run.now())
            .map(|until| until.duration_since(run.now()).as_secs());
        assert!((37..=44).contains(&waits.unwrap()), "{status}: {waits:?}");
        let healed = run.heals(since, Duration::from_mins(2)).await;
        assert!(
            (40 * SECOND..46 * SECOND).contains(&healed),
            "{status}: {healed:?}"
        );
        run.end().await;
    }
}

/// A renewed credential does not shorten the time, and a refused one does not prolong it.
#[tokio::test(start_paused = true)]
async fn a_wait_that_comes_with_a_refused_credential_is_kept_before_the_next_one_is_tried() {
    let error = refused(401, "busy", Some(100)).with_credential(REPLACEABLE);
    let source = fails_once(error);
    let (mut run, since) = meets(&source).await;
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    let told = run.told_for(90 * SECOND).await;
    assert_eq!(source.calls(|_| true), 2);
    let told = told.last().unwrap();
    assert_eq!(told.state(run.now()), SyncState::Auth);
    assert!(told.waits_until(run.now()).is_some());
    let healed = run.heals(since, Duration::from_mins(3)).await;
    assert!((100 * SECOND..116 * SECOND).contains(&healed), "{healed:?}");
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_a_busy_service_names_is_held_within_bounds() {
    for (named, least, most) in [(0, 1, 4), (99_999_999, 300, 332)] {
        let source = fails_once(refused(503, "busy", Some(named)));
        let (mut run, since) = meets(&source).await;
        let healed = run.heals(since, Duration::from_mins(6)).await;
        assert!(
            (least * SECOND..most * SECOND).contains(&healed),
            "{named}: {healed:?}"
        );
        run.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_closed_as_it_is_used_again_is_not_a_failure() {
    let source = fails_once(dropped());
    let mut run = Run::start(&source, Scope::default(), 5, None);
    run.until(is_fresh).await;
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    let told = run.told_for(5 * SECOND).await;
    assert!(told.iter().all(is_fresh), "nothing is told of it");
    let last = told.last().unwrap();
    assert_eq!(
        (last.calls_made, last.calls_failed, last.calls_left),
        (3, 0, 2),
        "but it was a call"
    );
    run.end().await;
}

#[tokio::test(start_paused = true)]
async fn connections_that_are_closed_again_and_again_are_a_failure_after_three_attempts() {
    let source = Source::of(|place, _| {
        if place == 0 {
            Ok(page(0..5, 5, 0))
        } else {
            Err(dropped())
        }
    });
    let mut run = Run::start(&source, Scope::default(), 100, None);
    run.until(is_fresh).await;
    run.wanted.send_modify(|wanted| wanted.asks += 1);
    let told = run.told_for(30 * SECOND).await;
    assert!(told.last().unwrap().problem.is_some());
    let calls = source.calls(|_| true) - 1;
    assert!((3..=4).contains(&calls), "{calls} calls");
    run.end().await;
}
