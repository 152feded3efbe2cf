//! The client of the HSS API: everything that knows HTTP.
//!
//! An endpoint is one value and one file ([`calls`]), of a form that all share ([`call`]). [`exchange`] makes it a call and notes the result ([`call_record`]),
//! [`transport`] alone sends, [`answer`] judges what comes back; pods become records in one place ([`wire`]). [`client`]
//! puts a call together: credential ([`auth`]), project ([`iam`]), endpoint. Errors are typed ([`error`]). Knows no screen and keeps no state of the fleet.

mod answer;
pub mod auth;
pub mod call;
pub mod call_record;
pub mod calls;
pub mod client;
pub mod collector_mark;
pub mod endpoint;
pub mod error;
pub mod error_body;
pub mod exchange;
pub mod iam;
pub(crate) mod json;
pub mod quota;
pub mod region;
pub mod request;
mod retry_after;
pub mod send_by;
pub mod skew;
mod sts;
pub mod transport;
pub mod wire;

pub use auth::{Credential, Token};
pub use call::Call;
pub use calls::{AgencySession, ListPods, SyncClusters};
pub use client::{Answer, Client, Setup};
pub use endpoint::Endpoint;
pub use error::Error;
pub use request::ProjectId;
pub use retry_after::LONGEST_WAIT;
pub use send_by::SendBy;
pub use transport::{TransportContext, TransportLimits};
