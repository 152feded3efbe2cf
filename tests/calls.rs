//! Endpoints of every shape in the API, called in the way that all share: what is sent, and the result of
//! each kind of answer.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use hss_top::clock::Clock;
use hss_top::hss::auth::KeyPair;
use hss_top::hss::call::{Call, DecodeError, Parameters, Received};
use hss_top::hss::error::{Error, ErrorKind};
use hss_top::hss::request::percent_encode;
use hss_top::hss::{
    Client, Credential, Endpoint, ProjectId, SendBy, Setup, SyncClusters, Token, TransportContext,
};
use reqwest::Method;
use serde_json::{Value, json};
use support::scripted::{Scripted, Step};

fn client(server: &Scripted, credential: Credential) -> Client {
    let setup = Setup::new(
        Endpoint::parse(&server.url(), false).unwrap(),
        ProjectId::new("p-1").unwrap(),
        credential,
    );
    Client::new(setup, TransportContext::new(Clock::system()))
}

fn token() -> Credential {
    Credential::Token(Token::new("canary-5f1c2e").unwrap())
}

fn keys() -> Credential {
    Credential::Keys(KeyPair {
        access: "AKIDEXAMPLE".into(),
        secret: "canary-secret".into(),
        security_token: None,
    })
}

/// The records of an answer, under the name that this call gives them.
fn records(received: Received<'_>, name: &str) -> Result<Vec<Value>, DecodeError> {
    match received.object()?.remove(name) {
        Some(Value::Array(records)) => Ok(records),
        _ => Err(DecodeError::Unreadable(format!("no list {name}"))),
    }
}

/// `ShowK8sPodDetail`: a value in the path.
struct ShowPodDetail(&'static str);

impl Call for ShowPodDetail {
    const NAME: &'static str = "ShowK8sPodDetail";
    type Answer = String;

    fn path(&self) -> String {
        format!("/kubernetes/{}/pod/detail", percent_encode(self.0))
    }

    fn decode(&self, received: Received<'_>) -> Result<String, DecodeError> {
        let namespace = received.object()?.remove("namespace_name").unwrap_or_default();
        Ok(namespace.as_str().unwrap_or_default().to_owned())
    }
}

/// `ListSecurityEvents`: repeated parameters, a header of its own, up to 1000 records.
struct ListEvents {
    severities: &'static [&'static str],
    limit: u32,
}

impl Call for ListEvents {
    const NAME: &'static str = "ListSecurityEvents";
    type Answer = Vec<Value>;

    fn path(&self) -> String {
        "/event/events".to_owned()
    }

    fn query(&self) -> Parameters {
        Parameters::default()
            .with("category", Some("container"))
            .with_each("severity_list", self.severities)
            .with("limit", Some(self.limit))
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("region", "cn-north-4".to_owned())]
    }

    fn decode(&self, received: Received<'_>) -> Result<Vec<Value>, DecodeError> {
        records(received, "data_list")
    }
}

/// `ListKubernetesClusterDetails`: a list under another name.
struct ListClusters;

impl Call for ListClusters {
    const NAME: &'static str = "ListKubernetesClusterDetails";
    type Answer = Vec<Value>;

    fn path(&self) -> String {
        "/kubernetes/clusters".to_owned()
    }

    fn decode(&self, received: Received<'_>) -> Result<Vec<Value>, DecodeError> {
        records(received, "cluster_info_list")
    }
}

/// `ListCceClusterDetectRisk`: a POST with a body that only reads.
struct QueryRisks(&'static [&'static str]);

impl Call for QueryRisks {
    const NAME: &'static str = "ListCceClusterDetectRisk";
    const METHOD: Method = Method::POST;
    type Answer = Vec<Value>;

    fn path(&self) -> String {
        "/container/kubernetes/clusters/risks/query".to_owned()
    }

    fn body(&self) -> Vec<u8> {
        json!({ "cluster_id_list": self.0, "detect_type": "vul" })
            .to_string()
            .into_bytes()
    }

    fn decode(&self, received: Received<'_>) -> Result<Vec<Value>, DecodeError> {
        records(received, "data_list")
    }
}

