//! `hss-top doctor`: checks every step between this machine and the pods.
//!
//! Owns the steps, their order and their results: configuration, credential, name, connection, TLS, project,
//! the call itself, and what its answer shows about clock, rights, enterprise project and limits; then the
//! terminal and the folder for saved state. A step is skipped if one that it needs failed. It makes one or
//! two calls to HSS, within the budget. Must not: show a secret.

mod calls;
mod clock;
mod list;
mod machine;
mod network;
mod report;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use crate::clock::Clock;
use crate::collector::SourceSetup;
use crate::config::forms;
use crate::config::{Config, ConfigKey, Flags, Wrong};
use crate::env::Variables;
use crate::fleet::list_age::ListAgeLimit;
use crate::fleet::{RemoteText, Scope};
use crate::hss::auth::refusals::Refusals;
use crate::hss::error::{Error, ErrorKind};
use crate::hss::transport::proxy::ProxyRoute;
use crate::hss::{Answer, Client, Endpoint, ListPods};
use crate::settings::{self, Look, Settings, Target, Unready};
use calls::Calls;
pub use report::{json, text};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is in order.
    Ok,
    /// It failed.
    Problem,
    /// It does not prevent anybody from seeing the pods, but is not as it should be.
    Warning,
    /// It was not checked: an earlier step failed, or there is nothing to check.
    Skipped,
}

/// A step and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub check: &'static str,
    /// How it went.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Check {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, found)
    }

    fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, Verdict::Skipped, why)
    }

    fn problem(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()).filter(|advice: &String| !advice.is_empty()),
            ..Self::new(check, Verdict::Problem, found)
        }
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warning,
            ..Self::problem(check, found, advice)
        }
    }

    fn new(check: &'static str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self {
            check,
            verdict,
            found: found.into(),
            advice: None,
        }
    }
}

/// Whether no check found a problem.
pub fn all_hold(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.verdict != Verdict::Problem)
}

/// Makes all checks, in order.
/// `unknown` are sentences about variables that look like ours.
pub async fn run(flags: &Flags, variables: Variables<'_>, unknown: &[String], clock: Clock) -> Vec<Check> {
    let mut checks = Vec::new();
    let config = Config::resolve(flags, variables);
    let log = config
        .as_ref()
        .ok()
        .and_then(|config| config.path(ConfigKey::LogFile, variables));
    match config
        .map_err(|Wrong(sentence)| Box::new(Check::problem(CONFIGURATION, sentence, "")))
        .and_then(|config| configuration(config, variables))
    {
        Err(check) => {
            checks.extend([*check, machine::variables(unknown)]);
            checks.extend(OF_THE_API.map(|check| Check::skipped(check, "needs a configuration")));
        }
        Ok(Configured {
            check,
            source,
            call,
            list_age_limit,
        }) => {
            checks.extend([check, machine::variables(unknown)]);
            checks.extend(of_the_api(&source, &call, &clock, list_age_limit).await);
        }
    }
    checks.push(machine::terminal(variables));
    checks.push(machine::clipboard(variables));
    checks.push(machine::time_zone(crate::clock::local_zone().1));
    checks.push(machine::state_folder(variables));
    checks.push(machine::log_file(log.as_deref()));
    checks
}

/// Names of the checks of the API, in order.
const OF_THE_API: [&str; 13] = [
    "credential",
    "proxy",
    "name",
    "connection",
    "TLS",
    "call",
    "project",
    "list",
    "clock",
    "permission",
    "enterprise project",
    "limits",
    calls::NAME,
];

/// A configuration that can be used.
struct Configured {
    check: Check,
    source: Box<SourceSetup>,
    call: ListPods,
    /// How old HSS's own list may be.
    list_age_limit: ListAgeLimit,
}

/// The name of the first check.
const CONFIGURATION: &str = "configuration";
const WHERE_VALUES_COME_FROM: &str = "hss-top config show lists every value with where it comes from";

