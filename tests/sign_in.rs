//! Signing in: every source of credentials, IAM's tokens, the project, the clock. Against servers that play a script.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

#[path = "sign_in/helper.rs"]
mod helper;
#[path = "sign_in/identities.rs"]
mod identities;
#[path = "sign_in/rests.rs"]
mod rests;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::auth::source::Password;
use hss_top::hss::auth::{CredentialSource, KeyPair, ResolvedSource};
use hss_top::hss::error::{Error, ErrorKind};
use hss_top::hss::transport::Carrier;
use hss_top::hss::{Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext};
use jiff::Timestamp;
use support::scripted::{Scripted, Step};
use tempfile::TempDir;

const PAGE: &str = include_str!("fixtures/page-example.json");
const CANARY: &str = "canary-9b1d";

/// A clock that the test moves.
#[derive(Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(Mutex::new("2026-01-01T00:00:00Z".parse().unwrap())))
    }

    fn clock(&self) -> Clock {
        let hands = self.0.clone();
        Clock::from_fn(move || *hands.lock().unwrap())
    }

    fn turn(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.checked_add(by).unwrap();
    }
}

fn page() -> Step {
    Step::json("200 OK", PAGE)
}

fn refused() -> Step {
    Step::json(
        "401 Unauthorized",
        r#"{"error_msg":"decrypt token fail","error_code":"APIGW.0301","request_id":"r"}"#,
    )
}

/// IAM's answer with a token that ends in the hour after the test's midnight.
fn issued(token: &str) -> Step {
    Step::http(
        "201 Created",
        &format!("Content-Type: application/json\r\nX-Subject-Token: {token}\r\n"),
        r#"{"token":{"expires_at":"2026-01-01T01:00:00.000000Z","methods":["password"]}}"#,
    )
}

fn password() -> ResolvedSource {
    ResolvedSource {
        source: CredentialSource::Password {
            user: "ops".into(),
            domain: "acme".into(),
            password: Password::Given(CANARY.into()),
        },
        name: "HSS_TOP_IAM_USER ops".into(),
    }
}

fn endpoint(server: &Scripted) -> Endpoint {
    Endpoint::parse(&server.url(), false).unwrap()
}

fn client(hss: &Scripted, iam: Option<&Scripted>, found: ResolvedSource, clock: Clock) -> Client {
    let project = ProjectId::new("p-1").unwrap();
    let setup = Setup {
        iam: iam.map(endpoint),
        ..Setup::new(endpoint(hss), project, found)
    };
    Client::new(setup, TransportContext::new(clock))
}

fn first_page() -> ListPods {
    ListPods::new("all_granted_eps", 200, Scope::default()).unwrap()
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(it, _)| it.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_owned())
}

fn tokens(server: &Scripted) -> Vec<String> {
    server
        .requests()
        .iter()
        .map(|head| header(head, "x-auth-token").unwrap())
        .collect()
}

/// Like the fetch task: one call, and another if the cause of a failure could be corrected.
async fn call(client: &Client) -> Result<(), Error> {
    match client.list_pods(&first_page()).await {
        Ok(_) => Ok(()),
        Err(error) => {
            client.mend(error).await?;
            client.list_pods(&first_page()).await.map(|_| ())
        }
    }
}

