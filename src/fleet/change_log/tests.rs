//! What the log says equals what happened.

use std::collections::HashSet;

use super::*;
use crate::fleet::Pod;
use crate::fleet::changes::ScoreShift;
use crate::fleet::fixture::serverless;
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Detection, Protection, Status};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn pod(name: &str) -> Pod {
    serverless(name).within("prod-pay", "payments").build()
}

fn change(name: &str, kind: ChangeKind, second: i64) -> Change {
    Change {
        after: Some(at(second)),
        noticed: Some(at(second + 2)),
        ..Change::of(&pod(name), kind)
    }
}

fn found() -> ChangeKind {
    ChangeKind::Detection(Detection::Clean.into(), Detection::Risk.into())
}

fn cleared() -> ChangeKind {
    ChangeKind::Detection(Detection::Risk.into(), Detection::Clean.into())
}

fn log(all: &[Change]) -> (Changes, ChangeLog) {
    let mut changes = Changes::default();
    all.iter().cloned().for_each(|change| changes.push(change));
    let log = ChangeLog::of(&changes);
    (changes, log)
}

/// Name and kind of each change in the order of the log, with a line between groups.
fn listed(all: &[Change]) -> Vec<String> {
    let (changes, log) = log(all);
    let line = |logged: &LoggedChange| {
        let change = changes.numbered(logged.number).unwrap();
        format!("{} {}", change.name.value().unwrap().raw(), change.kind.name())
    };
    let groups = log.groups().iter();
    groups
        .flat_map(|group| {
            let lines = log.of_group(group).iter().map(line);
            std::iter::once("--".to_owned()).chain(lines)
        })
        .collect()
}

#[test]
fn the_newest_snapshot_is_first_and_what_is_worst_in_it() {
    let near = ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Critical);
    let calmer = ChangeKind::MemoryThreshold(Pressure::Critical, Pressure::Calm);
    let broken = ChangeKind::Protection(Protection::Opened.into(), Protection::Exception.into());
    let failed = ChangeKind::Status(Status::Running.into(), Status::Failed.into());
    let risky = Change {
        scores: ScoreShift {
            before: None,
            after: Some(60),
        },
        ..change("new-risk", ChangeKind::Appeared, 20)
    };
    let all = [
        change("old", found(), 10),
        change("calmer", calmer, 20),
        change("gone", ChangeKind::Vanished, 20),
        change("near", near, 20),
        change("failed", failed, 20),
        risky,
        change("broken", broken, 20),
        change("clean", cleared(), 20),
        change("risk", found(), 20),
    ];
    let expected = [
        "--",
        "new-risk appeared",
        "risk detection",
        "broken protection",
        "failed status",
        "near memory",
        "gone vanished",
        "clean detection",
        "calmer memory",
        "--",
        "old detection",
    ];
    assert_eq!(listed(&all), expected);
    let (_, log) = log(&all);
    let dates: Vec<_> = log
        .groups()
        .iter()
        .map(|group| (group.snapshot, group.noticed))
        .collect();
    assert_eq!(
        dates,
        [(Some(at(20)), Some(at(22))), (Some(at(10)), Some(at(12)))]
    );
}

#[test]
fn a_finding_that_came_back_is_told_with_how_often() {
    let all: Vec<Change> = (0..6)
        .map(|turn| {
            let kind = if turn % 2 == 0 { found() } else { cleared() };
            change("a", kind, turn * 100)
        })
        .collect();
    let (_, log) = log(&all);
    let newest_first: Vec<FindingStory> = log.changes().iter().map(|logged| logged.story).collect();
    let risk = |end, comebacks| FindingStory {
        brought: Some(Reason::DetectionRisk),
        end,
        comebacks,
        ..FindingStory::default()
    };
    let ended = |comebacks| FindingStory {
        ended: Some(Reason::DetectionRisk),
        comebacks,
        lasted: Some(SignedDuration::from_secs(100)),
        ..FindingStory::default()
    };
    let resolved = |second| Some(FindingEnd::Resolved(Some(at(second))));
    assert_eq!(
        newest_first,
        [
            ended(2),
            risk(resolved(500), 2),
            ended(1),
            risk(resolved(300), 1),
            ended(0),
            risk(resolved(100), 0),
        ]
    );
}

#[test]
fn a_finding_ends_with_its_pod_and_is_open_until_then() {
    let all = [
        change("a", found(), 10),
        change("b", found(), 10),
        change("a", ChangeKind::Vanished, 20),
    ];
    let (changes, log) = log(&all);
    let end = |name: &str| {
        let of_pod = |logged: &&LoggedChange| {
            let change = changes.numbered(logged.number).unwrap();
            change.name.value().unwrap().raw() == name && change.kind == found()
        };
        log.changes().iter().find(of_pod).unwrap().story.end
    };
    assert_eq!(end("a"), Some(FindingEnd::PodGone(Some(at(20)))));
    assert_eq!(end("b"), None);
}

