use super::*;

/// A moment of boot 1.
fn at(second: i64) -> MachineTime {
    MachineTime {
        boot: 1,
        up: second * 1000,
        wall: 1_760_000_000_000 + second * 1000,
    }
}

fn who(pid: u32) -> ProgramId {
    ProgramId {
        pid,
        started: 1,
        number: 0,
    }
}

fn page(pid: u32) -> CallClaim {
    CallClaim {
        who: who(pid),
        limit: 5,
        need: 2,
        urgent: false,
    }
}

fn probe(pid: u32) -> CallClaim {
    CallClaim { need: 1, ..page(pid) }
}

fn detail(pid: u32) -> CallClaim {
    CallClaim {
        urgent: true,
        ..probe(pid)
    }
}

fn wait(millis: i64) -> ClaimAnswer {
    ClaimAnswer::Wait(Duration::from_millis(millis.try_into().unwrap()))
}

/// A record after calls that were made at these seconds, as of the last of them.
fn after(calls: &[i64]) -> LedgerRecord {
    let mut record = LedgerRecord::empty(at(calls.first().copied().unwrap_or(100)));
    for call in calls {
        record.advance(at(*call), |_| true);
        assert_eq!(record.claim(detail(99)), ClaimAnswer::Go);
        record.end(who(99), 1);
    }
    record
}

fn ages(record: &LedgerRecord) -> Vec<u64> {
    let ages = record.ages();
    let each = ages
        .iter()
        .flat_map(|(age, count)| std::iter::repeat_n(age.as_secs(), count));
    each.collect()
}

#[test]
fn a_call_counts_for_a_minute_and_the_margin() {
    let mut record = after(&[100, 100, 100, 100, 110]);
    assert_eq!(record.claim(probe(1)), wait(50_250));
    for (moment, left) in [(160_249, 5), (160_250, 1)] {
        let now = MachineTime { up: moment, ..at(0) };
        record.advance(now, |_| true);
        assert_eq!(record.ages().len(), left, "{moment}");
    }
    assert_eq!(record.claim(probe(1)), ClaimAnswer::Go);
}

#[test]
fn a_call_under_way_counts_as_made_now_until_it_is_over() {
    let mut record = LedgerRecord::empty(at(100));
    assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
    record.advance(at(130), |_| true);
    assert_eq!(ages(&record), [0]);
    record.end(who(1), 1);
    record.advance(at(150), |_| true);
    assert_eq!(ages(&record), [20]);
    // A claim of the same program says that its last call is over.
    assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
    record.advance(at(160), |_| true);
    assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
    record.advance(at(170), |_| true);
    assert_eq!(ages(&record), [40, 10, 0]);
}

#[test]
fn a_program_that_is_stopped_holds_its_call_until_its_request_must_have_ended_and_a_minute() {
    let mut record = LedgerRecord::empty(at(100));
    for pid in 1..=5 {
        assert_eq!(record.claim(detail(pid)), ClaimAnswer::Go);
    }
    let millis = |up| MachineTime { up, ..at(0) };
    for (moment, expected) in [
        (134_999, 60_250),
        (135_000, 60_250),
        (135_001, 60_249),
        (195_249, 1),
    ] {
        record.advance(millis(moment), |_| true);
        assert_eq!(record.claim(detail(6)), wait(expected), "{moment}");
    }
    record.advance(millis(195_250), |_| true);
    assert_eq!(record.claim(detail(6)), ClaimAnswer::Go);
    assert_eq!(ages(&record), [0]);
}

#[test]
fn a_call_that_was_not_sent_is_given_back() {
    let mut record = LedgerRecord::empty(at(100));
    record.claim(detail(1));
    record.claim(detail(2));
    record.withdraw(who(1), 1);
    assert_eq!((record.ages().len(), record.open.len()), (1, 1));
    assert_eq!(
        record.others(who(2)).under_way,
        0,
        "the call of the other one stays"
    );
    record.withdraw(who(1), 1);
    record.end(who(2), 1);
    record.withdraw(who(2), 1);
    assert_eq!(record.ages().len(), 1, "what is over stays");
}

