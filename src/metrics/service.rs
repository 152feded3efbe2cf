//! The metrics of the collector itself, each a row of a table.
//!
//! They are available before the first sweep, because a failed scrape would only say that it failed. An
//! unknown value has no sample. Must not: contain anything but rows and their facts.

use jiff::Timestamp;

use super::MetricValue;
use super::page::{MetricKind, MetricRow};
use crate::collector::{SyncState, SyncStatus};
use crate::health::Vitals;

/// The number of requests of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCount {
    /// The target.
    pub endpoint: &'static str,
    /// The result.
    pub outcome: &'static str,
    /// The number.
    pub count: u64,
}

/// All facts for the metrics of a service.
#[derive(Debug, Clone)]
pub struct ServiceFacts {
    /// How current the list is.
    pub status: SyncStatus,
    /// The state word, which depends on the time.
    pub state: SyncState,
    /// The kernel's figures of the process.
    pub vitals: Vitals,
    /// When the process started.
    pub started_at: Timestamp,
    /// Requests of clients.
    pub requests: Vec<RequestCount>,
    /// Pages that clients got without a call to HSS.
    pub calls_saved: u64,
    /// Where the pods come from, if there are several sources.
    pub origin: Option<SourceOrigin>,
}

/// Where the pods of one of several sources come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceOrigin {
    /// The project, once it is known.
    pub project: Option<String>,
    /// The region, or host and port.
    pub place: String,
}

/// The words of [`SyncState`], as a label has them.
pub const STATES: [&str; 9] = [
    "fresh",
    "loading",
    "partial",
    "old",
    "stale",
    "throttled",
    "auth",
    "offline",
    "denied",
];

/// The defaults of a row.
const ROW: MetricRow<ServiceFacts> = MetricRow {
    name: "",
    kind: MetricKind::Gauge,
    unit: None,
    help: "",
    labels: &[],
    of_process: false,
    samples: |_, _| {},
};

