//! The paths in one table, and the number of requests for each.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;

use crate::metrics::RequestCount;

/// The target of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedPath {
    /// A page of pods, as HSS sends it.
    Pods,
    /// Whether the list or the journal moved; may wait until it does.
    State,
    /// The changes.
    Changes,
    /// The acknowledgements.
    Acks,
    /// The mutes.
    Mutes,
    /// The description of the paths below `/v1`.
    OpenApi,
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
    /// The target.
    pub endpoint: ServedPath,
    /// Its path in a list of all.
    pub path: &'static str,
    /// Its purpose.
    pub about: &'static str,
    /// Its name in metrics and in the log.
    pub name: &'static str,
    /// Whether it also takes `POST`.
    pub takes_posts: bool,
}

/// The paths.
pub const SERVED_PATHS: [ServedPathRow; 9] = [
    ServedPathRow {
        endpoint: ServedPath::Pods,
        path: "/v5/{project_id}/kubernetes/pods",
        about: "the pods, as HSS itself answers",
        name: "pods",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::State,
        path: "/v1/state",
        about: "how current the list is; ?seen=TAG&wait=20 waits until it or the journal moves",
        name: "state",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::Changes,
        path: "/v1/changes",
        about: "the changes, oldest first",
        name: "changes",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::Acks,
        path: "/v1/acks",
        about: "the acknowledgements of the team; POST adds and undoes some",
        name: "acks",
        takes_posts: true,
    },
    ServedPathRow {
        endpoint: ServedPath::Mutes,
        path: "/v1/mutes",
        about: "the mutes of the team; POST adds and undoes some",
        name: "mutes",
        takes_posts: true,
    },
    ServedPathRow {
        endpoint: ServedPath::OpenApi,
        path: "/v1/openapi.json",
        about: "the description of the paths below /v1",
        name: "openapi",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::Metrics,
        path: "/metrics",
        about: "metrics of the pods and of the collector, for Prometheus",
        name: "metrics",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::Health,
        path: "/healthz",
        about: "200 while the process is alive",
        name: "healthz",
        takes_posts: false,
    },
    ServedPathRow {
        endpoint: ServedPath::Ready,
        path: "/readyz",
        about: "200 once all pods are loaded, and 503 before",
        name: "readyz",
        takes_posts: false,
    },
];

impl ServedPath {
    /// All targets, in the order of their counts.
    pub const ALL: [Self; 10] = [
        Self::Pods,
        Self::State,
        Self::Changes,
        Self::Acks,
        Self::Mutes,
        Self::OpenApi,
        Self::Metrics,
        Self::Health,
        Self::Ready,
        Self::Other,
    ];

    /// The target of this path.
    pub fn of(path: &str) -> Self {
        if project_of(path).is_some() {
            return Self::Pods;
        }
        let found = SERVED_PATHS.iter().find(|row| row.path == path);
        found.map_or(Self::Other, |row| row.endpoint)
    }

    /// Whether it takes `POST`.
    pub fn takes_posts(self) -> bool {
        let found = SERVED_PATHS.iter().find(|row| row.endpoint == self);
        found.is_some_and(|row| row.takes_posts)
    }

    /// Its name in metrics and in the log: never a text of the client.
    pub fn name(self) -> &'static str {
        let found = SERVED_PATHS.iter().find(|row| row.endpoint == self);
        found.map_or("other", |row| row.name)
    }
}

/// The project in this path.
pub fn project_of(path: &str) -> Option<&str> {
    let project = path.strip_prefix("/v5/")?.strip_suffix("/kubernetes/pods")?;
    let is_project = !project.is_empty() && !project.contains(['/', '{']);
    is_project.then_some(project)
}

/// The result of a request in metrics.
const OUTCOMES: [&str; 3] = ["answered", "refused", "unavailable"];

fn outcome(status: StatusCode) -> usize {
    match status.as_u16() {
        ..400 => ANSWERED,
        400..500 => 1,
        _ => 2,
    }
}

/// The number of requests by target and result.
#[derive(Debug, Default)]
pub struct RequestCounts([[AtomicU64; OUTCOMES.len()]; ServedPath::ALL.len()]);

/// The index of successful answers.
const ANSWERED: usize = 0;

impl RequestCounts {
    /// Counts a request with this answer.
    pub fn add(&self, endpoint: ServedPath, status: StatusCode) {
        let row = self.0.get(endpoint as usize);
        if let Some(count) = row.and_then(|row| row.get(outcome(status))) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The pages of pods that were sent: each would have been a call to HSS.
    pub fn pages(&self) -> u64 {
        let count = self
            .0
            .get(ServedPath::Pods as usize)
            .and_then(|row| row.get(ANSWERED));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// The counts so far. All exist from the start, so that a rate has its first value.
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
