//! A look-alike of the HSS pod API, for demonstrations and tests.
//!
//! Owns a small HTTP service that answers `GET /v5/{project_id}/kubernetes/pods` and
//! `POST /v5/{project_id}/kubernetes/save-clusters` as the gateway and the service behind it would, down to the
//! words of a refusal, the part of IAM that hands out the credentials for them, and an [`fleet`] of pods to talk
//! about. It shares no code with the client it is made to test: what both got wrong in the same way, no test would
//! find.
//!
//! ```text
//! call ─► route ─┬─► auth ─► throttle ─► query ─► page ─┬─► answer
//!                │    │                   │             │
//!                │    │    fleet, snapshot ┘             │
//!                └─► iam ───────────────────────────────┘
//! ```
//!
//! Only `server` and `searches` wait; the sockets are those of [`http_server`](crate::http_server). The rest are functions and values, but for what has a memory: the throttle, the snapshots of
//! snapshots, and the gate with its tokens and key pairs.

mod answers;
mod auth;
pub mod fleet;
mod hex;
mod iam;
mod page;
mod query;
mod route;
mod searches;
mod server;
mod settings;
mod signature;
mod snapshot;
mod throttle;
mod turns;

pub use iam::{IamProject, PasswordLogin};
pub use searches::SearchStop;
pub use server::Simulator;
pub use settings::{ListMode, MOST_PODS, SimulatorSettings};
pub use signature::SigningKeys;
pub use snapshot::Snapshot;
