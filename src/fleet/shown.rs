//! The names that may be shown: the real ones, or pseudonyms while names are masked.
//!
//! Owns which parts of a change, a namespace or a mute are names. Everything that is shown or written comes
//! from here; requests, filters, comparisons and saved data use the real names. Must not: know where a name
//! is shown.

use std::borrow::Cow;

use super::changes::Change;
use super::decisions::MuteTarget;
use super::field::Field;
use super::overview::NamespaceKey;
use super::pod::Pod;
use super::pseudonym::NameKind;
use super::snapshot::Fleet;
use super::text::RemoteText;

impl Fleet {
    /// Whether both show the same names: the real ones, or the same pseudonyms.
    pub(super) fn is_shown_as(&self, other: &Self) -> bool {
        match (self.pseudonyms(), other.pseudonyms()) {
            (None, None) => true,
            (Some(names), Some(others)) => std::ptr::eq(names, others),
            _ => false,
        }
    }

    /// A pod as it may be shown.
    pub fn shown_pod(&self, pod: &Pod) -> Pod {
        let pod = pod.clone();
        match self.pseudonyms() {
            Some(names) => names.pod(pod),
            None => pod,
        }
    }

    /// A change as it may be shown.
    pub fn shown_change(&self, change: &Change) -> Change {
        match self.pseudonyms() {
            Some(names) => names.change(change),
            None => change.clone(),
        }
    }

    /// A name as it may be shown.
    pub fn shown_name<'a>(&self, kind: NameKind, name: &'a str) -> Cow<'a, str> {
        match self.pseudonyms() {
            Some(names) => names.of(kind, name).into(),
            None => name.into(),
        }
    }

    /// A namespace as it may be shown.
    pub fn shown_namespace(&self, key: &NamespaceKey) -> NamespaceKey {
        let Some(names) = self.pseudonyms() else {
            return key.clone();
        };
        let of = |kind, field: &Field<RemoteText>| match field {
            Field::Value(name) => Field::Value(RemoteText::name(&names.of(kind, name.raw()))),
            other => other.clone(),
        };
        NamespaceKey {
            cluster: of(NameKind::Cluster, &key.cluster),
            namespace: of(NameKind::Namespace, &key.namespace),
        }
    }

    /// The target of a mute as it may be shown. Only the length of a filter is shown.
    pub fn shown_target(&self, target: &MuteTarget) -> MuteTarget {
        let Some(names) = self.pseudonyms() else {
            return target.clone();
        };
        let of = |kind, text: &RemoteText| RemoteText::name(&names.of(kind, text.raw()));
        match target {
            MuteTarget::Pod {
                key,
                name,
                namespace,
                cluster,
            } => MuteTarget::Pod {
                key: key.clone(),
                name: of(NameKind::Pod, name),
                namespace: of(NameKind::Namespace, namespace),
                cluster: of(NameKind::Cluster, cluster),
            },
            MuteTarget::Namespace { namespace, cluster } => MuteTarget::Namespace {
                namespace: of(NameKind::Namespace, namespace),
                cluster: of(NameKind::Cluster, cluster),
            },
            MuteTarget::Filter(filter) => MuteTarget::Filter(names.dotted(&names.renamed(filter), |_| false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::changes::ChangeKind;
    use crate::fleet::fixture::node;
    use crate::fleet::pseudonym::Pseudonyms;
    use std::sync::Arc;

    #[test]
    fn nothing_that_is_shown_of_a_masked_fleet_has_a_name() {
        let pod = node("canary-1").within("canary-2", "canary-3").build();
        let open: Fleet = [pod.clone()].into_iter().collect();
        let masked = open.masked_by(Pseudonyms::random().map(Arc::new));
        let change = Change::of(&pod, ChangeKind::Vanished);
        let targets = [
            MuteTarget::pod_of(&change),
            MuteTarget::namespace_of(&change),
            MuteTarget::Filter("ns:canary-2".to_owned()),
        ];
        for (fleet, is_masked) in [(&open, false), (&masked, true)] {
            let mut change = fleet.shown_change(&change);
            assert_eq!(change.pod, pod.key, "a key is never shown");
            change.pod = node("x").build().key;
            let mut words = vec![
                format!("{change:?}"),
                fleet.shown_name(NameKind::Node, "canary-4").into(),
            ];
            let key = NamespaceKey {
                cluster: pod.cluster().clone(),
                namespace: pod.namespace().clone(),
            };
            words.push(format!("{:?}", fleet.shown_namespace(&key)));
            words.extend(targets.iter().map(|target| match fleet.shown_target(target) {
                MuteTarget::Pod {
                    name,
                    namespace,
                    cluster,
                    ..
                } => format!("{name}{namespace}{cluster}"),
                other => format!("{other:?}"),
            }));
            for word in words {
                assert_eq!(!word.contains("canary"), is_masked, "{word}");
            }
        }
    }
}
