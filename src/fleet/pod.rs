//! A pod, from one or both of the lists that HSS answers with.
//!
//! HSS answers with two lists of different fields: pods on nodes (`data_list`) and serverless pods
//! (`pod_info_list`). Each entry is kept as a *record*; a [`Pod`] is the records that name the same pod. This
//! module owns the fields and which record answers for which. Must not: know how they were sent.

use std::sync::Arc;

use jiff::Timestamp;

use super::field::Field;
use super::fields::TextField;
use super::quantity::Quantity;
use super::source_id::SourceId;
use super::text::RemoteText;
use super::usage::Usage;
use super::words::{Detection, Protection, Status};

/// The fields that both lists have.
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
    /// `create_time`, milliseconds since 1970 UTC, as it came: see [`Pod::created`].
    pub create_time: Field<i64>,
    /// `cpu`: used.
    pub cpu: Field<Quantity>,
    /// `memory`: used.
    pub memory: Field<Quantity>,
    /// `cpu_limit`
    pub cpu_limit: Field<Quantity>,
    /// `memory_limit`
    pub memory_limit: Field<Quantity>,
}

/// An entry of `data_list`: a pod on a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeRecord {
    /// What both lists have.
    pub common: CommonFields,
    /// `id`: the record's identity across pages.
    pub id: Field<RemoteText>,
    /// `node_name`
    pub node: Field<RemoteText>,
    /// `node_ip`
    pub node_ip: Field<RemoteText>,
    /// `cluster_id`
    pub cluster_id: Field<RemoteText>,
    /// `cluster_type`: k8s, cce, ali, tencent, azure, aws, self_built_hw, self_built_idc.
    pub cluster_type: Field<RemoteText>,
    /// `region_id`
    pub region: Field<RemoteText>,
}

/// An entry of `pod_info_list`: a serverless pod, the only kind that has security fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerlessRecord {
    /// What both lists have.
    pub common: CommonFields,
    /// `protect_status`
    pub protection: Field<Protection>,
    /// `detect_result`
    pub detection: Field<Detection>,
}

/// The identity of a pod across pages, sweeps and restarts: the source that lists it, and there its `id`, or else its
/// cluster, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodKey {
    source: SourceId,
    text: Arc<str>,
}

impl PodKey {
    /// The key within its source, as a text that [`PodKey::restored`] makes a key of again.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key of this text, in the first source.
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

    /// The key of a pod that has no id. (NUL cannot be part of a name that Kubernetes takes.)
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

    /// The id that it is made of; or else the name, which stands last.
    pub(super) fn id_or_name(&self) -> Result<&str, &str> {
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

impl NodeRecord {
    /// The record whose texts are these.
    pub fn of(common: CommonFields, text: impl Fn(TextField) -> Field<RemoteText>) -> Self {
        Self {
            common,
            id: text(TextField::Id),
            node: text(TextField::Node),
            node_ip: text(TextField::NodeIp),
            cluster_id: text(TextField::ClusterId),
            cluster_type: text(TextField::ClusterType),
            region: text(TextField::Region),
        }
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

/// No pod is older than Kubernetes, 2014: an earlier `create_time` (0, or seconds taken for milliseconds) is no date.
/// Nor is one after 2100 (microseconds, nonsense).
pub(super) const CREATION_MS: std::ops::Range<i64> = 1_388_534_400_000..4_102_444_800_000;

impl Pod {
    /// A pod known from `data_list` only.
    pub fn on_node(record: NodeRecord) -> Self {
        Self {
            key: PodKey::of_node(&record),
            node: Some(record),
            serverless: None,
        }
    }

    /// A pod known from `pod_info_list` only.
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

    /// A common field: the node record answers, and the serverless one where that is silent.
    fn common<T>(&self, of: impl Fn(&CommonFields) -> &Field<T>) -> &Field<T> {
        match (&self.node, &self.serverless) {
            (Some(node), Some(serverless)) => of(&node.common).or(of(&serverless.common)),
            (Some(node), None) => of(&node.common),
            (None, Some(serverless)) => of(&serverless.common),
            (None, None) => &Field::Absent,
        }
    }

    /// The common fields of its records, of the list first that answers first.
    pub(super) fn commons(&self) -> [Option<&CommonFields>; 2] {
        let serverless = self.serverless.as_ref().map(|record| &record.common);
        [self.node.as_ref().map(|record| &record.common), serverless]
    }

    fn of_node<T>(&self, of: impl Fn(&NodeRecord) -> &Field<T>) -> &Field<T> {
        self.node.as_ref().map_or(&Field::Absent, of)
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

    /// Its phase, as of the snapshot.
    pub fn status(&self) -> &Field<Status> {
        self.common(|common| &common.status)
    }

    /// CPU used.
    pub fn cpu(&self) -> &Field<Quantity> {
        self.common(|common| &common.cpu)
    }

    /// Memory used.
    pub fn memory(&self) -> &Field<Quantity> {
        self.common(|common| &common.memory)
    }

    /// CPU allowed.
    pub fn cpu_limit(&self) -> &Field<Quantity> {
        self.common(|common| &common.cpu_limit)
    }

    /// Memory allowed.
    pub fn memory_limit(&self) -> &Field<Quantity> {
        self.common(|common| &common.memory_limit)
    }

    /// CPU used against its limit.
    pub fn cpu_usage(&self) -> Usage {
        Usage::of(self.cpu(), self.cpu_limit())
    }

    /// Memory used against its limit.
    pub fn memory_usage(&self) -> Usage {
        Usage::of(self.memory(), self.memory_limit())
    }

    /// When it was created, as it came.
    pub fn create_time(&self) -> &Field<i64> {
        self.common(|common| &common.create_time)
    }

    /// When it was created; a figure that cannot be such a date is unreadable.
    pub fn created(&self) -> Field<Timestamp> {
        match self.create_time() {
            Field::Absent => Field::Absent,
            Field::Value(ms) if CREATION_MS.contains(ms) => {
                Timestamp::from_millisecond(*ms).map_or(Field::Unreadable, Field::Value)
            }
            Field::Value(_) | Field::Unreadable => Field::Unreadable,
        }
    }

    /// Its node's name.
    pub fn node_name(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.node)
    }

    /// Its node's address.
    pub fn node_ip(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.node_ip)
    }

    /// The record's id.
    pub fn id(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.id)
    }

    /// Its cluster's id.
    pub fn cluster_id(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.cluster_id)
    }

    /// What kind of cluster it is in.
    pub fn cluster_type(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.cluster_type)
    }

