//! What the ways to a person need: files of secrets and CAs, and programs.
//!
//! Owns when they are checked: at the start, so that a missing one is reported before the first alert; then each minute; and
//! every ten seconds while one is missing, so that it is used soon after it appears. Nothing waits for this: a delivery is
//! tried whatever was found.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::Instant;

use super::command;
use super::servers::{AlertServers, ServerSetup};
use crate::alerts::{AlertRule, AlertWay};

/// How often to look.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// The same while something is missing.
const MISSING_EVERY: Duration = Duration::from_secs(10);

/// What a sink needs.
#[derive(Debug, Clone)]
pub(super) enum SinkNeeds {
    /// The files of a server.
    Server(Arc<ServerSetup>),
    /// A program with its arguments, and the place in the configuration that names it.
    Program(Vec<String>, Option<String>),
}

impl SinkNeeds {
    /// Whether it is there. Blocking.
    fn check(&self) -> Result<(), String> {
        match self {
            Self::Server(setup) => setup.check(),
            Self::Program(words, stated_at) => command::check(words, stated_at.as_deref()),
        }
    }
}

/// What these rules and servers need and is not there, as sentences with file and line. Blocking.
pub fn missing_needs(rules: &[AlertRule], servers: &AlertServers) -> Vec<String> {
    let alertmanager = servers.alertmanager.as_ref().map(|it| &it.server);
    let servers = alertmanager.into_iter().chain(&servers.webhook);
    let servers = servers.map(|setup| SinkNeeds::Server(Arc::new(setup.clone())));
    let programs = rules
        .iter()
        .filter(|rule| rule.via.contains(&AlertWay::Command))
        .map(|rule| SinkNeeds::Program(rule.command.clone(), rule.command_at.clone()));
    let mut missing: Vec<String> = programs
        .chain(servers)
        .filter_map(|needs| needs.check().err())
        .collect();
    missing.dedup();
    missing
}

/// Whether the need of each sink, by its name, is there.
pub(super) type FoundNeeds = Vec<(String, Result<(), String>)>;

/// The looks.
#[derive(Debug)]
pub(super) struct NeedsLooks {
    under_way: JoinSet<FoundNeeds>,
    due: Instant,
}

impl NeedsLooks {
    /// The first one is now.
    pub fn new() -> Self {
        Self {
            under_way: JoinSet::new(),
            due: Instant::now(),
        }
    }

    /// When the next one is; `None` while one is under way.
    pub fn next_at(&self) -> Option<Instant> {
        self.under_way.is_empty().then_some(self.due)
    }

    /// Begins a look at these if it is time.
    pub fn set_out(&mut self, needs: impl FnOnce() -> Vec<(String, SinkNeeds)>) {
        if self.next_at().is_none_or(|at| at > Instant::now()) {
            return;
        }
        let needs = needs();
        if needs.is_empty() {
            // The sinks are those of the start.
            self.due = Instant::now() + Duration::from_hours(24);
            return;
        }
        self.under_way.spawn(async move {
            // A disk that hangs must not hold up the task.
            let looking = spawn_blocking(move || {
                let found = needs.into_iter().map(|(name, needs)| (name, needs.check()));
                found.collect()
            });
            looking.await.unwrap_or_default()
        });
    }

    /// Waits for the look under way to end; forever without one.
    pub async fn next(&mut self) -> FoundNeeds {
        loop {
            match self.under_way.join_next().await {
                Some(Ok(found)) => {
                    let is_missing = found.iter().any(|(_, found)| found.is_err());
                    self.due = Instant::now() + if is_missing { MISSING_EVERY } else { LOOK_EVERY };
                    return found;
                }
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}
