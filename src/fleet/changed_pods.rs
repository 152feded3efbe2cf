//! The pods that changed, as a filter of changes asks about them.
//!
//! Owns the data of each pod with a change in the list: as it is, or, where it is listed no more, what its changes tell of it. From
//! one picture to the next only the parts of the fleet that are not the same are read, because making thousands of pods takes
//! longer than a key may. Must not: know a filter.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::change_log::last_records;
use super::pod::{NodeRecord, Pod, PodKey};
use super::snapshot::Fleet;

/// The pods that changed.
#[derive(Debug, Clone, Default)]
pub struct ChangedPods {
    pods: HashMap<PodKey, Pod, RandomState>,
    of: Option<Fleet>,
}

impl ChangedPods {
    /// The pod with this key, if it has a change in the list.
    pub fn get(&self, key: &PodKey) -> Option<&Pod> {
        self.pods.get(key)
    }

    /// Follows a new picture.
    pub fn follow(&mut self, fleet: &Fleet) {
        if self.of.as_ref().is_some_and(|of| of.is(fleet)) {
            return;
        }
        let changes = |fleet: &Fleet| (fleet.changes().total(), fleet.changes().recorded().len());
        let is_next = |before: &Fleet| {
            before.source() == fleet.source()
                && before.rebuilds() == fleet.rebuilds()
                && before.names_version() == fleet.names_version()
                && changes(before) == changes(fleet)
        };
        // A pod that vanishes or comes back is a change, and one that is forgotten frees its name.
        match self.of.take().filter(is_next) {
            Some(before) => fleet.fill_in_since(Some(&before), &mut self.pods),
            None => self.read(fleet),
        }
        self.of = Some(fleet.clone());
    }

    fn read(&mut self, fleet: &Fleet) {
        let unknown = Pod::on_node(NodeRecord::default());
        let keys = fleet.changes().iter().map(|change| &change.pod);
        self.pods = keys.map(|key| (key.clone(), unknown.clone())).collect();
        fleet.fill_in(&mut self.pods);
        let is_unlisted = |key: &PodKey| self.pods.get(key).is_none_or(|pod| pod.key != *key);
        let unlisted = last_records(fleet.changes(), is_unlisted);
        self.pods.extend(unlisted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use crate::fleet::store::{Records, Store, SweepKind};
    use crate::fleet::{Scope, fixture};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn sweep(store: &mut Store, pods: &[Pod], at: i64) -> Fleet {
        store.begin_sweep(SweepKind::Fleet);
        store.date(Timestamp::from_second(at).ok());
        let records = Records {
            node: pods.iter().filter_map(|pod| pod.node.clone()).collect(),
            serverless: pods.iter().filter_map(|pod| pod.serverless.clone()).collect(),
        };
        store.merge(Some(SweepKind::Fleet), records);
        store.end_sweep(
            SweepKind::Fleet,
            &Scope::default(),
            Timestamp::from_second(at).unwrap(),
        );
        store.snapshot()
    }

    fn from_scratch(fleet: &Fleet) -> HashMap<PodKey, Pod, RandomState> {
        let mut pods = last_records(fleet.changes(), |_| true);
        fleet.fill_in(&mut pods);
        pods
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(64, 1_500))]

        #[test]
        fn from_picture_to_picture_they_are_those_from_scratch(
            sweeps in proptest::collection::vec(proptest::collection::vec(pods(), 0..10), 1..6),
        ) {
            let (mut store, mut changed) = (Store::default(), ChangedPods::default());
            for (at, pods) in (1_i64..).zip(sweeps) {
                let fleet = sweep(&mut store, &pods, at * 200);
                changed.follow(&fleet);
                prop_assert_eq!(&changed.pods, &from_scratch(&fleet));
            }
        }
    }

    #[test]
    fn a_usage_that_changes_without_a_change_is_followed() {
        let pod = |status, used| -> Pod { pod_fixture(status).usage(used, "1", "", "").build() };
        let (mut store, mut changed) = (Store::default(), ChangedPods::default());
        sweep(&mut store, &[pod("Running", "1m")], 100);
        changed.follow(&sweep(&mut store, &[pod("Failed", "1m")], 200));
        let fleet = sweep(&mut store, &[pod("Failed", "2m")], 300);
        changed.follow(&fleet);
        assert_eq!(changed.get(&pod("Failed", "2m").key), Some(&pod("Failed", "2m")));
        assert_eq!(fleet.changes().recorded().len(), 1);
    }

    fn pod_fixture(status: &str) -> fixture::PodFixture {
        node("a").status(status)
    }
}
