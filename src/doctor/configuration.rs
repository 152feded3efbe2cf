//! The configuration: whether it is complete and valid, and which endpoint and credential it selects.
//!
//! Must not: call.

use std::path::Path;
use std::sync::Arc;

use super::Check;
use crate::collector::SourceSetup;
use crate::config::{Config, ConfigKey, forms};
use crate::env::Variables;
use crate::fleet::Scope;
use crate::fleet::list_age::ListAgeLimit;
use crate::hss::ListPods;
use crate::settings::{self, Look, Settings, Target, Unready};

/// A configuration that can be used.
pub(super) struct Configured {
    pub check: Check,
    pub source: Box<SourceSetup>,
    pub call: ListPods,
    /// How old HSS's own list may be.
    pub list_age_limit: ListAgeLimit,
}

/// The name of the check.
pub(super) const NAME: &str = "configuration";
const WHERE_VALUES_COME_FROM: &str = "hss-top config show lists every value with its origin";

/// Reads the configuration. Every wrong value is reported at once, even those that no call needs; the rest is
/// checked without them.
pub(super) fn check(mut config: Config, variables: Variables<'_>) -> Result<Configured, Box<Check>> {
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
