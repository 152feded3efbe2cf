use super::*;

type Said = (Option<String>, Option<String>, Option<String>);

fn said(body: ErrorBody) -> Said {
    let shown = |text: Option<RemoteText>| text.map(|text| text.shown().to_owned());
    (shown(body.code), shown(body.message), shown(body.request_id))
}

fn some(code: &str, message: &str, request_id: Option<&str>) -> Said {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (text(code), text(message), request_id.map(Into::into))
}

/// Checks what is read from an answer with an error status.
#[track_caller]
fn check(json: &str, code: &str, message: &str, request_id: Option<&str>) {
    assert_eq!(
        said(super::read(json.as_bytes())),
        some(code, message, request_id),
        "{json}"
    );
}

#[test]
fn all_documented_shapes_are_read() {
    for (json, code, message, request_id) in [
        (
            r#"{"error_msg":"slow down","error_code":"APIG.0308","request_id":"abc"}"#,
            "APIG.0308",
            "slow down",
            Some("abc"),
        ),
        (
            r#"{"error_code":"HSS.1005","error_msg":"策略无效","error_description":"invalid policy"}"#,
            "HSS.1005",
            "策略无效",
            None,
        ),
        (
            r#"{"error_code":"00000010","error_description":"no access"}"#,
            "00000010",
            "no access",
            None,
        ),
        (
            r#"{"error":{"code":401,"message":"Unauthorized.","title":"Unauthorized"}}"#,
            "401",
            "Unauthorized.",
            None,
        ),
        (r#"{"code":"X.1","message":"no"}"#, "X.1", "no", None),
        (r#"{"errorCode":"X.2","errorMsg":"no"}"#, "X.2", "no", None),
        (
            r#"{"anything":{"error_code":"X.3","error_msg":"no"},"request_id":"r"}"#,
            "X.3",
            "no",
            Some("r"),
        ),
    ] {
        check(json, code, message, request_id);
        assert!(is_error_body(json.as_bytes()), "{json}");
    }
}

#[test]
fn a_code_is_found_at_any_depth_and_in_lists() {
    let nested = r#"{"a":{"b":{"c":[{"error_code":"HSS.0010","error_msg":"denied","request_id":"r"}]}}}"#;
    check(nested, "HSS.0010", "denied", Some("r"));
    check(
        r#"[{"code":"X","message":{"zh":"无","en":"no"}}]"#,
        "X",
        r#"{"en":"no","zh":"无"}"#,
        None,
    );
    check(
        r#"{"deep":{"code":"inner","message":"m"},"error_code":"outer","error_msg":"n"}"#,
        "outer",
        "n",
        None,
    );
    // Too deep for a parser and too wide for the search: only the beginning is shown.
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert_eq!(
        super::read(deep.as_bytes())
            .message
            .unwrap()
            .shown()
            .chars()
            .count(),
        201
    );
    let wide = format!("[{}{{\"error_code\":\"X\"}}]", "{},".repeat(5000));
    assert_eq!(super::read(wide.as_bytes()).code, None);
}

#[test]
fn an_error_of_unknown_shape_is_shown_all_the_same() {
    for (json, message) in [
        (
            r#"{"message":"no Route matched with those values"}"#,
            "no Route matched with those values",
        ),
        (r#"{"detail":"quota"}"#, "quota"),
        (r#"{"error":"unauthorized_client"}"#, "unauthorized_client"),
        (r#"{"errors":[{"title":"Bad","detail":"worse"}]}"#, "worse"),
        (r#"["a",{"b":[1]}]"#, r#"["a",{"b":[1]}]"#),
        (r#"{"fault":{"faultcode":7}}"#, r#"{"fault":{"faultcode":7}}"#),
        ("no healthy upstream\n", "no healthy upstream"),
        ("\"just a text\"", "\"just a text\""),
        ("{\"cut\":\"of", "{\"cut\":\"of"),
        ("", ""),
        (" \n", ""),
        ("{}", ""),
        ("null", ""),
    ] {
        check(json, "", message, None);
    }
    let long = format!("{{\"odd\":\"{}\"}}", "x".repeat(300));
    let shown = super::read(long.as_bytes()).message.unwrap().shown().to_owned();
    assert!(shown.chars().count() == 201 && shown.ends_with("x…"), "{shown}");
}

#[test]
fn a_bad_text_does_not_cost_code_and_message() {
    for bytes in [
        br#"{"error_code":"HSS.0010","error_msg":"denied","extra":"\ud83d"}"#.as_slice(),
        br#"{"error_code":"HSS.0010","error_msg":"denied","extra":NaN,"n":1e999}"#,
        b"{\"error_code\":\"HSS.0010\",\"error_msg\":\"denied\",\"extra\":\"\xb4\xed\"}",
        b"\xef\xbb\xbf{\"error_code\":\"HSS.0010\",\"error_msg\":\"denied\",\"extra\":\"a\nb\"}",
    ] {
        let expected = some("HSS.0010", "denied", None);
        assert_eq!(
            said(super::read(bytes)),
            expected,
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    check(
        r#"{"error_code":"X","error_msg":"a\udc00b"}"#,
        "X",
        "a\\u{fffd}b",
        None,
    );
}

#[test]
fn an_encoded_reason_is_noticed_and_not_shown() {
    let json = r#"{"error_code":"PAP5.0001","error_msg":"denied","request_id":"r",
        "encoded_authorization_message":"c2VjcmV0","details":[]}"#;
    let body = super::read(json.as_bytes());
    assert!(body.has_encoded_reason);
    assert!(!format!("{body:?}").contains("c2VjcmV0"));
    let alone = super::read(br#"{"encoded_authorization_message":"c2VjcmV0"}"#);
    assert!(alone.has_encoded_reason && alone.message.is_none());
}

#[test]
fn a_success_status_without_a_code_is_not_an_error() {
    for bytes in [
        "",
        "<html>502</html>",
        "[]",
        "null",
        "{}",
        "{\"message\":\"hello\"}",
        "{\"data_list\":[]}",
        "{\"data\":[{\"code\":\"a pod's\"}]}",
        "{\"code\":0,\"message\":\"ok\"}",
        "{\"code\":\"200\",\"message\":\"OK\",\"data\":{}}",
    ] {
        assert!(!is_error_body(bytes.as_bytes()), "{bytes}");
    }
}

#[test]
fn hostile_messages_are_made_safe() {
    check(
        "{\"error_code\":\"A\\u001b[2J\",\"error_msg\":\"x\\u202e\"}",
        "A\\u{1b}[2J",
        "x\\u{202e}",
        None,
    );
    check("\u{1b}[2J\u{202e}oops", "", "\\u{1b}[2J\\u{202e}oops", None);
}

#[test]
fn a_body_is_searched_for_secrets_before_it_is_cut_or_collapsed() {
    // One is cut before enough characters for a match, the other has white space that is collapsed.
    for secret in ["Excerpt-canary-7f31", "canary\t\t3b  spaced-9d"] {
        secrets::protect(secret);
        for filler in [0, 150, 185, 190, 195] {
            let body = format!("{} {secret} behind", "x".repeat(filler));
            let message = read(body.as_bytes()).message.unwrap();
            let shown = message.shown();
            assert!(!shown.contains("Exce") && !shown.contains("canary"), "{shown}");
        }
    }
}

#[test]
fn a_code_next_to_the_lists_is_an_error_unless_it_means_success() {
    let is_error = |code: &str| {
        let page = format!(r#"{{"total_num":0,"data_list":[],{code}}}"#);
        is_error_page(page.as_bytes())
    };
    for code in [
        r#""error_code":"HSS.0001","error_msg":"quota""#,
        r#""error_code":"HSS.0001""#,
        r#""error_code":7,"error_msg":null"#,
        r#""errorCode":"HSS.0001""#,
    ] {
        assert!(is_error(code), "{code}");
    }
    for code in [
        r#""error_code":0"#,
        r#""error_code":"","error_msg":"""#,
        r#""error_code":null,"error_msg":"ok""#,
        r#""error_code":"success","error_msg":"ok""#,
    ] {
        assert!(!is_error(code), "{code}");
    }
}
