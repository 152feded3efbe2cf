//! `config` and `doctor`, as an operator runs them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use hss_top::clock::Clock;
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;
use support::child::Running;
use support::run::{Folder, run};
use support::schema::faults;
use support::scripted::{Scripted, Step};
use support::simulate::Simulate;

const AK: (&str, &str) = ("HUAWEICLOUD_SDK_AK", "AKEXAMPLE0001");
const SK: (&str, &str) = ("HUAWEICLOUD_SDK_SK", "canary-sk-77");
const LOGIN: [(&str, &str); 3] = [
    ("HSS_TOP_IAM_USER", "ops"),
    ("HSS_TOP_IAM_PASSWORD", "canary-pw-42"),
    ("HSS_TOP_IAM_DOMAIN", "acme"),
];

#[test]
fn a_configuration_is_begun_shown_and_never_replaced() {
    let folder = Folder::new("commands-config");
    let home = [("XDG_CONFIG_HOME", folder.path()), AK, SK];
    let (code, out, _) = run(&["config", "init"], &home);
    let path = folder.join("hss-top/config.toml");
    assert_eq!((code, out), (Some(0), format!("wrote {}\n", path.display())));
    let (code, _, err) = run(&["config", "init"], &home);
    assert_eq!(
        (code, err),
        (
            Some(1),
            format!(
                "hss-top: {} already exists and was not changed; edit it, or name another file with --config\n",
                path.display()
            )
        )
    );

    folder.write(
        "hss-top/config.toml",
        "interval = \"2m\"\n[profiles.prod]\nregion = \"cn-north-4\"\nregoin = \"x\"\nproject_id = \"of-profile\"\n",
    );
    let flags = ["config", "show", "--profile", "prod", "--page-size", "50"];
    let (code, out, err) = run(
        &flags,
        &[&home[..], &[("HSS_TOP_PROJECT_ID", "of-variable")]].concat(),
    );
    assert_eq!(code, Some(0), "{err}");
    let row = |key: &str| {
        let line = out.lines().find(|line| line.starts_with(key)).unwrap();
        line.split("  ")
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(row("region"), ["region", "cn-north-4", "profile prod line 3"]);
    assert_eq!(
        row("project_id"),
        ["project_id", "of-variable", "HSS_TOP_PROJECT_ID"]
    );
    assert_eq!(row("interval"), ["interval", "2m", "file line 1"]);
    assert_eq!(row("page_size"), ["page_size", "50", "--page-size"]);
    assert_eq!(row("log_level"), ["log_level", "info", "default"]);
    assert_eq!(row("calls_per_minute"), ["calls_per_minute", "5", "default"]);
    assert_eq!(row("cluster"), ["cluster", "–", "not set"]);
    assert_eq!(row("token_file"), ["token_file", "–", "not in the file"]);
    assert_eq!(
        row("→ HSS"),
        [
            "→ HSS",
            "https://hss.cn-north-4.myhuaweicloud.com",
            "region cn-north-4"
        ]
    );
    assert_eq!(row("→ credential"), ["→ credential", "HUAWEICLOUD_SDK_AK AKEX…"]);
    assert!(
        err.contains("line 4: unknown key profiles.prod.regoin; did you mean region?"),
        "{err}"
    );

    let (_, out, _) = run(&[&flags[..], &["--output", "json"]].concat(), &home);
    let shown: Value = serde_json::from_str(&out).unwrap();
    let values = shown["values"].as_array().unwrap();
    assert!(
        values
            .iter()
            .any(|line| line["key"] == "project_id" && line["value"] == "of-profile")
    );
    assert!(
        values
            .iter()
            .any(|line| line["key"] == "cluster" && line["value"].is_null())
    );
}

const SECTIONS: &str = "[views.hot]\nfilter = \"cpu%>=80\"\n[views.bad]\nsort = \"cpuu\"\n[keys]\nx = \"refesh\"\n\
    \"f5\" = \"refresh\"\n[theme]\nbase = \"light\"\nbad = \"#ffff00\"\n";

#[test]
fn the_sections_of_the_file_are_shown_and_what_cannot_be_used_there_is_told_with_its_line() {
    let folder = Folder::new("commands-sections");
    folder.write("hss-top/config.toml", SECTIONS);
    let home = [("XDG_CONFIG_HOME", folder.path()), AK, SK];
    let (code, out, err) = run(&["config", "show", "--region", "cn-north-4"], &home);
    assert_eq!(code, Some(0), "{err}");
    for (key, value, origin) in [
        ("views.hot.filter", "cpu%>=80", "file line 2"),
        ("keys.f5", "refresh", "file line 7"),
        ("theme.bad", "#ffff00", "file line 10"),
    ] {
        let line = out.lines().find(|line| line.starts_with(key)).unwrap();
        assert!(line.contains(value) && line.ends_with(origin), "{line}");
    }
    for told in [
        "line 4: views.bad.sort is cpuu, but must be a field to sort by; did you mean cpu%?",
        "line 6: keys.x = refesh: unknown action; did you mean refresh?",
        "line 10: theme.bad: #FFFF00 is hard to read on this background",
    ] {
        assert!(err.contains(told), "{told}\n{err}");
    }
    let (code, _, err) = run(
        &["config", "show", "--region", "cn-north-4", "--view", "cold"],
        &home,
    );
    assert_eq!(code, Some(3));
    assert!(
        err.contains("--view is cold, but must be the name of a saved view; there are bad, hot"),
        "{err}"
    );
}

#[test]
fn the_schema_is_json_and_names_the_keys() {
    let (code, out, err) = run(&["config", "schema"], &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(schema["properties"]["page_size"]["maximum"], 200);
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn a_bad_value_ends_the_start_with_file_line_key_and_what_is_allowed() {
    let folder = Folder::new("commands-bad");
    let path = folder.write("hss-top/config.toml", "\n[profiles.a]\ninterval = \"soon\"\n");
    let set = [
        ("XDG_CONFIG_HOME", folder.path()),
        ("HSS_TOP_REGION", "cn-north-4"),
        AK,
        SK,
    ];
    let (code, _, err) = run(&["--profile", "a"], &set);
    assert_eq!(
        (code, err),
        (
            Some(3),
            format!(
                "hss-top: {path} line 3: profiles.a.interval is soon, but must be a time from 1s to 1day, \
                 such as 60s or 5m\n"
            )
        )
    );
    let (code, _, err) = run(&["--profile", "b"], &set);
    assert!(code == Some(3) && err.ends_with("config.toml has a\n"), "{err}");
    let (code, _, err) = run(&["--region", "cn-nroth-4"], &set);
    assert!(
        code == Some(3) && err.contains("the nearest names are cn-north-4,"),
        "{err}"
    );
}

#[test]
fn a_flag_of_the_wrong_form_is_refused_before_anything_is_read() {
    let folder = Folder::new("commands-flags");
    // A file whose errors would be reported first if it were read.
    folder.write("hss-top/config.toml", "interval = \n");
    let set = [("XDG_CONFIG_HOME", folder.path())];
    for (flag, value, must) in [
        ("--interval", "soon", "a time from 1s to 1day"),
        ("--page-size", "9", "a number from 10 to 200"),
        ("--calls-per-minute", "0", "a number of at least 1"),
        ("--log-level", "loud", "error, warn, info, debug or trace"),
        ("--theme", "Blue", "auto, the name of a theme"),
        ("--project-id", "../p", "1 to 64 letters"),
        ("--filter", "cpu>x", "a filter: "),
        ("--endpoint", "nowhere", "a URL: "),
        ("--iam-endpoint", "ftp://iam", "a URL: "),
    ] {
        for command in [&[][..], &["doctor"], &["config", "show"], &["--demo"]] {
            let (code, out, err) = run(&[command, &[flag, value]].concat(), &set);
            assert_eq!((code, out.as_str()), (Some(2), ""), "{command:?} {flag}: {err}");
            assert!(
                err.contains(&format!("invalid value '{value}' for '{flag} <")) && err.contains(must),
                "{err}"
            );
        }
    }
    let (code, _, err) = run(&["--endpoint", "https://me:canary@a.example"], &set);
    assert!(code == Some(2) && !err.contains("canary"), "{err}");
}

#[test]
fn the_proxies_in_force_and_the_files_that_are_written_are_listed_with_what_names_them() {
    let folder = Folder::new("commands-written");
    let set = [
        ("XDG_STATE_HOME", folder.path()),
        ("XDG_RUNTIME_DIR", folder.path()),
        ("HTTPS_PROXY", "http://me:canary-pw@proxy.corp:3128"),
        ("NO_PROXY", "iam.myhuaweicloud.com,.cn-north-9.myhuaweicloud.com"),
        AK,
        SK,
    ];
    let flags = ["config", "show", "--output", "json", "--region", "cn-north-4"];
    let show = |more: &[&str], set: &[(&str, &str)]| {
        let (code, out, err) = run(&[&flags[..], more].concat(), set);
        assert_eq!(code, Some(0), "{err}");
        assert!(!out.contains("canary") && !err.contains("canary"), "{out}{err}");
        let shown: Value = serde_json::from_str(&out).unwrap();
        let lines = shown["values"].as_array().unwrap().clone();
        move |key: &str| {
            let line = lines.iter().find(|line| line["key"] == key);
            let line = line.unwrap_or_else(|| panic!("{key}: {lines:#?}"));
            (
                line["value"].as_str().unwrap_or("–").to_owned(),
                line["origin"].as_str().unwrap().to_owned(),
            )
        }
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    let told = show(&["--log-file", "/var/log/x"], &set);
    assert_eq!(
        told("→ proxy to HSS"),
        pair("http://‹secret›@proxy.corp:3128", "HTTPS_PROXY")
    );
    assert_eq!(told("→ log"), pair("/var/log/x", "--log-file"));
    let (file, origin) = told("→ saved state");
    assert!(
        file.starts_with(folder.path()) && file.contains(".sqlite"),
        "{file}"
    );
    assert_eq!(origin, "XDG_STATE_HOME");
    let (file, origin) = told("→ times of calls");
    assert!(
        file.starts_with(folder.path()) && file.contains(".calls"),
        "{file}"
    );
    assert_eq!(origin, "XDG_RUNTIME_DIR");

    let told = show(
        &["--no-state"],
        &[AK, SK, ("HOME", folder.path()), ("NO_PROXY", "*"), set[2]],
    );
    assert_eq!(told("→ saved state"), pair("–", "--no-state"));
    assert_eq!(told("→ proxy to HSS"), pair("–", "excluded by NO_PROXY"));
    assert_eq!(told("→ log"), pair("–", "not set"));
}

#[test]
fn a_mistyped_variable_is_told_with_the_name_that_was_meant() {
    let set = [
        ("HSS_TOP_TOKN", "canary-token"),
        ("HSS_TOP_REGION", "cn-north-4"),
        AK,
        SK,
    ];
    let sentence = "unknown variable HSS_TOP_TOKN; did you mean HSS_TOP_TOKEN?";
    let (code, out, err) = run(&["config", "show"], &set);
    assert!(code == Some(0) && err.contains(sentence), "{err}");
    assert!(!out.contains("canary") && !err.contains("canary"));
    let hss = Simulate::start(&[], &[AK, SK]);
    let (code, checks) = doctor(&flags(&hss), &[AK, SK, set[0]]);
    assert_eq!(
        (code, &checks["variables"]["verdict"]),
        (Some(0), &Value::from("warning"))
    );
    assert_eq!(checks["variables"]["found"], sentence);
}

#[test]
fn doctor_tells_every_wrong_value_at_once_and_looks_at_all_the_rest() {
    let hss = Simulate::start(&[], &[AK, SK]);
    let wrong = [
        AK,
        SK,
        ("HSS_TOP_INTERVAL", "soon"),
        ("HSS_TOP_THEME", "blue"),
        ("HSS_TOP_NO_BOM", "maybe"),
        ("HSS_TOP_LOG_FILE", "/dev/null"),
    ];
    let (code, checks) = doctor(&flags(&hss), &wrong);
    assert_eq!(code, Some(1));
    let found = checks["configuration"]["found"].as_str().unwrap();
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(
        lines,
        [
            "HSS_TOP_INTERVAL is soon, but must be a time from 1s to 1day, such as 60s or 5m",
            "HSS_TOP_NO_BOM is maybe, but must be true or false",
            "HSS_TOP_THEME is blue, but must be one of auto, dark, light, high-contrast, colour-vision-safe, 16-colours",
        ]
    );
    assert_eq!(checks["call"]["verdict"], "ok", "{checks:#}");
    assert_eq!(checks["log file"]["verdict"], "problem", "{checks:#}");
}

#[test]
fn a_regions_endpoints_may_be_overruled_by_a_variable_and_by_the_sdks_file() {
    let folder = Folder::new("commands-regions");
    let hss = |set: &[(&str, &str)]| {
        let set = [
            &[("HOME", folder.path()), ("HSS_TOP_REGION", "xx-test-1"), AK, SK],
            set,
        ]
        .concat();
        let (code, out, err) = run(&["config", "show"], &set);
        let line = out
            .lines()
            .find(|line| line.starts_with("→ HSS"))
            .map(str::to_owned);
        line.unwrap_or_else(|| format!("{code:?} {err}"))
    };
    assert!(hss(&[]).contains("there is no region xx-test-1"));
    let file = folder.write(
        ".huaweicloud/regions.yaml",
        "HSS:\n  - id: xx-test-1\n    endpoint: hss.file.example\n",
    );
    let found = hss(&[]);
    assert!(
        found.contains("https://hss.file.example ") && found.ends_with(&file),
        "{found}"
    );
    let variable = (
        "HUAWEICLOUD_SDK_REGION_HSS_XX_TEST_1",
        "https://a.example,b.example",
    );
    assert!(hss(&[variable]).contains("https://a.example, https://b.example"));
    let named = ("HUAWEICLOUD_SDK_REGIONS_FILE", "/nonexistent.yaml");
    assert!(hss(&[named]).contains("/nonexistent.yaml: No such file"));
}

#[test]
fn a_file_with_a_secret_has_to_be_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("commands-private");
    let path = folder.write(
        "config.toml",
        "region = \"cn-north-4\"\naccess_key = \"AKX123\"\nsecret_key = \"canary\"\n",
    );
    let (code, out, _) = run(&["config", "show", "--config", &path], &[]);
    assert!(
        code == Some(0) && out.contains("AKX1…") && out.contains("(set)"),
        "{out}"
    );
    assert!(!out.contains("canary") && !out.contains("AKX123"), "{out}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, _, err) = run(&["config", "show", "--config", &path], &[]);
    assert!(
        code == Some(3) && err.contains("chmod 600") && !err.contains("canary"),
        "{err}"
    );
    // As systemd hands over a credential: its mode lets a group read it, but no group is in its list.
    let us = rustix::process::geteuid().as_raw();
    let entries = [
        (1, 4, u32::MAX),
        (2, 4, us),
        (4, 0, u32::MAX),
        (16, 4, u32::MAX),
        (32, 0, u32::MAX),
    ];
    let entries = entries.map(|(tag, permissions, id): (u16, u16, u32)| {
        [
            &tag.to_le_bytes()[..],
            &permissions.to_le_bytes(),
            &id.to_le_bytes(),
        ]
        .concat()
    });
    let list = [&2_u32.to_le_bytes()[..], &entries.concat()].concat();
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(path.as_str(), "system.posix_acl_access", &list, flags).is_ok() {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let (code, _, err) = run(&["config", "show", "--config", &path], &[]);
        assert_eq!((mode, code), (0o440, Some(0)), "{err}");
    }
}

#[test]
fn doctor_lists_what_is_missing_line_by_line_and_takes_flags_before_it() {
    let home = [("HOME", "/tmp")];
    let (code, out, _) = run(&["doctor"], &home);
    let first: Vec<&str> = out.lines().take(5).collect();
    let wanted = [
        "PROBLEM  configuration       missing:",
        "                             --region NAME         the region (or HSS_TOP_REGION), or --endpoint URL",
        "                             HSS_TOP_TOKEN         a token (or HSS_TOP_TOKEN_FILE, a file that holds it);",
        "                                                   or a key pair: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK",
        "                             → hss-top --help",
    ];
    assert_eq!((code, first), (Some(1), wanted.to_vec()));
    let (_, out, _) = run(&["--region", "cn-north-4", "doctor"], &home);
    assert!(
        out.contains("HSS_TOP_TOKEN") && !out.contains("--region NAME"),
        "{out}"
    );
}

/// `doctor` of a simulator: exit code, and the checks by name.
fn doctor(flags: &[&str], set: &[(&str, &str)]) -> (Option<i32>, Value) {
    let flags = [&["doctor", "--output", "json"], flags].concat();
    let (code, out, err) = run(&flags, &[&[("HOME", "/tmp")], set].concat());
    assert_eq!(err, "");
    assert!(!out.contains("canary"), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["ok"], code == Some(0));
    let checks = report["checks"].as_array().unwrap();
    let (_, schema, _) = run(&["schema", "doctor"], &[]);
    assert_eq!(
        faults(&serde_json::from_str(&schema).unwrap(), &report, ""),
        [""; 0]
    );
    let by_name = checks
        .iter()
        .map(|check| (check["check"].as_str().unwrap().to_owned(), check.clone()));
    (code, by_name.collect::<serde_json::Map<_, _>>().into())
}

fn flags(hss: &Simulate) -> [&str; 6] {
    let url = hss.url.as_str();
    ["--endpoint", url, "--iam-endpoint", url, "--region", "cn-north-4"]
}

#[test]
fn doctor_finds_all_well_with_a_key_pair_and_with_a_password() {
    let hss = Simulate::start(&["--calls-per-minute", "5"], &[&[AK, SK], &LOGIN[..]].concat());
    let (code, checks) = doctor(&flags(&hss), &[AK, SK]);
    assert_eq!(code, Some(0), "{checks:#}");
    let names: Vec<&str> = checks.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names.len(), 22, "{names:?}");
    assert_eq!(
        checks["credential"]["found"],
        "HUAWEICLOUD_SDK_AK AKEX…; expiry unknown"
    );
    assert!(checks["call"]["found"].as_str().unwrap().starts_with("200 in "));
    assert_eq!(checks["project"]["found"], "05f2c1a7d84b4e0c9d36e7b1f0a8c245");
    assert_eq!(
        checks["enterprise project"]["found"],
        "all_granted_eps: 1111 pods"
    );
    assert_eq!(checks["TLS"]["verdict"], "skipped");
    let (code, checks) = doctor(&flags(&hss), &LOGIN);
    assert_eq!(code, Some(0), "{checks:#}");
    let credential = checks["credential"]["found"].as_str().unwrap();
    assert!(
        credential.starts_with("HSS_TOP_IAM_USER ops; expires 20"),
        "{credential}"
    );
}

#[test]
fn doctor_tells_which_of_several_sign_ins_is_used_and_until_when() {
    let folder = Folder::new("doctor-identity");
    let token = folder.write("token", "canary.id.token");
    let identity = [
        ("HUAWEICLOUD_SDK_IDP_ID", "canary-idp"),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token.as_str()),
    ];
    let agency = [
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", "canary-purn"),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", "canary-aurn"),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", token.as_str()),
    ];
    let pod = ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token.as_str());
    let hss = Simulate::start(&[], &[&identity[..], &agency, &[pod]].concat());
    let uri = format!("{}/pod-identity/credentials", hss.url);
    let pod = [("HC_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()), pod];
    let flags = [&flags(&hss)[..], &["--sts-endpoint", &hss.url]].concat();
    let place = hss.address();
    for (set, name, others) in [
        (
            [&agency[..], &identity, &[AK, SK]].concat(),
            "HUAWEICLOUD_OIDC_AGENCY_URN".to_owned(),
            "; also set, not used: HUAWEICLOUD_SDK_IDP_ID, HUAWEICLOUD_SDK_AK",
        ),
        (
            [&identity[..], &pod, &[AK]].concat(),
            "HUAWEICLOUD_SDK_IDP_ID".to_owned(),
            "; also set, not used: HC_CONTAINER_CREDENTIALS_FULL_URI",
        ),
        (
            pod.to_vec(),
            format!("HC_CONTAINER_CREDENTIALS_FULL_URI {place}"),
            "",
        ),
    ] {
        let (code, checks) = doctor(&flags, &set);
        assert_eq!(code, Some(0), "{checks:#}");
        let credential = checks["credential"]["found"].as_str().unwrap();
        let begins = format!("{name} with token file {token}; expires 20");
        assert!(credential.starts_with(&begins), "{credential}");
        assert!(credential.ends_with(others) && (others.is_empty() != credential.contains("also")));
        assert_eq!(checks["credential"]["verdict"], "ok", "{credential}");
    }
    // As Kubernetes writes it.
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let (code, checks) = doctor(&flags, &identity);
    assert_eq!(code, Some(0), "{checks:#}");
    let credential = &checks["credential"];
    assert_eq!(credential["verdict"], "warning");
    assert!(
        credential["found"].as_str().unwrap().contains("others can read")
            && credential.to_string().contains("(mode 0644)"),
        "{credential:#}"
    );
    std::fs::write(&token, "another").unwrap();
    let refused = Simulate::start(&[], &[("HUAWEICLOUD_SDK_IDP_ID", "other"), identity[1]]);
    let (code, checks) = doctor(
        &[
            "--endpoint",
            &refused.url,
            "--iam-endpoint",
            &refused.url,
            "--project-id",
            "p",
        ],
        &identity,
    );
    assert_eq!(code, Some(1));
    let told = checks["credential"]["found"].as_str().unwrap();
    assert!(
        told.starts_with("IAM says: The identity token is not accepted. (401"),
        "{told}"
    );
}

#[test]
fn doctor_names_what_is_wrong_and_what_to_do() {
    let hss = Simulate::start(&[], &[&[AK, SK], &LOGIN[..]].concat());
    let problem = |checks: &Value, name: &str, found: &str| {
        let check = &checks[name];
        assert_eq!(check["verdict"], "problem", "{checks:#}");
        assert!(check["found"].as_str().unwrap().contains(found), "{check:#}");
        assert!(!check["advice"].as_str().unwrap().is_empty());
    };
    let (code, checks) = doctor(&flags(&hss), &[AK, ("HUAWEICLOUD_SDK_SK", "canary-wrong")]);
    assert_eq!(code, Some(1));
    problem(&checks, "call", "so the secret key does not match (401, request ");
    let wrong = [LOGIN[0], ("HSS_TOP_IAM_PASSWORD", "canary-wrong"), LOGIN[2]];
    let (_, checks) = doctor(&flags(&hss), &wrong);
    problem(
        &checks,
        "credential",
        "The username or password is wrong. (401, request ",
    );
    assert_eq!(checks["call"]["verdict"], "skipped");

    let (_, checks) = doctor(
        &["--endpoint", "http://127.0.0.1:9", "--project-id", "p"],
        &[AK, SK],
    );
    problem(&checks, "connection", "Connection refused");
    let unknown = ["--endpoint", "https://hss.invalid", "--project-id", "p"];
    let (_, checks) = doctor(&unknown, &[AK, SK]);
    problem(&checks, "name", "hss.invalid:443 cannot be resolved");
    let (_, checks) = doctor(&[], &[]);
    assert_eq!(checks["configuration"]["verdict"], "problem");
    assert_eq!(checks["call"]["verdict"], "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_denied_throttled_and_a_clock_that_is_off() {
    let step = |status: &str, headers: &str, body: &str| {
        Step::http(
            status,
            &format!("Content-Type: application/json\r\n{headers}"),
            body,
        )
    };
    let ask = |step: Step| async {
        let hss = Scripted::start(vec![step]).await;
        let url = hss.url();
        let ask = move || {
            doctor(
                &["--endpoint", &url, "--project-id", "p"],
                &[("HSS_TOP_TOKEN", "canary-t")],
            )
            .1
        };
        tokio::task::spawn_blocking(ask).await.unwrap()
    };
    let checks = ask(step(
        "403 Forbidden",
        "",
        r#"{"error_code":"HSS.0013","error_msg":"no"}"#,
    ))
    .await;
    assert_eq!(checks["permission"]["verdict"], "problem", "{checks:#}");
    assert!(
        checks["enterprise project"]["advice"]
            .as_str()
            .unwrap()
            .contains("--enterprise-project-id")
    );
    let throttled =
        r#"{"error_code":"APIG.0308","error_msg":"policy ip over ratelimit,limit:5,time:1 minute"}"#;
    let checks = ask(step("429 Too Many Requests", "", throttled)).await;
    assert_eq!(checks["limits"]["verdict"], "problem", "{checks:#}");
    let told =
        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nX-Apig-RateLimit-ip: remain:4,limit:5,time:1 minute\r\n";
    let checks = ask(step("200 OK", told, include_str!("fixtures/page-example.json"))).await;
    assert_eq!(checks["clock"]["verdict"], "problem", "{checks:#}");
    assert_eq!(checks["limits"]["found"], "4 of 5 calls left in 60 s");
}

/// Both runs have the same ledger: the second one makes no call, and says at once why.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_keeps_to_the_rule_that_an_earlier_program_learnt() {
    let throttled =
        r#"{"error_code":"APIG.0308","error_msg":"policy user over ratelimit,limit:1,time:1 hour"}"#;
    let hss = Scripted::start(vec![Step::json("429 Too Many Requests", throttled)]).await;
    let url = hss.url();
    let ledgers = Folder::new("learnt");
    let ask = move || {
        doctor(
            &["--endpoint", &url, "--project-id", "p"],
            &[("HSS_TOP_TOKEN", "canary-t"), ("XDG_RUNTIME_DIR", ledgers.path())],
        )
        .1
    };
    let (first, second, took) = tokio::task::spawn_blocking(move || {
        let first = ask();
        let began = tokio::time::Instant::now();
        (first, ask(), began.elapsed())
    })
    .await
    .unwrap();
    let found = |checks: &Value, name: &str| checks[name]["found"].as_str().unwrap().to_owned();
    let left = found(&first, "calls left");
    assert!(
        left.starts_with("0 of 5 in this minute")
            && left.contains("; the service named a limit of 1 call in 3600 s"),
        "{left}"
    );
    let refused = found(&second, "call");
    assert!(
        refused.starts_with("no call is allowed for another ")
            && refused.ends_with("the service said that it allows 1 call in 3600 s"),
        "{second:#}"
    );
    let calls = hss.requests();
    assert_eq!(
        calls.iter().filter(|call| !call.is_empty()).count(),
        1,
        "{calls:?}"
    );
    assert!(took.as_secs() < 60, "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_in_words_which_clock_is_likely_wrong() {
    let now = Clock::system().now();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let list = (now - SignedDuration::from_hours(5)).as_millisecond();
    for (date, verdict, found) in [
        (
            now + days(60 * 365),
            "warning",
            "the service's clock is 60 years ahead of this machine's, and likely wrong: the date of the list fits this \
             machine's clock",
        ),
        (
            now - days(12),
            "warning",
            "the service's clock is 12 days behind this machine's, and likely wrong: the date of the list fits this \
             machine's clock",
        ),
        (
            now + SignedDuration::from_mins(20),
            "problem",
            "this machine's clock is 20 minutes behind the service's, and likely wrong",
        ),
        (now, "ok", "within 2 seconds of the service's clock"),
    ] {
        let page = format!(
            r#"{{"total_num":1,"last_update_time":{list},"data_list":[{{"id":"1","pod_name":"a"}}]}}"#
        );
        let written = DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        let headers = format!("Content-Type: application/json\r\nDate: {written}\r\n");
        let hss = Scripted::start(vec![Step::http("200 OK", &headers, &page)]).await;
        let url = hss.url();
        let ask = move || {
            let flags = ["--endpoint", &url, "--project-id", "p"];
            doctor(&flags, &[("HSS_TOP_TOKEN", "canary-t")]).1
        };
        let checks = tokio::task::spawn_blocking(ask).await.unwrap();
        assert_eq!(checks["clock"]["verdict"], verdict, "{checks:#}");
        assert_eq!(checks["clock"]["found"], found, "{checks:#}");
        // The age of the list is measured with the right clock.
        if verdict == "warning" {
            let list = checks["list"]["found"].as_str().unwrap();
            assert!(list.ends_with("5h old") || list.contains(" 5h"), "{list}");
        }
    }
}

#[test]
fn doctor_tells_a_time_zone_that_cannot_be_read() {
    for (zone, told) in [
        (
            "/nonexistent",
            Some("TZ=/nonexistent is not a time zone that this machine knows: times are in UTC"),
        ),
        (
            ":Foo/Bar",
            Some("TZ=:Foo/Bar is not a time zone that this machine knows: times are in UTC"),
        ),
        (
            "Foo/Bar",
            Some("TZ=Foo/Bar is not a time zone that this machine knows: times are in UTC"),
        ),
        ("UTC", None),
        ("CET-1CEST,M3.5.0,M10.5.0/3", None),
        ("", None),
    ] {
        let (_, checks) = doctor(&[], &[("TZ", zone)]);
        let check = &checks["time zone"];
        let verdict = if told.is_some() { "warning" } else { "ok" };
        assert_eq!(check["verdict"], verdict, "{zone}: {check:#}");
        assert_eq!(check["found"], told.unwrap_or("known"), "{zone}");
    }
}

#[test]
fn what_is_printed_for_people_is_ascii_where_the_locale_is() {
    for (locale, arrow) in [("C.UTF-8", "→ hss-top --help"), ("C", "> hss-top --help")] {
        let (_, out, _) = run(&["doctor"], &[("LC_ALL", locale)]);
        assert!(out.contains(arrow), "{out}");
        assert!(out.is_ascii() || locale != "C", "{out}");
    }
    let (code, out, err) = run(&["--help"], &[("LC_ALL", "C")]);
    assert!(code == Some(0) && out.is_ascii() && err.is_empty(), "{out}{err}");
    for flag in ["--ascii", "--theme", "--no-mouse", "--no-bom"] {
        assert!(out.contains(flag), "{flag}: {out}");
    }
}

#[test]
fn every_mistake_of_the_file_is_told_whatever_else_is_missing() {
    let folder = Folder::new("commands-mistakes");
    folder.write(
        "hss-top/config.toml",
        "interval = \"2x\"\npage_size = 9999\n[keys]\nctr-r = \"ask-now\"\n[theme]\nrisk = \"red\"\n",
    );
    let home = [("XDG_CONFIG_HOME", folder.path())];
    for command in [&["config", "show"][..], &["doctor"]] {
        let (code, out, err) = run(command, &home);
        assert_ne!(code, Some(0), "{command:?}");
        let told = out + &err;
        for mistake in [
            "line 1: interval is 2x",
            "line 2: page_size is 9999",
            "line 4: keys.ctr-r",
            "line 6: unknown key theme.risk",
        ] {
            let times = told.matches(mistake).count();
            assert_eq!(times, 1, "{command:?}: {mistake}\n{told}");
        }
    }
    let (_, out, _) = run(&["doctor", "--config", "no-such-file.toml"], &[]);
    assert!(out.contains("no-such-file.toml: "), "{out}");
}

#[test]
fn config_show_tells_what_koocli_s_profile_names() {
    let folder = Folder::new("show-koocli");
    let path = folder.write(
        "config.json",
        r#"{"authEncrypt":"false","current":"a","profiles":[{"name":"a","mode":"AKSK","accessKeyId":"AK1",
            "secretAccessKey":"canary","region":"la-south-2","projectId":"0a1b2c3d"}]}"#,
    );
    let set = [("HW_SHARED_CONFIG_FILE", path.as_str())];
    let (code, out, err) = run(&["config", "show"], &set);
    assert_eq!(code, Some(0), "{err}");
    let line = |key: &str| out.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    for (key, value) in [("region", "la-south-2"), ("project_id", "0a1b2c3d")] {
        assert!(
            line(key).contains(value) && line(key).contains("KooCLI's"),
            "{out}"
        );
    }
    assert!(
        line("→ HSS").contains("hss.la-south-2.myhuaweicloud.com"),
        "{out}"
    );
    let elsewhere = [set[0], ("HSS_TOP_REGION", "cn-north-4")];
    let (_, out, _) = run(&["config", "show"], &elsewhere);
    assert!(!out.contains("0a1b2c3d"), "a project of another region: {out}");
}