/// Reads the configuration. Every wrong value is reported at once, even those that no call needs; the rest is
/// checked without them.
fn configuration(mut config: Config, variables: Variables<'_>) -> Result<Configured, Box<Check>> {
    const NAME: &str = CONFIGURATION;
    let mut wrong = Vec::new();
    for (key, sentence) in forms::wrong_values(&config) {
        config.forget(key);
        wrong.push(sentence.0);
    }
    if let Err(sentence) = Look::of(&config) {
        // A theme that does not exist, or cannot be read.
        config.forget(ConfigKey::Theme);
        wrong.push(sentence.0);
    }
    // If the settings are invalid, their own warnings are lost with them.
    let of_sections = settings::section_warnings(&config, variables);
    let problem = |found: String, advice: &str| {
        let found = wrong
            .iter()
            .chain(&config.warnings)
            .chain(&of_sections)
            .cloned()
            .chain([found])
            .collect::<Vec<_>>()
            .join("\n");
        Box::new(Check::problem(NAME, found, advice))
    };
    let settings = Settings::of_api(&config, variables).map_err(|unready| match unready {
        Unready::Wrong(sentence) => problem(sentence, WHERE_VALUES_COME_FROM),
        Unready::Missing(missing) => problem(format!("missing:\n{}", missing.join("\n")), "hss-top --help"),
    })?;
    let Target::Api(api) = &settings.target else {
        return Err(problem("the demo needs no checks".to_owned(), ""));
    };
    let file = config
        .file
        .as_deref()
        .map_or("no file".to_owned(), |path: &Path| path.display().to_string());
    let profile = config
        .text(ConfigKey::Profile)
        .map(|profile| format!(", profile {profile}"))
        .unwrap_or_default();
    let endpoints: Vec<String> = api.setup.endpoints.iter().map(ToString::to_string).collect();
    // Half of a key pair is not a problem, but may explain why another credential is used than was meant.
    let unused = match settings.unused.join("; ") {
        none if none.is_empty() => none,
        halves => format!("; {halves}"),
    };
    let found = format!(
        "{file}{profile}; {} ({}){unused}",
        endpoints.join(", "),
        api.located_by
    );
    let check = if !wrong.is_empty() {
        let told = [wrong.as_slice(), &settings.warnings].concat();
        Check::problem(NAME, told.join("\n"), WHERE_VALUES_COME_FROM)
    } else if settings.warnings.is_empty() {
        Check::ok(NAME, found)
    } else {
        Check::problem(
            NAME,
            settings.warnings.join("; "),
            "correct the file, or remove the line",
        )
    };
    let call = ListPods::new(settings.call.enterprise_project_id(), 10, Scope::default());
    let call = call.map_err(|error| problem(error.to_string(), ""))?;
    let list_age_limit = settings.list_age_limit;
    let (setup, trust) = (api.setup.clone(), Arc::clone(&api.trust));
    let source = Box::new(settings.source_setup(setup, trust, settings.request()));
    Ok(Configured {
        check,
        source,
        call,
        list_age_limit,
    })
}

async fn of_the_api(
    source: &SourceSetup,
    call: &ListPods,
    clock: &Clock,
    list_age_limit: ListAgeLimit,
) -> Vec<Check> {
    let found = source.setup.found.name.clone();
    let endpoints = source.setup.endpoints.clone();
    let mut calls = Calls::new(source, clock);

    let credential = match calls.client().credentials().credential().await {
        Ok(_) => {
            let end = calls.client().credentials().expires_at().await;
            let end = end.map_or_else(|| "expiry unknown".to_owned(), |end| format!("expires {end}"));
            Check::ok("credential", format!("{found}; {end}"))
        }
        Err(error) => {
            let forgotten = source.refusals.as_ref().and_then(Refusals::trouble);
            let forgotten = forgotten.map(|why| format!("; the refusal could not be remembered: {why}"));
            let found = format!("{error}{}", forgotten.unwrap_or_default());
            Check::problem("credential", found, error.advice())
        }
    };
    let signed_in = credential.verdict == Verdict::Ok;
    let mut checks = vec![credential];
    let mut ways = Vec::new();
    for endpoint in &endpoints {
        let way = network::checks(endpoint, &ProxyRoute::of_process(endpoint), &source.trust).await;
        ways.push((endpoint.clone(), way));
    }
    checks.extend(list::endpoints(&ways));
    let working = ways.iter().position(|(_, way)| list::works(way)).unwrap_or(0);
    let endpoint = endpoints.get(working).cloned();
    checks.extend(ways.into_iter().nth(working).into_iter().flat_map(|(_, way)| way));
    if !signed_in {
        let skipped = |check| Check::skipped(check, "needs a credential");
        checks.extend(OF_THE_API.into_iter().skip(5).map(skipped));
        return checks;
    }
    let mut began = Instant::now();
    let result = match ask(call, &mut calls, endpoints.len(), &mut began).await {
        Ok(result) => result,
        Err(why) => {
            let advice = "close other programs that use this account, or wait";
            checks.push(Check::problem("call", why, advice));
            let skipped = |check| Check::skipped(check, "needs an answer");
            checks.extend(OF_THE_API.into_iter().skip(6).map(skipped));
            return checks;
        }
    };
    checks.extend(of_the_call(
        &result,
        began.elapsed(),
        calls.client(),
        call,
        endpoint.as_ref(),
        clock.now(),
        list_age_limit,
    ));
    checks.push(calls.check());
    checks
}

