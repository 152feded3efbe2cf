//! The file of KooCLI (`hcloud`), the cloud's own command line: `~/.hcloud/config.json`.
//!
//! JSON with `current`, the name of a profile, and `profiles`, each with `name`, `mode` and what the mode
//! needs. Terraform reads the same file, and its fields are taken from there and from what KooCLI prints
//! (`hcloud configure list`); nobody documents the file. KooCLI encrypts the secrets in it unless it is told
//! otherwise, in its own way, which is not read here.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;

use super::KeyPair;
use crate::hss::json;

/// What stores the secrets of the file in plain text.
const REMEDY: &str = "hcloud configure set --cli-auth-encrypt=false";

/// The result of reading a profile of the file.
#[derive(Debug, Clone)]
pub struct KooCliProfile {
    /// Its key pair.
    pub keys: KeyPair,
    /// When the pair expires, if the file says so.
    pub expires_at: Option<Timestamp>,
    /// Its region.
    pub region: Option<String>,
    /// Its project, which is one of the region.
    pub project: Option<String>,
}

/// Why a file gives no key pair, as a sentence that repeats nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KooCliFault {
    /// It is not KooCLI's JSON.
    NotJson,
    /// Its secrets are encrypted.
    Encrypted,
    /// It has no profile of the wanted name.
    NoProfile,
    /// It names no profile as the current one.
    NoCurrent,
    /// The profile has this mode, which gives no key pair.
    Mode(KooCliMode),
    /// The profile lacks the key pair of its mode.
    NoKeys,
}

/// A mode of a profile that is not read from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KooCliMode {
    /// The agency of a cloud server: what the metadata service gives.
    Server,
    /// An agency that another profile assumes.
    Agency,
    /// Any other, such as a token or a password.
    Other,
}

impl fmt::Display for KooCliFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("it is not the JSON of KooCLI"),
            Self::Encrypted => write!(
                f,
                "KooCLI encrypted its secrets: '{REMEDY}' stores them in plain text, or set HUAWEICLOUD_SDK_AK and \
                 HUAWEICLOUD_SDK_SK"
            ),
            Self::NoProfile => f.write_str("it lacks the profile that HW_PROFILE names"),
            Self::NoCurrent => f.write_str("it names no current profile; choose one with HW_PROFILE"),
            Self::Mode(KooCliMode::Server) => f.write_str(
                "its profile uses the agency of the cloud server (ecsAgency): unset HW_PROFILE and HW_SHARED_CONFIG_FILE, \
                 and the metadata service is used",
            ),
            Self::Mode(KooCliMode::Agency) => {
                f.write_str("its profile assumes an agency, which is not supported: use a credential_process")
            }
            Self::Mode(KooCliMode::Other) => {
                f.write_str("the mode of its profile is not supported: only AKSK and SSO are")
            }
            Self::NoKeys => f.write_str("its profile has no access key and secret key"),
        }
    }
}

impl std::error::Error for KooCliFault {}

/// Reads the profile with this name, or the current one.
pub fn read(text: &str, profile: Option<&str>) -> Result<KooCliProfile, KooCliFault> {
    let file = json::value(text.as_bytes()).ok_or(KooCliFault::NotJson)?;
    let profiles = file.get("profiles").and_then(Value::as_array);
    let profiles = profiles.ok_or(KooCliFault::NotJson)?;
    let current = || text_of(&file, "current").ok_or(KooCliFault::NoCurrent);
    let name = profile.map_or_else(current, |profile| Ok(profile.to_owned()))?;
    let lost = profile.map_or(KooCliFault::NoCurrent, |_| KooCliFault::NoProfile);
    let profile = profiles
        .iter()
        .find(|profile| text_of(profile, "name").as_deref() == Some(&name))
        .ok_or(lost)?;
    let keys_in = match text_of(profile, "mode").as_deref() {
        _ if text_of(profile, "agencyName").is_some() => return Err(KooCliFault::Mode(KooCliMode::Agency)),
        None | Some("AKSK") => profile,
        Some("SSO") => profile.pointer("/ssoAuth/stsToken").unwrap_or(&Value::Null),
        Some("ecsAgency") => return Err(KooCliFault::Mode(KooCliMode::Server)),
        Some("AssumeRole") => return Err(KooCliFault::Mode(KooCliMode::Agency)),
        Some(_) => return Err(KooCliFault::Mode(KooCliMode::Other)),
    };
    let secret = |name: &str| text_of(keys_in, name);
    let (Some(access), Some(secret_key)) = (secret("accessKeyId"), secret("secretAccessKey")) else {
        return Err(KooCliFault::NoKeys);
    };
    if is_encrypted(&file) {
        return Err(KooCliFault::Encrypted);
    }
    let expiry = ["expiration", "expiresAt", "expires_at"];
    let expiry = expiry.iter().find_map(|name| secret(name));
    Ok(KooCliProfile {
        keys: KeyPair {
            access,
            secret: secret_key.into(),
            security_token: secret("securityToken").map(Into::into),
        },
        expires_at: expiry.and_then(|at| at.parse().ok()),
        region: text_of(profile, "region"),
        project: text_of(profile, "projectId"),
    })
}

