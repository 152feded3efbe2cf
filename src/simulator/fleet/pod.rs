//! The pods as the service writes them.
//!
//! Owns the two wire formats and decides which fields are present: a pod that was not placed has no node and
//! no address, a pod that does not run has no usage, and now and then a field is missing without a reason,
//! because that happens in the real service too.

use serde::Serialize;

use super::key::Topic;
use super::resources::ResourceLimits;
use super::scenario::{self, DetectResult, ProtectStatus, Status};
use super::tenant::Tenant;

/// An entry of `data_list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the service, under its names")]
pub struct NodePod {
    pub id: String,
    pub pod_name: String,
    pub namespace_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_ip: Option<String>,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    pub cluster_name: String,
    pub cluster_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<&'static str>,
    #[serde(flatten)]
    pub resources: Resources,
}

/// An entry of `pod_info_list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the service, under its names")]
pub struct ServerlessPod {
    pub pod_name: String,
    pub namespace_name: String,
    pub cluster_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_ip: Option<String>,
    pub status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_time: Option<i64>,
    #[serde(flatten)]
    pub resources: Resources,
    pub protect_status: ProtectStatus,
    pub detect_result: DetectResult,
}

/// What a pod uses and may use, as Kubernetes quantities.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of the service, under its names")]
pub struct Resources {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<String>,
}

/// The field that an entry lacks without a reason.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Resources,
    Address,
    CreateTime,
    Region,
    ClusterType,
}

impl Gap {
    fn of(tenant: &Tenant<'_>) -> Self {
        match tenant.key.below(Topic::Gap, 1000) {
            0..10 => Self::Resources,
            10 => Self::Address,
            11 => Self::CreateTime,
            12 => Self::Region,
            13 => Self::ClusterType,
            _ => Self::Nothing,
        }
    }
}

impl NodePod {
    pub(super) fn of(tenant: &Tenant<'_>) -> Self {
        let gap = Gap::of(tenant);
        let cluster = tenant.cluster;
        let placed = tenant.life.status != Status::Pending;
        let node = placed.then(|| cluster.node(tenant.slot));
        let (node_name, node_ip) = node.map(|node| (node.name, node.ip)).unzip();
        Self {
            id: tenant.id(),
            pod_name: tenant.name(),
            namespace_name: tenant.workload.namespace.clone(),
            node_name,
            node_ip,
            pod_ip: (placed && gap != Gap::Address).then(|| tenant.ip()),
            status: tenant.life.status,
            create_time: (gap != Gap::CreateTime).then(|| tenant.create_time()),
            cluster_name: cluster.name.clone(),
            cluster_id: cluster.id.clone(),
            cluster_type: (gap != Gap::ClusterType).then(|| cluster.provider.wire()),
            region_id: (gap != Gap::Region).then_some(cluster.region),
            resources: Resources::of(tenant, gap),
        }
    }
}

impl ServerlessPod {
    pub(super) fn of(tenant: &Tenant<'_>) -> Self {
        let gap = Gap::of(tenant);
        let place = tenant.cluster.first + tenant.slot;
        let (protect_status, detect_result) = scenario::protection(place, tenant.snapshot.generation());
        Self {
            pod_name: tenant.name(),
            namespace_name: tenant.workload.namespace.clone(),
            cluster_name: tenant.cluster.name.clone(),
            pod_ip: (tenant.life.status != Status::Pending && gap != Gap::Address).then(|| tenant.ip()),
            status: tenant.life.status,
            create_time: (gap != Gap::CreateTime).then(|| tenant.create_time()),
            resources: Resources::of(tenant, gap),
            protect_status,
            detect_result,
        }
    }
}

impl Resources {
    fn of(tenant: &Tenant<'_>, gap: Gap) -> Self {
        if gap == Gap::Resources {
            return Self::default();
        }
        let limits = ResourceLimits::of(tenant.workload);
        let usage = (tenant.life.status == Status::Running).then(|| {
            limits.usage(
                tenant.workload,
                tenant.key,
                tenant.life,
                tenant.snapshot.generation(),
            )
        });
        let (cpu, memory) = usage.map(|usage| (usage.cpu, usage.memory)).unzip();
        Self {
            cpu,
            memory,
            cpu_limit: limits.cpu,
            memory_limit: limits.memory,
        }
    }
}
