use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

/// A folder for private files.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in [".huaweicloud", ".hcloud"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
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
    let hcloud = |name: &str| {
        format!(
            r#"{{"current":"{name}","profiles":[{{"name":"a","accessKeyId":"FK","secretAccessKey":"canary"}}]}}"#
        )
    };
    home.write(".hcloud/config.json", &hcloud("a"));
    let named = home.write("hcloud.json", &hcloud("none"));
    home.write(".huaweicloud/credentials", "[basic]\nak=EK1234567\nsk=canary\n");
    let home_path = home.0.path().display().to_string();
    let profile = || Some(ResolvedSource::from(Credential::Token(Token::new("t").unwrap())));
    // In the order of the chain; each round removes the first.
    let mut all = vec![
        (vec![("HSS_TOP_TOKEN", "t")], "HSS_TOP_TOKEN".to_owned()),
        (
            vec![("HSS_TOP_TOKEN_FILE", token_file.as_str())],
            format!("HSS_TOP_TOKEN_FILE {token_file}"),
        ),
        (
            vec![
                ("HUAWEICLOUD_OIDC_PROVIDER_URN", "canary-purn"),
                ("HUAWEICLOUD_OIDC_AGENCY_URN", "canary-aurn"),
                ("HUAWEICLOUD_OIDC_TOKEN_FILE", token_file.as_str()),
            ],
            format!("HUAWEICLOUD_OIDC_AGENCY_URN with token file {token_file}"),
        ),
        (
            vec![
                ("HUAWEICLOUD_SDK_IDP_ID", "canary-idp"),
                ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token_file.as_str()),
            ],
            format!("HUAWEICLOUD_SDK_IDP_ID with token file {token_file}"),
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
    // What comes from files and from the machine; each round removes the first.
    let of_cluster = [
        (
            "HC_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.1.2:81/canary",
        ),
        ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file.as_str()),
    ];
    let all = |more: &[(&'static str, &'static str)]| {
        let set = [&at_home[..], &of_cluster, more].concat();
        source(&set, None).unwrap().unwrap()
    };
    let meant = [("HW_PROFILE", "a")];
    assert_eq!(all(&meant), format!("{home_path}/.huaweicloud/credentials"));
    fs::remove_file(home.0.path().join(".huaweicloud/credentials")).unwrap();
    assert_eq!(all(&meant), format!("KooCLI's {home_path}/.hcloud/config.json"));
    let lost = source(&[("HW_SHARED_CONFIG_FILE", &named)], None).unwrap_err();
    assert!(lost.contains("no current profile"), "{lost}");
    let pod = format!("HC_CONTAINER_CREDENTIALS_FULL_URI 169.254.1.2:81 with token file {token_file}");
    assert_eq!(all(&[]), pod);
    assert_eq!(
        source(&at_home, None).unwrap().unwrap(),
        format!("KooCLI's {home_path}/.hcloud/config.json")
    );
    assert_eq!(source(&[], None).unwrap(), None);
}

