//! The clusters and their nodes.
//!
//! Owns the clusters of a fleet: how many there are, their names, their owners and their ranges of pods.
//! Clusters lie one after the other, so a filter on clusters costs nothing. Knows no workload.

use std::ops::Range;

use super::key::{SeedKey, Topic};
use super::names;

/// The enterprise projects that the caller may see, the default one first.
pub const ENTERPRISE_PROJECTS: [&str; 3] = [
    "0",
    "3c1f6a52-8d0e-4b7a-9f64-2e7b10c5d8a1",
    "b94d27e0-51fa-4c39-8a06-c7d3e95f1b42",
];

/// The enterprise project of each cluster in turn: three clusters of five belong to the default project.
const PROJECT_ROTA: [&str; 5] = {
    let [default, one, other] = ENTERPRISE_PROJECTS;
    [default, default, one, default, other]
};

/// The average number of pods on a node.
const PODS_A_NODE: u64 = 28;

/// Who runs a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Provider {
    #[default]
    Cce,
    Kubernetes,
    Ali,
    Tencent,
    Azure,
    Aws,
    SelfBuiltOnHuawei,
    SelfBuiltInOwnRooms,
}

impl Provider {
    /// The word on the wire.
    pub(super) fn wire(self) -> &'static str {
        match self {
            Self::Cce => "cce",
            Self::Kubernetes => "k8s",
            Self::Ali => "ali",
            Self::Tencent => "tencent",
            Self::Azure => "azure",
            Self::Aws => "aws",
            Self::SelfBuiltOnHuawei => "self_built_hw",
            Self::SelfBuiltInOwnRooms => "self_built_idc",
        }
    }
}

type Plan = (&'static str, Provider, &'static str);

const PLANS: [Plan; 18] = [
    ("prod-cn-north-4a", Provider::Cce, "cn-north-4"),
    ("prod-pay", Provider::Cce, "cn-north-4"),
    ("staging-east", Provider::Cce, "cn-east-3"),
    ("edge-idc-02", Provider::SelfBuiltInOwnRooms, "cn-north-4"),
    ("prod-cn-south-1b", Provider::Cce, "cn-south-1"),
    ("aws-burst-1", Provider::Aws, "ap-southeast-3"),
    ("data-lake", Provider::Cce, "cn-north-4"),
    ("ali-dr-hangzhou", Provider::Ali, "cn-east-3"),
    ("ml-train", Provider::Cce, "cn-southwest-2"),
    ("dev-shared", Provider::Cce, "cn-north-4"),
    ("overseas-sg", Provider::Cce, "ap-southeast-3"),
    ("legacy-ecs", Provider::SelfBuiltOnHuawei, "cn-north-1"),
    ("tx-media", Provider::Tencent, "cn-south-1"),
    ("factory-suzhou", Provider::SelfBuiltInOwnRooms, "cn-east-2"),
    ("azure-eu", Provider::Azure, "eu-west-101"),
    ("lab-bare", Provider::Kubernetes, "cn-north-9"),
    ("prod-cn-east-3c", Provider::Cce, "cn-east-3"),
    ("preview", Provider::Cce, "cn-north-4"),
];

const SERVERLESS_PLANS: [Plan; 4] = [
    ("cci-burst-1", Provider::Cce, "cn-north-4"),
    ("cci-burst-2", Provider::Cce, "cn-east-3"),
    ("cci-batch-1", Provider::Cce, "cn-north-4"),
    ("cci-elastic-1", Provider::Cce, "cn-south-1"),
];

/// One cluster and its range of pods.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) key: SeedKey,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) provider: Provider,
    pub(super) region: &'static str,
    pub(super) enterprise_project: &'static str,
    /// Without its own nodes.
    pub(super) serverless: bool,
    /// How many team namespaces the fleet has.
    pub(super) namespaces: u64,
    /// The index of its first pod in the list.
    pub(super) first: u64,
    pub(super) pods: u64,
    number: u64,
}

/// Where a pod runs.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) ip: String,
}

impl Cluster {
    /// The clusters for this number of pods on nodes.
    pub(super) fn fleet(root: SeedKey, pods: u64) -> Vec<Self> {
        let count = (pods.isqrt() / 5 + pods / 20_000).max(1);
        let namespaces = (6 + pods.isqrt() / 10 + pods / 14_000).min(names::MOST_NAMESPACES);
        Self::lay_out(root, &PLANS, count, pods, namespaces, false)
    }

    /// The clusters for this number of serverless pods.
    pub(super) fn serverless_fleet(root: SeedKey, pods: u64) -> Vec<Self> {
        let count = (pods.isqrt() / 3).clamp(1, 40);
        Self::lay_out(
            root.child(Topic::Serverless, 0),
            &SERVERLESS_PLANS,
            count,
            pods,
            1,
            true,
        )
    }

    fn lay_out(
        root: SeedKey,
        plans: &[Plan],
        count: u64,
        pods: u64,
        namespaces: u64,
        serverless: bool,
    ) -> Vec<Self> {
        // The first clusters are the large ones.
        let weight = |number: u64| 1_000_000 / (number + 3);
        let total: u64 = (0..count).map(weight).sum();
        let mut weighed = 0;
        let mut first = 0;
        (0..count)
            .map(|number| {
                weighed += weight(number);
                let end = pods * weighed / total;
                let key = root.child(Topic::Cluster, number);
                let (name, provider, region) = super::key::nth(plans, number);
                let round = number / plans.len() as u64;
                let cluster = Self {
                    key,
                    name: if round == 0 {
                        name.to_owned()
                    } else {
                        format!("{name}-{:02}", round + 1)
                    },
                    id: names::cluster_uuid(key),
                    provider,
                    region,
                    enterprise_project: super::key::nth(&PROJECT_ROTA, number),
                    serverless,
                    namespaces,
                    first,
                    pods: end - first,
                    number,
                };
                first = end;
                cluster
            })
            .collect()
    }

