//! The API: credential, connection, one call, and what its answer shows.
//!
//! Owns the order of these checks, and which are skipped after a failure.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::calls::{self, Calls};
use super::{Check, ToldChecks, Verdict, clock, list, network};
use crate::clock::Clock;
use crate::collector::SourceSetup;
use crate::env::Variables;
use crate::fleet::RemoteText;
use crate::fleet::list_age::ListAgeLimit;
use crate::hss::auth::chain;
use crate::hss::auth::refusals::Refusals;
use crate::hss::collector_mark::ASK_WHO_RUNS_IT;
use crate::hss::error::{Error, ErrorKind};
use crate::hss::request::ALL_ENTERPRISE_PROJECTS;
use crate::hss::transport::proxy::ProxyRoute;
use crate::hss::{Answer, Client, Endpoint, ListPods};
use crate::secrets::values;
use crate::ui::format::{age, seconds_since};

/// Names of the checks of the API, in order.
pub(super) const NAMES: [&str; 13] = [
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

/// The least that a role should have to have. No public text names the action of the pods' list, so it is by analogy with those
/// that are named (`hss:hosts:list` and others, HSS's API reference).
const MINIMAL_POLICY: &str = r#"A minimal policy that only reads (not confirmed for pods): {"Version":"1.1","Statement":[{"Effect":"Allow","Action":["hss:*:get","hss:*:list"]}]}"#;
/// Why nothing is known about the rights of the credential.
const OF_COLLECTOR: &str = "an hss-top collector answered, not HSS";
/// Why HSS may list no pods, where it may be asked for all enterprise projects.
const NO_PODS: &str = "are clusters connected to HSS, do their nodes have an online agent (3.2.7 or newer) and a container edition quota, and were the container assets synchronised? The HSS console shows all of it under Containers & Quotas";
/// The same, where only one enterprise project is asked for.
const HIDDEN_PODS: &str = "pods of other enterprise projects are hidden: --enterprise-project-id all_granted_eps asks for all that the credential can see";

/// Makes the checks of the API, in the order of [`NAMES`].
pub(super) async fn check(
    checks: &mut ToldChecks<'_>,
    source: &SourceSetup,
    call: &ListPods,
    clock: &Clock,
    list_age_limit: ListAgeLimit,
    variables: Variables<'_>,
) {
    let endpoints = source.setup.endpoints.clone();
    let mut calls = Calls::new(source, clock);

    let credential = credential(source, &mut calls, variables).await;
    let signed_in = credential.verdict != Verdict::Problem;
    checks.push(credential);
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
        checks.extend(NAMES.into_iter().skip(5).map(skipped));
        return;
    }
    let mut began = Instant::now();
    let result = match ask(call, &mut calls, endpoints.len(), &mut began).await {
        Ok(result) => result,
        Err(why) => {
            let advice = "close other programs that use this account, or wait";
            checks.push(Check::problem("call", why, advice));
            let skipped = |check| Check::skipped(check, "needs an answer");
            checks.extend(NAMES.into_iter().skip(6).map(skipped));
            return;
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
    checks.push(if is_of_collector(&result) {
        Check::skipped(calls::NAME, OF_COLLECTOR)
    } else {
        calls.check()
    });
}

/// Whether a collector answered, which has no limit of calls and knows nothing of the credential.
fn is_of_collector(result: &Result<Answer, Error>) -> bool {
    match result {
        Ok(answer) => answer.collector.is_some(),
        Err(error) => error.is_of_collector(),
    }
}

/// Fetches the credential: which source won, until when the credential is valid, and what else is set.
async fn credential(source: &SourceSetup, calls: &mut Calls, variables: Variables<'_>) -> Check {
    let resolved = &source.setup.found;
    if let Err(error) = calls.client().credentials().credential().await {
        let forgotten = source.refusals.as_ref().and_then(Refusals::trouble);
        let forgotten = forgotten.map(|why| format!("; the refusal could not be remembered: {why}"));
        let found = format!("{error}{}", forgotten.unwrap_or_default());
        return Check::problem("credential", found, error.advice());
    }
    let end = calls.client().credentials().expires_at().await;
    let end = end.map_or_else(|| "expiry unknown".to_owned(), |end| format!("expires {end:.0}"));
    let others = chain::others(variables, resolved);
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!("; also set, not used: {}", others.join(", ")),
    };
    let found = format!("{}; {end}{others}", resolved.name);
    match resolved.source.shared_token_file() {
        None => Check::ok("credential", found),
        Some((path, mode)) => Check::warning(
            "credential",
            format!(
                "{found}\nothers can read {} (mode {mode:04o})",
                values::path(&path.display().to_string())
            ),
            "let only this user read it, if the platform that writes it can",
        ),
    }
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
        Ok(answer) => called(answer, ms, now),
        // It says itself how long that was.
        Err(error @ Error::TimedOut { .. }) => Check::problem("call", error.to_string(), error.advice()),
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
    let collector = is_of_collector(result);
    checks.push(if collector {
        Check::skipped(clock::NAME, OF_COLLECTOR)
    } else {
        clock_check(client, result)
    });
    checks.push(match trouble {
        None | Some(ErrorKind::Denied) if collector => Check::skipped("permission", OF_COLLECTOR),
        None => Check::ok("permission", "the credential can list pods"),
        Some(ErrorKind::Denied) => Check::problem(
            "permission",
            "the credential cannot list pods",
            format!(
                "it needs a role that can read HSS in this project and enterprise project. {MINIMAL_POLICY}"
            ),
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

/// The result of a call that was answered with pods. A collector has pods to show for as long as it runs, so its word decides
/// whether they are still those of HSS.
fn called(answer: &Answer, ms: u128, now: Timestamp) -> Check {
    let Some(state) = answer.collector else {
        let id = answer.request_id.as_ref().map_or("none", RemoteText::shown);
        return Check::ok("call", format!("200 in {ms} ms, request id {id}"));
    };
    let word = state.word();
    let found = format!("200 in {ms} ms from an hss-top collector, which is {word}");
    match state.trouble() {
        None => Check::ok("call", found),
        Some(why) => {
            let confirmed = age(seconds_since(answer.age.told_at(now), now));
            let found = format!("{found}: {why}; HSS confirmed its list {confirmed} ago");
            Check::problem("call", found, ASK_WHO_RUNS_IT)
        }
    }
}

fn clock_check(client: &Client, result: &Result<Answer, Error>) -> Check {
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
        || match result {
            Err(Error::Connect { .. } | Error::Tunnel { .. } | Error::TimedOut { .. }) => {
                Check::skipped(clock::NAME, "needs an answer")
            }
            _ => Check::skipped(clock::NAME, "no response had a Date header"),
        },
        clock::measured,
    )
}

fn enterprise_project(result: &Result<Answer, Error>, call: &ListPods) -> Check {
    const NAME: &str = "enterprise project";
    let id = RemoteText::name(call.enterprise_project_id());
    match result {
        Ok(answer) => {
            let total = answer.value.total;
            let told = total.map_or("an unknown number of".to_owned(), |total| total.to_string());
            let found = format!("{id}: {told} pods");
            match total {
                Some(0) if id.raw() == ALL_ENTERPRISE_PROJECTS => Check::warning(NAME, found, NO_PODS),
                Some(0) => Check::warning(NAME, found, HIDDEN_PODS),
                _ => Check::ok(NAME, found),
            }
        }
        Err(error) if error.is_of_collector() => Check::skipped(NAME, OF_COLLECTOR),
        Err(error) if error.kind() == ErrorKind::Denied => Check::problem(
            NAME,
            format!("{id} was refused"),
            "if the credential is limited to one enterprise project, name it with --enterprise-project-id",
        ),
        Err(_) => Check::skipped(NAME, "needs an answer"),
    }
}
