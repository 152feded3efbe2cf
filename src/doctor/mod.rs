//! `hss-top doctor`: checks every step between this machine and the pods.
//!
//! Owns the steps and their order: `configuration`; then `api`, which is credential, name, connection, TLS,
//! project, the call itself, and what its answer shows about clock, rights, enterprise project and limits; then
//! what `alerts` need, and this `machine`. A step is skipped if one that it needs failed, and each is shown as soon as it is made,
//! because a silent network takes half a minute. It makes one or two calls to HSS, within the budget. Must not: show
//! a secret.

mod alerts;
mod api;
mod calls;
mod clock;
mod configuration;
mod list;
mod machine;
mod network;
mod report;
mod sign_in;
mod told_checks;

use serde::Serialize;

use crate::clock::Clock;
use crate::config::{Config, ConfigKey, Flags, Wrong};
use crate::env::Variables;
use configuration::Configured;
pub use report::{json, line, sum};
use told_checks::ToldChecks;

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

/// Makes all checks, in order, and tells each one as soon as it is made.
/// `unknown` are sentences about variables that look like ours.
pub async fn run(
    flags: &Flags,
    variables: Variables<'_>,
    unknown: &[String],
    clock: Clock,
    tell: &mut dyn FnMut(&Check),
) -> Vec<Check> {
    let mut checks = ToldChecks::new(tell);
    let config = Config::resolve(flags, variables);
    let readable = config.as_ref().ok();
    let log = readable.and_then(|config| config.path(ConfigKey::LogFile, variables));
    let of_alerts = readable.map(alerts::check);
    match config
        .map_err(|Wrong(sentence)| Box::new(Check::problem(configuration::NAME, sentence, "")))
        .and_then(|config| configuration::check(config, variables))
    {
        Err(check) => {
            checks.extend([*check, machine::variables(unknown)]);
            checks.extend(api::NAMES.map(|check| Check::skipped(check, "needs a configuration")));
        }
        Ok(Configured {
            check,
            source,
            call,
            list_age_limit,
        }) => {
            checks.extend([check, machine::variables(unknown)]);
            api::check(&mut checks, &source, &call, &clock, list_age_limit, variables).await;
        }
    }
    checks.push(sign_in::check(variables));
    checks.extend(of_alerts);
    checks.push(machine::terminal(variables));
    checks.push(machine::clipboard(variables));
    checks.push(machine::time_zone(crate::clock::local_zone().1));
    checks.push(machine::state_folder(variables));
    checks.push(machine::log_file(log.as_deref()));
    checks.all()
}
