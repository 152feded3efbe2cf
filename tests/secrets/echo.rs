//! Servers and proxies that repeat what they received, in every part of an answer that is shown.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::support::answering::Answering;
use super::support::pty::Pty;
use super::support::run::{Folder, run};
use super::support::scripted::Step;
use super::{export, files};

/// As long as real ones, with characters that are written differently in URLs, in JSON and in base64.
const TOKEN: &str = "MIIGcanary/Token+0123456789abcdefghij=KLMNOP";
const ACCESS: &str = "HSTACANARY0123456789";
const SK: &str = "canarySK0123456789ABCDEFGHIJ0123456789ab";
const STS: &str = "gQpjbi1ub3canary/Sts+0123456789zyxwvutsrqpo==";
const PASSWORD: &str = "canary P@ss/w0rd+2026";
const PROXY: &str = "canaryproxy5b6c7d8e9f";
const SECRETS: [&str; 6] = [TOKEN, ACCESS, SK, STS, PASSWORD, PROXY];

fn percent(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Every way in which a secret could be written, and its start and its end.
fn writings(secret: &str) -> Vec<String> {
    let (start, end) = (
        secret.get(..12).unwrap(),
        secret.get(secret.len() - 12..).unwrap(),
    );
    vec![
        secret.to_owned(),
        start.to_owned(),
        end.to_owned(),
        secret.to_lowercase(),
        percent(secret),
        STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        // The same behind a user's name, less what depends on it.
        STANDARD
            .encode(format!("ops:{secret}"))
            .get(6..)
            .unwrap()
            .trim_end_matches('=')
            .to_owned(),
        json(secret).trim_matches('"').to_owned(),
        secret.replace('/', "\\/"),
        // Escaped twice: a body that was repeated inside another one.
        json(json(secret).trim_matches('"')).trim_matches('"').to_owned(),
        percent(json(secret).trim_matches('"')),
        percent(&percent(secret)),
    ]
}

fn assert_clean(what: &str, bytes: &[u8]) {
    for writing in SECRETS.iter().flat_map(|secret| writings(secret)) {
        let found = memchr::memmem::find(bytes, writing.as_bytes());
        assert!(
            found.is_none(),
            "{writing} is in {what}:\n{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

/// All that a caller sent, in all writings, as one text.
fn all_of(secrets: &[&str], head: &str) -> String {
    let written: Vec<String> = secrets.iter().flat_map(|secret| writings(secret)).collect();
    format!("{} {}", written.join(" | "), head.replace("\r\n", " "))
}

/// An answer that says `text` in one of its places.
type Place = (&'static str, fn(&str) -> Step);

const PLACES: [Place; 11] = [
    ("error_msg", |text| {
        let body = format!(r#"{{"error_code":"APIGW.0301","error_msg":{}}}"#, json(text));
        Step::json("401 Unauthorized", &body)
    }),
    ("error_code", |text| {
        Step::json(
            "400 Bad Request",
            &format!(r#"{{"error_code":{},"error_msg":"no"}}"#, json(text)),
        )
    }),
    ("request_id of the body", |text| {
        let body = format!(
            r#"{{"error_code":"X.1","error_msg":"no","request_id":{}}}"#,
            json(text)
        );
        Step::http("403 Forbidden", "Content-Type: application/json\r\n", body)
    }),
    ("X-Request-Id", |text| {
        let header = format!("Content-Type: application/json\r\nX-Request-Id: {text}\r\n");
        Step::http(
            "500 Internal Server Error",
            &header,
            r#"{"error_code":"X.1","error_msg":"no"}"#,
        )
    }),
    ("nested error", |text| {
        let body = format!(
            r#"{{"error":{{"code":403,"message":{},"title":"Forbidden"}}}}"#,
            json(text)
        );
        Step::json("403 Forbidden", &body)
    }),
    ("throttling", |text| {
        let body = format!(r#"{{"error_code":"APIGW.0308","error_msg":{}}}"#, json(text));
        Step::json("429 Too Many Requests", &body)
    }),
    ("canonical request", |text| {
        let said = format!("verify aksk signature fail, canonicalRequest:GET|{text}|");
        let body = format!(r#"{{"error_code":"APIGW.0301","error_msg":{}}}"#, json(&said));
        Step::json("401 Unauthorized", &body)
    }),
    ("no JSON", |text| {
        Step::http(
            "200 OK",
            "Content-Type: application/json\r\n",
            format!("{{{text}"),
        )
    }),
    ("HTML", |text| {
        Step::http(
            "502 Bad Gateway",
            "Content-Type: text/html\r\n",
            format!("<h1>{text}</h1>"),
        )
    }),
    ("an invalid header", |text| {
        Step::Answer(format!("HTTP/1.1 {text}\r\n\r\n").into_bytes())
    }),
    ("status line", |text| Step::http(&format!("418 {text}"), "", "")),
];

/// Runs `doctor` in both forms, and records: all that was printed.
async fn doctor(flags: Vec<String>, variables: Vec<(&'static str, String)>) -> String {
    let ask = move || {
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let forms = [
            &["doctor"][..],
            &["doctor", "--output", "json"],
            &["record", "--out", "-", "--give-up-after", "0s"],
            &["record", "--out", "-", "--give-up-after", "0s", "--mask"],
        ];
        let printed = forms.map(|form| {
            let (_, out, err) = run(&[form, &flags].concat(), &variables);
            out + &err
        });
        printed.concat()
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

fn flags(endpoint: &str) -> Vec<String> {
    ["--endpoint", endpoint, "--allow-http", "--project-id", "p"]
        .map(str::to_owned)
        .to_vec()
}

fn set(variables: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    variables
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

const KEYS: [(&str, &str); 3] = [
    ("HUAWEICLOUD_SDK_AK", ACCESS),
    ("HUAWEICLOUD_SDK_SK", SK),
    ("HUAWEICLOUD_SDK_SECURITY_TOKEN", STS),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_repeats_the_credential_is_not_repeated() {
    for (place, answer) in PLACES {
        let hss =
            Answering::start(move |_, head| answer(&all_of(&[TOKEN, SK, STS, ACCESS], head)).bytes()).await;
        for way in [&[("HSS_TOP_TOKEN", TOKEN)][..], &KEYS] {
            let out = doctor(flags(&hss.url()), set(way)).await;
            assert!(out.contains("call"), "{place}: {out}");
            assert!(out.contains("hss_top_recording"), "{place}: {out}");
            // A token alone is sent, so only that could be repeated.
            let known: &[&str] = if way.len() == 1 {
                &[TOKEN]
            } else {
                &[ACCESS, SK, STS]
            };
            for writing in known.iter().flat_map(|secret| writings(secret)) {
                assert!(!out.contains(&writing), "{place}: {writing} is in {out}");
            }
        }
        assert!(hss.asked() >= 4, "{place}");
    }
}

/// The host that an answer leads to is lower case, whoever wrote it.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_made_of_the_credential_is_not_named() {
    let hss = Answering::start(|_, _| {
        Step::http("302 Found", &format!("Location: https://{SK}.example/\r\n"), "").bytes()
    })
    .await;
    let out = doctor(flags(&hss.url()), set(&KEYS)).await;
    assert!(
        out.contains("redirect (302) to ‹secret›.example refused"),
        "{out}"
    );
    assert_clean("doctor", out.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn iam_that_repeats_the_password_or_the_token_is_not_repeated() {
    let refusal = Answering::start(|_, head| {
        let text = all_of(&[PASSWORD], head);
        let body = format!(
            r#"{{"error":{{"code":401,"message":{},"title":"Unauthorized"}}}}"#,
            json(&text)
        );
        Step::json("401 Unauthorized", &body).bytes()
    })
    .await;
    // It issues a token, and then has projects that are named like it.
    let projects = Answering::start(|_, head| {
        if head.starts_with("POST") {
            let headers = format!("Content-Type: application/json\r\nX-Subject-Token: {TOKEN}\r\n");
            return Step::http("201 Created", &headers, r#"{"token":{}}"#).bytes();
        }
        let project = format!(
            r#"{{"id":{0},"name":{0}}}"#,
            json(&all_of(&[PASSWORD, TOKEN], head))
        );
        Step::json("200 OK", &format!(r#"{{"projects":[{project},{project}]}}"#)).bytes()
    })
    .await;
    for iam in [refusal, projects] {
        let mut flags: Vec<String> = [
            "--endpoint",
            &iam.url(),
            "--iam-endpoint",
            &iam.url(),
            "--region",
            "r",
        ]
        .map(str::to_owned)
        .to_vec();
        flags.push("--allow-http".to_owned());
        let variables = set(&[
            ("HSS_TOP_IAM_USER", "ops"),
            ("HSS_TOP_IAM_DOMAIN", "acme"),
            ("HSS_TOP_IAM_PASSWORD", PASSWORD),
        ]);
        let out = doctor(flags, variables).await;
        assert!(out.contains("‹secret›"), "{out}");
        assert_clean("doctor", out.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metadata_service_that_repeats_its_session_is_not_repeated() {
    let metadata = Answering::start(|_, head| {
        if head.starts_with("PUT") {
            return Step::http("200 OK", "", TOKEN).bytes();
        }
        if head.contains("securitykey") {
            let body = format!(
                r#"{{"error_code":"X","error_msg":{}}}"#,
                json(&all_of(&[TOKEN], head))
            );
            return Step::json("403 Forbidden", &body).bytes();
        }
        Step::json("200 OK", "{}").bytes()
    })
    .await;
    let url = metadata.url();
    let out = doctor(
        flags("http://127.0.0.1:9"),
        set(&[("HSS_TOP_METADATA_ENDPOINT", &url)]),
    )
    .await;
    assert!(out.contains("metadata service says: ‹secret›"), "{out}");
    assert_clean("doctor", out.as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_repeats_an_identity_token_is_not_repeated() {
    let folder = Folder::new("echo-identity");
    let token = folder.write("token", TOKEN);
    // IAM issues a token for the identity, and repeats that one too.
    let service = Answering::start(|_, head| {
        if head.contains("/OS-AUTH/") {
            let headers = format!("Content-Type: application/json\r\nX-Subject-Token: {STS}\r\n");
            return Step::http("201 Created", &headers, "{}").bytes();
        }
        let text = all_of(&[TOKEN, STS], head);
        let body = format!(
            r#"{{"error":{{"code":401,"message":{},"title":"No"}}}}"#,
            json(&text)
        );
        Step::json("401 Unauthorized", &body).bytes()
    })
    .await;
    let url = service.url();
    let mut flags = flags("http://127.0.0.1:9");
    flags.extend(["--iam-endpoint", &url, "--sts-endpoint", &url].map(str::to_owned));
    for way in [
        vec![
            ("HUAWEICLOUD_SDK_IDP_ID", "corp"),
            ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &token),
        ],
        vec![
            ("HUAWEICLOUD_OIDC_PROVIDER_URN", "p"),
            ("HUAWEICLOUD_OIDC_AGENCY_URN", "a"),
            ("HUAWEICLOUD_OIDC_TOKEN_FILE", &token),
        ],
        vec![
            ("HC_CONTAINER_CREDENTIALS_FULL_URI", &url),
            ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token),
        ],
    ] {
        let out = doctor(flags.clone(), set(&way)).await;
        assert!(out.contains("says: ‹secret›"), "{out}");
        for writing in [TOKEN, STS].into_iter().flat_map(writings) {
            // Only the first way was ever given the other secret.
            let is_known = writings(TOKEN).contains(&writing) || way[0].0 == "HUAWEICLOUD_SDK_IDP_ID";
            assert!(
                !is_known || !out.contains(&writing),
                "{}: {writing} is in {out}",
                way[0].0
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_repeats_its_password_is_not_repeated() {
    for (place, answer) in PLACES {
        let proxy = Answering::start(move |_, head| answer(&all_of(&[PROXY], head)).bytes()).await;
        let address = format!(
            "{}/",
            proxy.url().replace("http://", &format!("http://ops:{PROXY}@"))
        );
        for (endpoint, variable) in [
            ("http://hss.invalid", "http_proxy"),
            ("https://hss.invalid", "HTTPS_PROXY"),
        ] {
            let out = doctor(
                flags(endpoint),
                set(&[("HSS_TOP_TOKEN", TOKEN), (variable, &address)]),
            )
            .await;
            assert!(out.contains("call"), "{place}: {out}");
            for writing in writings(PROXY) {
                assert!(!out.contains(&writing), "{place}: {writing} is in {out}");
            }
        }
    }
}

/// A list whose pods are named like the credential: on the screen, in files, in the state and in the log.
#[tokio::test(flavor = "multi_thread")]
async fn pods_that_are_named_like_the_credential_show_none_of_it() {
    for (at, names) in [
        writings(TOKEN),
        vec![TOKEN.replace('c', "\\u0063").replace('/', "\\/")],
    ]
    .into_iter()
    .enumerate()
    {
        let hss = Answering::start(move |_, _| {
            let pod = |name: &String| {
                let text = if name.contains("\\u") { format!("\"{name}\"") } else { json(name) };
                format!(
                    r#"{{"id":{text},"pod_name":{text},"namespace_name":{text},"cluster_name":{text},"node_name":{text},"status":{text},"cpu":{text},"region_id":{text},"create_time":1700000000000}}"#
                )
            };
            let pods: Vec<String> = names.iter().map(pod).collect();
            let body = format!(
                r#"{{"total_num":{},"last_update_time":1764374400000,"data_list":[{}],"pod_info_list":[]}}"#,
                pods.len(),
                pods.join(",")
            );
            Step::json("200 OK", &body).bytes()
        })
        .await;
        let url = hss.url();
        tokio::task::spawn_blocking(move || shown_and_written(&format!("echo-pods-{at}"), &url))
            .await
            .unwrap();
    }
}

fn shown_and_written(name: &str, url: &str) {
    let home = Folder::new(name);
    let log = home.join("log");
    let mut all: Vec<String> = flags(url);
    all.extend(["--log-level", "trace", "--log-file", log.to_str().unwrap()].map(str::to_owned));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut pty = Pty::start(200, 50, &all, &[("HSS_TOP_TOKEN", TOKEN), ("HOME", home.path())]);
    pty.shows("‹secret›");
    export(&mut pty);
    pty.keys("\r");
    pty.shows("Cluster");
    // One closes the detail.
    pty.keys("q");
    pty.quit();
    let (_, raw, _) = pty.ended();
    assert_clean("the terminal's bytes", &raw);
    let written = files(Path::new(home.path()));
    assert!(written.len() >= 4, "{written:?}");
    for path in written {
        assert_clean(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
}

/// A password beyond the BMP, which the list repeats in surrogate pairs and in other escapes.
#[tokio::test(flavor = "multi_thread")]
async fn pods_that_are_named_like_the_password_in_escapes_leave_none_of_it_anywhere() {
    const ODD: &str = "p\u{1f600}ss&w/rd \u{1f511}+canary-0123456789";
    let escaped = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        units.collect::<Vec<String>>().concat()
    };
    let references = ODD.chars().map(|it| format!("&#{};", u32::from(it)));
    let html = references.collect::<Vec<String>>().concat();
    let names = [
        escaped(ODD),
        escaped(&escaped(ODD)),
        escaped(&html),
        html,
        percent(ODD),
        percent(ODD).replace("%20", "+"),
        json(ODD).trim_matches('"').replace('&', "\\u0026"),
    ];
    let hidden: Vec<String> = names
        .iter()
        .cloned()
        .chain([ODD, "\u{1f600}", "\u{1f511}", "canary-01"].map(str::to_owned))
        .collect();
    let server = Answering::start(move |_, head| {
        if head.starts_with("POST /v3/auth/tokens") {
            let headers = "Content-Type: application/json\r\nX-Subject-Token: t0ken\r\n";
            return Step::http("201 Created", headers, r#"{"token":{}}"#).bytes();
        }
        let pods = names.iter().enumerate().map(|(at, name)| {
            format!(r#"{{"id":"{at}","pod_name":"a {name} z","namespace_name":"{name}","status":"Running","create_time":1700000000000}}"#)
        });
        let pods: Vec<String> = pods.collect();
        let body = format!(
            r#"{{"total_num":{},"last_update_time":1764374400000,"data_list":[{}],"pod_info_list":[]}}"#,
            pods.len(),
            pods.join(",")
        );
        Step::json("200 OK", &body).bytes()
    })
    .await;
    let url = server.url();
    tokio::task::spawn_blocking(move || {
        let home = Folder::new("echo-escapes");
        let log = home.join("log");
        let mut all: Vec<String> = flags(&url);
        all.extend(
            [
                "--iam-endpoint",
                &url,
                "--log-level",
                "trace",
                "--log-file",
                log.to_str().unwrap(),
            ]
            .map(str::to_owned),
        );
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let variables = [
            ("HSS_TOP_IAM_USER", "ops"),
            ("HSS_TOP_IAM_DOMAIN", "acme"),
            ("HSS_TOP_IAM_PASSWORD", ODD),
            ("HOME", home.path()),
        ];
        let mut pty = Pty::start(200, 50, &all, &variables);
        pty.shows("a ‹secret› z");
        export(&mut pty);
        pty.quit();
        let (_, raw, _) = pty.ended();
        let written = files(Path::new(home.path()));
        for ending in ["log", "csv", "json", "sqlite"] {
            assert!(
                written
                    .iter()
                    .any(|path| path.to_string_lossy().ends_with(ending)),
                "{ending}: {written:?}"
            );
        }
        let contents = written
            .into_iter()
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()));
        for (what, bytes) in contents.chain([("the terminal".to_owned(), raw)]) {
            for part in &hidden {
                assert!(
                    memchr::memmem::find(&bytes, part.as_bytes()).is_none(),
                    "{part} is in {what}"
                );
            }
        }
    })
    .await
    .unwrap();
}
