//! From the configuration to what the dashboard runs with.
//!
//! Owns what each key means, what is needed, what is missing, and the sentences that say so. Reads the files that hold
//! secrets and certificates, to tell a wrong one at the start, and knocks at a cloud server's metadata service where
//! nothing else gives a credential.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::app::Source;
use crate::app::command::parse_interval;
use crate::config::{Config, Key, Wrong};
use crate::fleet::Scope;
use crate::fleet::query::Query;
use crate::hss::auth::chain::{self, Variables};
use crate::hss::auth::source::Password;
use crate::hss::auth::{self, Credential, Found, KeyPair};
use crate::hss::endpoint::BadEndpoint;
use crate::hss::transport::tls::Trust;
use crate::hss::{Endpoint, ListPods, ProjectId, Setup, region};
use crate::log::LogLevel;
use crate::simulator;
use crate::state;
use crate::sync::budget::PUBLISHED_LIMIT;

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
    /// The filter to begin with.
    pub filter: String,
    /// What the header says.
    pub source: Source,
    /// The file that keeps what is known between runs.
    pub state: Option<PathBuf>,
    /// Where and how much to log.
    pub log: Option<(PathBuf, LogLevel)>,
    /// What is odd about the configuration, but no reason not to run.
    pub warnings: Vec<String>,
}

/// Whom to ask.
#[derive(Debug)]
pub enum Target {
    /// The simulator, in this process.
    Demo(Box<simulator::Settings>),
    /// The API.
    Api(Box<Api>),
}

/// How to get at the API.
#[derive(Debug)]
pub struct Api {
    /// Endpoints, project and source of the credential.
    pub setup: Setup,
    /// Whom to trust, and who we are, in TLS.
    pub trust: Arc<Trust>,
    /// What named the endpoints, in words.
    pub located_by: String,
}

/// The demo's own flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// Pods on nodes.
    pub pods: u64,
    /// Serverless pods.
    pub serverless: u64,
    /// The fleet's seed.
    pub seed: u64,
}

/// What is missing or wrong; the program says it and ends with exit code 3.
#[derive(Debug, PartialEq, Eq)]
pub enum Unready {
    /// Nothing is set that names a project: say how to begin.
    Missing(Vec<String>),
    /// Something is set, but wrong.
    Wrong(String),
}

impl From<Wrong> for Unready {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong.0)
    }
}

impl Settings {
    /// What the simulator's dashboard runs with.
    pub fn of_demo(config: &Config, demo: Demo) -> Result<Self, Unready> {
        let own_calls = calls_per_minute(config)?;
        let simulator = simulator::Settings {
            seed: demo.seed,
            pods: demo.pods,
            serverless: demo.serverless,
            calls_per_minute: own_calls,
            snapshot_every: Some(DEMO_SNAPSHOT_EVERY),
            ..simulator::Settings::default()
        };
        let source = Source {
            project: DEMO_PROJECT.to_owned(),
            place: "simulator".to_owned(),
            demo: true,
            ..source(config)
        };
        let calls = own_calls.unwrap_or(DEMO_CALLS_PER_MINUTE);
        Self::new(config, Target::Demo(Box::new(simulator)), calls, source)
    }

    /// What a dashboard of the API runs with.
    pub fn of_api(config: &Config, variables: Variables<'_>) -> Result<Self, Unready> {
        let api = api(config, variables)?;
        let first = api.setup.endpoints.first();
        let place = first.map_or_else(String::new, |endpoint| {
            endpoint.region().map_or_else(|| endpoint.place(), str::to_owned)
        });
        let source = Source {
            project: api
                .setup
                .project
                .as_ref()
                .map_or("", ProjectId::as_str)
                .to_owned(),
            place,
            plain_text: api.setup.endpoints.iter().any(Endpoint::is_plain_text),
            signed_in_by: api.setup.found.name.clone(),
            ..source(config)
        };
        let calls = calls_per_minute(config)?.unwrap_or(PUBLISHED_LIMIT);
        let mut settings = Self::new(config, Target::Api(Box::new(api)), calls, source)?;
        if !config.parse(Key::NoState, read_switch)?.unwrap_or(false) {
            settings.state = settings.state_file(variables);
        }
        Ok(settings)
    }

