//! A verdict in each form.
//!
//! Must not: decide anything.

use std::io;

use serde_json::{Map, Value, json};

use super::verdict::{CheckResult, MOST_NAMED, Matches, full_name};
use super::{CheckArgs, CheckOutput};
use crate::cli::collector_word;
use crate::cli::fleet_fetch::{FetchEnd, FleetFetch};
use crate::exit_codes::PluginState;
use crate::fleet::RemoteText;
use crate::fleet::fields::PodField;
use crate::report::columns::{ExportRow, FileColumn};
use crate::report::json;
use crate::report::junit::{self, JunitCase, JunitOutcome};
use crate::report::listing::schema;
use crate::report::nagios::{self, PerformanceValue};
use crate::settings::Settings;
use crate::ui::format::count;

/// A pod in JSON.
const FIELDS: [PodField; 7] = [
    PodField::Name,
    PodField::Namespace,
    PodField::Cluster,
    PodField::Status,
    PodField::Protection,
    PodField::Detection,
    PodField::Risk,
];

/// The line of a plug-in that could not check at all.
pub fn plugin_fault(why: &str) -> String {
    nagios::line(PluginState::Unknown, why, &[])
}

pub(super) fn told(
    args: &CheckArgs,
    result: &CheckResult,
    settings: &Settings,
    fetch: &FleetFetch,
    end: &FetchEnd,
) -> io::Result<Vec<u8>> {
    let age = fetch.list_age().filter(|_| end.is_complete());
    let mut out = Vec::new();
    match args.output {
        CheckOutput::Text => {
            let line = format!("{}: {}", result.word(), result.line(age.as_deref()));
            out.extend_from_slice(format!("{}\n", RemoteText::message(&line)).as_bytes());
        }
        CheckOutput::Nagios => {
            let state = result.state(args.stale.into());
            let line = nagios::line(state, &result.line(age.as_deref()), &values(result, fetch, end));
            out.extend_from_slice(line.as_bytes());
            let of_setup = settings.warnings.iter().chain(&settings.unused);
            let of_setup = of_setup.filter(|_| !args.headless.quiet);
            out.extend_from_slice(nagios::notes(of_setup.chain(&fetch.notices)).as_bytes());
        }
        CheckOutput::Json => {
            json::value(&object(result, settings, fetch, end)?, &mut out)?;
            out.push(b'\n');
        }
        CheckOutput::Junit => {
            let source = &settings.source;
            let facts = [
                ("project", source.project.as_str()),
                ("region", &source.place),
                ("enterprise_project", &source.enterprise_project),
            ];
            junit::write(&suite(settings), &facts, &cases(result), &mut out)?;
        }
    }
    Ok(out)
}

/// The performance data: only what is known for certain.
fn values(result: &CheckResult, fetch: &FleetFetch, end: &FetchEnd) -> Vec<PerformanceValue> {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut values = Vec::new();
    if end.is_complete() {
        values.push(PerformanceValue {
            label: "findings",
            value: number(result.findings.count),
            unit: "",
            beyond: [None, Some(0)],
        });
        values.extend(result.warnings.as_ref().map(|warnings| PerformanceValue {
            label: "warnings",
            value: number(warnings.count),
            unit: "",
            beyond: [Some(0), None],
        }));
        values.push(PerformanceValue {
            label: "pods",
            value: number(result.checked),
            unit: "",
            beyond: [None, None],
        });
    }
    let age = fetch
        .status
        .snapshot_at
        .map(|at| fetch.service_now().duration_since(at));
    let age = age.and_then(|age| u64::try_from(age.as_secs()).ok());
    values.extend(age.map(|value| PerformanceValue {
        label: "list_age",
        value,
        unit: "s",
        beyond: [None, None],
    }));
    values
}

/// The name of the test suite: with what chooses the pods, because a build server that gets two results of one name shows one.
fn suite(settings: &Settings) -> String {
    let scope = settings
        .call
        .scope()
        .terms()
        .map(|(name, value)| format!("{name}:{value}"));
    let words = [settings.source.profile.clone()]
        .into_iter()
        .chain(scope)
        .chain([settings.filter.clone()]);
    let words: Vec<String> = ["hss-top check".to_owned()]
        .into_iter()
        .chain(words.filter(|word| !word.is_empty()))
        .collect();
    RemoteText::message(&words.join(" ")).shown().to_owned()
}

fn object(
    result: &CheckResult,
    settings: &Settings,
    fetch: &FleetFetch,
    end: &FetchEnd,
) -> io::Result<Value> {
    let status = &fetch.status;
    let date = |at: Option<jiff::Timestamp>| {
        at.map_or_else(String::new, |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let warnings = result.warnings.as_ref().map(pods).transpose()?;
    Ok(json!({
        "schema": schema::CHECK,
        "project": settings.source.project,
        "region": settings.source.place,
        "enterprise_project": settings.source.enterprise_project,
        "filter": settings.filter,
        "verdict": result.word().to_lowercase(),
        "exit_code": result.reason().code(),
        "checked": result.checked,
        "complete": end.is_complete(),
        "doubt": result.doubt.as_ref().map_or("", |doubt| doubt.why.as_str()),
        "stored": matches!(end, FetchEnd::Complete { is_stored: true }),
        "collected_at": date(status.snapshot_at),
        "asked_at": date(status.asked_at),
        "collector": collector_word::of(status),
        "fail_on": pods(&result.findings)?,
        "warn_on": warnings,
    }))
}

fn pods(matches: &Matches) -> io::Result<Value> {
    let columns = FIELDS.map(FileColumn::of);
    let mut pods = Vec::new();
    for pod in &matches.pods {
        let row = ExportRow {
            pod: pod.clone(),
            gone_since: None,
        };
        let mut object = Vec::new();
        json::record(&columns, &row, &mut object)?;
        pods.push(serde_json::from_slice::<Map<String, Value>>(&object)?);
    }
    Ok(json!({"filter": matches.filter, "count": matches.count, "pods": pods}))
}

fn cases(result: &CheckResult) -> Vec<JunitCase> {
    let case = |flag: &str, matches: &Matches, fails: bool| JunitCase {
        name: format!("{flag} {}", RemoteText::message(&matches.filter)),
        outcome: match &result.doubt {
            _ if fails && matches.count > 0 => JunitOutcome::Failed,
            Some(_) if matches.count == 0 => JunitOutcome::Skipped,
            _ => JunitOutcome::Passed,
        },
        message: result.sentence(matches),
        lines: lines(matches),
    };
    let data = JunitCase {
        name: "data".to_owned(),
        outcome: match result.doubt {
            Some(_) => JunitOutcome::Error,
            None => JunitOutcome::Passed,
        },
        message: match &result.doubt {
            Some(doubt) => RemoteText::message(&doubt.why).shown().to_owned(),
            None => "every pod was checked".to_owned(),
        },
        lines: Vec::new(),
    };
    let warnings = result
        .warnings
        .iter()
        .map(|warnings| case("--warn-on", warnings, false));
    [case("--fail-on", &result.findings, true)]
        .into_iter()
        .chain(warnings)
        .chain([data])
        .collect()
}

/// The pods, one per line.
fn lines(matches: &Matches) -> Vec<String> {
    let more = matches.count.saturating_sub(MOST_NAMED);
    let last = (more > 0).then(|| format!("and {} more", count(more)));
    matches.pods.iter().map(full_name).chain(last).collect()
}
