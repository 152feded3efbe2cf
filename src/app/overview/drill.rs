//! From a namespace to its pods, and back.
//!
//! The filter for a namespace is a text that an operator could type, so it can be read, changed and saved. It
//! must find the pods of this namespace and no others: `ns:pay` would also find `payments`, so it is `ns=pay`. A
//! name that no Kubernetes would accept is an expression for the whole name, with everything except letters and
//! digits escaped; so is one that differs from another only in upper and lower case, which `=` does not tell apart.

use std::fmt::Write as _;

use crate::fleet::fields::FieldKind;
use crate::fleet::fields::PodText;
use crate::fleet::overview::NamespaceKey;
use crate::fleet::query::{Query, Term, Values, whole};
use crate::fleet::{Field, RemoteText};

/// A way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// The filter of the overview.
    pub before: String,
    /// The filter of the namespace's pods: while it is in force, Esc leads back.
    pub filter: String,
}

/// The filter `before`, restricted to the pods of `key`; `None` if no filter can name the namespace, because
/// its name is unreadable.
pub fn filter(before: &Query, key: &NamespaceKey, values: &impl Values) -> Option<String> {
    let places = [
        (PodText::Namespace, &key.namespace),
        (PodText::Cluster, &key.cluster),
    ];
    // Two terms on one column are combined by OR, so the old terms on these columns are dropped: all pods of
    // the namespace pass them. Those that `|` joins to other terms stay: pods may pass by the others.
    let asks_for_place = |group: &&[Term]| {
        let is_of = |term: &Term, column| term.test.column() == Some(FieldKind::Text(column));
        let is_of_a_place = |term: &Term| places.iter().any(|(column, _)| is_of(term, *column));
        matches!(group, [term] if !term.excluded && is_of_a_place(term))
    };
    let groups = before.groups().filter(|group| !asks_for_place(group));
    let kept: Query = groups.flatten().cloned().collect();
    let mut text = kept.to_string();
    for (column, name) in places {
        if !text.is_empty() {
            text.push(' ');
        }
        // Writing to a String does not fail.
        let _ = match name {
            Field::Value(name) => text.write_str(&exactly(column, name, values)),
            Field::Absent => write!(text, "{column}:none"),
            Field::Unreadable => return None,
        };
    }
    Some(text)
}

/// A term for this name only.
fn exactly(column: PodText, name: &RemoteText, values: &impl Values) -> String {
    let raw = name.raw();
    // Neither `=` nor an expression without upper-case letters tells cases apart.
    let folded = raw.to_lowercase();
    let mut has_double = false;
    values.visit(column, &mut |other| {
        has_double = has_double || (other != raw && other.to_lowercase() == folded);
    });
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if !has_double && !raw.is_empty() && raw.chars().all(is_plain) {
        return whole(column, raw);
    }
    let mut text = format!("{column}:{}", if has_double { "/(?-i)^" } else { "/^" });
    for character in raw.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => text.push(character),
            '.' => text.push_str("\\."),
            other => {
                let _ = write!(text, "\\x{{{:x}}}", u32::from(other));
            }
        }
    }
    text + "$/"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, serverless};
    use crate::fleet::overview::OverviewSort;
    use crate::fleet::{Fleet, Pod, View, ViewRequest};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn view(fleet: &Fleet, filter: &str) -> View {
        let request = ViewRequest {
            filter: Query::parse(filter).unwrap(),
            overview: Some(OverviewSort::default()),
            ..ViewRequest::default()
        };
        View::of(fleet, request, Timestamp::UNIX_EPOCH)
    }

    /// Every row leads to the number of pods that it counts.
    #[track_caller]
    fn leads_to_its_pods(fleet: &Fleet, before: &str) {
        let overview = view(fleet, before).overview.unwrap();
        for row in overview.rows() {
            let text = filter(&Query::parse(before).unwrap(), &row.key, fleet).unwrap();
            let found = view(fleet, &text);
            assert_eq!(found.len(), row.counts.summary.pods, "{text}");
            let rows: Vec<_> = found.overview.as_ref().unwrap().rows().collect();
            assert_eq!(rows.len(), usize::from(!found.is_empty()), "{text}");
            assert_eq!(rows[0].key, row.key, "{text}");
        }
    }

    #[test]
    fn a_namespace_whose_name_is_part_of_another_leads_to_its_own_pods() {
        let pods = [
            node("a").within("prod", "pay").build(),
            node("b").within("prod-2", "pay").build(),
            node("c").within("prod", "payments").build(),
            node("d").within("prod", "PAY").status("Failed").build(),
            serverless("e").within("", "").security("closed", "risk").build(),
            node("f")
                .within("none", "a,b \"c\" /d/ e|f ^.*$ \\ 生产\u{1b}[31m\n")
                .build(),
        ];
        let fleet: Fleet = pods.iter().cloned().collect();
        for before in [
            "",
            "ns:pay",
            "ns:pay,x cluster:prod status:Running",
            "!ns:payments a",
            "a|b",
            "ns:pay|status:Running",
        ] {
            leads_to_its_pods(&fleet, before);
        }
    }

    #[test]
    fn the_filter_of_a_usual_name_is_short() {
        let pods = [
            node("a").within("prod", "pay").build(),
            node("b").within("prod.eu", "none").build(),
            node("c").within("DEV", "x").build(),
            node("d").within("dev", "a b").build(),
        ];
        let fleet: Fleet = pods.into_iter().collect();
        let overview = view(&fleet, "").overview.unwrap();
        let texts = overview
            .rows()
            .map(|row| filter(&Query::default(), &row.key, &fleet).unwrap());
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        assert_eq!(
            texts,
            [
                r"ns:/^a\x{20}b$/ cluster:/(?-i)^dev$/",
                r#"ns="none" cluster=prod.eu"#,
                "ns=pay cluster=prod",
                "ns=x cluster:/(?-i)^DEV$/",
            ]
        );
    }

    proptest! {
        #![proptest_config(crate::long_tests::cases(100, 800))]

        #[test]
        fn whatever_a_stranger_calls_a_namespace_it_leads_to_its_own_pods(
            names in proptest::collection::vec((".{0,12}", "[aA./|\"\\\\ :,*?-]{0,5}"), 1..8),
        ) {
            let pod = |(at, (cluster, namespace)): (usize, &(String, String))| -> Pod {
                node(&format!("p{at}")).within(cluster, namespace).build()
            };
            let fleet: Fleet = names.iter().enumerate().map(pod).collect();
            leads_to_its_pods(&fleet, "");
        }
    }
}
