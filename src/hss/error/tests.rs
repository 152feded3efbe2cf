use super::*;

fn service(status: u16, code: &str, message: &str) -> ServiceError {
    let text = |text: &str| (!text.is_empty()).then(|| RemoteText::message(text));
    let body = ErrorBody {
        code: text(code),
        message: text(message),
        ..ErrorBody::default()
    };
    ServiceError {
        status,
        body,
        request_id: Some(RemoteText::name("req-1")),
        ..ServiceError::default()
    }
}

#[test]
fn the_code_decides_before_the_status() {
    for (status, code, trouble) in [
        (401, "APIGW.0301", ErrorKind::SignIn),
        (401, "", ErrorKind::SignIn),
        (400, "APIG.0307", ErrorKind::SignIn),
        (400, "HSS.0010", ErrorKind::Denied),
        (400, "00000010", ErrorKind::Denied),
        (403, "", ErrorKind::Denied),
        (429, "", ErrorKind::Throttled),
        (400, "APIG.0308", ErrorKind::Throttled),
        (502, "APIG.0201", ErrorKind::Passing),
        (500, "HSS.0041", ErrorKind::Passing),
        (400, "HSS.0001", ErrorKind::Lasting),
        (404, "APIG.0101", ErrorKind::Lasting),
    ] {
        assert_eq!(service(status, code, "").kind(), trouble, "{status} {code}");
    }
}

#[test]
fn a_throttled_client_waits_as_asked_within_bounds() {
    let field = "policy ip over ratelimit,limit:5,time:1 minute";
    assert_eq!(service(429, "APIG.0308", field).wait(), Duration::from_mins(1));
    let hurried = ServiceError {
        retry_after: Some(Duration::ZERO),
        ..service(429, "", "")
    };
    assert_eq!(hurried.wait(), Duration::from_secs(1));
    let slow = ServiceError {
        retry_after: Some(Duration::from_secs(99_999)),
        ..service(429, "", "")
    };
    assert_eq!(slow.wait(), Duration::from_mins(5));
}

#[test]
fn an_ambiguous_project_lists_the_existing_ones() {
    let project = |name: &str, id: &str| Project {
        name: RemoteText::name(name),
        id: RemoteText::name(id),
    };
    let sentence = |found: Vec<Project>| {
        let region = "cn-north-4".to_owned();
        Error::Project { region, found }.to_string()
    };
    assert_eq!(
        sentence(vec![project("eu-west-101", "1a"), project("MOS", "2b")]),
        "no project is named cn-north-4; choose one with --project-id: eu-west-101 1a, MOS 2b"
    );
    assert_eq!(
        sentence(vec![project("cn-north-4", "1a"), project("cn-north-4", "2b")]),
        "2 projects are named cn-north-4; choose one with --project-id: cn-north-4 1a, cn-north-4 2b"
    );
    assert!(sentence(vec![project("x", "y"); 20]).ends_with("and 12 more"));
}

#[test]
fn sentences_name_the_code_and_the_request() {
    assert_eq!(
        Error::from(service(400, "HSS.0001", "invalid limit")).to_string(),
        "HSS says: invalid limit (400 HSS.0001, request req-1)"
    );
    assert_eq!(
        Error::from(service(503, "", "")).to_string(),
        "HSS answered with an error (503, request req-1)"
    );
}
