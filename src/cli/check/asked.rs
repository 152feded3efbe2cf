//! A question to which the pods have no answer: names that no pod has, or can have, and a saved list that nobody keeps.
//!
//! That nothing was found there proves nothing. A state that no pod has is another thing: `status:Failed` without pods is good
//! news. Must not: print.

use crate::cli::fleet_fetch::FleetFetch;
use crate::exit_codes::ExitReason;
use crate::fleet::fields::PodText;
use crate::fleet::query::{Pattern, Query, Test};
use crate::fleet::view::Unsorted;
use crate::fleet::{RemoteText, Scope, ViewRequest};
use crate::settings::Settings;

use super::CheckArgs;
use super::verdict::Doubt;

/// Why nothing is proven; `is_empty` if no pod was looked at. The names of a recording with pseudonyms are judged elsewhere.
pub(super) fn doubt(
    args: &CheckArgs,
    settings: &Settings,
    fetch: &FleetFetch,
    is_empty: bool,
) -> Option<Doubt> {
    if settings.source.is_masked {
        return None;
    }
    let narrowed = Query::parse(&settings.filter).unwrap_or_default();
    let names = [
        ("--fail-on", Some(&args.fail_on.query)),
        ("--warn-on", args.warn_on.as_ref().map(|filter| &filter.query)),
        ("--filter", Some(&narrowed)),
    ];
    let has_pods = |filter: Query, scope: Scope| has_pods(fetch, filter, scope);
    let impossible = names.into_iter().find_map(|(flag, query)| {
        let is_there = |filter: &Query| has_pods(filter.clone(), Scope::default());
        impossible(query?, is_there).map(|why| format!("{flag}: {why}"))
    });
    let scope = || settings.call.scope().clone();
    let unmatched = || {
        let names = narrowed.of_names();
        let is_unmatched = is_empty
            && !names.is_empty()
            && has_pods(Query::default(), scope())
            && !has_pods(names.clone(), scope());
        is_unmatched.then(|| {
            let names = names.to_string();
            let names = RemoteText::message(&names);
            format!("no pod matches the filter {names} (is the name right?)")
        })
    };
    Some(Doubt {
        why: impossible.or_else(unmatched)?,
        reason: ExitReason::Incomplete,
        is_of_the_question: true,
    })
}

/// That `--max-age` has nothing to read, and why.
pub(super) fn unread(args: &CheckArgs, settings: &Settings) -> Option<String> {
    let is_of_hss = !settings.source.demo && settings.source.recorded_at.is_none();
    let is_in_vain = args.headless.max_age.is_some() && settings.state.is_none() && is_of_hss;
    is_in_vain.then(|| {
        "--max-age has no saved list to read: set XDG_STATE_HOME or HOME, and no --no-state".to_owned()
    })
}

fn has_pods(fetch: &FleetFetch, filter: Query, scope: Scope) -> bool {
    let request = ViewRequest {
        scope,
        filter,
        ..ViewRequest::default()
    };
    let rows = Unsorted::of(&fetch.fleet, request, fetch.service_now());
    let only_met = fetch.status.unproven;
    rows.rows().any(|row| !only_met || fetch.fleet.is_met(row))
}

/// The first name of a pod, a namespace or a node that no Kubernetes name contains, unless HSS has it nevertheless.
fn impossible(query: &Query, is_there: impl Fn(&Query) -> bool) -> Option<String> {
    query.typed_names().find_map(|(typed, _)| {
        let [term] = typed.terms() else { return None };
        let (thing, pattern) = match &term.test {
            Test::Text(PodText::Name, pattern) => ("pod", pattern),
            Test::Text(PodText::Namespace, pattern) => ("namespace", pattern),
            Test::Text(PodText::Node, pattern) => ("node", pattern),
            _ => return None,
        };
        let (Pattern::Phrase(phrase) | Pattern::Whole(phrase)) = pattern else {
            return None;
        };
        let is_of_names = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
        let odd = phrase.folded().chars().find(|letter| !is_of_names(*letter))?;
        (!is_there(&typed)).then(|| {
            let (typed, odd) = (typed.to_string(), odd.to_string());
            let (typed, odd) = (RemoteText::message(&typed), RemoteText::message(&odd));
            format!("{typed} cannot match: no name of a {thing} has {odd} in it; look at quotes and $")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_kubernetes_does_not_allow_is_told_unless_a_pod_has_it() {
        for (filter, told) in [
            ("ns:pay", None),
            ("ns:Pay.1-x status:Failed cpu%>90 ip:10.0.0.1:80", None),
            ("pod:api-* node:/a$/ cluster:a_b !ns:pay$", None),
            ("a_b", None),
            ("ns:pay$", Some(("ns:\"pay$\"", "namespace", "$"))),
            ("detect:risk|node=n_1", Some(("node=n_1", "node", "_"))),
            ("pod:\"a b\"", Some(("pod:\"a b\"", "pod", " "))),
        ] {
            let Ok(query) = Query::parse(filter) else {
                panic!("{filter}");
            };
            let told = told.map(|(typed, thing, odd)| {
                format!("{typed} cannot match: no name of a {thing} has {odd} in it; look at quotes and $")
            });
            assert_eq!(impossible(&query, |_| false), told, "{filter}");
            assert_eq!(impossible(&query, |_| true), None, "{filter}");
        }
    }
}
