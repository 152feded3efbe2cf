//! The menu of one pod: copy, filter, and other actions.
//!
//! Owns the rows and the selected one. They are made when the menu opens and do not change, so nothing moves
//! under the cursor. Must not: carry out a row; that is the task of [`update`](super::update).

use std::sync::Arc;

use super::model::Model;
use crate::fleet::fields::{PodField, PodText};
use crate::fleet::query::whole;
use crate::fleet::{Field, Pod, RemoteText};
use crate::report::copied::CopyItem;

/// The action of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuItem {
    /// Sends this to the clipboard.
    Copy(CopyItem),
    /// Shows only the pods of this filter.
    Filter(String),
    /// Marks the pod, or removes its mark.
    Mark,
    /// Compares the pod.
    Compare,
    /// Shows its details.
    Detail,
}

/// A row of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuRow {
    /// Its action.
    pub item: MenuItem,
    /// The action in words.
    pub label: String,
    /// The object of the action: the copied text, or the name in the filter.
    pub value: String,
}

/// The menu of a pod. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowMenu {
    /// The pod's name as it is shown.
    pub title: String,
    /// The rows.
    pub rows: Arc<[MenuRow]>,
    /// The chosen one.
    pub choice: usize,
}

impl RowMenu {
    /// The menu of the pod under the cursor.
    pub fn of(model: &Model) -> Option<Self> {
        let pod = model.pod()?;
        let mut rows = copies(&pod);
        rows.extend(filters(&pod, &model.real_pod()?));
        let marks = if model.pods.marks.has(&pod.key) {
            "remove the mark"
        } else {
            "mark"
        };
        for (item, label) in [
            (MenuItem::Mark, marks),
            (MenuItem::Compare, "compare"),
            (MenuItem::Detail, "show details"),
        ] {
            rows.push(menu_row(item, label.to_owned(), String::new()));
        }
        Some(Self {
            title: pod
                .name()
                .value()
                .map_or_else(String::new, |name| name.shown().to_owned()),
            rows: rows.into(),
            choice: 0,
        })
    }

    /// The chosen row.
    pub fn chosen(&self) -> Option<&MenuRow> {
        self.rows.get(self.choice)
    }
}

fn menu_row(item: MenuItem, label: String, value: String) -> MenuRow {
    MenuRow { item, label, value }
}

/// What can be copied, without fields that HSS does not report.
fn copies(pod: &Pod) -> Vec<MenuRow> {
    let copy = |item: CopyItem| {
        let value = item.text(pod).ok()?;
        let value = if item == CopyItem::Json {
            String::new()
        } else {
            value
        };
        Some(menu_row(
            MenuItem::Copy(item),
            format!("copy {}", item.label()),
            value,
        ))
    };
    CopyItem::ALL.into_iter().filter_map(copy).collect()
}

/// The filters: by the pod's places, and by the workload that created it.
fn filters(shown: &Pod, pod: &Pod) -> Vec<MenuRow> {
    let filter = |label: &str, value: &str, filter: String| {
        menu_row(
            MenuItem::Filter(filter),
            format!("only this {label}"),
            value.to_owned(),
        )
    };
    let mut rows = Vec::new();
    for (label, text, value, shown) in [
        (
            "namespace",
            PodText::Namespace,
            pod.namespace(),
            shown.namespace(),
        ),
        ("cluster", PodText::Cluster, pod.cluster(), shown.cluster()),
        ("node", PodText::Node, pod.node_name(), shown.node_name()),
    ] {
        if let (Field::Value(name), Field::Value(shown)) = (value, shown)
            && !name.raw().is_empty()
        {
            rows.push(filter(label, shown.shown(), whole(text, name.raw())));
        }
    }
    // A pseudonym does not show the workload, and the real name must not be shown.
    let is_masked = pod.name() != shown.name();
    let workload = pod.name().value().filter(|_| !is_masked).and_then(workload);
    if let Some(workload) = workload {
        let pattern = format!("{}:{workload}-*", PodField::Name.name());
        rows.push(filter("workload", &workload, pattern));
    }
    rows
}

/// The workload that created a pod of this name, according to Kubernetes' naming: a Deployment's pods have
/// two generated parts at the end, those of a `DaemonSet` or a Job one, those of a `StatefulSet` a number.
fn workload(name: &RemoteText) -> Option<String> {
    /// The letters of generated parts (`SafeEncodeString` and `rand` of Kubernetes' `apimachinery`).
    const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";
    /// Letters of a generated part, and the most of a template's hash.
    const PART: usize = 5;
    const HASH: usize = 10;
    if !name.is_kubernetes_name() {
        return None;
    }
    let is_generated = |part: &str| part.chars().all(|letter| ALPHABET.contains(letter));
    let (base, last) = name.raw().rsplit_once('-')?;
    if !last.is_empty() && last.chars().all(|digit| digit.is_ascii_digit()) && last.len() < PART {
        return Some(base.to_owned());
    }
    if last.len() != PART || !is_generated(last) {
        return None;
    }
    let hash = base.rsplit_once('-').filter(|(_, hash)| {
        (PART + 1..=HASH).contains(&hash.len())
            && is_generated(hash)
            && hash.chars().any(|letter| letter.is_ascii_digit())
    });
    Some(hash.map_or(base, |(base, _)| base).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::fleet::query::Query;
    use crate::fleet::{Fleet, View, ViewRequest};

    #[test]
    fn the_workload_is_what_generated_names_begin_with() {
        let of = |name: &str| workload(&RemoteText::name(name));
        for (name, expected) in [
            ("payment-api-667894bc4-nz5xj", Some("payment-api")),
            ("tax-cache-1", Some("tax-cache")),
            ("kube-proxy-x7k2p", Some("kube-proxy")),
            ("web", None),
            ("payment-service", None),
            ("a; rm -rf-0", None),
        ] {
            assert_eq!(of(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_filter_by_a_place_lets_through_that_place_only() {
        let fleet: Fleet = [
            node("a").within("c", "pay").build(),
            node("b").within("c", "pay-eu").build(),
            node("d").within("c", "a b\"c/").build(),
        ]
        .into_iter()
        .collect();
        for (row, filter) in [(0, "ns=pay"), (1, "ns=pay-eu"), (2, "ns=\"a b\\\"c/\"")] {
            let pod = fleet.pod(row).unwrap();
            let rows = filters(&pod, &pod);
            assert_eq!(rows[0].item, MenuItem::Filter(filter.to_owned()));
            let request = ViewRequest {
                filter: Query::parse(filter).unwrap(),
                ..ViewRequest::default()
            };
            let view = View::of(&fleet, request, jiff::Timestamp::UNIX_EPOCH);
            assert_eq!((view.len(), view.pod(0).unwrap().key), (1, pod.key), "{filter}");
        }
    }
}
