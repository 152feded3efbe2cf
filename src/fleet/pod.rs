//! A pod, made of the entries in one or both lists of HSS.
//!
//! HSS returns two lists with different fields: pods on nodes (`data_list`) and serverless pods
//! (`pod_info_list`). Each entry is stored as a *record*; a [`Pod`] consists of the records of the same pod.
//! This module owns the fields and the priority of the records. Must not: know the wire format.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;

use super::create_time::CreateTime;
use super::field::Field;
use super::fields::TextField;
use super::quantity::Quantity;
use super::record_texts::RecordTexts;
use super::source_id::SourceId;
use super::text::RemoteText;
use super::usage::Usage;
use super::words::{Detection, Protection, Status};

/// What the records of both lists have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommonFields {
    /// `pod_name`
    pub name: Field<RemoteText>,
    /// `namespace_name`
    pub namespace: Field<RemoteText>,
    /// `cluster_name`
    pub cluster: Field<RemoteText>,
    /// `pod_ip`
    pub pod_ip: Field<RemoteText>,
    /// `status`
    pub status: Field<Status>,
    /// `create_time`, unchecked: see [`Pod::created`].
    pub create_time: Field<CreateTime>,
    /// `cpu`: usage.
    pub cpu: Field<Quantity>,
    /// `memory`: usage.
    pub memory: Field<Quantity>,
    /// `cpu_limit`
    pub cpu_limit: Field<Quantity>,
    /// `memory_limit`
    pub memory_limit: Field<Quantity>,
    /// Every other text of the record's list.
    pub texts: RecordTexts,
}

/// An entry of `data_list`: a pod on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeRecord {
    /// What the records of both lists have.
    pub common: CommonFields,
    /// `id`: the record's identity across pages.
    pub id: Field<RemoteText>,
}

/// An entry of `pod_info_list`: a serverless pod, the only kind that has security fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerlessRecord {
    /// What the records of both lists have.
    pub common: CommonFields,
    /// `protect_status`
    pub protection: Field<Protection>,
    /// `detect_result`
    pub detection: Field<Detection>,
}

impl ServerlessRecord {
    /// The record as it counts after `before`, the record of the same pod: while a scan is under way, the risk that an
    /// earlier one found is still known. A pod that was created anew under its name starts without.
    #[must_use]
    pub(super) fn following(mut self, before: Option<&Self>) -> Self {
        let before = before.filter(|before| before.common.create_time == self.common.create_time);
        let had_risk = before.is_some_and(|before| before.detection.value().is_some_and(Detection::is_risk));
        if had_risk && self.detection.value() == Some(&Detection::Scanning) {
            self.detection = Detection::Rescanning.into();
        }
        self
    }
}

/// The identity of a pod across pages, sweeps and restarts: its source, and its `id`, or its cluster, namespace and
/// name if it has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodKey {
    source: SourceId,
    text: Arc<str>,
}

impl PodKey {
    /// The key within its source, as a text; [`PodKey::restored`] is the inverse.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key with this text, in the first source.
    pub fn restored(text: &str) -> Self {
        Self {
            source: SourceId::default(),
            text: text.into(),
        }
    }

    /// The same key in `source`.
    #[must_use]
    pub fn within(self, source: SourceId) -> Self {
        Self { source, ..self }
    }

    /// The source that lists the pod.
    pub fn source(&self) -> SourceId {
        self.source
    }

    fn from_id(id: &str) -> Self {
        Self::restored(&format!("id\0{id}"))
    }

    /// The key of a pod without an id. (Names in Kubernetes cannot contain NUL.)
    pub fn from_name(common: &CommonFields) -> Self {
        let raw = |field: &Field<RemoteText>| {
            field
                .value()
                .map(|text| text.raw().to_owned())
                .unwrap_or_default()
        };
        let (cluster, namespace, name) = (raw(&common.cluster), raw(&common.namespace), raw(&common.name));
        Self::restored(&format!("name\0{cluster}\0{namespace}\0{name}"))
    }

