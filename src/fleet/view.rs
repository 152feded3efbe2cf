//! A view: the pods that pass scope and filter, in order.
//!
//! Owns the one computation that is too long for the event loop at scale. It is a pure function from a fleet and a
//! [`ViewWish`] to a [`View`]; who runs it, and where, is not its business.

use std::sync::Arc;

use super::filter::Filter;
use super::pod::{Pod, PodKey};
use super::risk;
use super::scope::Scope;
use super::sort::{Sort, SortKey};
use super::store::Fleet;
use super::summary::Summary;

/// What the screen wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewWish {
    /// The part of the fleet that the API is asked for.
    pub scope: Scope,
    /// What was typed.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
}

/// The answer to a [`ViewWish`]. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The pods, in order.
    pub pods: Arc<[Arc<Pod>]>,
    /// What it answers.
    pub wish: ViewWish,
    /// Counts over the pods in scope, before the filter.
    pub summary: Summary,
}

impl View {
    /// Computes the view of `fleet` that `wish` asks for.
    pub fn of(fleet: &Fleet, wish: ViewWish) -> Self {
        let in_scope = || fleet.pods().iter().filter(|pod| wish.scope.may_hold(pod));
        let summary = Summary::of(in_scope().map(Arc::as_ref));
        let mut pods: Vec<Arc<Pod>> = in_scope()
            .filter(|pod| wish.filter.matches(pod))
            .cloned()
            .collect();
        if wish.sort.key == SortKey::Risk {
            // The score is worth computing once a pod and not once a comparison.
            let mut scored: Vec<_> = pods.into_iter().map(|pod| (risk::score(&pod), pod)).collect();
            scored.sort_by(|(a_score, a), (b_score, b)| {
                let by_score = if wish.sort.descending {
                    b_score.cmp(a_score)
                } else {
                    a_score.cmp(b_score)
                };
                by_score.then_with(|| SortKey::Cluster.first_direction().compare(a, b))
            });
            pods = scored.into_iter().map(|(_, pod)| pod).collect();
        } else {
            pods.sort_by(|a, b| wish.sort.compare(a, b));
        }
        Self {
            pods: pods.into(),
            wish,
            summary,
        }
    }

    /// Where `key` is.
    pub fn position(&self, key: &PodKey) -> Option<usize> {
        self.pods.iter().position(|pod| pod.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};

    fn fleet() -> Fleet {
        [
            node("api-1").within("c", "payments").build(),
            node("api-2").within("c", "payments").status("Failed").build(),
            node("web-1").within("c", "search").build(),
            serverless("settle-1")
                .within("cci", "payments")
                .security("opened", "risk")
                .build(),
        ]
        .into_iter()
        .collect()
    }

    fn names(view: &View) -> Vec<&str> {
        view.pods
            .iter()
            .filter_map(|pod| pod.name().value().map(crate::fleet::text::RemoteText::raw))
            .collect()
    }

    #[test]
    fn scope_then_filter_then_sort() {
        let wish = ViewWish {
            scope: Scope {
                namespace: Some("pay".into()),
                ..Scope::default()
            },
            filter: Filter::parse("api"),
            sort: SortKey::Name.first_direction().reversed(),
        };
        let view = View::of(&fleet(), wish);
        assert_eq!(names(&view), ["api-2", "api-1"]);
        assert_eq!(view.summary.pods, 3, "counts are over the scope");
        assert_eq!(view.position(&view.pods[1].key.clone()), Some(1));
    }

    #[test]
    fn risk_both_ways_agrees_with_the_comparison() {
        for sort in [Sort::default(), Sort::default().reversed()] {
            let view = View::of(
                &fleet(),
                ViewWish {
                    sort,
                    ..ViewWish::default()
                },
            );
            assert!(view.pods.is_sorted_by(|a, b| sort.compare(a, b).is_le()));
        }
    }
}
