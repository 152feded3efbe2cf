//! `hss-top watch`: prints changes continuously, for people and programs.
//!
//! Owns the loop: the collector works like in the dashboard, with the same budget and the same saved state;
//! each change that this program or another one records there is written to standard output once. Must not:
//! call, or know the forms.

mod form;
mod notes;
mod queue;
mod run;

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::change_filter::TypedChangeFilter;
use super::footers;
use super::headless::{
    DemoArgs, ReplayArgs, headless_config, replay_settings, settings_of, warn_of_real_names,
};
use super::typed;
use crate::config::Flags;
use crate::env::Variables;
use crate::fleet::changes::ChangeId;
use crate::fleet::query::change_query::ChangeQuery;
use crate::recording::ReplayPace;
use crate::settings::{Settings, Unready};
use crate::state::FeedStart;
pub use run::run;

/// Flags of `watch`.
#[derive(Debug, Args)]
#[command(after_help = footers::WATCH)]
pub struct WatchArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The demo.
    #[command(flatten)]
    pub demo: DemoArgs,
    /// The replay.
    #[command(flatten)]
    pub replay: ReplayArgs,
    /// The output format
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: WatchOutput,
    /// Continue after the change with this id; start: begin with the oldest saved one; empty: only new
    /// changes (default)
    #[arg(long, value_name = "ID", value_parser = parse_after)]
    pub after: Option<FeedStart>,
    /// End when calls have failed for this long [default: never]
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub give_up_after: Option<Duration>,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

/// The form of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchOutput {
    /// One line for people
    Text,
    /// One object per line, see `hss-top schema watch`
    Jsonl,
}

fn parse_after(text: &str) -> Result<FeedStart, String> {
    match text {
        // A file without a change yet has no last id: a service must start on its first day too.
        "" => Ok(FeedStart::Now),
        "start" => Ok(FeedStart::Oldest),
        id => ChangeId::read(id).map(FeedStart::After).ok_or_else(|| {
            "it must be the id of a change, which has 16 hexadecimal digits, or start".to_owned()
        }),
    }
}

/// What a watch runs with.
#[derive(Debug)]
pub struct WatchPlan {
    /// The settings.
    pub settings: Settings,
    /// Which changes.
    pub query: ChangeQuery,
}

impl WatchArgs {
    /// What it runs with. `unknown` has sentences about unknown variables.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration.
    pub fn plan(&self, variables: Variables<'_>, unknown: Vec<String>) -> Result<WatchPlan, Unready> {
        let mut config = headless_config(&self.flags, variables, unknown)?;
        let filter = TypedChangeFilter::take(&mut config)?;
        let mut settings = match &self.replay.replay {
            Some(path) => replay_settings(&config, variables, path, ReplayPace::AsRecorded),
            None => settings_of(&config, self.demo, variables),
        }?;
        let is_past = self.after.is_some_and(|after| after != FeedStart::Now);
        if is_past && settings.state.is_none() {
            let why = if self.replay.replay.is_some() {
                "--after needs the saved state, and a replay does not use it"
            } else if self.demo.demo {
                "--after needs the saved state, and a demo does not save it"
            } else {
                "--after needs the saved state, which is turned off or has no folder"
            };
            return Err(Unready::Wrong(why.to_owned()));
        }
        settings.warnings.extend(filter.doubt());
        warn_of_real_names(&config, &mut settings);
        let query = filter.or_of(settings.view.as_ref());
        Ok(WatchPlan { settings, query })
    }
}