/// The rows.
pub const TABLE: &[MetricRow<ServiceFacts>] = &[
    MetricRow {
        name: "hss_build_info",
        help: "1, with the version of hss-top.",
        labels: &["version"],
        of_process: true,
        samples: |_, sink| {
            let version = [("version", env!("CARGO_PKG_VERSION"))];
            sink.put("", &version, MetricValue::flag(true));
        },
        ..ROW
    },
    MetricRow {
        name: "hss_profile_info",
        help: "1 for each profile of a collector with several profiles, with its project and its region or server.",
        labels: &["project", "place"],
        samples: |facts, sink| {
            if let Some(origin) = &facts.origin {
                let project = origin.project.as_deref().unwrap_or("(unknown)");
                let labels = [("project", project), ("place", &*origin.place)];
                sink.put("", &labels, MetricValue::flag(true));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_sync_state",
        help: "1 for the state of the list, and 0 for the others.",
        labels: &["state"],
        samples: |facts, sink| {
            let current = facts.state.word().to_ascii_lowercase();
            for state in STATES {
                sink.put("", &[("state", state)], MetricValue::flag(state == current));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_sweep_complete",
        help: "1 if the last finished sweep over HSS's list was complete, and 0 before the first one has finished.",
        samples: |facts, sink| sink.put("", &[], MetricValue::flag(facts.status.complete)),
        ..ROW
    },
    MetricRow {
        name: "hss_sweep_running",
        help: "1 while a sweep over HSS's list is running.",
        samples: |facts, sink| sink.put("", &[], MetricValue::flag(facts.status.loading)),
        ..ROW
    },
    MetricRow {
        name: "hss_sweep_records_met",
        help: "Records that the running or the last sweep saw.",
        samples: |facts, sink| sink.put("", &[], MetricValue::whole(facts.status.met)),
        ..ROW
    },
    MetricRow {
        name: "hss_sweep_records_expected",
        help: "Records in HSS's list, according to HSS.",
        samples: |facts, sink| {
            if let Some(total) = facts.status.total {
                sink.put("", &[], MetricValue::whole(total));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_list_restored",
        help: "1 while the pods are those that an earlier run saved.",
        samples: |facts, sink| sink.put("", &[], MetricValue::flag(facts.status.restored)),
        ..ROW
    },
    MetricRow {
        name: "hss_snapshot_timestamp_seconds",
        unit: Some("seconds"),
        help: "When HSS last collected the clusters.",
        samples: |facts, sink| {
            if let Some(at) = facts.status.snapshot_at {
                sink.put("", &[], MetricValue::moment(at));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_last_answer_timestamp_seconds",
        unit: Some("seconds"),
        help: "When HSS last answered.",
        samples: |facts, sink| {
            if let Some(at) = facts.status.asked_at {
                sink.put("", &[], MetricValue::moment(at));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_state_saved",
        help: "0 while the list and the changes cannot be saved, for example because the disk is full; else 1.",
        samples: |facts, sink| {
            let is_saved = facts.status.state_trouble.is_none();
            sink.put("", &[], MetricValue::whole(u64::from(is_saved)));
        },
        ..ROW
    },
    MetricRow {
        name: "hss_api_calls",
        kind: MetricKind::Counter,
        help: "Calls to HSS for its list.",
        labels: &["outcome"],
        samples: |facts, sink| {
            let (made, failed) = (facts.status.calls_made, facts.status.calls_failed);
            let answered = MetricValue::whole(made.saturating_sub(failed));
            sink.put("", &[("outcome", "answered")], answered);
            sink.put("", &[("outcome", "failed")], MetricValue::whole(failed));
        },
        ..ROW
    },
    MetricRow {
        name: "hss_api_calls_saved",
        kind: MetricKind::Counter,
        help: "Pages of pods that clients got from here, without a call to HSS.",
        of_process: true,
        samples: |facts, sink| sink.put("", &[], MetricValue::whole(facts.calls_saved)),
        ..ROW
    },
    MetricRow {
        name: "hss_api_budget_remaining",
        help: "Calls left in this minute.",
        samples: |facts, sink| {
            if facts.status.through.is_none() {
                sink.put("", &[], MetricValue::count(facts.status.calls_left));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_api_budget_limit",
        help: "Calls that HSS allows in a minute.",
        samples: |facts, sink| {
            if facts.status.through.is_none() {
                sink.put("", &[], MetricValue::count(facts.status.calls_limit));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "hss_api_calls_of_others",
        help: "Calls in this minute by other programs on this machine.",
        samples: |facts, sink| sink.put("", &[], MetricValue::count(facts.status.calls_of_others)),
        ..ROW
    },
    MetricRow {
        name: "hss_http_requests",
        kind: MetricKind::Counter,
        help: "Requests of clients, by target and result.",
        labels: &["endpoint", "outcome"],
        of_process: true,
        samples: |facts, sink| {
            for row in &facts.requests {
                let labels = [("endpoint", row.endpoint), ("outcome", row.outcome)];
                sink.put("", &labels, MetricValue::whole(row.count));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "process_cpu_seconds",
        kind: MetricKind::Counter,
        unit: Some("seconds"),
        help: "CPU time of this process.",
        of_process: true,
        samples: |facts, sink| sink.put("", &[], MetricValue::seconds(facts.vitals.cpu)),
        ..ROW
    },
    MetricRow {
        name: "process_resident_memory_bytes",
        unit: Some("bytes"),
        help: "Resident memory of this process.",
        of_process: true,
        samples: |facts, sink| {
            if let Some(bytes) = facts.vitals.resident {
                sink.put("", &[], MetricValue::whole(bytes));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "process_open_fds",
        help: "Open files of this process, sockets included.",
        of_process: true,
        samples: |facts, sink| {
            if let Some(open) = facts.vitals.descriptors {
                sink.put("", &[], MetricValue::whole(open));
            }
        },
        ..ROW
    },
    MetricRow {
        name: "process_start_time_seconds",
        unit: Some("seconds"),
        help: "When this process started.",
        of_process: true,
        samples: |facts, sink| sink.put("", &[], MetricValue::moment(facts.started_at)),
        ..ROW
    },
];
