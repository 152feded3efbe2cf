//! The store in its plainest form: the reference that the columns are held against.
//!
//! Keeps every pod whole and looks at all of them. Must not: be clever.

use std::collections::HashMap;

use super::{Lane, Records};
use crate::fleet::pod::{CommonFields, NodeRecord, Pod, PodKey, ServerlessRecord};
use crate::fleet::scope::{Reach, Scope};

/// When a record was met, and in the pass of which lane, if in one.
#[derive(Debug, Default)]
struct Meetings(Vec<(Option<Lane>, u64)>);

impl Meetings {
    /// Whether the pass itself, which began then, has met it.
    fn in_pass(&self, lane: Option<Lane>, began: u64) -> bool {
        let mut meetings = self.0.iter();
        meetings.any(|(met_by, at)| *met_by == lane && *at >= began)
    }

    /// Whether any page brought it since then.
    fn since(&self, began: u64) -> bool {
        self.0.iter().any(|(_, at)| *at >= began)
    }
}

/// A pod and when its records were met.
#[derive(Debug)]
struct Entry {
    pod: Pod,
    node_met: Meetings,
    serverless_met: Meetings,
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct Plain {
    entries: Vec<Entry>,
    /// Grows with every pass that begins.
    time: u64,
    /// When the passes under way began.
    began: HashMap<Lane, u64>,
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

    /// Whether its node record came since then.
    fn is_on_node(&self, began: u64) -> bool {
        self.pod.node.is_some() && self.node_met.since(began)
    }
}

impl Plain {
    /// Begins a new pass over the pages; [`Plain::end_pass`] may then tell what has vanished.
    pub fn begin_pass(&mut self, lane: Lane) {
        self.time += 1;
        self.began.insert(lane, self.time);
    }

    /// When the pass of the lane began.
    fn began(&self, lane: Lane) -> u64 {
        self.began.get(&lane).copied().unwrap_or(0)
    }

    /// Merges one page. Answers how many of its records this pass had not met before: a page that repeats
    /// others answers 0.
    pub fn merge(&mut self, lane: Lane, records: Records) -> usize {
        let node = records
            .node
            .into_iter()
            .filter_map(|record| self.merge_node(lane, record))
            .count();
        let serverless = records
            .serverless
            .into_iter()
            .filter_map(|record| self.merge_serverless(lane, record))
            .count();
        node + serverless
    }

    fn merge_node(&mut self, by: Lane, record: NodeRecord) -> Option<()> {
        let (began, meeting) = (self.began(by), (Some(by), self.time));
        let key = PodKey::of_node(&record);
        let name = PodKey::from_name(&record.common);
        let known = self.entries.iter().position(|entry| entry.pod.key == key);
        // A pod known from the serverless list alone becomes this one.
        let lone = |entry: &Entry| entry.pod.node.is_none() && entry.name() == name;
        let known = known.or_else(|| self.entries.iter().position(lone));
        let Some(entry) = known.and_then(|at| self.entries.get_mut(at)) else {
            self.push(Pod::on_node(record)).node_met.0.push(meeting);
            return Some(());
        };
        let news = !entry.node_met.in_pass(Some(by), began);
        entry.node_met.0.push(meeting);
        entry.pod.key = key;
        entry.pod.node = Some(record);
        news.then_some(())
    }

    fn merge_serverless(&mut self, lane: Lane, record: ServerlessRecord) -> Option<()> {
        let (began, meeting) = (self.began(lane), (Some(lane), self.time));
        let name = PodKey::from_name(&record.common);
        let named = self.entries.iter_mut().filter(|entry| entry.name() == name);
        // Of a pod that was created anew under its name, the one whose node record came since the pass began.
        let Some(entry) = named.min_by_key(|entry| (!entry.is_on_node(began), entry.pod.node.is_none()))
        else {
            self.push(Pod::serverless(record)).serverless_met.0.push(meeting);
            return Some(());
        };
        let news = !entry.serverless_met.in_pass(Some(lane), began);
        entry.serverless_met.0.push(meeting);
        entry.pod.serverless = Some(record);
        news.then_some(())
    }

    fn push(&mut self, pod: Pod) -> &mut Entry {
        self.entries.push(Entry {
            pod,
            node_met: Meetings::default(),
            serverless_met: Meetings::default(),
        });
        self.entries.last_mut().unwrap()
    }

    /// Ends a complete pass over `scope`: every pod that an answer to `scope` surely holds and that no page brought since the
    /// pass began is gone. Answers how many are.
    pub fn end_pass(&mut self, lane: Lane, scope: &Scope) -> usize {
        let (began, before) = (self.began(lane), self.entries.len());
        for at in 0..before {
            let Some(entry) = self
                .entries
                .get_mut(at)
                .filter(|entry| scope.surely_holds(&entry.pod, Reach::default()))
            else {
                continue;
            };
            let loses_node = !entry.node_met.since(began) && entry.pod.node.is_some();
            if !entry.serverless_met.since(began) {
                entry.pod.serverless = None;
            }
            if loses_node {
                entry.pod.node = None;
                self.leave_node(at, began);
            }
        }
        self.entries
            .retain(|entry| entry.pod.node.is_some() || entry.pod.serverless.is_some());
        before - self.entries.len()
    }

    /// What becomes of the serverless record of a pod whose node record is gone: it is that of the pod which was created anew
    /// under the name, or else all that is left.
    fn leave_node(&mut self, at: usize, began: u64) {
        let entry = self.entries.get_mut(at);
        let Some((entry, serverless)) = entry.and_then(|entry| {
            let serverless = entry.pod.serverless.take()?;
            Some((entry, serverless))
        }) else {
            return;
        };
        let name = PodKey::from_name(&serverless.common);
        entry.pod.key = name.clone();
        let met = std::mem::take(&mut entry.serverless_met);
        let mut heirs = self.entries.iter_mut();
        if let Some(heir) = heirs.find(|entry| entry.is_on_node(began) && entry.name() == name) {
            if heir.pod.serverless.is_none() || !heir.serverless_met.since(began) {
                heir.pod.serverless = Some(serverless);
                heir.serverless_met.0.extend(met.0);
            }
        } else if let Some(entry) = self.entries.get_mut(at) {
            entry.pod.serverless = Some(serverless);
            entry.serverless_met = met;
        }
    }

    /// The pods, in the order in which they were first met.
    pub fn pods(&self) -> Vec<Pod> {
        self.entries.iter().map(|entry| entry.pod.clone()).collect()
    }
}
