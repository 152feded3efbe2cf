//! The servers that are told, as they are configured.

use std::sync::Arc;

use super::http::{HttpSink, SinkSecret};
use super::stated_file::StatedFile;
use crate::clock::Clock;
use crate::hss::Endpoint;

/// The servers that are told, as they are configured.
#[derive(Debug, Clone, Default)]
pub struct AlertServers {
    /// Alertmanager.
    pub alertmanager: Option<AlertmanagerSetup>,
    /// A webhook.
    pub webhook: Option<ServerSetup>,
}

/// How to get at a server.
#[derive(Debug, Clone)]
pub struct ServerSetup {
    /// Where it is.
    pub endpoint: Endpoint,
    /// An additional CA to trust.
    pub ca_file: Option<StatedFile>,
    /// What it has to be shown.
    pub secret: Option<SinkSecret>,
    /// File, line and key of its URL, which every sentence about the server begins with.
    pub stated_at: String,
}

/// How to get at Alertmanager, and what it is told.
#[derive(Debug, Clone)]
pub struct AlertmanagerSetup {
    /// Where.
    pub server: ServerSetup,
    /// Whether each pod is an alert of its own.
    pub has_pod_label: bool,
    /// What `generatorURL` is, if it is to be anything.
    pub link: Option<String>,
}

impl ServerSetup {
    /// The server, ready to be told.
    pub fn sink(&self, clock: &Clock) -> HttpSink {
        HttpSink::new(Arc::new(self.clone()), clock.clone())
    }
}
