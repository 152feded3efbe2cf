//! The client against a server that plays a script: what is sent, and what every kind of answer becomes.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use hss_top::clock::Clock;
use hss_top::fleet::Scope;
use hss_top::hss::auth::KeyPair;
use hss_top::hss::auth::sign::{CanonicalRequest, Request, authorization};
use hss_top::hss::error::{Error, ErrorKind};
use hss_top::hss::{
    Answer, Client, Credential, Endpoint, ListPods, ProjectId, Setup, Token, TransportContext,
    TransportLimits,
};
use support::answers::{known, line_of};
use support::faultd::Faultd;
use support::scripted::{Scripted, Step};

const EXAMPLE: &str = include_str!("fixtures/page-example.json");
const CANARY: &str = "canary-5f1c2e";

fn client(server: &Scripted, limits: TransportLimits) -> Client {
    client_of(&server.url(), token(), limits, Clock::system())
}

/// A client of project `p-1`.
fn client_of(url: &str, credential: Credential, limits: TransportLimits, clock: Clock) -> Client {
    let setup = Setup::new(
        Endpoint::parse(url, false).unwrap(),
        ProjectId::new("p-1").unwrap(),
        credential,
    );
    let context = TransportContext {
        limits,
        ..TransportContext::new(clock)
    };
    Client::new(setup, context)
}

fn token() -> Credential {
    Credential::Token(Token::new(CANARY).unwrap())
}

fn first_page() -> ListPods {
    ListPods::new("all_granted_eps", 200, Scope::default()).unwrap()
}

fn hasty() -> TransportLimits {
    let ms = Duration::from_millis;
    TransportLimits {
        connect: ms(500),
        total: ms(800),
        stall: ms(300),
        stall_bytes: 64,
        body: 64 << 10,
    }
}

async fn ask(steps: Vec<Step>) -> (Result<Answer, Error>, Vec<String>) {
    let server = Scripted::start(steps).await;
    let result = client(&server, hasty()).list_pods(&first_page()).await;
    let shown = format!(
        "{result:?} {}",
        result.as_ref().err().map(ToString::to_string).unwrap_or_default()
    );
    assert!(!shown.contains(CANARY), "the token is in {shown}");
    (result, server.requests())
}

async fn error_of(step: Step) -> Error {
    let (result, requests) = ask(vec![step]).await;
    assert_eq!(requests.len(), 1, "nothing is retried by the client itself");
    result.unwrap_err()
}

#[tokio::test]
async fn the_request_is_what_the_documentation_says() {
    let server = Scripted::start(vec![Step::json("200 OK", EXAMPLE)]).await;
    let scope = Scope {
        namespace: Some("kube system".into()),
        ..Scope::default()
    };
    let call = ListPods::new("all_granted_eps", 50, scope)
        .unwrap()
        .at(100)
        .unwrap();
    let answer = client(&server, TransportLimits::default())
        .list_pods(&call)
        .await
        .unwrap();
    assert_eq!(answer.value.total, Some(107));
    assert_eq!(answer.value.pods.len(), 1);
    assert_eq!(answer.request_id.unwrap().shown(), "req-1");
    let request = server.requests().remove(0);
    assert!(
        request.starts_with(
            "GET /v5/p-1/kubernetes/pods?enterprise_project_id=all_granted_eps&limit=50\
             &namespace_name=kube%20system&offset=100 HTTP/1.1\r\n"
        ),
        "{request}"
    );
    let head = request.to_lowercase();
    assert!(head.contains(&format!("x-auth-token: {CANARY}\r\n")));
    assert!(head.contains("user-agent: hss-top/") && !head.contains("referer"));
}

