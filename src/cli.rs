//! The command line.
//!
//! Owns the commands and their help; the flags of the configuration are made from its table of keys
//! ([`crate::config::flags`]). [`list`] and [`check`] work without a screen, with a list that [`fleet_fetch`]
//! waits for, and [`watch`] continuously; [`headless`] has the flags of all commands without a screen. No
//! flag takes a secret, because every user of the machine can read the arguments.

pub mod alerts;
mod change_filter;
pub mod check;
mod collector_word;
pub mod command;
pub mod config_show;
mod empty_scope;
pub mod fleet_fetch;
mod footers;
pub mod headless;
pub mod history;
pub mod list;
pub mod mutes;
mod named_pods;
pub mod progress;
pub mod record;
pub mod reference;
mod refused;
pub mod report;
pub mod serve;
pub mod shell;
pub mod since;
pub mod stdout;
pub mod stop;
pub mod themes;
mod typed;
pub mod watch;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand as _, ValueEnum};

use crate::config::Flags;
use crate::exit_codes;
use crate::secrets::values::shortened;
use crate::simulator::{IamProject, ListMode, MOST_PODS};
pub use alerts::AlertsCommand;
use change_filter::with_filter_of_changes;
pub use check::CheckArgs;
pub use command::{CliCommand, ConfigCommand, SchemaOf};
pub use headless::{DemoArgs, ReplayArgs};
pub use history::ExportCommand;
pub use list::ListArgs;
pub use mutes::MutesCommand;
pub use record::RecordArgs;
pub use reference::ReferenceArgs;
pub use report::ReportArgs;
pub use serve::ServeArgs;
pub use shell::{CompletionsArgs, ManArgs, ValuesArgs};
pub use watch::WatchArgs;

/// The text below the options; [`after_help`] inserts the exit codes.
const AFTER_HELP: &str = "\
Credentials never come from a flag. The first complete one of these is used:
  HSS_TOP_TOKEN, or the file that HSS_TOP_TOKEN_FILE names
  HUAWEICLOUD_OIDC_PROVIDER_URN, _AGENCY_URN and _TOKEN_FILE (or _ID_TOKEN)
  HUAWEICLOUD_SDK_IDP_ID and HUAWEICLOUD_SDK_ID_TOKEN_FILE
  HUAWEICLOUD_SDK_AK/_SK[/_SECURITY_TOKEN], or CLOUD_SDK_AK/_SK, or HW_ACCESS_KEY/HW_SECRET_KEY[/HW_SECURITY_TOKEN]
  HSS_TOP_IAM_USER, HSS_TOP_IAM_DOMAIN and HSS_TOP_IAM_PASSWORD (or HSS_TOP_IAM_PASSWORD_FILE)
  the profile: token_file, access_key and secret_key, credential_process, or iam_user
  ~/.huaweicloud/credentials (or HUAWEICLOUD_SDK_CREDENTIALS_FILE)
  KooCLI's file, if HW_SHARED_CONFIG_FILE or HW_PROFILE names it
  HC_CONTAINER_CREDENTIALS_FULL_URI and HC_CONTAINER_AUTHORIZATION_TOKEN_FILE (pod identity)
  the metadata service of the cloud server that hss-top runs on
  ~/.hcloud/config.json (KooCLI's file)

Exit codes:
EXIT_CODES

First steps:  hss-top --demo        without an account
              hss-top list --demo   the same without a screen
              hss-top doctor        checks every step between this machine and the pods";

/// The version, with the commit where whoever built the program named it. A build script would look for it, and compile the crate
/// anew after each commit; `option_env!` only does where the variable changes.
pub fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let commit = option_env!("BUILD_COMMIT").filter(|commit| !commit.is_empty());
    commit.map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"))
}

fn after_help() -> String {
    AFTER_HELP.replace("EXIT_CODES", &exit_codes::in_help())
}

