//! What a pod is called.

use super::field::Field;
use super::pod::{CommonFields, NodeRecord, Pod};
use super::text::RemoteText;

/// The names of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodNames {
    /// Its cluster's.
    pub cluster: Field<RemoteText>,
    /// Its namespace's.
    pub namespace: Field<RemoteText>,
    /// Its own.
    pub name: Field<RemoteText>,
}

impl PodNames {
    /// A pod that has nothing but these names.
    pub fn pod(&self) -> Pod {
        let common = CommonFields {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            cluster: self.cluster.clone(),
            ..CommonFields::default()
        };
        Pod::on_node(NodeRecord {
            common,
            ..NodeRecord::default()
        })
    }
}
