use tokio::sync::mpsc;

use super::*;
use crate::collector::News;
use crate::collector::status::Problem;
use crate::exit_codes::ExitReason;
use crate::fleet::SourceId;
use crate::hss::error::ServiceError;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn judge() -> ListJudge {
    ListJudge {
        limits: FetchLimits {
            max_age: Some(Duration::from_mins(15)),
            give_up_after: Duration::from_secs(90),
            timeout: None,
        },
        ..ListJudge::default()
    }
}

fn answered() -> SyncStatus {
    SyncStatus {
        asked_at: Some(at(0)),
        ..SyncStatus::default()
    }
}

fn failing(error: Error, until: Option<i64>) -> SyncStatus {
    SyncStatus {
        problem: Some(Problem {
            error,
            until: until.map(at),
        }),
        ..SyncStatus::default()
    }
}

fn offline() -> Error {
    Error::Connect {
        place: "hss:443".to_owned(),
        proxy: None,
        cause: crate::fleet::RemoteText::name("refused"),
    }
}

fn service(status: u16) -> Error {
    ServiceError {
        status,
        ..ServiceError::default()
    }
    .into()
}

#[test]
fn a_list_is_there_when_a_sweep_met_all_of_it() {
    let begun = Instant::now();
    let mut judge = judge();
    for (status, end) in [
        (SyncStatus::default(), None),
        (
            SyncStatus {
                loading: true,
                complete: true,
                ..answered()
            },
            None,
        ),
        (
            SyncStatus {
                complete: true,
                ..answered()
            },
            Some(FetchEnd::Complete { is_stored: false }),
        ),
        (answered(), Some(FetchEnd::Short)),
    ] {
        assert_eq!(judge.take(&status, at(0), begun), end, "{status:?}");
    }
}

#[test]
fn a_stored_list_is_taken_while_it_is_young_and_whole() {
    let stored = SyncStatus {
        restored: true,
        complete: true,
        ..answered()
    };
    let taken = |status: &SyncStatus, second| judge().take(status, at(second), Instant::now());
    let complete = Some(FetchEnd::Complete { is_stored: true });
    assert_eq!(
        (taken(&stored, 0), taken(&stored, 900)),
        (complete.clone(), complete)
    );
    assert_eq!((taken(&stored, 901), taken(&stored, -1)), (None, None));
    let short = SyncStatus {
        complete: false,
        ..stored
    };
    assert_eq!(taken(&short, 0), None);
}

#[test]
fn what_no_second_try_would_mend_ends_at_once_and_the_rest_after_a_while() {
    let begun = Instant::now();
    for (error, reason) in [
        (service(401), ExitReason::Configuration),
        (service(403), ExitReason::Configuration),
        (service(404), ExitReason::Unreachable),
    ] {
        let end = judge().take(&failing(error, None), at(0), begun).unwrap();
        assert_eq!(end.reason(), reason);
    }
    for error in [offline(), service(503)] {
        let mut judge = judge();
        let status = failing(error.clone(), None);
        assert_eq!(judge.take(&status, at(0), begun), None);
        assert_eq!(judge.gives_up_at(), Some(begun + Duration::from_secs(90)));
        assert_eq!(judge.take(&status, at(89), begun + Duration::from_secs(89)), None);
        let end = judge
            .take(&status, at(90), begun + Duration::from_secs(90))
            .unwrap();
        assert_eq!(
            (&end, end.reason()),
            (&FetchEnd::Failed(Box::new(error)), ExitReason::Unreachable)
        );
    }
}

#[test]
fn an_answer_between_two_failures_begins_the_wait_anew() {
    let begun = Instant::now();
    let mut judge = judge();
    assert_eq!(judge.take(&failing(offline(), None), at(0), begun), None);
    let later = SyncStatus {
        asked_at: Some(at(80)),
        loading: true,
        ..failing(offline(), None)
    };
    let at_100 = begun + Duration::from_secs(100);
    assert_eq!(judge.take(&later, at(100), at_100), None);
    assert_eq!(judge.gives_up_at(), Some(at_100 + Duration::from_secs(90)));
    assert_eq!(judge.give_up(), FetchEnd::Failed(Box::new(offline())));
}

