//! The texts that are sent to the clipboard: one line of harmless text each.
//!
//! Owns the texts. A name is copied as it is shown, so pasting it cannot run anything. The line for `kubectl`
//! only contains names that Kubernetes accepts: these need no quotes in any shell and cannot be mistaken for
//! an option, and no pod has another name. Must not: know the terminal.

use std::fmt;

use super::record;
use crate::fleet::{Field, Pod, RemoteText};

/// Something of a pod that can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyItem {
    /// Its name.
    Name,
    /// Its own address.
    Ip,
    /// Its node's name.
    Node,
    /// Its namespace.
    Namespace,
    /// Its cluster's name.
    Cluster,
    /// Its record, the text that the screen shows.
    Json,
    /// The line that shows it with kubectl.
    Kubectl,
}

/// Why there is nothing to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCopied {
    /// HSS does not report it for this pod.
    Unknown(CopyItem),
    /// No Kubernetes object can have this name.
    NoKubernetesName,
}

impl fmt::Display for NotCopied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(CopyItem::Kubectl) => {
                f.write_str("not copied: HSS names no pod or no namespace here")
            }
            Self::Unknown(item) => write!(
                f,
                "not copied: HSS does not report the {} of this pod",
                item.label()
            ),
            Self::NoKubernetesName => f.write_str(
                "not copied: no Kubernetes object can have this name, so kubectl would not find it",
            ),
        }
    }
}

impl CopyItem {
    /// Everything that can be copied, in the order of the menu.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Ip,
        Self::Node,
        Self::Namespace,
        Self::Cluster,
        Self::Kubectl,
        Self::Json,
    ];

    /// Its typed name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Ip => "ip",
            Self::Node => "node",
            Self::Namespace => "namespace",
            Self::Cluster => "cluster",
            Self::Json => "json",
            Self::Kubectl => "kubectl",
        }
    }

    /// Its name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ip => "IP",
            Self::Json => "JSON record",
            Self::Kubectl => "kubectl line",
            other => other.name(),
        }
    }

    /// The item with this typed name; `ns`, `pod` and `record` are accepted too.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let word = match word.as_str() {
            "" | "pod" => "name",
            "ns" => "namespace",
            "record" => "json",
            other => other,
        };
        Self::ALL.into_iter().find(|item| item.name() == word)
    }

    /// The text to copy.
    ///
    /// # Errors
    /// Why there is none.
    pub fn text(self, pod: &Pod) -> Result<String, NotCopied> {
        let shown = |field: &Field<RemoteText>| {
            let text = field.value().map(|text| text.shown().to_owned());
            text.filter(|text| !text.is_empty())
                .ok_or(NotCopied::Unknown(self))
        };
        match self {
            Self::Name => shown(pod.name()),
            Self::Ip => shown(pod.pod_ip()),
            Self::Node => shown(pod.node_name()),
            Self::Namespace => shown(pod.namespace()),
            Self::Cluster => shown(pod.cluster()),
            Self::Json => Ok(record::line(pod)),
            Self::Kubectl => kubectl(pod.namespace(), pod.name()),
        }
    }
}

fn kubectl(namespace: &Field<RemoteText>, name: &Field<RemoteText>) -> Result<String, NotCopied> {
    let (Some(namespace), Some(name)) = (namespace.value(), name.value()) else {
        return Err(NotCopied::Unknown(CopyItem::Kubectl));
    };
    if !namespace.is_kubernetes_label() || !name.is_kubernetes_name() {
        return Err(NotCopied::NoKubernetesName);
    }
    Ok(format!(
        "kubectl get pod -n {} {}",
        namespace.shown(),
        name.shown()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use proptest::prelude::*;

    #[test]
    fn each_item_is_one_line_of_the_pod() {
        let pod = node("api-0").within("prod-a", "pay").build();
        for (item, text) in [
            (CopyItem::Name, "api-0"),
            (CopyItem::Node, "192.168.0.50"),
            (CopyItem::Namespace, "pay"),
            (CopyItem::Cluster, "prod-a"),
            (CopyItem::Kubectl, "kubectl get pod -n pay api-0"),
        ] {
            assert_eq!(item.text(&pod).as_deref(), Ok(text), "{item:?}");
        }
        assert_eq!(
            CopyItem::Ip.text(&pod),
            Err(NotCopied::Unknown(CopyItem::Ip)),
            "HSS does not report it"
        );
        let json = CopyItem::Json.text(&pod).unwrap();
        let shown = record::records(&pod).remove(0).lines;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            words(&json),
            words(&shown.join("\n")),
            "the text of the record on the screen"
        );
        assert!(!json.contains('\n'));
    }

    #[test]
    fn an_item_is_found_by_what_is_typed_for_it() {
        for item in CopyItem::ALL {
            assert_eq!(CopyItem::named(item.name()), Some(item));
        }
        for (typed, item) in [
            ("", CopyItem::Name),
            ("NS", CopyItem::Namespace),
            ("pod", CopyItem::Name),
        ] {
            assert_eq!(CopyItem::named(typed), Some(item), "{typed}");
        }
        assert_eq!(CopyItem::named("secret"), None);
    }

    #[test]
    fn a_name_that_no_pod_can_have_gives_no_line_for_a_shell() {
        for (namespace, name) in [
            ("pay", "a; rm -rf ~"),
            ("pay", "--kubeconfig=/tmp/x"),
            ("pay", "$(id)"),
            ("pay", "a'b"),
            ("-A", "api-0"),
            ("pay\nrm", "api-0"),
        ] {
            let pod = node(name).within("c", namespace).build();
            let text = CopyItem::Kubectl.text(&pod);
            assert_eq!(text, Err(NotCopied::NoKubernetesName), "{namespace} {name}");
        }
    }

    proptest! {
        #[test]
        fn what_is_copied_obeys_nobody(name in any::<String>(), namespace in any::<String>()) {
            let pod = node(&name).within(&name, &namespace).build();
            for item in CopyItem::ALL {
                let Ok(text) = item.text(&pod) else { continue };
                prop_assert!(!text.contains(|letter: char| letter.is_control()), "{text:?}");
                if item == CopyItem::Kubectl {
                    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || " .-".contains(letter);
                    prop_assert!(text.chars().all(is_plain), "{text:?}");
                    prop_assert_eq!(text.split(' ').filter(|word| word.starts_with('-')).count(), 1);
                }
            }
        }
    }
}
