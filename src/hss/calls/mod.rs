//! The endpoints, one per file: the request's values and their ranges, the meaning of its answer, its tests.
//!
//! A new one is a new file and its line here; it implements [`super::call`]'s trait. Its `NAME` is also that of its budget, so
//! nothing else is needed to count its calls; [`crate::collector`] makes one by hand.

mod assume_agency;
mod create_token;
mod identity_token;
mod list_pods;
mod list_projects;
mod sync_clusters;
mod team;
mod temporary_keys;

pub use assume_agency::{AgencySession, AssumeAgency};
pub use create_token::{CreateToken, Issued, Login, TokenScope};
pub use identity_token::CreateIdentityToken;
pub use list_pods::ListPods;
pub use list_projects::{ListProjects, Project};
pub use sync_clusters::SyncClusters;
pub use team::{ReadTeam, SendToTeam};
pub use temporary_keys::CreateTemporaryKeys;
