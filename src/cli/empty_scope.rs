//! A scope without pods: a namespace, a cluster or a pod whose name is misspelt, or which was renamed.
//!
//! No risk in such a scope proves nothing. Must not: print, or ask HSS.

use jiff::Timestamp;

use crate::fleet::view::Unsorted;
use crate::fleet::{Fleet, RemoteText, Scope, ViewRequest};

/// What to say if a name was asked for and HSS lists no pods of it; `None` if it does, or if all pods were asked for. `only_met`
/// leaves out the pods that the last sweep did not see.
pub(super) fn why(scope: &Scope, fleet: &Fleet, only_met: bool, now: Timestamp) -> Option<String> {
    let word = |name: &'static str| if name == "ns" { "namespace" } else { name };
    let of =
        |(name, value): (&'static str, &str)| format!("{} {}", word(name), RemoteText::name(value).shown());
    let names: Vec<String> = scope.terms().map(of).collect();
    let question = match names.len() {
        0 => return None,
        1 => "is the name right?",
        _ => "are the names right?",
    };
    let request = ViewRequest {
        scope: scope.clone(),
        ..ViewRequest::default()
    };
    let listed = Unsorted::of(fleet, request, now);
    let is_there = listed.rows().any(|row| !only_met || fleet.is_met(row));
    (!is_there).then(|| format!("HSS lists no pods of {} ({question})", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;

    #[test]
    fn a_name_without_pods_is_named_and_an_empty_fleet_is_only_empty() {
        let fleet: Fleet = [node("api").within("main", "pay").build()].into_iter().collect();
        let of = |namespace: &str, cluster: Option<&str>, fleet: &Fleet| {
            let scope = Scope {
                namespace: Some(namespace.to_owned()).filter(|name| !name.is_empty()),
                cluster: cluster.map(str::to_owned),
                ..Scope::default()
            };
            why(&scope, fleet, false, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(of("pay", None, &fleet), None);
        assert_eq!(of("", None, &Fleet::default()), None);
        assert_eq!(
            of("pya", None, &fleet).as_deref(),
            Some("HSS lists no pods of namespace pya (is the name right?)")
        );
        assert_eq!(
            of("pay", Some("c\n"), &fleet).as_deref(),
            Some("HSS lists no pods of cluster c\\n, namespace pay (are the names right?)")
        );
    }
}
