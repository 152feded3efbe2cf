//! The entries of the two lists: which field of the answer goes where.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{Key, Lenient, Text, any_list_is, anything_else_is};
use crate::fleet::raw::{Filler, List, RawPod, TextField};

/// Where a field of an entry goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Text(TextField),
    CreateTime,
}

/// The fields of an entry of `data_list`, in the order of the documentation's example.
const NODE: [(&str, Target); 16] = [
    ("id", Target::Text(TextField::Id)),
    ("pod_name", Target::Text(TextField::Name)),
    ("namespace_name", Target::Text(TextField::Namespace)),
    ("cluster_name", Target::Text(TextField::Cluster)),
    ("node_name", Target::Text(TextField::Node)),
    ("cluster_id", Target::Text(TextField::ClusterId)),
    ("cluster_type", Target::Text(TextField::ClusterType)),
    ("node_ip", Target::Text(TextField::NodeIp)),
    ("pod_ip", Target::Text(TextField::PodIp)),
    ("status", Target::Text(TextField::Status)),
    ("create_time", Target::CreateTime),
    ("region_id", Target::Text(TextField::Region)),
    ("cpu", Target::Text(TextField::Cpu)),
    ("memory", Target::Text(TextField::Memory)),
    ("cpu_limit", Target::Text(TextField::CpuLimit)),
    ("memory_limit", Target::Text(TextField::MemoryLimit)),
];
/// Those of an entry of `pod_info_list`.
const SERVERLESS: [(&str, Target); 12] = [
    ("pod_name", Target::Text(TextField::Name)),
    ("namespace_name", Target::Text(TextField::Namespace)),
    ("cluster_name", Target::Text(TextField::Cluster)),
    ("pod_ip", Target::Text(TextField::PodIp)),
    ("status", Target::Text(TextField::Status)),
    ("create_time", Target::CreateTime),
    ("cpu", Target::Text(TextField::Cpu)),
    ("memory", Target::Text(TextField::Memory)),
    ("cpu_limit", Target::Text(TextField::CpuLimit)),
    ("memory_limit", Target::Text(TextField::MemoryLimit)),
    ("protect_status", Target::Text(TextField::Protection)),
    ("detect_result", Target::Text(TextField::Detection)),
];

/// The fields of a list by name. All entries of an answer name them in one order, so that a field is first looked for where
/// it stood in the entry before.
pub(super) struct Names {
    known: &'static [(&'static str, Target)],
    /// The places in `known` of the fields as the entries name them.
    order: [u8; MOST],
    /// How many fields of the entry were looked for.
    at: usize,
}

const MOST: usize = NODE.len();

impl Names {
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

    /// Where the next field of the entry goes, if anywhere.
    fn find(&mut self, name: &str) -> Option<Target> {
        let place = self.order.get_mut(self.at);
        self.at += 1;
        let entry = |at: u8| {
            self.known
                .get(usize::from(at))
                .filter(|(known, _)| *known == name)
        };
        if let Some((_, target)) = place.as_deref().and_then(|place| entry(*place)) {
            return Some(*target);
        }
        let (at, (_, target)) = (0..).zip(self.known).find(|(_, (known, _))| *known == name)?;
        if let Some(place) = place {
            *place = at;
        }
        Some(*target)
    }
}

/// An entry of a list; nothing where the entry is no object.
pub(super) struct Row<'f, 'a> {
    pub(super) list: List,
    pub(super) names: &'f mut Names,
    pub(super) filler: &'f mut Filler<'a>,
}

impl<'de> DeserializeSeed<'de> for Row<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pod")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { list, names, filler } = self;
        let mut pod = RawPod::of(list);
        names.at = 0;
        while let Some(key) = map.next_key::<Key>()? {
            match names.find(key.name()) {
                Some(Target::Text(field)) => map.next_value_seed(Text {
                    filler: &mut *filler,
                    pod: &mut pod,
                    field,
                })?,
                Some(Target::CreateTime) => pod.create_time = map.next_value::<Lenient>()?.0,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        filler.push(pod);
        Ok(())
    }

    anything_else_is!(());
    any_list_is!(());
}