#[tokio::test]
async fn ten_callers_share_one_sign_in_and_it_is_renewed_alone_before_its_end() {
    let hss = Scripted::start(vec![page()]).await;
    let iam = Scripted::start(vec![issued("first"), issued("second")]).await;
    let hands = Hands::new();
    let client = client(&hss, Some(&iam), password(), hands.clock());
    let call = first_page();
    let results = futures_util::future::join_all((0..10).map(|_| client.list_pods(&call))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(
        (iam.requests().len(), tokens(&hss)),
        (1, vec!["first".to_owned(); 10])
    );
    assert!(iam.requests()[0].starts_with("POST /v3/auth/tokens?nocatalog=true HTTP/1.1\r\n"));

    hands.turn(Duration::from_mins(53));
    client.list_pods(&call).await.unwrap();
    assert_eq!(iam.requests().len(), 1, "a tenth of its life is left");
    hands.turn(Duration::from_mins(2));
    let results = futures_util::future::join_all((0..10).map(|_| client.list_pods(&call))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(iam.requests().len(), 2);
    assert_eq!(tokens(&hss).last().unwrap(), "second");
}

#[tokio::test]
async fn a_renewal_that_fails_leaves_the_old_token_until_its_end() {
    let hss = Scripted::start(vec![page()]).await;
    let down = Step::json("503 Service Unavailable", "{}");
    let iam = Scripted::start(vec![issued("first"), down.clone(), down, issued("second")]).await;
    let hands = Hands::new();
    let client = client(&hss, Some(&iam), password(), hands.clock());
    client.list_pods(&first_page()).await.unwrap();
    hands.turn(Duration::from_mins(56));
    client.list_pods(&first_page()).await.unwrap();
    client.list_pods(&first_page()).await.unwrap();
    assert_eq!(iam.requests().len(), 2, "a failed renewal rests for a minute");
    hands.turn(Duration::from_mins(4));
    let over = client.list_pods(&first_page()).await.unwrap_err();
    assert!(
        over.to_string().starts_with("IAM answered with an error (503"),
        "{over}"
    );
    client.list_pods(&first_page()).await.unwrap_err();
    assert_eq!(iam.requests().len(), 3, "a minute lies between two sendings");
    hands.turn(Duration::from_mins(1));
    client.list_pods(&first_page()).await.unwrap();
    assert_eq!(tokens(&hss), ["first", "first", "first", "second"]);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_never_in_a_loop() {
    let hss = Scripted::start(vec![refused(), page(), page(), refused()]).await;
    let iam = Scripted::start(vec![issued("first"), issued("second"), issued("third")]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    call(&client).await.unwrap();
    call(&client).await.unwrap();
    assert_eq!(tokens(&hss), ["first", "second", "second"]);
    // From now on every token is refused: one more sign-in, and no other.
    for _ in 0..5 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
    }
    assert_eq!(iam.requests().len(), 3);
}

#[tokio::test]
async fn two_callers_that_are_refused_together_sign_in_once() {
    let hss = Scripted::start(vec![refused(), refused(), page()]).await;
    let iam = Scripted::start(vec![issued("first"), issued("second")]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    let page = first_page();
    let (one, other) = tokio::join!(client.list_pods(&page), client.list_pods(&page));
    let (one, other) = tokio::join!(client.mend(one.unwrap_err()), client.mend(other.unwrap_err()));
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(iam.requests().len(), 2);
}

#[tokio::test]
async fn a_replacement_that_fails_is_made_up_for_and_never_in_a_loop() {
    let hss = Scripted::start(vec![refused(), page(), refused()]).await;
    let down = || Step::json("503 Service Unavailable", "{}");
    let iam = Scripted::start(vec![
        issued("first"),
        down(),
        down(),
        issued("second"),
        down(),
        issued("third"),
        issued("fourth"),
    ])
    .await;
    let hands = Hands::new();
    let client = client(&hss, Some(&iam), password(), hands.clock());
    for _ in 0..2 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Passing, "{error}");
        hands.turn(Duration::from_mins(1));
    }
    call(&client).await.unwrap();
    assert_eq!(tokens(&hss), ["first", "second"], "no call with what was refused");
    // From now on every token is refused. The third comes in place of the second, and none in its own.
    assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::Passing);
    hands.turn(Duration::from_mins(1));
    for _ in 0..5 {
        assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::SignIn);
    }
    assert_eq!(iam.requests().len(), 6);
    hands.turn(Duration::from_mins(15));
    for _ in 0..5 {
        assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::SignIn);
    }
    assert_eq!(iam.requests().len(), 7, "one more after a quarter of an hour");
    assert_eq!(tokens(&hss).last().unwrap(), "fourth");
}

