//! The chain in words: its sources, those that are only partly set, and the other complete ones.
//!
//! Looks at variables, and at whether files are there. Must not: show a value.

use std::path::PathBuf;

use super::super::source::{CredentialSource, ResolvedSource};
use super::{KEY_VARIABLES, KEYS_FILE_VARIABLE, PASSWORD, default_keys_file, identity, koocli_file};
use crate::env::Variables;

/// The sources in the order of the chain, each with what sets it, for the manual.
pub const SIGN_INS: [(&str, &str); 11] = [
    (
        "a token",
        "`HSS_TOP_TOKEN`, or `HSS_TOP_TOKEN_FILE`, which is read again when it changes",
    ),
    (
        "OIDC: an agency",
        "`HUAWEICLOUD_OIDC_PROVIDER_URN`, `HUAWEICLOUD_OIDC_AGENCY_URN` and `HUAWEICLOUD_OIDC_TOKEN_FILE` or \
         `HUAWEICLOUD_OIDC_ID_TOKEN`; also `HUAWEICLOUD_OIDC_SESSION_NAME`, `_DURATION_SECONDS`, `_POLICY` and `_POLICY_IDS`",
    ),
    (
        "an identity provider",
        "`HUAWEICLOUD_SDK_IDP_ID` and `HUAWEICLOUD_SDK_ID_TOKEN_FILE`",
    ),
    (
        "a key pair",
        "`HUAWEICLOUD_SDK_AK`/`_SK`, `CLOUD_SDK_AK`/`_SK`, or `HW_ACCESS_KEY`/`HW_SECRET_KEY`; for a temporary pair also \
         `HUAWEICLOUD_SDK_SECURITY_TOKEN` or `HW_SECURITY_TOKEN`",
    ),
    (
        "an IAM user",
        "`HSS_TOP_IAM_USER`, `HSS_TOP_IAM_DOMAIN` (the account) and `HSS_TOP_IAM_PASSWORD` or `HSS_TOP_IAM_PASSWORD_FILE`",
    ),
    (
        "the profile",
        "`token_file`, `access_key` and `secret_key`, `credential_process`, or `iam_user`, `iam_domain` and \
         `iam_password_file`",
    ),
    (
        "the SDK's file",
        "`~/.huaweicloud/credentials`, or `HUAWEICLOUD_SDK_CREDENTIALS_FILE`: `idp_id` and `id_token_file`, or `ak` and `sk`; \
         its `project_id` and `iam_endpoint` apply too",
    ),
    (
        "KooCLI's file, if it is named",
        "`HW_SHARED_CONFIG_FILE` (default `~/.hcloud/config.json`) or `HW_PROFILE` (default: its current profile); region and \
         project of the profile apply too",
    ),
    (
        "pod identity",
        "`HC_CONTAINER_CREDENTIALS_FULL_URI` and `HC_CONTAINER_AUTHORIZATION_TOKEN_FILE`, which the cluster sets",
    ),
    (
        "a cloud server",
        "its metadata service; `HSS_TOP_METADATA_ENDPOINT=off` skips it",
    ),
    ("KooCLI's file", "`~/.hcloud/config.json`"),
];

/// One sentence for each source that is only partly set.
pub fn incomplete(variables: Variables<'_>) -> Vec<String> {
    let is_set = |name: &str| variables(name).is_some_and(|value| !value.trim().is_empty());
    // A password file counts as a password, and a token as its file.
    let set = |name: &&str| {
        let other = match *name {
            PASSWORD => "HSS_TOP_IAM_PASSWORD_FILE",
            identity::AGENCY_TOKEN_FILE => identity::AGENCY_TOKEN,
            _ => name,
        };
        is_set(name) || is_set(other)
    };
    let sign_in = ["HSS_TOP_IAM_USER", PASSWORD, "HSS_TOP_IAM_DOMAIN"];
    let pairs = KEY_VARIABLES
        .iter()
        .map(|names| names.get(..2).unwrap_or_default());
    let groups = identity::GROUPS.into_iter().chain(pairs).chain([&sign_in[..]]);
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

/// Which of the other sources are set too, in the order of the chain. They are looked at by their variables
/// and files only, and not read.
pub fn others(variables: Variables<'_>, found: &ResolvedSource) -> Vec<&'static str> {
    let set = |name: &str| variables(name).filter(|value| !value.trim().is_empty());
    let all = |names: &[&str]| names.iter().all(|name| set(name).is_some());
    let any = |names: &[&str]| names.iter().any(|name| set(name).is_some());
    let exists = |path: Option<PathBuf>| path.is_some_and(|path| path.exists());
    let password =
        all(&["HSS_TOP_IAM_USER", "HSS_TOP_IAM_DOMAIN"]) && any(&[PASSWORD, "HSS_TOP_IAM_PASSWORD_FILE"]);
    let agency = all(&identity::AGENCY) && any(&[identity::AGENCY_TOKEN, identity::AGENCY_TOKEN_FILE]);
    let [sdk, samples, terraform] = KEY_VARIABLES.map(|[access, secret, _]| all(&[access, secret]));
    let is_set = [
        ("HSS_TOP_TOKEN", all(&["HSS_TOP_TOKEN"])),
        ("HSS_TOP_TOKEN_FILE", all(&["HSS_TOP_TOKEN_FILE"])),
        (identity::AGENCY[1], agency),
        (identity::PROVIDER[0], all(&identity::PROVIDER)),
        (KEY_VARIABLES[0][0], sdk),
        (KEY_VARIABLES[1][0], samples),
        (KEY_VARIABLES[2][0], terraform),
        ("HSS_TOP_IAM_USER", password),
        (
            "the SDK's file",
            set(KEYS_FILE_VARIABLE).is_some() || exists(default_keys_file(&set)),
        ),
        (
            "KooCLI's file",
            koocli_file::is_named(&set) || exists(koocli_file::default_path(&set)),
        ),
        (identity::POD[0], all(&identity::POD)),
    ];
    let is_used = |name: &str| match &found.source {
        CredentialSource::KeysFile(_) => name == "the SDK's file",
        CredentialSource::KooCli { .. } => name == "KooCLI's file",
        _ => found.name.split(' ').next() == Some(name),
    };
    let others = is_set.into_iter().filter(|(name, is)| *is && !is_used(name));
    others.map(|(name, _)| name).collect()
}