#[test]
fn it_is_told_who_else_made_calls() {
    let mut record = LedgerRecord::empty(at(100));
    assert_eq!(record.others(who(1)), OtherPrograms::default());
    record.claim(detail(1));
    record.claim(detail(2));
    record.end(who(2), 1);
    record.advance(at(110), |_| true);
    record.claim(detail(2));
    record.claim(detail(3));
    record.advance(at(130), |_| true);
    let told = |programs, under_way, oldest| OtherPrograms {
        programs,
        under_way,
        oldest: Duration::from_secs(oldest),
    };
    assert_eq!(record.others(who(1)), told(2, 2, 20));
    assert_eq!(record.others(who(3)), told(2, 2, 30));
    assert_eq!(record.others(who(9)), told(3, 3, 30));
    record.end(who(2), 1);
    record.advance(at(140), |_| true);
    assert_eq!(record.others(who(9)), told(3, 1, 30), "a call lapsed");
    let mut merged = LedgerRecord::empty(at(140));
    merged.merge(&record);
    merged.merge(&record);
    assert_eq!(merged.others(who(9)), told(3, 1, 30));
    let mut older = LedgerRecord::empty(at(140));
    older.note_caller(who(1), 100_000);
    merged.merge(&older);
    merged.advance(MachineTime { up: 190_249, ..at(0) }, |_| true);
    assert_eq!(merged.others(who(9)).programs, 3, "what is older changes nothing");
    // The call of 1 counts from 135, that of 2 from 130, that of 3 from 145.
    for (moment, left) in [(190_249, 3), (190_250, 2), (195_250, 1), (205_250, 0)] {
        record.advance(MachineTime { up: moment, ..at(0) }, |_| true);
        assert_eq!(record.others(who(9)).programs, left, "{moment}");
    }
}

#[test]
fn a_call_of_a_killed_program_counts_from_when_that_is_noticed() {
    let mut record = LedgerRecord::empty(at(100));
    record.claim(detail(1));
    record.claim(detail(2));
    record.advance(at(120), |program| program != who(1));
    record.advance(at(130), |_| true);
    assert_eq!(ages(&record), [10, 0]);
    // However late this is, the call had ended by 135.
    record.advance(at(150), |_| false);
    assert_eq!(ages(&record), [30, 15]);
    record.advance(at(196), |_| false);
    assert!(record.ages().is_empty());
}

#[test]
fn a_clock_that_is_set_changes_nothing() {
    for hours in [-30_000, -1, 1, 30_000] {
        let mut record = after(&[100, 120]);
        let now = at(130);
        let set = MachineTime {
            wall: now.wall + hours * 3_600_000,
            ..now
        };
        record.advance(set, |_| true);
        assert_eq!(ages(&record), [30, 10], "{hours} h");
    }
}

#[test]
fn calls_of_another_boot_are_as_old_as_the_machine_is_up_or_the_clock_says() {
    for (up, wall, expected) in [
        // The machine is up for 40 s; the clock says 70, or was set.
        (40, 70, &[60, 40][..]),
        (40, 30, &[50, 30]),
        (40, -9_000, &[20, 0]),
        (40, 9_000_000, &[60, 40]),
        (61, 9_000_000, &[]),
        (0, 9_000_000, &[20, 0]),
    ] {
        let mut record = after(&[100, 120]);
        let now = MachineTime {
            boot: 2,
            up: up * 1000,
            wall: at(120 + wall).wall,
        };
        record.advance(now, |_| true);
        assert_eq!(ages(&record), expected, "up {up} s, {wall} s later");
        // And from then on they age by this boot's clock.
        let later = MachineTime {
            up: now.up + 60_250,
            ..now
        };
        record.advance(later, |_| true);
        assert!(record.ages().is_empty());
    }
}

#[test]
fn a_machine_that_does_not_name_its_boot_goes_by_the_clock() {
    let nameless = |second| MachineTime {
        boot: 0,
        ..at(second)
    };
    let mut record = LedgerRecord::empty(nameless(100));
    record.claim(detail(1));
    record.end(who(1), 1);
    record.advance(nameless(130), |_| true);
    assert_eq!(ages(&record), [30]);
    record.advance(nameless(20), |_| true);
    assert_eq!(ages(&record), [30], "set back");
}