#[tokio::test]
async fn a_replacement_that_is_given_up_goes_on_for_the_next_caller() {
    let hss = Scripted::start(vec![refused(), page()]).await;
    let slow = Step::Drip(issued("second").bytes(), Duration::from_millis(5));
    let iam = Scripted::start(vec![issued("first"), slow]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    let refusal = client.list_pods(&first_page()).await.unwrap_err();
    let mended = tokio::time::timeout(Duration::from_millis(300), client.mend(refusal)).await;
    assert!(mended.is_err(), "given up");
    call(&client).await.unwrap();
    assert_eq!(tokens(&hss), ["first", "second"]);
    assert_eq!(iam.requests().len(), 2, "the password was not sent again");
}

#[tokio::test]
async fn two_callers_whose_replacement_fails_ask_once() {
    let hss = Scripted::start(vec![refused()]).await;
    let down = Step::json("503 Service Unavailable", "{}");
    let iam = Scripted::start(vec![issued("first"), down]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    let page = first_page();
    let (one, other) = tokio::join!(client.list_pods(&page), client.list_pods(&page));
    let (one, other) = tokio::join!(client.mend(one.unwrap_err()), client.mend(other.unwrap_err()));
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Passing, "{error}");
    }
    assert_eq!(iam.requests().len(), 2);
}

#[tokio::test]
async fn a_program_that_gave_the_old_key_pair_is_asked_again_later() {
    let hss = Scripted::start(vec![refused(), refused(), refused(), page()]).await;
    let key =
        |access: &str| format!(r#"{{"Version":1,"AccessKeyId":"{access}","SecretAccessKey":"canary"}}"#);
    let file = Secret::new(&key("OLD"));
    let found = ResolvedSource {
        source: CredentialSource::Process(vec!["/bin/cat".into(), file.path.display().to_string()]),
        name: "helper".into(),
    };
    let hands = Hands::new();
    let client = client(&hss, None, found, hands.clock());
    call(&client).await.unwrap_err();
    file.write(&key("NEW"));
    call(&client).await.unwrap_err();
    hands.turn(Duration::from_mins(15));
    call(&client).await.unwrap();
    let signed = header(hss.requests().last().unwrap(), "authorization").unwrap();
    assert!(signed.starts_with("SDK-HMAC-SHA256 Access=NEW, "), "{signed}");
}

#[tokio::test]
async fn a_refused_password_is_not_sent_again() {
    let hss = Scripted::start(vec![page()]).await;
    let wrong =
        r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
    let iam = Scripted::start(vec![Step::json("401 Unauthorized", wrong)]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    for _ in 0..5 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "IAM says: The username or password is wrong. (401, request req-1)"
        );
        assert!(!format!("{error:?}").contains(CANARY));
    }
    assert_eq!((iam.requests().len(), hss.requests().len()), (1, 0));
}

/// A private file, and the folder that goes with it.
struct Secret {
    path: PathBuf,
    _folder: TempDir,
}

impl Secret {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = Self {
            path: folder.path().join("secret"),
            _folder: folder,
        };
        secret.write(text);
        secret
    }

    fn write(&self, text: &str) {
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, text).unwrap();
        fs::set_permissions(&fresh, Permissions::from_mode(0o600)).unwrap();
        fs::rename(fresh, &self.path).unwrap();
    }
}

#[tokio::test]
async fn a_token_file_is_read_again_when_it_changes() {
    let hss = Scripted::start(vec![page()]).await;
    let file = Secret::new("one\n");
    let found = ResolvedSource {
        source: CredentialSource::TokenFile(file.path.clone()),
        name: "HSS_TOP_TOKEN_FILE".into(),
    };
    let client = client(&hss, None, found, Clock::system());
    call(&client).await.unwrap();
    file.write("two\n");
    call(&client).await.unwrap();
    file.write("not a token\n");
    call(&client).await.unwrap();
    file.write("three\n");
    call(&client).await.unwrap();
    assert_eq!(tokens(&hss), ["one", "two", "two", "three"]);
}

#[tokio::test]
async fn the_sdks_own_file_signs_in_and_a_program_does() {
    let hss = Scripted::start(vec![page()]).await;
    let file = Secret::new("[basic]\nak = AK1\nsk = canary\n");
    let of_file = ResolvedSource {
        source: CredentialSource::KeysFile(file.path.clone()),
        name: "file".into(),
    };
    let script =
        r#"printf '{"Version":1,"AccessKeyId":"AK2","SecretAccessKey":"canary","SessionToken":"sts"}'"#;
    let of_program = ResolvedSource {
        source: CredentialSource::Process(["/bin/sh", "-c", script].map(str::to_owned).to_vec()),
        name: "helper".into(),
    };
    for (found, access) in [(of_file, "AK1"), (of_program, "AK2")] {
        let client = client(&hss, None, found, Clock::system());
        call(&client).await.unwrap();
        let head = hss.requests().pop().unwrap();
        let signed = header(&head, "authorization").unwrap();
        assert!(
            signed.starts_with(&format!("SDK-HMAC-SHA256 Access={access}, ")),
            "{signed}"
        );
    }
    assert_eq!(header(&hss.requests()[1], "x-security-token").unwrap(), "sts");
}

