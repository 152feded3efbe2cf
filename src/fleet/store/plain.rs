//! The store in its plainest form: the reference that the columns are held against.
//!
//! Keeps every pod whole and every key in a map. Must not: be clever.

use std::collections::HashMap;
use std::sync::Arc;

use super::Records;
use crate::fleet::pod::{NodeRecord, Pod, PodKey, ServerlessRecord};
use crate::fleet::scope::Scope;

/// One pass over the answer's pages, as the store numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass(u64);

/// A pod and the passes that last met its records.
#[derive(Debug)]
struct Entry {
    pod: Arc<Pod>,
    node_met: Pass,
    serverless_met: Pass,
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Plain {
    entries: Vec<Entry>,
    /// Identity to place.
    by_key: HashMap<PodKey, usize>,
    /// Cluster, namespace and name to place: how the two lists find each other.
    by_name: HashMap<PodKey, usize>,
    pass: Pass,
}

impl Plain {
    /// Begins a new pass over the pages; [`Plain::end_pass`] may then tell what has vanished.
    pub fn begin_pass(&mut self) {
        self.pass = Pass(self.pass.0 + 1);
    }

    /// Merges one page. Answers how many of its records this pass had not met before: a page that repeats
    /// others answers 0.
    pub fn merge(&mut self, records: Records) -> usize {
        let node = records
            .node
            .into_iter()
            .filter_map(|record| self.merge_node(record))
            .count();
        let serverless = records
            .serverless
            .into_iter()
            .filter_map(|record| self.merge_serverless(record))
            .count();
        node + serverless
    }

    fn merge_node(&mut self, record: NodeRecord) -> Option<()> {
        let pass = self.pass;
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
            self.push(Arc::new(Pod::on_node(record)), name, |entry| {
                entry.node_met = pass;
            });
            return Some(());
        };
        let news = entry.node_met != pass;
        entry.node_met = pass;
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
        news.then_some(())
    }

    fn merge_serverless(&mut self, record: ServerlessRecord) -> Option<()> {
        let pass = self.pass;
        let name = PodKey::from_name(&record.common);
        let place = self.by_name.get(&name).copied();
        let Some(entry) = place.and_then(|at| self.entries.get_mut(at)) else {
            self.push(Arc::new(Pod::serverless(record)), name, |entry| {
                entry.serverless_met = pass;
            });
            return Some(());
        };
        let news = entry.serverless_met != pass;
        entry.serverless_met = pass;
        if entry.pod.serverless.as_ref() != Some(&record) {
            Arc::make_mut(&mut entry.pod).serverless = Some(record);
        }
        news.then_some(())
    }

    fn push(&mut self, pod: Arc<Pod>, name: PodKey, met: impl FnOnce(&mut Entry)) {
        let at = self.entries.len();
        self.by_key.insert(pod.key.clone(), at);
        self.by_name.entry(name).or_insert(at);
        let mut entry = Entry {
            pod,
            node_met: Pass::default(),
            serverless_met: Pass::default(),
        };
        met(&mut entry);
        self.entries.push(entry);
    }

    /// Ends a complete pass over `scope`: every pod that an answer to `scope` surely holds and this pass did not
    /// meet is gone. Answers how many are.
    pub fn end_pass(&mut self, scope: &Scope) -> usize {
        let (pass, before) = (self.pass, self.entries.len());
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| scope.must_hold(&entry.pod))
        {
            let loses_node = entry.node_met != pass && entry.pod.node.is_some();
            let loses_serverless = entry.serverless_met != pass && entry.pod.serverless.is_some();
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

    /// The pods, in the order in which they were first met.
    pub fn pods(&self) -> Vec<Pod> {
        self.entries.iter().map(|entry| (*entry.pod).clone()).collect()
    }
}
