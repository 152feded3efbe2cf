//! The paths of a collector below `/v1`: its state and the journal of a team.
//!
//! A collector is another hss-top (`hss-top serve`); `hss-top schema openapi` describes these paths. Nobody
//! asks for them before an answer had the mark of a collector, because HSS does not have them; only `hss-top mutes`, which makes no
//! other call, asks a host that is not one of HSS.

use reqwest::Method;
use serde_json::{Map, Value};

use crate::hss::call::{Call, CallEffect, DecodeError, Parameters, Received};
use crate::hss::call_record::CallSubject;
use crate::hss::client::Answer;
use crate::hss::error::{Error, ServiceName};

/// Reads one of the paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadTeam {
    /// The path.
    pub path: &'static str,
    /// Its parameters.
    pub parameters: Parameters,
}

/// Sends decisions to one of the paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendToTeam {
    /// The path.
    pub path: &'static str,
    /// The project whose journal is meant, if it is known: a collector may keep several.
    pub project: Option<String>,
    /// The body: JSON.
    pub body: Vec<u8>,
}

impl Call for ReadTeam {
    const NAME: &'static str = "CollectorTeam";
    const SERVICE: ServiceName = ServiceName::Collector;
    type Answer = Map<String, Value>;

    fn path(&self) -> String {
        self.path.to_owned()
    }

    fn query(&self) -> Parameters {
        self.parameters.clone()
    }

    fn decode(&self, received: Received<'_>) -> Result<Self::Answer, DecodeError> {
        received.object()
    }

    fn subject(&self, _: Option<&Self::Answer>) -> CallSubject {
        CallSubject::Team
    }

    /// A screen waits with such a call all day.
    fn log(&self, result: Result<&Answer<Self::Answer>, &Error>, ms: u64) {
        match result {
            Ok(_) => tracing::debug!(path = self.path, ms, "answered"),
            Err(error) => tracing::info!(path = self.path, ms, %error, "failed"),
        }
    }
}

impl Call for SendToTeam {
    const NAME: &'static str = "CollectorDecisions";
    const METHOD: Method = Method::POST;
    const SERVICE: ServiceName = ServiceName::Collector;
    const EFFECT: CallEffect = CallEffect::Changes;
    type Answer = Map<String, Value>;

    fn path(&self) -> String {
        self.path.to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default().with("project_id", self.project.as_ref())
    }

    fn body(&self) -> Vec<u8> {
        self.body.clone()
    }

    fn decode(&self, received: Received<'_>) -> Result<Self::Answer, DecodeError> {
        received.object()
    }

    fn subject(&self, _: Option<&Self::Answer>) -> CallSubject {
        CallSubject::TeamDecision
    }
}