#[test]
fn programs_of_another_boot_have_ended_and_what_lies_ahead_is_just_made() {
    let mut record = after(&[100]);
    record.claim(detail(1));
    for _ in 0..5 {
        record.claim(page(2));
    }
    let reboot = MachineTime {
        boot: 2,
        up: 5000,
        ..at(105)
    };
    record.advance(reboot, |_| true);
    assert!(record.open.is_empty() && record.waiting.is_empty());
    assert_eq!(ages(&record).first(), Some(&5));
    // The same boot, but earlier: no clock does that, but a faulty machine may report it.
    let mut record = after(&[100]);
    record.advance(at(50), |_| true);
    assert_eq!(ages(&record), [0]);
    record.advance(MachineTime { up: 110_250, ..at(0) }, |_| true);
    assert!(record.ages().is_empty());
}

#[test]
fn what_cannot_be_read_is_all_spent_for_one_window_after_the_last_call_under_way() {
    let mut record = LedgerRecord::all_spent(at(100));
    assert_eq!(record.claim(detail(1)), wait(95_250));
    record.advance(MachineTime { up: 195_250, ..at(0) }, |_| true);
    assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
}

#[test]
fn a_pause_holds_all_programs_and_has_a_bound() {
    let mut record = LedgerRecord::empty(at(100));
    record.pause(Duration::from_secs(30));
    record.pause(Duration::from_secs(7));
    assert_eq!(record.claim(detail(1)), wait(30_000));
    record.advance(at(129), |_| true);
    assert_eq!(record.claim(detail(2)), wait(1000));
    record.advance(at(130), |_| true);
    assert_eq!(record.claim(detail(2)), ClaimAnswer::Go);
    record.pause(Duration::MAX);
    assert_eq!(record.claim(detail(1)), wait(331_000));
    record.advance(at(131), |_| true);
    assert_eq!(record.claim(detail(1)), wait(330_000));
}

#[test]
fn a_page_leaves_one_call_free_and_a_probe_does_not() {
    let mut record = after(&[100, 101, 102, 103]);
    assert_eq!(record.claim(page(1)), wait(57_250));
    let mut alone = record.clone();
    alone.leave(who(1));
    assert_eq!(alone.claim(probe(2)), ClaimAnswer::Go);
    assert_eq!(record.claim(probe(2)), wait(57_250), "a page waits before it");
    assert_eq!(
        record.claim(detail(3)),
        ClaimAnswer::Go,
        "what is looked at goes first"
    );
    let only = CallClaim { limit: 1, ..page(1) };
    assert_eq!(
        LedgerRecord::empty(at(1)).claim(only),
        ClaimAnswer::Go,
        "there is none to leave free"
    );
}

#[test]
fn who_has_waited_longest_goes_first() {
    let mut record = after(&[100, 100, 100, 100, 100]);
    for (pid, second) in [(3, 101), (1, 102), (2, 103)] {
        record.advance(at(second), |_| true);
        assert!(matches!(record.claim(page(pid)), ClaimAnswer::Wait(_)));
    }
    // All become free at once. The one that waited longest goes first, whoever asks first.
    for second in 104..=160 {
        record.advance(at(second), |_| true);
        for pid in [1, 2, 3] {
            assert!(
                matches!(record.claim(page(pid)), ClaimAnswer::Wait(_)),
                "{second}"
            );
        }
    }
    record.advance(at(161), |_| true);
    let mut queue = record.clone();
    // Five are free: one for each of the three, and one more.
    assert_eq!(queue.claim(page(2)), ClaimAnswer::Go);
    assert_eq!(queue.claim(page(1)), ClaimAnswer::Go);
    assert_eq!(queue.claim(page(3)), ClaimAnswer::Go);
    // With two free there are only enough for the first in the queue.
    assert_eq!(record.claim(detail(8)), ClaimAnswer::Go);
    assert_eq!(record.claim(detail(9)), ClaimAnswer::Go);
    assert_eq!(record.claim(detail(10)), ClaimAnswer::Go);
    assert!(matches!(record.claim(page(2)), ClaimAnswer::Wait(_)));
    assert!(matches!(record.claim(page(1)), ClaimAnswer::Wait(_)));
    assert_eq!(record.claim(page(3)), ClaimAnswer::Go);
}