/// A terminal dashboard for the Kubernetes pods that Huawei Cloud Host Security Service (HSS) lists.
#[derive(Debug, Parser)]
#[command(version = version(), about, after_help = after_help(), args_override_self = true)]
pub struct Cli {
    /// What to do instead of showing the dashboard.
    #[command(subcommand)]
    pub command: Option<CliCommand>,
    /// What the dashboard shows.
    #[command(flatten)]
    pub dashboard: DashboardArgs,
}

/// The command line without a command. The commands with all their flags are two thirds of the work of reading a line, and the
/// dashboard needs none of them.
#[derive(Debug, Parser)]
#[command(args_override_self = true)]
struct CommandlessLine {
    #[command(flatten)]
    dashboard: DashboardArgs,
}

impl Cli {
    /// Reads a command line. A flag of the configuration may be before or after a command; if it is in both
    /// places, the one after the command applies.
    ///
    /// # Errors
    /// Clap's own, including a request for help, or a flag before a command that does not take it.
    pub fn read<T: Into<OsString> + Clone>(line: impl IntoIterator<Item = T>) -> Result<Self, clap::Error> {
        let line: Vec<OsString> = line.into_iter().map(Into::into).collect();
        if let Some(cli) = Self::parse_commandless(&line) {
            return Ok(cli);
        }
        Self::parse_line(line).map_err(without_values)
    }

    /// A valid line in which nothing is the name of a command. All others need the whole command line: for a command, for the
    /// help, for a good error.
    fn parse_commandless(line: &[OsString]) -> Option<Self> {
        let is_command = |word: &OsString| word.to_str().is_none_or(CliCommand::has_subcommand);
        if line.iter().skip(1).any(is_command) {
            return None;
        }
        let CommandlessLine { dashboard } = CommandlessLine::try_parse_from(line).ok()?;
        Some(Self {
            command: None,
            dashboard,
        })
    }

    /// The whole command line, as help, completions and manual pages have it.
    pub fn whole() -> clap::Command {
        Self::command()
            .mut_subcommands(refused::without_ignored)
            .mut_subcommand("watch", with_filter_of_changes)
            .mut_subcommand("export", |export| {
                export
                    .mut_subcommand("changes", with_filter_of_changes)
                    .mut_subcommand("history", history::with_filter_of_names)
            })
    }

    fn parse_line<T: Into<OsString> + Clone>(line: impl IntoIterator<Item = T>) -> Result<Self, clap::Error> {
        let mut command = Self::whole();
        let matches = command.try_get_matches_from_mut(line)?;
        if let Some(name) = matches.subcommand_name() {
            let is_given = |arg: &&clap::Arg| {
                matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine)
            };
            let takes_flags = command.find_subcommand(name).is_some_and(takes_flags);
            let is_foreign = |arg: &&clap::Arg| !takes_flags || !Flags::has(arg);
            let foreign = command.get_arguments().filter(is_given).find(is_foreign);
            if let Some(flag) = foreign.and_then(clap::Arg::get_long) {
                let why =
                    format!("'--{flag}' only applies to the dashboard; put options of '{name}' after it");
                return Err(command.error(ErrorKind::ArgumentConflict, why));
            }
        }
        let mut cli = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        cli.pass_on();
        if let Some(why) = refused::why(&cli, &command, &matches) {
            return Err(command.error(ErrorKind::ArgumentConflict, why));
        }
        if matches!(cli.command, Some(CliCommand::Check(_))) {
            // A check ends sooner than it takes to give back the descriptions of all commands one by one.
            std::mem::forget((matches, command));
        }
        Ok(cli)
    }

    /// Passes the configuration's flags before a command to that command.
    fn pass_on(&mut self) {
        if let Some(flags) = self.command.as_mut().and_then(CliCommand::flags_mut) {
            flags.follow(&self.dashboard.flags);
        }
    }
}

/// Whether a command, or one below it, takes the flags of the configuration.
fn takes_flags(command: &clap::Command) -> bool {
    command.get_arguments().any(Flags::has) || command.get_subcommands().any(takes_flags)
}