    /// Its region, as the answer names it: free text.
    pub fn region(&self) -> &Field<RemoteText> {
        self.of_node(|node| &node.region)
    }

    /// Whether HSS protects it; absent for a pod that is on a node only.
    pub fn protection(&self) -> &Field<Protection> {
        self.of_serverless(|serverless| &serverless.protection)
    }

    /// What HSS found; absent for a pod that is on a node only.
    pub fn detection(&self) -> &Field<Detection> {
        self.of_serverless(|serverless| &serverless.detection)
    }

    /// A text as HSS sent it, raw.
    pub fn sent(&self, field: TextField) -> Field<&str> {
        match field {
            TextField::Name => self.name().part(RemoteText::raw),
            TextField::Namespace => self.namespace().part(RemoteText::raw),
            TextField::Cluster => self.cluster().part(RemoteText::raw),
            TextField::PodIp => self.pod_ip().part(RemoteText::raw),
            TextField::Id => self.id().part(RemoteText::raw),
            TextField::Node => self.node_name().part(RemoteText::raw),
            TextField::NodeIp => self.node_ip().part(RemoteText::raw),
            TextField::ClusterId => self.cluster_id().part(RemoteText::raw),
            TextField::ClusterType => self.cluster_type().part(RemoteText::raw),
            TextField::Region => self.region().part(RemoteText::raw),
            TextField::Cpu => self.cpu().part(Quantity::sent),
            TextField::Memory => self.memory().part(Quantity::sent),
            TextField::CpuLimit => self.cpu_limit().part(Quantity::sent),
            TextField::MemoryLimit => self.memory_limit().part(Quantity::sent),
            TextField::Status => self.status().part(Status::raw),
            TextField::Protection => self.protection().part(Protection::raw),
            TextField::Detection => self.detection().part(Detection::raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(cluster: &str, namespace: &str, name: &str) -> CommonFields {
        CommonFields {
            name: RemoteText::name(name).into(),
            namespace: RemoteText::name(namespace).into(),
            cluster: RemoteText::name(cluster).into(),
            ..CommonFields::default()
        }
    }

    #[test]
    fn the_id_is_the_identity_and_the_name_where_there_is_none() {
        let record = NodeRecord {
            id: RemoteText::name("x").into(),
            common: named("c", "n", "p"),
            ..NodeRecord::default()
        };
        let renamed = NodeRecord {
            common: named("c", "n", "q"),
            ..record.clone()
        };
        assert_eq!(PodKey::of_node(&record), PodKey::of_node(&renamed));
        let without = NodeRecord {
            id: Field::Absent,
            ..record
        };
        assert_eq!(
            PodKey::of_node(&without),
            PodKey::from_name(&named("c", "n", "p"))
        );
        assert_ne!(
            PodKey::from_name(&named("c", "np", "")),
            PodKey::from_name(&named("c", "n", "p"))
        );
    }

    #[test]
    fn a_merged_pod_answers_from_the_node_first_and_has_security() {
        let node = NodeRecord {
            common: CommonFields {
                status: Status::Running.into(),
                ..named("c", "n", "p")
            },
            ..NodeRecord::default()
        };
        let serverless = ServerlessRecord {
            common: CommonFields {
                status: Status::Failed.into(),
                pod_ip: RemoteText::name("10.0.0.1").into(),
                ..named("c", "n", "p")
            },
            detection: Detection::Risk.into(),
            ..ServerlessRecord::default()
        };
        let pod = Pod {
            serverless: Some(serverless),
            ..Pod::on_node(node)
        };
        assert_eq!(pod.status(), &Field::Value(Status::Running));
        assert_eq!(pod.pod_ip().value().map(RemoteText::raw), Some("10.0.0.1"));
        assert_eq!(pod.detection(), &Field::Value(Detection::Risk));
        assert_eq!(pod.protection(), &Field::Absent);
    }

    #[test]
    fn impossible_dates_are_unreadable() {
        let created = |create_time| {
            let common = CommonFields {
                create_time,
                ..named("c", "n", "p")
            };
            Pod::on_node(NodeRecord {
                common,
                ..NodeRecord::default()
            })
            .created()
        };
        assert_eq!(
            created(Field::Value(1_753_227_292_000)),
            Field::Value("2025-07-22T23:34:52Z".parse().unwrap())
        );
        assert_eq!(created(Field::Absent), Field::Absent);
        for bad in [0, -1, 1_753_227_292, 1_753_227_292_000_000, i64::MAX, i64::MIN] {
            assert_eq!(created(Field::Value(bad)), Field::Unreadable, "{bad}");
        }
    }
}
