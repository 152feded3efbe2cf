//! The client of the HSS API: everything that knows HTTP.
//!
//! Requests are values ([`request`]), only [`transport`] sends, [`answer`] classifies the answers, and only
//! [`wire`] turns them into records. [`client`] fetches a page in three steps: credential ([`auth`]), project
//! ([`iam`]), call. Errors are typed ([`error`]). Must not: know the screen or hold state of the fleet.

mod answer;
pub mod auth;
pub mod client;
pub mod endpoint;
pub mod error;
pub mod error_body;
pub mod iam;
pub(crate) mod json;
pub mod quota;
pub mod region;
pub mod request;
mod retry_after;
pub mod send_by;
pub mod skew;
pub mod transport;
pub mod wire;

pub use auth::{Credential, Token};
pub use client::{Answer, Client, Setup};
pub use endpoint::Endpoint;
pub use error::Error;
pub use request::{ListPods, ProjectId};
pub use retry_after::LONGEST_WAIT;
pub use send_by::SendBy;
pub use transport::{TransportContext, TransportLimits};
