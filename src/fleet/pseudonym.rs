//! Pseudonyms, which replace names, addresses and ids while somebody else sees the screen.
//!
//! The same name has the same pseudonym wherever it is shown, and two names never share one. A pseudonym is a
//! part of a keyed hash (HMAC-SHA-256 under a key that is made at random and never leaves the process), so
//! nobody can find the name behind one by trying names. It is as short as possible without being ambiguous. A
//! filter accepts pseudonyms that were shown, so their names are remembered, up to [`MOST_NAMES`]; beyond
//! that a pseudonym is long, and cannot be resolved. Must not: know where a name is shown.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ring::hmac;
use ring::rand::SystemRandom;

use super::Field;
use super::changes::Change;
use super::fields::{PodText, Wording};
use super::pod::{CommonFields, Pod};
use super::text::RemoteText;

/// The most names that are remembered.
pub const MOST_NAMES: usize = 200_000;
/// The digits of a pseudonym that is not remembered. Among a hundred million such names, the probability that
/// two share one is 1 in 1,000.
const LONG: usize = 16;

/// How many more digits a pseudonym may have than are needed to distinguish this many names.
const SPARE: usize = 2;

/// The kind of thing that a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// A pod.
    Pod,
    /// A namespace.
    Namespace,
    /// A cluster.
    Cluster,
    /// A node.
    Node,
    /// An address of a pod or a node.
    Address,
    /// An id of a record or a cluster.
    Id,
    /// A region, or the host of the service.
    Place,
    /// A project, or an enterprise project.
    Project,
    /// The account that signs in.
    Account,
}

impl NameKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Pod,
        Self::Namespace,
        Self::Cluster,
        Self::Node,
        Self::Address,
        Self::Id,
        Self::Place,
        Self::Project,
        Self::Account,
    ];

    /// The prefix of a pseudonym, and its fewest digits; more names need more.
    const fn form(self) -> (&'static str, usize) {
        match self {
            Self::Pod => ("pod", 4),
            Self::Namespace => ("ns", 2),
            Self::Cluster => ("cluster", 2),
            Self::Node => ("node", 3),
            Self::Address => ("ip", 4),
            Self::Id => ("id", 4),
            Self::Place => ("place", 2),
            Self::Project => ("project", 2),
            Self::Account => ("account", 2),
        }
    }

    /// The cells that nearly all pseudonyms of this many names need. One in hundreds is longer, because others begin like it;
    /// a column cuts it like any name.
    pub fn most_cells(self, names: usize) -> usize {
        let (prefix, fewest) = self.form();
        let digits = names.checked_ilog(16).map_or(0, |digits| digits as usize + 1);
        prefix.len() + 1 + digits.max(fewest) + SPARE
    }

    /// The kind of the names in a field; `None` for fields of documented words.
    pub const fn of(text: PodText) -> Option<Self> {
        match text.wording() {
            Wording::Names(kind) => Some(kind),
            Wording::Closed(_) => None,
        }
    }
}

/// The names and their pseudonyms, in both directions.
#[derive(Default)]
struct NameBook {
    pseudonyms: HashMap<(NameKind, Box<str>), Box<str>>,
    names: HashMap<Box<str>, Box<str>>,
}

/// The pseudonyms of one run.
pub struct Pseudonyms {
    key: hmac::Key,
    book: Mutex<NameBook>,
}

impl fmt::Debug for Pseudonyms {
    /// Shows neither the key nor a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms")
    }
}

