//! The store in its plainest form: the reference that the columns are held against.
//!
//! Keeps every pod whole and looks at all of them. Must not: be clever.

use super::Records;
use crate::fleet::pod::{CommonFields, NodeRecord, Pod, PodKey, ServerlessRecord};
use crate::fleet::scope::Scope;

/// One pass over the answer's pages, as the store numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pass(u64);

/// A pod and the passes that last met its records.
#[derive(Debug)]
struct Entry {
    pod: Pod,
    node_met: Pass,
    serverless_met: Pass,
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Plain {
    entries: Vec<Entry>,
    pass: Pass,
}

impl Entry {
    /// Cluster, namespace and name: how the two lists find each other.
    fn name(&self) -> PodKey {
        PodKey::from_name(&CommonFields {
            cluster: self.pod.cluster().clone(),
            namespace: self.pod.namespace().clone(),
            name: self.pod.name().clone(),
            ..CommonFields::default()
        })
    }

    /// Whether this pass met its node record.
    fn is_on_node(&self, pass: Pass) -> bool {
        self.pod.node.is_some() && self.node_met == pass
    }
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
        let known = self.entries.iter().position(|entry| entry.pod.key == key);
        // A pod known from the serverless list alone becomes this one.
        let lone = |entry: &Entry| entry.pod.node.is_none() && entry.name() == name;
        let known = known.or_else(|| self.entries.iter().position(lone));
        let Some(entry) = known.and_then(|at| self.entries.get_mut(at)) else {
            self.push(Pod::on_node(record)).node_met = pass;
            return Some(());
        };
        let news = entry.node_met != pass;
        entry.node_met = pass;
        entry.pod.key = key;
        entry.pod.node = Some(record);
        news.then_some(())
    }

    fn merge_serverless(&mut self, record: ServerlessRecord) -> Option<()> {
        let pass = self.pass;
        let name = PodKey::from_name(&record.common);
        let named = self.entries.iter_mut().filter(|entry| entry.name() == name);
        // Of a pod that was created anew under its name, the one that this pass has met.
        let Some(entry) = named.min_by_key(|entry| (!entry.is_on_node(pass), entry.pod.node.is_none()))
        else {
            self.push(Pod::serverless(record)).serverless_met = pass;
            return Some(());
        };
        let news = entry.serverless_met != pass;
        entry.serverless_met = pass;
        entry.pod.serverless = Some(record);
        news.then_some(())
    }

    fn push(&mut self, pod: Pod) -> &mut Entry {
        self.entries.push(Entry {
            pod,
            node_met: Pass::default(),
            serverless_met: Pass::default(),
        });
        self.entries.last_mut().unwrap()
    }

    /// Ends a complete pass over `scope`: every pod that an answer to `scope` surely holds and this pass did not
    /// meet is gone. Answers how many are.
    pub fn end_pass(&mut self, scope: &Scope) -> usize {
        let (pass, before) = (self.pass, self.entries.len());
        for at in 0..before {
            let Some(entry) = self
                .entries
                .get_mut(at)
                .filter(|entry| scope.must_hold(&entry.pod))
            else {
                continue;
            };
            let loses_node = entry.node_met != pass && entry.pod.node.is_some();
            if entry.serverless_met != pass {
                entry.pod.serverless = None;
            }
            if loses_node {
                entry.pod.node = None;
                self.leave_node(at);
            }
        }
        self.entries
            .retain(|entry| entry.pod.node.is_some() || entry.pod.serverless.is_some());
        before - self.entries.len()
    }

    /// What becomes of the serverless record of a pod whose node record is gone: it is that of the pod which was created anew
    /// under the name, or else all that is left.
    fn leave_node(&mut self, at: usize) {
        let pass = self.pass;
        let entry = self.entries.get_mut(at);
        let Some((entry, serverless)) = entry.and_then(|entry| {
            let serverless = entry.pod.serverless.take()?;
            Some((entry, serverless))
        }) else {
            return;
        };
        let name = PodKey::from_name(&serverless.common);
        entry.pod.key = name.clone();
        let mut heirs = self.entries.iter_mut();
        if let Some(heir) = heirs.find(|entry| entry.is_on_node(pass) && entry.name() == name) {
            if heir.pod.serverless.is_none() || heir.serverless_met != pass {
                heir.pod.serverless = Some(serverless);
                heir.serverless_met = pass;
            }
        } else if let Some(entry) = self.entries.get_mut(at) {
            entry.pod.serverless = Some(serverless);
        }
    }

    /// The pods, in the order in which they were first met.
    pub fn pods(&self) -> Vec<Pod> {
        self.entries.iter().map(|entry| entry.pod.clone()).collect()
    }
}
