//! The fleet: every pod that is known, merged page by page.
//!
//! [`Store`] is what the fetch task builds; [`Fleet`] is the picture of it that the screen gets, which never
//! changes. A page updates its own rows at once. A pod vanishes only when a *complete* sweep did not meet it.
//! Must not: know pages, calls or time.

use std::collections::HashMap;
use std::sync::Arc;

use super::pod::{NodeRecord, Pod, PodKey, ServerlessRecord};
use super::scope::Scope;

/// The pods that are known, in the order in which they were first met. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    pods: Arc<[Arc<Pod>]>,
}

impl Fleet {
    /// Its pods.
    pub fn pods(&self) -> &[Arc<Pod>] {
        &self.pods
    }

    /// How many pods it has.
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }
}

impl FromIterator<Pod> for Fleet {
    fn from_iter<I: IntoIterator<Item = Pod>>(pods: I) -> Self {
        Self {
            pods: pods.into_iter().map(Arc::new).collect(),
        }
    }
}

/// One pass over the answer's pages, as the store numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass(u64);

/// Which of the passes that may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Over the fleet.
    Fleet,
    /// Over a part of it.
    Part,
}

/// A pod and the passes of each lane that last met its records.
#[derive(Debug)]
struct Entry {
    pod: Arc<Pod>,
    node_met: [Pass; 2],
    serverless_met: [Pass; 2],
}

/// Notes that `pass` met a record; answers whether it had not before. A page beside all passes meets nothing new.
fn meet(met: &mut [Pass; 2], pass: Option<(Lane, Pass)>) -> Option<()> {
    let (lane, pass) = pass?;
    let slot = met.get_mut(lane as usize)?;
    let news = *slot != pass;
    *slot = pass;
    news.then_some(())
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Store {
    entries: Vec<Entry>,
    /// Identity to place.
    by_key: HashMap<PodKey, usize>,
    /// Cluster, namespace and name to place: how the two lists find each other.
    by_name: HashMap<PodKey, usize>,
    passes: [Pass; 2],
}

/// Both lists of one page.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// `data_list`
    pub node: Vec<NodeRecord>,
    /// `pod_info_list`
    pub serverless: Vec<ServerlessRecord>,
}