/// Whether the secrets are encrypted. KooCLI writes the switch as a text.
fn is_encrypted(file: &Value) -> bool {
    match file.get("authEncrypt") {
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Bool(is)) => *is,
        _ => false,
    }
}

fn text_of(object: &Value, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    /// As KooCLI 7.2 prints its configuration, with secrets.
    fn file() -> Value {
        json!({
            "authEncrypt": "false", "language": "en", "offline": "true", "current": "default",
            "profiles": [
                {"name": "default", "mode": "AKSK", "accessKeyId": "AK1", "secretAccessKey": "canary",
                 "securityToken": "", "region": "la-north-2", "projectId": "", "domainId": "",
                 "skipSecureVerify": "false", "readTimeout": 10, "connectTimeout": 5, "retryCount": 0},
                {"name": "temporary", "mode": "AKSK", "accessKeyId": "AK2", "secretAccessKey": "canary",
                 "securityToken": "canary-sts", "region": "cn-north-4", "projectId": "p-1"},
                {"name": "sso", "mode": "SSO", "region": "cn-north-4", "ssoAuth": {"stsToken": {
                    "accessKeyId": "AK3", "secretAccessKey": "canary", "securityToken": "canary-sts",
                    "expiration": "2026-01-01T00:00:00Z"}}},
                {"name": "server", "mode": "ecsAgency"},
                {"name": "role", "mode": "AssumeRole", "accessKeyId": "AK4", "secretAccessKey": "canary"},
                {"name": "agency", "mode": "AKSK", "agencyName": "a", "accessKeyId": "AK5", "secretAccessKey": "canary"},
                {"name": "token", "mode": "token", "xAuthToken": "canary"},
                {"name": "half", "mode": "AKSK", "accessKeyId": "canary", "secretAccessKey": ""},
            ],
        })
    }

    #[test]
    fn the_current_profile_is_read_and_another_by_its_name() {
        let text = file().to_string();
        let read = |name: Option<&str>| super::read(&text, name).unwrap();
        let current = read(None);
        assert_eq!(
            (
                current.keys.access.as_str(),
                current.region.as_deref(),
                current.project.as_deref()
            ),
            ("AK1", Some("la-north-2"), None)
        );
        assert!(current.keys.security_token.is_none(), "an empty text is no token");
        let temporary = read(Some("temporary"));
        assert_eq!(
            temporary.keys.security_token.unwrap().expose_secret(),
            "canary-sts"
        );
        assert_eq!(temporary.project.as_deref(), Some("p-1"));
        let sso = read(Some("sso"));
        assert_eq!(
            (sso.keys.access.as_str(), sso.expires_at.is_some()),
            ("AK3", true)
        );
        assert!(super::read(&format!("\u{feff}{text}"), None).is_ok());
    }

    #[test]
    fn what_cannot_be_used_is_one_sentence_without_the_file() {
        let encrypted = |value: Value| {
            let mut file = file();
            file["authEncrypt"] = value;
            file.to_string()
        };
        let without = |name: &str| {
            let mut file = file();
            file.as_object_mut().unwrap().remove(name);
            file.to_string()
        };
        let whole = file().to_string();
        for (text, name, says) in [
            (encrypted(json!("true")), None, "--cli-auth-encrypt=false"),
            (encrypted(json!(true)), Some("sso"), "--cli-auth-encrypt=false"),
            (
                whole.clone(),
                Some("canary"),
                "lacks the profile that HW_PROFILE names",
            ),
            (without("current"), None, "no current profile"),
            (without("profiles"), None, "not the JSON of KooCLI"),
            (whole.clone(), Some("server"), "metadata service"),
            (whole.clone(), Some("role"), "assumes an agency"),
            (whole.clone(), Some("agency"), "assumes an agency"),
            (whole.clone(), Some("token"), "only AKSK and SSO"),
            (whole, Some("half"), "no access key and secret key"),
            ("canary".to_owned(), None, "not the JSON of KooCLI"),
            ("[]".to_owned(), None, "not the JSON of KooCLI"),
        ] {
            let sentence = super::read(&text, name).unwrap_err().to_string();
            assert!(
                sentence.contains(says) && !sentence.contains("canary"),
                "{sentence}"
            );
        }
        assert!(super::read(&encrypted(json!("false")), None).is_ok());
        assert!(super::read(&without("authEncrypt"), None).is_ok());
    }
}