#[test]
fn whoever_was_let_go_waits_behind_the_others() {
    let mut record = after(&[100, 100, 100, 100]);
    for (pid, second) in [(1, 158), (2, 159), (1, 160), (2, 160)] {
        record.advance(at(second), |_| true);
        assert!(matches!(record.claim(page(pid)), ClaimAnswer::Wait(_)));
    }
    record.advance(at(161), |_| true);
    assert_eq!(
        [record.claim(detail(7)), record.claim(detail(8))],
        [ClaimAnswer::Go; 2]
    );
    assert_eq!(record.claim(page(1)), ClaimAnswer::Go);
    assert_eq!(
        record.claim(page(1)),
        wait(60_250),
        "it is the turn of the other now"
    );
    assert_eq!(record.claim(page(2)), ClaimAnswer::Go);
}

#[test]
fn a_waiter_that_has_ended_or_asks_no_more_holds_nobody() {
    let full = || {
        let mut record = after(&[100, 100, 100, 100]);
        record.claim(page(1));
        record.advance(at(101), |_| true);
        record.claim(probe(2));
        record
    };
    let mut record = full();
    record.advance(at(101), |program| program != who(1));
    assert_eq!(record.claim(probe(2)), ClaimAnswer::Go, "it was killed");
    let mut record = full();
    record.advance(MachineTime { up: 103_999, ..at(0) }, |_| true);
    assert!(matches!(record.claim(probe(2)), ClaimAnswer::Wait(_)));
    record.advance(at(104), |_| true);
    assert_eq!(record.claim(probe(2)), ClaimAnswer::Go, "it was stopped");
    let mut record = full();
    record.leave(who(1));
    assert_eq!(
        record.claim(probe(2)),
        ClaimAnswer::Go,
        "it wants no call any more"
    );
}

#[test]
fn what_is_urgent_goes_first_for_two_minutes_at_most() {
    let mut record = after(&[100, 100, 100, 100, 100]);
    record.claim(page(1));
    let mut second = 100;
    // Others take every call when it becomes free.
    let answer = loop {
        second += 1;
        record.advance(at(second), |_| true);
        let own = record.claim(page(1));
        for pid in 10..16 {
            record.claim(detail(pid));
        }
        if own == ClaimAnswer::Go || second > 400 {
            break own;
        }
    };
    assert_eq!(answer, ClaimAnswer::Go);
    assert!((221..=283).contains(&second), "after {} s", second - 100);
}

#[test]
fn who_waits_with_a_smaller_limit_is_waited_for() {
    let mut record = after(&[100, 101]);
    let small = CallClaim { limit: 2, ..probe(1) };
    assert_eq!(record.claim(small), wait(59_250));
    record.advance(at(102), |_| true);
    assert_eq!(record.claim(probe(2)), wait(59_250), "not before the other");
    record.advance(MachineTime { up: 160_250, ..at(0) }, |_| true);
    record.waiting.iter_mut().for_each(|waiter| waiter.seen = 160_250);
    record.claim(probe(2));
}

#[test]
fn many_who_wait_are_told_of_the_window_that_will_be_theirs() {
    let mut record = after(&[100, 100, 100, 100, 100]);
    let told: Vec<ClaimAnswer> = (1..=12).map(|pid| record.claim(probe(pid))).collect();
    assert_eq!(told[0], wait(60_250));
    assert_eq!(told[4], wait(60_250));
    assert_eq!(told[5], wait(120_500));
    assert_eq!(told[11], wait(180_750));
}

#[test]
fn a_large_budget_has_a_small_record() {
    let mut record = LedgerRecord::empty(at(100));
    let mut up = 100_000;
    for _ in 0..20_000 {
        up += 5;
        record.advance(MachineTime { up, ..at(0) }, |_| true);
        let many = CallClaim {
            limit: 1_000_000,
            ..probe(1)
        };
        assert_eq!(record.claim(many), ClaimAnswer::Go);
    }
    assert!(record.made.len() <= 243, "{} entries", record.made.len());
    let counted: u32 = record.made.iter().map(|made| made.count).sum();
    assert!((12_000..12_150).contains(&counted), "{counted} in a minute");
    assert!(record.is_credible());
}