#[tokio::test]
async fn the_metadata_service_of_both_kinds_gives_a_key_pair() {
    let key = r#"{"credential":{"access":"AK3","secret":"canary","securitytoken":"sts","expires_at":"2026-01-01T06:00:00.000000Z"}}"#;
    let session = Step::http("200 OK", "", "session-token");
    let old = Step::http("404 Not Found", "", "");
    for (first, sent) in [(session, Some("session-token".to_owned())), (old, None)] {
        let hss = Scripted::start(vec![page()]).await;
        let metadata = Scripted::start(vec![first, Step::json("200 OK", key)]).await;
        let hands = Hands::new();
        let found = ResolvedSource {
            source: CredentialSource::Metadata(Endpoint::metadata(&metadata.url()).unwrap()),
            name: "ECS metadata".into(),
        };
        let client = client(&hss, None, found, hands.clock());
        call(&client).await.unwrap();
        call(&client).await.unwrap();
        let asked = metadata.requests();
        assert_eq!(asked.len(), 2, "the pair is kept");
        assert!(asked[0].starts_with("PUT /meta-data/latest/api/token "));
        assert_eq!(
            header(&asked[0], "x-metadata-token-ttl-seconds").unwrap(),
            "21600"
        );
        assert!(asked[1].starts_with("GET /openstack/latest/securitykey "));
        assert_eq!(header(&asked[1], "x-metadata-token"), sent);
        assert_eq!(
            client.credentials().expires_at().await,
            Some("2026-01-01T06:00:00Z".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn what_the_metadata_service_says_instead_of_a_key_pair_is_shown() {
    let text = "Content-Type: text/plain\r\n";
    for (step, says) in [
        (
            Step::http("404 Not Found", text, "no agency is attached to this server"),
            "the metadata service says: no agency is attached to this server (404)",
        ),
        (
            Step::http("200 OK", text, "no agency"),
            "not the API: an answer that is not JSON (200): no agency",
        ),
        (
            Step::http(
                "404 Not Found",
                text,
                r#"{"error":{"code":404,"message":"no agency"}}"#,
            ),
            "the metadata service says: no agency (404)",
        ),
        (
            Step::http("200 OK", text, "{}"),
            "the metadata service answered without a key pair",
        ),
    ] {
        let hss = Scripted::start(vec![page()]).await;
        let none = Step::http("404 Not Found", "", "");
        let metadata = Scripted::start(vec![none, step]).await;
        let found = ResolvedSource {
            source: CredentialSource::Metadata(Endpoint::metadata(&metadata.url()).unwrap()),
            name: "ECS metadata".into(),
        };
        let client = client(&hss, None, found, Clock::system());
        let error = call(&client).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// IAM's list of projects.
fn projects(names: &[(&str, &str)]) -> Step {
    let list: Vec<String> = names
        .iter()
        .map(|(name, id)| format!(r#"{{"id":"{id}","name":"{name}","enabled":true}}"#))
        .collect();
    Step::json(
        "200 OK",
        &format!(r#"{{"links":{{}},"projects":[{}]}}"#, list.join(",")),
    )
}

async fn find_project(steps: Vec<Step>) -> (Result<(), Error>, Vec<String>, Vec<String>) {
    let (hss, iam) = (Scripted::start(vec![page()]).await, Scripted::start(steps).await);
    let setup = Setup {
        endpoints: vec![endpoint(&hss)],
        iam: Some(endpoint(&iam)),
        sts: None,
        region: Some("cn-north-4".into()),
        project: None,
        found: Credential::Token(Token::new("t").unwrap()).into(),
        carrier: Carrier::Network,
    };
    let client = Client::new(setup, TransportContext::new(Clock::system()));
    let result = call(&client).await;
    if result.is_ok() {
        call(&client).await.unwrap();
    }
    let first_lines = |server: &Scripted| {
        let requests = server.requests();
        requests
            .iter()
            .map(|head| head.lines().next().unwrap().to_owned())
            .collect()
    };
    (result, first_lines(&hss), first_lines(&iam))
}

#[tokio::test]
async fn the_project_is_the_one_named_like_the_region() {
    let steps = vec![projects(&[("cn-north-4_sub", "2b"), ("cn-north-4", "1a")])];
    let (result, hss, iam) = find_project(steps).await;
    result.unwrap();
    assert_eq!(
        iam,
        ["GET /v3/projects?name=cn-north-4 HTTP/1.1"],
        "asked once, and kept"
    );
    assert!(
        hss.len() == 2 && hss[0].starts_with("GET /v5/1a/kubernetes/pods?"),
        "{hss:?}"
    );
}

#[tokio::test]
async fn no_project_or_many_are_told_with_what_there_is() {
    let (result, hss, iam) = find_project(vec![projects(&[]), projects(&[("eu-west-101", "3c")])]).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "no project is named cn-north-4; choose one with --project-id: eu-west-101 3c"
    );
    assert_eq!(iam[1], "GET /v3/projects HTTP/1.1");
    let (result, ..) = find_project(vec![projects(&[("cn-north-4", "1a"), ("cn-north-4", "2b")])]).await;
    assert!(
        result
            .unwrap_err()
            .to_string()
            .starts_with("2 projects are named cn-north-4; ")
    );
    assert!(hss.is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once_the_service_refuses_for_it() {
    let refusal = r#"{"error_code":"APIG.0303","error_msg":"signature expired, signature time:20260101T000000Z,server time:20260101T002000Z"}"#;
    let answer = |status: &str, body: &str| {
        Step::http(
            status,
            "Content-Type: application/json\r\nDate: Thu, 01 Jan 2026 00:20:00 GMT\r\n",
            body,
        )
    };
    let hss = Scripted::start(vec![
        answer("200 OK", PAGE),
        answer("401 Unauthorized", refusal),
        answer("200 OK", PAGE),
        answer("401 Unauthorized", refusal),
    ])
    .await;
    let keys = KeyPair {
        access: "AK".into(),
        secret: "canary".into(),
        security_token: None,
    };
    let client = client(&hss, None, Credential::Keys(keys).into(), Hands::new().clock());
    call(&client).await.unwrap();
    assert_eq!(client.skew().unwrap().as_secs(), 1200);
    call(&client).await.unwrap();
    let dates: Vec<_> = hss
        .requests()
        .iter()
        .map(|head| header(head, "x-sdk-date").unwrap())
        .collect();
    assert_eq!(
        dates,
        ["20260101T000000Z", "20260101T000000Z", "20260101T002000Z"]
    );
    // Refused again by the same clock: nothing is left to correct.
    assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::KeyRefused);
    assert_eq!(hss.requests().len(), 4);
}

#[tokio::test]
async fn the_next_endpoint_is_taken_where_one_cannot_be_reached() {
    let hss = Scripted::start(vec![page()]).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .unwrap();
    let mut setup = Setup::new(
        Endpoint::parse(&format!("http://{nobody}"), false).unwrap(),
        ProjectId::new("p").unwrap(),
        Credential::Token(Token::new("t").unwrap()),
    );
    setup.endpoints.push(endpoint(&hss));
    let client = Client::new(setup, TransportContext::new(Clock::system()));
    let error = client.list_pods(&first_page()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Offline);
    client.list_pods(&first_page()).await.unwrap();
    client.list_pods(&first_page()).await.unwrap();
    assert_eq!(hss.requests().len(), 2);
}

#[tokio::test]
async fn an_address_of_ip_version_six_is_one_too() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        // This machine has no IPv6 at all.
        return;
    }
    let hss = Scripted::start_at("[::1]:0", vec![page()]).await;
    let keys = KeyPair {
        access: "AK".into(),
        secret: "canary".into(),
        security_token: None,
    };
    let client = client(&hss, None, Credential::Keys(keys).into(), Clock::system());
    call(&client).await.unwrap();
    assert_eq!(
        header(&hss.requests()[0], "host").unwrap(),
        hss.address.to_string()
    );
}

/// A token as IAM issues it at the test's midnight by its own clock, a day behind or ahead of ours, good for so long.
fn issued_elsewhere(date: &str, expires_at: &str) -> Step {
    Step::http(
        "201 Created",
        &format!("Content-Type: application/json\r\nX-Subject-Token: token\r\nDate: {date}\r\n"),
        format!(r#"{{"token":{{"expires_at":"{expires_at}"}}}}"#),
    )
}

#[tokio::test]
async fn a_clock_that_is_a_day_ahead_does_not_sign_in_for_each_call() {
    for (date, expires_at) in [
        ("Wed, 31 Dec 2025 00:00:00 GMT", "2025-12-31T12:00:00.000000Z"),
        ("Fri, 02 Jan 2026 00:00:00 GMT", "2026-01-02T12:00:00.000000Z"),
    ] {
        let hss = Scripted::start(vec![page()]).await;
        let iam = Scripted::start(vec![issued_elsewhere(date, expires_at)]).await;
        let hands = Hands::new();
        let client = client(&hss, Some(&iam), password(), hands.clock());
        for _ in 0..11 {
            call(&client).await.unwrap();
            hands.turn(Duration::from_hours(1));
        }
        assert_eq!(iam.requests().len(), 1, "{date}");
        hands.turn(Duration::from_mins(55));
        call(&client).await.unwrap();
        assert_eq!(iam.requests().len(), 2, "{date}: at the end of its life");
    }
}

#[tokio::test]
async fn a_token_born_expired_is_used_and_fetched_once_a_minute_at_most() {
    let hss = Scripted::start(vec![page()]).await;
    let iam = Scripted::start(vec![issued_elsewhere(
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "2025-12-31T00:00:00.000000Z",
    )])
    .await;
    let hands = Hands::new();
    let client = client(&hss, Some(&iam), password(), hands.clock());
    for _ in 0..10 {
        call(&client).await.unwrap();
        hands.turn(Duration::from_secs(5));
    }
    assert_eq!((iam.requests().len(), hss.requests().len()), (1, 10));
    hands.turn(Duration::from_secs(10));
    call(&client).await.unwrap();
    assert_eq!(iam.requests().len(), 2);
}

#[tokio::test]
async fn a_sign_in_that_iam_forbids_is_a_refused_password() {
    let hss = Scripted::start(vec![page()]).await;
    let locked = r#"{"error":{"code":403,"message":"The user is locked.","title":"Forbidden"}}"#;
    let iam = Scripted::start(vec![Step::json("403 Forbidden", locked)]).await;
    let client = client(&hss, Some(&iam), password(), Hands::new().clock());
    for _ in 0..5 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignIn);
        assert!(error.to_string().contains("The user is locked. (403"), "{error}");
    }
    assert_eq!((iam.requests().len(), hss.requests().len()), (1, 0));
}

#[tokio::test]
async fn a_refused_password_is_not_sent_again_by_the_next_run() {
    let folder = support::run::Folder::new("refused-password");
    let hss = Scripted::start(vec![page()]).await;
    let wrong = r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#;
    let iam = Scripted::start(vec![Step::json("401 Unauthorized", wrong), issued("token")]).await;
    let hands = Hands::new();
    let run = |found: ResolvedSource| {
        let refusals = hss_top::hss::auth::refusals::Refusals::in_folder(folder.dir());
        client(&hss, Some(&iam), found, hands.clock()).remembering(Some(refusals))
    };
    call(&run(password())).await.unwrap_err();
    hands.turn(Duration::from_mins(4));
    let error = call(&run(password())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignIn);
    let sentence = error.to_string();
    assert!(
        sentence.contains("IAM refused this password at 2026-01-01T00:00:00Z; it is not sent again before 2026-01-01T00:05:00Z")
            && sentence.contains("A corrected password is sent at once")
            && sentence.contains("refused-sign-ins.json"),
        "{sentence}"
    );
    assert_eq!(iam.requests().len(), 1);
    let another = ResolvedSource {
        source: CredentialSource::Password {
            user: "dev".into(),
            domain: "acme".into(),
            password: Password::Given("another".into()),
        },
        name: "HSS_TOP_IAM_USER dev".into(),
    };
    call(&run(another)).await.unwrap();
    assert_eq!(iam.requests().len(), 2, "another user is asked for");
    hands.turn(Duration::from_mins(1));
    call(&run(password())).await.unwrap();
    assert_eq!(iam.requests().len(), 3, "the time is over");
    call(&run(password())).await.unwrap();
    assert_eq!(iam.requests().len(), 4, "a password that was taken is forgotten");
    let written = fs::read_to_string(folder.join("refused-sign-ins.json")).unwrap();
    for word in [CANARY, "ops", "dev", "acme", "127.0.0.1"] {
        assert!(!written.contains(word), "{word}: {written}");
    }
}

#[tokio::test]
async fn a_password_of_a_variable_that_was_corrected_is_tried_at_once() {
    let folder = support::run::Folder::new("corrected-variable");
    let hss = Scripted::start(vec![page()]).await;
    let wrong = r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#;
    let iam = Scripted::start(vec![Step::json("401 Unauthorized", wrong), issued("token")]).await;
    let hands = Hands::new();
    let run = |password: &str| {
        let refusals = hss_top::hss::auth::refusals::Refusals::in_folder(folder.dir());
        let found = ResolvedSource {
            source: CredentialSource::Password {
                user: "ops".into(),
                domain: "acme".into(),
                password: Password::Given(password.into()),
            },
            name: "HSS_TOP_IAM_USER ops".into(),
        };
        client(&hss, Some(&iam), found, hands.clock()).remembering(Some(refusals))
    };
    call(&run("wrong")).await.unwrap_err();
    call(&run("wrong")).await.unwrap_err();
    assert_eq!(iam.requests().len(), 1, "the same password rests");
    // One in 256 passwords has the same mark, and rests like the one that was refused. The salt is random, so more than one
    // is tried.
    let mut tried = 0;
    while call(&run(&format!("right-{tried}"))).await.is_err() && tried < 8 {
        tried += 1;
    }
    assert_eq!(iam.requests().len(), 2);
}

#[tokio::test]
async fn a_password_file_that_was_corrected_is_tried_at_once() {
    let folder = support::run::Folder::new("corrected-password");
    let hss = Scripted::start(vec![page()]).await;
    let wrong = r#"{"error":{"code":401,"message":"The password is wrong.","title":"Unauthorized"}}"#;
    let refusal = Step::json("401 Unauthorized", wrong);
    let iam = Scripted::start(vec![refusal.clone(), refusal, issued("token")]).await;
    let file = Secret::new("wrong\n");
    let found = || ResolvedSource {
        source: CredentialSource::Password {
            user: "ops".into(),
            domain: "acme".into(),
            password: Password::File(file.path.clone()),
        },
        name: "HSS_TOP_IAM_USER ops".into(),
    };
    // Files have the time of this machine, so the clock is its own.
    let run = || {
        let refusals = hss_top::hss::auth::refusals::Refusals::in_folder(folder.dir());
        client(&hss, Some(&iam), found(), Clock::system()).remembering(Some(refusals))
    };
    let first = run();
    call(&first).await.unwrap_err();
    call(&first).await.unwrap_err();
    call(&run()).await.unwrap_err();
    assert_eq!(iam.requests().len(), 1);
    // The kernel dates files by a clock that moves every few milliseconds: one that is written at once may be dated before
    // the refusal.
    let correct = |text: &str| {
        let refused = Clock::system().now();
        loop {
            file.write(text);
            let written = fs::metadata(&file.path).unwrap().modified().unwrap();
            if jiff::Timestamp::try_from(written).unwrap() > refused {
                return;
            }
        }
    };
    correct("still wrong\n");
    call(&first).await.unwrap_err();
    assert_eq!(iam.requests().len(), 2, "in the same run");
    correct("right\n");
    call(&run()).await.unwrap();
    assert_eq!(iam.requests().len(), 3, "in the next one");
}

#[tokio::test]
async fn an_id_of_iam_that_would_move_the_call_is_refused() {
    for id in ["..", "a/b", "a?b", "%2e%2e"] {
        let (result, hss, _) = find_project(vec![projects(&[("cn-north-4", id)])]).await;
        let sentence = result.unwrap_err().to_string();
        assert!(
            sentence.contains("the project that IAM named cannot be used: project_id is"),
            "{sentence}"
        );
        assert!(hss.is_empty(), "{hss:?}");
    }
}