#[test]
fn a_pause_that_is_longer_than_the_patience_is_not_waited_for() {
    let begun = Instant::now();
    assert_eq!(judge().take(&failing(service(429), Some(60)), at(0), begun), None);
    let end = judge().take(&failing(service(429), Some(91)), at(0), begun);
    assert_eq!(end.map(|end| end.reason()), Some(ExitReason::Unreachable));
}

/// A list whose reports come from the test.
fn fetch_of(replies: mpsc::Receiver<Reply>) -> FleetFetch {
    let clock = Clock::system();
    let settings = CollectorSettings::default();
    let mut handle = Collector::start(Vec::new(), settings, &Budgets::default(), &clock);
    handle.replies = replies;
    FleetFetch {
        status: SyncStatus::default(),
        fleet: Fleet::default(),
        is_new_picture: false,
        notices: Vec::new(),
        saving: watch::channel(SavingState::default()).1,
        handle: Some(handle),
        judge: judge(),
        ends_at: None,
        clock,
    }
}

#[tokio::test]
async fn whoever_is_busy_takes_the_reports_that_are_there_and_each_picture_once() {
    let (reports, replies) = mpsc::channel(4);
    let mut fetch = fetch_of(replies);
    assert_eq!(fetch.next_waiting(), Poll::Pending);
    let report = |loading, fleet| Reply {
        source: SourceId::default(),
        news: News::List {
            status: Box::new(SyncStatus {
                loading,
                complete: !loading,
                ..answered()
            }),
            fleet,
        },
    };
    let picture = Fleet::default();
    for fleet in [Some(picture.clone()), None] {
        reports.send(report(true, fleet)).await.unwrap();
    }
    assert_eq!(fetch.next_waiting(), Poll::Ready(None));
    assert_eq!(fetch.next_waiting(), Poll::Ready(None));
    assert_eq!(fetch.next_waiting(), Poll::Pending);
    // A report without a picture leaves the one before.
    assert!(fetch.has_new_picture());
    assert!(fetch.new_picture().is_some_and(|it| it.is(&picture)));
    assert!(!fetch.has_new_picture() && fetch.new_picture().is_none());
    // That of a complete list is not one of a sweep.
    reports.send(report(false, Some(picture))).await.unwrap();
    let complete = FetchEnd::Complete { is_stored: false };
    assert_eq!(fetch.next_waiting(), Poll::Ready(Some(complete)));
    assert!(!fetch.has_new_picture() && fetch.new_picture().is_none());
    drop(reports);
    assert_eq!(fetch.next_waiting(), Poll::Ready(Some(FetchEnd::Lost)));
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_the_disk_while_it_writes_and_there_is_time() {
    let over = |why: Option<&str>| SavingState::Over {
        unsaved: why.map(str::to_owned),
    };
    let too_late = Some("the list is not saved: --timeout was over before the disk had written it");
    // What is told of the disk, when it is over; the time for the whole; what is told then, and when.
    for (state, at, timeout, told, after) in [
        (over(None), 40, None, None, 40),
        (over(None), 40, Some(60), None, 40),
        (over(None), 40, Some(5), too_late, 5),
        (over(None), 40, Some(0), too_late, 1),
        (
            over(Some("the disk is full")),
            2,
            None,
            Some("the disk is full"),
            2,
        ),
        (over(Some("told")), 2, None, None, 2),
        // A call on its way is not waited for.
        (SavingState::Collecting, 0, None, None, 1),
    ] {
        let (_reports, replies) = mpsc::channel(4);
        let mut fetch = fetch_of(replies);
        let (saving, saving_out) = watch::channel(SavingState::default());
        let begun = Instant::now();
        fetch.saving = saving_out;
        fetch.ends_at = timeout.map(|seconds| begun + Duration::from_secs(seconds));
        fetch.notices.push("told".to_owned());
        if state != SavingState::Collecting {
            saving.send_replace(SavingState::Writing);
        }
        let disk = async {
            sleep_until(begun + Duration::from_secs(at)).await;
            saving.send_replace(state);
            std::future::pending().await
        };
        let unsaved: Option<String> = tokio::select! {
            unsaved = fetch.close() => unsaved,
            unsaved = disk => unsaved,
        };
        assert_eq!((unsaved.as_deref(), begun.elapsed().as_secs()), (told, after));
    }
}
