//! How a pod is called.

use super::field::Field;
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
