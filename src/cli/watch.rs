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

use super::check::NoPods;
use super::headless::{DemoArgs, ReplayArgs, headless_config, replay_settings, settings_of};
use crate::config::{Config, ConfigKey, Flags};
use crate::env::Variables;
use crate::fleet::changes::ChangeId;
use crate::fleet::query::change_query::ChangeQuery;
use crate::recording::ReplayPace;
use crate::settings::{Settings, Unready};
use crate::state::FeedStart;
pub use run::run;

/// Flags of `watch`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
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
    /// Continue after the change with this id; start: begin with the oldest saved one [default: only new
    /// changes]
    #[arg(long, value_name = "ID", value_parser = parse_after)]
    pub after: Option<FeedStart>,
    /// End when calls have failed for this long [default: never]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub give_up_after: Option<Duration>,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

const AFTER_HELP: &str = "\
Each change is printed once, in the order of the saved log, including those that a dashboard on the same state records. Its id is the
same in every run, so a reader that remembers the last one can continue after it.
  hss-top watch --profile prod --output jsonl >> changes.jsonl
  hss-top watch --profile prod --output jsonl --after \"$(tail -n1 changes.jsonl | jq -r .id)\" >> changes.jsonl
  hss-top watch --profile prod --filter 'to:risk ns:payments'
--filter accepts the filters of the dashboard's list of changes: changed:, from:, to: and the filter of the pods.

It ends with a signal (128 + n), when its reader goes away or the recording of --replay ends (0), when a credential is refused before HSS answered once (3), when
calls fail for longer than --give-up-after (5), or when its lines cannot be written (6).";

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
        "start" => Ok(FeedStart::Oldest),
        id => ChangeId::read(id).map(FeedStart::After).ok_or_else(|| {
            "it must be the id of a change, which has 16 hexadecimal digits, or start".to_owned()
        }),
    }
}

/// The command, whose filter is one of changes.
pub(super) fn with_filter_of_changes(command: clap::Command) -> clap::Command {
    let read = |text: &str| ChangeQuery::parse(text).map(|_| text.to_owned());
    command.mut_arg("filter", |filter| filter.value_parser(read))
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
        let typed = config.text(ConfigKey::Filter).map(str::to_owned);
        let query = Self::query(&config, typed.as_deref())?;
        config.forget(ConfigKey::Filter);
        let mut settings = match &self.replay.replay {
            Some(path) => replay_settings(&config, variables, path, ReplayPace::AsRecorded),
            None => settings_of(&config, self.demo, variables),
        }?;
        let of_view = settings.view.as_ref().map(|view| view.filter.clone());
        let query = match (query, of_view) {
            (None, Some(filter)) => ChangeQuery::parse(&filter).unwrap_or_default(),
            (query, _) => query.unwrap_or_default(),
        };
        if self.after.is_some() && settings.state.is_none() {
            let why = if self.replay.replay.is_some() {
                "--after needs the saved state, and a replay does not use it"
            } else if self.demo.demo {
                "--after needs the saved state, and a demo does not save it"
            } else {
                "--after needs the saved state, which is turned off or has no folder"
            };
            return Err(Unready::Wrong(why.to_owned()));
        }
        if let Some(why) = typed.and_then(|text| ChangeQuery::parse_among(&text, &NoPods).err()) {
            settings.warnings.push(format!("--filter may never match: {why}"));
        }
        Ok(WatchPlan { settings, query })
    }

    fn query(config: &Config, typed: Option<&str>) -> Result<Option<ChangeQuery>, Unready> {
        let parsed = typed.map(ChangeQuery::parse).transpose();
        parsed.map_err(|error| {
            config
                .wrong(ConfigKey::Filter, &format!("a filter: {error}"))
                .into()
        })
    }
}
