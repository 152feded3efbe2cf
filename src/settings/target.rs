//! Whom the dashboard asks, and what is missing for that.

use std::sync::Arc;

use crate::config::Wrong;
use crate::hss::Setup;
use crate::hss::transport::tls::Trust;
use crate::recording::{Recording, ReplayPace};
use crate::simulator;

/// Whom to ask.
#[derive(Debug)]
pub enum Target {
    /// The simulator, in this process.
    Demo(Box<simulator::SimulatorSettings>),
    /// The API.
    Api(Box<Api>),
    /// A recording, without the network.
    Replay(Box<ReplayTarget>),
}

/// A recording and how fast it is replayed.
#[derive(Debug)]
pub struct ReplayTarget {
    /// The recording.
    pub recording: Recording,
    /// How fast.
    pub pace: ReplayPace,
}

/// How to reach the API.
#[derive(Debug)]
pub struct Api {
    /// Endpoints, project and source of the credential.
    pub setup: Setup,
    /// Trusted CAs and our own certificate, for TLS.
    pub trust: Arc<Trust>,
    /// The origin of the endpoints, in words.
    pub located_by: String,
}

/// The demo's own flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// Pods on nodes.
    pub pods: u64,
    /// Serverless pods.
    pub serverless: u64,
    /// The fleet's seed.
    pub seed: u64,
}

/// What is missing or wrong; the program says it and ends with exit code 3.
#[derive(Debug, PartialEq, Eq)]
pub enum Unready {
    /// Nothing that selects a project is set: explain how to begin.
    Missing(Vec<String>),
    /// A value is wrong.
    Wrong(String),
}

impl From<Wrong> for Unready {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong.0)
    }
}
