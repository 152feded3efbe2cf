//! Chooses where the credential comes from: the first complete source.
//!
//! Owns the order and the names. A token comes first; then the identity tokens of the official SDK, which it
//! prefers to a key pair; of key pairs, the names of the official SDK come before those of its samples, and
//! these before Terraform's; then an IAM user's password, the profile, the SDK's own file, KooCLI's file if a
//! variable names it, pod identity, the metadata service of a cloud server, and last KooCLI's file where
//! KooCLI puts it. `docs/decisions/17-sign-in-order.md` gives the reasons. Must not: show what it found, only
//! where it found it.

mod identity;
mod koocli_file;
mod told;

use std::fmt;
use std::path::{Path, PathBuf};

use super::identity::IdentityToken;
use super::keys_file::KeysFileFault;
use super::koocli::KooCliFault;
use super::secret_file::SecretFileFault;
use super::source::{CredentialSource, Password, ResolvedSource};
use super::{Credential, KeyPair, Token, keys_file, koocli, metadata, secret_file};
use crate::env::Variables;
use crate::hss::endpoint::{BadEndpoint, Endpoint};
use crate::hss::request::OutOfRange;
use crate::secrets::{self, values};
pub use told::{SIGN_INS, incomplete, others};

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
/// The IAM user's password.
const PASSWORD: &str = "HSS_TOP_IAM_PASSWORD";
/// Where the SDK's own file is, if it is not in the home folder.
const KEYS_FILE_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
/// Overrides the address of the metadata service; `off` disables it.
const METADATA_VARIABLE: &str = "HSS_TOP_METADATA_ENDPOINT";

/// Variables that hold secrets. Programs that we start do not inherit them.
pub const SECRET_VARIABLES: [&str; 12] = [
    "HSS_TOP_TOKEN",
    "HSS_TOP_IAM_PASSWORD",
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_SECURITY_TOKEN",
    "CLOUD_SDK_AK",
    "CLOUD_SDK_SK",
    "HW_ACCESS_KEY",
    "HW_SECRET_KEY",
    "HW_SECURITY_TOKEN",
    "HUAWEICLOUD_SDK_ID_TOKEN",
    "HUAWEICLOUD_OIDC_ID_TOKEN",
];

/// Those of [`SECRET_VARIABLES`] that hold ids of access keys.
const ACCESS_KEY_VARIABLES: [&str; 3] = ["HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK", "HW_ACCESS_KEY"];

/// A source that is set but cannot be used, as a sentence that names it. It is not skipped, since the
/// operator meant it.
#[derive(Debug)]
pub struct CredentialFault {
    source: String,
    cause: CredentialCause,
}

/// What is wrong with a source.
#[derive(Debug)]
pub enum CredentialCause {
    /// Its token is invalid.
    Token(OutOfRange),
    /// Its file cannot be read.
    File(SecretFileFault),
    /// Its file contains no key pair.
    Keys(KeysFileFault),
    /// The file of its password, shown as this path, cannot be read.
    PasswordFile(String, SecretFileFault),
    /// Its address is invalid.
    Address(BadEndpoint),
    /// KooCLI's file gives no key pair.
    KooCli(KooCliFault),
    /// Its duration is not a number of seconds.
    Seconds,
}

impl CredentialCause {
    fn of(self, source: impl Into<String>) -> CredentialFault {
        CredentialFault {
            source: source.into(),
            cause: self,
        }
    }
}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        match &self.cause {
            CredentialCause::Token(error) => write!(f, "{source}: {error}"),
            CredentialCause::File(fault) => write!(f, "{source}: {fault}"),
            CredentialCause::Keys(fault) => write!(f, "{source}: {fault}"),
            CredentialCause::PasswordFile(path, fault) => {
                write!(f, "{source}: password file {path}: {fault}")
            }
            CredentialCause::Address(error) => write!(f, "{source} cannot be used: {error}"),
            CredentialCause::KooCli(fault) => write!(f, "{source}: {fault}"),
            CredentialCause::Seconds => write!(f, "{source} must be a whole number of seconds, such as 3600"),
        }
    }
}

impl std::error::Error for CredentialFault {}