#[tokio::test]
async fn service_errors_carry_code_message_and_request_id() {
    let body = r#"{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:5,time:1 minute","error_code":"APIG.0308","request_id":"req-9"}"#;
    let error = error_of(Step::json("429 Too Many Requests", body)).await;
    assert_eq!(error.kind(), ErrorKind::Throttled);
    let Error::Service(service) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(service.wait(), Duration::from_mins(1));
    assert!(
        error.to_string().contains("(429 APIG.0308, request req-1)"),
        "{error}"
    );

    let step = Step::http(
        "429 Too Many Requests",
        "Content-Type: application/json\r\nRetry-After: 7\r\n",
        body,
    );
    let Error::Service(service) = error_of(step).await else {
        panic!()
    };
    assert_eq!(service.wait(), Duration::from_secs(7));
    assert_eq!(
        service.request_id.unwrap().shown(),
        "req-9",
        "from the body where there is no header"
    );

    for (status, body, trouble) in [
        (
            "401 Unauthorized",
            r#"{"error_code":"APIGW.0301","error_msg":"token"}"#,
            ErrorKind::SignIn,
        ),
        (
            "401 Unauthorized",
            r#"{"error":{"code":401,"message":"Unauthorized."}}"#,
            ErrorKind::SignIn,
        ),
        (
            "400 Bad Request",
            r#"{"error_code":"HSS.0013","error_msg":"权限不足"}"#,
            ErrorKind::Denied,
        ),
        (
            "400 Bad Request",
            r#"{"error_code":"00000010","error_description":"no"}"#,
            ErrorKind::Denied,
        ),
        (
            "400 Bad Request",
            r#"{"error_code":"HSS.0001","error_msg":"limit"}"#,
            ErrorKind::Lasting,
        ),
        ("502 Bad Gateway", "<html>nginx</html>", ErrorKind::Passing),
        ("503 Service Unavailable", "", ErrorKind::Passing),
        (
            "200 OK",
            r#"{"error_code":"HSS.0010","error_msg":"denied"}"#,
            ErrorKind::Denied,
        ),
    ] {
        let error = error_of(Step::json(status, body)).await;
        assert_eq!(error.kind(), trouble, "{status} {body}: {error:?}");
        assert!(matches!(error, Error::Service(_)), "{error:?}");
    }
}

/// RFC 9110, 10.2.3: seconds or a date, with any status. Dates are read by the clock of whoever answers.
#[tokio::test]
async fn a_wait_is_read_from_an_answer_of_every_status_and_in_every_form() {
    const DATE: &str = "Date: Fri, 15 Aug 2025 09:30:15 GMT\r\n";
    let error = r#"{"error_code":"HSS.0001","error_msg":"busy"}"#;
    let mut cases = Vec::new();
    for status in [
        "200 OK",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "404 Not Found",
        "408 Request Timeout",
        "413 Content Too Large",
        "425 Too Early",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        cases.push((status, error));
    }
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "511 Network Authentication Required",
    ] {
        cases.push((status, ""));
    }
    for status in ["200 OK", "403 Forbidden"] {
        cases.push((status, "<html>Come back later</html>"));
    }
    for (form, seconds) in [
        ("7", Some(7)),
        ("Fri, 15 Aug 2025 09:30:22 GMT", Some(7)),
        ("Friday, 15-Aug-25 09:30:22 GMT", Some(7)),
        ("Fri Aug 15 09:30:22 2025", Some(7)),
        ("0", Some(1)),
        ("Fri, 15 Aug 2025 09:00:00 GMT", Some(1)),
        ("99999999", Some(300)),
        ("Sat, 15 Aug 2026 09:30:15 GMT", Some(300)),
        ("soon", None),
    ] {
        for (status, body) in &cases {
            let headers = format!("{DATE}Retry-After: {form}\r\n");
            let error = error_of(Step::http(status, &headers, *body)).await;
            let wait = error.named_wait().map(|wait| wait.as_secs());
            assert_eq!(wait, seconds, "{status}, {form}: {error:?}");
        }
    }
}

#[tokio::test]
async fn every_known_answer_becomes_what_it_must() {
    for known in known() {
        let (result, _) = ask(vec![known.step()]).await;
        let line = line_of(&result);
        let is_right = line == known.ours || line.starts_with("failed: ") && line.starts_with(known.ours);
        assert!(is_right, "{}: {line}\nnot: {}", known.name, known.ours);
    }
}

#[tokio::test]
async fn hostile_error_text_is_made_safe() {
    let body = "{\"error_code\":\"X\",\"error_msg\":\"a\\u001b]0;pwned\\u0007\\u202eb\"}";
    let error = error_of(Step::json("400 Bad Request", body)).await;
    assert_eq!(
        error.to_string(),
        "HSS says: a\\u{1b}]0;pwned\\u{7}\\u{202e}b (400 X, request req-1)"
    );
}

