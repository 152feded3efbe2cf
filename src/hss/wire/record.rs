//! The entries of the two lists: which field of the answer goes where.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{Key, Lenient, Text, any_list_is, anything_else_is};
use crate::fleet::raw::{Filler, List, RawPod, TextField};

/// The text fields that both lists have.
const COMMON: [(&str, TextField); 9] = [
    ("pod_name", TextField::Name),
    ("namespace_name", TextField::Namespace),
    ("cluster_name", TextField::Cluster),
    ("pod_ip", TextField::PodIp),
    ("status", TextField::Status),
    ("cpu", TextField::Cpu),
    ("memory", TextField::Memory),
    ("cpu_limit", TextField::CpuLimit),
    ("memory_limit", TextField::MemoryLimit),
];
/// Those of `data_list` only.
const NODE: [(&str, TextField); 6] = [
    ("id", TextField::Id),
    ("node_name", TextField::Node),
    ("node_ip", TextField::NodeIp),
    ("cluster_id", TextField::ClusterId),
    ("cluster_type", TextField::ClusterType),
    ("region_id", TextField::Region),
];
/// Those of `pod_info_list` only.
const SERVERLESS: [(&str, TextField); 2] = [
    ("protect_status", TextField::Protection),
    ("detect_result", TextField::Detection),
];

fn text_field(list: List, name: &str) -> Option<TextField> {
    let own = match list {
        List::Node => &NODE[..],
        List::Serverless => &SERVERLESS[..],
    };
    let known = COMMON.iter().chain(own).find(|(known, _)| *known == name);
    known.map(|(_, field)| *field)
}

/// An entry of a list; nothing where the entry is no object.
pub(super) struct Row<'f, 'a> {
    pub(super) list: List,
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
        let mut pod = RawPod::of(self.list);
        while let Some(key) = map.next_key::<Key>()? {
            if let Some(field) = text_field(self.list, key.name()) {
                map.next_value_seed(Text {
                    filler: &mut *self.filler,
                    pod: &mut pod,
                    field,
                })?;
            } else if key.name() == "create_time" {
                pod.create_time = map.next_value::<Lenient>()?.0;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        self.filler.push(pod);
        Ok(())
    }

    anything_else_is!(());
    any_list_is!(());
}
