//! The metrics of the pods, each a row of a table.
//!
//! If the samples add up to all pods of a namespace, the help says so: the words of the label exclude each
//! other and cover every pod. Must not: contain anything but rows.

use super::MetricValue;
use super::groups::FleetGroups;
use super::page::{MetricKind, MetricRow, SampleSink};
use crate::fleet::overview::PodTotals;

const OF_NAMESPACE: &[&str] = &["cluster", "namespace"];
/// The defaults of a row.
const ROW: MetricRow<FleetGroups> = MetricRow {
    name: "",
    kind: MetricKind::Gauge,
    unit: None,
    help: "",
    labels: OF_NAMESPACE,
    of_process: false,
    samples: |_, _| {},
};

/// The rows.
pub const TABLE: &[MetricRow<FleetGroups>] = &[
    MetricRow {
        name: "hss_pods",
        help: "Pods in HSS's list, by the list that contains them: node is data_list, serverless is pod_info_list. Adds up to all pods.",
        labels: &["cluster", "namespace", "source"],
        samples: |groups, sink| {
            each(groups, sink, "source", |totals| {
                let pods = totals.counts.summary.pods;
                [
                    ("node", pods - totals.serverless - totals.in_both),
                    ("serverless", totals.serverless),
                    ("both", totals.in_both),
                ]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_by_status",
        help: "Pods by status; Unknown: an undocumented word or none. Adds up to all pods.",
        labels: &["cluster", "namespace", "status"],
        samples: |groups, sink| {
            each(groups, sink, "status", |totals| {
                let summary = &totals.counts.summary;
                [
                    ("Pending", summary.pending),
                    ("Running", summary.running),
                    ("Succeeded", summary.succeeded),
                    ("Failed", summary.failed),
                    ("Unknown", summary.unknown),
                ]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_by_protection",
        help: "Pods by protect_status; none: no security data. Adds up to all pods.",
        labels: &["cluster", "namespace", "protection"],
        samples: |groups, sink| {
            each(groups, sink, "protection", |totals| {
                let (counts, summary) = (&totals.counts, &totals.counts.summary);
                let known = counts.protected + summary.unprotected + summary.exception;
                [
                    ("opened", counts.protected),
                    ("closed", summary.unprotected),
                    ("exception", summary.exception),
                    ("other", summary.protection_told - known),
                    ("none", summary.pods - summary.protection_told),
                ]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_by_detection",
        help: "Pods by detect_result; none: no security data. Adds up to all pods.",
        labels: &["cluster", "namespace", "detection"],
        samples: |groups, sink| {
            each(groups, sink, "detection", |totals| {
                let (counts, summary) = (&totals.counts, &totals.counts.summary);
                let known = counts.clean + summary.risk + counts.not_scanned + counts.scanning;
                [
                    ("clean", counts.clean),
                    ("risk", summary.risk),
                    ("undetected", counts.not_scanned),
                    ("scanning", counts.scanning),
                    ("other", summary.detection_told - known),
                    ("none", summary.pods - summary.detection_told),
                ]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_near_limit",
        help: "Pods whose usage is at 90 % of the limit or above.",
        labels: &["cluster", "namespace", "resource"],
        samples: |groups, sink| {
            each(groups, sink, "resource", |totals| {
                let summary = &totals.counts.summary;
                [("cpu", summary.cpu_critical), ("memory", summary.memory_critical)]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_without_limit",
        help: "Pods that have not ended, with known usage and without a limit.",
        labels: &["cluster", "namespace", "resource"],
        samples: |groups, sink| {
            each(groups, sink, "resource", |totals| {
                [("cpu", totals.no_cpu_limit), ("memory", totals.counts.no_limit)]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_usage_known",
        help: "Pods whose usage is known: hss_pods_near_limit and hss_pods_without_limit count among these.",
        labels: &["cluster", "namespace", "resource"],
        samples: |groups, sink| {
            each(groups, sink, "resource", |totals| {
                let summary = &totals.counts.summary;
                [("cpu", summary.cpu_told), ("memory", summary.memory_told)]
            });
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_cpu_cores",
        unit: Some("cores"),
        help: "CPU that the pods use, as far as HSS reports it.",
        samples: |groups, sink| {
            for group in known(groups, |totals| totals.counts.summary.cpu_told) {
                sink.put(
                    &group.labels,
                    &[],
                    MetricValue::billionths(group.totals.cpu_nanocores),
                );
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pods_memory_bytes",
        unit: Some("bytes"),
        help: "Memory that the pods use, as far as HSS reports it.",
        samples: |groups, sink| {
            for group in known(groups, |totals| totals.counts.summary.memory_told) {
                sink.put(&group.labels, &[], MetricValue::large(group.totals.memory_bytes));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_namespaces",
        help: "Namespaces with pods, each counted once per cluster.",
        labels: &[],
        samples: |groups, sink| sink.put("", &[], MetricValue::count(groups.namespaces)),
        ..ROW
    },
    MetricRow {
        name: "hss_namespaces_dropped",
        help: "Namespaces without their own series: namespace (other) has their sum.",
        labels: &[],
        samples: |groups, sink| sink.put("", &[], MetricValue::count(groups.dropped)),
        ..ROW
    },
    MetricRow {
        name: "hss_pod_risk_info",
        help: "1 for each pod with a high risk score, the worst ones up to a limit, with the first reason for it.",
        labels: &["cluster", "namespace", "pod", "reason"],
        samples: |groups, sink| {
            for labels in groups.risky.iter().flatten() {
                sink.put(labels, &[], MetricValue::flag(true));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_pod_risks_dropped",
        help: "Pods with a high risk score without their own series.",
        labels: &[],
        samples: |groups, sink| {
            if groups.risky.is_some() {
                sink.put("", &[], MetricValue::count(groups.risky_dropped));
            }
        },
        ..ROW
    },
];

/// Writes a sample for each group and each word of a label.
fn each<const N: usize>(
    groups: &FleetGroups,
    sink: &mut SampleSink<'_>,
    label: &str,
    counts: fn(&PodTotals) -> [(&'static str, usize); N],
) {
    for group in &groups.groups {
        for (word, count) in counts(&group.totals) {
            sink.put(&group.labels, &[(label, word)], MetricValue::count(count));
        }
    }
}

/// The groups with a known value of at least one pod. Nothing is written for the others, because a zero would
/// say that they use nothing.
fn known(
    groups: &FleetGroups,
    told: fn(&PodTotals) -> usize,
) -> impl Iterator<Item = &super::groups::PodGroup> {
    groups.groups.iter().filter(move |group| told(&group.totals) > 0)
}