/// Asks each endpoint in turn until one can be reached. Like the dashboard, it asks once more after a fault
/// that could be corrected, such as a wrong clock. The error says why no call was available. `began` becomes
/// the time of the last call.
async fn ask(
    call: &ListPods,
    calls: &mut Calls,
    endpoints: usize,
    began: &mut Instant,
) -> Result<Result<Answer, Error>, String> {
    let mut result = ask_once(call, calls, began).await?;
    for _ in 1..endpoints {
        // The client changes to the next endpoint by itself.
        if matches!(result, Err(Error::Connect { .. } | Error::Tunnel { .. })) {
            result = ask_once(call, calls, began).await?;
        }
    }
    let Err(error) = result else {
        return Ok(result);
    };
    match calls.client().mend(error).await {
        Ok(()) => ask_once(call, calls, began).await,
        Err(error) => Ok(Err(error)),
    }
}

/// Makes a call, which is claimed first.
async fn ask_once(
    call: &ListPods,
    calls: &mut Calls,
    began: &mut Instant,
) -> Result<Result<Answer, Error>, String> {
    loop {
        calls.claim().await?;
        *began = Instant::now();
        let result = calls.make(call).await;
        // Preparations such as finding the project are made only once.
        if !matches!(result, Err(Error::Lapsed)) {
            return Ok(result);
        }
    }
}

/// The results of one call.
fn of_the_call(
    result: &Result<Answer, Error>,
    took: Duration,
    client: &Client,
    call: &ListPods,
    endpoint: Option<&Endpoint>,
    now: Timestamp,
    limit: ListAgeLimit,
) -> Vec<Check> {
    let ms = took.as_millis();
    let trouble = result.as_ref().err().map(Error::kind);
    let mut checks = Vec::new();
    checks.push(match result {
        Ok(answer) => {
            let id = answer.request_id.as_ref().map_or("none", RemoteText::shown);
            Check::ok("call", format!("200 in {ms} ms, request id {id}"))
        }
        Err(error) => Check::problem("call", format!("{error} after {ms} ms"), error.advice()),
    });
    checks.push(match result {
        Ok(answer) => {
            let project = answer.project.as_ref().map_or("", |project| project.as_str());
            Check::ok("project", RemoteText::name(project).shown())
        }
        Err(error @ Error::Project { .. }) => Check::problem("project", error.to_string(), "--project-id"),
        Err(_) => Check::skipped("project", "needs an answer"),
    });
    checks.push(list::age_of(result, now, limit));
    checks.push(clock_check(client));
    checks.push(match trouble {
        None => Check::ok("permission", "the credential may list pods"),
        Some(ErrorKind::Denied) => Check::problem(
            "permission",
            "the credential may not list pods",
            "it needs a role that can read HSS in this project and enterprise project",
        ),
        Some(_) => Check::skipped("permission", "needs an answer"),
    });
    checks.push(enterprise_project(result, call));
    checks.push(calls::limits(result));
    if endpoint.is_some_and(Endpoint::is_plain_text) {
        checks.push(Check::problem(
            "privacy",
            "the credential travels over plain http",
            "use an https:// endpoint",
        ));
    }
    checks
}

fn clock_check(client: &Client) -> Check {
    if let Some(odd) = client.odd_date() {
        return Check::warning(
            clock::NAME,
            format!("the answer is dated {odd}, which is impossible"),
            "a proxy or gateway in between has a wrong clock; this machine's cannot be compared with the service's",
        );
    }
    if let Some(doubt) = client.clock_doubt() {
        return clock::doubted(doubt);
    }
    client.skew().map_or_else(
        || Check::skipped(clock::NAME, "no response had a Date header"),
        clock::measured,
    )
}

fn enterprise_project(result: &Result<Answer, Error>, call: &ListPods) -> Check {
    const NAME: &str = "enterprise project";
    let id = RemoteText::name(call.enterprise_project_id());
    match result {
        Ok(answer) => {
            let total = answer
                .value
                .total
                .map_or("an unknown number of".to_owned(), |total| total.to_string());
            Check::ok(NAME, format!("{id}: {total} pods"))
        }
        Err(error) if error.kind() == ErrorKind::Denied => Check::problem(
            NAME,
            format!("{id} was refused"),
            "if the credential is limited to one enterprise project, name it with --enterprise-project-id",
        ),
        Err(_) => Check::skipped(NAME, "needs an answer"),
    }
}
