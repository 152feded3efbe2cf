//! The entries of the two lists: which field of the answer goes where.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::field::{Cpu, Key, Lenient, Memory, any_list_is, anything_else_is};
use crate::fleet::Field;
use crate::fleet::pod::{CommonFields, NodeRecord, ServerlessRecord};

/// An entry that is read field by field.
pub(super) trait Record: Default {
    /// Reads the value of the field `name`; answers whether there is such a field. If not, the value is left.
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

fn next<'de, A: MapAccess<'de>, T: super::field::FromScalar>(map: &mut A) -> Result<Field<T>, A::Error> {
    Ok(map.next_value::<Lenient<T>>()?.0)
}

fn inner<T, U>(field: Field<T>, of: impl FnOnce(T) -> U) -> Field<U> {
    match field {
        Field::Absent => Field::Absent,
        Field::Unreadable => Field::Unreadable,
        Field::Value(value) => Field::Value(of(value)),
    }
}

impl Record for CommonFields {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "pod_name" => self.name = next(map)?,
            "namespace_name" => self.namespace = next(map)?,
            "cluster_name" => self.cluster = next(map)?,
            "pod_ip" => self.pod_ip = next(map)?,
            "status" => self.status = next(map)?,
            "create_time" => self.create_time = next(map)?,
            "cpu" => self.cpu = inner(next(map)?, |Cpu(it)| it),
            "memory" => self.memory = inner(next(map)?, |Memory(it)| it),
            "cpu_limit" => self.cpu_limit = inner(next(map)?, |Cpu(it)| it),
            "memory_limit" => self.memory_limit = inner(next(map)?, |Memory(it)| it),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Record for NodeRecord {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "id" => self.id = next(map)?,
            "node_name" => self.node = next(map)?,
            "node_ip" => self.node_ip = next(map)?,
            "cluster_id" => self.cluster_id = next(map)?,
            "cluster_type" => self.cluster_type = next(map)?,
            "region_id" => self.region = next(map)?,
            _ => return self.common.read(name, map),
        }
        Ok(true)
    }
}

impl Record for ServerlessRecord {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error> {
        match name {
            "protect_status" => self.protection = next(map)?,
            "detect_result" => self.detection = next(map)?,
            _ => return self.common.read(name, map),
        }
        Ok(true)
    }
}

/// An entry of a list: a record, or nothing where the entry is no object.
pub(super) struct Row<R>(pub(super) Option<R>);

impl<'de, R: Record> Deserialize<'de> for Row<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowVisitor<R>(R);

        impl<'de, R: Record> Visitor<'de> for RowVisitor<R> {
            type Value = Row<R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a pod")
            }

            fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Row<R>, A::Error> {
                while let Some(key) = map.next_key::<Key>()? {
                    if !self.0.read(key.name(), &mut map)? {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Row(Some(self.0)))
            }

            anything_else_is!(Row(None));
            any_list_is!(Row(None));
        }

        deserializer.deserialize_any(RowVisitor(R::default()))
    }
}
