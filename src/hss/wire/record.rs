//! The entries of the two lists: maps each field of the answer to its place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{FieldName, Lenient, Text, any_list_is, anything_else_is};
use crate::fleet::fields::{Lists, PodField};
use crate::fleet::raw::{Filler, List, RawPod, TextField};

/// Where a field of an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldTarget {
    Text(TextField),
    CreateTime,
    /// The field is not used.
    Nowhere,
}

/// The name of a field, and where the field goes.
#[derive(Clone, Copy)]
struct Name {
    text: &'static str,
    target: FieldTarget,
    /// The bytes of the name, the closing quote and a colon, as in an answer; for a long name their
    /// beginning.
    window: Window,
    /// Which bits of the window belong to them.
    mask: Window,
}

/// The sixteen bytes after an opening quote. Nearly every name fits into them with its quote and a colon.
type Window = u128;

/// The size of a window in bytes.
const WINDOW_BYTES: usize = size_of::<Window>();

impl Name {
    const fn of(text: &'static str, target: FieldTarget) -> Self {
        let bytes = text.as_bytes();
        let (mut window, mut mask, mut at) = (0, 0, 0);
        while at < bytes.len() + 2 && at < WINDOW_BYTES {
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

    /// Its length in bytes with its quote and a colon.
    const fn length(&self) -> usize {
        self.text.len() + 2
    }

    /// Whether `bytes` begin with the name, a quote and a colon.
    #[inline]
    fn begins(&self, bytes: &[u8]) -> bool {
        let Some(first) = bytes.first_chunk() else {
            return false;
        };
        Window::from_le_bytes(*first) & self.mask == self.window
            && (self.length() <= WINDOW_BYTES || self.begins_whole(bytes))
    }

    /// Like [`Name::begins`], for a name that is longer than a window.
    fn begins_whole(&self, bytes: &[u8]) -> bool {
        let rest = bytes.strip_prefix(self.text.as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"\":"))
    }
}

/// The text fields of an entry of a list, by name.
pub(super) fn names(list: List) -> impl Iterator<Item = (&'static str, TextField)> {
    known(list).iter().filter_map(|name| match name.target {
        FieldTarget::Text(field) => Some((name.text, field)),
        FieldTarget::CreateTime | FieldTarget::Nowhere => None,
    })
}

/// The most fields of an entry: the texts and a date.
const MOST: usize = TextField::ALL.len() + 1;

/// The fields of an entry of `data_list`.
static NODE: [Name; MOST] = fields_of(Lists::Node);
/// Those of an entry of `pod_info_list`.
static SERVERLESS: [Name; MOST] = fields_of(Lists::Serverless);

/// The fields that entries of a list may have, from the table of fields. A field that the list cannot have is
/// not used.
const fn fields_of(list: Lists) -> [Name; MOST] {
    let created = match PodField::Age.sent() {
        Some(sent) => sent.name,
        None => "",
    };
    let mut names = [Name::of(created, FieldTarget::CreateTime); MOST];
    let mut at = 0;
    while at < TextField::ALL.len() {
        let sent = TextField::ALL[at].sent();
        let target = match (sent.lists, list) {
            (Lists::Both, _) | (Lists::Node, Lists::Node) | (Lists::Serverless, Lists::Serverless) => {
                FieldTarget::Text(TextField::ALL[at])
            }
            _ => FieldTarget::Nowhere,
        };
        names[at] = Name::of(sent.name, target);
        at += 1;
    }
    names
}

fn known(list: List) -> &'static [Name] {
    match list {
        List::Node => &NODE,
        List::Serverless => &SERVERLESS,
    }
}

/// Finds the fields of a list by name. All entries of an answer use the same order, so a field is first
/// looked up at its place in the previous entry.
pub(super) struct FieldOrder {
    known: &'static [Name],
    /// The index in `known` of each field, in the order of the entries.
    order: [u8; MOST],
    /// How many fields of the entry were looked up.
    at: usize,
}

impl FieldOrder {
    pub(super) fn of(list: List) -> Self {
        Self {
            known: known(list),
            order: [0; MOST],
            at: 0,
        }
    }

    /// Starts another entry.
    pub(super) fn begin(&mut self) {
        self.at = 0;
    }

    fn expected(&self) -> Option<&'static Name> {
        self.known.get(usize::from(*self.order.get(self.at)?))
    }

    /// If `bytes`, which follow an opening quote, are the field at this place of the previous entry and a
    /// colon: where the field goes, and the length in bytes.
    #[inline]
    pub(super) fn again(&mut self, bytes: &[u8]) -> Option<(FieldTarget, usize)> {
        let name = self.expected()?;
        if !name.begins(bytes) {
            return None;
        }
        self.at += 1;
        Some((name.target, name.length()))
    }

    /// Where the next field of the entry goes.
    pub(super) fn find(&mut self, text: &str) -> FieldTarget {
        let expected = self.expected().filter(|name| name.text == text);
        let place = self.order.get_mut(self.at);
        self.at += 1;
        if let Some(name) = expected {
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

/// Reads an entry of a list; returns whether it is an object.
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
                FieldTarget::CreateTime => {
                    let created = map.next_value::<Lenient>()?;
                    pod.create_ms = created.number;
                    if let Some(word) = &created.raw {
                        filler.set_create_word(&mut pod, word);
                    }
                }
                FieldTarget::Nowhere => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        filler.push(pod);
        Ok(true)
    }

    anything_else_is!(false);
    any_list_is!(false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_length_is_recognised_exactly() {
        let lengths = 1..40_usize;
        for length in lengths {
            let text: &'static str = "security_group_name_of_the_whole_workload".get(..length).unwrap();
            let name = Name::of(text, FieldTarget::CreateTime);
            let padded = |field: &str| format!("{field}1234567890123456");
            assert!(name.begins(padded(&format!("{text}\":")).as_bytes()), "{text}");
            for other in [
                format!("{text}x\":"),
                format!("{text}\" :"),
                format!("x{text}\":"),
            ] {
                assert!(!name.begins(padded(&other).as_bytes()), "{other}");
            }
            let mut slip = text.to_owned();
            slip.replace_range(length - 1.., "#");
            assert!(!name.begins(padded(&format!("{slip}\":")).as_bytes()), "{slip}");
        }
    }

    #[test]
    fn the_lists_have_the_documented_fields() {
        const BOTH: &str =
            "pod_name namespace_name cluster_name pod_ip status cpu memory cpu_limit memory_limit";
        for (list, own, others) in [
            (
                List::Node,
                "id node_name node_ip cluster_id cluster_type region_id",
                "protect_status detect_result",
            ),
            (List::Serverless, "protect_status detect_result", "id node_name"),
        ] {
            let known: Vec<&str> = names(list).map(|(name, _)| name).collect();
            for name in BOTH.split(' ').chain(own.split(' ')) {
                assert!(known.contains(&name), "{list:?} {name}");
            }
            for name in others.split(' ') {
                assert!(!known.contains(&name), "{list:?} {name}");
            }
        }
    }
}
