//! Filters of what only has the names of a pod: a mute, a record of usage.
//!
//! Owns which fields these have. Must not: read a file.

use jiff::Timestamp;

use crate::fleet::PodField;
use crate::fleet::pod_names::PodNames;
use crate::fleet::query::{Query, matches};

/// The first field of a filter that is not a name: it would never match.
pub(super) fn other_field(query: &Query) -> Option<PodField> {
    let known = [PodField::Name, PodField::Namespace, PodField::Cluster];
    let mut all = PodField::ALL.iter().copied();
    all.find(|field| !known.contains(field) && query.asks_for(*field))
}

/// Whether a pod of these names passes.
pub(super) fn passes(query: &Query, names: &PodNames, now: Timestamp) -> bool {
    matches(query, &names.pod(), now)
}
