//! Which records an export has.
//!
//! Owns their filter: of changes it is that of `watch`; a record of usage only has the names of its pod. Must not: read the
//! saved state.

use jiff::Timestamp;

use super::{ExportArgs, ExportCommand};
use crate::cli::change_filter::TypedChangeFilter;
use crate::cli::headless::{headless_config, usable, warn_of_real_names};
use crate::cli::named_pods::other_field;
use crate::cli::since::moment;
use crate::env::Variables;
use crate::fleet::query::Query;
use crate::fleet::query::change_query::ChangeQuery;
use crate::report::usage_record::Stretch;
use crate::settings::{Settings, Unready};

/// What an export runs with.
#[derive(Debug)]
pub struct ExportPlan {
    /// The settings.
    pub settings: Settings,
    /// What is exported, and of which pods.
    pub wanted: ExportedRecords,
}

/// Which records are exported.
#[derive(Debug)]
pub enum ExportedRecords {
    /// The usage in these stretches, of the pods that pass.
    Usage(Stretch, Query),
    /// The changes that pass.
    Changes(ChangeQuery),
}

impl ExportedRecords {
    /// What is said if there is none; `is_of_a_time` if only a part of the time was wanted.
    pub(super) fn none(&self, is_of_a_time: bool) -> &'static str {
        match self {
            Self::Changes(filter) if is_of_a_time || !filter.is_empty() => {
                "none of the saved changes is of this time and passes the filter"
            }
            Self::Changes(_) => "no changes are saved",
            Self::Usage(_, pods) if is_of_a_time || !pods.is_empty() => {
                "none of the saved usage is of this time and passes the filter"
            }
            Self::Usage(..) => "no usage is saved",
        }
    }
}

impl ExportCommand {
    /// What it runs with. `unknown` has sentences about unknown variables.
    ///
    /// # Errors
    /// What is missing or wrong in the configuration.
    pub fn plan(&self, variables: Variables<'_>, unknown: Vec<String>) -> Result<ExportPlan, Unready> {
        let mut config = headless_config(&self.args().flags, variables, unknown)?;
        let (mut settings, wanted) = match self {
            Self::History(args) => {
                let settings = usable(Settings::of_saved_state(&config, variables)?)?;
                // It was parsed before: an invalid filter prevents the start.
                let pods = Query::parse(&settings.filter).unwrap_or_default();
                if let Some(why) = beyond_names(&pods) {
                    return Err(Unready::Wrong(format!("--filter: {why}")));
                }
                (settings, ExportedRecords::Usage(args.by.into(), pods))
            }
            Self::Changes(_) => {
                let filter = TypedChangeFilter::take(&mut config)?;
                let mut settings = Settings::of_saved_state(&config, variables)?;
                if let Some(fault) = settings.view.as_ref().and_then(|view| view.faults.first()) {
                    return Err(Unready::Wrong(fault.clone()));
                }
                settings.warnings.extend(filter.doubt());
                let changes = filter.or_of(settings.view.as_ref());
                (settings, ExportedRecords::Changes(changes))
            }
        };
        warn_of_real_names(&config, &mut settings);
        Ok(ExportPlan { settings, wanted })
    }
}

/// Why a filter would never match a record of usage, which only has the names of its pod.
fn beyond_names(pods: &Query) -> Option<String> {
    let field = other_field(pods)?.name();
    Some(format!(
        "a record of usage can only be filtered by cluster, ns and pod, but not by {field}"
    ))
}

/// The command, whose filter is one of names.
pub(in crate::cli) fn with_filter_of_names(command: clap::Command) -> clap::Command {
    let read = |text: &str| {
        let query = Query::parse(text).map_err(|error| error.at_shell())?;
        beyond_names(&query).map_or_else(|| Ok(text.to_owned()), Err)
    };
    command.mut_arg("filter", |filter| filter.value_parser(read))
}

/// The first and the last time.
///
/// # Errors
/// One of them cannot be used, or nothing lies between them.
pub(super) fn span(args: &ExportArgs, now: Timestamp) -> Result<[Timestamp; 2], Unready> {
    let from = moment("--since", args.since.as_ref(), now)?.unwrap_or(Timestamp::MIN);
    let until = moment("--until", args.until.as_ref(), now)?.unwrap_or(Timestamp::MAX);
    if from >= until {
        return Err(Unready::Wrong("--since must be earlier than --until".to_owned()));
    }
    Ok([from, until])
}
