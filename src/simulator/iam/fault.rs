//! The errors of IAM.
//!
//! Owns the errors, their texts and the format of their body. It differs from the gateway's: the code is a
//! number.

use std::fmt;

use hyper::http::StatusCode;
use serde::Serialize;

use super::super::answers::Refusal;

/// Why IAM rejects a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum IamFault {
    Malformed {
        field: &'static str,
        rule: &'static str,
    },
    LoginWrong,
    /// The identity token, or what it should give access to.
    IdentityWrong,
    /// The project of the scope is not one of the account's. As in Keystone, the model of IAM v3, this is a
    /// 401 and not a 404, and the text does not reveal whether the project exists.
    ScopeWrong,
    /// The credential of the call is not accepted.
    Denied(Refusal),
}

/// The body of a fault.
#[derive(Serialize)]
pub(super) struct FaultBody {
    error: Details,
}

#[derive(Serialize)]
struct Details {
    code: u16,
    message: String,
    title: &'static str,
}

impl IamFault {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::LoginWrong | Self::IdentityWrong | Self::ScopeWrong => StatusCode::UNAUTHORIZED,
            Self::Denied(refusal) => refusal.status(),
        }
    }

    pub(super) fn body(&self) -> FaultBody {
        let status = self.status();
        FaultBody {
            error: Details {
                code: status.as_u16(),
                message: self.to_string(),
                title: status.canonical_reason().unwrap_or_default(),
            },
        }
    }
}

impl From<Refusal> for IamFault {
    fn from(refusal: Refusal) -> Self {
        Self::Denied(refusal)
    }
}

impl fmt::Display for IamFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { field, rule } => write!(f, "Invalid request body: {field} must {rule}."),
            Self::LoginWrong => f.write_str("The username or password is wrong."),
            Self::IdentityWrong => f.write_str("The identity token is not accepted."),
            Self::ScopeWrong => {
                f.write_str("The project of the scope does not exist or is not granted to the user.")
            }
            Self::Denied(refusal) => refusal.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(fault: &IamFault) -> serde_json::Value {
        serde_json::to_value(fault.body()).unwrap()
    }

    #[test]
    fn the_code_is_the_status_as_a_number() {
        let malformed = IamFault::Malformed {
            field: "auth.scope.project",
            rule: "have a name or an id",
        };
        assert_eq!(
            body(&malformed),
            serde_json::json!({"error": {
                "code": 400,
                "message": "Invalid request body: auth.scope.project must have a name or an id.",
                "title": "Bad Request",
            }})
        );
    }

    #[test]
    fn a_refused_credential_is_reported_in_the_format_of_iam() {
        assert_eq!(
            body(&IamFault::Denied(Refusal::TokenWrong)),
            serde_json::json!({"error": {
                "code": 401,
                "message": "Incorrect IAM authentication information: decrypt token fail",
                "title": "Unauthorized",
            }})
        );
    }
}
