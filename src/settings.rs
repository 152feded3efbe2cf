//! From flags and variables to what the dashboard runs with.
//!
//! Owns what is needed, what is missing, and the sentences that say so. Reads a secret's file, and nothing else.

use std::path::Path;
use std::time::Duration;

use crate::app::Source;
use crate::cli::DashboardArgs;
use crate::fleet::Scope;
use crate::hss::auth::{chain, secret_file};
use crate::hss::{Credential, Endpoint, ListPods};
use crate::simulator;

/// The demo's budget: it has no limit to keep, but a number to show.
const DEMO_CALLS_PER_MINUTE: u32 = 600;
/// How often the demo's story moves on.
const DEMO_SNAPSHOT_EVERY: Duration = Duration::from_mins(1);
/// The project id that the demo shows.
const DEMO_PROJECT: &str = "demo-project";

/// All that the dashboard runs with.
#[derive(Debug)]
pub struct Settings {
    /// Whom to ask.
    pub target: Target,
    /// The call for the first page.
    pub call: ListPods,
    /// Calls that may be made in a minute.
    pub calls_per_minute: u32,
    /// How often to ask.
    pub interval: Duration,
    /// What the header says.
    pub source: Source,
}

/// Whom to ask.
#[derive(Debug)]
pub enum Target {
    /// The simulator, in this process.
    Demo(simulator::Settings),
    /// An endpoint, with a credential.
    Api(Endpoint, Credential),
}

/// What is missing or wrong; the program says it and ends with exit code 3.
#[derive(Debug, PartialEq, Eq)]
pub enum Unready {
    /// Nothing is set that names a project: say how to begin.
    Missing(Vec<&'static str>),
    /// Something is set, but wrong.
    Wrong(String),
}

/// Variables, as a function, so that a test brings its own.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Resolves flags (which clap merged with their variables) and the token.
    pub fn resolve(args: &DashboardArgs, variables: Variables<'_>) -> Result<Self, Unready> {
        if args.demo {
            Self::demo(args)
        } else {
            Self::api(args, variables)
        }
    }

    fn demo(args: &DashboardArgs) -> Result<Self, Unready> {
        let simulator = simulator::Settings {
            seed: args.seed,
            pods: args.pods,
            serverless: args.serverless,
            calls_per_minute: args.calls_per_minute,
            snapshot_every: Some(DEMO_SNAPSHOT_EVERY),
            ..simulator::Settings::default()
        };
        let place = "simulator".to_owned();
        let calls = args.calls_per_minute.unwrap_or(DEMO_CALLS_PER_MINUTE);
        let source = Source {
            demo: true,
            ..source(args, DEMO_PROJECT, place, false)
        };
        Self::new(args, Target::Demo(simulator), calls, source)
    }

    fn api(args: &DashboardArgs, variables: Variables<'_>) -> Result<Self, Unready> {
        let file = |path: &str| secret_file::read(Path::new(path));
        let found = chain::find(variables, &file).map_err(Unready::Wrong)?;
        let project = args
            .project_id
            .clone()
            .or_else(|| variables("HUAWEICLOUD_SDK_PROJECT_ID"));
        let mut missing = Vec::new();
        if args.endpoint.is_none() {
            missing.push("--endpoint URL        where HSS answers (or HSS_TOP_ENDPOINT)");
        }
        if project.is_none() {
            missing.push("--project-id ID       the project (or HSS_TOP_PROJECT_ID)");
        }
        if found.is_none() {
            missing.push("HSS_TOP_TOKEN         the token (or HSS_TOP_TOKEN_FILE, a file that holds it);");
            missing.push("                      or a key pair: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK");
        }
        let (Some(endpoint), Some(project), Some(found)) = (&args.endpoint, project, found) else {
            return Err(Unready::Missing(missing));
        };
        let endpoint = Endpoint::parse(endpoint, args.allow_http)
            .map_err(|error| Unready::Wrong(format!("the endpoint cannot be used: {error}")))?;
        let place = endpoint.region().map_or_else(|| endpoint.place(), str::to_owned);
        let source = source(args, &project, place, endpoint.is_plain_text());
        let calls = args
            .calls_per_minute
            .unwrap_or(crate::sync::budget::PUBLISHED_LIMIT);
        Self::new(args, Target::Api(endpoint, found.credential), calls, source)
    }

    fn new(args: &DashboardArgs, target: Target, calls: u32, source: Source) -> Result<Self, Unready> {
        let set = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let scope = Scope {
            pod: set(&args.pod),
            namespace: set(&args.namespace),
            cluster: set(&args.cluster),
        };
        let call = ListPods::new(
            &source.project,
            &args.enterprise_project_id,
            args.page_size,
            scope,
        )
        .map_err(|error| Unready::Wrong(error.to_string()))?;
        Ok(Self {
            target,
            call,
            calls_per_minute: calls,
            interval: args.interval,
            source,
        })
    }
}

fn source(args: &DashboardArgs, project: &str, place: String, plain_text: bool) -> Source {
    Source {
        project: project.to_owned(),
        enterprise_project: args.enterprise_project_id.clone(),
        place,
        demo: false,
        plain_text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser as _;

    fn resolve(flags: &[&str], token: Option<&str>) -> Result<Settings, Unready> {
        let cli = Cli::parse_from([&["hss-top"], flags].concat());
        let variables = |name: &str| {
            (name == "HSS_TOP_TOKEN")
                .then(|| token.map(str::to_owned))
                .flatten()
        };
        Settings::resolve(&cli.dashboard, &variables)
    }

    const API: [&str; 4] = [
        "--endpoint",
        "https://hss.cn-north-4.myhuaweicloud.com",
        "--project-id",
        "p1",
    ];

    #[test]
    fn a_complete_command_line_is_resolved() {
        let settings = resolve(
            &[&API[..], &["--namespace", "pay", "--page-size", "50"]].concat(),
            Some("t"),
        )
        .unwrap();
        assert_eq!(settings.source.place, "cn-north-4");
        assert_eq!((settings.calls_per_minute, settings.call.limit()), (5, 50));
        assert_eq!(settings.call.scope().namespace.as_deref(), Some("pay"));
        assert_eq!(settings.interval, Duration::from_mins(1));
    }

    #[test]
    fn what_is_missing_is_listed() {
        let Err(Unready::Missing(missing)) = resolve(&[], None) else {
            panic!()
        };
        assert_eq!(missing.len(), 4);
        let Err(Unready::Missing(missing)) = resolve(&API, None) else {
            panic!()
        };
        assert!(missing.len() == 2 && missing[0].contains("HSS_TOP_TOKEN"));
        assert!(resolve(&["--demo"], None).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named_without_the_secret() {
        let sentence = |result: Result<Settings, Unready>| match result {
            Err(Unready::Wrong(sentence)) => sentence,
            other => panic!("{other:?}"),
        };
        let plain = resolve(
            &["--endpoint", "http://hss.example.com", "--project-id", "p"],
            Some("t"),
        );
        assert!(sentence(plain).contains("--allow-http"));
        let size = resolve(&[&API[..], &["--page-size", "9"]].concat(), Some("t"));
        assert_eq!(sentence(size), "limit is 9, but must be 10 to 200");
        let spaced = sentence(resolve(&API, Some("canary canary")));
        assert!(spaced.starts_with("HSS_TOP_TOKEN: X-Auth-Token is") && !spaced.contains("canary"));
    }
}
