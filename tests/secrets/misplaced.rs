//! Secrets in the wrong place: in a URL, instead of a path, in another variable, on the command line.

use super::support::run::{Folder, run};
use super::support::scripted::{Scripted, Step};

const SECRET: &str = "MIIGcanaryQ7x0123456789abcdefghij";

fn assert_clean(what: &str, out: &str) {
    assert!(
        !out.contains("canary") && !out.contains("CANARY"),
        "{what}: {out}"
    );
}

/// All that the commands say with these flags and variables.
fn said(flags: &[&str], variables: &[(&str, &str)]) -> String {
    let commands = [
        &["config", "show"][..],
        &["config", "show", "--output", "json"],
        &["doctor"],
        &["doctor", "--output", "json"],
        &[],
    ];
    let all = commands.map(|command| {
        let (_, out, err) = run(&[command, flags].concat(), variables);
        out + &err
    });
    all.concat()
}

#[test]
fn no_user_and_no_password_of_a_url_is_shown() {
    for url in [
        "http://u:canary@127.0.0.1:9",
        "https://canary@host.example",
        "https://u:can/canary?#@host.example",
        "u:canary@host.example",
        "ftp://u:canary@host.example",
    ] {
        for (flag, variable) in [
            ("--endpoint", "HSS_TOP_ENDPOINT"),
            ("--iam-endpoint", "HSS_TOP_IAM_ENDPOINT"),
            ("--sts-endpoint", "HSS_TOP_STS_ENDPOINT"),
        ] {
            let base = [("HSS_TOP_TOKEN", "t"), ("HSS_TOP_REGION", "cn-north-4")];
            assert_clean(url, &said(&[flag, url], &base));
            let out = said(&[], &[base[0], base[1], (variable, url)]);
            assert_clean(url, &out);
            assert!(out.contains("‹secret›@"), "{out}");
        }
    }
}

#[test]
fn a_secret_in_the_wrong_variable_is_not_repeated() {
    let base = [("HSS_TOP_REGION", "cn-north-4"), ("HSS_TOP_PROJECT_ID", "p")];
    for name in [
        "HSS_TOP_TOKEN_FILE",
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
        "HSS_TOP_CA_FILE",
        "HSS_TOP_CLIENT_CERT_FILE",
        "HSS_TOP_CLIENT_KEY_FILE",
        "HSS_TOP_CONFIG",
        "HSS_TOP_PROFILE",
        "HSS_TOP_REGION",
        "HSS_TOP_ENDPOINT",
        "HSS_TOP_INTERVAL",
        "HSS_TOP_PAGE_SIZE",
        "HSS_TOP_CALLS_PER_MINUTE",
        "HSS_TOP_LOG_LEVEL",
        "HSS_TOP_ALLOW_HTTP",
        "HSS_TOP_METADATA_ENDPOINT",
        "HUAWEICLOUD_SDK_REGIONS_FILE",
        "HSS_TOP_STS_ENDPOINT",
        "HW_SHARED_CONFIG_FILE",
        "HW_PROFILE",
    ] {
        // Another name for the same secret would be looked for; here nothing knows that it is one.
        let token: &[(&str, &str)] = if ["TOKEN", "METADATA", "CREDENTIALS", "HW_"]
            .iter()
            .any(|part| name.contains(part))
        {
            &[]
        } else {
            &[("HSS_TOP_TOKEN", "t")]
        };
        let out = said(&[], &[token, &base, &[(name, SECRET)]].concat());
        assert_clean(name, &out);
    }
    let password = [
        ("HSS_TOP_IAM_USER", "ops"),
        ("HSS_TOP_IAM_DOMAIN", "acme"),
        ("HSS_TOP_IAM_PASSWORD_FILE", SECRET),
    ];
    let out = said(&[], &[&base[..], &password].concat());
    assert_clean("a password in the place of its file", &out);
    for (at, mut set) in [
        vec![
            ("HUAWEICLOUD_SDK_IDP_ID", "corp"),
            ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/none"),
        ],
        vec![
            ("HC_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9"),
            ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none"),
        ],
        vec![
            ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
            ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
            ("HUAWEICLOUD_OIDC_TOKEN_FILE", "/none"),
            ("HUAWEICLOUD_OIDC_DURATION_SECONDS", "3600"),
        ],
    ]
    .into_iter()
    .flat_map(|set| (0..set.len()).map(move |at| (at, set.clone())))
    {
        set[at].1 = SECRET;
        assert_clean(set[at].0, &said(&[], &[&base[..], &set].concat()));
    }
    assert!(out.contains("MIIG… (33 characters)"), "{out}");
}

