//! Where the pods come from, in words for the screen.

use jiff::Timestamp;

use crate::config::{Config, ConfigKey};
use crate::fleet::SourceId;

/// Where the pods come from, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLabel {
    /// Its number.
    pub id: SourceId,
    /// The profile of the configuration file; empty without one.
    pub profile: String,
    /// The project's id.
    pub project: String,
    /// The enterprise project's id.
    pub enterprise_project: String,
    /// The region, or host and port where the endpoint names none.
    pub place: String,
    /// Whether this is the built-in simulator.
    pub demo: bool,
    /// When the answers were recorded, if this is a replay.
    pub recorded_at: Option<Timestamp>,
    /// Whether the names, addresses and ids of a recording are pseudonyms.
    pub is_masked: bool,
    /// Whether the credential travels in plain text to another machine.
    pub plain_text: bool,
    /// Where the credential comes from.
    pub signed_in_by: String,
}

/// The name of the stand-in for a credential where none is set.
pub(super) const NO_CREDENTIAL: &str = "no credential";

impl SourceLabel {
    /// Whether a call could be made: a command that only uses the saved state also runs without a credential.
    pub fn has_credential(&self) -> bool {
        self.signed_in_by != NO_CREDENTIAL
    }

    /// What the configuration says of it.
    pub(super) fn of(config: &Config) -> Self {
        let text = |key: ConfigKey| config.text(key).unwrap_or_default().to_owned();
        Self {
            id: SourceId::default(),
            profile: text(ConfigKey::Profile),
            project: text(ConfigKey::ProjectId),
            enterprise_project: text(ConfigKey::EnterpriseProjectId),
            place: String::new(),
            demo: false,
            recorded_at: None,
            is_masked: false,
            plain_text: false,
            signed_in_by: String::new(),
        }
    }
}
