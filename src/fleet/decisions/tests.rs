//! When a mute applies, and when a muted pod comes back.

use super::*;
use crate::fleet::Pod;
use crate::fleet::changes::ScoreShift;
use crate::fleet::fixture::serverless;
use crate::fleet::words::{Detection, Status};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn pod(name: &str) -> Pod {
    serverless(name).within("prod-pay", "payments").build()
}

/// A change of the score of a pod that is seen at this second.
fn change(name: &str, second: i64, scores: [u32; 2]) -> Change {
    let kind = if scores[1] > scores[0] {
        ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into())
    } else {
        ChangeKind::Detection(Detection::Risk.into(), Detection::Clean.into())
    };
    Change {
        after: Some(at(second - 60)),
        noticed: Some(at(second)),
        scores: ScoreShift {
            before: Some(scores[0]),
            after: Some(scores[1]),
        },
        ..Change::of(&pod(name), kind)
    }
}

fn changes(all: &[Change]) -> Changes {
    let mut changes = Changes::default();
    all.iter().cloned().for_each(|change| changes.push(change));
    changes
}

fn mute(target: MuteTarget, second: i64, end: MuteEnd) -> Mute {
    Mute {
        who: "ops".into(),
        at: at(second),
        target,
        end,
        undone: None,
    }
}

/// Which of the changes are muted.
fn held(all: &[Change], mutes: &[Mute], now: i64) -> Vec<bool> {
    let changes = changes(all);
    let covered = muted(&changes, mutes, at(now));
    changes
        .recorded()
        .map(|recorded| covered.ids.contains(&recorded.id))
        .collect()
}

#[test]
fn a_pod_is_muted_until_it_changes() {
    let first = change("a", 10, [0, 60]);
    let other = change("b", 11, [0, 60]);
    let mutes = [mute(MuteTarget::pod_of(&first), 20, MuteEnd::Changed)];
    assert_eq!(held(&[first.clone(), other.clone()], &mutes, 30), [true, false]);
    let better = change("a", 40, [60, 0]);
    assert_eq!(
        held(&[first, other, better], &mutes, 50),
        [false; 3],
        "whatever changed"
    );
}

#[test]
fn a_muted_pod_that_gets_worse_than_it_was_comes_back() {
    let first = change("a", 10, [0, 60]);
    for end in [MuteEnd::Never, MuteEnd::At(at(1000))] {
        let mutes = [mute(MuteTarget::pod_of(&first), 20, end)];
        // It flaps, and is never worse than when it was muted.
        let mut all = vec![first.clone(), change("a", 30, [60, 0]), change("a", 40, [0, 60])];
        assert_eq!(held(&all, &mutes, 50), [true; 3]);
        all.push(change("a", 60, [60, 90]));
        assert_eq!(held(&all, &mutes, 70), [false; 4]);
    }
}

#[test]
fn a_mute_ends_at_its_time_or_when_it_is_taken_back() {
    let first = change("a", 10, [0, 60]);
    let timed = mute(MuteTarget::pod_of(&first), 20, MuteEnd::At(at(100)));
    for (now, muted) in [(99, true), (100, false)] {
        assert_eq!(
            held(std::slice::from_ref(&first), std::slice::from_ref(&timed), now),
            [muted]
        );
    }
    let undone = Mute {
        undone: Some(at(30)),
        ..timed
    };
    assert_eq!(held(&[first], &[undone], 40), [false]);
}

#[test]
fn each_pod_of_a_muted_namespace_comes_back_alone_and_a_new_one_that_is_risky_is_told() {
    let (a, b) = (change("a", 10, [0, 60]), change("b", 10, [0, 40]));
    let mutes = [mute(MuteTarget::namespace_of(&a), 20, MuteEnd::Never)];
    let worse = change("a", 30, [60, 99]);
    let new = Change {
        kind: ChangeKind::Appeared,
        scores: ScoreShift {
            before: None,
            after: Some(60),
        },
        ..change("c", 30, [0, 60])
    };
    let calm = Change {
        scores: ScoreShift {
            before: None,
            after: Some(0),
        },
        ..Change {
            pod: pod("d").key,
            ..new.clone()
        }
    };
    let elsewhere = Change::of(
        &serverless("a").id("x").within("prod-search", "payments").build(),
        ChangeKind::Appeared,
    );
    let all = [a, b, worse, new, calm, elsewhere];
    assert_eq!(held(&all, &mutes, 40), [false, true, false, false, true, false]);
    assert_eq!(muted(&changes(&all), &mutes, at(40)).pods, [2]);
}

#[test]
fn a_filter_mutes_what_passes_it_and_an_invalid_one_mutes_nothing() {
    let all = [change("a", 10, [0, 60]), change("b", 10, [0, 60])];
    let by = |filter: &str| [mute(MuteTarget::Filter(filter.to_owned()), 20, MuteEnd::Never)];
    assert_eq!(held(&all, &by("ns:payments pod:a"), 30), [true, false]);
    assert_eq!(held(&all, &by("cpu>>"), 30), [false, false]);
}

#[test]
fn what_an_older_build_recorded_counts_by_what_changed() {
    let old = Change {
        scores: ScoreShift::default(),
        ..Change::of(
            &pod("a"),
            ChangeKind::Status(Status::Running.into(), Status::Failed.into()),
        )
    };
    assert!(is_worse(&old, 99));
}

proptest! {
    /// A muted pod that got worse is shown, whatever came before; one that never got worse is not.
    #[test]
    fn a_muted_pod_is_told_of_exactly_if_it_got_worse_than_when_it_was_muted(
        scores in prop::collection::vec(0_u32..4, 2..12),
        muted_after in 0_usize..11,
    ) {
        let steps: Vec<[u32; 2]> = scores.windows(2).map(|pair| [pair[0], pair[1]]).collect();
        let muted_after = muted_after.min(steps.len());
        let all: Vec<Change> = (1_i64..)
            .zip(&steps)
            .map(|(number, step)| change("a", number * 100, *step))
            .collect();
        let at_mute = scores[muted_after];
        let second = i64::try_from(muted_after).unwrap() * 100 + 50;
        let mutes = [mute(MuteTarget::pod_of(&all[0]), second, MuteEnd::Never)];
        let got_worse = scores[muted_after..].iter().any(|score| *score > at_mute);
        let held = held(&all, &mutes, 10_000);
        prop_assert!(held.iter().all(|muted| *muted != got_worse));
    }
}

#[test]
fn a_mute_ends_after_a_time_on_a_day_or_never() {
    let now: Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
    let end = |word: &str| MuteEnd::read(word, now, &TimeZone::UTC);
    let ends = |text: &str| Some(MuteEnd::At(text.parse().unwrap()));
    assert_eq!(end("2h"), ends("2025-08-15T11:30:15Z"));
    assert_eq!(end("7d"), ends("2025-08-22T09:30:15Z"));
    assert_eq!(end("2025-12-31"), ends("2025-12-31T00:00:00Z"));
    assert_eq!(end("18:00"), ends("2025-08-15T18:00:00Z"));
    assert_eq!(end("monday 08:00"), ends("2025-08-18T08:00:00Z"));
    assert_eq!(
        (end("forever"), end("changed")),
        (Some(MuteEnd::Never), Some(MuteEnd::Changed))
    );
    for word in ["2025-08-15", "2024-01-01", "later", "2025-13-01"] {
        assert_eq!(end(word), None, "{word}");
    }
}