    /// The file of this source: another endpoint, project or part of the fleet has another.
    fn state_file(&self, variables: Variables<'_>) -> Option<PathBuf> {
        let Target::Api(api) = &self.target else {
            return None;
        };
        let setup = &api.setup;
        let place = setup.endpoints.first()?.to_string();
        let project = setup.project.as_ref().map(ProjectId::as_str);
        let scope: Vec<String> = self
            .call
            .scope()
            .terms()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let identity = [
            place.as_str(),
            project.or(setup.region.as_deref()).unwrap_or_default(),
            self.call.enterprise_project_id(),
            &scope.join(" "),
        ];
        Some(state::file(
            &state::folder(variables)?,
            &self.source.place,
            &identity,
        ))
    }

    fn new(config: &Config, target: Target, calls: u32, source: Source) -> Result<Self, Unready> {
        let set = |key: Key| config.text(key).map(str::to_owned);
        let scope = Scope {
            pod: set(Key::Pod),
            namespace: set(Key::Namespace),
            cluster: set(Key::Cluster),
        };
        let page_size = config
            .parse(Key::PageSize, |text| text.parse().ok())?
            .unwrap_or(200);
        let call = ListPods::new(&source.enterprise_project, page_size, scope)
            .map_err(|error| Unready::Wrong(error.to_string()))?;
        let filter = config.parse(Key::Filter, |text| Some((text.to_owned(), Query::parse(text))))?;
        let filter = match filter {
            Some((text, Ok(_))) => text,
            Some((_, Err(error))) => {
                return Err(config.wrong(Key::Filter, &format!("a filter: {error}")).into());
            }
            None => String::new(),
        };
        let interval = config.parse(Key::Interval, |text| parse_interval(text).ok())?;
        let level = config.parse(Key::LogLevel, LogLevel::named)?.unwrap_or_default();
        Ok(Self {
            target,
            call,
            calls_per_minute: calls,
            interval: interval.unwrap_or(Duration::from_mins(1)),
            filter,
            source,
            state: None,
            log: set(Key::LogFile).map(|path| (path.into(), level)),
            warnings: config.warnings.clone(),
        })
    }
}

fn calls_per_minute(config: &Config) -> Result<Option<u32>, Wrong> {
    config.parse(Key::CallsPerMinute, |text| {
        text.parse().ok().filter(|calls| *calls > 0)
    })
}

fn source(config: &Config) -> Source {
    let text = |key: Key| config.text(key).unwrap_or_default().to_owned();
    Source {
        project: text(Key::ProjectId),
        enterprise_project: text(Key::EnterpriseProjectId),
        place: String::new(),
        demo: false,
        plain_text: false,
        signed_in_by: String::new(),
    }
}

/// How to get at the API: the endpoints, the project, the credential.
fn api(config: &Config, variables: Variables<'_>) -> Result<Api, Unready> {
    let allow_http = config.parse(Key::AllowHttp, read_switch)?.unwrap_or(false);
    let endpoints = endpoints(config, variables, allow_http)?;
    let found = chain::find(variables, profile_source(config, variables)?).map_err(Unready::Wrong)?;
    let named = config.text(Key::ProjectId).map(str::to_owned);
    let project = named.or_else(|| found.as_ref().and_then(chain::project_of));
    let project = project.as_deref().map(ProjectId::new).transpose();
    let project = project.map_err(|error| Unready::Wrong(error.to_string()))?;
    let mut of_endpoint = endpoints.iter().flat_map(|(endpoints, _)| endpoints);
    let of_endpoint = of_endpoint.find_map(Endpoint::region);
    let region = config.text(Key::Region).or(of_endpoint).map(str::to_owned);

    let mut missing = Vec::new();
    if endpoints.is_none() {
        missing.push("--region NAME         the region (or HSS_TOP_REGION), or --endpoint URL".to_owned());
    }
    if endpoints.is_some() && project.is_none() && region.is_none() {
        missing.push(
            "--project-id ID       the project (or HSS_TOP_PROJECT_ID), or --region NAME to find it"
                .to_owned(),
        );
    }
    if found.is_none() {
        missing
            .push("HSS_TOP_TOKEN         a token (or HSS_TOP_TOKEN_FILE, a file that holds it);".to_owned());
        missing.push(
            "                      or a key pair: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK".to_owned(),
        );
        missing.extend(
            chain::incomplete(variables)
                .into_iter()
                .map(|half| format!("({half})")),
        );
    }
    let (Some((endpoints, located_by)), Some(found), []) = (endpoints, found, missing.as_slice()) else {
        return Err(Unready::Missing(missing));
    };
    let setup = Setup {
        endpoints,
        iam: iam(config, region.as_deref(), allow_http)?,
        region,
        project,
        found,
    };
    Ok(Api {
        setup,
        trust: Arc::new(trust(config, variables)?),
        located_by,
    })
}

