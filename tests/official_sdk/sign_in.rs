//! Sign-in beside the official SDK: the same variables, the same server, and what each of both sends.
//!
//! | on purpose, hss-top does otherwise | why |
//! |---|---|
//! | a source that is complete but cannot be used is an error | the SDK goes on to the next one without a word, as somebody else |
//! | the token's file is read for each sign-in | the SDK reads that of OIDC once, and sends it after its end |
//! | pod identity comes before the metadata service | `docs/decisions/17-sign-in-order.md` |
//!
//! Bodies are compared as JSON, since Python writes blanks between its tokens.

use std::collections::HashMap;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::auth::chain;
use hss_top::hss::{Client, Endpoint, ListPods, ProjectId, Setup, TransportContext};
use serde_json::Value;

use super::printed_with;
use super::support::run::Folder;
use super::support::scripted::{Scripted, Step};

/// What a call says to the service: its first words, the headers that matter, and its body.
#[derive(Debug, PartialEq)]
struct Said {
    line: String,
    headers: Vec<Option<String>>,
    body: Value,
}

const HEADERS: [&str; 4] = ["x-idp-id", "content-type", "x-auth-token", "x-security-token"];

fn said(request: &str) -> Said {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.split(';').next().unwrap().to_owned())
    };
    let line = head.lines().next().unwrap();
    let is_page = line.starts_with("GET /v5/p-1/kubernetes/pods?");
    let access = header("authorization").unwrap_or_default();
    let access = access.split(',').next().unwrap_or_default().to_owned();
    Said {
        line: if is_page {
            format!("GET pods, {access}")
        } else {
            format!("{line}, {access}")
        },
        // The SDK names a content type for a body that it does not send.
        headers: HEADERS
            .iter()
            .map(|name| header(name).filter(|_| !(is_page && *name == "content-type")))
            .collect(),
        body: serde_json::from_str(body).unwrap_or_default(),
    }
}

fn unscoped() -> Step {
    Step::http(
        "201 Created",
        "Content-Type: application/json\r\nX-Subject-Token: unscoped\r\n",
        r#"{"token":{"expires_at":"2100-01-01T00:00:00.000000Z"}}"#,
    )
}