/// The same error with long values shortened: somebody may have typed a secret in the wrong place.
fn without_values(mut error: clap::Error) -> clap::Error {
    /// No command and no valid value is longer.
    const LONGEST: usize = 16;
    for kind in [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ] {
        if let Some(ContextValue::String(value)) = error.get(kind)
            && !value.starts_with('-')
            && (value.chars().count() > LONGEST || value.contains('@'))
        {
            let shortened = shortened(value);
            error.insert(kind, ContextValue::String(shortened));
        }
    }
    error
}

/// Flags of `config show`.
#[derive(Debug, Args)]
#[command(after_help = footers::CONFIG_SHOW)]
pub struct ShowArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// As a table or as JSON
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: OutputFormat,
}

/// Flags of `themes`.
#[derive(Debug, Args)]
pub struct ThemesArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The form of the list.
    #[command(flatten)]
    pub form: ReferenceArgs,
}

/// Flags of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = footers::DOCTOR)]
pub struct DoctorArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// As lines or as JSON
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub output: OutputFormat,
}

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Flags of the dashboard.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// The configuration.
    #[command(flatten)]
    pub flags: Flags,
    /// The demo.
    #[command(flatten)]
    pub demo: DemoArgs,
    /// The replay.
    #[command(flatten)]
    pub replay: ReplayArgs,
    /// Show a wall: large letters, several views in turn, and no key that changes anything; Ctrl-x q ends it
    #[arg(long)]
    pub kiosk: bool,
}

/// Flags of the simulator.
#[derive(Debug, Args)]
#[command(
    after_help = "It accepts the token in its variable HSS_TOP_TOKEN, and calls signed with the key pair in HUAWEICLOUD_SDK_AK \
                      and HUAWEICLOUD_SDK_SK. Its IAM signs in the user HSS_TOP_IAM_USER with HSS_TOP_IAM_PASSWORD in the account \
                      HSS_TOP_IAM_DOMAIN, and the tokens and temporary key pairs that it issues are valid until they expire. If \
                      neither a token nor a sign-in is set, it accepts any token."
)]
pub struct SimulateArgs {
    /// The address to listen on; port 0 chooses a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = typed::address)]
    pub listen: SocketAddr,
    /// Pods on nodes
    #[arg(long, value_name = "N", default_value_t = 1071, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub pods: u64,
    /// Serverless pods
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub serverless: u64,
    /// Serverless pods that are also in the list of pods on nodes
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub mirrored: u64,
    /// How the two lists share a page
    #[arg(long, value_name = "HOW", default_value = "joined")]
    pub lists: ListsArg,
    /// The same seed gives the same pods
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
    /// Calls that one caller may make in a minute [default: no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub calls_per_minute: Option<u32>,
    /// How long each answer takes
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = typed::time)]
    pub latency: Duration,
    /// The time between two snapshots [default: only on request]
    #[arg(long, value_name = "TIME", value_parser = typed::time)]
    pub snapshot_every: Option<Duration>,
    /// How long a token of its IAM is valid
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = typed::time)]
    pub token_lifetime: Duration,
    /// A project of the account; may be repeated [default: one named cn-north-4]
    #[arg(long = "project", value_name = "NAME=ID", value_parser = parse_project)]
    pub projects: Vec<IamProject>,
}

fn parse_project(text: &str) -> Result<IamProject, String> {
    match text.split_once('=') {
        Some((name, id)) if !name.is_empty() && !id.is_empty() => Ok(IamProject {
            name: name.to_owned(),
            id: id.to_owned(),
        }),
        _ => Err("a project must be NAME=ID".to_owned()),
    }
}

/// How the simulator's two lists share a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListsArg {
    /// A page is a part of both lists together, nodes first
    Joined,
    /// A page has a part of each list
    Parallel,
}

impl From<ListsArg> for ListMode {
    fn from(arg: ListsArg) -> Self {
        match arg {
            ListsArg::Joined => Self::Joined,
            ListsArg::Parallel => Self::Parallel,
        }
    }
}

#[cfg(test)]
mod tests;
