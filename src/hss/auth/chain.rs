//! Which source the credential comes from: the first that is complete.
//!
//! Owns the order and the names. A token comes before a key pair; the names of the official SDK before those of its
//! samples, and these before Terraform's; then an IAM user's password, the profile, the SDK's own file, and last the
//! metadata service of a cloud server. Must not: show what it found, only where.

use std::fmt;
use std::path::{Path, PathBuf};

use super::keys_file::KeysFileFault;
use super::secret_file::SecretFileFault;
use super::source::{CredentialSource, Password, ResolvedSource};
use super::{Credential, KeyPair, Token, keys_file, metadata, secret_file};
use crate::env::Variables;
use crate::hss::endpoint::{BadEndpoint, Endpoint};
use crate::hss::request::OutOfRange;
use crate::secrets::{self, values};

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
/// Where the SDK's own file is, if not at home.
const KEYS_FILE_VARIABLE: &str = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
/// Another address of the metadata service, or `off`.
const METADATA_VARIABLE: &str = "HSS_TOP_METADATA_ENDPOINT";

/// Variables that hold secrets: programs that we start do not inherit them.
pub const SECRET_VARIABLES: [&str; 11] = [
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
];

/// Those of them that are ids of access keys.
const ACCESS_KEY_VARIABLES: [&str; 3] = ["HUAWEICLOUD_SDK_AK", "CLOUD_SDK_AK", "HW_ACCESS_KEY"];

/// A source that is set but cannot be used, as a sentence that names it: it is not passed over, since the operator meant it.
#[derive(Debug)]
pub struct CredentialFault {
    source: String,
    cause: CredentialCause,
}

/// What is wrong with a source.
#[derive(Debug)]
pub enum CredentialCause {
    /// Its token is none.
    Token(OutOfRange),
    /// Its file cannot be read.
    File(SecretFileFault),
    /// Its file holds no key pair.
    Keys(KeysFileFault),
    /// The file of its password, which is shown as this, cannot be read.
    PasswordFile(String, SecretFileFault),
    /// Its address is none.
    Address(BadEndpoint),
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
        }
    }
}

impl std::error::Error for CredentialFault {}