fn pair(names: [&str; 4], object: &str) -> Step {
    let [access, secret, token, end] = names;
    let pair = format!(
        r#"{{"{access}":"AK","{secret}":"sk","{token}":"sts","{end}":"2100-01-01T00:00:00.000000Z"}}"#
    );
    Step::json("200 OK", &format!(r#"{{"{object}":{pair}}}"#))
}

fn of_iam() -> Step {
    pair(["access", "secret", "securitytoken", "expires_at"], "credential")
}

fn of_sts() -> Step {
    let names = [
        "access_key_id",
        "secret_access_key",
        "security_token",
        "expiration",
    ];
    pair(names, "credentials")
}

/// A case: its name, the variables beside those of every case, which provider the SDK uses, and what the server answers before
/// the page.
type SignInCase = (&'static str, Vec<(&'static str, String)>, &'static str, Vec<Step>);

fn cases(folder: &Folder) -> Vec<SignInCase> {
    let text = |text: &str| text.to_owned();
    let token = folder.write("token", "one.two.three\n");
    let home = |name: &str, basic: &str| {
        let path = folder.join(name).join(".huaweicloud");
        std::fs::create_dir_all(&path).unwrap();
        folder.write(&format!("{name}/.huaweicloud/credentials"), basic);
        ("HOME", folder.join(name).display().to_string())
    };
    let of_file = home(
        "identity",
        &format!("[basic]\nproject_id = p-1\nak = FILE\nsk = x\nidp_id = corp\nid_token_file = {token}\n"),
    );
    let half = home(
        "half",
        "[basic]\nproject_id = p-1\nak = FILE\nsk = x\nidp_id = corp\n",
    );
    let agency = vec![
        ("HUAWEICLOUD_OIDC_PROVIDER_URN", text("purn")),
        ("HUAWEICLOUD_OIDC_AGENCY_URN", text("aurn")),
        ("HUAWEICLOUD_OIDC_TOKEN_FILE", token.clone()),
    ];
    let narrowed = vec![
        ("HUAWEICLOUD_OIDC_SESSION_NAME", text("top")),
        ("HUAWEICLOUD_OIDC_DURATION_SECONDS", text("7200")),
        ("HUAWEICLOUD_OIDC_POLICY", text("{}")),
        ("HUAWEICLOUD_OIDC_POLICY_IDS", text(" a ,, b,")),
        ("HUAWEICLOUD_OIDC_ID_TOKEN", text("given.two.three")),
    ];
    let provider = vec![
        ("HUAWEICLOUD_SDK_IDP_ID", text("corp")),
        ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token.clone()),
    ];
    let keys = vec![
        ("HUAWEICLOUD_SDK_AK", text("ENV")),
        ("HUAWEICLOUD_SDK_SK", text("x")),
    ];
    let pod = vec![("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", token)];
    let exchanged = || vec![unscoped(), of_iam()];
    vec![
        (
            "an agency before everything",
            [
                agency.clone(),
                provider.clone(),
                keys.clone(),
                vec![of_file.clone()],
            ]
            .concat(),
            "chain",
            vec![of_sts()],
        ),
        (
            "an agency with all that is optional",
            [agency.clone(), narrowed].concat(),
            "chain",
            vec![of_sts()],
        ),
        (
            "half of an agency is passed over",
            [vec![agency[0].clone()], keys.clone()].concat(),
            "chain",
            vec![],
        ),
        (
            "a provider before a key pair",
            [provider.clone(), keys.clone(), vec![of_file.clone()]].concat(),
            "chain",
            exchanged(),
        ),
        (
            "half of a provider is passed over",
            [vec![provider[0].clone()], keys.clone()].concat(),
            "chain",
            vec![],
        ),
        (
            "a key pair before the file",
            [keys, vec![of_file.clone()]].concat(),
            "chain",
            vec![],
        ),
        (
            "in the file, a provider before a key pair",
            vec![of_file],
            "chain",
            exchanged(),
        ),
        (
            "in the file, half of a provider is passed over",
            vec![half],
            "chain",
            vec![],
        ),
        ("pod identity", pod.clone(), "pod", vec![of_iam()]),
        ("pod identity, as STS spells it", pod, "pod", vec![of_sts()]),
    ]
}

/// What hss-top sends with these variables.
async fn ours(set: &HashMap<&'static str, String>, url: &str) {
    let found = chain::find(&|name| set.get(name).cloned(), None)
        .unwrap()
        .unwrap();
    let place = || Endpoint::parse(url, false).unwrap();
    let setup = Setup {
        iam: Some(place()),
        sts: Some(place()),
        ..Setup::new(place(), ProjectId::new("p-1").unwrap(), found)
    };
    let client = Client::new(setup, TransportContext::new(Clock::system()));
    let call = ListPods::new("all_granted_eps", 10, Scope::default()).unwrap();
    client.list_pods(&call).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs packages from PyPI"]
async fn the_official_sdk_chooses_and_sends_the_same() {
    let folder = Folder::new("sdk-sign-in");
    for (name, set, way, steps) in cases(&folder) {
        let page = Step::json("200 OK", include_str!("../fixtures/page-example.json"));
        let steps = [steps, vec![page]].concat();
        let served = Scripted::start(steps.clone()).await;
        let also_served = Scripted::start(steps).await;
        let at = |url: &str| {
            let mut all: HashMap<&'static str, String> = set.iter().cloned().collect();
            for endpoint in ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "HUAWEICLOUD_SDK_STS_ENDPOINT"] {
                all.insert(endpoint, url.to_owned());
            }
            all.insert("HUAWEICLOUD_SDK_PROJECT_ID", "p-1".to_owned());
            all.entry("HOME").or_insert_with(|| folder.path().to_owned());
            if way == "pod" {
                all.insert("HC_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/v1/creds?a=b"));
            }
            all
        };
        ours(&at(&served.url()), &served.url()).await;
        let (url, variables) = (also_served.url(), at(&also_served.url()));
        let sdk =
            tokio::task::spawn_blocking(move || printed_with("sdk_sign_in.py", &[&url, way], &variables));
        assert_eq!(sdk.await.unwrap(), "ok", "{name}");
        let told = |server: &Scripted| -> Vec<Said> { server.requests().iter().map(|it| said(it)).collect() };
        assert_eq!(told(&served), told(&also_served), "{name}");
        assert!(!told(&served).is_empty(), "{name}");
    }
}
