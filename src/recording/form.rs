//! The lines of a recording.
//!
//! Owns their members. Must not: know what is taken out of an exchange, or which answer a call gets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::failure::RecordedFailure;
use super::{ENTERPRISE_PROJECT, VERSION};
use crate::fleet::Scope;
use crate::hss::request::ALL_ENTERPRISE_PROJECTS;

/// The first line: what was asked, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingHeader {
    /// The version of the form.
    pub hss_top_recording: u32,
    /// The version of the program that recorded.
    #[serde(default)]
    pub hss_top: String,
    /// When the recording began (UTC).
    pub recorded_at: Timestamp,
    /// Whether names, addresses and ids are pseudonyms.
    #[serde(default)]
    pub masked: bool,
    /// The region, or host and port of the endpoint.
    #[serde(default)]
    pub place: String,
    /// Calls that were allowed per minute.
    pub calls_per_minute: u32,
    /// Seconds between two looks at the list.
    pub interval_s: u64,
    /// Records per page.
    pub page_size: u32,
    /// The enterprise project: a word of HSS, or [`ENTERPRISE_PROJECT`].
    pub enterprise_project_id: String,
    /// The cluster whose pods were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace whose pods were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The pod that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
}

impl RecordingHeader {
    /// The scope that was asked for.
    pub fn scope(&self) -> Scope {
        Scope {
            cluster: self.cluster.clone(),
            namespace: self.namespace.clone(),
            pod: self.pod.clone(),
        }
    }

    /// A header of this version and this program.
    pub fn begun_at(recorded_at: Timestamp) -> Self {
        Self {
            hss_top_recording: VERSION,
            hss_top: env!("CARGO_PKG_VERSION").to_owned(),
            recorded_at,
            masked: false,
            place: String::new(),
            calls_per_minute: 0,
            interval_s: 0,
            page_size: 0,
            enterprise_project_id: ALL_ENTERPRISE_PROJECTS.to_owned(),
            cluster: None,
            namespace: None,
            pod: None,
        }
    }
}

/// The id of an enterprise project as a recording has it: words of HSS stay.
pub(super) fn enterprise_project(id: &str) -> &str {
    match id {
        word @ ("" | "0" | ALL_ENTERPRISE_PROJECTS) => word,
        _ => ENTERPRISE_PROJECT,
    }
}

/// A call and its outcome. Either `status` or `error` is there, or both if only the body is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedExchange {
    /// Milliseconds from the beginning of the recording to that of the call.
    pub at_ms: u64,
    /// Milliseconds that the call took.
    pub took_ms: u64,
    /// `GET`, `POST`
    pub method: String,
    /// The path below the endpoint, encoded, with [`PROJECT`](super::PROJECT) for the project's id.
    pub path: String,
    /// The query, encoded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The headers that hss-top reads, as pairs of name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The body as text. Absent in the outcome of a sign-in, which is not replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Why there is no answer, or no body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RecordedFailure>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingEnd {
    /// Why it ended: `sweeps`, `time`, `signal`, `failed`.
    pub end: String,
    /// Milliseconds from the beginning of the recording.
    pub at_ms: u64,
    /// The number of exchanges before this line.
    pub exchanges: u64,
}