#[test]
fn more_programs_than_a_record_holds_are_told_to_wait() {
    let mut record = LedgerRecord::empty(at(100));
    let many = |pid| CallClaim {
        limit: 1_000_000,
        ..probe(pid)
    };
    for pid in 0..256 {
        assert_eq!(record.claim(many(pid)), ClaimAnswer::Go);
    }
    for pid in 256..600 {
        assert!(matches!(record.claim(many(pid)), ClaimAnswer::Wait(_)));
    }
    assert_eq!((record.open.len(), record.waiting.len()), (256, 256));
    assert!(record.is_credible());
}

#[test]
fn a_record_that_is_merged_forgets_no_call() {
    let mut one = after(&[100, 100, 110]);
    let mut other = after(&[100, 105]);
    other.advance(at(110), |_| true);
    other.claim(detail(3));
    other.pause(Duration::from_secs(5));
    one.merge(&other);
    one.merge(&other);
    assert_eq!(ages(&one), [10, 10, 5, 0, 0]);
    assert_eq!(
        one.clone().claim(CallClaim {
            limit: 99,
            ..detail(4)
        }),
        wait(5_000),
        "it is paused"
    );
    assert_eq!(one.claim(detail(4)), wait(50_250));
    one.advance(at(111), |_| true);
    assert_eq!(ages(&one), [11, 11, 6, 1, 0]);
}

#[test]
fn a_rule_is_believed_by_all_for_so_long_and_ten_minutes_at_most() {
    let learnt = |limit, left| LearntRule {
        rule: Throttle {
            limit,
            window: Duration::from_hours(1),
        },
        left: Duration::from_secs(left),
    };
    let mut record = LedgerRecord::empty(at(100));
    record.learn(learnt(2, 30));
    record.advance(at(110), |_| true);
    assert_eq!(record.rule(), Some(learnt(2, 20)));
    let mut merged = LedgerRecord::empty(at(110));
    merged.merge(&record);
    assert_eq!(merged.rule(), Some(learnt(2, 20)));
    record.learn(learnt(9, 5));
    merged.merge(&record);
    assert_eq!(
        (record.rule(), merged.rule()),
        (Some(learnt(9, 5)), Some(learnt(2, 20)))
    );
    record.advance(MachineTime { up: 114_999, ..at(0) }, |_| true);
    assert!(record.rule().is_some());
    record.advance(at(115), |_| true);
    assert_eq!(record.rule(), None);
    record.learn(learnt(1, 9_000));
    assert_eq!(record.rule(), Some(learnt(1, 600)));
    // Of another boot: not for longer than that, and only for the rest of it.
    let reboot = MachineTime {
        boot: 2,
        up: 50_000,
        ..at(215)
    };
    record.advance(reboot, |_| true);
    assert_eq!(record.rule(), Some(learnt(1, 550)));
}

#[test]
fn a_call_is_under_way_no_longer_than_a_request_may_last() {
    let mut record = LedgerRecord::empty(at(100));
    record.claim(detail(1));
    for (moment, under_way) in [(134_999, 1), (135_000, 0)] {
        record.advance(MachineTime { up: moment, ..at(0) }, |_| true);
        assert_eq!(record.others(who(9)).under_way, under_way, "{moment}");
    }
}

#[test]
fn a_pause_or_a_rule_in_a_file_lasts_no_longer_than_one_that_was_asked_for() {
    for until in [i64::MAX, 10_000_000] {
        let mut record = LedgerRecord::empty(at(100));
        record.learn(LearntRule {
            rule: Throttle {
                limit: 1,
                window: WINDOW,
            },
            left: WINDOW,
        });
        record.paused = Some(until);
        record.rule.as_mut().unwrap().until = until;
        record.advance(at(110), |_| true);
        assert_eq!(record.claim(detail(1)), wait(331_000), "{until}");
        assert_eq!(record.rule().unwrap().left, BELIEVED_FOR, "{until}");
    }
}