/// The endpoints of HSS and what named them; a region that wins against an endpoint replaces it.
fn endpoints(
    config: &Config,
    variables: Variables<'_>,
    allow_http: bool,
) -> Result<Option<(Vec<Endpoint>, String)>, Unready> {
    let origin = |key: Key| config.get(key).map(|value| &value.origin);
    let (endpoint, region) = (config.text(Key::Endpoint), config.text(Key::Region));
    let region_wins = match (origin(Key::Endpoint), origin(Key::Region)) {
        (Some(endpoint), Some(region)) => region.wins_against(endpoint),
        _ => false,
    };
    let (texts, origin) = match (endpoint, region) {
        (Some(endpoint), _) if !region_wins => {
            let texts = endpoint.split(',').map(|text| text.trim().to_owned()).collect();
            (
                texts,
                origin(Key::Endpoint).map(ToString::to_string).unwrap_or_default(),
            )
        }
        (_, Some(region)) => {
            let located = region::locate(region, variables).map_err(Unready::Wrong)?;
            (located.endpoints, located.origin)
        }
        (_, None) => return Ok(None),
    };
    let parse =
        |text: &String| Endpoint::parse(text, allow_http).map_err(|error| unusable("the endpoint", &error));
    let endpoints = texts.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    Ok(Some((endpoints, origin)))
}

/// Where IAM answers.
fn iam(config: &Config, region: Option<&str>, allow_http: bool) -> Result<Option<Endpoint>, Unready> {
    let named = config.text(Key::IamEndpoint).map(region::with_scheme);
    let text = named.or_else(|| region.map(|region| region::iam(region).to_owned()));
    let Some(text) = text else { return Ok(None) };
    // Terraform's variable names the version too.
    let text = text.trim_end_matches('/').trim_end_matches("/v3");
    let endpoint =
        Endpoint::parse(text, allow_http).map_err(|error| unusable("the endpoint of IAM", &error))?;
    Ok(Some(endpoint))
}

fn unusable(what: &str, error: &BadEndpoint) -> Unready {
    Unready::Wrong(format!("{what} cannot be used: {error}"))
}

