//! The entries of an answer as they came: texts that still lie in the answer.
//!
//! A page of 200 pods mostly says what is known already. So its entries are only *pointed at*: a [`RawPod`] is where in the
//! page each text stands. The store compares that with its columns and writes from there what differs; whole records, with
//! safe texts, are made for those who want them ([`RawPods::records`]). Must not: be kept longer than the page, or be shown.

use std::borrow::Cow;

use super::field::Field;
pub use super::fields::TextField;
use super::pod::{CommonFields, NodeRecord, ServerlessRecord};
use super::quantity::{Measure, Quantity};
use super::store::Records;
use super::text::{NAME_CHARS, RemoteText, cut_identity, cut_name};
use super::words::{Detection, ListedWord, Protection, Status};

/// How many fields are texts.
const TEXT_FIELDS: usize = TextField::ALL.len();

/// Where a text stands: in the page, or, behind its end, among the texts that had to be written anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    length: u32,
}

/// Which list an entry is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum List {
    /// `data_list`
    #[default]
    Node,
    /// `pod_info_list`
    Serverless,
}

impl List {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Node, Self::Serverless];
    /// What people call them.
    pub const WORDS: &'static [ListedWord] = &[
        ListedWord::plain(Self::Node.word()),
        ListedWord::plain(Self::Serverless.word()),
    ];

    /// What people call it, as in `kind:serverless`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Serverless => "serverless",
        }
    }
}

/// An entry.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawPod {
    /// Its list.
    pub list: List,
    /// `create_time`
    pub create_time: Field<i64>,
    texts: [Field<Span>; TEXT_FIELDS],
}

impl RawPod {
    /// An entry of which nothing is known yet.
    pub fn of(list: List) -> Self {
        Self {
            list,
            ..Self::default()
        }
    }
}

/// The entries of a page, and the page.
#[derive(Debug, Clone, Default)]
pub struct RawPods {
    text: String,
    /// Texts with escapes, and numbers where a text was expected.
    anew: String,
    pods: Vec<RawPod>,
    expected: usize,
}

/// A page in which nothing was found, given back to be read in another way.
#[derive(Debug)]
pub(crate) struct UnreadPage(pub(crate) String);

/// About as many bytes as an entry has at least; with fewer, the list of entries grows.
const ENTRY_BYTES: usize = 400;

impl RawPods {
    /// Nothing yet of this page.
    pub fn of(text: String) -> Self {
        Self {
            pods: Vec::with_capacity(text.len() / ENTRY_BYTES),
            text,
            ..Self::default()
        }
    }

    /// The page as it came.
    pub fn page(&self) -> &str {
        &self.text
    }

    /// The page as it came, to be kept longer than the entries.
    pub fn into_page(self) -> String {
        self.text
    }

    /// Notes how many pods are to come of the whole list, as far as the page says and can be asked for.
    pub(crate) fn expect(&mut self, pods: usize) {
        self.expected = pods;
    }

    /// How many pods are to be expected of the whole list.
    pub fn expected(&self) -> usize {
        self.expected
    }

    /// Gives the page to read from and takes what `read` finds.
    pub(crate) fn fill<E>(
        mut self,
        read: impl FnOnce(&str, &mut Filler<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        read(
            &self.text,
            &mut Filler {
                page: self.text.as_str(),
                anew: &mut self.anew,
                pods: &mut self.pods,
            },
        )?;
        Ok(self)
    }

    /// The same, but gives the page back where `read` finds nothing.
    pub(crate) fn try_fill(
        mut self,
        read: impl FnOnce(&str, &mut Filler<'_>) -> Option<()>,
    ) -> Result<Self, UnreadPage> {
        let mut filler = Filler {
            page: self.text.as_str(),
            anew: &mut self.anew,
            pods: &mut self.pods,
        };
        match read(&self.text, &mut filler) {
            Some(()) => Ok(self),
            None => Err(UnreadPage(self.text)),
        }
    }

    /// The entries, in the order of the page.
    pub fn iter(&self) -> impl Iterator<Item = &RawPod> {
        self.pods.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// How many are of a list.
    pub fn count(&self, list: List) -> usize {
        self.pods.iter().filter(|pod| pod.list == list).count()
    }

    /// A text of an entry, raw.
    pub fn text(&self, pod: &RawPod, field: TextField) -> Field<&str> {
        match pod.texts[field as usize] {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(span) => self.at(span).map_or(Field::Unreadable, Field::Value),
        }
    }

    fn at(&self, span: Span) -> Option<&str> {
        let start = span.start as usize;
        let (text, start) = match start.checked_sub(self.text.len()) {
            Some(start) => (&self.anew, start),
            None => (&self.text, start),
        };
        text.get(start..start + span.length as usize)
    }

    fn common(&self, pod: &RawPod) -> CommonFields {
        let text = |field: TextField| map(self.text(pod, field), RemoteText::name);
        let quantity = |field: TextField, measure: Measure| {
            map(self.text(pod, field), |text| Quantity::read(text, measure))
        };
        CommonFields {
            name: text(TextField::Name),
            namespace: text(TextField::Namespace),
            cluster: text(TextField::Cluster),
            pod_ip: text(TextField::PodIp),
            status: map(self.text(pod, TextField::Status), Status::read),
            create_time: pod.create_time,
            cpu: quantity(TextField::Cpu, Measure::Cpu),
            memory: quantity(TextField::Memory, Measure::Memory),
            cpu_limit: quantity(TextField::CpuLimit, Measure::Cpu),
            memory_limit: quantity(TextField::MemoryLimit, Measure::Memory),
        }
    }

    /// An entry of `data_list` as a record.
    pub fn node(&self, pod: &RawPod) -> NodeRecord {
        let text = |field: TextField| map(self.text(pod, field), RemoteText::name);
        NodeRecord::of(self.common(pod), text)
    }

    /// An entry of `pod_info_list` as a record.
    pub fn serverless(&self, pod: &RawPod) -> ServerlessRecord {
        ServerlessRecord {
            common: self.common(pod),
            protection: map(self.text(pod, TextField::Protection), Protection::read),
            detection: map(self.text(pod, TextField::Detection), Detection::read),
        }
    }

    /// All entries as records.
    pub fn records(&self) -> Records {
        let of = |list: List| self.pods.iter().filter(move |pod| pod.list == list);
        Records {
            node: of(List::Node).map(|pod| self.node(pod)).collect(),
            serverless: of(List::Serverless).map(|pod| self.serverless(pod)).collect(),
        }
    }
}

fn map<T>(field: Field<&str>, of: impl FnOnce(&str) -> T) -> Field<T> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(text) => Field::Value(of(text)),
    }
}

/// A text of so many bytes is kept whole: it has no more characters.
const KEPT_BYTES: usize = NAME_CHARS;

/// As much of a text as is kept. Those that pods are told apart by still differ where more than that differs.
fn kept(field: TextField, text: &str) -> Cow<'_, str> {
    match field {
        TextField::Id | TextField::Name | TextField::Namespace | TextField::Cluster => cut_identity(text),
        _ => cut_name(text),
    }
}

