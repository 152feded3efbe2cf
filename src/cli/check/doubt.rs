//! Why a check proves nothing.
//!
//! Owns the order of the reasons. Must not: say what follows from one.

use super::verdict::Doubt;
use super::{CheckArgs, masked};
use crate::cli::empty_scope;
use crate::cli::fleet_fetch::{FetchEnd, FleetFetch};
use crate::exit_codes::ExitReason;
use crate::fleet::list_age::ListCurrency;
use crate::settings::Settings;

/// Why finding no pod proves nothing.
pub(super) fn doubt(
    args: &CheckArgs,
    settings: &Settings,
    fetch: &FleetFetch,
    end: &FetchEnd,
    is_empty: bool,
) -> Option<Doubt> {
    if let Some(why) = end.trouble(&fetch.status) {
        return Some(Doubt {
            why,
            reason: end.reason(),
            is_of_the_question: false,
        });
    }
    let of_filter = args.fail_on.doubt("--fail-on", &fetch.fleet);
    let of_warning = || args.warn_on.as_ref()?.doubt("--warn-on", &fetch.fleet);
    if let Some(doubt) = of_filter.or_else(of_warning) {
        return Some(doubt);
    }
    if let Some(why) = masked::why(args, settings, fetch) {
        return Some(Doubt {
            why,
            reason: ExitReason::Incomplete,
            is_of_the_question: true,
        });
    }
    let scope = settings.call.scope();
    let unnamed = || empty_scope::why(scope, &fetch.fleet, fetch.status.unproven, fetch.service_now());
    if let Some(why) = is_empty.then(unnamed).flatten() {
        return Some(Doubt {
            why,
            reason: ExitReason::Incomplete,
            is_of_the_question: true,
        });
    }
    if let Some(why) = fetch.collector_doubt() {
        return Some(Doubt {
            why,
            reason: ExitReason::Incomplete,
            is_of_the_question: false,
        });
    }
    let why = match fetch.list_age() {
        Some(_) => fetch.old_list(settings.list_age_limit, ListCurrency::Old)?,
        None if fetch.status.odd_snapshot.is_some() => {
            "the date of HSS's list is impossible, so nothing proves that it is not old".to_owned()
        }
        None => "HSS's list has no date, so nothing proves that it is not old".to_owned(),
    };
    Some(Doubt {
        why,
        reason: ExitReason::Incomplete,
        is_of_the_question: false,
    })
}
