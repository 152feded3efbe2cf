//! The commands and their common parts.
//!
//! Owns the list of commands, the place of the configuration's flags in each, and the texts of the commands
//! that only print a text. Must not: run anything.

use std::io;

use clap::{Subcommand, ValueEnum};

use super::footers;
use super::reference::{ReferenceOutput, ReferenceTable};
use super::shell;
use super::{
    AlertsCommand, CheckArgs, CompletionsArgs, DoctorArgs, ExportCommand, ListArgs, ManArgs, MutesCommand,
    RecordArgs, ReferenceArgs, ReportArgs, ServeArgs, ShowArgs, SimulateArgs, ThemesArgs, ValuesArgs,
    WatchArgs,
};
use crate::config::{self, Flags};
use crate::recording;
use crate::report::listing::schema;
use crate::report::shift::entries;
use crate::report::{change_record, mute_record, usage_record};
use crate::serve::OPEN_API;

/// What else the program can do.
#[derive(Debug, Subcommand)]
pub enum CliCommand {
    /// Check configuration, credential, network and API, and say what to correct
    Doctor(DoctorArgs),
    /// Show the configuration or create a file
    Config {
        /// Which of them.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// List the themes, with a sample of each
    Themes(ThemesArgs),
    /// Print the pods, without a screen
    List(ListArgs),
    /// Fail if a pod matches a filter: for cron, build servers and monitoring
    Check(CheckArgs),
    /// Send test alerts, or print the alerts that were sent
    Alerts {
        /// Which of both.
        #[command(subcommand)]
        command: AlertsCommand,
    },
    /// Print each change when it is found, until a signal ends it
    Watch(WatchArgs),
    /// Print a hand-over for the next shift: new, resolved and open findings, usage, gaps
    Report(ReportArgs),
    /// Print the saved history: usage over time, changes
    Export {
        /// What.
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// List, add and end mutes
    Mutes {
        /// What to do.
        #[command(subcommand)]
        command: MutesCommand,
    },
    /// Record the answers of HSS in a file, for --replay and for bug reports
    Record(RecordArgs),
    /// Serve the list to a team, with metrics for Prometheus, until a signal ends it
    Serve(ServeArgs),
    /// Print the JSON Schema of what a command writes
    Schema {
        /// The command
        #[arg(value_name = "COMMAND")]
        of: SchemaOf,
    },
    /// List the keys of the dashboard
    Keys(ReferenceArgs),
    /// List the fields of a pod, with their names in filters, columns and files
    Fields(ReferenceArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print a manual page
    Man(ManArgs),
    /// List the values of a flag on this machine, for completions
    Values(ValuesArgs),
    /// Serve an imitation of the HSS pod API on this machine
    Simulate(SimulateArgs),
}

/// A command whose JSON has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// hss-top list
    List,
    /// hss-top check
    Check,
    /// hss-top watch
    Watch,
    /// hss-top report
    Report,
    /// hss-top export history
    History,
    /// hss-top export changes
    Changes,
    /// hss-top mutes list
    Mutes,
    /// hss-top alerts log
    Alerts,
    /// hss-top doctor
    Doctor,
    /// hss-top record: a line of the file
    Recording,
    /// The paths of hss-top serve below /v1, as OpenAPI
    Openapi,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// List every value with its origin
    Show(ShowArgs),
    /// Create a commented file; never replaces one
    #[command(after_help = footers::CONFIG_INIT)]
    Init(Flags),
    /// Print a JSON Schema of the file, for editors
    Schema,
}

impl SchemaOf {
    /// The schema.
    fn text(self) -> String {
        let schema = match self {
            Self::List => schema::list(),
            Self::Check => schema::check(),
            Self::Watch | Self::Changes => change_record::TABLE.json_schema(),
            Self::Report => entries::TABLE.json_schema(),
            Self::History => usage_record::TABLE.json_schema(),
            Self::Mutes => mute_record::TABLE.json_schema(),
            Self::Alerts => super::alerts::LOG_TABLE.json_schema(),
            Self::Doctor => schema::doctor(),
            Self::Recording => recording::schema::line(),
            Self::Openapi => return OPEN_API.to_owned(),
        };
        format!("{schema:#}\n")
    }
}

impl CliCommand {
    /// The configuration's flags behind it, if it takes them.
    pub(super) fn flags_mut(&mut self) -> Option<&mut Flags> {
        match self {
            Self::Doctor(args) => Some(&mut args.flags),
            Self::List(args) => Some(&mut args.headless.flags),
            Self::Check(args) => Some(&mut args.headless.flags),
            Self::Alerts { command } => Some(command.flags_mut()),
            Self::Watch(args) => Some(&mut args.flags),
            Self::Report(args) => Some(&mut args.headless.flags),
            Self::Export { command } => Some(&mut command.args_mut().flags),
            Self::Mutes { command } => Some(command.flags_mut()),
            Self::Record(args) => Some(&mut args.flags),
            Self::Serve(args) => Some(&mut args.flags),
            Self::Themes(args) => Some(&mut args.flags),
            Self::Values(args) => Some(&mut args.flags),
            Self::Config {
                command: ConfigCommand::Show(ShowArgs { flags, .. }) | ConfigCommand::Init(flags),
            } => Some(flags),
            Self::Simulate(_)
            | Self::Schema { .. }
            | Self::Keys(_)
            | Self::Fields(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Config {
                command: ConfigCommand::Schema,
            } => None,
        }
    }

    /// The same, to look at.
    pub(super) fn flags(&self) -> Option<&Flags> {
        match self {
            Self::Doctor(args) => Some(&args.flags),
            Self::List(args) => Some(&args.headless.flags),
            Self::Check(args) => Some(&args.headless.flags),
            Self::Alerts { command } => Some(command.flags()),
            Self::Watch(args) => Some(&args.flags),
            Self::Report(args) => Some(&args.headless.flags),
            Self::Export { command } => Some(&command.args().flags),
            Self::Mutes { command } => Some(command.flags()),
            Self::Record(args) => Some(&args.flags),
            Self::Serve(args) => Some(&args.flags),
            Self::Themes(args) => Some(&args.flags),
            Self::Values(args) => Some(&args.flags),
            Self::Config {
                command: ConfigCommand::Show(ShowArgs { flags, .. }) | ConfigCommand::Init(flags),
            } => Some(flags),
            Self::Simulate(_)
            | Self::Schema { .. }
            | Self::Keys(_)
            | Self::Fields(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Config {
                command: ConfigCommand::Schema,
            } => None,
        }
    }

    /// Whether standard output has what is asked for, so that nothing is of use without it. `serve` and the others only tell
    /// something on stderr.
    pub fn prints(&self) -> bool {
        match self {
            Self::Serve(_) => false,
            Self::Mutes { command } => command.prints(),
            Self::Record(args) => args.prints(),
            _ => true,
        }
    }

    /// Its output, if that is a text of the program itself; `None` for a command that has to do something.
    pub fn text(&self) -> Option<io::Result<String>> {
        match self {
            Self::Schema { of } => Some(Ok(of.text())),
            Self::Config {
                command: ConfigCommand::Schema,
            } => Some(Ok(config::schema::text())),
            Self::Keys(args) => Some(ReferenceTable::keys().write(args.output)),
            Self::Fields(args) => Some(ReferenceTable::fields().write(args.output)),
            Self::Themes(args) if args.form.output != ReferenceOutput::Text => {
                Some(ReferenceTable::themes().write(args.form.output))
            }
            Self::Completions(args) => Some(shell::completions(args.shell)),
            _ => None,
        }
    }
}
