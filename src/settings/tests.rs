use super::*;
use crate::config::Flags;

/// Settings from flags and variables, without files and without a metadata service.
fn resolve(flags: &[&str], set: &[(&str, &str)]) -> Result<Settings, Unready> {
    let variables = |name: &str| {
        let set = set.iter().copied().chain([("HSS_TOP_METADATA_ENDPOINT", "off")]);
        set.into_iter()
            .find(|(it, _)| *it == name)
            .map(|(_, value)| value.to_owned())
    };
    let config = Config::resolve(&Flags::parse_from(flags), &variables)?;
    Settings::of_api(&config, &variables)
}

fn api_of(settings: Settings) -> Api {
    match settings.target {
        Target::Api(api) => *api,
        Target::Demo(_) | Target::Replay(_) => panic!("not the API"),
    }
}

fn sentence(result: Result<Settings, Unready>) -> String {
    match result {
        Err(Unready::Wrong(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

const TOKEN: (&str, &str) = ("HSS_TOP_TOKEN", "t");
const API: [&str; 4] = [
    "--endpoint",
    "https://hss.cn-north-4.myhuaweicloud.com",
    "--project-id",
    "p1",
];

#[test]
fn a_complete_command_line_is_resolved() {
    let flags = [
        &API[..],
        &["--namespace", "pay", "--page-size", "50", "--filter", "x"],
    ]
    .concat();
    let settings = resolve(&flags, &[TOKEN]).unwrap();
    assert_eq!(settings.source.place, "cn-north-4");
    assert_eq!(settings.source.signed_in_by, "HSS_TOP_TOKEN");
    assert_eq!((settings.calls_per_minute, settings.call.limit()), (5, 50));
    assert_eq!(settings.call.scope().namespace.as_deref(), Some("pay"));
    assert_eq!(
        (settings.interval, settings.filter.as_str()),
        (Duration::from_mins(1), "x")
    );
    assert_eq!(
        api_of(settings).setup.project,
        Some(ProjectId::new("p1").unwrap())
    );
}

#[test]
fn a_region_is_enough() {
    let api = api_of(resolve(&["--region", "eu-west-101"], &[TOKEN]).unwrap());
    assert_eq!(
        api.setup.endpoints[0].to_string(),
        "https://hss.eu-west-101.myhuaweicloud.eu"
    );
    assert_eq!(
        api.setup.iam.unwrap().to_string(),
        "https://iam.eu-west-101.myhuaweicloud.eu"
    );
    assert_eq!(
        (api.setup.project, api.located_by.as_str()),
        (None, "region eu-west-101")
    );
    let unknown = sentence(resolve(&["--region", "cn-nroth-4"], &[TOKEN]));
    assert!(
        unknown.contains("the nearest names are cn-north-4, "),
        "{unknown}"
    );
}

#[test]
fn what_is_nearer_names_the_endpoint() {
    let endpoint = |flags: &[&str], set: &[(&str, &str)]| {
        let api = api_of(resolve(flags, &[&[TOKEN], set].concat()).unwrap());
        api.setup
            .endpoints
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let variable = [("HSS_TOP_ENDPOINT", "https://a.example, https://b.example")];
    let north = ["--region", "cn-north-4"];
    let (flag, both) = (
        ["--project-id", "p"],
        ["--endpoint", "https://c.example", "--region", "cn-north-4"],
    );
    assert_eq!(endpoint(&flag, &variable), "https://a.example https://b.example");
    assert_eq!(
        endpoint(&north, &variable),
        "https://hss.cn-north-4.myhuaweicloud.com"
    );
    assert_eq!(endpoint(&both, &[]), "https://c.example");
}

#[test]
fn a_region_of_a_flag_replaces_every_endpoint_of_a_variable_and_says_so() {
    let set = [
        TOKEN,
        ("HSS_TOP_ENDPOINT", "https://a.example"),
        ("HSS_TOP_IAM_ENDPOINT", "https://iam.example"),
        ("HSS_TOP_STS_ENDPOINT", "https://sts.example"),
    ];
    let settings = resolve(&["--region", "cn-north-4"], &set).unwrap();
    let told = |name: &str| format!("--region replaces {name}, which is not used");
    let names = ["HSS_TOP_ENDPOINT", "HSS_TOP_IAM_ENDPOINT", "HSS_TOP_STS_ENDPOINT"];
    assert_eq!(settings.warnings, names.map(told));
    let setup = api_of(settings).setup;
    let all = [
        Some(setup.endpoints[0].to_string()),
        setup.iam.map(|it| it.to_string()),
        setup.sts.map(|it| it.to_string()),
    ];
    for endpoint in all {
        assert!(
            endpoint.as_ref().is_some_and(|it| it.contains("cn-north-4")),
            "{endpoint:?}"
        );
    }
    let same = [&set[..], &[("HSS_TOP_REGION", "cn-north-4")]].concat();
    let settings = resolve(&[], &same).unwrap();
    assert_eq!(settings.warnings, [""; 0]);
    let iam = api_of(settings).setup.iam.unwrap().to_string();
    assert_eq!(
        iam, "https://iam.example",
        "two variables: the endpoint is more exact"
    );
}

#[test]
fn koocli_s_project_holds_beside_an_endpoint_without_a_region() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let text = r#"{"authEncrypt":"false","current":"a","profiles":[{"name":"a","mode":"AKSK","accessKeyId":"AK1",
        "secretAccessKey":"canary","region":"la-south-2","projectId":"0a1b2c3d"}]}"#;
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let path = file.display().to_string();
    let of_file = [("HW_SHARED_CONFIG_FILE", path.as_str())];
    let settings = resolve(&["--endpoint", "https://hss.example"], &of_file).unwrap();
    assert_eq!(settings.source.project, "0a1b2c3d");
    let elsewhere = ["--endpoint", "https://hss.cn-north-4.myhuaweicloud.com"];
    assert_eq!(resolve(&elsewhere, &of_file).unwrap().source.project, "");
}

#[test]
fn the_saved_state_of_a_named_project_needs_no_credential() {
    let saved = |flags: &[&str], set: &[(&str, &str)]| {
        let variables = |name: &str| {
            let set = set
                .iter()
                .copied()
                .chain([("HSS_TOP_METADATA_ENDPOINT", "off"), ("XDG_STATE_HOME", "/s")]);
            set.into_iter()
                .find(|(it, _)| *it == name)
                .map(|(_, value)| value.to_owned())
        };
        let config = Config::resolve(&Flags::parse_from(flags), &variables).unwrap();
        let calls = Settings::of_api(&config, &variables).map(|settings| settings.state);
        (
            Settings::of_saved_state(&config, &variables).map(|settings| settings.state),
            calls,
        )
    };
    let named = ["--region", "cn-north-4", "--project-id", "p"];
    let (with, as_usual) = saved(&named, &[TOKEN]);
    assert_eq!(with, as_usual);
    let (without, calls) = saved(&named, &[]);
    assert_eq!(without, with, "the same file");
    assert!(matches!(calls, Err(Unready::Missing(_))), "{calls:?}");
    let (gone, _) = saved(&named, &[("HSS_TOP_TOKEN_FILE", "/none/token")]);
    assert_eq!(gone, with);
    let (unnamed, _) = saved(&named[..2], &[]);
    assert!(
        matches!(unnamed, Err(Unready::Missing(_))),
        "which project is not known: {unnamed:?}"
    );
}

#[test]
fn what_is_missing_at_an_endpoint_without_a_region_names_what_a_collector_needs() {
    let missing = |flags: &[&str]| match resolve(flags, &[]) {
        Err(Unready::Missing(lines)) => lines.join("\n"),
        other => panic!("{other:?}"),
    };
    let collector = ["--endpoint", "http://127.0.0.1:9464", "--project-id", "p"];
    assert!(missing(&collector).contains("accepts any: HSS_TOP_TOKEN=none"));
    assert!(!missing(&["--region", "cn-north-4"]).contains("serve"));
}

#[test]
fn what_is_missing_may_be_a_profile_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(
        &file,
        "[profiles.prod]\nregion = \"cn-north-4\"\n[profiles.test]\n",
    )
    .unwrap();
    let file = file.display().to_string();
    let first = |flags: &[&str]| match resolve(flags, &[]) {
        Err(Unready::Missing(lines)) => lines.first().cloned().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        first(&["--config", &file]),
        "--profile NAME        a profile of the file: prod, test; or"
    );
    let chosen = first(&["--config", &file, "--profile", "prod"]);
    assert!(chosen.starts_with("HSS_TOP_TOKEN"), "{chosen}");
}

