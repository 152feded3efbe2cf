//! STS: temporary key pairs of agencies.
//!
//! Owns the connection; the call is [`AssumeAgency`]. Must not: decide when to call, or cache answers.

use secrecy::SecretString;

use super::auth::TemporaryKeys;
use super::calls::{AgencySession, AssumeAgency};
use super::error::Error;
use super::exchange::{exchange, logged};
use super::send_by::SendBy;
use super::transport::Transport;

/// The connection to STS.
#[derive(Debug)]
pub struct Sts {
    transport: Transport,
}

impl Sts {
    /// Over `transport`.
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Exchanges an identity token for a key pair of the agency.
    pub async fn assume(
        &self,
        session: &AgencySession,
        token: &SecretString,
    ) -> Result<TemporaryKeys, Error> {
        let call = AssumeAgency { session, token };
        let answer = logged(&call, exchange(&self.transport, SendBy::ANY, &call, None, None)).await?;
        Ok(answer.value)
    }
}