impl Pseudonyms {
    /// Pseudonyms with a new key; `None` if the system provides no random bytes.
    pub fn random() -> Option<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok()?;
        Some(Self {
            key,
            book: Mutex::default(),
        })
    }

    /// The pseudonym of a name. An empty name stays empty.
    pub fn of(&self, kind: NameKind, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = book.pseudonyms.get(&(kind, name.into())) {
            return known.to_string();
        }
        let (prefix, fewest) = kind.form();
        let tag = hmac::sign(&self.key, format!("{prefix}\0{name}").as_bytes());
        let first = tag.as_ref().first_chunk().copied().unwrap_or_default();
        let digits = format!("{:0LONG$x}", u64::from_be_bytes(first));
        let cut = |length: usize| format!("{prefix}-{}", digits.get(..length).unwrap_or(&digits));
        if book.pseudonyms.len() >= MOST_NAMES {
            return cut(LONG);
        }
        let free = (fewest..LONG)
            .map(cut)
            .find(|it| !book.names.contains_key(it.as_str()));
        let pseudonym = free.unwrap_or_else(|| cut(LONG));
        book.names.insert(pseudonym.as_str().into(), name.into());
        book.pseudonyms
            .insert((kind, name.into()), pseudonym.as_str().into());
        pseudonym
    }

    /// The name behind a pseudonym that was shown.
    pub fn name(&self, pseudonym: &str) -> Option<String> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.names.get(pseudonym).map(ToString::to_string)
    }

    /// The pseudonym of a name of any kind, if it was shown.
    fn known(&self, name: &str) -> Option<String> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds = NameKind::ALL.into_iter();
        kinds.find_map(|kind| book.pseudonyms.get(&(kind, name.into())).map(ToString::to_string))
    }

    /// The pod with a pseudonym for each name, address and id. Its key stays, because it is never shown.
    pub fn pod(&self, mut pod: Pod) -> Pod {
        if let Some(node) = &mut pod.node {
            self.common(&mut node.common);
            self.cover(&mut node.id, NameKind::Id);
        }
        if let Some(serverless) = &mut pod.serverless {
            self.common(&mut serverless.common);
        }
        pod
    }

    /// The change with a pseudonym for each name.
    pub fn change(&self, change: &Change) -> Change {
        let mut change = change.clone();
        self.cover(&mut change.name, NameKind::Pod);
        self.cover(&mut change.namespace, NameKind::Namespace);
        self.cover(&mut change.cluster, NameKind::Cluster);
        change
    }

    fn common(&self, common: &mut CommonFields) {
        self.cover(&mut common.name, NameKind::Pod);
        self.cover(&mut common.namespace, NameKind::Namespace);
        self.cover(&mut common.cluster, NameKind::Cluster);
        self.cover(&mut common.pod_ip, NameKind::Address);
        for (text, field) in common.texts.iter_mut() {
            if let Some(kind) = NameKind::of(text) {
                self.cover(field, kind);
            }
        }
    }

    fn cover(&self, field: &mut Field<RemoteText>, kind: NameKind) {
        if let Field::Value(text) = field {
            *text = RemoteText::name(&self.of(kind, text.raw()));
        }
    }

    /// The text with each shown pseudonym replaced by its name, as written by `write`.
    pub fn meant(&self, text: &str, write: impl Fn(&str) -> String) -> String {
        words(text)
            .map(|(word, is_word)| match self.name(word).filter(|_| is_word) {
                Some(name) => write(&name),
                None => word.to_owned(),
            })
            .collect()
    }

    /// The text with each shown name replaced by its pseudonym.
    pub fn renamed(&self, text: &str) -> String {
        words(text)
            .map(|(word, is_word)| {
                let known = self.known(word).filter(|_| is_word);
                known.unwrap_or_else(|| word.to_owned())
            })
            .collect()
    }

    /// The text with a dot for each character of a word that may be a name, that is, neither the beginning of
    /// a shown pseudonym nor `is_public`. A hidden word keeps its length.
    pub fn dotted(&self, text: &str, is_public: impl Fn(&str) -> bool) -> String {
        words(text)
            .map(|(word, is_word)| {
                if !is_word || is_public(word) || self.begins_pseudonym(word) {
                    word.to_owned()
                } else {
                    "·".repeat(word.chars().count())
                }
            })
            .collect()
    }

    fn begins_pseudonym(&self, word: &str) -> bool {
        let mut prefixes = NameKind::ALL.into_iter().map(|kind| kind.form().0);
        if prefixes.any(|prefix| prefix.starts_with(word)) {
            return true;
        }
        let prefix = word.split_once('-').map(|(prefix, _)| prefix);
        let is_of_form = NameKind::ALL.iter().any(|kind| Some(kind.form().0) == prefix);
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        is_of_form && (book.names.contains_key(word) || book.names.keys().any(|it| it.starts_with(word)))
    }
}

