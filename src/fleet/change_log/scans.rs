//! Scans from their beginning to their end. HSS scans a pod between two of its states, so that one which was clean and is at risk
//! has two changes: `clean → scanning` and `scanning → risk`.
//!
//! Owns what the two are together, for those who ask from which state a pod came. Must not: change what is listed.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::fleet::changes::{Change, ChangeKind, Changes};
use crate::fleet::field::Field;
use crate::fleet::pod::PodKey;
use crate::fleet::words::Detection;

/// The changes that ended a scan, by their numbers, each as the change from the state before the scan. A scan whose beginning
/// was not seen has none.
pub fn whole_scans(changes: &Changes) -> HashMap<i64, Change> {
    let mut begun: HashMap<&PodKey, &Field<Detection>, RandomState> = HashMap::default();
    let mut whole = HashMap::new();
    for recorded in changes.recorded() {
        let change = recorded.change;
        let ChangeKind::Detection(from, to) = &change.kind else {
            if change.kind == ChangeKind::Vanished {
                begun.remove(&change.pod);
            }
            continue;
        };
        let is_scanning = |field: &Field<Detection>| field.value() == Some(&Detection::Scanning);
        if is_scanning(from)
            && let Some(before) = begun.remove(&change.pod)
        {
            let kind = ChangeKind::Detection(before.clone(), to.clone());
            whole.insert(
                recorded.number,
                Change {
                    kind,
                    ..change.clone()
                },
            );
        }
        if is_scanning(to) {
            begun.insert(&change.pod, from);
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::serverless;

    #[test]
    fn a_scan_is_a_change_from_the_state_before_it() {
        use Detection::{Clean, Risk, Scanning, Undetected};
        let of = |name: &str, from: Detection, to: Detection| {
            Change::of(
                &serverless(name).build(),
                ChangeKind::Detection(from.into(), to.into()),
            )
        };
        let gone = Change::of(&serverless("c").build(), ChangeKind::Vanished);
        let mut changes = Changes::default();
        changes.restore(vec![
            of("a", Clean, Scanning),
            of("b", Scanning, Risk),
            of("c", Clean, Scanning),
            gone,
            of("a", Scanning, Risk),
            of("c", Scanning, Risk),
            of("b", Risk, Clean),
            of("a", Undetected, Scanning),
            of("a", Scanning, Clean),
        ]);
        let whole = whole_scans(&changes);
        let mut kinds: Vec<_> = whole
            .into_iter()
            .map(|(number, change)| (number, change.kind))
            .collect();
        kinds.sort_by_key(|(number, _)| *number);
        let kinds: Vec<_> = kinds.into_iter().map(|(_, kind)| kind).collect();
        let kind = |from: Detection, to: Detection| ChangeKind::Detection(from.into(), to.into());
        assert_eq!(kinds, [kind(Clean, Risk), kind(Undetected, Clean)]);
    }
}
