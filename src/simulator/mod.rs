//! A simulation of the HSS pod API, for demonstrations and tests.
//!
//! Owns a small HTTP service that answers `GET /v5/{project_id}/kubernetes/pods` and
//! `POST /v5/{project_id}/kubernetes/save-clusters` as the gateway and the service behind it do, including
//! the texts of errors. It also has the part of IAM that issues the credentials, and a [`fleet`] of pods to
//! list. It shares no code with the client that it tests: no test would find a mistake that both make.
//!
//! ```text
//! call ─► route ─┬─► auth ─► throttle ─► query ─► page ─┬─► answer
//!                │    │                   │             │
//!                │    │    fleet, snapshot ┘             │
//!                └─► iam ───────────────────────────────┘
//! ```
//!
//! Only `server`, `searches` and `turns` wait; the sockets belong to [`http_server`](crate::http_server). The
//! other modules are functions and values, except those with state: the throttle, the snapshots, and the gate
//! with its tokens and key pairs.

mod answers;
mod auth;
pub mod fleet;
mod hex;
mod iam;
mod page;
mod past;
mod query;
mod route;
mod searches;
mod server;
mod settings;
mod signature;
mod snapshot;
mod throttle;
mod turns;

pub use iam::{AcceptedToken, IamProject, KnownAgency, KnownIdentities, KnownProvider, PasswordLogin};
pub use past::{PastList, past_lists};
pub use searches::SearchStop;
pub use server::Simulator;
pub use settings::{ListMode, MOST_PODS, SimulatedPast, SimulatorSettings};
pub use signature::SigningKeys;
pub use snapshot::{FIRST_AGE, Snapshot};
