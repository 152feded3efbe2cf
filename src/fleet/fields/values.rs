//! The value of a pod's field.
//!
//! Owns reading a pod by the table of fields. Must not: format anything.

use std::borrow::Cow;

use super::{PodNumber, PodText, Wording};
use crate::fleet::create_time::CreateTime;
use crate::fleet::pod::Pod;
use crate::fleet::pseudonym::NameKind;
use crate::fleet::quantity::{Measure, Quantity};
use crate::fleet::text::RemoteText;
use crate::fleet::usage::Usage;
use crate::fleet::words::{Detection, Protection, Status};
use crate::fleet::{Field, raw::List, risk};

/// What a file needs of a pod: the complete [`Pod`], or [`RowFacts`](crate::fleet::row_facts::RowFacts), which
/// reads single fields.
pub trait PodValues {
    /// The text as received; the first, if there are several.
    fn text_sent(&self, text: PodText) -> Field<RemoteText>;

    /// The quantity; absent for a number of another kind.
    fn quantity_of(&self, number: PodNumber) -> Cow<'_, Field<Quantity>>;

    /// The risk score, from 0 to 99.
    fn risk_score(&self) -> u64;

    /// The creation time as received, in milliseconds since 1970 UTC, unchecked.
    fn creation_ms(&self) -> Field<i64>;

    /// The usage in relation to its limit.
    fn usage_of(&self, measure: Measure) -> Usage {
        let [used, limit] = match measure {
            Measure::Cpu => [PodNumber::Cpu, PodNumber::CpuLimit],
            Measure::Memory => [PodNumber::Memory, PodNumber::MemoryLimit],
        };
        Usage::of(&self.quantity_of(used), &self.quantity_of(limit))
    }
}

impl PodValues for Pod {
    fn text_sent(&self, text: PodText) -> Field<RemoteText> {
        text.of(self).sent()
    }

    fn quantity_of(&self, number: PodNumber) -> Cow<'_, Field<Quantity>> {
        Cow::Borrowed(match number {
            PodNumber::Cpu => self.cpu(),
            PodNumber::Memory => self.memory(),
            PodNumber::CpuLimit => self.cpu_limit(),
            PodNumber::MemoryLimit => self.memory_limit(),
            PodNumber::CpuPercent | PodNumber::MemoryPercent | PodNumber::Risk | PodNumber::Age => {
                &Field::Absent
            }
        })
    }

    fn risk_score(&self) -> u64 {
        risk::score(self).into()
    }

    fn creation_ms(&self) -> Field<i64> {
        CreateTime::ms_of(self.create_time())
    }
}

/// The value of a text field, by the kind of text.
#[derive(Debug, Clone, Copy)]
pub enum TextOf<'a> {
    /// A name or another text.
    Text(&'a Field<RemoteText>),
    /// An address.
    Address(&'a Field<RemoteText>),
    /// The addresses of the pod and of its node.
    Addresses([&'a Field<RemoteText>; 2]),
    /// A status word.
    Status(&'a Field<Status>),
    /// A protection word.
    Protection(&'a Field<Protection>),
    /// A detection word.
    Detection(&'a Field<Detection>),
    /// The lists that it is in: on nodes, serverless.
    Lists([bool; 2]),
}

impl PodText {
    /// Its value in `pod`.
    pub fn of(self, pod: &Pod) -> TextOf<'_> {
        match self {
            Self::Ip => TextOf::Addresses([pod.pod_ip(), pod.node_ip()]),
            Self::Status => TextOf::Status(pod.status()),
            Self::Protection => TextOf::Protection(pod.protection()),
            Self::Detection => TextOf::Detection(pod.detection()),
            Self::Kind => TextOf::Lists([pod.node.is_some(), pod.serverless.is_some()]),
            text => {
                let sent = text.as_sent().and_then(|sent| pod.text(sent));
                let sent = sent.unwrap_or(&Field::Absent);
                match text.wording() {
                    Wording::Names(NameKind::Address) => TextOf::Address(sent),
                    Wording::Names(_) | Wording::Closed(_) => TextOf::Text(sent),
                }
            }
        }
    }
}

impl<'a> TextOf<'a> {
    /// The texts that a filter searches: names and addresses as received, words in every form.
    pub fn searched(self) -> Vec<Field<&'a str>> {
        match self {
            Self::Text(text) | Self::Address(text) => vec![text.part(RemoteText::raw)],
            Self::Addresses(both) => both.map(|text| text.part(RemoteText::raw)).into(),
            Self::Status(word) => forms(word, Status::forms),
            Self::Protection(word) => forms(word, Protection::forms),
            Self::Detection(word) => forms(word, Detection::forms),
            Self::Lists(lists) => {
                let words = List::ALL.into_iter().zip(lists).filter(|(_, is_in)| *is_in);
                words.map(|(list, _)| Field::Value(list.word())).collect()
            }
        }
    }

    /// The text itself, where it is a name, an id or an address and no word of a list; the first, if there are several.
    pub fn own(self) -> Option<&'a Field<RemoteText>> {
        match self {
            Self::Text(text) | Self::Address(text) | Self::Addresses([text, _]) => Some(text),
            Self::Status(_) | Self::Protection(_) | Self::Detection(_) | Self::Lists(_) => None,
        }
    }

    /// The text as received; the first, if there are several.
    pub fn sent(self) -> Field<RemoteText> {
        match self {
            Self::Text(text) | Self::Address(text) | Self::Addresses([text, _]) => text.clone(),
            Self::Status(word) => word.part(|word| RemoteText::name(word.raw())),
            Self::Protection(word) => word.part(|word| RemoteText::name(word.raw())),
            Self::Detection(word) => word.part(|word| RemoteText::name(word.sent())),
            Self::Lists(_) => {
                let first = self.searched().first().copied();
                first.map_or(Field::Absent, |word| word.part(|word| RemoteText::name(word)))
            }
        }
    }
}

/// A word in every form, or its absence.
fn forms<'a, T>(word: &'a Field<T>, of: impl Fn(&'a T) -> [&'a str; 4]) -> Vec<Field<&'a str>> {
    match word {
        Field::Absent => vec![Field::Absent],
        Field::Unreadable => vec![Field::Unreadable],
        Field::Value(word) => of(word).map(Field::Value).into(),
    }
}

/// The texts that a filter without a column searches.
pub fn searched(pod: &Pod) -> impl Iterator<Item = &str> {
    let fields = PodText::ALL.iter().filter(|text| text.field().row().is_searched);
    let texts = fields.flat_map(|text| text.of(pod).searched());
    texts.filter_map(|text| text.value().copied())
}