    /// The id in the key, or the name if the key has no id; the name is its last part.
    pub(crate) fn id_or_name(&self) -> Result<&str, &str> {
        match self.text.strip_prefix("id\0") {
            Some(id) => Ok(id),
            None => Err(self.text.rsplit('\0').next().unwrap_or_default()),
        }
    }

    /// The key of a record of `data_list`.
    pub fn of_node(record: &NodeRecord) -> Self {
        record
            .id
            .value()
            .map_or_else(|| Self::from_name(&record.common), |id| Self::from_id(id.raw()))
    }
}

/// The creation time for the number that HSS sent; one outside of the valid range is unreadable.
pub fn created_at(create_time: Field<i64>) -> Field<Timestamp> {
    match create_time {
        Field::Absent => Field::Absent,
        Field::Value(ms) if CREATION_MS.contains(&ms) => {
            Timestamp::from_millisecond(ms).map_or(Field::Unreadable, Field::Value)
        }
        Field::Value(_) | Field::Unreadable => Field::Unreadable,
    }
}

/// One pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Its identity.
    pub key: PodKey,
    /// Its record in `data_list`.
    pub node: Option<NodeRecord>,
    /// Its record in `pod_info_list`.
    pub serverless: Option<ServerlessRecord>,
}

/// The range of valid creation times. No pod is older than Kubernetes, which is from 2014: an earlier
/// `create_time` (0, or seconds in place of milliseconds) is invalid. So is one after 2100 (microseconds,
/// nonsense).
pub const CREATION_MS: std::ops::Range<i64> = 1_388_534_400_000..4_102_444_800_000;

impl Pod {
    /// A pod that is only in `data_list`.
    pub fn on_node(record: NodeRecord) -> Self {
        Self {
            key: PodKey::of_node(&record),
            node: Some(record),
            serverless: None,
        }
    }

    /// A pod that is only in `pod_info_list`.
    pub fn serverless(record: ServerlessRecord) -> Self {
        Self {
            key: PodKey::from_name(&record.common),
            node: None,
            serverless: Some(record),
        }
    }

    /// The same pod as `source` lists it.
    #[must_use]
    pub fn within(mut self, source: SourceId) -> Self {
        self.key = self.key.within(source);
        self
    }

    /// A common field: from the node record, or from the serverless record if the node record lacks it.
    fn common<T>(&self, of: impl Fn(&CommonFields) -> &Field<T>) -> &Field<T> {
        match (&self.node, &self.serverless) {
            (Some(node), Some(serverless)) => of(&node.common).or(of(&serverless.common)),
            (Some(node), None) => of(&node.common),
            (None, Some(serverless)) => of(&serverless.common),
            (None, None) => &Field::Absent,
        }
    }

    /// The common fields of its records, in the order of priority.
    pub(super) fn commons(&self) -> [Option<&CommonFields>; 2] {
        let serverless = self.serverless.as_ref().map(|record| &record.common);
        [self.node.as_ref().map(|record| &record.common), serverless]
    }

    /// One of the other texts of its records.
    fn other(&self, field: TextField) -> &Field<RemoteText> {
        self.common(|common| common.texts.get(field))
    }

    fn of_serverless<T>(&self, of: impl Fn(&ServerlessRecord) -> &Field<T>) -> &Field<T> {
        self.serverless.as_ref().map_or(&Field::Absent, of)
    }

    /// The pod's name.
    pub fn name(&self) -> &Field<RemoteText> {
        self.common(|common| &common.name)
    }

    /// Its namespace.
    pub fn namespace(&self) -> &Field<RemoteText> {
        self.common(|common| &common.namespace)
    }

    /// Its cluster's name.
    pub fn cluster(&self) -> &Field<RemoteText> {
        self.common(|common| &common.cluster)
    }

    /// Its own address.
    pub fn pod_ip(&self) -> &Field<RemoteText> {
        self.common(|common| &common.pod_ip)
    }

    /// Its phase at the time of the snapshot.
    pub fn status(&self) -> &Field<Status> {
        self.common(|common| &common.status)
    }

    /// CPU usage.
    pub fn cpu(&self) -> &Field<Quantity> {
        self.common(|common| &common.cpu)
    }

    /// Memory usage.
    pub fn memory(&self) -> &Field<Quantity> {
        self.common(|common| &common.memory)
    }