/// The source that the profile, or the file, names.
fn profile_source(config: &Config, variables: Variables<'_>) -> Result<Option<Found>, Wrong> {
    let text = |key: Key| config.text(key).map(str::to_owned);
    let named = |key: Key, source: auth::Source, detail: &str| {
        let origin = config
            .get(key)
            .map(|value| value.origin.to_string())
            .unwrap_or_default();
        let (name, space) = (key.row().name, if detail.is_empty() { "" } else { " " });
        let name = format!("{name}{space}{detail} ({origin})");
        Some(Found { source, name })
    };
    if let Some(path) = config.path(Key::TokenFile, variables) {
        let shown = path.display().to_string();
        return Ok(named(Key::TokenFile, auth::Source::TokenFile(path), &shown));
    }
    match (text(Key::AccessKey), text(Key::SecretKey)) {
        (Some(access), Some(secret)) => {
            let keys = KeyPair {
                access,
                secret: secret.into(),
                security_token: text(Key::SecurityToken).map(Into::into),
            };
            let shown = keys.masked();
            return Ok(named(
                Key::AccessKey,
                auth::Source::Given(Credential::Keys(keys)),
                &shown,
            ));
        }
        (Some(_), None) => return Err(config.wrong(Key::AccessKey, "together with a secret_key")),
        (None, Some(_)) => return Err(config.wrong(Key::SecretKey, "together with an access_key")),
        (None, None) => {}
    }
    if let Some(command) = config.words(Key::CredentialProcess) {
        let program = command.first().cloned().unwrap_or_default();
        return Ok(named(
            Key::CredentialProcess,
            auth::Source::Process(command.to_vec()),
            &program,
        ));
    }
    let password_file = config.path(Key::IamPasswordFile, variables);
    match (text(Key::IamUser), text(Key::IamDomain), password_file) {
        (Some(user), Some(domain), Some(path)) => {
            let source = auth::Source::Password {
                user: user.clone(),
                domain,
                password: Password::File(path),
            };
            Ok(named(Key::IamUser, source, &user))
        }
        (Some(_), ..) => Err(config.wrong(Key::IamUser, "together with iam_domain and iam_password_file")),
        _ => Ok(None),
    }
}

fn trust(config: &Config, variables: Variables<'_>) -> Result<Trust, Unready> {
    let path = |key: Key| config.path(key, variables);
    let (certificate, key) = (path(Key::ClientCertFile), path(Key::ClientKeyFile));
    Trust::load(
        path(Key::CaFile).as_deref(),
        certificate.as_deref(),
        key.as_deref(),
    )
    .map_err(Unready::Wrong)
}

