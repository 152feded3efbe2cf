use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn settled() -> SyncStatus {
    SyncStatus {
        asked_at: Some(at(0)),
        met: 10,
        total: Some(10),
        complete: true,
        interval: Duration::from_mins(1),
        ..SyncStatus::default()
    }
}

#[test]
fn a_picture_that_nobody_renews_goes_stale() {
    assert_eq!(settled().state(at(60)), SyncState::Fresh);
    assert_eq!(settled().state(at(150)), SyncState::Fresh);
    assert_eq!(settled().state(at(151)), SyncState::Stale(Some(at(0))));
}

#[test]
fn whoever_is_stuck_the_picture_goes_stale() {
    let stale = SyncState::Stale(Some(at(0)));
    let error = Error::TimedOut {
        waiting_for: "an answer",
        after: Duration::from_secs(30),
    };
    let in_trouble = SyncStatus {
        problem: Some(Problem {
            error,
            until: Some(at(60)),
        }),
        ..settled()
    };
    let loading = SyncStatus {
        loading: true,
        ..settled()
    };
    for stuck in [settled(), loading.clone(), in_trouble] {
        assert_eq!(stuck.state(at(151)), stale, "{stuck:?}");
        assert_eq!(stuck.overdue(at(151)), Some(at(0)));
    }
    // A pause that the service asked for does not count as overdue, however long it is; nor does a call
    // that has just begun.
    let waits = SyncStatus {
        next_at: Some(at(3600)),
        ..settled()
    };
    assert_eq!(
        (waits.overdue(at(3600)), waits.overdue(at(3751))),
        (None, Some(at(3600)))
    );
    let calls = SyncStatus {
        called_at: Some(at(600)),
        ..loading
    };
    assert_eq!(
        (calls.overdue(at(700)), calls.overdue(at(751))),
        (None, Some(at(600)))
    );
    // Nothing ever came.
    let first = SyncStatus {
        called_at: Some(at(0)),
        interval: Duration::from_mins(1),
        ..SyncStatus::default()
    };
    assert_eq!(first.state(at(150)).word(), "LOADING");
    assert_eq!(first.state(at(151)), SyncState::Stale(None));
}

#[test]
fn a_clock_that_was_set_back_makes_the_picture_stale_and_not_young() {
    // The earlier run's times are this many seconds ahead of the clock.
    for (ahead, word) in [(0, "FRESH"), (150, "FRESH"), (151, "STALE"), (86_400, "STALE")] {
        assert_eq!(settled().state(at(-ahead)).word(), word, "{ahead}");
    }
    let ahead = SyncStatus {
        next_at: Some(at(60)),
        ..settled()
    };
    assert_eq!(ahead.overdue(at(-86_400)), Some(at(60)));
}

#[test]
fn a_list_of_a_collector_is_as_current_as_the_collector_says() {
    let of = |through| {
        let status = SyncStatus {
            through: Some(through),
            snapshot_at: Some(at(-3600)),
            ..settled()
        };
        status.state_within(at(0), ListAgeLimit::default())
    };
    for (through, word) in [
        (CollectorState::Fresh, "FRESH"),
        (CollectorState::Loading, "LOADING"),
        (CollectorState::Partial, "STALE"),
        (CollectorState::Old, "OLD"),
        (CollectorState::Stale, "STALE"),
        (CollectorState::Throttled, "THROTTLED"),
        (CollectorState::Auth, "AUTH"),
        (CollectorState::Offline, "OFFLINE"),
        (CollectorState::Denied, "DENIED"),
    ] {
        assert_eq!(of(through).word(), word);
    }
    // A list without a date may be old as well.
    let undated = SyncStatus {
        through: Some(CollectorState::Old),
        ..settled()
    };
    assert_eq!(undated.state(at(0)).word(), "STALE");
}

#[test]
fn a_list_that_hss_does_not_renew_is_old_however_lately_it_was_checked() {
    let limit = ListAgeLimit::default();
    let of = |hours: i64| SyncStatus {
        snapshot_at: Some(at(-hours * 3600)),
        ..settled()
    };
    for (hours, word, currency) in [
        (0, "FRESH", ListCurrency::Current),
        (26, "FRESH", ListCurrency::Current),
        (27, "FRESH", ListCurrency::Aging),
        (50, "FRESH", ListCurrency::Aging),
        (51, "OLD", ListCurrency::Old),
    ] {
        let status = of(hours);
        assert_eq!(status.state_within(at(0), limit).word(), word, "{hours} h");
        assert_eq!(status.list_currency(at(0), limit), currency, "{hours} h");
    }
    // The age is measured with the service's clock.
    let ahead = SyncStatus {
        skew: Some(SignedDuration::from_hours(-30)),
        ..of(51)
    };
    assert_eq!(ahead.state_within(at(0), limit), SyncState::Fresh);
    let unknown = settled().state_within(at(0), limit);
    assert_eq!(unknown, SyncState::Fresh, "no date is no proof of age");
    let loading = SyncStatus {
        loading: true,
        ..of(99)
    };
    assert_eq!(loading.state_within(at(0), limit).word(), "LOADING");
}

#[test]
fn a_short_sweep_is_partial_and_a_sweep_under_way_is_loading() {
    let short = SyncStatus {
        met: 1,
        total: Some(107),
        complete: false,
        ..settled()
    };
    assert_eq!(short.state(at(1)), SyncState::Partial { met: 1, total: 107 });
    let loading = SyncStatus {
        loading: true,
        ..short
    };
    assert_eq!(
        loading.state(at(1)),
        SyncState::Loading {
            met: 1,
            total: Some(107)
        }
    );
    assert_eq!(
        SyncStatus::default().state(at(1)),
        SyncState::Loading { met: 0, total: None }
    );
}

#[test]
fn trouble_names_itself() {
    let error = Error::TimedOut {
        waiting_for: "an answer",
        after: Duration::from_secs(30),
    };
    let status = SyncStatus {
        problem: Some(Problem { error, until: None }),
        ..settled()
    };
    assert_eq!(status.state(at(1)).word(), "STALE");
}

#[test]
fn trouble_in_the_middle_of_a_sweep_does_not_make_it_whole() {
    let error = Error::TimedOut {
        waiting_for: "an answer",
        after: Duration::from_secs(30),
    };
    let stopped = SyncStatus {
        total: Some(3040),
        complete: false,
        problem: Some(Problem { error, until: None }),
        ..settled()
    };
    assert_eq!(stopped.extent(), Extent::Short(Some(3040)));
    assert_eq!(SyncStatus::default().extent(), Extent::Short(None));
    let whole = SyncStatus {
        whole: true,
        ..stopped
    };
    assert_eq!(whole.extent(), Extent::Whole);
}
