//! The settings of the simulated service.
//!
//! Owns only the defaults: the modules that use a value also check it.

use std::time::Duration;

use secrecy::SecretString;

use super::iam::{IamProject, KnownIdentities, PasswordLogin};
use super::signature::SigningKeys;

/// The settings of a [`Simulator`](super::Simulator).
#[derive(Clone, Debug)]
pub struct SimulatorSettings {
    /// The same seed gives the same pods.
    pub seed: u64,
    /// Pods that run on nodes (`data_list`); at most [`MOST_PODS`].
    pub pods: u64,
    /// Pods that run without a node (`pod_info_list`); at most [`MOST_PODS`].
    pub serverless: u64,
    /// How many of the serverless pods have the cluster, namespace and name of a pod on a node.
    pub mirrored: u64,
    /// How the two lists share one window.
    pub lists: ListMode,
    /// How many calls one caller may make of one operation in a minute; `None` sets no limit.
    pub calls_per_minute: Option<u32>,
    /// The delay of each answer.
    pub latency: Duration,
    /// How often a new snapshot is taken without a request; `None`: only on request.
    pub snapshot_every: Option<Duration>,
    /// The snapshots that were taken before the service starts; `None`: one, some minutes before.
    pub past: Option<SimulatedPast>,
    /// A token that is accepted in addition to issued ones. If none of this, `login` and `identities` is set,
    /// every non-empty token is accepted.
    pub token: Option<SecretString>,
    /// A key pair that is accepted in addition to issued ones.
    pub keys: Option<SigningKeys>,
    /// Who can sign in with a password; `None` refuses everybody.
    pub login: Option<PasswordLogin>,
    /// Who can sign in with an identity token.
    pub identities: KnownIdentities,
    /// How long an issued token is valid.
    pub token_lifetime: Duration,
    /// The projects that IAM lists and that a token can be for. HSS accepts any project id.
    pub projects: Vec<IamProject>,
}

/// The largest number of pods per list: the largest `offset` of the API.
pub const MOST_PODS: u64 = 2_000_000;

/// The snapshots that were taken before the service starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedPast {
    /// When the newest of them was taken, in milliseconds of the epoch.
    pub first_at: i64,
    /// How long before that each of the others was taken, the longest first.
    pub earlier: Vec<Duration>,
}

/// How the service cuts a page out of its two lists. The documentation does not say, so a client has to
/// support both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListMode {
    /// One window over the pods on nodes followed by the serverless pods; `total_num` counts both.
    #[default]
    Joined,
    /// The same window on each list; `total_num` counts only the pods on nodes.
    Parallel,
}

impl Default for SimulatorSettings {
    fn default() -> Self {
        Self {
            seed: 7,
            pods: 1071,
            serverless: 40,
            mirrored: 0,
            lists: ListMode::default(),
            calls_per_minute: None,
            latency: Duration::ZERO,
            snapshot_every: None,
            past: None,
            token: None,
            keys: None,
            login: None,
            identities: KnownIdentities::default(),
            token_lifetime: Duration::from_hours(24),
            projects: vec![IamProject {
                name: "cn-north-4".to_owned(),
                id: "05f2c1a7d84b4e0c9d36e7b1f0a8c245".to_owned(),
            }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_contains_no_token() {
        let settings = SimulatorSettings {
            token: Some("hush-hush".into()),
            ..SimulatorSettings::default()
        };
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
