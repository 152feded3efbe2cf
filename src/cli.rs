//! The command line.
//!
//! Owns flags, their variables and their help. No flag takes a secret: what is in the arguments can be read by
//! every user of the machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::app::command::parse_interval;
use crate::hss::request::ALL_ENTERPRISE_PROJECTS;
use crate::simulator::{Lists, MOST_PODS, Project};

const AFTER_HELP: &str = "\
The token comes from the variable HSS_TOP_TOKEN or from the file that HSS_TOP_TOKEN_FILE names; never from a flag.
Instead of a token, an access key pair signs each call: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK (with
HUAWEICLOUD_SDK_SECURITY_TOKEN where it is a temporary one), or CLOUD_SDK_AK/SK, or HW_ACCESS_KEY/HW_SECRET_KEY.

Exit codes: 0 quit · 2 usage, or no terminal · 3 configuration or credential · 101 crash · 129 terminal lost ·
128+n signal n.

Try it without an account:  hss-top --demo";

/// A terminal dashboard for the Kubernetes pods that Huawei Cloud Host Security Service (HSS) knows.
#[derive(Debug, Parser)]
#[command(version, about, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do instead of showing the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the dashboard shows.
    #[command(flatten)]
    pub dashboard: DashboardArgs,
}

/// What else the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a look-alike of the HSS pod API on this machine, until a signal
    Simulate(SimulateArgs),
}

/// Flags of the dashboard; each is also a variable.
#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Show the built-in simulator instead of a real project; needs no account
    #[arg(long)]
    pub demo: bool,
    /// Where HSS answers
    #[arg(
        long,
        env = "HSS_TOP_ENDPOINT",
        value_name = "URL",
        help = "Where HSS answers, such as https://hss.cn-north-4.myhuaweicloud.com"
    )]
    pub endpoint: Option<String>,
    /// The project to ask about
    #[arg(long, env = "HSS_TOP_PROJECT_ID", value_name = "ID")]
    pub project_id: Option<String>,
    /// The enterprise project to ask about
    #[arg(long, env = "HSS_TOP_ENTERPRISE_PROJECT_ID", value_name = "ID", default_value = ALL_ENTERPRISE_PROJECTS)]
    pub enterprise_project_id: String,
    /// Ask HSS for pods of this name only
    #[arg(long, env = "HSS_TOP_POD", value_name = "NAME")]
    pub pod: Option<String>,
    /// Ask HSS for this namespace only
    #[arg(long, env = "HSS_TOP_NAMESPACE", value_name = "NAME")]
    pub namespace: Option<String>,
    /// Ask HSS for this cluster only
    #[arg(long, env = "HSS_TOP_CLUSTER", value_name = "NAME")]
    pub cluster: Option<String>,
    /// Pods of a page, and of one call: 10 to 200
    #[arg(long, env = "HSS_TOP_PAGE_SIZE", value_name = "N", default_value_t = 200)]
    pub page_size: u32,
    /// How often to ask HSS, such as 60s or 5m
    #[arg(long, env = "HSS_TOP_INTERVAL", value_name = "TIME", default_value = "60s", value_parser = parse_interval)]
    pub interval: Duration,
    /// Calls that may be made in any minute; HSS allows 5 per user and per address [default: 5; demo: no limit]
    #[arg(long, env = "HSS_TOP_CALLS_PER_MINUTE", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub calls_per_minute: Option<u32>,
    /// Let the token travel over plain http to another machine
    #[arg(long, env = "HSS_TOP_ALLOW_HTTP")]
    pub allow_http: bool,
    /// Append a log of calls and errors to this file, one JSON object a line
    #[arg(long, env = "HSS_TOP_LOG_FILE", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// How much to log
    #[arg(long, env = "HSS_TOP_LOG_LEVEL", value_name = "LEVEL", default_value = "info")]
    pub log_level: LogLevel,
    /// The demo's pods on nodes
    #[arg(long, value_name = "N", default_value_t = 1071, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub pods: u64,
    /// The demo's serverless pods
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub serverless: u64,
    /// The demo's fleet: the same seed gives the same pods
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub seed: u64,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What failed for good
    Error,
    /// What failed
    Warn,
    /// Every call
    Info,
    /// More
    Debug,
    /// Everything
    Trace,
}

/// Flags of the simulator.
#[derive(Debug, Args)]
#[command(
    after_help = "It takes the token in its own variable HSS_TOP_TOKEN, and calls signed with the key pair in its own HUAWEICLOUD_SDK_AK \
and HUAWEICLOUD_SDK_SK. Its IAM takes the sign-in of HSS_TOP_IAM_USER with HSS_TOP_IAM_PASSWORD of the account \
HSS_TOP_IAM_DOMAIN; the tokens and temporary key pairs that it issues are taken until they expire. Where neither a token \
nor a sign-in is set, it takes any token."
)]
pub struct SimulateArgs {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Pods on nodes
    #[arg(long, value_name = "N", default_value_t = 1071, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub pods: u64,
    /// Serverless pods
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u64).range(..=MOST_PODS))]
    pub serverless: u64,
    /// Serverless pods that are in the list of pods on nodes too
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
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = humantime::parse_duration)]
    pub latency: Duration,
    /// A new snapshot this often [default: only when asked to synchronise]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub snapshot_every: Option<Duration>,
    /// How long a token that IAM issues is good for
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = humantime::parse_duration)]
    pub token_lifetime: Duration,
    /// A project of the account; may be repeated [default: one named cn-north-4]
    #[arg(long = "project", value_name = "NAME=ID", value_parser = parse_project)]
    pub projects: Vec<Project>,
}

fn parse_project(text: &str) -> Result<Project, String> {
    match text.split_once('=') {
        Some((name, id)) if !name.is_empty() && !id.is_empty() => Ok(Project {
            name: name.to_owned(),
            id: id.to_owned(),
        }),
        _ => Err("a project is NAME=ID".to_owned()),
    }
}

/// How the simulator's two lists share a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListsArg {
    /// One window over both, nodes first
    Joined,
    /// Each its own window
    Parallel,
}

impl From<ListsArg> for Lists {
    fn from(arg: ListsArg) -> Self {
        match arg {
            ListsArg::Joined => Self::Joined,
            ListsArg::Parallel => Self::Parallel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_simulators_projects_are_names_with_ids() {
        let parse = |flags: &[&str]| {
            let cli = Cli::try_parse_from([&["hss-top", "simulate"], flags].concat()).ok()?;
            let Some(Command::Simulate(args)) = cli.command else {
                return None;
            };
            let projects = args.projects.into_iter();
            Some(
                projects
                    .map(|project| (project.name, project.id))
                    .collect::<Vec<_>>(),
            )
        };
        let pair = |name: &str, id: &str| (name.to_owned(), id.to_owned());
        assert_eq!(parse(&[]), Some(vec![]));
        assert_eq!(
            parse(&["--project", "cn-north-4=0a1b", "--project", "x=y=z"]),
            Some(vec![pair("cn-north-4", "0a1b"), pair("x", "y=z")])
        );
        for wrong in ["cn-north-4", "=0a1b", "cn-north-4="] {
            assert_eq!(parse(&["--project", wrong]), None, "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed_and_takes_no_secret() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        let help = command.render_long_help().to_string();
        for secret in ["--token", "--sk", "--password"] {
            assert!(!help.contains(secret), "{secret}");
        }
        assert!(help.contains("HSS_TOP_TOKEN_FILE"));
    }
}
