//! The endpoints, one per file: the request's values and their ranges, the meaning of its answer, its tests.
//!
//! A new one is a new file and its line here; it implements [`super::call`]'s trait.

mod create_token;
mod list_pods;
mod list_projects;
mod sync_clusters;
mod team;

pub use create_token::{CreateToken, Issued, Login, TokenScope};
pub use list_pods::ListPods;
pub use list_projects::{ListProjects, Project};
pub use sync_clusters::SyncClusters;
pub use team::{ReadTeam, SendToTeam};