/// Returns the first complete source in the order of the chain; `profile` is the source that the profile
/// names, if any.
pub fn find(
    variables: Variables<'_>,
    profile: Option<ResolvedSource>,
) -> Result<Option<ResolvedSource>, CredentialFault> {
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    // Unused ones too: a helper program or a later sign-in may repeat them.
    for name in SECRET_VARIABLES {
        let protect = if ACCESS_KEY_VARIABLES.contains(&name) {
            secrets::protect_access_key
        } else {
            secrets::protect
        };
        set(name).as_deref().into_iter().for_each(protect);
    }
    if let Some(found) = token(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = identity::agency(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = identity::provider(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = key_pair(&set) {
        return Ok(Some(found));
    }
    if let Some(found) = password(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = profile {
        check(&found)?;
        return Ok(Some(found));
    }
    if let Some(found) = keys_file(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = koocli_file::named(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = identity::pod(&set)? {
        return Ok(Some(found));
    }
    if let Some(found) = server(&set)? {
        return Ok(Some(found));
    }
    koocli_file::at_home(&set)
}

type Set<'a> = &'a dyn Fn(&str) -> Option<String>;

fn token(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    if let Some(text) = set("HSS_TOP_TOKEN") {
        let token = Token::new(&text).map_err(|error| CredentialCause::Token(error).of("HSS_TOP_TOKEN"))?;
        return Ok(Some(ResolvedSource {
            source: CredentialSource::Given(Credential::Token(token)),
            name: "HSS_TOP_TOKEN".to_owned(),
        }));
    }
    let Some(path) = set("HSS_TOP_TOKEN_FILE") else {
        return Ok(None);
    };
    let found = ResolvedSource {
        name: format!("HSS_TOP_TOKEN_FILE {}", values::path(&path)),
        source: CredentialSource::TokenFile(path.into()),
    };
    check(&found)?;
    Ok(Some(found))
}

fn key_pair(set: Set<'_>) -> Option<ResolvedSource> {
    KEY_VARIABLES.into_iter().find_map(|[access, secret, token]| {
        let keys = KeyPair {
            access: set(access)?.trim().to_owned(),
            secret: set(secret)?.trim().into(),
            security_token: set(token).map(|token| token.trim().into()),
        };
        Some(ResolvedSource {
            name: format!("{access} {}", keys.masked()),
            source: CredentialSource::Given(Credential::Keys(keys)),
        })
    })
}

fn password(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let given = set("HSS_TOP_IAM_PASSWORD").map(|password| Password::Given(password.into()));
    let password = given.or_else(|| set("HSS_TOP_IAM_PASSWORD_FILE").map(|path| Password::File(path.into())));
    let (Some(user), Some(domain), Some(password)) =
        (set("HSS_TOP_IAM_USER"), set("HSS_TOP_IAM_DOMAIN"), password)
    else {
        return Ok(None);
    };
    let found = ResolvedSource {
        name: format!("HSS_TOP_IAM_USER {user}"),
        source: CredentialSource::Password {
            user,
            domain,
            password,
        },
    };
    check(&found)?;
    Ok(Some(found))
}

fn keys_file(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let named = set(KEYS_FILE_VARIABLE).map(PathBuf::from);
    let Some(path) = named.clone().or_else(|| default_keys_file(set)) else {
        return Ok(None);
    };
    if named.is_none() && !path.exists() {
        return Ok(None);
    }
    let found = ResolvedSource {
        name: path_shown(&path),
        source: CredentialSource::KeysFile(path),
    };
    check(&found)?;
    Ok(Some(found))
}

/// The SDK's own file.
fn default_keys_file(set: Set<'_>) -> Option<PathBuf> {
    Some(Path::new(&set("HOME")?).join(".huaweicloud/credentials"))
}

/// The project that comes with the credential: that of the SDK's own file, or that of KooCLI's profile if it
/// is one of this region.
pub fn project_of(found: &ResolvedSource, region: Option<&str>) -> Option<String> {
    match &found.source {
        CredentialSource::KeysFile(path) => keys_file::project(&secret_file::read(path).ok()?),
        CredentialSource::KooCli { path, profile } => {
            let profile = koocli::read(&secret_file::read(path).ok()?, profile.as_deref()).ok()?;
            let is_there = profile.region.is_none() || profile.region.as_deref() == region;
            profile.project.filter(|_| is_there)
        }
        _ => None,
    }
}

/// The region of KooCLI's profile, if the credential comes from there.
pub fn region_of(found: &ResolvedSource) -> Option<String> {
    match &found.source {
        CredentialSource::KooCli { path, profile } => {
            let text = secret_file::read(path).ok()?;
            koocli::read(&text, profile.as_deref()).ok()?.region
        }
        _ => None,
    }
}

/// The IAM endpoint in the SDK's own file, if the credential comes from there.
pub fn iam_endpoint_of(found: &ResolvedSource) -> Option<String> {
    match &found.source {
        CredentialSource::KeysFile(path) => keys_file::iam_endpoint(&secret_file::read(path).ok()?),
        _ => None,
    }
}

fn server(set: Set<'_>) -> Result<Option<ResolvedSource>, CredentialFault> {
    let address = set(METADATA_VARIABLE).unwrap_or_else(|| metadata::ADDRESS.to_owned());
    if address == "off" {
        return Ok(None);
    }
    let endpoint = Endpoint::metadata(&address)
        .map_err(|error| CredentialCause::Address(error).of(METADATA_VARIABLE))?;
    Ok(metadata::is_there(&endpoint).then(|| ResolvedSource {
        name: format!("ECS metadata {}", endpoint.place()),
        source: CredentialSource::Metadata(endpoint),
    }))
}

/// Reads the file of a source, so that a bad one is reported at the start. Nothing is stored.
fn check(found: &ResolvedSource) -> Result<(), CredentialFault> {
    let read = |path: &Path| secret_file::read(path).map_err(CredentialCause::File);
    let result = match &found.source {
        CredentialSource::TokenFile(path) => read(path).and_then(|text| {
            let token = Token::new(&text);
            token.map(drop).map_err(CredentialCause::Token)
        }),
        CredentialSource::KeysFile(path) => read(path).and_then(|text| {
            let keys = keys_file::read(&text);
            keys.map(drop).map_err(CredentialCause::Keys)
        }),
        CredentialSource::KooCli { path, profile } => read(path).and_then(|text| {
            let keys = koocli::read(&text, profile.as_deref());
            keys.map(drop).map_err(CredentialCause::KooCli)
        }),
        CredentialSource::Identity { token, .. } | CredentialSource::Agency { token, .. } => {
            token.read().map(drop).map_err(CredentialCause::File)
        }
        CredentialSource::Pod(pod) => IdentityToken::File(pod.token_file.clone())
            .read()
            .map(drop)
            .map_err(CredentialCause::File),
        CredentialSource::Password {
            password: Password::File(path),
            ..
        } => secret_file::read(path)
            .map(drop)
            .map_err(|fault| CredentialCause::PasswordFile(path_shown(path), fault)),
        _ => Ok(()),
    };
    result.map_err(|cause| cause.of(&found.name))
}

/// A path as it may be shown; a secret that was pasted in its place is masked.
fn path_shown(path: &Path) -> String {
    values::path(&path.display().to_string())
}

#[cfg(test)]
mod tests;
