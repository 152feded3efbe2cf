//! The flags and settings of all commands without a screen.
//!
//! Owns their common flags. They select the pods with the same flags and keys as the dashboard, except that
//! `filter` and `view` in the file only apply to the dashboard: a program that reads a list must not miss
//! pods because of them. Must not: ask HSS.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::fleet_fetch::FetchLimits;
use super::typed;
use crate::config::{Config, ConfigKey, Flags, Origin};
use crate::env::Variables;
use crate::keys::ViewKind;
use crate::recording::ReplayPace;
use crate::settings::{Demo, SavedView, Settings, Unready};
use crate::simulator::MOST_PODS;

/// The demo's flags.
#[derive(Debug, Clone, Copy, Args)]
pub struct DemoArgs {
    /// Show the built-in simulator instead of a real project; needs no account
    #[arg(long)]
    pub demo: bool,
    /// The demo's pods on nodes
    #[arg(long, requires = "demo", value_name = "N", default_value_t = 1071, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub pods: u64,
    /// The demo's serverless pods
    #[arg(long, requires = "demo", value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub serverless: u64,
    /// The seed of the demo: the same seed gives the same pods
    #[arg(long, requires = "demo", value_name = "N", default_value_t = 7)]
    pub seed: u64,
}

impl DemoArgs {
    /// The demo, if it is requested.
    pub fn wanted(self) -> Option<Demo> {
        self.demo.then_some(Demo {
            pods: self.pods,
            serverless: self.serverless,
            seed: self.seed,
        })
    }
}

/// The flag of a replay.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Show a recording of hss-top record instead of a real project; needs no account and no network
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub replay: Option<PathBuf>,
}

/// Flags of all commands without a screen.
#[derive(Debug, Args)]
pub struct HeadlessArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The demo.
    #[command(flatten)]
    pub demo: DemoArgs,
    /// The replay.
    #[command(flatten)]
    pub replay: ReplayArgs,
    /// Use the saved list without a call to HSS if it is complete and no older than this, such as 15m
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub max_age: Option<Duration>,
    /// Give up when calls have failed for this long; a refused credential ends it at once
    #[arg(long, value_name = "TIME", default_value = "90s", value_parser = typed::time)]
    pub give_up_after: Duration,
    /// End after this long, complete or not, also while HSS does not answer (default: no limit)
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub timeout: Option<Duration>,
    /// Show no progress and no notes on stderr, only errors
    #[arg(long)]
    pub quiet: bool,
}

impl HeadlessArgs {
    /// How long to try.
    pub fn limits(&self) -> FetchLimits {
        FetchLimits {
            max_age: self.max_age,
            give_up_after: self.give_up_after,
            timeout: self.timeout,
        }
    }

    /// The settings of the command. `unknown` are sentences about unknown variables.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration.
    pub fn settings(&self, variables: Variables<'_>, unknown: Vec<String>) -> Result<Settings, Unready> {
        let config = headless_config(&self.flags, variables, unknown)?;
        let mut settings = match &self.replay.replay {
            Some(path) => replay_settings(&config, variables, path, ReplayPace::AtOnce),
            None => settings_of(&config, self.demo, variables),
        }?;
        warn_of_real_names(&config, &mut settings);
        if settings.source.is_masked {
            let told = "names are masked in this recording: real names match nothing";
            settings.warnings.push(told.to_owned());
        }
        Ok(settings)
    }
}

/// Says that names are real, where a variable or the file asks for pseudonyms; the flag is refused by the command line.
pub(super) fn warn_of_real_names(config: &Config, settings: &mut Settings) {
    let Some(mask) = config.get(ConfigKey::Mask).filter(|_| settings.mask) else {
        return;
    };
    if settings.source.is_masked {
        return;
    }
    settings.warnings.push(format!(
        "names are real here: mask ({}) only applies to the dashboard and to record",
        mask.origin
    ));
}

/// The configuration of a command without a screen. `unknown` has sentences about unknown variables.
///
/// # Errors
/// What is wrong in the file.
pub(super) fn headless_config(
    flags: &Flags,
    variables: Variables<'_>,
    unknown: Vec<String>,
) -> Result<Config, Unready> {
    let mut config = Config::resolve(flags, variables)?;
    config.warnings.extend(unknown);
    for key in [ConfigKey::Filter, ConfigKey::View] {
        let is_of_the_file = |origin: &Origin| matches!(origin, Origin::File(_) | Origin::Profile(..));
        if config.get(key).is_some_and(|value| is_of_the_file(&value.origin)) {
            config.forget(key);
        }
    }
    Ok(config)
}

