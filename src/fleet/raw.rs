//! The entries of a response, undecoded: texts that are still part of the response.
//!
//! Most of a page of 200 pods is known already. So its entries only *point* into the page: a [`RawPod`] holds
//! the position of each text. The store compares these texts with its columns and writes the differences from
//! them; complete records with sanitized texts are only made on request ([`RawPods::node`], [`RawPods::serverless`]). Must not:
//! outlive the page, or be shown.

use std::borrow::Cow;

use super::create_time::CreateTime;
use super::field::Field;
pub use super::fields::TextField;
use super::pod::{CommonFields, NodeRecord, ServerlessRecord};
use super::quantity::{Measure, Quantity};
use super::record_texts::RecordTexts;
#[cfg(test)]
use super::store::Records;
use super::text::{NAME_CHARS, RemoteText, cut_identity, cut_name};
use super::words::{Detection, ListedWord, Protection, Status};

/// The number of text fields.
const TEXT_FIELDS: usize = TextField::ALL.len();

/// The position of a text: in the page or, beyond its end, among the texts that had to be decoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    length: u32,
}

/// The list of an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum List {
    /// `data_list`
    #[default]
    Node,
    /// `pod_info_list`
    Serverless,
}

impl List {
    /// Both lists.
    pub const ALL: [Self; 2] = [Self::Node, Self::Serverless];
    /// The names of the lists on the screen and in filters.
    pub const WORDS: &'static [ListedWord] = &[
        ListedWord::plain(Self::Node.word()),
        ListedWord::plain(Self::Serverless.word()),
    ];

    /// The name of the list, as in `kind:serverless`.
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
    /// `create_time`, if it is a number.
    pub(crate) create_ms: Field<i64>,
    /// `create_time`, if it is anything else.
    create_word: Option<Span>,
    texts: [Field<Span>; TEXT_FIELDS],
}

impl RawPod {
    /// An entry without any field yet.
    pub fn of(list: List) -> Self {
        Self {
            list,
            ..Self::default()
        }
    }
}

/// The entries of a page, together with the page.
#[derive(Debug, Clone, Default)]
pub struct RawPods {
    text: String,
    /// Decoded texts: those with escapes, and numbers where a text was expected.
    anew: String,
    pods: Vec<RawPod>,
    expected: usize,
}

/// A page without any entry, returned so that it can be parsed in another way.
#[derive(Debug)]
pub(crate) struct UnreadPage(pub(crate) String);

/// The estimated smallest size of an entry in bytes, from which the list's capacity follows; with smaller
/// entries the list grows.
const ENTRY_BYTES: usize = 400;

impl RawPods {
    /// A page without entries yet.
    pub fn of(text: String) -> Self {
        Self {
            pods: Vec::with_capacity(text.len() / ENTRY_BYTES),
            text,
            ..Self::default()
        }
    }

    /// The page as it was received.
    pub fn page(&self) -> &str {
        &self.text
    }

    /// The page as it was received, for use after the entries.
    pub fn into_page(self) -> String {
        self.text
    }

    /// Sets how many pods the complete list has, as far as the page says and the API can return.
    pub(crate) fn expect(&mut self, pods: usize) {
        self.expected = pods;
    }

    /// The expected number of pods in the complete list.
    pub fn expected(&self) -> usize {
        self.expected
    }

    /// Passes the page to `read` and stores the entries that it finds.
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

    /// The same, but returns the page if `read` fails.
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

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.pods.len()
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.pods.is_empty()
    }

    /// The number of entries of a list.
    pub fn count(&self, list: List) -> usize {
        self.pods.iter().filter(|pod| pod.list == list).count()
    }

    /// A text of an entry, not sanitized.
    pub fn text(&self, pod: &RawPod, field: TextField) -> Field<&str> {
        match pod.texts[field as usize] {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(span) => self.at(span).map_or(Field::Unreadable, Field::Value),
        }
    }

    /// The creation time of an entry, not sanitized.
    pub fn create_time(&self, pod: &RawPod) -> Field<CreateTime<&str>> {
        match (pod.create_ms, pod.create_word.and_then(|span| self.at(span))) {
            (Field::Unreadable, Some(word)) => Field::Value(CreateTime::Word(word)),
            (number, _) => number.part(|ms| CreateTime::Milliseconds(*ms)),
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
            create_time: map(self.create_time(pod), CreateTime::safe),
            cpu: quantity(TextField::Cpu, Measure::Cpu),
            memory: quantity(TextField::Memory, Measure::Memory),
            cpu_limit: quantity(TextField::CpuLimit, Measure::Cpu),
            memory_limit: quantity(TextField::MemoryLimit, Measure::Memory),
            texts: RecordTexts::of(text),
        }
    }

    /// An entry of `data_list` as a record.
    pub fn node(&self, pod: &RawPod) -> NodeRecord {
        NodeRecord {
            common: self.common(pod),
            id: map(self.text(pod, TextField::Id), RemoteText::name),
        }
    }

    /// An entry of `pod_info_list` as a record.
    pub fn serverless(&self, pod: &RawPod) -> ServerlessRecord {
        ServerlessRecord {
            common: self.common(pod),
            protection: map(self.text(pod, TextField::Protection), Protection::read),
            detection: map(self.text(pod, TextField::Detection), Detection::read),
        }
    }

    /// All entries as records, for tests.
    #[cfg(test)]
    pub fn records(&self) -> Records {
        let of = |list: List| self.pods.iter().filter(move |pod| pod.list == list);
        Records {
            node: of(List::Node).map(|pod| self.node(pod)).collect(),
            serverless: of(List::Serverless).map(|pod| self.serverless(pod)).collect(),
        }
    }
}

fn map<A, T>(field: Field<A>, of: impl FnOnce(A) -> T) -> Field<T> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(value) => Field::Value(of(value)),
    }
}

/// A text of up to this many bytes is never cut: it cannot have more characters.
const UNCUT_BYTES: usize = NAME_CHARS;

/// The text, cut to the length that is stored. Texts that identify pods still differ if the cut-off parts
/// differ.
fn kept(field: TextField, text: &str) -> Cow<'_, str> {
    match field {
        TextField::Id | TextField::Name | TextField::Namespace | TextField::Cluster => cut_identity(text),
        _ => cut_name(text),
    }
}

/// Collects entries while the page is parsed.
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

    /// Sets a text of an entry; a text in the page is stored as a position.
    pub(crate) fn set(&mut self, pod: &mut RawPod, field: TextField, text: Field<&str>) {
        pod.texts[field as usize] = match text {
            Field::Absent => Field::Absent,
            Field::Unreadable => Field::Unreadable,
            Field::Value(text) => self
                .span(&kept(field, text))
                .map_or(Field::Unreadable, Field::Value),
        };
    }

    /// Sets a creation time that is not a number.
    pub(crate) fn set_create_word(&mut self, pod: &mut RawPod, word: &str) {
        pod.create_ms = Field::Unreadable;
        pod.create_word = self.span(&cut_name(word));
    }

    /// Sets a text of an entry that is in the page from `start` to `end`; an empty one is absent.
    #[inline]
    pub(crate) fn point(&mut self, pod: &mut RawPod, field: TextField, start: usize, end: usize) {
        let length = end.saturating_sub(start);
        pod.texts[field as usize] = match (u32::try_from(start), u32::try_from(length)) {
            (_, Ok(0)) => Field::Absent,
            (Ok(start), Ok(length)) if length as usize <= UNCUT_BYTES => Field::Value(Span { start, length }),
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
mod tests;
