//! The part of the fleet that the API itself is asked for.
//!
//! Owns the three filters that the API knows: pod, namespace and cluster. Whether HSS matches them exactly or as
//! a part of the name is not documented, so a scope has both meanings: [`Scope::may_hold`] for what is shown, and
//! [`Scope::surely_holds`] for what an answer without the pod proves to be gone. The answers themselves show which it is:
//! see [`Reach`].

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

/// Where in a name the text stands that is asked for; what comes later includes what comes before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum MatchMode {
    /// It is the whole name.
    #[default]
    Whole,
    /// The name starts with it.
    Start,
    /// Anywhere.
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

/// How far the filters reach: what each must at least accept for an answer to hold a pod. A pod that is in an answer proves
/// it of the service; nothing else does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    pod: MatchMode,
    namespace: MatchMode,
    cluster: MatchMode,
}

impl Reach {
    /// The reach of both.
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

/// What a scope asks about of a pod, raw, where it has it.
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

    /// How far the filters must reach for an answer to this scope to hold the pod of these names: none that does not contain
    /// what is asked for is ever held.
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

    /// Whether an answer to this scope may hold `pod`: each name contains what is asked for.
    pub fn may_hold(&self, pod: &Pod) -> bool {
        self.reach(Names::of(pod)).is_some()
    }

    /// Whether an answer to this scope holds `pod` if the service's filters reach so far: at least equal names are held under
    /// every meaning.
    pub fn surely_holds(&self, pod: &Pod, shown: Reach) -> bool {
        self.surely_holds_named(Names::of(pod), shown)
    }

    /// As [`Scope::surely_holds`], of a pod's names.
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
    fn the_two_meanings_of_a_filter() {
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
    fn what_an_answer_holds_shows_how_far_its_filter_reaches() {
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
        // What is known of one filter proves nothing of another.
        assert_eq!(held(&web(Some("pay")), anywhere), [false; 3]);
        let both = shown(web(Some("pay")), "web-0");
        assert_eq!(held(&web(Some("pay")), both), [true, true, false]);
    }
}
