use super::*;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::pod::NodeRecord;

#[test]
fn every_difference_is_a_change() {
    let before = serverless("a").usage("1m", "100m", "1Mi", "1Gi").build();
    assert_eq!(ChangeKind::between(&before, &before), []);
    let after = serverless("a")
        .status("Failed")
        .security("closed", "risk")
        .usage("95m", "100m", "2Mi", "2Gi")
        .build();
    let kinds = ChangeKind::between(&before, &after);
    assert!(matches!(
        kinds.as_slice(),
        [
            ChangeKind::Status(_, Field::Value(Status::Failed)),
            ChangeKind::Protection(..),
            ChangeKind::Detection(..),
            ChangeKind::LimitChanged(Measure::Memory, ..),
        ]
    ));
}

#[test]
fn a_record_that_joins_or_leaves_is_not_a_change_of_the_pod() {
    let on_node = node("a").status("Pending").usage("1m", "100m", "", "").build();
    let alone = serverless("a").usage("95m", "100m", "", "").build();
    let both = |node: &Pod, serverless: &Pod| Pod {
        serverless: serverless.serverless.clone(),
        ..node.clone()
    };
    let twin = both(&on_node, &alone);
    for (before, after) in [
        (&on_node, &twin),
        (&twin, &on_node),
        (&alone, &twin),
        (&twin, &alone),
    ] {
        assert_eq!(ChangeKind::between(before, after), []);
    }
    let at_risk = serverless("a").security("opened", "risk").build();
    let kinds = ChangeKind::between(&twin, &both(&on_node, &at_risk));
    assert!(matches!(kinds.as_slice(), [ChangeKind::Detection(..)]));
    // The node record has priority; a field that it lacks in both comes from the serverless record.
    let silent = Pod::on_node(NodeRecord::default());
    let failed = serverless("a").status("Failed").build();
    let kinds = ChangeKind::between(&both(&silent, &alone), &both(&silent, &failed));
    assert!(matches!(kinds.first(), Some(ChangeKind::Status(..))));
    assert_eq!(
        ChangeKind::between(&both(&silent, &alone), &both(&on_node, &alone)),
        []
    );
}

/// The changes of a pod whose CPU usage has these percentages of its limit, one after the other.
fn told(percents: &[u32]) -> Vec<(Pressure, Pressure)> {
    let at = |percent: u32| node("a").usage(&format!("{percent}m"), "100m", "", "").build();
    let mut last = None;
    let mut told = Vec::new();
    for pair in percents.windows(2) {
        let crossed = ChangeKind::crossed(Measure::Cpu, &at(pair[0]), &at(pair[1]), last);
        if let Some(ChangeKind::CpuThreshold(from, to)) = crossed {
            told.push((from, to));
            last = Some(to);
        }
    }
    told
}

#[test]
fn usage_changes_at_a_threshold_and_is_below_it_again_five_points_further_down() {
    use Pressure::{Calm, Critical, Warn};
    assert_eq!(told(&[10, 69]), []);
    assert_eq!(told(&[89, 90]), [(Warn, Critical)]);
    assert_eq!(
        told(&[60, 72, 68, 71, 66, 70]),
        [(Calm, Warn)],
        "it goes to and fro"
    );
    assert_eq!(told(&[60, 72, 65, 64, 67]), [(Calm, Warn), (Warn, Calm)]);
    assert_eq!(
        told(&[60, 91, 86, 84, 66, 64]),
        [(Calm, Critical), (Critical, Warn), (Warn, Calm)]
    );
    assert_eq!(told(&[95, 10]), [(Critical, Calm)]);
    assert_eq!(
        ChangeKind::between(
            &node("a").build(),
            &node("a").usage("69m", "100m", "", "").build()
        )
        .len(),
        1,
        "only the limit"
    );
}

#[test]
fn the_oldest_are_dropped_first_and_still_counted() {
    let mut changes = Changes::default();
    let pod = node("a").build();
    for second in 0..=KEPT {
        changes.push(Change {
            after: Timestamp::from_second(i64::try_from(second).unwrap()).ok(),
            ..Change::of(&pod, ChangeKind::Appeared)
        });
    }
    assert_eq!((changes.iter().count(), changes.total()), (KEPT, KEPT as u64 + 1));
    assert_eq!(changes.iter().next().unwrap().after.unwrap().as_second(), 1);
}

/// A change of the pod `a` in the snapshot of this second.
fn change(kind: ChangeKind, second: Option<i64>) -> Change {
    Change {
        after: second.and_then(|second| Timestamp::from_second(second).ok()),
        ..Change::of(&node("a").build(), kind)
    }
}

fn failed() -> ChangeKind {
    ChangeKind::Status(Status::Running.into(), Status::Failed.into())
}

#[test]
fn a_change_is_listed_once_whoever_recorded_it_and_however_often() {
    let mut changes = Changes::default();
    let found = change(failed(), Some(1));
    let by_another = Change {
        before: Timestamp::from_second(0).ok(),
        noticed: Timestamp::from_second(99).ok(),
        ..found.clone()
    };
    changes.push(found.clone());
    changes.push(by_another.clone());
    changes.restore(vec![by_another, change(ChangeKind::Appeared, Some(0))]);
    assert_eq!((changes.iter().count(), changes.total()), (2, 1));
    let listed: Vec<(i64, &ChangeKind)> = changes
        .recorded()
        .map(|recorded| (recorded.number, &recorded.change.kind))
        .collect();
    assert_eq!(listed, [(-1, &ChangeKind::Appeared), (0, &failed())]);
    // The same values in the next snapshot are another change.
    changes.push(change(failed(), Some(2)));
    assert_eq!(changes.total(), 2);
}

#[test]
fn changes_of_snapshots_without_a_date_are_all_listed() {
    let mut changes = Changes::default();
    for second in 0..3 {
        changes.push(Change {
            noticed: Timestamp::from_second(second).ok(),
            ..change(failed(), None)
        });
    }
    let ids: std::collections::HashSet<ChangeId> = changes.recorded().map(|recorded| recorded.id).collect();
    assert_eq!(ids.len(), 3);
}