#[test]
fn an_incomplete_source_is_skipped_and_reported() {
    let half = [
        ("CLOUD_SDK_AK", "x"),
        ("CLOUD_SDK_SK", " "),
        ("HSS_TOP_IAM_USER", "ops"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "canary"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "canary"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/canary"),
        ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/canary"),
    ];
    assert_eq!(source(&half, None).unwrap(), None);
    let variables = |name: &str| {
        let set = half.iter().find(|(it, _)| *it == name);
        set.map(|(_, value)| (*value).to_owned())
    };
    assert_eq!(
        incomplete(&variables),
        [
            "HUAWEICLOUD_OIDC_AGENCY_URN and HUAWEICLOUD_OIDC_TOKEN_FILE are set, but HUAWEICLOUD_OIDC_PROVIDER_URN is not",
            "HUAWEICLOUD_SDK_ID_TOKEN_FILE is set, but HUAWEICLOUD_SDK_IDP_ID is not",
            "HC_CONTAINER_CREDENTIALS_FULL_URI is set, but HC_CONTAINER_AUTHORIZATION_TOKEN_FILE is not",
            "CLOUD_SDK_AK is set, but CLOUD_SDK_SK is not",
            "HSS_TOP_IAM_USER is set, but HSS_TOP_IAM_PASSWORD and HSS_TOP_IAM_DOMAIN are not",
        ]
    );
}

#[test]
fn a_password_file_counts_as_a_password() {
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
fn a_secret_pasted_in_place_of_a_path_is_not_repeated() {
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
fn a_bad_source_is_named_and_not_skipped() {
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
fn a_server_without_a_metadata_service_yields_no_source() {
    // Nothing listens on the discard port of this machine.
    assert_eq!(
        source(&[(METADATA_VARIABLE, "http://127.0.0.1:9")], None).unwrap(),
        None
    );
}

/// The variables of an agency, with one more or another value.
fn agency<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "canary-purn"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "canary-aurn"),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", "canary-token"),
    ];
    let is_other = |name: &str| !more.iter().any(|(it, _)| *it == name);
    let base = base.into_iter().filter(|(name, _)| is_other(name));
    base.chain(more.iter().copied()).collect()
}

#[test]
fn an_agency_has_the_sdks_defaults_and_what_is_set() {
    let read = |more: &[(&str, &str)]| {
        let set = agency(more);
        let variables = |name: &str| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        match find(&variables, None).unwrap().unwrap().source {
            CredentialSource::Agency { session, .. } => *session,
            other => panic!("{other:?}"),
        }
    };
    let plain = read(&[("HUAWEICLOUD_OIDC_DURATION_SECONDS", "0")]);
    assert_eq!(
        (
            plain.name.as_str(),
            plain.duration,
            plain.policy,
            plain.policy_ids
        ),
        ("oidc-sts-session", 3600, None, Vec::new())
    );
    let narrowed = read(&[
        ("HUAWEICLOUD_OIDC_SESSION_NAME", "top"),
        ("HUAWEICLOUD_OIDC_DURATION_SECONDS", " 1800 "),
        ("HUAWEICLOUD_OIDC_POLICY", "{}"),
        ("HUAWEICLOUD_OIDC_POLICY_IDS", " a ,, b,"),
    ]);
    assert_eq!(
        (
            narrowed.name.as_str(),
            narrowed.duration,
            narrowed.policy.as_deref()
        ),
        ("top", 1800, Some("{}"))
    );
    assert_eq!(narrowed.policy_ids, ["a", "b"]);
}

#[test]
fn a_bad_identity_is_named_without_its_ids() {
    let home = Home::new();
    let empty = home.write("empty", " \n");
    let loose = home.write("loose", "canary");
    fs::set_permissions(&loose, Permissions::from_mode(0o666)).unwrap();
    let pod = |uri: &'static str| {
        vec![
            ("HC_CONTAINER_CREDENTIALS_FULL_URI", uri),
            ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none"),
        ]
    };
    let provider = |file: &'static str| {
        vec![
            ("HUAWEICLOUD_SDK_IDP_ID", "canary-idp"),
            ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", file),
        ]
    };
    for (set, says) in [
        (
            agency(&[("HUAWEICLOUD_OIDC_ID_TOKEN", "can ary")]),
            "it holds no token",
        ),
        (
            agency(&[
                ("HUAWEICLOUD_OIDC_ID_TOKEN", " "),
                ("HUAWEICLOUD_OIDC_TOKEN_FILE", &empty),
            ]),
            "it is empty",
        ),
        (
            agency(&[
                ("HUAWEICLOUD_OIDC_ID_TOKEN", ""),
                ("HUAWEICLOUD_OIDC_TOKEN_FILE", &loose),
            ]),
            "others can write it (mode 0666)",
        ),
        (
            agency(&[("HUAWEICLOUD_OIDC_DURATION_SECONDS", "1h")]),
            "HUAWEICLOUD_OIDC_DURATION_SECONDS must be a whole number of seconds",
        ),
        (
            provider("/none"),
            "HUAWEICLOUD_SDK_IDP_ID with token file /none: No such file",
        ),
        (provider("/dev"), "not a regular file"),
        (provider("MIIGcanary0123456789"), "MIIG… (20 characters)"),
        (
            pod("http://10.0.0.1/canary"),
            "HC_CONTAINER_CREDENTIALS_FULL_URI cannot be used: http://",
        ),
        (
            pod("http://169.254.1.2/canary"),
            "169.254.1.2 with token file /none: No such file",
        ),
    ] {
        let error = source(&set, None).unwrap_err();
        assert!(error.contains(says) && !error.contains("canary"), "{error}");
    }
}

#[test]
fn what_else_is_set_is_told_in_the_order_of_the_chain() {
    let home = Home::new();
    home.write(".hcloud/config.json", "{}");
    let path = home.0.path().display().to_string();
    let keys = [
        ("HOME", path.as_str()),
        ("HUAWEICLOUD_SDK_AK", "AK1234567"),
        ("HUAWEICLOUD_SDK_SK", "canary"),
        ("CLOUD_SDK_AK", "BK1234567"),
        ("HW_ACCESS_KEY", "CK1234567"),
        ("HW_SECRET_KEY", "canary"),
    ];
    let set = [&agency(&[])[..], &keys].concat();
    let variables = |name: &str| {
        let found = set.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let found = find(&variables, None).unwrap().unwrap();
    assert_eq!(
        found.name,
        "HUAWEICLOUD_OIDC_AGENCY_URN with HUAWEICLOUD_OIDC_ID_TOKEN"
    );
    assert_eq!(
        others(&variables, &found),
        ["HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY", "KooCLI's file"]
    );
}
