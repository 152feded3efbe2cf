//! Who answers a call.

use std::fmt;

/// The service that answers a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ServiceName {
    /// HSS and the gateway in front of it.
    #[default]
    Hss,
    /// IAM.
    Iam,
    /// STS, which issues temporary key pairs.
    Sts,
    /// The metadata service of a cloud server.
    Metadata,
    /// The service of pod identity in a cluster.
    PodIdentity,
    /// A collector of hss-top.
    Collector,
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hss => "HSS",
            Self::Iam => "IAM",
            Self::Sts => "STS",
            Self::Metadata => "the metadata service",
            Self::PodIdentity => "pod identity",
            Self::Collector => "the collector",
        })
    }
}
