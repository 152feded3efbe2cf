//! The client of the HSS API: everything that knows HTTP.
//!
//! An endpoint is one value and one file ([`calls`]), in a form that all share ([`call`]). [`exchange`] turns
//! it into a request, only [`transport`] sends, [`answer`] classifies the answer, and [`wire`] decodes pods.
//! [`client`] prepares a call: credential ([`auth`]), project ([`iam`]), endpoint. Errors are typed
//! ([`error`]). Knows no screen and has no state of the fleet.

mod answer;
pub mod auth;
pub mod call;
pub mod calls;
pub mod client;
pub mod endpoint;
pub mod error;
pub mod error_body;
mod exchange;
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
pub use call::Call;
pub use calls::{ListPods, SyncClusters};
pub use client::{Answer, Client, Setup};
pub use endpoint::Endpoint;
pub use error::Error;
pub use request::ProjectId;
pub use retry_after::LONGEST_WAIT;
pub use send_by::SendBy;
pub use transport::{TransportContext, TransportLimits};