    /// CPU limit.
    pub fn cpu_limit(&self) -> &Field<Quantity> {
        self.common(|common| &common.cpu_limit)
    }

    /// Memory limit.
    pub fn memory_limit(&self) -> &Field<Quantity> {
        self.common(|common| &common.memory_limit)
    }

    /// CPU usage in relation to its limit.
    pub fn cpu_usage(&self) -> Usage {
        Usage::of(self.cpu(), self.cpu_limit())
    }

    /// Memory usage in relation to its limit.
    pub fn memory_usage(&self) -> Usage {
        Usage::of(self.memory(), self.memory_limit())
    }

    /// The creation time as HSS sent it.
    pub fn create_time(&self) -> &Field<CreateTime> {
        self.common(|common| &common.create_time)
    }

    /// The creation time; a word, or a number outside of the valid range, is unreadable.
    pub fn created(&self) -> Field<Timestamp> {
        created_at(CreateTime::ms_of(self.create_time()))
    }

    /// Which of two pods on nodes with one name a serverless record of that name belongs to, the first one: the pod that was
    /// created later, because Kubernetes creates a pod anew while the old one still ends. Without dates the key decides, so that it
    /// is the same pod every time.
    pub fn by_creation(&self, other: &Self) -> Ordering {
        let created = |pod: &Self| {
            let node = pod.node.as_ref()?;
            created_at(CreateTime::ms_of(&node.common.create_time))
                .value()
                .copied()
        };
        let later = created(other).cmp(&created(self));
        later.then_with(|| self.key.as_str().cmp(other.key.as_str()))
    }

    /// Its node's name.
    pub fn node_name(&self) -> &Field<RemoteText> {
        self.other(TextField::Node)
    }

    /// Its node's address.
    pub fn node_ip(&self) -> &Field<RemoteText> {
        self.other(TextField::NodeIp)
    }

    /// The record's id.
    pub fn id(&self) -> &Field<RemoteText> {
        self.node.as_ref().map_or(&Field::Absent, |node| &node.id)
    }

    /// Its cluster's id.
    pub fn cluster_id(&self) -> &Field<RemoteText> {
        self.other(TextField::ClusterId)
    }

    /// The kind of its cluster: `cluster_type`.
    pub fn cluster_type(&self) -> &Field<RemoteText> {
        self.other(TextField::ClusterType)
    }

    /// Its region as HSS names it: free text.
    pub fn region(&self) -> &Field<RemoteText> {
        self.other(TextField::Region)
    }

    /// Whether HSS protects it; absent for a pod that is only on a node.
    pub fn protection(&self) -> &Field<Protection> {
        self.of_serverless(|serverless| &serverless.protection)
    }

    /// The scan result of HSS; absent for a pod that is only on a node.
    pub fn detection(&self) -> &Field<Detection> {
        self.of_serverless(|serverless| &serverless.detection)
    }

    /// A name, an id, an address or another text that is no word of a list and no amount.
    pub fn text(&self, field: TextField) -> Option<&Field<RemoteText>> {
        Some(match field {
            TextField::Name => self.name(),
            TextField::Namespace => self.namespace(),
            TextField::Cluster => self.cluster(),
            TextField::PodIp => self.pod_ip(),
            TextField::Id => self.id(),
            other if RecordTexts::has(other) => self.other(other),
            // Words of a list, and amounts.
            _ => return None,
        })
    }

    /// A text exactly as HSS sent it.
    pub fn sent(&self, field: TextField) -> Field<&str> {
        match field {
            TextField::Cpu => self.cpu().part(Quantity::sent),
            TextField::Memory => self.memory().part(Quantity::sent),
            TextField::CpuLimit => self.cpu_limit().part(Quantity::sent),
            TextField::MemoryLimit => self.memory_limit().part(Quantity::sent),
            TextField::Status => self.status().part(Status::raw),
            TextField::Protection => self.protection().part(Protection::raw),
            TextField::Detection => self.detection().part(Detection::sent),
            field => self
                .text(field)
                .map_or(Field::Absent, |text| text.part(RemoteText::raw)),
        }
    }
}

#[cfg(test)]
mod tests;
