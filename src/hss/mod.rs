//! The client of the HSS API: everything that knows HTTP.
//!
//! Requests are values ([`request`]), an answer becomes records in one place ([`wire`]), and [`client`] alone
//! sends. Errors are typed ([`error`]). Knows no screen and keeps no state of the fleet.

pub mod auth;
pub mod client;
pub mod endpoint;
pub mod error;
pub mod error_body;
pub mod request;
pub mod wire;

pub use auth::{Credential, Token};
pub use client::{Answer, Client};
pub use endpoint::Endpoint;
pub use error::Error;
pub use request::ListPods;