#[test]
fn a_program_recalls_its_own_calls_of_the_last_minute_and_of_this_boot_only() {
    let known = || {
        let mut known = after(&[100, 110, 110]);
        known.pause(Duration::from_secs(40));
        known
    };
    let recalled = |now: MachineTime, known: &LedgerRecord| {
        let mut record = LedgerRecord::empty(now);
        record.recall(known);
        record
    };
    let record = recalled(at(130), &known());
    assert_eq!(ages(&record), [30, 20, 20]);
    assert_eq!(record.clone().claim(detail(1)), wait(20_000), "it is paused");
    let mut twice = record.clone();
    twice.recall(&known());
    assert_eq!(twice, record, "it adds nothing the second time");
    for (moment, left, pause) in [
        (149_999, 3, Some(150_000)),
        (150_000, 3, None),
        (160_249, 3, None),
        (160_250, 2, None),
        (170_250, 0, None),
    ] {
        let record = recalled(MachineTime { up: moment, ..at(0) }, &known());
        assert_eq!(
            (
                record.made.iter().map(|made| made.count).sum::<u32>(),
                record.paused
            ),
            (left, pause),
            "{moment}"
        );
    }
    for boot in [0, 2] {
        let record = recalled(MachineTime { boot, ..at(130) }, &known());
        assert_eq!((record.ages().len(), record.paused), (0, None), "boot {boot}");
    }
    let mut nameless = known();
    nameless.boot = 0;
    let record = recalled(MachineTime { boot: 0, ..at(130) }, &nameless);
    assert!(record.ages().is_empty(), "another boot may have no name either");
}

#[test]
fn a_record_was_written_before_another_if_its_time_or_its_boot_is_earlier() {
    let written = |boot, second| LedgerRecord::empty(MachineTime { boot, ..at(second) });
    for (one, other, is_before) in [
        (written(1, 99), written(1, 100), true),
        (written(1, 100), written(1, 100), false),
        (written(1, 101), written(1, 100), false),
        (written(2, 101), written(1, 100), true),
        (written(2, 99), written(1, 100), true),
        // A machine that does not name its boot.
        (written(0, 99), written(0, 100), false),
        (written(1, 99), written(0, 100), false),
    ] {
        assert_eq!(one.is_before(&other), is_before, "{one:?} {other:?}");
    }
    assert_eq!(written(1, 100).written_at(), 100_000);
}

#[test]
fn a_record_is_credible_within_its_limits_only() {
    let record = || after(&[100, 105, 110]);
    assert!(record().is_credible());
    let mut ahead = record();
    ahead.made[2].at = ahead.now + 1;
    assert!(!ahead.is_credible(), "a call lies ahead");
    ahead.made[2].at = ahead.now;
    assert!(ahead.is_credible());
    let mut unsorted = record();
    unsorted.made.swap(0, 1);
    assert!(!unsorted.is_credible());
    let waiter = |pid| Waiter {
        claim: probe(pid),
        since: 0,
        seen: 0,
    };
    let open = |pid| OpenCall {
        who: who(pid),
        since: 0,
    };
    for (count, is_credible) in [(256, true), (257, false)] {
        let mut many = record();
        many.waiting = (0..count).map(waiter).collect();
        assert_eq!(many.is_credible(), is_credible, "{count} wait");
        let mut many = record();
        many.open = (0..count).map(open).collect();
        assert_eq!(many.is_credible(), is_credible, "{count} calls");
    }
}

#[test]
fn of_very_many_programs_some_are_not_listed() {
    let mut record = LedgerRecord::empty(at(100));
    for pid in 0..300 {
        record.note_caller(who(pid), 100_000);
    }
    assert_eq!(record.callers.len(), 256);
    assert!(record.is_credible());
}

#[test]
fn programs_that_cannot_see_which_boot_it_is_still_share_the_calls() {
    let hidden = |second| MachineTime {
        boot: 0,
        ..at(second)
    };
    for (first, second) in [
        (hidden(100), hidden(101)),
        (at(100), hidden(101)),
        (hidden(100), at(101)),
    ] {
        let mut record = LedgerRecord::empty(first);
        assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
        record.advance(second, |_| true);
        assert_eq!(record.open.len(), 1, "its program still makes the call");
        record.end(who(1), 1);
        assert_eq!(ages(&record).len(), 1, "one call is one call");
    }
    // After a restart the uptime has begun again.
    let mut record = LedgerRecord::empty(hidden(5000));
    assert_eq!(record.claim(detail(1)), ClaimAnswer::Go);
    let restarted = MachineTime {
        boot: 0,
        up: 20_000,
        ..at(5030)
    };
    record.advance(restarted, |_| true);
    assert!(record.open.is_empty(), "no program lives as long as that");
}
