//! What to do about an error.

use crate::hss::error::{Error, Trouble};

/// A sentence, or nothing where the error says it all.
pub(super) fn about(error: &Error) -> &'static str {
    match error {
        Error::Redirected { .. } | Error::NotTheApi { .. } | Error::Unreadable { .. } => {
            "is the endpoint right, or does a proxy answer instead?"
        }
        Error::Project { .. } => "--project-id",
        Error::NoCredential { .. } => "",
        _ if error.blames_the_clock() => "set this machine's clock, best by NTP",
        _ => match error.trouble() {
            Trouble::Offline => "is the network up, and does it need a proxy (HTTPS_PROXY)?",
            Trouble::Throttled => "wait a minute; another program shares the limit of this user or address",
            Trouble::SignIn => {
                "is the token of this project, and not ended? Is the IAM user's password right?"
            }
            Trouble::KeyRefused => {
                "is the secret key the one of this access key, and is it active? More than five refusals in a row lock \
                 it for five minutes"
            }
            Trouble::Denied => "the credential needs a role that may read HSS in this project",
            Trouble::Passing => "try again in a moment",
            Trouble::Lasting => "",
        },
    }
}
