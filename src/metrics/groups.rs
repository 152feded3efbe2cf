//! The pods by namespace, in no more groups than a database can store.
//!
//! Owns the labels and the limit: if a fleet has more namespaces than [`SeriesLimits`] allows, those with
//! risks and those with the most pods keep their own series, and all others are one group, so the sums over
//! the groups are those of the fleet. Namespaces with the same labels are one group, because a scraper keeps
//! only one of two equal series.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::page::label_text;
use crate::fleet::overview::{NamespaceKey, PodTotals};
use crate::fleet::risk::{self, HIGH_SCORE, Reason};
use crate::fleet::view::Unsorted;
use crate::fleet::{Field, Fleet, Pod, RemoteText, ViewRequest};

/// For a missing name. An empty label would be the same as no label, and no Kubernetes name has parentheses.
const NONE: &str = "(none)";
/// For a name that is not a text.
const UNREADABLE: &str = "(unreadable)";
/// For the names of all groups beyond the limit.
const OTHER: &str = "(other)";

/// How many series there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesLimits {
    /// Namespaces with their own series.
    pub namespaces: usize,
    /// Pods at risk with their own series.
    pub risky_pods: usize,
}

impl Default for SeriesLimits {
    /// 500 namespaces, which are some 13,000 series, and no pods.
    fn default() -> Self {
        Self {
            namespaces: 500,
            risky_pods: 0,
        }
    }
}

/// Pods with the same labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodGroup {
    /// `cluster` and `namespace`, as written between braces.
    pub labels: String,
    /// The totals of the pods.
    pub totals: PodTotals,
}

/// The figures of a fleet for its metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetGroups {
    /// The groups, in the order of their labels.
    pub groups: Vec<PodGroup>,
    /// How many namespaces the fleet has.
    pub namespaces: usize,
    /// How many of them do not have their own series.
    pub dropped: usize,
    /// The pods at risk, the worst first: the labels of each. `None` if they are not wanted.
    pub risky: Option<Vec<String>>,
    /// How many pods at risk do not have their own series.
    pub risky_dropped: usize,
}

impl FleetGroups {
    /// The groups of `fleet`.
    pub fn of(fleet: &Fleet, limits: SeriesLimits, now: Timestamp) -> Self {
        let mut by_label: BTreeMap<(String, String), PodTotals> = BTreeMap::new();
        for (key, totals) in fleet.totals_by_namespace() {
            *by_label.entry(names(&key)).or_default() += totals;
        }
        let namespaces = by_label.len();
        let mut groups: Vec<_> = by_label.into_iter().collect();
        let mut rest = Vec::new();
        if namespaces > limits.namespaces {
            // A stable sort keeps the order of names among equals, so that the choice does not change by
            // itself.
            groups.sort_by_key(|(_, totals)| Reverse((is_at_risk(totals), totals.counts.summary.pods)));
            rest = groups.split_off(limits.namespaces);
        }
        let dropped = rest.len();
        if dropped > 0 {
            let mut other = PodTotals::default();
            for (_, totals) in rest {
                other += totals;
            }
            add_to(&mut groups, (OTHER.to_owned(), OTHER.to_owned()), other);
            groups.sort_by(|a, b| a.0.cmp(&b.0));
        }
        let group = |((cluster, namespace), totals): ((String, String), PodTotals)| PodGroup {
            labels: label_text(&[("cluster", &cluster), ("namespace", &namespace)]),
            totals,
        };
        let (risky, risky_dropped) = risky(fleet, limits.risky_pods, now);
        Self {
            groups: groups.into_iter().map(group).collect(),
            namespaces,
            dropped,
            risky: (limits.risky_pods > 0).then_some(risky),
            risky_dropped,
        }
    }
}

/// Adds to the group with these names; a namespace may really have them.
fn add_to(groups: &mut Vec<((String, String), PodTotals)>, names: (String, String), totals: PodTotals) {
    match groups.iter_mut().find(|(known, _)| *known == names) {
        Some((_, known)) => *known += totals,
        None => groups.push((names, totals)),
    }
}

fn is_at_risk(totals: &PodTotals) -> bool {
    totals.counts.summary.risk + totals.counts.summary.exception > 0
}

/// A name as a label: never empty, and safe to show wherever it ends up.
fn name(field: &Field<RemoteText>) -> &str {
    match field {
        Field::Absent => NONE,
        Field::Unreadable => UNREADABLE,
        Field::Value(name) if name.shown().is_empty() => NONE,
        Field::Value(name) => name.shown(),
    }
}

fn names(key: &NamespaceKey) -> (String, String) {
    (name(&key.cluster).to_owned(), name(&key.namespace).to_owned())
}

/// The labels of the worst pods, and how many pods at risk are not among them.
fn risky(fleet: &Fleet, most: usize, now: Timestamp) -> (Vec<String>, usize) {
    if most == 0 {
        return (Vec::new(), 0);
    }
    let request = ViewRequest {
        problems: true,
        ..ViewRequest::default()
    };
    let problems = Unsorted::of(fleet, request, now);
    let is_high = |row: &u32| fleet.score(*row) >= Some(HIGH_SCORE.into());
    let all = problems.rows().filter(is_high).count();
    let view = problems.window(0..most);
    let rows = (0..most).filter_map(|place| view.row(place)).filter(is_high);
    let mut seen = HashSet::new();
    let labels: Vec<String> = rows
        .filter_map(|row| fleet.pod(row))
        .map(|pod| pod_labels(&pod))
        .filter(|labels| seen.insert(labels.clone()))
        .collect();
    let dropped = all.saturating_sub(labels.len());
    (labels, dropped)
}

fn pod_labels(pod: &Pod) -> String {
    let reason = risk::main_reason(pod).map_or(NONE, Reason::label);
    label_text(&[
        ("cluster", name(pod.cluster())),
        ("namespace", name(pod.namespace())),
        ("pod", name(pod.name())),
        ("reason", reason),
    ])
}
