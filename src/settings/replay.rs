//! What a replay runs with: a recording in the place of the API.
//!
//! The recording determines what is requested, and how often; only flags change that. There is no credential, no
//! ledger and no saved state. Its alerts are not sent, because they belong to another time and perhaps to
//! another project. Its clock shows the time of the recording. Must not: read the recording.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{DEMO_CALLS_PER_MINUTE, ReplayTarget, Settings, SourceLabel, Target, Unready};
use crate::alerts::AlertRule;
use crate::clock::Clock;
use crate::config::{Config, ConfigKey, Origin};
use crate::env::Variables;
use crate::hss::ListPods;
use crate::recording::{PROJECT, Recording, ReplayPace};
use crate::sinks::AlertServers;

/// The shortest and the longest interval of a recording, in seconds.
const INTERVAL: RangeInclusive<u64> = 1..=86_400;

impl Settings {
    /// What a replay of this file runs with.
    ///
    /// # Errors
    /// The recording cannot be used, or a value of the configuration is wrong.
    pub fn of_replay(
        config: &Config,
        variables: Variables<'_>,
        path: &Path,
        pace: ReplayPace,
    ) -> Result<Self, Unready> {
        let recording = Recording::open(path).map_err(|fault| Unready::Wrong(fault.to_string()))?;
        let header = recording.header.clone();
        let is_flag = |key: ConfigKey| {
            let value = config.get(key);
            value.is_some_and(|value| matches!(value.origin, Origin::Flag(_)))
        };
        let label = SourceLabel {
            project: PROJECT.to_owned(),
            place: header.place.clone(),
            enterprise_project: header.enterprise_project_id.clone(),
            recorded_at: Some(header.recorded_at),
            is_masked: header.masked,
            ..SourceLabel::of(config)
        };
        let calls = match (pace, is_flag(ConfigKey::CallsPerMinute)) {
            (_, true) => super::calls_per_minute(config)?.unwrap_or(DEMO_CALLS_PER_MINUTE),
            (ReplayPace::AtOnce, false) => DEMO_CALLS_PER_MINUTE,
            (ReplayPace::AsRecorded, false) => header.calls_per_minute.clamp(1, DEMO_CALLS_PER_MINUTE),
        };
        let target = Target::Replay(Box::new(ReplayTarget { recording, pace }));
        let mut settings = Self::new(config, variables, target, calls, label)?;
        let asks_for_a_part = [ConfigKey::Pod, ConfigKey::Namespace, ConfigKey::Cluster]
            .into_iter()
            .any(is_flag);
        let scope = if asks_for_a_part {
            settings.call.scope().clone()
        } else {
            header.scope()
        };
        settings.call = ListPods::new(&header.enterprise_project_id, header.page_size, scope)
            .map_err(|wrong| Unready::Wrong(format!("{} line 1: {wrong}", path.display())))?;
        if !is_flag(ConfigKey::Interval) {
            let seconds = header.interval_s.clamp(*INTERVAL.start(), *INTERVAL.end());
            settings.interval = Duration::from_secs(seconds);
        }
        settings.own_folder = None;
        settings.alerts = Vec::<AlertRule>::new();
        settings.alert_servers = AlertServers::default();
        Ok(settings)
    }

    /// How long the recording of a replay takes; `None` for anything else.
    pub fn replay_takes(&self) -> Option<Duration> {
        match &self.target {
            Target::Replay(replay) => Some(replay.recording.length()),
            Target::Demo(_) | Target::Api(_) => None,
        }
    }

    /// The clock of this run: that of a replay shows the time of its recording.
    pub fn clock(&self) -> Clock {
        match self.source.recorded_at {
            Some(recorded_at) => clock_from(recorded_at, &Clock::system()),
            None => Clock::system(),
        }
    }
}

/// A clock that shows `recorded_at` now, and runs as fast as `clock`.
fn clock_from(recorded_at: Timestamp, clock: &Clock) -> Clock {
    let behind: SignedDuration = clock.now().duration_since(recorded_at);
    let clock = clock.clone();
    Clock::from_fn(move || {
        let now = clock.now();
        now.checked_sub(behind).unwrap_or(now)
    })
}