/// Looks through the sources in their order; `profile` is what the profile names, if it names one.
pub fn find(
    variables: Variables<'_>,
    profile: Option<ResolvedSource>,
) -> Result<Option<ResolvedSource>, CredentialFault> {
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    // Also those that are not used now: a helper program or a later sign-in may bring them up.
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
    server(&set)
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

/// The project that the SDK's own file names, if the credential comes from there.
pub fn project_of(found: &ResolvedSource) -> Option<String> {
    match &found.source {
        CredentialSource::KeysFile(path) => keys_file::project(&secret_file::read(path).ok()?),
        _ => None,
    }
}

/// Where IAM answers, if the SDK's own file says so and the credential comes from there.
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

/// Reads what a source's file holds, so that a wrong one is told at the start. What it holds is not kept.
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

/// A path as it may be told; a secret that was pasted in its place is none.
fn path_shown(path: &Path) -> String {
    values::path(&path.display().to_string())
}

/// What is set of a source that is not complete, in a sentence each.
pub fn incomplete(variables: Variables<'_>) -> Vec<String> {
    let is_set = |name: &str| variables(name).is_some_and(|value| !value.trim().is_empty());
    // The password may be in a file as well.
    let set = |name: &&str| is_set(name) || *name == PASSWORD && is_set("HSS_TOP_IAM_PASSWORD_FILE");
    let sign_in = ["HSS_TOP_IAM_USER", PASSWORD, "HSS_TOP_IAM_DOMAIN"];
    let groups = KEY_VARIABLES
        .iter()
        .map(|names| names.get(..2).unwrap_or_default())
        .chain([&sign_in[..]]);
    let sentence = |names: &[&str]| {
        let (there, absent): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| set(name));
        (!there.is_empty() && !absent.is_empty()).then(|| {
            let verb = |names: &[&str]| if names.len() == 1 { "is" } else { "are" };
            format!(
                "{} {} set, but {} {} not",
                there.join(" and "),
                verb(&there),
                absent.join(" and "),
                verb(&absent)
            )
        })
    };
    groups.filter_map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use tempfile::TempDir;

    /// Private files in a folder of their own.
    struct Home(TempDir);

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join(".huaweicloud")).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &str) -> String {
            let path = self.0.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            path.display().to_string()
        }
    }

    fn source(set: &[(&str, &str)], profile: Option<ResolvedSource>) -> Result<Option<String>, String> {
        let variables = |name: &str| {
            let set = set.iter().find(|(it, _)| *it == name);
            set.map(|(_, value)| (*value).to_owned())
                .or_else(|| (name == METADATA_VARIABLE).then(|| "off".to_owned()))
        };
        let found = find(&variables, profile).map_err(|fault| fault.to_string())?;
        Ok(found.map(|found| found.name))
    }

    #[test]
    fn the_first_complete_source_wins() {
        let home = Home::new();
        let token_file = home.write("token", "token\n");
        home.write(".huaweicloud/credentials", "[basic]\nak=EK1234567\nsk=canary\n");
        let home_path = home.0.path().display().to_string();
        let profile = || Some(ResolvedSource::from(Credential::Token(Token::new("t").unwrap())));
        // In the order of the chain; each is dropped in its turn.
        let mut all = vec![
            (vec![("HSS_TOP_TOKEN", "t")], "HSS_TOP_TOKEN".to_owned()),
            (
                vec![("HSS_TOP_TOKEN_FILE", token_file.as_str())],
                format!("HSS_TOP_TOKEN_FILE {token_file}"),
            ),
            (
                vec![
                    ("HUAWEICLOUD_SDK_AK", "AK1234567"),
                    ("HUAWEICLOUD_SDK_SK", "canary"),
                ],
                "HUAWEICLOUD_SDK_AK AK12…".to_owned(),
            ),
            (
                vec![("CLOUD_SDK_AK", "BK1234567"), ("CLOUD_SDK_SK", "canary")],
                "CLOUD_SDK_AK BK12…".to_owned(),
            ),
            (
                vec![("HW_ACCESS_KEY", "CK1234567"), ("HW_SECRET_KEY", "canary")],
                "HW_ACCESS_KEY CK12…".to_owned(),
            ),
            (
                vec![
                    ("HSS_TOP_IAM_USER", "ops"),
                    ("HSS_TOP_IAM_PASSWORD", "canary"),
                    ("HSS_TOP_IAM_DOMAIN", "acme"),
                ],
                "HSS_TOP_IAM_USER ops".to_owned(),
            ),
        ];
        while !all.is_empty() {
            let mut set: Vec<(&str, &str)> = all.iter().flat_map(|(set, _)| set.clone()).collect();
            set.push(("HOME", &home_path));
            assert_eq!(source(&set, profile()).unwrap().unwrap(), all[0].1);
            all.remove(0);
        }
        let at_home = [("HOME", home_path.as_str())];
        assert_eq!(source(&at_home, profile()).unwrap().unwrap(), "given");
        assert_eq!(
            source(&at_home, None).unwrap().unwrap(),
            format!("{home_path}/.huaweicloud/credentials")
        );
        assert_eq!(source(&[], None).unwrap(), None);
    }

    #[test]
    fn an_incomplete_source_is_passed_over_and_told() {
        let half = [
            ("CLOUD_SDK_AK", "x"),
            ("CLOUD_SDK_SK", " "),
            ("HSS_TOP_IAM_USER", "ops"),
        ];
        assert_eq!(source(&half, None).unwrap(), None);
        let variables = |name: &str| {
            let set = half.iter().find(|(it, _)| *it == name);
            set.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(
            incomplete(&variables),
            [
                "CLOUD_SDK_AK is set, but CLOUD_SDK_SK is not",
                "HSS_TOP_IAM_USER is set, but HSS_TOP_IAM_PASSWORD and HSS_TOP_IAM_DOMAIN are not",
            ]
        );
    }

    #[test]
    fn a_password_in_a_file_is_one_too() {
        let of = |set: &'static [&str]| move |name: &str| set.contains(&name).then(|| "x".to_owned());
        let whole = of(&[
            "HSS_TOP_IAM_USER",
            "HSS_TOP_IAM_PASSWORD_FILE",
            "HSS_TOP_IAM_DOMAIN",
        ]);
        assert_eq!(incomplete(&whole), Vec::<String>::new());
        let half = of(&["HSS_TOP_IAM_PASSWORD_FILE", "HSS_TOP_IAM_DOMAIN"]);
        assert_eq!(
            incomplete(&half),
            ["HSS_TOP_IAM_PASSWORD and HSS_TOP_IAM_DOMAIN are set, but HSS_TOP_IAM_USER is not"]
        );
    }

    #[test]
    fn what_was_pasted_in_the_place_of_a_path_is_not_repeated() {
        let token = "MIIGcanary0123456789";
        for (name, more) in [
            ("HSS_TOP_TOKEN_FILE", None),
            (KEYS_FILE_VARIABLE, None),
            (
                "HSS_TOP_IAM_PASSWORD_FILE",
                Some([("HSS_TOP_IAM_USER", "ops"), ("HSS_TOP_IAM_DOMAIN", "acme")]),
            ),
        ] {
            let mut set = vec![(name, token)];
            set.extend(more.into_iter().flatten());
            let error = source(&set, None).unwrap_err();
            assert!(
                error.contains("MIIG… (20 characters)") && !error.contains("canary"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_source_that_is_set_but_bad_is_named_and_not_passed_over() {
        let home = Home::new();
        let open = home.write("open", "canary");
        fs::set_permissions(&open, Permissions::from_mode(0o644)).unwrap();
        let odd = home.write("odd", "canary = canary");
        let keys = [("CLOUD_SDK_AK", "x"), ("CLOUD_SDK_SK", "y")];
        for (name, value, said) in [
            ("HSS_TOP_TOKEN", "canary canary", "HSS_TOP_TOKEN: X-Auth-Token is"),
            (
                "HSS_TOP_TOKEN_FILE",
                "/none",
                "HSS_TOP_TOKEN_FILE /none: No such file",
            ),
            ("HSS_TOP_TOKEN_FILE", &open, "chmod 600"),
        ] {
            let error = source(&[&keys[..], &[(name, value)]].concat(), None).unwrap_err();
            assert!(error.contains(said) && !error.contains("canary"), "{error}");
        }
        let error = source(&[(KEYS_FILE_VARIABLE, &odd)], None).unwrap_err();
        assert!(error.contains("[basic]") && !error.contains("canary"), "{error}");
        let error = source(&[(KEYS_FILE_VARIABLE, &open)], None).unwrap_err();
        assert!(error.contains("chmod 600"), "{error}");
        let error = source(&[(METADATA_VARIABLE, "ftp://x")], None).unwrap_err();
        assert!(error.contains(METADATA_VARIABLE), "{error}");
    }

    #[test]
    fn a_server_without_a_metadata_service_has_no_source() {
        // Nothing listens on the discard port of this machine.
        assert_eq!(
            source(&[(METADATA_VARIABLE, "http://127.0.0.1:9")], None).unwrap(),
            None
        );
    }
}