/// The parts of a text: words of characters that names have, and the characters between them.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let in_name =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.') || !letter.is_ascii();
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = in_name(rest.chars().next()?);
        let end = rest
            .find(|letter| in_name(letter) != is_word)
            .unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        Some((part, is_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::node;
    use crate::fleet::query;
    use std::collections::HashSet;

    #[test]
    fn a_name_has_one_pseudonym_and_a_pseudonym_one_name() {
        let names = Pseudonyms::random().unwrap();
        let (mut seen, mut longer) = (HashSet::new(), 0);
        for at in 0..3000 {
            let name = format!("payment-api-{at}");
            let pseudonym = names.of(NameKind::Namespace, &name);
            assert_eq!(names.of(NameKind::Namespace, &name), pseudonym);
            assert_eq!(names.name(&pseudonym), Some(name));
            let text = RemoteText::name(&pseudonym);
            let cells = NameKind::Namespace.most_cells(at + 1);
            assert!(text.is_kubernetes_label(), "{pseudonym}");
            longer += usize::from(pseudonym.len() > cells);
            assert!(seen.insert(pseudonym), "two names share one");
        }
        assert!(longer < 10, "{longer} of 3,000 are longer than their column");
        let other = Pseudonyms::random().unwrap();
        let same = (0..100).filter(|at| {
            let name = format!("payment-api-{at}");
            names.of(NameKind::Pod, &name) == other.of(NameKind::Pod, &name)
        });
        assert!(same.count() < 3, "another run has another key");
        assert_eq!(names.of(NameKind::Pod, ""), "");
        assert_eq!(format!("{names:?}"), "Pseudonyms");
    }

    #[test]
    fn a_pod_keeps_its_key_and_its_states_and_loses_its_names() {
        let names = Pseudonyms::random().unwrap();
        let real = node("canary-1")
            .within("canary-2", "canary-3")
            .status("Failed")
            .build();
        let pod = names.pod(real.clone());
        assert_eq!((&pod.key, pod.status()), (&real.key, real.status()));
        let texts = format!(
            "{:?}",
            (
                pod.name(),
                pod.namespace(),
                pod.cluster(),
                pod.id(),
                pod.node_name()
            )
        );
        assert!(!texts.contains("canary") && !texts.contains("192.168"), "{texts}");
        assert_eq!(names.pod(real).name(), pod.name(), "and always the same");
    }

    #[test]
    fn a_pseudonym_can_be_meant_and_a_name_is_not_shown() {
        let names = Pseudonyms::random().unwrap();
        let masked = names.of(NameKind::Namespace, "pay \"x\"");
        assert_eq!(
            names.meant(&format!("!ns:{masked},web cpu%>80"), query::quoted_where_needed),
            "!ns:\"pay \\\"x\\\"\",web cpu%>80"
        );
        let masked = names.of(NameKind::Cluster, "prod-a");
        assert_eq!(
            names.renamed("cluster:/^prod-a$/ prod-b cluster=prod-a"),
            format!("cluster:/^{masked}$/ prod-b cluster={masked}")
        );
        let is_public = |word: &str| word == "ns";
        assert_eq!(
            names.dotted(&format!("ns:payments {masked} \"生产\" no node-1"), is_public),
            format!("ns:········ {masked} \"··\" no ······")
        );
    }
}