#[test]
fn config_show_tells_a_project_that_the_credentials_file_names() {
    let folder = Folder::new("show-project");
    let path = folder.write(
        "credentials",
        "[basic]\nak = AK1\nsk = canary\nproject_id = 0a1b2c3d\n",
    );
    let set = [
        ("HUAWEICLOUD_SDK_CREDENTIALS_FILE", path.as_str()),
        ("HSS_TOP_REGION", "cn-north-4"),
    ];
    let (code, out, err) = run(&["config", "show"], &set);
    assert_eq!(code, Some(0), "{err}");
    let row = out.lines().find(|line| line.starts_with("project_id")).unwrap();
    assert!(row.contains("0a1b2c3d") && !row.contains("not set"), "{row}");
}

/// A network that answers nothing takes half a minute: what is known before that is there at once, and a signal says that the rest
/// was not checked.
#[test]
fn doctor_tells_each_check_as_soon_as_it_is_made() {
    // Connections are accepted by the system, and never answered.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let doctor = Running::start(
        &["doctor", "--endpoint", &url, "--project-id", "p"],
        &[("HSS_TOP_TOKEN", "canary-t")],
    );
    for name in [
        "configuration",
        "variables",
        "credential",
        "proxy",
        "name",
        "connection",
        "TLS",
    ] {
        let line = doctor.line();
        assert!(line.get(9..).is_some_and(|line| line.starts_with(name)), "{line}");
    }
    let (code, rest, err) = doctor.end(rustix::process::Signal::TERM);
    assert_eq!((code, rest.as_str()), (Some(143), ""));
    assert_eq!(err, "hss-top: ended by SIGTERM: not everything was checked\n");
}