#[test]
fn the_iam_endpoint_may_be_written_as_terraform_does() {
    let set = [TOKEN, ("HW_AUTH_URL", "https://iam.example:8443/v3")];
    let api = api_of(resolve(&API, &set).unwrap());
    assert_eq!(api.setup.iam.unwrap().to_string(), "https://iam.example:8443");
}

#[test]
fn the_sdks_file_may_say_where_iam_answers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    std::fs::write(&file, "[basic]\nak=A\nsk=B\niam_endpoint=iam.example:8443\n").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let path = file.display().to_string();
    let of_file = ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path.as_str());
    let iam_of = |flags: &[&str], set: &[(&str, &str)]| {
        let api = api_of(resolve(&[&API, flags].concat(), set).unwrap());
        api.setup.iam.map(|endpoint| endpoint.to_string())
    };
    let iam = |set: &[(&str, &str)]| iam_of(&[], set);
    let (alone, overruled, unused) = (
        iam(&[of_file]),
        iam_of(&["--iam-endpoint", "https://iam.other"], &[of_file]),
        iam(&[of_file, TOKEN]),
    );
    assert_eq!(alone.as_deref(), Some("https://iam.example:8443"));
    assert_eq!(overruled.as_deref(), Some("https://iam.other"));
    assert_eq!(
        unused.as_deref(),
        Some("https://iam.cn-north-4.myhuaweicloud.com"),
        "another credential, another place"
    );
}