#[tokio::test]
async fn each_shape_of_the_api_is_sent_as_documented() {
    let body = r#"{"namespace_name":"shop","total_num":1,"data_list":[{"a":1}],"cluster_info_list":[1,2]}"#;
    let server = Scripted::start(vec![Step::json("200 OK", body)]).await;
    let client = client(&server, token());
    let detail = client.call(SendBy::ANY, &ShowPodDetail("a/../b%")).await.unwrap();
    assert_eq!(
        (detail.value.as_str(), detail.request_id.unwrap().shown()),
        ("shop", "req-1")
    );
    let events = ListEvents {
        severities: &["High", "Critical"],
        limit: 1000,
    };
    assert_eq!(client.call(SendBy::ANY, &events).await.unwrap().value.len(), 1);
    assert_eq!(
        client.call(SendBy::ANY, &ListClusters).await.unwrap().value.len(),
        2
    );
    assert_eq!(
        client
            .call(SendBy::ANY, &QueryRisks(&["c-1"]))
            .await
            .unwrap()
            .value
            .len(),
        1
    );
    let requests = server.requests();
    let begins = [
        "GET /v5/p-1/kubernetes/a%2F..%2Fb%25/pod/detail HTTP/1.1\r\n",
        "GET /v5/p-1/event/events?category=container&limit=1000&severity_list=Critical\
         &severity_list=High HTTP/1.1\r\n",
        "GET /v5/p-1/kubernetes/clusters HTTP/1.1\r\n",
        "POST /v5/p-1/container/kubernetes/clusters/risks/query HTTP/1.1\r\n",
    ];
    for (request, begins) in requests.iter().zip(begins) {
        assert!(request.starts_with(begins), "{request}");
        assert!(request.contains("x-auth-token: canary-5f1c2e\r\n"));
    }
    assert!(requests[1].contains("\r\nregion: cn-north-4\r\n"));
    assert!(requests[3].contains("content-type: application/json\r\n"));
    assert!(requests[3].ends_with(r#"{"cluster_id_list":["c-1"],"detect_type":"vul"}"#));
}

/// The gateway computes the signature from the received call: method, query, own headers and body are all in
/// it.
#[tokio::test]
async fn a_signature_covers_the_method_the_own_headers_and_the_body() {
    use hss_top::hss::auth::sign::{CanonicalRequest, Request, authorization};

    let server = Scripted::start(vec![Step::json("200 OK", r#"{"data_list":[]}"#)]).await;
    let client = client(&server, keys());
    let events = ListEvents {
        severities: &["High"],
        limit: 10,
    };
    client.call(SendBy::ANY, &events).await.unwrap();
    client.call(SendBy::ANY, &QueryRisks(&["c-1"])).await.unwrap();
    let Credential::Keys(keys) = keys() else {
        unreachable!()
    };
    let query: &[&[(&str, &str)]] = &[
        &[
            ("category", "container"),
            ("limit", "10"),
            ("severity_list", "High"),
        ],
        &[],
    ];
    for (request, query) in server.requests().iter().zip(query) {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let prefix = format!("{name}: ");
            head.lines()
                .find_map(|line| line.strip_prefix(&prefix))
                .unwrap_or_default()
        };
        let mut words = head.split_whitespace();
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let date = header("x-sdk-date");
        let mut headers = vec![
            ("host", header("host")),
            ("x-sdk-date", date),
            ("x-project-id", "p-1"),
        ];
        if method == "GET" {
            headers.push(("region", "cn-north-4"));
        }
        let canonical = CanonicalRequest::of(&Request {
            method,
            path: target.split('?').next().unwrap(),
            query,
            headers: &headers,
            body: body.as_bytes(),
        });
        assert_eq!(header("authorization"), authorization(&keys, date, &canonical));
    }
}

async fn synchronise(steps: Vec<Step>) -> (Result<(), Error>, Vec<String>) {
    let server = Scripted::start(steps).await;
    let call = SyncClusters::new("all_granted_eps").unwrap();
    let result = client(&server, token()).call(SendBy::ANY, &call).await;
    (result.map(|answer| answer.value), server.requests())
}

#[tokio::test]
async fn a_synchronisation_is_one_post_without_a_body_that_any_empty_success_accepts() {
    for step in [
        Step::http("200 OK", "", ""),
        Step::http("204 No Content", "", ""),
        Step::json("200 OK", "{}"),
        Step::http("200 OK", "Content-Type: text/plain\r\n", "{}"),
    ] {
        let (result, requests) = synchronise(vec![step.clone()]).await;
        assert_eq!(result, Ok(()), "{step:?}");
        let [request] = requests.as_slice() else {
            panic!("{requests:?}")
        };
        let begins =
            "POST /v5/p-1/kubernetes/save-clusters?enterprise_project_id=all_granted_eps HTTP/1.1\r\n";
        assert!(
            request.starts_with(begins) && request.ends_with("\r\n\r\n"),
            "{request}"
        );
        assert!(
            request.to_lowercase().contains("content-length: 0\r\n"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_synchronisation_is_said_as_of_every_call() {
    let refused = r#"{"error_code":"HSS.0013","error_msg":"insufficient permission"}"#;
    for (step, kind) in [
        (
            Step::json("403 Forbidden", r#"{"error_code":"APIG.0302"}"#),
            ErrorKind::Denied,
        ),
        (Step::json("400 Bad Request", refused), ErrorKind::Denied),
        (Step::json("200 OK", refused), ErrorKind::Denied),
        (Step::json("429 Too Many Requests", "{}"), ErrorKind::Throttled),
        (Step::http("200 OK", "", "<html>sign in"), ErrorKind::Lasting),
        (Step::json("200 OK", "[]"), ErrorKind::Lasting),
        (Step::Answer(Vec::new()), ErrorKind::Passing),
    ] {
        let (result, requests) = synchronise(vec![step.clone()]).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind(), kind, "{step:?}: {error}");
        assert_eq!(requests.len(), 1, "nothing is sent twice");
    }
}

/// Over a reused connection, an interrupted read may be sent once more; a change may not, because the service
/// may have done it.
#[tokio::test]
async fn a_change_that_was_cut_off_is_not_worth_another_connection() {
    let answer = |body: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        Step::Answer(head.into_bytes())
    };
    for is_read in [true, false] {
        let server = Scripted::start(vec![
            answer(r#"{"cluster_info_list":[]}"#),
            Step::Answer(Vec::new()),
        ])
        .await;
        let client = client(&server, token());
        client.call(SendBy::ANY, &ListClusters).await.unwrap();
        let error = if is_read {
            client.call(SendBy::ANY, &QueryRisks(&[])).await.unwrap_err()
        } else {
            let call = SyncClusters::new("0").unwrap();
            client.call(SendBy::ANY, &call).await.unwrap_err()
        };
        assert_eq!(matches!(error, Error::Dropped { .. }), is_read, "{error}");
        assert_eq!(client.mend(error).await.is_ok(), is_read);
    }
}
