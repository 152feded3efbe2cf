//! The client of the HSS API: everything that knows HTTP.
//!
//! Requests are values ([`request`]), [`transport`] alone sends, [`answer`] judges what comes back, and it becomes records
//! in one place ([`wire`]). [`client`] puts a page together: credential ([`auth`]), project ([`iam`]), call. Errors are
//! typed ([`error`]). Knows no screen and keeps no state of the fleet.

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
