use super::*;

#[test]
fn a_signature_is_that_of_rfc_4231() {
    let tag = signature(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(
        tag,
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn an_answer_is_taken_refused_for_good_or_to_be_tried_again() {
    let judged =
        |status: u16, body: &str| judge(StatusCode::from_u16(status).unwrap(), "am:9093", body.as_bytes());
    let taken = |said: &str| SinkAnswer::Taken(said.to_owned());
    assert_eq!(judged(200, ""), taken(""));
    assert_eq!(judged(204, " \n"), taken(""));
    assert_eq!(
        judged(200, "Hook rules\u{1b}[2J\n"),
        taken("Hook rules\\u{1b}[2J")
    );
    assert_eq!(
        judged(400, "\"start time must be before end time\"\n"),
        SinkAnswer::Refused(
            StatusCode::BAD_REQUEST,
            "\"start time must be before end time\"".to_owned()
        )
    );
    let failed = |words: &str| SinkAnswer::Failed(words.to_owned());
    assert_eq!(
        judged(503, ""),
        failed("am:9093 answered 503 Service Unavailable")
    );
    assert_eq!(
        judged(429, "slow\u{1b}[2J"),
        failed("am:9093 answered 429 Too Many Requests: slow\\u{1b}[2J")
    );
    assert_eq!(
        judged(302, "<a href=\"/elsewhere\">Found</a>"),
        failed("am:9093 answered 302 Found; a redirect is not followed, so correct the URL")
    );
}

fn stated(path: &std::path::Path, key: &str) -> StatedFile {
    StatedFile {
        path: path.to_owned(),
        stated_at: format!("F line 3: webhook.{key}"),
    }
}

/// A server that nobody listens for.
fn sink(ca_file: Option<StatedFile>, secret: Option<SinkSecret>) -> HttpSink {
    let setup = ServerSetup {
        endpoint: crate::hss::Endpoint::parse("http://127.0.0.1:9/x", true).unwrap(),
        ca_file,
        secret,
        stated_at: "F line 2: webhook.url".to_owned(),
    };
    setup.sink(&Clock::fixed(jiff::Timestamp::UNIX_EPOCH))
}

#[tokio::test]
async fn a_ca_that_appears_or_changes_later_is_used_and_until_then_its_line_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let sink = sink(Some(stated(&path, "ca_file")), None);
    let SinkAnswer::Failed(why) = sink.send(Method::POST, "", vec![]).await else {
        panic!("sent without its CA");
    };
    assert!(
        why.starts_with("F line 3: webhook.ca_file: there is no file "),
        "{why}"
    );
    let write = |serial: u8| {
        let der = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            [0x30, 3, 2, 1, serial],
        );
        let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
        std::fs::write(&path, pem).unwrap();
    };
    write(1);
    let SinkAnswer::Failed(why) = sink.send(Method::POST, "", vec![]).await else {
        panic!("nobody listens there");
    };
    assert!(why.starts_with("F line 2: webhook.url: "), "{why}");
    let (first, _) = sink.prepared().await.unwrap();
    let (same, _) = sink.prepared().await.unwrap();
    assert!(Arc::ptr_eq(&first, &same));
    std::fs::remove_file(&path).unwrap();
    assert!(sink.prepared().await.is_err());
    write(2);
    let (other, _) = sink.prepared().await.unwrap();
    assert!(!Arc::ptr_eq(&first, &other));
}

#[test]
fn a_refusal_names_the_line_of_the_secret_where_that_is_refused() {
    let path = std::path::Path::new("/k");
    let with = sink(None, Some(SinkSecret::SigningKey(stated(path, "secret_file"))));
    let without = sink(None, None);
    for (sink, status, told) in [
        (
            &with,
            401,
            "F line 3: webhook.secret_file: 127.0.0.1:9 answered 401 Unauthorized; check the secret in this file",
        ),
        (
            &without,
            403,
            "F line 2: webhook.url: 127.0.0.1:9 answered 403 Forbidden; it asks for a secret, and none is configured",
        ),
        (
            &with,
            404,
            "F line 2: webhook.url: 127.0.0.1:9 answered 404 Not Found; check the URL",
        ),
    ] {
        assert_eq!(sink.refusal(StatusCode::from_u16(status).unwrap(), ""), told);
    }
}
