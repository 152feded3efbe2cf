//! The part of the fleet that is requested from the API.
//!
//! Owns the three filters of the API: pod, namespace and cluster. The documentation does not say whether HSS
//! matches them exactly or as a part of the name, so a scope has both meanings: [`Scope::may_hold`] decides
//! what is shown, and [`Scope::surely_holds`] decides which pods are gone if an answer does not contain them.
//! The answers show which meaning is right: see [`Reach`].

use super::changes::Change;
use super::field::Field;
use super::pod::Pod;
use super::text::RemoteText;

/// The filters of an API call; an absent filter accepts every pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    /// `pod_name`
    pub pod: Option<String>,
    /// `namespace_name`
    pub namespace: Option<String>,
    /// `cluster_name`
    pub cluster: Option<String>,
}

/// Where the requested text must occur in a name; later modes include earlier ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum MatchMode {
    /// The name is equal to it.
    #[default]
    Whole,
    /// The name starts with it.
    Start,
    /// The name contains it.
    Anywhere,
}

impl MatchMode {
    fn of(wanted: &str, name: &str) -> Option<Self> {
        if name == wanted {
            Some(Self::Whole)
        } else if name.starts_with(wanted) {
            Some(Self::Start)
        } else {
            name.contains(wanted).then_some(Self::Anywhere)
        }
    }
}

/// How far the filters reach: what each must accept at least for an answer to contain a pod. Only a pod in an
/// answer proves this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    pod: MatchMode,
    namespace: MatchMode,
    cluster: MatchMode,
}

impl Reach {
    /// The larger reach of each filter.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            pod: self.pod.max(other.pod),
            namespace: self.namespace.max(other.namespace),
            cluster: self.cluster.max(other.cluster),
        }
    }

    fn includes(self, other: Self) -> bool {
        self.max(other) == self
    }
}

/// The names of a pod that a scope compares, not sanitized; `None` if absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Names<'a> {
    /// Its name.
    pub pod: Option<&'a str>,
    /// Its namespace.
    pub namespace: Option<&'a str>,
    /// Its cluster's name.
    pub cluster: Option<&'a str>,
}

impl<'a> Names<'a> {
    /// The names of `pod`.
    pub fn of(pod: &'a Pod) -> Self {
        let raw = |field: &'a Field<RemoteText>| field.value().map(RemoteText::raw);
        Self {
            pod: raw(pod.name()),
            namespace: raw(pod.namespace()),
            cluster: raw(pod.cluster()),
        }
    }
}

impl<'a> Names<'a> {
    /// The names that the pod of `change` had then.
    pub fn of_change(change: &'a Change) -> Self {
        let raw = |field: &'a Field<RemoteText>| field.value().map(RemoteText::raw);
        Self {
            pod: raw(&change.name),
            namespace: raw(&change.namespace),
            cluster: raw(&change.cluster),
        }
    }
}

impl Scope {
    /// Whether this is the complete fleet.
    pub fn is_whole(&self) -> bool {
        self.pod.is_none() && self.namespace.is_none() && self.cluster.is_none()
    }

    /// The smallest scope that contains `pod` for certain.
    pub fn of(pod: &Pod) -> Self {
        let raw = |field: &Field<RemoteText>| field.value().map(|name| name.raw().to_owned());
        Self {
            pod: raw(pod.name()),
            namespace: raw(pod.namespace()),
            cluster: raw(pod.cluster()),
        }
    }

    /// How far the filters must reach for an answer to this scope to contain the pod with these names. `None`
    /// if a name does not contain the requested text: such a pod is never in an answer.
    pub fn reach(&self, names: Names<'_>) -> Option<Reach> {
        let place = |wanted: &Option<String>, name: Option<&str>| match wanted {
            None => Some(MatchMode::Whole),
            Some(wanted) => MatchMode::of(wanted, name?),
        };
        Some(Reach {
            pod: place(&self.pod, names.pod)?,
            namespace: place(&self.namespace, names.namespace)?,
            cluster: place(&self.cluster, names.cluster)?,
        })
    }

    /// Whether an answer to this scope may contain `pod`: each name contains the requested text.
    pub fn may_hold(&self, pod: &Pod) -> bool {
        self.reach(Names::of(pod)).is_some()
    }

    /// Whether the pod of `change` may be in an answer to this scope.
    pub fn may_hold_pod_of(&self, change: &Change) -> bool {
        self.is_whole() || self.reach(Names::of_change(change)).is_some()
    }

    /// Whether an answer to this scope contains `pod` if the service's filters reach at least as far as
    /// `shown`. Equal names are contained under every meaning.
    pub fn surely_holds(&self, pod: &Pod, shown: Reach) -> bool {
        self.surely_holds_named(Names::of(pod), shown)
    }

    /// The same as [`Scope::surely_holds`], for the names of a pod.
    pub fn surely_holds_named(&self, names: Names<'_>, shown: Reach) -> bool {
        self.reach(names).is_some_and(|needed| shown.includes(needed))
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
    fn a_filter_has_two_meanings() {
        let pod = node("web-0").within("prod-a", "payments").build();
        let scope = |namespace: &str| Scope {
            namespace: Some(namespace.into()),
            ..Scope::default()
        };
        let surely = |scope: Scope| scope.surely_holds(&pod, Reach::default());
        assert!(scope("pay").may_hold(&pod) && !surely(scope("pay")));
        assert!(scope("payments").may_hold(&pod) && surely(scope("payments")));
        assert!(!scope("search").may_hold(&pod));
        assert!(surely(Scope::default()) && Scope::default().is_whole());
    }

    #[test]
    fn the_pods_in_an_answer_prove_how_far_its_filter_reaches() {
        let pod = |name: &str| node(name).within("prod-a", "payments").build();
        let web = |namespace: Option<&str>| Scope {
            pod: Some("web".into()),
            namespace: namespace.map(str::to_owned),
            ..Scope::default()
        };
        let shown = |scope: Scope, name: &str| scope.reach(Names::of(&pod(name))).unwrap();
        let (whole, start, anywhere) = (
            shown(web(None), "web"),
            shown(web(None), "web-0"),
            shown(web(None), "my-web"),
        );
        let held = |scope: &Scope, reach: Reach| {
            ["web", "web-1", "a-web-1"].map(|name| scope.surely_holds(&pod(name), reach))
        };
        assert_eq!(whole, Reach::default());
        assert_eq!(held(&web(None), whole), [true, false, false]);
        assert_eq!(held(&web(None), start), [true, true, false]);
        assert_eq!(held(&web(None), anywhere.max(start)), [true; 3]);
        // Knowledge about one filter proves nothing about another.
        assert_eq!(held(&web(Some("pay")), anywhere), [false; 3]);
        let both = shown(web(Some("pay")), "web-0");
        assert_eq!(held(&web(Some("pay")), both), [true, true, false]);
    }
}
