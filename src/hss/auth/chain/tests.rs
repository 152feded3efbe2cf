use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;

/// A folder for private files.
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
    // In the order of the chain; each round removes the first.
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
fn an_incomplete_source_is_skipped_and_reported() {
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
