//! The simplest possible store: the reference for the columns.
//!
//! It stores complete pods and searches all of them. Must not: be clever.

use std::collections::HashMap;

use super::{Records, SweepKind};
use crate::fleet::pod::{CommonFields, NodeRecord, Pod, PodKey, ServerlessRecord};
use crate::fleet::scope::{Reach, Scope};

/// When a record was seen, and by which kind of sweep, if any.
#[derive(Debug, Default)]
struct Meetings(Vec<(Option<SweepKind>, u64)>);

impl Meetings {
    /// Whether the sweep that began then has seen it itself.
    fn in_sweep(&self, kind: Option<SweepKind>, began: u64) -> bool {
        let mut meetings = self.0.iter();
        meetings.any(|(seen_by, at)| *seen_by == kind && *at >= began)
    }

    /// Whether any page contained it since then.
    fn since(&self, began: u64) -> bool {
        self.0.iter().any(|(_, at)| *at >= began)
    }
}

/// A pod, and when its records were seen.
#[derive(Debug)]
struct ReferenceEntry {
    pod: Pod,
    node_seen: Meetings,
    serverless_seen: Meetings,
}

/// The fleet being built.
#[derive(Debug, Default)]
pub struct ReferenceStore {
    entries: Vec<ReferenceEntry>,
    /// The number of sweeps that have begun.
    time: u64,
    /// When the running sweeps began.
    began: HashMap<SweepKind, u64>,
}

impl ReferenceEntry {
    /// Cluster, namespace and name, which the two lists have in common.
    fn name(&self) -> PodKey {
        PodKey::from_name(&CommonFields {
            cluster: self.pod.cluster().clone(),
            namespace: self.pod.namespace().clone(),
            name: self.pod.name().clone(),
            ..CommonFields::default()
        })
    }

    /// Whether its node record was seen since then.
    fn is_on_node(&self, began: u64) -> bool {
        self.pod.node.is_some() && self.node_seen.since(began)
    }
}

impl ReferenceStore {
    /// Begins a new sweep over the pages; [`ReferenceStore::end_sweep`] then finds out which pods have
    /// vanished.
    pub fn begin_sweep(&mut self, kind: SweepKind) {
        self.time += 1;
        self.began.insert(kind, self.time);
    }

    /// When the sweep of this kind began.
    fn began(&self, kind: SweepKind) -> u64 {
        self.began.get(&kind).copied().unwrap_or(0)
    }

    /// Merges one page. Returns how many of its records this sweep had not seen before: 0 for a page that
    /// only repeats others.
    pub fn merge(&mut self, kind: SweepKind, records: Records) -> usize {
        let node = records
            .node
            .into_iter()
            .filter_map(|record| self.merge_node(kind, record))
            .count();
        let serverless = records
            .serverless
            .into_iter()
            .filter_map(|record| self.merge_serverless(kind, record))
            .count();
        node + serverless
    }

    fn merge_node(&mut self, by: SweepKind, record: NodeRecord) -> Option<()> {
        let (began, meeting) = (self.began(by), (Some(by), self.time));
        let key = PodKey::of_node(&record);
        let name = PodKey::from_name(&record.common);
        let known = self.entries.iter().position(|entry| entry.pod.key == key);
        // A pod that was only in the serverless list becomes this one.
        let lone = |entry: &ReferenceEntry| entry.pod.node.is_none() && entry.name() == name;
        let known = known.or_else(|| self.entries.iter().position(lone));
        let Some(entry) = known.and_then(|at| self.entries.get_mut(at)) else {
            self.push(Pod::on_node(record)).node_seen.0.push(meeting);
            return Some(());
        };
        let news = !entry.node_seen.in_sweep(Some(by), began);
        entry.node_seen.0.push(meeting);
        entry.pod.key = key;
        entry.pod.node = Some(record);
        news.then_some(())
    }

    fn merge_serverless(&mut self, kind: SweepKind, record: ServerlessRecord) -> Option<()> {
        let (began, meeting) = (self.began(kind), (Some(kind), self.time));
        let name = PodKey::from_name(&record.common);
        let named = self.entries.iter_mut().filter(|entry| entry.name() == name);
        // Of two pods with the same name, the one whose node record was seen since the sweep began; of two such pods, the later.
        let rank = |entry: &ReferenceEntry| (!entry.is_on_node(began), entry.pod.node.is_none());
        let first = named.min_by(|one, other| {
            let by_creation = || one.pod.by_creation(&other.pod);
            rank(one).cmp(&rank(other)).then_with(by_creation)
        });
        let Some(entry) = first else {
            self.push(Pod::serverless(record)).serverless_seen.0.push(meeting);
            return Some(());
        };
        let news = !entry.serverless_seen.in_sweep(Some(kind), began);
        entry.serverless_seen.0.push(meeting);
        entry.pod.serverless = Some(record.following(entry.pod.serverless.as_ref()));
        news.then_some(())
    }

    fn push(&mut self, pod: Pod) -> &mut ReferenceEntry {
        self.entries.push(ReferenceEntry {
            pod,
            node_seen: Meetings::default(),
            serverless_seen: Meetings::default(),
        });
        self.entries.last_mut().unwrap()
    }

    /// Ends a complete sweep over `scope`: every pod that belongs to `scope` for certain and that no page
    /// contained since the sweep began is gone. Returns how many are.
    pub fn end_sweep(&mut self, kind: SweepKind, scope: &Scope) -> usize {
        let (began, before) = (self.began(kind), self.entries.len());
        for at in 0..before {
            let Some(entry) = self
                .entries
                .get_mut(at)
                .filter(|entry| scope.surely_holds(&entry.pod, Reach::default()))
            else {
                continue;
            };
            let loses_node = !entry.node_seen.since(began) && entry.pod.node.is_some();
            if !entry.serverless_seen.since(began) {
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

    /// Moves the serverless record of a pod whose node record is gone: to the pod that was created again
    /// under the same name, or else it remains alone.
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
        let met = std::mem::take(&mut entry.serverless_seen);
        let heirs = self.entries.iter_mut();
        let heirs = heirs.filter(|entry| entry.is_on_node(began) && entry.name() == name);
        if let Some(heir) = heirs.min_by(|one, other| one.pod.by_creation(&other.pod)) {
            if heir.pod.serverless.is_none() || !heir.serverless_seen.since(began) {
                heir.pod.serverless = Some(serverless.following(heir.pod.serverless.as_ref()));
                heir.serverless_seen.0.extend(met.0);
            }
        } else if let Some(entry) = self.entries.get_mut(at) {
            entry.pod.serverless = Some(serverless);
            entry.serverless_seen = met;
        }
    }

    /// The pods, in the order in which they were first seen.
    pub fn pods(&self) -> Vec<Pod> {
        self.entries.iter().map(|entry| entry.pod.clone()).collect()
    }
}