#[tokio::test]
async fn what_is_not_the_api_is_named_and_not_shown() {
    let html = "Content-Type: text/html\r\n";
    for (step, what) in [
        (
            Step::http("200 OK", html, "<html>Sign in</html>"),
            "an HTML page (200)",
        ),
        (
            Step::http("404 Not Found", html, "<html>none</html>"),
            "an HTML page (404)",
        ),
        (
            Step::http("200 OK", "Content-Type: application/json\r\n", ""),
            "an empty answer (200)",
        ),
        (Step::http("204 No Content", "", ""), "an empty answer (204)"),
        (
            Step::http("407 Proxy Authentication Required", html, "x"),
            "a proxy asks for a sign-in (407)",
        ),
        (
            Step::http("511 Network Authentication Required", html, "x"),
            "the network asks for a sign-in (511)",
        ),
        (
            Step::http("200 OK", "Content-Type: text/plain\r\n", "hello"),
            "an answer that is not JSON (200)",
        ),
    ] {
        let error = error_of(step).await;
        assert!(matches!(error, Error::NotTheApi { .. }), "{error:?}");
        assert!(
            error.to_string().contains(what) && !error.to_string().contains("Sign in<"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn redirects_are_refused_and_the_token_stays_here() {
    let elsewhere = Scripted::start(vec![Step::json("200 OK", EXAMPLE)]).await;
    let location = format!("Location: {}/steal?x=y\r\n", elsewhere.url());
    let error = error_of(Step::http("302 Found", &location, "")).await;
    assert_eq!(
        error.to_string(),
        "redirect (302) to 127.0.0.1 refused: is the endpoint right?"
    );
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn time_is_limited() {
    let error = error_of(Step::Silence).await;
    assert!(
        matches!(
            error,
            Error::TimedOut {
                waiting_for: "an answer",
                ..
            }
        ),
        "{error:?}"
    );
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n";
    let drip = Step::Drip(head.as_bytes().to_vec(), Duration::from_millis(2));
    let error = error_of(drip).await;
    assert!(matches!(error, Error::TimedOut { .. }), "{error:?}");
    assert!(error.to_string().contains("too slow"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Passing);
}

#[tokio::test]
async fn size_is_limited_with_and_without_compression() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
        .as_bytes()
        .to_vec();
    let error = error_of(Step::Flood(head, vec![b' '; 4096])).await;
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");

    // 1 MiB of spaces, gzipped: a bomb for its size.
    let bomb = include_bytes!("fixtures/spaces-1mib.gz");
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let error = error_of(Step::http("200 OK", headers, bomb)).await;
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_length_that_is_told_is_not_waited_for_and_a_head_is_limited_too() {
    let told =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000000000000\r\n\r\n{";
    let error = error_of(Step::Drip(told.as_bytes().to_vec(), Duration::ZERO)).await;
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
    let headers = (0..10_000).map(|at| format!("X-{at}: y\r\n"));
    let headers = headers.collect::<Vec<_>>().concat();
    let error = error_of(Step::http("200 OK", &headers, "{}")).await;
    assert_eq!((error.kind(), &error), (ErrorKind::Lasting, &Error::HeadTooLarge));
}

#[tokio::test]
async fn what_is_no_http_is_unreadable_and_not_offline() {
    let error = error_of(Step::Answer(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())).await;
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_cut_short_is_never_taken_for_whole() {
    for cut in (1..EXAMPLE.len()).step_by(37) {
        let start = EXAMPLE.as_bytes().get(..cut).unwrap();
        let with_length = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            EXAMPLE.len()
        );
        let without =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n".to_owned();
        let chunked = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            EXAMPLE.len()
        );
        for head in [with_length, without, chunked] {
            let error = error_of(Step::Answer([head.as_bytes(), start].concat())).await;
            assert_eq!(error, Error::Incomplete, "cut at {cut} after {head}");
        }
    }
}

#[tokio::test]
async fn gzip_is_read() {
    let body = include_bytes!("fixtures/page-example.json.gz");
    let headers = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
    let (answer, requests) = ask(vec![Step::http("200 OK", headers, body)]).await;
    assert_eq!(answer.unwrap().value.total, Some(107));
    assert!(requests[0].to_lowercase().contains("accept-encoding: gzip"));
}

#[tokio::test]
async fn no_connection_is_offline_with_its_cause() {
    // A port that was ours a moment ago, so nobody else's.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .unwrap();
    let client = client_of(&format!("http://{address}"), token(), hasty(), Clock::system());
    let error = client.list_pods(&first_page()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Offline);
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot connect to {address}: Connection refused")),
        "{error}"
    );
}

#[tokio::test]
async fn a_key_pair_signs_what_is_sent() {
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail, canonicalRequest:GET|/v5/p-1/kubernetes/pods/|enterprise_project_id=all_granted_eps&limit=200&offset=0|host:HOST|"}"#;
    let steps = vec![
        Step::json("200 OK", EXAMPLE),
        Step::json("401 Unauthorized", refusal),
    ];
    let server = Scripted::start(steps).await;
    let keys = KeyPair {
        access: "AKEXAMPLE".into(),
        secret: "canary-sk".into(),
        security_token: Some("canary-sts".into()),
    };
    let clock = Clock::fixed("2025-08-15T09:30:15Z".parse().unwrap());
    let client = client_of(&server.url(), Credential::Keys(keys.clone()), hasty(), clock);
    assert!(!format!("{client:?}").contains("canary"));
    client.list_pods(&first_page()).await.unwrap();
    let error = client.list_pods(&first_page()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyRefused);
    let told = format!(
        "fail; we signed \"host:{}\", the gateway read \"host:HOST\"",
        server.address
    );
    assert!(error.to_string().contains(&told), "{error}");
    assert_eq!(server.requests().len(), 2, "a signed 401 is not tried again");

    let head = server.requests().remove(0);
    let value = |name: &str| {
        let line = head
            .lines()
            .find(|line| line.to_lowercase().starts_with(&format!("{name}: ")))
            .unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    assert_eq!(value("x-sdk-date"), "20250815T093015Z");
    assert_eq!(value("host"), server.address.to_string());
    assert!(!head.to_lowercase().contains("x-auth-token") && !head.contains("canary-sk"));
    let (project, token, host) = (value("x-project-id"), value("x-security-token"), value("host"));
    let headers = [
        ("host", host.as_str()),
        ("x-project-id", project.as_str()),
        ("x-sdk-date", "20250815T093015Z"),
        ("x-security-token", token.as_str()),
    ];
    let query = [
        ("enterprise_project_id", "all_granted_eps"),
        ("limit", "200"),
        ("offset", "0"),
    ];
    let path = "/v5/p-1/kubernetes/pods";
    let signed = Request {
        method: "GET",
        path,
        query: &query,
        headers: &headers,
        body: b"",
    };
    let expected = authorization(&keys, "20250815T093015Z", &CanonicalRequest::of(&signed));
    assert_eq!(value("authorization"), expected);
}

/// A gateway may close a connection that it kept, at the moment at which it is used again.
#[tokio::test]
async fn a_kept_connection_that_is_closed_before_an_answer_is_worth_another() {
    let server = Faultd::start(20);
    let client = client_of(&server.url(), token(), hasty(), Clock::system());
    let call = first_page();
    client.list_pods(&call).await.unwrap();
    server.break_once([Step::Reset(Vec::new())]);
    let error = client.list_pods(&call).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} closed the connection before an answer came", server.address)
    );
    assert_eq!(error.kind(), ErrorKind::Passing);
    assert_eq!(client.mend(error).await, Ok(()));
    // A new connection that is closed is a failure.
    server.break_once([Step::Reset(Vec::new())]);
    let error = client.list_pods(&call).await.unwrap_err();
    assert_eq!(error, Error::Incomplete);
    assert!(client.mend(error).await.is_err());
    client.list_pods(&call).await.unwrap();
    // So is an answer that begins and does not end.
    server.break_once([Step::Reset(
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec(),
    )]);
    assert_eq!(client.list_pods(&call).await.unwrap_err(), Error::Incomplete);
    // And the service may say that it keeps no connection.
    server.break_once([Step::json("200 OK", EXAMPLE), Step::Reset(Vec::new())]);
    client.list_pods(&call).await.unwrap();
    assert_eq!(client.list_pods(&call).await.unwrap_err(), Error::Incomplete);
}