impl Records {
    /// How many there are, of both lists.
    pub fn len(&self) -> usize {
        self.node.len() + self.serverless.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Store {
    /// Begins a new pass of `lane` over the pages; [`Store::end_pass`] may then tell what has vanished.
    pub fn begin_pass(&mut self, lane: Lane) {
        if let Some(pass) = self.passes.get_mut(lane as usize) {
            *pass = Pass(pass.0 + 1);
        }
    }

    fn pass(&self, lane: Lane) -> Pass {
        self.passes.get(lane as usize).copied().unwrap_or_default()
    }

    /// Merges one page of the pass of `lane`, or a page beside all passes. Answers how many of its records the pass had
    /// not met before: a page that repeats others answers 0.
    pub fn merge(&mut self, lane: Option<Lane>, records: Records) -> usize {
        let pass = lane.map(|lane| (lane, self.pass(lane)));
        let node = records
            .node
            .into_iter()
            .filter_map(|record| self.merge_node(record, pass))
            .count();
        let serverless = records
            .serverless
            .into_iter()
            .filter_map(|record| self.merge_serverless(record, pass))
            .count();
        node + serverless
    }

    fn merge_node(&mut self, record: NodeRecord, pass: Option<(Lane, Pass)>) -> Option<()> {
        let key = PodKey::of_node(&record);
        let name = PodKey::from_name(&record.common);
        // A pod known from the serverless list alone becomes this one.
        let lone = |at: &usize| {
            self.entries
                .get(*at)
                .is_some_and(|entry| entry.pod.node.is_none())
        };
        let place = self
            .by_key
            .get(&key)
            .copied()
            .or_else(|| self.by_name.get(&name).copied().filter(lone));
        let Some((at, entry)) = place.and_then(|at| self.entries.get_mut(at).map(|entry| (at, entry))) else {
            return self.push(Arc::new(Pod::on_node(record)), name, |entry| {
                meet(&mut entry.node_met, pass)
            });
        };
        let news = meet(&mut entry.node_met, pass);
        if entry.pod.key != key {
            self.by_key.remove(&entry.pod.key);
        }
        if entry.pod.node.as_ref() != Some(&record) {
            let old_name = entry
                .pod
                .node
                .as_ref()
                .map(|node| PodKey::from_name(&node.common));
            if old_name.as_ref().is_some_and(|old| *old != name) {
                old_name.map(|old| self.by_name.remove(&old));
            }
            let pod = Arc::make_mut(&mut entry.pod);
            pod.key.clone_from(&key);
            pod.node = Some(record);
        }
        self.by_key.insert(key, at);
        self.by_name.entry(name).or_insert(at);
        news
    }

    fn merge_serverless(&mut self, record: ServerlessRecord, pass: Option<(Lane, Pass)>) -> Option<()> {
        let name = PodKey::from_name(&record.common);
        let place = self.by_name.get(&name).copied();
        let Some(entry) = place.and_then(|at| self.entries.get_mut(at)) else {
            return self.push(Arc::new(Pod::serverless(record)), name, |entry| {
                meet(&mut entry.serverless_met, pass)
            });
        };
        let news = meet(&mut entry.serverless_met, pass);
        if entry.pod.serverless.as_ref() != Some(&record) {
            Arc::make_mut(&mut entry.pod).serverless = Some(record);
        }
        news
    }

    fn push(
        &mut self,
        pod: Arc<Pod>,
        name: PodKey,
        meet: impl FnOnce(&mut Entry) -> Option<()>,
    ) -> Option<()> {
        let at = self.entries.len();
        self.by_key.insert(pod.key.clone(), at);
        self.by_name.entry(name).or_insert(at);
        let mut entry = Entry {
            pod,
            node_met: <[Pass; 2]>::default(),
            serverless_met: <[Pass; 2]>::default(),
        };
        let news = meet(&mut entry);
        self.entries.push(entry);
        news
    }

    /// Ends a complete pass over `scope`: every pod that an answer to `scope` surely holds and this pass did not
    /// meet is gone. Answers how many are.
    pub fn end_pass(&mut self, lane: Lane, scope: &Scope) -> usize {
        let (pass, before) = (self.passes.get(lane as usize).copied(), self.entries.len());
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| scope.must_hold(&entry.pod))
        {
            let loses_node = entry.node_met.get(lane as usize).copied() != pass && entry.pod.node.is_some();
            let loses_serverless =
                entry.serverless_met.get(lane as usize).copied() != pass && entry.pod.serverless.is_some();
            if loses_node || loses_serverless {
                let pod = Arc::make_mut(&mut entry.pod);
                if loses_node {
                    pod.node = None;
                    pod.key = pod.serverless.as_ref().map_or_else(
                        || pod.key.clone(),
                        |serverless| PodKey::from_name(&serverless.common),
                    );
                }
                if loses_serverless {
                    pod.serverless = None;
                }
            }
        }
        self.entries
            .retain(|entry| entry.pod.node.is_some() || entry.pod.serverless.is_some());
        self.index();
        before - self.entries.len()
    }

    fn index(&mut self) {
        self.by_key.clear();
        self.by_name.clear();
        for (at, entry) in self.entries.iter().enumerate() {
            self.by_key.insert(entry.pod.key.clone(), at);
            let records = [
                entry.pod.node.as_ref().map(|node| &node.common),
                entry.pod.serverless.as_ref().map(|it| &it.common),
            ];
            for common in records.into_iter().flatten() {
                self.by_name.entry(PodKey::from_name(common)).or_insert(at);
            }
        }
    }

    /// The fleet as it is now.
    pub fn snapshot(&self) -> Fleet {
        Fleet {
            pods: self.entries.iter().map(|entry| Arc::clone(&entry.pod)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::fleet::text::RemoteText;
    use crate::fleet::words::Status;
    use proptest::prelude::*;

    fn nodes(names: &[&str]) -> Records {
        Records {
            node: names.iter().map(|name| node(name).node_record()).collect(),
            serverless: vec![],
        }
    }

    fn names(store: &Store) -> Vec<String> {
        let fleet = store.snapshot();
        fleet
            .pods()
            .iter()
            .filter_map(|pod| pod.name().value().map(|name| name.raw().to_owned()))
            .collect()
    }

    fn started() -> Store {
        let mut store = Store::default();
        store.begin_pass(Lane::Fleet);
        store
    }

    #[test]
    fn a_page_adds_and_updates_and_counts_what_is_new() {
        let mut store = started();
        assert_eq!(store.merge(Some(Lane::Fleet), nodes(&["a", "b"])), 2);
        assert_eq!(store.merge(Some(Lane::Fleet), nodes(&["b", "c"])), 1);
        let failed = Records {
            node: vec![node("a").status("Failed").node_record()],
            serverless: vec![],
        };
        assert_eq!(store.merge(Some(Lane::Fleet), failed), 0);
        assert_eq!(names(&store), ["a", "b", "c"]);
        assert_eq!(store.snapshot().pods()[0].status().value(), Some(&Status::Failed));
    }

    #[test]
    fn a_snapshot_does_not_change_afterwards() {
        let mut store = started();
        store.merge(Some(Lane::Fleet), nodes(&["a"]));
        let before = store.snapshot();
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![node("a").status("Failed").node_record()],
                serverless: vec![],
            },
        );
        assert_eq!(before.pods()[0].status().value(), Some(&Status::Running));
    }

    #[test]
    fn both_lists_become_one_list_of_pods_in_either_order() {
        let node_record = || node("burst-0").node_record();
        let serverless_record = || {
            serverless("burst-0")
                .security("opened", "risk")
                .serverless_record()
        };
        let pages = [
            vec![Records {
                node: vec![node_record()],
                serverless: vec![serverless_record()],
            }],
            vec![
                Records {
                    node: vec![],
                    serverless: vec![serverless_record()],
                },
                Records {
                    node: vec![node_record()],
                    serverless: vec![],
                },
            ],
        ];
        for order in pages {
            let mut store = started();
            let met: usize = order
                .into_iter()
                .map(|page| store.merge(Some(Lane::Fleet), page))
                .sum();
            assert_eq!(met, 2, "both records count");
            let fleet = store.snapshot();
            assert_eq!(fleet.len(), 1);
            assert!(fleet.pods()[0].node.is_some() && fleet.pods()[0].serverless.is_some());
            assert_eq!(fleet.pods()[0].id().value().map(RemoteText::raw), Some("burst-0"));
        }
    }

    #[test]
    fn equal_names_in_two_clusters_stay_two() {
        let mut store = started();
        let twin = |cluster: &str| node("web-0").id(cluster).within(cluster, "n").node_record();
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![twin("a"), twin("b")],
                serverless: vec![],
            },
        );
        assert_eq!(store.snapshot().len(), 2);
        let burst = serverless("web-0").within("b", "n").serverless_record();
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![],
                serverless: vec![burst],
            },
        );
        let fleet = store.snapshot();
        assert_eq!(fleet.len(), 2);
        assert!(fleet.pods()[0].serverless.is_none() && fleet.pods()[1].serverless.is_some());
    }

    #[test]
    fn only_a_complete_pass_makes_pods_vanish() {
        let mut store = started();
        store.merge(Some(Lane::Fleet), nodes(&["a", "b"]));
        store.begin_pass(Lane::Fleet);
        store.merge(Some(Lane::Fleet), nodes(&["b"]));
        assert_eq!(names(&store), ["a", "b"]);
        assert_eq!(store.end_pass(Lane::Fleet, &Scope::default()), 1);
        assert_eq!(names(&store), ["b"]);
        assert_eq!(
            store.merge(Some(Lane::Fleet), nodes(&["b", "c"])),
            1,
            "the index still holds"
        );
    }

    #[test]
    fn a_pod_that_leaves_one_list_stays_in_the_other() {
        let mut store = started();
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![node("x").node_record()],
                serverless: vec![serverless("x").serverless_record()],
            },
        );
        store.begin_pass(Lane::Fleet);
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![],
                serverless: vec![serverless("x").serverless_record()],
            },
        );
        assert_eq!(store.end_pass(Lane::Fleet, &Scope::default()), 0);
        assert!(store.snapshot().pods()[0].node.is_none());
        store.begin_pass(Lane::Fleet);
        assert_eq!(
            store.merge(
                Some(Lane::Fleet),
                Records {
                    node: vec![node("x").node_record()],
                    serverless: vec![]
                }
            ),
            1
        );
        assert_eq!(store.snapshot().len(), 1);
    }

    #[test]
    fn a_pass_over_a_scope_judges_only_what_it_must_hold() {
        let mut store = started();
        let pod = |name: &str, namespace: &str| node(name).within("c", namespace).node_record();
        store.merge(
            Some(Lane::Fleet),
            Records {
                node: vec![pod("a", "pay"), pod("b", "payments"), pod("c", "search")],
                serverless: vec![],
            },
        );
        store.begin_pass(Lane::Fleet);
        let scope = Scope {
            namespace: Some("pay".into()),
            ..Scope::default()
        };
        assert_eq!(store.end_pass(Lane::Fleet, &scope), 1);
        assert_eq!(
            names(&store),
            ["b", "c"],
            "an exact match is gone, a partial one may just not be answered"
        );
    }

    proptest! {
        /// Any sequence of passes over any subsets: no row doubled, and after a complete pass exactly its own.
        #[test]
        fn no_row_is_lost_or_doubled(passes in prop::collection::vec(
            prop::collection::vec((0_u8..12, any::<bool>()), 0..30), 1..6)
        ) {
            let mut store = Store::default();
            for pass in passes {
                store.begin_pass(Lane::Fleet);
                for (number, on_node) in &pass {
                    let name = format!("p{number}");
                    store.merge(Some(Lane::Fleet), if *on_node {
                        nodes(&[&name])
                    } else {
                        Records { node: vec![], serverless: vec![serverless(&name).serverless_record()] }
                    });
                }
                store.end_pass(Lane::Fleet, &Scope::default());
                let mut expected: Vec<String> = pass.iter().map(|(number, _)| format!("p{number}")).collect();
                expected.sort();
                expected.dedup();
                let mut found = names(&store);
                found.sort();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
