//! A look-alike of the HSS pod API, for demonstrations and tests.
//!
//! Owns a small HTTP service that answers `GET /v5/{project_id}/kubernetes/pods` and
//! `POST /v5/{project_id}/kubernetes/save-clusters` as the gateway and the service behind it would, down to the
//! words of a refusal, and an [`estate`] of pods to talk about. It shares no code with the client it is made to
//! test: what both got wrong in the same way, no test would find.
//!
//! ```text
//! call ─► route ─► auth ─► throttle ─► query ─► page ─► answer
//!                                                │
//!                             estate, snapshot ──┘
//! ```
//!
//! Only `server` waits. The rest are functions and values, but for the two things that have a memory: the throttle
//! and the album of snapshots.

mod answers;
mod auth;
pub mod estate;
mod hex;
mod page;
mod query;
mod route;
mod server;
mod settings;
mod signature;
mod snapshot;
mod throttle;

pub use server::Simulator;
pub use settings::{Lists, MOST_PODS, Settings};
pub use signature::SigningKeys;
pub use snapshot::Snapshot;