#[test]
fn usage_that_rises_further_does_not_end_what_was_found_before() {
    let memory = |from, to, second| change("a", ChangeKind::MemoryThreshold(from, to), second);
    let all = [
        memory(Pressure::Calm, Pressure::Warn, 10),
        memory(Pressure::Warn, Pressure::Critical, 20),
        memory(Pressure::Critical, Pressure::Warn, 30),
        memory(Pressure::Warn, Pressure::Calm, 40),
    ];
    let (_, log) = log(&all);
    let newest_first: Vec<_> = log
        .changes()
        .iter()
        .map(|logged| (logged.story.brought, logged.story.ended, logged.story.end))
        .collect();
    let resolved = |second| Some(FindingEnd::Resolved(Some(at(second))));
    assert_eq!(
        newest_first,
        [
            (None, Some(Reason::MemoryWarn), None),
            (None, Some(Reason::MemoryCritical), None),
            (Some(Reason::MemoryCritical), None, resolved(30)),
            (Some(Reason::MemoryWarn), None, resolved(40)),
        ]
    );
}

#[test]
fn what_was_found_before_hss_top_watched_can_end() {
    let all = [
        change("a", cleared(), 10),
        Change {
            found: Some(Reason::Failed),
            ..change("b", ChangeKind::Vanished, 20)
        },
        Change {
            found: Some(Reason::ProtectionException),
            ..change("c", ChangeKind::Appeared, 30)
        },
        change("c", cleared(), 40),
    ];
    let (changes, log) = log(&all);
    let told: Vec<_> = episodes(&changes)
        .into_iter()
        .map(|episode| (episode.reason, episode.begin, episode.end.map(|(at, _)| at)))
        .collect();
    assert_eq!(
        told,
        [
            (Reason::DetectionRisk, None, Some(0)),
            (Reason::Failed, None, Some(1)),
            (Reason::ProtectionException, Some(2), None),
            (Reason::DetectionRisk, Some(2), Some(3)),
        ]
    );
    let newest = log.changes().first().unwrap().story;
    assert_eq!(newest.lasted, Some(SignedDuration::from_secs(10)));
    assert_eq!(
        (newest.brought, newest.ended),
        (None, Some(Reason::DetectionRisk))
    );
}

#[test]
fn the_last_record_of_a_pod_has_what_its_changes_told() {
    let failed = ChangeKind::Status(Status::Running.into(), Status::Failed.into());
    let all = [
        change("a", found(), 10),
        change("a", failed, 20),
        change("a", ChangeKind::Vanished, 30),
    ];
    let (changes, _) = log(&all);
    let last = last_records(changes.iter(), |_| true)
        .remove(&pod("a").key)
        .unwrap();
    assert_eq!(last.detection().value(), Some(&Detection::Risk));
    assert_eq!(last.status().value(), Some(&Status::Failed));
    assert_eq!(last.namespace(), pod("a").namespace());
}

#[test]
fn changes_without_a_date_are_grouped_by_when_they_were_seen() {
    let undated = |name: &str, second| Change {
        after: None,
        ..change(name, found(), second)
    };
    let all = [undated("a", 10), undated("b", 10), undated("c", 30)];
    assert_eq!(
        listed(&all),
        ["--", "c detection", "--", "a detection", "b detection"]
    );
}

proptest! {
    /// Nothing is lost or doubled, whatever is filtered; groups are apart, and in order.
    #[test]
    fn every_change_is_in_exactly_one_group(
        made in prop::collection::vec((0_usize..5, 0_u8..4, prop::option::of(0_i64..6), 0_i64..6), 0..40),
        kept in 0_u8..8,
    ) {
        let all: Vec<Change> = made
            .iter()
            .map(|(pod, kind, after, noticed)| {
                let kind = match kind {
                    0 => found(),
                    1 => cleared(),
                    2 => ChangeKind::Appeared,
                    _ => ChangeKind::Vanished,
                };
                Change {
                    after: after.map(at),
                    noticed: Some(at(*noticed)),
                    ..change(["a", "b", "c", "d", "e"][*pod], kind, 0)
                }
            })
            .collect();
        let (changes, log) = log(&all);
        let once: HashSet<i64> = log.changes().iter().map(|logged| logged.number).collect();
        prop_assert_eq!(once.len(), log.changes().len());
        prop_assert_eq!(once.len(), changes.recorded().len());
        let grouped: usize = log.groups().iter().map(|group| log.of_group(group).len()).sum();
        prop_assert_eq!(grouped, once.len());
        for group in log.groups() {
            for logged in log.of_group(group) {
                prop_assert_eq!(changes.numbered(logged.number).unwrap().after, group.snapshot);
            }
        }
        let dated: Vec<_> = log.groups().iter().filter_map(|group| group.snapshot).collect();
        prop_assert!(dated.is_sorted_by(|newer, older| newer > older));
        let passes = |logged: &LoggedChange| logged.number.rem_euclid(8) >= i64::from(kept);
        let filtered = log.filtered(passes);
        let expected: Vec<LoggedChange> = log.changes().iter().filter(|it| passes(it)).copied().collect();
        prop_assert_eq!(filtered.changes(), expected.as_slice());
        prop_assert!(filtered.groups().iter().all(|group| !filtered.of_group(group).is_empty()));
    }
}
