//! What can be asked for, in one table, and how often it was.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;

use crate::metrics::RequestCount;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedPath {
    /// A page of pods, as HSS sends it.
    Pods,
    /// The metrics.
    Metrics,
    /// Whether the process is alive.
    Health,
    /// Whether it has pods to serve.
    Ready,
    /// Anything else.
    Other,
}

/// A row of the table.
#[derive(Debug)]
pub struct ServedPathRow {
    /// Which.
    pub endpoint: ServedPath,
    /// Its path, as a list of all shows it.
    pub path: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// Its name in metrics and in the log.
    pub name: &'static str,
}

/// Everything that there is.
pub const SERVED_PATHS: [ServedPathRow; 4] = [
    ServedPathRow {
        endpoint: ServedPath::Pods,
        path: "/v5/{project_id}/kubernetes/pods",
        about: "the pods, as HSS itself answers",
        name: "pods",
    },
    ServedPathRow {
        endpoint: ServedPath::Metrics,
        path: "/metrics",
        about: "the pods in numbers, for Prometheus and others",
        name: "metrics",
    },
    ServedPathRow {
        endpoint: ServedPath::Health,
        path: "/healthz",
        about: "200 while the process is alive",
        name: "healthz",
    },
    ServedPathRow {
        endpoint: ServedPath::Ready,
        path: "/readyz",
        about: "200 once all pods are known, and 503 before",
        name: "readyz",
    },
];

impl ServedPath {
    /// All of them, in the order of their counts.
    pub const ALL: [Self; 5] = [Self::Pods, Self::Metrics, Self::Health, Self::Ready, Self::Other];

    /// What this path asks for.
    pub fn of(path: &str) -> Self {
        if project_of(path).is_some() {
            return Self::Pods;
        }
        let found = SERVED_PATHS.iter().find(|row| row.path == path);
        found.map_or(Self::Other, |row| row.endpoint)
    }

    /// Its name in metrics and in the log: never what somebody wrote.
    pub fn name(self) -> &'static str {
        let found = SERVED_PATHS.iter().find(|row| row.endpoint == self);
        found.map_or("other", |row| row.name)
    }
}

/// The project whose pods this path asks for.
pub fn project_of(path: &str) -> Option<&str> {
    let project = path.strip_prefix("/v5/")?.strip_suffix("/kubernetes/pods")?;
    let is_project = !project.is_empty() && !project.contains(['/', '{']);
    is_project.then_some(project)
}

/// How a request ended, as metrics tell.
const OUTCOMES: [&str; 3] = ["answered", "refused", "unavailable"];

fn outcome(status: StatusCode) -> usize {
    match status.as_u16() {
        ..400 => ANSWERED,
        400..500 => 1,
        _ => 2,
    }
}

/// How often everything was asked for.
#[derive(Debug, Default)]
pub struct RequestCounts([[AtomicU64; OUTCOMES.len()]; ServedPath::ALL.len()]);

/// The index of answers that had what was asked for.
const ANSWERED: usize = 0;

impl RequestCounts {
    /// Counts a request that was answered so.
    pub fn add(&self, endpoint: ServedPath, status: StatusCode) {
        let row = self.0.get(endpoint as usize);
        if let Some(count) = row.and_then(|row| row.get(outcome(status))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Pages of pods that were sent: each would have been a call to HSS.
    pub fn pages(&self) -> u64 {
        let count = self
            .0
            .get(ServedPath::Pods as usize)
            .and_then(|row| row.get(ANSWERED));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The counts so far. All are there from the start, so that a rate knows where it began.
    pub fn rows(&self) -> Vec<RequestCount> {
        let rows = ServedPath::ALL.into_iter().zip(&self.0);
        rows.flat_map(|(endpoint, counts)| {
            OUTCOMES
                .into_iter()
                .zip(counts)
                .map(move |(outcome, count)| RequestCount {
                    endpoint: endpoint.name(),
                    outcome,
                    count: count.load(Ordering::Relaxed),
                })
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_path_and_a_count_of_its_own() {
        for row in &SERVED_PATHS {
            let path = row.path.replace("{project_id}", "p-1");
            assert_eq!(ServedPath::of(&path), row.endpoint);
        }
        for path in [
            "/",
            "",
            "/metrics/",
            "/Metrics",
            "/metrics?x",
            "/v5//kubernetes/pods",
            "/v5/a/b/kubernetes/pods",
            "/v5/kubernetes/pods",
            "/v5/p/kubernetes/pods/",
        ] {
            assert_eq!(ServedPath::of(path), ServedPath::Other, "{path}");
        }
        let counts = RequestCounts::default();
        for (endpoint, status, times) in [
            (ServedPath::Metrics, StatusCode::OK, 2),
            (ServedPath::Ready, StatusCode::SERVICE_UNAVAILABLE, 1),
            (ServedPath::Other, StatusCode::NOT_FOUND, 3),
        ] {
            (0..times).for_each(|_| counts.add(endpoint, status));
        }
        let rows = counts.rows();
        let counted: Vec<_> = rows.iter().filter(|row| row.count > 0).collect();
        let told = counted.iter().map(|row| (row.endpoint, row.outcome, row.count));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                ("metrics", "answered", 2),
                ("readyz", "unavailable", 1),
                ("other", "refused", 3)
            ]
        );
        assert_eq!(rows.len(), ServedPath::ALL.len() * OUTCOMES.len());
    }
}
