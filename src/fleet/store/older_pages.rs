//! Restores stored pages of an earlier run after newer ones have arrived.
//!
//! Owns the rule for them: they add what is missing and change nothing that exists. Must not: report changes,
//! since an earlier run has already seen what they contain.

use std::ops::Range;

use jiff::Timestamp;

use super::Store;
use super::chunk::flag;
use super::encoding::NOTHING;
use super::identity::Hashes;
use super::intake::flag_of;
use crate::fleet::pod::Pod;
use crate::fleet::raw::{List, RawPod, RawPods, TextField};
use crate::fleet::scope::Scope;

/// A set of row numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    words: Vec<u64>,
}

impl Rows {
    fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    fn extend(&mut self, numbers: Range<u32>) {
        numbers.for_each(|number| self.insert(number));
    }

    fn contains(&self, number: u32) -> bool {
        let word = self.words.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

impl Store {
    /// The numbers of all rows.
    pub fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        rows.extend(self.numbers());
        rows
    }

    /// Merges a page of an earlier run without changing newer data. `restored` are the rows that such pages
    /// have added so far: these may still get their record of the other list.
    pub fn take_older(&mut self, pods: &RawPods, restored: &mut Rows) {
        self.index_adopted();
        let was_restoring = std::mem::replace(&mut self.restoring, true);
        let expected = pods.expected();
        let with_ids = if pods.count(List::Node) > 0 { expected } else { 0 };
        self.expect(expected, with_ids);
        for list in [List::Node, List::Serverless] {
            let first = self.numbers().end;
            if self.sweeps.is_empty() && self.append(pods, list, 0) {
                restored.extend(first..self.numbers().end);
                continue;
            }
            for pod in pods.iter().filter(|pod| pod.list == list) {
                self.take_one_older(pods, pod, restored);
            }
        }
        self.restoring = was_restoring;
    }

    fn take_one_older(&mut self, pods: &RawPods, pod: &RawPod, restored: &mut Rows) {
        let text = |field: TextField| pods.text(pod, field);
        let mut row = self.dictionaries.identity(flag_of(pod.list), text, &NOTHING);
        let mut hashes = Hashes::default();
        let known = self.row_of(&row, pod.list, 0, None, &mut hashes);
        let whole = match pod.list {
            List::Node => Pod::on_node(pods.node(pod)),
            List::Serverless => Pod::serverless(pods.serverless(pod)),
        };
        let Some(number) = known else {
            // A sweep has looked for it since and has not seen it: it is gone.
            if !self.sweeps.would_know(&whole) {
                self.dictionaries
                    .content(&mut row, pods.create_time(pod), text, &NOTHING);
                restored.insert(self.push(row, None, hashes));
            }
            return;
        };
        let (chunk, at) = self.at(number);
        let lacks_it = !chunk.has(at, flag_of(pod.list)) && !chunk.has(at, flag::GONE);
        if restored.contains(number) && lacks_it {
            self.join(number, pod.list, whole);
        }
    }

    /// Ends the restoring of older pages. If they are `all_of` a scope in the snapshot of that date, a pod
    /// that comes later and is not among them has appeared since.
    pub fn end_restore_older(&mut self, all_of: Option<&Scope>, snapshot_at: Option<Timestamp>) {
        self.mark_rescans();
        if let Some(scope) = all_of.filter(|_| self.sweeps.is_empty()) {
            self.sweeps.ended(scope, snapshot_at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SweepKind;
    use super::*;
    use crate::fleet::Field;
    use crate::fleet::changes::ChangeKind;
    use crate::hss::wire::read_page;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A page of numbered pods, on nodes or serverless, with this status.
    fn page(pods: &[(u8, bool)], status: &str) -> RawPods {
        let entry = |number: u8, more: &str| {
            format!(
                r#"{{"pod_name":"p{number}","namespace_name":"n","cluster_name":"c","status":"{status}"{more}}}"#
            )
        };
        let on_node = pods.iter().filter(|pod| pod.1);
        let node: Vec<String> = on_node
            .map(|pod| entry(pod.0, &format!(r#","id":"{}""#, pod.0)))
            .collect();
        let others = pods.iter().filter(|pod| !pod.1);
        let serverless: Vec<String> = others
            .map(|pod| entry(pod.0, r#","detect_result":"clean""#))
            .collect();
        let body = format!(
            r#"{{"total_num":9,"data_list":[{}],"pod_info_list":[{}]}}"#,
            node.join(","),
            serverless.join(",")
        );
        read_page(body.as_bytes()).unwrap().pods
    }

    /// Each pod with the status of its records of the two lists.
    fn statuses(store: &Store) -> BTreeMap<String, [Option<String>; 2]> {
        let pods: Vec<Pod> = store.snapshot().pods().collect();
        let status = |pod: &Pod| {
            pod.commons()
                .map(|common| common.and_then(|it| it.status.value().map(|status| status.raw().to_owned())))
        };
        let name = |pod: &Pod| {
            pod.name()
                .value()
                .map_or_else(String::new, |name| name.raw().to_owned())
        };
        pods.iter().map(|pod| (name(pod), status(pod))).collect()
    }

    #[test]
    fn an_older_page_adds_missing_pods_and_changes_no_others() {
        let mut store = Store::default();
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &page(&[(1, true), (2, false)], "new"));
        let mut rows = Rows::default();
        let late = [
            (1, true),
            (2, false),
            (3, true),
            (3, false),
            (1, false),
            (2, true),
        ];
        store.take_older(&page(&late, "old"), &mut rows);
        let statuses = statuses(&store);
        assert_eq!(statuses["p1"], [Some("new".to_owned()), None]);
        assert_eq!(statuses["p2"], [None, Some("new".to_owned())]);
        assert_eq!(
            statuses["p3"],
            [Some("old".to_owned()), Some("old".to_owned())],
            "both records of a pod that was missing"
        );
        assert_eq!((store.changes().total(), store.restoring), (0, false));
    }

    #[test]
    fn a_record_in_a_later_page_joins_its_restored_pod() {
        let mut store = Store::default();
        store.begin_restore();
        store.take(None, &page(&[(1, true)], "old"));
        let mut rows = store.rows();
        store.end_restore(None);
        store.take_older(&page(&[(1, false), (2, false)], "old"), &mut rows);
        store.take_older(&page(&[(2, true)], "old"), &mut rows);
        let both = [Some("old".to_owned()), Some("old".to_owned())];
        assert_eq!(
            statuses(&store),
            [("p1".to_owned(), both.clone()), ("p2".to_owned(), both)].into()
        );
    }

    #[test]
    fn a_pod_that_a_sweep_did_not_see_does_not_come_back() {
        let now = Timestamp::from_second(1_760_000_000).unwrap();
        let mut store = Store::default();
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &page(&[(1, true)], "new"));
        let mut rows = Rows::default();
        store.take_older(&page(&[(2, true)], "old"), &mut rows);
        assert_eq!(statuses(&store).len(), 2);
        assert_eq!(
            store.end_sweep(SweepKind::Fleet, &Scope::default(), now),
            1,
            "the sweep did not see it"
        );
        assert!(matches!(
            store.changes().iter().next().unwrap().kind,
            ChangeKind::Vanished
        ));
        store.take_older(&page(&[(3, true), (3, false)], "old"), &mut rows);
        assert!(!statuses(&store).contains_key("p3"));
    }

    #[test]
    fn a_pod_that_was_not_stored_has_appeared() {
        let mut store = Store::default();
        let mut rows = Rows::default();
        store.take_older(&page(&[(1, true)], "old"), &mut rows);
        store.end_restore_older(Some(&Scope::default()), None);
        store.begin_sweep(SweepKind::Fleet);
        store.take(Some(SweepKind::Fleet), &page(&[(1, true), (2, true)], "old"));
        let changes: Vec<_> = store
            .changes()
            .iter()
            .map(|it| (it.name.clone(), it.kind.clone()))
            .collect();
        assert_eq!(changes.len(), 1);
        assert!(matches!(&changes[0], (Field::Value(name), ChangeKind::Appeared) if name.raw() == "p2"));
    }

    proptest! {
        /// The new records are unchanged, and every stored pod is present.
        #[test]
        fn older_pages_in_any_order_change_no_newer_record(
            fresh in prop::collection::btree_set((0_u8..12, any::<bool>()), 0..12),
            late in prop::collection::vec(prop::collection::btree_set((0_u8..12, any::<bool>()), 0..8), 0..4),
        ) {
            let fresh: Vec<(u8, bool)> = fresh.into_iter().collect();
            let mut alone = Store::default();
            alone.take(Some(SweepKind::Fleet), &page(&fresh, "new"));
            let mut both = Store::default();
            both.take(Some(SweepKind::Fleet), &page(&fresh, "new"));
            let mut rows = Rows::default();
            for pods in &late {
                let pods: Vec<(u8, bool)> = pods.iter().copied().collect();
                both.take_older(&page(&pods, "old"), &mut rows);
            }
            let (alone, both) = (statuses(&alone), statuses(&both));
            for (name, records) in &alone {
                prop_assert_eq!(&both[name], records);
            }
            for (number, on_node) in late.iter().flatten() {
                let name = format!("p{number}");
                let record = both[&name][usize::from(!on_node)].as_deref();
                prop_assert!(alone.contains_key(&name) || record == Some("old"), "{} {:?}", name, both[&name]);
            }
        }
    }
}