    /// The cluster that the pod at `index` runs in.
    pub(super) fn of(fleet: &[Self], index: u64) -> Option<&Self> {
        let after = fleet.partition_point(|cluster| cluster.first <= index);
        fleet
            .get(after.checked_sub(1)?)
            .filter(|cluster| cluster.places().contains(&index))
    }

    /// The indices of its pods in the list.
    pub(super) fn places(&self) -> Range<u64> {
        self.first..self.first + self.pods
    }

    /// The number of its nodes.
    pub(super) fn nodes(&self) -> u64 {
        self.pods.div_ceil(PODS_A_NODE).max(1)
    }

    /// The largest number of the fleet's team namespaces that this cluster hosts.
    pub(super) fn hosted_namespaces(&self) -> u64 {
        (4 + self.pods.isqrt() / 4).min(self.namespaces)
    }

    /// The node of a slot. Neighbouring slots are on neighbouring nodes, because a scheduler spreads
    /// replicas.
    pub(super) fn node(&self, slot: u64) -> Node {
        let number = slot % self.nodes();
        let (third, fourth) = (number / 250 % 250, number % 250 + 4);
        let net = 16 + self.number % 200;
        let own = format!("10.{net}.{third}.{fourth}");
        match self.provider {
            Provider::Cce => {
                let ip = format!("192.168.{}.{fourth}", (self.number * 8 + third) % 256);
                Node { name: ip.clone(), ip }
            }
            Provider::Kubernetes => Node {
                name: format!("worker-{number:03}"),
                ip: own,
            },
            Provider::Ali => Node {
                name: format!("cn-hangzhou.{own}"),
                ip: own,
            },
            Provider::Tencent => Node {
                name: own.clone(),
                ip: own,
            },
            Provider::Azure => Node {
                name: format!("aks-pool1-31872913-vmss{number:06}"),
                ip: own,
            },
            Provider::Aws => {
                let name = format!("ip-10-{net}-{third}-{fourth}.ap-southeast-1.compute.internal");
                Node { name, ip: own }
            }
            Provider::SelfBuiltOnHuawei => Node {
                name: format!("ecs-k8s-{number:04}"),
                ip: own,
            },
            Provider::SelfBuiltInOwnRooms => Node {
                name: format!("rack{:02}-node{:02}", number / 24 + 1, number % 24 + 1),
                ip: own,
            },
        }
    }

    /// The address of the slot's pod with the number `incarnation`.
    pub(super) fn pod_ip(&self, slot: u64, incarnation: u64) -> String {
        let number = slot
            .wrapping_add(incarnation.wrapping_mul(self.pods))
            .wrapping_add(258);
        let second = (number >> 16).wrapping_add(self.number) & 0xf;
        let (third, fourth) = (number >> 8 & 0xff, number & 0xff);
        match self.provider {
            Provider::Cce => format!("172.{}.{third}.{fourth}", 16 + second),
            _ => format!("10.{}.{third}.{fourth}", 240 + second),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn clusters_cover_the_fleet_without_a_gap() {
        for pods in [0, 1, 5, 1071, 65_536, 2_000_000] {
            let fleet = Cluster::fleet(SeedKey::root(7), pods);
            let mut next = 0;
            for cluster in &fleet {
                assert_eq!(cluster.first, next);
                next += cluster.pods;
            }
            assert_eq!(next, pods);
            let names: HashSet<&str> = fleet.iter().map(|cluster| cluster.name.as_str()).collect();
            assert_eq!(names.len(), fleet.len());
        }
    }

    #[test]
    fn a_fleet_with_more_pods_has_more_clusters() {
        let small = Cluster::fleet(SeedKey::root(7), 1071);
        assert_eq!(small.len(), 6);
        assert!((38..46).contains(&small.iter().map(Cluster::nodes).sum::<u64>()));
        let large = Cluster::fleet(SeedKey::root(7), 2_000_000);
        assert!((350..450).contains(&large.len()), "{}", large.len());
    }

    #[test]
    fn an_index_belongs_to_one_cluster() {
        let fleet = Cluster::fleet(SeedKey::root(7), 1071);
        for index in 0..1071 {
            assert!(Cluster::of(&fleet, index).unwrap().places().contains(&index));
        }
        assert!(Cluster::of(&fleet, 1071).is_none());
    }

    #[test]
    fn nodes_have_names_and_addresses_of_their_own() {
        for cluster in Cluster::fleet(SeedKey::root(7), 200_000) {
            let nodes: Vec<Node> = (0..cluster.nodes()).map(|slot| cluster.node(slot)).collect();
            let names: HashSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
            let ips: HashSet<&str> = nodes.iter().map(|node| node.ip.as_str()).collect();
            assert_eq!(
                (names.len(), ips.len()),
                (nodes.len(), nodes.len()),
                "{}",
                cluster.name
            );
        }
    }
}