/// What a command runs with that takes the flags of the configuration alone, and makes no call.
///
/// # Errors
/// What is missing or wrong in the configuration.
pub fn of_flags(flags: &Flags, variables: Variables<'_>, unknown: Vec<String>) -> Result<Settings, Unready> {
    let config = headless_config(flags, variables, unknown)?;
    let mut settings = Settings::of_saved_state(&config, variables)?;
    warn_of_real_names(&config, &mut settings);
    Ok(settings)
}

/// What a command without a screen runs with.
///
/// # Errors
/// What is missing or wrong in the configuration.
pub(super) fn settings_of(
    config: &Config,
    demo: DemoArgs,
    variables: Variables<'_>,
) -> Result<Settings, Unready> {
    usable(match demo.wanted() {
        Some(demo) => Settings::of_demo(config, variables, demo),
        None => Settings::of_api(config, variables),
    }?)
}

/// What a command without a screen runs with that replays the recording in this file.
///
/// # Errors
/// The recording cannot be used, or something in the configuration is wrong.
pub(super) fn replay_settings(
    config: &Config,
    variables: Variables<'_>,
    path: &Path,
    pace: ReplayPace,
) -> Result<Settings, Unready> {
    let mut settings = Settings::of_replay(config, variables, path, pace)?;
    if let Some(recorded_at) = settings.source.recorded_at {
        let at = recorded_at.strftime("%Y-%m-%d %H:%M:%S UTC");
        let masked = if settings.source.is_masked {
            "; names, addresses and ids are pseudonyms"
        } else {
            ""
        };
        settings.warnings.push(format!(
            "this is a replay: the answers were recorded at {at}{masked}"
        ));
    }
    usable(settings)
}

/// These settings, unless they have a view of which a part cannot be used.
///
/// # Errors
/// Which part, and why.
pub(super) fn usable(settings: Settings) -> Result<Settings, Unready> {
    match settings.view.as_ref().and_then(unusable) {
        Some(why) => Err(Unready::Wrong(why)),
        None => Ok(settings),
    }
}

/// Why a program cannot have the pods of this view: without a part of it they would be others, and nobody would see that.
fn unusable(view: &SavedView) -> Option<String> {
    if view.shown_in() == ViewKind::Changes && !view.filter.is_empty() {
        return Some("--view names a view of the changes, whose filter does not apply to pods".to_owned());
    }
    view.faults.first().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: HeadlessArgs,
    }

    #[test]
    fn the_filter_of_the_file_is_the_dashboards_and_that_of_a_flag_or_a_variable_holds() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "filter = \"of-file\"\nview = \"hot\"\n[views.hot]\n").unwrap();
        let path = file.path().to_str().unwrap();
        let settings = |flags: &[&str], variable: Option<&str>| {
            let line = [&["list", "--demo", "--config", path], flags].concat();
            let args = Line::parse_from(line).args;
            let variables = |name: &str| variable.filter(|_| name == "HSS_TOP_FILTER").map(str::to_owned);
            args.settings(&variables, Vec::new()).unwrap()
        };
        let of_file = settings(&[], None);
        assert_eq!((of_file.filter.as_str(), of_file.view), ("", None));
        assert_eq!(settings(&["--filter", "x"], None).filter, "x");
        assert_eq!(settings(&[], Some("y")).filter, "y");
        assert!(settings(&["--view", "hot"], None).view.is_some());
        std::fs::write(file.path(), "[views.odd]\nfilter = \"ns:a soon:1\"\n[views.c]\nview = \"changes\"\nfilter = \"changed:gone\"\n").unwrap();
        for (view, why) in [
            ("odd", "line 2: views.odd.filter is"),
            ("c", "a view of the changes"),
        ] {
            let line = ["list", "--demo", "--config", path, "--view", view];
            let refused = Line::parse_from(line)
                .args
                .settings(&|_| None, Vec::new())
                .unwrap_err();
            assert!(
                matches!(&refused, Unready::Wrong(told) if told.contains(why)),
                "{refused:?}"
            );
        }
    }
}