/// Takes entries while the page is read.
pub(crate) struct Filler<'a> {
    page: &'a str,
    anew: &'a mut String,
    pods: &'a mut Vec<RawPod>,
}

impl Filler<'_> {
    /// Adds an entry.
    #[inline]
    pub(crate) fn push(&mut self, pod: RawPod) {
        self.pods.push(pod);
    }

    /// Sets a text of an entry: one that stands in the page is only pointed at.
    pub(crate) fn set(&mut self, pod: &mut RawPod, field: TextField, text: Field<&str>) {
        pod.texts[field as usize] = match text {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(text) => self
                .span(&kept(field, text))
                .map_or(Field::Unreadable, Field::Value),
        };
    }

    /// Sets a text of an entry that stands in the page from `start` to `end`; one without a character is absent.
    #[inline]
    pub(crate) fn point(&mut self, pod: &mut RawPod, field: TextField, start: usize, end: usize) {
        let length = end.saturating_sub(start);
        pod.texts[field as usize] = match (u32::try_from(start), u32::try_from(length)) {
            (_, Ok(0)) => Field::Absent,
            (Ok(start), Ok(length)) if length as usize <= KEPT_BYTES => Field::Value(Span { start, length }),
            _ => {
                let text = self.page.get(start..end);
                return self.set(pod, field, text.map_or(Field::Unreadable, Field::Value));
            }
        };
    }

    fn span(&mut self, text: &str) -> Option<Span> {
        let (page, at) = (
            self.page.as_bytes().as_ptr_range(),
            text.as_bytes().as_ptr_range(),
        );
        let start = if page.start <= at.start && at.end <= page.end {
            at.start.addr() - page.start.addr()
        } else {
            self.anew.push_str(text);
            self.page.len() + self.anew.len() - text.len()
        };
        Some(Span {
            start: u32::try_from(start).ok()?,
            length: u32::try_from(text.len()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of an entry with these texts in all fields, as a record says it and as it is compared.
    fn texts(text: &str) -> Vec<(String, String)> {
        let escaped = serde_json::to_string(text).unwrap();
        let names = [
            "id",
            "pod_name",
            "namespace_name",
            "cluster_name",
            "node_name",
            "cluster_id",
            "status",
        ];
        let fields: Vec<String> = names.iter().map(|name| format!("\"{name}\":{escaped}")).collect();
        let body = format!(r#"{{"total_num":1,"data_list":[{{{}}}]}}"#, fields.join(","));
        let pods = crate::hss::wire::read_page(body.as_bytes()).unwrap().pods;
        let pod = pods.iter().next().unwrap();
        let fields = [
            TextField::Id,
            TextField::Name,
            TextField::Namespace,
            TextField::Cluster,
            TextField::Node,
            TextField::ClusterId,
            TextField::Status,
        ];
        let raw = |field| {
            pods.text(pod, field)
                .value()
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        let safe = |field| RemoteText::name(&raw(field)).raw().to_owned();
        fields
            .into_iter()
            .map(|field| (raw(field), safe(field)))
            .collect()
    }

    #[test]
    fn a_long_text_is_cut_where_it_is_read_and_says_so() {
        for letter in ["x", "é", "\u{1b}"] {
            for (raw, safe) in texts(&letter.repeat(NAME_CHARS)) {
                assert_eq!((raw.as_str(), safe), (&*letter.repeat(NAME_CHARS), raw.clone()));
            }
            for (raw, safe) in texts(&letter.repeat(NAME_CHARS + 1)) {
                assert!(raw.chars().count() == NAME_CHARS && raw.contains('…'), "{raw}");
                assert_eq!(raw, safe, "the store and a record say the same");
            }
        }
    }

    #[test]
    fn pods_are_told_apart_by_what_was_cut_off() {
        let long = |end: &str| texts(&format!("{}{end}", "x".repeat(300)));
        let (one, other) = (long("a"), long("b"));
        for at in 0..4 {
            assert_ne!(one[at].0, other[at].0);
        }
        assert_eq!(one[4], other[4], "a node's name tells no pods apart");
    }
}