#[test]
fn a_secret_in_the_wrong_place_of_the_file_is_not_repeated() {
    let folder = Folder::new("misplaced");
    for line in [
        format!("interval = \"{SECRET}\""),
        format!("page_size = \"{SECRET}\""),
        format!("allow_http = \"{SECRET}\""),
        format!("region = \"{SECRET}\""),
        format!("token_file = \"{SECRET}\""),
        format!("ca_file = \"{SECRET}\""),
        format!("profiles = \"{SECRET}\""),
        format!("credential_process = \"{SECRET}\""),
        format!("{SECRET} = 1"),
        format!("[profiles.a]\n{SECRET} = 1"),
        format!("secret_key = {SECRET}"),
        format!("secret_key = \"{SECRET}"),
        format!("access_key = \"AKIDabcd\"\nsecret_key = 12\n# {SECRET}"),
        format!("access_key = \"{SECRET}\""),
        format!("iam_user = \"ops\"\niam_domain = \"acme\"\niam_password_file = \"{SECRET}\""),
        format!("endpoint = \"https://u:{SECRET}@host\""),
    ] {
        let file = folder.write("config.toml", &line);
        let out = said(
            &["--config", &file, "--project-id", "p"],
            &[("HSS_TOP_REGION", "cn-north-4")],
        );
        assert_clean(&line, &out);
    }
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    for flags in [
        &[SECRET][..],
        &["config", SECRET],
        &["doctor", SECRET],
        &["doctor", "--output", SECRET],
        &["--pods", SECRET],
        &["--token", SECRET],
        &["simulate", "--listen", SECRET],
        &["simulate", "--project", SECRET],
        &["simulate", "--latency", SECRET],
        &["--page-size", SECRET],
        &["--interval", SECRET],
        &["--profile", SECRET],
        &["--config", SECRET],
        &["--region", SECRET],
        &["--project-id", "MIIG/canary/canary"],
    ] {
        let (code, out, err) = run(flags, &[("HSS_TOP_TOKEN", "t")]);
        assert_ne!(code, Some(0), "{flags:?}");
        assert_clean(&format!("{flags:?}"), &(out + &err));
    }
    // What was only mistyped is told as it was typed.
    let (_, _, err) = run(&["--intervall", "60s"], &[]);
    assert!(err.contains("--intervall"), "{err}");
    let (_, _, err) = run(&["docter"], &[]);
    assert!(err.contains("docter"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_a_proxy_that_cannot_be_read_no_call_is_made() {
    let page = Step::json("200 OK", include_str!("../fixtures/page-example.json"));
    let hss = Scripted::start(vec![page]).await;
    let url = format!("http://localtest.invalid:{}", hss.address.port());
    for value in ["::::", "http://u:canary/1@proxy:1", "socks5://u:canary@proxy:1"] {
        let (url, value) = (url.clone(), value.to_owned());
        let out = tokio::task::spawn_blocking(move || {
            let flags = ["doctor", "--endpoint", &url, "--allow-http", "--project-id", "p"];
            let variables = [("HSS_TOP_TOKEN", "t"), ("HTTP_PROXY", &value)];
            let (code, out, err) = run(&flags, &variables);
            assert_eq!(code, Some(1), "{out}");
            out + &err
        })
        .await
        .unwrap();
        assert_eq!(
            out.matches("the proxy variable HTTP_PROXY cannot be used")
                .count(),
            2,
            "{out}"
        );
        assert!(
            out.contains("PROBLEM  proxy") && out.contains("so no call is made"),
            "{out}"
        );
        assert!(out.contains("correct HTTP_PROXY or unset it"), "{out}");
        assert_clean("doctor", &out);
    }
    assert_eq!(hss.requests(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_the_proxy_variable_that_holds() {
    let page = Step::json("200 OK", include_str!("../fixtures/page-example.json"));
    let proxy = Scripted::start(vec![page]).await;
    let address = format!("http://{}", proxy.address);
    for (variables, said) in [
        // The HTTP library itself would go direct here.
        (
            vec![("HTTP_PROXY", ""), ("http_proxy", &*address)],
            format!("{} (http_proxy)", proxy.address),
        ),
        (
            vec![("HTTP_PROXY", &*address)],
            format!("{} (HTTP_PROXY)", proxy.address),
        ),
        (
            vec![("all_proxy", &*address), ("no_proxy", "x:1")],
            format!("{} (all_proxy)", proxy.address),
        ),
    ] {
        let variables: Vec<(&str, String)> = variables
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        let out = tokio::task::spawn_blocking(move || {
            let mut all = vec![("HSS_TOP_TOKEN", "t")];
            all.extend(variables.iter().map(|(name, value)| (*name, value.as_str())));
            let flags = [
                "doctor",
                "--endpoint",
                "http://hss.invalid",
                "--allow-http",
                "--project-id",
                "p",
            ];
            run(&flags, &all).1
        })
        .await
        .unwrap();
        assert!(
            out.contains(&said) && out.contains("ok       call"),
            "{said}: {out}"
        );
    }
    let out = tokio::task::spawn_blocking(|| {
        let variables = [("HSS_TOP_TOKEN", "t"), ("ALL_PROXY", "p:1"), ("NO_PROXY", "*")];
        run(
            &["doctor", "--endpoint", "https://hss.invalid", "--project-id", "p"],
            &variables,
        )
        .1
    })
    .await
    .unwrap();
    assert!(out.contains("none: NO_PROXY lists hss.invalid"), "{out}");
}

#[test]
fn half_a_key_pair_is_told_although_another_credential_is_used() {
    let half = [("HSS_TOP_TOKEN", "t"), ("HW_ACCESS_KEY", "AKID0123456789")];
    let sentence = "HW_ACCESS_KEY is set, but HW_SECRET_KEY is not";
    let flags = ["--endpoint", "http://127.0.0.1:9", "--project-id", "p"];
    for command in [&["doctor"][..], &["config", "show"]] {
        let (_, out, err) = run(&[command, &flags].concat(), &half);
        assert!((out.clone() + &err).contains(sentence), "{out}{err}");
    }
}

#[test]
fn a_file_without_an_end_holds_nothing_up_and_a_pipe_is_a_configuration() {
    let began = tokio::time::Instant::now();
    for flag in ["--config", "--ca-file", "--client-cert-file", "--client-key-file"] {
        for path in ["/dev/zero", "/proc/self/mem"] {
            let pair = match flag {
                "--client-cert-file" => &["--client-key-file", path][..],
                "--client-key-file" => &["--client-cert-file", path],
                _ => &[],
            };
            let flags = [&["doctor", "--region", "cn-north-4", flag, path], pair].concat();
            let (code, out, err) = run(&flags, &[("HSS_TOP_TOKEN", "t")]);
            assert_eq!(code, Some(1), "{out}{err}");
            assert!(out.contains("PROBLEM  configuration"), "{flag} {path}: {out}");
        }
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(20));
    let shown = std::process::Command::new("/bin/bash")
        .args(["-c", "exec \"$0\" config show --config <(printf 'region = \"cn-north-4\"\\nsecret_key = \"canary-in-a-pipe\"\\naccess_key = \"AK12345678\"')"])
        .arg(env!("CARGO_BIN_EXE_hss-top"))
        .env_clear()
        .env("HSS_TOP_METADATA_ENDPOINT", "off")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&shown.stdout);
    assert!(out.contains("cn-north-4") && out.contains("AK12"), "{out}");
    assert_clean("a pipe", &out);
}
