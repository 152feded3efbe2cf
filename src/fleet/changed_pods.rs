//! Which of the pods that changed pass a filter.
//!
//! Owns where each pod with a change in the list is: its row, or what its changes say of it if it is no longer listed. The rows are
//! filtered as those of the pods view are, column by column; making thousands of pods takes longer than a key may. Must not: make
//! a pod that is listed.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use jiff::Timestamp;

use super::change_log::last_records;
use super::filter;
use super::pod::{Pod, PodKey};
use super::query::eval::ReadyQuery;
use super::query::{Query, Test};
use super::scope::Scope;
use super::snapshot::Fleet;
use super::store::mask::Mask;
use super::store::place;

/// The pods that changed.
#[derive(Debug, Clone, Default)]
pub struct ChangedPods {
    rows: HashMap<PodKey, u32, RandomState>,
    /// The pods that have no row.
    unlisted: HashMap<PodKey, Pod, RandomState>,
    of: Option<Fleet>,
}

impl ChangedPods {
    /// Follows a new picture.
    pub fn follow(&mut self, fleet: &Fleet) {
        if !self.of.as_ref().is_some_and(|of| of.is(fleet)) {
            self.find(fleet);
            self.of = Some(fleet.clone());
        }
    }

    fn find(&mut self, fleet: &Fleet) {
        self.rows.clear();
        let mut sought: HashSet<&PodKey, RandomState> = HashSet::default();
        for recorded in fleet.changes().recorded() {
            let key = &recorded.change.pod;
            match recorded.row.filter(|row| fleet.holds(*row, key)) {
                Some(row) => drop(self.rows.insert(key.clone(), row)),
                None => drop(sought.insert(key)),
            }
        }
        sought.retain(|key| !self.rows.contains_key(*key));
        if !sought.is_empty() {
            self.rows.extend(fleet.rows_of(&sought));
        }
        self.unlisted = last_records(fleet.changes().iter(), |key| !self.rows.contains_key(key));
    }

    /// Those that pass a filter.
    pub fn passing<'a>(&'a self, query: &'a Query, now: Timestamp) -> PassingPods<'a> {
        let masks = self.of.as_ref().map(|fleet| {
            let rows = filter::in_scope(fleet, &Scope::default());
            filter::passing(fleet, &rows, query, false, now)
        });
        PassingPods {
            pods: self,
            masks: masks.unwrap_or_default(),
            query: ReadyQuery::of(query),
            now,
        }
    }
}

/// The pods that changed and pass a filter.
#[derive(Debug)]
pub struct PassingPods<'a> {
    pods: &'a ChangedPods,
    masks: Vec<Mask>,
    query: ReadyQuery<&'a Test>,
    now: Timestamp,
}

impl PassingPods<'_> {
    /// Whether the pod with this key is one of them.
    pub fn has(&self, key: &PodKey) -> bool {
        if let Some(row) = self.pods.rows.get(key) {
            let (chunk, at) = place(*row);
            return self.masks.get(chunk).is_some_and(|mask| mask.has(at));
        }
        let pod = self.pods.unlisted.get(key);
        pod.is_some_and(|pod| self.query.matches(pod, self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use crate::fleet::query::eval;
    use crate::fleet::store::{Records, Store, SweepKind};
    use proptest::prelude::*;

    fn sweep(store: &mut Store, pods: &[Pod], at: i64) -> Fleet {
        store.begin_sweep(SweepKind::Fleet);
        store.date(Timestamp::from_second(at).ok());
        let records = Records {
            node: pods.iter().filter_map(|pod| pod.node.clone()).collect(),
            serverless: pods.iter().filter_map(|pod| pod.serverless.clone()).collect(),
        };
        store.merge(Some(SweepKind::Fleet), records);
        let then = Timestamp::from_second(at).unwrap();
        store.end_sweep(SweepKind::Fleet, &Scope::default(), then);
        store.snapshot()
    }

    fn from_scratch(fleet: &Fleet) -> HashMap<PodKey, Pod, RandomState> {
        let mut pods = last_records(fleet.changes().iter(), |_| true);
        fleet.fill_in(&mut pods);
        pods
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(64, 250))]

        #[test]
        fn those_pass_that_would_pass_one_by_one_in_every_picture(
            sweeps in proptest::collection::vec(proptest::collection::vec(pods(), 0..10), 1..6),
        ) {
            let (mut store, mut changed) = (Store::default(), ChangedPods::default());
            let now = Timestamp::from_second(2_000).unwrap();
            for (at, pods) in (1_i64..).zip(sweeps) {
                let fleet = sweep(&mut store, &pods, at * 200);
                changed.follow(&fleet);
                for filter in ["", "a", "ns:a", "!kind:serverless", "status:Failed cpu%<80", "detect:risk"] {
                    let query = Query::parse(filter).unwrap();
                    let passing = changed.passing(&query, now);
                    // Pods without a name may have a key in common.
                    let is_one = |key: &PodKey| fleet.pods().filter(|pod| pod.key == *key).count() < 2;
                    let pods = from_scratch(&fleet);
                    for (key, pod) in pods.into_iter().filter(|(key, _)| is_one(key)) {
                        prop_assert_eq!(passing.has(&key), eval::matches(&query, &pod, now), "{} {:?}", filter, pod);
                    }
                }
            }
        }
    }

    #[test]
    fn a_usage_that_changes_without_a_change_is_followed() {
        let pod = |status, used| -> Pod { node("a").status(status).usage(used, "1", "", "").build() };
        let (mut store, mut changed) = (Store::default(), ChangedPods::default());
        sweep(&mut store, &[pod("Running", "1m")], 100);
        changed.follow(&sweep(&mut store, &[pod("Failed", "1m")], 200));
        let fleet = sweep(&mut store, &[pod("Failed", "900m")], 300);
        let (query, now) = (Query::parse("cpu%>=90").unwrap(), Timestamp::UNIX_EPOCH);
        let key = pod("Failed", "1m").key;
        assert!(!changed.passing(&query, now).has(&key));
        changed.follow(&fleet);
        assert!(changed.passing(&query, now).has(&key));
    }
}