fn read_switch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    /// Settings from flags and variables, without files and without a metadata service.
    fn resolve(flags: &[&str], set: &[(&str, &str)]) -> Result<Settings, Unready> {
        let variables = |name: &str| {
            let set = set.iter().copied().chain([("HSS_TOP_METADATA_ENDPOINT", "off")]);
            set.into_iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| value.to_owned())
        };
        let config = Config::resolve(&Flags::parse_from(flags), &variables)?;
        Settings::of_api(&config, &variables)
    }

    fn api_of(settings: Settings) -> Api {
        match settings.target {
            Target::Api(api) => *api,
            Target::Demo(_) => panic!("a demo"),
        }
    }

    fn sentence(result: Result<Settings, Unready>) -> String {
        match result {
            Err(Unready::Wrong(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "t");
    const API: [&str; 4] = [
        "--endpoint",
        "https://hss.cn-north-4.myhuaweicloud.com",
        "--project-id",
        "p1",
    ];

    #[test]
    fn a_complete_command_line_is_resolved() {
        let flags = [
            &API[..],
            &["--namespace", "pay", "--page-size", "50", "--filter", "x"],
        ]
        .concat();
        let settings = resolve(&flags, &[TOKEN]).unwrap();
        assert_eq!(settings.source.place, "cn-north-4");
        assert_eq!(settings.source.signed_in_by, "HSS_TOP_TOKEN");
        assert_eq!((settings.calls_per_minute, settings.call.limit()), (5, 50));
        assert_eq!(settings.call.scope().namespace.as_deref(), Some("pay"));
        assert_eq!(
            (settings.interval, settings.filter.as_str()),
            (Duration::from_mins(1), "x")
        );
        assert_eq!(
            api_of(settings).setup.project,
            Some(ProjectId::new("p1").unwrap())
        );
    }

    #[test]
    fn a_region_is_enough() {
        let api = api_of(resolve(&["--region", "eu-west-101"], &[TOKEN]).unwrap());
        assert_eq!(
            api.setup.endpoints[0].to_string(),
            "https://hss.eu-west-101.myhuaweicloud.eu"
        );
        assert_eq!(
            api.setup.iam.unwrap().to_string(),
            "https://iam.eu-west-101.myhuaweicloud.eu"
        );
        assert_eq!(
            (api.setup.project, api.located_by.as_str()),
            (None, "region eu-west-101")
        );
        let unknown = sentence(resolve(&["--region", "cn-nroth-4"], &[TOKEN]));
        assert!(
            unknown.contains("the nearest names are cn-north-4, "),
            "{unknown}"
        );
    }

    #[test]
    fn what_is_nearer_names_the_endpoint() {
        let endpoint = |flags: &[&str], set: &[(&str, &str)]| {
            let api = api_of(resolve(flags, &[&[TOKEN], set].concat()).unwrap());
            api.setup
                .endpoints
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let variable = [("HSS_TOP_ENDPOINT", "https://a.example, https://b.example")];
        let north = ["--region", "cn-north-4"];
        let (flag, both) = (
            ["--project-id", "p"],
            ["--endpoint", "https://c.example", "--region", "cn-north-4"],
        );
        assert_eq!(endpoint(&flag, &variable), "https://a.example https://b.example");
        assert_eq!(
            endpoint(&north, &variable),
            "https://hss.cn-north-4.myhuaweicloud.com"
        );
        assert_eq!(endpoint(&both, &[]), "https://c.example");
    }

    #[test]
    fn the_iam_endpoint_may_be_written_as_terraform_does() {
        let set = [TOKEN, ("HW_AUTH_URL", "https://iam.example:8443/v3")];
        let api = api_of(resolve(&API, &set).unwrap());
        assert_eq!(api.setup.iam.unwrap().to_string(), "https://iam.example:8443");
    }

    #[test]
    fn what_is_missing_is_listed() {
        let missing = |flags: &[&str], set: &[(&str, &str)]| match resolve(flags, set) {
            Err(Unready::Missing(missing)) => missing,
            other => panic!("{other:?}"),
        };
        let all = missing(&[], &[("CLOUD_SDK_AK", "a")]);
        assert!(
            all[0].contains("--region") && all[1].contains("HSS_TOP_TOKEN"),
            "{all:?}"
        );
        assert_eq!(
            all.last().unwrap(),
            "(CLOUD_SDK_AK is set, but CLOUD_SDK_SK is not)"
        );
        assert!(missing(&API, &[])[0].contains("HSS_TOP_TOKEN"));
        let no_project = missing(&["--endpoint", "https://hss.example"], &[TOKEN]);
        assert!(
            no_project.len() == 1 && no_project[0].contains("--project-id"),
            "{no_project:?}"
        );
    }

    #[test]
    fn what_is_wrong_is_named_without_the_secret() {
        let plain = resolve(
            &["--endpoint", "http://hss.example.com", "--project-id", "p"],
            &[TOKEN],
        );
        assert!(sentence(plain).contains("--allow-http"));
        let with = |more: &[&str]| sentence(resolve(&[&API[..], more].concat(), &[TOKEN]));
        assert_eq!(with(&["--page-size", "9"]), "limit is 9, but must be 10 to 200");
        assert_eq!(
            with(&["--page-size", "x"]),
            "--page-size is x, but must be a number from 10 to 200"
        );
        assert_eq!(
            with(&["--interval", "0s"]),
            "--interval is 0s, but must be a time from 1s to 1day, such as 60s or 5m"
        );
        assert_eq!(
            with(&["--calls-per-minute", "0"]),
            "--calls-per-minute is 0, but must be a number from 1 on"
        );
        assert!(with(&["--log-level", "loud"]).contains("error, warn, info, debug or trace"));
        assert!(with(&["--ca-file", "/none.pem"]).starts_with("/none.pem: "));
        assert!(with(&["--client-cert-file", "/none.pem"]).contains("--client-key-file"));
        let spaced = sentence(resolve(&API, &[("HSS_TOP_TOKEN", "canary canary")]));
        assert!(spaced.starts_with("HSS_TOP_TOKEN: X-Auth-Token is") && !spaced.contains("canary"));
    }

    #[test]
    fn the_demo_needs_nothing() {
        let config = Config::resolve(&Flags::default(), &|_| None).unwrap();
        let demo = Demo {
            pods: 10,
            serverless: 2,
            seed: 7,
        };
        let settings = Settings::of_demo(&config, demo).unwrap();
        assert!(settings.source.demo && settings.calls_per_minute == 600);
    }
}
