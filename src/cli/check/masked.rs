//! A filter of names, and a recording whose names are pseudonyms.
//!
//! That no pod has such a name says nothing of the pods that were recorded: their names were replaced. Must not: print.

use jiff::Timestamp;

use super::CheckArgs;
use crate::cli::fleet_fetch::FleetFetch;
use crate::fleet::query::Query;
use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, RemoteText, ViewRequest};
use crate::settings::Settings;

/// Why the recording cannot be asked this; `None` if its names are real, or none is asked for.
pub(super) fn why(args: &CheckArgs, settings: &Settings, fetch: &FleetFetch) -> Option<String> {
    if !settings.source.is_masked {
        return None;
    }
    let narrowed = Query::parse(&settings.filter).unwrap_or_default();
    let warned = args.warn_on.as_ref().map(|filter| ("--warn-on", &filter.query));
    let mut asked = [("--fail-on", &args.fail_on.query)]
        .into_iter()
        .chain(warned)
        .chain([("--filter", &narrowed)]);
    asked.find_map(|(flag, query)| unjudged(flag, query, &fetch.fleet, fetch.service_now()))
}

/// Why this filter, behind this flag, cannot be judged; `None` if each name in it is a pseudonym of the recording. A part of a name
/// may be in a pseudonym by chance, so only a complete one counts.
fn unjudged(flag: &str, filter: &Query, fleet: &Fleet, now: Timestamp) -> Option<String> {
    let is_there = |filter: Query| {
        let request = ViewRequest {
            filter,
            ..ViewRequest::default()
        };
        Unsorted::of(fleet, request, now).rows().next().is_some()
    };
    let mut typed = filter.typed_names();
    let (unknown, _) = typed.find(|(_, exact)| !exact.clone().is_some_and(is_there))?;
    let unknown = unknown.to_string();
    Some(format!(
        "{flag}: names are masked in this recording, so {} cannot be judged; the list of the recording has the pseudonyms",
        RemoteText::message(&unknown).shown()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;

    #[test]
    fn only_complete_pseudonyms_and_what_is_no_name_can_be_judged() {
        let pod = node("pod-1f").within("cluster-2", "ns-7e").build();
        let fleet: Fleet = [pod].into_iter().collect();
        for (filter, unknown) in [
            ("detect:risk status:Failed cpu%>90 ns:none", None),
            ("ns:ns-7e status:Failed", None),
            ("pod-1f detect:risk", None),
            ("detect:risk !ns:payments", None),
            ("ns:payments", Some("ns:payments")),
            ("ns:7e", Some("ns:7e")),
            ("detect:risk|pod:api", Some("pod:api")),
            ("ns:ns-7e,search", Some("ns:search")),
            ("settle detect:risk", Some("settle")),
            ("ns:ns-*", Some("ns:ns-*")),
            ("ns:/7e/", Some("ns:/7e/")),
        ] {
            let query = Query::parse(filter).unwrap();
            let why = unjudged("--fail-on", &query, &fleet, Timestamp::UNIX_EPOCH);
            let told = unknown.map(|unknown| {
                format!(
                    "--fail-on: names are masked in this recording, so {unknown} cannot be judged; the list of the recording has \
                     the pseudonyms"
                )
            });
            assert_eq!(why, told, "{filter}");
        }
    }
}
