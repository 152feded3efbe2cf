//! Where a credential comes from: the first source that is complete.
//!
//! Owns the order and the names. A token comes before a key pair; the names of the official SDK before those of
//! its samples, and these before Terraform's. Must not: show what it found, only where.

use super::{Credential, KeyPair, Token};

/// A credential and the name of its source.
#[derive(Debug, Clone)]
pub struct Found {
    /// The credential.
    pub credential: Credential,
    /// Where it comes from, in words that name no secret.
    pub source: String,
}

/// Variables of key pairs: access key, secret key, security token.
const KEY_VARIABLES: [[&str; 3]; 3] = [
    [
        "HUAWEICLOUD_SDK_AK",
        "HUAWEICLOUD_SDK_SK",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    ],
    ["CLOUD_SDK_AK", "CLOUD_SDK_SK", ""],
    ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"],
];

/// Looks through the sources in their order. `file` reads a secret file, or says why it cannot.
///
/// # Errors
/// A sentence about a source that is set but cannot be used: it is not passed over, since the operator meant it.
pub fn find(
    variables: &dyn Fn(&str) -> Option<String>,
    file: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Option<Found>, String> {
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    if let Some(text) = set("HSS_TOP_TOKEN") {
        let token = Token::new(&text).map_err(|error| format!("HSS_TOP_TOKEN: {error}"))?;
        return Ok(Some(Found {
            credential: Credential::Token(token),
            source: "HSS_TOP_TOKEN".to_owned(),
        }));
    }
    if let Some(path) = set("HSS_TOP_TOKEN_FILE") {
        let source = format!("HSS_TOP_TOKEN_FILE {path}");
        let text = file(&path).map_err(|error| format!("{source}: {error}"))?;
        let token = Token::new(&text).map_err(|error| format!("{source}: {error}"))?;
        return Ok(Some(Found {
            credential: Credential::Token(token),
            source,
        }));
    }
    Ok(KEY_VARIABLES.into_iter().find_map(|[access, secret, token]| {
        let keys = KeyPair {
            access: set(access)?.trim().to_owned(),
            secret: set(secret)?.trim().into(),
            security_token: set(token).map(|token| token.trim().into()),
        };
        let source = format!("{access} {}", keys.masked());
        Some(Found {
            credential: Credential::Keys(keys),
            source,
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(set: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variables = |name: &str| {
            set.iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let file = |path: &str| {
            if path == "/t" {
                Ok("token\n".to_owned())
            } else {
                Err("no such file".into())
            }
        };
        find(&variables, &file).map(|found| found.map(|found| found.source))
    }

    #[test]
    fn the_first_complete_source_wins() {
        let sdk = [
            ("HUAWEICLOUD_SDK_AK", "AK1234567"),
            ("HUAWEICLOUD_SDK_SK", "canary"),
        ];
        let sample = [("CLOUD_SDK_AK", "BK1234567"), ("CLOUD_SDK_SK", "canary")];
        let terraform = [("HW_ACCESS_KEY", "CK1234567"), ("HW_SECRET_KEY", "canary")];
        let all = [&sdk[..], &sample, &terraform].concat();
        let found = |set: &[(&str, &str)]| source(set).unwrap().unwrap();
        assert_eq!(found(&all), "HUAWEICLOUD_SDK_AK AK12…");
        assert_eq!(
            found(&all[1..]),
            "CLOUD_SDK_AK BK12…",
            "a secret key alone is not complete"
        );
        assert_eq!(found(&terraform), "HW_ACCESS_KEY CK12…");
        assert_eq!(
            found(&[&all[..], &[("HSS_TOP_TOKEN_FILE", "/t")]].concat()),
            "HSS_TOP_TOKEN_FILE /t"
        );
        assert_eq!(
            found(&[&all[..], &[("HSS_TOP_TOKEN", "t")]].concat()),
            "HSS_TOP_TOKEN"
        );
        assert_eq!(source(&[]).unwrap(), None);
        assert_eq!(
            source(&[("CLOUD_SDK_AK", "x"), ("CLOUD_SDK_SK", " ")]).unwrap(),
            None
        );
    }

    #[test]
    fn a_source_that_is_set_but_bad_is_named_and_not_passed_over() {
        let keys = [("CLOUD_SDK_AK", "x"), ("CLOUD_SDK_SK", "y")];
        let error = source(&[&keys[..], &[("HSS_TOP_TOKEN", "canary canary")]].concat()).unwrap_err();
        assert!(
            error.starts_with("HSS_TOP_TOKEN: ") && !error.contains("canary"),
            "{error}"
        );
        let error = source(&[&keys[..], &[("HSS_TOP_TOKEN_FILE", "/none")]].concat()).unwrap_err();
        assert_eq!(error, "HSS_TOP_TOKEN_FILE /none: no such file");
    }
}
