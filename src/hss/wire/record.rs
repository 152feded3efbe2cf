//! The entries of the two lists: which field of the answer goes where.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{FieldName, Lenient, Text, any_list_is, anything_else_is};
use crate::fleet::raw::{Filler, List, RawPod, TextField};

/// Where a field of an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldTarget {
    Text(TextField),
    CreateTime,
    /// Nobody asks for it.
    Nowhere,
}

/// The name of a field, and where the field goes.
struct Name {
    text: &'static str,
    target: FieldTarget,
    /// The text, the quote behind it and a colon, as they stand in an answer.
    window: Window,
    /// The bits of a window that are theirs.
    mask: Window,
}

/// The sixteen bytes behind an opening quote: as many as the longest name takes, with its quote and a colon.
type Window = u128;

impl Name {
    const fn of(text: &'static str, target: FieldTarget) -> Self {
        let bytes = text.as_bytes();
        let (mut window, mut mask, mut at) = (0, 0, 0);
        while at < bytes.len() + 2 {
            let byte = if at < bytes.len() {
                bytes[at]
            } else if at == bytes.len() {
                b'"'
            } else {
                b':'
            };
            window |= (byte as Window) << (8 * at);
            mask |= 0xff << (8 * at);
            at += 1;
        }
        Self {
            text,
            target,
            window,
            mask,
        }
    }
}

/// The fields of an entry of a list that are texts, by name.
pub(super) fn names(list: List) -> impl Iterator<Item = (&'static str, TextField)> {
    let names: &'static [Name] = match list {
        List::Node => &NODE,
        List::Serverless => &SERVERLESS,
    };
    names.iter().filter_map(|name| match name.target {
        FieldTarget::Text(field) => Some((name.text, field)),
        FieldTarget::CreateTime | FieldTarget::Nowhere => None,
    })
}

/// How many fields an entry has at most.
const MOST: usize = 16;

/// The fields of an entry of `data_list`, in the order of the documentation's example.
static NODE: [Name; MOST] = [
    Name::of("id", FieldTarget::Text(TextField::Id)),
    Name::of("pod_name", FieldTarget::Text(TextField::Name)),
    Name::of("namespace_name", FieldTarget::Text(TextField::Namespace)),
    Name::of("cluster_name", FieldTarget::Text(TextField::Cluster)),
    Name::of("node_name", FieldTarget::Text(TextField::Node)),
    Name::of("cluster_id", FieldTarget::Text(TextField::ClusterId)),
    Name::of("cluster_type", FieldTarget::Text(TextField::ClusterType)),
    Name::of("node_ip", FieldTarget::Text(TextField::NodeIp)),
    Name::of("pod_ip", FieldTarget::Text(TextField::PodIp)),
    Name::of("status", FieldTarget::Text(TextField::Status)),
    Name::of("create_time", FieldTarget::CreateTime),
    Name::of("region_id", FieldTarget::Text(TextField::Region)),
    Name::of("cpu", FieldTarget::Text(TextField::Cpu)),
    Name::of("memory", FieldTarget::Text(TextField::Memory)),
    Name::of("cpu_limit", FieldTarget::Text(TextField::CpuLimit)),
    Name::of("memory_limit", FieldTarget::Text(TextField::MemoryLimit)),
];
/// Those of an entry of `pod_info_list`.
static SERVERLESS: [Name; 12] = [
    Name::of("pod_name", FieldTarget::Text(TextField::Name)),
    Name::of("namespace_name", FieldTarget::Text(TextField::Namespace)),
    Name::of("cluster_name", FieldTarget::Text(TextField::Cluster)),
    Name::of("pod_ip", FieldTarget::Text(TextField::PodIp)),
    Name::of("status", FieldTarget::Text(TextField::Status)),
    Name::of("create_time", FieldTarget::CreateTime),
    Name::of("cpu", FieldTarget::Text(TextField::Cpu)),
    Name::of("memory", FieldTarget::Text(TextField::Memory)),
    Name::of("cpu_limit", FieldTarget::Text(TextField::CpuLimit)),
    Name::of("memory_limit", FieldTarget::Text(TextField::MemoryLimit)),
    Name::of("protect_status", FieldTarget::Text(TextField::Protection)),
    Name::of("detect_result", FieldTarget::Text(TextField::Detection)),
];

/// The fields of a list by name. All entries of an answer name them in one order, so that a field is first looked for where
/// it stood in the entry before.
pub(super) struct FieldOrder {
    known: &'static [Name],
    /// The places in `known` of the fields as the entries name them.
    order: [u8; MOST],
    /// How many fields of the entry were looked for.
    at: usize,
}

impl FieldOrder {
    pub(super) fn of(list: List) -> Self {
        Self {
            known: match list {
                List::Node => &NODE,
                List::Serverless => &SERVERLESS,
            },
            order: [0; MOST],
            at: 0,
        }
    }

    /// Another entry begins.
    pub(super) fn begin(&mut self) {
        self.at = 0;
    }

    fn as_before(&self) -> Option<&'static Name> {
        self.known.get(usize::from(*self.order.get(self.at)?))
    }

    /// Whether `bytes`, behind an opening quote, name the field that stood here in the entry before, with a colon: where it
    /// goes, and how many bytes that is.
    #[inline]
    pub(super) fn again(&mut self, bytes: &[u8]) -> Option<(FieldTarget, usize)> {
        let name = self.as_before()?;
        let window = Window::from_le_bytes(*bytes.first_chunk()?);
        if window & name.mask != name.window {
            return None;
        }
        self.at += 1;
        Some((name.target, name.text.len() + 2))
    }

    /// Where the next field of the entry goes.
    pub(super) fn find(&mut self, text: &str) -> FieldTarget {
        let as_before = self.as_before().filter(|name| name.text == text);
        let place = self.order.get_mut(self.at);
        self.at += 1;
        if let Some(name) = as_before {
            return name.target;
        }
        let known = (0..).zip(self.known).find(|(_, name)| name.text == text);
        let Some((at, name)) = known else {
            return FieldTarget::Nowhere;
        };
        if let Some(place) = place {
            *place = at;
        }
        name.target
    }
}

/// An entry of a list; returns whether it is an object.
pub(super) struct EntrySeed<'f, 'a> {
    pub(super) list: List,
    pub(super) names: &'f mut FieldOrder,
    pub(super) filler: &'f mut Filler<'a>,
}

impl<'de> DeserializeSeed<'de> for EntrySeed<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for EntrySeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pod")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let Self { list, names, filler } = self;
        let mut pod = RawPod::of(list);
        names.begin();
        while let Some(key) = map.next_key::<FieldName>()? {
            match names.find(key.name()) {
                FieldTarget::Text(field) => map.next_value_seed(Text {
                    filler: &mut *filler,
                    pod: &mut pod,
                    field,
                })?,
                FieldTarget::CreateTime => pod.create_time = map.next_value::<Lenient>()?.0,
                FieldTarget::Nowhere => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        filler.push(pod);
        Ok(true)
    }

    anything_else_is!(false);
    any_list_is!(false);
}
