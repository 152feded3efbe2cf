//! A temporary key pair as the cloud's services answer with it.
//!
//! IAM, STS, the metadata service and the service of pod identity have three spellings for the same four
//! values. The official SDK reads any of them from each, and so does this module.

use jiff::Timestamp;
use serde_json::Value;

use super::KeyPair;
use crate::hss::json;

/// A temporary key pair and its end.
#[derive(Debug, Clone)]
pub struct TemporaryKeys {
    /// The pair, with its security token.
    pub keys: KeyPair,
    /// When it expires, if the answer says so in a readable form.
    pub expires_at: Option<Timestamp>,
}

/// The objects that the values may be in; without any of them they are in the answer itself.
const OBJECTS: [&str; 2] = ["credential", "credentials"];
const ACCESS: [&str; 3] = ["access", "accessKeyId", "access_key_id"];
const SECRET: [&str; 3] = ["secret", "secretAccessKey", "secret_access_key"];
const TOKEN: [&str; 3] = ["securitytoken", "securityToken", "security_token"];
const EXPIRY: [&str; 2] = ["expires_at", "expiration"];

impl TemporaryKeys {
    /// Reads a body; `None` if one of its parts is missing or empty.
    pub fn read(body: &[u8]) -> Option<Self> {
        let body = json::value(body)?;
        let inner = OBJECTS.iter().find_map(|name| body.get(name));
        let object = inner.unwrap_or(&body);
        let text = |names: &[&str]| {
            let texts = names.iter().filter_map(|name| object.get(name)?.as_str());
            texts
                .map(str::trim)
                .find(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let keys = KeyPair {
            access: text(&ACCESS)?,
            secret: text(&SECRET)?.into(),
            security_token: Some(text(&TOKEN)?.into()),
        };
        let expiry = EXPIRY
            .iter()
            .find_map(|name| object.get(name).and_then(Value::as_str));
        Some(Self {
            keys,
            expires_at: expiry.and_then(|at| at.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_services_is_read() {
        for body in [
            r#"{"credential":{"access":"AK","secret":"canary","securitytoken":"t","expires_at":"2026-01-01T00:00:00.000000Z","odd":"\ud83d"}}"#,
            r#"{"credentials":{"access_key_id":"AK","secret_access_key":"canary","security_token":"t","expiration":"2026-01-01T00:00:00Z"}}"#,
            r#"{"accessKeyId":"AK","secretAccessKey":"canary","securityToken":"t","expiration":"2026-01-01T00:00:00Z"}"#,
        ] {
            let read = TemporaryKeys::read(body.as_bytes()).unwrap();
            assert_eq!(
                (read.keys.access.as_str(), read.expires_at),
                ("AK", Some("2026-01-01T00:00:00Z".parse().unwrap())),
                "{body}"
            );
            assert!(TemporaryKeys::read(format!("\u{feff}{body}").as_bytes()).is_some());
            assert!(!format!("{read:?}").contains("canary"));
        }
    }

    #[test]
    fn a_key_pair_needs_all_of_its_parts() {
        let whole = r#"{"credential":{"access":"AK","secret":"canary","securitytoken":"t","expires_at":"2026-01-01T00:00:00Z"}}"#;
        let soon = whole.replace("2026-01", "soon");
        let read = TemporaryKeys::read(soon.as_bytes()).unwrap();
        assert_eq!(read.expires_at, None, "an unreadable expiry is unknown");
        for (part, without) in [("\"AK\"", "\"\""), ("\"canary\"", "\" \""), ("\"t\"", "null")] {
            assert!(
                TemporaryKeys::read(whole.replace(part, without).as_bytes()).is_none(),
                "{part}"
            );
        }
        for body in ["{}", "{\"credential\":{}}", "{\"credential\":[]}", "no agency"] {
            assert!(TemporaryKeys::read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
