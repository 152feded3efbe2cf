//! The part of the fleet that the API itself is asked for.
//!
//! Owns the three filters that the API knows: pod, namespace and cluster. Whether HSS matches them exactly or as
//! a part of the name is not documented, so a scope has both meanings: [`Scope::may_hold`] for what is shown, and
//! [`Scope::must_hold`] for what an answer without the pod proves to be gone.

use super::field::Field;
use super::pod::Pod;
use super::text::RemoteText;

/// What the API is asked to filter by; an absent filter lets every pod through.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// `pod_name`
    pub pod: Option<String>,
    /// `namespace_name`
    pub namespace: Option<String>,
    /// `cluster_name`
    pub cluster: Option<String>,
}

impl Scope {
    /// Whether this is the whole fleet.
    pub fn is_whole(&self) -> bool {
        self.pod.is_none() && self.namespace.is_none() && self.cluster.is_none()
    }

    /// The smallest scope that surely holds `pod`.
    pub fn of(pod: &Pod) -> Self {
        let raw = |field: &Field<RemoteText>| field.value().map(|name| name.raw().to_owned());
        Self {
            pod: raw(pod.name()),
            namespace: raw(pod.namespace()),
            cluster: raw(pod.cluster()),
        }
    }

    /// Whether an answer to this scope may hold `pod`: each name contains what is asked for.
    pub fn may_hold(&self, pod: &Pod) -> bool {
        self.all(pod, |name, wanted| name.contains(wanted))
    }

    /// Whether an answer to this scope holds `pod` under either meaning: each name is what is asked for.
    pub fn must_hold(&self, pod: &Pod) -> bool {
        self.all(pod, |name, wanted| name == wanted)
    }

    fn all(&self, pod: &Pod, matches: impl Fn(&str, &str) -> bool) -> bool {
        let passes = |wanted: &Option<String>, field: &Field<RemoteText>| match wanted {
            None => true,
            Some(wanted) => field.value().is_some_and(|name| matches(name.raw(), wanted)),
        };
        passes(&self.pod, pod.name())
            && passes(&self.namespace, pod.namespace())
            && passes(&self.cluster, pod.cluster())
    }

    /// The filters that are set, as command name and value.
    pub fn terms(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("cluster", &self.cluster),
            ("ns", &self.namespace),
            ("pod", &self.pod),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;

    #[test]
    fn the_two_meanings_of_a_filter() {
        let pod = node("web-0").within("prod-a", "payments").build();
        let scope = |namespace: &str| Scope {
            namespace: Some(namespace.into()),
            ..Scope::default()
        };
        assert!(scope("pay").may_hold(&pod) && !scope("pay").must_hold(&pod));
        assert!(scope("payments").may_hold(&pod) && scope("payments").must_hold(&pod));
        assert!(!scope("search").may_hold(&pod));
        assert!(Scope::default().must_hold(&pod) && Scope::default().is_whole());
    }
}