#[test]
fn what_is_missing_is_listed() {
    let missing = |flags: &[&str], set: &[(&str, &str)]| match resolve(flags, set) {
        Err(Unready::Missing(missing)) => missing,
        other => panic!("{other:?}"),
    };
    let all = missing(&[], &[("CLOUD_SDK_AK", "a")]);
    assert!(
        all[0].contains("--region") && all[1].contains("HSS_TOP_TOKEN"),
        "{all:?}"
    );
    assert_eq!(
        all.last().unwrap(),
        "(CLOUD_SDK_AK is set, but CLOUD_SDK_SK is not)"
    );
    assert!(missing(&API, &[])[0].contains("HSS_TOP_TOKEN"));
    let no_project = missing(&["--endpoint", "https://hss.example"], &[TOKEN]);
    assert!(
        no_project.len() == 1 && no_project[0].contains("--project-id"),
        "{no_project:?}"
    );
}

#[test]
fn what_is_wrong_is_named_without_the_secret() {
    let plain = resolve(
        &["--endpoint", "http://hss.example.com", "--project-id", "p"],
        &[TOKEN],
    );
    assert!(sentence(plain).contains("--allow-http"));
    let with = |more: &[&str]| sentence(resolve(&[&API[..], more].concat(), &[TOKEN]));
    for wrong in ["9", "201", "x"] {
        assert_eq!(
            with(&["--page-size", wrong]),
            format!("--page-size is {wrong}, but must be a number from 10 to 200")
        );
    }
    assert_eq!(
        with(&["--interval", "0s"]),
        "--interval is 0s, but must be a time from 1s to 1day, such as 60s or 5m"
    );
    assert_eq!(
        with(&["--calls-per-minute", "0"]),
        "--calls-per-minute is 0, but must be a number of at least 1"
    );
    assert!(with(&["--log-level", "loud"]).contains("error, warn, info, debug or trace"));
    assert!(with(&["--ca-file", "/none.pem"]).starts_with("/none.pem: "));
    assert!(with(&["--client-cert-file", "/none.pem"]).contains("--client-key-file"));
    let spaced = sentence(resolve(&API, &[("HSS_TOP_TOKEN", "canary canary")]));
    assert!(spaced.starts_with("HSS_TOP_TOKEN: X-Auth-Token is") && !spaced.contains("canary"));
}

#[test]
fn the_demo_needs_nothing() {
    let config = Config::resolve(&Flags::default(), &|_| None).unwrap();
    let demo = Demo {
        pods: 10,
        serverless: 2,
        seed: 7,
    };
    let settings = Settings::of_demo(&config, &|_| None, demo).unwrap();
    assert!(settings.source.demo && settings.calls_per_minute == 600);
}

#[test]
fn the_help_tells_the_demos_budget() {
    let told = format!("demo: {DEMO_CALLS_PER_MINUTE}]");
    assert!(ConfigKey::CallsPerMinute.row().about.ends_with(&told));
}

#[test]
fn two_accounts_have_two_files_where_the_project_is_still_to_be_found() {
    let state = |flags: &[&str], key: &str| {
        let set = [
            ("HUAWEICLOUD_SDK_AK", key),
            ("HUAWEICLOUD_SDK_SK", "s"),
            ("XDG_STATE_HOME", "/x"),
        ];
        resolve(flags, &set).unwrap().state.unwrap()
    };
    let (one, other) = ("ACCOUNTONE0000000001", "OTHERACCOUNT00000002");
    let found = ["--region", "cn-north-4"];
    assert_ne!(state(&found, one), state(&found, other));
    let named = ["--region", "cn-north-4", "--project-id", "p"];
    assert_eq!(
        state(&named, one),
        state(&named, other),
        "a new key of the same project"
    );
}
