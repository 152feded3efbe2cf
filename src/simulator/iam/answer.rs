//! What IAM sends back.
//!
//! Owns the parts of a response that differ from call to call. It has no `Debug`, since its body may be a
//! secret.

use hyper::http::StatusCode;
use secrecy::SecretString;
use serde::Serialize;

use super::super::answers::json;
use super::IamFault;

/// A response of IAM without its headers.
pub(in crate::simulator) struct IamAnswer {
    pub(in crate::simulator) status: StatusCode,
    pub(in crate::simulator) subject_token: Option<SecretString>,
    pub(in crate::simulator) body: Vec<u8>,
}

impl IamAnswer {
    pub(super) fn found(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    pub(super) fn created(body: &impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    pub(super) fn with_subject_token(self, token: SecretString) -> Self {
        Self {
            subject_token: Some(token),
            ..self
        }
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self {
            status,
            subject_token: None,
            body: json(body),
        }
    }
}

impl From<IamFault> for IamAnswer {
    fn from(fault: IamFault) -> Self {
        Self::new(fault.status(), &fault.body())
    }
}
