//! What the marks and counts of news say.

use super::*;
use crate::fleet::changes::Change;
use crate::fleet::fixture::serverless;
use crate::fleet::score_shift::since_which;
use crate::fleet::usage::Pressure;
use crate::fleet::words::{Protection, Status};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A change of `pod`, first seen in the snapshot of this second.
fn change(pod: &Pod, kind: ChangeKind, second: i64) -> Change {
    Change {
        after: Some(at(second)),
        ..Change::of(pod, kind)
    }
}

fn detection(from: Detection, to: Detection) -> ChangeKind {
    ChangeKind::Detection(from.into(), to.into())
}

fn with(pods: &[Pod], changes: Vec<Change>) -> Fleet {
    pods.iter().cloned().collect::<Fleet>().with_changes(changes)
}

#[test]
fn a_risk_that_was_found_is_new_until_it_is_seen_or_gone() {
    let risky = serverless("a").security("opened", "risk").build();
    let well = serverless("b").security("opened", "clean").build();
    let found = |pod: &Pod| change(pod, detection(Detection::Clean, Detection::Risk), 1);
    let cleared = change(&well, detection(Detection::Risk, Detection::Clean), 2);
    let fleet = with(
        &[risky.clone(), well.clone()],
        vec![found(&risky), found(&well), cleared],
    );
    let news = FleetNews::of(&fleet, Scope::default(), |_| true);
    assert_eq!(news.mark(&risky, 0), Some(ChangeMark::NewRisk));
    assert_eq!(news.mark(&well, 0), Some(ChangeMark::Fell), "the latest change");
    assert_eq!(news.count(Reason::DetectionRisk), 1);
    assert_eq!(news.count(Reason::ProtectionException), 0);
    assert_eq!(news.mark(&risky, 1), None, "its change is older than that");
    let seen = FleetNews::of(&fleet, Scope::default(), |recorded| recorded.number >= 1);
    assert_eq!(
        (seen.mark(&risky, 0), seen.count(Reason::DetectionRisk)),
        (None, 0)
    );
}

#[test]
fn more_pods_than_can_be_looked_up_at_once_are_not_said_to_be_new() {
    let failed = |count: usize, changed: usize| {
        let pods = (0..count).map(|at| serverless(&format!("p{at}")).status("Failed").build());
        let pods: Vec<Pod> = pods.collect();
        let kind = ChangeKind::Status(Status::Running.into(), Status::Failed.into());
        let changes = pods.iter().take(changed);
        let changes = changes.map(|pod| change(pod, kind.clone(), 1)).collect();
        let fleet = with(&pods, changes);
        let news = FleetNews::of(&fleet, Scope::default(), |_| true);
        (news.count(Reason::Failed), news.risen(&fleet, 0).len())
    };
    assert_eq!(failed(MOST_IN_STATES, 3), (3, 3));
    assert_eq!(failed(MOST_IN_STATES + 1, 3), (0, 3));
    assert_eq!(failed(MOST_RISEN, MOST_RISEN), (MOST_RISEN, MOST_RISEN));
    assert_eq!(failed(MOST_RISEN + 1, MOST_RISEN + 1), (MOST_RISEN + 1, 0));
}

#[test]
fn a_score_rose_or_fell_by_all_its_changes_together() {
    let pod = serverless("a")
        .security("closed", "clean")
        .status("Pending")
        .build();
    let status = |from: Status, to: Status| ChangeKind::Status(from.into(), to.into());
    let closed = ChangeKind::Protection(Protection::Opened.into(), Protection::Closed.into());
    let mark = |kinds: &[ChangeKind]| {
        let changes = kinds.iter().map(|kind| change(&pod, kind.clone(), 1)).collect();
        FleetNews::of(
            &with(std::slice::from_ref(&pod), changes),
            Scope::default(),
            |_| true,
        )
        .mark(&pod, 0)
    };
    let failed = status(Status::Running, Status::Failed);
    let pending = status(Status::Failed, Status::Pending);
    let near = ChangeKind::MemoryThreshold(Pressure::Calm, Pressure::Warn);
    assert_eq!(mark(std::slice::from_ref(&closed)), Some(ChangeMark::Rose));
    assert_eq!(mark(std::slice::from_ref(&near)), Some(ChangeMark::Rose));
    assert_eq!(mark(std::slice::from_ref(&pending)), Some(ChangeMark::Fell));
    assert_eq!(
        mark(&[failed, pending]),
        Some(ChangeMark::Rose),
        "Pending is worse than Running"
    );
}

#[test]
fn the_arrow_is_that_of_the_latest_change() {
    let pod = serverless("a").status("Failed").build();
    let status = |from: Status, to: Status, at| change(&pod, ChangeKind::Status(from.into(), to.into()), at);
    let changes = vec![
        status(Status::Unknown, Status::Running, 1),
        status(Status::Running, Status::Failed, 2),
    ];
    let fleet = with(std::slice::from_ref(&pod), changes);
    let mark =
        |is_new: fn(&Recorded<'_>) -> bool| FleetNews::of(&fleet, Scope::default(), is_new).mark(&pod, 0);
    assert_eq!(mark(|_| true), Some(ChangeMark::Rose));
    assert_eq!(
        mark(|recorded| recorded.number == 0),
        None,
        "the latest one was read"
    );
    assert_eq!(mark(|recorded| recorded.number == 1), Some(ChangeMark::Rose));
}

#[test]
fn a_pod_that_appears_at_risk_is_a_new_risk() {
    let risky = serverless("a").security("closed", "risk").build();
    let well = serverless("b").security("opened", "clean").build();
    let changes = [&risky, &well].map(|pod| change(pod, ChangeKind::Appeared, 7));
    let fleet = with(&[risky.clone(), well.clone()], changes.to_vec());
    let news = FleetNews::of(&fleet, Scope::default(), |_| true);
    assert_eq!(news.mark(&risky, 0), Some(ChangeMark::NewRisk));
    assert_eq!(news.mark(&well, 0), None);
    let broken = serverless("c").security("protection_exception", "clean").build();
    let appeared = change(&broken, ChangeKind::Appeared, 7);
    let of_broken = FleetNews::of(
        &with(std::slice::from_ref(&broken), vec![appeared]),
        Scope::default(),
        |_| true,
    );
    assert_eq!(of_broken.mark(&broken, 0), Some(ChangeMark::Rose));
    let counts = COUNTED.map(|reason| news.count(reason));
    assert_eq!(counts, [1, 0, 0, 1]);
}

#[test]
fn a_reason_holds_since_the_change_that_brought_it() {
    let pod = serverless("a").security("opened", "risk").build();
    let closed = ChangeKind::Protection(Protection::Opened.into(), Protection::Closed.into());
    let opened = ChangeKind::Protection(Protection::Closed.into(), Protection::Opened.into());
    let changes = vec![
        change(&pod, detection(Detection::Clean, Detection::Risk), 10),
        change(&pod, closed, 20),
        change(&pod, opened, 30),
    ];
    let fleet = with(std::slice::from_ref(&pod), changes);
    let since = |reason| since_which(fleet.changes(), &pod.key, reason).and_then(|change| change.after);
    assert_eq!(since(Reason::DetectionRisk), Some(at(10)));
    assert_eq!(since(Reason::ProtectionClosed), None, "it is on again");
    assert_eq!(since(Reason::Failed), None, "that was never seen");
    let other = serverless("b").build();
    assert_eq!(
        since_which(fleet.changes(), &other.key, Reason::DetectionRisk),
        None
    );
}
